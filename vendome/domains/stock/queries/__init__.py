"""Reads of the stock domain, one topic a file."""
