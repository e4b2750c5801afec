# ruff: noqa: E501  # tables of cases and SQL read better on one line
"""Gift cards: codes that cannot be guessed, a balance that cannot be overspent, a refund that goes back to the card."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domains.test_constraints import refused_by
from tests.factories.orders import CASH, sell_at_counter
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.orders.types import Mode, OrderState
from vendome.domains.payments import codes
from vendome.domains.payments.errors import GiftCardShort, GiftCardUnknown, TenderShort, TooManyCodes
from vendome.domains.payments.types import Tender
from vendome.flows import books, checkout, gift_cards
from vendome.flows.types import PlacedOrder, TenderGiven, WantedLine
from vendome.kit import sql
from vendome.kit.errors import BodyChanged, Forbidden, NotFound

pytestmark = pytest.mark.django_db


def sold(house: SmallHouse, amount: int, key: str = "") -> gift_cards.MadeCard:
    return gift_cards.sell(
        key=key or str(uuid.uuid4()), market=house.france, amount=amount, tender=CASH, client_id=house.traditional,
        place_id=house.paris, actor=house.advisor_paris, at=NOW,
    )  # fmt: skip


def find(house: SmallHouse, code: str, scope: str = "visitor", **more):  # type: ignore[no-untyped-def]
    return gift_cards.find_card(code=code, scope=scope, maison_id=house.maison.id, **({"at": NOW} | more))


def buy_candles(house: SmallHouse, tenders: list[TenderGiven], number: int = 1) -> PlacedOrder:
    return checkout.place_order(
        key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="boutique",
        lines=[WantedLine(reference_id=house.candle, mode=Mode.TAKE_AWAY, place_id=house.paris, quantity=number)],
        tenders=tenders, client_id=None, selling_place_id=house.paris, actor=house.advisor_paris, at=NOW,
    )  # fmt: skip


def by_card(card: gift_cards.MadeCard, amount: int | None = None) -> TenderGiven:
    return TenderGiven(tender=Tender.GIFT_CARD, provider="house", card_id=card.id, amount=amount)


def balance(card: gift_cards.MadeCard) -> int:
    return int(sql.value("SELECT balance FROM payments_giftcard WHERE id = %s", [card.id]))


class TestCodes:
    @given(st.integers(0, 2**128 - 1))
    def test_a_code_reads_back_and_any_one_wrong_symbol_is_noticed(self, number: int) -> None:
        code = codes.written(number)
        symbols = codes.read(code.lower())
        assert symbols is not None
        assert codes.read(code.replace("0", "o").replace("1", "l")) == symbols
        place = number % 26
        other = codes.ALPHABET[(codes.ALPHABET.index(symbols[place]) + 1 + number % 31) % 32]
        if other != symbols[place]:
            assert codes.read(symbols[:place] + other + symbols[place + 1 :]) is None

    def test_codes_are_drawn_from_all_of_the_space(self) -> None:
        drawn = [codes.read(codes.new_code()) for _ in range(2000)]
        assert len(set(drawn)) == 2000
        assert len({one[1:5] for one in drawn if one}) > 1900

    def test_the_table_holds_no_code(self, house: SmallHouse) -> None:
        card = sold(house, 50_000)
        row = sql.row("SELECT row_to_json(c)::text FROM payments_giftcard c WHERE id = %s", [card.id])
        assert row is not None
        symbols = codes.read(card.code)
        assert symbols is not None
        assert symbols not in row[0]
        assert symbols[:10] not in row[0]


def test_a_card_is_sold_and_spent_with_the_rest_in_cash(house: SmallHouse) -> None:
    house.stocked(house.paris, candle=3)
    card = sold(house, 5_000)
    assert find(house, card.code).balance == 5_000

    placed = buy_candles(house, [by_card(card, 5_000), CASH])

    assert placed.state is OrderState.CONFIRMED
    assert [(one.tender, one.amount) for one in placed.payments] == [(Tender.GIFT_CARD, 5_000), (Tender.CASH, 4_500)]
    assert balance(card) == 0
    assert books.list_problems() == []
    balances = {row[0]: row[2] for row in sql.rows("SELECT * FROM payments_balances(%s)", [house.maison.id])}
    assert "liability:gift_cards" not in balances  # what was sold was spent
    assert balances["tender:cash"] == 9_500


def test_the_same_sale_twice_is_one_card_and_its_code_is_shown_once(house: SmallHouse) -> None:
    first, again = sold(house, 5_000, "k"), sold(house, 5_000, "k")

    assert (first.id, first.order_id) == (again.id, again.order_id)
    assert first.code
    assert again.code == ""
    with pytest.raises(BodyChanged):
        sold(house, 6_000, "k")


def test_more_than_it_holds_is_refused_and_nothing_happens(house: SmallHouse) -> None:
    house.stocked(house.paris, candle=3)
    card = sold(house, 9_000)
    with pytest.raises(GiftCardShort):
        buy_candles(house, [by_card(card)])
    with pytest.raises(TenderShort):
        buy_candles(house, [by_card(card, 9_000)])
    with pytest.raises(TenderShort):
        buy_candles(
            house, [by_card(card, 9_000), TenderGiven(tender=Tender.CASH, provider="till", is_settled=True, amount=501)]
        )

    assert balance(card) == 9_000
    assert sql.value("SELECT count(*) FROM orders_orderline") == 0
    refused_by("gift_card_never_overspent", "UPDATE payments_giftcard SET balance = -1")
    refused_by("gift_card_within_its_face", "UPDATE payments_giftcard SET balance = face_amount + 1")


def test_a_blocked_or_foreign_or_expired_card_pays_nothing(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.paris, candle=3)
    card = sold(house, 9_500)
    with pytest.raises(GiftCardUnknown):
        gift_cards.find_card(code=card.code, scope="x", maison_id=other_house.maison.id, at=NOW)
    other_house.stocked(other_house.paris, candle=1)
    with pytest.raises(GiftCardShort):
        buy_candles(other_house, [by_card(card)])
    with pytest.raises(Forbidden):
        gift_cards.block(card_id=card.id, is_blocked=True, reason="lost", actor=house.advisor_paris, at=NOW)
    with pytest.raises(NotFound):
        gift_cards.block(card_id=card.id, is_blocked=True, reason="lost", actor=other_house.manager_paris, at=NOW)
    gift_cards.block(card_id=card.id, is_blocked=True, reason="lost", actor=house.manager_paris, at=NOW)
    with pytest.raises(GiftCardShort):
        buy_candles(house, [by_card(card)])
    gift_cards.block(card_id=card.id, is_blocked=False, reason="found", actor=house.manager_paris, at=NOW)
    sql.value("UPDATE payments_giftcard SET expires_date = %s RETURNING 1", [NOW.date() - timedelta(days=1)])
    with pytest.raises(GiftCardShort):
        buy_candles(house, [by_card(card)])


def test_a_gesture_stands_in_the_books_and_needs_a_manager(house: SmallHouse) -> None:
    gift = {"key": "g", "amount": 10_000, "currency": "EUR", "reason": "a late repair", "at": NOW}
    with pytest.raises(Forbidden):
        gift_cards.give(**gift, actor=house.advisor_paris)
    gift_cards.give(**gift, actor=house.manager_paris)

    assert books.list_problems() == []
    balances = dict(row[::2] for row in sql.rows("SELECT * FROM payments_balances(%s)", [house.maison.id]))
    assert balances == {"expense:gestures": 10_000, "liability:gift_cards": -10_000}


def test_a_refund_goes_back_to_the_card(house: SmallHouse) -> None:
    house.stocked(house.paris, candle=3)
    card = sold(house, 9_500)
    placed = buy_candles(house, [by_card(card)])
    sql.value("SELECT payments_request_refund(%s, %s, %s, %s)", [placed.payment_id, placed.id, 4_000, NOW])

    assert balance(card) == 4_000
    assert sql.rows("SELECT amount, balance_after, reason FROM payments_giftcardentry ORDER BY reason") == [
        (4_000, 4_000, "refunded"), (9_500, 9_500, "sold"), (-9_500, 0, "spent"),
    ]  # fmt: skip
    refused_by("payments_giftcardentry_append_only", "UPDATE payments_giftcardentry SET amount = 1")


def test_guessing_is_stopped_and_a_slip_of_the_hand_is_not_a_guess(house: SmallHouse) -> None:
    card = sold(house, 5_000)
    for _ in range(30):
        with pytest.raises(GiftCardUnknown):
            find(house, card.code[:-1] + ("1" if card.code[-1] != "1" else "2"))
    assert find(house, card.code).id == card.id
    for _ in range(gift_cards.MOST_MISSES):
        with pytest.raises(GiftCardUnknown):
            find(house, codes.new_code())
    with pytest.raises(TooManyCodes):
        find(house, card.code)
    assert find(house, card.code, scope="another").id == card.id
    assert find(house, card.code, at=NOW + timedelta(minutes=31)).id == card.id


def test_a_hit_and_a_miss_do_the_same_work(house: SmallHouse) -> None:
    """One call that reads and writes the same rows either way; what is looked up is a keyed hash, so time tells nothing."""
    card = sold(house, 5_000)
    find(house, card.code, scope="hit")
    with pytest.raises(GiftCardUnknown):
        find(house, codes.new_code(), scope="miss")
    assert sql.rows("SELECT scope, failures FROM payments_codeattempt ORDER BY 1") == [("hit", 0), ("miss", 1)]


def test_a_million_guesses_find_nothing(house: SmallHouse) -> None:
    """R14 by sampling: 20,000 guesses against 50 cards, and the arithmetic for a million against a million cards."""
    known = {codes.read(sold(house, 100).code) for _ in range(50)}
    chance = random.Random(14)
    assert not any(codes.read(codes.written(chance.getrandbits(128))) in known for _ in range(20_000))
    assert 10**6 * 10**6 / 2**128 < 1e-26


def test_counter_sales_as_before(house: SmallHouse) -> None:
    house.stocked(house.paris, candle=1)
    assert sell_at_counter(house, house.candle).state is OrderState.CONFIRMED
