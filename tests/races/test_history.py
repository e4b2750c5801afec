"""Is what many see at once one history? After Elle (Kingsbury and Alvaro, 2020), on the house's own operations.

Every order takes two levels; every reading asks for both. From the ledger, a list of appends for each level, and from
what each reading saw, follows who must have come before whom. A circle in that relation means that no order of events
explains what happened. The control reads the two levels one after the other, and must find circles.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pytest
from django.db import connection

from tests.factories.orders import buy_online
from tests.factories.small_house import SmallHouse
from tests.races.conftest import race
from vendome.kit import sql

pytestmark = pytest.mark.race

BUYERS, READERS, EACH = 6, 6, 12
BOTH = "SELECT l.reference_id, l.held FROM stock_level l WHERE l.place_id = %s AND l.reference_id = ANY (%s)"


@dataclass(frozen=True)
class Seen:
    """What one reading saw: how many appends each level had."""

    name: str
    appends: dict[uuid.UUID, int]


def written(house: SmallHouse) -> dict[uuid.UUID, list[str]]:
    """The appends of each level in their order, by the transaction that wrote them."""
    rows = sql.rows(
        "SELECT reference_id, order_id::text FROM stock_movement WHERE kind = 'HELD' AND place_id = %s "
        "ORDER BY reference_id, held_after",
        [house.paris],
    )
    found: dict[uuid.UUID, list[str]] = defaultdict(list)
    for reference, order in rows:
        found[reference].append(order)
    return found


def circles(appends: dict[uuid.UUID, list[str]], readings: Sequence[Seen]) -> int:
    """How many transactions stand in a circle of "came before"."""
    before: dict[str, set[str]] = defaultdict(set)
    for order in appends.values():
        for first, second in pairwise(order):
            before[first].add(second)
    for reading in readings:
        for reference, count in reading.appends.items():
            order = appends[reference]
            if count:
                before[order[count - 1]].add(reading.name)  # it saw this append
            if count < len(order):
                before[reading.name].add(order[count])  # and not the next one
    return sum(len(group) for group in _groups(before) if len(group) > 1)


def _groups(before: dict[str, set[str]]) -> list[list[str]]:
    """Strongly connected groups (Tarjan), without recursion."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []
    for root in list(before):
        if root in index:
            continue
        path = [(root, iter(sorted(before[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while path:
            node, following = path[-1]
            following_node = next(following, None)
            if following_node is None:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == index[node]:
                    group = stack[stack.index(node) :]
                    del stack[stack.index(node) :]
                    found.append(group)
            elif following_node not in index:
                index[following_node] = low[following_node] = len(index)
                stack.append(following_node)
                path.append((following_node, iter(sorted(before.get(following_node, set())))))
            elif following_node in stack:
                low[node] = min(low[node], index[following_node])
    return found


def lived(house: SmallHouse, read: Callable[[], dict[uuid.UUID, int]]) -> int:
    house.stocked(house.paris, ring=BUYERS * EACH, watch=BUYERS * EACH)
    readings: list[Seen] = []

    def buy() -> None:
        for number in range(EACH):
            pair = (house.ring, house.watch) if number % 2 else (house.watch, house.ring)
            buy_online(house, house.traditional, *pair)

    def look(reader: int) -> None:
        readings.extend(Seen(f"reading {reader}.{number}", read()) for number in range(EACH * 4))

    outcome = race(*[buy] * BUYERS, *[lambda n=n: look(n) for n in range(READERS)])  # type: ignore[misc]
    assert outcome.broken == outcome.refused == []
    appends = written(house)
    assert [len(order) for order in appends.values()] == [BUYERS * EACH] * 2
    return circles(appends, readings)


def test_orders_and_readings_are_one_history(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    both = [house.paris, [house.ring, house.watch]]

    assert lived(house, lambda: dict(sql.rows(BOTH, both))) == 0


def test_control_levels_read_one_after_the_other_are_no_history(arena: Callable[..., SmallHouse]) -> None:
    house = arena()

    def torn() -> dict[uuid.UUID, int]:
        found: dict[uuid.UUID, int] = {}
        for reference in (house.ring, house.watch):
            found |= dict(sql.rows(BOTH, [house.paris, [reference]]))
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.003)")
        return found

    assert lived(house, torn) > 0
