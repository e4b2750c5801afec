-- Writes a refund of one tender, under the payment's lock and before any provider hears of it (hard rule 7). `order_` is the
-- document it settles: the return, the exchange, or the order itself when it is cancelled. Returns the refund, a payment
-- with a negative amount, REQUESTED until payments_settle_refund. A gift card or credit note has its money back at once: nobody is
-- asked. `note`: the credit note that is given instead of the money.
-- Fails with payments.refund_too_large.
DROP FUNCTION IF EXISTS payments_request_refund(uuid, uuid, bigint, timestamptz);
DROP FUNCTION IF EXISTS payments_request_refund(uuid, uuid, bigint, timestamptz, boolean);
CREATE OR REPLACE FUNCTION payments_request_refund(payment uuid, order_ uuid, amount_ bigint, at timestamptz, note uuid DEFAULT NULL) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    refund uuid := vendome_new_id();
    p payments_payment;
BEGIN
    UPDATE payments_payment SET refunded_amount = refunded_amount + amount_
        WHERE id = payment AND state = 'CAPTURED' AND amount_ > 0 AND refunded_amount + amount_ <= amount RETURNING * INTO p;
    IF p.id IS NULL THEN
        PERFORM vendome_fail('payments.refund_too_large', jsonb_build_object('payment_id', payment, 'amount', amount_));
    END IF;
    INSERT INTO payments_payment (id, order_id, tender, provider, provider_reference, amount, currency, state, requested_at, refund_of_id,
                                  gift_card_id)
        VALUES (refund, order_, CASE WHEN note IS NULL THEN p.tender ELSE 'CREDIT_NOTE' END, CASE WHEN note IS NULL THEN p.provider ELSE 'house' END, '',
                -amount_, p.currency, 'REQUESTED', at, payment, coalesce(note, p.gift_card_id));
    IF note IS NOT NULL OR payments_is_stored(p.tender) THEN
        PERFORM payments_settle_refund(refund, true, '', at);
    END IF;
    RETURN refund;
END $$;

-- What became of a refund, from whichever way the answer came; safe to repeat. A refund that failed gives its room back.
-- Returns the state it is in now.
CREATE OR REPLACE FUNCTION payments_settle_refund(refund uuid, succeeded boolean, reference text, at timestamptz) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    r payments_payment;
    maison uuid;
    owed_at text;
BEGIN
    SELECT * INTO r FROM payments_payment WHERE id = refund AND refund_of_id IS NOT NULL;
    IF r.id IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    PERFORM FROM payments_payment WHERE id IN (refund, r.refund_of_id) ORDER BY id FOR NO KEY UPDATE;
    UPDATE payments_payment SET state = CASE WHEN succeeded THEN 'REFUNDED' ELSE 'FAILED' END, settled_at = at,
                                provider_reference = reference
        WHERE id = refund AND state = 'REQUESTED' RETURNING * INTO r;
    IF NOT FOUND THEN
        RETURN (SELECT state FROM payments_payment WHERE id = refund);
    END IF;
    SELECT o.maison_id INTO maison FROM orders_order o WHERE o.id = r.order_id;
    IF succeeded THEN
        -- Money that came too late stood as owed to the client; giving it back ends that debt, not one she has.
        SELECT x.credit INTO owed_at FROM payments_posting x
            WHERE x.order_id = r.order_id AND x.payment_id = r.refund_of_id AND x.credit = 'owed:clients' LIMIT 1;
        PERFORM payments_post(coalesce(owed_at, 'receivable'), payments_account(r.tender), -r.amount, r.currency, maison, r.order_id, r.id, at);
        IF payments_is_stored(r.tender) THEN
            PERFORM payments_refill_gift_card(r.gift_card_id, -r.amount, r.id, r.order_id, at);
        END IF;
    ELSE
        UPDATE payments_payment SET refunded_amount = refunded_amount + r.amount WHERE id = r.refund_of_id;
    END IF;
    PERFORM vendome_emit(CASE WHEN succeeded THEN 'payments.refunded' ELSE 'payments.refund_failed' END, 'order:' || r.order_id, maison,
        jsonb_build_object('order_id', r.order_id, 'refund_id', r.id, 'payment_id', r.refund_of_id, 'amount', -r.amount, 'currency', r.currency),
        'SYSTEM', ARRAY['orders'], jsonb_build_object('order', r.order_id), at);
    RETURN r.state;
END $$;
