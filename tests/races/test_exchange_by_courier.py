"""An exchange from afar is announced, dropped, withdrawn, examined, run out and overtaken at once: one piece is kept
once, and it ends in one way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.factories.orders import buy_online, pay
from tests.factories.returns import HOME, LATER, bring_back, give, inspector, waiting_arrivals
from tests.factories.small_house import SmallHouse
from tests.races.conftest import race
from tests.sabotage import changed
from vendome.domains.orders.policy.types import Condition
from vendome.domains.orders.types import Fate, ReturnRoute
from vendome.domains.stock.errors import OutOfStock
from vendome.flows import books, checkout, exchanging, returns
from vendome.flows.exchanging import WantedReturn
from vendome.flows.returns import ReturnDone, TakenInstead
from vendome.flows.types import PlacedOrder
from vendome.kit import sql

pytestmark = pytest.mark.race
WANTING = 6


def sold(house: SmallHouse) -> PlacedOrder:
    house.stocked(house.paris, ring=1)
    return give(house, pay(house, buy_online(house, house.traditional, house.ring)))


def announce(house: SmallHouse, placed: PlacedOrder, key: str = "a") -> ReturnDone:
    return returns.announce(
        key=key, order_id=placed.id, lines=[WantedReturn(line_id=placed.lines[0].id, instead=house.watch)],
        route=ReturnRoute.COURIER, place_id=None, pickup=HOME, actor=house.as_client(house.traditional), at=LATER,
    )  # fmt: skip


def kept() -> int:
    return int(sql.value("SELECT count(*) FROM stock_hold WHERE state = 'ACTIVE' AND kind = 'RESERVATION'"))


def test_the_last_piece_is_kept_for_one_of_them(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.warehouse, watch=1)
    orders = [sold(house) for _one in range(WANTING)]

    outcome = race(*[lambda one=one: announce(house, one, key=str(one.id)) for one in orders])  # type: ignore[misc]

    assert outcome.broken == []
    assert len(outcome.won) == 1
    assert {type(one) for one in outcome.refused} == {OutOfStock}
    assert kept() == 1
    assert sql.value("SELECT count(*) FROM orders_return") == 1
    assert books.list_problems() == []


def test_control_looked_at_and_not_taken_it_is_promised_twice(arena: Callable[..., SmallHouse]) -> None:
    house = arena(changed("flows_announce_return", "PERFORM flows_keep_wanted(a);", "PERFORM pg_sleep(0.2);"))
    house.stocked(house.warehouse, watch=1)
    orders = [sold(house) for _one in range(WANTING)]

    outcome = race(*[lambda one=one: announce(house, one, key=str(one.id)) for one in orders])  # type: ignore[misc]

    assert len(outcome.won) > 1


@pytest.mark.parametrize("attempt", range(4))
def test_it_ends_in_one_way(arena: Callable[..., SmallHouse], attempt: int) -> None:
    house = arena()
    house.stocked(house.warehouse, watch=1)
    house.stocked(house.paris, candle=2)
    placed = sold(house)
    done = announce(house, placed)
    me = house.as_client(house.traditional)
    if attempt % 2:
        bring_back(house, placed)
    arrivals = waiting_arrivals()

    def examine() -> object:
        return returns.inspect(
            key="i", arrival_id=arrivals[0], condition=Condition.AS_SOLD, fate=Fate.RESTOCKED, accept=True,
            actor=inspector(house), at=LATER,
        )  # fmt: skip

    outcome = race(
        *[lambda: exchanging.drop(return_id=done.id, actor=me, at=LATER)] * 2,
        *[lambda: returns.withdraw(return_id=done.id, actor=me, at=LATER)] * 2,
        *[lambda: checkout.expire_unpaid(at=LATER + exchanging.KEPT)] * 2,
        *([examine] * 3 if arrivals else []),
        *([] if arrivals else [lambda: bring_back(house, placed, key="b")]),
        *([] if arrivals else [lambda: bring_back(house, placed, instead=(TakenInstead(reference_id=house.candle),))]),
    )
    checkout.expire_unpaid(at=LATER + exchanging.KEPT + timedelta(days=30))

    assert outcome.broken == []
    free = sql.value(
        "SELECT on_hand - held FROM stock_level WHERE place_id = %s AND reference_id = %s",
        [house.warehouse, house.watch],
    )
    assert free == 1 - kept()
    assert books.list_problems() == []
