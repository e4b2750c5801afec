"""A credit note is what a return gives instead of money: its code is shown once, and it is spent as a tender."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from tests.domains.test_constraints import refused_by
from tests.factories.orders import CASH, buy_online, pay
from tests.factories.returns import LATER, bring_back, give, given_back, inspector, line_state, waiting_arrivals
from tests.factories.small_house import SmallHouse
from vendome.domains.orders.policy.types import Condition
from vendome.domains.orders.types import Fate, Mode
from vendome.domains.payments.errors import GiftCardShort, GiftCardUnknown
from vendome.domains.payments.types import CardKind, GiftCardView, Tender
from vendome.domains.people import permissions
from vendome.flows import books, checkout, gift_cards, paying, returns
from vendome.flows.returns import BroughtLine, ReturnDone, TakenInstead
from vendome.flows.types import PlacedOrder, TenderGiven, WantedLine
from vendome.kit import sql
from vendome.kit.actors import EVERYWHERE, Actor
from vendome.kit.errors import Forbidden, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(house: SmallHouse) -> PlacedOrder:
    house.stocked(house.paris, ring=1, candle=5)
    return give(house, pay(house, buy_online(house, house.traditional, house.ring)))


def gift(house: SmallHouse, sold: PlacedOrder, key: str = "g") -> ReturnDone:
    return bring_back(house, sold, key=key, is_gift=True, client_id=house.emerging)


def read(house: SmallHouse, code: str) -> GiftCardView:
    return gift_cards.find_card(code=code, scope="till", maison_id=house.maison.id, at=LATER)


def code_of(done: ReturnDone) -> str:
    assert done.document is not None
    return done.document.credit_note_code


def buy(house: SmallHouse, *tenders: TenderGiven, quantity: int = 1) -> PlacedOrder:
    return checkout.place_order(
        key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="boutique",
        lines=[WantedLine(reference_id=house.candle, mode=Mode.TAKE_AWAY, place_id=house.paris, quantity=quantity)],
        tenders=tenders, client_id=house.emerging, selling_place_id=house.paris, actor=house.advisor_paris, at=LATER,
    )  # fmt: skip


def test_a_gift_gives_a_code_once(house: SmallHouse, sold: PlacedOrder) -> None:
    done = gift(house, sold)
    again = gift(house, sold)

    note = read(house, code_of(done))
    assert (note.kind, note.balance, note.face_amount) == (CardKind.CREDIT_NOTE, 820_000, 820_000)
    assert (again.id, code_of(again)) == (done.id, "")
    assert sql.value("SELECT count(*) FROM payments_giftcard") == 1
    assert sql.value("SELECT code_hash FROM payments_giftcard") != code_of(done).encode()
    assert books.list_problems() == []


def test_it_is_spent_at_the_till_and_the_rest_stays(house: SmallHouse, sold: PlacedOrder) -> None:
    note = read(house, code_of(gift(house, sold)))

    placed = buy(house, gift_cards.read_as_tender(card=note, amount=9_500))

    assert given_back(placed.id) == [("CREDIT_NOTE", "CAPTURED", 9_500)]
    assert read_balance() == 820_000 - 9_500
    balances = dict(
        sql.rows(
            "SELECT account, amount FROM payments_balances(%s) WHERE account LIKE 'liability:%%'", [house.maison.id]
        )
    )
    assert balances == {"liability:credit_notes": -(820_000 - 9_500)}
    assert books.list_problems() == []


def read_balance() -> int:
    return int(sql.value("SELECT balance FROM payments_giftcard WHERE kind = 'CREDIT_NOTE'"))


def test_it_pays_with_another_tender_and_never_more_than_it_holds(house: SmallHouse, sold: PlacedOrder) -> None:
    bring_back(house, sold, instead=(TakenInstead(reference_id=house.candle),))
    poor = read(house, gift_note(house, 5_000))

    with pytest.raises(GiftCardShort):
        buy(house, gift_cards.read_as_tender(card=poor))
    buy(house, gift_cards.read_as_tender(card=poor, amount=5_000), CASH)

    assert read_balance() == 0
    assert books.list_problems() == []


def gift_note(house: SmallHouse, amount: int) -> str:
    """A note of this amount: of a candle that was a gift, with the rest spent before."""
    house.stocked(house.paris, candle=2)
    sold = give(house, pay(house, buy_online(house, house.traditional, house.candle)))
    code = code_of(gift(house, sold, key=str(uuid.uuid4())))
    note = read(house, code)
    house.stocked(house.paris, candle=2)
    buy(house, gift_cards.read_as_tender(card=note, amount=note.balance - amount), CASH)
    return code


def test_what_it_paid_goes_back_onto_it(house: SmallHouse, sold: PlacedOrder) -> None:
    note = read(house, code_of(gift(house, sold)))
    placed = buy(house, gift_cards.read_as_tender(card=note, amount=9_500))

    back = bring_back(house, placed)

    assert back.document is not None
    assert given_back(back.document.id) == [("CREDIT_NOTE", "REFUNDED", -9_500)]
    assert code_of(back) == ""
    assert sql.value("SELECT count(*) FROM payments_giftcard") == 1
    assert read_balance() == 820_000
    assert books.list_problems() == []


def test_it_is_no_gift_card_and_belongs_to_its_house(house: SmallHouse, sold: PlacedOrder) -> None:
    note = read(house, code_of(gift(house, sold)))

    with pytest.raises(GiftCardShort):
        buy(house, TenderGiven(tender=Tender.GIFT_CARD, provider="house", card_id=note.id))
    with pytest.raises(GiftCardUnknown):
        buy(house, TenderGiven(tender=Tender.CREDIT_NOTE, provider="house"))
    assert read_balance() == 820_000
    refused_by("gift_card_never_overspent", "UPDATE payments_giftcard SET balance = -1")
    refused_by("gift_card_within_its_face", "UPDATE payments_giftcard SET balance = face_amount + 1")
    refused_by("gift_card_tender_names_its_card", "UPDATE payments_payment SET tender = 'CREDIT_NOTE' WHERE amount > 0")


def test_a_blocked_note_is_not_spent(house: SmallHouse, sold: PlacedOrder) -> None:
    note = read(house, code_of(gift(house, sold)))
    gift_cards.block(card_id=note.id, is_blocked=True, reason="lost", actor=house.manager_paris, at=LATER)

    with pytest.raises(GiftCardShort):
        buy(house, gift_cards.read_as_tender(card=note))


def test_it_pays_the_rest_of_an_order(house: SmallHouse, sold: PlacedOrder) -> None:
    house.stocked(house.paris, watch=1)
    note = read(house, code_of(gift(house, sold)))
    placed = checkout.place_order(
        key="d", maison=house.maison, market=house.france, channel="boutique",
        lines=[WantedLine(reference_id=house.watch, mode=Mode.COLLECT, place_id=house.paris)], tender=CASH,
        due_amount=400_000, client_id=house.emerging, selling_place_id=house.paris, actor=house.advisor_paris, at=LATER,
    )  # fmt: skip

    added = paying.add_tender(
        key="r", order_id=placed.id, tender=gift_cards.read_as_tender(card=note), actor=house.advisor_paris, at=LATER
    )

    assert added.missing_amount == 0
    assert read_balance() == 820_000 - 800_000
    assert books.list_problems() == []


def test_the_inspection_desk_gives_a_note_too(house: SmallHouse, sold: PlacedOrder) -> None:
    bring_back(house, sold, BroughtLine(line_id=sold.lines[0].id, accept=False), is_gift=True, client_id=house.emerging)

    done = returns.inspect(
        key="i", arrival_id=waiting_arrivals()[0], condition=Condition.AS_SOLD, fate=Fate.RESTOCKED, accept=True,
        actor=inspector(house), at=LATER,
    )  # fmt: skip

    assert read(house, code_of(done)).balance == 820_000
    assert line_state(sold.lines[0].id)[2:] == (1, 820_000)
    assert books.list_problems() == []


def new_code(house: SmallHouse, card_id: uuid.UUID, key: str = "n", actor: Actor | None = None) -> gift_cards.MadeCard:
    return gift_cards.replace_code(key=key, card_id=card_id, actor=actor or house.manager_paris, at=LATER)


def test_a_lost_code_is_replaced_and_the_old_one_dies(house: SmallHouse, sold: PlacedOrder) -> None:
    """The answer that carried the code was lost: her money is not."""
    lost = code_of(gift(house, sold))
    note = read(house, lost)

    made = new_code(house, note.id)
    again = new_code(house, note.id)

    assert (made.id, made.amount, made.currency) == (note.id, 820_000, "EUR")
    assert (again.id, again.code) == (note.id, "")  # shown once
    with pytest.raises(GiftCardUnknown):
        read(house, lost)
    found = read(house, made.code)
    assert (found.id, found.balance) == (note.id, 820_000)
    assert found.ending == made.code.replace("-", "")[-5:-1]
    endings = sql.rows(
        "SELECT detail->>'old_ending', detail->>'ending' FROM kit_auditentry WHERE action = 'gift_cards.replace_code'"
    )
    assert endings == [(note.ending, found.ending)]
    buy(house, gift_cards.read_as_tender(card=found, amount=9_500))
    assert books.list_problems() == []


def test_a_code_read_before_it_was_replaced_pays_nothing(house: SmallHouse, sold: PlacedOrder) -> None:
    """The till has read the old code when the new one is made."""
    read_before = gift_cards.read_as_tender(card=read(house, code_of(gift(house, sold))), amount=9_500)
    assert read_before.card_id is not None
    new_code(house, read_before.card_id)

    with pytest.raises(GiftCardUnknown):
        buy(house, read_before)
    house.stocked(house.paris, watch=1)
    placed = checkout.place_order(
        key="d", maison=house.maison, market=house.france, channel="boutique",
        lines=[WantedLine(reference_id=house.watch, mode=Mode.COLLECT, place_id=house.paris)], tender=CASH,
        due_amount=400_000, client_id=house.emerging, selling_place_id=house.paris, actor=house.advisor_paris, at=LATER,
    )  # fmt: skip
    with pytest.raises(GiftCardUnknown):
        paying.add_tender(key="r", order_id=placed.id, tender=read_before, actor=house.advisor_paris, at=LATER)

    assert read_balance() == 820_000
    assert books.list_problems() == []


def test_only_who_may_refund_there_makes_a_new_code(house: SmallHouse, sold: PlacedOrder) -> None:
    code = code_of(gift(house, sold))
    note = read(house, code)

    with pytest.raises(Forbidden):
        new_code(house, note.id, actor=house.advisor_paris)
    elsewhere = replace(house.manager_paris, permissions={permissions.PAYMENTS_REFUND: frozenset({house.london})})
    with pytest.raises(Forbidden):
        new_code(house, note.id, actor=elsewhere)
    with pytest.raises(NotFound):
        new_code(house, uuid.uuid4())

    assert read(house, code).id == note.id


def test_a_gift_card_is_given_a_new_code_too(house: SmallHouse) -> None:
    given = gift_cards.give(key="g", amount=5_000, currency="EUR", reason="thanks", actor=house.manager_paris, at=LATER)

    made = new_code(house, given.id)

    assert read(house, made.code).balance == 5_000


def test_what_no_place_gave_is_not_any_managers_to_open_anew(house: SmallHouse) -> None:
    """The new code is the money: headquarters' gesture opens for who gave it and who may refund everywhere."""
    by_director = replace(house.director, permissions={permissions.PAYMENTS_REFUND: EVERYWHERE})
    given = gift_cards.give(key="g", amount=5_000, currency="EUR", reason="thanks", actor=by_director, at=LATER)

    for manager in (house.manager_paris, replace(house.manager_paris, id=uuid.uuid4())):
        with pytest.raises(Forbidden):
            new_code(house, given.id, actor=manager)
    assert read(house, given.code).balance == 5_000

    colleague = replace(by_director, id=uuid.uuid4())
    made = new_code(house, given.id, key="c", actor=colleague)
    assert read(house, made.code).balance == 5_000
    again = new_code(house, given.id, key="d", actor=by_director)
    assert read(house, again.code).balance == 5_000
    with pytest.raises(GiftCardUnknown):
        read(house, given.code)


def test_a_gift_paid_by_card_and_note_gives_one_note(house: SmallHouse, sold: PlacedOrder) -> None:
    """Two tenders paid for it; whoever brings it has one code, for all of it."""
    note = read(house, code_of(gift(house, sold)))
    placed = buy(house, gift_cards.read_as_tender(card=note, amount=5_000), CASH)

    done = gift(house, placed, key="second")

    assert read(house, code_of(done)).balance == 9_500
    assert done.document is not None
    assert given_back(done.document.id) == [("CREDIT_NOTE", "REFUNDED", -5_000), ("CREDIT_NOTE", "REFUNDED", -4_500)]
    assert books.list_problems() == []
