# ruff: noqa: E501  # tables of cases and SQL read better on one line
"""Several tenders, deposits and plans: confirmed by what is due, handed over when nothing is missing, given back together."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from tests.domains.test_constraints import refused_by
from tests.factories.orders import buy_online, pay
from tests.factories.payments import balances, card, cash, offer, order, states, transfer
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.fulfilment.types import Proof
from vendome.domains.orders.errors import GivenUp, RestNotPaid
from vendome.domains.orders.types import Mode, OrderState
from vendome.domains.payments.errors import (
    Declined,
    DepositOutOfRange,
    InstalmentsNotOffered,
    NothingToPay,
    NotOffered,
    TenderShort,
)
from vendome.domains.payments.types import CaptureOutcome, PaymentState
from vendome.flows import books, checkout, hand_over, instalments, paying, refunds
from vendome.flows.types import PlacedOrder, TenderGiven
from vendome.kit import sql
from vendome.kit.errors import BadInput, Forbidden, NotFound

pytestmark = pytest.mark.django_db
RING = 820_000


def captured(amount: int, reference: str = "X1") -> CaptureOutcome:
    return CaptureOutcome(is_captured=True, provider_reference=reference, amount=amount, currency="EUR")


def give(house: SmallHouse, placed: PlacedOrder) -> None:
    hand_over.hand_over(
        key=str(uuid.uuid4()), line_id=placed.lines[0].id, proof=Proof.IDENTITY_SEEN, actor=house.advisor_paris, at=NOW
    )


class TestSplit:
    def test_two_tenders_pay_one_order(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        placed = order(house, cash(20_000), card())
        assert states(placed.id) == ("AWAITING_PAYMENT", [("CARD", 800_000, "REQUESTED"), ("CASH", 20_000, "CAPTURED")])

        checkout.pay(placed=placed, provider="card_test", instrument="card_good", actor=house.system, at=NOW)

        assert states(placed.id)[0] == "CONFIRMED"
        assert books.list_problems() == []
        assert balances(house)["tender:card"] == 800_000
        assert "receivable" not in balances(house)

    def test_tenders_are_what_is_due_to_the_cent(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        for wrong in (
            [cash(1)],
            [cash(RING + 1)],
            [cash(RING), card()],
            [cash(), card()],
            [cash(-5), card()],
            [cash(0), card()],
        ):
            with pytest.raises(TenderShort):
                order(house, *wrong)
        with pytest.raises(BadInput):
            order(house)
        assert sql.value("SELECT count(*) FROM orders_order") == 0

    def test_a_declined_one_gives_the_others_back(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        placed = order(
            house,
            TenderGiven(tender=card().tender, provider="card_test", amount=300_000, is_settled=True, reference="A"),
            card(),
        )
        with pytest.raises(Declined):
            checkout.pay(placed=placed, provider="card_test", instrument="card_declined", actor=house.system, at=NOW)

        assert states(placed.id) == (
            "CANCELLED", [("CARD", 520_000, "FAILED"), ("CARD", 300_000, "CAPTURED"), ("CARD", -300_000, "REQUESTED")],
        )  # fmt: skip
        assert books.list_problems() == []
        assert refunds.send_due(actor=house.system, at=NOW) == 1
        assert books.list_problems() == []
        assert balances(house) == {}

    def test_what_runs_out_gives_back_too_and_late_money_is_owed(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        placed = order(house, cash(20_000), card())
        checkout.expire_unpaid(at=NOW + timedelta(hours=1))
        assert states(placed.id)[0] == "CANCELLED"
        late = next(one.id for one in placed.payments if one.state is PaymentState.REQUESTED)

        checkout.settle(payment_id=late, outcome=captured(800_000), actor=house.system, at=NOW + timedelta(hours=2))

        assert states(placed.id)[0] == "CANCELLED"
        assert balances(house)["owed:clients"] == -800_000
        assert books.list_problems() == []
        sql.value("SELECT payments_request_refund(%s, %s, 800000, %s)", [late, placed.id, NOW])
        refunds.send_due(actor=house.system, at=NOW)
        assert "owed:clients" not in balances(house)
        assert books.list_problems() == []


class TestDeposit:
    def test_it_confirms_and_the_rest_opens_the_door(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        placed = order(house, cash(), due_amount=300_000)
        assert placed.due_amount == 300_000
        assert placed.state is OrderState.CONFIRMED
        assert books.list_problems() == []
        with pytest.raises(RestNotPaid) as refused:
            give(house, placed)
        assert refused.value.details() == {"missing_amount": 520_000, "currency": "EUR"}
        assert sql.value("SELECT count(*) FROM fulfilment_handover") == 0

        with pytest.raises(NothingToPay):
            paying.add_tender(key="a", order_id=placed.id, tender=cash(520_001), actor=house.advisor_paris, at=NOW)
        added = paying.add_tender(key="b", order_id=placed.id, tender=cash(), actor=house.advisor_paris, at=NOW)
        again = paying.add_tender(key="b", order_id=placed.id, tender=cash(), actor=house.advisor_paris, at=NOW)

        assert added == again
        assert added.missing_amount == 0
        give(house, placed)
        assert states(placed.id)[0] == "COMPLETED"
        assert books.list_problems() == []
        with pytest.raises(NothingToPay):
            paying.add_tender(key="c", order_id=placed.id, tender=cash(), actor=house.advisor_paris, at=NOW)

    def test_nothing_is_packed_before_the_rest_is_paid(self, house: SmallHouse) -> None:
        house.stocked(house.warehouse, ring=1)
        from vendome.flows.types import WantedLine

        placed = checkout.place_order(
            key="d", maison=house.maison, market=house.france, channel="boutique",
            lines=[WantedLine(reference_id=house.ring, mode=Mode.DELIVER)], tenders=[cash()], due_amount=400_000, client_id=house.traditional,
            selling_place_id=house.paris, actor=house.advisor_paris, at=NOW, address=["1 rue"],
        )  # fmt: skip
        assert sql.value("SELECT count(*) FROM fulfilment_parcel") == 0
        paying.add_tender(key="b", order_id=placed.id, tender=cash(), actor=house.advisor_paris, at=NOW)
        assert sql.value("SELECT count(*) FROM fulfilment_parcel") == 1

    def test_its_size_is_the_markets_and_an_advisors_matter(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        for amount in (245_999, RING + 1, 0, -1):
            with pytest.raises(DepositOutOfRange):
                order(house, cash(), due_amount=amount)
        with pytest.raises(Forbidden):
            buy_online(house, house.traditional, house.ring, due_amount=400_000)
        order(house, cash(), due_amount=246_000)
        refused_by("due_is_part_of_the_total", "UPDATE orders_order SET due_amount = total_amount + 1")
        refused_by("credit_is_what_is_not_due", "UPDATE orders_order SET credit_amount = 574001")
        refused_by("credit_is_what_is_not_due", "UPDATE orders_order SET due_amount = NULL, credit_amount = 1")

    def test_a_failed_rest_leaves_the_order_as_it_was(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        placed = order(house, cash(), due_amount=300_000)
        added = paying.add_tender(key="b", order_id=placed.id, tender=card(), actor=house.advisor_paris, at=NOW)
        with pytest.raises(Declined):
            paying.charge(payment_id=added.payment_id, instrument="card_declined", actor=house.advisor_paris, at=NOW)
        with pytest.raises(NothingToPay):
            paying.add_tender(key="c", order_id=placed.id, tender=cash(), actor=house.advisor_paris, at=NOW)
        assert paying.drop_tender(payment_id=added.payment_id, actor=house.advisor_paris, at=NOW)
        paying.add_tender(key="d", order_id=placed.id, tender=cash(), actor=house.advisor_paris, at=NOW)

        assert states(placed.id)[0] == "CONFIRMED"
        assert books.list_problems() == []

    def test_strangers_take_no_money(self, house: SmallHouse, other_house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        placed = order(house, cash(), due_amount=300_000)
        for stranger, refusal in ((house.advisor_tokyo, Forbidden), (other_house.advisor_paris, NotFound)):
            with pytest.raises(refusal):
                paying.add_tender(key="x", order_id=placed.id, tender=cash(), actor=stranger, at=NOW)
        assert len(states(placed.id)[1]) == 1


class TestTransfer:
    def test_it_is_offered_by_the_market_and_keeps_the_pieces_for_days(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        with pytest.raises(NotOffered):
            order(house, transfer())
        offer(house, transfer_days=5)
        placed = order(house, transfer())
        checkout.expire_unpaid(at=NOW + timedelta(days=4))
        assert states(placed.id)[0] == "AWAITING_PAYMENT"
        checkout.expire_unpaid(at=NOW + timedelta(days=5, minutes=1))
        assert states(placed.id) == ("CANCELLED", [("TRANSFER", RING, "FAILED")])


class TestPlan:
    def plan(self, house: SmallHouse, instrument: str = "card_good", count: int = 3) -> PlacedOrder:
        house.stocked(house.paris, ring=1)
        offer(house)
        placed = order(house, card(), instalments=count)
        return checkout.pay(placed=placed, provider="card_test", instrument=instrument, actor=house.system, at=NOW)

    def rates(self) -> list[tuple[int, date, int, str]]:
        return sql.rows("SELECT position, due_date, amount, state FROM payments_instalment ORDER BY position")

    def test_the_first_rate_confirms_and_the_job_charges_the_others(self, house: SmallHouse) -> None:
        placed = self.plan(house)
        assert placed.due_amount == 273_334
        assert self.rates() == [(2, date(2026, 12, 20), 273_333, "DUE"), (3, date(2027, 1, 20), 273_333, "DUE")]
        give(house, placed)  # she wears it while she pays
        assert states(placed.id)[0] == "COMPLETED"
        assert books.list_problems() == []

        assert instalments.charge_due(actor=house.system, at=NOW + timedelta(days=10)) == 0
        assert instalments.charge_due(actor=house.system, at=NOW + timedelta(days=30)) == 1
        assert instalments.charge_due(actor=house.system, at=NOW + timedelta(days=30)) == 0
        assert books.list_problems() == []
        assert instalments.charge_due(actor=house.system, at=NOW + timedelta(days=62)) == 1
        assert [row[3] for row in self.rates()] == ["PAID", "PAID"]
        assert "receivable" not in balances(house)
        assert books.list_problems() == []

    def test_a_declined_rate_comes_again_then_waits_for_a_person(self, house: SmallHouse) -> None:
        placed = self.plan(house, "card_expiring")
        for day in (30, 31, 34, 41):
            assert instalments.charge_due(actor=house.system, at=NOW + timedelta(days=day)) == 0
        row = sql.row("SELECT id, state, attempts, last_failure FROM payments_instalment WHERE position = 2")
        assert row is not None
        assert row[1:] == ("FAILED", 4, "The bank declined this card.")
        assert states(placed.id)[0] == "CONFIRMED"
        assert sql.value("SELECT count(*) FROM kit_outboxevent WHERE kind = 'payments.instalment_failed'") == 4
        sql.value("UPDATE payments_payment SET method = 'card_good' WHERE state = 'CAPTURED' RETURNING 1")
        with pytest.raises(Forbidden):
            instalments.try_again(instalment_id=row[0], actor=house.advisor_paris, at=NOW)
        assert instalments.try_again(instalment_id=row[0], actor=house.director, at=NOW + timedelta(days=50))
        assert books.list_problems() == []

    def test_only_counts_and_totals_the_market_offers(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1, candle=1)
        offer(house)
        with pytest.raises(NotOffered):
            order(house, card(), instalments=5)
        with pytest.raises(InstalmentsNotOffered):
            order(house, card(), instalments=3, what=house.candle)
        with pytest.raises(NotOffered):
            order(house, card(), instalments=3, due_amount=400_000)

    def test_an_order_that_ends_ends_its_plan(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        offer(house)
        placed = order(house, card(), instalments=3)
        checkout.expire_unpaid(at=NOW + timedelta(hours=1))
        assert [row[3] for row in self.rates()] == ["CANCELLED", "CANCELLED"]
        with pytest.raises(GivenUp):
            paying.add_tender(key="x", order_id=placed.id, tender=cash(), actor=house.advisor_paris, at=NOW)


def test_one_tender_as_before(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    assert placed.due_amount == RING
    assert states(placed.id) == ("CONFIRMED", [("CARD", RING, "CAPTURED")])
