"""The bureau's pages, one module for each ledger."""
