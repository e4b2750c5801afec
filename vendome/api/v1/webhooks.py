"""Webhooks: who is told what happens, what was sent, and what was given up."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router, Schema, Status
from pydantic import Field

from vendome.api import access
from vendome.api.v1.shapes import ID, KEY_HEADER, OTHER_ID, example, read_cursor, refused, write_cursor
from vendome.domains.people import permissions
from vendome.domains.webhooks import types
from vendome.domains.webhooks.queries import endpoints as reads
from vendome.domains.webhooks.services import deliveries, endpoints
from vendome.kit import clock
from vendome.kit.errors import BadInput

router = Router(tags=["Webhooks"])
KEYED: dict[str, Any] = {"parameters": [KEY_HEADER]}
URL = "https://erp.example.com/vendome"
type Kind = Annotated[str, Field(max_length=80)]


class EndpointIn(Schema):
    """Where to tell, and of what: no kind named means all of them. The address is public and https."""

    model_config = example(url=URL, kinds=["orders.order_placed"], description="ERP") | {"extra": "forbid"}
    url: Annotated[str, Field(min_length=1, max_length=2000)]
    kinds: Annotated[list[Kind], Field(max_length=100)] = []
    description: Annotated[str, Field(max_length=200)] = ""


class StateIn(Schema):
    """ACTIVE, or PAUSED: then what happens waits. An endpoint is ended by deleting it."""

    model_config = example(state="PAUSED") | {"extra": "forbid"}
    state: Annotated[types.EndpointState, Field(json_schema_extra={"enum": ["ACTIVE", "PAUSED"]})]


class SecretOut(Schema):
    """The secret that signs every message there (Standard Webhooks). It is told this once."""

    model_config = example(id=ID, secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")  # noqa: S106  # an example
    id: UUID
    secret: str


class EndpointOut(Schema):
    """An endpoint, with how much waits for it and how much was given up."""

    model_config = example(
        id=ID, url=URL, description="ERP", kinds=["orders.order_placed"], state="ACTIVE", paused_reason="", waiting=0,
        dead=0, created_at="2026-11-20T15:00:00Z", last_delivered_at="2026-11-20T15:00:02Z", old_secret_until=None,
    )  # fmt: skip
    id: UUID
    url: str
    description: str
    kinds: list[str]
    state: types.EndpointState
    paused_reason: str
    waiting: int
    dead: int
    created_at: datetime
    last_delivered_at: datetime | None
    old_secret_until: datetime | None


class DeliveryOut(Schema):
    """One event owed to the endpoint. `event_id` is the `webhook-id` of every attempt."""

    model_config = example(
        id=OTHER_ID, event_id=ID, kind="orders.order_placed", subject=f"order:{ID}", state="DEAD", attempts=15,
        created_at="2026-11-20T15:00:00Z", next_try_at=None, delivered_at=None, last_status=503,
        last_problem="it answered 503",
    )  # fmt: skip
    id: UUID
    event_id: UUID
    kind: str
    subject: str
    state: types.DeliveryState
    attempts: int
    created_at: datetime
    next_try_at: datetime | None
    delivered_at: datetime | None
    last_status: int | None
    last_problem: str


class AttemptOut(Schema):
    model_config = example(number=1, at="2026-11-20T15:00:01Z", status=503, problem="it answered 503", milliseconds=112)
    number: int
    at: datetime
    status: int | None
    problem: str
    milliseconds: int


class DeliveryDetailOut(Schema):
    """One delivery with every attempt made."""

    model_config = example(
        delivery=DeliveryOut.model_config["json_schema_extra"]["example"],  # type: ignore[index]
        attempts=[{"number": 1, "at": "2026-11-20T15:00:01Z", "status": 503, "problem": "it answered 503",
                   "milliseconds": 112}],
    )  # fmt: skip
    delivery: DeliveryOut
    attempts: list[AttemptOut]


class DeliveryPage(Schema):
    """Deliveries, newest first."""

    items: list[DeliveryOut]
    next: str | None = Field(description="Send as `after` for the next page; null on the last one.")


class ReplayedOut(Schema):
    """How many deliveries were given up and are on their way again."""

    model_config = example(replayed=3)
    replayed: int


@router.get("", response={200: list[EndpointOut], **refused(401, 403)}, summary="List webhook endpoints")
@access.program(permissions.WEBHOOKS_MANAGE)
def list_endpoints(request: access.ApiRequest) -> tuple[types.EndpointView, ...]:
    """Every endpoint of the maison, newest first. Whoever manages webhooks must answer for the whole house."""
    return reads.list_endpoints(actor=request.actor)


@router.post(
    "",
    response={201: SecretOut, **refused(400, 401, 403, 409, 422, 503)},
    summary="Register a webhook endpoint",
    openapi_extra=KEYED,
)
@access.program(permissions.WEBHOOKS_MANAGE)
def register(request: access.ApiRequest, body: EndpointIn) -> Status[types.NewEndpoint]:
    """Tells this address what happens from now on, signed. The answer holds the secret, this once."""
    made = endpoints.register(
        key=access.idempotency_key(request),
        url=body.url,
        kinds=body.kinds,
        description=body.description,
        actor=request.actor,
        at=clock.now(),
    )
    return Status(201, made)


@router.get(
    "/{uuid:endpoint_id}", response={200: EndpointOut, **refused(401, 403, 404)}, summary="Get a webhook endpoint"
)
@access.program(permissions.WEBHOOKS_MANAGE)
def get_endpoint(request: access.ApiRequest, endpoint_id: UUID) -> types.EndpointView:
    """One endpoint. One of another maison, or one that was ended, is not there."""
    return reads.get_endpoint(actor=request.actor, endpoint_id=endpoint_id)


@router.put(
    "/{uuid:endpoint_id}",
    response={200: EndpointOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Change a webhook endpoint",
)
@access.program(permissions.WEBHOOKS_MANAGE)
def change(request: access.ApiRequest, endpoint_id: UUID, body: EndpointIn) -> types.EndpointView:
    """Sets address, kinds and description. Safe to repeat: the same request leaves the same endpoint."""
    endpoints.change(
        endpoint_id=endpoint_id,
        url=body.url,
        kinds=body.kinds,
        description=body.description,
        actor=request.actor,
        at=clock.now(),
    )
    return reads.get_endpoint(actor=request.actor, endpoint_id=endpoint_id)


@router.put(
    "/{uuid:endpoint_id}/state",
    response={200: EndpointOut, **refused(400, 401, 403, 404, 422, 503)},
    summary="Pause or resume a webhook endpoint",
)
@access.program(permissions.WEBHOOKS_MANAGE)
def set_state(request: access.ApiRequest, endpoint_id: UUID, body: StateIn) -> types.EndpointView:
    """While it is paused, what happens waits for it. Safe to repeat."""
    if body.state is types.EndpointState.ENDED:
        raise BadInput(wrong=[{"at": "body.body.state", "problem": "an endpoint is ended by deleting it"}])
    endpoints.set_state(endpoint_id=endpoint_id, state=body.state, actor=request.actor, at=clock.now())
    return reads.get_endpoint(actor=request.actor, endpoint_id=endpoint_id)


@router.delete(
    "/{uuid:endpoint_id}",
    response={200: EndpointOut, **refused(401, 403, 404, 503)},
    summary="End a webhook endpoint",
)
@access.program(permissions.WEBHOOKS_MANAGE)
def end(request: access.ApiRequest, endpoint_id: UUID) -> types.EndpointView:
    """Nobody is told there any more. Answers the endpoint as it was; a repeat finds that it is not there."""
    found = reads.get_endpoint(actor=request.actor, endpoint_id=endpoint_id)
    endpoints.set_state(endpoint_id=endpoint_id, state=types.EndpointState.ENDED, actor=request.actor, at=clock.now())
    return found


@router.post(
    "/{uuid:endpoint_id}/secret",
    response={201: SecretOut, **refused(400, 401, 403, 404, 422, 503)},
    summary="Rotate the secret of a webhook endpoint",
    openapi_extra=KEYED,
)
@access.program(permissions.WEBHOOKS_MANAGE)
def rotate_secret(request: access.ApiRequest, endpoint_id: UUID) -> Status[types.NewEndpoint]:
    """A new secret, told this once. For a day every message is signed with the old one too."""
    made = endpoints.rotate_secret(
        key=access.idempotency_key(request), endpoint_id=endpoint_id, actor=request.actor, at=clock.now()
    )
    return Status(201, made)


@router.post(
    "/{uuid:endpoint_id}/test",
    response={202: EndpointOut, **refused(400, 401, 403, 404, 422, 503)},
    summary="Send a test event",
    openapi_extra=KEYED,
)
@access.program(permissions.WEBHOOKS_MANAGE)
def send_test(request: access.ApiRequest, endpoint_id: UUID) -> Status[types.EndpointView]:
    """Writes `webhooks.tested` for this endpoint alone; it arrives within seconds."""
    endpoints.send_test(
        key=access.idempotency_key(request), endpoint_id=endpoint_id, actor=request.actor, at=clock.now()
    )
    return Status(202, reads.get_endpoint(actor=request.actor, endpoint_id=endpoint_id))


@router.get(
    "/{uuid:endpoint_id}/deliveries",
    response={200: DeliveryPage, **refused(401, 403, 404, 422)},
    summary="List deliveries of a webhook endpoint",
)
@access.program(permissions.WEBHOOKS_MANAGE)
def list_deliveries(
    request: access.ApiRequest,
    endpoint_id: UUID,
    state: types.DeliveryState | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: str = "",
) -> DeliveryPage:
    """What was sent, what waits and what was given up, newest first."""
    found = reads.list_deliveries(
        actor=request.actor, endpoint_id=endpoint_id, state=state, before_id=_read_id(after), size=limit
    )
    shown = found[:limit]
    more = write_cursor(shown[-1].id) if len(found) > limit else None
    return DeliveryPage(items=[DeliveryOut.from_orm(row) for row in shown], next=more)


@router.get(
    "/{uuid:endpoint_id}/deliveries/{uuid:delivery_id}",
    response={200: DeliveryDetailOut, **refused(401, 403, 404)},
    summary="Get a delivery with its attempts",
)
@access.program(permissions.WEBHOOKS_MANAGE)
def get_delivery(request: access.ApiRequest, endpoint_id: UUID, delivery_id: UUID) -> dict[str, Any]:
    """Every attempt with the status that came back, or why none did."""
    delivery, attempts = reads.get_delivery(actor=request.actor, endpoint_id=endpoint_id, delivery_id=delivery_id)
    return {"delivery": delivery, "attempts": attempts}


@router.put(
    "/{uuid:endpoint_id}/deliveries/{uuid:delivery_id}/replay",
    response={200: DeliveryDetailOut, **refused(401, 403, 404, 409, 503)},
    summary="Send a delivery that was given up again",
)
@access.program(permissions.WEBHOOKS_MANAGE)
def replay(request: access.ApiRequest, endpoint_id: UUID, delivery_id: UUID) -> dict[str, Any]:
    """With the same id and body, and all its tries. Safe to repeat: one that is on its way stays as it is."""
    deliveries.replay(endpoint_id=endpoint_id, delivery_id=delivery_id, actor=request.actor, at=clock.now())
    delivery, attempts = reads.get_delivery(actor=request.actor, endpoint_id=endpoint_id, delivery_id=delivery_id)
    return {"delivery": delivery, "attempts": attempts}


@router.put(
    "/{uuid:endpoint_id}/replay",
    response={200: ReplayedOut, **refused(401, 403, 404, 503)},
    summary="Send everything again that was given up",
)
@access.program(permissions.WEBHOOKS_MANAGE)
def replay_dead(request: access.ApiRequest, endpoint_id: UUID) -> ReplayedOut:
    """The oldest first, up to a thousand at once. Safe to repeat."""
    count = deliveries.replay_dead(endpoint_id=endpoint_id, actor=request.actor, at=clock.now())
    return ReplayedOut(replayed=count)


def _read_id(cursor: str) -> UUID | None:
    if not cursor:
        return None
    try:
        (found,) = read_cursor(cursor)
        return UUID(found)
    except (TypeError, ValueError, AttributeError) as error:
        raise BadInput("This cursor is not one of ours; begin again without it.") from error
