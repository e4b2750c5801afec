-- What a proposed change would mean now: what goes back, what is taken instead, what is to pay, and what stands in its way.
-- Computed each time it is asked for; `hash` names exactly this answer, and confirming asks for it (ADR 0023).
-- here: the place at whose counter she stands; from anywhere else the safety stock of a place is not hers to take.
-- sent: how what is taken instead is sent, {delivery, day} of the service she chose (flows.delivery_choice); without it by the lane.
DROP FUNCTION IF EXISTS flows_preview_change(uuid, timestamptz);
DROP FUNCTION IF EXISTS flows_preview_change(uuid, timestamptz, uuid);
CREATE OR REPLACE FUNCTION flows_preview_change(change uuid, at timestamptz, here uuid DEFAULT NULL, sent jsonb DEFAULT NULL) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    c orders_change;
    o orders_order;
    l orders_orderline;
    price record;
    problem text := '';
    place uuid;
    promised date;
    back bigint := 0;
    out_ bigint := 0;
    open_ bigint := 0;  -- of a deposit or a plan: what she has not paid is not given back
    answer jsonb;
BEGIN
    SELECT * INTO c FROM orders_change WHERE id = change;
    SELECT * INTO o FROM orders_order WHERE id = c.order_id;
    SELECT * INTO l FROM orders_orderline WHERE id = c.line_id;
    place := l.place_id;
    IF o.state <> 'CONFIRMED' THEN
        problem := 'orders.not_changeable';
    ELSIF c.kind = 'ADDRESS' THEN
        IF NOT EXISTS (SELECT FROM orders_orderline x WHERE x.order_id = o.id AND x.mode = 'DELIVER' AND x.state IN ('HELD', 'READY'))
           OR EXISTS (SELECT FROM fulfilment_parcel p WHERE p.order_id = o.id AND p.state NOT IN ('PREPARING', 'RETURNED', 'LOST')) THEN
            problem := 'orders.not_changeable';
        ELSIF lower(o.delivery_address[cardinality(o.delivery_address)]) IS DISTINCT FROM lower(c.address[cardinality(c.address)]) THEN
            problem := 'orders.other_country';
        END IF;
    ELSIF l.state NOT IN ('HELD', 'ARRIVED', 'READY') OR l.order_id <> o.id
        OR EXISTS (SELECT FROM fulfilment_parcelline x JOIN fulfilment_parcel p ON p.id = x.parcel_id
                   WHERE x.order_line_id = l.id AND x.is_current AND p.state <> 'PREPARING') THEN
        problem := 'orders.not_changeable';
    ELSIF c.kind = 'COLLECT_AT' THEN
        place := c.place_id;
        IF l.mode <> 'COLLECT' OR place = l.place_id THEN
            problem := 'orders.not_changeable';
        ELSIF NOT coalesce(flows_mode_offered('COLLECT', place, NULL, o.maison_id, o.channel, at::date), false) THEN
            problem := 'orders.mode_not_offered';
        ELSIF NOT flows_may_take(place, l.reference_id, l.quantity, here, NULL, at) THEN
            problem := 'stock.out_of_stock';
        END IF;
    ELSE
        back := l.amount - l.returned_amount;
        IF c.kind = 'SWAP' THEN
            SELECT * INTO price FROM pricing_prices(o.market_id, ARRAY[c.reference_id], flows_day(at, o.place_id));
            IF l.mode = 'DELIVER' AND NOT flows_may_take(place, c.reference_id, l.quantity, NULL, o.client_id, at) THEN
                place := coalesce(flows_keeps_for_her(jsonb_build_object('client', o.client_id, 'maison', o.maison_id, 'channel', o.channel, 'at', at), c.reference_id, l.quantity, at::date),
                                  flows_would_send(c.reference_id, l.quantity, o.maison_id, o.market_id, o.channel, at::date), place);
            END IF;
            out_ := price.amount * l.quantity + CASE WHEN price.is_tax_included THEN 0 ELSE price.tax_amount * l.quantity END;
            IF c.reference_id = l.reference_id OR flows_paid(o.id) < o.total_amount THEN  -- the rest would be owed on an order that has ended
                problem := 'orders.not_changeable';
            ELSIF price.amount IS NULL THEN
                problem := 'pricing.no_price';
            ELSIF NOT flows_may_take(place, c.reference_id, l.quantity, CASE WHEN l.mode = 'COLLECT' THEN here END, o.client_id, at) THEN
                problem := 'stock.out_of_stock';
            END IF;
        END IF;
    END IF;
    IF c.kind IN ('SWAP', 'COLLECT_AT') AND l.mode IN ('COLLECT', 'DELIVER') THEN  -- the day of what is taken instead is promised anew
        promised := coalesce((sent->>'day')::date, flows_promise_date(place, l.mode, CASE l.mode WHEN 'COLLECT' THEN place END, o.market_id, at));
    END IF;
    open_ := CASE WHEN o.due_amount IS NULL THEN 0 ELSE greatest(o.total_amount - flows_paid(o.id), 0) END;
    answer := jsonb_build_object(
        'change', c.id, 'order', o.id, 'kind', c.kind, 'line', l.id, 'line_state', l.state, 'hold', l.hold_id, 'reference', c.reference_id, 'place', place, 'promised', promised, 'sent', sent->'delivery',
        'address', to_jsonb(c.address), 'back', back, 'out', coalesce(out_, 0), 'balance', coalesce(out_, 0) - back, 'currency', o.currency, 'problem', problem,
        'tenders', (SELECT coalesce(jsonb_agg(jsonb_build_object('tender', x.tender, 'amount', x.part) ORDER BY x.nr), '[]') FROM (
            SELECT f.nr, f.tender, least(f.room, greatest(back - coalesce(out_, 0) - open_ - coalesce(sum(f.room) OVER (ORDER BY f.nr ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0), 0)) AS part
            FROM flows_refundable(o.id) f) x WHERE x.part > 0));
    RETURN answer || jsonb_build_object('hash', encode(sha256(convert_to(answer::text, 'UTF8')), 'hex'));
END $$;

-- Whether so many of a reference are free at a place for her: all that is free where she stands, elsewhere not its safety stock;
-- or set aside there for her.
DROP FUNCTION IF EXISTS flows_may_take(uuid, uuid, integer, uuid);
CREATE OR REPLACE FUNCTION flows_may_take(place uuid, ref uuid, quantity_ integer, here uuid, client uuid, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM stock_level v WHERE v.reference_id = ref AND v.place_id = place
        AND v.on_hand - v.held - CASE WHEN v.place_id = here THEN 0 ELSE v.safety END >= quantity_)
        OR EXISTS (SELECT FROM stock_set_aside_for(client, ARRAY[ref], at) h WHERE h.place_id = place AND h.quantity = quantity_)
$$;

-- A change is proposed; one at a time for each order. p: scope, key, hash, maison, order, line, kind, reference, place, address, actor, at
CREATE OR REPLACE FUNCTION flows_propose_change(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(p->>'scope', p->>'key', decode(p->>'hash', 'hex'));
    maison uuid := (p->>'maison')::uuid;
    made uuid := vendome_new_id();
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    PERFORM FROM orders_order o WHERE o.id = (p->>'order')::uuid AND o.maison_id = maison;
    IF NOT FOUND
       OR (p->>'line' IS NOT NULL AND NOT EXISTS (SELECT FROM orders_orderline l WHERE l.id = (p->>'line')::uuid AND l.order_id = (p->>'order')::uuid AND l.direction = 'OUT'))
       OR (p->>'reference' IS NOT NULL AND NOT EXISTS (SELECT FROM catalogue_reference c WHERE c.id = (p->>'reference')::uuid AND c.maison_id = maison))
       OR (p->>'place' IS NOT NULL AND NOT EXISTS (SELECT FROM house_place h WHERE h.id = (p->>'place')::uuid AND h.maison_id = maison)) THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    BEGIN
        INSERT INTO orders_change (id, order_id, line_id, kind, state, reference_id, place_id, address, proposed_by, proposed_at)
            VALUES (made, (p->>'order')::uuid, (p->>'line')::uuid, p->>'kind', 'OPEN', (p->>'reference')::uuid, (p->>'place')::uuid,
                    ARRAY(SELECT jsonb_array_elements_text(coalesce(p->'address', '[]'))), p->>'actor', (p->>'at')::timestamptz);
    EXCEPTION WHEN unique_violation THEN
        PERFORM vendome_fail('orders.change_open', jsonb_build_object('order_id', p->>'order'));
    END;
    PERFORM vendome_audit(p->>'actor', 'orders.propose_change', 'order:' || (p->>'order'), maison,
                          jsonb_build_object('change_id', made, 'kind', p->>'kind'), (p->>'at')::timestamptz);
    answer := jsonb_build_object('change', made);
    PERFORM vendome_once_answer(p->>'scope', p->>'key', answer);
    RETURN answer;
END $$;

-- A proposal is dropped; safe to repeat. Fails with orders.change_closed when it was confirmed.
CREATE OR REPLACE FUNCTION flows_withdraw_change(change uuid, actor text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    waiting uuid;
BEGIN
    -- Who confirms it at this moment is waited for: an exchange that begins just now ends with its proposal too.
    PERFORM flows_lock_parcels(c.order_id) FROM orders_change c WHERE c.id = change;
    SELECT c.document_id INTO waiting FROM orders_change c WHERE c.id = change AND c.state = 'OPEN';
    IF waiting IS NOT NULL THEN  -- its difference is not paid: the exchange ends with the proposal
        PERFORM flows_end_exchange(waiting, actor, at);
    END IF;
    UPDATE orders_change SET state = 'WITHDRAWN', closed_at = at, closed_by = actor WHERE id = change AND state = 'OPEN';
    IF NOT FOUND AND EXISTS (SELECT FROM orders_change c WHERE c.id = change AND c.state = 'CONFIRMED') THEN
        PERFORM vendome_fail('orders.change_closed');
    END IF;
END $$;

-- What was to be given and is not: its hold ends, and the line counts as come back.
CREATE OR REPLACE FUNCTION flows_swap_line(change uuid, actor text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    c orders_change;
    hold uuid;
BEGIN
    SELECT * INTO c FROM orders_change WHERE id = change;
    SELECT l.hold_id INTO hold FROM orders_orderline l WHERE l.id = c.line_id;
    PERFORM flows_let_go(c.line_id, hold, actor, CASE c.kind WHEN 'SWAP' THEN 'exchanged before it left' ELSE 'cancelled' END, at);
    UPDATE orders_orderline SET state = 'CANCELLED', returned_quantity = quantity WHERE id = c.line_id;
END $$;

-- A change is true: the order goes on without what it no longer gives, and everybody hears.
CREATE OR REPLACE FUNCTION flows_end_change(change uuid, document uuid, actor text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    c orders_change;
    o orders_order;
    place uuid;
BEGIN
    UPDATE orders_change SET state = 'CONFIRMED', closed_at = at, closed_by = actor, document_id = document WHERE id = change RETURNING * INTO c;
    SELECT * INTO o FROM orders_order WHERE id = c.order_id;
    SELECT l.place_id INTO place FROM orders_orderline l WHERE l.id = c.line_id;
    IF document IS NOT NULL THEN
        PERFORM flows_prepare_parcels(o.id, at);
        UPDATE orders_order SET state = CASE WHEN EXISTS (SELECT FROM orders_orderline x WHERE x.order_id = o.id AND x.direction = 'OUT' AND x.state <> 'CANCELLED')
                                             THEN 'COMPLETED' ELSE 'CANCELLED' END
            WHERE id = o.id AND NOT EXISTS (SELECT FROM orders_orderline x WHERE x.order_id = o.id AND x.direction = 'OUT'
                                             AND x.state NOT IN ('HANDED_OVER', 'RETURNED', 'CANCELLED'));
    END IF;
    PERFORM vendome_audit(actor, 'orders.confirm_change', 'order:' || o.id, o.maison_id,
                          jsonb_build_object('change_id', c.id, 'kind', c.kind, 'document', document), at);
    PERFORM vendome_emit('orders.order_changed', 'order:' || o.id, o.maison_id,
        jsonb_build_object('order_id', o.id, 'change_id', c.id, 'kind', c.kind, 'document_id', document), actor,
        ARRAY['orders'] || CASE WHEN place IS NULL THEN '{}' ELSE ARRAY['place:' || place] END, jsonb_build_object('order', o.id), at);
END $$;

-- A change becomes true, in one transaction and only as it was read: another preview by now changes nothing.
-- Lock order: levels, pieces, holds, order and lines, payments. k: scope, key, hash, change, preview, tender, or
-- pay_by and provider (a difference is paid online until then, and the change becomes true when it is), advisor, here, sent, actor, at
CREATE OR REPLACE FUNCTION flows_confirm_change(k jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(k->>'scope', k->>'key', decode(k->>'hash', 'hex'));
    actor text := k->>'actor';
    at timestamptz := (k->>'at')::timestamptz;
    c orders_change;
    o orders_order;
    l orders_orderline;
    p jsonb;
    level record;
    hold uuid;
    stands uuid;
    waits boolean;  -- a difference is to be paid online before anything changes
    document jsonb;
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    SELECT * INTO c FROM orders_change WHERE id = (k->>'change')::uuid;
    SELECT * INTO l FROM orders_orderline WHERE id = c.line_id;
    PERFORM flows_lock_parcels(c.order_id);
    waits := c.kind = 'SWAP' AND k->>'pay_by' IS NOT NULL AND k->'tender'->>'tender' IS NULL
             AND (flows_preview_change(c.id, at, (k->>'here')::uuid, k->'sent')->>'balance')::bigint > 0;
    IF c.kind <> 'ADDRESS' AND NOT waits THEN
        PERFORM stock_forget_transfer_of_hold(l.hold_id, actor, 'the order was changed', at);
    END IF;
    p := flows_preview_change(c.id, at, (k->>'here')::uuid, k->'sent');
    SELECT h.place_id INTO stands FROM stock_hold h WHERE h.id = l.hold_id;  -- it may not have travelled yet
    PERFORM FROM stock_level v WHERE (v.place_id, v.reference_id) IN (
            (stands, l.reference_id), ((p->>'place')::uuid, coalesce(c.reference_id, l.reference_id))) ORDER BY v.place_id, v.reference_id FOR NO KEY UPDATE;
    PERFORM FROM stock_piece x WHERE x.id = l.piece_id FOR NO KEY UPDATE;
    PERFORM FROM stock_hold h WHERE h.id = l.hold_id FOR NO KEY UPDATE;
    SELECT * INTO o FROM orders_order WHERE id = c.order_id FOR NO KEY UPDATE;
    SELECT * INTO l FROM orders_orderline WHERE id = c.line_id FOR NO KEY UPDATE;
    UPDATE orders_change SET state = 'CONFIRMED', closed_at = at, closed_by = actor WHERE id = c.id AND state = 'OPEN' AND document_id IS NULL;
    IF NOT FOUND THEN
        PERFORM vendome_fail('orders.change_closed');
    END IF;
    p := flows_preview_change(c.id, at, (k->>'here')::uuid, k->'sent');
    IF p->>'hash' <> k->>'preview' THEN
        PERFORM vendome_fail('orders.preview_outdated', jsonb_build_object('change_id', c.id));
    ELSIF p->>'problem' <> '' THEN
        PERFORM vendome_fail(p->>'problem', jsonb_build_object('change_id', c.id));
    END IF;
    CASE c.kind
        WHEN 'ADDRESS' THEN
            UPDATE orders_order SET delivery_address = c.address WHERE id = o.id;
            UPDATE fulfilment_parcel SET address = c.address WHERE order_id = o.id AND state = 'PREPARING';
        WHEN 'COLLECT_AT' THEN
            hold := vendome_new_id();
            PERFORM stock_quota_follows(l.hold_id, hold, NULL);
            PERFORM flows_let_go(l.id, l.hold_id, actor, 'collected elsewhere', at);
            IF c.place_id = (k->>'here')::uuid THEN
                SELECT * INTO level FROM stock_take_level(c.place_id, l.reference_id, l.quantity);  -- she stands before it
            ELSE
                SELECT * INTO level FROM stock_take_for_promise(c.place_id, l.reference_id, l.quantity);
            END IF;
            IF level.on_hand_now IS NULL THEN
                PERFORM vendome_fail('stock.out_of_stock', jsonb_build_object('reference_id', l.reference_id, 'place_id', c.place_id));
            END IF;
            UPDATE orders_orderline SET place_id = c.place_id, hold_id = hold, state = 'HELD', promised_date = (p->>'promised')::date, piece_id = stock_keep(
                hold, 'ORDER', c.place_id, l.reference_id, NULL, l.quantity, l.piece_id IS NOT NULL, o.client_id, o.advisor_id, o.id, l.id, NULL, false, '', NULL,
                level.on_hand_now, level.held_now, actor, at) WHERE id = l.id;
            PERFORM stock_quota_follows(hold, hold, (SELECT x.piece_id FROM orders_orderline x WHERE x.id = l.id));
            PERFORM stock_tell_level(c.place_id, l.reference_id, level.on_hand_now, level.held_now, o.maison_id, actor, at);
        ELSE
            IF NOT waits THEN
                PERFORM flows_swap_line(c.id, actor, at);
                PERFORM flows_prepare_parcels(o.id, at);  -- the hour of its parcel is free for that of the new piece
            END IF;
            document := flows_write_document(jsonb_build_object(
                'order', o.id, 'client', o.client_id, 'channel', o.channel, 'place', o.place_id, 'here', k->'here', 'advisor', coalesce((k->>'advisor')::uuid, o.advisor_id),
                'actor', actor, 'at', at, 'contact', o.contact, 'address', to_jsonb(o.delivery_address), 'tender', k->'tender', 'balance', p->'balance',
                'delivery', k->'sent'->'delivery', 'pay_by', CASE WHEN waits THEN k->'pay_by' END, 'provider', k->'provider',
                'ins', jsonb_build_array(jsonb_build_object('line', l.id, 'quantity', l.quantity - l.credited_quantity, 'piece', l.piece_id, 'form', 'ORIGINAL')),
                'outs', CASE c.kind WHEN 'SWAP' THEN jsonb_build_array(jsonb_build_object('reference', c.reference_id, 'quantity', l.quantity, 'place', p->>'place',
                                                                                          'mode', l.mode, 'promised', p->'promised')) ELSE '[]' END));
    END CASE;
    IF document->>'state' = 'AWAITING_PAYMENT' THEN  -- it becomes true when the difference is paid, and stays open until then
        UPDATE orders_change SET state = 'OPEN', closed_at = NULL, closed_by = '', document_id = (document->>'document')::uuid WHERE id = c.id;
        PERFORM vendome_audit(actor, 'orders.confirm_change', 'order:' || o.id, o.maison_id,
                              jsonb_build_object('change_id', c.id, 'kind', c.kind, 'document', document->>'document', 'awaits', document->'total'), at);
    ELSE
        PERFORM flows_end_change(c.id, (document->>'document')::uuid, actor, at);
    END IF;
    answer := jsonb_build_object('change', c.id, 'order', o.id, 'document', document);
    PERFORM vendome_once_answer(k->>'scope', k->>'key', answer);
    RETURN answer;
END $$;
