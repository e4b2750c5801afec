"""Stock: where a reference stands, and why a level is what it is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Schema
from ninja.decorators import decorate_view

from vendome.api import access
from vendome.api.v1 import hot
from vendome.api.v1.shapes import ID, OTHER_ID, PLACE_ID, example, refused
from vendome.domains.people import permissions
from vendome.domains.stock import types
from vendome.domains.stock.queries import books
from vendome.domains.stock.queries import shelf as stock

router = Router(tags=["Stock"])


class StandingOut(Schema):
    model_config = example(place_id=PLACE_ID, on_hand=3, held=1, available=2)
    place_id: UUID
    on_hand: int
    held: int
    available: int


class AvailabilityOut(Schema):
    """Quantities of one reference at every place that has ever had it."""

    model_config = example(reference_id=ID, places=[{"place_id": PLACE_ID, "on_hand": 3, "held": 1, "available": 2}])
    reference_id: UUID
    places: list[StandingOut]


class LevelOut(Schema):
    model_config = example(place_id=PLACE_ID, reference_id=ID, on_hand=3, held=1, available=2)
    place_id: UUID
    reference_id: UUID
    on_hand: int
    held: int
    available: int


class MovementOut(Schema):
    """One line of the ledger, with the level as it stood afterwards."""

    model_config = example(
        id=OTHER_ID, at="2026-11-20T15:00:00Z", kind="HELD", on_hand_change=0, held_change=1, on_hand_after=3,
        held_after=1, piece_id=ID, serial="VM-26-012345", order_id=OTHER_ID, order_number="VER-26-104233",
        actor="CLIENT:01939f4e-7d2a-7c51-9a3b-2f6f0c1d8e11", reason="",
    )  # fmt: skip
    id: UUID
    at: datetime
    kind: types.MovementKind
    on_hand_change: int
    held_change: int
    on_hand_after: int
    held_after: int
    piece_id: UUID | None
    serial: str
    order_id: UUID | None
    order_number: str
    actor: str
    reason: str


class PieceOut(Schema):
    """One piece that stands there, or was lost there."""

    model_config = example(id=ID, serial="VM-26-012345", epc="3034257BF7194E4000001A85", state="IN_STOCK", is_held=True)
    id: UUID
    serial: str
    epc: str
    state: types.PieceState
    is_held: bool


class HoldOut(Schema):
    """What is not on sale of it, and why."""

    model_config = example(
        id=OTHER_ID, kind="TRANSFER", piece_id=ID, serial="VM-26-012345", quantity=1, client_id=None, order_id=None,
        order_line_id=None, reason="TR-26-1042", held_at="2026-11-20T15:00:00Z", expires_at=None,
    )  # fmt: skip
    id: UUID
    kind: types.HoldKind
    piece_id: UUID | None
    serial: str
    quantity: int
    client_id: UUID | None
    order_id: UUID | None
    order_line_id: UUID | None
    reason: str
    held_at: datetime
    expires_at: datetime | None


class OpenTransferOut(Schema):
    """A transfer of this reference that comes, goes or is on its way."""

    model_config = example(
        id=ID, number="TR-26-1042", state="DISPATCHED", from_place_id=PLACE_ID, to_place_id=OTHER_ID, quantity=1
    )
    id: UUID
    number: str
    state: types.TransferState
    from_place_id: UUID
    to_place_id: UUID
    quantity: int


class LedgerOut(Schema):
    """A level, the movements that explain it (newest first), its pieces, its holds, and what comes and goes."""

    model_config = example(
        level={"place_id": PLACE_ID, "reference_id": ID, "on_hand": 3, "held": 1, "available": 2}, movements=[],
        pieces=[], holds=[], transfers=[],
    )  # fmt: skip
    level: LevelOut
    movements: list[MovementOut]
    pieces: list[PieceOut]
    holds: list[HoldOut]
    transfers: list[OpenTransferOut]


@router.get(
    "/references/{uuid:reference_id}/availability",
    response={200: AvailabilityOut, **refused(401, 403, 404, 503)},
    summary="Where a reference stands, over every place",
)
@decorate_view(hot.instead(hot.reference_availability))
@access.program(permissions.STOCK_VIEW)
def reference_availability(request: access.ApiRequest, reference_id: UUID) -> None:
    """On hand, held and available at every place. Clients are told words instead: see `supply`."""


@router.get("/stock/levels", response={200: list[LevelOut], **refused(401, 403, 422)}, summary="List stock levels")
@access.program(permissions.STOCK_VIEW)
def list_levels(
    request: access.ApiRequest,
    place_id: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=2000)] = 500,
) -> tuple[types.LevelRow, ...]:
    """Levels with anything on hand, of one place or of all the token or person may see."""
    return stock.list_levels(actor=request.actor, place_id=place_id, limit=limit)


@router.get(
    "/stock/{uuid:place_id}/{uuid:reference_id}/ledger",
    response={200: LedgerOut, **refused(401, 403, 422)},
    summary="Why a level is what it is",
)
@access.program(permissions.STOCK_VIEW)
def get_ledger(
    request: access.ApiRequest,
    place_id: UUID,
    reference_id: UUID,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> books.WholeLedger:
    """The level of one reference at one place with everything that explains it."""
    return books.get_whole_ledger(actor=request.actor, place_id=place_id, reference_id=reference_id, limit=limit)
