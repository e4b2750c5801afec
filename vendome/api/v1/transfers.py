"""Transfers: pieces asked for, let go, picked, sent and received."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from vendome.api import access
from vendome.api.v1.shapes import (
    ID,
    KEY_HEADER,
    OTHER_ID,
    PLACE_ID,
    example,
    read_moment_cursor,
    refused,
    write_cursor,
)
from vendome.domains.people import permissions
from vendome.domains.stock import types
from vendome.domains.stock.queries import transfers as reads
from vendome.domains.stock.services import transfers as stock
from vendome.kit import clock

router = Router(tags=["Transfers"])
KEYED = {"parameters": [KEY_HEADER]}
STEP = {**refused(400, 401, 403, 404, 409, 422, 503)}


class TransferOut(Schema):
    """A transfer in a list; `at` is the moment of its last step."""

    model_config = example(
        id=ID, number="TR-26-1042", state="DISPATCHED", from_place_id=PLACE_ID, to_place_id=OTHER_ID,
        reason="for the window", quantity=2, reference_ids=[ID], client_id=None, order_line_id=None,
        requested_at="2026-11-20T15:00:00Z", requested_by=f"STAFF:{OTHER_ID}", at="2026-11-21T09:10:00Z",
        has_discrepancy=False,
    )  # fmt: skip
    id: UUID
    number: str
    state: types.TransferState
    from_place_id: UUID
    to_place_id: UUID
    reason: str
    quantity: int
    reference_ids: list[UUID]
    client_id: UUID | None
    order_line_id: UUID | None
    requested_at: datetime
    requested_by: str
    at: datetime
    has_discrepancy: bool


class TransfersOut(Schema):
    model_config = example(items=[], next=None)
    items: list[TransferOut]
    next: str | None


class LineOut(Schema):
    """One piece or quantity; `hold_id` keeps it, `received_quantity` is empty while it has not arrived."""

    model_config = example(
        id=OTHER_ID, reference_id=ID, quantity=1, piece_id=ID, serial="VM-26-012345", epc="3034257BF7194E4000001A85",
        hold_id=OTHER_ID, hold_kind="TRANSFER", hold_state="ACTIVE", received_quantity=None, discrepancy=None, note="",
        settled_at=None,
    )  # fmt: skip
    id: UUID
    reference_id: UUID
    quantity: int
    piece_id: UUID | None
    serial: str
    epc: str
    hold_id: UUID | None
    hold_kind: types.HoldKind | None
    hold_state: types.HoldState | None
    received_quantity: int | None
    discrepancy: types.Discrepancy | None
    note: str
    settled_at: datetime | None


class TransferNoteOut(Schema):
    model_config = example(state="DISPATCHED", at="2026-11-21T09:10:00Z", by=f"STAFF:{OTHER_ID}", text="LX-778")
    state: types.TransferState
    at: datetime
    by: str
    text: str


class TransferWholeOut(Schema):
    """A transfer with its lines and its steps so far."""

    model_config = example(
        id=ID, number="TR-26-1042", state="REQUESTED", from_place_id=PLACE_ID, to_place_id=OTHER_ID,
        reason="for the window", waybill="", client_id=None, order_line_id=None, order_id=None, order_number="",
        steps=[], lines=[],
    )  # fmt: skip
    id: UUID
    number: str
    state: types.TransferState
    from_place_id: UUID
    to_place_id: UUID
    reason: str
    waybill: str
    client_id: UUID | None
    order_line_id: UUID | None
    order_id: UUID | None
    order_number: str
    steps: list[TransferNoteOut]
    lines: list[LineOut]


class TransferStepOut(Schema):
    """A transfer after a step."""

    model_config = example(id=ID, number="TR-26-1042", state="APPROVED")
    id: UUID
    number: str
    state: types.TransferState


class TransferWantedIn(Schema):
    model_config = example(reference_id=ID, quantity=1) | {"extra": "forbid"}
    reference_id: UUID
    quantity: int = Field(1, ge=1, le=10_000)
    piece_id: UUID | None = None


class RequestIn(Schema):
    """What is asked of which place, and what for. For a client, it is set aside for her when it arrives."""

    model_config = example(
        from_place_id=PLACE_ID,
        to_place_id=OTHER_ID,
        lines=[{"reference_id": ID, "quantity": 1}],
        reason="for the window",
    ) | {"extra": "forbid"}
    from_place_id: UUID
    to_place_id: UUID
    lines: list[TransferWantedIn] = Field(min_length=1, max_length=stock.MOST_LINES)
    reason: str = Field(max_length=400)
    client_id: UUID | None = None


class OfHoldIn(Schema):
    """What a client's or an order's hold keeps goes to another place, under that very hold."""

    model_config = example(hold_id=ID, to_place_id=PLACE_ID, reason="to be collected there") | {"extra": "forbid"}
    hold_id: UUID
    to_place_id: UUID
    reason: str = Field("", max_length=400)


class OfHoldOut(Schema):
    model_config = example(id=ID)
    id: UUID


class TransferReasonIn(Schema):
    model_config = example(reason="it is our last one") | {"extra": "forbid"}
    reason: str = Field(max_length=400)


class ApproveIn(Schema):
    """Lines that are left out, when not everything can go."""

    model_config = example(without=[]) | {"extra": "forbid"}
    without: list[UUID] = Field(default_factory=list, max_length=1000)


class PickIn(Schema):
    """The serial numbers or EPCs that lie on the table."""

    model_config = example(codes=["VM-26-012345"]) | {"extra": "forbid"}
    codes: list[str] = Field(max_length=1000)


class DispatchIn(Schema):
    model_config = example(waybill="LX-778") | {"extra": "forbid"}
    waybill: str = Field("", max_length=120)


class ArrivedIn(Schema):
    """How many of a line have come; with a discrepancy, a note."""

    model_config = example(line_id=OTHER_ID, received=1) | {"extra": "forbid"}
    line_id: UUID
    received: int = Field(ge=0)
    discrepancy: types.Discrepancy | None = None
    note: str = Field("", max_length=400)


class SurplusIn(Schema):
    """Something nobody announced: a piece by serial number or EPC, or a quantity of a reference."""

    model_config = example(code="VM-26-004711", note="in the same box") | {"extra": "forbid"}
    code: str = Field("", max_length=80)
    reference_id: UUID | None = None
    quantity: int = Field(1, ge=1, le=1000)
    note: str = Field(max_length=400)


class TransferReceiveIn(Schema):
    """What has arrived; lines that are not named are still on their way."""

    model_config = example(arrived=[{"line_id": OTHER_ID, "received": 1}], surplus=[]) | {"extra": "forbid"}
    arrived: list[ArrivedIn] = Field(default_factory=list, max_length=1000)
    surplus: list[SurplusIn] = Field(default_factory=list, max_length=100)


@router.get("", response={200: TransfersOut, **refused(401, 403, 422)}, summary="List transfers")
@access.program(permissions.STOCK_VIEW)
def list_transfers(
    request: access.ApiRequest,
    place_id: UUID | None = None,
    incoming: bool | None = None,
    state: Annotated[list[types.TransferState] | None, Query()] = None,
    after: str = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> TransfersOut:
    """Newest request first: of one place, only into or only out of it, in some states."""
    found = reads.list_transfers(
        actor=request.actor, place_id=place_id, is_incoming=incoming, states=state or (),
        after=read_moment_cursor(after), limit=limit + 1,
    )  # fmt: skip
    last = found[limit - 1] if len(found) > limit else None
    return TransfersOut(
        items=[TransferOut.model_validate(one, from_attributes=True) for one in found[:limit]],
        next=write_cursor(last.requested_at.isoformat(), last.id) if last else None,
    )


@router.get(
    "/{uuid:transfer_id}", response={200: TransferWholeOut, **refused(401, 403, 404)}, summary="One transfer, whole"
)
@access.program(permissions.STOCK_VIEW)
def get_transfer(request: access.ApiRequest, transfer_id: UUID) -> reads.TransferView:
    """Its lines with their holds, and who did what when."""
    return reads.get_transfer(actor=request.actor, transfer_id=transfer_id)


@router.post("", response={201: TransferStepOut, **STEP}, summary="Ask a place for pieces", openapi_extra=KEYED)
@access.program(permissions.STOCK_VIEW)
def request_transfer(request: access.ApiRequest, body: RequestIn) -> Status[stock.Step]:
    """Nothing is held until the place they leave agrees. Whoever may let pieces go there may also push them."""
    lines = [stock.Wanted(reference_id=x.reference_id, quantity=x.quantity, piece_id=x.piece_id) for x in body.lines]
    made = stock.request(
        key=access.idempotency_key(request), from_place_id=body.from_place_id, to_place_id=body.to_place_id,
        lines=lines, reason=body.reason, client_id=body.client_id, actor=request.actor, at=clock.now(),
    )  # fmt: skip
    return Status(201, made)


@router.post(
    "/of-hold",
    response={201: OfHoldOut, **STEP},
    summary="Send what a hold keeps to another place",
    openapi_extra=KEYED,
)
@access.program(permissions.STOCK_VIEW)
def request_transfer_of_hold(request: access.ApiRequest, body: OfHoldIn) -> Status[OfHoldOut]:
    """Under that very hold. Asked again for the same place, it answers the same transfer."""
    made = stock.request_for_hold(
        key=access.idempotency_key(request), hold_id=body.hold_id, to_place_id=body.to_place_id, reason=body.reason,
        actor=request.actor, at=clock.now(),
    )  # fmt: skip
    return Status(201, OfHoldOut(id=made))


@router.post(
    "/{uuid:transfer_id}/approve", response={200: TransferStepOut, **STEP}, summary="Let pieces go", openapi_extra=KEYED
)
@access.program(permissions.STOCK_APPROVE)
def approve_transfer(request: access.ApiRequest, transfer_id: UUID, body: ApproveIn) -> stock.Step:
    """Every line that is not left out is held, or none."""
    return stock.approve(
        key=access.idempotency_key(request), transfer_id=transfer_id, without=body.without, actor=request.actor,
        at=clock.now(),
    )  # fmt: skip


@router.post(
    "/{uuid:transfer_id}/refuse", response={200: TransferStepOut, **STEP}, summary="Refuse", openapi_extra=KEYED
)
@access.program(permissions.STOCK_APPROVE)
def refuse_transfer(request: access.ApiRequest, transfer_id: UUID, body: TransferReasonIn) -> stock.Step:
    """The place that asked reads the reason."""
    return stock.refuse(
        key=access.idempotency_key(request), transfer_id=transfer_id, reason=body.reason, actor=request.actor,
        at=clock.now(),
    )  # fmt: skip


@router.post(
    "/{uuid:transfer_id}/cancel", response={200: TransferStepOut, **STEP}, summary="Cancel", openapi_extra=KEYED
)
@access.program(permissions.STOCK_VIEW)
def cancel_transfer(request: access.ApiRequest, transfer_id: UUID, body: TransferReasonIn) -> stock.Step:
    """Before it is sent; what was held for it is free again, a client's own hold stays."""
    return stock.cancel(
        key=access.idempotency_key(request), transfer_id=transfer_id, reason=body.reason, actor=request.actor,
        at=clock.now(),
    )  # fmt: skip


@router.post("/{uuid:transfer_id}/pick", response={200: TransferStepOut, **STEP}, summary="Pick", openapi_extra=KEYED)
@access.program(permissions.STOCK_MOVE)
def pick_transfer(request: access.ApiRequest, transfer_id: UUID, body: PickIn) -> stock.Step:
    """Another free piece of the same reference may take the place of one held for the transfer alone."""
    return stock.pick(
        key=access.idempotency_key(request), transfer_id=transfer_id, codes=body.codes, actor=request.actor,
        at=clock.now(),
    )  # fmt: skip


@router.post(
    "/{uuid:transfer_id}/dispatch", response={200: TransferStepOut, **STEP}, summary="Send", openapi_extra=KEYED
)
@access.program(permissions.STOCK_MOVE)
def dispatch_transfer(request: access.ApiRequest, transfer_id: UUID, body: DispatchIn) -> stock.Step:
    """Everything on it moves to the place of what is on its way, under its holds."""
    return stock.dispatch(
        key=access.idempotency_key(request), transfer_id=transfer_id, waybill=body.waybill, actor=request.actor,
        at=clock.now(),
    )  # fmt: skip


@router.post(
    "/{uuid:transfer_id}/receive", response={200: TransferStepOut, **STEP}, summary="Receive", openapi_extra=KEYED
)
@access.program(permissions.STOCK_MOVE)
def receive_transfer(request: access.ApiRequest, transfer_id: UUID, body: TransferReceiveIn) -> stock.Step:
    """Whole or in parts. Missing is lost on the way; damaged and unannounced go into quarantine, each with a note."""
    arrived = [
        stock.Arrived(line_id=x.line_id, received=x.received, discrepancy=x.discrepancy, note=x.note)
        for x in body.arrived
    ]
    surplus = [
        stock.Surplus(code=x.code, reference_id=x.reference_id, quantity=x.quantity, note=x.note) for x in body.surplus
    ]
    return stock.receive(
        key=access.idempotency_key(request), transfer_id=transfer_id, arrived=arrived, surplus=surplus,
        actor=request.actor, at=clock.now(),
    )  # fmt: skip
