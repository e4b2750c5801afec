"""Reads of counts: progress, findings, accuracy over time, and how sure the books are."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db import models as db

from vendome.domains.people import permissions
from vendome.domains.stock.counting import (
    Accuracy,
    Batch,
    CountFigures,
    CountKind,
    CountState,
    CountView,
    FamilyProgress,
    Finding,
    FindingKind,
    HowSure,
    MissingPiece,
    Progress,
    QuantityProgress,
    ReadPiece,
    ReadSource,
    Resolution,
    Sureness,
    sureness,
)
from vendome.domains.stock.models import Count, CountBatch, CountFinding
from vendome.kit import sql
from vendome.kit.actors import EVERYWHERE, Actor
from vendome.kit.errors import NotFound

MOST_MISSING = 400


def get_count(*, actor: Actor, count_id: uuid.UUID) -> CountView:
    """Raises NotFound, also for counts of places the actor may not see."""
    row = _with_open(Count.objects.filter(id=count_id, maison_id=actor.in_maison)).first()
    if row is None or not actor.may(permissions.STOCK_VIEW, place_id=row.place_id):
        raise NotFound()
    return _view(row)


def find_open_count(*, actor: Actor, place_id: uuid.UUID) -> CountView | None:
    """The count that is going on at a place, or None."""
    actor.require(permissions.STOCK_VIEW, place_id=place_id)
    rows = Count.objects.filter(place_id=place_id, maison_id=actor.in_maison, state=CountState.OPEN)
    row = _with_open(rows).first()
    return _view(row) if row else None


def list_counts(
    *, actor: Actor, place_id: uuid.UUID | None = None, state: CountState | None = None, limit: int = 100
) -> tuple[CountView, ...]:
    """Counts of the places the actor may see, newest first."""
    rows = Count.objects.filter(maison_id=actor.in_maison)
    places = actor.places_for(permissions.STOCK_VIEW)
    if place_id is not None:
        actor.require(permissions.STOCK_VIEW, place_id=place_id)
        rows = rows.filter(place_id=place_id)
    elif places is not EVERYWHERE:
        rows = rows.filter(place_id__in=places)
    if state is not None:
        rows = rows.filter(state=state)
    return tuple(_view(row) for row in _with_open(rows).order_by("-opened_at", "-id")[:limit])


def get_progress(*, actor: Actor, count_id: uuid.UUID, family: str = "") -> Progress:
    """How far a count is. `family` narrows the list of what is not read yet."""
    count = get_count(actor=actor, count_id=count_id)
    families: dict[str, list[int]] = {}
    verdicts = sql.rows(
        "SELECT m.family, x.verdict, count(*)::integer FROM stock_count_pieces(%s) x "
        "JOIN catalogue_reference r ON r.id = x.reference_id JOIN catalogue_model m ON m.id = r.model_id GROUP BY 1, 2",
        [count_id],
    )
    for name, verdict, number in verdicts:
        if verdict in ("FOUND", "MISSING"):
            seat = families.setdefault(name, [0, 0])
            seat[0] += number
            seat[1] += number if verdict == "FOUND" else 0
    quantities = tuple(
        QuantityProgress(reference_id=reference, family=name, expected=expected, counted=counted)
        for reference, name, expected, counted in sql.rows(
            "SELECT * FROM stock_count_quantities(%s) ORDER BY 2, 1", [count_id]
        )
    )
    for one in quantities:
        seat = families.setdefault(one.family, [0, 0])
        seat[0] += one.expected
        seat[1] += min(one.counted or 0, one.expected)
    missing = _missing(count_id, family)
    batch = CountBatch.objects.filter(count_id=count_id, undone_at=None).order_by("-at", "-id").first()
    strangers = sql.value(
        "SELECT count(*)::integer FROM stock_countread "
        "WHERE count_id = %s AND undone_at IS NULL AND reference_id IS NULL",
        [count_id],
    )
    return Progress(
        count=count,
        expected=sum(seat[0] for seat in families.values()),
        found=sum(seat[1] for seat in families.values()),
        families=tuple(FamilyProgress(family=name, expected=n, found=m) for name, (n, m) in sorted(families.items())),
        missing=missing[:MOST_MISSING],
        missing_total=len(missing),
        quantities=quantities,
        elsewhere=sum(number for _name, verdict, number in verdicts if verdict == "MISPLACED"),
        strangers=strangers,
        last_batch=_batch(batch, _scanned(batch)) if batch else None,
    )


def list_stranger_tags(*, actor: Actor, count_id: uuid.UUID, limit: int = 50) -> tuple[str, ...]:
    """Some of the tags that no piece of the house carries, as they were read."""
    get_count(actor=actor, count_id=count_id)
    query = (
        "SELECT tag FROM stock_countread WHERE count_id = %s AND undone_at IS NULL AND reference_id IS NULL "
        "ORDER BY tag LIMIT %s"
    )
    return tuple(tag for (tag,) in sql.rows(query, [count_id, limit]))


def list_findings(*, actor: Actor, count_id: uuid.UUID) -> tuple[Finding, ...]:
    """What a closed count found: open ones first, then by kind and serial number."""
    count = get_count(actor=actor, count_id=count_id)
    rows = CountFinding.objects.filter(count_id=count_id).select_related("piece")
    return tuple(
        _finding(row, count.place_id)
        for row in rows.annotate(
            is_answered=db.Case(db.When(resolution="", then=0), default=1, output_field=db.IntegerField())
        ).order_by("is_answered", "kind", "piece__serial", "id")
    )


def get_finding(*, actor: Actor, finding_id: uuid.UUID) -> Finding:
    """Raises NotFound."""
    row = CountFinding.objects.filter(id=finding_id).select_related("piece", "count").first()
    if row is None:
        raise NotFound()
    count = get_count(actor=actor, count_id=row.count_id)
    return _finding(row, count.place_id)


def list_accuracy(
    *, actor: Actor, place_id: uuid.UUID | None = None, since: datetime | None = None, limit: int = 2000
) -> tuple[Accuracy, ...]:
    """Share of what was expected that was found, for each closed count, oldest first."""
    places = actor.places_for(permissions.STOCK_VIEW)
    rows = Count.objects.filter(maison_id=actor.in_maison, state=CountState.CLOSED, expected__gt=0)
    if place_id is not None:
        actor.require(permissions.STOCK_VIEW, place_id=place_id)
        rows = rows.filter(place_id=place_id)
    elif places is not EVERYWHERE:
        rows = rows.filter(place_id__in=places)
    if since is not None:
        rows = rows.filter(closed_at__gte=since)
    columns = rows.order_by("-closed_at", "-id").values_list("id", "place_id", "kind", "closed_at", "expected", "found")
    return tuple(
        Accuracy(
            count_id=id_, place_id=place, kind=CountKind(kind), closed_at=closed_at, expected=expected, found=found,
            share=found / expected,
        )
        for id_, place, kind, closed_at, expected, found in reversed(columns[:limit])
        if closed_at is not None  # a closed count has ended
    )  # fmt: skip


def how_sure(
    *, actor: Actor, place_ids: Collection[uuid.UUID], reference_ids: Collection[uuid.UUID], at: datetime
) -> dict[tuple[uuid.UUID, uuid.UUID], HowSure]:
    """How far the books may be trusted, for each place and reference with a level there; one statement. Staff only."""
    actor.require(permissions.STOCK_VIEW)
    rows = sql.rows(
        "SELECT s.* FROM stock_how_sure(%s::uuid[], %s::uuid[]) s "
        "JOIN house_place p ON p.id = s.place_id AND p.maison_id = %s",
        [list(place_ids), list(reference_ids), actor.in_maison],
    )
    return {
        (place, reference): HowSure(
            place_id=place,
            reference_id=reference,
            last_counted_at=counted_at,
            movements_since=since,
            open_findings=findings,
            word=sureness(last_counted_at=counted_at, movements_since=since, open_findings=findings, at=at),
        )
        for place, reference, counted_at, since, findings in rows
    }


def how_sure_of_place(*, actor: Actor, place_id: uuid.UUID, at: datetime) -> dict[Sureness, int]:
    """How many levels of a place are sure, fairly sure, doubtful and unknown."""
    actor.require(permissions.STOCK_VIEW, place_id=place_id)
    rows = sql.rows(
        "SELECT s.last_counted_at, s.movements_since, s.open_findings FROM stock_how_sure(ARRAY[%s::uuid], ("
        "SELECT array_agg(l.reference_id) FROM stock_level l JOIN house_place p ON p.id = l.place_id "
        "WHERE l.place_id = %s AND l.on_hand > 0 AND p.maison_id = %s)) s",
        [place_id, place_id, actor.in_maison],
    )
    tally = dict.fromkeys(Sureness, 0)
    for counted_at, since, findings in rows:
        tally[sureness(last_counted_at=counted_at, movements_since=since, open_findings=findings, at=at)] += 1
    return tally


def _missing(count_id: uuid.UUID, family: str) -> tuple[MissingPiece, ...]:
    rows = sql.rows(
        "SELECT x.piece_id, x.reference_id, m.family, p.serial, coalesce(h.kind, '') FROM stock_count_pieces(%s) x "
        "JOIN stock_piece p ON p.id = x.piece_id LEFT JOIN stock_hold h ON h.id = p.hold_id "
        "JOIN catalogue_reference r ON r.id = x.reference_id JOIN catalogue_model m ON m.id = r.model_id "
        "WHERE x.verdict = 'MISSING' AND (%s::text = '' OR m.family = %s::text) ORDER BY m.family, m.name, p.serial",
        [count_id, family, family],
    )
    return tuple(
        MissingPiece(piece_id=piece, reference_id=reference, family=name, serial=serial, hold_kind=hold)
        for piece, reference, name, serial, hold in rows
    )


def _with_open(rows: db.QuerySet[Count]) -> db.QuerySet[Count]:
    unanswered = CountFinding.objects.filter(count_id=db.OuterRef("id"), resolution="").order_by()
    number = unanswered.values("count_id").annotate(n=db.Count("id")).values("n")
    return rows.annotate(open_findings=db.functions.Coalesce(db.Subquery(number), 0))


def _view(row: Count) -> CountView:
    return CountView(
        id=row.id,
        place_id=row.place_id,
        kind=CountKind(row.kind),
        families=tuple(row.families),
        reference_ids=tuple(row.reference_ids),
        state=CountState(row.state),
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        figures=CountFigures(
            expected=row.expected,
            found=row.found,
            missing=row.missing,
            misplaced=row.misplaced,
            strangers=row.strangers,
            surplus=row.surplus,
            moved=row.moved,
        ),
        open_findings=row.open_findings,  # type: ignore[attr-defined]  # annotated by _with_open
    )


def _scanned(batch: CountBatch) -> ReadPiece | None:
    """What one scan named; nothing for a list, and for a piece that an earlier read of the count holds."""
    if batch.source != ReadSource.SCAN.value or batch.lines != 1:
        return None
    row = sql.row(
        "SELECT p.reference_id, p.serial FROM stock_countread r JOIN stock_piece p ON p.id = r.piece_id "
        "WHERE r.batch_id = %s LIMIT 1",
        [batch.id],
    )
    return ReadPiece(reference_id=row[0], serial=row[1]) if row else None


def _batch(row: CountBatch, piece: ReadPiece | None) -> Batch:
    return Batch(
        id=row.id,
        source=ReadSource(row.source),
        lines=row.lines,
        distinct=row.distinct,
        fresh=row.fresh,
        here=row.here,
        elsewhere=row.elsewhere,
        strangers=row.strangers,
        at=row.at,
        piece=piece,
    )


def _finding(row: CountFinding, place_id: uuid.UUID) -> Finding:
    return Finding(
        id=row.id,
        count_id=row.count_id,
        place_id=place_id,
        kind=FindingKind(row.kind),
        piece_id=row.piece_id,
        reference_id=row.reference_id,
        serial=row.piece.serial if row.piece else "",
        piece_state=row.piece.state if row.piece else "",
        piece_place_id=row.piece.place_id if row.piece else None,
        expected=row.expected,
        found=row.found,
        resolution=Resolution(row.resolution),
        reason=row.reason,
        resolved_by=row.resolved_by,
        resolved_at=row.resolved_at,
    )
