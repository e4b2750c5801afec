"""A stand-in for Stripe that speaks its protocol on loopback: intents, idempotency, pages, readers, refunds, disputes,
signed webhooks, and every fault a network has. `python -m tests.fakes.stripe` runs one for a house on this machine."""
