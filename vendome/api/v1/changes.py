"""Changes of paid orders: propose, preview, confirm."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from vendome.api import access
from vendome.api.v1.return_shapes import DoneOut, ReturnTenderIn
from vendome.api.v1.returns import PROVIDERS
from vendome.api.v1.shapes import ID, KEY_HEADER, OTHER_ID, example, refused
from vendome.domains.orders.types import ChangeKind
from vendome.domains.people import permissions
from vendome.flows import changes
from vendome.flows.types import TenderGiven
from vendome.kit import clock

router = Router(tags=["Returns and changes"])


class ChangeIn(Schema):
    """What is to change; each kind needs its own members."""

    model_config = example(order_id=ID, kind="SWAP", line_id=OTHER_ID, reference_id=ID, place_id=None, address=[]) | {
        "extra": "forbid"
    }
    order_id: UUID
    kind: ChangeKind
    line_id: UUID | None = None
    reference_id: UUID | None = None
    place_id: UUID | None = None
    address: Annotated[list[Annotated[str, Field(max_length=160)]], Field(max_length=8)] = []


class BackToOut(Schema):
    model_config = example(tender="CARD", amount=820000)
    tender: str
    amount: int


class PreviewOut(Schema):
    """What the proposal would mean now. Confirm with its `hash`; `problem` is the code of what stands in its way."""

    model_config = example(
        change_id=OTHER_ID,
        order_id=ID,
        kind="CANCEL_LINE",
        state="OPEN",
        line_id=OTHER_ID,
        reference_id=None,
        place_id=None,
        address=[],
        back_amount=820000,
        out_amount=0,
        balance=-820000,
        currency="EUR",
        back_to=[{"tender": "CARD", "amount": 820000}],
        problem="",
        hash="9f2c4e…",
        document_id=None,
        promised_date=None,
    )
    change_id: UUID
    order_id: UUID
    kind: str
    state: str
    line_id: UUID | None
    reference_id: UUID | None
    place_id: UUID | None
    address: list[str]
    back_amount: int
    out_amount: int
    balance: int
    currency: str
    back_to: list[BackToOut]
    problem: str
    hash: str
    document_id: Annotated[UUID | None, Field(description="The exchange whose difference waits to be paid.")]
    promised_date: Annotated[date | None, Field(description="The day of what is taken instead, promised anew.")]


class ConfirmIn(Schema):
    """`preview` is the hash that was read. A balance above zero needs the tender it was paid with, or is paid online.

    `pay_within_hours`: until then the difference may be paid by link, and the change becomes true when it is.
    """

    model_config = example(preview="9f2c4e…", tender=None, pay_within_hours=None) | {"extra": "forbid"}
    preview: Annotated[str, Field(max_length=64)]
    tender: ReturnTenderIn | None = None
    pay_within_hours: Annotated[int | None, Field(ge=1, le=336)] = None


class ChangedOut(Schema):
    model_config = example(
        change_id=OTHER_ID, order_id=ID, document_id=ID, document_number="VER-26-104241", awaits_payment=False
    )
    change_id: UUID
    order_id: UUID
    document_id: UUID | None
    document_number: str
    awaits_payment: bool


@router.post(
    "/order-changes",
    response={201: PreviewOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Propose a change",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.ORDERS_CHANGE)
def propose(request: access.ApiRequest, body: ChangeIn) -> Status[changes.Preview]:
    """Nothing changes yet; one proposal is open for each order at a time."""
    seen = changes.propose(key=access.idempotency_key(request), actor=request.actor, at=clock.now(), **body.dict())
    return Status(201, seen)


@router.get(
    "/order-changes/{uuid:change_id}", response={200: PreviewOut, **refused(401, 403, 404)}, summary="Preview a change"
)
@access.program(permissions.ORDERS_CHANGE)
def preview(request: access.ApiRequest, change_id: UUID) -> changes.Preview:
    """Computed each time it is asked for."""
    return changes.preview(change_id=change_id, actor=request.actor, at=clock.now())


@router.post(
    "/order-changes/{uuid:change_id}/confirm",
    response={201: ChangedOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Confirm a change",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.ORDERS_CHANGE)
def confirm(request: access.ApiRequest, change_id: UUID, body: ConfirmIn) -> Status[changes.Changed]:
    """In one transaction, and only if it still means what was read."""
    tender = body.tender
    pays = (
        TenderGiven(
            tender=tender.tender,
            provider=PROVIDERS.get(tender.tender, "till"),
            reference=tender.reference,
            is_settled=True,
        )
        if tender
        else None
    )
    done = changes.confirm(
        key=access.idempotency_key(request),
        change_id=change_id,
        preview_hash=body.preview,
        tender=pays,
        pay_within=timedelta(hours=body.pay_within_hours) if body.pay_within_hours else None,
        actor=request.actor,
        at=clock.now(),
    )
    return Status(201, done)


@router.post(
    "/order-changes/{uuid:change_id}/withdraw",
    response={200: DoneOut, **refused(401, 403, 404, 409, 503)},
    summary="Drop a proposal",
)
@access.program(permissions.ORDERS_CHANGE)
def withdraw(request: access.ApiRequest, change_id: UUID) -> DoneOut:
    """Safe to repeat; refused once it was confirmed."""
    changes.withdraw(change_id=change_id, actor=request.actor, at=clock.now())
    return DoneOut(id=change_id, state="WITHDRAWN")
