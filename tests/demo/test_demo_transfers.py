"""The demo house has pieces between its places, at every step, and each of its transfers is true."""

from __future__ import annotations

import pytest

from tests.demo.test_demo_house import one, vermeil  # noqa: F401  # the house of size test
from vendome.connectors.demo_house import loading
from vendome.domains.house import queries as house
from vendome.domains.stock.queries import transfers as reads
from vendome.domains.stock.services import transfers
from vendome.domains.stock.services.transfers import Arrived
from vendome.domains.stock.types import TransferState
from vendome.kit import clock, sql
from vendome.kit.actors import Actor

pytestmark = pytest.mark.django_db


def test_transfers_wait_travel_and_ended(vermeil: loading.Opened) -> None:  # noqa: F811  # the fixture
    states = dict(sql.rows("SELECT state, count(*) FROM stock_transfer GROUP BY 1"))

    assert states["DISPATCHED"] == 8
    assert states["REQUESTED"] >= 3
    assert states["APPROVED"] == states["CLOSED_WITH_DISCREPANCY"] == 1
    assert one("SELECT count(*) FROM stock_transferline WHERE discrepancy = 'MISSING' AND note <> ''") == 1


def test_what_stands_in_transit_is_on_a_transfer(vermeil: loading.Opened) -> None:  # noqa: F811  # the fixture
    strays = one(
        "SELECT count(*) FROM stock_hold h JOIN house_place p ON p.id = h.place_id AND p.kind = 'TRANSIT' "
        "WHERE h.state = 'ACTIVE' AND NOT EXISTS (SELECT FROM stock_transferline l JOIN stock_transfer t "
        "ON t.id = l.transfer_id WHERE l.hold_id = h.id AND l.settled_at IS NULL AND t.state = 'DISPATCHED')"
    )

    assert strays == 0


def test_each_of_them_can_go_on(vermeil: loading.Opened) -> None:  # noqa: F811  # the fixture
    keeper = Actor.system(house.get_maison(code="vermeil").id)
    for row in reads.list_transfers(actor=keeper):
        more = {"key": f"demo {row.id}", "transfer_id": row.id, "actor": keeper, "at": clock.now()}
        if row.state is TransferState.REQUESTED:
            assert transfers.approve(**more).state == "APPROVED"  # type: ignore[arg-type]
        elif row.state is TransferState.APPROVED:
            assert transfers.dispatch(**more).state == "DISPATCHED"  # type: ignore[arg-type]
        elif row.state is TransferState.DISPATCHED:
            lines = reads.get_transfer(actor=keeper, transfer_id=row.id).lines
            arrived = [Arrived(line_id=line.id, received=1) for line in lines]
            assert transfers.receive(arrived=arrived, **more).state == "RECEIVED"  # type: ignore[arg-type]
    assert one("SELECT count(*) FROM stock_disagreements()") == 0
