-- From held to handed over: on the way, arrived and ready are three different things, each with who and when.

-- A paid line that is collected at one place and stands at another has to travel. This is the one place where a transfer is
-- asked for; until then the source sees it among what it has to send today.
CREATE OR REPLACE FUNCTION flows_send_to_collection_place(line uuid, actor text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    l orders_orderline;
    h stock_hold;
BEGIN
    SELECT * INTO l FROM orders_orderline WHERE id = line;
    SELECT * INTO h FROM stock_hold WHERE id = l.hold_id;
    PERFORM stock_request_transfer_of_hold(h.id, l.place_id, 'to be collected there', actor, at);
    PERFORM vendome_emit('orders.line_needs_transfer', 'order:' || l.order_id, (SELECT maison_id FROM orders_order WHERE id = l.order_id),
        jsonb_build_object('order_id', l.order_id, 'order_line_id', line, 'hold_id', h.id, 'from_place_id', h.place_id, 'to_place_id', l.place_id,
                           'promised_date', l.promised_date),
        actor, ARRAY['place:' || h.place_id, 'place:' || l.place_id], jsonb_build_object('order', l.order_id, 'line', line), at);
END $$;

CREATE OR REPLACE FUNCTION flows_send_to_collection_places(order_ uuid, actor text, at timestamptz) RETURNS void LANGUAGE sql AS $$
    SELECT flows_send_to_collection_place(l.id, actor, at) FROM orders_orderline l JOIN stock_hold h ON h.id = l.hold_id
    WHERE l.order_id = order_ AND l.mode = 'COLLECT' AND l.state = 'HELD' AND h.state = 'ACTIVE' AND h.place_id <> l.place_id ORDER BY l.position
$$;

-- Brings a line's state in step with where its hold stands, after a transfer has moved it. Safe to repeat.
CREATE OR REPLACE FUNCTION flows_note_travel(hold uuid, actor text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    h stock_hold;
    l orders_orderline;
    in_transit boolean;
BEGIN
    SELECT * INTO h FROM stock_hold WHERE id = hold AND state = 'ACTIVE' AND order_line_id IS NOT NULL;
    SELECT * INTO l FROM orders_orderline WHERE id = h.order_line_id AND mode = 'COLLECT';
    SELECT p.kind = 'TRANSIT' INTO in_transit FROM house_place p WHERE p.id = h.place_id;
    IF in_transit AND l.state = 'HELD' THEN
        PERFORM orders_step(l.id, '{HELD}', 'ON_THE_WAY', h.place_id, actor, '', at);
    ELSIF h.place_id = l.place_id AND l.state IN ('HELD', 'ON_THE_WAY') THEN
        PERFORM orders_step(l.id, '{HELD,ON_THE_WAY}', 'ARRIVED', h.place_id, actor, '', at);
    ELSE
        RETURN;
    END IF;
    PERFORM flows_tell_line(l.id, actor, at);
END $$;

-- Tells every open page, and the client's, where a line is now.
CREATE OR REPLACE FUNCTION flows_tell_line(line uuid, actor text, at timestamptz) RETURNS void LANGUAGE sql AS $$
    SELECT vendome_emit('orders.line_moved_on', 'order:' || o.id, o.maison_id,
        jsonb_build_object('order_id', o.id, 'order_line_id', l.id, 'state', l.state, 'place_id', l.place_id, 'client_id', o.client_id),
        actor, ARRAY['place:' || l.place_id, 'orders'] || CASE WHEN o.client_id IS NULL THEN '{}' ELSE ARRAY['client:' || o.client_id] END,
        jsonb_build_object('order', o.id, 'line', l.id, 'state', l.state), at)
    FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id WHERE l.id = line
$$;

-- One step of a paid line: LEAVES its source for the boutique where it is collected, ARRIVES there, is made READY.
-- The very hold travels, by a transfer of its own that the place may as well send from its list of transfers. Lock order: levels, piece, hold, line. The same key and body give the same answer.
CREATE OR REPLACE FUNCTION flows_step_line(scope text, key text, hash bytea, line uuid, step text, note text, actor text, at timestamptz)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(scope, key, hash);
    l orders_orderline;
    o orders_order;
    stands uuid;
    transfer uuid;
    transfer_line uuid;
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    SELECT * INTO l FROM orders_orderline WHERE id = line;
    SELECT * INTO o FROM orders_order WHERE id = l.order_id;
    IF o.state <> 'CONFIRMED' THEN
        PERFORM vendome_fail('orders.not_paid', jsonb_build_object('state', o.state));
    END IF;
    SELECT h.place_id INTO stands FROM stock_hold h WHERE h.id = l.hold_id AND h.state = 'ACTIVE';
    SELECT t.transfer_id, t.id INTO transfer, transfer_line FROM stock_transferline t WHERE t.hold_id = l.hold_id AND t.settled_at IS NULL;
    IF step = 'LEAVES' AND l.mode = 'COLLECT' AND l.state = 'HELD' AND stands <> l.place_id THEN
        IF transfer IS NULL THEN  -- it was given up; asking anew locks the hold, and levels come before holds
            PERFORM stock_lock_levels(ARRAY[stands, stock_transit_of(o.maison_id)], ARRAY[l.reference_id]);
            transfer := stock_request_transfer_of_hold(l.hold_id, l.place_id, 'to be collected there', actor, at);
        END IF;
        PERFORM stock_dispatch_transfer(scope || ':transfer', key, hash, transfer, '', actor, at);
        PERFORM orders_step(line, '{HELD}', 'ON_THE_WAY', stands, actor, note, at);
    ELSIF step = 'ARRIVES' AND l.mode = 'COLLECT' AND l.state = 'ON_THE_WAY' THEN
        IF stands <> l.place_id THEN
            PERFORM stock_receive_transfer(scope || ':transfer', key, hash, transfer,
                jsonb_build_array(jsonb_build_object('line', transfer_line, 'received', l.quantity)), '[]', actor, at);
        END IF;
        PERFORM orders_step(line, '{ON_THE_WAY}', 'ARRIVED', l.place_id, actor, note, at);
    ELSIF step = 'READY' AND l.mode <> 'TAKE_AWAY' AND stands = l.place_id THEN
        PERFORM orders_step(line, '{HELD,ARRIVED}', 'READY', l.place_id, actor, note, at);
    ELSE
        PERFORM vendome_fail('orders.line_not_ready', jsonb_build_object('state', l.state));
    END IF;
    PERFORM vendome_audit(actor, 'orders.step_line', 'order:' || o.id, o.maison_id, jsonb_build_object('order_line_id', line, 'step', step), at);
    PERFORM flows_tell_line(line, actor, at);
    answer := jsonb_build_object('line', line, 'order', o.id, 'state', (SELECT x.state FROM orders_orderline x WHERE x.id = line));
    PERFORM vendome_once_answer(scope, key, answer);
    RETURN answer;
END $$;
