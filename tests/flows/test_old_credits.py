"""Credit that earlier versions gave without a code becomes a credit note, and a manager gives the code."""

from __future__ import annotations

import uuid
from importlib import import_module

import pytest

from tests.factories.returns import LATER, given_back, inspector
from tests.factories.small_house import SmallHouse
from tests.flows.test_credit_notes import buy, gift, read, sold
from vendome.flows import books, gift_cards
from vendome.flows.types import PlacedOrder
from vendome.kit import sql

pytestmark = pytest.mark.django_db
__all__ = ["sold"]
MIGRATION = import_module("vendome.domains.payments.migrations.0080_old_credits")


def as_it_was(state: str) -> uuid.UUID:
    """The rows an earlier version wrote: a refund as credit, on no card, perhaps never told to be settled."""
    sql.value("SELECT set_config('session_replication_role', 'replica', true)")
    for statement in (
        "DELETE FROM payments_giftcardentry",
        "UPDATE payments_payment SET tender = 'CREDIT', provider = 'credit_note', gift_card_id = NULL WHERE amount < 0",
        "DELETE FROM payments_giftcard",
        "UPDATE payments_posting SET credit = 'tender:credit' WHERE credit = 'liability:credit_notes'",
    ):
        sql.rows(f"{statement} RETURNING 1")
    if state == "REQUESTED":
        sql.rows("UPDATE payments_payment SET state = 'REQUESTED', settled_at = NULL WHERE amount < 0 RETURNING 1")
        sql.rows("DELETE FROM payments_posting WHERE credit = 'tender:credit' RETURNING 1")
    sql.value("SELECT set_config('session_replication_role', 'origin', true)")
    found: uuid.UUID = sql.value("SELECT order_id FROM payments_payment WHERE amount < 0")
    return found


@pytest.mark.parametrize("state", ["REQUESTED", "REFUNDED"])
def test_it_becomes_a_note_whose_code_a_manager_gives(house: SmallHouse, sold: PlacedOrder, state: str) -> None:
    gift(house, sold)
    document = as_it_was(state)
    assert given_back(document) == [("CREDIT", state, -820_000)]

    for _twice in range(2):
        sql.rows(f"{MIGRATION.MAKE_CREDIT_NOTES} RETURNING 1")

    assert given_back(document) == [("CREDIT_NOTE", "REFUNDED", -820_000)]
    assert books.list_problems() == []
    card = sql.value("SELECT gift_card_id FROM payments_payment WHERE amount < 0")
    made = gift_cards.replace_code(key="k", card_id=card, actor=inspector(house), at=LATER)
    buy(house, gift_cards.read_as_tender(card=read(house, made.code), amount=9_500))
    assert sql.value("SELECT balance FROM payments_giftcard") == 820_000 - 9_500
    assert books.list_problems() == []


def test_what_was_set_off_is_no_credit_note(house: SmallHouse, sold: PlacedOrder) -> None:
    gift(house, sold)
    document = as_it_was("REFUNDED")
    sql.rows("UPDATE payments_payment SET provider = 'set_off' WHERE amount < 0 RETURNING 1")

    sql.rows(f"{MIGRATION.MAKE_CREDIT_NOTES} RETURNING 1")

    assert given_back(document) == [("CREDIT", "REFUNDED", -820_000)]
    assert sql.value("SELECT count(*) FROM payments_giftcard") == 0
