"""The moment a piece becomes hers: given against its own hold, by a named person, once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from vendome.domains.fulfilment.types import Proof
from vendome.domains.orders.types import Mode
from vendome.domains.people import permissions
from vendome.kit import idempotency, outbox, sql
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLine:
    """A line that waits at a place for its client, or has left it."""

    line_id: uuid.UUID
    order_id: uuid.UUID
    order_number: str
    order_state: str
    state: str
    placed_at: datetime
    client_id: uuid.UUID | None
    client_name: str
    model_name: str
    model_code: str
    material: str
    size: str
    serial: str
    place_id: uuid.UUID
    mode: Mode
    is_here: bool  # its piece stands where it is given; else it is still to come
    is_refused: bool  # the place has said that it cannot give it, and client service decides
    rest_amount: int  # what has to be paid before it is given: the rest of a deposit
    currency: str

    @property
    def is_waiting(self) -> bool:
        """Paid, here, and not yet given."""
        return self.order_state == "CONFIRMED" and self.state in ("HELD", "ARRIVED", "READY") and self.is_here


def list_waiting(*, actor: Actor, place_id: uuid.UUID) -> tuple[WaitingLine, ...]:
    """Paid lines to be collected at a place, oldest first. A protected client shows no name."""
    actor.require(permissions.ORDERS_VIEW, place_id=place_id)
    where = (
        "l.place_id = %s AND l.state IN ('HELD', 'ARRIVED', 'READY') AND l.mode = 'COLLECT' AND o.state = 'CONFIRMED' "
        "AND h.place_id = l.place_id"
    )
    return _lines(actor, where, place_id)


def get_line(*, actor: Actor, line_id: uuid.UUID) -> WaitingLine:
    """One line as the counter sees it, waiting or already given. Raises NotFound, also for other places' lines."""
    found = _lines(actor, "l.id = %s", line_id)
    if not found or not actor.may(permissions.ORDERS_VIEW, place_id=found[0].place_id):
        raise NotFound()
    return found[0]


def _lines(actor: Actor, where: str, value: uuid.UUID) -> tuple[WaitingLine, ...]:
    query = f"""
        SELECT l.id, o.id, o.number, o.state, l.state, o.placed_at, o.client_id,
               CASE WHEN c.is_protected THEN 'Protected client'
                    ELSE coalesce(nullif(btrim(c.given_name || ' ' || c.family_name), ''), o.contact->>'name', '') END,
               m.name, m.code, r.material, r.size, coalesce(p.serial, ''), l.place_id, l.mode,
               l.mode = 'DELIVER' OR h.place_id IS NULL OR h.place_id = l.place_id,
               EXISTS (SELECT FROM fulfilment_orderexception e
                   WHERE e.order_line_id = l.id AND e.kind = 'REFUSED' AND e.resolved_at IS NULL),
               CASE o.state WHEN 'CONFIRMED' THEN flows_missing(o.id) ELSE 0 END, o.currency
        FROM orders_orderline l
        JOIN orders_order o ON o.id = l.order_id
        JOIN catalogue_reference r ON r.id = l.reference_id
        JOIN catalogue_model m ON m.id = r.model_id
        LEFT JOIN clients_client c ON c.id = o.client_id
        LEFT JOIN stock_piece p ON p.id = l.piece_id
        LEFT JOIN stock_hold h ON h.id = l.hold_id
        WHERE {where} AND o.maison_id = %s AND l.place_id IS NOT NULL
        ORDER BY o.placed_at, l.id
    """  # noqa: S608  # `where` is one of the two above
    return tuple(
        WaitingLine(
            line_id=row[0],
            order_id=row[1],
            order_number=row[2],
            order_state=row[3],
            state=row[4],
            placed_at=row[5],
            client_id=row[6],
            client_name=row[7],
            model_name=row[8],
            model_code=row[9],
            material=row[10],
            size=row[11],
            serial=row[12],
            place_id=row[13],
            mode=Mode(row[14]),
            is_here=row[15],
            is_refused=row[16],
            rest_amount=row[17],
            currency=row[18],
        )
        for row in sql.rows(query, [value, actor.in_maison])
    )


def hand_over(*, key: str, line_id: uuid.UUID, proof: Proof, actor: Actor, at: datetime) -> uuid.UUID:
    """Give one line to the client; shelf, piece, hold, order and wardrobe change together. Returns the order.

    Safe to repeat with the same key. Raises NotFound, LineNotReady, NotPaid, HoldGone, Forbidden.
    """
    place_id = sql.value(
        "SELECT l.place_id FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id "
        "WHERE l.id = %s AND o.maison_id = %s",
        [line_id, actor.in_maison],
    )
    if place_id is None or not actor.may(permissions.ORDERS_VIEW, place_id=place_id):
        raise NotFound()
    actor.require(permissions.ORDERS_HAND_OVER, place_id=place_id)
    body = {"line": line_id, "proof": proof.value}
    answer = sql.document(
        "SELECT flows_hand_over(%s, %s, %s, %s, %s, %s, %s)",
        [
            f"{actor.label}:fulfilment.hand_over",
            idempotency.check_key(key),
            idempotency.request_hash(body),
            line_id,
            actor.label,
            proof.value,
            at,
        ],
    )
    outbox.wake()
    return uuid.UUID(answer["order"])
