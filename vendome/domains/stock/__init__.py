"""One stock: pieces, levels, the ledger of movements, and holds.

Invariants, each a named constraint: never more held than on hand (`stock_never_oversold`); a serial number
and an EPC once; a piece in one place, in one state, under one hold; a movement is never changed; the ledger
adds up to the level (checked by `queries.list_disagreements`). Called by flows and every surface.
"""
