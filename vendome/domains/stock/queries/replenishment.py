"""Reads of replenishment: proposals that wait, rules, and the figures both are worked out from."""

from __future__ import annotations

import uuid
from datetime import datetime

from vendome.domains.people import permissions
from vendome.domains.stock.models import ReplenishmentProposal, ReplenishmentRule
from vendome.domains.stock.replenishing import ProposalState, ProposalView, RuleView, Standing, Wish
from vendome.kit import sql
from vendome.kit.actors import EVERYWHERE, Actor
from vendome.kit.errors import NotFound


def read_standings(*, maison_id: uuid.UUID, at: datetime) -> tuple[Standing, ...]:
    """Every place's standing of the references that some rule asks for. For working out, not for showing."""
    return tuple(
        Standing(
            place_id=place,
            reference_id=reference,
            is_warehouse=kind == "WAREHOUSE",
            is_ours=is_ours,
            region=region,
            free=free,
            incoming=incoming,
            sold=sold,
            wish=None if minimum is None else Wish(minimum_display=minimum, weeks_of_cover=cover, maximum=maximum),
        )
        for place, reference, kind, is_ours, region, free, incoming, sold, minimum, cover, maximum in sql.rows(
            "SELECT * FROM stock_replenishment_facts(%s, %s) ORDER BY 2, 1", [maison_id, at]
        )
    )


def list_proposals(
    *,
    actor: Actor,
    to_place_id: uuid.UUID | None = None,
    state: ProposalState = ProposalState.PROPOSED,
    limit: int = 2000,
) -> tuple[ProposalView, ...]:
    """Proposals for the places the actor may see, by destination; decided ones newest first."""
    rows = ReplenishmentProposal.objects.filter(maison_id=actor.in_maison, state=state)
    places = actor.places_for(permissions.STOCK_VIEW)
    if to_place_id is not None:
        actor.require(permissions.STOCK_VIEW, place_id=to_place_id)
        rows = rows.filter(to_place_id=to_place_id)
    elif places is not EVERYWHERE:
        rows = rows.filter(to_place_id__in=places)
    order = ("to_place_id", "reference_id", "id") if state is ProposalState.PROPOSED else ("-decided_at", "-id")
    return tuple(_proposal(row) for row in rows.order_by(*order)[:limit])


def get_proposal(*, actor: Actor, proposal_id: uuid.UUID) -> ProposalView:
    """Raises NotFound, also for places the actor may not see."""
    row = ReplenishmentProposal.objects.filter(id=proposal_id, maison_id=actor.in_maison).first()
    if row is None or not actor.may(permissions.STOCK_VIEW, place_id=row.to_place_id):
        raise NotFound()
    return _proposal(row)


def list_rules(*, actor: Actor, place_id: uuid.UUID | None = None) -> tuple[RuleView, ...]:
    """Rules of the places the actor may see: broad ones first."""
    rows = ReplenishmentRule.objects.filter(maison_id=actor.in_maison)
    places = actor.places_for(permissions.STOCK_VIEW)
    if place_id is not None:
        actor.require(permissions.STOCK_VIEW, place_id=place_id)
        rows = rows.filter(place_id=place_id)
    elif places is not EVERYWHERE:
        rows = rows.filter(place_id__in=places)
    return tuple(
        RuleView(
            id=row.id,
            place_id=row.place_id,
            reference_id=row.reference_id,
            model_id=row.model_id,
            family=row.family,
            minimum_display=row.minimum_display,
            weeks_of_cover=row.weeks_of_cover,
            maximum=row.maximum,
            changed_by=row.changed_by,
            changed_at=row.changed_at,
        )
        for row in rows.order_by("place__position", "place_id", "-family", "id")
    )


def _proposal(row: ReplenishmentProposal) -> ProposalView:
    return ProposalView(
        id=row.id,
        from_place_id=row.from_place_id,
        to_place_id=row.to_place_id,
        reference_id=row.reference_id,
        quantity=row.quantity,
        state=ProposalState(row.state),
        facts=row.facts,
        accepted_quantity=row.accepted_quantity,
        proposed_at=row.proposed_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        reason=row.reason,
    )
