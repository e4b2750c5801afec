"""A refund is written under the payment's lock before it is sent, and never exceeds what came in (ADR 0014)."""

from __future__ import annotations

import uuid

import pytest

from tests.domains.test_constraints import refused_by
from tests.factories.orders import buy_online, pay, sell_at_counter
from tests.factories.small_house import NOW, SmallHouse
from vendome.connectors.card_test.provider import TestCard
from vendome.domains.payments import ports
from vendome.domains.payments.errors import ProviderUnavailable, RefundTooLarge
from vendome.domains.payments.types import RefundOutcome, RefundView
from vendome.flows import refunds
from vendome.flows.types import PlacedOrder
from vendome.kit import sql

pytestmark = pytest.mark.django_db


def request(placed: PlacedOrder, amount: int) -> uuid.UUID:
    found = sql.value("SELECT payments_request_refund(%s, %s, %s, %s)", [placed.payment_id, placed.id, amount, NOW])
    return uuid.UUID(str(found))


def state(refund: uuid.UUID) -> tuple[str, int]:
    found = sql.row(
        "SELECT r.state, p.refunded_amount FROM payments_payment r JOIN payments_payment p ON p.id = r.refund_of_id "
        "WHERE r.id = %s",
        [refund],
    )
    assert found is not None
    return found


@pytest.fixture
def paid(house: SmallHouse) -> PlacedOrder:
    house.stocked(house.paris, ring=2)
    return pay(house, buy_online(house, house.traditional, house.ring))


def test_no_more_is_given_back_than_came_in(paid: PlacedOrder) -> None:
    request(paid, paid.total_amount - 1)
    with pytest.raises(RefundTooLarge):
        request(paid, 2)
    with pytest.raises(RefundTooLarge):
        request(paid, 0)
    request(paid, 1)
    refused_by(
        "refunds_within_what_was_paid",
        "UPDATE payments_payment SET refunded_amount = refunded_amount + 1 WHERE id = %s",
        [paid.payment_id],
    )


def test_what_was_not_captured_is_not_refunded(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    with pytest.raises(RefundTooLarge):
        request(buy_online(house, house.traditional, house.ring), 1)


def test_it_is_sent_once_and_settled_once(house: SmallHouse, paid: PlacedOrder) -> None:
    refund = request(paid, 1000)

    assert refunds.send_due(actor=house.system, at=NOW) == 1
    assert refunds.send_due(actor=house.system, at=NOW) == 0

    assert state(refund) == ("REFUNDED", 1000)
    assert sql.value("SELECT payments_settle_refund(%s, false, '', %s)", [refund, NOW]) == "REFUNDED"
    assert state(refund) == ("REFUNDED", 1000)
    booked = "SELECT debit, credit, amount FROM payments_posting WHERE payment_id = %s"
    assert sql.rows(booked, [refund]) == [("receivable", "tender:card", 1000)]


def test_a_refund_that_fails_gives_its_room_back(house: SmallHouse, paid: PlacedOrder) -> None:
    class Refusing(TestCard):
        def refund(self, refund: RefundView) -> RefundOutcome:
            return RefundOutcome(is_refunded=False, failure_sentence="No.")

    class Silent(TestCard):
        def refund(self, refund: RefundView) -> RefundOutcome:
            raise ProviderUnavailable(provider="card_test")

    refund = request(paid, paid.total_amount)
    ports.bind(Silent())
    assert refunds.send_due(actor=house.system, at=NOW) == 0
    assert state(refund) == ("REQUESTED", paid.total_amount)
    ports.bind(Refusing())
    assert refunds.send_due(actor=house.system, at=NOW) == 1
    assert state(refund) == ("FAILED", 0)
    request(paid, paid.total_amount)


def test_cash_is_given_back_by_a_person(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    refund = request(sell_at_counter(house, house.ring), 1000)

    assert refunds.send_due(actor=house.system, at=NOW) == 0
    assert state(refund) == ("REQUESTED", 1000)
