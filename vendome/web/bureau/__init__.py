"""Headquarters: the stock of every place with its ledger, the orders, the staff, the audit log."""
