"""How a client receives her pieces: delivery, collection, hand-over at the counter.

Invariants: a line is handed over once, by a named person, against its own hold; arrived, ready and handed
over are three states.
"""
