"""How large a demo house is made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """`is_lean` leaves out what only a reader enjoys (transfers, sourcing reasons, second preferences)."""

    name: str
    clients: int
    days: int
    places: int = 0  # synthetic places are added up to this number, 0: the real ones only
    references: int = 0  # likewise
    is_lean: bool = False
    editions_sold: float = 0.55  # share of a limited edition that has been sold
    collections_per_boutique: int = 3
    baskets: int = 24


SIZES: dict[str, Size] = {
    "test": Size(name="test", clients=200, days=182, editions_sold=0.08, collections_per_boutique=1, baskets=5),
    "demo": Size(name="demo", clients=20_000, days=730),
    "bench": Size(
        name="bench",
        clients=1_000_000,
        days=730,
        places=210,  # of which 200 keep every reference, so a million levels
        references=5_000,
        is_lean=True,
        baskets=400,
    ),
    "bench-tenth": Size(  # the same places with a tenth of the references: how answers grow with stock
        name="bench-tenth",
        clients=1_000_000,
        days=730,
        places=210,
        references=500,
        is_lean=True,
        baskets=400,
    ),
}
