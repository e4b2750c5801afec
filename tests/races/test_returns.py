# ruff: noqa: E501  # SQL reads better on one line here
"""One piece, two counters; one refund, sixteen clicks: it is taken in and paid back once. The controls must fail."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.db import connection

from tests.factories.orders import buy_online, pay, sell_at_counter
from tests.factories.returns import LATER, advisor_london, bring_back, give
from tests.factories.small_house import SmallHouse
from tests.races.conftest import Outcome, race
from vendome.domains.orders.types import ChangeKind
from vendome.flows import books, changes, returns
from vendome.flows.returns import BroughtLine
from vendome.kit import sql

pytestmark = pytest.mark.race
CLICKS = 16

CHECK_THEN_ACT = (
    """
    DO $$ BEGIN
        EXECUTE replace(replace(pg_get_functiondef('flows_receive_return'::regproc),
            'AND returned_quantity + coalesce(one.quantity, 1) <= quantity;', '; PERFORM pg_sleep(0.05);'),
            'AND is_open AND arrived_quantity + coalesce(one.quantity, 1) <= quantity', '');
    END $$
    """,
    "DROP INDEX sold_line_returns_once_at_a_time",
    "ALTER TABLE orders_orderline DROP CONSTRAINT returns_within_what_was_sold",
    "ALTER TABLE orders_orderline DROP CONSTRAINT returns_within_what_was_paid",
    """
    DO $$ BEGIN
        EXECUTE replace(replace(pg_get_functiondef('flows_take_back'::regproc),
            'AND credited_quantity + one.quantity <= returned_quantity', ''), 'AND returned_amount + one.amount <= amount', '');
        EXECUTE replace(pg_get_functiondef('flows_write_document'::regproc),
            's.tax_amount - s.returned_tax_amount)', 's.tax_amount)');
        EXECUTE replace(pg_get_functiondef('flows_open_return'::regproc),
            's.state NOT IN (''HANDED_OVER'', ''DISPATCHED'') OR EXISTS (SELECT FROM stock_hold h WHERE h.id = s.hold_id '
            'AND h.state = ''ACTIVE'') OR s.returned_quantity + one.quantity > s.quantity', 'false');
        EXECUTE replace(pg_get_functiondef('flows_receive_return'::regproc), 'AND state IN (''HANDED_OVER'', ''DISPATCHED'')', '');
    END $$
    """,
)
"""Reads that are trusted, with nothing behind them."""


def two_counters(house: SmallHouse) -> Outcome:
    """A box of candles, sold once with its card, comes to Paris and to London at the same moment, from two halves of a couple."""
    house.stocked(house.paris, candle=6)
    pay(house, buy_online(house, house.emerging, house.candle))
    sold = give(house, pay(house, buy_online(house, house.traditional, house.candle, house.candle)))
    line = BroughtLine(line_id=sold.lines[0].id)
    london = advisor_london(house)
    return race(
        *[lambda: bring_back(house, sold, line)] * 4,
        *[lambda: bring_back(house, sold, line, place=house.london, actor=london)] * 4,
    )


def test_two_counters_take_one_piece_once(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    outcome = two_counters(house)

    assert outcome.broken == []
    assert (len(outcome.won), len(outcome.refused)) == (1, 7)
    assert sql.value("SELECT count(*) FROM payments_payment WHERE amount < 0") == 1
    assert books.list_problems() == []


def test_without_its_guards_both_counters_pay(arena: Callable[..., SmallHouse]) -> None:
    house = arena(*CHECK_THEN_ACT)
    outcome = two_counters(house)

    assert len(outcome.won) > 1, "the control must pay twice, or the race proves nothing"


def test_a_refund_clicked_sixteen_times_is_paid_once(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.paris, ring=1)
    sold = give(house, pay(house, buy_online(house, house.traditional, house.ring)))

    outcome = race(*[lambda: bring_back(house, sold, key="one click")] * CLICKS)

    assert outcome.broken == []
    assert len({one.document.id for one in outcome.won}) == 1
    assert sql.value("SELECT count(*), sum(amount) FROM payments_payment WHERE amount < 0") == 1
    assert sql.value("SELECT sum(amount) FROM payments_payment WHERE amount < 0") == -820_000
    assert books.list_problems() == []


def test_cash_confirmed_sixteen_times_is_booked_once(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.paris, ring=1)
    bring_back(house, sell_at_counter(house, house.ring, client_id=house.traditional))
    refund = sql.value("SELECT id FROM payments_payment WHERE amount < 0")

    outcome = race(*[lambda: returns.confirm_by_hand(refund_id=refund, actor=house.advisor_paris, at=LATER)] * CLICKS)

    assert (outcome.broken, outcome.refused) == ([], [])
    assert sql.value("SELECT count(*) FROM payments_posting WHERE payment_id = %s", [refund]) == 1
    assert books.list_problems() == []


NO_KEYS = """
    CREATE OR REPLACE FUNCTION vendome_once(scope_ text, key_ text, request bytea) RETURNS jsonb LANGUAGE sql AS $$ SELECT NULL::jsonb $$
"""


def test_without_keys_and_guards_a_double_click_pays_twice(arena: Callable[..., SmallHouse]) -> None:
    house = arena(NO_KEYS, *CHECK_THEN_ACT)
    house.stocked(house.paris, candle=2)
    sold = give(house, pay(house, buy_online(house, house.traditional, house.candle, house.candle)))
    line = BroughtLine(line_id=sold.lines[0].id)

    race(*[lambda: bring_back(house, sold, line, key="one click")] * CLICKS)

    paid_back = sql.value("SELECT count(*) FROM payments_payment WHERE amount < 0")
    assert paid_back > 1, "the control must pay twice, or the race proves nothing"


def test_a_change_and_a_hand_over_meet_and_one_wins(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    client = house.as_client(house.traditional)
    seen = changes.propose(
        key="p", order_id=placed.id, kind=ChangeKind.CANCEL_LINE, line_id=placed.lines[0].id, actor=client, at=LATER
    )

    def cancel() -> object:
        return changes.confirm(
            key=str(uuid.uuid4()), change_id=seen.change_id, preview_hash=seen.hash, actor=client, at=LATER
        )

    outcome = race(cancel, lambda: give(house, placed), cancel, lambda: give(house, placed))

    assert outcome.broken == []
    assert len(outcome.won) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, returned_quantity FROM orders_orderline WHERE direction = 'OUT'")
        assert cursor.fetchone() in [("CANCELLED", 1), ("HANDED_OVER", 0)]
    assert books.list_problems() == []
