# ruff: noqa: E501  # tables of cases and SQL read better on one line
"""The Stripe adapter against a stand-in that speaks Stripe's protocol: what it asks, and what it makes of every answer."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.fakes.stripe.server import KEY, SECRET, FakeStripe
from vendome.config.environment import StripeAccount
from vendome.connectors.stripe.gateway import Refused
from vendome.connectors.stripe.patience import Again, Impatient, Patience
from vendome.connectors.stripe.provider import Stripe
from vendome.domains.payments import ports
from vendome.domains.payments.errors import ProviderUnavailable, ReaderBusy
from vendome.domains.payments.types import PaymentState, PaymentView, RefundView, Tender
from vendome.kit import clock


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe() as fake:
        yield fake


def adapter(fake: FakeStripe, key: str = KEY, seconds: int = 3) -> Stripe:
    return Stripe(StripeAccount(key=key, webhook_secrets=(SECRET,), base_url=fake.url, seconds=seconds, pages=()))


@pytest.fixture
def stripe(fake: FakeStripe) -> Iterator[Stripe]:
    made = adapter(fake)
    yield made
    made.gateway.client._requestor._client.close()  # type: ignore[union-attr]  # the library keeps its connections open


def payment(amount: int = 820_000, currency: str = "EUR", **more: object) -> PaymentView:
    return PaymentView(
        id=uuid.uuid4(), order_id=uuid.uuid4(), tender=Tender.CARD, provider="stripe", amount=amount, currency=currency,
        state=PaymentState.REQUESTED, **more,
    )  # type: ignore[arg-type]  # fmt: skip


def test_it_is_all_four_ports(stripe: Stripe, fake: FakeStripe) -> None:
    assert isinstance(stripe, ports.AgainPort)
    assert isinstance(stripe, ports.PagePort)
    assert isinstance(stripe, ports.ReaderPort)


class TestCapture:
    def test_it_takes_exactly_the_amount_and_names_the_order(self, stripe: Stripe, fake: FakeStripe) -> None:
        wanted = payment(1_234, "JPY")
        outcome = stripe.capture(wanted, instrument="pm_card_visa")

        assert (outcome.is_captured, outcome.amount, outcome.currency) == (True, 1_234, "JPY")
        intent = fake.account.things[outcome.provider_reference]
        assert intent["metadata"] == {"payment_id": str(wanted.id), "order_id": str(wanted.order_id)}
        assert outcome.method == ""

    @pytest.mark.parametrize(
        ("card", "sentence"),
        [
            ("pm_card_chargeDeclined", "The bank declined this card."),
            ("pm_card_visa_chargeDeclinedInsufficientFunds", "The bank says that this card has not enough funds."),
            ("pm_card_chargeDeclinedExpiredCard", "This card has expired."),
            ("pm_unheard_of", "The bank declined this card."),
        ],
    )
    def test_a_decline_is_a_sentence(self, stripe: Stripe, fake: FakeStripe, card: str, sentence: str) -> None:
        outcome = stripe.capture(payment(), instrument=card)
        assert (outcome.is_captured, outcome.decline_sentence) == (False, sentence)
        assert fake.account.captured == {}

    def test_a_second_card_may_pay_what_the_first_did_not_and_only_one_does(
        self, stripe: Stripe, fake: FakeStripe
    ) -> None:
        wanted = payment()
        stripe.capture(wanted, instrument="pm_card_chargeDeclined")
        first = stripe.capture(wanted, instrument="pm_card_visa")
        other = stripe.capture(wanted, instrument="pm_card_mastercard")
        assert first.provider_reference == other.provider_reference
        assert fake.account.captured == {first.provider_reference: 1}

    def test_her_bank_may_want_her_to_confirm(self, stripe: Stripe) -> None:
        outcome = stripe.capture(
            payment(return_url="https://house.example/back"), instrument="pm_card_authenticationRequired"
        )
        assert outcome.is_pending
        assert "/3ds/" in outcome.action_url
        nowhere = stripe.capture(payment(), instrument="pm_card_authenticationRequired")
        assert nowhere.decline_sentence == "Her bank asks her to confirm this payment herself."

    @pytest.mark.parametrize("fault", ["cut_after", "cut", "500", "429", "slow:1.2"])
    @pytest.mark.parametrize("position", [0, 1])
    def test_a_lost_answer_is_asked_for_again_and_money_moves_once(
        self, stripe: Stripe, fake: FakeStripe, fault: str, position: int
    ) -> None:
        fake.faults = [""] * position + [fault]
        wanted = payment()
        outcome = stripe.capture(wanted, instrument="pm_card_visa")
        assert outcome.is_captured
        assert stripe.capture(wanted, instrument="pm_card_visa") == outcome
        assert list(fake.account.captured.values()) == [1]

    def test_no_answer_in_time_is_said_so(self, stripe: Stripe, fake: FakeStripe) -> None:
        fake.faults = ["500"] * 20
        began = time.monotonic()
        with pytest.raises(ProviderUnavailable):
            stripe.capture(payment(), instrument="pm_card_visa")
        assert time.monotonic() - began < 4

    def test_a_wrong_key_is_nobodys_card(self, fake: FakeStripe) -> None:
        with pytest.raises(ProviderUnavailable):
            adapter(fake, "sk_test_other").capture(payment(), instrument="pm_card_visa")


class TestAgain:
    def test_a_card_that_was_left_is_charged_without_her(self, stripe: Stripe, fake: FakeStripe) -> None:
        first = stripe.capture(payment(keeps_method=True), instrument="pm_card_visa")
        assert first.method.startswith("cus_")
        rate = payment(273_333)
        again = stripe.charge_again(rate, method=first.method)
        assert (again.is_captured, again.amount) == (True, 273_333)
        assert stripe.charge_again(rate, method=first.method) == again
        assert fake.account.captured[again.provider_reference] == 1

    def test_or_declined(self, stripe: Stripe) -> None:
        first = stripe.capture(payment(keeps_method=True), instrument="pm_card_chargeCustomerFail")
        assert not stripe.charge_again(payment(), method=first.method).is_captured


class TestPage:
    def test_it_is_paid_once_and_looked_up(self, stripe: Stripe, fake: FakeStripe) -> None:
        wanted = payment()
        until = clock.now() + timedelta(hours=48)
        page = stripe.open_page(wanted, title="Order VER-1", return_url="https://house.example/back", until=until)
        assert page.url.startswith(fake.url)
        assert stripe.look_up(wanted, reference=page.reference) is None
        fake.account.pay_on_page(page.reference)
        found = stripe.look_up(wanted, reference=page.reference)
        assert found is not None
        assert (found.is_captured, found.amount, found.currency) == (True, 820_000, "EUR")
        assert not stripe.close_page(page.reference)

    def test_a_closed_page_takes_nothing(self, stripe: Stripe, fake: FakeStripe) -> None:
        page = stripe.open_page(
            payment(), title="x", return_url="https://house.example/", until=clock.now() + timedelta(hours=1)
        )
        assert stripe.close_page(page.reference)
        assert stripe.close_page(page.reference)
        with pytest.raises(Exception, match="used or has expired"):
            fake.account.pay_on_page(page.reference)


class TestReader:
    def test_she_holds_her_card_to_it(self, stripe: Stripe, fake: FakeStripe) -> None:
        fake.account.add_reader("tmr_paris")
        wanted = payment()
        stripe.show_on_reader(wanted, reader="tmr_paris")
        with pytest.raises(ReaderBusy):
            stripe.show_on_reader(payment(), reader="tmr_paris")
        intent = fake.account.present_card("tmr_paris")
        assert intent["metadata"]["payment_id"] == str(wanted.id)
        fake.account.add_reader("tmr_off", is_online=False)
        for name in ("tmr_off", "tmr_nowhere"):
            with pytest.raises(ReaderBusy):
                stripe.show_on_reader(payment(), reader=name)


class TestRefund:
    def view(self, reference: str, amount: int) -> RefundView:
        return RefundView(
            id=uuid.uuid4(), payment_id=uuid.uuid4(), payment_reference=reference, amount=amount, currency="EUR"
        )

    def test_it_is_given_once_and_not_beyond_what_came_in(self, stripe: Stripe, fake: FakeStripe) -> None:
        reference = stripe.capture(payment(1000), instrument="pm_card_visa").provider_reference
        asked = self.view(reference, 600)
        fake.faults = ["cut_after"]
        first = stripe.refund(asked)
        assert first.is_refunded
        assert stripe.refund(asked) == first
        beyond = stripe.refund(self.view(reference, 401))
        assert (beyond.is_refunded, beyond.failure_sentence) == (False, "charge_already_refunded")
        assert sum(one["object"] == "refund" for one in fake.account.things.values()) == 1

    def test_one_the_bank_has_not_decided_on_waits(self, stripe: Stripe, fake: FakeStripe) -> None:
        reference = stripe.capture(payment(1000), instrument="pm_card_visa").provider_reference
        fake.account.things[reference]["metadata"]["slow"] = "yes"
        with pytest.raises(ProviderUnavailable):
            stripe.refund(self.view(reference, 600))


def test_the_stand_in_refuses_a_key_with_another_body(stripe: Stripe) -> None:
    stripe.gateway.ask(lambda client, options: client.v1.customers.create({"metadata": {"a": "1"}}, options), key="k")
    with pytest.raises(Refused, match="same parameters"):
        stripe.gateway.ask(
            lambda client, options: client.v1.customers.create({"metadata": {"a": "2"}}, options), key="k"
        )


class TestPatience:
    def test_it_rests_after_an_outage_and_then_one_call_tries(self) -> None:
        patience = Patience(seconds=0.05, most_failures=2, rest_seconds=0.1)
        asked = []

        def broken(_left: float) -> None:
            asked.append(1)
            raise Again("down")

        for _ in range(4):
            with pytest.raises(Impatient):
                patience.ask(broken)
        assert len(asked) == 2
        time.sleep(0.12)
        assert patience.ask(lambda _left: "up") == "up"
        assert patience.ask(lambda _left: "up") == "up"

    def test_second_tries_have_a_budget(self) -> None:
        patience = Patience(seconds=30, most_failures=1000)
        patience._tokens = 0.0
        calls = []

        def broken(_left: float) -> None:
            calls.append(1)
            raise Again("down")

        for _ in range(4):  # a fifth of a token each: no second try yet
            with pytest.raises(Impatient):
                patience.ask(broken)
        assert len(calls) == 4
