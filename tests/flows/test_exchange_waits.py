"""An exchange that waits for its payment always ends: paid, given up at the counter, too late, or with nothing left to
give; and until then her order stays as it is."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from tests.factories.orders import buy_online, pay
from tests.factories.returns import LATER, advisor_london, inspector, line_state, waiting_arrivals
from tests.factories.small_house import NOW, SmallHouse
from tests.flows.test_exchange_online import (
    AT,
    DIFFERENCE,
    HOUR,
    confirm,
    exchange_at_the_counter,
    free,
    link,
    state,
    swap,
)
from tests.flows.test_line_steps import elsewhere, tasks
from tests.sabotage import change
from vendome.domains.fulfilment.types import Proof
from vendome.domains.orders.errors import GivenUp, ReturnClosed
from vendome.domains.orders.policy.types import Condition
from vendome.domains.orders.types import Fate
from vendome.domains.stock.services import movements
from vendome.flows import books, changes, checkout, gift_cards, hand_over, pay_links, paying, returns
from vendome.flows.line_steps import Task
from vendome.flows.returns import ReturnDone
from vendome.flows.types import PlacedOrder
from vendome.kit import sql
from vendome.kit.errors import Forbidden, NotFound

pytestmark = pytest.mark.django_db


def document(done: ReturnDone) -> uuid.UUID:
    assert done.document is not None
    return done.document.id


def decide(house: SmallHouse) -> None:
    """What she brought is examined, and its value given back."""
    returns.inspect(
        key="i", arrival_id=waiting_arrivals()[0], condition=Condition.AS_SOLD, fate=Fate.RESTOCKED, accept=True,
        actor=inspector(house), at=LATER,
    )  # fmt: skip


def lose_the_new_piece(house: SmallHouse, doc: uuid.UUID, key: str = "gone") -> None:
    line = sql.row("SELECT hold_id, piece_id FROM orders_orderline WHERE order_id = %s AND direction = 'OUT'", [doc])
    assert line is not None
    movements.lose(
        key=key, place_id=house.paris, reference_id=house.watch, piece_id=line[1], hold_id=line[0],
        reason="not in its tray", actor=house.system, at=LATER,
    )  # fmt: skip


class TestNothingLeftToGive:
    def test_a_lost_piece_ends_the_exchange_at_the_counter(self, house: SmallHouse) -> None:
        sold, done = exchange_at_the_counter(house)
        lose_the_new_piece(house, document(done))

        assert checkout.expire_unpaid(at=LATER) == 1

        assert state(document(done)) == ("CANCELLED", DIFFERENCE)
        assert books.list_problems() == []
        decide(house)
        assert line_state(sold.lines[0].id) == ("RETURNED", 1, 1, 820_000)
        assert checkout.expire_unpaid(at=LATER) == 0
        assert books.list_problems() == []

    def test_a_lost_piece_ends_the_change_of_an_order(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1, watch=1)
        paid = pay(house, buy_online(house, house.traditional, house.ring))
        done = confirm(house, swap(house, paid))
        assert done.document_id is not None
        lose_the_new_piece(house, done.document_id)

        checkout.expire_unpaid(at=AT)

        assert state(done.document_id) == ("CANCELLED", DIFFERENCE)
        assert line_state(paid.lines[0].id)[0] == "HELD"
        assert books.list_problems() == []

    def bare(self, house: SmallHouse, count: int) -> list[uuid.UUID]:
        """So many exchanges of which the new piece was lost."""
        waiting = []
        for key in "abc"[:count]:
            house.stocked(house.paris, ring=1, watch=1)
            seen = swap(house, pay(house, buy_online(house, house.traditional, house.ring)))
            done = confirm(house, seen, key)
            assert done.document_id is not None
            lose_the_new_piece(house, done.document_id, key)
            waiting.append(done.document_id)
        return waiting

    def test_a_round_ends_so_many_and_the_next_the_others(self, house: SmallHouse) -> None:
        waiting = self.bare(house, 3)

        for left in (1, 0):
            assert sql.value("SELECT flows_expire_holds(%s, 2)", [AT]) == 2 - (left == 0)
            assert sum(state(one)[0] == "AWAITING_PAYMENT" for one in waiting) == left
        assert books.list_problems() == []

    def rounds(self, house: SmallHouse) -> list[str]:
        """Rounds of two, of which two can never be ended; answers how the exchanges stand after an hour."""
        *stuck, _last = waiting = sorted(self.bare(house, 3))
        change(
            "flows_expire_order",
            "IF o.state <> 'AWAITING_PAYMENT' THEN",
            f"IF o.id IN ('{stuck[0]}', '{stuck[1]}') THEN PERFORM vendome_fail('stock.hold_gone'); END IF; "
            "IF o.state <> 'AWAITING_PAYMENT' THEN",
        )
        for minute in range(60):
            sql.value("SELECT flows_expire_holds(%s, 2)", [AT + timedelta(minutes=minute)])
        return [state(one)[0] for one in waiting]

    def test_those_that_cannot_be_ended_keep_no_other_from_its_turn(self, house: SmallHouse) -> None:
        assert self.rounds(house) == ["AWAITING_PAYMENT", "AWAITING_PAYMENT", "CANCELLED"]

    def test_control_always_from_the_same_end_the_others_never_come(self, house: SmallHouse) -> None:
        change("flows_list_bare_exchanges", "hashtextextended(w.id::text, extract(epoch FROM at)::bigint)", "w.id")

        assert self.rounds(house) == ["AWAITING_PAYMENT"] * 3

    def test_while_a_piece_is_kept_it_waits(self, house: SmallHouse) -> None:
        _sold, done = exchange_at_the_counter(house)

        assert checkout.expire_unpaid(at=LATER) == 0

        assert state(document(done)) == ("AWAITING_PAYMENT", DIFFERENCE)

    def test_control_by_holds_alone_it_would_wait_for_ever(self, house: SmallHouse) -> None:
        change(
            "flows_expire_holds",
            "1 FROM flows_list_bare_exchanges(most, at) x",
            "1 FROM flows_list_bare_exchanges(most, at) x WHERE false",
        )
        _sold, done = exchange_at_the_counter(house)
        lose_the_new_piece(house, document(done))

        checkout.expire_unpaid(at=LATER + timedelta(days=60))

        assert state(document(done)) == ("AWAITING_PAYMENT", DIFFERENCE)


class TestEndedAtTheCounter:
    def test_she_changes_her_mind(self, house: SmallHouse) -> None:
        sold, done = exchange_at_the_counter(house)
        made = pay_links.create(key="l", order_id=document(done), actor=house.advisor_paris, at=LATER)

        for _again in range(2):
            returns.end_exchange(document_id=document(done), actor=house.advisor_paris, at=LATER)

        assert state(document(done)) == ("CANCELLED", DIFFERENCE)
        assert free(house, house.watch) == 1
        assert pay_links.get_link(token=made.token, at=LATER).state == "CLOSED"
        assert sql.value("SELECT count(*) FROM kit_auditentry WHERE action = 'orders.end_exchange'") == 1
        assert books.list_problems() == []
        decide(house)
        assert line_state(sold.lines[0].id) == ("RETURNED", 1, 1, 820_000)
        assert books.list_problems() == []

    def test_once_it_is_paid_it_does_not_end(self, house: SmallHouse) -> None:
        _sold, done = exchange_at_the_counter(house)
        made = pay_links.create(key="l", order_id=document(done), actor=house.advisor_paris, at=LATER)
        pay_links.pay(token=made.token, instrument="card_good", actor=house.system, at=LATER)

        with pytest.raises(ReturnClosed):
            returns.end_exchange(document_id=document(done), actor=house.advisor_paris, at=LATER)

        assert state(document(done)) == ("CONFIRMED", DIFFERENCE)

    def test_only_an_exchange_and_by_who_takes_returns_there(self, house: SmallHouse, other_house: SmallHouse) -> None:
        sold, done = exchange_at_the_counter(house)

        with pytest.raises(NotFound):
            returns.end_exchange(document_id=sold.id, actor=inspector(house), at=LATER)
        with pytest.raises(NotFound):
            returns.end_exchange(document_id=document(done), actor=inspector(other_house), at=LATER)
        with pytest.raises((NotFound, Forbidden)):
            returns.end_exchange(document_id=document(done), actor=advisor_london(house), at=LATER)
        assert state(document(done)) == ("AWAITING_PAYMENT", DIFFERENCE)


class TestAPartOfTheDifference:
    def waiting(self, house: SmallHouse) -> tuple[PlacedOrder, uuid.UUID]:
        """A ring travels from London to Paris; the watch she wants instead is to be paid, by whatever way."""
        placed = elsewhere(house)
        house.stocked(house.paris, watch=1)
        done = confirm(house, swap(house, placed))
        assert done.document_id is not None
        waiting = sql.value("SELECT id FROM payments_payment WHERE order_id = %s", [done.document_id])
        paying.drop_tender(payment_id=waiting, actor=house.advisor_paris, at=AT)
        return placed, done.document_id

    def spend(self, house: SmallHouse, doc: uuid.UUID, amount: int) -> None:
        card = gift_cards.give(
            key=f"g{amount}", amount=amount, currency="EUR", reason="a gesture", actor=house.manager_paris, at=AT
        )
        found = gift_cards.find_card(code=card.code, scope="x", maison_id=house.maison.id, at=AT)
        paying.add_tender(
            key=f"t{amount}", order_id=doc, tender=gift_cards.read_as_tender(card=found, amount=amount),
            actor=house.advisor_paris, at=AT,
        )  # fmt: skip

    def transfers(self) -> list[str]:
        return [row[0] for row in sql.rows("SELECT state FROM stock_transfer ORDER BY id")]

    def test_a_part_leaves_the_old_piece_on_its_way(self, house: SmallHouse) -> None:
        placed, doc = self.waiting(house)
        assert self.transfers() == ["APPROVED"]

        self.spend(house, doc, 1000)

        assert state(doc) == ("AWAITING_PAYMENT", DIFFERENCE)
        assert self.transfers() == ["APPROVED"]
        checkout.expire_unpaid(at=AT + 2 * HOUR)
        assert state(doc) == ("CANCELLED", DIFFERENCE)
        assert (line_state(placed.lines[0].id)[0], self.transfers()) == ("HELD", ["APPROVED"])
        assert tasks(house, house.london) == [Task.SEND_TO_BOUTIQUE]
        assert books.list_problems() == []

    def test_the_rest_takes_it_back(self, house: SmallHouse) -> None:
        placed, doc = self.waiting(house)

        self.spend(house, doc, 1000)
        self.spend(house, doc, DIFFERENCE - 1000)

        assert state(doc) == ("CONFIRMED", DIFFERENCE)
        assert (line_state(placed.lines[0].id)[0], self.transfers()) == ("CANCELLED", ["CANCELLED"])
        assert books.list_problems() == []

    def test_a_link_for_a_part_leaves_it_too(self, house: SmallHouse) -> None:
        placed, doc = self.waiting(house)
        made = pay_links.create(key="l", order_id=doc, amount=1000, actor=inspector(house), at=AT)

        pay_links.pay(token=made.token, instrument="card_good", actor=house.system, at=AT)

        assert state(doc) == ("AWAITING_PAYMENT", DIFFERENCE)
        assert (line_state(placed.lines[0].id)[0], self.transfers()) == ("HELD", ["APPROVED"])
        self.spend(house, doc, DIFFERENCE - 1000)
        assert (line_state(placed.lines[0].id)[0], self.transfers()) == ("CANCELLED", ["CANCELLED"])
        assert books.list_problems() == []

    def test_control_taken_with_any_amount_the_transfer_is_forgotten(self, house: SmallHouse) -> None:
        change("flows_add_tender", "flows_would_pay(order_, amount_)", "true")
        _placed, doc = self.waiting(house)

        self.spend(house, doc, 1000)

        assert self.transfers() == ["CANCELLED"]


def test_what_waits_to_be_fetched_is_on_the_lists_of_the_boutique(house: SmallHouse) -> None:
    _sold, done = exchange_at_the_counter(house)
    made = pay_links.create(key="l", order_id=document(done), actor=house.advisor_paris, at=LATER)
    assert tasks(house, house.paris) == []  # not before it is paid
    pay_links.pay(token=made.token, instrument="card_good", actor=house.system, at=LATER)

    assert tasks(house, house.paris) == [Task.MAKE_READY]
    (waiting,) = hand_over.list_waiting(actor=house.advisor_paris, place_id=house.paris)
    hand_over.hand_over(
        key="g", line_id=waiting.line_id, proof=Proof.IDENTITY_SEEN, actor=house.advisor_paris, at=LATER
    )

    assert tasks(house, house.paris) == []
    assert state(document(done)) == ("COMPLETED", DIFFERENCE)
    assert books.list_problems() == []


def test_control_taken_away_it_is_on_no_list(house: SmallHouse) -> None:
    change("flows_write_document", "SET mode = 'COLLECT'", "SET mode = mode")
    _sold, done = exchange_at_the_counter(house)
    made = pay_links.create(key="l", order_id=document(done), actor=house.advisor_paris, at=LATER)
    pay_links.pay(token=made.token, instrument="card_good", actor=house.system, at=LATER)

    assert tasks(house, house.paris) == []


class TestHerOwnPage:
    def test_opening_it_again_keeps_the_piece_no_longer(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1, watch=1)
        seen = swap(house, pay(house, buy_online(house, house.traditional, house.ring)))
        done = confirm(house, seen)
        me = house.as_client(house.traditional)
        later = AT + timedelta(minutes=50)

        first = changes.difference_link(change_id=seen.change_id, lasts=HOUR, actor=me, at=later)
        assert first.expires_at == AT + HOUR
        with pytest.raises(GivenUp):
            changes.difference_link(change_id=seen.change_id, lasts=HOUR, actor=me, at=AT + HOUR)
        checkout.expire_unpaid(at=AT + HOUR)

        assert state(done.document_id) == ("CANCELLED", DIFFERENCE)
        assert free(house, house.watch) == 1

    def test_control_as_long_as_her_link_it_is_kept_for_ever(self, house: SmallHouse) -> None:
        change("flows_open_link", "IF is_own AND o.state = 'AWAITING_PAYMENT' THEN", "IF false THEN")
        house.stocked(house.paris, ring=1, watch=1)
        seen = swap(house, pay(house, buy_online(house, house.traditional, house.ring)))
        done = confirm(house, seen)
        me = house.as_client(house.traditional)

        for minutes in range(50, 500, 50):
            changes.difference_link(change_id=seen.change_id, lasts=HOUR, actor=me, at=AT + timedelta(minutes=minutes))
            checkout.expire_unpaid(at=AT + timedelta(minutes=minutes))

        assert state(done.document_id) == ("AWAITING_PAYMENT", DIFFERENCE)

    def test_staff_may_give_her_more_time(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1, watch=1)
        done = confirm(house, swap(house, pay(house, buy_online(house, house.traditional, house.ring))))
        assert done.document_id is not None

        pay_links.create(key="l", order_id=done.document_id, lasts=5 * HOUR, actor=inspector(house), at=AT)
        checkout.expire_unpaid(at=AT + 2 * HOUR)

        assert state(done.document_id) == ("AWAITING_PAYMENT", DIFFERENCE)

    def test_an_order_of_hers_is_kept_while_she_pays(self, house: SmallHouse) -> None:
        """The provider's page of a checkout lasts longer than the first quarter of an hour."""
        house.stocked(house.paris, ring=1)
        placed = buy_online(house, house.traditional, house.ring)

        pay_links.create_for_client(
            order_id=placed.id, maison_id=house.maison.id, lasts=HOUR, actor=house.as_client(house.traditional), at=NOW
        )

        assert sql.value("SELECT expires_at FROM stock_hold WHERE order_id = %s", [placed.id]) == NOW + HOUR


def test_confirming_again_after_she_has_paid_asks_for_nothing(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1, watch=1)
    seen = swap(house, pay(house, buy_online(house, house.traditional, house.ring)))
    done = confirm(house, seen)
    assert confirm(house, seen).awaits_payment
    pay_links.pay(token=link(house, done.document_id).token, instrument="card_good", actor=house.system, at=AT)

    again = confirm(house, seen)

    assert (again.document_id, again.awaits_payment) == (done.document_id, False)
