"""However many workers hear the same events and send at the same moment, a letter is owed once and leaves once."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.test import override_settings

from tests.factories.orders import buy_online, pay
from tests.factories.payments import offer, transfer
from tests.factories.small_house import NOW, SmallHouse
from tests.races.conftest import race
from vendome.domains.letters import services
from vendome.domains.letters.models import Letter
from vendome.domains.letters.types import UNPROVED_A_DAY
from vendome.domains.orders.types import Mode
from vendome.flows import checkout, letters
from vendome.flows.types import WantedLine
from vendome.kit import clock, outbox
from vendome.kit.models import OutboxEvent
from vendome.web.letters import sending

CROWD = 8
ORDERS = 6
AGAIN_AND_AGAIN = (
    "ALTER TABLE letters_letter DROP CONSTRAINT letter_told_once",
    "ALTER TABLE letters_letter DROP CONSTRAINT letter_once_for_an_event",
)
TAKE_NOTHING = """
    SELECT id, kind, about_id, maison_id, order_id, client_id, attempts FROM letters_letter
    WHERE state = 'WAITING' AND next_try_at <= %(at)s AND next_try_at < %(until)s
    ORDER BY next_try_at, id LIMIT %(most)s
"""
"""The claim without its lock and its lease."""


class Slow(BaseEmailBackend):
    """Takes its time, so that everybody is at it at once, and counts what it was given."""

    taken: Counter[str] = Counter()
    lock = threading.Lock()

    def send_messages(self, email_messages: Any) -> int:
        time.sleep(0.02)
        with Slow.lock:
            Slow.taken.update(str(one.message()["Message-ID"]) for one in email_messages)
        return len(email_messages)


def paid_orders(house: SmallHouse, count: int) -> None:
    house.stocked(house.paris, candle=count)
    for _ in range(count):
        pay(house, buy_online(house, house.traditional, house.candle))


def hear_together(house: SmallHouse) -> int:
    """Everybody hears of every order at once; how many letters are owed then."""
    events = [
        outbox.Event(row.id, row.kind, row.subject, row.maison_id, row.payload, row.occurred_at)
        for row in OutboxEvent.objects.filter(kind__in=["orders.order_placed", "payments.payment_captured"])
    ]
    assert len(events) == 2 * ORDERS

    def hear() -> None:
        letters.owe_for(events=events, actor=house.system, at=NOW)

    outcome = race(*[hear] * CROWD)
    assert outcome.broken == []
    return Letter.objects.count()


def send_together() -> Counter[str]:
    def send() -> int:
        with clock.frozen(NOW + timedelta(seconds=1)):
            return sending.send_due()

    Slow.taken = Counter()
    with override_settings(MAILERS={"default": {"BACKEND": f"{__name__}.Slow"}}, SITE="https://shop.example"):
        outcome = race(*[send] * CROWD)
    assert outcome.broken == []
    return Slow.taken


def unproved_orders(house: SmallHouse) -> None:
    """Orders to be paid by transfer, for an address that somebody typed."""
    offer(house)
    house.stocked(house.paris, candle=ORDERS)
    line = WantedLine(reference_id=house.candle, mode=Mode.COLLECT, place_id=house.paris)
    for number in range(ORDERS):
        checkout.place_order(
            key=str(number), maison=house.maison, market=house.france, channel="web", lines=[line], tender=transfer(),
            client_id=None, contact={"name": "x", "email": "typed@example.org"}, actor=house.system, at=NOW,
        )  # fmt: skip
    with clock.frozen(NOW):
        outbox.deliver_all()


def test_a_crowd_of_workers_writes_seldom_to_an_address_nobody_proved(arena: Callable[..., SmallHouse]) -> None:
    unproved_orders(arena())

    taken = send_together()

    assert len(taken) == UNPROVED_A_DAY
    assert Letter.objects.filter(state="WAITING").count() == ORDERS - UNPROVED_A_DAY


def test_without_the_constraint_it_writes_as_often_as_somebody_asks(arena: Callable[..., SmallHouse]) -> None:
    """The control."""
    unproved_orders(arena("ALTER TABLE letters_unprovedletter DROP CONSTRAINT unproved_address_slot_once"))

    assert len(send_together()) == ORDERS


def test_a_crowd_of_workers_owes_each_letter_once(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    paid_orders(house, ORDERS)

    assert hear_together(house) == ORDERS


def test_without_the_constraints_it_is_owed_many_times(arena: Callable[..., SmallHouse]) -> None:
    """The control."""
    house = arena(*AGAIN_AND_AGAIN)
    paid_orders(house, ORDERS)

    assert hear_together(house) > ORDERS


def test_a_crowd_of_workers_sends_each_letter_once(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    paid_orders(house, ORDERS)
    hear_together(house)

    taken = send_together()

    assert sorted(taken.values()) == [1] * ORDERS
    assert not Letter.objects.exclude(state="SENT").exists()


def test_without_the_lease_it_is_sent_many_times(
    arena: Callable[..., SmallHouse], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    house = arena()
    paid_orders(house, ORDERS)
    hear_together(house)
    monkeypatch.setattr(services, "CLAIM", TAKE_NOTHING)

    taken = send_together()

    assert max(taken.values()) > 1
