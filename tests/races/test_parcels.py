"""Two at one parcel: one packs it, one answer is given at the door. The controls must fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.factories.parcels import SIGNED, fresh, offer_services, pack, packer, sent, to_send
from tests.factories.small_house import NOW, SmallHouse
from tests.races.conftest import Outcome, race
from vendome.domains.fulfilment.errors import ParcelMoved
from vendome.domains.fulfilment.models import HandOver
from vendome.domains.fulfilment.types import ParcelState, Slot
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import parcels, shipping
from vendome.kit.models import AuditEntry

pytestmark = pytest.mark.race

NO_LOCK = """
    CREATE OR REPLACE FUNCTION flows_locked_parcel(parcel uuid) RETURNS fulfilment_parcel LANGUAGE plpgsql AS $$
    DECLARE
        p fulfilment_parcel;
    BEGIN
        SELECT * INTO p FROM fulfilment_parcel WHERE id = parcel;
        PERFORM pg_sleep(0.3);
        RETURN p;
    END $$
"""
"""Looks, and acts on what it saw a while ago."""


def without_guard(function: str, *guards: str) -> str:
    """The function with its conditions taken out and a breath between look and act."""
    body = f"pg_get_functiondef('{function}'::regproc)"
    for guard in guards:
        body = f"replace({body}, $q${guard}$q$, '')"
    return f"DO $do$ BEGIN EXECUTE {body}; END $do$"


def everybody_packs(house: SmallHouse) -> Outcome:
    house.stocked(house.warehouse, ring=1)
    services = offer_services(house)
    _, parcel = to_send(house)
    return race(*[lambda: pack(house, parcel, services["STANDARD"])] * 12)


def test_one_of_twelve_packers_packs_it(arena: Callable[..., SmallHouse]) -> None:
    house = arena()

    outcome = everybody_packs(house)

    assert outcome.broken == []
    assert len(outcome.won) == 1
    assert {type(error) for error in outcome.refused} == {ParcelMoved}
    assert AuditEntry.objects.filter(action="fulfilment.pack").count() == 1


def test_control_without_lock_and_guard_it_is_packed_again(arena: Callable[..., SmallHouse]) -> None:
    unguarded = without_guard("flows_pack_parcel", " AND state = 'PREPARING' RETURNING", "FOR NO KEY UPDATE")
    house = arena(NO_LOCK, unguarded.replace("RETURNING$q$, ''", "RETURNING$q$, ' RETURNING'"))

    outcome = everybody_packs(house)

    assert len(outcome.won) > 1, outcome


def deliver_or_refuse(house: SmallHouse) -> tuple[Outcome, ParcelState]:
    house.stocked(house.warehouse, ring=1)
    _, parcel = sent(house)
    who = packer(house)

    def deliver() -> str:
        parcels.deliver(parcel_id=parcel.id, received_by="E.", signature=SIGNED, actor=who, at=NOW)
        return "delivered"

    def refuse() -> str:
        parcels.refuse(parcel_id=parcel.id, reason="not today", actor=who, at=NOW)
        return "refused"

    outcome = race(*[(deliver, refuse)[n % 2] for n in range(12)])
    return outcome, fresh(house, parcel).state


def test_at_the_door_there_is_one_answer(arena: Callable[..., SmallHouse]) -> None:
    house = arena()

    outcome, state = deliver_or_refuse(house)

    assert outcome.broken == []
    assert len(outcome.won) == 1
    assert state is (ParcelState.DELIVERED if outcome.won == ["delivered"] else ParcelState.REFUSED)
    assert HandOver.objects.count() == (outcome.won == ["delivered"])
    assert stock.list_disagreements() == ()


def test_control_without_lock_and_guards_both_are_true(arena: Callable[..., SmallHouse]) -> None:
    house = arena(
        NO_LOCK,
        without_guard("flows_deliver_parcel", " AND state IN ('DISPATCHED', 'OUT_FOR_DELIVERY') ").replace(
            "('DISPATCHED', 'OUT_FOR_DELIVERY') $q$, ''", "('DISPATCHED', 'OUT_FOR_DELIVERY') $q$, ' '"
        ),
        "DO $do$ BEGIN EXECUTE regexp_replace(pg_get_functiondef('flows_turn_parcel'::regproc), "
        "'AND state = ANY .CASE.*?END.', '', 's'); END $do$",
    )

    outcome, _ = deliver_or_refuse(house)

    assert set(outcome.won) == {"delivered", "refused"}, outcome


def test_the_last_seat_of_a_slot_is_taken_once(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.warehouse, ring=6)
    services = offer_services(house)
    waiting = [to_send(house)[1] for _ in range(6)]
    slot = Slot(starts_at=NOW.replace(day=24), ends_at=NOW.replace(day=24, hour=17))

    outcome = race(*[lambda one=one: pack(house, one, services["WHITE_GLOVE"], slot=slot) for one in waiting])

    assert outcome.broken == []
    assert len(outcome.won) == 2  # there are two concierges


def test_two_workers_make_one_label(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.warehouse, ring=3)
    services = offer_services(house)
    for _ in range(3):
        pack(house, to_send(house)[1], services["STANDARD"])

    outcome = race(*[lambda: shipping.book_due(actor=house.system, at=NOW)] * 6)

    assert outcome.broken == outcome.refused == []
    assert sum(outcome.won) == 3


def test_parcels_and_orders_of_the_same_pieces_do_not_wait_for_each_other(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.warehouse, ring=12, watch=12)
    services = offer_services(house)
    waiting = []
    for n in range(6):
        _, parcel = to_send(house, *((house.ring, house.watch) if n % 2 else (house.watch, house.ring)))
        pack(house, parcel, services["EXPRESS"])
        waiting.append(parcel)
    shipping.book_due(actor=house.system, at=NOW)
    who = packer(house)

    outcome = race(
        *[lambda one=one: parcels.dispatch(parcel_id=one.id, actor=who, at=NOW) for one in waiting],
        *[lambda: to_send(house, house.watch, house.ring)] * 6,
    )

    assert outcome.broken == outcome.refused == []
    assert stock.list_disagreements() == ()
