-- The payment of a rate that is due: the one that waits for its answer, else a new one. NULL when nothing is to be charged.
CREATE OR REPLACE FUNCTION flows_begin_instalment(rate uuid, at timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    i payments_instalment;
    first payments_payment;
    p payments_payment;
BEGIN
    SELECT * INTO i FROM payments_instalment WHERE id = rate;
    PERFORM FROM orders_order WHERE id = i.order_id FOR NO KEY UPDATE;
    SELECT * INTO i FROM payments_instalment WHERE id = rate AND state = 'DUE' AND next_at <= at FOR NO KEY UPDATE;
    IF i.id IS NULL OR NOT EXISTS (SELECT FROM orders_order o WHERE o.id = i.order_id AND o.state IN ('CONFIRMED', 'COMPLETED')) THEN
        RETURN NULL;
    END IF;
    SELECT * INTO first FROM payments_payment x WHERE x.order_id = i.order_id AND x.tender = 'CARD' AND x.state = 'CAPTURED'
        ORDER BY x.method = '', x.requested_at DESC, x.id LIMIT 1;
    SELECT * INTO p FROM payments_payment x WHERE x.id = i.payment_id AND x.state = 'REQUESTED';
    IF p.id IS NULL THEN
        INSERT INTO payments_payment (id, order_id, tender, provider, provider_reference, amount, currency, state, requested_at)
            VALUES (vendome_new_id(), i.order_id, 'CARD', coalesce(first.provider, ''), '', i.amount, i.currency, 'REQUESTED', at) RETURNING * INTO p;
        UPDATE payments_instalment SET payment_id = p.id, attempts = attempts + 1 WHERE id = rate;
    END IF;
    RETURN jsonb_build_object('payment', p.id, 'order', p.order_id, 'provider', p.provider, 'amount', p.amount, 'currency', p.currency,
                              'method', coalesce(first.method, ''));
END $$;

-- A rate was declined: it comes again after one, three and seven days, then somebody is told to decide.
CREATE OR REPLACE FUNCTION flows_fail_instalment(rate uuid, payment uuid, sentence text, at timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    i payments_instalment;
    o orders_order;
BEGIN
    SELECT * INTO o FROM orders_order x WHERE x.id = (SELECT y.order_id FROM payments_instalment y WHERE y.id = rate) FOR NO KEY UPDATE;
    UPDATE payments_payment SET state = 'FAILED', settled_at = at WHERE id = payment AND state = 'REQUESTED';
    UPDATE payments_instalment SET last_failure = sentence, state = CASE WHEN attempts >= 4 THEN 'FAILED' ELSE 'DUE' END,
            next_at = CASE WHEN attempts < 4 THEN at + make_interval(days => (ARRAY[1, 3, 7])[attempts]) END
        WHERE id = rate AND state = 'DUE' AND payment_id = payment RETURNING * INTO i;
    IF i.id IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM vendome_emit('payments.instalment_failed', 'order:' || o.id, o.maison_id, jsonb_build_object('order_id', o.id, 'instalment_id', rate,
        'amount', i.amount, 'currency', i.currency, 'attempts', i.attempts, 'is_given_up', i.state = 'FAILED'), 'SYSTEM', ARRAY['orders'],
        jsonb_build_object('order', o.id), at);
    RETURN i.state;
END $$;
