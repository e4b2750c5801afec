"""The return policy of a maison."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from vendome.domains.orders.models import PolicyVersion, ReturnRule
from vendome.domains.orders.policy.reading import from_row, shipped_rules
from vendome.domains.orders.policy.types import Basis, Condition, Outcome, Payer, RefundForm, Rule, Way, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version of the policy, as its history shows it."""

    number: int
    at: datetime
    actor: str
    note: str


def get_version(*, maison_id: uuid.UUID) -> int:
    """The number of the policy that stands; 0 for a maison that has written none."""
    numbers = PolicyVersion.objects.filter(maison_id=maison_id).order_by("-number")
    return numbers.values_list("number", flat=True).first() or 0


def list_versions(*, maison_id: uuid.UUID, limit: int = 30) -> tuple[VersionRow, ...]:
    """The history of the policy, newest first."""
    rows = PolicyVersion.objects.filter(maison_id=maison_id).order_by("-number")[:limit]
    return tuple(VersionRow(number=row.number, at=row.at, actor=row.actor, note=row.note) for row in rows)


def list_rules(*, maison_id: uuid.UUID) -> tuple[Rule, ...]:
    """The maison's rules in their order; a maison that has written none has those every house begins with."""
    rows = ReturnRule.objects.filter(maison_id=maison_id).order_by("position")
    return tuple(_rule(row) for row in rows) or shipped_rules()


def list_rules_at(*, maison_id: uuid.UUID, at: datetime) -> tuple[Rule, ...]:
    """The rules as they stood at a moment; before the first version that was kept, as that one has them."""
    versions = PolicyVersion.objects.filter(maison_id=maison_id)
    found = versions.filter(at__lte=at).order_by("-number").first() or versions.order_by("number").first()
    return tuple(from_row(row) for row in found.rules) if found else list_rules(maison_id=maison_id)


def _rule(row: ReturnRule) -> Rule:
    return Rule(
        code=row.code,
        position=row.position,
        basis=Basis(row.basis),
        outcome=Outcome(row.outcome),
        form=RefundForm(row.form),
        shipping=Payer(row.shipping),
        countries=frozenset(row.countries),
        way=Way(row.way) if row.way else None,
        families=frozenset(row.families),
        conditions=frozenset(Condition(one) for one in row.conditions),
        personalised=row.personalised,
        final_sale=row.final_sale,
        unsealed=row.unsealed,
        gift=row.gift,
        receipt=row.receipt,
        within_days=row.within_days,
        moves_past_weekend=row.moves_past_weekend,
        from_date=row.from_date,
        until_date=row.until_date,
        loss_of_value=row.loss_of_value,
        statute=row.statute,
        source_url=row.source_url,
        words={language: Words(**said) for language, said in row.words.items()},
    )
