"""Returned pieces find the oldest sale of their client and code, and no piece comes back twice."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vendome.connectors.transactions.returns import ComingBack, Sale, match

ZOE, RING, WATCH = (uuid.UUID(int=number) for number in (1, 2, 3))
MONDAY = datetime(2024, 1, 1, tzinfo=UTC)


def sale(day: int, pieces: int, reference: uuid.UUID = RING) -> Sale:
    return Sale(line_id=uuid.UUID(int=100 + day), key=(ZOE, reference), at=MONDAY + timedelta(days=day), left=pieces)


def back(day: int, pieces: int, reference: uuid.UUID = RING, client: uuid.UUID | None = ZOE) -> ComingBack:
    return ComingBack(uuid.UUID(int=900 + day), client, reference, MONDAY + timedelta(days=day), pieces, 100, "")


def shared(returns: list[ComingBack], sales: list[Sale]) -> list[tuple[int, int | None]]:
    """(pieces, day of their sale)"""
    return [(one.quantity, one.sale_id.int - 100 if one.sale_id else None) for one in match(returns, sales)]


def test_the_oldest_first_whatever_order_they_come_in() -> None:
    assert shared([back(9, 3)], [sale(5, 2), sale(1, 2)]) == [(2, 1), (1, 5)]


def test_nothing_comes_back_before_it_was_sold() -> None:
    assert shared([back(3, 2)], [sale(1, 1), sale(5, 5)]) == [(1, 1), (1, None)]


def test_only_her_own_and_only_the_same() -> None:
    assert shared([back(9, 1, WATCH), back(9, 1, client=None)], [sale(1, 5)]) == [(1, None), (1, None)]


def test_a_sale_is_used_up() -> None:
    assert shared([back(8, 2), back(9, 2)], [sale(1, 3)]) == [(2, 1), (1, 1), (1, None)]


days = st.integers(min_value=0, max_value=20)
pieces = st.integers(min_value=1, max_value=9)


@given(
    sales=st.lists(st.tuples(days, pieces), max_size=8, unique_by=lambda one: one[0]),
    returns=st.lists(st.tuples(days, pieces), max_size=8),
)
def test_every_piece_comes_back_once_and_from_one_sale(
    sales: list[tuple[int, int]], returns: list[tuple[int, int]]
) -> None:
    matches = list(match([back(*one) for one in sorted(returns)], [sale(*one) for one in sales]))
    used: Counter[int] = Counter()
    for one in matches:
        if one.sale_id:
            used[one.sale_id.int - 100] += one.quantity

    assert sum(one.quantity for one in matches) == sum(count for _, count in returns)
    assert all(count <= dict(sales)[day] for day, count in used.items())
