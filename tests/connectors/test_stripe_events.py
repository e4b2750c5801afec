# ruff: noqa: E501  # tables of cases and SQL read better on one line
"""Stripe's webhooks: settled once, in any order; forged, replayed and mismatched ones change nothing (R12)."""

from __future__ import annotations

import copy
import json
import random
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings

from tests.factories.payments import balances, card, cash, order, states
from tests.factories.small_house import NOW, SmallHouse
from tests.fakes.stripe.objects import Account
from tests.fakes.stripe.server import KEY, SECRET, FakeStripe, sign
from vendome.config.environment import StripeAccount
from vendome.connectors.stripe.provider import Stripe
from vendome.domains.payments import ports
from vendome.domains.payments.errors import NothingToPay
from vendome.domains.payments.types import LinkState, PaymentState
from vendome.flows import books, checkout, pay_links, paying, refunds
from vendome.flows.types import PlacedOrder
from vendome.kit import clock, sql

pytestmark = pytest.mark.django_db
STATE = (
    "orders_order", "orders_orderline", "payments_payment", "payments_posting", "payments_giftcard", "payments_giftcardentry",
    "payments_paylink", "payments_instalment", "payments_dispute", "stock_hold", "stock_level", "stock_movement", "fulfilment_parcel",
)  # fmt: skip


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe() as fake:
        yield fake


@pytest.fixture
def stripe(house: SmallHouse, fake: FakeStripe) -> Iterator[Stripe]:
    account = StripeAccount(key=KEY, webhook_secrets=(SECRET,), base_url=fake.url, seconds=3, pages=())
    provider = Stripe(account)
    known = dict(ports._bound)
    ports._bound.clear()
    ports.bind(provider)
    for port in known.values():
        ports.bind(port)
    with override_settings(STRIPE=account):
        yield provider
    ports._bound.clear()
    ports._bound.update(known)
    if "client" in provider.gateway.__dict__:
        provider.gateway.client._requestor._client.close()  # type: ignore[union-attr]


def post(payload: bytes, signature: str) -> tuple[int, str]:
    answer = Client().post(
        "/connect/stripe/webhook", payload, content_type="application/json", headers={"stripe-signature": signature}
    )
    return answer.status_code, answer.content.decode()


def tell(fake: FakeStripe, event: dict[str, Any]) -> tuple[int, str]:
    return post(*fake.signed(event))


def digest() -> str:
    """Everything that is money, stock or an order, as one text."""
    return "|".join(
        str(sql.value(f"SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {table} t"))
        for table in STATE
    )


def told(kind: str, fake: FakeStripe) -> dict[str, Any]:
    return next(event for event in fake.account.events if event["type"] == kind)


def placed_by_card(house: SmallHouse) -> PlacedOrder:
    house.stocked(house.paris, ring=1)
    return order(house, card(provider="stripe"), at=clock.now())


def paid_on_page(house: SmallHouse, fake: FakeStripe) -> tuple[PlacedOrder, pay_links.MadeLink]:
    placed = placed_by_card(house)
    link = pay_links.create(key=str(uuid.uuid4()), order_id=placed.id, actor=house.advisor_paris, at=clock.now())
    url = pay_links.start(
        token=link.token, title="A ring", return_url="https://h.example/", actor=house.system, at=clock.now()
    )
    again = pay_links.start(
        token=link.token, title="A ring", return_url="https://h.example/", actor=house.system, at=clock.now()
    )
    assert url == again
    fake.account.pay_on_page(url.rpartition("/")[2])
    return placed, link


def test_a_link_paid_on_stripes_page_settles_by_webhook_once(
    house: SmallHouse, stripe: Stripe, fake: FakeStripe
) -> None:
    placed, link = paid_on_page(house, fake)
    assert states(placed.id)[0] == "AWAITING_PAYMENT"
    outcomes = [tell(fake, event) for event in fake.account.events * 2]

    assert [code for code, _ in outcomes] == [200] * 4
    assert [said for _, said in outcomes] == ["SETTLED", "SETTLED", "SEEN", "SEEN"]
    assert states(placed.id) == ("CONFIRMED", [("CARD", 820_000, "CAPTURED")])
    assert pay_links.get_link(token=link.token, at=clock.now()).state is LinkState.PAID
    assert balances(house)["tender:card"] == 820_000
    assert books.list_problems() == []


def test_her_return_is_as_good_as_the_webhook_and_both_are_one(
    house: SmallHouse, stripe: Stripe, fake: FakeStripe
) -> None:
    placed, link = paid_on_page(house, fake)
    back = pay_links.come_back(token=link.token, actor=house.system, at=clock.now())
    assert back.payment_state is PaymentState.CAPTURED
    before = digest()
    assert {tell(fake, event)[0] for event in fake.account.events} == {200}
    assert digest() == before
    assert states(placed.id)[0] == "CONFIRMED"


@pytest.mark.parametrize("seed", range(3))
def test_any_order_and_any_number_of_times(house: SmallHouse, stripe: Stripe, fake: FakeStripe, seed: int) -> None:
    placed, _link = paid_on_page(house, fake)
    waiting = fake.account.events * 3
    random.Random(seed).shuffle(waiting)
    assert {tell(fake, event)[0] for event in waiting} == {200}
    assert states(placed.id) == ("CONFIRMED", [("CARD", 820_000, "CAPTURED")])
    assert books.list_problems() == []


def test_a_page_that_ran_out_is_opened_anew(house: SmallHouse, stripe: Stripe, fake: FakeStripe) -> None:
    placed = placed_by_card(house)
    link = pay_links.create(key="k", order_id=placed.id, actor=house.advisor_paris, at=clock.now())
    start = {"token": link.token, "title": "x", "return_url": "https://h.example/", "actor": house.system}
    first = pay_links.start(**start, at=clock.now())
    fake.account.expire_session(first.rpartition("/")[2], {})
    tell(fake, told("checkout.session.expired", fake))
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        assert pay_links.start(**start, at=clock.now()) != first


def test_a_newer_link_closes_the_page_of_the_older(house: SmallHouse, stripe: Stripe, fake: FakeStripe) -> None:
    placed = placed_by_card(house)
    link = pay_links.create(key="k", order_id=placed.id, actor=house.advisor_paris, at=clock.now())
    url = pay_links.start(
        token=link.token, title="x", return_url="https://h.example/", actor=house.system, at=clock.now()
    )
    pay_links.create(key="l", order_id=placed.id, actor=house.advisor_paris, at=clock.now())
    assert fake.account.things[url.rpartition("/")[2]]["status"] == "expired"


def test_she_paid_while_a_newer_link_was_made(house: SmallHouse, stripe: Stripe, fake: FakeStripe) -> None:
    placed, link = paid_on_page(house, fake)
    with pytest.raises(NothingToPay):
        pay_links.create(key="newer", order_id=placed.id, actor=house.advisor_paris, at=clock.now())
    assert states(placed.id) == ("CONFIRMED", [("CARD", 820_000, "CAPTURED")])
    before = digest()
    assert {tell(fake, event)[0] for event in fake.account.events} == {200}
    assert digest() == before
    assert pay_links.get_link(token=link.token, at=clock.now()).state is LinkState.PAID


def test_a_repeated_request_leaves_the_page_open(house: SmallHouse, stripe: Stripe, fake: FakeStripe) -> None:
    placed = placed_by_card(house)
    made = [pay_links.create(key="k", order_id=placed.id, actor=house.advisor_paris, at=clock.now()) for _ in range(2)]
    start = {"token": made[0].token, "title": "x", "return_url": "https://h.example/", "actor": house.system}
    url = pay_links.start(**start, at=clock.now())
    pay_links.create(key="k", order_id=placed.id, actor=house.advisor_paris, at=clock.now())
    assert fake.account.things[url.rpartition("/")[2]]["status"] == "open"


def test_the_page_of_an_order_that_has_ended_is_closed(house: SmallHouse, stripe: Stripe, fake: FakeStripe) -> None:
    placed = placed_by_card(house)
    link = pay_links.create(key="k", order_id=placed.id, actor=house.advisor_paris, at=clock.now())
    url = pay_links.start(
        token=link.token, title="x", return_url="https://h.example/", actor=house.system, at=clock.now()
    )
    assert paying.close_ended_pages(actor=house.system, at=clock.now()) == 0
    checkout.expire_unpaid(at=clock.now() + timedelta(days=3))
    fake.faults = ["500"] * 9
    assert paying.close_ended_pages(actor=house.system, at=clock.now()) == 0
    fake.faults = []
    assert paying.close_ended_pages(actor=house.system, at=clock.now()) == 1
    assert paying.close_ended_pages(actor=house.system, at=clock.now()) == 0
    assert fake.account.things[url.rpartition("/")[2]]["status"] == "expired"


def test_a_reader_settles_by_webhook(house: SmallHouse, stripe: Stripe, fake: FakeStripe) -> None:
    placed = placed_by_card(house)
    fake.account.add_reader("tmr_paris")
    paying.show_on_reader(payment_id=placed.payment_id, reader="tmr_paris", actor=house.advisor_paris, at=NOW)
    fake.account.present_card("tmr_paris")
    assert tell(fake, told("payment_intent.succeeded", fake)) == (200, "SETTLED")
    assert states(placed.id)[0] == "CONFIRMED"


class TestRefundsAndDisputes:
    def paid(self, house: SmallHouse, fake: FakeStripe) -> PlacedOrder:
        placed = placed_by_card(house)
        return checkout.pay(placed=placed, provider="stripe", instrument="pm_card_visa", actor=house.system, at=NOW)

    def test_a_slow_refund_settles_by_its_webhook(self, house: SmallHouse, stripe: Stripe, fake: FakeStripe) -> None:
        placed = self.paid(house, fake)
        intent = next(one for one in fake.account.things.values() if one["object"] == "payment_intent")
        intent["metadata"]["slow"] = "yes"
        sql.value("SELECT payments_request_refund(%s, %s, 1000, %s)", [placed.payment_id, placed.id, NOW])
        assert refunds.send_due(actor=house.system, at=NOW) == 0
        refund = next(one for one in fake.account.things.values() if one["object"] == "refund")
        refund["status"] = "succeeded"
        wrong = copy.deepcopy(fake.account.tell("refund.updated", refund))
        wrong["id"], wrong["data"]["object"]["amount"] = "evt_wrong", 999
        before = digest()
        assert tell(fake, wrong) == (200, "payments.wrong_amount")
        assert digest() == before
        assert tell(fake, told("refund.updated", fake)) == (200, "SETTLED")
        assert ("CARD", -1000, "REFUNDED") in states(placed.id)[1]
        assert refunds.send_due(actor=house.system, at=NOW) == 0

    @pytest.mark.parametrize(("is_won", "account"), [(True, "tender:card"), (False, "expense:disputes")])
    def test_a_dispute_holds_the_money_until_it_is_decided(
        self, house: SmallHouse, stripe: Stripe, fake: FakeStripe, is_won: bool, account: str
    ) -> None:
        self.paid(house, fake)
        intent = next(iter(fake.account.captured))
        dispute = fake.account.open_dispute(intent)
        assert tell(fake, told("charge.dispute.created", fake)) == (200, "SETTLED")
        assert balances(house)["disputes"] == 820_000
        fake.account.close_dispute(dispute["id"], is_won=is_won)
        assert tell(fake, told("charge.dispute.closed", fake)) == (200, "SETTLED")
        assert balances(house)[account] == 820_000
        assert "disputes" not in balances(house)
        assert books.list_problems() == []


def mismatched(event: dict[str, Any], other: PlacedOrder, number: int) -> tuple[dict[str, Any], str]:
    """A genuine event with one thing wrong with it, and what it is called."""
    wrong = copy.deepcopy(event)
    wrong["id"] = f"evt_wrong_{number}"
    thing = wrong["data"]["object"]
    kind = number % 7
    if kind == 0:
        thing["amount_received"] = max(1, number)  # CVE-2026-9189: a genuine euro for a ring
        return wrong, "payments.wrong_amount"
    if kind == 1:
        thing["currency"] = ("usd", "jpy", "gbp")[number % 3]
        return wrong, "payments.wrong_amount"
    if kind == 2:
        thing["metadata"]["order_id"] = str(other.id)
        return wrong, "OTHER_ORDER"
    if kind == 3:
        thing["metadata"]["payment_id"] = str(uuid.uuid4())
        return wrong, "UNKNOWN_PAYMENT"
    if kind == 4:
        wrong["livemode"] = True
        return wrong, "OTHER_MODE"
    if kind == 5:
        thing["metadata"] = {
            "payment_id": str(other.payment_id),
            "order_id": str(other.id),
        }  # cash: not Stripe's to settle
        return wrong, "UNKNOWN_PAYMENT"
    thing["id"] = ""
    return wrong, "NO_REFERENCE"


def test_a_thousand_events_that_do_not_fit_change_nothing(house: SmallHouse, stripe: Stripe, fake: FakeStripe) -> None:
    """R12: 400 forged, 200 replayed, 400 signed but wrong; and the one that fits still settles afterwards."""
    house.stocked(house.paris, ring=1)
    other = order(house, cash(500_000), card(provider="card_test"), at=clock.now())
    other = PlacedOrder(
        **{name: getattr(other, name) for name in other.__slots__} | {"payment_id": other.payments[1].id}
    )
    placed, _link = paid_on_page(house, fake)
    good = told("payment_intent.succeeded", fake)
    payload, signature = fake.signed(good)
    before, alerts = digest(), 0
    chance = random.Random(12)

    for number in range(400):
        body = bytearray(payload)
        forged = [
            (payload, ""), (payload, "t=1,v1=00"), (payload, sign(payload, secret="whsec_other")), (payload, f"t={int(time.time())},v1="),
            (payload.replace(b"820000", b"%06d" % number), signature), (payload, signature.replace("v1", "v0")),
            (b"", sign(b"")), (b"[]", sign(b"[]")), (b"{}", sign(b"{}")), (b"\xff\xfe", sign(b"\xff\xfe")),
        ]  # fmt: skip
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(7)
        attack = forged[number % 11] if number % 11 < 10 else (bytes(body), signature)
        assert post(*attack)[0] == 400
    for number in range(200):
        assert post(payload, sign(payload, at=time.time() - 301 - number * 60))[0] == 400
    for number in range(400):
        wrong, name = mismatched(good, other, number)
        assert tell(fake, wrong) == (200, name)
        alerts += 1

    assert digest() == before
    assert sql.value("SELECT count(*) FROM kit_outboxevent WHERE kind = 'payments.event_refused'") == alerts
    assert post(payload, signature) == (200, "SETTLED")
    assert states(placed.id)[0] == "CONFIRMED"
    assert books.list_problems() == []


def test_control_the_same_events_without_what_is_wrong_with_them_do_settle(
    house: SmallHouse, stripe: Stripe, fake: FakeStripe
) -> None:
    """What the thousand prove is worth something only if the same way settles a right one."""
    placed, _link = paid_on_page(house, fake)
    before = digest()
    right = copy.deepcopy(told("payment_intent.succeeded", fake)) | {"id": "evt_right"}
    assert tell(fake, right) == (200, "SETTLED")
    assert digest() != before
    assert states(placed.id)[0] == "CONFIRMED"


def test_paid_twice_is_told(house: SmallHouse, stripe: Stripe, fake: FakeStripe) -> None:
    paid_on_page(house, fake)
    tell(fake, told("payment_intent.succeeded", fake))
    second = copy.deepcopy(told("payment_intent.succeeded", fake))
    second["id"], second["data"]["object"]["id"] = "evt_second", "pi_second"
    before = digest()
    assert tell(fake, second) == (200, "PAID_TWICE")
    assert digest() == before


def test_without_an_account_there_is_no_such_address() -> None:
    with override_settings(STRIPE=None):
        assert post(b"{}", "")[0] == 404


def test_events_of_other_things_in_the_account_are_noted(house: SmallHouse, stripe: Stripe, fake: FakeStripe) -> None:
    account = Account()
    intent = account.create_intent({"amount": "500", "currency": "eur"})
    account.confirm_intent(intent["id"], {"payment_method": "pm_card_visa"})
    assert tell(fake, account.events[0]) == (200, "NOTED")
    assert tell(fake, {"id": "evt_x", "type": "invoice.paid", "livemode": False, "data": {"object": {}}}) == (
        200,
        "NOTED",
    )
    assert tell(
        fake, {"id": "evt_y", "type": "payment_intent.succeeded", "livemode": False, "data": {"object": {"id": 3}}}
    ) == (200, "UNREADABLE")
    assert json.loads(json.dumps(account.events[0]))["type"] == "payment_intent.succeeded"
