"""Counts: open, read, take back, close, answer what was found; accuracy, and how sure the books are."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from vendome.api import access
from vendome.api.v1.shapes import ID, KEY_HEADER, OTHER_ID, PLACE_ID, example, refused
from vendome.domains.people import permissions
from vendome.domains.stock import counting, epc
from vendome.domains.stock.queries import counts as queries
from vendome.domains.stock.services import counts
from vendome.kit import clock

router = Router(tags=["Counts"])
FIGURES = {
    "expected": 214, "found": 211, "missing": 3, "misplaced": 1, "strangers": 12, "surplus": 0, "moved": 2,
}  # fmt: skip
COUNT = {
    "id": ID, "place_id": PLACE_ID, "kind": "FULL", "families": [], "reference_ids": [], "state": "CLOSED",
    "opened_at": "2026-11-20T08:00:00Z", "opened_by": f"STAFF:{OTHER_ID}", "closed_at": "2026-11-20T08:40:00Z",
    "closed_by": f"STAFF:{OTHER_ID}", "figures": FIGURES, "open_findings": 4,
}  # fmt: skip
BATCH = {
    "id": OTHER_ID, "source": "RFID", "lines": 4012, "distinct": 226, "fresh": 226, "here": 211, "elsewhere": 3,
    "strangers": 12, "at": "2026-11-20T08:20:00Z",
}  # fmt: skip


class FiguresOut(Schema):
    """Pieces and units. Expected: what stood there at the opening and could be judged."""

    model_config = example(**FIGURES)
    expected: int
    found: int
    missing: int
    misplaced: int
    strangers: int
    surplus: int
    moved: int


class CountOut(Schema):
    model_config = example(**COUNT)
    id: UUID
    place_id: UUID
    kind: counting.CountKind
    families: list[str]
    reference_ids: list[UUID]
    state: counting.CountState
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str
    figures: FiguresOut
    open_findings: int


class CountIn(Schema):
    """FULL counts everything at the place; CYCLE names families, references or both."""

    model_config = example(place_id=PLACE_ID, kind="CYCLE", families=["rings"], reference_ids=[]) | {"extra": "forbid"}
    place_id: UUID
    kind: counting.CountKind
    families: Annotated[list[str], Field(max_length=20)] = []
    reference_ids: Annotated[list[UUID], Field(max_length=5000)] = []


class CountIdOut(Schema):
    model_config = example(count_id=ID)
    count_id: UUID


class ReadsIn(Schema):
    """One tag in each line: SGTIN-96 in hexadecimal, a GS1 URI, Digital Link or element string, or a serial number."""

    model_config = example(source="RFID", lines=["30346455BD8A94C000000001", "VM-26-000123"]) | {"extra": "forbid"}
    source: counting.ReadSource
    lines: Annotated[list[Annotated[str, Field(max_length=1000)]], Field(min_length=1, max_length=20_000)]


class BatchOut(Schema):
    """What a list was made of: lines, different tags, tags new to this count; ours here, ours elsewhere, strangers."""

    model_config = example(**BATCH)
    id: UUID
    source: counting.ReadSource
    lines: int
    distinct: int
    fresh: int
    here: int
    elsewhere: int
    strangers: int
    at: datetime


class QuantityIn(Schema):
    """Some of a reference without serial numbers; several entries of one count add up."""

    model_config = example(reference_id=ID, quantity=24) | {"extra": "forbid"}
    reference_id: UUID
    quantity: Annotated[int, Field(ge=0, le=100_000)]


class FamilyOut(Schema):
    model_config = example(family="rings", expected=96, found=95)
    family: str
    expected: int
    found: int


class MissingOut(Schema):
    """A piece nobody has read yet."""

    model_config = example(piece_id=ID, reference_id=OTHER_ID, family="rings", serial="VM-26-000123", hold_kind="")
    piece_id: UUID
    reference_id: UUID
    family: str
    serial: str
    hold_kind: str


class QuantityOut(Schema):
    model_config = example(reference_id=ID, family="objects", expected=24, counted=None)
    reference_id: UUID
    family: str
    expected: int
    counted: int | None


class ProgressOut(Schema):
    model_config = example(
        count=COUNT, expected=214, found=120, families=[], missing=[], missing_total=94, quantities=[], elsewhere=1,
        strangers=12, last_batch=BATCH,
    )  # fmt: skip
    count: CountOut
    expected: int
    found: int
    families: list[FamilyOut]
    missing: list[MissingOut]
    missing_total: int
    quantities: list[QuantityOut]
    elsewhere: int
    strangers: int
    last_batch: BatchOut | None


class FindingOut(Schema):
    """What a count found that the books do not say; `resolution` is empty until a person has answered."""

    model_config = example(
        id=OTHER_ID, count_id=ID, place_id=PLACE_ID, kind="MISSING", piece_id=ID, reference_id=OTHER_ID,
        serial="VM-26-000123", piece_state="IN_STOCK", piece_place_id=PLACE_ID, expected=1, found=0, resolution="",
        reason="", resolved_by="", resolved_at=None,
    )  # fmt: skip
    id: UUID
    count_id: UUID
    place_id: UUID
    kind: counting.FindingKind
    piece_id: UUID | None
    reference_id: UUID | None
    serial: str
    piece_state: str
    piece_place_id: UUID | None
    expected: int
    found: int
    resolution: counting.Resolution
    reason: str
    resolved_by: str
    resolved_at: datetime | None


class AnswerIn(Schema):
    model_config = example(answer="FOUND", reason="in the watchmaker's drawer") | {"extra": "forbid"}
    answer: counting.Resolution
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class CountReasonIn(Schema):
    model_config = example(reason="the reader ran out of power") | {"extra": "forbid"}
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class AccuracyOut(Schema):
    """Share of what was expected that was found where the books say, 0 to 1."""

    model_config = example(
        count_id=ID, place_id=PLACE_ID, kind="FULL", closed_at="2026-10-01T07:40:00Z", expected=214, found=211,
        share=0.986,
    )  # fmt: skip
    count_id: UUID
    place_id: UUID
    kind: counting.CountKind
    closed_at: datetime
    expected: int
    found: int
    share: float


class HowSureOut(Schema):
    model_config = example(
        place_id=PLACE_ID, reference_id=ID, last_counted_at="2026-11-12T07:40:00Z", movements_since=2, open_findings=0,
        word="SURE",
    )  # fmt: skip
    place_id: UUID
    reference_id: UUID
    last_counted_at: datetime | None
    movements_since: int
    open_findings: int
    word: counting.Sureness


@router.get("/counts", response={200: list[CountOut], **refused(401, 403, 422)}, summary="List counts")
@access.program(permissions.STOCK_VIEW)
def list_counts(
    request: access.ApiRequest,
    place_id: UUID | None = None,
    state: counting.CountState | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[counting.CountView]:
    """Counts of the places the token or person may see, newest first."""
    return list(queries.list_counts(actor=request.actor, place_id=place_id, state=state, limit=limit))


@router.post(
    "/counts",
    response={201: CountIdOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Begin a count",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.STOCK_COUNT)
def open_count(request: access.ApiRequest, body: CountIn) -> Status[CountIdOut]:
    """One count at a time for each place; 409 names the open one."""
    answer = access.once(
        request,
        "stock.count_open",
        body.model_dump(mode="json"),
        lambda: {
            "count_id": str(
                counts.open_count(
                    place_id=body.place_id,
                    kind=body.kind,
                    families=body.families,
                    reference_ids=body.reference_ids,
                    actor=request.actor,
                    at=clock.now(),
                )
            )
        },
    )
    return Status(201, CountIdOut(**answer))


@router.get(
    "/counts/{uuid:count_id}",
    response={200: ProgressOut, **refused(401, 403, 404, 422)},
    summary="How far a count is",
)
@access.program(permissions.STOCK_VIEW)
def get_progress(
    request: access.ApiRequest, count_id: UUID, family: Annotated[str, Query(max_length=16)] = ""
) -> counting.Progress:
    """Found of expected, by family, and the first 400 pieces not read yet."""
    return queries.get_progress(actor=request.actor, count_id=count_id, family=family)


@router.post(
    "/counts/{uuid:count_id}/reads",
    response={201: BatchOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Send reads",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.STOCK_COUNT)
def send_reads(request: access.ApiRequest, count_id: UUID, body: ReadsIn) -> Status[counting.Batch]:
    """A tag counts once, however often it is read. A line that cannot be read refuses the whole list, and is named."""
    taken = counts.record_reads(
        count_id=count_id,
        source=body.source,
        lines=body.lines,
        key=access.idempotency_key(request),
        actor=request.actor,
        at=clock.now(),
    )
    return Status(201, taken)


@router.post(
    "/counts/{uuid:count_id}/read-list",
    response={201: BatchOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Send a read list as a file",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.STOCK_COUNT)
def send_read_list(
    request: access.ApiRequest,
    count_id: UUID,
    file: Annotated[UploadedFile, File(description="CSV or text, one tag in each line, at most 100,000 lines.")],
    source: Annotated[counting.ReadSource, Form()] = counting.ReadSource.RFID,
) -> Status[counting.Batch]:
    """As `reads`, for lists of up to 100,000 lines with times, antennas or signal strengths beside the tags."""
    taken = counts.record_reads(
        count_id=count_id,
        source=source,
        lines=epc.lines_of(file.chunks()),
        key=access.idempotency_key(request),
        actor=request.actor,
        at=clock.now(),
    )
    return Status(201, taken)


@router.post(
    "/counts/{uuid:count_id}/quantities",
    response={201: BatchOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Send a quantity counted by hand",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.STOCK_COUNT)
def send_quantity(request: access.ApiRequest, count_id: UUID, body: QuantityIn) -> Status[counting.Batch]:
    """For what has no serial numbers."""
    taken = counts.record_quantity(
        count_id=count_id,
        reference_id=body.reference_id,
        quantity=body.quantity,
        key=access.idempotency_key(request),
        actor=request.actor,
        at=clock.now(),
    )
    return Status(201, taken)


@router.post(
    "/counts/{uuid:count_id}/undo",
    response={200: CountOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Take the last reads back",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.STOCK_COUNT)
def undo(request: access.ApiRequest, count_id: UUID) -> counting.CountView:
    """The last list, scan or quantity that came in."""

    def run() -> dict[str, str]:
        counts.undo_last_batch(count_id=count_id, actor=request.actor, at=clock.now())
        return {}

    access.once(request, "stock.count_undo", {"count": count_id}, run)
    return queries.get_count(actor=request.actor, count_id=count_id)


@router.post(
    "/counts/{uuid:count_id}/close",
    response={200: FiguresOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Close a count",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.STOCK_COUNT)
def close_count(request: access.ApiRequest, count_id: UUID) -> counting.CountFigures:
    """Compares with the ledger, says COUNTED in it, and notes what a person must answer; another close answers 409."""
    told = access.once(
        request,
        "stock.count_close",
        {"count": count_id},
        lambda: asdict(counts.close_count(count_id=count_id, actor=request.actor, at=clock.now())),
    )
    return counting.CountFigures(**told)


@router.post(
    "/counts/{uuid:count_id}/cancel",
    response={200: CountOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Give a count up",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.STOCK_COUNT)
def cancel_count(request: access.ApiRequest, count_id: UUID, body: CountReasonIn) -> counting.CountView:
    """Nothing follows from its reads. A second time answers 409."""

    def run() -> dict[str, str]:
        counts.cancel_count(count_id=count_id, reason=body.reason, actor=request.actor, at=clock.now())
        return {}

    access.once(request, "stock.count_cancel", {"count": count_id, "reason": body.reason}, run)
    return queries.get_count(actor=request.actor, count_id=count_id)


@router.get(
    "/counts/{uuid:count_id}/findings",
    response={200: list[FindingOut], **refused(401, 403, 404, 422)},
    summary="What a count found",
)
@access.program(permissions.STOCK_VIEW)
def list_findings(request: access.ApiRequest, count_id: UUID) -> list[counting.Finding]:
    """Unanswered ones first."""
    return list(queries.list_findings(actor=request.actor, count_id=count_id))


@router.post(
    "/findings/{uuid:finding_id}/answer",
    response={200: FindingOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Answer a finding",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.STOCK_ADJUST)
def answer_finding(request: access.ApiRequest, finding_id: UUID, body: AnswerIn) -> counting.Finding:
    """Found, lost, moved here, corrected, explained: books and shelf change in the same step, once."""

    def run() -> dict[str, str]:
        counts.answer_finding(
            finding_id=finding_id, answer=body.answer, reason=body.reason, actor=request.actor, at=clock.now()
        )
        return {}

    given = {"finding": finding_id, "answer": body.answer.value, "reason": body.reason}
    access.once(request, "stock.finding_answer", given, run)
    return queries.get_finding(actor=request.actor, finding_id=finding_id)


@router.post(
    "/findings/{uuid:finding_id}/reopen",
    response={200: FindingOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Take an answer back",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.STOCK_ADJUST)
def reopen_finding(request: access.ApiRequest, finding_id: UUID) -> counting.Finding:
    """Only an answer that changed no quantity."""

    def run() -> dict[str, str]:
        counts.reopen_finding(finding_id=finding_id, actor=request.actor, at=clock.now())
        return {}

    access.once(request, "stock.finding_reopen", {"finding": finding_id}, run)
    return queries.get_finding(actor=request.actor, finding_id=finding_id)


@router.get(
    "/stock/accuracy", response={200: list[AccuracyOut], **refused(401, 403, 422)}, summary="Accuracy over time"
)
@access.program(permissions.STOCK_VIEW)
def list_accuracy(request: access.ApiRequest, place_id: UUID | None = None) -> list[counting.Accuracy]:
    """One entry for each closed count, oldest first."""
    return list(queries.list_accuracy(actor=request.actor, place_id=place_id))


@router.get(
    "/references/{uuid:reference_id}/how-sure",
    response={200: list[HowSureOut], **refused(401, 403, 422)},
    summary="How sure the books are of a reference",
)
@access.program(permissions.STOCK_VIEW)
def how_sure(
    request: access.ApiRequest,
    reference_id: UUID,
    place_id: Annotated[list[UUID], Query(min_length=1, max_length=200, description="The places asked about.")],
) -> list[counting.HowSure]:
    """Last counted, movements since, and the word for it, at each of the places that ever had it."""
    found = queries.how_sure(actor=request.actor, place_ids=place_id, reference_ids=[reference_id], at=clock.now())
    return [found[place, reference_id] for place in place_id if (place, reference_id) in found]
