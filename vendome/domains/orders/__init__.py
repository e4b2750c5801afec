"""One order: the basket a client shares with her advisor, and the order it becomes.

Invariants: an order has one number; a line has a quantity above zero and a price from the price function;
lines go out (sold) or in (returned) on one document; totals equal their lines (`order_total_is_its_lines`).
"""
