"""What travels for somebody: a client's set-aside, an order's own hold, and what ended meanwhile."""

from __future__ import annotations

import uuid

import pytest

from tests.domains.test_moving import level, set_aside
from tests.factories.orders import buy_online, pay
from tests.factories.small_house import NOW, SmallHouse
from tests.factories.transfers import agree, approved, events, key, receive, sent, view
from vendome.domains.orders.errors import LineNotReady
from vendome.domains.stock.errors import (
    AlreadyThere,
    AlreadyTravels,
    HoldGone,
    HoldTravels,
)
from vendome.domains.stock.models import Hold
from vendome.domains.stock.queries import transfers as reads
from vendome.domains.stock.services import transfers
from vendome.domains.stock.services.transfers import Arrived
from vendome.domains.stock.types import Discrepancy
from vendome.flows import hand_over
from vendome.kit import sql
from vendome.kit.errors import Forbidden, NotFound

pytestmark = pytest.mark.django_db


def test_asked_for_a_client_it_is_set_aside_for_her_on_arrival(house: SmallHouse) -> None:
    house.stocked(house.london, ring=1)
    transfer = sent(house, client_id=house.traditional)
    receive(house, transfer)

    hold = Hold.objects.get(state="ACTIVE")
    assert (hold.kind, hold.client_id, hold.place_id) == ("RESERVATION", house.traditional, house.paris)
    assert hold.id == transfer.lines[0].hold_id
    assert hold.expires_at > NOW
    assert level(house, house.paris, house.ring) == (1, 1)
    assert agree()


def of_hold(hold: uuid.UUID, place: uuid.UUID) -> uuid.UUID:
    asked = "SELECT stock_request_transfer_of_hold(%s, %s, 'her order', 'SYSTEM', %s)"
    return uuid.UUID(str(sql.value(asked, [hold, place, NOW])))


def test_an_orders_piece_travels_under_its_own_hold_and_is_handed_over_there(house: SmallHouse) -> None:
    house.stocked(house.london, ring=1)
    line = pay(house, buy_online(house, house.traditional, house.ring, place=house.paris)).lines[0]
    made = of_hold(line.hold_id, house.paris)
    assert of_hold(line.hold_id, house.paris) == made
    with pytest.raises(AlreadyTravels):
        of_hold(line.hold_id, house.warehouse)
    assert reads.get_transfer(actor=house.system, transfer_id=made).order_number.startswith("TES-26-")

    transfers.dispatch(key=key(), transfer_id=made, actor=house.system, at=NOW)
    receive(house, reads.get_transfer(actor=house.system, transfer_id=made))

    hold = Hold.objects.get(id=line.hold_id)
    assert (hold.state, hold.kind, hold.place_id) == ("ACTIVE", "ORDER", house.paris)
    told = events("stock.transfer_received")[0]
    assert (told["hold_id"], told["order_line_id"]) == (str(line.hold_id), str(line.id))
    assert agree()
    hand_over.hand_over(key=key(), line_id=line.id, proof=hand_over.Proof.IDENTITY_SEEN, actor=house.system, at=NOW)
    assert level(house, house.paris, house.ring) == (0, 0)
    assert agree()


def test_cancelling_leaves_an_orders_own_hold(house: SmallHouse) -> None:
    house.stocked(house.london, ring=1)
    line = pay(house, buy_online(house, house.traditional, house.ring, place=house.paris)).lines[0]
    made = of_hold(line.hold_id, house.paris)

    transfers.cancel(key=key(), transfer_id=made, reason="she comes to London", actor=house.system, at=NOW)

    assert Hold.objects.get(id=line.hold_id).state == "ACTIVE"
    assert of_hold(line.hold_id, house.paris) != made  # it may be asked for again
    assert agree()


def test_a_promised_piece_that_is_lost_or_damaged_is_told(house: SmallHouse) -> None:
    house.stocked(house.london, ring=2)
    lines = [
        pay(house, buy_online(house, client, house.ring, place=house.paris)).lines[0]
        for client in (house.traditional, house.emerging)
    ]
    made = [of_hold(line.hold_id, house.paris) for line in lines]
    for transfer_id, (came, kind) in zip(made, ((0, Discrepancy.MISSING), (1, Discrepancy.DAMAGED)), strict=True):
        transfers.dispatch(key=key(), transfer_id=transfer_id, actor=house.system, at=NOW)
        transfer = reads.get_transfer(actor=house.system, transfer_id=transfer_id)
        receive(house, transfer, Arrived(line_id=transfer.lines[0].id, received=came, discrepancy=kind, note="crushed"))
        assert agree()

    broken = events("stock.promise_broken")
    assert [one["order_line_id"] for one in broken] == [str(line.id) for line in lines]
    assert [one["why"] for one in broken] == ["LOST", "DAMAGED"]
    for line in lines:
        with pytest.raises((HoldGone, LineNotReady)):
            hand_over.hand_over(
                key=key(), line_id=line.id, proof=hand_over.Proof.IDENTITY_SEEN, actor=house.system, at=NOW
            )


def test_what_is_not_a_clients_hold_is_not_sent_this_way(house: SmallHouse) -> None:
    house.stocked(house.london, ring=1)
    step = approved(house)
    hold = view(house, step).lines[0].hold_id
    with pytest.raises(AlreadyTravels):
        of_hold(hold, house.warehouse)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        of_hold(uuid.uuid4(), house.paris)
    house.stocked(house.paris, watch=1)
    aside = set_aside(house, house.watch)
    with pytest.raises(AlreadyThere):
        of_hold(aside, house.paris)
    sql.value("SELECT stock_end_hold(%s, 'RELEASED', 'SYSTEM', 'test', %s)", [aside, NOW])
    with pytest.raises(HoldGone):
        of_hold(aside, house.london)
    transfers.cancel(key=key(), transfer_id=step.id, reason="no", actor=house.system, at=NOW)
    kept = sql.value(
        "SELECT stock_hold_reference('QUARANTINE', %s, %s, NULL, 1, NULL, NULL, NULL, 'x', NULL, 'SYSTEM', %s)",
        [house.london, house.ring, NOW],
    )
    with pytest.raises(HoldTravels):
        of_hold(kept, house.paris)


def test_a_client_hold_is_asked_for_by_staff_who_may(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    hold = set_aside(house, house.ring)
    for actor, error in ((other_house.system, NotFound), (house.director, Forbidden), (house.advisor_paris, Forbidden)):
        with pytest.raises(error):
            transfers.request_for_hold(
                key=key(), hold_id=hold, to_place_id=house.london, reason="", actor=actor, at=NOW
            )

    made = transfers.request_for_hold(
        key=key(), hold_id=hold, to_place_id=house.london, reason="she is in London", actor=house.manager_paris, at=NOW
    )

    assert reads.get_transfer(actor=house.system, transfer_id=made).state == "APPROVED"


def test_an_order_that_ended_meanwhile_is_not_sent(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    hold = set_aside(house, house.ring)
    made = of_hold(hold, house.london)
    sql.value("SELECT stock_end_hold(%s, 'RELEASED', 'SYSTEM', 'test', %s)", [hold, NOW])

    with pytest.raises(HoldGone):
        transfers.dispatch(key=key(), transfer_id=made, actor=house.system, at=NOW)
    transfers.cancel(key=key(), transfer_id=made, reason="nothing left to send", actor=house.system, at=NOW)
    assert level(house, house.paris, house.ring) == (1, 0)
    assert agree()
