-- Gives one line to the client against its own hold: shelf, piece, hold, line, hand-over and wardrobe in one step.
-- What is delivered is given from transit, out of its parcel (flows_deliver_parcel); all else from the shelf.
CREATE OR REPLACE FUNCTION flows_give(line uuid, actor text, proof text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    l orders_orderline;
    o orders_order;
BEGIN
    SELECT * INTO l FROM orders_orderline WHERE id = line;
    IF l.id IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    IF NOT l.state = ANY (CASE l.mode WHEN 'DELIVER' THEN ARRAY['DISPATCHED'] ELSE ARRAY['HELD', 'ARRIVED', 'READY'] END)
       OR (l.mode <> 'DELIVER' AND l.place_id <> (SELECT h.place_id FROM stock_hold h WHERE h.id = l.hold_id))
       OR l.quantity <> (SELECT h.quantity FROM stock_hold h WHERE h.id = l.hold_id) THEN  -- it stands elsewhere, or part was lost
        PERFORM vendome_fail('orders.line_not_ready', jsonb_build_object('state', l.state));
    END IF;
    SELECT * INTO o FROM orders_order WHERE id = l.order_id;
    IF o.state <> 'CONFIRMED' THEN
        PERFORM vendome_fail('orders.not_paid', jsonb_build_object('state', o.state));
    ELSIF flows_missing(o.id) > 0 THEN
        PERFORM vendome_fail('orders.rest_not_paid', jsonb_build_object('missing_amount', flows_missing(o.id), 'currency', o.currency));
    END IF;
    PERFORM stock_consume_hold(l.hold_id, 'HANDED_OVER', 'WITH_CLIENT', 'CLIENT', o.client_id, actor, at);
    UPDATE orders_orderline SET state = 'HANDED_OVER' WHERE id = line AND state = l.state;
    IF NOT FOUND THEN
        PERFORM vendome_fail('orders.line_not_ready');
    END IF;
    INSERT INTO fulfilment_handover (id, order_line_id, piece_id, place_id, client_id, actor, proof, at)
        VALUES (vendome_new_id(), line, l.piece_id, l.place_id, o.client_id, actor, proof, at);
    IF o.client_id IS NOT NULL THEN
        INSERT INTO clients_wardrobepiece (id, client_id, piece_id, reference_id, order_line_id, description, source, quantity, acquired_date)
            VALUES (vendome_new_id(), o.client_id, l.piece_id, l.reference_id, line, '', 'BOUGHT', l.quantity, at::date);
    END IF;
    UPDATE orders_order SET state = 'COMPLETED' WHERE id = o.id AND state = 'CONFIRMED' AND NOT EXISTS (
        SELECT FROM orders_orderline x WHERE x.order_id = o.id AND x.state NOT IN ('HANDED_OVER', 'RETURNED', 'CANCELLED'));
    PERFORM vendome_emit('fulfilment.handed_over', 'order:' || o.id, o.maison_id,
        jsonb_build_object('order_id', o.id, 'order_line_id', line, 'piece_id', l.piece_id, 'client_id', o.client_id, 'place_id', l.place_id),
        actor, ARRAY['place:' || l.place_id, 'orders'] || CASE WHEN o.client_id IS NULL THEN '{}' ELSE ARRAY['client:' || o.client_id] END,
        jsonb_build_object('order', o.id, 'line', line), at);
END $$;

-- The hand-over an advisor confirms at the counter; the same key and body give the same answer.
CREATE OR REPLACE FUNCTION flows_hand_over(
    scope text, key text, hash bytea, line uuid, actor text, proof text, at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(scope, key, hash);
    l orders_orderline;
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    IF (SELECT x.mode FROM orders_orderline x WHERE x.id = line) = 'DELIVER' THEN
        PERFORM vendome_fail('fulfilment.goes_by_parcel', jsonb_build_object('order_line_id', line));
    END IF;
    PERFORM flows_give(line, actor, proof, at);
    SELECT * INTO l FROM orders_orderline WHERE id = line;
    PERFORM vendome_audit(actor, 'fulfilment.hand_over', 'order:' || l.order_id, (SELECT maison_id FROM orders_order WHERE id = l.order_id),
                          jsonb_build_object('order_line_id', line, 'proof', proof), at);
    answer := jsonb_build_object('line', line, 'order', l.order_id, 'piece', l.piece_id, 'state', l.state);
    PERFORM vendome_once_answer(scope, key, answer);
    RETURN answer;
END $$;
