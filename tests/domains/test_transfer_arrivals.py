"""What arrives of a transfer: in parts, missing, damaged, unannounced, found again."""

from __future__ import annotations

import pytest

from tests.domains.test_moving import level
from tests.factories.small_house import SmallHouse
from tests.factories.transfers import agree, events, receive, sent, view
from vendome.domains.stock.errors import (
    NoteMissing,
    PieceElsewhere,
    PieceUnknown,
    TransferMoved,
)
from vendome.domains.stock.models import Hold, Piece
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.services.transfers import Arrived, Surplus, Wanted
from vendome.domains.stock.types import Discrepancy, TransferState
from vendome.kit.errors import NotFound

pytestmark = pytest.mark.django_db


def test_it_may_arrive_in_parts(house: SmallHouse) -> None:
    house.stocked(house.london, ring=2)
    transfer = sent(house, Wanted(reference_id=house.ring, quantity=2))
    first, second = transfer.lines

    assert receive(house, transfer, Arrived(line_id=first.id, received=1)).state == "DISPATCHED"
    assert level(house, house.paris, house.ring) == (1, 0)
    assert level(house, house.transit, house.ring) == (1, 1)
    with pytest.raises(TransferMoved):
        receive(house, transfer, Arrived(line_id=first.id, received=1))
    assert receive(house, transfer, Arrived(line_id=second.id, received=1)).state == "RECEIVED"
    assert [event["is_complete"] for event in events("stock.transfer_received")] == [False, True]
    assert agree()


def test_what_is_missing_is_lost_on_the_way(house: SmallHouse) -> None:
    house.stocked(house.london, ring=1, candle=5)
    transfer = sent(house, Wanted(reference_id=house.ring), Wanted(reference_id=house.candle, quantity=5))
    ring, candle = transfer.lines
    with pytest.raises(NoteMissing):
        receive(house, transfer, Arrived(line_id=ring.id, received=0))

    done = receive(
        house,
        transfer,
        Arrived(line_id=ring.id, received=0, discrepancy=Discrepancy.MISSING, note="the box was empty"),
        Arrived(line_id=candle.id, received=3, discrepancy=Discrepancy.MISSING, note="two broken out of the case"),
    )

    assert done.state is TransferState.CLOSED_WITH_DISCREPANCY
    assert Piece.objects.get().state == "LOST"
    assert level(house, house.transit, house.ring) == level(house, house.transit, house.candle) == (0, 0)
    assert level(house, house.paris, house.candle) == (3, 0)
    lost = stock.list_movements(actor=house.system, place_id=house.transit, reference_id=house.candle)
    assert any(m.kind == "LOST" and m.on_hand_change == -2 and "broken out" in m.reason for m in lost)
    assert len(events("stock.transfer_discrepancy")) == 1
    assert agree()


def test_what_is_damaged_waits_in_quarantine(house: SmallHouse) -> None:
    house.stocked(house.london, ring=1)
    transfer = sent(house)
    line = transfer.lines[0]

    receive(house, transfer, Arrived(line_id=line.id, received=1, discrepancy=Discrepancy.DAMAGED, note="scratched"))

    assert Piece.objects.get().state == "QUARANTINED"
    assert level(house, house.paris, house.ring) == (1, 1)
    assert Hold.objects.get(state="ACTIVE").kind == "QUARANTINE"
    assert agree()


def test_what_nobody_announced_is_taken_into_quarantine(house: SmallHouse) -> None:
    house.stocked(house.london, ring=1, watch=1, candle=4)
    house.stocked(house.warehouse, ring=1)
    watch = Piece.objects.get(reference_id=house.watch)
    elsewhere = Piece.objects.get(place_id=house.warehouse)
    transfer = sent(house)
    with pytest.raises(PieceUnknown):
        receive(house, transfer, surplus=[Surplus(code="ZZZ", note="no idea")])
    with pytest.raises(PieceElsewhere):
        receive(house, transfer, surplus=[Surplus(code=elsewhere.serial, note="from the depot?")])
    with pytest.raises(NoteMissing):
        receive(house, transfer, surplus=[Surplus(code=watch.serial, note="")])
    assert level(house, house.paris, house.ring) == (0, 0)

    done = receive(
        house, transfer,
        surplus=[
            Surplus(code=watch.serial, note="in the same box"),
            Surplus(reference_id=house.candle, quantity=2, note="two candles"),
        ],
    )  # fmt: skip

    assert done.state is TransferState.CLOSED_WITH_DISCREPANCY
    assert level(house, house.london, house.watch) == (0, 0)
    assert level(house, house.paris, house.watch) == (1, 1)
    assert level(house, house.london, house.candle) == (2, 0)
    assert level(house, house.paris, house.candle) == (2, 2)
    assert [line.discrepancy for line in view(house, transfer).lines] == [None, "WRONG_PIECE", "WRONG_PIECE"]
    assert agree()


def test_a_lost_piece_that_turns_up_in_the_box_is_found(house: SmallHouse) -> None:
    house.stocked(house.london, ring=2)
    first = sent(house)
    receive(house, first, Arrived(line_id=first.lines[0].id, received=0, note="not in the box"))
    second = sent(house)

    receive(house, second, surplus=[Surplus(code=first.lines[0].serial, note="under the lining")])

    assert Piece.objects.get(id=first.lines[0].piece_id).state == "QUARANTINED"
    assert level(house, house.paris, house.ring) == (2, 1)
    assert agree()


def test_a_line_of_another_transfer_is_not_received(house: SmallHouse) -> None:
    house.stocked(house.london, ring=2)
    one, two = sent(house), sent(house)
    with pytest.raises(NotFound):
        receive(house, one, Arrived(line_id=two.lines[0].id, received=1))
    assert level(house, house.paris, house.ring) == (0, 0)
