"""Commands of replenishment: rules, working proposals out, and what a person makes of them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from vendome.domains.people import permissions
from vendome.domains.stock.errors import ReasonMissing, RuleTaken, RuleUnfit
from vendome.domains.stock.models import ReplenishmentProposal, ReplenishmentRule
from vendome.domains.stock.queries import replenishment as queries
from vendome.domains.stock.replenishing import QUIET_AFTER_DISMISSAL, propose
from vendome.kit import audit, locks, outbox, sql
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput, NotFound


def work_out(*, actor: Actor, at: datetime) -> int:
    """Work every proposal of the maison out again from today's figures; returns how many wait now. Safe to repeat.

    Those still needed keep their place with new quantities, those not needed are withdrawn; decisions stay.
    """
    actor.require(permissions.STOCK_RULES)
    maison = actor.in_maison
    with transaction.atomic():
        locks.advisory("stock.replenishment", maison)
        wanted = [
            {
                "from_place": str(one.from_place_id),
                "to_place": str(one.to_place_id),
                "reference": str(one.reference_id),
                "quantity": one.quantity,
                "facts": one.facts,
            }
            for one in propose(queries.read_standings(maison_id=maison, at=at))
        ]
        waiting: int = sql.value(
            "SELECT stock_write_proposals(%s, %s::jsonb, %s, %s, %s)",
            [maison, json.dumps(wanted), QUIET_AFTER_DISMISSAL, actor.label, at],
        )
    outbox.wake()
    return waiting


def accept_proposal(
    *, proposal_id: uuid.UUID, quantity: int | None = None, actor: Actor, at: datetime
) -> dict[str, Any]:
    """A person says yes to a proposal, whole or with another quantity: it becomes a transfer request in the same step.

    The place it is to leave still has to agree. Until the pieces come in, they count as incoming (`stock_incoming`).
    Answers what was accepted, and the transfer. Raises ProposalDecided (also for a repeat), SourceShort, NotFound.
    """
    _decidable(actor, proposal_id)
    if quantity is not None and not 1 <= quantity <= 10_000:
        raise BadInput("A quantity is a whole number from 1.")
    told: dict[str, Any] = sql.document(
        "SELECT stock_accept_proposal(%s, %s, %s, %s)", [proposal_id, quantity, actor.label, at]
    )
    outbox.wake()
    return told


def dismiss_proposal(*, proposal_id: uuid.UUID, reason: str, actor: Actor, at: datetime) -> None:
    """A person says no; it is not proposed again for two weeks. Raises ProposalDecided, ReasonMissing, NotFound."""
    _decidable(actor, proposal_id)
    if not reason.strip():
        raise ReasonMissing("Say why not: the next person to look will want to know.")
    sql.value("SELECT stock_dismiss_proposal(%s, %s, %s, %s)", [proposal_id, actor.label, reason.strip(), at])
    outbox.wake()


def reopen_proposal(*, proposal_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Take a “no” back; it waits again. Raises ProposalDecided (also for a repeat), NotFound."""
    _decidable(actor, proposal_id)
    sql.value("SELECT stock_reopen_proposal(%s, %s, %s)", [proposal_id, actor.label, at])
    outbox.wake()


def save_rule(
    *,
    place_id: uuid.UUID,
    rule_id: uuid.UUID | None = None,
    reference_id: uuid.UUID | None = None,
    model_id: uuid.UUID | None = None,
    family: str = "",
    minimum_display: int = 0,
    weeks_of_cover: Decimal = Decimal(0),
    maximum: int | None = None,
    actor: Actor,
    at: datetime,
) -> uuid.UUID:
    """Write how much a place keeps of a reference, a model, a family or (with none of them) of everything.

    With `rule_id` that rule is changed. Raises RuleUnfit, RuleTaken, NotFound.
    """
    actor.require(permissions.STOCK_RULES, place_id=place_id)
    _check_ours(actor.in_maison, place_id, reference_id, model_id)
    values = {
        "place_id": place_id, "reference_id": reference_id, "model_id": model_id, "family": family,
        "minimum_display": minimum_display, "weeks_of_cover": weeks_of_cover, "maximum": maximum,
        "changed_by": actor.label, "changed_at": at,
    }  # fmt: skip
    try:
        with transaction.atomic():
            if rule_id is None:
                rule_id = ReplenishmentRule.objects.create(maison_id=actor.in_maison, **values).id
            elif not ReplenishmentRule.objects.filter(id=rule_id, maison_id=actor.in_maison).update(**values):
                raise NotFound()
            _audit(actor, "stock.rule_write", rule_id, at, values)
            return rule_id
    except IntegrityError as error:
        if "rule_once_per_scope" in str(error):
            raise RuleTaken() from error
        if any(name in str(error) for name in ("rule_asks", "rule_maximum", "rule_names")):
            raise RuleUnfit() from error
        raise


def remove_rule(*, rule_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Take a rule away; its proposals go when they are worked out next. Raises NotFound, also for a repeat."""
    row = ReplenishmentRule.objects.filter(id=rule_id, maison_id=actor.in_maison).first()
    if row is None:
        raise NotFound()
    actor.require(permissions.STOCK_RULES, place_id=row.place_id)
    with transaction.atomic():
        row.delete()
        _audit(actor, "stock.rule_remove", rule_id, at, {"place_id": row.place_id})


def accept_all(*, to_place_id: uuid.UUID, proposal_ids: Sequence[uuid.UUID], actor: Actor, at: datetime) -> int:
    """Say yes to these proposals of one place, all or none; returns how many. Raises as accept_proposal."""
    actor.require(permissions.STOCK_REQUEST, place_id=to_place_id)
    rows = ReplenishmentProposal.objects.filter(id__in=proposal_ids, to_place_id=to_place_id, state="PROPOSED")
    with transaction.atomic():
        wanted = list(rows.order_by("id").values_list("id", flat=True))
        for one in wanted:
            accept_proposal(proposal_id=one, actor=actor, at=at)
    return len(wanted)


def _audit(actor: Actor, action: str, rule_id: uuid.UUID, at: datetime, detail: dict[str, Any]) -> None:
    told: dict[str, object] = {name: str(value) for name, value in detail.items() if value not in (None, "")}
    audit.record(actor=actor, action=action, subject=f"rule:{rule_id}", at=at, maison_id=actor.in_maison, detail=told)


def _decidable(actor: Actor, proposal_id: uuid.UUID) -> None:
    rows = ReplenishmentProposal.objects.filter(id=proposal_id, maison_id=actor.in_maison)
    place = rows.values_list("to_place_id", flat=True).first()
    if place is None or not actor.may(permissions.STOCK_VIEW, place_id=place):
        raise NotFound()
    actor.require(permissions.STOCK_REQUEST, place_id=place)


def _check_ours(
    maison_id: uuid.UUID, place_id: uuid.UUID, reference_id: uuid.UUID | None, model_id: uuid.UUID | None
) -> None:
    query = (
        "SELECT EXISTS (SELECT FROM house_place WHERE id = %s AND maison_id = %s) "
        "AND (%s::uuid IS NULL OR EXISTS (SELECT FROM catalogue_reference WHERE id = %s AND maison_id = %s)) "
        "AND (%s::uuid IS NULL OR EXISTS (SELECT FROM catalogue_model WHERE id = %s AND maison_id = %s))"
    )
    ours = [place_id, maison_id, reference_id, reference_id, maison_id, model_id, model_id, maison_id]
    if not sql.value(query, ours):
        raise NotFound()
