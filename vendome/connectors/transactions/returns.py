"""Which sale a returned piece came from: the oldest of that client and code that still has pieces out. Pure."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

Key = tuple[uuid.UUID, uuid.UUID]


@dataclass(slots=True)
class Sale:
    """A line that went out, and how many of its pieces have not come back."""

    line_id: uuid.UUID
    key: Key  # client and reference
    at: datetime
    left: int


@dataclass(frozen=True, slots=True)
class ComingBack:
    """Pieces that came back on one line of a document, at one price."""

    order_id: uuid.UUID
    client_id: uuid.UUID | None
    reference_id: uuid.UUID
    at: datetime
    quantity: int
    unit_amount: int
    price_reason: str


@dataclass(frozen=True, slots=True)
class Matched:
    """Some of those pieces, with the sale they came from; None: no sale of theirs is known."""

    returned: ComingBack
    quantity: int
    sale_id: uuid.UUID | None


def match(returns: Iterable[ComingBack], sales: Iterable[Sale]) -> Iterator[Matched]:
    """Share the returns, in their order, among the sales before them, oldest first; every piece comes out once.

    Sales of one moment keep the order they are given in.
    """
    by_key: dict[Key, list[Sale]] = defaultdict(list)
    for sale in sorted(sales, key=lambda one: one.at):
        by_key[sale.key].append(sale)
    for one in returns:
        known = by_key.get((one.client_id, one.reference_id), []) if one.client_id else []
        yield from _share(one, known)


def _share(one: ComingBack, sales: Sequence[Sale]) -> Iterator[Matched]:
    left = one.quantity
    for sale in sales:
        taken = min(left, sale.left)
        if taken and sale.at <= one.at:
            sale.left -= taken
            left -= taken
            yield Matched(one, taken, sale.line_id)
        if not left:
            return
    yield Matched(one, left, None)
