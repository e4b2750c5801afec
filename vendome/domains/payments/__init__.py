"""Tenders behind one port, and the double-entry ledger.

Invariants: every posting names a debit and a credit account and one positive amount, so the books balance by
construction; postings are never changed; a payment settles once; a refund is written before the gateway hears
of it. The outside world is reached through `ports.PaymentPort`, never inside a transaction.
"""
