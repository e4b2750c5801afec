"""Loss of value is deducted only where the law that decides allows it, with a reason she reads; the books agree."""

from __future__ import annotations

import pytest

from tests.domains.test_constraints import refused_by
from tests.factories.orders import buy_online, pay
from tests.factories.returns import LATER, bring_back, give, given_back, inspector, line_state, waiting_arrivals
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.orders.errors import AlreadyInspected, DeductionNotAllowed
from vendome.domains.orders.policy.deciding import decide
from vendome.domains.orders.policy.reading import shipped_rules
from vendome.domains.orders.policy.types import Basis, Condition, Facts, Outcome, Way
from vendome.domains.orders.types import Fate
from vendome.flows import books, return_desk, returns
from vendome.flows.returns import BroughtLine, ReturnDone
from vendome.flows.types import PlacedOrder
from vendome.kit import sql
from vendome.kit.errors import BadInput

pytestmark = pytest.mark.django_db
WHY = "Worn for some days: the clasp had to be polished."


@pytest.fixture
def arrived(house: SmallHouse) -> PlacedOrder:
    """A ring bought online in France, back within fourteen days and waiting to be examined."""
    house.stocked(house.paris, ring=1)
    sold = give(house, pay(house, buy_online(house, house.traditional, house.ring)))
    bring_back(house, sold, BroughtLine(line_id=sold.lines[0].id, accept=False))
    return sold


def examine(house: SmallHouse, **more: object) -> ReturnDone:
    asked = {
        "key": "i", "condition": Condition.WORN, "fate": Fate.RESTOCKED, "accept": True, "deduction": 20_000,
        "deduction_reason": WHY, "at": LATER,
    } | more  # fmt: skip
    return returns.inspect(arrival_id=waiting_arrivals()[0], actor=inspector(house), **asked)  # type: ignore[arg-type]


def test_the_refund_is_that_much_less_and_says_why(house: SmallHouse, arrived: PlacedOrder) -> None:
    done = examine(house)

    assert done.document is not None
    assert done.document.total_amount == -800_000
    assert given_back(done.document.id) == [("CARD", "REQUESTED", -800_000)]
    assert line_state(arrived.lines[0].id) == ("RETURNED", 1, 1, 800_000)
    amount, deducted, tax = sql.row(
        "SELECT amount, deducted_amount, tax_amount FROM orders_orderline WHERE direction = 'IN'"
    ) or (0, 0, 0)
    sold_tax = sql.value("SELECT tax_amount FROM orders_orderline WHERE direction = 'OUT'")
    assert (amount, deducted, tax) == (800_000, 20_000, sold_tax * 800_000 // 820_000)
    seen = return_desk.get_return(actor=house.as_client(house.traditional), return_id=done.id).arrivals[0]
    assert (seen.deducted_amount, seen.deduction_reason) == (20_000, WHY)
    assert books.list_problems() == []
    assert examine_again(house, done) == done


def examine_again(house: SmallHouse, done: ReturnDone) -> ReturnDone:
    arrival = sql.value("SELECT id FROM orders_arrival")
    return returns.inspect(
        key="i", arrival_id=arrival, condition=Condition.WORN, fate=Fate.RESTOCKED, accept=True, deduction=20_000,
        deduction_reason=WHY, actor=inspector(house), at=LATER,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"deduction": 820_001}, DeductionNotAllowed),  # never more than its value
        ({"deduction": 10**20}, DeductionNotAllowed),  # nor more than a number of the database holds
        ({"deduction": -(10**20)}, BadInput),
        ({"condition": Condition.AS_SOLD}, DeductionNotAllowed),  # only what was handled beyond what is necessary
        ({"accept": False, "fate": Fate.GIVEN_BACK}, DeductionNotAllowed),  # nothing is given back, so nothing is less
        ({"deduction_reason": " "}, BadInput),
        ({"deduction": -1}, BadInput),
    ],
)
def test_beyond_what_the_rule_allows_nothing_changes(
    house: SmallHouse, arrived: PlacedOrder, more: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        examine(house, **more)

    assert line_state(arrived.lines[0].id) == ("RETURNED", 1, 0, 0)
    assert sql.value("SELECT count(*) FROM orders_arrival WHERE fate = 'WAITING'") == 1
    assert books.list_problems() == []


def test_all_of_its_value_may_be_lost(house: SmallHouse, arrived: PlacedOrder) -> None:
    done = examine(house, condition=Condition.DAMAGED, deduction=820_000, fate=Fate.WRITTEN_OFF)

    assert done.document is not None
    assert (done.document.total_amount, done.document.refunded_amount) == (0, 0)
    assert books.list_problems() == []


def test_goodwill_deducts_nothing(house: SmallHouse) -> None:
    """After the days of the law the house decides: all of it back or none, by a manager's exception too."""
    house.stocked(house.paris, ring=1)
    sold = give(house, pay(house, buy_online(house, house.traditional, house.ring)))
    bring_back(house, sold, BroughtLine(line_id=sold.lines[0].id, accept=False), at=NOW.replace(month=12, day=20))
    late = {"at": NOW.replace(month=12, day=21), "exception_reason": "her birthday"}

    with pytest.raises(DeductionNotAllowed) as caught:
        examine(house, **late)

    assert str(caught.value.details()["rule"]).startswith("house.")
    assert examine(house, deduction=0, deduction_reason="", **late).document is not None


def test_what_the_counter_has_paid_is_not_made_less(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    sold = give(house, pay(house, buy_online(house, house.traditional, house.ring)))
    bring_back(house, sold)

    with pytest.raises((AlreadyInspected, DeductionNotAllowed)):
        examine(house, accept=False)

    assert line_state(sold.lines[0].id)[3] == 820_000


def test_only_rights_of_withdrawal_know_it_and_name_their_law() -> None:
    rules = shipped_rules()
    knows = {rule.code for rule in rules if rule.loss_of_value}
    assert knows == {"fr.withdrawal", "de.withdrawal", "eu.withdrawal", "uk.cancellation"}
    assert all(rule.basis is Basis.LAW and rule.outcome is Outcome.RIGHT for rule in rules if rule.loss_of_value)


@pytest.mark.parametrize(
    ("country", "may"),
    [("FR", True), ("DE", True), ("IT", True), ("GB", True), ("JP", False), ("BR", False), ("US", False)],
)
def test_each_market_as_its_law_says(country: str, may: bool) -> None:
    facts = Facts(
        country=country,
        way=Way.DISTANCE,
        family="rings",
        on=NOW.date(),
        received_on=NOW.date(),
        condition=Condition.WORN,
    )
    assert decide(shipped_rules(), facts).may_deduct is may


def test_the_database_refuses_it_too(house: SmallHouse, arrived: PlacedOrder) -> None:
    examine(house)

    refused_by(
        "only_what_comes_back_loses_value",
        "UPDATE orders_orderline SET deducted_amount = 1, unit_amount = unit_amount + 1 WHERE direction = 'OUT'",
    )
    refused_by(
        "order_line_adds_up", "UPDATE orders_orderline SET deducted_amount = deducted_amount + 1 WHERE direction = 'IN'"
    )
