"""Commands of the webhooks domain, one topic a file."""
