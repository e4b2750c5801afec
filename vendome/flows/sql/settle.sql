-- What an order's tenders have brought in, less what was given back of it.
CREATE OR REPLACE FUNCTION flows_paid(order_ uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(p.amount), 0)::bigint FROM payments_payment p WHERE p.order_id = order_ AND p.state IN ('CAPTURED', 'REFUNDED')
$$;

-- Books what an order is worth, the moment it is confirmed: the client owes it, the house has earned it and its tax.
CREATE OR REPLACE FUNCTION flows_book_revenue(order_ uuid, at timestamptz) RETURNS void LANGUAGE sql AS $$
    SELECT payments_post('receivable', 'sales:' || o.market_id, o.total_amount - o.tax_amount, o.currency, o.maison_id, o.id, NULL, at),
           payments_post('receivable', 'tax:' || o.market_id, o.tax_amount, o.currency, o.maison_id, o.id, NULL, at)
    FROM orders_order o WHERE o.id = order_
$$;

-- Books a tender that came in: against the client's debt, or as owed to her when the house has no claim to it (any more).
CREATE OR REPLACE FUNCTION flows_book_tender(payment uuid, against text, at timestamptz) RETURNS void LANGUAGE sql AS $$
    SELECT payments_post(payments_account(p.tender), against, p.amount, p.currency, o.maison_id, o.id, p.id, at)
    FROM payments_payment p JOIN orders_order o ON o.id = p.order_id WHERE p.id = payment
$$;

-- Both at once, for a document that one tender pays.
CREATE OR REPLACE FUNCTION flows_book_sale(order_ uuid, payment uuid, at timestamptz) RETURNS void LANGUAGE sql AS $$
    SELECT flows_book_revenue(order_, at);
    SELECT flows_book_tender(payment, 'receivable', at)
$$;

-- What is still to be paid before an order may leave the house; what she pays by instalments afterwards does not count.
CREATE OR REPLACE FUNCTION flows_missing(order_ uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT greatest(o.total_amount - o.credit_amount - flows_paid(o.id), 0) FROM orders_order o WHERE o.id = order_
$$;

-- Whether so much more would confirm an order: all of it, or what was agreed to be due first.
CREATE OR REPLACE FUNCTION flows_would_pay(order_ uuid, more bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT flows_paid(o.id) + more >= coalesce(o.due_amount, o.total_amount) FROM orders_order o WHERE o.id = order_
$$;

-- The holds of an order, found through its lines: holds themselves are only indexed while they are active.
CREATE OR REPLACE FUNCTION flows_holds_of(order_ uuid) RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT l.hold_id FROM orders_orderline l WHERE l.order_id = order_ AND l.hold_id IS NOT NULL)
$$;

-- The one way a payment settles, from the checkout page, a webhook or a retry; safe to repeat.
-- A genuine answer with another amount or currency changes nothing. Lock order: holds, order, payment.
CREATE OR REPLACE FUNCTION flows_settle_payment(
    payment uuid, captured boolean, reference text, amount_ bigint, currency_ text, actor text, at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    p payments_payment;
    o orders_order;
    its_holds uuid[];
    is_owed boolean := false;
    is_paid boolean;
    excess bigint;
BEGIN
    SELECT * INTO p FROM payments_payment WHERE id = payment AND refund_of_id IS NULL;
    IF p.id IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    PERFORM flows_lock_parcels(p.order_id);
    its_holds := flows_holds_of(p.order_id);
    IF flows_is_waiting_exchange(p.order_id) THEN
        SELECT * INTO p FROM payments_payment WHERE id = payment;  -- as it is now that its order's payments wait in one line
        PERFORM flows_lock_exchange(p.order_id, captured AND p.state IN ('REQUESTED', 'FAILED') AND flows_would_pay(p.order_id, p.amount), at);
    ELSIF NOT captured THEN
        PERFORM FROM stock_level l JOIN stock_hold h ON h.reference_id = l.reference_id AND h.place_id = l.place_id
            WHERE h.id = ANY (its_holds) ORDER BY l.place_id, l.reference_id FOR NO KEY UPDATE OF l;
    END IF;
    PERFORM FROM stock_hold WHERE id = ANY (its_holds) ORDER BY id FOR NO KEY UPDATE;
    SELECT * INTO o FROM orders_order WHERE id = p.order_id FOR NO KEY UPDATE;
    SELECT * INTO p FROM payments_payment WHERE id = payment FOR NO KEY UPDATE;
    -- Money that has come in stays in: only what was asked for may fail, and only what failed may still come.
    IF p.state <> 'REQUESTED' AND NOT (p.state = 'FAILED' AND captured) THEN
        RETURN jsonb_build_object('order', o.id, 'number', o.number, 'state', o.state, 'payment_state', p.state);
    END IF;
    IF captured AND (amount_ <> p.amount OR currency_ <> p.currency) THEN
        PERFORM vendome_fail('payments.wrong_amount', jsonb_build_object('payment_id', payment, 'expected', p.amount, 'reported', amount_));
    END IF;
    UPDATE payments_payment SET state = CASE WHEN captured THEN 'CAPTURED' ELSE 'FAILED' END, settled_at = at,
           provider_reference = coalesce(nullif(reference, ''), provider_reference) WHERE id = payment RETURNING * INTO p;
    IF captured THEN
        -- Paid after the order was given up, or beyond its total: the money is the client's and waits for its refund.
        excess := CASE WHEN o.state = 'CANCELLED' THEN p.amount ELSE least(p.amount, greatest(flows_paid(o.id) - o.total_amount, 0)) END;
        is_owed := excess > 0;
        PERFORM payments_post(payments_account(p.tender), 'receivable', p.amount - excess, p.currency, o.maison_id, o.id, p.id, at),
                payments_post(payments_account(p.tender), 'owed:clients', excess, p.currency, o.maison_id, o.id, p.id, at);
        UPDATE payments_paylink SET state = 'PAID' WHERE payment_id = p.id AND state = 'OPEN';
        UPDATE payments_instalment SET state = 'PAID', next_at = NULL WHERE payment_id = p.id AND state <> 'PAID';
        is_paid := o.state = 'AWAITING_PAYMENT' AND flows_would_pay(o.id, 0);
        IF is_paid AND NOT flows_complete_exchange(o.id, actor, at) THEN  -- its money goes back with everything else
            PERFORM flows_give_up(o.id, 'RELEASED', actor, 'what was to come back has moved on', at);
            SELECT * INTO o FROM orders_order WHERE id = o.id;
        ELSIF is_paid THEN
            UPDATE orders_order SET state = 'CONFIRMED' WHERE id = o.id RETURNING * INTO o;
            UPDATE stock_hold SET expires_at = NULL WHERE id = ANY (its_holds) AND state = 'ACTIVE';
            PERFORM flows_book_revenue(o.id, at);
            PERFORM flows_send_to_collection_places(o.id, actor, at);
            PERFORM flows_ask_for_what_is_gone(o.id, at);
        END IF;
        IF o.state = 'CONFIRMED' THEN
            PERFORM flows_prepare_parcels(o.id, at);
        END IF;
    ELSIF o.state = 'AWAITING_PAYMENT' THEN
        PERFORM flows_give_up(o.id, 'RELEASED', actor, 'payment declined', at);
        SELECT * INTO o FROM orders_order WHERE id = o.id;
    END IF;
    PERFORM vendome_audit(actor, 'payments.settle', 'order:' || o.id, o.maison_id,
                          jsonb_build_object('payment_id', p.id, 'state', p.state), at);
    PERFORM vendome_emit(CASE WHEN NOT captured THEN 'payments.payment_failed' WHEN is_owed THEN 'payments.refund_due'
                              ELSE 'payments.payment_captured' END,
        'order:' || o.id, o.maison_id, jsonb_build_object('order_id', o.id, 'payment_id', p.id, 'amount', p.amount, 'currency', p.currency),
        actor, ARRAY(SELECT DISTINCT 'place:' || l.place_id FROM orders_orderline l WHERE l.order_id = o.id) || ARRAY['orders'],
        jsonb_build_object('order', o.id, 'number', o.number), at);
    RETURN jsonb_build_object('order', o.id, 'number', o.number, 'state', o.state, 'payment_state', p.state);
END $$;

-- Gives back what came too late or beyond the total of its order, and no more than that. Fails with payments.refund_too_large.
CREATE OR REPLACE FUNCTION flows_give_back(payment uuid, maison uuid, at timestamptz) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    p payments_payment;
    owed bigint;
BEGIN
    SELECT * INTO p FROM payments_payment WHERE id = payment FOR NO KEY UPDATE;
    SELECT x.amount + coalesce((SELECT sum(r.amount) FROM payments_payment r
            WHERE r.refund_of_id = p.id AND r.order_id = p.order_id AND r.state <> 'FAILED'), 0) INTO owed
        FROM payments_posting x WHERE x.order_id = p.order_id AND x.payment_id = p.id AND x.maison_id = maison AND x.credit = 'owed:clients' LIMIT 1;
    IF owed IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    RETURN payments_request_refund(p.id, p.order_id, owed, at);
END $$;

-- An order that ends before it is paid gives back what some of its tenders brought in, and stops waiting for the others.
-- Cash and terminal refunds wait for a person; a gift card has its money at once.
CREATE OR REPLACE FUNCTION flows_release_tenders(order_ uuid, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p payments_payment;
BEGIN
    FOR p IN SELECT * FROM payments_payment WHERE order_id = order_ AND refund_of_id IS NULL AND amount > 0 ORDER BY id FOR NO KEY UPDATE LOOP
        IF p.state = 'REQUESTED' THEN
            UPDATE payments_payment SET state = 'FAILED', settled_at = at WHERE id = p.id;
        ELSIF p.state = 'CAPTURED' AND p.amount > p.refunded_amount THEN
            PERFORM payments_request_refund(p.id, order_, p.amount - p.refunded_amount, at);
        END IF;
    END LOOP;
    UPDATE payments_paylink SET state = 'CLOSED' WHERE state = 'OPEN' AND payment_id IN (SELECT x.id FROM payments_payment x WHERE x.order_id = order_);
    UPDATE payments_instalment SET state = 'CANCELLED', next_at = NULL WHERE order_id = order_ AND state IN ('DUE', 'FAILED');
END $$;

-- An unpaid order ends: its holds are freed, or set aside for her again as they were before it; its lines and itself are cancelled,
-- its tenders given back.
CREATE OR REPLACE FUNCTION flows_give_up(order_ uuid, ending text, actor text, reason text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    its_holds uuid[] := flows_holds_of(order_);
    h record;
BEGIN
    FOR h IN SELECT id FROM stock_hold WHERE id = ANY (its_holds) AND state = 'ACTIVE' ORDER BY place_id, reference_id, id LOOP
        IF stock_set_aside_again(h.id, order_, at) THEN
            UPDATE orders_orderline SET hold_id = NULL WHERE order_id = order_ AND hold_id = h.id;  -- it is no longer this order's
        ELSE
            PERFORM stock_end_hold(h.id, ending, actor, reason, at);
        END IF;
    END LOOP;
    UPDATE orders_orderline SET state = 'CANCELLED' WHERE order_id = order_ AND direction = 'OUT' AND state = 'HELD';
    PERFORM flows_forget_exchange(order_, actor, at);
    UPDATE orders_order SET state = 'CANCELLED' WHERE id = order_ AND state = 'AWAITING_PAYMENT';
    IF FOUND THEN
        PERFORM flows_release_tenders(order_, at);
    END IF;
    UPDATE orders_basket SET state = 'OPEN', order_id = NULL, updated_at = at
        WHERE order_id = order_ AND state = 'ORDERED' AND NOT EXISTS (
            SELECT FROM orders_basket other WHERE other.client_id = orders_basket.client_id
                AND other.market_id = orders_basket.market_id AND other.state = 'OPEN');
END $$;

-- Frees what has run out: single holds, whole orders that were not paid in time, and exchanges of which nothing is left to give.
-- Returns how many holds and such exchanges ended; of each no more than `most` in one round.
-- What cannot be ended (its books disagree, or somebody else has just ended it) is left, and the others end all the same.
CREATE OR REPLACE FUNCTION flows_expire_holds(at timestamptz, most integer DEFAULT 200) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    due record;
    ended integer := 0;
BEGIN
    FOR due IN
        (SELECT h.order_id, CASE WHEN h.order_id IS NULL THEN h.id END AS hold_id, count(*)::integer AS n FROM stock_hold h
         WHERE h.state = 'ACTIVE' AND h.expires_at <= at GROUP BY 1, 2 ORDER BY 1, 2 LIMIT most)
        UNION ALL
        SELECT x.document, NULL, 1 FROM flows_list_bare_exchanges(most, at) x
    LOOP
        BEGIN
            IF due.order_id IS NULL THEN
                ended := ended + stock_end_unordered(due.hold_id, 'EXPIRED', true, 'SYSTEM', 'time ran out', at)::integer;
            ELSIF flows_expire_order(due.order_id, at) THEN
                ended := ended + due.n;
            END IF;
        EXCEPTION WHEN integrity_constraint_violation OR SQLSTATE 'VD001' THEN
            RAISE WARNING 'hold % of order % could not be ended: %', due.hold_id, due.order_id, SQLERRM;
        END;
    END LOOP;
    RETURN ended;
END $$;

-- Gives an order up that was not paid in time; false when it was paid or given up meanwhile.
CREATE OR REPLACE FUNCTION flows_expire_order(order_ uuid, at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    its_holds uuid[] := flows_holds_of(order_);
    o orders_order;
BEGIN
    PERFORM FROM stock_level l JOIN stock_hold h ON h.reference_id = l.reference_id AND h.place_id = l.place_id
        WHERE h.id = ANY (its_holds) ORDER BY l.place_id, l.reference_id FOR NO KEY UPDATE OF l;
    PERFORM FROM stock_hold WHERE id = ANY (its_holds) ORDER BY id FOR NO KEY UPDATE;
    SELECT * INTO o FROM orders_order WHERE id = order_ FOR NO KEY UPDATE;
    IF o.state <> 'AWAITING_PAYMENT' THEN
        RETURN false;
    END IF;
    PERFORM flows_give_up(o.id, 'EXPIRED', 'SYSTEM', 'not paid in time', at);
    PERFORM vendome_emit('orders.order_expired', 'order:' || o.id, o.maison_id, jsonb_build_object('order_id', o.id),
                         'SYSTEM', ARRAY['orders'], jsonb_build_object('order', o.id), at);
    RETURN true;
END $$;
