"""Transfers from request to receipt: every step, every refusal, every repeat; the books agree after each (ADR 0015)."""

from __future__ import annotations

import pytest

from tests.domains.test_constraints import refused_by
from tests.domains.test_moving import level
from tests.factories.small_house import NOW, SmallHouse
from tests.factories.transfers import agree, approved, as_role, ask, events, key, receive, sent, view
from vendome.domains.stock.errors import (
    AlreadyThere,
    NothingLeft,
    NotPicked,
    NotPossibleThere,
    OutOfStock,
    PartnerOwned,
    PieceUnknown,
    ReasonMissing,
    TransferMoved,
)
from vendome.domains.stock.models import Hold, Piece, Transfer, TransferLine
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.queries import transfers as reads
from vendome.domains.stock.services import transfers
from vendome.domains.stock.services.transfers import Arrived, Wanted
from vendome.domains.stock.types import TransferState
from vendome.kit.errors import BadInput, BodyChanged, Forbidden, NotFound

pytestmark = pytest.mark.django_db


def test_a_piece_goes_from_london_to_paris(house: SmallHouse) -> None:
    house.stocked(house.london, ring=2, candle=6)
    asked = ask(house, Wanted(reference_id=house.ring), Wanted(reference_id=house.candle, quantity=4))

    assert (asked.state, asked.number[:6]) == (TransferState.REQUESTED, "TR-26-")
    assert level(house, house.london, house.ring) == (2, 0)  # nothing is held before London agrees
    london = as_role(house, "boutique_manager", house.london)
    transfers.approve(key=key(), transfer_id=asked.id, actor=london, at=NOW)
    assert level(house, house.london, house.ring) == (2, 1)
    assert level(house, house.london, house.candle) == (6, 4)
    assert agree()
    serial = view(house, asked).lines[0].serial
    transfers.pick(key=key(), transfer_id=asked.id, codes=[serial.lower()], actor=london, at=NOW)
    transfers.dispatch(key=key(), transfer_id=asked.id, waybill="LX-778", actor=london, at=NOW)
    assert level(house, house.london, house.ring) == (1, 0)
    assert level(house, house.transit, house.ring) == (1, 1)
    assert level(house, house.transit, house.candle) == (4, 4)
    assert agree()
    done = receive(house, view(house, asked))

    assert done.state is TransferState.RECEIVED
    assert level(house, house.paris, house.ring) == (1, 0)
    assert level(house, house.paris, house.candle) == (4, 0)
    assert level(house, house.transit, house.ring) == level(house, house.transit, house.candle) == (0, 0)
    assert agree()
    told = view(house, asked)
    assert [step.state for step in told.steps] == ["REQUESTED", "APPROVED", "PICKED", "DISPATCHED", "RECEIVED"]
    assert told.steps[-1].by == house.advisor_paris.label
    assert told.waybill == "LX-778"
    assert [len(events(f"stock.transfer_{verb}")) for verb in ("requested", "approved", "picked", "dispatched")] == [
        1
    ] * 4
    assert events("stock.transfer_received")[0]["is_complete"] is True


def test_every_step_may_be_repeated_with_its_key(house: SmallHouse) -> None:
    house.stocked(house.london, ring=1)
    asked = ask(house, key="ask")
    assert ask(house, key="ask") == asked
    with pytest.raises(BodyChanged):
        ask(house, key="ask", reason="another")
    steps = [
        lambda: transfers.approve(key="a", transfer_id=asked.id, actor=house.system, at=NOW),
        lambda: transfers.pick(
            key="p", transfer_id=asked.id, codes=[view(house, asked).lines[0].epc], actor=house.system, at=NOW
        ),
        lambda: transfers.dispatch(key="d", transfer_id=asked.id, actor=house.system, at=NOW),
        lambda: receive(house, view(house, asked), key="r"),
    ]
    for step in steps:
        assert step() == step()
        assert agree()
    assert Transfer.objects.count() == 1
    assert level(house, house.paris, house.ring) == (1, 0)
    assert len(events("stock.transfer_received")) == 1


def test_steps_out_of_turn_are_refused(house: SmallHouse) -> None:
    house.stocked(house.london, ring=1)
    asked = ask(house)
    system = house.system
    with pytest.raises(TransferMoved):
        transfers.dispatch(key=key(), transfer_id=asked.id, actor=system, at=NOW)
    with pytest.raises(TransferMoved):
        receive(house, view(house, asked))
    transfers.approve(key=key(), transfer_id=asked.id, actor=system, at=NOW)
    for step in (transfers.approve, transfers.dispatch, transfers.dispatch):
        if step is transfers.dispatch and view(house, asked).state == "APPROVED":
            step(key=key(), transfer_id=asked.id, actor=system, at=NOW)
            continue
        with pytest.raises(TransferMoved):
            step(key=key(), transfer_id=asked.id, actor=system, at=NOW)
    with pytest.raises(TransferMoved):
        transfers.cancel(key=key(), transfer_id=asked.id, reason="no", actor=system, at=NOW)
    assert agree()


def test_what_cannot_be_asked_for(house: SmallHouse, other_house: SmallHouse) -> None:
    with pytest.raises(ReasonMissing):
        ask(house, reason=" ")
    with pytest.raises(AlreadyThere):
        ask(house, from_place_id=house.paris)
    with pytest.raises(NotPossibleThere):
        ask(house, from_place_id=house.transit)
    with pytest.raises(NotFound):
        ask(house, from_place_id=other_house.london)
    with pytest.raises(NotFound):
        ask(house, Wanted(reference_id=other_house.ring))
    with pytest.raises(NotFound):
        ask(house, client_id=other_house.traditional)
    with pytest.raises(BadInput):
        ask(house, Wanted(reference_id=house.ring, quantity=0))
    house.stocked(house.london, ring=1)
    elsewhere = Piece.objects.get(place_id=house.london)
    with pytest.raises(NotFound):
        ask(house, Wanted(reference_id=house.ring, piece_id=elsewhere.id), from_place_id=house.warehouse)
    assert not Transfer.objects.exists()


def test_who_may_do_what(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.london, ring=1)
    with pytest.raises(Forbidden):
        ask(house, actor=house.advisor_tokyo)
    with pytest.raises(Forbidden):
        ask(house, actor=house.director)
    pushed = ask(house, actor=as_role(house, "boutique_manager", house.london))  # its manager may push
    asked = ask(house)
    for actor in (house.advisor_tokyo, other_house.system, other_house.manager_paris):
        with pytest.raises(NotFound):
            transfers.approve(key=key(), transfer_id=asked.id, actor=actor, at=NOW)
        with pytest.raises(NotFound):
            transfers.cancel(key=key(), transfer_id=asked.id, reason="no", actor=actor, at=NOW)
    for actor in (house.advisor_paris, house.manager_paris):  # it is London's to give
        with pytest.raises(Forbidden):
            transfers.approve(key=key(), transfer_id=asked.id, actor=actor, at=NOW)
    transfers.approve(key=key(), transfer_id=asked.id, actor=house.system, at=NOW)
    with pytest.raises(Forbidden):
        transfers.dispatch(key=key(), transfer_id=asked.id, actor=house.advisor_paris, at=NOW)
    transfers.dispatch(key=key(), transfer_id=asked.id, actor=as_role(house, "advisor", house.london), at=NOW)
    with pytest.raises(Forbidden):
        receive(house, view(house, asked), actor=as_role(house, "advisor", house.london))
    assert view(house, pushed).state == "REQUESTED"
    assert agree()


def test_approval_holds_all_or_nothing(house: SmallHouse) -> None:
    house.stocked(house.london, ring=1, candle=9)
    asked = ask(house, Wanted(reference_id=house.candle, quantity=3), Wanted(reference_id=house.ring, quantity=2))

    with pytest.raises(OutOfStock):
        transfers.approve(key=key(), transfer_id=asked.id, actor=house.system, at=NOW)

    assert view(house, asked).state == "REQUESTED"
    assert not Hold.objects.exists()
    assert level(house, house.london, house.candle) == (9, 0)


def test_a_place_may_let_only_some_of_it_go(house: SmallHouse) -> None:
    house.stocked(house.london, ring=1, candle=9)
    asked = ask(house, Wanted(reference_id=house.candle, quantity=3), Wanted(reference_id=house.ring, quantity=2))
    candle, ring, second = view(house, asked).lines
    with pytest.raises(NothingLeft):
        transfers.approve(
            key=key(), transfer_id=asked.id, without=[candle.id, ring.id, second.id], actor=house.system, at=NOW
        )
    assert all(line.is_open for line in view(house, asked).lines)

    transfers.approve(key=key(), transfer_id=asked.id, without=[second.id], actor=house.system, at=NOW)
    transfers.dispatch(key=key(), transfer_id=asked.id, actor=house.system, at=NOW)
    done = receive(
        house, view(house, asked), *[Arrived(line_id=line.id, received=line.quantity) for line in (candle, ring)]
    )

    assert done.state is TransferState.RECEIVED
    left = view(house, asked).lines[2]
    assert (left.is_open, left.received_quantity, left.hold_id) == (False, None, None)
    assert level(house, house.paris, house.ring) == (1, 0)
    assert agree()


def test_a_named_piece_is_the_one_that_goes(house: SmallHouse) -> None:
    house.stocked(house.london, ring=3)
    wanted = Piece.objects.order_by("-serial")[0]
    asked = approved(house, Wanted(reference_id=house.ring), Wanted(reference_id=house.ring, piece_id=wanted.id))

    lines = view(house, asked).lines
    assert lines[1].piece_id == wanted.id
    assert lines[0].piece_id not in (None, wanted.id)


def test_a_partners_piece_is_the_partners(house: SmallHouse) -> None:
    house.stocked(house.partner_door, ring=2)
    Piece.objects.update(owner="Galerie Test")
    mine = Piece.objects.all()[0]

    asked = ask(house, Wanted(reference_id=house.ring, piece_id=mine.id), from_place_id=house.partner_door)
    with pytest.raises(PartnerOwned):
        transfers.approve(key=key(), transfer_id=asked.id, actor=house.system, at=NOW)
    any_piece = ask(house, from_place_id=house.partner_door)
    with pytest.raises(OutOfStock):
        transfers.approve(key=key(), transfer_id=any_piece.id, actor=house.system, at=NOW)
    Piece.objects.filter(id=mine.id).update(owner="HOUSE")  # given in consignment: owner and custody are two things
    transfers.approve(key=key(), transfer_id=any_piece.id, actor=house.system, at=NOW)
    assert view(house, any_piece).lines[0].piece_id == mine.id


def test_to_a_partners_door_is_a_consignment(house: SmallHouse) -> None:
    house.stocked(house.london, ring=1)
    transfer = sent(house, to_place_id=house.partner_door, actor=house.system)
    receive(house, transfer, actor=house.system)

    piece = Piece.objects.get()
    assert (piece.owner, piece.place_id, piece.state) == ("HOUSE", house.partner_door, "IN_STOCK")
    kinds = [
        m.kind for m in stock.list_movements(actor=house.system, place_id=house.partner_door, reference_id=house.ring)
    ]
    assert kinds == ["RELEASED", "CONSIGNED"]
    assert agree()


def test_refused_with_a_reason(house: SmallHouse) -> None:
    house.stocked(house.london, ring=1)
    asked = ask(house)
    with pytest.raises(ReasonMissing):
        transfers.refuse(key=key(), transfer_id=asked.id, reason="", actor=house.system, at=NOW)

    transfers.refuse(key=key(), transfer_id=asked.id, reason="our last one", actor=house.system, at=NOW)

    assert view(house, asked).steps[-1].text == "our last one"
    with pytest.raises(TransferMoved):
        transfers.approve(key=key(), transfer_id=asked.id, actor=house.system, at=NOW)
    assert level(house, house.london, house.ring) == (1, 0)


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_cancelling_before_it_leaves_frees_what_was_held(house: SmallHouse, steps: int) -> None:
    house.stocked(house.london, ring=1, candle=2)
    asked = ask(house, Wanted(reference_id=house.ring), Wanted(reference_id=house.candle, quantity=2))
    if steps > 0:
        transfers.approve(key=key(), transfer_id=asked.id, actor=house.system, at=NOW)
    if steps > 1:
        codes = [view(house, asked).lines[0].serial]
        transfers.pick(key=key(), transfer_id=asked.id, codes=codes, actor=house.system, at=NOW)

    transfers.cancel(
        key=key(), transfer_id=asked.id, reason="she has chosen another", actor=house.advisor_paris, at=NOW
    )

    assert level(house, house.london, house.ring) == (1, 0)
    assert level(house, house.london, house.candle) == (2, 0)
    assert not Hold.objects.filter(state="ACTIVE").exists()
    assert not any(line.is_open for line in view(house, asked).lines)
    assert agree()


def test_another_piece_of_the_reference_may_be_picked(house: SmallHouse) -> None:
    house.stocked(house.london, ring=3, watch=1)
    step = approved(house)
    line = view(house, step).lines[0]
    other = Piece.objects.filter(reference_id=house.ring).exclude(id=line.piece_id)[0]
    watch = Piece.objects.get(reference_id=house.watch)
    with pytest.raises(PieceUnknown):
        transfers.pick(key=key(), transfer_id=step.id, codes=["NOTHING"], actor=house.system, at=NOW)
    for codes in ([], [watch.serial], [line.serial, other.serial]):
        with pytest.raises(NotPicked):
            transfers.pick(key=key(), transfer_id=step.id, codes=codes, actor=house.system, at=NOW)

    transfers.pick(key=key(), transfer_id=step.id, codes=[other.serial], actor=house.system, at=NOW)

    assert view(house, step).lines[0].piece_id == other.id
    assert Piece.objects.get(id=line.piece_id).hold_id is None
    assert agree()
    transfers.dispatch(key=key(), transfer_id=step.id, actor=house.system, at=NOW)
    assert receive(house, view(house, step)).state == "RECEIVED"
    assert Piece.objects.get(id=other.id).place_id == house.paris
    assert agree()


def test_each_place_sees_its_own(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.london, ring=3)
    sent(house)
    ask(house)
    ask(house, from_place_id=house.london, to_place_id=house.warehouse, actor=house.system)

    paris = reads.list_transfers(actor=house.advisor_paris)
    assert len(paris) == 2
    assert len(reads.list_transfers(actor=house.system)) == 3
    assert reads.list_transfers(actor=house.advisor_tokyo) == reads.list_transfers(actor=other_house.system) == ()
    incoming = reads.list_transfers(actor=house.advisor_paris, place_id=house.paris, is_incoming=True)
    assert len(incoming) == 2
    assert reads.list_transfers(actor=house.advisor_paris, place_id=house.paris, is_incoming=False) == ()
    waiting = reads.list_transfers(actor=house.system, states=[TransferState.DISPATCHED])
    assert [row.state for row in waiting] == ["DISPATCHED"]
    assert reads.list_transfers(actor=house.system, older_than=NOW) == ()
    last = paris[0]
    assert [row.id for row in reads.list_transfers(actor=house.advisor_paris, after=(last.requested_at, last.id))] == [
        paris[1].id
    ]
    work = reads.count_work(actor=house.advisor_paris, place_id=house.paris)
    assert (work.to_receive, work.outgoing) == (1, 0)
    assert reads.count_work(actor=house.system, place_id=house.london).to_approve == 2


def test_a_forgetful_writer_is_refused(house: SmallHouse) -> None:
    house.stocked(house.london, ring=2)
    one, two = approved(house), approved(house)
    where = f"WHERE id = '{one.id}'"
    refused_by("transfer_moves_forward", f"UPDATE stock_transfer SET state = 'REQUESTED' {where}")
    refused_by("transfer_moves_forward", f"UPDATE stock_transfer SET state = 'RECEIVED', ended_at = now() {where}")
    refused_by("transfer_goes_somewhere", f"UPDATE stock_transfer SET to_place_id = from_place_id {where}")
    refused_by("transfer_says_why", f"UPDATE stock_transfer SET reason = '' {where}")
    refused_by("transfer_number_once", f"UPDATE stock_transfer SET number = '{two.number}' {where}")
    refused_by("transfer_approved_before_it_goes", f"UPDATE stock_transfer SET approved_at = NULL {where}")
    refused_by("transfer_sent_before_it_arrives", f"UPDATE stock_transfer SET state = 'DISPATCHED' {where}")
    refused_by("transfer_ends_once", f"UPDATE stock_transfer SET ended_at = now() {where}")
    refused_by(
        "transfer_given_up_with_a_reason", f"UPDATE stock_transfer SET state = 'CANCELLED', ended_at = now() {where}"
    )
    line = f"WHERE transfer_id = '{one.id}'"
    refused_by("transfer_line_of_something", f"UPDATE stock_transferline SET quantity = 0, piece_id = NULL {line}")
    refused_by("transfer_line_of_a_piece_is_one", f"UPDATE stock_transferline SET quantity = 2 {line}")
    refused_by("what_did_not_arrive_is_told", f"UPDATE stock_transferline SET received_quantity = 0 {line}")
    refused_by("discrepancy_says_what", f"UPDATE stock_transferline SET discrepancy = 'MISSING' {line}")
    refused_by(
        "hold_in_one_open_transfer",
        "UPDATE stock_transferline SET hold_id = (SELECT hold_id FROM stock_transferline WHERE transfer_id = %s) "
        "WHERE transfer_id = %s",
        [two.id, one.id],
    )
    refused_by(
        "transfer_line_position_once",
        "INSERT INTO stock_transferline (id, transfer_id, position, reference_id, quantity) "
        "SELECT gen_random_uuid(), transfer_id, position, reference_id, 1 FROM stock_transferline "
        "WHERE transfer_id = %s",
        [one.id],
    )
    assert TransferLine.objects.count() == 2
