"""Collections, models and references: what the house makes, in words and pictures.

Invariants: a reference (SKU) is one model in one material and size; whether its pieces carry serial numbers
is the model's and never changes once pieces exist. Prices live in pricing, quantities in stock.
"""
