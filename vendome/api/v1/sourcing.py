"""Availability with arguments, reservations, steps of a line, routing rules, and what waits for a person."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Schema, Status
from ninja.decorators import decorate_view
from pydantic import AwareDatetime, Field

from vendome.api import access
from vendome.api.v1 import hot
from vendome.api.v1.shapes import ID, KEY_HEADER, OTHER_ID, PLACE_ID, example, refused
from vendome.domains.fulfilment.types import (
    ExceptionKind,
    ExceptionRow,
    RefusalReason,
    Resolution,
    RoutingRule,
    RuleKind,
)
from vendome.domains.orders.types import LineState, Mode
from vendome.domains.people import permissions
from vendome.domains.stock.types import Supply
from vendome.flows import exceptions, line_steps, reservations, sourcing
from vendome.flows.line_steps import Step, Task
from vendome.flows.types import WayMode
from vendome.kit import clock

router = Router(tags=["Sourcing"])
KEYED = {"parameters": [KEY_HEADER]}


# -- availability ---------------------------------------------------------------------------------------------


class WayOut(Schema):
    """One way to have a reference: the day it can be promised for, from where, and how many are free there."""

    model_config = example(
        reference_id=ID, mode="COLLECT", place_id=PLACE_ID, date="2026-11-26", supply="AVAILABLE",
        reason="sent there for her", source_id=OTHER_ID, km=344, free=3,
    )  # fmt: skip
    reference_id: UUID
    mode: WayMode
    place_id: UUID | None
    date: date
    supply: Supply
    reason: str
    source_id: UUID
    km: int | None
    free: int


class SourcedHoldOut(Schema):
    """Already set aside for the client that was named: give `hold_id` with the order's line."""

    model_config = example(reference_id=ID, place_id=PLACE_ID, hold_id=OTHER_ID, until="2026-11-22T18:00:00Z")
    reference_id: UUID
    place_id: UUID
    hold_id: UUID
    until: datetime | None


class WaysOut(Schema):
    model_config = example(at="2026-11-20T15:00:00Z", ways=[], held=[])
    at: datetime
    ways: list[WayOut]
    held: list[SourcedHoldOut]


@router.get(
    "/availability",
    response={200: WaysOut, **refused(401, 403, 404, 422, 503)},
    summary="How references can be had",
)
@decorate_view(hot.instead(hot.ways))
@access.program(permissions.STOCK_VIEW)
def availability(
    request: access.ApiRequest,
    market: Annotated[str, Query(description="Code of the market she buys in.")],
    references: Annotated[str, Query(description="Up to 100 ids with commas between; none with `piece_id`.")] = "",
    modes: Annotated[
        str, Query(description="Some of TAKE_AWAY, COLLECT, DELIVER, RESERVE, TRY_AT_HOME; none: all.")
    ] = "",
    place_id: Annotated[UUID | None, Query(description="Where she stands, collects, or wants it set aside.")] = None,
    near: Annotated[str, Query(description="Where she is: latitude,longitude.")] = "",
    client_id: UUID | None = None,
    quantity: int = 1,
    channel: str = "web",
    together: Annotated[bool, Query(description="The references are one order.")] = False,
    piece_id: Annotated[UUID | None, Query(description="This piece and no other of its reference.")] = None,
    by: Annotated[date | None, Query(description="The day on which she wants it at the latest.")] = None,
) -> None:
    """Each way each reference can be had now, with its day and its source.

    What is answered is what an order placed now holds: the same function chooses. A way that cannot be promised is not
    in the list. Collection at a place that does not have the piece is answered with the day it can be there.
    """


# -- reservations -------------------------------------------------------------------------------------------------


class ReservationIn(Schema):
    model_config = example(reference_id=ID, place_id=PLACE_ID, client_id=OTHER_ID, reason="to be seen on Saturday") | {
        "extra": "forbid"
    }
    reference_id: UUID
    place_id: UUID
    client_id: UUID
    quantity: Annotated[int, Field(ge=1, le=20)] = 1
    until: AwareDatetime | None = None
    reason: Annotated[str, Field(max_length=200)] = ""


class ReservationOut(Schema):
    model_config = example(hold_id=OTHER_ID, reference_id=ID, place_id=PLACE_ID, until="2026-11-22T15:00:00Z")
    hold_id: UUID
    reference_id: UUID
    place_id: UUID
    until: datetime


class ReleasedOut(Schema):
    model_config = example(hold_id=OTHER_ID)
    hold_id: UUID


class ReleaseIn(Schema):
    model_config = example(reason="She took another one.") | {"extra": "forbid"}
    reason: Annotated[str, Field(min_length=1, max_length=200)]


@router.post(
    "/reservations",
    response={201: ReservationOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Set a piece aside in a boutique",
    openapi_extra=KEYED,
)
@access.program(permissions.STOCK_HOLD)
def reserve(request: access.ApiRequest, body: ReservationIn) -> Status[reservations.Reservation]:
    """Once for each Idempotency-Key. At a place that is not the caller's own its safety stock is left, for 48 hours."""
    made = reservations.reserve(
        key=access.idempotency_key(request),
        reference_id=body.reference_id,
        place_id=body.place_id,
        client_id=body.client_id,
        quantity=body.quantity,
        until=body.until,
        reason=body.reason,
        actor=request.actor,
        at=clock.now(),
    )
    return Status(201, made)


@router.post(
    "/reservations/{uuid:hold_id}/release",
    response={200: ReleasedOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Give a reservation free",
    openapi_extra=KEYED,
)
@access.program(permissions.STOCK_HOLD)
def release(request: access.ApiRequest, hold_id: UUID, body: ReleaseIn) -> ReleasedOut:
    """Once for each Idempotency-Key; what an order holds is not given free here."""
    reservations.release(
        key=access.idempotency_key(request), hold_id=hold_id, reason=body.reason, actor=request.actor, at=clock.now()
    )
    return ReleasedOut(hold_id=hold_id)


# -- what a place has to do, and the steps of a line ---------------------------------------------------------------


class TaskOut(Schema):
    """A paid line and what the place has to do about it. A protected client shows no name."""

    model_config = example(
        line_id=OTHER_ID, order_id=ID, order_number="VER-26-104233", task="MAKE_READY", state="ARRIVED", mode="COLLECT",
        client_name="Éléonore de Brissac", reference_id=ID, model_name="Aurore Solitaire", material="YG", size="52",
        serial="VM-26-012345", goal_place_id=PLACE_ID, promised_date="2026-11-24", is_refused=False,
    )  # fmt: skip
    line_id: UUID
    order_id: UUID
    order_number: str
    task: Task
    state: LineState
    mode: Mode
    client_name: str
    reference_id: UUID
    model_name: str
    material: str
    size: str
    serial: str
    goal_place_id: UUID
    promised_date: date | None
    is_refused: bool


class StepIn(Schema):
    model_config = example(step="READY") | {"extra": "forbid"}
    step: Step
    note: Annotated[str, Field(max_length=400)] = ""


class LineStepOut(Schema):
    model_config = example(state="READY")
    state: LineState


class RefusalIn(Schema):
    model_config = example(reason="NOT_FOUND", note="Not in its tray, not in the window.") | {"extra": "forbid"}
    reason: RefusalReason
    note: Annotated[str, Field(max_length=400)] = ""


class RefusedOut(Schema):
    model_config = example(exception_id=ID)
    exception_id: UUID


@router.get(
    "/places/{uuid:place_id}/tasks",
    response={200: list[TaskOut], **refused(401, 403)},
    summary="What a place has to do for orders",
)
@access.program(permissions.ORDERS_VIEW)
def list_tasks(request: access.ApiRequest, place_id: UUID) -> list[line_steps.TaskRow]:
    """To send home, to send to another boutique, expected, to make ready and ready; the most pressing first."""
    return list(line_steps.list_tasks(actor=request.actor, place_id=place_id))


@router.post(
    "/order-lines/{uuid:line_id}/steps",
    response={201: LineStepOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="A line left, arrived or is ready",
    openapi_extra=KEYED,
)
@access.program(permissions.ORDERS_HAND_OVER)
def take_step(request: access.ApiRequest, line_id: UUID, body: StepIn) -> Status[LineStepOut]:
    """Once for each Idempotency-Key. The very hold travels with LEAVES and ARRIVES."""
    state = line_steps.take_step(
        key=access.idempotency_key(request),
        line_id=line_id,
        step=body.step,
        note=body.note,
        actor=request.actor,
        at=clock.now(),
    )
    return Status(201, LineStepOut(state=state))


@router.post(
    "/order-lines/{uuid:line_id}/refusal",
    response={201: RefusedOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="A place cannot give a line",
    openapi_extra=KEYED,
)
@access.program(permissions.ORDERS_HAND_OVER)
def refuse(request: access.ApiRequest, line_id: UUID, body: RefusalIn) -> Status[RefusedOut]:
    """Goes to a person, never silently elsewhere. The hold stays until she decides."""
    made = line_steps.refuse(
        key=access.idempotency_key(request),
        line_id=line_id,
        reason=body.reason,
        note=body.note,
        actor=request.actor,
        at=clock.now(),
    )
    return Status(201, RefusedOut(exception_id=made))


# -- routing rules ---------------------------------------------------------------------------------------------------


class RoutingRuleOut(Schema):
    model_config = example(kind="DISTANCE", step=50)
    kind: RuleKind
    step: int


class RoutingRuleIn(Schema):
    model_config = example(kind="DISTANCE", step=50) | {"extra": "forbid"}
    kind: RuleKind
    step: Annotated[int, Field(ge=1, le=10_000)] = 1


class RulesIn(Schema):
    model_config = example(rules=[{"kind": "SAME_MARKET"}, {"kind": "DISTANCE", "step": 50}]) | {"extra": "forbid"}
    rules: Annotated[list[RoutingRuleIn], Field(max_length=20)]


@router.get(
    "/routing-rules", response={200: list[RoutingRuleOut], **refused(401, 403, 422)}, summary="Read the routing rules"
)
@access.program(permissions.STOCK_VIEW)
def list_rules(request: access.ApiRequest, channel: str = "") -> list[RoutingRule]:
    """In their order: the first that tells two places apart decides. A channel without rules follows those for all."""
    return list(sourcing.list_rules(actor=request.actor, channel=channel))


@router.put(
    "/routing-rules",
    response={200: list[RoutingRuleOut], **refused(400, 401, 403, 422, 503)},
    summary="Write the routing rules",
)
@access.program(permissions.STOCK_RULES)
def set_rules(request: access.ApiRequest, body: RulesIn, channel: str = "") -> list[RoutingRule]:
    """Replaces the rules of a channel, or of all; the same list again changes nothing."""
    sourcing.set_rules(
        channel=channel,
        rules=[RoutingRule(kind=one.kind, step=one.step) for one in body.rules],
        actor=request.actor,
        at=clock.now(),
    )
    return list(sourcing.list_rules(actor=request.actor, channel=channel))


# -- exceptions --------------------------------------------------------------------------------------------------------


class ExceptionOut(Schema):
    """Something of an order that waits for a person. A protected client shows neither name nor number."""

    model_config = example(
        id=ID, kind="REFUSED", reason="NOT_FOUND", note="Not in its tray.", order_id=OTHER_ID,
        order_number="VER-26-104233", order_line_id=OTHER_ID, reference_id=ID, mode="COLLECT", place_id=PLACE_ID,
        client_name="Éléonore de Brissac", client_phone="+33612345678", amount=820000, currency="EUR",
        promised_date="2026-11-24", raised_at="2026-11-20T15:00:00Z", owner_id=None, waits_until=None, resolved_at=None,
        resolution="",
    )  # fmt: skip
    id: UUID
    kind: ExceptionKind
    reason: str
    note: str
    order_id: UUID
    order_number: str
    order_line_id: UUID | None
    reference_id: UUID | None
    mode: str
    place_id: UUID | None
    client_name: str
    client_phone: str
    amount: int
    currency: str
    promised_date: date | None
    raised_at: datetime
    owner_id: UUID | None
    waits_until: datetime | None
    resolved_at: datetime | None
    resolution: str


class ResolveIn(Schema):
    model_config = example(resolution="RESOURCED", note="She is glad to wait until Friday.") | {"extra": "forbid"}
    resolution: Resolution
    note: Annotated[str, Field(max_length=1000)] = ""
    place_id: UUID | None = None


class ExceptionTakeIn(Schema):
    model_config = example(until="2026-11-21T09:00:00Z", note="She calls back.") | {"extra": "forbid"}
    until: AwareDatetime | None = None
    note: Annotated[str, Field(max_length=1000)] = ""


@router.get(
    "/exceptions", response={200: list[ExceptionOut], **refused(401, 403, 422)}, summary="List what waits for a person"
)
@access.program(permissions.ORDERS_EXCEPTIONS)
def list_exceptions(request: access.ApiRequest, kind: ExceptionKind | None = None) -> list[ExceptionRow]:
    """At the places of the token or person, the longest first; what was put off comes last."""
    return list(exceptions.list_open(actor=request.actor, kind=kind, at=clock.now()))


@router.post(
    "/exceptions/{uuid:exception_id}/resolve",
    response={200: ExceptionOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="End an exception",
    openapi_extra=KEYED,
)
@access.program(permissions.ORDERS_EXCEPTIONS)
def resolve(request: access.ApiRequest, exception_id: UUID, body: ResolveIn) -> ExceptionRow:
    """Does what the resolution means, once for each Idempotency-Key.

    RESOURCED takes another source and only then ends the old hold; REFUNDED cancels the line and asks its money back.
    """
    at = clock.now()
    exceptions.resolve(
        key=access.idempotency_key(request),
        exception_id=exception_id,
        resolution=body.resolution,
        note=body.note,
        place_id=body.place_id,
        actor=request.actor,
        at=at,
    )
    return exceptions.get(actor=request.actor, exception_id=exception_id, at=at)


@router.put(
    "/exceptions/{uuid:exception_id}/owner",
    response={200: ExceptionOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Take an exception in hand",
)
@access.program(permissions.ORDERS_EXCEPTIONS)
def take(request: access.ApiRequest, exception_id: UUID, body: ExceptionTakeIn) -> ExceptionRow:
    """The caller looks after it, and may let it wait until a moment. Safe to repeat."""
    at = clock.now()
    exceptions.take(exception_id=exception_id, until=body.until, note=body.note, actor=request.actor, at=at)
    return exceptions.get(actor=request.actor, exception_id=exception_id, at=at)
