"""She takes over what was set aside for her while it is given free: one of the two is true. The control must fail."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from tests.factories.orders import CARD
from tests.factories.small_house import NOW, SmallHouse
from tests.flows.test_reservations import reserve
from tests.races.conftest import Outcome, race
from tests.sabotage import changed
from vendome.domains.orders.types import Mode
from vendome.domains.stock.errors import HoldGone
from vendome.domains.stock.models import Hold
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import checkout, reservations
from vendome.flows.types import PlacedOrder, WantedLine
from vendome.kit import sql
from vendome.kit.errors import NotFound

pytestmark = pytest.mark.race
PIECES = 6

BREATH = changed("stock_adopt_hold", "RETURN chosen;", "PERFORM pg_sleep(0.3); RETURN chosen;")
"""Between taking the hold over and telling of it, for whoever releases it meanwhile."""
ASKED_BEFORE = changed("stock_end_unordered", "AND order_id IS NULL", "")
"""The release believes what was read before it waited: this hold is a reservation, no order's."""


def buys_or_releases(house: SmallHouse) -> Outcome:
    """One piece for each hold, and for each hold two who buy under it and two who give it free."""
    house.stocked(house.paris, ring=PIECES)
    her = house.as_client(house.traditional)
    kept = [reserve(house, house.advisor_paris).hold_id for _ in range(PIECES)]

    def buy(hold_id: uuid.UUID) -> PlacedOrder:
        line = WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris, hold_id=hold_id)
        return checkout.place_order(
            key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="web", lines=[line], tender=CARD,
            client_id=house.traditional, actor=her, at=NOW,
        )  # fmt: skip

    def release(hold_id: uuid.UUID) -> None:
        reservations.release(
            key=str(uuid.uuid4()), hold_id=hold_id, reason="not wanted", actor=house.advisor_paris, at=NOW
        )

    return race(*[lambda hold=hold, do=do: do(hold) for hold in kept for do in (buy, release, release, buy)])


def robbed() -> int:
    """Orders that wait for their payment without anything kept for them."""
    return int(
        sql.value(
            "SELECT count(*) FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id"
            " WHERE o.state = 'AWAITING_PAYMENT' AND NOT EXISTS (SELECT FROM stock_hold h"
            " WHERE h.id = l.hold_id AND h.state = 'ACTIVE' AND h.order_id = o.id)"
        )
    )


def test_a_hold_is_taken_over_or_given_free(arena: Callable[..., SmallHouse]) -> None:
    outcome = buys_or_releases(arena(BREATH))

    assert outcome.broken == []
    assert len(outcome.won) == PIECES
    assert robbed() == 0
    bought = [one for one in outcome.won if one is not None]
    assert Hold.objects.filter(state="ACTIVE", kind="ORDER").count() == len(bought)
    assert {type(error) for error in outcome.refused} <= {HoldGone, NotFound}
    assert stock.list_disagreements() == ()


def test_control_who_believes_what_was_read_before_robs_an_order(arena: Callable[..., SmallHouse]) -> None:
    outcome = buys_or_releases(arena(BREATH, ASKED_BEFORE))

    assert robbed() > 0, outcome
