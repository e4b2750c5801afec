"""Reads of fulfilment, one topic a file."""
