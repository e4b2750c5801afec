"""Replenishment: rules, proposals worked out from them, and what a person makes of each."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from vendome.api import access
from vendome.api.v1.shapes import ID, KEY_HEADER, OTHER_ID, PLACE_ID, example, refused
from vendome.domains.people import permissions
from vendome.domains.stock import replenishing
from vendome.domains.stock.queries import replenishment as queries
from vendome.domains.stock.services import replenishment
from vendome.kit import clock

router = Router(tags=["Replenishment"])
FACTS = {
    "sold": 4, "weeks": 13, "free": 0, "incoming": 0, "minimum": 1, "cover": 6.0, "maximum": None, "target": 2,
    "source_free": 5, "source_spare": 5,
}  # fmt: skip


class FactsOut(Schema):
    """The figures a proposal was worked out from."""

    model_config = example(**FACTS)
    sold: int
    weeks: int
    free: int
    incoming: int
    minimum: int
    cover: float
    maximum: int | None
    target: int
    source_free: int
    source_spare: int


class ProposalOut(Schema):
    model_config = example(
        id=ID, from_place_id=OTHER_ID, to_place_id=PLACE_ID, reference_id=OTHER_ID, quantity=2, state="PROPOSED",
        facts=FACTS, accepted_quantity=None, proposed_at="2026-11-20T05:00:00Z", decided_at=None, decided_by="",
        reason="",
    )  # fmt: skip
    id: UUID
    from_place_id: UUID
    to_place_id: UUID
    reference_id: UUID
    quantity: int
    state: replenishing.ProposalState
    facts: FactsOut
    accepted_quantity: int | None
    proposed_at: datetime
    decided_at: datetime | None
    decided_by: str
    reason: str


class WaitingOut(Schema):
    model_config = example(waiting=31)
    waiting: int


class AcceptIn(Schema):
    """Without a quantity, what was proposed."""

    model_config = example(quantity=1) | {"extra": "forbid"}
    quantity: Annotated[int | None, Field(ge=1, le=10_000)] = None


class AcceptedOut(Schema):
    model_config = example(
        proposal_id=ID, from_place_id=OTHER_ID, to_place_id=PLACE_ID, reference_id=OTHER_ID, quantity=1
    )
    proposal_id: UUID
    from_place_id: UUID
    to_place_id: UUID
    reference_id: UUID
    quantity: int


class DismissIn(Schema):
    model_config = example(reason="The window is full until January.") | {"extra": "forbid"}
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class ReplenishmentRuleIn(Schema):
    """At most one of reference, model and family; none of them: everything at the place."""

    model_config = example(
        place_id=PLACE_ID, reference_id=None, model_id=None, family="rings", minimum_display=1, weeks_of_cover="6",
        maximum=4,
    ) | {"extra": "forbid"}  # fmt: skip
    place_id: UUID
    reference_id: UUID | None = None
    model_id: UUID | None = None
    family: Annotated[str, Field(max_length=16)] = ""
    minimum_display: Annotated[int, Field(ge=0, le=10_000)] = 0
    weeks_of_cover: Annotated[Decimal, Field(ge=0, le=104, decimal_places=1)] = Decimal(0)
    maximum: Annotated[int | None, Field(ge=1, le=10_000)] = None


class RuleIdOut(Schema):
    model_config = example(rule_id=ID)
    rule_id: UUID


class ReplenishmentRuleOut(Schema):
    model_config = example(
        id=ID, place_id=PLACE_ID, reference_id=None, model_id=None, family="rings", minimum_display=1,
        weeks_of_cover=6.0, maximum=4, changed_by=f"STAFF:{OTHER_ID}", changed_at="2026-09-01T09:00:00Z",
    )  # fmt: skip
    id: UUID
    place_id: UUID
    reference_id: UUID | None
    model_id: UUID | None
    family: str
    minimum_display: int
    weeks_of_cover: float
    maximum: int | None
    changed_by: str
    changed_at: datetime


@router.get("/proposals", response={200: list[ProposalOut], **refused(401, 403, 422)}, summary="List proposals")
@access.program(permissions.STOCK_VIEW)
def list_proposals(
    request: access.ApiRequest,
    to_place_id: UUID | None = None,
    state: replenishing.ProposalState = replenishing.ProposalState.PROPOSED,
) -> list[replenishing.ProposalView]:
    """What places should be sent, by destination."""
    return list(queries.list_proposals(actor=request.actor, to_place_id=to_place_id, state=state))


@router.post(
    "/proposals/work-out",
    response={200: WaitingOut, **refused(401, 403, 503)},
    summary="Work the proposals out again",
)
@access.program(permissions.STOCK_RULES)
def work_out(request: access.ApiRequest) -> WaitingOut:
    """From today's figures. Safe to repeat."""
    return WaitingOut(waiting=replenishment.work_out(actor=request.actor, at=clock.now()))


@router.post(
    "/proposals/{uuid:proposal_id}/accept",
    response={200: AcceptedOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Accept a proposal",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.STOCK_REQUEST)
def accept(request: access.ApiRequest, proposal_id: UUID, body: AcceptIn) -> AcceptedOut:
    """Whole or with another quantity; the event stock.replenishment_accepted begins a transfer."""
    answer = access.once(
        request,
        "stock.replenishment_accept",
        {"proposal": proposal_id, "quantity": body.quantity},
        lambda: replenishment.accept_proposal(
            proposal_id=proposal_id, quantity=body.quantity, actor=request.actor, at=clock.now()
        ),
    )
    return AcceptedOut(**answer)


@router.post(
    "/proposals/{uuid:proposal_id}/dismiss",
    response={200: ProposalOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Dismiss a proposal",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.STOCK_REQUEST)
def dismiss(request: access.ApiRequest, proposal_id: UUID, body: DismissIn) -> replenishing.ProposalView:
    """It is not proposed again for two weeks. A second time answers 409."""

    def run() -> dict[str, str]:
        replenishment.dismiss_proposal(proposal_id=proposal_id, reason=body.reason, actor=request.actor, at=clock.now())
        return {}

    given = {"proposal": proposal_id, "reason": body.reason}
    access.once(request, "stock.replenishment_dismiss", given, run)
    return queries.get_proposal(actor=request.actor, proposal_id=proposal_id)


@router.post(
    "/proposals/{uuid:proposal_id}/reopen",
    response={200: ProposalOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Take a dismissal back",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.STOCK_REQUEST)
def reopen(request: access.ApiRequest, proposal_id: UUID) -> replenishing.ProposalView:
    """It waits again. A second time answers 409."""

    def run() -> dict[str, str]:
        replenishment.reopen_proposal(proposal_id=proposal_id, actor=request.actor, at=clock.now())
        return {}

    access.once(request, "stock.replenishment_reopen", {"proposal": proposal_id}, run)
    return queries.get_proposal(actor=request.actor, proposal_id=proposal_id)


@router.get("/rules", response={200: list[ReplenishmentRuleOut], **refused(401, 403, 422)}, summary="List rules")
@access.program(permissions.STOCK_VIEW)
def list_rules(request: access.ApiRequest, place_id: UUID | None = None) -> list[replenishing.RuleView]:
    """How much each place keeps. The narrowest rule of a reference wins."""
    return list(queries.list_rules(actor=request.actor, place_id=place_id))


@router.post(
    "/rules",
    response={201: RuleIdOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Write a rule",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.STOCK_RULES)
def add_rule(request: access.ApiRequest, body: ReplenishmentRuleIn) -> Status[RuleIdOut]:
    """One rule for each place and scope; another for the same answers 409 and writes nothing."""
    given = body.model_dump(mode="json")
    told = access.once(request, "stock.rule_write", given, lambda: {"rule_id": str(_save(request, None, body))})
    return Status(201, RuleIdOut(**told))


@router.put(
    "/rules/{uuid:rule_id}",
    response={200: RuleIdOut, **refused(401, 403, 404, 409, 422)},
    summary="Change a rule",
)
@access.program(permissions.STOCK_RULES)
def change_rule(request: access.ApiRequest, rule_id: UUID, body: ReplenishmentRuleIn) -> RuleIdOut:
    """Safe to repeat."""
    return RuleIdOut(rule_id=_save(request, rule_id, body))


@router.delete(
    "/rules/{uuid:rule_id}", response={200: RuleIdOut, **refused(401, 403, 404, 422)}, summary="Take a rule away"
)
@access.program(permissions.STOCK_RULES)
def remove_rule(request: access.ApiRequest, rule_id: UUID) -> RuleIdOut:
    """Its proposals go when they are worked out next."""
    replenishment.remove_rule(rule_id=rule_id, actor=request.actor, at=clock.now())
    return RuleIdOut(rule_id=rule_id)


def _save(request: access.ApiRequest, rule_id: UUID | None, body: ReplenishmentRuleIn) -> UUID:
    return replenishment.save_rule(rule_id=rule_id, **body.model_dump(), actor=request.actor, at=clock.now())
