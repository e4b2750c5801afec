"""What happens to an order's piece on its way reaches the order: its lines move on, or somebody is asked to help."""

from __future__ import annotations

from vendome.kit import outbox, sql

MOVED = ("stock.transfer_dispatched", "stock.transfer_received")
NAME = "flows.note_travel"
REASONS = {"LOST": "NOT_FOUND", "DAMAGED": "DAMAGED"}
HOLDS = (
    "SELECT l.hold_id FROM stock_transferline l WHERE l.transfer_id = %s AND l.hold_id IS NOT NULL ORDER BY l.position"
)


def listen() -> None:
    """Register with the outbox; at start."""
    for kind in MOVED:
        outbox.handler(kind, NAME)(_note_travel)
    outbox.handler("stock.promise_broken", NAME)(_ask_for_help)
    outbox.handler("fulfilment.parcel_lost", NAME)(_ask_about_parcel)


def _note_travel(event: outbox.Event) -> None:
    """Bring the state of every order line in step with where its hold stands now. Safe to repeat."""
    for (hold_id,) in sql.rows(HOLDS, [event.payload["transfer_id"]]):
        sql.value("SELECT flows_note_travel(%s, %s, %s)", [hold_id, "SYSTEM", event.occurred_at])


def _ask_for_help(event: outbox.Event) -> None:
    """A piece kept for an order was lost or damaged: its line waits for a person, with what it is worth."""
    line_id = event.payload.get("order_line_id")
    if line_id is None:
        return
    sql.value(
        "SELECT flows_raise_exception('REFUSED', l.order_id, l.id, NULL, %s, %s, '', l.amount, 'SYSTEM', %s) "
        "FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id AND o.state = 'CONFIRMED' WHERE l.id = %s",
        [event.payload["place_id"], REASONS.get(event.payload["why"], "NOT_FOUND"), event.occurred_at, line_id],
    )


def _ask_about_parcel(event: outbox.Event) -> None:
    """A parcel was lost by its carrier: somebody speaks with the client and sends another, or gives the money back."""
    sql.value(
        "SELECT count(flows_raise_exception('REFUSED', p.order_id, l.id, NULL, p.origin_id, 'NOT_FOUND', p.problem, "
        "l.amount, 'SYSTEM', %s)) FROM fulfilment_parcel p "
        "JOIN orders_order o ON o.id = p.order_id AND o.state = 'CONFIRMED' "
        "JOIN fulfilment_parcelline x ON x.parcel_id = p.id "
        "JOIN orders_orderline l ON l.id = x.order_line_id AND l.state = 'DISPATCHED' "
        "WHERE p.id = %s AND NOT EXISTS (SELECT FROM stock_hold h WHERE h.id = l.hold_id AND h.state = 'ACTIVE')",
        [event.occurred_at, event.payload["parcel_id"]],
    )
