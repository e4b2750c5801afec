"""A parcel from the packing table to her hands; what travels stays the house's until the proof of delivery."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories.orders import CASH
from tests.factories.parcels import SIGNED, fresh, offer_services, pack, packer, parcel_of, sent, to_send
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.fulfilment.errors import (
    AboveLimit,
    GoesByParcel,
    NothingToSend,
    NoTransitPlace,
    ParcelMoved,
    ProofMissing,
    ReasonNeeded,
    SealUsed,
    SerialMissing,
    ServiceUnfit,
    SlotTaken,
)
from vendome.domains.fulfilment.models import HandOver, ParcelDocument
from vendome.domains.fulfilment.queries import parcels as queries
from vendome.domains.fulfilment.types import Booking, IdentityDocument, ParcelState, Proof, Slot
from vendome.domains.house.models import Place
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import LineState, Mode, OrderState
from vendome.domains.stock.models import Movement, Piece
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import books, checkout, hand_over, parcels, shipping
from vendome.flows.types import PlacedOrder, WantedLine
from vendome.kit.errors import Forbidden, NotFound
from vendome.kit.models import AuditEntry, OutboxEvent

pytestmark = pytest.mark.django_db
SLOT = Slot(starts_at=NOW + timedelta(days=3), ends_at=NOW + timedelta(days=3, hours=2))


def line_of(house: SmallHouse, placed: PlacedOrder) -> LineState:
    return orders.get_order(actor=house.system, order_id=placed.id).lines[0].state


def level(house: SmallHouse, place: object) -> tuple[int, int]:
    found = stock.get_level(actor=house.system, place_id=place, reference_id=house.ring)  # type: ignore[arg-type]
    return found.on_hand, found.held


def agree() -> None:
    assert stock.list_disagreements() == ()
    assert books.list_problems() == []


def test_dispatch_is_transit_in_the_carriers_custody_and_not_yet_hers(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)

    placed, parcel = sent(house)

    piece = Piece.objects.get(id=placed.lines[0].piece_id)
    assert (piece.state, piece.owner, piece.place_id, piece.hold_id) == (
        "IN_TRANSIT", "HOUSE", house.transit, placed.lines[0].hold_id,
    )  # fmt: skip
    assert (level(house, house.warehouse), level(house, house.transit)) == ((0, 0), (1, 1))
    assert (parcel.state, line_of(house, placed)) == (ParcelState.DISPATCHED, LineState.DISPATCHED)
    assert orders.get_order(actor=house.system, order_id=placed.id).state is OrderState.CONFIRMED
    assert not HandOver.objects.exists()
    agree()


def test_only_the_proof_of_delivery_makes_it_hers(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    placed, parcel = sent(house)

    parcels.deliver(
        parcel_id=parcel.id, received_by="Éléonore de Brissac", identity=IdentityDocument.PASSPORT, signature=SIGNED,
        actor=packer(house), at=NOW,
    )  # fmt: skip

    piece = Piece.objects.get(id=placed.lines[0].piece_id)
    assert (piece.state, piece.owner, piece.client_id) == ("WITH_CLIENT", "CLIENT", house.traditional)
    given = HandOver.objects.get()
    assert (given.proof, given.order_line_id) == (Proof.IDENTITY_SEEN, placed.lines[0].id)
    now = fresh(house, parcel)
    assert (now.state, now.received_by, now.identity_seen) == (ParcelState.DELIVERED, "Éléonore de Brissac", "PASSPORT")
    assert bytes(ParcelDocument.objects.get(kind="SIGNATURE").content) == SIGNED
    order = orders.get_order(actor=house.system, order_id=placed.id)
    assert (order.state, order.lines[0].state) == (OrderState.COMPLETED, LineState.HANDED_OVER)
    assert level(house, house.transit) == (0, 0)
    agree()


def test_the_proof_its_service_asks_for_is_not_optional(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    _, parcel = sent(house, "WHITE_GLOVE", slot=SLOT)
    given = {"parcel_id": parcel.id, "actor": packer(house), "at": NOW}

    for missing in (
        {"received_by": "", "signature": SIGNED, "identity": IdentityDocument.PASSPORT},
        {"received_by": "E.", "signature": None, "identity": IdentityDocument.PASSPORT},
        {"received_by": "E.", "signature": SIGNED, "identity": None},
    ):
        with pytest.raises(ProofMissing):
            parcels.deliver(**given, **missing)  # type: ignore[arg-type]

    assert fresh(house, parcel).state is ParcelState.DISPATCHED
    assert not HandOver.objects.exists()


def test_packing_scans_every_piece_and_no_other(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=2)
    services = offer_services(house)
    _, parcel = to_send(house)
    other = Piece.objects.exclude(serial=parcel.lines[0].serial).get()

    for serials in ([], [other.serial], [parcel.lines[0].serial, other.serial]):
        with pytest.raises(SerialMissing):
            pack(house, parcel, services["STANDARD"], serials=serials)

    assert fresh(house, parcel).state is ParcelState.PREPARING
    pack(house, parcel, services["STANDARD"], serials=[f" {parcel.lines[0].serial.lower()} "])
    assert fresh(house, parcel).state is ParcelState.PACKED


def test_nothing_travels_above_what_is_insured(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1, watch=1)
    services = offer_services(house)
    _, parcel = to_send(house, house.ring, house.watch)

    with pytest.raises(AboveLimit):
        pack(house, parcel, services["STANDARD"])
    made = parcels.split(parcel_id=parcel.id, line_ids=[parcel.lines[0].line_id], actor=packer(house), at=NOW)

    ring = queries.get_parcel(actor=house.system, parcel_id=made)
    assert ring.value == 820_000
    pack(house, ring, services["STANDARD"])
    assert (fresh(house, ring).insured_amount, fresh(house, ring).insured_limit) == (820_000, 1_000_000)
    with pytest.raises(AboveLimit):
        pack(house, fresh(house, parcel), services["STANDARD"])
    pack(house, fresh(house, parcel), services["EXPRESS"])


def test_a_split_leaves_something_behind(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1, watch=1)
    offer_services(house)
    _, parcel = to_send(house, house.ring, house.watch)
    every = [line.line_id for line in parcel.lines]

    for chosen in ([], every):
        with pytest.raises(NothingToSend):
            parcels.split(parcel_id=parcel.id, line_ids=chosen, actor=packer(house), at=NOW)

    assert len(fresh(house, parcel).lines) == 2


def test_a_seal_closes_one_parcel_once(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=2)
    services = offer_services(house)
    _, one = to_send(house)
    _, two = to_send(house)
    pack(house, one, services["STANDARD"], seal="vm-001")

    with pytest.raises(SealUsed):
        pack(house, two, services["STANDARD"], seal="VM-001")

    assert fresh(house, two).state is ParcelState.PREPARING


def test_white_glove_needs_a_slot_and_sends_no_more_than_there_are_people(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=3)
    services = offer_services(house)
    waiting = [to_send(house)[1] for _ in range(3)]

    with pytest.raises(ServiceUnfit):
        pack(house, waiting[0], services["WHITE_GLOVE"])
    for parcel in waiting[:2]:
        pack(house, parcel, services["WHITE_GLOVE"], slot=SLOT)
    with pytest.raises(SlotTaken):
        pack(house, waiting[2], services["WHITE_GLOVE"], slot=SLOT)

    assert [fresh(house, one).booking for one in waiting] == [Booking.NONE] * 3
    parcels.unpack(parcel_id=waiting[0].id, reason="she travels", actor=packer(house), at=NOW)
    pack(house, waiting[2], services["WHITE_GLOVE"], slot=SLOT)


def test_the_hour_she_chose_is_hers_once_she_has_paid(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=3)
    services = offer_services(house)
    chosen = {"mode": "WHITE_GLOVE", "slot_start": SLOT.starts_at.isoformat(), "slot_end": SLOT.ends_at.isoformat()}

    waiting = [to_send(house, delivery=chosen)[1] for _ in range(3)]

    assert [one.slot for one in waiting] == [SLOT] * 3
    assert [bool(one.problem) for one in waiting] == [False, False, True]
    pack(house, waiting[0], services["WHITE_GLOVE"], slot=SLOT)
    with pytest.raises(SlotTaken):
        pack(house, waiting[2], services["WHITE_GLOVE"], slot=SLOT)


def test_the_same_key_packs_once(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    services = offer_services(house)
    _, parcel = to_send(house)
    who = packer(house)

    for _ in range(2):
        pack(house, parcel, services["STANDARD"], key="once", seal="S-1", actor=who)

    assert AuditEntry.objects.filter(action="fulfilment.pack").count() == 1
    with pytest.raises(ParcelMoved):
        pack(house, parcel, services["STANDARD"], seal="S-2")


def test_a_parcel_waits_for_its_label_before_it_leaves(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    services = offer_services(house)
    _, parcel = to_send(house)
    pack(house, parcel, services["STANDARD"])

    with pytest.raises(ParcelMoved):
        parcels.dispatch(parcel_id=parcel.id, actor=packer(house), at=NOW)

    assert shipping.book_due(actor=house.system, at=NOW) == 1
    booked = fresh(house, parcel)
    assert booked.booking is Booking.BOOKED
    assert booked.tracking_number
    assert booked.label_id
    assert shipping.book_due(actor=house.system, at=NOW + timedelta(hours=2)) == 0


def test_refused_she_keeps_her_promise_and_the_piece_stands_in_quarantine(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    placed, parcel = sent(house)
    who = packer(house, "logistics", "stock_controller")

    with pytest.raises(ReasonNeeded):
        parcels.refuse(parcel_id=parcel.id, reason=" ", actor=who, at=NOW)
    parcels.refuse(parcel_id=parcel.id, reason="nobody was at home", actor=who, at=NOW)
    parcels.take_back(parcel_id=parcel.id, reason="seal whole", actor=who, at=NOW)

    piece = Piece.objects.get(id=placed.lines[0].piece_id)
    assert (piece.state, piece.place_id, piece.hold_id) == ("QUARANTINED", house.warehouse, placed.lines[0].hold_id)
    assert line_of(house, placed) is LineState.HELD
    agree()
    assert queries.list_parcels(actor=house.system) == ()

    parcels.send_again(parcel_id=parcel.id, actor=who, at=NOW)

    again = parcel_of(house, placed, number=2)
    assert (again.state, Piece.objects.get(id=piece.id).state) == (ParcelState.PREPARING, "IN_STOCK")
    with pytest.raises(ParcelMoved):
        parcels.deliver(parcel_id=parcel.id, received_by="E.", signature=SIGNED, actor=who, at=NOW)
    agree()


def test_what_came_back_is_looked_at_before_it_is_packed_again(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    _, parcel = sent(house)
    parcels.take_back(parcel_id=parcel.id, reason="address unknown", actor=packer(house), at=NOW)

    with pytest.raises(Forbidden):
        parcels.send_again(parcel_id=parcel.id, actor=packer(house, "advisor"), at=NOW)


def test_lost_is_written_off_with_its_reason_and_the_order_stays_owed(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    placed, parcel = sent(house)
    who = packer(house, "stock_controller")

    with pytest.raises(Forbidden):
        parcels.lose(parcel_id=parcel.id, reason="gone", actor=packer(house), at=NOW)
    with pytest.raises(ReasonNeeded):
        parcels.lose(parcel_id=parcel.id, reason="", actor=who, at=NOW)
    parcels.lose(parcel_id=parcel.id, reason="the carrier's van burnt", actor=who, at=NOW)

    piece = Piece.objects.get(id=placed.lines[0].piece_id)
    written = Movement.objects.get(piece_id=piece.id, kind="LOST")
    assert (piece.state, piece.hold_id, written.reason) == ("LOST", None, "the carrier's van burnt")
    order = orders.get_order(actor=house.system, order_id=placed.id)
    assert (order.state, order.lines[0].state) == (OrderState.CONFIRMED, LineState.DISPATCHED)
    told = OutboxEvent.objects.get(kind="fulfilment.parcel_lost")
    assert (told.payload["value"], told.payload["currency"]) == (820_000, "EUR")
    agree()

    house.stocked(house.paris, ring=1)
    parcels.replace_lost(parcel_id=parcel.id, actor=who, at=NOW)

    order = orders.get_order(actor=house.system, order_id=placed.id)
    assert (order.lines[0].state, order.lines[0].place_id) == (LineState.HELD, house.paris)
    assert order.lines[0].piece_id != piece.id
    (row,) = queries.list_parcels(actor=house.system)
    assert (row.state, row.origin_id) == (ParcelState.PREPARING, house.paris)
    agree()


def test_the_counter_does_not_hand_over_what_goes_by_parcel(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    sold = checkout.place_order(
        key="k", maison=house.maison, market=house.france, channel="boutique",
        lines=[WantedLine(reference_id=house.ring, mode=Mode.DELIVER, place_id=house.paris)], tender=CASH,
        client_id=house.traditional, selling_place_id=house.paris, actor=house.advisor_paris, at=NOW,
    )  # fmt: skip

    with pytest.raises(GoesByParcel):
        hand_over.hand_over(
            key="h", line_id=sold.lines[0].id, proof=Proof.IDENTITY_SEEN, actor=house.advisor_paris, at=NOW
        )

    assert level(house, house.paris) == (1, 1)


def test_parcels_of_one_order_complete_it_together(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1, watch=1)
    services = offer_services(house)
    placed, parcel = to_send(house, house.ring, house.watch)
    made = parcels.split(parcel_id=parcel.id, line_ids=[parcel.lines[0].line_id], actor=packer(house), at=NOW)
    for one, service in (
        (queries.get_parcel(actor=house.system, parcel_id=made), "STANDARD"),
        (fresh(house, parcel), "EXPRESS"),
    ):
        pack(house, one, services[service])
        shipping.book_due(actor=house.system, at=NOW)
        parcels.dispatch(parcel_id=one.id, actor=packer(house), at=NOW)
        assert orders.get_order(actor=house.system, order_id=placed.id).state is OrderState.CONFIRMED
        parcels.deliver(parcel_id=one.id, received_by="E.", signature=SIGNED, actor=packer(house), at=NOW)

    assert orders.get_order(actor=house.system, order_id=placed.id).state is OrderState.COMPLETED
    agree()


def test_a_house_without_a_transit_place_says_so(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    services = offer_services(house)
    _, parcel = to_send(house)
    pack(house, parcel, services["STANDARD"])
    shipping.book_due(actor=house.system, at=NOW)
    Place.objects.filter(id=house.transit).update(kind="ATELIER")

    with pytest.raises(NoTransitPlace):
        parcels.dispatch(parcel_id=parcel.id, actor=packer(house), at=NOW)

    assert level(house, house.warehouse) == (1, 1)


def test_other_places_and_other_maisons_see_nothing(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    _, parcel = to_send(house)

    for stranger in (house.advisor_tokyo, other_house.manager_paris, packer(other_house)):
        assert queries.list_parcels(actor=stranger) == ()
        with pytest.raises(NotFound):
            parcels.dispatch(parcel_id=parcel.id, actor=stranger, at=NOW)


def test_parcels_follow_a_line_that_is_sent_from_elsewhere(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    offer_services(house)
    placed, parcel = to_send(house)
    from vendome.kit import sql

    sql.value("SELECT stock_move_hold(%s, %s, 'TRANSFERRED_OUT', 'TRANSFERRED_IN', 'IN_STOCK', 'SYSTEM', 'nearer', %s)",
              [placed.lines[0].hold_id, house.paris, NOW])  # fmt: skip
    sql.value("UPDATE orders_orderline SET place_id = %s WHERE id = %s RETURNING id", [house.paris, placed.lines[0].id])
    sql.value("SELECT flows_prepare_parcels(%s, %s)", [placed.id, NOW])

    (row,) = queries.list_parcels(actor=house.system)
    assert (row.origin_id, row.pieces) == (house.paris, 1)
    assert row.id != parcel.id
    agree()
