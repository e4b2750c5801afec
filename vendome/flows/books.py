"""Do the books agree? Stock by its ledger, money by its orders. Read only; the nightly job and a command ask."""

from __future__ import annotations

from vendome.domains.stock.queries import shelf as stock
from vendome.kit import sql

# A refund that was asked for counts as given until its provider has refused it: what is on its way is not a mistake.
UNPAID_BUT_CONFIRMED = """
    SELECT o.number FROM orders_order o
    WHERE o.state IN ('CONFIRMED', 'COMPLETED')
      AND o.total_amount <> coalesce((SELECT sum(p.amount) FROM payments_payment p
                                      WHERE p.order_id = o.id AND (p.state IN ('CAPTURED', 'REFUNDED')
                                        OR (p.state = 'REQUESTED' AND p.refund_of_id IS NOT NULL))), 0)
    ORDER BY o.number LIMIT 100
"""
BOOKED_OTHERWISE = """
    SELECT o.number FROM orders_order o
    JOIN (SELECT order_id, sum(CASE 'receivable' WHEN debit THEN amount WHEN credit THEN -amount ELSE 0 END) AS owed
          FROM payments_posting GROUP BY 1) b ON b.order_id = o.id
    WHERE b.owed <> coalesce((SELECT sum(p.amount) FROM payments_payment p
                              WHERE p.order_id = o.id AND p.state = 'REQUESTED' AND p.refund_of_id IS NOT NULL), 0)
    ORDER BY o.number LIMIT 100
"""
RETURNED_OTHERWISE = """
    SELECT o.number FROM orders_orderline s JOIN orders_order o ON o.id = s.order_id
    LEFT JOIN LATERAL (SELECT sum(l.quantity) AS quantity, sum(l.amount) AS amount, sum(l.tax_amount) AS tax
                       FROM orders_orderline l WHERE l.returned_line_id = s.id) b ON true
    WHERE (s.credited_quantity > 0 OR b.quantity IS NOT NULL) AND o.source = ''
      AND (s.credited_quantity, s.returned_amount, s.returned_tax_amount)
          IS DISTINCT FROM (coalesce(b.quantity, 0), coalesce(b.amount, 0), coalesce(b.tax, 0))
    ORDER BY o.number LIMIT 100
"""


def list_problems() -> list[str]:
    """One sentence for each thing that disagrees; empty when all is well. At most a few hundred."""
    problems = [
        f"Reference {one.reference_id} at place {one.place_id}: {one.problem} ({one.expected} and {one.found})."
        for one in stock.list_disagreements()
    ]
    problems += [
        f"Order {number} is confirmed, but its payments do not add up to its total."
        for (number,) in sql.rows(UNPAID_BUT_CONFIRMED)
    ]
    problems += [
        f"Order {number} is booked, but what the client owed is not what she paid."
        for (number,) in sql.rows(BOOKED_OTHERWISE)
    ]
    problems += [
        f"Order {number} counts other returns of its pieces than its return documents do."
        for (number,) in sql.rows(RETURNED_OTHERWISE)
    ]
    return problems
