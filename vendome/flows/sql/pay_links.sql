-- Opens a link for the card tender that waits, or asks for one: all that is missing, or `amount_` of it. An older link of the
-- same tender ends; the holds of an unpaid order last as long as the link. Where she opens her own page (`is_own`) that ends an hour
-- after she ordered, however often she opens it: nobody keeps a piece from others by looking at the bill. What an exchange keeps it
-- keeps no longer for that. Lock order: holds, order, payment.
DROP FUNCTION IF EXISTS flows_open_link(text, text, bytea, uuid, bigint, text, bytea, timestamptz, uuid, text, timestamptz);
CREATE OR REPLACE FUNCTION flows_open_link(
    scope text, key text, hash bytea, order_ uuid, amount_ bigint, provider_ text, token bytea, until timestamptz,
    is_own boolean, maison uuid, actor text, at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(scope, key, hash);
    its_holds uuid[];
    o orders_order;
    p payments_payment;
    link uuid := vendome_new_id();
    fresh jsonb;
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    PERFORM flows_lock_parcels(order_);
    its_holds := flows_holds_of(order_);
    PERFORM FROM stock_hold WHERE id = ANY (its_holds) ORDER BY id FOR NO KEY UPDATE;
    SELECT * INTO o FROM orders_order WHERE id = order_ AND maison_id = maison FOR NO KEY UPDATE;
    IF o.id IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    ELSIF o.state = 'CANCELLED' THEN
        PERFORM vendome_fail('orders.given_up');
    END IF;
    SELECT * INTO p FROM payments_payment x WHERE x.order_id = order_ AND x.state = 'REQUESTED' AND x.tender = 'CARD' AND x.refund_of_id IS NULL
        AND x.provider = provider_ AND (amount_ IS NULL OR x.amount = amount_) ORDER BY x.requested_at, x.id LIMIT 1 FOR NO KEY UPDATE;
    IF p.id IS NULL THEN
        fresh := flows_add_tender(scope, key || ':tender', hash, order_,
            jsonb_strip_nulls(jsonb_build_object('tender', 'CARD', 'provider', provider_, 'amount', amount_)), maison, actor, at);
        SELECT * INTO p FROM payments_payment x WHERE x.id = (fresh->>'payment')::uuid;
    END IF;
    IF is_own AND o.state = 'AWAITING_PAYMENT' THEN
        SELECT least(until, greatest(min(h.expires_at), CASE WHEN NOT flows_is_waiting_exchange(order_) THEN o.placed_at + interval '1 hour' END))
            INTO until FROM stock_hold h WHERE h.id = ANY (its_holds) AND h.state = 'ACTIVE';
        IF until <= at THEN
            PERFORM vendome_fail('orders.given_up');
        END IF;
    END IF;
    IF o.state = 'AWAITING_PAYMENT' THEN
        UPDATE stock_hold SET expires_at = greatest(expires_at, until) WHERE id = ANY (its_holds) AND state = 'ACTIVE' AND expires_at IS NOT NULL;
    END IF;
    UPDATE payments_paylink SET state = 'CLOSED' WHERE payment_id = p.id AND state = 'OPEN';
    INSERT INTO payments_paylink (id, payment_id, token_hash, state, expires_at, created_at, created_by)
        VALUES (link, p.id, token, 'OPEN', until, at, actor);
    PERFORM vendome_audit(actor, 'payments.link', 'order:' || order_, maison,
                          jsonb_build_object('payment_id', p.id, 'link_id', link, 'amount', p.amount), at);
    PERFORM vendome_emit('payments.link_made', 'order:' || order_, maison, jsonb_build_object('order_id', order_, 'payment_id', p.id,
        'amount', p.amount, 'currency', p.currency), actor, ARRAY['orders'], jsonb_build_object('order', order_, 'number', o.number), at);
    answer := jsonb_build_object('link', link, 'payment', p.id, 'amount', p.amount, 'currency', p.currency, 'expires_at', until,
                                 'hash', encode(token, 'hex'));
    PERFORM vendome_once_answer(scope, key, answer);
    RETURN answer;
END $$;

-- Her first look at it, told to whoever watches the order.
CREATE OR REPLACE FUNCTION flows_note_link_opened(link uuid, actor text, at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    o record;
BEGIN
    UPDATE payments_paylink SET opened_at = at WHERE id = link AND opened_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    SELECT x.id, x.maison_id, x.number INTO o FROM payments_paylink l JOIN payments_payment p ON p.id = l.payment_id
        JOIN orders_order x ON x.id = p.order_id WHERE l.id = link;
    PERFORM vendome_emit('payments.link_opened', 'order:' || o.id, o.maison_id, jsonb_build_object('order_id', o.id), actor,
                         ARRAY['orders'], jsonb_build_object('order', o.id, 'number', o.number), at);
    RETURN true;
END $$;
