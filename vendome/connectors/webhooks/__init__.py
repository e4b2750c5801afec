"""Sends webhooks: signed, with a deadline, to public addresses only (ADR 0026).

What is owed and what came of it are rows of `vendome.domains.webhooks`; this folder holds the wire.
"""
