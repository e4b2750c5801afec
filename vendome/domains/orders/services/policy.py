"""Writing a maison's return policy."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from vendome.domains.orders.models import ReturnRule
from vendome.domains.orders.policy.reading import shipped_rules
from vendome.domains.orders.policy.types import Rule
from vendome.kit import audit
from vendome.kit.actors import Actor


@transaction.atomic
def install_rules(*, maison_id: uuid.UUID, actor: Actor, at: datetime, rules: Sequence[Rule] = ()) -> int:
    """Write the policy of a maison, the one every house begins with unless another is given, over what it had.

    Safe to repeat. Decisions made before keep the words they were made with. Returns how many rules stand.
    """
    wanted = rules or shipped_rules()
    ReturnRule.objects.filter(maison_id=maison_id).delete()
    ReturnRule.objects.bulk_create(_row(maison_id, rule) for rule in wanted)
    audit.record(
        actor=actor, action="orders.return_rules", subject=f"maison:{maison_id}", at=at, maison_id=maison_id,
        detail={"rules": len(wanted)},
    )  # fmt: skip
    return len(wanted)


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
        statute=rule.statute,
        source_url=rule.source_url,
        words={language: asdict(said) for language, said in rule.words.items()},
    )
