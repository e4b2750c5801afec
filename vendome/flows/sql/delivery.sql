-- Parcels: packed, entrusted to a carrier, given against proof; or refused, brought back, lost (ADR 0024).
-- What is done to the parcels of one order waits in one line: an advisory lock, the first of every function here. After it
-- come levels by place and reference, pieces, holds, order, and last the parcel's own guarded UPDATE.
CREATE OR REPLACE FUNCTION flows_lock_parcels(order_ uuid) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('fulfilment.parcels:' || order_, 0))
$$;

CREATE OR REPLACE FUNCTION flows_locked_parcel(parcel uuid) RETURNS fulfilment_parcel LANGUAGE plpgsql AS $$
DECLARE
    p fulfilment_parcel;
BEGIN
    SELECT * INTO p FROM fulfilment_parcel WHERE id = parcel;
    IF p.id IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    PERFORM flows_lock_parcels(p.order_id);
    SELECT * INTO p FROM fulfilment_parcel WHERE id = parcel;
    RETURN p;
END $$;

-- What a paid order sends goes to the packing table: one parcel for each place it leaves. Safe to repeat: called again after
-- a line was given another place or was cancelled, parcels nobody has packed follow. Nothing is packed before all is paid.
CREATE OR REPLACE FUNCTION flows_prepare_parcels(order_ uuid, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    agreed record;
    seat smallint;
BEGIN
    IF NOT EXISTS (SELECT FROM orders_orderline l WHERE l.order_id = order_ AND l.mode = 'DELIVER') OR flows_missing(order_) > 0 THEN
        RETURN;
    END IF;
    PERFORM flows_lock_parcels(order_);
    DELETE FROM fulfilment_parcelline x USING fulfilment_parcel p, orders_orderline l
        WHERE p.id = x.parcel_id AND p.order_id = order_ AND p.state = 'PREPARING' AND l.id = x.order_line_id
          AND (l.place_id IS DISTINCT FROM p.origin_id OR l.mode <> 'DELIVER' OR l.state IN ('CANCELLED', 'RETURNED'));
    DELETE FROM fulfilment_parcel p WHERE p.order_id = order_ AND p.state = 'PREPARING'
        AND NOT EXISTS (SELECT FROM fulfilment_parcelline x WHERE x.parcel_id = p.id)
        AND NOT EXISTS (SELECT FROM fulfilment_parceldocument d WHERE d.parcel_id = p.id)
        AND NOT EXISTS (SELECT FROM fulfilment_orderexception e WHERE e.parcel_id = p.id);
    INSERT INTO fulfilment_parcel (id, order_id, origin_id, number, state, address, promised_date, wanted, currency, slot_start, slot_end)
        SELECT vendome_new_id(), o.id, l.place_id,
               1 + coalesce((SELECT max(p.number) FROM fulfilment_parcel p WHERE p.order_id = o.id AND p.origin_id = l.place_id), 0),
               'PREPARING', o.delivery_address, coalesce(min(l.promised_date), at::date + 5),
               coalesce(nullif(o.delivery->>'mode', ''), 'STANDARD'), o.currency,
               (o.delivery->>'slot_start')::timestamptz, (o.delivery->>'slot_end')::timestamptz
        FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
        WHERE o.id = order_ AND l.mode = 'DELIVER' AND l.direction = 'OUT' AND l.state IN ('HELD', 'READY')
          AND NOT EXISTS (SELECT FROM fulfilment_parcelline x WHERE x.order_line_id = l.id AND x.is_current)
          AND NOT EXISTS (SELECT FROM fulfilment_parcel p
                          WHERE p.order_id = o.id AND p.origin_id = l.place_id AND p.state = 'PREPARING')
        GROUP BY o.id, l.place_id;
    INSERT INTO fulfilment_parcelline (id, parcel_id, order_line_id)
        SELECT vendome_new_id(), p.id, l.id
        FROM orders_orderline l
        JOIN LATERAL (SELECT q.id FROM fulfilment_parcel q WHERE q.order_id = l.order_id AND q.origin_id = l.place_id
                      AND q.state = 'PREPARING' ORDER BY q.number DESC LIMIT 1) p ON true
        WHERE l.order_id = order_ AND l.mode = 'DELIVER' AND l.direction = 'OUT' AND l.state IN ('HELD', 'READY')
          AND NOT EXISTS (SELECT FROM fulfilment_parcelline x WHERE x.order_line_id = l.id AND x.is_current);
    -- The hour she chose is hers from the moment she has paid; two who chose the last one at once: the later is called.
    FOR agreed IN SELECT q.id, q.slot_start, (SELECT c.id FROM fulfilment_carrierservice c JOIN orders_order o ON o.maison_id = c.maison_id
                    WHERE o.id = q.order_id AND c.mode = 'WHITE_GLOVE' AND c.is_offered ORDER BY c.rank, c.id LIMIT 1) AS service
             FROM fulfilment_parcel q WHERE q.order_id = order_ AND q.state = 'PREPARING' AND q.wanted = 'WHITE_GLOVE'
               AND q.slot_start IS NOT NULL AND q.slot_seat IS NULL ORDER BY q.number LOOP
        CONTINUE WHEN agreed.service IS NULL;
        seat := flows_slot_seat(agreed.service, agreed.slot_start);
        UPDATE fulfilment_parcel SET service_id = CASE WHEN seat IS NOT NULL THEN agreed.service END, slot_seat = seat,
               problem = CASE WHEN seat IS NULL THEN 'the hour she chose is taken; agree on another with her' ELSE problem END
            WHERE id = agreed.id;
    END LOOP;
END $$;

-- The lines of a parcel with their holds, in the order in which levels are taken.
CREATE OR REPLACE FUNCTION flows_parcel_lines(parcel uuid)
RETURNS TABLE (line uuid, hold uuid, reference uuid, piece uuid, quantity integer, amount bigint, state varchar, serial text)
LANGUAGE sql STABLE AS $$
    SELECT l.id, l.hold_id, l.reference_id, l.piece_id, l.quantity, l.amount, l.state, s.serial
    FROM fulfilment_parcelline x JOIN orders_orderline l ON l.id = x.order_line_id
    LEFT JOIN stock_piece s ON s.id = l.piece_id
    WHERE x.parcel_id = parcel ORDER BY l.reference_id, l.id
$$;

-- Takes the levels of a parcel's references at two places, in the one order, before anything moves.
CREATE OR REPLACE FUNCTION flows_lock_parcel_levels(parcel uuid, one uuid, other uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stock_level (reference_id, place_id, on_hand, held)
        SELECT DISTINCT x.reference, other, 0, 0 FROM flows_parcel_lines(parcel) x ORDER BY 1
        ON CONFLICT (reference_id, place_id) DO NOTHING;
    PERFORM FROM stock_level l WHERE l.place_id IN (one, other)
        AND l.reference_id IN (SELECT x.reference FROM flows_parcel_lines(parcel) x)
        ORDER BY l.place_id, l.reference_id FOR NO KEY UPDATE;
END $$;

CREATE OR REPLACE FUNCTION flows_transit_of(maison uuid) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
    found uuid;
BEGIN
    SELECT p.id INTO found FROM house_place p WHERE p.maison_id = maison AND p.kind = 'TRANSIT' ORDER BY p.position, p.id LIMIT 1;
    IF found IS NULL THEN
        PERFORM vendome_fail('fulfilment.no_transit_place');
    END IF;
    RETURN found;
END $$;

-- Tells the pages that show this parcel, its order and its client.
CREATE OR REPLACE FUNCTION flows_tell_parcel(kind text, p fulfilment_parcel, actor text, at timestamptz, more jsonb DEFAULT '{}')
RETURNS void LANGUAGE sql AS $$
    SELECT vendome_emit(kind, 'parcel:' || p.id, o.maison_id,
        jsonb_build_object('parcel_id', p.id, 'order_id', o.id, 'state', p.state, 'place_id', p.origin_id, 'client_id', o.client_id) || more,
        actor, ARRAY['orders', 'order:' || o.id, 'place:' || p.origin_id]
               || CASE WHEN o.client_id IS NULL THEN '{}' ELSE ARRAY['client:' || o.client_id] END,
        jsonb_build_object('order', o.id, 'parcel', p.id, 'state', p.state), at)
    FROM orders_order o WHERE o.id = p.order_id
$$;

-- The lowest free seat of a white-glove slot; NULL when every concierge is engaged.
CREATE OR REPLACE FUNCTION flows_slot_seat(service uuid, starts timestamptz) RETURNS smallint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('fulfilment.slot:' || service || ':' || extract(epoch FROM starts), 0));
    RETURN (SELECT min(n)::smallint FROM fulfilment_carrierservice s, generate_series(1, s.slot_seats) n
            WHERE s.id = service AND NOT EXISTS (
                SELECT FROM fulfilment_parcel p WHERE p.service_id = service AND p.slot_start = starts AND p.slot_seat = n));
END $$;

-- Packs: every serial number scanned, sealed, insured within the service's limit; the label is asked for afterwards, by a job.
-- o: scope, key, hash; parcel, service, seal, serials[], why, slot_start, slot_end, footprint, actor, at.
CREATE OR REPLACE FUNCTION flows_pack_parcel(o jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(o->>'scope', o->>'key', decode(o->>'hash', 'hex'));
    p fulfilment_parcel;
    s fulfilment_carrierservice;
    ord orders_order;
    at timestamptz := (o->>'at')::timestamptz;
    seat smallint;
    starts timestamptz := (o->>'slot_start')::timestamptz;
    worth bigint;
    most bigint;
    wanted text[];
    given text[];
    is_whole boolean;
    destination text;
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    p := flows_locked_parcel((o->>'parcel')::uuid);
    IF p.state <> 'PREPARING' THEN
        PERFORM vendome_fail('fulfilment.parcel_moved', jsonb_build_object('state', p.state));
    END IF;
    SELECT * INTO ord FROM orders_order WHERE id = p.order_id FOR NO KEY UPDATE;
    IF ord.state <> 'CONFIRMED' THEN
        PERFORM vendome_fail('orders.not_paid', jsonb_build_object('state', ord.state));
    END IF;
    SELECT sum(x.amount), coalesce(array_agg(upper(x.serial) ORDER BY upper(x.serial)) FILTER (WHERE x.serial IS NOT NULL), '{}'),
           bool_and(x.state IN ('HELD', 'READY') AND h.state = 'ACTIVE' AND h.place_id = p.origin_id
                    AND coalesce(t.state <> 'QUARANTINED', true))
        INTO worth, wanted, is_whole
        FROM flows_parcel_lines(p.id) x LEFT JOIN stock_hold h ON h.id = x.hold LEFT JOIN stock_piece t ON t.id = x.piece;
    IF is_whole IS NOT TRUE THEN
        PERFORM vendome_fail('orders.line_not_ready', jsonb_build_object('parcel_id', p.id));
    END IF;
    given := ARRAY(SELECT upper(btrim(v)) FROM jsonb_array_elements_text(coalesce(o->'serials', '[]')) v ORDER BY 1);
    IF given <> wanted THEN
        PERFORM vendome_fail('fulfilment.serial_missing', jsonb_build_object('wanted', cardinality(wanted), 'scanned', cardinality(given)));
    END IF;
    SELECT * INTO s FROM fulfilment_carrierservice c
        WHERE c.id = (o->>'service')::uuid AND c.maison_id = ord.maison_id AND c.is_offered;
    IF s.id IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    destination := flows_destination(ord.id);
    most := (s.limits->>ord.currency)::bigint;
    IF most IS NULL OR (cardinality(s.countries) > 0 AND NOT destination = ANY (s.countries))
       OR (cardinality(s.origins) > 0 AND NOT (SELECT h.country FROM house_place h WHERE h.id = p.origin_id) = ANY (s.origins))
       OR (s.mode = 'WHITE_GLOVE' AND starts IS NULL) THEN
        PERFORM vendome_fail('fulfilment.service_unfit', jsonb_build_object('service', s.code, 'destination', destination));
    ELSIF worth > most THEN
        PERFORM vendome_fail('fulfilment.above_limit', jsonb_build_object('value', worth, 'limit', most, 'currency', ord.currency));
    ELSIF s.mode = 'WHITE_GLOVE' THEN
        seat := CASE WHEN p.service_id = s.id AND p.slot_start = starts THEN p.slot_seat END;
        seat := coalesce(seat, flows_slot_seat(s.id, starts));
        IF seat IS NULL THEN
            PERFORM vendome_fail('fulfilment.slot_taken');
        END IF;
    END IF;
    UPDATE fulfilment_parcel SET state = 'PACKED', service_id = s.id, carrier = s.carrier, why = coalesce(o->>'why', ''),
           currency = ord.currency, insured_amount = worth, insured_limit = most, needs_signature = s.needs_signature,
           checks_identity = s.checks_identity, seal = o->>'seal',
           slot_start = CASE WHEN s.mode = 'WHITE_GLOVE' THEN starts END,
           slot_end = CASE WHEN s.mode = 'WHITE_GLOVE' THEN (o->>'slot_end')::timestamptz END, slot_seat = seat,
           footprint_grams = coalesce((o->>'footprint')::integer, 0), packed_at = at, problem = '',
           booking = CASE s.carrier WHEN 'house' THEN 'NONE' ELSE 'REQUESTED' END, booking_tries = 0, booking_problem = '',
           booking_due_at = CASE s.carrier WHEN 'house' THEN NULL ELSE at END
        WHERE id = p.id AND state = 'PREPARING' RETURNING * INTO p;
    IF NOT FOUND THEN
        PERFORM vendome_fail('fulfilment.parcel_moved');
    END IF;
    UPDATE fulfilment_parcelline SET scanned_at = at WHERE parcel_id = p.id;
    PERFORM vendome_audit(o->>'actor', 'fulfilment.pack', 'parcel:' || p.id, ord.maison_id,
                          jsonb_build_object('service', s.code, 'seal', p.seal, 'insured', worth, 'currency', ord.currency), at);
    PERFORM flows_tell_parcel('fulfilment.parcel_packed', p, o->>'actor', at);
    answer := jsonb_build_object('parcel', p.id, 'state', p.state, 'booking', p.booking);
    PERFORM vendome_once_answer(o->>'scope', o->>'key', answer);
    RETURN answer;
END $$;

-- The country an order is sent to: named with the address, else that of its market.
CREATE OR REPLACE FUNCTION flows_destination(order_ uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(o.delivery->>'country', ''), m.country) FROM orders_order o JOIN house_market m ON m.id = o.market_id
    WHERE o.id = order_
$$;

-- Opens a packed parcel again: its seal is spent, its slot free. A label that was made is cancelled by the caller first.
CREATE OR REPLACE FUNCTION flows_unpack_parcel(parcel uuid, actor text, reason text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p fulfilment_parcel := flows_locked_parcel(parcel);
    spent text := p.seal;
BEGIN
    UPDATE fulfilment_parcel SET state = 'PREPARING', service_id = NULL, carrier = '', tracking_number = '', carrier_reference = '',
           insured_amount = 0, insured_limit = 0, needs_signature = false, checks_identity = false, seal = '', slot_seat = NULL,
           footprint_grams = 0, booking = 'NONE', booking_due_at = NULL, booking_problem = '', packed_at = NULL
        WHERE id = parcel AND state = 'PACKED' RETURNING * INTO p;
    IF NOT FOUND THEN
        PERFORM vendome_fail('fulfilment.parcel_moved');
    END IF;
    UPDATE fulfilment_parcelline SET scanned_at = NULL WHERE parcel_id = parcel;
    PERFORM vendome_audit(actor, 'fulfilment.unpack', 'parcel:' || parcel, (SELECT maison_id FROM orders_order WHERE id = p.order_id),
                          jsonb_build_object('seal', spent, 'reason', reason), at);
    PERFORM flows_tell_parcel('fulfilment.parcel_opened', p, actor, at);
END $$;

-- Takes some lines out into a parcel of their own, when one would be worth more than anybody insures.
CREATE OR REPLACE FUNCTION flows_split_parcel(parcel uuid, lines uuid[], actor text, at timestamptz) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    p fulfilment_parcel := flows_locked_parcel(parcel);
    made uuid := vendome_new_id();
    moved integer;
BEGIN
    INSERT INTO fulfilment_parcel (id, order_id, origin_id, number, state, address, promised_date, wanted, currency, slot_start, slot_end)
        SELECT made, q.order_id, q.origin_id,
               1 + (SELECT max(y.number) FROM fulfilment_parcel y WHERE y.order_id = q.order_id AND y.origin_id = q.origin_id),
               'PREPARING', q.address, q.promised_date, q.wanted, q.currency, q.slot_start, q.slot_end
        FROM fulfilment_parcel q WHERE q.id = parcel AND q.state = 'PREPARING';
    IF NOT FOUND THEN
        PERFORM vendome_fail('fulfilment.parcel_moved', jsonb_build_object('state', p.state));
    END IF;
    UPDATE fulfilment_parcelline SET parcel_id = made WHERE parcel_id = parcel AND order_line_id = ANY (lines);
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved = 0 OR moved <> cardinality(lines) OR NOT EXISTS (SELECT FROM fulfilment_parcelline WHERE parcel_id = parcel) THEN
        PERFORM vendome_fail('fulfilment.nothing_to_send');
    END IF;
    PERFORM vendome_audit(actor, 'fulfilment.split', 'parcel:' || parcel, (SELECT maison_id FROM orders_order WHERE id = p.order_id),
                          jsonb_build_object('into', made, 'lines', moved), at);
    PERFORM flows_tell_parcel('fulfilment.parcel_split', p, actor, at);
    RETURN made;
END $$;

-- What the carrier answered to a booking. False: the parcel was opened meanwhile, and the label is to be cancelled.
CREATE OR REPLACE FUNCTION flows_book_parcel(
    parcel uuid, packed timestamptz, reference text, tracking text, label bytea, label_type text, at timestamptz
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    p fulfilment_parcel := flows_locked_parcel(parcel);
BEGIN
    UPDATE fulfilment_parcel SET booking = 'BOOKED', carrier_reference = reference, tracking_number = tracking, booking_due_at = NULL,
           booking_problem = ''
        WHERE id = parcel AND state = 'PACKED' AND booking IN ('REQUESTED', 'FAILED') AND packed_at = packed RETURNING * INTO p;
    IF NOT FOUND THEN
        RETURN EXISTS (SELECT FROM fulfilment_parcel q WHERE q.id = parcel AND q.tracking_number = tracking);
    END IF;
    INSERT INTO fulfilment_parceldocument (id, parcel_id, kind, media_type, sha256, content, actor, at)
        VALUES (vendome_new_id(), parcel, 'LABEL', label_type, sha256(label), label, 'SYSTEM', at);
    PERFORM flows_tell_parcel('fulfilment.parcel_booked', p, 'SYSTEM', at, jsonb_build_object('tracking_number', tracking));
    RETURN true;
END $$;

-- Entrusts a packed parcel to its carrier: off the shelf and into transit under the very holds that promised it to her.
-- It is still the house's; only delivery makes it hers.
CREATE OR REPLACE FUNCTION flows_send_parcel(parcel uuid, actor text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p fulfilment_parcel := flows_locked_parcel(parcel);
    ord orders_order;
    transit uuid;
    x record;
BEGIN
    IF p.state <> 'PACKED' OR p.booking NOT IN ('NONE', 'BOOKED') THEN
        PERFORM vendome_fail('fulfilment.parcel_moved', jsonb_build_object('state', p.state, 'booking', p.booking));
    END IF;
    SELECT * INTO ord FROM orders_order WHERE id = p.order_id;
    transit := flows_transit_of(ord.maison_id);
    PERFORM flows_lock_parcel_levels(parcel, p.origin_id, transit);
    FOR x IN SELECT * FROM flows_parcel_lines(parcel) LOOP
        PERFORM stock_move_hold(x.hold, transit, 'DISPATCHED', 'TRANSFERRED_IN', 'IN_TRANSIT', actor, 'with the carrier', at);
        UPDATE orders_orderline SET state = 'DISPATCHED' WHERE id = x.line AND state IN ('HELD', 'READY');
        IF NOT FOUND THEN
            PERFORM vendome_fail('orders.line_not_ready', jsonb_build_object('order_line_id', x.line));
        END IF;
    END LOOP;
    UPDATE fulfilment_parcel SET state = 'DISPATCHED', dispatched_at = at WHERE id = parcel AND state = 'PACKED' RETURNING * INTO p;
    IF NOT FOUND THEN
        PERFORM vendome_fail('fulfilment.parcel_moved');
    END IF;
    PERFORM vendome_audit(actor, 'fulfilment.dispatch', 'parcel:' || p.id, ord.maison_id,
                          jsonb_build_object('carrier', p.carrier, 'tracking', p.tracking_number, 'seal', p.seal), at);
    PERFORM flows_tell_parcel('fulfilment.parcel_dispatched', p, actor, at);
END $$;

-- Given at the door: each line against its own hold, and the proof kept with the parcel.
CREATE OR REPLACE FUNCTION flows_deliver_parcel(
    parcel uuid, proof text, received text, identity text, signature bytea, signature_type text, actor text, at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p fulfilment_parcel := flows_locked_parcel(parcel);
    ord orders_order;
    transit uuid;
    x record;
BEGIN
    IF p.state NOT IN ('DISPATCHED', 'OUT_FOR_DELIVERY') THEN
        PERFORM vendome_fail('fulfilment.parcel_moved', jsonb_build_object('state', p.state));
    END IF;
    IF proof <> 'CARRIER' AND ((p.needs_signature AND signature IS NULL) OR (p.checks_identity AND identity = '') OR received = '') THEN
        PERFORM vendome_fail('fulfilment.proof_missing');
    END IF;
    SELECT * INTO ord FROM orders_order WHERE id = p.order_id;
    transit := flows_transit_of(ord.maison_id);
    PERFORM flows_lock_parcel_levels(parcel, transit, transit);
    FOR x IN SELECT * FROM flows_parcel_lines(parcel) LOOP
        PERFORM flows_give(x.line, actor, proof, at);
    END LOOP;
    UPDATE fulfilment_parcel SET state = 'DELIVERED', delivered_at = at, ended_at = at, received_by = received, identity_seen = identity,
           problem = ''
        WHERE id = parcel AND state IN ('DISPATCHED', 'OUT_FOR_DELIVERY') RETURNING * INTO p;
    IF NOT FOUND THEN
        PERFORM vendome_fail('fulfilment.parcel_moved');
    END IF;
    IF signature IS NOT NULL THEN
        INSERT INTO fulfilment_parceldocument (id, parcel_id, kind, media_type, sha256, content, actor, at)
            VALUES (vendome_new_id(), parcel, 'SIGNATURE', signature_type, sha256(signature), signature, actor, at);
    END IF;
    PERFORM vendome_audit(actor, 'fulfilment.deliver', 'parcel:' || p.id, ord.maison_id,
        jsonb_build_object('proof', proof, 'identity', identity,
                           'signature_sha256', CASE WHEN signature IS NOT NULL THEN encode(sha256(signature), 'hex') END), at);
    PERFORM flows_tell_parcel('fulfilment.parcel_delivered', p, actor, at);
END $$;

-- On the road a parcel goes on, is refused or turns back; nothing moves between places, so only its own row changes.
CREATE OR REPLACE FUNCTION flows_turn_parcel(parcel uuid, to_state text, actor text, reason text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    p fulfilment_parcel := flows_locked_parcel(parcel);
BEGIN
    UPDATE fulfilment_parcel SET state = to_state, problem = CASE to_state WHEN 'OUT_FOR_DELIVERY' THEN problem ELSE reason END
        WHERE id = parcel AND state = ANY (CASE to_state WHEN 'OUT_FOR_DELIVERY' THEN ARRAY['DISPATCHED']
            WHEN 'REFUSED' THEN ARRAY['DISPATCHED', 'OUT_FOR_DELIVERY']
            WHEN 'RETURNING' THEN ARRAY['DISPATCHED', 'OUT_FOR_DELIVERY', 'REFUSED'] ELSE '{}' END)
        RETURNING * INTO p;
    IF NOT FOUND THEN
        PERFORM vendome_fail('fulfilment.parcel_moved');
    END IF;
    PERFORM vendome_audit(actor, 'fulfilment.' || lower(to_state), 'parcel:' || p.id,
                          (SELECT maison_id FROM orders_order WHERE id = p.order_id), jsonb_build_object('reason', reason), at);
    PERFORM flows_tell_parcel('fulfilment.parcel_' || lower(to_state), p, actor, at);
END $$;

-- A parcel that came back is received where it left, into quarantine, and is still promised to her.
CREATE OR REPLACE FUNCTION flows_take_parcel_back(parcel uuid, actor text, reason_ text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p fulfilment_parcel := flows_locked_parcel(parcel);
    ord orders_order;
    x record;
BEGIN
    IF p.state NOT IN ('DISPATCHED', 'OUT_FOR_DELIVERY', 'REFUSED', 'RETURNING') THEN
        PERFORM vendome_fail('fulfilment.parcel_moved', jsonb_build_object('state', p.state));
    END IF;
    SELECT * INTO ord FROM orders_order WHERE id = p.order_id;
    PERFORM flows_lock_parcel_levels(parcel, p.origin_id, flows_transit_of(ord.maison_id));
    FOR x IN SELECT * FROM flows_parcel_lines(parcel) LOOP
        PERFORM stock_move_hold(x.hold, p.origin_id, 'TRANSFERRED_OUT', 'QUARANTINED', 'QUARANTINED', actor, reason_, at);
        UPDATE orders_orderline SET state = 'HELD' WHERE id = x.line AND state = 'DISPATCHED';
    END LOOP;
    UPDATE fulfilment_parcelline SET is_current = false WHERE parcel_id = parcel;
    UPDATE fulfilment_parcel SET state = 'RETURNED', ended_at = at, problem = reason_
        WHERE id = parcel AND state IN ('DISPATCHED', 'OUT_FOR_DELIVERY', 'REFUSED', 'RETURNING') RETURNING * INTO p;
    IF NOT FOUND THEN
        PERFORM vendome_fail('fulfilment.parcel_moved');
    END IF;
    PERFORM vendome_audit(actor, 'fulfilment.take_back', 'parcel:' || p.id, ord.maison_id, jsonb_build_object('reason', reason_), at);
    PERFORM flows_tell_parcel('fulfilment.parcel_returned', p, actor, at);
END $$;

-- Looked at and found whole: what came back leaves quarantine, still under her hold, and goes to the packing table again.
CREATE OR REPLACE FUNCTION flows_send_parcel_again(parcel uuid, actor text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p fulfilment_parcel := flows_locked_parcel(parcel);
    ord orders_order;
    x record;
    level record;
BEGIN
    SELECT * INTO ord FROM orders_order WHERE id = p.order_id;
    IF p.state <> 'RETURNED' OR ord.state <> 'CONFIRMED' THEN
        PERFORM vendome_fail('fulfilment.parcel_moved', jsonb_build_object('state', p.state));
    END IF;
    PERFORM flows_lock_parcel_levels(parcel, p.origin_id, p.origin_id);
    FOR x IN SELECT l.* FROM flows_parcel_lines(parcel) l WHERE l.state IN ('HELD', 'READY') AND NOT EXISTS (
            SELECT FROM fulfilment_parcelline c JOIN fulfilment_parcel q ON q.id = c.parcel_id
            WHERE c.order_line_id = l.line AND c.is_current AND q.state <> 'PREPARING') LOOP
        UPDATE stock_piece SET state = 'IN_STOCK' WHERE id = x.piece AND hold_id = x.hold AND state = 'QUARANTINED';
        SELECT l.on_hand, l.held INTO level FROM stock_level l WHERE l.reference_id = x.reference AND l.place_id = p.origin_id;
        PERFORM stock_note('RESTOCKED', p.origin_id, x.reference, x.piece, 0, 0, level.on_hand, level.held, ord.id, x.hold, actor,
                           'looked at and found whole', at);
    END LOOP;
    PERFORM flows_prepare_parcels(ord.id, at);
    PERFORM vendome_audit(actor, 'fulfilment.send_again', 'parcel:' || p.id, ord.maison_id, '{}', at);
    PERFORM flows_tell_parcel('fulfilment.parcel_sent_again', p, actor, at);
END $$;

-- Lost on the way: written off from transit with a reason. The order stays owed: its lines are neither hers nor cancelled.
CREATE OR REPLACE FUNCTION flows_lose_parcel(parcel uuid, actor text, reason text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p fulfilment_parcel := flows_locked_parcel(parcel);
    ord orders_order;
    transit uuid;
    x record;
BEGIN
    IF p.state NOT IN ('DISPATCHED', 'OUT_FOR_DELIVERY', 'REFUSED', 'RETURNING') THEN
        PERFORM vendome_fail('fulfilment.parcel_moved', jsonb_build_object('state', p.state));
    END IF;
    SELECT * INTO ord FROM orders_order WHERE id = p.order_id;
    transit := flows_transit_of(ord.maison_id);
    PERFORM flows_lock_parcel_levels(parcel, transit, transit);
    FOR x IN SELECT l.*, s.owner FROM flows_parcel_lines(parcel) l LEFT JOIN stock_piece s ON s.id = l.piece LOOP
        PERFORM stock_consume_hold(x.hold, 'LOST', 'LOST', coalesce(x.owner, 'HOUSE'), NULL, actor, at, reason);
    END LOOP;
    UPDATE fulfilment_parcelline SET is_current = false WHERE parcel_id = parcel;
    UPDATE fulfilment_parcel SET state = 'LOST', ended_at = at, problem = reason
        WHERE id = parcel AND state IN ('DISPATCHED', 'OUT_FOR_DELIVERY', 'REFUSED', 'RETURNING') RETURNING * INTO p;
    IF NOT FOUND THEN
        PERFORM vendome_fail('fulfilment.parcel_moved');
    END IF;
    PERFORM vendome_audit(actor, 'fulfilment.lose', 'parcel:' || p.id, ord.maison_id,
                          jsonb_build_object('reason', reason, 'insured', p.insured_amount, 'currency', p.currency), at);
    PERFORM flows_tell_parcel('fulfilment.parcel_lost', p, actor, at,
                              jsonb_build_object('value', p.insured_amount, 'currency', p.currency, 'reason', reason));
END $$;

-- Another piece for what was lost: taken where it best comes from, under a hold of the same line, and packed anew.
CREATE OR REPLACE FUNCTION flows_replace_parcel(parcel uuid, actor text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p fulfilment_parcel := flows_locked_parcel(parcel);
    ord orders_order;
    x record;
    spot uuid;
    level record;
    hold uuid;
    piece uuid;
BEGIN
    SELECT * INTO ord FROM orders_order WHERE id = p.order_id;
    IF p.state <> 'LOST' OR ord.state <> 'CONFIRMED' OR NOT EXISTS (  -- replaced already, or her money went back
        SELECT FROM flows_parcel_lines(parcel) l WHERE l.state = 'DISPATCHED'
            AND NOT EXISTS (SELECT FROM stock_hold h WHERE h.id = l.hold AND h.state = 'ACTIVE')) THEN
        PERFORM vendome_fail('fulfilment.parcel_moved', jsonb_build_object('state', p.state));
    END IF;
    FOR x IN SELECT l.*, r.is_serialised FROM flows_parcel_lines(parcel) l JOIN catalogue_reference r ON r.id = l.reference
             WHERE l.state = 'DISPATCHED' AND NOT EXISTS (
                SELECT FROM fulfilment_parcelline c WHERE c.order_line_id = l.line AND c.is_current) LOOP
        level := NULL;
        FOR attempt IN 1..5 LOOP
            spot := flows_would_send(x.reference, x.quantity, ord.maison_id, ord.market_id, ord.channel, at::date);
            EXIT WHEN spot IS NULL;
            SELECT * INTO level FROM stock_take_for_promise(spot, x.reference, x.quantity);
            EXIT WHEN level.on_hand_now IS NOT NULL;
        END LOOP;
        IF spot IS NULL OR level.on_hand_now IS NULL THEN
            PERFORM vendome_fail('stock.out_of_stock', jsonb_build_object('reference_id', x.reference));
        END IF;
        hold := vendome_new_id();
        PERFORM stock_quota_follows((SELECT l.hold_id FROM orders_orderline l WHERE l.id = x.line), hold, NULL);
        piece := stock_keep(hold, 'ORDER', spot, x.reference, NULL, x.quantity, x.is_serialised, ord.client_id, ord.advisor_id, ord.id,
                            x.line, NULL, true, 'instead of one that was lost', NULL, level.on_hand_now, level.held_now, actor, at);
        PERFORM stock_tell_level(spot, x.reference, level.on_hand_now, level.held_now, ord.maison_id, actor, at);
        PERFORM stock_quota_follows(hold, hold, piece);
        UPDATE fulfilment_orderexception SET resolved_at = at, resolved_by = actor, resolution = 'RESOURCED'
            WHERE order_line_id = x.line AND resolved_at IS NULL;
        UPDATE orders_orderline SET state = 'HELD', hold_id = hold, piece_id = piece, place_id = spot
            WHERE id = x.line AND state = 'DISPATCHED';
    END LOOP;
    PERFORM flows_prepare_parcels(ord.id, at);
    PERFORM vendome_audit(actor, 'fulfilment.replace', 'parcel:' || p.id, ord.maison_id, '{}', at);
    PERFORM flows_tell_parcel('fulfilment.parcel_replaced', p, actor, at);
END $$;

-- What a carrier reports, from its webhook or because we asked; each scan counts once, and none ever turns a parcel back in
-- time. Returns NULL for a number that is not ours, else the parcel, its state and how many scans were new.
CREATE OR REPLACE FUNCTION flows_take_tracking(carrier_ text, tracking text, events jsonb, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    p fulfilment_parcel;
    e record;
    fresh integer := 0;
BEGIN
    SELECT * INTO p FROM fulfilment_parcel WHERE carrier = carrier_ AND tracking_number = tracking AND tracking <> '';
    IF p.id IS NULL THEN
        RETURN NULL;
    END IF;
    p := flows_locked_parcel(p.id);
    FOR e IN SELECT x->>'id' AS id, x->>'kind' AS kind, coalesce(x->>'message', '') AS message, coalesce(x->>'where', '') AS spot,
                    coalesce(x->>'signed_by', '') AS signed_by, (x->>'at')::timestamptz AS moment
             FROM jsonb_array_elements(events) x ORDER BY 6, 1 LOOP
        INSERT INTO fulfilment_trackingevent (id, parcel_id, carrier, event_id, kind, message, "where", at, heard_at)
            VALUES (vendome_new_id(), p.id, carrier_, e.id, e.kind, e.message, e.spot, e.moment, at)
            ON CONFLICT (parcel_id, event_id) DO NOTHING;
        CONTINUE WHEN NOT FOUND;
        fresh := fresh + 1;
        PERFORM flows_follow_parcel(p.id, e.kind, e.message, e.signed_by, e.moment, at);
    END LOOP;
    UPDATE fulfilment_parcel SET tracked_at = at WHERE id = p.id RETURNING * INTO p;
    IF fresh > 0 THEN
        PERFORM flows_tell_parcel('fulfilment.parcel_tracked', p, 'SYSTEM', at);
    END IF;
    RETURN jsonb_build_object('parcel', p.id, 'state', p.state, 'fresh', fresh);
END $$;

CREATE OR REPLACE FUNCTION flows_follow_parcel(parcel uuid, kind text, message text, signed_by text, moment timestamptz, at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p fulfilment_parcel;
BEGIN
    SELECT * INTO p FROM fulfilment_parcel WHERE id = parcel;
    IF p.state = 'PACKED' AND kind IN ('PICKED_UP', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'DELIVERED') THEN
        PERFORM flows_send_parcel(parcel, 'SYSTEM', moment);  -- the driver's scan is as good as ours
        SELECT * INTO p FROM fulfilment_parcel WHERE id = parcel;
    END IF;
    IF kind = 'OUT_FOR_DELIVERY' AND p.state = 'DISPATCHED' THEN
        PERFORM flows_turn_parcel(parcel, 'OUT_FOR_DELIVERY', 'SYSTEM', '', moment);
    ELSIF kind = 'DELIVERED' AND p.state IN ('DISPATCHED', 'OUT_FOR_DELIVERY') THEN
        PERFORM flows_deliver_parcel(parcel, 'CARRIER', signed_by, '', NULL, NULL, 'SYSTEM', moment);
    ELSIF kind = 'REFUSED' AND p.state IN ('DISPATCHED', 'OUT_FOR_DELIVERY') THEN
        PERFORM flows_turn_parcel(parcel, 'REFUSED', 'SYSTEM', message, moment);
    ELSIF kind = 'RETURNING' AND p.state IN ('DISPATCHED', 'OUT_FOR_DELIVERY', 'REFUSED') THEN
        PERFORM flows_turn_parcel(parcel, 'RETURNING', 'SYSTEM', message, moment);
    ELSIF kind = 'FAILURE' AND p.state IN ('PACKED', 'DISPATCHED', 'OUT_FOR_DELIVERY', 'REFUSED', 'RETURNING') THEN
        UPDATE fulfilment_parcel SET problem = message WHERE id = parcel RETURNING * INTO p;
        PERFORM flows_tell_parcel('fulfilment.parcel_in_trouble', p, 'SYSTEM', at, jsonb_build_object('message', message,
            'value', p.insured_amount, 'currency', p.currency));
    END IF;
END $$;
