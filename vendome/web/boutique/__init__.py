"""The web store of the house: what a client sees, chooses, buys and finds again."""
