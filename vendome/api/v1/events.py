"""The stream of events: everything public that happened, page by page, none missed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import Field

from vendome.api import access
from vendome.api.v1.shapes import ID, OTHER_ID, example, read_cursor, refused, write_cursor
from vendome.domains.people import permissions
from vendome.domains.webhooks import registry
from vendome.domains.webhooks.queries import stream
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput

router = Router(tags=["Events"])
LATEST = "latest"
AN_EVENT = {
    "specversion": "1.0",
    "id": ID,
    "source": f"/maisons/{OTHER_ID}",
    "type": "orders.order_placed",
    "subject": f"order:{ID}",
    "time": "2026-11-20T15:00:00Z",
    "sequence": "00000000000000104233",
    "datacontenttype": "application/json",
    "data": {
        "order_id": ID,
        "number": "VER-26-104233",
        "channel": "web",
        "client_id": OTHER_ID,
        "total_amount": 820000,
        "currency": "EUR",
    },
}


class EventOut(Schema):
    """An event as CloudEvents 1.0 writes it; `data` has the members listed for its kind."""

    model_config = example(**AN_EVENT)
    specversion: str
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    sequence: str
    datacontenttype: str
    data: dict[str, Any]


class EventPage(Schema):
    """Events in the order of the stream."""

    model_config = example(items=[AN_EVENT], next="WzEwNDIzM10", has_more=False)
    items: list[EventOut]
    next: str = Field(description="Send as `after` to go on from here, now or next year.")
    has_more: bool = Field(description="Whether more is there already: ask again at once.")


class EventKindOut(Schema):
    """One kind of public event; `schema` is the JSON schema of its `data`."""

    model_config = example(
        kind="orders.order_expired",
        words="An order was not paid in time; its pieces are free again.",
        data_schema={"type": "object", "properties": {"order_id": {"type": "string", "format": "uuid"}}},
    )
    kind: str
    words: str
    data_schema: dict[str, Any]


@router.get("/events", response={200: EventPage, **refused(401, 403, 409, 422)}, summary="Read the stream of events")
@access.program(permissions.WEBHOOKS_MANAGE)
def read_events(
    request: access.ApiRequest,
    after: Annotated[
        str, Query(max_length=200, description="`next` of the page before; `latest` for what comes.")
    ] = "",
    kinds: Annotated[str, Query(max_length=2000, description="Kinds wanted, separated by commas; empty: all.")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """Public events of the maison after a cursor, from the oldest kept if there is none; keep `next` and go on from it.

    An event that commits late comes late, never unseen: its place is given after its commit. The same event has the
    same `id` here and in a webhook. 409 `events.cursor_too_old` means that what followed the cursor is no longer kept.
    """
    wanted = [kind.strip() for kind in kinds.split(",") if kind.strip()]
    page = stream.read(actor=request.actor, after=position(request.actor, after), kinds=wanted, size=limit)
    return {"items": page.events, "next": write_cursor(page.position), "has_more": page.has_more}


@router.get("/event-kinds", response={200: list[EventKindOut], **refused(401, 403)}, summary="List kinds of event")
@access.program(permissions.WEBHOOKS_MANAGE)
def list_kinds(request: access.ApiRequest) -> list[dict[str, Any]]:
    """Every kind that is public, with what its `data` holds."""
    return [
        {"kind": one.kind, "words": one.words, "data_schema": one.schema}
        for one in map(registry.BY_KIND.__getitem__, registry.PUBLIC)
    ]


def position(actor: Actor, cursor: str) -> int | None:
    """The position a cursor stands for. Raises BadInput."""
    if not cursor:
        return None
    if cursor == LATEST:
        return stream.newest_position(actor=actor)
    found = read_cursor(cursor)
    if len(found) != 1 or type(found[0]) is not int or not 0 <= found[0] < 2**63:
        raise BadInput("This cursor is not one of ours; begin again without it.")
    return int(found[0])
