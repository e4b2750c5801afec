"""A house's past, read from files that another system exported.

Owns the runs of `vendome import transactions` and the rows they stage. It writes orders, lines, payments, postings,
clients and wardrobes of the past through SQL of its own, set by set (ADR 0011), and never touches stock.
Invariants: one run at a time for each source; a run that stopped goes on with the same file and mapping only;
what the file holds is what was imported, refused and rounded away, to the last digit.
"""
