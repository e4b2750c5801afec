"""A card provider for trying things out: it takes no money and needs no network.

Instruments: `card_good` pays, `card_declined` is refused, `card_silent` never answers.
"""
