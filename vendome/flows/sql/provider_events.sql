-- Each event of a provider counts once: the first to come takes a lock on its id and writes it down when it is done.
CREATE OR REPLACE FUNCTION flows_event_is_new(provider_ text, event text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('payments.event:' || provider_ || ':' || event, 0));
    RETURN NOT EXISTS (SELECT FROM payments_providerevent e WHERE e.provider = provider_ AND e.event_id = event);
END $$;

-- Writes down what became of an event, and raises the alarm when a genuine one did not fit.
CREATE OR REPLACE FUNCTION flows_event_done(provider_ text, event text, kind text, payment uuid, outcome text, at timestamptz) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    maison uuid := (SELECT o.maison_id FROM payments_payment p JOIN orders_order o ON o.id = p.order_id WHERE p.id = payment);
BEGIN
    INSERT INTO payments_providerevent (provider, event_id, kind, received_at, payment_id, outcome) VALUES (provider_, event, kind, at, payment, outcome);
    IF outcome NOT IN ('SETTLED', 'NOTED') THEN
        PERFORM vendome_audit('SYSTEM', 'payments.event_refused', 'event:' || provider_ || ':' || event, maison,
                              jsonb_build_object('kind', kind, 'outcome', outcome, 'payment_id', payment), at);
        PERFORM vendome_emit('payments.event_refused', 'event:' || provider_ || ':' || event, maison,
            jsonb_build_object('provider', provider_, 'event_id', event, 'kind', kind, 'outcome', outcome, 'payment_id', payment), 'SYSTEM',
            ARRAY['orders'], NULL, at);
    END IF;
    RETURN outcome;
END $$;

CREATE OR REPLACE FUNCTION flows_note_event(provider_ text, event text, kind text, outcome text, at timestamptz) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF NOT flows_event_is_new(provider_, event) THEN
        RETURN 'SEEN';
    END IF;
    RETURN flows_event_done(provider_, event, kind, NULL, outcome, at);
END $$;

-- A payment was taken, or given up for good. What does not fit changes nothing: a payment of another provider or order, a second
-- capture of the same payment, another amount or currency (flows_settle_payment), a reference that settled something else.
CREATE OR REPLACE FUNCTION flows_take_event(
    provider_ text, event text, kind text, payment uuid, order_ uuid, captured boolean, reference text, amount_ bigint, currency_ text,
    method_ text, at timestamptz
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    p payments_payment;
    outcome text := 'SETTLED';
BEGIN
    IF NOT flows_event_is_new(provider_, event) THEN
        RETURN 'SEEN';
    END IF;
    SELECT * INTO p FROM payments_payment x WHERE x.id = payment AND x.provider = provider_ AND x.refund_of_id IS NULL;
    IF p.id IS NULL THEN
        outcome := CASE WHEN payment IS NULL THEN 'NOTED' ELSE 'UNKNOWN_PAYMENT' END;
    ELSIF p.order_id IS DISTINCT FROM order_ THEN
        outcome := 'OTHER_ORDER';
    ELSIF captured AND reference = '' THEN
        outcome := 'NO_REFERENCE';
    ELSIF captured AND p.state = 'CAPTURED' AND p.provider_reference <> reference THEN
        outcome := 'PAID_TWICE';
    ELSE
        BEGIN
            PERFORM flows_settle_payment(payment, captured, CASE WHEN captured THEN reference ELSE '' END, amount_, currency_, 'SYSTEM', at);
            IF method_ <> '' THEN
                UPDATE payments_payment SET method = method_ WHERE id = payment AND method = '';
            END IF;
        EXCEPTION
            WHEN SQLSTATE 'VD001' THEN outcome := SQLERRM;
            WHEN unique_violation THEN outcome := 'REFERENCE_USED';
        END;
    END IF;
    RETURN flows_event_done(provider_, event, kind, p.id, outcome, at);
END $$;

CREATE OR REPLACE FUNCTION flows_take_refund_event(
    provider_ text, event text, kind text, refund uuid, succeeded boolean, reference text, amount_ bigint, currency_ text, at timestamptz
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    r payments_payment;
    outcome text := 'SETTLED';
BEGIN
    IF NOT flows_event_is_new(provider_, event) THEN
        RETURN 'SEEN';
    END IF;
    SELECT * INTO r FROM payments_payment x WHERE x.id = refund AND x.provider = provider_ AND x.refund_of_id IS NOT NULL;
    IF r.id IS NULL THEN
        outcome := 'UNKNOWN_PAYMENT';
    ELSIF -r.amount <> amount_ OR r.currency <> currency_ THEN
        outcome := 'payments.wrong_amount';
    ELSIF r.state = 'REFUNDED' AND NOT succeeded THEN
        outcome := 'REFUND_CAME_BACK';  -- the bank sent it back after all: a person decides how she gets her money
    ELSE
        BEGIN
            PERFORM payments_settle_refund(refund, succeeded, reference, at);
        EXCEPTION WHEN unique_violation THEN outcome := 'REFERENCE_USED';
        END;
    END IF;
    RETURN flows_event_done(provider_, event, kind, r.id, outcome, at);
END $$;

-- A dispute takes money away until it is decided; the account `disputes` holds it meanwhile.
CREATE OR REPLACE FUNCTION flows_take_dispute(
    provider_ text, event text, kind text, reference text, payment_reference text, amount_ bigint, currency_ text, reason_ text, state_ text,
    answer timestamptz, at timestamptz
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    p payments_payment;
    o orders_order;
    d payments_dispute;
BEGIN
    IF NOT flows_event_is_new(provider_, event) THEN
        RETURN 'SEEN';
    END IF;
    SELECT * INTO p FROM payments_payment x WHERE x.provider = provider_ AND x.provider_reference = payment_reference AND x.refund_of_id IS NULL
        AND payment_reference <> '';
    SELECT * INTO o FROM orders_order x WHERE x.id = p.order_id;
    IF p.id IS NULL OR p.currency <> currency_ OR amount_ > p.amount THEN
        RETURN flows_event_done(provider_, event, kind, p.id, CASE WHEN p.id IS NULL THEN 'UNKNOWN_PAYMENT' ELSE 'payments.wrong_amount' END, at);
    END IF;
    INSERT INTO payments_dispute (id, payment_id, provider_reference, amount, currency, reason, state, opened_at, answer_by)
        VALUES (vendome_new_id(), p.id, reference, amount_, currency_, reason_, 'OPEN', at, answer)
        ON CONFLICT (provider_reference) DO NOTHING RETURNING * INTO d;
    IF d.id IS NOT NULL THEN
        PERFORM payments_post('disputes', payments_account(p.tender), d.amount, d.currency, o.maison_id, o.id, p.id, at);
    END IF;
    UPDATE payments_dispute SET state = state_, closed_at = at WHERE provider_reference = reference AND state = 'OPEN' AND state_ IN ('WON', 'LOST')
        RETURNING * INTO d;
    IF FOUND THEN
        PERFORM payments_post(CASE state_ WHEN 'WON' THEN payments_account(p.tender) ELSE 'expense:disputes' END, 'disputes', d.amount, d.currency,
                              o.maison_id, o.id, p.id, at);
    END IF;
    PERFORM vendome_emit('payments.disputed', 'order:' || o.id, o.maison_id, jsonb_build_object('order_id', o.id, 'payment_id', p.id,
        'amount', amount_, 'currency', currency_, 'reason', reason_, 'state', state_, 'answer_by', answer), 'SYSTEM', ARRAY['orders'],
        jsonb_build_object('order', o.id), at);
    RETURN flows_event_done(provider_, event, kind, p.id, 'SETTLED', at);
END $$;

CREATE OR REPLACE FUNCTION flows_take_page_end(provider_ text, event text, kind text, reference text, at timestamptz) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT flows_event_is_new(provider_, event) THEN
        RETURN 'SEEN';
    END IF;
    UPDATE payments_paylink SET page_url = '', page_reference = '' WHERE page_reference = reference AND state = 'OPEN';
    RETURN flows_event_done(provider_, event, kind, NULL, 'NOTED', at);
END $$;
