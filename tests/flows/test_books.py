"""The check shouts when somebody tampers with a quantity or an amount, and is silent otherwise."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.factories.orders import buy_online, pay, sell_at_counter
from tests.factories.small_house import SmallHouse
from vendome.flows import books

pytestmark = pytest.mark.django_db


def test_honest_business_leaves_no_problem(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=2, candle=4)
    pay(house, buy_online(house, house.traditional, house.ring))
    buy_online(house, house.emerging, house.ring)
    sell_at_counter(house, house.candle)

    assert books.list_problems() == []


@pytest.mark.parametrize(
    ("tampering", "word"),
    [
        ("UPDATE stock_level SET on_hand = on_hand + 1", "ledger and level differ on hand"),
        ("UPDATE stock_hold SET quantity = 1, state = 'RELEASED', ended_at = now()", "holds and level differ"),
        ("UPDATE stock_piece SET state = 'IN_WORKSHOP', hold_id = NULL", "pieces and level differ"),
        ("UPDATE orders_order SET total_amount = total_amount + 1", "do not add up"),
        ("UPDATE payments_payment SET amount = amount - 1", "do not add up"),
    ],
)
def test_tampering_is_told(house: SmallHouse, tampering: str, word: str) -> None:
    house.stocked(house.paris, ring=1)
    pay(house, buy_online(house, house.traditional, house.ring))
    with connection.cursor() as cursor:
        cursor.execute(tampering)

    assert any(word in problem for problem in books.list_problems())
