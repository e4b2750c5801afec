"""What is not on sale stands under a hold, holds travel, and the books agree at every step (ADR 0013)."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.db import connection

from tests.domains.test_constraints import refused_by
from tests.factories.orders import CARD, buy_online, pay
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.orders.types import Mode
from vendome.domains.stock.errors import AlreadyThere, HoldGone, HoldTravels, OutOfStock, PieceElsewhere
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.services import shelf
from vendome.domains.stock.types import HoldKind
from vendome.flows import checkout
from vendome.flows.types import WantedLine
from vendome.kit import sql
from vendome.kit.errors import NotFound

pytestmark = pytest.mark.django_db

HELD = "SELECT id FROM stock_hold WHERE state = 'ACTIVE' ORDER BY held_at DESC, id DESC LIMIT 1"


@pytest.fixture
def transit(house: SmallHouse) -> uuid.UUID:
    return house.transit


def set_aside(house: SmallHouse, reference: uuid.UUID, **more: object) -> uuid.UUID:
    return shelf.hold_reference(
        kind=HoldKind.RESERVATION, place_id=house.paris, reference_id=reference, client_id=house.traditional,
        expires_at=None, actor=house.system, at=NOW, **more,
    )  # type: ignore[arg-type]  # the test gives quantities only  # fmt: skip


def move(hold: uuid.UUID, place: uuid.UUID, state: str) -> None:
    sql.value(
        "SELECT stock_move_hold(%s, %s, 'TRANSFERRED_OUT', 'TRANSFERRED_IN', %s, 'SYSTEM', 'test', %s)",
        [hold, place, state, NOW],
    )


def take_in(house: SmallHouse, piece: uuid.UUID, place: uuid.UUID) -> uuid.UUID:
    return uuid.UUID(
        str(
            sql.value(
                "SELECT stock_take_in(%s, %s, %s, 1, 'RETURNED', 'QUARANTINE', NULL, NULL, NULL, 'SYSTEM', 'test', %s)",
                [place, house.ring, piece, NOW],
            )
        )
    )


def level(house: SmallHouse, place: uuid.UUID, reference: uuid.UUID) -> tuple[int, int]:
    found = stock.get_level(actor=house.system, place_id=place, reference_id=reference)
    return found.on_hand, found.held


@pytest.mark.parametrize("name", ["ring", "candle"])
def test_a_promised_piece_travels_and_stays_promised(house: SmallHouse, transit: uuid.UUID, name: str) -> None:
    reference = getattr(house, name)
    house.stocked(house.paris, **{name: 1})
    hold = set_aside(house, reference)

    move(hold, transit, "IN_TRANSIT")

    assert (level(house, house.paris, reference), level(house, transit, reference)) == ((0, 0), (1, 1))
    assert stock.list_disagreements() == ()
    with pytest.raises(HoldTravels):
        sql.value("SELECT stock_end_hold(%s, 'RELEASED', 'SYSTEM', 'test', %s)", [hold, NOW])
    with pytest.raises(AlreadyThere):
        move(hold, transit, "IN_TRANSIT")

    move(hold, house.london, "IN_STOCK")
    sql.value("SELECT stock_end_hold(%s, 'RELEASED', 'SYSTEM', 'test', %s)", [hold, NOW])

    assert (level(house, house.london, reference), level(house, transit, reference)) == ((1, 0), (0, 0))
    assert stock.list_disagreements() == ()


def test_nothing_travels_to_another_maison_or_without_its_hold(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    hold = set_aside(house, house.ring)

    with pytest.raises(NotFound):
        move(hold, other_house.london, "IN_STOCK")
    sql.value("SELECT stock_end_hold(%s, 'RELEASED', 'SYSTEM', 'test', %s)", [hold, NOW])
    with pytest.raises(HoldGone):
        move(hold, house.london, "IN_STOCK")
    assert level(house, house.paris, house.ring) == (1, 0)
    assert stock.list_disagreements() == ()


def test_what_comes_back_waits_in_quarantine_at_any_place(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    piece = stock.list_pieces(actor=house.system, place_id=house.paris, reference_id=house.ring)[0].id
    with pytest.raises(PieceElsewhere):
        take_in(house, piece, house.london)
    assert level(house, house.london, house.ring) == (0, 0)

    sql.value(
        "SELECT stock_consume_hold(%s, 'HANDED_OVER', 'WITH_CLIENT', 'CLIENT', %s, 'SYSTEM', %s)",
        [set_aside(house, house.ring), house.traditional, NOW],
    )
    hold = take_in(house, piece, house.london)

    assert level(house, house.london, house.ring) == (1, 1)
    assert stock.list_disagreements() == ()
    with pytest.raises(OutOfStock):
        buy_online(house, house.emerging, house.ring, place=house.london)
    sql.value("SELECT stock_end_hold(%s, 'RELEASED', 'SYSTEM', 'as new', %s)", [hold, NOW])
    assert level(house, house.london, house.ring) == (1, 0)
    assert (
        stock.list_movements(actor=house.system, place_id=house.london, reference_id=house.ring)[0].kind == "RESTOCKED"
    )
    assert stock.list_disagreements() == ()


def test_a_write_off_needs_a_reason(house: SmallHouse) -> None:
    house.stocked(house.paris, candle=3)
    hold = set_aside(house, house.candle, quantity=2)

    refused_by(
        "correction_has_a_reason",
        "SELECT stock_consume_hold(%s, 'WRITTEN_OFF', 'WRITTEN_OFF', 'HOUSE', NULL, 'SYSTEM', %s)",
        [hold, NOW],
    )
    sql.value(
        "SELECT stock_consume_hold(%s, 'WRITTEN_OFF', 'WRITTEN_OFF', 'HOUSE', NULL, 'SYSTEM', %s, 'broken')",
        [hold, NOW],
    )
    assert level(house, house.paris, house.candle) == (1, 0)
    assert stock.list_disagreements() == ()


def test_what_is_not_for_sale_is_held(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    for state in ("QUARANTINED", "IN_TRANSIT", "ON_LOAN"):
        refused_by("what_is_not_for_sale_is_held", f"UPDATE stock_piece SET state = '{state}'")


def adopting(house: SmallHouse, hold: uuid.UUID, client: uuid.UUID) -> Callable[[], object]:
    line = WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris, hold_id=hold)
    return lambda: checkout.place_order(
        key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="web", lines=[line], tender=CARD,
        client_id=client, actor=house.as_client(client), at=NOW,
    )  # fmt: skip


def test_the_piece_set_aside_for_her_is_the_one_she_buys(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    hold = set_aside(house, house.ring)

    with pytest.raises(HoldGone):
        adopting(house, hold, house.emerging)()
    placed = adopting(house, hold, house.traditional)()

    assert placed.lines[0].hold_id == hold  # type: ignore[attr-defined]  # a PlacedOrder
    assert pay(house, placed).state == "CONFIRMED"  # type: ignore[arg-type]
    assert level(house, house.paris, house.ring) == (1, 1)
    with pytest.raises(HoldGone):
        adopting(house, hold, house.traditional)()
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, expires_at FROM stock_hold WHERE id = %s", [hold])
        assert cursor.fetchone() == ("ORDER", None)
    assert stock.list_disagreements() == ()
