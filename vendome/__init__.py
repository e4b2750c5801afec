"""Vendôme: one client, one stock, one order, one conversation, live in every channel of a house."""

__version__ = "0.1.0"
