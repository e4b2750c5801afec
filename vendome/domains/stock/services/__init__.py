"""Commands of the stock domain, one topic a file: the only writers."""
