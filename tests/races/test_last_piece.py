"""The last piece, fifty buyers, three channels, one moment: exactly one wins. The control must fail."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from tests.factories.orders import CARD, buy_online, pay, sell_at_counter
from tests.factories.small_house import NOW, SmallHouse
from tests.races.conftest import Outcome, race
from vendome.domains.fulfilment.models import HandOver
from vendome.domains.fulfilment.types import Proof
from vendome.domains.orders.models import Order
from vendome.domains.orders.types import Mode
from vendome.domains.stock.errors import OutOfStock
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import checkout, hand_over
from vendome.flows.types import PlacedOrder, WantedLine

pytestmark = pytest.mark.race

BUYERS = 50

NO_DEFENCES = (
    """
    CREATE OR REPLACE FUNCTION stock_take_level(place uuid, ref uuid, quantity integer,
                                                OUT on_hand_now integer, OUT held_now integer)
    LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM stock_level l WHERE l.reference_id = ref AND l.place_id = place AND l.on_hand - l.held >= quantity;
        IF NOT FOUND THEN RETURN; END IF;
        PERFORM pg_sleep(0.05);
        UPDATE stock_level l SET held = l.held + quantity WHERE l.reference_id = ref AND l.place_id = place
            RETURNING l.on_hand, l.held INTO on_hand_now, held_now;
    END $$
    """,
    """
    DO $$ BEGIN
        EXECUTE replace(replace(pg_get_functiondef('stock_keep'::regproc),
            'AND p.place_id = place AND p.state = ''IN_STOCK'' AND p.hold_id IS NULL', ''),
            'FOR NO KEY UPDATE SKIP LOCKED', '');
    END $$
    """,
    "ALTER TABLE stock_level DROP CONSTRAINT stock_never_oversold",
    "ALTER TABLE stock_movement DROP CONSTRAINT ledger_never_oversold",
    "ALTER TABLE stock_piece DROP CONSTRAINT only_stock_is_held",
    "DROP INDEX piece_held_once",
)
"""Check, then act, with nothing behind it: what the shops do that sell a piece twice."""


def everybody_wants_it(house: SmallHouse) -> Outcome:
    """Web buyers who pay by card, tills that sell for cash, and an advisor's link that a client confirms."""

    def web() -> PlacedOrder:
        return pay(house, buy_online(house, house.traditional, house.ring))

    def till() -> PlacedOrder:
        return sell_at_counter(house, house.ring)

    def link() -> PlacedOrder:
        placed = checkout.place_order(
            key=str(uuid.uuid4()),
            maison=house.maison,
            market=house.france,
            channel="client_service",
            lines=[WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris)],
            tender=CARD,
            client_id=house.emerging,
            advisor_id=house.advisor_paris.id,
            selling_place_id=house.paris,
            actor=house.advisor_paris,
            at=NOW,
        )
        return pay(house, placed)

    return race(*[(web, till, link)[number % 3] for number in range(BUYERS)])


def test_exactly_one_of_fifty_buyers_wins(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.paris, ring=1)

    outcome = everybody_wants_it(house)

    assert outcome.broken == []
    assert len(outcome.won) == 1
    assert [type(error) for error in outcome.refused] == [OutOfStock] * (BUYERS - 1)
    assert Order.objects.filter(maison_id=house.maison.id).count() == 1
    assert stock.list_disagreements() == ()


def test_control_without_lock_and_constraint_the_piece_is_sold_again(arena: Callable[..., SmallHouse]) -> None:
    house = arena(*NO_DEFENCES)
    house.stocked(house.paris, ring=1)

    outcome = everybody_wants_it(house)

    assert len(outcome.won) > 1, outcome


def test_a_few_pieces_are_sold_to_the_last_and_not_one_more(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.paris, ring=7)

    outcome = everybody_wants_it(house)

    assert outcome.broken == []
    assert len(outcome.won) == 7
    assert len({line.piece_id for order in outcome.won for line in order.lines}) == 7
    assert stock.list_disagreements() == ()


def test_the_constraint_alone_would_have_refused(arena: Callable[..., SmallHouse]) -> None:
    """The row is the judge even for a writer who forgets the guard."""
    house = arena(NO_DEFENCES[0], NO_DEFENCES[1])
    house.stocked(house.paris, ring=1)

    outcome = everybody_wants_it(house)

    assert len(outcome.won) == 1
    assert any("stock_never_oversold" in str(error) for error in outcome.broken)


def test_opposite_baskets_do_not_wait_for_each_other(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.paris, ring=20, watch=20)
    there, back = (house.ring, house.watch), (house.watch, house.ring)

    outcome = race(
        *[lambda lines=(there, back)[n % 2]: buy_online(house, house.traditional, *lines) for n in range(20)]
    )

    assert outcome.broken == outcome.refused == []
    assert len(outcome.won) == 20
    assert stock.list_disagreements() == ()


def test_one_key_thirty_times_is_one_order(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.paris, ring=30)

    outcome = race(*[lambda: buy_online(house, house.traditional, house.ring, key="once")] * 30)

    assert outcome.broken == outcome.refused == []
    assert len({order.id for order in outcome.won}) == 1
    assert stock.get_level(actor=house.system, place_id=house.paris, reference_id=house.ring).held == 1


def test_control_without_the_key_thirty_requests_are_thirty_orders(arena: Callable[..., SmallHouse]) -> None:
    house = arena("""
        CREATE OR REPLACE FUNCTION vendome_once(scope_ text, key_ text, request bytea) RETURNS jsonb
        LANGUAGE sql AS 'SELECT NULL::jsonb'
    """)
    house.stocked(house.paris, ring=30)

    outcome = race(*[lambda: buy_online(house, house.traditional, house.ring, key="once")] * 30)

    assert len({order.id for order in outcome.won}) == 30


def test_a_line_is_handed_over_once(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.paris, ring=1)
    line = pay(house, buy_online(house, house.traditional, house.ring)).lines[0]

    outcome = race(
        *[
            lambda n=n: hand_over.hand_over(
                key=f"h{n}", line_id=line.id, proof=Proof.IDENTITY_SEEN, actor=house.advisor_paris, at=NOW
            )
            for n in range(16)
        ]
    )

    assert outcome.broken == []
    assert len(outcome.won) == 1
    assert HandOver.objects.filter(order_line_id=line.id).count() == 1
    assert stock.list_disagreements() == ()


def test_paying_and_running_out_of_time_at_once_leaves_one_truth(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.paris, ring=12)
    placed = [buy_online(house, house.traditional, house.ring) for _ in range(12)]
    late = NOW + timedelta(hours=1)

    outcome = race(
        *[lambda order=order: pay(house, order) for order in placed],
        *[lambda: checkout.expire_unpaid(at=late)] * 4,
    )

    assert outcome.broken == []
    assert stock.list_disagreements() == ()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.state, p.state, count(*) FROM orders_order o JOIN payments_payment p ON p.order_id = o.id "
            "GROUP BY 1, 2"
        )
        pairs = {(order, payment) for order, payment, _ in cursor.fetchall()}
        assert pairs <= {("CONFIRMED", "CAPTURED"), ("CANCELLED", "CAPTURED")}
        cursor.execute(
            "SELECT count(*) FROM orders_order o JOIN stock_hold h ON h.order_id = o.id "
            "WHERE (o.state = 'CONFIRMED') <> (h.state = 'ACTIVE')"
        )
        assert cursor.fetchone() == (0,)
