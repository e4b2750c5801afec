"""An exchange is paid, ended, given up and overtaken at once: it ends in one way, and money and pieces stay whole."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.factories.orders import buy_online, pay
from tests.factories.returns import inspector
from tests.factories.small_house import NOW, SmallHouse
from tests.races.conftest import race
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


def test_two_halves_at_once_take_the_old_piece_back_once(arena: Callable[..., SmallHouse]) -> None:
    """Neither half alone reaches the total when it begins; the ring, on its way from London, must still be freed."""
    house = arena()
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

    outcome = race(half(1), half(2))

    assert (outcome.refused, outcome.broken) == ([], [])
    assert sql.value("SELECT state FROM orders_order WHERE id = %s", [document]) == "CONFIRMED"
    assert [row[0] for row in sql.rows("SELECT state FROM stock_transfer")] == ["CANCELLED"]
    assert sql.value("SELECT state FROM orders_orderline WHERE id = %s", [placed.lines[0].id]) == "CANCELLED"
    assert books.list_problems() == []
