"""R1: everybody clicks many times and some die in the middle; each key is one order, charged once, and is answered.

Many keys, 32 attempts of each by as many threads at once. For every key one attempt ends as a killed process does, at
one of six moments between the request and its answer, and asks again at the end. `VENDOME_TEST_KEYS=200` is the long
form (`make faults`).
"""

from __future__ import annotations

import os
import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.factories.orders import buy_online
from tests.factories.small_house import NOW, SmallHouse
from tests.races.conftest import Outcome, race
from vendome.connectors.card_test.provider import TestCard
from vendome.domains.orders.models import Order
from vendome.domains.orders.types import OrderState
from vendome.domains.payments import ports
from vendome.domains.payments.types import CaptureOutcome, PaymentView
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import books, checkout
from vendome.flows.types import PlacedOrder
from vendome.kit import sql
from vendome.kit.errors import DomainError

pytestmark = pytest.mark.race

KEYS = int(os.environ.get("VENDOME_TEST_KEYS", "18"))
COPIES = 32
MOMENTS = ("asked", "placed", "at the bank", "charged", "told", "settled")


class Killed(BaseException):
    """The process is gone; nothing that stands after this moment is done."""


class Deaths(threading.local):
    """The moment at which this thread's attempt ends, if it does."""

    at = ""


deaths = Deaths()


def pass_by(moment: str) -> None:
    if deaths.at == moment:
        raise Killed(moment)


class Bank(TestCard):
    """Charges each payment once however often it is asked, as banks do, and knows which orders it was charged for."""

    def __init__(self) -> None:
        self.payments: dict[str, str] = {}

    def capture(self, payment: PaymentView, *, instrument: str) -> CaptureOutcome:
        pass_by("at the bank")
        outcome = super().capture(payment, instrument=instrument)
        self.payments[str(payment.id)] = str(payment.order_id)
        pass_by("charged")
        return outcome


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Bank:
    made = Bank()
    place, settle = checkout.PLACE, checkout.settle

    class Place:
        def text(self, request: str) -> Any:
            pass_by("asked")
            answer = place.text(request)
            pass_by("placed")
            return answer

    def told(**asked: Any) -> OrderState:
        pass_by("told")
        state = settle(**asked)
        pass_by("settled")
        return state

    monkeypatch.setattr(checkout, "PLACE", Place())
    monkeypatch.setattr(checkout, "settle", told)
    return made


def buy(house: SmallHouse, key: str) -> PlacedOrder:
    placed = buy_online(house, house.traditional, house.ring, key=key)
    return checkout.pay(placed=placed, provider="card_test", instrument="card_good", actor=house.system, at=NOW)


def everybody_clicks(house: SmallHouse, bank: Bank) -> tuple[dict[str, set[str]], Outcome]:
    """What each key was answered. The attempts of a few keys run at once, in no order."""
    ports.bind(bank)
    house.stocked(house.paris, ring=KEYS * COPIES)
    chance = random.Random(5)
    attempts = [(n, copy) for n in range(KEYS) for copy in range(COPIES)]
    attempts.sort(key=lambda one: one[0] + 3 * chance.random())
    waiting, answers, lock = list(reversed(attempts)), dict[str, set[str]](), threading.Lock()

    def answered(n: int, placed: PlacedOrder) -> None:
        with lock:
            answers.setdefault(f"key {n}", set()).add(str(placed.id))

    def work() -> None:
        unanswered: list[int] = []
        while True:
            with lock:
                if not waiting:
                    break
                n, copy = waiting.pop()
            deaths.at = MOMENTS[n % len(MOMENTS)] if copy == 0 else ""
            try:
                answered(n, buy(house, f"key {n}"))
            except Killed:
                unanswered.append(n)
            finally:
                deaths.at = ""
        for n in unanswered:
            answered(n, buy(house, f"key {n}"))

    return answers, race(*[work] * COPIES)


def test_each_key_is_one_order_charged_once_whoever_died(arena: Callable[..., SmallHouse], bank: Bank) -> None:
    house = arena()

    answers, outcome = everybody_clicks(house, bank)

    assert outcome.broken == outcome.refused == []
    assert len(answers) == KEYS
    assert all(len(orders) == 1 for orders in answers.values())
    assert Order.objects.count() == Order.objects.filter(state=OrderState.CONFIRMED).count() == KEYS
    assert Counter(bank.payments.values()) == Counter(order for (order,) in answers.values())
    assert sql.value("SELECT count(*) FROM payments_payment WHERE state = 'CAPTURED'") == KEYS
    assert stock.get_level(actor=house.system, place_id=house.paris, reference_id=house.ring).held == KEYS
    assert stock.list_disagreements() == ()
    assert books.list_problems() == []


def test_control_without_the_key_there_are_more(arena: Callable[..., SmallHouse], bank: Bank) -> None:
    house = arena("""
        CREATE OR REPLACE FUNCTION vendome_once(scope_ text, key_ text, request bytea) RETURNS jsonb
        LANGUAGE sql AS 'SELECT NULL::jsonb'
    """)

    answers, _outcome = everybody_clicks(house, bank)

    assert Order.objects.count() > KEYS
    assert any(len(orders) > 1 for orders in answers.values())


def test_a_refusal_does_not_stick(arena: Callable[..., SmallHouse], bank: Bank) -> None:
    """What was refused for lack of a piece is answered with an order, under the same key, once one is there."""
    house = arena()
    with pytest.raises(DomainError):
        buy(house, "key")

    house.stocked(house.paris, ring=1)

    assert buy(house, "key").state is OrderState.CONFIRMED
