"""Writing a maison's return policy: the law stands as it is, the house's rules change, and every version is kept."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from vendome.domains.orders.errors import LawNotWeakened, PolicyMoved
from vendome.domains.orders.models import PolicyVersion, ReturnRule
from vendome.domains.orders.policy.reading import as_row, from_row, shipped_rules
from vendome.domains.orders.policy.types import Basis, Rule
from vendome.domains.orders.queries import policy
from vendome.domains.people import permissions
from vendome.kit import audit
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput, NotFound

STEP = 10
"""Between two positions, as the file that every house begins with has it."""
YEARS = range(2000, 2200)
"""In which a rule begins and ends: a day beyond the calendar would stop every page that reckons with it."""


@transaction.atomic
def install_rules(*, maison_id: uuid.UUID, actor: Actor, at: datetime, rules: Sequence[Rule] = ()) -> int:
    """Write the policy of a maison, the one every house begins with unless another is given, over what it had.

    Safe to repeat. Decisions made before keep the words they were made with. Returns how many rules stand.
    """
    wanted = tuple(rules) or shipped_rules()
    number = policy.get_version(maison_id=maison_id)
    _write(maison_id, wanted, number + 1, "The policy was installed", actor, at)
    return len(wanted)


def save_rule(*, rule: Rule, replaces: str = "", expected: int, note: str, actor: Actor, at: datetime) -> int:
    """Add a rule of the house at the end, or put it in the place of `replaces`; returns the new version.

    `expected` is the version that was read. Raises LawNotWeakened, PolicyMoved, BadInput, NotFound, Forbidden.
    """
    _require(actor)
    known = policy.list_rules(maison_id=actor.in_maison)
    _check(rule, known, replaces)
    if replaces:
        old = _house_rule(known, replaces)
        wanted = [replace(rule, position=old.position) if one.code == replaces else one for one in known]
    else:
        wanted = [*known, rule]
    return _change(known, wanted, expected, note, actor, at)


def move_rule(*, code: str, before: str, expected: int, actor: Actor, at: datetime) -> int:
    """Ask a rule of the house before another one of the house, or last where `before` is empty. Raises as save_rule."""
    _require(actor)
    known = policy.list_rules(maison_id=actor.in_maison)
    moved = _house_rule(known, code)
    rest = [one for one in known if one.code != code]
    if before:
        target = _house_rule(known, before)
        at_index = next((n for n, one in enumerate(rest) if one.code == target.code), len(rest))
    else:
        at_index = len(rest)
    wanted = [*rest[:at_index], moved, *rest[at_index:]]
    return _change(known, wanted, expected, f"{code} moved", actor, at)


def drop_rule(*, code: str, expected: int, note: str, actor: Actor, at: datetime) -> int:
    """Take a rule of the house out; its past decisions and versions keep it. Raises as save_rule."""
    _require(actor)
    known = policy.list_rules(maison_id=actor.in_maison)
    _house_rule(known, code)
    return _change(known, [one for one in known if one.code != code], expected, note, actor, at)


def restore(*, number: int, expected: int, actor: Actor, at: datetime) -> int:
    """Make the house's rules as they stood in an earlier version, as a new version; the law stays as it is now.

    Raises NotFound, PolicyMoved, Forbidden.
    """
    _require(actor)
    found = PolicyVersion.objects.filter(maison_id=actor.in_maison, number=number).first()
    if found is None:
        raise NotFound()
    known = policy.list_rules(maison_id=actor.in_maison)
    law = [one for one in known if one.basis is Basis.LAW]
    house = [rule for rule in (from_row(row) for row in found.rules) if rule.basis is Basis.HOUSE]
    return _change(known, [*law, *house], expected, f"Version {number} restored", actor, at)


def read_preview(*, rules: Sequence[Rule], rule: Rule, replaces: str = "") -> tuple[Rule, ...]:
    """The rules as they would stand with this one, for asking what would be decided; nothing is written."""
    _check(rule, rules, replaces)
    if replaces:
        old = _house_rule(rules, replaces)
        return tuple(replace(rule, position=old.position) if one.code == replaces else one for one in rules)
    return (*rules, replace(rule, position=max((one.position for one in rules), default=0) + STEP))


def _require(actor: Actor) -> None:
    """One policy for every channel: only who answers for the whole house changes it."""
    actor.require_everywhere(permissions.ORDERS_POLICY)


def _check(rule: Rule, known: Sequence[Rule], replaces: str) -> None:
    """Only a rule of the house, under a code of its own, with words in both languages."""
    if rule.basis is not Basis.HOUSE or not rule.code.startswith("house."):
        raise LawNotWeakened(rule=rule.code)
    if rule.code != replaces and any(one.code == rule.code for one in known):
        raise BadInput("Another rule has this name; choose one of its own.")
    if any(day and day.year not in YEARS for day in (rule.from_date, rule.until_date)):
        raise BadInput("A rule begins and ends in the years from 2000 to 2199.")
    if rule.from_date and rule.until_date and rule.until_date < rule.from_date:
        raise BadInput("A rule ends on the day it begins, or later.")
    if any(not said.client.strip() or not said.staff.strip() for said in rule.words.values()) or "en" not in rule.words:
        raise BadInput("Write what the client and what the advisor reads, in each language.")


def _house_rule(known: Sequence[Rule], code: str) -> Rule:
    found = next((one for one in known if one.code == code), None)
    if found is None:
        raise NotFound()
    if found.basis is Basis.LAW:
        raise LawNotWeakened(rule=code)
    return found


@transaction.atomic
def _change(known: Sequence[Rule], wanted: Sequence[Rule], expected: int, note: str, actor: Actor, at: datetime) -> int:
    if not note.strip():
        raise BadInput("Say what changes and why; it stands in the history.")
    if policy.get_version(maison_id=actor.in_maison) != expected:
        raise PolicyMoved()
    ordered = [replace(one, position=STEP * nr) for nr, one in enumerate(wanted, start=1)]
    if _law(ordered) != _law(known):
        raise LawNotWeakened()
    try:
        with transaction.atomic():
            if expected == 0:  # what every house begins with, or was written before versions were kept, is the first
                _write(actor.in_maison, known, 1, "The policy as it stood before the first change", actor, at)
                expected = 1
            _write(actor.in_maison, ordered, expected + 1, note.strip()[:300], actor, at)
    except IntegrityError as error:
        if "policy_version_once" in str(error):
            raise PolicyMoved() from error
        raise
    return expected + 1


def _law(rules: Sequence[Rule]) -> list[Rule]:
    """The rules of the law in their order, wherever they stand between those of the house."""
    return [replace(one, position=0) for one in rules if one.basis is Basis.LAW]


def _write(maison_id: uuid.UUID, wanted: Sequence[Rule], number: int, note: str, actor: Actor, at: datetime) -> None:
    PolicyVersion.objects.create(
        maison_id=maison_id, number=number, at=at, actor=actor.label, note=note, rules=[as_row(one) for one in wanted]
    )
    ReturnRule.objects.filter(maison_id=maison_id).delete()
    ReturnRule.objects.bulk_create(_row(maison_id, rule) for rule in wanted)
    audit.record(
        actor=actor, action="orders.return_rules", subject=f"maison:{maison_id}", at=at, maison_id=maison_id,
        detail={"rules": len(wanted), "version": number, "note": note},
    )  # fmt: skip


def _row(maison_id: uuid.UUID, rule: Rule) -> ReturnRule:
    return ReturnRule(
        maison_id=maison_id,
        code=rule.code,
        position=rule.position,
        basis=rule.basis,
        outcome=rule.outcome,
        form=rule.form,
        shipping=rule.shipping,
        countries=sorted(rule.countries),
        way=rule.way or "",
        families=sorted(rule.families),
        conditions=sorted(rule.conditions),
        personalised=rule.personalised,
        final_sale=rule.final_sale,
        unsealed=rule.unsealed,
        gift=rule.gift,
        receipt=rule.receipt,
        within_days=rule.within_days,
        moves_past_weekend=rule.moves_past_weekend,
        from_date=rule.from_date,
        until_date=rule.until_date,
        loss_of_value=rule.loss_of_value,
        statute=rule.statute,
        source_url=rule.source_url,
        words={language: asdict(said) for language, said in rule.words.items()},
    )
