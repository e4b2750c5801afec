"""Maisons, markets, places and channels: where the house is and under which rules it sells.

Invariants: one code per maison; a place belongs to one market of its own maison; a partner's place names
its owner. Called by every other domain.
"""
