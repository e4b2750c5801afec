"""Stripe behind the payment port: cards by its own hosted page, stored cards, readers, refunds and signed webhooks.

A card number never reaches this program or its pages: clients enter it on Stripe's page (SAQ A). Calls have a deadline,
a retry budget and a breaker; each carries an idempotency key made of our own ids. ADR 0021 says why it is built so.
"""
