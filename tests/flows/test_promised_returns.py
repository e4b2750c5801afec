"""What was announced under a rule is taken back under it, though the house has changed its mind since (ADR 0022)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.factories.orders import buy_online, pay
from tests.factories.returns import bring_back, give, given_back, inspector, waiting_arrivals
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.orders.errors import NotReturnable
from vendome.domains.orders.policy.deciding import better
from vendome.domains.orders.policy.types import (
    Basis,
    Condition,
    Decision,
    Outcome,
    Payer,
    RefundForm,
    Rule,
    Words,
)
from vendome.domains.orders.queries import policy
from vendome.domains.orders.services import policy as writing
from vendome.domains.orders.types import Fate, ReturnRoute
from vendome.flows import books, returnable, returns
from vendome.flows.exchanging import WantedReturn
from vendome.flows.returns import BroughtLine
from vendome.flows.types import PlacedOrder
from vendome.kit import sql

pytestmark = pytest.mark.django_db
ANNOUNCED = NOW + timedelta(days=22)  # past the fourteen days of the law, within the thirty of the house
CHANGED = ANNOUNCED + timedelta(hours=1)
BROUGHT = ANNOUNCED + timedelta(days=1)
THIRTY = "house.thirty-days"


@pytest.fixture
def sold(house: SmallHouse) -> PlacedOrder:
    house.stocked(house.paris, ring=1)
    return give(house, pay(house, buy_online(house, house.traditional, house.ring)))


def announce(house: SmallHouse, sold: PlacedOrder) -> None:
    returns.announce(
        key="a", order_id=sold.id, lines=[WantedReturn(line_id=sold.lines[0].id)], route=ReturnRoute.COUNTER,
        place_id=house.paris, actor=house.as_client(house.traditional), at=ANNOUNCED,
    )  # fmt: skip


def drop(house: SmallHouse) -> None:
    writing.drop_rule(
        code=THIRTY, expected=policy.get_version(maison_id=house.maison.id), note="over", actor=house.director,
        at=CHANGED,
    )  # fmt: skip


def change(house: SmallHouse, **more: object) -> None:
    """The rule of thirty days as it is from now on."""
    old = next(one for one in policy.list_rules(maison_id=house.maison.id) if one.code == THIRTY)
    writing.save_rule(
        rule=replace(old, **more), replaces=THIRTY, expected=policy.get_version(maison_id=house.maison.id),  # type: ignore[arg-type]
        note="changed", actor=house.director, at=CHANGED,
    )  # fmt: skip


def kept_rules() -> list[tuple[str, str]]:
    return sql.rows("SELECT rule, decision->>'rule' FROM orders_returnline")


def test_a_rule_that_was_dropped_still_takes_back_what_it_was_announced_under(
    house: SmallHouse, sold: PlacedOrder
) -> None:
    announce(house, sold)
    drop(house)

    done = bring_back(house, sold, at=BROUGHT)

    assert done.document is not None
    assert done.document.refunded_amount == 820_000
    assert kept_rules() == [(THIRTY, THIRTY)]
    assert books.list_problems() == []


@pytest.mark.parametrize(
    "less",
    [
        {"until_date": CHANGED.date() - timedelta(days=5)},  # ended, on a day before she said so
        {"within_days": 15},
        {"outcome": Outcome.STORE_CREDIT, "form": RefundForm.CREDIT},
        {"outcome": Outcome.REFUSE, "form": RefundForm.NONE},
    ],
)
def test_a_rule_that_gives_less_now_gives_what_it_promised(
    house: SmallHouse, sold: PlacedOrder, less: dict[str, object]
) -> None:
    announce(house, sold)
    change(house, **less)

    done = bring_back(house, sold, at=BROUGHT)

    assert done.document is not None
    assert given_back(done.document.id) == [("CARD", "REQUESTED", -820_000)]
    assert kept_rules() == [(THIRTY, THIRTY)]


def test_the_inspection_keeps_the_promise_too(house: SmallHouse, sold: PlacedOrder) -> None:
    announce(house, sold)
    bring_back(house, sold, BroughtLine(line_id=sold.lines[0].id, accept=False), at=BROUGHT)
    drop(house)

    done = returns.inspect(
        key="i", arrival_id=waiting_arrivals()[0], condition=Condition.AS_SOLD, fate=Fate.RESTOCKED, accept=True,
        actor=inspector(house), at=BROUGHT,
    )  # fmt: skip

    assert done.document is not None
    assert done.document.refunded_amount == 820_000
    assert kept_rules() == [(THIRTY, THIRTY)]


def test_every_page_shows_what_was_promised(house: SmallHouse, sold: PlacedOrder) -> None:
    announce(house, sold)
    drop(house)

    seen = returnable.get_receipt(actor=house.as_client(house.traditional), order_id=sold.id, on=BROUGHT.date()).lines[
        0
    ]
    preview = returnable.preview_policy(
        actor=house.director, number=sold.number, rules=policy.list_rules(maison_id=house.maison.id), on=BROUGHT.date()
    )[0]

    assert seen.decision.rule == THIRTY
    assert (preview.now.rule, preview.then.rule) == (THIRTY, THIRTY)


def test_a_rule_made_later_that_gives_her_more_is_hers(house: SmallHouse, sold: PlacedOrder) -> None:
    drop_first = policy.get_version(maison_id=house.maison.id)
    writing.drop_rule(code=THIRTY, expected=drop_first, note="not offered", actor=house.director, at=NOW)
    house_rule = Rule(
        code="house.another-piece",
        position=0,
        basis=Basis.HOUSE,
        outcome=Outcome.EXCHANGE_ONLY,
        words=said("Exchanged."),
    )
    save_first(house, house_rule, at=NOW)
    announce(house, sold)
    save_first(house, replace(house_rule, code="house.kinder", outcome=Outcome.REFUND, form=RefundForm.ORIGINAL))

    done = bring_back(house, sold, at=BROUGHT)

    assert done.document is not None
    assert done.document.refunded_amount == 820_000
    assert kept_rules() == [("house.kinder", "house.kinder")]


def said(words: str) -> dict[str, Words]:
    return {language: Words(client=words, staff=words) for language in ("en", "fr")}


def save_first(house: SmallHouse, rule: Rule, at: object = CHANGED) -> None:
    """A rule of the house that is asked before the others."""
    maison = house.maison.id
    first = next(one.code for one in policy.list_rules(maison_id=maison) if one.basis is Basis.HOUSE)
    more = {"note": "why", "actor": house.director, "at": at}
    version = writing.save_rule(rule=rule, expected=policy.get_version(maison_id=maison), **more)  # type: ignore[arg-type]
    writing.move_rule(code=rule.code, before=first, expected=version, actor=house.director, at=at)  # type: ignore[arg-type]


def test_what_was_not_announced_meets_the_rules_of_the_day(house: SmallHouse, sold: PlacedOrder) -> None:
    """The control: without a promise, the rule that was dropped takes nothing back."""
    drop(house)

    with pytest.raises(NotReturnable):
        bring_back(house, sold, at=BROUGHT)


def install(house: SmallHouse, rules: list[Rule], at: datetime) -> None:
    writing.install_rules(maison_id=house.maison.id, actor=house.system, at=at, rules=rules)


@pytest.mark.parametrize("had_it_first", [True, False])
def test_the_law_of_that_day_or_of_today_whichever_is_better_for_her(
    house: SmallHouse, sold: PlacedOrder, had_it_first: bool
) -> None:
    """Announced within the fourteen days; the statute is repealed, or made, before it arrives."""
    rules = list(policy.list_rules(maison_id=house.maison.id))
    without = [one for one in rules if one.code not in ("fr.withdrawal", "eu.withdrawal", THIRTY)]
    day = NOW + timedelta(days=5)
    install(house, rules if had_it_first else without, NOW)
    returns.announce(
        key="a", order_id=sold.id, lines=[WantedReturn(line_id=sold.lines[0].id)], route=ReturnRoute.COUNTER,
        place_id=house.paris, actor=house.system if had_it_first else house.advisor_paris, at=day,
    )  # fmt: skip
    install(house, without if had_it_first else rules, day + timedelta(hours=1))

    done = bring_back(house, sold, at=day + timedelta(days=2))

    assert done.document is not None
    assert done.document.refunded_amount == 820_000
    assert kept_rules() == [("fr.withdrawal", "fr.withdrawal")]


def decision(outcome: Outcome, form: RefundForm = RefundForm.ORIGINAL, **more: object) -> Decision:
    return Decision(rule="x", basis=Basis.HOUSE, outcome=outcome, form=form, **{"shipping": Payer.CLIENT, **more})  # type: ignore[arg-type]


def test_from_better_to_worse() -> None:
    ordered = [
        decision(Outcome.REFUND, shipping=Payer.HOUSE),
        decision(Outcome.RIGHT),
        decision(Outcome.RIGHT, loss_of_value="art. 14"),
        decision(Outcome.STORE_CREDIT, RefundForm.CREDIT),
        decision(Outcome.EXCHANGE_ONLY, RefundForm.NONE),
        decision(Outcome.ASK_MANAGER, RefundForm.NONE),
        decision(Outcome.REFUSE, RefundForm.NONE),
    ]

    for best, worse in pairwise(ordered):
        assert better(best, worse) is better(worse, best) is best
    first, same = decision(Outcome.REFUND), decision(Outcome.RIGHT)
    assert better(first, same) is first
