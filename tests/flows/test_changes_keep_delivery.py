"""What is taken instead of another piece comes as she chose with her order: the service, its day, her hour."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.factories.parcels import offer_services, to_send
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.fulfilment.types import DeliveryMode
from vendome.domains.orders.types import ChangeKind
from vendome.flows import books, changes, pay_links
from vendome.flows.changes import Changed, Preview
from vendome.flows.types import PlacedOrder
from vendome.kit import sql

pytestmark = pytest.mark.django_db
AT = NOW + timedelta(hours=2)
HOUR = timedelta(hours=1)
EXPRESS = {"mode": "EXPRESS", "country": "FR", "to": {"street": "1 rue des Tilleuls"}}
TUESDAY = date(2026, 11, 24)  # asked for on a Friday evening: ready on Monday, and a day on the way


def ordered(house: SmallHouse, delivery: dict[str, Any], *references: uuid.UUID) -> PlacedOrder:
    house.stocked(house.warehouse, ring=1, candle=2)
    sql.value("UPDATE house_lane SET days = 9 WHERE maison_id = %s RETURNING id", [house.maison.id])
    return to_send(house, *references, delivery=delivery)[0]


def swap(house: SmallHouse, placed: PlacedOrder, reference: uuid.UUID) -> Preview:
    return changes.propose(
        key=str(uuid.uuid4()), order_id=placed.id, kind=ChangeKind.SWAP, line_id=placed.lines[0].id,
        reference_id=reference, actor=house.as_client(house.traditional), at=AT,
    )  # fmt: skip


def confirm(house: SmallHouse, seen: Preview) -> Changed:
    return changes.confirm(
        key="c", change_id=seen.change_id, preview_hash=seen.hash, pay_within=HOUR,
        actor=house.as_client(house.traditional), at=AT,
    )  # fmt: skip


def sent(document: uuid.UUID | None) -> tuple[Any, ...] | None:
    return sql.row(
        "SELECT p.wanted, p.promised_date, p.slot_start, p.slot_seat, p.problem FROM fulfilment_parcel p "
        "JOIN orders_orderline l ON l.order_id = p.order_id AND l.promised_date = p.promised_date "
        "WHERE p.order_id = %s AND l.direction = 'OUT'",
        [document],
    )


def test_express_stays_express_and_by_its_own_day(house: SmallHouse) -> None:
    offer_services(house)
    placed = ordered(house, EXPRESS)

    seen = swap(house, placed, house.candle)
    done = confirm(house, seen)

    assert (seen.delivery, seen.promised_date) == (DeliveryMode.EXPRESS, TUESDAY)
    assert sent(done.document_id) == ("EXPRESS", TUESDAY, None, None, "")
    kept = sql.document("SELECT delivery::text FROM orders_order WHERE id = %s", [done.document_id])
    assert kept == EXPRESS
    assert books.list_problems() == []


def test_also_when_a_difference_is_paid_first(house: SmallHouse) -> None:
    offer_services(house)
    placed = ordered(house, EXPRESS, house.candle)
    seen = swap(house, placed, house.ring)
    done = confirm(house, seen)
    assert done.awaits_payment
    assert done.document_id is not None
    link = pay_links.create_for_client(
        order_id=done.document_id, maison_id=house.maison.id, lasts=HOUR, actor=house.as_client(house.traditional),
        at=AT,
    )  # fmt: skip

    pay_links.pay(token=link.token, instrument="card_good", actor=house.system, at=AT + timedelta(minutes=50))

    assert seen.promised_date == TUESDAY
    assert sent(done.document_id) == ("EXPRESS", TUESDAY, None, None, "")


def test_the_hour_she_chose_is_that_of_the_new_piece(house: SmallHouse) -> None:
    offer_services(house, slot_seats=1)
    hour = "2026-11-26T10:00:00+01:00"
    glove = {**EXPRESS, "mode": "WHITE_GLOVE", "slot_start": hour, "slot_end": "2026-11-26T12:00:00+01:00"}
    placed = ordered(house, glove)

    seen = swap(house, placed, house.candle)
    done = confirm(house, seen)

    assert (seen.delivery, seen.promised_date) == (DeliveryMode.WHITE_GLOVE, date(2026, 11, 26))
    assert sent(done.document_id) == ("WHITE_GLOVE", date(2026, 11, 26), datetime.fromisoformat(hour), 1, "")


def test_an_hour_that_comes_too_early_for_the_new_piece_is_not_promised(house: SmallHouse) -> None:
    offer_services(house)
    glove = {
        **EXPRESS,
        "mode": "WHITE_GLOVE",
        "slot_start": "2026-11-24T10:00:00+01:00",
        "slot_end": "2026-11-24T12:00:00+01:00",
    }
    placed = ordered(house, glove)
    sql.value("UPDATE house_place SET preparation_days = 2 WHERE id = %s RETURNING id", [house.warehouse])

    done = confirm(house, swap(house, placed, house.candle))

    assert sent(done.document_id) == ("WHITE_GLOVE", date(2026, 11, 26), None, None, "")


def test_where_the_house_offers_no_service_it_comes_by_the_lane(house: SmallHouse) -> None:
    placed = ordered(house, EXPRESS)

    seen = swap(house, placed, house.candle)

    by_lane = sql.value(
        "SELECT flows_promise_date(%s, 'DELIVER', NULL, %s, %s)", [house.warehouse, house.france.id, AT]
    )
    assert (seen.delivery, seen.promised_date) == (None, by_lane)


def test_another_day_of_the_service_is_read_again(house: SmallHouse) -> None:
    offer_services(house)
    seen = swap(house, ordered(house, EXPRESS), house.candle)

    later = changes.preview(
        change_id=seen.change_id, actor=house.as_client(house.traditional), at=AT + timedelta(days=3)
    )

    assert later.promised_date is not None
    assert later.promised_date > TUESDAY
    assert later.hash != seen.hash
