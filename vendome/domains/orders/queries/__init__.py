"""Reads of the orders domain, one topic a file."""
