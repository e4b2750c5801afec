"""An exchange is paid, ended, given up and overtaken at once: it ends in one way, and money and pieces stay whole."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.factories.orders import buy_online, pay
from tests.factories.returns import inspector
from tests.factories.small_house import NOW, SmallHouse
from tests.races.conftest import Outcome, race
from tests.sabotage import changed
from vendome.domains.fulfilment.types import Proof
from vendome.domains.orders.types import ChangeKind
from vendome.domains.payments.types import CaptureOutcome
from vendome.domains.stock.services import movements
from vendome.flows import books, changes, checkout, gift_cards, hand_over, paying, returns
from vendome.flows.changes import Changed
from vendome.flows.types import PlacedOrder
from vendome.kit import sql

pytestmark = pytest.mark.race
AT = NOW + timedelta(hours=2)
DIFFERENCE = 1_200_000 - 820_000


SLOW_HALF = changed(
    "flows_add_tender",
    "PERFORM flows_lock_exchange(order_, flows_would_pay(order_, amount_), at);",
    "PERFORM flows_lock_exchange(order_, flows_would_pay(order_, amount_), at); PERFORM pg_sleep(0.3);",
)
"""Between asking whether this half is the last one and paying it."""
NOT_ONE_LINE = (
    changed("flows_add_tender", "PERFORM flows_lock_parcels(order_);", ""),
    changed(
        "flows_settle_payment",
        "captured AND p.state IN ('REQUESTED', 'FAILED') AND flows_would_pay(p.order_id, p.amount)",
        "false",
    ),
)
"""The payments of an exchange do not wait for each other, and none asks again whether it is the last."""
SLOW_PAYMENT = changed(
    "flows_complete_exchange", "PERFORM flows_take_back(doc);", "PERFORM flows_take_back(doc); PERFORM pg_sleep(0.5);"
)
"""While a payment settles, for whoever withdraws meanwhile."""
BELIEVES = changed("flows_end_exchange", "IF NOT flows_is_waiting_exchange(doc) THEN", "IF false THEN")
"""The withdrawal believes what was read before it waited for the locks."""


def waiting(house: SmallHouse, placed: PlacedOrder) -> Changed:
    """The ring of a paid order is to become a watch, whose difference is not paid yet."""
    me = house.as_client(house.traditional)
    seen = changes.propose(
        key=str(uuid.uuid4()), order_id=placed.id, kind=ChangeKind.SWAP, line_id=placed.lines[0].id,
        reference_id=house.watch, actor=me, at=AT,
    )  # fmt: skip
    return changes.confirm(
        key=str(uuid.uuid4()), change_id=seen.change_id, preview_hash=seen.hash, pay_within=timedelta(hours=1),
        actor=me, at=AT,
    )  # fmt: skip


@pytest.mark.parametrize("attempt", range(4))
def test_paid_ended_lost_and_given_at_once(arena: Callable[..., SmallHouse], attempt: int) -> None:
    house = arena()
    house.stocked(house.paris, ring=1, watch=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    done = waiting(house, placed)
    assert done.document_id is not None
    document = done.document_id
    payment = sql.value("SELECT id FROM payments_payment WHERE order_id = %s", [document])
    money = CaptureOutcome(is_captured=True, provider_reference=f"r{attempt}", amount=DIFFERENCE, currency="EUR")
    new = sql.row(
        "SELECT hold_id, piece_id FROM orders_orderline WHERE order_id = %s AND direction = 'OUT'", [document]
    )
    assert new is not None

    outcome = race(
        *[lambda: checkout.settle(payment_id=payment, outcome=money, actor=house.system, at=AT)] * 3,
        *[lambda: returns.end_exchange(document_id=document, actor=inspector(house), at=AT)] * 3,
        *[lambda: changes.withdraw(change_id=done.change_id, actor=house.as_client(house.traditional), at=AT)] * 2,
        *[lambda: checkout.expire_unpaid(at=AT + timedelta(hours=3))] * 2,
        lambda: movements.lose(
            key="gone", place_id=house.paris, reference_id=house.watch, piece_id=new[1], hold_id=new[0],
            reason="not in its tray", actor=house.system, at=AT,
        ),
        lambda: hand_over.hand_over(
            key="h", line_id=placed.lines[0].id, proof=Proof.IDENTITY_SEEN, actor=house.advisor_paris, at=AT
        ),
    )  # fmt: skip
    checkout.expire_unpaid(at=AT + timedelta(hours=3))

    assert outcome.broken == []
    state = sql.value("SELECT state FROM orders_order WHERE id = %s", [document])
    ring = sql.value("SELECT state FROM orders_orderline WHERE id = %s", [placed.lines[0].id])
    assert (state, ring) in {("CONFIRMED", "CANCELLED"), ("CANCELLED", "HANDED_OVER"), ("CANCELLED", "HELD")}
    assert books.list_problems() == []


def two_halves(house: SmallHouse) -> tuple[PlacedOrder, uuid.UUID, Outcome]:
    """Neither half alone reaches the total when it begins; the ring, on its way from London, must still be freed."""
    house.stocked(house.london, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    house.stocked(house.paris, watch=1)
    done = waiting(house, placed)
    assert done.document_id is not None
    document = done.document_id
    card = sql.value("SELECT id FROM payments_payment WHERE order_id = %s", [document])
    paying.drop_tender(payment_id=card, actor=house.advisor_paris, at=AT)

    def half(number: int) -> Callable[[], object]:
        made = gift_cards.give(
            key=f"g{number}", amount=DIFFERENCE // 2, currency="EUR", reason="a gesture", actor=house.manager_paris,
            at=AT,
        )  # fmt: skip
        found = gift_cards.find_card(code=made.code, scope="x", maison_id=house.maison.id, at=AT)
        tender = gift_cards.read_as_tender(card=found, amount=DIFFERENCE // 2)
        return lambda: paying.add_tender(
            key=f"t{number}", order_id=document, tender=tender, actor=house.advisor_paris, at=AT
        )

    return placed, document, race(half(1), half(2))


def test_two_halves_at_once_take_the_old_piece_back_once(arena: Callable[..., SmallHouse]) -> None:
    placed, document, outcome = two_halves(arena(SLOW_HALF))

    assert (outcome.refused, outcome.broken) == ([], [])
    assert sql.value("SELECT state FROM orders_order WHERE id = %s", [document]) == "CONFIRMED"
    assert [row[0] for row in sql.rows("SELECT state FROM stock_transfer")] == ["CANCELLED"]
    assert sql.value("SELECT state FROM orders_orderline WHERE id = %s", [placed.lines[0].id]) == "CANCELLED"
    assert books.list_problems() == []


def test_control_halves_that_do_not_wait_for_each_other_never_complete_it(arena: Callable[..., SmallHouse]) -> None:
    """Each believes that it is not the last one, so nobody frees the ring that is to travel."""
    _placed, document, outcome = two_halves(arena(SLOW_HALF, *NOT_ONE_LINE))

    state = sql.value("SELECT state FROM orders_order WHERE id = %s", [document])
    transfers = [row[0] for row in sql.rows("SELECT state FROM stock_transfer")]
    assert (state, transfers, outcome.broken) != ("CONFIRMED", ["CANCELLED"], [])


def pays_and_ends(house: SmallHouse, *, ends: int = 1, pays: bool = True) -> tuple[uuid.UUID, Outcome]:
    """The difference is paid; a moment later, while that settles, the exchange is withdrawn."""
    house.stocked(house.paris, ring=1, watch=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    document = waiting(house, placed).document_id
    assert document is not None
    payment = sql.value("SELECT id FROM payments_payment WHERE order_id = %s", [document])
    money = CaptureOutcome(is_captured=True, provider_reference="r", amount=DIFFERENCE, currency="EUR")
    actor = inspector(house)

    def end() -> object:
        time.sleep(0.15)
        return sql.value("SELECT flows_end_exchange(%s, %s, %s)", [document, actor.label, AT])

    attempts: list[Callable[[], object]] = [end] * ends
    if pays:
        attempts.append(lambda: checkout.settle(payment_id=payment, outcome=money, actor=house.system, at=AT))
    return document, race(*attempts)


def robbed(document: uuid.UUID) -> int:
    """Pieces of a paid exchange that nothing keeps for her."""
    return int(
        sql.value(
            "SELECT count(*) FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id "
            "WHERE o.id = %s AND o.state = 'CONFIRMED' AND l.direction = 'OUT' AND NOT EXISTS ("
            "SELECT FROM stock_hold h WHERE h.id = l.hold_id AND h.state = 'ACTIVE')",
            [document],
        )
    )


def test_what_is_being_paid_cannot_be_withdrawn(arena: Callable[..., SmallHouse]) -> None:
    document, outcome = pays_and_ends(arena(SLOW_PAYMENT))

    assert (outcome.refused, outcome.broken) == ([], [])
    assert False in outcome.won  # who ends it hears that it waits no more
    assert sql.value("SELECT state FROM orders_order WHERE id = %s", [document]) == "CONFIRMED"
    assert robbed(document) == 0
    assert books.list_problems() == []


def test_control_who_believes_that_it_still_waits_robs_her_of_what_she_paid(arena: Callable[..., SmallHouse]) -> None:
    document, outcome = pays_and_ends(arena(SLOW_PAYMENT, BELIEVES))

    assert robbed(document) == 1, outcome


def ended(document: uuid.UUID) -> int:
    return int(
        sql.value(
            "SELECT count(*) FROM kit_auditentry WHERE action = 'orders.end_exchange' AND subject = %s",
            [f"order:{document}"],
        )
    )


def test_a_waiting_exchange_is_ended_once(arena: Callable[..., SmallHouse]) -> None:
    document, outcome = pays_and_ends(arena(), ends=4, pays=False)

    assert (outcome.refused, outcome.broken) == ([], [])
    assert sorted(map(bool, outcome.won)) == [False, False, False, True]
    assert ended(document) == 1
    assert sql.value("SELECT state FROM orders_orderline WHERE order_id = %s AND direction = 'IN'", [document]) == (
        "WITHDRAWN"
    )
    assert books.list_problems() == []


def test_control_who_does_not_ask_again_ends_it_every_time(arena: Callable[..., SmallHouse]) -> None:
    document, outcome = pays_and_ends(arena(BELIEVES), ends=4, pays=False)

    assert ended(document) > 1, outcome
