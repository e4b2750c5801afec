-- What goes another way than promised waits for a person, with its value and its age; nothing is ever nowhere.

-- Raises one, unless the same is open already; returns the open one.
CREATE OR REPLACE FUNCTION flows_raise_exception(
    kind_ text, order_ uuid, line uuid, parcel uuid, place uuid, reason_ text, note_ text, amount_ bigint, actor text, at timestamptz
) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    made uuid := vendome_new_id();
    o orders_order;
BEGIN
    SELECT * INTO o FROM orders_order WHERE id = order_;
    INSERT INTO fulfilment_orderexception (id, maison_id, kind, order_id, order_line_id, parcel_id, place_id, reason, note, amount, currency,
                                           raised_at, raised_by, resolved_by, resolution, resolution_note)
        VALUES (made, o.maison_id, kind_, order_, line, parcel, place, reason_, note_, amount_, o.currency, at, actor, '', '', '')
        ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN (SELECT e.id FROM fulfilment_orderexception e WHERE e.order_id = order_ AND e.order_line_id IS NOT DISTINCT FROM line
                    AND e.parcel_id IS NOT DISTINCT FROM parcel AND e.kind = kind_ AND e.resolved_at IS NULL);
    END IF;
    PERFORM vendome_emit('orders.exception_raised', 'order:' || order_, o.maison_id,
        jsonb_build_object('exception_id', made, 'kind', kind_, 'order_id', order_, 'order_line_id', line, 'place_id', place, 'reason', reason_),
        actor, ARRAY['orders', 'exceptions'], jsonb_build_object('order', order_, 'kind', kind_), at);
    RETURN made;
END $$;

-- What was lost or damaged while its order waited for payment is a question to a person the moment it is paid.
CREATE OR REPLACE FUNCTION flows_ask_for_what_is_gone(order_ uuid, at timestamptz) RETURNS void LANGUAGE sql AS $$
    SELECT flows_raise_exception('REFUSED', l.order_id, l.id, NULL, l.place_id, 'NOT_FOUND', '', l.amount, 'SYSTEM', at)
    FROM orders_orderline l WHERE l.order_id = order_ AND l.direction = 'OUT' AND l.state = 'HELD'
        AND NOT EXISTS (SELECT FROM stock_hold h WHERE h.id = l.hold_id AND h.state = 'ACTIVE')
$$;

-- The place that holds a line says that it cannot give it. The hold stays: nothing goes elsewhere before a person has spoken
-- with the client. The same key and body give the same answer.
CREATE OR REPLACE FUNCTION flows_refuse_line(
    scope text, key text, hash bytea, line uuid, reason text, note text, actor text, at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(scope, key, hash);
    l orders_orderline;
    o orders_order;
    stands uuid;
    made uuid;
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    SELECT * INTO l FROM orders_orderline WHERE id = line FOR NO KEY UPDATE;
    SELECT * INTO o FROM orders_order WHERE id = l.order_id;
    SELECT h.place_id INTO stands FROM stock_hold h WHERE h.id = l.hold_id AND h.state = 'ACTIVE';
    IF o.state <> 'CONFIRMED' THEN
        PERFORM vendome_fail('orders.not_paid', jsonb_build_object('state', o.state));
    ELSIF l.state NOT IN ('HELD', 'ARRIVED', 'READY') OR stands IS NULL THEN
        PERFORM vendome_fail('orders.line_not_ready', jsonb_build_object('state', l.state));
    END IF;
    made := flows_raise_exception('REFUSED', o.id, line, NULL, stands, reason, note, l.amount, actor, at);
    PERFORM orders_note_step(line, l.state, stands, actor, 'refused: ' || reason, at);
    PERFORM vendome_audit(actor, 'orders.refuse_line', 'order:' || o.id, o.maison_id,
                          jsonb_build_object('order_line_id', line, 'reason', reason, 'exception_id', made), at);
    answer := jsonb_build_object('exception', made, 'order', o.id);
    PERFORM vendome_once_answer(scope, key, answer);
    RETURN answer;
END $$;

-- Ends the hold of a line that is not given from it. What was not found, is damaged or came back unexamined does not go back on sale;
-- whatever was open about the line has ended with it. The caller has locked the level.
CREATE OR REPLACE FUNCTION flows_let_go(line uuid, hold uuid, actor text, reason_ text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM fulfilment_orderexception e WHERE e.order_line_id = line AND e.resolved_at IS NULL AND e.kind = 'REFUSED'
                   AND e.reason IN ('NOT_FOUND', 'DAMAGED'))
       OR EXISTS (SELECT FROM stock_piece p WHERE p.hold_id = hold AND p.state = 'QUARANTINED') THEN
        PERFORM stock_keep_from_sale(hold, actor, reason_, at);
    ELSE
        PERFORM stock_end_hold(hold, 'RELEASED', actor, reason_, at);
    END IF;
    UPDATE fulfilment_orderexception SET resolved_at = at, resolved_by = actor, resolution = 'PASSED' WHERE order_line_id = line AND resolved_at IS NULL;
END $$;

-- Before a line is planned afresh or ends: its parcels wait in one line (the first lock of all), a sealed one is opened first, and a
-- transfer that nobody has sent is given up.
CREATE OR REPLACE FUNCTION flows_free_line(line uuid, actor text, reason text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM flows_lock_parcels((SELECT l.order_id FROM orders_orderline l WHERE l.id = line));
    IF EXISTS (SELECT FROM fulfilment_parcelline x JOIN fulfilment_parcel p ON p.id = x.parcel_id
               WHERE x.order_line_id = line AND x.is_current AND p.state <> 'PREPARING') THEN
        PERFORM vendome_fail('fulfilment.parcel_moved', jsonb_build_object('order_line_id', line));
    END IF;
    PERFORM stock_forget_transfer_of_hold((SELECT l.hold_id FROM orders_orderline l WHERE l.id = line), actor, reason, at);
END $$;

-- Plans one line afresh under lock: the new source is taken and only then the old hold ended, in one step. What was not found or
-- is damaged does not go back on sale. wanted: a place a person has chosen, else the rules decide, without the place that refused.
-- Lock order: both levels by place, then pieces, holds, order. Fails with stock.out_of_stock, and then nothing has changed.
CREATE OR REPLACE FUNCTION flows_source_anew(line uuid, wanted uuid, off_sale boolean, reason text, actor text, at timestamptz) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    l orders_orderline;
    o orders_order;
    old stock_hold;
    got_on_hand integer;
    got_held integer;
    from_place uuid;
    goal uuid;
    new_hold uuid := vendome_new_id();
    piece uuid;
    day date;
    serialised boolean;
    tried uuid[];
    why jsonb;
BEGIN
    PERFORM flows_free_line(line, actor, reason, at);
    SELECT * INTO l FROM orders_orderline WHERE id = line;
    SELECT * INTO o FROM orders_order WHERE id = l.order_id;
    SELECT * INTO old FROM stock_hold WHERE id = l.hold_id;
    IF o.state <> 'CONFIRMED' OR NOT (l.state IN ('HELD', 'ARRIVED', 'READY') OR l.state IN ('ON_THE_WAY', 'DISPATCHED') AND old.state <> 'ACTIVE') OR l.mode NOT IN ('COLLECT', 'DELIVER') THEN
        PERFORM vendome_fail('orders.line_not_ready', jsonb_build_object('state', l.state));
    ELSIF old.id IS NULL THEN
        PERFORM vendome_fail('stock.hold_gone');
    END IF;
    SELECT r.is_serialised INTO serialised FROM catalogue_reference r WHERE r.id = l.reference_id;
    goal := CASE WHEN l.mode = 'COLLECT' THEN l.place_id END;
    tried := ARRAY[old.place_id];
    FOR attempt IN 1..8 LOOP
        IF wanted IS NOT NULL THEN
            SELECT s.place_id INTO from_place FROM flows_senders(
                o.maison_id, o.market_id, l.mode, goal, NULL, NULL, o.channel, at::date, '{}', tried) s WHERE s.place_id = wanted;
            from_place := coalesce(from_place, CASE WHEN wanted = goal AND NOT goal = ANY (tried) THEN goal END);
        ELSE
            from_place := CASE WHEN NOT goal = ANY (tried) AND EXISTS (
                SELECT FROM stock_level x WHERE x.reference_id = l.reference_id AND x.place_id = goal AND x.on_hand - x.held - x.safety >= l.quantity)
                THEN goal END;
            IF from_place IS NULL THEN
                SELECT b.place_id INTO from_place FROM flows_best_sources(
                    ARRAY[l.reference_id], l.quantity, o.maison_id, o.market_id, ARRAY[l.mode]::text[], goal, NULL, NULL, o.channel, at::date, '{}', tried) b;
            END IF;
        END IF;
        EXIT WHEN from_place IS NULL;
        why := flows_why_source(from_place, l.reference_id, l.quantity, o.maison_id, o.market_id, l.mode, goal, NULL, NULL, o.channel, at::date, '{}', tried);
        BEGIN
            PERFORM FROM stock_level x WHERE x.reference_id = l.reference_id AND x.place_id IN (from_place, old.place_id)
                ORDER BY x.place_id FOR NO KEY UPDATE;
            SELECT t.on_hand_now, t.held_now INTO got_on_hand, got_held FROM stock_take_for_promise(from_place, l.reference_id, l.quantity) t;
            IF got_on_hand IS NULL THEN
                RAISE EXCEPTION USING ERRCODE = 'VD002';  -- somebody was quicker: let the locks go and ask again
            END IF;
        EXCEPTION WHEN SQLSTATE 'VD002' THEN
            got_on_hand := NULL;
        END;
        EXIT WHEN got_on_hand IS NOT NULL OR wanted IS NOT NULL;
    END LOOP;
    IF from_place IS NULL OR got_on_hand IS NULL THEN
        PERFORM vendome_fail('stock.out_of_stock', jsonb_build_object('reference_id', l.reference_id, 'place_id', wanted));
    END IF;
    PERFORM FROM stock_piece p WHERE p.id = old.piece_id FOR NO KEY UPDATE;
    PERFORM stock_quota_follows(old.id, new_hold, NULL);
    IF old.state <> 'ACTIVE' THEN
        NULL;  -- what was kept for her is lost or damaged, and that has been told
    ELSIF off_sale OR EXISTS (SELECT FROM stock_piece p WHERE p.hold_id = old.id AND p.state = 'QUARANTINED') THEN
        PERFORM stock_keep_from_sale(old.id, actor, reason, at);
    ELSE
        PERFORM stock_end_hold(old.id, 'RELEASED', actor, reason, at);
    END IF;
    piece := stock_keep(new_hold, 'ORDER', from_place, l.reference_id, NULL, l.quantity, serialised, o.client_id, o.advisor_id, o.id, line,
                        old.basket_id, true, 'sourced anew', NULL, got_on_hand, got_held, actor, at);
    PERFORM stock_quota_follows(new_hold, new_hold, piece);
    PERFORM stock_tell_level(from_place, l.reference_id, got_on_hand, got_held, o.maison_id, actor, at);
    day := flows_promise_date(from_place, l.mode, coalesce(goal, from_place), o.market_id, at);
    UPDATE orders_orderline SET hold_id = new_hold, piece_id = piece, place_id = coalesce(goal, from_place), state = 'HELD', promised_date = day
        WHERE id = line AND hold_id = old.id AND state = l.state;
    IF NOT FOUND THEN
        PERFORM vendome_fail('stock.hold_gone', jsonb_build_object('hold_id', old.id));
    END IF;
    UPDATE orders_order SET sourcing = sourcing || jsonb_build_array(
            why || jsonb_build_object('line', line, 'place', from_place, 'mode', l.mode, 'date', day, 'at', at, 'by', actor, 'anew', true, 'before', old.place_id))
        WHERE id = o.id;
    PERFORM orders_note_step(line, 'HELD', from_place, actor, 'sourced anew', at);
    IF goal IS NULL THEN
        PERFORM flows_prepare_parcels(o.id, at);  -- the parcel follows its lines
    ELSIF from_place <> goal THEN
        PERFORM flows_send_to_collection_place(line, actor, at);
    END IF;
    PERFORM vendome_emit('orders.line_sourced_anew', 'order:' || o.id, o.maison_id,
        jsonb_build_object('order_id', o.id, 'order_line_id', line, 'from_place_id', old.place_id, 'to_place_id', from_place, 'promised_date', day, 'before_date', l.promised_date),
        actor, ARRAY['orders', 'place:' || from_place, 'place:' || old.place_id], jsonb_build_object('order', o.id, 'line', line), at);
    RETURN from_place;
END $$;

-- One paid line ends without being given: its hold ends, and what was paid for it is given back on a document of its
-- own. Lock order: level, piece, hold, order, payment.
CREATE OR REPLACE FUNCTION flows_cancel_line(line uuid, off_sale boolean, reason text, actor text, at timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    l orders_orderline;
    o orders_order;
    h stock_hold;
BEGIN
    PERFORM flows_free_line(line, actor, reason, at);
    SELECT * INTO l FROM orders_orderline WHERE id = line;
    SELECT * INTO h FROM stock_hold WHERE id = l.hold_id;
    IF NOT (l.state IN ('HELD', 'ARRIVED', 'READY') OR l.state IN ('ON_THE_WAY', 'DISPATCHED') AND h.state <> 'ACTIVE') OR l.direction <> 'OUT' THEN
        PERFORM vendome_fail('orders.line_not_ready', jsonb_build_object('state', l.state));
    END IF;
    PERFORM FROM stock_level x WHERE x.reference_id = h.reference_id AND x.place_id = h.place_id FOR NO KEY UPDATE;
    IF h.state <> 'ACTIVE' THEN  -- what was kept for her is lost or damaged, and that has been told; her room for one is free again
        PERFORM stock_give_quota_back(l.piece_id, l.id, at);
    ELSIF off_sale OR EXISTS (SELECT FROM stock_piece x WHERE x.hold_id = h.id AND x.state = 'QUARANTINED') THEN
        PERFORM FROM stock_piece x WHERE x.id = h.piece_id FOR NO KEY UPDATE;
        PERFORM stock_keep_from_sale(h.id, actor, reason, at);
    ELSE
        PERFORM stock_end_hold(h.id, 'RELEASED', actor, reason, at);
    END IF;
    SELECT * INTO o FROM orders_order WHERE id = l.order_id FOR NO KEY UPDATE;
    IF o.state <> 'CONFIRMED' THEN
        PERFORM vendome_fail('orders.not_paid', jsonb_build_object('state', o.state));
    END IF;
    PERFORM orders_step(line, '{HELD,ON_THE_WAY,DISPATCHED,ARRIVED,READY}', 'CANCELLED', h.place_id, actor, reason, at);
    UPDATE orders_orderline SET returned_quantity = quantity WHERE id = line;
    PERFORM flows_write_document(jsonb_build_object(  -- what she does not get is given back on a document of its own (ADR 0014)
        'order', o.id, 'client', o.client_id, 'channel', o.channel, 'place', o.place_id, 'advisor', o.advisor_id, 'actor', actor, 'at', at,
        'contact', o.contact, 'address', to_jsonb(o.delivery_address), 'outs', '[]'::jsonb, 'ins', jsonb_build_array(jsonb_build_object(
            'line', l.id, 'quantity', l.quantity - l.credited_quantity, 'piece', l.piece_id, 'form', 'ORIGINAL'))));
    UPDATE orders_order SET state = CASE
            WHEN EXISTS (SELECT FROM orders_orderline x WHERE x.order_id = o.id AND x.direction = 'OUT'
                         AND x.state NOT IN ('HANDED_OVER', 'RETURNED', 'CANCELLED')) THEN 'CONFIRMED'
            WHEN EXISTS (SELECT FROM orders_orderline x WHERE x.order_id = o.id AND x.direction = 'OUT' AND x.state <> 'CANCELLED') THEN 'COMPLETED'
            ELSE 'CANCELLED' END
        WHERE id = o.id;
    PERFORM flows_prepare_parcels(o.id, at);
    PERFORM vendome_emit('orders.line_cancelled', 'order:' || o.id, o.maison_id,
        jsonb_build_object('order_id', o.id, 'order_line_id', line, 'amount', l.amount, 'currency', o.currency, 'client_id', o.client_id),
        actor, ARRAY['orders', 'place:' || h.place_id], jsonb_build_object('order', o.id, 'line', line), at);
    RETURN l.amount;
END $$;

-- Ends an exception in the way a person has chosen, and does what that way means, in one step.
CREATE OR REPLACE FUNCTION flows_resolve_exception(
    scope text, key text, hash bytea, exception_ uuid, resolution_ text, wanted uuid, note_ text, actor text, at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(scope, key, hash);
    e fulfilment_orderexception;
    off_sale boolean;
    done text := '';
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    PERFORM flows_lock_parcels((SELECT x.order_id FROM fulfilment_orderexception x WHERE x.id = exception_));
    SELECT * INTO e FROM fulfilment_orderexception WHERE id = exception_ FOR NO KEY UPDATE;  -- one person settles it
    IF e.resolved_at IS NOT NULL THEN
        PERFORM vendome_fail('orders.exception_ended', jsonb_build_object('resolution', e.resolution));
    END IF;
    off_sale := e.kind = 'REFUSED' AND e.reason IN ('NOT_FOUND', 'DAMAGED');
    IF resolution_ IN ('RESOURCED', 'REFUNDED') AND e.order_line_id IS NULL THEN
        PERFORM vendome_fail('orders.exception_needs_line');
    ELSIF resolution_ = 'RESOURCED' THEN
        done := flows_source_anew(e.order_line_id, wanted, off_sale, 'refused: ' || coalesce(nullif(e.reason, ''), e.kind), actor, at)::text;
    ELSIF resolution_ = 'REFUNDED' THEN
        done := flows_cancel_line(e.order_line_id, off_sale, 'refused: ' || coalesce(nullif(e.reason, ''), e.kind), actor, at)::text;
    END IF;
    UPDATE fulfilment_orderexception SET resolved_at = at, resolved_by = actor, resolution = resolution_, resolution_note = note_
        WHERE id = exception_ AND resolved_at IS NULL;
    IF NOT FOUND THEN
        PERFORM vendome_fail('orders.exception_ended');
    END IF;
    IF resolution_ IN ('RESOURCED', 'REFUNDED') THEN  -- whatever else was open about this line has ended with it
        UPDATE fulfilment_orderexception SET resolved_at = at, resolved_by = actor, resolution = 'PASSED'
            WHERE order_line_id = e.order_line_id AND resolved_at IS NULL;
    END IF;
    PERFORM vendome_audit(actor, 'orders.resolve_exception', 'order:' || e.order_id, e.maison_id,
                          jsonb_build_object('exception_id', exception_, 'resolution', resolution_, 'result', done), at);
    PERFORM vendome_emit('orders.exception_resolved', 'order:' || e.order_id, e.maison_id,
        jsonb_build_object('exception_id', exception_, 'order_id', e.order_id, 'resolution', resolution_), actor, ARRAY['orders', 'exceptions'],
        jsonb_build_object('order', e.order_id), at);
    answer := jsonb_build_object('exception', exception_, 'order', e.order_id, 'resolution', resolution_, 'result', done);
    PERFORM vendome_once_answer(scope, key, answer);
    RETURN answer;
END $$;

-- Somebody takes an exception in hand, or lets it wait until a moment. Safe to repeat.
CREATE OR REPLACE FUNCTION flows_take_exception(exception_ uuid, owner_ uuid, until timestamptz, note_ text, actor text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    e fulfilment_orderexception;
BEGIN
    UPDATE fulfilment_orderexception SET owner_id = owner_, waits_until = until,
                                         note = concat_ws(E'\n', nullif(note, ''), nullif(note_, ''))
        WHERE id = exception_ AND resolved_at IS NULL RETURNING * INTO e;
    IF e.id IS NULL THEN
        PERFORM vendome_fail('orders.exception_ended');
    END IF;
    PERFORM vendome_audit(actor, 'orders.take_exception', 'order:' || e.order_id, e.maison_id,
                          jsonb_build_object('exception_id', exception_, 'owner', owner_, 'until', until), at);
END $$;

-- Whether somebody still waits for a parcel: one that came back or was lost has passed when its lines go another way.
CREATE OR REPLACE FUNCTION flows_parcel_waits(p fulfilment_parcel) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT p.state NOT IN ('DELIVERED', 'RETURNED', 'LOST') OR p.state <> 'DELIVERED' AND EXISTS (
        SELECT FROM fulfilment_parcelline y JOIN orders_orderline l ON l.id = y.order_line_id
        WHERE y.parcel_id = p.id AND l.state NOT IN ('HANDED_OVER', 'RETURNED', 'CANCELLED')
          AND NOT EXISTS (SELECT FROM fulfilment_parcelline c WHERE c.order_line_id = l.id AND c.is_current))
$$;

-- Looks for what has gone past its promise, and closes what has passed by itself. Returns how many were raised and closed.
-- What a person has answered is asked again once another promise has passed; money that is owed, until it is given.
CREATE OR REPLACE FUNCTION flows_find_exceptions(at timestamptz, OUT raised integer, OUT closed integer) LANGUAGE plpgsql AS $$
DECLARE
    d record;
BEGIN
    raised := 0;
    FOR d IN
        SELECT 'NOT_READY' AS kind, l.order_id, l.id AS line, NULL::uuid AS parcel, l.place_id, l.amount, l.promised_date AS promised, p.timezone
        FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id AND o.state = 'CONFIRMED' JOIN house_place p ON p.id = l.place_id
        WHERE l.state IN ('HELD', 'ON_THE_WAY', 'ARRIVED', 'READY') AND l.state <> 'READY' AND l.mode = 'COLLECT'
            AND l.promised_date < (at AT TIME ZONE p.timezone)::date
        UNION ALL
        SELECT 'UNPAID', h.order_id, NULL, NULL, NULL, max(o.total_amount), '-infinity', 'UTC' FROM stock_hold h JOIN orders_order o ON o.id = h.order_id
        WHERE h.state = 'ACTIVE' AND h.expires_at BETWEEN at AND at + interval '5 minutes' AND o.state = 'AWAITING_PAYMENT' GROUP BY h.order_id
        UNION ALL
        SELECT 'MONEY_OWED', o.id, NULL, NULL, NULL, sum(p.amount - p.refunded_amount)::bigint, 'infinity', 'UTC'
        FROM orders_order o JOIN payments_payment p ON p.order_id = o.id
        WHERE o.state = 'CANCELLED' AND NOT EXISTS (  -- cancelled after it was paid: its money is accounted for on documents
                SELECT FROM orders_orderline l WHERE l.order_id = o.id AND l.credited_quantity > 0)
            AND o.placed_at > at - interval '60 days' AND p.state = 'CAPTURED' AND p.amount > p.refunded_amount GROUP BY o.id
        UNION ALL
        SELECT 'PARCEL_LATE', x.order_id, NULL, x.id, x.origin_id, (
            SELECT coalesce(sum(l.amount), 0)::bigint FROM orders_orderline l WHERE l.order_id = x.order_id AND l.mode = 'DELIVER' AND l.place_id = x.origin_id),
            x.promised_date, 'UTC'
        FROM fulfilment_parcel x JOIN orders_order o ON o.id = x.order_id
        WHERE flows_parcel_waits(x) AND x.promised_date < at::date AND o.state IN ('CONFIRMED', 'COMPLETED')
    LOOP
        IF NOT EXISTS (SELECT FROM fulfilment_orderexception e WHERE e.order_id = d.order_id AND e.kind = d.kind
                           AND (e.resolved_at IS NULL OR e.resolution <> 'PASSED' AND (e.raised_at AT TIME ZONE d.timezone)::date > d.promised)
                           AND e.order_line_id IS NOT DISTINCT FROM d.line AND e.parcel_id IS NOT DISTINCT FROM d.parcel) THEN
            PERFORM flows_raise_exception(d.kind, d.order_id, d.line, d.parcel, d.place_id, '', '', d.amount, 'SYSTEM', at);
            raised := raised + 1;
        END IF;
    END LOOP;
    UPDATE fulfilment_orderexception e SET resolved_at = at, resolved_by = 'SYSTEM', resolution = 'PASSED'
    WHERE e.resolved_at IS NULL AND NOT CASE e.kind
        WHEN 'UNPAID' THEN EXISTS (SELECT FROM orders_order o WHERE o.id = e.order_id AND o.state = 'AWAITING_PAYMENT')
        WHEN 'MONEY_OWED' THEN EXISTS (SELECT FROM payments_payment p WHERE p.order_id = e.order_id AND p.state = 'CAPTURED' AND p.amount > p.refunded_amount)
        WHEN 'PARCEL_LATE' THEN EXISTS (SELECT FROM fulfilment_parcel x WHERE x.id = e.parcel_id AND flows_parcel_waits(x))
        WHEN 'NOT_READY' THEN EXISTS (SELECT FROM orders_orderline l WHERE l.id = e.order_line_id AND l.state IN ('HELD', 'ON_THE_WAY', 'ARRIVED'))
        ELSE EXISTS (SELECT FROM orders_orderline l WHERE l.id = e.order_line_id AND (l.state IN ('HELD', 'ARRIVED', 'READY')
            OR l.state IN ('ON_THE_WAY', 'DISPATCHED') AND NOT EXISTS (SELECT FROM stock_hold h WHERE h.id = l.hold_id AND h.state = 'ACTIVE'))) END;
    GET DIAGNOSTICS closed = ROW_COUNT;
END $$;
