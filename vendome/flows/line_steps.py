"""What a boutique has to do for orders today: send, receive, make ready; each a step that is written down."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass
from datetime import date, datetime

from vendome.domains.fulfilment.types import RefusalReason
from vendome.domains.orders.types import LineState, Mode
from vendome.domains.people import permissions
from vendome.kit import idempotency, outbox, sql
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound


class Step(enum.StrEnum):
    LEAVES = "LEAVES"  # the source sends it to the boutique where it is collected
    ARRIVES = "ARRIVES"
    READY = "READY"


class Task(enum.StrEnum):
    """What a place has to do about a line."""

    SEND_HOME = "SEND_HOME"
    SEND_TO_BOUTIQUE = "SEND_TO_BOUTIQUE"
    EXPECT = "EXPECT"
    MAKE_READY = "MAKE_READY"
    GIVE = "GIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One line and what this place has to do about it. A protected client shows no name."""

    line_id: uuid.UUID
    order_id: uuid.UUID
    order_number: str
    task: Task
    state: LineState
    mode: Mode
    client_id: uuid.UUID | None
    client_name: str
    reference_id: uuid.UUID
    model_name: str
    model_code: str
    material: str
    size: str
    serial: str
    goal_place_id: uuid.UUID
    promised_date: date | None
    placed_at: datetime
    is_refused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """A step that was taken: who, where, when."""

    line_id: uuid.UUID
    state: str
    place_id: uuid.UUID | None
    actor: str
    note: str
    at: datetime


TASKS = """
    SELECT l.id, o.id, o.number,
           CASE WHEN l.mode = 'DELIVER' THEN 'SEND_HOME'
                WHEN h.place_id = %(place)s AND l.place_id <> %(place)s THEN 'SEND_TO_BOUTIQUE'
                WHEN l.state = 'READY' THEN 'GIVE'
                WHEN h.place_id <> l.place_id THEN 'EXPECT' ELSE 'MAKE_READY' END,
           l.state, l.mode, o.client_id,
           CASE WHEN c.is_protected THEN 'Protected client'
                ELSE coalesce(nullif(btrim(c.given_name || ' ' || c.family_name), ''), o.contact->>'name', '') END,
           l.reference_id, m.name, m.code, r.material, r.size, coalesce(p.serial, ''), l.place_id, l.promised_date,
           o.placed_at, EXISTS (SELECT FROM fulfilment_orderexception e
               WHERE e.order_line_id = l.id AND e.kind = 'REFUSED' AND e.resolved_at IS NULL)
    FROM (SELECT x.id FROM orders_orderline x WHERE x.place_id = %(place)s
              AND x.state IN ('HELD', 'ON_THE_WAY', 'ARRIVED', 'READY')
          UNION
          SELECT y.order_line_id FROM stock_hold y WHERE y.place_id = %(place)s AND y.state = 'ACTIVE'
              AND y.order_line_id IS NOT NULL) which
    JOIN orders_orderline l ON l.id = which.id AND l.direction = 'OUT' AND l.mode <> 'TAKE_AWAY'
    JOIN orders_order o ON o.id = l.order_id AND o.state = 'CONFIRMED' AND o.maison_id = %(maison)s
    JOIN stock_hold h ON h.id = l.hold_id AND h.state = 'ACTIVE'
    JOIN catalogue_reference r ON r.id = l.reference_id
    JOIN catalogue_model m ON m.id = r.model_id
    LEFT JOIN clients_client c ON c.id = o.client_id
    LEFT JOIN stock_piece p ON p.id = l.piece_id
    ORDER BY l.promised_date NULLS LAST, o.placed_at, l.id
"""


def list_tasks(*, actor: Actor, place_id: uuid.UUID) -> tuple[TaskRow, ...]:
    """Everything a place has to do about paid lines, the most pressing first. One statement."""
    actor.require(permissions.ORDERS_VIEW, place_id=place_id)
    return tuple(
        TaskRow(
            line_id=row[0], order_id=row[1], order_number=row[2], task=Task(row[3]), state=LineState(row[4]),
            mode=Mode(row[5]), client_id=row[6], client_name=row[7], reference_id=row[8], model_name=row[9],
            model_code=row[10], material=row[11], size=row[12], serial=row[13], goal_place_id=row[14],
            promised_date=row[15], placed_at=row[16], is_refused=row[17],
        )
        for row in sql.rows(TASKS, {"place": place_id, "maison": actor.in_maison})
    )  # fmt: skip


def list_steps(*, order_id: uuid.UUID) -> tuple[StepRow, ...]:
    """The steps the lines of an order have taken, oldest first; the caller has been shown the order."""
    found = sql.rows(
        "SELECT s.line_id, s.state, s.place_id, s.actor, s.note, s.at FROM orders_linestep s "
        "JOIN orders_orderline l ON l.id = s.line_id WHERE l.order_id = %s ORDER BY s.at, s.id",
        [order_id],
    )
    return tuple(
        StepRow(line_id=row[0], state=row[1], place_id=row[2], actor=row[3], note=row[4], at=row[5]) for row in found
    )


def list_standing(*, order_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """The lines of an order whose piece stands where it is collected; the caller has been shown the order."""
    found = sql.rows(
        "SELECT l.id FROM orders_orderline l JOIN stock_hold h ON h.id = l.hold_id AND h.place_id = l.place_id "
        "WHERE l.order_id = %s AND l.mode = 'COLLECT'",
        [order_id],
    )
    return frozenset(row[0] for row in found)


def take_step(*, key: str, line_id: uuid.UUID, step: Step, note: str = "", actor: Actor, at: datetime) -> LineState:
    """Say that a line left, arrived or is ready. Safe to repeat with the same key.

    Raises NotFound, LineNotReady, NotPaid, HoldGone, Forbidden.
    """
    stands, goal = _whereabouts(actor, line_id)
    place_id = stands if step is Step.LEAVES else goal
    if not actor.may(permissions.ORDERS_VIEW, place_id=place_id):
        raise NotFound()
    actor.require(permissions.ORDERS_HAND_OVER if step is Step.READY else permissions.STOCK_MOVE, place_id=place_id)
    body = {"line": line_id, "step": step.value, "note": note}
    answer = sql.document(
        "SELECT flows_step_line(%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            f"{actor.label}:orders.step_line",
            idempotency.check_key(key),
            idempotency.request_hash(body),
            line_id,
            step.value,
            note,
            actor.label,
            at,
        ],
    )
    outbox.wake()
    return LineState(answer["state"])


def refuse(*, key: str, line_id: uuid.UUID, reason: RefusalReason, note: str, actor: Actor, at: datetime) -> uuid.UUID:
    """The place that holds a line cannot give it; a person is asked, nothing is sent elsewhere. Returns the exception.

    Safe to repeat with the same key. Raises NotFound, LineNotReady, NotPaid, Forbidden.
    """
    stands, _goal = _whereabouts(actor, line_id)
    if not actor.may(permissions.ORDERS_VIEW, place_id=stands):
        raise NotFound()
    actor.require(permissions.ORDERS_HAND_OVER, place_id=stands)
    body = {"line": line_id, "reason": reason.value, "note": note}
    answer = sql.document(
        "SELECT flows_refuse_line(%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            f"{actor.label}:orders.refuse_line",
            idempotency.check_key(key),
            idempotency.request_hash(body),
            line_id,
            reason.value,
            note.strip(),
            actor.label,
            at,
        ],
    )
    outbox.wake()
    return uuid.UUID(answer["exception"])


def _whereabouts(actor: Actor, line_id: uuid.UUID) -> tuple[uuid.UUID, uuid.UUID]:
    """Where a line's hold stands (on its way: where it left), and where the line belongs. Raises NotFound."""
    found = sql.row(
        "SELECT coalesce((SELECT s.place_id FROM orders_linestep s WHERE s.line_id = l.id AND s.state = l.state "
        "AND l.state = 'ON_THE_WAY' ORDER BY s.at DESC LIMIT 1), h.place_id, l.place_id), l.place_id "
        "FROM orders_orderline l "
        "JOIN orders_order o ON o.id = l.order_id AND o.maison_id = %s "
        "LEFT JOIN stock_hold h ON h.id = l.hold_id WHERE l.id = %s AND l.place_id IS NOT NULL",
        [actor.in_maison, line_id],
    )
    if found is None:
        raise NotFound()
    return found[0], found[1]
