"""Selections: what an advisor chooses for a client, kept for her if asked, sent, and taken up into her basket."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from django.db import transaction
from ninja import Query, Router, Schema
from pydantic import Field

from vendome.api import access, remembered
from vendome.api.v1.files import open_file
from vendome.api.v1.shapes import ID, KEY_HEADER, OTHER_ID, PLACE_ID, example, refused
from vendome.domains.orders.types import SelectionState, SelectionView
from vendome.domains.people import permissions
from vendome.flows import selections as flow
from vendome.kit import clock, idempotency
from vendome.kit.errors import NotFound

router = Router(tags=["Selections"])
Market = Annotated[str, Query(min_length=2, max_length=8, description="Code of the market she buys in.")]
_ITEM = {"id": OTHER_ID, "reference_id": ID, "note": "as you wore it in May", "place_id": PLACE_ID, "hold_id": OTHER_ID}


class SelectionItemOut(Schema):
    """A reference with a word on it; `hold_id` when a piece at `place_id` was kept for her."""

    model_config = example(**_ITEM)
    id: UUID
    reference_id: UUID
    note: str
    place_id: UUID | None
    hold_id: UUID | None


class SelectionOut(Schema):
    model_config = example(
        id=ID, client_id=OTHER_ID, advisor_id=OTHER_ID, market_id=ID, state="SENT", note="For Saturday",
        sent_at="2026-11-20T15:00:00Z", seen_at=None, taken_at=None, expires_at="2026-12-04T15:00:00Z", items=[_ITEM],
    )  # fmt: skip
    id: UUID
    client_id: UUID
    advisor_id: UUID
    market_id: UUID
    state: SelectionState
    note: str
    sent_at: datetime | None
    seen_at: datetime | None
    taken_at: datetime | None
    expires_at: datetime
    items: list[SelectionItemOut]


class ItemIn(Schema):
    """What is chosen, for whom it is said, and whether a piece is really kept for her."""

    model_config = example(
        advisor_id=OTHER_ID, reference_id=ID, note="as you wore it in May", keep_at=PLACE_ID, keep_hours=48
    ) | {"extra": "forbid"}
    advisor_id: UUID
    reference_id: UUID
    note: Annotated[str, Field(max_length=500)] = ""
    keep_at: UUID | None = None
    keep_hours: Annotated[int, Field(ge=1, le=168)] = 48


class SendIn(Schema):
    model_config = example(note="For Saturday") | {"extra": "forbid"}
    note: Annotated[str, Field(max_length=500)] = ""


class TakeIn(Schema):
    """One piece of it, or all when left out."""

    model_config = example(item_id=OTHER_ID) | {"extra": "forbid"}
    item_id: UUID | None = None


class TakenOut(Schema):
    """How many pieces are new in her basket."""

    model_config = example(added=2)
    added: int


@router.get(
    "/{uuid:client_id}/selections",
    response={200: list[SelectionOut], **refused(401, 403, 404)},
    summary="List a client's selections",
)
@access.program(permissions.ORDERS_SELL)
def list_selections(request: access.ApiRequest, client_id: UUID) -> tuple[SelectionView, ...]:
    """All that was chosen for her, the newest first, at most ten."""
    open_file(request, client_id)
    return flow.list_of_client(client_id=client_id, actor=request.actor)


@router.put(
    "/{uuid:client_id}/selections/draft/items",
    response={200: SelectionOut, **refused(401, 403, 404, 409, 422, 503)},
    summary="Choose a piece for her",
)
@access.program(permissions.ORDERS_SELL)
def choose(request: access.ApiRequest, client_id: UUID, market: Market, body: ItemIn) -> SelectionView:
    """Into the advisor's selection in the making, begun if need be. Safe to repeat: it is chosen and kept once."""
    open_file(request, client_id)
    maison = remembered.maison(request.actor)
    return flow.choose(
        market=remembered.market(maison.id, market.upper()),
        client_id=client_id,
        reference_id=body.reference_id,
        note=body.note,
        keep_at=body.keep_at,
        keep_for=timedelta(hours=body.keep_hours),
        advisor_id=body.advisor_id,
        actor=request.actor,
        at=clock.now(),
    )


@router.delete(
    "/{uuid:client_id}/selections/{uuid:selection_id}/items/{uuid:item_id}",
    response={200: SelectionOut, **refused(401, 403, 404, 409, 503)},
    summary="Leave a piece out",
)
@access.program(permissions.ORDERS_SELL)
def leave_out(request: access.ApiRequest, client_id: UUID, selection_id: UUID, item_id: UUID) -> SelectionView:
    """What was kept for her is free again. Safe to repeat."""
    _of_client(request, client_id, selection_id)
    return flow.leave_out(selection_id=selection_id, item_id=item_id, actor=request.actor, at=clock.now())


@router.post(
    "/{uuid:client_id}/selections/{uuid:selection_id}/send",
    response={200: SelectionOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Send a selection",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.ORDERS_SELL)
def send(request: access.ApiRequest, client_id: UUID, selection_id: UUID, body: SendIn) -> SelectionView:
    """She sees it on every device she has open, under her advisor's name."""
    key, scope = access.idempotency_key(request), f"{request.actor.label}:orders.send_selection"
    _of_client(request, client_id, selection_id)
    with transaction.atomic():
        said = {"selection": selection_id, **body.model_dump()}
        if idempotency.claim(scope=scope, key=key, body=said) is None:
            flow.send(selection_id=selection_id, note=body.note, actor=request.actor, at=clock.now())
            idempotency.store(scope=scope, key=key, answer={"selection": selection_id})
    return _of_client(request, client_id, selection_id)


@router.post(
    "/{uuid:client_id}/selections/{uuid:selection_id}/withdraw",
    response={200: SelectionOut, **refused(400, 401, 403, 404, 409, 503)},
    summary="Withdraw a selection",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.ORDERS_SELL)
def withdraw(request: access.ApiRequest, client_id: UUID, selection_id: UUID) -> SelectionView:
    """Before she has taken it up; what was kept is free again. Safe to repeat."""
    access.idempotency_key(request)
    _of_client(request, client_id, selection_id)
    return flow.withdraw(selection_id=selection_id, actor=request.actor, at=clock.now())


@router.post(
    "/{uuid:client_id}/selections/{uuid:selection_id}/take",
    response={200: TakenOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Take a selection up",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.ORDERS_SELL)
def take(request: access.ApiRequest, client_id: UUID, selection_id: UUID, market: Market, body: TakeIn) -> TakenOut:
    """Into her basket, on her word. What is kept for her stays kept, and her order takes it over. Safe to repeat."""
    access.idempotency_key(request)
    open_file(request, client_id)
    maison = remembered.maison(request.actor)
    added = flow.take_up(
        market=remembered.market(maison.id, market.upper()),
        selection_id=selection_id,
        item_id=body.item_id,
        client_id=client_id,
        actor=request.actor,
        at=clock.now(),
    )
    return TakenOut(added=added)


def _of_client(request: access.ApiRequest, client_id: UUID, selection_id: UUID) -> SelectionView:
    open_file(request, client_id)
    for one in flow.list_of_client(client_id=client_id, actor=request.actor):
        if one.id == selection_id:
            return one
    raise NotFound()
