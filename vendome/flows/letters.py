# ruff: noqa: E501  # SQL reads better on one line here
"""Which event owes a client which letter, and about what. The rows that owe it are read when the event is handled.

Imported history is not written about, nor what happened more than two days ago (`OLDEST`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from vendome.domains.letters import services
from vendome.domains.letters.types import OLDEST, LetterKind, NewLetter
from vendome.kit import outbox, sql
from vendome.kit.actors import Actor

PLACED = """
    SELECT CASE WHEN o.state IN ('CONFIRMED', 'COMPLETED') THEN 'ORDER' ELSE 'TRANSFER' END, o.id, o.id, o.client_id
    FROM orders_order o
    WHERE o.id = %(order_id)s AND o.source = ''
      AND EXISTS (SELECT FROM orders_orderline l WHERE l.order_id = o.id AND l.direction = 'OUT')
      AND (o.state IN ('CONFIRMED', 'COMPLETED') OR o.state = 'AWAITING_PAYMENT' AND EXISTS (
           SELECT FROM payments_payment p WHERE p.order_id = o.id AND p.tender = 'TRANSFER' AND p.state = 'REQUESTED'))
"""
LINK = """
    SELECT 'PAY_LINK', l.id, o.id, o.client_id FROM payments_paylink l
    JOIN payments_payment p ON p.id = l.payment_id JOIN orders_order o ON o.id = p.order_id
    WHERE l.payment_id = %(payment_id)s AND l.state = 'OPEN' AND (l.created_by LIKE 'STAFF:%%' OR l.created_by LIKE 'APP:%%')
"""
LINE = """
    SELECT %(letter)s, l.id, o.id, o.client_id FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
    WHERE l.id = %(order_line_id)s AND l.mode = 'COLLECT' AND l.state = %(state)s
"""
PARCEL = """
    SELECT %(letter)s, p.id, o.id, o.client_id FROM fulfilment_parcel p JOIN orders_order o ON o.id = p.order_id
    WHERE p.id = %(parcel_id)s
"""
CANCELLED = """
    SELECT 'CANCELLED', l.id, o.id, o.client_id FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
    WHERE l.id = %(order_line_id)s AND l.state = 'CANCELLED'
"""
CHANGED = """
    SELECT CASE c.kind WHEN 'CANCEL_LINE' THEN 'CANCELLED' WHEN 'SWAP' THEN 'ORDER' ELSE 'CHANGED' END,
           CASE c.kind WHEN 'CANCEL_LINE' THEN c.line_id WHEN 'SWAP' THEN c.document_id ELSE c.id END,
           CASE c.kind WHEN 'SWAP' THEN c.document_id ELSE o.id END, o.client_id
    FROM orders_change c JOIN orders_order o ON o.id = c.order_id
    WHERE c.id = %(change_id)s AND c.state = 'CONFIRMED' AND (c.kind <> 'SWAP' OR c.document_id IS NOT NULL)
"""
LATER = """
    SELECT 'LATER', l.hold_id, o.id, o.client_id FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
    WHERE l.id = %(order_line_id)s AND l.state = 'HELD' AND l.promised_date > %(before_date)s::date
"""
RETURN = """
    SELECT 'RETURN', r.id, CASE WHEN NOT r.is_gift THEN o.id END, CASE WHEN r.is_gift THEN r.client_id ELSE o.client_id END
    FROM orders_return r JOIN orders_order o ON o.id = r.order_id WHERE r.id = %(return_id)s AND r.state = 'ANNOUNCED'
"""
REFUND = """
    SELECT 'REFUND', p.id, o.id, o.client_id FROM payments_payment p JOIN payments_payment paid ON paid.id = p.refund_of_id
    JOIN orders_order o ON o.id = paid.order_id
    WHERE p.id = %(refund_id)s AND p.tender NOT IN ('CREDIT', 'IMPORTED')
      AND NOT EXISTS (  -- who gave it is not told that it came back
          SELECT FROM orders_orderline l JOIN orders_arrival a ON a.document_line_id = l.id JOIN orders_returnline y ON y.id = a.line_id
          JOIN orders_return r ON r.id = y.case_id WHERE l.order_id = p.order_id AND r.is_gift)
"""
EXCHANGE = "SELECT 'EXCHANGE_DUE', o.id, o.id, o.client_id FROM orders_order o WHERE o.id = %(order_id)s AND o.state = 'AWAITING_PAYMENT'"
KEPT = """
    SELECT 'SET_ASIDE', h.id, NULL, h.client_id FROM stock_hold h WHERE h.id = %(hold_id)s AND h.kind = 'RESERVATION' AND h.state = 'ACTIVE'
      AND h.client_id IS NOT NULL
"""
OFFERED = """
    SELECT 'OFFER', e.hold_id, NULL, e.client_id FROM stock_entry e WHERE e.id = %(entry_id)s AND e.state = 'OFFERED' AND e.hold_id IS NOT NULL
"""

OWED: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "orders.order_placed": (PLACED, {}),
    "payments.payment_captured": (PLACED, {}),
    "payments.link_made": (LINK, {}),
    "orders.line_moved_on": (LINE, {"letter": "READY", "state": "READY"}),
    "fulfilment.handed_over": (LINE, {"letter": "HANDED_OVER", "state": "HANDED_OVER"}),
    "fulfilment.parcel_dispatched": (PARCEL, {"letter": "SENT"}),
    "fulfilment.parcel_delivered": (PARCEL, {"letter": "DELIVERED"}),
    "orders.line_cancelled": (CANCELLED, {}),
    "orders.order_changed": (CHANGED, {}),
    "orders.line_sourced_anew": (LATER, {}),
    "orders.return_announced": (RETURN, {}),
    "payments.refunded": (REFUND, {}),
    "orders.exchange_awaits_payment": (EXCHANGE, {}),
    "stock.reserved": (KEPT, {}),
    "stock.entry_changed": (OFFERED, {}),
}
"""For each kind of event the letter it owes. No row: none is owed."""


SAID_SINCE: Final = {"before_date": None}
"""Members that events written by an earlier release do not have."""


def owe_for(*, event: outbox.Event, actor: Actor, at: datetime) -> bool:
    """Owe the letter an event asks for, once however often the event is told. Answers whether a new one is owed."""
    if event.occurred_at < at - OLDEST or event.maison_id is None:
        return False
    query, more = OWED[event.kind]
    found = sql.rows(query, {**SAID_SINCE, **event.payload, **more})
    if not found:
        return False
    kind, about_id, order_id, client_id = found[0]
    letter = NewLetter(
        kind=LetterKind(kind),
        about_id=about_id,
        event_id=event.id,
        maison_id=event.maison_id,
        order_id=order_id,
        client_id=client_id,
    )
    return services.owe(letter=letter, actor=actor, at=at)
