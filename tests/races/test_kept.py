"""She buys what is set aside for her on two devices at once, or in the moment it runs out. The controls must fail."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.factories.orders import CARD
from tests.factories.small_house import NOW, SmallHouse
from tests.flows.test_reservations import reserve
from tests.races.conftest import Outcome, race
from tests.sabotage import changed
from vendome.domains.orders.models import Order
from vendome.domains.orders.types import Mode
from vendome.domains.payments.types import CaptureOutcome
from vendome.domains.stock.errors import OutOfStock
from vendome.domains.stock.models import Hold, Level
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import checkout
from vendome.flows.types import PlacedOrder, WantedLine

pytestmark = pytest.mark.race

BREATH = changed("flows_keep_to_hers", "RETURN hers;", "PERFORM pg_sleep(0.3); RETURN hers;")
"""Between finding her hold and making it the order's."""
UNGUARDED = changed(
    "flows_keep_to_hers",
    "PERFORM FROM stock_level v WHERE v.place_id = place AND v.reference_id = ref FOR NO KEY UPDATE;",
    "",
)
"""The order believes what it read without the level's lock."""


SLOW_TO_GIVE_UP = changed(
    "flows_give_up", "UPDATE orders_orderline SET state", "PERFORM pg_sleep(0.3); UPDATE orders_orderline SET state"
)
FREED = changed("flows_give_up", "stock_set_aside_again(h.id, order_, at)", "false")
"""The order lets the piece go as any other does."""


def buy(house: SmallHouse, client: uuid.UUID | None = None) -> PlacedOrder:
    her = client or house.traditional
    line = WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris)
    return checkout.place_order(
        key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="web", lines=[line], tender=CARD,
        client_id=her, actor=house.as_client(her), at=NOW,
    )  # fmt: skip


def two_devices(house: SmallHouse) -> tuple[uuid.UUID, Outcome]:
    """One ring is set aside for her and one is free: both her orders can be kept."""
    house.stocked(house.paris, ring=2)
    kept = reserve(house, house.as_client(house.traditional)).hold_id
    return kept, race(lambda: buy(house), lambda: buy(house))


def runs_out(house: SmallHouse, *, after: float = 0.15) -> Outcome:
    """It runs out, and is ended, while she buys it: hers by her hold, or free and then hers like any other."""
    house.stocked(house.paris, ring=1)
    kept = reserve(house, house.as_client(house.traditional)).hold_id
    Hold.objects.filter(id=kept).update(expires_at=NOW + timedelta(seconds=1))

    def expire() -> int:
        time.sleep(after)
        return checkout.expire_unpaid(at=NOW + timedelta(seconds=2))

    return race(lambda: buy(house), expire)


def is_declined(house: SmallHouse) -> Outcome:
    """The only piece is set aside for her and ordered; her card is declined while others want it again and again."""
    house.stocked(house.paris, ring=1)
    reserve(house, house.as_client(house.traditional))
    placed = buy(house)

    def decline() -> None:
        outcome = CaptureOutcome(is_captured=False, decline_sentence="declined")
        checkout.settle(payment_id=placed.payment_id, outcome=outcome, actor=house.system, at=NOW)

    def other() -> PlacedOrder:
        for _ in range(8):
            with contextlib.suppress(OutOfStock):
                return buy(house, house.emerging)
            time.sleep(0.1)
        return buy(house, house.emerging)

    return race(decline, *[other] * 3, decline, lambda: checkout.expire_unpaid(at=NOW + timedelta(minutes=16)))


def test_when_her_card_is_declined_nobody_else_has_it(arena: Callable[..., SmallHouse]) -> None:
    outcome = is_declined(arena(SLOW_TO_GIVE_UP))

    assert outcome.broken == []
    assert {error.code for error in outcome.refused} == {"stock.out_of_stock"}
    assert len(outcome.refused) == 3
    hold = Hold.objects.get()
    assert (hold.state, hold.kind, hold.client_id) == ("ACTIVE", "RESERVATION", Order.objects.get().client_id)
    assert stock.list_disagreements() == ()


def test_control_freed_and_taken_again_it_goes_to_whoever_waits(arena: Callable[..., SmallHouse]) -> None:
    outcome = is_declined(arena(SLOW_TO_GIVE_UP, FREED))

    assert any(isinstance(one, PlacedOrder) for one in outcome.won), outcome


def test_on_two_devices_one_order_takes_it_over_and_the_other_the_next(arena: Callable[..., SmallHouse]) -> None:
    kept, outcome = two_devices(arena(BREATH))

    assert (outcome.refused, outcome.broken) == ([], [])
    assert sorted(one.lines[0].hold_id == kept for one in outcome.won) == [False, True]
    assert set(Hold.objects.filter(state="ACTIVE").values_list("kind", flat=True)) == {"ORDER"}
    assert stock.list_disagreements() == ()


def test_control_without_the_lock_her_second_order_is_refused_though_one_is_free(
    arena: Callable[..., SmallHouse],
) -> None:
    _kept, outcome = two_devices(arena(BREATH, UNGUARDED))

    assert len(outcome.won) == 1, outcome
    assert [error.code for error in outcome.refused] == ["stock.hold_gone"]
    assert Level.objects.get().held == 1


@pytest.mark.parametrize("after", [0.0, 0.15])
def test_in_the_moment_it_runs_out_she_still_has_it(arena: Callable[..., SmallHouse], after: float) -> None:
    outcome = runs_out(arena(BREATH), after=after)

    assert (outcome.refused, outcome.broken) == ([], [])
    assert Hold.objects.get(state="ACTIVE").kind == "ORDER"
    assert stock.list_disagreements() == ()


def test_control_without_the_lock_what_ran_out_refuses_her(arena: Callable[..., SmallHouse]) -> None:
    outcome = runs_out(arena(BREATH, UNGUARDED))

    assert [error.code for error in outcome.refused] == ["stock.hold_gone"], outcome
    assert not Hold.objects.filter(state="ACTIVE").exists()
