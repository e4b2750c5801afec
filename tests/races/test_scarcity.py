"""A drop in small, with real threads: few pieces, many clients, double clicks. The controls oversell."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from tests.factories.orders import buy_online, pay, sell_at_counter
from tests.factories.scarcity import an_allocation, clients_of, merged
from tests.factories.small_house import NOW, SmallHouse
from tests.races.conftest import Outcome, race
from vendome.config.benching.drop_control import WITHOUT_LOCK
from vendome.domains.catalogue import queries as catalogue
from vendome.domains.orders.types import Mode
from vendome.domains.payments.types import Tender
from vendome.domains.stock.queries import scarcity
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.services import scarcity as services
from vendome.domains.stock.types_of_scarcity import AllocationPolicy, AllocationState, EntryState
from vendome.flows import drops
from vendome.flows.types import PlacedOrder, TenderGiven
from vendome.kit import sql
from vendome.kit.errors import Busy, DomainError

pytestmark = pytest.mark.race

PIECES, CLIENTS, THREADS = 10, 120, 24
CARD = TenderGiven(tender=Tender.CARD, provider="card_test")


def again_while_busy(ask: Callable[..., PlacedOrder], **asked: Any) -> PlacedOrder:
    """As a client does who is told that too many pay at this moment: the same again, under the same key."""
    while True:
        try:
            return ask(**asked)
        except Busy:
            time.sleep(0.05)


def buy(house: SmallHouse, allocation: uuid.UUID, client: uuid.UUID) -> PlacedOrder | None:
    """One attempt: enter, and pay when a piece is hers."""
    actor = house.as_client(client)
    try:
        standing = services.enter(allocation_id=allocation, client_id=client, actor=actor, at=NOW)
        if standing.state is not EntryState.OFFERED:
            return None
        return again_while_busy(
            drops.claim,
            key=f"{client}",
            maison=house.maison,
            market=house.france,
            allocation_id=allocation,
            client_id=client,
            mode=Mode.COLLECT,
            tender=CARD,
            instrument="card_good",
            actor=actor,
            at=NOW,
        )
    except DomainError:
        return None


def the_drop(house: SmallHouse, allocation: uuid.UUID) -> Outcome:
    """Every client tries twice."""
    everybody = clients_of(house, CLIENTS)
    attempts = [client for client in everybody for _ in range(2)]
    random.Random(7).shuffle(attempts)
    queue = iter(attempts)
    lock = threading.Lock()

    def take() -> list[PlacedOrder]:
        won = []
        while True:
            with lock:
                client = next(queue, None)
            if client is None:
                return won
            placed = buy(house, allocation, client)
            if placed:
                won.append(placed)

    return race(*[take] * THREADS)


def those_told_come_back(house: SmallHouse, allocation: uuid.UUID) -> Outcome:
    """A turn may come after her last look: whoever entered after her may hold the piece that is then hers.

    So everybody who was offered one while she was away comes back, as her page tells her to.
    """
    told = sql.rows("SELECT client_id FROM stock_entry WHERE allocation_id = %s AND state = 'OFFERED'", [allocation])
    return race(*[lambda client=client: buy(house, allocation, client) for (client,) in told]) if told else Outcome()


def sold(allocation: uuid.UUID) -> tuple[int, int, int]:
    """Paid lines of the allocation's pieces, their distinct pieces and clients."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT l.piece_id), count(DISTINCT o.client_id) FROM orders_orderline l "
            "JOIN orders_order o ON o.id = l.order_id AND o.state = 'CONFIRMED' "
            "WHERE l.reference_id = (SELECT reference_id FROM stock_allocation WHERE id = %s)",
            [allocation],
        )
        return tuple(cursor.fetchone())


def test_every_piece_is_sold_once_to_one_client_each(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.paris, watch=PIECES)
    allocation = an_allocation(house, pieces=PIECES, policy=AllocationPolicy.FIRST_COME)

    outcome = the_drop(house, allocation)
    drops.run_due(actor=house.system, at=NOW)
    late = those_told_come_back(house, allocation)
    drops.run_due(actor=house.system, at=NOW)

    assert outcome.broken == late.broken == []
    assert sold(allocation) == (PIECES, PIECES, PIECES)
    view = scarcity.get_allocation_by_id(actor=house.system, allocation_id=allocation)
    assert (view.state, view.waiting, view.free) == (AllocationState.ENDED, 0, 0)
    assert stock.list_disagreements() == ()


def test_a_piece_held_by_a_slow_click_goes_to_who_came_before_her(arena: Callable[..., SmallHouse]) -> None:
    """Why somebody may be offered a piece after she has looked: the order of entering counts, not who finds it free."""
    house = arena()
    house.stocked(house.paris, watch=1)
    allocation = an_allocation(house, pieces=1, policy=AllocationPolicy.FIRST_COME)
    first, second = clients_of(house, 2)
    with transaction.atomic():  # a slow click has the piece in hand
        assert sql.value("SELECT stock_free_of_allocation(%s)", [allocation]) is not None
        early = race(lambda: buy(house, allocation, first))

    assert (early.broken, early.won) == ([], [None])  # she waits, and leaves

    assert buy(house, allocation, second) is None
    assert those_told_come_back(house, allocation).broken == []
    assert sql.value("SELECT client_id FROM stock_entry WHERE state = 'BOUGHT'") == first
    assert sold(allocation) == (1, 1, 1)


def test_control_without_lock_and_constraint_it_oversells(arena: Callable[..., SmallHouse]) -> None:
    house = arena(*WITHOUT_LOCK)
    house.stocked(house.paris, watch=PIECES)
    allocation = an_allocation(house, pieces=PIECES, policy=AllocationPolicy.FIRST_COME)

    outcome = the_drop(house, allocation)

    lines, pieces, _ = sold(allocation)
    assert lines > pieces, (outcome, lines, pieces)


def test_what_is_abandoned_passes_on_until_nobody_waits_or_nothing_is_free(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.paris, watch=4)
    allocation = an_allocation(house, pieces=4, policy=AllocationPolicy.FIRST_COME)
    everybody = clients_of(house, 16)
    for client in everybody:
        services.enter(allocation_id=allocation, client_id=client, actor=house.as_client(client), at=NOW)
    late = NOW + timedelta(hours=1)

    outcome = race(
        *[lambda: drops.run_due(actor=house.system, at=late)] * 4,
        *[
            lambda client=client: services.leave(
                allocation_id=allocation, client_id=client, actor=house.as_client(client), at=late
            )
            for client in everybody[4:8]
        ],
    )
    drops.run_due(actor=house.system, at=late)

    assert outcome.broken == []
    view = scarcity.get_allocation_by_id(actor=house.system, allocation_id=allocation)
    assert (view.offered, view.free) == (4, 0)
    assert stock.list_disagreements() == ()


HASTY = """
    CREATE OR REPLACE FUNCTION stock_end_unordered(
        hold uuid, ending text, only_due boolean, actor text, reason text, at timestamptz
    ) RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_sleep(0.15);
        PERFORM stock_end_hold(hold, ending, actor, reason, at);
        RETURN true;
    END $$
"""
"""Ends what was due when it was listed, whatever has become of it since."""


def at_the_last_second(house: SmallHouse) -> Outcome:
    """Eight clients press "pay" a second before their time is over, the worker ends what is due a second after."""
    house.stocked(house.paris, watch=8)
    allocation = an_allocation(house, pieces=8, policy=AllocationPolicy.FIRST_COME)
    everybody = clients_of(house, 24)
    for client in everybody:
        services.enter(allocation_id=allocation, client_id=client, actor=house.as_client(client), at=NOW)
    end = NOW + timedelta(minutes=15)

    def pay_late(client: uuid.UUID) -> PlacedOrder:
        while True:
            try:
                return drops.claim(
                    key=str(client), maison=house.maison, market=house.france, allocation_id=allocation,
                    client_id=client, mode=Mode.COLLECT, tender=CARD, instrument="card_good@400",
                    actor=house.as_client(client), at=end - timedelta(seconds=1),
                )  # fmt: skip
            except Busy:
                time.sleep(0.05)

    def run_due() -> int:
        return drops.run_due(actor=house.system, at=end + timedelta(seconds=1))

    return race(run_due, run_due, *[lambda client=client: pay_late(client) for client in everybody[:8]])


def sold_and_distinct() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT h.piece_id) FROM orders_orderline l JOIN orders_order o "
            "ON o.id = l.order_id AND o.state = 'CONFIRMED' "
            "LEFT JOIN stock_hold h ON h.id = l.hold_id AND h.state = 'ACTIVE'"
        )
        return tuple(cursor.fetchone())


def test_an_order_of_the_last_second_keeps_its_piece(arena: Callable[..., SmallHouse]) -> None:
    house = arena()

    outcome = at_the_last_second(house)

    assert outcome.broken == []
    assert {error.code for error in outcome.refused} <= {"stock.hold_gone"}
    sold_lines, pieces = sold_and_distinct()
    assert sold_lines == pieces
    assert stock.list_disagreements() == ()


def test_control_ending_what_was_due_when_listed_takes_pieces_from_orders(arena: Callable[..., SmallHouse]) -> None:
    house = arena(HASTY)

    at_the_last_second(house)

    sold_lines, pieces = sold_and_distinct()
    assert sold_lines > pieces


def test_a_quota_holds_over_channels_and_records_at_one_moment(arena: Callable[..., SmallHouse]) -> None:
    house, model = _with_quota(arena())

    outcome = race(*_everywhere(house))

    assert outcome.broken == []
    assert len(outcome.won) == 1
    assert {error.code for error in outcome.refused} == {"stock.quota_reached"}
    assert scarcity.quota_room(model_id=model, client_id=house.emerging) == 0
    assert stock.list_disagreements() == ()


def test_control_without_lock_and_constraint_the_quota_is_exceeded(arena: Callable[..., SmallHouse]) -> None:
    house, _ = _with_quota(
        arena(
            "DROP INDEX quota_slot_used_once",
            """DO $$ BEGIN EXECUTE replace(replace(replace(pg_get_functiondef('stock_take_quota'::regproc),
               'PERFORM pg_advisory_xact_lock', 'PERFORM abs'),
               'FOR number IN', 'PERFORM pg_sleep(0.1); FOR number IN'),
               'ON CONFLICT (model_id, person_id, slot) WHERE ended_at IS NULL DO NOTHING', ''); END $$""",
        )
    )

    outcome = race(*_everywhere(house))

    assert len(outcome.won) > 1, outcome


def _with_quota(house: SmallHouse) -> tuple[SmallHouse, uuid.UUID]:
    house.stocked(house.paris, watch=20)  # two levels: buyers of one would wait for each other anyhow
    house.stocked(house.london, watch=20)
    merged(kept=house.traditional, absorbed=house.emerging)
    model = catalogue.label_references(ids=[house.watch])[house.watch].model_id
    services.set_quota(model_id=model, per_person=1, actor=house.director, at=NOW)
    return house, model


def _everywhere(house: SmallHouse) -> list[Callable[[], object]]:
    """One person under two records, at a till and on the web."""

    def web(client: uuid.UUID) -> object:
        return pay(house, buy_online(house, client, house.watch, place=house.london))

    def till(client: uuid.UUID) -> object:
        return sell_at_counter(house, house.watch, client_id=client)

    both = (house.traditional, house.emerging)
    return [lambda n=n: (web, till)[n % 2](both[n // 2 % 2]) for n in range(12)]
