"""Movements with a reason, why a level is what it is, and whether the books agree."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from ninja import Field, Router, Schema, Status

from vendome.api import access
from vendome.api.v1.shapes import ID, KEY_HEADER, OTHER_ID, PLACE_ID, example, refused
from vendome.domains.people import permissions
from vendome.domains.stock.queries import books
from vendome.domains.stock.services import movements as stock
from vendome.kit import clock

router = Router(tags=["Stock"])
KEYED = {"parameters": [KEY_HEADER]}
MOVED = {**refused(400, 401, 403, 404, 409, 422, 503)}


class HeldOut(Schema):
    """The hold that keeps it from sale."""

    model_config = example(hold_id=OTHER_ID)
    hold_id: UUID


class MovedOut(Schema):
    """It is done; the hold that ended by it, where the request named one."""

    model_config = example(hold_id=OTHER_ID)
    hold_id: UUID | None


class GoodsIn(Schema):
    """A piece, or a quantity of something without serial numbers, at a place; and why."""

    model_config = example(place_id=PLACE_ID, reference_id=ID, piece_id=OTHER_ID, quantity=1, reason="scratched") | {
        "extra": "forbid"
    }
    place_id: UUID
    reference_id: UUID
    piece_id: UUID | None = None
    quantity: int = Field(1, ge=1, le=10_000)
    reason: str = Field(max_length=400)


class RestockIn(Schema):
    model_config = example(place_id=PLACE_ID, hold_id=OTHER_ID, reason="as new") | {"extra": "forbid"}
    place_id: UUID
    hold_id: UUID
    reason: str = Field(max_length=400)


class TakenOffIn(GoodsIn):
    """As goods; a hold of quarantine says which quantity is meant."""

    model_config = example(place_id=PLACE_ID, reference_id=ID, piece_id=OTHER_ID, reason="crushed by the carrier") | {
        "extra": "forbid"
    }
    hold_id: UUID | None = None


class CorrectionIn(Schema):
    model_config = example(place_id=PLACE_ID, reference_id=ID, change=-2, reason="counted twice") | {"extra": "forbid"}
    place_id: UUID
    reference_id: UUID
    change: int = Field(ge=-10_000, le=10_000)
    reason: str = Field(max_length=400)


class LoanIn(Schema):
    model_config = example(
        place_id=PLACE_ID, reference_id=ID, piece_id=OTHER_ID, client_id=ID, due_date="2026-12-24",
        reason="while hers is repaired",
    ) | {"extra": "forbid"}  # fmt: skip
    place_id: UUID
    reference_id: UUID
    piece_id: UUID
    client_id: UUID
    due_date: date | None = None
    reason: str = Field(max_length=400)


class LoanBackIn(Schema):
    model_config = example(place_id=PLACE_ID, reason="back from its client") | {"extra": "forbid"}
    place_id: UUID
    reason: str = Field(max_length=400)


class ConsignIn(GoodsIn):
    """As goods, with the door it goes to, or the place it comes back to."""

    model_config = example(
        place_id=PLACE_ID, to_place_id=OTHER_ID, reference_id=ID, piece_id=OTHER_ID, reason="agreement of June"
    ) | {"extra": "forbid"}
    to_place_id: UUID


class DisagreementOut(Schema):
    model_config = example(place_id=PLACE_ID, reference_id=ID, problem="holds and level differ", expected=2, found=3)
    place_id: UUID
    reference_id: UUID
    problem: str
    expected: int
    found: int


class BooksOut(Schema):
    """Ledger, levels, pieces and holds compared now; nothing is changed."""

    model_config = example(agree=True, at="2026-11-20T15:00:00Z", disagreements=[])
    agree: bool
    at: datetime
    disagreements: list[DisagreementOut]


@router.get("/stock/books", response={200: BooksOut, **refused(401, 403)}, summary="Do the books agree?")
@access.program(permissions.STOCK_VIEW)
def check_books(request: access.ApiRequest) -> BooksOut:
    """Every place the token or person may see; ledger = level = pieces = holds. The nightly check asks the same."""
    found = books.list_disagreements_of(actor=request.actor)
    return BooksOut(
        agree=not found,
        at=clock.now(),
        disagreements=[DisagreementOut.model_validate(one, from_attributes=True) for one in found],
    )


@router.post("/stock/quarantine", response={201: HeldOut, **MOVED}, summary="Take off sale", openapi_extra=KEYED)
@access.program(permissions.STOCK_HOLD)
def quarantine(request: access.ApiRequest, body: GoodsIn) -> Status[HeldOut]:
    """It stands where it stood, under a hold that says why; `restock` undoes it."""
    hold = stock.quarantine(
        key=access.idempotency_key(request), actor=request.actor, at=clock.now(), **body.model_dump()
    )
    return Status(201, HeldOut(hold_id=hold))


@router.post("/stock/restock", response={200: MovedOut, **MOVED}, summary="Put back on sale", openapi_extra=KEYED)
@access.program(permissions.STOCK_VIEW)
def restock(request: access.ApiRequest, body: RestockIn) -> MovedOut:
    """Ends a quarantine that no return began."""
    stock.restock(key=access.idempotency_key(request), actor=request.actor, at=clock.now(), **body.model_dump())
    return MovedOut(hold_id=body.hold_id)


@router.post("/stock/lost", response={200: MovedOut, **MOVED}, summary="Record a loss", openapi_extra=KEYED)
@access.program(permissions.STOCK_ADJUST)
def lose(request: access.ApiRequest, body: TakenOffIn) -> MovedOut:
    """Off the shelf, promised or not; `stock.promise_broken` tells of the promise."""
    stock.lose(key=access.idempotency_key(request), actor=request.actor, at=clock.now(), **body.model_dump())
    return MovedOut(hold_id=body.hold_id)


@router.post("/stock/written-off", response={200: MovedOut, **MOVED}, summary="Write off", openapi_extra=KEYED)
@access.program(permissions.STOCK_ADJUST)
def write_off(request: access.ApiRequest, body: TakenOffIn) -> MovedOut:
    """From the shelf or from quarantine; never what is promised."""
    stock.write_off(key=access.idempotency_key(request), actor=request.actor, at=clock.now(), **body.model_dump())
    return MovedOut(hold_id=body.hold_id)


@router.post("/stock/found", response={201: HeldOut, **MOVED}, summary="Record a find", openapi_extra=KEYED)
@access.program(permissions.STOCK_ADJUST)
def find(request: access.ApiRequest, body: GoodsIn) -> Status[HeldOut]:
    """What was lost or written off turns up, at any place; it waits in quarantine."""
    hold = stock.find(key=access.idempotency_key(request), actor=request.actor, at=clock.now(), **body.model_dump())
    return Status(201, HeldOut(hold_id=hold))


@router.post("/stock/corrections", response={200: MovedOut, **MOVED}, summary="Correct a quantity", openapi_extra=KEYED)
@access.program(permissions.STOCK_ADJUST)
def correct(request: access.ApiRequest, body: CorrectionIn) -> MovedOut:
    """Up or down, never below what is promised; only without serial numbers."""
    stock.correct(key=access.idempotency_key(request), actor=request.actor, at=clock.now(), **body.model_dump())
    return MovedOut(hold_id=None)


@router.post("/stock/loans", response={201: HeldOut, **MOVED}, summary="Lend a piece to a client", openapi_extra=KEYED)
@access.program(permissions.STOCK_ADJUST)
def lend(request: access.ApiRequest, body: LoanIn) -> Status[HeldOut]:
    """In her hands, and the house's still."""
    hold = stock.lend(key=access.idempotency_key(request), actor=request.actor, at=clock.now(), **body.model_dump())
    return Status(201, HeldOut(hold_id=hold))


@router.post(
    "/stock/loans/{uuid:hold_id}/return",
    response={200: MovedOut, **MOVED},
    summary="Take a loan back",
    openapi_extra=KEYED,
)
@access.program(permissions.STOCK_ADJUST)
def take_loan_back(request: access.ApiRequest, hold_id: UUID, body: LoanBackIn) -> MovedOut:
    """At any place; it waits in quarantine there."""
    stock.take_loan_back(
        key=access.idempotency_key(request), hold_id=hold_id, actor=request.actor, at=clock.now(), **body.model_dump()
    )
    return MovedOut(hold_id=hold_id)


@router.post("/stock/consignments", response={201: HeldOut, **MOVED}, summary="Consign", openapi_extra=KEYED)
@access.program(permissions.STOCK_MOVE)
def consign(request: access.ApiRequest, body: ConsignIn) -> Status[HeldOut]:
    """To a partner's door, where it stays the house's; or back from there into quarantine."""
    hold = stock.consign(key=access.idempotency_key(request), actor=request.actor, at=clock.now(), **body.model_dump())
    return Status(201, HeldOut(hold_id=hold))
