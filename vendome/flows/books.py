"""Do the books agree? Stock by its ledger, money by its orders. Read only; the nightly job and a command ask."""

from __future__ import annotations

from vendome.domains.stock.queries import shelf as stock
from vendome.kit import sql

# A refund that was asked for counts as given until its provider has refused it: what is on its way is not a mistake.
UNPAID_BUT_CONFIRMED = """
    SELECT o.number FROM orders_order o
    CROSS JOIN LATERAL (SELECT coalesce(sum(CASE WHEN w.amount IS NULL THEN p.amount
                                          WHEN p.refund_of_id IS NULL THEN p.amount - w.amount ELSE 0 END), 0) AS amount
                        FROM payments_payment p
                        LEFT JOIN LATERAL (SELECT x.amount FROM payments_posting x WHERE x.credit = 'owed:clients'
                                           AND x.order_id = o.id AND x.payment_id = coalesce(p.refund_of_id, p.id)
                                           LIMIT 1) w ON true
                        WHERE p.order_id = o.id AND (p.state IN ('CAPTURED', 'REFUNDED')
                          OR (p.state = 'REQUESTED' AND p.refund_of_id IS NOT NULL))) paid
    WHERE o.state IN ('CONFIRMED', 'COMPLETED')
      AND CASE WHEN o.total_amount < 0 THEN paid.amount <> o.total_amount
               WHEN o.state = 'CONFIRMED' THEN paid.amount NOT BETWEEN coalesce(o.due_amount, o.total_amount)
               AND o.total_amount
               ELSE paid.amount NOT BETWEEN o.total_amount - o.credit_amount AND o.total_amount END
    ORDER BY o.number LIMIT 100
"""
"""A confirmed order has at least what was due, a completed one all but what she pays by instalments; never more."""
BOOKED_OTHERWISE = """
    SELECT o.number FROM orders_order o
    JOIN (SELECT order_id, sum(CASE WHEN debit IN ('receivable', 'owed:clients') THEN amount ELSE 0 END)
                         - sum(CASE WHEN credit IN ('receivable', 'owed:clients') THEN amount ELSE 0 END) AS owed
          FROM payments_posting GROUP BY 1) b ON b.order_id = o.id
    WHERE b.owed <> CASE WHEN o.state IN ('CONFIRMED', 'COMPLETED') OR EXISTS (
            SELECT FROM orders_orderline l WHERE l.order_id = o.id AND l.credited_quantity > 0)  -- cancelled, paid
        THEN o.total_amount ELSE 0 END - flows_paid(o.id)
    ORDER BY o.number LIMIT 100
"""
"""One rule for every order: what it is worth, once confirmed, less what its tenders brought in, is what its accounts
say."""
CARDS_OTHERWISE = """
    SELECT coalesce(c.currency, b.currency)
    FROM (SELECT maison_id, currency, payments_account(kind) AS account, sum(balance) AS amount
          FROM payments_giftcard GROUP BY 1, 2, 3) c
    FULL JOIN (SELECT p.maison_id, p.currency, a.account,
                      sum(CASE WHEN p.credit = a.account THEN p.amount ELSE -p.amount END) AS amount
               FROM payments_posting p
               JOIN (VALUES ('liability:gift_cards'), ('liability:credit_notes')) a (account)
                 ON a.account IN (p.debit, p.credit) GROUP BY 1, 2, 3) b
      ON b.maison_id = c.maison_id AND b.currency = c.currency AND b.account = c.account
    WHERE coalesce(c.amount, 0) <> coalesce(b.amount, 0)
    UNION ALL
    SELECT c.ending FROM payments_giftcard c
    WHERE c.balance <> (SELECT coalesce(sum(e.amount), 0) FROM payments_giftcardentry e WHERE e.card_id = c.id)
"""
RETURNED_OTHERWISE = """
    SELECT o.number FROM orders_orderline s JOIN orders_order o ON o.id = s.order_id
    LEFT JOIN LATERAL (SELECT sum(l.quantity) AS quantity, sum(l.amount) AS amount, sum(l.tax_amount) AS tax
                       FROM orders_orderline l
                       WHERE l.returned_line_id = s.id AND l.state NOT IN ('HELD', 'WITHDRAWN')) b ON true
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
        f"Gift cards and credit notes ({name}): balances, the cards' own ledger and the house's liability do not agree."
        for (name,) in sql.rows(CARDS_OTHERWISE)
    ]
    problems += [
        f"Order {number} counts other returns of its pieces than its return documents do."
        for (number,) in sql.rows(RETURNED_OTHERWISE)
    ]
    return problems
