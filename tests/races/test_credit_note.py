"""A credit note spent many times at once gives exactly what it holds; without its guard more (the control)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from tests.factories.orders import buy_online, pay
from tests.factories.returns import bring_back, give
from tests.factories.small_house import NOW, SmallHouse
from tests.races.conftest import race
from tests.races.test_gift_card import CANDLE, CHECK_THEN_ACT, shelves, spend, spend_everywhere
from vendome.domains.orders.errors import ChangeClosed
from vendome.domains.orders.types import ChangeKind
from vendome.domains.payments.errors import GiftCardUnknown
from vendome.domains.payments.types import CaptureOutcome
from vendome.flows import books, changes, checkout, gift_cards
from vendome.flows.types import TenderGiven
from vendome.kit import sql

EACH = 6
HOUR = timedelta(hours=1)


def note_of(house: SmallHouse) -> TenderGiven:
    """A ring that was a gift comes back: the note holds what it cost."""
    house.stocked(house.paris, ring=1)
    sold = give(house, pay(house, buy_online(house, house.traditional, house.ring)))
    done = bring_back(house, sold, is_gift=True, client_id=house.emerging)
    assert done.document is not None
    code = done.document.credit_note_code
    return gift_cards.read_as_tender(
        card=gift_cards.find_card(code=code, scope="till", maison_id=house.maison.id, at=NOW)
    )


def test_racing_spends_take_exactly_its_value(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    note = note_of(house)

    won, broken = spend_everywhere(house, note, each=EACH)

    holds = 820_000 // CANDLE
    assert holds < 32 * EACH
    assert broken == []
    assert won == holds
    assert sql.value("SELECT balance FROM payments_giftcard") == 820_000 - holds * CANDLE
    assert sql.value("SELECT sum(-amount) FROM payments_giftcardentry WHERE reason = 'spent'") == holds * CANDLE
    assert books.list_problems() == []


def test_without_the_guard_it_gives_more_than_it_holds(arena: Callable[..., SmallHouse]) -> None:
    """The control: read, compare, write. If this one keeps to the value, the race above proves nothing."""
    house = arena(*CHECK_THEN_ACT)

    won, _broken = spend_everywhere(house, note_of(house), each=EACH)

    assert won > 820_000 // CANDLE


def replace_while_it_is_spent(house: SmallHouse, note: TenderGiven) -> tuple[int, int]:
    """12 spenders that have read the old code meet four new codes: how many spends went through, and how many of them
    after the first new code was there.
    """
    card_id = note.card_id
    assert card_id is not None
    replaced = threading.Event()
    late: list[bool] = []

    def pay_with_old(wax: uuid.UUID) -> int:
        won = 0
        for _ in range(EACH):
            is_late = replaced.is_set()
            try:
                spend(house, note, wax)
            except GiftCardUnknown:
                continue
            won += 1
            late.append(is_late)
        return won

    def new_code(n: int) -> int:
        made = gift_cards.replace_code(key=f"n{n}", card_id=card_id, actor=house.manager_paris, at=NOW)
        replaced.set()
        assert made.code
        return 0

    outcome = race(
        *[lambda wax=wax: pay_with_old(wax) for wax in shelves(house)[:12]],
        *[lambda n=n: new_code(n) for n in range(4)],
    )
    assert outcome.broken == []
    assert outcome.refused == []
    return sum(outcome.won), sum(late)


def test_a_code_that_is_replaced_pays_nothing_from_then_on(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    note = replace(note_of(house), amount=CANDLE)

    paid, late = replace_while_it_is_spent(house, note)

    assert late == 0
    assert sql.value("SELECT balance FROM payments_giftcard") == 820_000 - paid * CANDLE
    assert sql.value("SELECT count(*) FROM kit_auditentry WHERE action = 'gift_cards.replace_code'") == 4
    assert books.list_problems() == []


def test_without_the_guard_the_old_code_goes_on_paying(arena: Callable[..., SmallHouse]) -> None:
    """The control: only the card is named, not the code that was read."""
    house = arena(
        "CREATE OR REPLACE FUNCTION payments_require_code(card uuid, code text) RETURNS void LANGUAGE sql AS 'SELECT'"
    )

    _paid, late = replace_while_it_is_spent(house, replace(note_of(house), amount=CANDLE))

    assert late > 0


def test_a_difference_paid_and_given_up_at_once_is_one_or_the_other(arena: Callable[..., SmallHouse]) -> None:
    """The webhook, the clock and her second thoughts meet: the piece is hers once, and every cent is somewhere."""
    house = arena()
    house.stocked(house.paris, ring=8, watch=8)
    client = house.as_client(house.traditional)
    tasks: list[Callable[[], object]] = []
    for n in range(8):
        placed = pay(house, buy_online(house, house.traditional, house.ring))
        seen = changes.propose(
            key=f"p{n}", order_id=placed.id, kind=ChangeKind.SWAP, line_id=placed.lines[0].id, reference_id=house.watch,
            actor=client, at=NOW,
        )  # fmt: skip
        done = changes.confirm(
            key=f"c{n}", change_id=seen.change_id, preview_hash=seen.hash, pay_within=HOUR, actor=client, at=NOW
        )
        payment = sql.value("SELECT id FROM payments_payment WHERE order_id = %s", [done.document_id])
        outcome = CaptureOutcome(is_captured=True, provider_reference=f"r{n}", amount=380_000, currency="EUR")
        tasks += [
            lambda payment=payment, outcome=outcome: checkout.settle(  # type: ignore[misc]
                payment_id=payment, outcome=outcome, actor=house.system, at=NOW
            ),
            lambda seen=seen: changes.withdraw(change_id=seen.change_id, actor=client, at=NOW),  # type: ignore[misc]
            lambda: checkout.expire_unpaid(at=NOW + 2 * HOUR),
        ]

    outcome_of_all = race(*tasks)

    assert outcome_of_all.broken == []
    assert {type(one) for one in outcome_of_all.refused} <= {ChangeClosed}
    swapped = sql.value("SELECT count(*) FROM orders_orderline WHERE state = 'CANCELLED' AND returned_quantity = 1")
    confirmed = sql.value("SELECT count(*) FROM orders_change WHERE state = 'CONFIRMED'")
    assert swapped == confirmed
    assert sql.value("SELECT count(*) FROM orders_orderline WHERE direction = 'OUT' AND state = 'HELD'") == 8
    assert books.list_problems() == []
