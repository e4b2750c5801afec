"""The demo house: Maison Vermeil with its collection, its people and two years of business.

A generator, seeded and reproducible: the same seed and day give the same rows, ids included. It writes the tables of
every domain itself, by SQL COPY, because a history of a million orders cannot be lived through one command after
another (ADR 0010). What it writes obeys every constraint, and the ledger explains every quantity.

Call `loading.load(size=…, today=…)`; `vendome demo_house` does.
"""
