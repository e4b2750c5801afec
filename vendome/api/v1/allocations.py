"""Allocations: limited pieces, who is in line for them, and the draw that anybody can recompute."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from ninja import Router, Schema, Status
from ninja.decorators import decorate_view
from pydantic import Field

from vendome.api import access, remembered
from vendome.api.v1 import hot, hot_drops
from vendome.api.v1.files import open_file
from vendome.api.v1.orders import PlacedOrderOut
from vendome.api.v1.shapes import ID, KEY_HEADER, OTHER_ID, PLACE_ID, example, refused
from vendome.domains.orders.types import Mode
from vendome.domains.payments.types import Tender
from vendome.domains.people import permissions
from vendome.domains.stock import types_of_scarcity as types
from vendome.domains.stock.queries import draws
from vendome.domains.stock.queries import scarcity as queries
from vendome.domains.stock.services import scarcity
from vendome.flows import drops
from vendome.flows.types import PlacedOrder, TenderGiven
from vendome.kit import clock
from vendome.kit.actors import Actor

router = Router(tags=["Allocations"])

_ALLOCATION: dict[str, Any] = {
    "id": ID, "code": "meridien-100", "title": "Méridien 38, numbered", "words": {"en": "One hundred pieces."},
    "reference_id": OTHER_ID, "place_id": PLACE_ID, "pieces": 100, "policy": "FIRST_COME", "state": "OPEN",
    "opens_at": "2026-12-02T11:00:00Z", "closes_at": None, "early_from": None, "room_opens_at": "2026-12-02T10:00:00Z",
    "only_invited": False, "per_person": 1, "counts_household": False, "standings": [], "hold_seconds": 900,
    "commitment": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "list_digest": "",
    "frozen_at": None, "revealed_at": None, "ended_at": None, "free": 100, "entries": 0, "waiting": 0, "offered": 0,
    "bought": 0, "invited": 0,
}  # fmt: skip
_STANDING: dict[str, Any] = {
    "allocation": ID, "entry": OTHER_ID, "token": OTHER_ID, "state": "WAITING", "allocation_state": "SELLING",
    "place": 143, "before": 42, "entries": 2000, "pieces": 100, "left": 31, "until": None, "hold": None,
    "place_id": PLACE_ID, "reference": ID, "reason": "",
}  # fmt: skip


class AllocationOut(Schema):
    """An allocation with its figures. The commitment is there from the beginning, the seed only in the draw."""

    model_config = example(**_ALLOCATION)
    id: UUID
    code: str
    title: str
    words: dict[str, str]
    reference_id: UUID
    place_id: UUID
    pieces: int
    policy: types.AllocationPolicy
    state: types.AllocationState
    opens_at: datetime
    closes_at: datetime | None
    early_from: datetime | None
    room_opens_at: datetime | None
    only_invited: bool
    per_person: int
    counts_household: bool
    standings: list[str]
    hold_seconds: int
    commitment: str
    list_digest: str
    frozen_at: datetime | None
    revealed_at: datetime | None
    ended_at: datetime | None
    free: int
    entries: int
    waiting: int
    offered: int
    bought: int
    invited: int


class AllocationIn(Schema):
    """What headquarters says of it. Nothing is public or kept until it is published."""

    model_config = example(
        code="meridien-100", title="Méridien 38, numbered", words={"en": "One hundred pieces."}, reference_id=OTHER_ID,
        place_id=PLACE_ID, pieces=100, policy="FIRST_COME", opens_at="2026-12-02T11:00:00Z",
        room_opens_at="2026-12-02T10:00:00Z", per_person=1, hold_seconds=900,
    ) | {"extra": "forbid"}  # fmt: skip
    code: Annotated[str, Field(min_length=3, max_length=60, pattern=r"^[a-z0-9-]+$")]
    title: Annotated[str, Field(min_length=1, max_length=120)]
    words: dict[str, Annotated[str, Field(max_length=2000)]] = {}
    reference_id: UUID
    place_id: UUID
    pieces: Annotated[int, Field(ge=1, le=10_000)]
    policy: types.AllocationPolicy
    opens_at: datetime
    closes_at: datetime | None = None
    early_from: datetime | None = None
    room_opens_at: datetime | None = None
    only_invited: bool = False
    per_person: Annotated[int, Field(ge=1, le=100)] = 1
    counts_household: bool = False
    standings: list[Annotated[str, Field(max_length=40)]] = []
    hold_seconds: Annotated[int, Field(ge=5, le=5_184_000)] = 900


class AllocationStandingOut(Schema):
    """Where a client stands. `place` is null while places are still to be drawn; `hold` is hers while it is offered."""

    model_config = example(**_STANDING)
    allocation: UUID
    entry: UUID
    token: UUID
    state: types.EntryState
    allocation_state: types.AllocationState
    place: int | None
    before: int
    entries: int
    pieces: int
    left: int
    until: datetime | None
    hold: UUID | None
    place_id: UUID
    reference: UUID
    reason: str


class NominationIn(Schema):
    model_config = example(client_id=OTHER_ID, case="Has collected Méridien since 2014.") | {"extra": "forbid"}
    client_id: UUID
    case: Annotated[str, Field(min_length=1, max_length=2000)]


class DecisionIn(Schema):
    model_config = example(is_chosen=True, reason="Never had one, and waited twice.") | {"extra": "forbid"}
    is_chosen: bool
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class InvitationsIn(Schema):
    model_config = example(client_ids=[OTHER_ID]) | {"extra": "forbid"}
    client_ids: Annotated[list[UUID], Field(min_length=1, max_length=5000)]


class PiecesIn(Schema):
    model_config = example(pieces=2) | {"extra": "forbid"}
    pieces: Annotated[int, Field(ge=1, le=1000)]


class EndIn(Schema):
    model_config = example(reason="The atelier needs the last two.") | {"extra": "forbid"}
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class EntryOut(Schema):
    """One line of the desk: who, where she stands, and what became of it."""

    model_config = example(
        id=ID, client_id=OTHER_ID, token=OTHER_ID, state="OFFERED", place=3, joined_at="2026-12-02T11:00:02Z",
        offered_at="2026-12-02T11:00:02Z", until_at="2026-12-02T11:15:02Z", ended_at=None, nominated_by=None,
        case_text="", is_chosen=None, reason="",
    )  # fmt: skip
    id: UUID
    client_id: UUID
    token: UUID
    state: types.EntryState
    place: int
    joined_at: datetime
    offered_at: datetime | None
    until_at: datetime | None
    ended_at: datetime | None
    nominated_by: UUID | None
    case_text: str
    is_chosen: bool | None
    reason: str


class InvitedOut(Schema):
    model_config = example(invited=1)
    invited: int


class ClaimIn(Schema):
    """How she receives the piece she is offered, and how it is paid."""

    model_config = example(
        market="FR", mode="DELIVER", tender="CARD", provider="card_test", instrument="card_good",
        address=["12 rue de la Paix", "75002 Paris", "France"], contact={"name": "É. de Brissac"},
    ) | {"extra": "forbid"}  # fmt: skip
    market: Annotated[str, Field(min_length=2, max_length=8)]
    mode: Mode
    tender: Tender = Tender.CARD
    provider: Annotated[str, Field(min_length=1, max_length=40)]
    instrument: Annotated[str, Field(min_length=1, max_length=120)]
    contact: dict[str, Annotated[str, Field(max_length=200)]] = {}
    address: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=8)] = []


class DrawOut(Schema):
    """Everything anybody needs to recompute the order: tokens, no names. `vendome draw verify FILE` does it."""

    model_config = example(
        commitment=_ALLOCATION["commitment"], list_digest="", entries=[OTHER_ID], seed="", order=[]
    )  # fmt: skip
    commitment: str
    list_digest: str
    entries: list[str]
    seed: str
    order: list[str]


@router.get("", response={200: list[AllocationOut], **refused(401, 403)}, summary="List allocations")
@access.program(permissions.STOCK_VIEW)
def list_allocations(request: access.ApiRequest) -> tuple[types.AllocationView, ...]:
    """Those that run first, then the newest."""
    return queries.list_allocations(actor=request.actor)


@router.post("", response={201: AllocationOut, **refused(401, 403, 404, 409, 422)}, summary="Make an allocation")
@access.program(permissions.SCARCITY_DECIDE)
def make_allocation(request: access.ApiRequest, body: AllocationIn) -> Status[types.AllocationView]:
    """A draft, with the commitment to its seed and the quota for each person. Its code exists once, so a repeat is
    refused and changes nothing."""
    said = body.dict() | {"standings": tuple(body.standings)}
    made = scarcity.make_allocation(new=types.NewAllocation(**said), actor=request.actor, at=clock.now())
    return Status(201, _one(request.actor, made))


@router.get(
    "/{uuid:allocation_id}", response={200: AllocationOut, **refused(401, 403, 404)}, summary="Get an allocation"
)
@access.program(permissions.STOCK_VIEW)
def get_allocation(request: access.ApiRequest, allocation_id: UUID) -> types.AllocationView:
    """One allocation with its figures."""
    return _one(request.actor, allocation_id)


@router.post(
    "/{uuid:allocation_id}/publish",
    response={200: AllocationOut, **refused(401, 403, 404, 409, 503)},
    summary="Publish an allocation",
)
@access.program(permissions.SCARCITY_DECIDE)
def publish(request: access.ApiRequest, allocation_id: UUID) -> types.AllocationView:
    """Takes the pieces off the open shelf and takes entries from the hour it says. It happens once."""
    scarcity.publish(allocation_id=allocation_id, actor=request.actor, at=clock.now())
    return _one(request.actor, allocation_id)


@router.post(
    "/{uuid:allocation_id}/freeze",
    response={200: AllocationOut, **refused(401, 403, 404, 409, 503)},
    summary="Freeze the list of entries",
)
@access.program(permissions.SCARCITY_DECIDE)
def freeze(request: access.ApiRequest, allocation_id: UUID) -> types.AllocationView:
    """Nobody enters any more; the digest of the list is public. It happens once."""
    scarcity.freeze(allocation_id=allocation_id, actor=request.actor, at=clock.now())
    return _one(request.actor, allocation_id)


@router.post(
    "/{uuid:allocation_id}/draw",
    response={200: AllocationOut, **refused(401, 403, 404, 409, 503)},
    summary="Decide the order and begin to offer",
)
@access.program(permissions.SCARCITY_DECIDE)
def draw(request: access.ApiRequest, allocation_id: UUID) -> types.AllocationView:
    """A ballot reveals its seed; the first in order are offered a piece each. It happens once."""
    scarcity.draw(allocation_id=allocation_id, actor=request.actor, at=clock.now())
    return _one(request.actor, allocation_id)


@router.post(
    "/{uuid:allocation_id}/pieces",
    response={200: AllocationOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Add pieces",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.SCARCITY_DECIDE)
def add_pieces(request: access.ApiRequest, allocation_id: UUID, body: PiecesIn) -> types.AllocationView:
    """More pieces leave the open shelf for it, and are offered at once."""
    scarcity.add_pieces(
        allocation_id=allocation_id,
        pieces=body.pieces,
        key=access.idempotency_key(request),
        actor=request.actor,
        at=clock.now(),
    )
    return _one(request.actor, allocation_id)


@router.post(
    "/{uuid:allocation_id}/end",
    response={200: AllocationOut, **refused(401, 403, 404, 409, 422, 503)},
    summary="End an allocation",
)
@access.program(permissions.SCARCITY_DECIDE)
def end(request: access.ApiRequest, allocation_id: UUID, body: EndIn) -> types.AllocationView:
    """Who waits is told; what nobody was offered goes back to the shelf. It happens once."""
    scarcity.end(allocation_id=allocation_id, reason=body.reason, actor=request.actor, at=clock.now())
    return _one(request.actor, allocation_id)


@router.get(
    "/{uuid:allocation_id}/entries",
    response={200: list[EntryOut], **refused(401, 403, 404)},
    summary="Who is in line",
)
@access.program(permissions.SCARCITY_DECIDE)
def list_entries(request: access.ApiRequest, allocation_id: UUID) -> tuple[types.EntryRow, ...]:
    """Everybody who entered, in the order of their turns; before a draw that is the order of entering."""
    _one(request.actor, allocation_id)
    return queries.list_entries(actor=request.actor, allocation_id=allocation_id)


@router.get(
    "/draws/{slug:code}", response={200: DrawOut, **refused(404)}, summary="The public record of a draw", auth=None
)
@access.anyone(reason="a draw is provable only if anybody may read its record; it holds no personal data")
def public_draw(request: access.ApiRequest, code: str) -> HttpResponseBase:
    """Commitment, frozen list, and once it is revealed the seed and the order. Tokens only.

    The answer has an `ETag` and changes twice, when the list freezes and when the seed is revealed: asked again with
    `If-None-Match`, it is a 304 without a body.
    """
    step = draws.find_step(maison_id=remembered.maison(request.actor).id, code=code)
    etag = quote_etag(step.version)
    return get_conditional_response(request, etag=etag) or HttpResponse(
        draws.read_record(step=step).body, content_type="application/json", headers={"ETag": etag}
    )


@router.post(
    "/{uuid:allocation_id}/invitations",
    response={200: InvitedOut, **refused(401, 403, 404, 422)},
    summary="Invite clients",
)
@access.program(permissions.SCARCITY_DECIDE)
def invite(request: access.ApiRequest, allocation_id: UUID, body: InvitationsIn) -> InvitedOut:
    """Early access, or access at all. Safe to repeat; answers how many are new."""
    count = scarcity.invite(
        allocation_id=allocation_id, client_ids=body.client_ids, actor=request.actor, at=clock.now()
    )
    return InvitedOut(invited=count)


@router.post(
    "/{uuid:allocation_id}/entries",
    response={200: AllocationStandingOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Enter a client",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["client_id"],
                        "additionalProperties": False,
                        "properties": {"client_id": {"type": "string", "format": "uuid"}},
                    },
                    "example": {"client_id": OTHER_ID},
                }
            },
        }
    },
)
@decorate_view(hot.instead(hot_drops.enter))
@access.program(permissions.STOCK_HOLD)
def enter_allocation(request: access.ApiRequest, allocation_id: UUID) -> None:
    """Once for each person, however often it is asked: a repeat answers her standing. What is free goes to the next."""


@router.get(
    "/{uuid:allocation_id}/entries/{uuid:client_id}",
    response={200: AllocationStandingOut, **refused(401, 403, 404)},
    summary="Where a client stands",
)
@decorate_view(hot.instead(hot_drops.standing))
@access.program(permissions.STOCK_HOLD)
def get_standing(request: access.ApiRequest, allocation_id: UUID, client_id: UUID) -> None:
    """Her honest place in line, who waits before her, and until when her piece is kept."""


@router.delete(
    "/{uuid:allocation_id}/entries/{uuid:client_id}",
    response={200: AllocationStandingOut, **refused(401, 403, 404, 409, 503)},
    summary="Give up a place or an offer",
)
@access.program(permissions.STOCK_HOLD)
def leave(request: access.ApiRequest, allocation_id: UUID, client_id: UUID) -> dict[str, Any]:
    """Her place, or the piece she was offered, which goes to the next at once. Safe to repeat."""
    open_file(request, client_id)
    return _told(scarcity.leave(allocation_id=allocation_id, client_id=client_id, actor=request.actor, at=clock.now()))


@router.post(
    "/{uuid:allocation_id}/entries/{uuid:client_id}/claim",
    response={201: PlacedOrderOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Order and pay the piece she is offered",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.ORDERS_SELL)
def claim(request: access.ApiRequest, allocation_id: UUID, client_id: UUID, body: ClaimIn) -> Status[PlacedOrder]:
    """The order takes over the very hold that kept her piece; a card that is declined passes the piece on."""
    open_file(request, client_id)
    maison = remembered.maison(request.actor)
    placed = drops.claim(
        key=access.idempotency_key(request),
        maison=maison,
        market=remembered.market(maison.id, body.market.upper()),
        allocation_id=allocation_id,
        client_id=client_id,
        mode=body.mode,
        tender=TenderGiven(tender=body.tender, provider=body.provider),
        instrument=body.instrument,
        contact=body.contact,
        address=body.address,
        actor=request.actor,
        at=clock.now(),
    )
    return Status(201, placed)


@router.post(
    "/{uuid:allocation_id}/nominations",
    response={200: AllocationStandingOut, **refused(401, 403, 404, 409, 422, 503)},
    summary="Nominate a client",
)
@access.program(permissions.SCARCITY_NOMINATE)
def nominate(request: access.ApiRequest, allocation_id: UUID, body: NominationIn) -> dict[str, Any]:
    """An advisor's case for a client. Safe to repeat: the first case stands."""
    open_file(request, body.client_id)
    return _told(
        scarcity.nominate(
            allocation_id=allocation_id,
            client_id=body.client_id,
            case=body.case,
            actor=request.actor,
            at=clock.now(),
        )
    )


@router.put(
    "/{uuid:allocation_id}/entries/{uuid:client_id}/decision",
    response={200: AllocationStandingOut, **refused(401, 403, 404, 422, 503)},
    summary="Decide on a nomination",
)
@access.program(permissions.SCARCITY_DECIDE)
def decide(request: access.ApiRequest, allocation_id: UUID, client_id: UUID, body: DecisionIn) -> dict[str, Any]:
    """The committee's word with its reason. It may change until the offers go out; each change stays in the history."""
    standing = queries.get_standing(actor=request.actor, allocation_id=allocation_id, client_id=client_id)
    scarcity.decide(
        entry_id=standing.entry_id,
        is_chosen=body.is_chosen,
        reason=body.reason,
        actor=request.actor,
        at=clock.now(),
    )
    return _told(queries.get_standing(actor=request.actor, allocation_id=allocation_id, client_id=client_id))


def _one(actor: Actor, allocation_id: UUID) -> types.AllocationView:
    return queries.get_allocation_by_id(actor=actor, allocation_id=allocation_id)


def _told(standing: types.Standing) -> dict[str, Any]:
    return {
        "allocation": standing.allocation_id,
        "entry": standing.entry_id,
        "token": standing.token,
        "state": standing.state,
        "allocation_state": standing.allocation_state,
        "place": standing.place,
        "before": standing.before,
        "entries": standing.entries,
        "pieces": standing.pieces,
        "left": standing.left,
        "until": standing.until_at,
        "hold": standing.hold_id,
        "place_id": standing.place_id,
        "reference": standing.reference_id,
        "reason": standing.reason,
    }
