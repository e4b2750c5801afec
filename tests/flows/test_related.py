"""Each half of a change names the other, and what is taken instead is promised anew."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from tests.factories.orders import buy_online, pay
from tests.factories.returns import give
from tests.factories.small_house import NOW, SmallHouse
from tests.flows.test_changes import confirm, propose
from tests.flows.test_reservations import reserve
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import ChangeKind, Relation
from vendome.domains.stock.models import Hold
from vendome.flows import books, changes, checkout, returns
from vendome.flows.types import PlacedOrder
from vendome.kit import sql

pytestmark = pytest.mark.django_db
AT = NOW + timedelta(hours=2)


@pytest.fixture
def paid(house: SmallHouse) -> PlacedOrder:
    house.stocked(house.paris, ring=1, candle=2, watch=1)
    return pay(house, buy_online(house, house.traditional, house.ring))


def related(house: SmallHouse, order_id: uuid.UUID) -> list[tuple[str, Relation]]:
    found = orders.list_related(actor=house.director, order_id=order_id)
    hers = orders.list_related_of_client(order=orders.get_order(actor=house.director, order_id=order_id))
    assert hers == found
    return [(one.number, one.relation) for one in found]


def line_of(order_id: uuid.UUID, direction: str) -> tuple[object, ...]:
    return (
        sql.row(
            "SELECT state, promised_date, hold_id FROM orders_orderline WHERE order_id = %s AND direction = %s",
            [order_id, direction],
        )
        or ()
    )


def test_an_exchange_and_its_order_name_each_other(house: SmallHouse, paid: PlacedOrder) -> None:
    assert related(house, paid.id) == []
    done = confirm(house, propose(house, paid, ChangeKind.SWAP, reference_id=house.candle))
    assert done.document_id is not None

    assert related(house, paid.id) == [(done.document_number, Relation.EXCHANGED_IN)]
    assert related(house, done.document_id) == [(paid.number, Relation.CAME_FROM)]


def test_what_is_given_back_is_named_too(house: SmallHouse, paid: PlacedOrder) -> None:
    done = confirm(house, propose(house, paid, ChangeKind.CANCEL_LINE))

    assert related(house, paid.id) == [(done.document_number, Relation.GIVEN_BACK_IN)]


def test_nobody_reads_of_orders_that_are_not_hers(house: SmallHouse, paid: PlacedOrder) -> None:
    done = confirm(house, propose(house, paid, ChangeKind.CANCEL_LINE))
    sql.value("UPDATE orders_order SET client_id = %s WHERE id = %s RETURNING 1", [house.emerging, done.document_id])

    found = orders.get_order(actor=house.director, order_id=paid.id)

    assert orders.list_related_of_client(order=found) == ()
    assert orders.list_related(actor=house.advisor_tokyo, order_id=paid.id) == ()


def test_the_new_piece_has_a_day_of_its_own(house: SmallHouse, paid: PlacedOrder) -> None:
    """The old day has passed; the new one is what the availability says now, read before it is confirmed."""
    sql.value("UPDATE orders_orderline SET promised_date = %s RETURNING 1", [date(2020, 1, 1)])
    seen = propose(house, paid, ChangeKind.SWAP, reference_id=house.candle)
    expected = sql.value(
        "SELECT flows_promise_date(%s, 'COLLECT', %s, %s, %s)", [house.paris, house.paris, house.france.id, AT]
    )
    assert seen.promised_date == expected

    done = confirm(house, seen)

    assert line_of(done.document_id, "OUT")[1] == expected  # type: ignore[arg-type]


def test_another_day_than_was_read_is_read_again(house: SmallHouse, paid: PlacedOrder) -> None:
    seen = propose(house, paid, ChangeKind.SWAP, reference_id=house.candle)
    later = AT + timedelta(days=3)

    fresh = changes.preview(change_id=seen.change_id, actor=house.advisor_paris, at=later)

    assert fresh.promised_date is not None
    assert seen.promised_date is not None
    assert fresh.promised_date > seen.promised_date
    assert fresh.hash != seen.hash


def test_collected_elsewhere_it_is_promised_there(house: SmallHouse, paid: PlacedOrder) -> None:
    house.stocked(house.london, ring=1)
    sql.value("UPDATE orders_orderline SET promised_date = %s RETURNING 1", [date(2020, 1, 1)])

    seen = propose(house, paid, ChangeKind.COLLECT_AT, place_id=house.london)
    confirm(house, seen)

    assert seen.promised_date is not None
    assert line_of(paid.id, "OUT")[1] == seen.promised_date


def test_the_size_set_aside_for_her_is_the_one_she_exchanges_for(house: SmallHouse, paid: PlacedOrder) -> None:
    kept = reserve(house, house.as_client(house.traditional), reference=house.watch)
    seen = propose(house, paid, ChangeKind.SWAP, reference_id=house.watch)
    assert (seen.problem, seen.balance) == ("", 380_000)

    done = changes.confirm(
        key="c", change_id=seen.change_id, preview_hash=seen.hash, pay_within=timedelta(hours=1),
        actor=house.as_client(house.traditional), at=AT,
    )  # fmt: skip

    assert line_of(done.document_id, "OUT")[2] == kept.hold_id  # type: ignore[arg-type]
    assert Hold.objects.filter(state="ACTIVE", reference_id=house.watch).count() == 1


@pytest.mark.parametrize("ending", ["withdrawn", "not paid"])
def test_what_was_to_come_in_with_an_ended_exchange_is_not_held(
    house: SmallHouse, paid: PlacedOrder, ending: str
) -> None:
    seen = propose(house, paid, ChangeKind.SWAP, reference_id=house.watch)
    done = changes.confirm(
        key="c", change_id=seen.change_id, preview_hash=seen.hash, pay_within=timedelta(hours=1),
        actor=house.as_client(house.traditional), at=AT,
    )  # fmt: skip
    assert done.document_id is not None
    assert line_of(done.document_id, "IN")[0] == "HELD"
    assert related(house, paid.id) == [(done.document_number, Relation.EXCHANGED_IN)]

    if ending == "withdrawn":
        changes.withdraw(change_id=done.change_id, actor=house.as_client(house.traditional), at=AT)
    else:
        checkout.expire_unpaid(at=AT + timedelta(hours=2))

    assert line_of(done.document_id, "IN")[0] == "WITHDRAWN"
    assert related(house, paid.id) == []
    give(house, paid)
    assert books.list_problems() == []
    again = returns.read_waiting(document_id=done.document_id)
    assert not again


def test_paid_late_its_day_is_not_one_that_has_passed(house: SmallHouse, paid: PlacedOrder) -> None:
    seen = propose(house, paid, ChangeKind.SWAP, reference_id=house.watch)
    done = changes.confirm(
        key="c", change_id=seen.change_id, preview_hash=seen.hash, pay_within=timedelta(days=10),
        actor=house.advisor_paris, at=AT,
    )  # fmt: skip
    late = AT + timedelta(days=8)
    payment = sql.row("SELECT id, amount FROM payments_payment WHERE order_id = %s", [done.document_id])
    assert payment is not None

    sql.value("SELECT flows_settle_payment(%s, true, 'r', %s, 'EUR', 'SYSTEM', %s)", [payment[0], payment[1], late])

    state, day, _hold = line_of(done.document_id, "OUT")  # type: ignore[arg-type]
    assert state == "HELD"
    assert isinstance(day, date)
    assert day >= late.date()
