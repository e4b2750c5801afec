"""She takes over what was set aside for her while it is given free: one of the two is true. The control must fail."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.factories.orders import CARD
from tests.factories.scarcity import merged
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

SLOW_TO_KEEP = changed("stock_keep", "BEGIN", "BEGIN PERFORM pg_sleep(0.2);")
A_LINE_FOR_EACH_RECORD = changed("flows_reserve", "clients_person(client)", "client")

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


SLOW_TO_LET_GO = changed("stock_hold_ended", "BEGIN", "BEGIN PERFORM pg_sleep(0.4);")
"""Its level is locked and its hold ended, and nobody else sees that yet."""
ASKED_TOO_EARLY = changed(
    "flows_reserve",
    "IF (o->>'far')::boolean THEN\n        SELECT * INTO level",
    "again := flows_set_aside_again(client, r.id, make_interval(secs => (o->>'pause')::integer), at);\n"
    "    o := o || jsonb_build_object('most', CASE WHEN again > at THEN o->'most' END);\n"
    "    IF (o->>'far')::boolean THEN\n        SELECT * INTO level",
)
"""Whether she has to wait is asked before the level is hers."""


def lets_go_and_takes_again(house: SmallHouse) -> Outcome:
    """One of two stands free. She gives hers free after 47 hours, and sets the same aside again in that moment."""
    house.stocked(house.paris, ring=2)
    her = house.as_client(house.traditional)
    kept = reserve(house, her).hold_id
    late = NOW + timedelta(hours=47)

    def let_go() -> None:
        reservations.release(key="r", hold_id=kept, reason="for a moment", actor=her, at=late)

    def again() -> reservations.Reservation:
        time.sleep(0.15)
        return reserve(house, her, at=late)

    return race(let_go, again)


def test_what_she_gives_free_at_this_moment_counts(arena: Callable[..., SmallHouse]) -> None:
    outcome = lets_go_and_takes_again(arena(SLOW_TO_LET_GO))

    assert outcome.broken == []
    assert [error.code for error in outcome.refused] == ["stock.set_aside_lately"]
    assert not Hold.objects.filter(state="ACTIVE").exists()
    assert stock.list_disagreements() == ()


def test_control_asked_too_early_she_has_it_again_at_once(arena: Callable[..., SmallHouse]) -> None:
    outcome = lets_go_and_takes_again(arena(SLOW_TO_LET_GO, ASKED_TOO_EARLY))

    assert (outcome.refused, outcome.broken) == ([], [])
    assert Hold.objects.filter(state="ACTIVE").exists()


def one_person_on_two_records(house: SmallHouse) -> Outcome:
    """Two are set aside for her, and she takes one more under each of her two records at once."""
    house.stocked(house.paris, candle=9)
    merged(kept=house.traditional, absorbed=house.emerging)
    for client in (house.traditional, house.emerging):
        reserve(house, house.as_client(client), client=client, reference=house.candle)
    return race(*[
        lambda client=client: reserve(house, house.as_client(client), client=client, reference=house.candle)
        for client in (house.traditional, house.emerging) * 2
    ])  # fmt: skip


def test_three_at_most_counts_her_records_together(arena: Callable[..., SmallHouse]) -> None:
    outcome = one_person_on_two_records(arena(SLOW_TO_KEEP))

    assert outcome.broken == []
    assert {error.code for error in outcome.refused} == {"stock.too_many_set_aside"}
    assert Hold.objects.filter(state="ACTIVE").count() == reservations.MOST_ONLINE


def test_control_each_record_in_a_line_of_its_own_takes_too_many(arena: Callable[..., SmallHouse]) -> None:
    one_person_on_two_records(arena(SLOW_TO_KEEP, A_LINE_FOR_EACH_RECORD))

    assert Hold.objects.filter(state="ACTIVE").count() > reservations.MOST_ONLINE
