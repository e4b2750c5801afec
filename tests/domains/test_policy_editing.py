# ruff: noqa: E501  # SQL reads better on one line here
"""The house writes its own return rules; the law stands, every version is kept, and no editor overwrites another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.domains.test_constraints import refused_by
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.orders.errors import LawNotWeakened, PolicyMoved
from vendome.domains.orders.policy.deciding import decide
from vendome.domains.orders.policy.reading import as_row, from_row, shipped_rules
from vendome.domains.orders.policy.types import Basis, Condition, Facts, Outcome, RefundForm, Rule, Way, Words
from vendome.domains.orders.queries import policy
from vendome.domains.orders.services import policy as writing
from vendome.kit import sql
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput, Forbidden, NotFound

pytestmark = pytest.mark.django_db
SAID = Words(client="Until {last_day}, for our anniversary.", staff="Ninety days.")
TODAY = NOW.date()


def rule(**more: object) -> Rule:
    asked = {
        "code": "house.anniversary", "position": 0, "basis": Basis.HOUSE, "outcome": Outcome.REFUND, "form": RefundForm.ORIGINAL,
        "within_days": 90, "words": {"en": SAID, "fr": SAID},
    } | more  # fmt: skip
    return Rule(**asked)  # type: ignore[arg-type]


def save(house: SmallHouse, one: Rule, *, expected: int = 0, replaces: str = "", actor: Actor | None = None) -> int:
    return writing.save_rule(
        rule=one, replaces=replaces, expected=expected, note="why", actor=actor or house.director, at=NOW
    )


def codes(house: SmallHouse) -> list[str]:
    return [one.code for one in policy.list_rules(maison_id=house.maison.id) if one.basis is Basis.HOUSE]


def facts(**more: object) -> Facts:
    asked = {
        "country": "FR", "way": Way.PREMISES, "family": "rings", "on": TODAY, "received_on": TODAY - timedelta(days=80)
    } | more  # fmt: skip
    return Facts(**asked)  # type: ignore[arg-type]


def test_a_rule_decides_from_where_it_stands(house: SmallHouse) -> None:
    version = save(house, rule())
    assert (version, codes(house)[-1]) == (2, "house.anniversary")  # the first is what stood before
    assert decide(policy.list_rules(maison_id=house.maison.id), facts()).rule == "house.late"

    version = writing.move_rule(
        code="house.anniversary", before="house.late", expected=version, actor=house.director, at=NOW
    )

    assert decide(policy.list_rules(maison_id=house.maison.id), facts()).rule == "house.anniversary"
    writing.drop_rule(code="house.anniversary", expected=version, note="over", actor=house.director, at=NOW)
    assert decide(policy.list_rules(maison_id=house.maison.id), facts()).rule == "house.late"
    assert [one.number for one in policy.list_versions(maison_id=house.maison.id)] == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("first", "last", "decides"),
    [
        (None, None, True), (TODAY, TODAY, True), (TODAY + timedelta(days=1), None, False),
        (None, TODAY - timedelta(days=1), False),
    ],
)  # fmt: skip
def test_a_dated_rule_is_asked_in_its_days(first: date | None, last: date | None, decides: bool) -> None:
    rules = [rule(from_date=first, until_date=last), *shipped_rules()]
    assert (decide(rules, facts()).rule == "house.anniversary") is decides


def test_no_rule_of_the_house_takes_a_right_away(house: SmallHouse) -> None:
    """Whatever the house writes, and wherever it stands: the law is asked first."""
    save(house, rule(outcome=Outcome.REFUSE, form=RefundForm.NONE, within_days=None))
    writing.move_rule(code="house.anniversary", before="house.not-ours", expected=2, actor=house.director, at=NOW)

    rules = policy.list_rules(maison_id=house.maison.id)
    withdrawn = decide(rules, facts(way=Way.DISTANCE, received_on=TODAY, condition=Condition.WORN))
    assert (withdrawn.rule, withdrawn.outcome) == ("fr.withdrawal", Outcome.RIGHT)
    assert decide(rules, facts()).rule == "house.anniversary"


def test_the_law_itself_is_not_written_here(house: SmallHouse) -> None:
    law = next(one for one in shipped_rules() if one.code == "fr.withdrawal")
    for attempt in (
        lambda: save(house, replace(law, within_days=3), replaces="fr.withdrawal"),
        lambda: save(house, rule(), replaces="fr.withdrawal"),
        lambda: save(house, rule(code="fr.mine")),
        lambda: save(
            house, rule(basis=Basis.LAW, outcome=Outcome.NO_RIGHT, form=RefundForm.NONE, statute="x", source_url="x")
        ),
        lambda: writing.move_rule(code="fr.withdrawal", before="", expected=0, actor=house.director, at=NOW),
        lambda: writing.drop_rule(code="fr.withdrawal", expected=0, note="x", actor=house.director, at=NOW),
    ):
        with pytest.raises(LawNotWeakened):
            attempt()
    assert policy.get_version(maison_id=house.maison.id) == 0
    assert policy.list_rules(maison_id=house.maison.id) == shipped_rules()


def test_what_was_written_is_undone_by_history(house: SmallHouse) -> None:
    before = codes(house)
    version = save(house, rule())
    version = save(house, rule(within_days=120), replaces="house.anniversary", expected=version)

    writing.restore(number=2, expected=version, actor=house.director, at=NOW)
    days = [one.within_days for one in policy.list_rules(maison_id=house.maison.id) if one.code == "house.anniversary"]
    assert days == [90]
    writing.restore(number=1, expected=4, actor=house.director, at=NOW)

    assert codes(house) == before
    assert sql.value("SELECT count(*) FROM kit_auditentry WHERE action = 'orders.return_rules'") == 5
    with pytest.raises(NotFound):
        writing.restore(number=99, expected=5, actor=house.director, at=NOW)


def test_two_editors_do_not_overwrite_each_other(house: SmallHouse) -> None:
    save(house, rule())

    with pytest.raises(PolicyMoved):
        save(house, rule(code="house.other"), expected=0)

    assert "house.other" not in codes(house)


@pytest.mark.parametrize(
    "more",
    [
        {"code": "house.late"},
        {"from_date": TODAY, "until_date": TODAY - timedelta(days=1)},
        {"from_date": date.min},  # the day before it is none, and every page that names the days to return would fail
        {"until_date": date.max},
        {"words": {"en": Words(client=" ", staff="x")}},
        {"words": {"fr": SAID}},
    ],
)
def test_what_cannot_be_changes_nothing(house: SmallHouse, more: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        save(house, rule(**more))
    assert policy.get_version(maison_id=house.maison.id) == 0


def test_only_who_answers_for_the_whole_house(house: SmallHouse) -> None:
    somewhere = replace(
        house.director, permissions={**house.director.permissions, "orders.policy": frozenset({house.paris})}
    )
    for actor in (house.manager_paris, house.advisor_paris, somewhere):
        with pytest.raises(Forbidden):
            save(house, rule(), actor=actor)
    assert policy.get_version(maison_id=house.maison.id) == 0


def test_a_version_keeps_every_rule_as_it_was() -> None:
    assert tuple(from_row(as_row(one)) for one in shipped_rules()) == shipped_rules()
    dated = rule(from_date=TODAY, until_date=TODAY)
    assert from_row(as_row(dated)) == dated


def test_the_database_keeps_the_law_apart(house: SmallHouse) -> None:
    save(house, rule())
    one = "UPDATE orders_returnrule SET {} WHERE code = '{}'"

    refused_by("value_is_lost_only_under_a_right", one.format("loss_of_value = 'x'", "house.late"))
    refused_by("law_has_no_dates_of_the_house", one.format("until_date = '2026-01-01'", "fr.withdrawal"))
    refused_by(
        "return_rule_ends_after_it_begins",
        one.format("from_date = '2026-02-01', until_date = '2026-01-01'", "house.late"),
    )
    refused_by(
        "policy_version_says_what",
        "INSERT INTO orders_policyversion (id, maison_id, number, at, actor, note, rules) SELECT gen_random_uuid(), maison_id, 99, at, actor, '', rules FROM orders_policyversion LIMIT 1",
    )
    refused_by(
        "policy_version_once",
        "INSERT INTO orders_policyversion (id, maison_id, number, at, actor, note, rules) SELECT gen_random_uuid(), maison_id, number, at, actor, note, rules FROM orders_policyversion LIMIT 1",
    )
