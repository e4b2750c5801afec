-- Whether everything that is due now is in the till already, or comes out of a gift card or credit note in the same breath.
CREATE OR REPLACE FUNCTION flows_tenders_settled(tenders jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT bool_and(coalesce((t->>'settled')::boolean, false) OR payments_is_stored(t->>'tender')) FROM jsonb_array_elements(tenders) t
$$;

-- What is due to confirm an order: all of it, the deposit that was agreed, or the first rate of a plan.
CREATE OR REPLACE FUNCTION flows_due(o jsonb, total bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    rates integer := (o->'plan'->>'count')::integer;
    due bigint := coalesce((o->>'due')::bigint, total);
BEGIN
    IF rates IS NOT NULL THEN
        IF total < (o->'plan'->>'from')::bigint OR total < rates THEN
            PERFORM vendome_fail('payments.instalments_not_offered', jsonb_build_object('from_amount', (o->'plan'->>'from')::bigint));
        END IF;
        RETURN total - (total / rates) * (rates - 1);
    END IF;
    IF due < 1 OR due > total OR (due < total AND due * 10000 < total * (o->>'deposit_bp')::bigint) THEN
        PERFORM vendome_fail('payments.deposit_out_of_range', jsonb_build_object('total_amount', total,
            'least_amount', (total * coalesce((o->>'deposit_bp')::bigint, 1) + 9999) / 10000));
    END IF;
    RETURN due;
END $$;

-- Two orders that are paid by the same two cards take them in the same order.
CREATE OR REPLACE FUNCTION flows_lock_cards(cards uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM payments_giftcard g WHERE g.id = ANY (cards) ORDER BY g.id FOR NO KEY UPDATE;
END $$;

-- Writes the tenders of an order. One of them may leave its amount open and takes the rest; together they are what is due.
-- What is in the till, and what a gift card gives, is captured and booked at once. Fails with payments.tender_short.
CREATE OR REPLACE FUNCTION flows_write_tenders(
    order_ uuid, tenders jsonb, due bigint, currency_ text, maison uuid, actor text, at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    stated bigint;
    open_ integer;
    t jsonb;
    payment uuid;
    amount_ bigint;
    instant boolean;
    written jsonb := '[]';
BEGIN
    SELECT coalesce(sum((x->>'amount')::bigint), 0), count(*) FILTER (WHERE x->>'amount' IS NULL) INTO stated, open_
        FROM jsonb_array_elements(tenders) x;
    IF open_ > 1 OR (open_ = 0 AND stated <> due) OR (open_ = 1 AND stated >= due)
       OR EXISTS (SELECT FROM jsonb_array_elements(tenders) x WHERE (x->>'amount')::bigint <= 0) THEN
        PERFORM vendome_fail('payments.tender_short', jsonb_build_object('due_amount', due, 'tendered_amount', stated));
    END IF;
    IF EXISTS (SELECT FROM jsonb_array_elements(tenders) x WHERE x ? 'card') THEN
        PERFORM flows_lock_cards(ARRAY(SELECT (x->>'card')::uuid FROM jsonb_array_elements(tenders) x WHERE x ? 'card'));
    END IF;
    FOR t IN SELECT x FROM jsonb_array_elements(tenders) WITH ORDINALITY y (x, n) ORDER BY n LOOP
        payment := vendome_new_id();
        amount_ := coalesce((t->>'amount')::bigint, due - stated);
        instant := coalesce((t->>'settled')::boolean, false) OR payments_is_stored(t->>'tender');
        INSERT INTO payments_payment (id, order_id, tender, provider, provider_reference, amount, currency, state, requested_at, settled_at, gift_card_id)
            VALUES (payment, order_, t->>'tender', t->>'provider', coalesce(t->>'reference', ''), amount_, currency_,
                    CASE WHEN instant THEN 'CAPTURED' ELSE 'REQUESTED' END, at, CASE WHEN instant THEN at END, (t->>'card')::uuid);
        IF payments_is_stored(t->>'tender') THEN
            PERFORM payments_require_code((t->>'card')::uuid, t->>'code');
            PERFORM payments_spend_gift_card((t->>'card')::uuid, amount_, payment, order_, maison, currency_, at::date, actor, at);
        END IF;
        IF instant THEN
            PERFORM flows_book_tender(payment, 'receivable', at);
        END IF;
        written := written || jsonb_build_object('id', payment, 'tender', t->>'tender', 'provider', t->>'provider', 'amount', amount_,
                                                 'state', CASE WHEN instant THEN 'CAPTURED' ELSE 'REQUESTED' END);
    END LOOP;
    RETURN written;
END $$;

-- The tender that waits to be charged; where none does, the first of them.
CREATE OR REPLACE FUNCTION flows_first_open(paid jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT x->>'id' FROM jsonb_array_elements(paid) WITH ORDINALITY y (x, n)
    ORDER BY x->>'state' = 'REQUESTED' AND x->>'tender' = 'CARD' DESC, x->>'state' = 'REQUESTED' DESC, n LIMIT 1
$$;

-- The rates of a plan after the first, a month apart, equal; the first took what does not divide.
CREATE OR REPLACE FUNCTION flows_write_plan(order_ uuid, rates integer, total bigint, currency_ text, at timestamptz) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO payments_instalment (id, order_id, position, due_date, amount, currency, state, attempts, next_at, last_failure)
    SELECT vendome_new_id(), order_, n + 1, (at + make_interval(months => n))::date, total / rates, currency_, 'DUE', 0,
           at + make_interval(months => n), ''
    FROM generate_series(1, rates - 1) n
$$;

-- What nobody has paid or been asked for. What was asked for and has not come counts: two links for the same money would both be
-- paid one day.
CREATE OR REPLACE FUNCTION flows_open(order_ uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT o.total_amount - coalesce((SELECT sum(p.amount) FROM payments_payment p WHERE p.order_id = o.id
               AND (p.state IN ('CAPTURED', 'REFUNDED') OR (p.state = 'REQUESTED' AND p.refund_of_id IS NULL))), 0)::bigint
    FROM orders_order o WHERE o.id = order_
$$;

-- A further tender for an order that is not paid in full: the rest of a deposit, a link, another card after a decline.
-- Amount NULL: all that is missing. Settles at once what is in the till or on a gift card; the same key and body, the same answer.
-- Lock order: holds (flows_settle_payment), order, payment.
CREATE OR REPLACE FUNCTION flows_add_tender(
    scope text, key text, hash bytea, order_ uuid, t jsonb, maison uuid, actor text, at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(scope, key, hash);
    o orders_order;
    open_ bigint;
    amount_ bigint := (t->>'amount')::bigint;
    payment uuid := vendome_new_id();
    is_card boolean := payments_is_stored(t->>'tender');
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    PERFORM flows_lock_parcels(order_);
    IF (is_card OR coalesce((t->>'settled')::boolean, false)) AND flows_is_waiting_exchange(order_) THEN
        amount_ := coalesce(amount_, flows_open(order_));
        PERFORM flows_lock_exchange(order_, flows_would_pay(order_, amount_), at);
    END IF;
    PERFORM FROM stock_hold WHERE id = ANY (flows_holds_of(order_)) ORDER BY id FOR NO KEY UPDATE;
    SELECT * INTO o FROM orders_order WHERE id = order_ AND maison_id = maison FOR NO KEY UPDATE;
    IF o.id IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    ELSIF o.state = 'CANCELLED' THEN
        PERFORM vendome_fail('orders.given_up');
    END IF;
    open_ := flows_open(order_);
    amount_ := coalesce(amount_, open_);
    IF amount_ < 1 OR amount_ > open_ THEN
        PERFORM vendome_fail('payments.nothing_to_pay', jsonb_build_object('open_amount', greatest(open_, 0), 'currency', o.currency));
    END IF;
    INSERT INTO payments_payment (id, order_id, tender, provider, provider_reference, amount, currency, state, requested_at, gift_card_id)
        VALUES (payment, order_, t->>'tender', t->>'provider', '', amount_, o.currency, 'REQUESTED', at, (t->>'card')::uuid);
    IF is_card THEN
        PERFORM payments_require_code((t->>'card')::uuid, t->>'code');
        PERFORM payments_spend_gift_card((t->>'card')::uuid, amount_, payment, order_, maison, o.currency, at::date, actor, at);
    END IF;
    IF is_card OR coalesce((t->>'settled')::boolean, false) THEN
        PERFORM flows_settle_payment(payment, true, coalesce(t->>'reference', ''), amount_, o.currency, actor, at);
    END IF;
    PERFORM vendome_audit(actor, 'payments.add_tender', 'order:' || order_, maison,
                          jsonb_build_object('payment_id', payment, 'tender', t->>'tender', 'amount', amount_), at);
    answer := jsonb_build_object('payment', payment, 'order', order_, 'amount', amount_, 'currency', o.currency,
        'state', (SELECT p.state FROM payments_payment p WHERE p.id = payment),
        'missing_amount', flows_missing(order_));
    PERFORM vendome_once_answer(scope, key, answer);
    RETURN answer;
END $$;

-- Stops waiting for a tender that nobody will pay now (a link withdrawn, a transfer given up for a card); the order waits on.
CREATE OR REPLACE FUNCTION flows_drop_tender(payment uuid, maison uuid, actor text, at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    p payments_payment;
BEGIN
    UPDATE payments_payment SET state = 'FAILED', settled_at = at
        WHERE id = payment AND state = 'REQUESTED' AND refund_of_id IS NULL
          AND order_id IN (SELECT o.id FROM orders_order o WHERE o.maison_id = maison) RETURNING * INTO p;
    IF p.id IS NULL THEN
        RETURN false;
    END IF;
    UPDATE payments_paylink SET state = 'CLOSED' WHERE payment_id = payment AND state = 'OPEN';
    PERFORM vendome_audit(actor, 'payments.drop_tender', 'order:' || p.order_id, maison, jsonb_build_object('payment_id', payment), at);
    RETURN true;
END $$;
