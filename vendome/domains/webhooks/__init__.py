"""What leaves the house: which facts are public, who is told of them, and what was sent.

Owns the published stream of events, the endpoints that other programs registered, the deliveries to them and every
attempt made. It sends nothing itself: `vendome.connectors.webhooks` does, outside any transaction (ADR 0026).
Invariants: an event is published once and in an order that never changes afterwards; it is owed to an endpoint once;
an attempt is never changed.
"""
