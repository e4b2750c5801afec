"""Price books per market and date, and the one price function every channel asks (hard rule 9).

Invariants: a market has one price book at a time; a reference has one price in it; a price is above zero.
"""
