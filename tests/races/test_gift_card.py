# ruff: noqa: E501  # tables of cases and SQL read better on one line
"""A gift card under 640 spends at once gives exactly what it holds; without its guard it gives more (the control)."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from tests.factories.orders import CASH
from tests.factories.small_house import NOW, SmallHouse
from tests.races.conftest import race
from vendome.domains.catalogue.models import Reference
from vendome.domains.orders.types import Mode
from vendome.domains.payments.errors import GiftCardShort, NothingToPay
from vendome.domains.payments.types import Tender
from vendome.domains.pricing.models import Price, PriceBook
from vendome.domains.stock.services import shelf as stock
from vendome.flows import books, checkout, gift_cards, paying
from vendome.flows.types import TenderGiven, WantedLine
from vendome.kit import sql
from vendome.kit.errors import DomainError

CANDLE = 9_500
HOLDS = 100
CHECK_THEN_ACT = (
    "ALTER TABLE payments_giftcard DROP CONSTRAINT gift_card_never_overspent",
    "CREATE OR REPLACE FUNCTION flows_lock_cards(cards uuid[]) RETURNS void LANGUAGE sql AS 'SELECT'",
    "CREATE OR REPLACE FUNCTION payments_require_code(card uuid, code text) RETURNS void LANGUAGE sql AS 'SELECT'",
    """
    CREATE OR REPLACE FUNCTION payments_spend_gift_card(
        card uuid, amount_ bigint, payment uuid, order_ uuid, maison uuid, currency_ text, day date, actor text, at timestamptz
    ) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT balance FROM payments_giftcard WHERE id = card) < amount_ THEN
            PERFORM vendome_fail('payments.gift_card_short');
        END IF;
        UPDATE payments_giftcard SET balance = balance - amount_ WHERE id = card;
    END $$
    """,
)


def sold(house: SmallHouse, amount: int) -> gift_cards.MadeCard:
    return gift_cards.sell(
        key=str(uuid.uuid4()), market=house.france, amount=amount, tender=CASH, client_id=None, place_id=house.paris,
        actor=house.advisor_paris, at=NOW,
    )  # fmt: skip


def shelves(house: SmallHouse) -> list[uuid.UUID]:
    """32 candles of different wax, so that the spenders share nothing but the card."""
    model, book = Reference.objects.get(id=house.candle).model_id, PriceBook.objects.get(market_id=house.france.id)
    made = []
    for n in range(32):
        one = Reference.objects.create(
            maison_id=house.maison.id, model_id=model, sku=f"WAX-{n}", size=str(n), is_serialised=False
        )
        Price.objects.create(book=book, reference=one, amount=CANDLE)
        stock.receive(
            place_id=house.paris,
            reference_id=one.id,
            quantity=20,
            serials=[],
            epcs=[],
            reason="delivery",
            actor=house.system,
            at=NOW,
        )
        made.append(one.id)
    return made


def spend(house: SmallHouse, tender: TenderGiven, wax: uuid.UUID) -> None:
    checkout.place_order(
        key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="boutique",
        lines=[WantedLine(reference_id=wax, mode=Mode.TAKE_AWAY, place_id=house.paris)], tender=tender, client_id=None,
        selling_place_id=house.paris, actor=house.advisor_paris, at=NOW,
    )  # fmt: skip


def spend_everywhere(house: SmallHouse, tender: TenderGiven, *, each: int) -> tuple[int, list[BaseException]]:
    """A thread for each shelf, so many spends in each; how many went through, and whatever was no expected refusal."""
    refusals: list[DomainError] = []

    def several(wax: uuid.UUID) -> int:
        won = 0
        for _ in range(each):
            try:
                spend(house, tender, wax)
                won += 1
            except DomainError as error:
                refusals.append(error)
        return won

    outcome = race(*[lambda wax=wax: several(wax) for wax in shelves(house)])  # type: ignore[misc]
    return sum(outcome.won), outcome.broken + [one for one in refusals if not isinstance(one, GiftCardShort)]


def spend_640_times(house: SmallHouse, card: gift_cards.MadeCard) -> tuple[int, list[BaseException]]:
    """32 threads, each 20 spends."""
    tender = TenderGiven(tender=Tender.GIFT_CARD, provider="house", card_id=card.id)
    return spend_everywhere(house, tender, each=20)


def test_640_racing_spends_take_exactly_its_value(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    card = sold(house, CANDLE * HOLDS + 1)

    won, broken = spend_640_times(house, card)

    assert broken == []
    assert won == HOLDS
    assert sql.value("SELECT balance FROM payments_giftcard") == 1
    assert sql.value("SELECT sum(-amount) FROM payments_giftcardentry WHERE reason = 'spent'") == CANDLE * HOLDS
    assert sql.value("SELECT count(*) FROM orders_orderline") == HOLDS
    assert books.list_problems() == []


def test_without_the_guard_it_gives_more_than_it_holds(arena: Callable[..., SmallHouse]) -> None:
    """The control: read, compare, write. If this one keeps to the value, the race above proves nothing."""
    house = arena(*CHECK_THEN_ACT)
    card = sold(house, CANDLE * HOLDS)

    won, _broken = spend_640_times(house, card)

    assert won > HOLDS


def test_the_rest_of_a_deposit_is_taken_once(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.paris, ring=1)
    placed = checkout.place_order(
        key="k", maison=house.maison, market=house.france, channel="boutique",
        lines=[WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris)], tender=CASH, due_amount=400_000,
        client_id=None, selling_place_id=house.paris, actor=house.advisor_paris, at=NOW,
    )  # fmt: skip

    outcome = race(*[
        lambda n=n: paying.add_tender(key=f"r{n}", order_id=placed.id, tender=CASH, actor=house.advisor_paris, at=NOW) for n in range(16)
    ])  # fmt: skip

    assert outcome.broken == []
    assert len(outcome.won) == 1
    assert {type(one) for one in outcome.refused} == {NothingToPay}
    assert books.list_problems() == []
