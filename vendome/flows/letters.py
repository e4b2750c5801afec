# ruff: noqa: E501  # SQL reads better on one line here
"""Which event owes a client which letter, and about what. The rows that owe it are read when the event is handled.

Imported history is not written about, nor what happened more than two days ago (`OLDEST`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from vendome.domains.letters import services
from vendome.domains.letters.types import OLDEST, LetterKind, NewLetter
from vendome.kit import outbox, sql
from vendome.kit.actors import Actor

ALL = """
    SELECT said.n, f.* FROM unnest(%s::jsonb[]) WITH ORDINALITY said (p, n)
    CROSS JOIN LATERAL ({query}) f (kind, about_id, order_id, client_id) ORDER BY said.n
"""
"""Asks one of the questions below of many payloads at once: `said.p` is what an event says."""
PLACED = """
    SELECT CASE WHEN o.state IN ('CONFIRMED', 'COMPLETED') THEN 'ORDER' ELSE 'TRANSFER' END, o.id, o.id, o.client_id
    FROM orders_order o
    WHERE o.id = (said.p->>'order_id')::uuid AND o.source = ''
      AND EXISTS (SELECT FROM orders_orderline l WHERE l.order_id = o.id AND l.direction = 'OUT')
      AND (o.state IN ('CONFIRMED', 'COMPLETED') OR o.state = 'AWAITING_PAYMENT' AND EXISTS (
           SELECT FROM payments_payment p WHERE p.order_id = o.id AND p.tender = 'TRANSFER' AND p.state = 'REQUESTED'))
"""
LINK = """
    SELECT 'PAY_LINK', l.id, o.id, o.client_id FROM payments_paylink l
    JOIN payments_payment p ON p.id = l.payment_id JOIN orders_order o ON o.id = p.order_id
    WHERE l.payment_id = (said.p->>'payment_id')::uuid AND l.state = 'OPEN' AND (l.created_by LIKE 'STAFF:%%' OR l.created_by LIKE 'APP:%%')
"""
LINE = """
    SELECT (said.p->>'letter'), l.id, o.id, o.client_id FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
    WHERE l.id = (said.p->>'order_line_id')::uuid AND l.mode = 'COLLECT' AND l.state = (said.p->>'state')
"""
PARCEL = """
    SELECT (said.p->>'letter'), p.id, o.id, o.client_id FROM fulfilment_parcel p JOIN orders_order o ON o.id = p.order_id
    WHERE p.id = (said.p->>'parcel_id')::uuid
"""
CANCELLED = """
    SELECT 'CANCELLED', l.id, o.id, o.client_id FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
    WHERE l.id = (said.p->>'order_line_id')::uuid AND l.state = 'CANCELLED'
"""
CHANGED = """
    SELECT CASE c.kind WHEN 'CANCEL_LINE' THEN 'CANCELLED' WHEN 'SWAP' THEN 'ORDER' ELSE 'CHANGED' END,
           CASE c.kind WHEN 'CANCEL_LINE' THEN c.line_id WHEN 'SWAP' THEN c.document_id ELSE c.id END,
           CASE c.kind WHEN 'SWAP' THEN c.document_id ELSE o.id END, o.client_id
    FROM orders_change c JOIN orders_order o ON o.id = c.order_id
    WHERE c.id = (said.p->>'change_id')::uuid AND c.state = 'CONFIRMED' AND (c.kind <> 'SWAP' OR c.document_id IS NOT NULL)
"""
LATER = """
    SELECT 'LATER', l.hold_id, o.id, o.client_id FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
    WHERE l.id = (said.p->>'order_line_id')::uuid AND l.state = 'HELD' AND l.promised_date > (said.p->>'before_date')::date
"""
RETURN = """
    SELECT 'RETURN', r.id, CASE WHEN NOT r.is_gift THEN o.id END, CASE WHEN r.is_gift THEN r.client_id ELSE o.client_id END
    FROM orders_return r JOIN orders_order o ON o.id = r.order_id WHERE r.id = (said.p->>'return_id')::uuid AND r.state = 'ANNOUNCED'
"""
REFUND = """
    SELECT 'REFUND', p.id, o.id, o.client_id FROM payments_payment p JOIN payments_payment paid ON paid.id = p.refund_of_id
    JOIN orders_order o ON o.id = paid.order_id
    WHERE p.id = (said.p->>'refund_id')::uuid AND p.tender NOT IN ('CREDIT', 'IMPORTED')
      AND NOT EXISTS (  -- who gave it is not told that it came back
          SELECT FROM orders_orderline l JOIN orders_arrival a ON a.document_line_id = l.id JOIN orders_returnline y ON y.id = a.line_id
          JOIN orders_return r ON r.id = y.case_id WHERE l.order_id = p.order_id AND r.is_gift)
"""
EXCHANGE = "SELECT 'EXCHANGE_DUE', o.id, o.id, o.client_id FROM orders_order o WHERE o.id = (said.p->>'order_id')::uuid AND o.state = 'AWAITING_PAYMENT'"
KEPT = """
    SELECT 'SET_ASIDE', h.id, NULL, h.client_id FROM stock_hold h WHERE h.id = (said.p->>'hold_id')::uuid AND h.kind = 'RESERVATION' AND h.state = 'ACTIVE'
      AND h.client_id IS NOT NULL
"""
OFFERED = """
    SELECT 'OFFER', e.hold_id, NULL, e.client_id FROM stock_entry e WHERE e.id = (said.p->>'entry_id')::uuid AND e.state = 'OFFERED' AND e.hold_id IS NOT NULL
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


def owe_for(*, events: Sequence[outbox.Event], actor: Actor, at: datetime) -> int:
    """Owe the letters these events ask for, each once however often it is told: one question for each kind of event.

    Answers how many new ones are owed.
    """
    fresh = [one for one in events if one.occurred_at >= at - OLDEST and one.maison_id is not None]
    owed = [letter for kind in OWED for letter in _found(kind, [one for one in fresh if one.kind == kind])]
    return services.owe(letters=owed, actor=actor, at=at)


def _found(kind: str, events: Sequence[outbox.Event]) -> Iterator[NewLetter]:
    if not events:
        return
    query, more = OWED[kind]
    payloads = [json.dumps({**one.payload, **more}) for one in events]
    for n, letter, about_id, order_id, client_id in sql.rows(ALL.format(query=query), [payloads]):
        event = events[n - 1]
        assert event.maison_id is not None
        yield NewLetter(
            kind=LetterKind(letter),
            about_id=about_id,
            event_id=event.id,
            maison_id=event.maison_id,
            order_id=order_id,
            client_id=client_id,
        )
