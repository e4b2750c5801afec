# ruff: noqa: E501  # tables of cases and SQL read better on one line
"""R13: whatever happens in whatever order, the books balance after every single operation.

The walk is random and drawn by hypothesis, which shrinks a failing one to its shortest form.
"""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.orders import CASH
from tests.factories.payments import card, cash, offer, order, transfer
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.fulfilment.types import Proof
from vendome.domains.orders.types import ChangeKind
from vendome.domains.payments.types import CaptureOutcome, Tender
from vendome.flows import (
    books,
    changes,
    checkout,
    gift_cards,
    hand_over,
    instalments,
    pay_links,
    paying,
    reconciliation,
    refunds,
    returns,
)
from vendome.flows.types import TenderGiven
from vendome.kit import sql
from vendome.kit.errors import DomainError

pytestmark = pytest.mark.django_db
CARDS = ("card_good", "card_declined", "card_silent", "card_expiring")


class Walk:
    """One house and a moment; every step is one operation that a day may bring, sensible or not."""

    def __init__(self, house: SmallHouse, chance: random.Random) -> None:
        self.house, self.chance, self.at = house, chance, NOW
        self.cards: list[gift_cards.MadeCard] = []
        self.links: list[pay_links.MadeLink] = []
        self.steps: list[Callable[[], object]] = [
            self.order, self.order, self.pay, self.pay, self.settle, self.add, self.drop, self.sell_card, self.give_card, self.refund,
            self.send_refunds, self.hand_over, self.link, self.pay_link, self.charge, self.expire, self.statement, self.give_back,
            self.swap, self.gift_back, self.spend_note,
        ]  # fmt: skip

    def step(self, number: int) -> None:
        self.at += timedelta(minutes=self.chance.choice((1, 5, 60, 60 * 24 * 9)))
        try:
            self.steps[number % len(self.steps)]()
        except DomainError:
            pass  # refused; the books must not have noticed

    def one(self, query: str) -> uuid.UUID | None:
        found = sql.rows(f"{query} ORDER BY 1 DESC LIMIT 30")
        return self.chance.choice(found)[0] if found else None

    def tenders(self) -> list[TenderGiven]:
        some: list[TenderGiven] = [card(), cash(), transfer()]
        first = self.chance.choice(some)
        if self.chance.random() < 0.5:
            return [first]
        amount = self.chance.choice((1, 5_000, 200_000))
        extra = cash(amount)
        if self.cards and self.chance.random() < 0.6:
            extra = TenderGiven(
                tender=Tender.GIFT_CARD, provider="house", card_id=self.chance.choice(self.cards).id, amount=amount
            )
        return [extra, first]

    def order(self) -> None:
        self.house.stocked(self.house.paris, ring=1)
        terms = self.chance.choice(({}, {}, {"due_amount": 300_000}, {"instalments": 3}))
        order(self.house, *self.tenders(), at=self.at, **terms)

    def pay(self) -> None:
        if found := self.one("SELECT id FROM orders_order WHERE state = 'AWAITING_PAYMENT'"):
            placed = checkout.get_unpaid(order_id=found)
            checkout.pay(
                placed=placed,
                provider="card_test",
                instrument=self.chance.choice(CARDS),
                actor=self.house.system,
                at=self.at,
            )

    def settle(self) -> None:
        """A webhook: right, repeated, late, or with a wrong amount."""
        if found := self.one("SELECT id FROM payments_payment WHERE refund_of_id IS NULL"):
            amount, currency = sql.row("SELECT amount, currency FROM payments_payment WHERE id = %s", [found]) or (
                1,
                "EUR",
            )
            outcome = CaptureOutcome(
                is_captured=self.chance.random() < 0.8, provider_reference=f"r{found}", amount=amount + self.chance.choice((0, 0, 0, 1)),
                currency=currency,
            )  # fmt: skip
            checkout.settle(payment_id=found, outcome=outcome, actor=self.house.system, at=self.at)

    def add(self) -> None:
        if found := self.one("SELECT id FROM orders_order"):
            tender = self.chance.choice((cash(), cash(1000), card(), card(70_000), transfer()))
            paying.add_tender(
                key=str(uuid.uuid4()), order_id=found, tender=tender, actor=self.house.advisor_paris, at=self.at
            )

    def drop(self) -> None:
        if found := self.one("SELECT id FROM payments_payment WHERE state = 'REQUESTED'"):
            paying.drop_tender(payment_id=found, actor=self.house.advisor_paris, at=self.at)

    def sell_card(self) -> None:
        self.cards.append(gift_cards.sell(
            key=str(uuid.uuid4()), market=self.house.france, amount=self.chance.choice((5_000, 500_000)), tender=CASH, client_id=None,
            place_id=self.house.paris, actor=self.house.advisor_paris, at=self.at,
        ))  # fmt: skip

    def give_card(self) -> None:
        self.cards.append(gift_cards.give(
            key=str(uuid.uuid4()), amount=10_000, currency="EUR", reason="a gesture", actor=self.house.manager_paris, at=self.at
        ))  # fmt: skip

    def refund(self) -> None:
        """Of an order that has ended: what is confirmed changes by the flows of returns, which book what came back."""
        query = "SELECT p.id FROM payments_payment p JOIN orders_order o ON o.id = p.order_id WHERE o.state = 'CANCELLED' AND p.amount > 0"
        if found := self.one(query):
            order_id = sql.value("SELECT order_id FROM payments_payment WHERE id = %s", [found])
            amount = self.chance.choice((1, 1_000, 820_000))
            sql.value("SELECT payments_request_refund(%s, %s, %s, %s)", [found, order_id, amount, self.at])

    def send_refunds(self) -> None:
        refunds.send_due(actor=self.house.system, at=self.at)
        if found := self.one("SELECT id FROM payments_payment WHERE state = 'REQUESTED' AND refund_of_id IS NOT NULL"):
            sql.value("SELECT payments_settle_refund(%s, %s, '', %s)", [found, self.chance.random() < 0.7, self.at])

    def hand_over(self) -> None:
        if found := self.one("SELECT l.id FROM orders_orderline l WHERE l.state = 'HELD'"):
            hand_over.hand_over(
                key=str(uuid.uuid4()),
                line_id=found,
                proof=Proof.IDENTITY_SEEN,
                actor=self.house.advisor_paris,
                at=self.at,
            )

    def link(self) -> None:
        if found := self.one("SELECT id FROM orders_order"):
            made = pay_links.create(key=str(uuid.uuid4()), order_id=found, actor=self.house.advisor_paris, at=self.at)
            self.links.append(made)

    def pay_link(self) -> None:
        if self.links:
            token = self.chance.choice(self.links[-5:]).token
            pay_links.pay(token=token, instrument=self.chance.choice(CARDS), actor=self.house.system, at=self.at)

    def charge(self) -> None:
        instalments.charge_due(actor=self.house.system, at=self.at)

    def expire(self) -> None:
        checkout.expire_unpaid(at=self.at)

    def statement(self) -> None:
        """The bank's day: some transfers right, some not, some for orders that have ended."""
        found = sql.rows(
            "SELECT o.number, p.amount FROM payments_payment p JOIN orders_order o ON o.id = p.order_id WHERE p.tender = 'TRANSFER' LIMIT 4"
        )
        rows = [
            f"{uuid.uuid4()};{self.at:%Y-%m-%d};{amount // 100 + self.chance.choice((0, 0, 1))}.{amount % 100:02};EUR;{number}"
            for number, amount in found
        ]
        content = "\n".join(["id;date;amount;currency;text", *rows]).encode()
        reconciliation.take_in(name="bank", content=content, actor=self.house.director, at=self.at)

    def swap(self) -> None:
        """A paid piece for a dearer one, its difference to be paid online; the links and cards of other steps may pay it."""
        if found := self.one(
            "SELECT l.id FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id WHERE l.state = 'HELD' AND o.state = 'CONFIRMED'"
        ):
            self.house.stocked(self.house.paris, watch=1)
            order_id = sql.value("SELECT order_id FROM orders_orderline WHERE id = %s", [found])
            seen = changes.propose(
                key=str(uuid.uuid4()), order_id=order_id, kind=ChangeKind.SWAP, line_id=found, reference_id=self.house.watch,
                actor=self.house.system, at=self.at,
            )  # fmt: skip
            changes.confirm(
                key=str(uuid.uuid4()), change_id=seen.change_id, preview_hash=seen.hash, pay_within=timedelta(days=1),
                actor=self.house.system, at=self.at,
            )  # fmt: skip

    def gift_back(self) -> None:
        """A gift comes back and becomes a credit note."""
        if found := self.one("SELECT l.id FROM orders_orderline l WHERE l.state = 'HANDED_OVER'"):
            order_id = sql.value("SELECT order_id FROM orders_orderline WHERE id = %s", [found])
            done = returns.receive(
                key=str(uuid.uuid4()), order_id=order_id, place_id=self.house.paris, lines=[returns.BroughtLine(line_id=found)], is_gift=True,
                client_id=self.house.emerging, actor=self.house.manager_paris, at=self.at,
            )  # fmt: skip
            assert done.document is None or done.document.credited_amount == 0 or done.document.credit_note_code

    def spend_note(self) -> None:
        if found := self.one("SELECT id FROM payments_giftcard WHERE kind = 'CREDIT_NOTE' AND balance > 0"):
            self.house.stocked(self.house.paris, ring=1)
            note = TenderGiven(
                tender=Tender.CREDIT_NOTE,
                provider="house",
                card_id=found,
                amount=self.chance.choice((1, 5_000, 820_000)),
            )
            order(self.house, note, *([] if note.amount == 820_000 else [cash()]), at=self.at)

    def give_back(self) -> None:
        if found := self.one("SELECT payment_id FROM payments_posting WHERE credit = 'owed:clients'"):
            reconciliation.give_back(payment_id=found, actor=self.house.director, at=self.at)


@settings(max_examples=int(os.environ.get("MONEY_WALKS", "6")), deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), numbers=st.lists(st.integers(0, 20), min_size=60, max_size=100))
def test_the_books_balance_after_every_operation(house: SmallHouse, seed: int, numbers: list[int]) -> None:
    with transaction.atomic():
        offer(house, transfer_days=5)
        walk = Walk(house, random.Random(seed))
        for number in numbers:
            walk.step(number)
            assert books.list_problems() == [], number
            assert sql.value("SELECT coalesce(sum(amount), 0) FROM payments_balances(%s)", [house.maison.id]) == 0
        transaction.set_rollback(True)  # the next walk begins in an empty house
