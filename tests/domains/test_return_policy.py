"""The return policy: the law is never taken away, every decision names its rule, in words of both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendome.domains.orders.policy.deciding import LAST_RESORT, decide, matches
from vendome.domains.orders.policy.reading import shipped_rules
from vendome.domains.orders.policy.types import (
    Basis,
    Condition,
    Facts,
    Outcome,
    Payer,
    RefundForm,
    Rule,
    Way,
    Words,
    way_of,
)

RULES = shipped_rules()
LAW = tuple(rule for rule in RULES if rule.basis is Basis.LAW)
DAY = date(2026, 11, 20)
COUNTRIES = ("FR", "DE", "IT", "GB", "JP", "KR", "CN", "BR", "US", "CH", "AE", "SG")
WORDS = {"en": Words(client="c", staff="s"), "fr": Words(client="c", staff="s")}


def facts(country: str = "FR", **more: object) -> Facts:
    start = Facts(country=country, way=Way.DISTANCE, family="rings", on=DAY, received_on=DAY)
    return replace(start, **more)  # type: ignore[arg-type]  # a test names the fields


any_facts = st.builds(
    Facts,
    country=st.sampled_from(COUNTRIES),
    way=st.sampled_from(Way),
    family=st.sampled_from(["rings", "earrings", "watches", "objects"]),
    on=st.dates(DAY, DAY + timedelta(days=90)),
    received_on=st.none() | st.dates(DAY - timedelta(days=30), DAY),
    is_personalised=st.booleans(),
    is_final_sale=st.booleans(),
    is_unsealed=st.booleans(),
    is_gift=st.booleans(),
    has_receipt=st.booleans(),
    condition=st.sampled_from(Condition),
)
maybe = st.none() | st.booleans()
any_house_rule = st.builds(
    Rule,
    code=st.uuids().map(str),
    position=st.integers(-1000, 2000),
    basis=st.just(Basis.HOUSE),
    outcome=st.sampled_from(
        [Outcome.REFUND, Outcome.STORE_CREDIT, Outcome.EXCHANGE_ONLY, Outcome.ASK_MANAGER, Outcome.REFUSE]
    ),
    words=st.just(WORDS),
    form=st.sampled_from(RefundForm),
    shipping=st.sampled_from(Payer),
    countries=st.frozensets(st.sampled_from(COUNTRIES)),
    way=st.none() | st.sampled_from(Way),
    conditions=st.frozensets(st.sampled_from(Condition)),
    personalised=maybe,
    final_sale=maybe,
    gift=maybe,
    receipt=maybe,
    within_days=st.none() | st.integers(0, 90),
)


@given(any_facts, st.lists(any_house_rule, max_size=6))
def test_no_rule_of_the_house_takes_a_legal_right_away(found: Facts, house: list[Rule]) -> None:
    by_law_alone = decide(LAW, found)
    with_house = decide([*LAW, *house], found)

    if by_law_alone.outcome is Outcome.RIGHT:
        assert with_house == by_law_alone
        assert with_house.form is RefundForm.ORIGINAL
        assert with_house.statute
        assert with_house.source_url.startswith("https://")
    else:
        assert with_house.outcome is not Outcome.RIGHT


@given(any_facts, st.lists(any_house_rule, max_size=6))
def test_every_decision_names_a_rule_that_matches(found: Facts, house: list[Rule]) -> None:
    for rules in (RULES, [*LAW, *house], house, []):
        decision = decide(rules, found)
        named = next((rule for rule in [*rules, LAST_RESORT] if rule.code == decision.rule), None)
        assert named is not None
        assert matches(named, found)
        assert named.outcome is decision.outcome
        for language in ("en", "fr", "xx"):
            assert decision.client_words(language)
            assert decision.staff_words(language)
            assert "{" not in decision.client_words(language) + decision.staff_words(language)


@given(any_facts, st.integers(0, 40))
def test_waiting_longer_never_gives_more_by_law(found: Facts, days: int) -> None:
    later = replace(found, on=found.on + timedelta(days=days))

    if decide(RULES, later).outcome is Outcome.RIGHT:
        assert decide(RULES, found).outcome is Outcome.RIGHT


@pytest.mark.parametrize(
    ("country", "days", "rule"),
    [
        ("FR", 14, "fr.withdrawal"),
        ("DE", 14, "de.withdrawal"),
        ("IT", 14, "eu.withdrawal"),
        ("GB", 14, "uk.cancellation"),
        ("JP", 8, "jp.return"),
        ("KR", 7, "kr.withdrawal"),
        ("CN", 7, "cn.seven-days"),
        ("BR", 7, "br.regret"),
    ],
)
def test_distance_selling_rights_market_by_market(country: str, days: int, rule: str) -> None:
    received = date(2026, 11, 17)  # a Tuesday: no period of these ends at a weekend
    start = facts(country, received_on=received, on=received)

    assert decide(RULES, start).rule == rule
    assert decide(RULES, replace(start, on=received + timedelta(days=days))).rule == rule
    assert decide(RULES, replace(start, on=received + timedelta(days=days + 1))).rule == "house.thirty-days"
    assert decide(RULES, replace(start, way=Way.PREMISES)).rule == "house.thirty-days"
    personalised = decide(RULES, replace(start, is_personalised=True))
    if country == "BR":  # its law makes no exception
        assert personalised.outcome is Outcome.RIGHT
    else:
        assert personalised.rule == "house.personalised"
        assert personalised.exception == f"{rule.partition('.')[0]}.personalised"


@pytest.mark.parametrize("country", ["US", "CH"])
def test_a_market_without_such_a_right_says_so(country: str) -> None:
    decision = decide(RULES, facts(country))

    assert (decision.rule, decision.outcome, decision.exception) == (
        "house.thirty-days",
        Outcome.REFUND,
        f"{country.lower()}.no-right",
    )
    assert decision.exception_statute


def test_a_period_that_ends_at_a_weekend_ends_on_monday_in_the_union() -> None:
    saturday = facts("FR", received_on=date(2026, 11, 7))

    assert decide(RULES, saturday).last_day == date(2026, 11, 23)
    assert decide(RULES, replace(saturday, country="GB")).last_day == date(2026, 11, 21)


def test_what_has_not_arrived_has_no_period_yet() -> None:
    decision = decide(RULES, facts("FR", received_on=None, on=DAY + timedelta(days=400)))

    assert (decision.rule, decision.last_day, decision.days_left) == ("fr.withdrawal", None, None)


@pytest.mark.parametrize(
    ("changed", "rule", "outcome"),
    [
        ({"condition": Condition.WORN}, "fr.withdrawal", Outcome.RIGHT),
        ({"condition": Condition.NOT_OURS}, "house.not-ours", Outcome.REFUSE),
        ({"is_unsealed": True, "family": "earrings"}, "house.unsealed", Outcome.REFUSE),
        ({"is_unsealed": True}, "fr.withdrawal", Outcome.RIGHT),
        ({"is_gift": True}, "house.gift", Outcome.STORE_CREDIT),
        ({"way": Way.PREMISES, "is_final_sale": True}, "house.final-sale", Outcome.REFUSE),
        ({"is_final_sale": True}, "fr.withdrawal", Outcome.RIGHT),
        ({"way": Way.PREMISES, "has_receipt": False}, "house.no-receipt", Outcome.STORE_CREDIT),
        ({"way": Way.PREMISES, "condition": Condition.DAMAGED}, "house.damaged", Outcome.ASK_MANAGER),
        ({"on": DAY + timedelta(days=45)}, "house.exchange", Outcome.EXCHANGE_ONLY),
        ({"on": DAY + timedelta(days=90)}, "house.late", Outcome.ASK_MANAGER),
    ],
)
def test_the_cases_a_counter_meets(changed: dict[str, object], rule: str, outcome: Outcome) -> None:
    decision = decide(RULES, facts(**changed))

    assert (decision.rule, decision.outcome) == (rule, outcome)


def test_a_web_order_collected_in_a_boutique_is_a_distance_sale() -> None:
    assert [way_of(channel) for channel in ("web", "client_service", "boutique", "partner")] == [
        Way.DISTANCE,
        Way.DISTANCE,
        Way.PREMISES,
        Way.PREMISES,
    ]


def test_the_rules_are_whole() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert {"en", "fr"} <= set(rule.words)
        assert bool(rule.statute) is (rule.basis is Basis.LAW)
    countries = {country for rule in LAW for country in rule.countries if rule.outcome is Outcome.RIGHT}
    assert {"FR", "DE", "IT", "GB", "JP", "KR", "CN", "BR"} <= countries
