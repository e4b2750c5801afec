"""She buys what is set aside for her on two devices at once, or in the moment it runs out. The controls must fail."""

from __future__ import annotations

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
from vendome.domains.orders.types import Mode
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


def buy(house: SmallHouse) -> PlacedOrder:
    line = WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris)
    return checkout.place_order(
        key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="web", lines=[line], tender=CARD,
        client_id=house.traditional, actor=house.as_client(house.traditional), at=NOW,
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
