"""An exchange that costs more is paid online: one document, one balance, and nothing is taken back before."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from tests.factories.orders import buy_online, pay
from tests.factories.returns import LATER, bring_back, give, given_back, inspector, line_state, waiting_arrivals
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.fulfilment.types import Proof
from vendome.domains.orders.errors import ChangeClosed, ChangeOpen, ExchangeWaits, PreviewOutdated
from vendome.domains.orders.policy.types import Condition
from vendome.domains.orders.types import ChangeKind, ChangeState, Fate, Mode
from vendome.domains.payments.errors import Declined, LinkGone
from vendome.domains.payments.types import CaptureOutcome
from vendome.flows import books, changes, checkout, gift_cards, hand_over, pay_links, paying, refunds, returns
from vendome.flows.changes import Changed, Preview
from vendome.flows.returns import BroughtLine, ReturnDone, TakenInstead
from vendome.flows.types import PlacedOrder, WantedLine
from vendome.kit import sql

pytestmark = pytest.mark.django_db
AT = NOW + timedelta(hours=2)
HOUR = timedelta(hours=1)
DIFFERENCE = 1_200_000 - 820_000


@pytest.fixture
def paid(house: SmallHouse) -> PlacedOrder:
    """A ring to be collected in Paris, paid by card."""
    house.stocked(house.paris, ring=1, watch=1, candle=1)
    return pay(house, buy_online(house, house.traditional, house.ring))


def swap(house: SmallHouse, placed: PlacedOrder) -> Preview:
    return changes.propose(
        key=str(uuid.uuid4()), order_id=placed.id, kind=ChangeKind.SWAP, line_id=placed.lines[0].id,
        reference_id=house.watch, actor=house.as_client(house.traditional), at=AT,
    )  # fmt: skip


def confirm(house: SmallHouse, seen: Preview, key: str = "c") -> Changed:
    return changes.confirm(
        key=key, change_id=seen.change_id, preview_hash=seen.hash, pay_within=HOUR,
        actor=house.as_client(house.traditional), at=AT,
    )  # fmt: skip


def link(house: SmallHouse, document: uuid.UUID | None) -> pay_links.MadeLink:
    assert document is not None
    return pay_links.create_for_client(
        order_id=document, maison_id=house.maison.id, lasts=HOUR, actor=house.as_client(house.traditional), at=AT
    )


def state(document: uuid.UUID | None) -> tuple[object, ...] | None:
    return sql.row("SELECT state, total_amount FROM orders_order WHERE id = %s", [document])


def free(house: SmallHouse, reference: uuid.UUID) -> int:
    return int(
        sql.value(
            "SELECT on_hand - held FROM stock_level WHERE reference_id = %s AND place_id = %s", [reference, house.paris]
        )
    )


def test_the_client_pays_the_difference_on_the_payment_page(house: SmallHouse, paid: PlacedOrder) -> None:
    done = confirm(house, swap(house, paid))

    assert done.awaits_payment
    assert state(done.document_id) == ("AWAITING_PAYMENT", DIFFERENCE)
    assert line_state(paid.lines[0].id)[0] == "HELD"  # nothing is taken from her before she has paid
    assert (free(house, house.ring), free(house, house.watch)) == (0, 0)  # and what she wants is kept
    assert books.list_problems() == []
    token = link(house, done.document_id).token
    with pytest.raises(Declined):
        pay_links.pay(token=token, instrument="card_declined", actor=house.system, at=AT)
    pay_links.pay(token=token, instrument="card_good", actor=house.system, at=AT)

    assert state(done.document_id) == ("CONFIRMED", DIFFERENCE)
    assert line_state(paid.lines[0].id) == ("CANCELLED", 1, 1, 820_000)
    assert state(paid.id) == ("CANCELLED", 820_000)
    assert free(house, house.ring) == 1
    assert given_back(done.document_id) == [("CARD", "CAPTURED", DIFFERENCE)]
    assert books.list_problems() == []
    with pytest.raises(LinkGone):
        pay_links.pay(token=token, instrument="card_good", actor=house.system, at=AT)


def test_what_is_not_paid_in_time_leaves_her_order_as_it_was(house: SmallHouse, paid: PlacedOrder) -> None:
    done = confirm(house, swap(house, paid))

    checkout.expire_unpaid(at=AT + 2 * HOUR)

    assert state(done.document_id) == ("CANCELLED", DIFFERENCE)
    assert line_state(paid.lines[0].id) == ("HELD", 0, 0, 0)
    assert (free(house, house.ring), free(house, house.watch)) == (0, 1)
    assert changes.find_open(order_id=paid.id, actor=house.as_client(house.traditional), at=AT) is None
    assert books.list_problems() == []
    assert confirm(house, swap(house, paid), key="again").awaits_payment  # she may begin anew


def test_one_exchange_waits_at_a_time_and_can_be_dropped(house: SmallHouse, paid: PlacedOrder) -> None:
    first = swap(house, paid)
    done = confirm(house, first)
    seen = changes.find_open(order_id=paid.id, actor=house.as_client(house.traditional), at=AT)

    assert seen is not None
    assert seen.document_id == done.document_id
    assert confirm(house, first).document_id == done.document_id  # a second click is the first
    with pytest.raises(ChangeClosed):
        confirm(house, seen, key="d")
    with pytest.raises(ChangeOpen):
        swap(house, paid)
    changes.withdraw(change_id=seen.change_id, actor=house.as_client(house.traditional), at=AT)

    assert state(done.document_id) == ("CANCELLED", DIFFERENCE)
    assert sql.value("SELECT state FROM orders_change WHERE id = %s", [seen.change_id]) == ChangeState.WITHDRAWN
    assert free(house, house.watch) == 1


def test_a_piece_given_meanwhile_sends_the_money_back(house: SmallHouse, paid: PlacedOrder) -> None:
    """She collects the ring while her payment for the watch is on its way: the ring is hers, the money goes back."""
    done = confirm(house, swap(house, paid))
    hand_over.hand_over(key="h", line_id=paid.lines[0].id, proof=Proof.IDENTITY_SEEN, actor=house.advisor_paris, at=AT)

    pay_links.pay(token=link(house, done.document_id).token, instrument="card_good", actor=house.system, at=AT)
    refunds.send_due(actor=house.system, at=AT)

    assert line_state(paid.lines[0].id)[0] == "HANDED_OVER"
    assert state(done.document_id) == ("CANCELLED", DIFFERENCE)
    assert given_back(done.document_id) == [("CARD", "REFUNDED", -DIFFERENCE), ("CARD", "CAPTURED", DIFFERENCE)]
    assert books.list_problems() == []


def test_a_refund_of_an_exchange_that_ended_never_takes_the_money_of_the_order(house: SmallHouse) -> None:
    """The card refuses it once; asked again, it goes to that card, not to the gift card that paid for the ring."""
    house.stocked(house.paris, ring=1, watch=1)
    card = gift_cards.give(
        key="g", amount=820_000, currency="EUR", reason="a gesture", actor=house.manager_paris, at=NOW
    )
    found = gift_cards.find_card(code=card.code, scope="x", maison_id=house.maison.id, at=NOW)
    ring = WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris)
    placed = checkout.place_order(
        key="o", maison=house.maison, market=house.france, channel="web", lines=[ring],
        tender=gift_cards.read_as_tender(card=found), client_id=house.traditional,
        actor=house.as_client(house.traditional), at=NOW,
    )  # fmt: skip
    done = confirm(house, swap(house, placed))
    give(house, placed)
    pay_links.pay(token=link(house, done.document_id).token, instrument="card_good", actor=house.system, at=AT)
    refund = sql.value("SELECT id FROM payments_payment WHERE order_id = %s AND amount < 0", [done.document_id])
    sql.value("SELECT payments_settle_refund(%s, false, '', %s)", [refund, AT])

    returns.refund_again(refund_id=refund, actor=inspector(house), at=AT)

    tenders = {(one, state) for one, state, amount in given_back(done.document_id) if amount < 0}
    assert tenders == {("CARD", "FAILED"), ("CARD", "REQUESTED")}
    assert sql.value("SELECT balance FROM payments_giftcard") == 0
    assert books.list_problems() == []


def test_a_late_webhook_owes_her_the_money(house: SmallHouse, paid: PlacedOrder) -> None:
    done = confirm(house, swap(house, paid))
    payment = sql.value("SELECT id FROM payments_payment WHERE order_id = %s", [done.document_id])
    checkout.expire_unpaid(at=AT + 2 * HOUR)

    outcome = CaptureOutcome(is_captured=True, provider_reference="late", amount=DIFFERENCE, currency="EUR")
    checkout.settle(payment_id=payment, outcome=outcome, actor=house.system, at=AT + 3 * HOUR)

    assert line_state(paid.lines[0].id)[0] == "HELD"
    assert sql.value("SELECT sum(amount) FROM payments_posting WHERE credit = 'owed:clients'") == DIFFERENCE
    assert books.list_problems() == []


def exchange_at_the_counter(house: SmallHouse) -> tuple[PlacedOrder, ReturnDone]:
    house.stocked(house.paris, ring=1, watch=1)
    sold = give(house, pay(house, buy_online(house, house.traditional, house.ring)))
    done = bring_back(
        house, sold, instead=(TakenInstead(reference_id=house.watch),), balance=DIFFERENCE, pay_within=HOUR
    )
    return sold, done


def test_at_the_counter_the_advisor_sends_a_link_for_the_difference(house: SmallHouse) -> None:
    sold, done = exchange_at_the_counter(house)
    assert done.document is not None
    assert done.document.awaits_payment
    made = pay_links.create(key="l", order_id=done.document.id, actor=house.advisor_paris, at=LATER)
    assert made.amount == DIFFERENCE
    assert line_state(sold.lines[0].id) == ("RETURNED", 1, 0, 0)
    with pytest.raises(ExchangeWaits):
        returns.inspect(
            key="i", arrival_id=waiting_arrivals()[0], condition=Condition.AS_SOLD, fate=Fate.RESTOCKED, accept=True,
            actor=inspector(house), at=LATER,
        )  # fmt: skip

    pay_links.pay(token=made.token, instrument="card_good", actor=house.system, at=LATER)

    assert line_state(sold.lines[0].id) == ("RETURNED", 1, 1, 820_000)
    line = sql.value("SELECT id FROM orders_orderline WHERE order_id = %s AND direction = 'OUT'", [done.document.id])
    hand_over.hand_over(key="g", line_id=line, proof=Proof.IDENTITY_SEEN, actor=house.advisor_paris, at=LATER)
    assert state(done.document.id) == ("COMPLETED", DIFFERENCE)
    assert sql.value("SELECT state FROM orders_return WHERE id = %s", [done.id]) == "CLOSED"
    assert books.list_problems() == []


def test_a_counter_exchange_that_is_not_paid_is_decided_again(house: SmallHouse) -> None:
    sold, _done = exchange_at_the_counter(house)
    checkout.expire_unpaid(at=LATER + 2 * HOUR)
    assert books.list_problems() == []

    again = returns.inspect(
        key="i", arrival_id=waiting_arrivals()[0], condition=Condition.AS_SOLD, fate=Fate.RESTOCKED, accept=True,
        actor=inspector(house), at=LATER + 3 * HOUR,
    )  # fmt: skip

    assert again.document is not None
    assert given_back(again.document.id) == [("CARD", "REQUESTED", -820_000)]
    assert line_state(sold.lines[0].id) == ("RETURNED", 1, 1, 820_000)
    assert free(house, house.watch) == 1
    assert books.list_problems() == []


def test_another_tender_pays_the_difference_too(house: SmallHouse, paid: PlacedOrder) -> None:
    """A gift card that holds enough, once nobody waits for the card."""
    done = confirm(house, swap(house, paid))
    assert done.document_id is not None
    card = gift_cards.give(
        key="g", amount=DIFFERENCE, currency="EUR", reason="a gesture", actor=house.manager_paris, at=AT
    )
    waiting = sql.value("SELECT id FROM payments_payment WHERE order_id = %s", [done.document_id])
    paying.drop_tender(payment_id=waiting, actor=house.advisor_paris, at=AT)
    found = gift_cards.find_card(code=card.code, scope="x", maison_id=house.maison.id, at=AT)

    paying.add_tender(
        key="t",
        order_id=done.document_id,
        tender=gift_cards.read_as_tender(card=found),
        actor=house.advisor_paris,
        at=AT,
    )

    assert state(done.document_id) == ("CONFIRMED", DIFFERENCE)
    assert line_state(paid.lines[0].id)[0] == "CANCELLED"
    assert books.list_problems() == []


def test_an_exchange_paid_online_and_returned_goes_back_to_both_cards(house: SmallHouse, paid: PlacedOrder) -> None:
    """Never above value received: the watch came from the ring's card and the difference's card."""
    done = confirm(house, swap(house, paid))
    pay_links.pay(token=link(house, done.document_id).token, instrument="card_good", actor=house.system, at=AT)
    line = sql.value("SELECT id FROM orders_orderline WHERE order_id = %s AND direction = 'OUT'", [done.document_id])
    hand_over.hand_over(key="g", line_id=line, proof=Proof.IDENTITY_SEEN, actor=house.advisor_paris, at=AT)

    back = returns.receive(
        key="b", order_id=done.document_id, place_id=house.paris, lines=[BroughtLine(line_id=line)],  # type: ignore[arg-type]
        actor=house.advisor_paris, at=LATER,
    )  # fmt: skip

    assert back.document is not None
    assert given_back(back.document.id) == [("CARD", "REQUESTED", -820_000), ("CARD", "REQUESTED", -DIFFERENCE)]
    assert books.list_problems() == []


def test_another_price_by_then_changes_nothing(house: SmallHouse, paid: PlacedOrder) -> None:
    seen = swap(house, paid)
    sql.value("UPDATE pricing_price SET amount = amount + 100 WHERE reference_id = %s RETURNING id", [house.watch])

    with pytest.raises(PreviewOutdated):
        confirm(house, seen)

    assert line_state(paid.lines[0].id)[0] == "HELD"
    assert sql.value("SELECT count(*) FROM payments_payment WHERE state = 'REQUESTED'") == 0
