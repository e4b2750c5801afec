"""Hand-overs: what waits at a place, and the moment a piece becomes hers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ninja import Router, Schema, Status

from vendome.api import access
from vendome.api.v1.shapes import ID, KEY_HEADER, OTHER_ID, example, refused
from vendome.domains.fulfilment.types import Proof
from vendome.domains.people import permissions
from vendome.flows import hand_over as flow
from vendome.kit import clock

router = Router(tags=["Hand-over"])


class WaitingLineOut(Schema):
    """A paid line that waits for its client. A protected client shows no name."""

    model_config = example(
        line_id=OTHER_ID, order_id=ID, order_number="VER-26-104233", order_state="CONFIRMED", state="HELD",
        placed_at="2026-11-20T15:00:00Z", client_id=OTHER_ID, client_name="Éléonore de Brissac",
        model_name="Aurore Solitaire", model_code="aurore-solitaire", material="YG", size="52",
        serial="VM-26-012345",
    )  # fmt: skip
    line_id: UUID
    order_id: UUID
    order_number: str
    order_state: str
    state: str
    placed_at: datetime
    client_id: UUID | None
    client_name: str
    model_name: str
    model_code: str
    material: str
    size: str
    serial: str


class HandOverIn(Schema):
    """Which line is given, and how the person who receives it is known."""

    model_config = example(line_id=OTHER_ID, proof="IDENTITY_SEEN") | {"extra": "forbid"}
    line_id: UUID
    proof: Proof


class HandOverOut(Schema):
    model_config = example(order_id=ID)
    order_id: UUID


@router.get(
    "/places/{uuid:place_id}/waiting",
    response={200: list[WaitingLineOut], **refused(401, 403)},
    summary="What waits at a place",
)
@access.program(permissions.ORDERS_VIEW)
def list_waiting(request: access.ApiRequest, place_id: UUID) -> tuple[flow.WaitingLine, ...]:
    """Paid lines to be collected there, oldest first."""
    return flow.list_waiting(actor=request.actor, place_id=place_id)


@router.post(
    "/hand-overs",
    response={201: HandOverOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Hand a line over",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.ORDERS_HAND_OVER)
def hand_over(request: access.ApiRequest, body: HandOverIn) -> Status[HandOverOut]:
    """Shelf, piece, hold, order and wardrobe change together, once for each Idempotency-Key."""
    order_id = flow.hand_over(
        key=access.idempotency_key(request),
        line_id=body.line_id,
        proof=body.proof,
        actor=request.actor,
        at=clock.now(),
    )
    return Status(201, HandOverOut(order_id=order_id))
