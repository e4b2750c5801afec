"""Commands of counts: open, read, take back, close, and answer what was found."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from vendome.domains.people import permissions
from vendome.domains.stock import epc
from vendome.domains.stock.counting import (
    ANSWERS,
    Batch,
    CountFigures,
    CountKind,
    FindingKind,
    ReadPiece,
    ReadSource,
    Resolution,
)
from vendome.domains.stock.epc import ReadList, Tag
from vendome.domains.stock.errors import PieceUnknown, ReasonMissing, ResolutionUnfit, ScopeMissing
from vendome.domains.stock.models import Count, CountFinding
from vendome.kit import idempotency, outbox, sql
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput, NotFound

MOST_OF_ONE = 100_000


def open_count(
    *,
    place_id: uuid.UUID,
    kind: CountKind,
    families: Sequence[str] = (),
    reference_ids: Sequence[uuid.UUID] = (),
    actor: Actor,
    at: datetime,
) -> uuid.UUID:
    """Begin to count a place: whole (FULL), or the named families and references (CYCLE). Returns the count.

    Raises CountOpen while another count of the place is open, so a repeat opens no second one; ScopeMissing, NotFound.
    """
    actor.require(permissions.STOCK_COUNT, place_id=place_id)
    if kind is CountKind.FULL:
        families, reference_ids = (), ()
    elif not families and not reference_ids:
        raise ScopeMissing()
    if not sql.value("SELECT maison_id = %s FROM house_place WHERE id = %s", [actor.in_maison, place_id]):
        raise NotFound()
    counted = sql.value(
        "SELECT stock_open_count(%s, %s, %s::text[], %s::uuid[], %s, %s)",
        [place_id, kind.value, list(families), list(reference_ids), actor.label, at],
    )
    outbox.wake()
    return uuid.UUID(str(counted))


def record_reads(
    *, count_id: uuid.UUID, source: ReadSource, lines: Iterable[str], key: str = "", actor: Actor, at: datetime
) -> Batch:
    """Take a read list, one tag a line, as it comes. Safe to repeat: a tag counts once in a count.

    Raises ReadListUnreadable or ReadListTooLong, and then nothing is taken; CountClosed, NotFound.
    """
    _writable(actor, count_id)
    return _take(count_id, source, epc.read_list(lines), key, actor, at)


def record_scan(*, count_id: uuid.UUID, text: str, actor: Actor, at: datetime) -> Batch:
    """Take what one person scanned or typed: an EPC, a Digital Link, an element string or a serial number.

    Raises EpcUnreadable; PieceUnknown when the house has no such piece, and then nothing is taken; CountClosed.
    """
    _writable(actor, count_id)
    tag = epc.read(text)
    known = sql.row(
        "SELECT p.reference_id, p.serial FROM stock_piece p "
        "WHERE p.maison_id = %s AND (p.epc = ANY (%s) OR p.serial = %s) ORDER BY p.id LIMIT 1",
        [actor.in_maison, list(tag.codes), tag.serial],
    )
    if known is None:
        raise PieceUnknown(text=text[:60])
    batch = _take(count_id, ReadSource.SCAN, ReadList(lines=1, tags=(tag,)), "", actor, at)
    return replace(batch, piece=ReadPiece(reference_id=known[0], serial=known[1]))


def record_quantity(
    *, count_id: uuid.UUID, reference_id: uuid.UUID, quantity: int, key: str, actor: Actor, at: datetime
) -> Batch:
    """Take a quantity of something without serial numbers; several entries of one reference add up.

    Safe to repeat with the same key. Raises OutsideCount, CountClosed, BadInput, NotFound.
    """
    _writable(actor, count_id)
    if not 0 <= quantity <= MOST_OF_ONE:
        raise BadInput("A quantity is a whole number from 0 to 100,000.")
    body = {"count": count_id, "reference": reference_id, "quantity": quantity}

    def run() -> dict[str, Any]:
        told: dict[str, Any] = sql.document(
            "SELECT stock_record_quantity(%s, %s, %s, %s, %s, %s)",
            [count_id, reference_id, quantity, ReadSource.HAND.value, actor.label, at],
        )
        return told

    answer = idempotency.once(scope=f"{actor.label}:stock.count_quantity", key=key, body=body, run=run)
    outbox.wake()
    return _batch(answer, at)


def undo_last_batch(*, count_id: uuid.UUID, batch_id: uuid.UUID | None = None, actor: Actor, at: datetime) -> None:
    """Take the last list, scan or quantity back; with `batch_id` only when that one still is the last.

    Several phones read into one count, so who looks at a list names it: a colleague's is never taken back by accident.
    Raises NothingToUndo, ReadMeanwhile, CountClosed, NotFound.
    """
    _writable(actor, count_id)
    sql.value("SELECT stock_undo_batch(%s, %s, %s, %s)", [count_id, batch_id, actor.label, at])
    outbox.wake()


def close_count(*, count_id: uuid.UUID, actor: Actor, at: datetime) -> CountFigures:
    """End a count: compare, write COUNTED into the ledger of every level looked at, and note what a person must answer.

    What was sold or moved since the opening is not missing. Raises CountEmpty, CountClosed (also for a second
    close), NotFound.
    """
    _writable(actor, count_id)
    told = sql.document("SELECT stock_close_count(%s, %s, %s)", [count_id, actor.label, at])
    outbox.wake()
    return CountFigures(
        **{name: told[name] for name in ("expected", "found", "missing", "misplaced", "strangers", "surplus", "moved")}
    )


def cancel_count(*, count_id: uuid.UUID, reason: str, actor: Actor, at: datetime) -> None:
    """Give a count up: its reads stay written, nothing follows. Raises CountClosed, ReasonMissing, NotFound."""
    _writable(actor, count_id)
    if not reason.strip():
        raise ReasonMissing("Say why this count is given up.")
    sql.value("SELECT stock_cancel_count(%s, %s, %s, %s)", [count_id, actor.label, reason.strip(), at])
    outbox.wake()


def answer_finding(*, finding_id: uuid.UUID, answer: Resolution, reason: str, actor: Actor, at: datetime) -> None:
    """Say what became of a finding; books and shelf change in the same step where they must.

    LOST takes the piece off the shelf, MOVED_HERE brings the books to where it was read, TAKEN_IN puts a lost one into
    quarantine, CORRECTED makes the quantity what was counted. The others change nothing. Raises FindingResolved (also
    for a repeat), ResolutionUnfit, ReasonMissing, PieceMovedOn, PiecePromised, CorrectionBelowHolds, NotFound.
    """
    kind = _answerable(actor, finding_id)
    if answer not in ANSWERS[kind]:
        raise ResolutionUnfit(allowed=[one.value for one in ANSWERS[kind]])
    if not reason.strip():
        raise ReasonMissing("Say why: an answer without a reason cannot be explained later.")
    sql.value(
        "SELECT stock_answer_finding(%s, %s, %s, %s, %s)", [finding_id, answer.value, actor.label, reason.strip(), at]
    )
    outbox.wake()


def reopen_finding(*, finding_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Take an answer back that changed no quantity (found, explained, ignored). Raises FindingResolved, NotFound."""
    _answerable(actor, finding_id)
    sql.value("SELECT stock_reopen_finding(%s, %s, %s)", [finding_id, actor.label, at])
    outbox.wake()


def _take(count_id: uuid.UUID, source: ReadSource, found: ReadList, key: str, actor: Actor, at: datetime) -> Batch:
    if not found.lines:
        raise BadInput("The list is empty: nothing was read.")
    pairs = [(tag.key, code) for tag in found.tags for code in tag.codes]

    def run() -> dict[str, Any]:
        told: dict[str, Any] = sql.document(
            "SELECT stock_record_reads(%s, %s, %s, %s::text[], %s::text[], %s::text[], %s::text[], %s, %s)",
            [
                count_id,
                source.value,
                found.lines,
                [tag.key for tag in found.tags],
                [tag.serial for tag in found.tags],
                [name for name, _code in pairs],
                [code for _name, code in pairs],
                actor.label,
                at,
            ],
        )
        return told

    if key:
        body = {"count": count_id, "source": source.value, "tags": _digest(found.tags)}
        answer = idempotency.once(scope=f"{actor.label}:stock.count_reads", key=key, body=body, run=run)
    else:
        answer = run()
    outbox.wake()
    return _batch(answer, at)


def _digest(tags: Sequence[Tag]) -> str:
    return idempotency.request_hash([tag.key for tag in tags]).hex()


def _batch(told: dict[str, Any], at: datetime) -> Batch:
    return Batch(
        id=uuid.UUID(told["batch_id"]),
        source=ReadSource(told["source"]),
        lines=told["lines"],
        distinct=told["distinct"],
        fresh=told["fresh"],
        here=told["here"],
        elsewhere=told["elsewhere"],
        strangers=told["strangers"],
        at=at,
    )


def _writable(actor: Actor, count_id: uuid.UUID) -> None:
    """Raises NotFound for a count that is not the actor's to see, Forbidden for one she may only see."""
    row = Count.objects.filter(id=count_id, maison_id=actor.in_maison).values_list("place_id", flat=True).first()
    if row is None or not actor.may(permissions.STOCK_VIEW, place_id=row):
        raise NotFound()
    actor.require(permissions.STOCK_COUNT, place_id=row)


def _answerable(actor: Actor, finding_id: uuid.UUID) -> FindingKind:
    rows = CountFinding.objects.filter(id=finding_id, count__maison_id=actor.in_maison)
    row = rows.values_list("kind", "count__place_id").first()
    if row is None or not actor.may(permissions.STOCK_VIEW, place_id=row[1]):
        raise NotFound()
    actor.require(permissions.STOCK_ADJUST, place_id=row[1])
    return FindingKind(row[0])
