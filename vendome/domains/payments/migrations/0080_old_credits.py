"""What earlier versions gave back as credit had no code that opens it. It becomes a credit note whose code nobody has seen:
a manager gives it a new one from the page of its return, as for one that was lost."""

from django.db import migrations

MAKE_CREDIT_NOTES = """
    WITH old AS (
        SELECT p.id, p.order_id, o.maison_id, p.currency, -p.amount AS amount, p.state, coalesce(p.settled_at, p.requested_at) AS at,
               sum(-p.amount) OVER (PARTITION BY p.order_id ORDER BY p.requested_at, p.id) AS so_far
        FROM payments_payment p JOIN orders_order o ON o.id = p.order_id
        WHERE p.tender = 'CREDIT' AND p.provider = 'credit_note' AND p.refund_of_id IS NOT NULL AND p.state IN ('REQUESTED', 'REFUNDED')
    ), card AS (
        INSERT INTO payments_giftcard (id, kind, maison_id, code_hash, ending, currency, face_amount, balance, state, issued_at, issued_by, order_id)
        SELECT gen_random_uuid(), 'CREDIT_NOTE', maison_id, sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')),
               '····', currency, sum(amount), sum(amount), 'ACTIVE', min(at), 'SYSTEM', order_id
        FROM old GROUP BY order_id, maison_id, currency RETURNING id, order_id
    ), entry AS (
        INSERT INTO payments_giftcardentry (id, card_id, at, amount, balance_after, reason, payment_id, order_id, actor)
        SELECT gen_random_uuid(), c.id, o.at, o.amount, o.so_far, 'refunded', o.id, o.order_id, 'SYSTEM' FROM old o JOIN card c USING (order_id)
    ), posting AS (
        INSERT INTO payments_posting (id, at, maison_id, debit, credit, amount, currency, order_id, payment_id)
        SELECT gen_random_uuid(), o.at, o.maison_id, CASE o.state WHEN 'REFUNDED' THEN 'tender:credit' ELSE 'receivable' END,
               'liability:credit_notes', o.amount, o.currency, o.order_id, o.id FROM old o
    )
    UPDATE payments_payment p SET tender = 'CREDIT_NOTE', provider = 'house', gift_card_id = c.id, state = 'REFUNDED', settled_at = o.at
    FROM old o JOIN card c USING (order_id) WHERE p.id = o.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0051_returns_whole"),
        ("payments", "0060_dated_offers"),
    ]

    operations = [migrations.RunSQL(MAKE_CREDIT_NOTES, migrations.RunSQL.noop)]
