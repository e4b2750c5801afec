# ruff: noqa: E501  # SQL reads better on one line here
"""Returns of the demo house: what came back is counted on the lines it was sold on, some of it waits to be examined,
and a few clients have announced that something will come.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta

from vendome.domains.orders.policy.deciding import as_document, decide
from vendome.domains.orders.policy.reading import shipped_rules
from vendome.domains.orders.policy.types import Facts, Reason, Way
from vendome.domains.orders.services import policy
from vendome.flows import returnable
from vendome.kit import sql
from vendome.kit.actors import Actor

ANNOUNCED = 5
COUNT_WHAT_CAME_BACK = """
    WITH back AS (
        SELECT l.returned_line_id AS id, sum(l.quantity)::integer AS quantity, sum(l.amount)::bigint AS amount, sum(l.tax_amount)::bigint AS tax
        FROM orders_orderline l WHERE l.returned_line_id IS NOT NULL GROUP BY 1
    )
    UPDATE orders_orderline s SET returned_quantity = b.quantity, credited_quantity = b.quantity, returned_amount = b.amount, returned_tax_amount = b.tax
    FROM back b WHERE s.id = b.id
"""
NAME_WHAT_WAS_REFUNDED = """
    WITH refund AS (
        SELECT DISTINCT ON (r.id) r.id, r.amount, p.id AS payment
        FROM payments_payment r
        JOIN orders_orderline l ON l.order_id = r.order_id AND l.returned_line_id IS NOT NULL
        JOIN orders_orderline s ON s.id = l.returned_line_id
        JOIN payments_payment p ON p.order_id = s.order_id AND p.amount > 0
        WHERE r.amount < 0
    ), named AS (
        UPDATE payments_payment r SET refund_of_id = f.payment, state = 'REFUNDED' FROM refund f WHERE r.id = f.id RETURNING f.payment, f.amount
    )
    UPDATE payments_payment p SET refunded_amount = -n.amount FROM (SELECT payment, sum(amount) AS amount FROM named GROUP BY 1) n WHERE p.id = n.payment
"""
OPEN_WHAT_WAITS = """
    WITH waiting AS (
        SELECT h.id AS hold, h.place_id, h.piece_id, h.quantity, h.held_at, l.id AS document_line, l.order_id AS document, s.id AS sold_line,
               s.order_id, o.maison_id, o.client_id, d.advisor_id, row_number() OVER (ORDER BY h.held_at, h.id) AS nr
        FROM stock_hold h JOIN orders_orderline l ON l.id = h.order_line_id JOIN orders_orderline s ON s.id = l.returned_line_id
        JOIN orders_order o ON o.id = s.order_id JOIN orders_order d ON d.id = l.order_id
        WHERE h.kind = 'QUARANTINE' AND h.state = 'ACTIVE'
    ), cases AS (
        INSERT INTO orders_return (id, maison_id, number, order_id, client_id, state, route, place_id, is_gift, announced_at, announced_by, closed_at)
        SELECT md5('return' || hold)::uuid, maison_id, 'RET-' || to_char(held_at, 'YY') || '-' || (20000 + nr), order_id, client_id, 'CLOSED', 'COUNTER', place_id, false,
               held_at, coalesce('STAFF:' || advisor_id, 'SYSTEM'), held_at FROM waiting
    ), lines AS (
        INSERT INTO orders_returnline (id, case_id, position, sold_line_id, quantity, arrived_quantity, decided_quantity, accepted_quantity, reason, rule, decision, is_open)
        SELECT md5('line' || hold)::uuid, md5('return' || hold)::uuid, 1, sold_line, quantity, quantity, quantity, quantity, 'CHANGED_MIND', 'house.thirty-days', %s::jsonb, false
        FROM waiting
    )
    INSERT INTO orders_arrival (id, line_id, place_id, piece_id, quantity, hold_id, condition, is_accepted, fate, arrived_at, received_by, document_line_id)
    SELECT md5('arrival' || hold)::uuid, md5('line' || hold)::uuid, place_id, piece_id, quantity, hold, CASE WHEN nr %% 4 = 0 THEN 'WORN' ELSE 'AS_SOLD' END, true,
           'WAITING', held_at, coalesce('STAFF:' || advisor_id, 'SYSTEM'), document_line FROM waiting
"""
RECENT = """
    SELECT o.id, l.id, o.client_id, p.id, coalesce(h2.delivery_address, '{}'), coalesce(o.contact->>'phone', '') FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
    JOIN fulfilment_handover h ON h.order_line_id = l.id JOIN clients_client c ON c.id = o.client_id
    LEFT JOIN LATERAL (SELECT x.id FROM house_place x WHERE x.maison_id = o.maison_id AND x.kind = 'BOUTIQUE' AND x.is_visible ORDER BY x.position LIMIT 1) p ON true
    LEFT JOIN LATERAL (SELECT x.delivery_address FROM orders_order x WHERE x.client_id = o.client_id AND cardinality(x.delivery_address) > 1
                       ORDER BY x.placed_at DESC LIMIT 1) h2 ON true
    WHERE o.maison_id = %s AND o.channel = 'web' AND l.direction = 'OUT' AND l.state = 'HANDED_OVER' AND NOT c.is_protected AND h.at > %s
    ORDER BY h.at DESC, l.id LIMIT %s
"""


def count_returns() -> None:
    """After the history: what came back counts on the lines it was sold on, and refunds name what they give back."""
    sql.row(COUNT_WHAT_CAME_BACK + " RETURNING 1")
    sql.row(NAME_WHAT_WAS_REFUNDED + " RETURNING 1")


def open_returns(maison_id: uuid.UUID, now: datetime) -> None:
    """The policy of the house, what waits at the inspection desks, and what clients have announced."""
    system = Actor.system(maison_id)
    policy.install_rules(maison_id=maison_id, actor=system, at=now)
    day = now.date()
    usual = decide(shipped_rules(), Facts(country="AE", way=Way.PREMISES, family="rings", on=day, received_on=day))
    waiting = OPEN_WHAT_WAITS + " RETURNING 1"
    count = len(sql.rows(waiting, [json.dumps(as_document(usual))]))
    sql.value("SELECT setval('orders_return_number', %s)", [20001 + count])
    found = sql.rows(RECENT, [maison_id, now - timedelta(days=12), 4 * ANNOUNCED])
    told = 0
    for nr, (order_id, line_id, client_id, place_id, address, phone) in enumerate(found):
        receipt = returnable.get_receipt(actor=system, order_id=order_id, on=day)
        line = next(one for one in receipt.lines if one.line_id == line_id)
        if told == ANNOUNCED or not line.may_come_back or not line.decision.outcome.is_accepted:
            continue
        is_brought = place_id is not None and (told % 2 == 0 or not address)
        asked = {
            "maison": maison_id,
            "order": order_id,
            "client": client_id,
            "route": "COUNTER" if is_brought else "COURIER",
            "place": place_id if is_brought else None,
            "pickup": None if is_brought else {"address": address, "phone": phone},
            "actor": f"CLIENT:{client_id}",
            "at": now - timedelta(hours=5 * told),
            "lines": [
                {
                    "line": line_id,
                    "quantity": 1,
                    "reason": (Reason.SIZE if nr % 2 else Reason.NOT_SAID).value,
                    "rule": line.decision.rule,
                    "decision": as_document(line.decision),
                }
            ],
        }
        sql.row("SELECT id FROM flows_open_return(%s::jsonb, 'ANNOUNCED')", [json.dumps(asked, default=str)])
        told += 1
