"""What travels for an order tells the order: a transfer that leaves or arrives moves its lines on."""

from __future__ import annotations

from vendome.kit import outbox, sql

KINDS = ("stock.transfer_dispatched", "stock.transfer_received")
NAME = "flows.note_travel"
HOLDS = "SELECT l.hold_id FROM stock_transferline l WHERE l.transfer_id = %s AND l.hold_id IS NOT NULL ORDER BY l.position"


def listen() -> None:
    """Register with the outbox; at start."""
    for kind in KINDS:
        outbox.handler(kind, NAME)(_note_travel)


def _note_travel(event: outbox.Event) -> None:
    """Bring the state of every order line in step with where its hold stands now. Safe to repeat."""
    for (hold_id,) in sql.rows(HOLDS, [event.payload["transfer_id"]]):
        sql.value("SELECT flows_note_travel(%s, %s, %s)", [hold_id, "SYSTEM", event.occurred_at])
