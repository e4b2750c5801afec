# ruff: noqa: E501  # SQL reads better on one line here
"""The constraints of returns, each seen refusing a forgetful writer."""

from __future__ import annotations

import pytest

from tests.domains.test_constraints import refused_by
from tests.factories.orders import buy_online, pay
from tests.factories.returns import HOME, LATER, bring_back, give
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.orders.queries import policy
from vendome.domains.orders.services import policy as writing
from vendome.domains.orders.types import ReturnRoute
from vendome.flows import returns
from vendome.flows.exchanging import WantedReturn
from vendome.flows.returns import BroughtLine
from vendome.flows.types import PlacedOrder

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(house: SmallHouse) -> PlacedOrder:
    house.stocked(house.paris, ring=2)
    return give(house, pay(house, buy_online(house, house.traditional, house.ring)))


def test_a_line_never_gives_back_more_than_it_took(house: SmallHouse, sold: PlacedOrder) -> None:
    bring_back(house, sold)
    line = "orders_orderline SET {} WHERE direction = 'OUT'"

    refused_by("returns_within_what_was_sold", "UPDATE " + line.format("returned_quantity = 2"))
    refused_by("returns_within_what_was_sold", "UPDATE " + line.format("credited_quantity = 2"))
    refused_by("returns_within_what_was_paid", "UPDATE " + line.format("returned_amount = returned_amount + 1"))
    refused_by("returns_within_what_was_paid", "UPDATE " + line.format("returned_tax_amount = -1"))
    refused_by("returns_pay_for_what_is_back", "UPDATE " + line.format("credited_quantity = 0"))


def test_an_arrival_is_decided_once(house: SmallHouse, sold: PlacedOrder) -> None:
    bring_back(house, sold, BroughtLine(line_id=sold.lines[0].id, accept=False))

    refused_by("accepted_on_a_document", "UPDATE orders_arrival SET is_accepted = true")
    refused_by(
        "only_what_is_ours_again_is_restocked", "UPDATE orders_arrival SET fate = 'RESTOCKED', inspected_at = now()"
    )
    refused_by("arrival_is_inspected_once", "UPDATE orders_arrival SET inspected_at = now()")
    refused_by("arrival_of_something", "UPDATE orders_arrival SET quantity = 0, piece_id = NULL")
    refused_by("arrival_of_a_piece_is_one", "UPDATE orders_arrival SET quantity = 2")
    refused_by("accepted_only_what_arrived", "UPDATE orders_returnline SET accepted_quantity = 1")
    refused_by("accepted_only_what_arrived", "UPDATE orders_returnline SET arrived_quantity = 2")
    refused_by("return_decision_names_its_rule", "UPDATE orders_returnline SET rule = ''")
    refused_by("return_closes_once", "UPDATE orders_return SET state = 'CLOSED'")
    refused_by("return_to_a_counter_names_it", "UPDATE orders_return SET place_id = NULL")
    refused_by(
        "arrival_has_its_own_hold",
        "INSERT INTO orders_arrival (id, line_id, place_id, quantity, hold_id, condition, is_accepted, fate, arrived_at, received_by) "
        "SELECT gen_random_uuid(), line_id, place_id, 1, hold_id, condition, false, fate, arrived_at, '' FROM orders_arrival",
    )
    refused_by(
        "sold_line_returns_once_at_a_time",
        "INSERT INTO orders_returnline (id, case_id, position, sold_line_id, quantity, reason, rule, decision) "
        "SELECT gen_random_uuid(), case_id, 2, sold_line_id, 1, reason, rule, decision FROM orders_returnline",
    )


def test_an_exchange_from_afar_is_one_piece_for_one_under_its_own_hold(house: SmallHouse, sold: PlacedOrder) -> None:
    house.stocked(house.warehouse, watch=1)
    returns.announce(
        key="a", order_id=sold.id, lines=[WantedReturn(line_id=sold.lines[0].id, instead=house.watch)],
        route=ReturnRoute.COURIER, place_id=None, pickup=HOME, actor=house.as_client(house.traditional), at=LATER,
    )  # fmt: skip

    refused_by("exchange_of_one_piece_for_one", "UPDATE orders_returnline SET quantity = 2")
    refused_by("exchange_of_one_piece_for_one", "UPDATE orders_returnline SET wanted_hold_id = NULL")
    refused_by("exchange_of_one_piece_for_one", "UPDATE orders_returnline SET wanted_price = NULL")
    refused_by(
        "wanted_piece_has_its_own_hold",
        "INSERT INTO orders_returnline (id, case_id, position, sold_line_id, quantity, reason, rule, decision, is_open, wanted_reference_id, wanted_hold_id, wanted_price) "
        "SELECT gen_random_uuid(), case_id, 2, sold_line_id, 1, reason, rule, decision, false, wanted_reference_id, wanted_hold_id, wanted_price FROM orders_returnline",
    )
    refused_by("only_a_courier_comes_for_it", f"UPDATE orders_return SET route = 'COUNTER', place_id = '{house.paris}'")


def test_what_was_given_back_was_not_paid_for(house: SmallHouse, sold: PlacedOrder) -> None:
    bring_back(house, sold)

    refused_by(
        "given_back_or_paid_for_never_both", "UPDATE orders_arrival SET fate = 'GIVEN_BACK', inspected_at = now()"
    )


def test_rules_are_what_they_say(house: SmallHouse) -> None:
    shipped = policy.list_rules(maison_id=house.maison.id)
    count = writing.install_rules(maison_id=house.maison.id, actor=house.system, at=NOW)
    writing.install_rules(maison_id=house.maison.id, actor=house.system, at=NOW)

    assert policy.list_rules(maison_id=house.maison.id) == shipped
    assert count == len(shipped)
    rule = "UPDATE orders_returnrule SET {} WHERE code = '{}'"
    refused_by("law_names_its_source", rule.format("statute = ''", "fr.withdrawal"))
    refused_by("rights_come_from_the_law", rule.format("outcome = 'REFUSE'", "fr.withdrawal"))
    refused_by("rights_come_from_the_law", rule.format("outcome = 'RIGHT', form = 'ORIGINAL'", "house.late"))
    refused_by("refund_goes_where_it_came_from", rule.format("form = 'CREDIT'", "fr.withdrawal"))
    refused_by("return_rule_code_once", rule.format("code = 'house.late'", "house.gift"))
    refused_by("return_rule_position_once", rule.format("position = 10", "house.gift"))
    refused_by("return_days_sane", rule.format("within_days = -1", "house.gift"))
