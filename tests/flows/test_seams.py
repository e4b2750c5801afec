"""Where slices meet: part-paid orders that change, pieces called for elsewhere as they travel, gifts, late money."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial

import pytest

from tests.factories.orders import buy_online, pay
from tests.factories.parcels import offer_services, pack, sent, to_send
from tests.factories.payments import card, cash, offer, order, states
from tests.factories.returns import bring_back, give, given_back
from tests.factories.small_house import NOW, SmallHouse
from tests.flows.test_changes import confirm, propose
from tests.flows.test_gift_cards import balance, by_card, sold
from tests.flows.test_line_steps import elsewhere, refuse, staff, step
from tests.flows.test_tenders import captured
from tests.sabotage import change
from vendome.domains.orders.types import ChangeKind
from vendome.domains.payments.types import CaptureOutcome
from vendome.domains.stock.scarcity_models import QuotaRule
from vendome.flows import books, checkout, exceptions, paying
from vendome.flows.line_steps import Step
from vendome.flows.types import PlacedOrder
from vendome.kit import sql
from vendome.kit.errors import DomainError

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(minutes=1)


def test_a_deposit_order_is_not_swapped_before_it_is_paid(house: SmallHouse) -> None:
    """What is still owed would be owed on an order that has ended."""
    house.stocked(house.paris, ring=1, watch=1)
    placed = order(house, cash(), due_amount=300_000)

    seen = propose(house, placed, ChangeKind.SWAP, reference_id=house.watch, actor=house.manager_paris)

    assert seen.problem


def test_a_deposit_order_that_is_cancelled_gives_back_the_deposit_and_no_more(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = order(house, cash(), due_amount=300_000)

    seen = propose(house, placed, ChangeKind.CANCEL_LINE, actor=house.manager_paris)
    done = confirm(house, seen, actor=house.manager_paris)

    assert done.document_id is not None
    cash_back = sql.value(
        "SELECT sum(amount) FROM payments_payment WHERE order_id = %s AND tender <> 'CREDIT'", [done.document_id]
    )
    assert cash_back == -300_000
    assert books.list_problems() == []


def test_a_piece_on_rates_comes_back_for_what_was_paid_and_the_rates_end(house: SmallHouse) -> None:
    offer(house)
    house.stocked(house.paris, ring=1)
    placed = order(house, card(), instalments=3)
    checkout.pay(placed=placed, provider="card_test", instrument="card_good", actor=house.system, at=NOW)
    give(house, placed)

    bring_back(house, placed)

    assert sql.rows("SELECT DISTINCT state FROM payments_instalment WHERE state <> 'PAID'") == [("CANCELLED",)]
    assert books.list_problems() == []


def test_money_that_comes_late_is_owed_only_as_far_as_it_is_too_much(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = order(house, card())
    paying.drop_tender(payment_id=placed.payment_id, actor=house.advisor_paris, at=NOW)
    paying.add_tender(key="a", order_id=placed.id, tender=cash(300_000), actor=house.advisor_paris, at=NOW)
    checkout.settle(payment_id=placed.payment_id, outcome=captured(820_000), actor=house.system, at=NOW)
    assert books.list_problems() == []

    sql.value("SELECT flows_give_back(%s, %s, %s)", [placed.payment_id, house.maison.id, NOW])

    back = sql.value("SELECT sum(amount) FROM payments_payment WHERE refund_of_id = %s", [placed.payment_id])
    assert back == -300_000, states(placed.id)
    with pytest.raises(DomainError):
        sql.value("SELECT flows_give_back(%s, %s, %s)", [placed.payment_id, house.maison.id, NOW])


def test_a_gift_that_was_paid_by_gift_card_is_credited_to_who_received_it(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    card_id = sold(house, 1_000_000)
    placed = order(house, by_card(card_id))
    give(house, placed)
    left = balance(card_id)

    done = bring_back(house, placed, is_gift=True, client_id=house.emerging)

    assert balance(card_id) == left
    assert done.document is not None
    assert {one[0] for one in given_back(done.document.id)} == {"CREDIT_NOTE"}


def test_one_for_each_client_stays_one_when_she_collects_elsewhere(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=3)
    house.stocked(house.london, ring=2)
    model = sql.value("SELECT model_id FROM catalogue_reference WHERE id = %s", [house.ring])
    QuotaRule.objects.create(
        model_id=model, per_person=1, counts_household=False, maison_id=house.maison.id, set_at=NOW, set_by="SYSTEM"
    )
    placed = pay(house, buy_online(house, house.traditional, house.ring))

    confirm(house, propose(house, placed, ChangeKind.COLLECT_AT, place_id=house.london))

    with pytest.raises(DomainError) as refused:
        buy_online(house, house.traditional, house.ring)
    assert refused.value.code == "stock.quota_reached"


def test_a_packed_parcel_is_opened_before_its_line_goes_another_way(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    house.stocked(house.london, ring=1)
    services = offer_services(house)
    placed, parcel = to_send(house)
    pack(house, parcel, services["STANDARD"])
    raised = sql.value(
        "SELECT flows_raise_exception('REFUSED', l.order_id, l.id, NULL, l.place_id, 'DAMAGED', '', l.amount, 'A', %s)"
        " FROM orders_orderline l WHERE l.id = %s",
        [NOW, placed.lines[0].id],
    )

    with pytest.raises(DomainError) as refused:
        sql.value(
            "SELECT flows_resolve_exception('s', 'k', 'x'::bytea, %s, 'RESOURCED', NULL, '', 'A', %s)", [raised, NOW]
        )

    assert refused.value.code == "fulfilment.parcel_moved"


def test_what_was_asked_of_a_place_ends_with_the_hold_it_was_asked_for(house: SmallHouse) -> None:
    """London cannot find it; the transfer would have sent the piece that is kept from sale."""
    placed = elsewhere(house)
    house.stocked(house.paris, ring=1)
    raised = refuse(placed.lines[0].id, staff(house, "advisor", house.london))

    sql.value("SELECT flows_resolve_exception('s', 'k', 'x'::bytea, %s, 'RESOURCED', NULL, '', 'A', %s)", [raised, NOW])

    assert sql.rows("SELECT state FROM stock_transfer") == [("CANCELLED",)]


def test_a_piece_that_is_lost_on_the_way_stays_a_question_until_somebody_answers(house: SmallHouse) -> None:
    placed = elsewhere(house)
    line = placed.lines[0].id
    step(line, Step.LEAVES, staff(house, "advisor", house.london))
    transfer, part = sql.rows("SELECT transfer_id, id FROM stock_transferline")[0]
    lost = [{"line": str(part), "received": 0, "discrepancy": "MISSING", "note": "gone"}]
    sql.value(
        "SELECT stock_receive_transfer('s', 'k', 'x'::bytea, %s, %s::jsonb, '[]', 'A', %s)",
        [transfer, json.dumps(lost), NOW],
    )
    sql.value(
        "SELECT flows_raise_exception('REFUSED', l.order_id, l.id, NULL, l.place_id, 'NOT_FOUND', '', l.amount, 'A',"
        " %s) FROM orders_orderline l WHERE l.id = %s",
        [NOW, line],
    )

    exceptions.find_due(at=SOON)

    assert ("REFUSED", None) in sql.rows("SELECT kind, resolved_at FROM fulfilment_orderexception")


def test_what_is_with_the_carrier_is_not_taken_back_at_a_counter(house: SmallHouse) -> None:
    house.stocked(house.warehouse, candle=1)
    placed, _ = sent(house, "STANDARD", house.candle)

    with pytest.raises(DomainError):
        bring_back(house, placed)

    assert sql.value("SELECT sum(on_hand) FROM stock_level WHERE reference_id = %s", [house.candle]) == 1


def test_what_came_back_is_not_put_on_the_shelf_before_it_is_examined(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    bring_back(house, give(house, pay(house, buy_online(house, house.traditional, house.ring))))
    hold = sql.value("SELECT id FROM stock_hold WHERE kind = 'QUARANTINE' AND state = 'ACTIVE'")
    assert hold is not None

    with pytest.raises(DomainError):
        sql.value("SELECT stock_put_back(%s, %s, 'A', 'tidy', %s)", [house.paris, hold, NOW])


def test_a_swap_that_was_paid_owes_nothing(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1, watch=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    seen = propose(house, placed, ChangeKind.SWAP, reference_id=house.watch, actor=house.manager_paris)
    confirm(house, seen, actor=house.manager_paris, tender=cash())

    exceptions.find_due(at=NOW + timedelta(hours=3))

    assert sql.rows("SELECT kind FROM fulfilment_orderexception WHERE kind = 'MONEY_OWED'") == []


def given_up(house: SmallHouse) -> tuple[PlacedOrder, str]:
    """Part of it was in the till when her card was declined: the order is given up, and giving back failed."""
    house.stocked(house.paris, ring=1)
    placed = order(house, cash(300_000), card())
    declined = CaptureOutcome(is_captured=False, provider_reference="", amount=520_000, currency="EUR")
    checkout.settle(payment_id=placed.payment_id, outcome=declined, actor=house.system, at=NOW)
    refund = sql.value("SELECT id FROM payments_payment WHERE order_id = %s AND amount < 0", [placed.id])
    sql.value("SELECT payments_settle_refund(%s, false, '', %s)", [refund, NOW])
    return placed, refund


def test_what_a_given_up_order_brought_in_is_asked_for_again(house: SmallHouse) -> None:
    placed, refund = given_up(house)
    assert states(placed.id)[0] == "CANCELLED"
    again = partial(sql.value, "SELECT flows_refund_again(%s, 'A', %s)", [refund, NOW])

    assert (again(), again()) == (300_000, 0)

    asked = sql.rows("SELECT id, state FROM payments_payment WHERE amount < 0 ORDER BY requested_at, state", [])
    assert sorted(state for _, state in asked) == ["FAILED", "REQUESTED"]
    for one, _ in asked:
        sql.value("SELECT payments_settle_refund(%s, true, 'till', %s)", [one, NOW])
    assert again() == 0
    assert books.list_problems() == []


def test_control_measured_by_a_total_that_nobody_owes_it_asks_for_nothing(house: SmallHouse) -> None:
    _, refund = given_up(house)
    change("flows_refund_again", "THEN 0 ELSE o.total_amount END", "THEN o.total_amount ELSE o.total_amount END")

    assert sql.value("SELECT flows_refund_again(%s, 'A', %s)", [refund, NOW]) == 0


def test_money_that_came_after_the_end_is_asked_for_again(house: SmallHouse) -> None:
    placed, _ = given_up(house)
    checkout.settle(payment_id=placed.payment_id, outcome=captured(520_000), actor=house.system, at=NOW)
    late = sql.value("SELECT flows_give_back(%s, %s, %s)", [placed.payment_id, house.maison.id, NOW])
    sql.value("SELECT payments_settle_refund(%s, false, '', %s)", [late, NOW])

    assert sql.value("SELECT flows_refund_again(%s, 'A', %s)", [late, NOW]) == 820_000

    for (one,) in sql.rows("SELECT id FROM payments_payment WHERE amount < 0 AND state = 'REQUESTED'"):
        sql.value("SELECT payments_settle_refund(%s, true, %s, %s)", [one, str(one), NOW])
    assert sql.value("SELECT flows_paid(%s)", [placed.id]) == 0
    assert books.list_problems() == []
