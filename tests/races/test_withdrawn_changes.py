"""A change is withdrawn in the moment in which it is confirmed: what was kept for it is not left behind."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from tests.factories.orders import buy_online, pay
from tests.factories.small_house import NOW, SmallHouse
from tests.races.conftest import Outcome, race
from tests.sabotage import changed
from vendome.domains.orders.types import ChangeKind
from vendome.flows import books, changes
from vendome.kit import sql

pytestmark = pytest.mark.race
AT = NOW + timedelta(hours=2)
WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted"
UNLOCKED = changed("flows_withdraw_change", "PERFORM flows_lock_parcels(c.order_id) FROM", "PERFORM c.order_id FROM")


def withdrawn_while_it_is_confirmed(house: SmallHouse) -> tuple[str, str]:
    """States of the change and of the exchange it began, when she withdraws it on another device meanwhile."""
    house.stocked(house.paris, ring=1, watch=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    me = house.as_client(house.traditional)
    seen = changes.propose(
        key=str(uuid.uuid4()), order_id=placed.id, kind=ChangeKind.SWAP, line_id=placed.lines[0].id,
        reference_id=house.watch, actor=me, at=AT,
    )  # fmt: skip
    ended: list[Outcome] = []
    other = threading.Thread(
        target=lambda: ended.append(race(lambda: changes.withdraw(change_id=seen.change_id, actor=me, at=AT)))
    )
    with transaction.atomic():
        done = changes.confirm(
            key="c", change_id=seen.change_id, preview_hash=seen.hash, pay_within=timedelta(hours=1), actor=me, at=AT
        )
        other.start()
        until = time.monotonic() + 20
        while not sql.value(WAITS) and time.monotonic() < until:
            time.sleep(0.02)
        assert sql.value(WAITS) == 1
    other.join(timeout=30)

    assert (ended[0].refused, ended[0].broken) == ([], [])
    assert books.list_problems() == []
    return (
        sql.value("SELECT state FROM orders_change WHERE id = %s", [seen.change_id]),
        sql.value("SELECT state FROM orders_order WHERE id = %s", [done.document_id]),
    )


def test_the_exchange_that_just_began_ends_with_its_change(arena: Callable[..., SmallHouse]) -> None:
    house = arena()

    assert withdrawn_while_it_is_confirmed(house) == ("WITHDRAWN", "CANCELLED")

    assert sql.value("SELECT count(*) FROM stock_hold WHERE reference_id = %s AND state = 'ACTIVE'", [house.watch]) == 0


def test_control_without_waiting_an_exchange_of_no_change_keeps_the_piece(arena: Callable[..., SmallHouse]) -> None:
    assert withdrawn_while_it_is_confirmed(arena(UNLOCKED)) == ("WITHDRAWN", "AWAITING_PAYMENT")
