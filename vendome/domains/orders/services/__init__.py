"""Commands of the orders domain, one topic a file: the only writers."""
