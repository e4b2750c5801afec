"""A carrier for trying things out: it makes labels at once, carries nothing and needs no network."""
