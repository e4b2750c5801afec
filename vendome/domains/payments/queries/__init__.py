"""Reads of the payments domain, one topic a file."""
