-- Promise and reserve are one act: the level is guarded, the piece chosen and the hold written in one call.
-- Lock order: level, piece, hold. Fails with stock.out_of_stock and then nothing is held.
CREATE OR REPLACE FUNCTION stock_take_level(place uuid, ref uuid, quantity integer, OUT on_hand_now integer, OUT held_now integer)
LANGUAGE sql AS $$
    UPDATE stock_level SET held = held + quantity
    WHERE reference_id = ref AND place_id = place AND on_hand - held >= quantity
    RETURNING on_hand, held
$$;

CREATE OR REPLACE FUNCTION stock_keep(
    hold uuid, kind_ text, place uuid, ref uuid, wanted_piece uuid, quantity_ integer, is_serialised boolean,
    client uuid, advisor uuid, order_ uuid, line uuid, basket uuid, flexible boolean, reason_ text,
    expires timestamptz, on_hand_now integer, held_now integer, actor text, at timestamptz
) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    chosen uuid;
BEGIN
    IF is_serialised THEN
        SELECT p.id INTO chosen FROM stock_piece p
            WHERE p.reference_id = ref AND p.place_id = place AND p.state = 'IN_STOCK' AND p.hold_id IS NULL
              AND (wanted_piece IS NULL OR p.id = wanted_piece)
            ORDER BY p.received_at, p.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
        IF chosen IS NULL THEN
            PERFORM vendome_fail(CASE WHEN wanted_piece IS NULL THEN 'stock.ledger_disagrees' ELSE 'stock.out_of_stock' END,
                                 jsonb_build_object('reference_id', ref, 'place_id', place, 'piece_id', wanted_piece));
        END IF;
        UPDATE stock_piece SET hold_id = hold WHERE id = chosen;
    END IF;
    INSERT INTO stock_hold (id, kind, state, reference_id, piece_id, place_id, is_place_flexible, quantity, client_id,
                            advisor_id, order_id, order_line_id, basket_id, reason, held_at, expires_at)
        VALUES (hold, kind_, 'ACTIVE', ref, chosen, place, flexible, quantity_, client, advisor, order_, line, basket,
                reason_, at, expires);
    PERFORM stock_note(CASE kind_ WHEN 'QUARANTINE' THEN 'QUARANTINED' ELSE 'HELD' END, place, ref, chosen, 0, quantity_, on_hand_now, held_now, order_, hold, actor, reason_, at);
    RETURN chosen;
END $$;

-- A hold of its own (reservation, selection, appointment); an order's holds are made while it is placed.
CREATE OR REPLACE FUNCTION stock_hold_reference(
    kind text, place uuid, ref uuid, wanted_piece uuid, quantity integer, client uuid, advisor uuid, basket uuid,
    reason text, expires timestamptz, actor text, at timestamptz
) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    hold uuid := vendome_new_id();
    level record;
    serialised boolean;
    maison uuid;
BEGIN
    SELECT r.is_serialised, r.maison_id INTO serialised, maison
        FROM catalogue_reference r JOIN house_place p ON p.id = place AND p.maison_id = r.maison_id WHERE r.id = ref;
    IF serialised IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    IF quantity < 1 OR (serialised AND quantity <> 1) THEN
        PERFORM vendome_fail('orders.bad_quantity');
    END IF;
    SELECT * INTO level FROM stock_take_level(place, ref, quantity);
    IF level.on_hand_now IS NULL THEN
        PERFORM vendome_fail('stock.out_of_stock', jsonb_build_object('reference_id', ref, 'place_id', place));
    END IF;
    PERFORM stock_keep(hold, kind, place, ref, wanted_piece, quantity, serialised, client, advisor, NULL, NULL, basket,
                       false, reason, expires, level.on_hand_now, level.held_now, actor, at);
    PERFORM stock_tell_level(place, ref, level.on_hand_now, level.held_now, maison, actor, at);
    RETURN hold;
END $$;

-- Ends a hold without a hand-over; what it kept is free again. Fails with stock.hold_gone when it has ended.
CREATE OR REPLACE FUNCTION stock_end_hold(hold uuid, ending text, actor text, reason text, at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    h stock_hold;
    level record;
BEGIN
    SELECT * INTO h FROM stock_hold WHERE id = hold;
    IF h.id IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    PERFORM FROM stock_level l WHERE l.reference_id = h.reference_id AND l.place_id = h.place_id FOR NO KEY UPDATE;
    PERFORM FROM stock_piece p WHERE p.id = h.piece_id FOR NO KEY UPDATE;
    UPDATE stock_hold SET state = ending, ended_at = at WHERE id = hold AND state = 'ACTIVE' AND place_id = h.place_id;
    IF NOT FOUND THEN
        PERFORM vendome_fail('stock.hold_gone', jsonb_build_object('hold_id', hold));
    END IF;
    IF EXISTS (SELECT FROM house_place p WHERE p.id = h.place_id AND p.kind IN ('TRANSIT', 'CLIENT_HOME')) THEN
        PERFORM vendome_fail('stock.hold_travels', jsonb_build_object('hold_id', hold));
    END IF;
    UPDATE stock_piece SET hold_id = NULL, state = 'IN_STOCK' WHERE id = h.piece_id AND hold_id = hold;
    UPDATE stock_level SET held = held - h.quantity
        WHERE reference_id = h.reference_id AND place_id = h.place_id RETURNING on_hand, held INTO level;
    PERFORM stock_note(CASE h.kind WHEN 'QUARANTINE' THEN 'RESTOCKED' ELSE 'RELEASED' END, h.place_id, h.reference_id, h.piece_id, 0, -h.quantity, level.on_hand, level.held,
                       h.order_id, hold, actor, reason, at);
    PERFORM stock_tell_level(h.place_id, h.reference_id, level.on_hand, level.held,
                             (SELECT maison_id FROM catalogue_reference WHERE id = h.reference_id), actor, at);
    PERFORM stock_hold_ended(h, ending, actor, at);
END $$;

-- The shelf goes down at hand-over, dispatch or write-off, against this very hold: never release-then-take.
DROP FUNCTION IF EXISTS stock_consume_hold(uuid, text, text, text, uuid, text, timestamptz);
CREATE OR REPLACE FUNCTION stock_consume_hold(
    hold uuid, movement text, piece_state text, owner_ text, client uuid, actor text, at timestamptz, reason text DEFAULT ''
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    h stock_hold;
    level record;
BEGIN
    SELECT * INTO h FROM stock_hold WHERE id = hold;
    PERFORM FROM stock_level l WHERE l.reference_id = h.reference_id AND l.place_id = h.place_id FOR NO KEY UPDATE;
    PERFORM FROM stock_piece p WHERE p.id = h.piece_id FOR NO KEY UPDATE;
    UPDATE stock_hold SET state = 'CONSUMED', ended_at = at WHERE id = hold AND state = 'ACTIVE' AND place_id = h.place_id;
    IF NOT FOUND THEN
        PERFORM vendome_fail('stock.hold_gone', jsonb_build_object('hold_id', hold));
    END IF;
    IF h.piece_id IS NOT NULL THEN
        UPDATE stock_piece SET hold_id = NULL, state = piece_state, owner = owner_, client_id = client,
                               place_id = CASE WHEN piece_state = 'WITH_CLIENT' THEN NULL ELSE place_id END
            WHERE id = h.piece_id AND hold_id = hold;
        IF NOT FOUND THEN
            PERFORM vendome_fail('stock.ledger_disagrees', jsonb_build_object('piece_id', h.piece_id, 'hold_id', hold));
        END IF;
    END IF;
    UPDATE stock_level SET on_hand = on_hand - h.quantity, held = held - h.quantity
        WHERE reference_id = h.reference_id AND place_id = h.place_id RETURNING on_hand, held INTO level;
    PERFORM stock_note(movement, h.place_id, h.reference_id, h.piece_id, -h.quantity, -h.quantity, level.on_hand, level.held,
                       h.order_id, hold, actor, reason, at);
    PERFORM stock_tell_level(h.place_id, h.reference_id, level.on_hand, level.held,
                             (SELECT maison_id FROM catalogue_reference WHERE id = h.reference_id), actor, at);
END $$;

-- Pieces arrive: one serial number and EPC each, or a plain quantity.
CREATE OR REPLACE FUNCTION stock_receive(
    place uuid, ref uuid, quantity integer, serials text[], epcs text[], owner_ text, actor text, reason text, at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    level record;
    r catalogue_reference;
    n integer := coalesce(cardinality(serials), 0);
    made uuid;
BEGIN
    SELECT c.* INTO r FROM catalogue_reference c JOIN house_place p ON p.id = place AND p.maison_id = c.maison_id
        WHERE c.id = ref;
    IF r.id IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    IF (r.is_serialised AND (n <> quantity OR coalesce(cardinality(epcs), 0) <> n)) OR (NOT r.is_serialised AND n > 0) THEN
        PERFORM vendome_fail('stock.serials_needed', jsonb_build_object('quantity', quantity, 'serials', n));
    END IF;
    IF quantity < 1 THEN
        PERFORM vendome_fail('orders.bad_quantity');
    END IF;
    INSERT INTO stock_level (reference_id, place_id, on_hand, held) VALUES (ref, place, 0, 0)
        ON CONFLICT (reference_id, place_id) DO NOTHING;
    IF n = 0 THEN
        UPDATE stock_level SET on_hand = on_hand + quantity WHERE reference_id = ref AND place_id = place
            RETURNING on_hand, held INTO level;
        PERFORM stock_note('RECEIVED', place, ref, NULL, quantity, 0, level.on_hand, level.held, NULL, NULL, actor, reason, at);
    END IF;
    FOR i IN 1..n LOOP
        UPDATE stock_level SET on_hand = on_hand + 1 WHERE reference_id = ref AND place_id = place
            RETURNING on_hand, held INTO level;
        INSERT INTO stock_piece (id, maison_id, reference_id, serial, epc, state, owner, place_id, received_at)
            VALUES (vendome_new_id(), r.maison_id, ref, serials[i], epcs[i], 'IN_STOCK', owner_, place, at) RETURNING id INTO made;
        PERFORM stock_note('RECEIVED', place, ref, made, 1, 0, level.on_hand, level.held, NULL, NULL, actor, reason, at);
    END LOOP;
    PERFORM stock_tell_level(place, ref, level.on_hand, level.held, r.maison_id, actor, at);
END $$;

-- Where ledger, levels, pieces and holds disagree; no row when all is well.
CREATE OR REPLACE FUNCTION stock_disagreements() RETURNS TABLE (place_id uuid, reference_id uuid, problem text, expected bigint, found bigint)
LANGUAGE sql STABLE AS $$
    WITH ledger AS (
        SELECT m.place_id, m.reference_id, sum(m.on_hand_change) AS on_hand, sum(m.held_change) AS held
        FROM stock_movement m GROUP BY 1, 2
    ), kept AS (
        SELECT h.place_id, h.reference_id, sum(h.quantity) AS held FROM stock_hold h WHERE h.state = 'ACTIVE' GROUP BY 1, 2
    ), standing AS (
        SELECT p.place_id, p.reference_id, count(*) AS pieces, count(p.hold_id) AS held FROM stock_piece p
        WHERE p.state IN ('IN_STOCK', 'QUARANTINED', 'IN_TRANSIT', 'ON_LOAN') GROUP BY 1, 2
    ), facts AS (
        SELECT coalesce(l.place_id, g.place_id) AS place_id, coalesce(l.reference_id, g.reference_id) AS reference_id,
               coalesce(l.on_hand, 0)::bigint AS on_hand, coalesce(l.held, 0)::bigint AS held,
               coalesce(g.on_hand, 0)::bigint AS ledger_on_hand, coalesce(g.held, 0)::bigint AS ledger_held
        FROM stock_level l FULL JOIN ledger g ON g.place_id = l.place_id AND g.reference_id = l.reference_id
    )
    SELECT f.place_id, f.reference_id, c.problem, c.expected, c.found
    FROM facts f
    JOIN catalogue_reference r ON r.id = f.reference_id
    LEFT JOIN kept k ON k.place_id = f.place_id AND k.reference_id = f.reference_id
    LEFT JOIN standing s ON s.place_id = f.place_id AND s.reference_id = f.reference_id
    CROSS JOIN LATERAL (VALUES
        ('ledger and level differ on hand', f.ledger_on_hand, f.on_hand),
        ('ledger and level differ on held', f.ledger_held, f.held),
        ('holds and level differ', coalesce(k.held, 0)::bigint, f.held),
        ('pieces and level differ', CASE WHEN r.is_serialised THEN coalesce(s.pieces, 0) ELSE f.on_hand END, f.on_hand),
        ('pieces under a hold and level differ', CASE WHEN r.is_serialised THEN coalesce(s.held, 0) ELSE f.held END, f.held)
    ) AS c (problem, expected, found)
    WHERE c.expected <> c.found
$$;

-- Ends a hold that no order has taken over, and with `only_due` only when its time has come; false when it is not so (any
-- more). Who decides by what was read before the locks would end the hold of an order that was quicker, and sell its piece again.
CREATE OR REPLACE FUNCTION stock_end_unordered(
    hold uuid, ending text, only_due boolean, actor text, reason text, at timestamptz
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    h stock_hold;
BEGIN
    SELECT * INTO h FROM stock_hold WHERE id = hold;
    PERFORM FROM stock_level l WHERE l.reference_id = h.reference_id AND l.place_id = h.place_id FOR NO KEY UPDATE;
    PERFORM FROM stock_piece p WHERE p.id = h.piece_id FOR NO KEY UPDATE;
    PERFORM FROM stock_hold WHERE id = hold AND state = 'ACTIVE' AND order_id IS NULL AND place_id = h.place_id
        AND (NOT only_due OR expires_at <= at) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM stock_end_hold(hold, ending, actor, reason, at);
    RETURN true;
END $$;
