"""The return policy of a maison."""

from __future__ import annotations

import uuid

from vendome.domains.orders.models import ReturnRule
from vendome.domains.orders.policy.reading import shipped_rules
from vendome.domains.orders.policy.types import Basis, Condition, Outcome, Payer, RefundForm, Rule, Way, Words


def list_rules(*, maison_id: uuid.UUID) -> tuple[Rule, ...]:
    """The maison's rules in their order; a maison that has written none has those every house begins with."""
    rows = ReturnRule.objects.filter(maison_id=maison_id).order_by("position")
    return tuple(_rule(row) for row in rows) or shipped_rules()


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
        statute=row.statute,
        source_url=row.source_url,
        words={language: Words(**said) for language, said in row.words.items()},
    )
