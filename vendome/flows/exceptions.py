"""What has gone another way than promised, and how a person ends it. Nothing is ever nowhere (ADR 0018)."""

from __future__ import annotations

import uuid
from datetime import datetime

from vendome.domains.fulfilment.types import ExceptionKind, ExceptionRow, Resolution
from vendome.domains.people import permissions
from vendome.kit import audit, idempotency, outbox, sql
from vendome.kit.actors import EVERYWHERE, Actor
from vendome.kit.errors import BadInput, NotFound

MOST = 500
BY_HAND = (
    Resolution.RESOURCED,
    Resolution.FOUND_AFTER_ALL,
    Resolution.REFUNDED,
    Resolution.ALTERNATIVE,
    Resolution.SPOKEN_TO,
)
"""How a person may end one; PASSED is said by the house itself."""
ROWS = """
    SELECT e.id, e.kind, e.reason, e.note, o.id, o.number, e.order_line_id, l.reference_id, coalesce(l.mode, ''),
           coalesce(e.place_id, l.place_id, o.place_id), o.client_id,
           CASE WHEN c.is_protected AND NOT %(protected)s THEN 'Protected client'
                ELSE coalesce(nullif(btrim(c.given_name || ' ' || c.family_name), ''), o.contact->>'name', '') END,
           coalesce((SELECT i.value FROM clients_identifier i WHERE i.client_id = o.client_id AND i.kind = 'PHONE'
                         AND i.ended_at IS NULL ORDER BY i.attested_at DESC NULLS LAST, i.noted_at DESC LIMIT 1),
                    o.contact->>'phone', ''),
           coalesce(c.is_protected, false) AND NOT %(protected)s, e.amount, e.currency, l.promised_date, e.raised_at,
           e.raised_by, e.owner_id, coalesce(btrim(s.given_name || ' ' || s.family_name), ''), e.waits_until,
           e.resolved_at, e.resolution, e.resolution_note
    FROM fulfilment_orderexception e
    JOIN orders_order o ON o.id = e.order_id
    LEFT JOIN orders_orderline l ON l.id = e.order_line_id
    LEFT JOIN clients_client c ON c.id = o.client_id
    LEFT JOIN people_staff s ON s.id = e.owner_id
    WHERE e.maison_id = %(maison)s AND (%(one)s::uuid IS NULL OR e.id = %(one)s)
      AND (%(one)s::uuid IS NOT NULL OR %(order)s::uuid IS NOT NULL OR e.resolved_at IS NULL)
      AND (%(order)s::uuid IS NULL OR e.order_id = %(order)s)
      AND (%(kind)s = '' OR e.kind = %(kind)s)
      AND (%(places)s::uuid[] IS NULL OR coalesce(e.place_id, l.place_id, o.place_id) = ANY (%(places)s))
    ORDER BY e.waits_until IS NOT NULL AND e.waits_until > %(at)s, e.raised_at, e.id LIMIT %(most)s
"""


def list_open(*, actor: Actor, kind: ExceptionKind | None = None, at: datetime) -> tuple[ExceptionRow, ...]:
    """What waits for a person at the actor's places, the longest first; what was put off comes last. One statement.

    Whose telephone number was shown is written down. A protected client shows neither name nor number.
    """
    return _rows(actor, kind=kind.value if kind else "", at=at)


def list_of_order(*, actor: Actor, order_id: uuid.UUID, at: datetime) -> tuple[ExceptionRow, ...]:
    """The exceptions of one order, ended ones too."""
    return _rows(actor, order=order_id, at=at)


def get(*, actor: Actor, exception_id: uuid.UUID, at: datetime) -> ExceptionRow:
    """One exception, open or ended. Raises NotFound."""
    found = _rows(actor, one=exception_id, at=at)
    if not found:
        raise NotFound()
    return found[0]


def count_open(*, actor: Actor, at: datetime) -> tuple[int, int]:
    """How many wait, and how many of them since more than a day; one statement, nobody's name."""
    places = actor.places_for(permissions.ORDERS_EXCEPTIONS)
    found = sql.row(
        "SELECT count(*)::integer, (count(*) FILTER (WHERE e.raised_at < %s - interval '1 day'))::integer "
        "FROM fulfilment_orderexception e JOIN orders_order o ON o.id = e.order_id "
        "WHERE e.maison_id = %s AND e.resolved_at IS NULL "
        "AND (%s::uuid[] IS NULL OR coalesce(e.place_id, o.place_id) = ANY (%s))",
        [at, actor.in_maison, wanted := None if places is EVERYWHERE else list(places), wanted],
    )
    assert found is not None
    return found[0], found[1]


def resolve(
    *,
    key: str,
    exception_id: uuid.UUID,
    resolution: Resolution,
    note: str = "",
    place_id: uuid.UUID | None = None,
    actor: Actor,
    at: datetime,
) -> None:
    """End an exception and do what that means: another source (`place_id`, or by the rules), or cancel and refund.

    Safe to repeat with the same key. Raises ExceptionEnded, ExceptionNeedsLine, OutOfStock, HoldGone, LineNotReady,
    RefundTooLarge, NotFound, BadInput, Forbidden; then nothing has changed.
    """
    if resolution not in BY_HAND:
        raise BadInput("Say how it ended: another source, found after all, refunded, an alternative, or spoken to.")
    if resolution in (Resolution.ALTERNATIVE, Resolution.SPOKEN_TO) and not note.strip():
        raise BadInput("Write what was agreed with her.")
    _require(actor, exception_id, at)
    if resolution is Resolution.REFUNDED:
        actor.require(permissions.ORDERS_CHANGE)
    body = {"exception": exception_id, "resolution": resolution.value, "note": note, "place": place_id}
    sql.value(
        "SELECT flows_resolve_exception(%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            f"{actor.label}:orders.resolve_exception",
            idempotency.check_key(key),
            idempotency.request_hash(body),
            exception_id,
            resolution.value,
            place_id,
            note.strip(),
            actor.label,
            at,
        ],
    )
    outbox.wake()


def take(*, exception_id: uuid.UUID, until: datetime | None = None, note: str = "", actor: Actor, at: datetime) -> None:
    """The actor looks after it from here on, and may let it wait until a moment. Safe to repeat.

    Raises NotFound, ExceptionEnded, BadInput.
    """
    _require(actor, exception_id, at)
    if until is not None and until <= at:
        raise BadInput("Choose a moment that is still to come.")
    owner = actor.id if actor.is_staff else None
    sql.value(
        "SELECT flows_take_exception(%s, %s, %s, %s, %s, %s)",
        [exception_id, owner, until, note.strip(), actor.label, at],
    )
    outbox.wake()


def find_due(*, at: datetime) -> int:
    """Raise what has gone past its promise and close what has passed; returns how many changed. Safe to repeat."""
    raised, closed = sql.row("SELECT raised, closed FROM flows_find_exceptions(%s)", [at]) or (0, 0)
    if raised or closed:
        outbox.wake()
    return int(raised) + int(closed)


def _require(actor: Actor, exception_id: uuid.UUID, at: datetime) -> None:
    if not _asked(actor, one=exception_id, at=at):
        raise NotFound()


def _rows(
    actor: Actor, *, one: uuid.UUID | None = None, order: uuid.UUID | None = None, kind: str = "", at: datetime
) -> tuple[ExceptionRow, ...]:
    found = _asked(actor, one=one, order=order, kind=kind, at=at)
    shows_clients = actor.may(permissions.CLIENTS_READ)
    rows = tuple(_row(row, shows_clients=shows_clients) for row in found)
    called = sorted({str(row.client_id) for row in rows if row.client_phone and row.client_id})
    if called:
        audit.record(
            actor=actor, action="clients.read_phone", subject="exceptions", at=at, maison_id=actor.maison_id,
            detail={"clients": called},
        )  # fmt: skip
    return rows


def _asked(
    actor: Actor, *, one: uuid.UUID | None = None, order: uuid.UUID | None = None, kind: str = "", at: datetime
) -> list[tuple[object, ...]]:
    places = actor.places_for(permissions.ORDERS_EXCEPTIONS)
    return sql.rows(
        ROWS,
        {
            "protected": actor.may(permissions.CLIENTS_READ_PROTECTED),
            "maison": actor.in_maison,
            "one": one,
            "order": order,
            "kind": kind,
            "places": None if places is EVERYWHERE else list(places),
            "at": at,
            "most": MOST,
        },
    )


def _row(row: tuple[object, ...], *, shows_clients: bool) -> ExceptionRow:
    values = dict(zip(ExceptionRow.__dataclass_fields__, row, strict=True))
    values["kind"] = ExceptionKind(str(values["kind"]))
    if values["is_guarded"] or not shows_clients:
        values["client_phone"] = ""
    if not shows_clients:
        values["client_name"] = ""
    return ExceptionRow(**values)  # type: ignore[arg-type]  # one column for each field, in their order
