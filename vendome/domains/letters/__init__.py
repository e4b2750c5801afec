"""Which letters the house owes its clients, and what became of each (ADR 0029).

Owns the letters: of which kind, about what, because of which event, sent when and to which address (masked). It writes
and sends nothing itself: `vendome.web.letters` does, in the worker and outside any transaction.
Invariants: an event owes a letter of a kind once; the same thing is told once; a letter ends once.
"""
