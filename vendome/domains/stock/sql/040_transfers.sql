-- Transfers: asked for, let go, picked, sent, received. Each step is one call; its order of locks: the transfer itself, then
-- levels by place and reference, pieces, holds (ADR 0015). A transfer is a document: nobody who holds a level waits for one.

-- States only move forward, whoever writes.
CREATE OR REPLACE FUNCTION stock_transfer_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed boolean := CASE OLD.state
        WHEN 'REQUESTED' THEN NEW.state IN ('REQUESTED', 'APPROVED', 'REFUSED', 'CANCELLED')
        WHEN 'APPROVED' THEN NEW.state IN ('APPROVED', 'PICKED', 'DISPATCHED', 'CANCELLED')
        WHEN 'PICKED' THEN NEW.state IN ('PICKED', 'DISPATCHED', 'CANCELLED')
        WHEN 'DISPATCHED' THEN NEW.state IN ('DISPATCHED', 'RECEIVED', 'CLOSED_WITH_DISCREPANCY')
        ELSE NEW.state = OLD.state END;
BEGIN
    IF NOT allowed THEN
        RAISE EXCEPTION 'A transfer moves forward only: % cannot become %', OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'transfer_moves_forward';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER stock_transfer_moves_forward BEFORE UPDATE OF state ON stock_transfer
    FOR EACH ROW EXECUTE FUNCTION stock_transfer_guard();

-- What a caller learns of a transfer after each step.
CREATE OR REPLACE FUNCTION stock_transfer_answer(transfer uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('transfer', t.id, 'number', t.number, 'state', t.state) FROM stock_transfer t WHERE t.id = transfer
$$;

-- Tells both places, and the log, of a step.
CREATE OR REPLACE FUNCTION stock_tell_transfer(transfer uuid, step text, actor text, detail jsonb, at timestamptz) RETURNS void
LANGUAGE sql AS $$
    SELECT vendome_audit(actor, 'stock.transfer_' || step, 'transfer:' || t.id, t.maison_id,
                         jsonb_build_object('number', t.number) || detail, at),
           vendome_emit('stock.transfer_' || step, 'transfer:' || t.id, t.maison_id,
                jsonb_build_object('transfer_id', t.id, 'number', t.number, 'state', t.state, 'from_place_id', t.from_place_id,
                    'to_place_id', t.to_place_id, 'order_line_id', t.order_line_id,
                    'hold_id', (SELECT min(l.hold_id::text)::uuid FROM stock_transferline l WHERE l.transfer_id = t.id
                                HAVING count(*) = 1)) || detail,
                actor, ARRAY['place:' || t.from_place_id, 'place:' || t.to_place_id, 'transfers'],
                jsonb_build_object('transfer', t.id, 'number', t.number, 'state', t.state), at)
    FROM stock_transfer t WHERE t.id = transfer
$$;

-- The place of the maison for what is on its way.
CREATE OR REPLACE FUNCTION stock_transit_of(maison uuid) RETURNS uuid LANGUAGE sql AS $$
    SELECT house_standing_place(maison, 'TRANSIT')
$$;

-- Locks a transfer and answers it; fails unless it is in one of these states.
CREATE OR REPLACE FUNCTION stock_lock_transfer(transfer uuid, states text[]) RETURNS stock_transfer LANGUAGE plpgsql AS $$
DECLARE
    t stock_transfer;
BEGIN
    SELECT * INTO t FROM stock_transfer WHERE id = transfer FOR NO KEY UPDATE;
    IF t.id IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    IF NOT t.state = ANY (states) THEN
        PERFORM vendome_fail('stock.transfer_moved', jsonb_build_object('transfer_id', transfer, 'state', t.state));
    END IF;
    RETURN t;
END $$;

-- Makes and locks the levels of some references at some places, in the one order.
CREATE OR REPLACE FUNCTION stock_lock_levels(places uuid[], refs uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stock_level (reference_id, place_id, on_hand, held)
        SELECT DISTINCT r, p, 0, 0 FROM unnest(places) p, unnest(refs) r ORDER BY p, r
        ON CONFLICT (reference_id, place_id) DO NOTHING;
    PERFORM FROM stock_level l WHERE l.place_id = ANY (places) AND l.reference_id = ANY (refs)
        ORDER BY l.place_id, l.reference_id FOR NO KEY UPDATE;
END $$;

-- What a hold keeps is kept from sale instead: a hold of its own becomes quarantine, a promise to a client ends and quarantine
-- takes its place, so that the piece is never free in between. Lock order: level, piece, hold. Returns the quarantine's hold.
CREATE OR REPLACE FUNCTION stock_turn_into_quarantine(hold uuid, actor text, reason_ text, at timestamptz) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    h stock_hold;
    level record;
    kept uuid;
BEGIN
    SELECT * INTO h FROM stock_hold WHERE id = hold;
    PERFORM FROM stock_level l WHERE l.reference_id = h.reference_id AND l.place_id = h.place_id FOR NO KEY UPDATE;
    kept := CASE WHEN h.kind IN ('TRANSFER', 'LOAN') THEN hold ELSE vendome_new_id() END;
    UPDATE stock_piece SET hold_id = kept, state = 'QUARANTINED' WHERE id = h.piece_id AND hold_id = hold;
    SELECT on_hand, held INTO level FROM stock_level l WHERE l.reference_id = h.reference_id AND l.place_id = h.place_id;
    IF kept = hold THEN
        UPDATE stock_hold SET kind = 'QUARANTINE', reason = reason_, client_id = NULL, due_date = NULL
            WHERE id = hold AND state = 'ACTIVE' AND place_id = h.place_id;
        IF NOT FOUND THEN
            PERFORM vendome_fail('stock.hold_gone', jsonb_build_object('hold_id', hold));
        END IF;
    ELSE
        UPDATE stock_hold SET state = 'RELEASED', ended_at = at WHERE id = hold AND state = 'ACTIVE' AND place_id = h.place_id;
        IF NOT FOUND THEN
            PERFORM vendome_fail('stock.hold_gone', jsonb_build_object('hold_id', hold));
        END IF;
        INSERT INTO stock_hold (id, kind, state, reference_id, piece_id, place_id, is_place_flexible, quantity, reason, held_at)
            VALUES (kept, 'QUARANTINE', 'ACTIVE', h.reference_id, h.piece_id, h.place_id, false, h.quantity, reason_, at);
        PERFORM stock_note('RELEASED', h.place_id, h.reference_id, h.piece_id, 0, -h.quantity, level.on_hand,
                           level.held - h.quantity, h.order_id, hold, actor, reason_, at);
        PERFORM stock_note('QUARANTINED', h.place_id, h.reference_id, h.piece_id, 0, h.quantity, level.on_hand, level.held,
                           NULL, kept, actor, reason_, at);
    END IF;
    RETURN kept;
END $$;

-- Divides a hold of a quantity in two; the level does not change. Returns the hold of the part taken off.
CREATE OR REPLACE FUNCTION stock_split_hold(hold uuid, part integer, at timestamptz) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    taken uuid := vendome_new_id();
BEGIN
    UPDATE stock_hold SET quantity = quantity - part WHERE id = hold AND state = 'ACTIVE' AND piece_id IS NULL AND quantity > part;
    IF NOT FOUND THEN
        PERFORM vendome_fail('stock.hold_gone', jsonb_build_object('hold_id', hold));
    END IF;
    INSERT INTO stock_hold (id, kind, state, reference_id, place_id, is_place_flexible, quantity, reason, held_at)
        SELECT taken, 'TRANSFER', 'ACTIVE', h.reference_id, h.place_id, false, part, h.reason, at FROM stock_hold h WHERE h.id = hold;
    RETURN taken;
END $$;

-- Tells of a client's piece that she will not get: whoever answers for her order finds another.
CREATE OR REPLACE FUNCTION stock_tell_broken_promise(hold uuid, why text, actor text, at timestamptz) RETURNS void LANGUAGE sql AS $$
    SELECT vendome_emit('stock.promise_broken', 'hold:' || h.id, p.maison_id,
        jsonb_build_object('hold_id', h.id, 'kind', h.kind, 'order_id', h.order_id, 'order_line_id', h.order_line_id,
                           'client_id', h.client_id, 'reference_id', h.reference_id, 'piece_id', h.piece_id, 'place_id', h.place_id,
                           'quantity', h.quantity, 'why', why),
        actor, ARRAY['place:' || h.place_id, 'orders'], jsonb_build_object('hold', h.id, 'line', h.order_line_id), at)
    FROM stock_hold h JOIN house_place p ON p.id = h.place_id
    WHERE h.id = hold AND (h.client_id IS NOT NULL OR h.order_id IS NOT NULL)
$$;

-- A place asks for pieces of another, or another pushes them to it. Nothing is held until the place they leave agrees.
-- `lines`: [{reference, quantity, piece?}]; serialised pieces become one line each.
CREATE OR REPLACE FUNCTION stock_request_transfer(
    scope text, key text, hash bytea, maison uuid, from_ uuid, to_ uuid, lines jsonb, reason_ text, client uuid,
    actor text, at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(scope, key, hash);
    made uuid := vendome_new_id();
    one record;
    nr integer := 0;
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    PERFORM stock_open_transfer(made, maison, from_, to_, reason_, client, NULL, actor, at);
    FOR one IN SELECT (x->>'reference')::uuid AS reference, (x->>'quantity')::integer AS quantity, (x->>'piece')::uuid AS piece
               FROM jsonb_array_elements(lines) WITH ORDINALITY AS e (x, n) ORDER BY n
    LOOP
        nr := stock_add_transfer_lines(made, maison, from_, nr, one.reference, one.quantity, one.piece);
    END LOOP;
    IF nr = 0 THEN
        PERFORM vendome_fail('orders.bad_quantity');
    END IF;
    PERFORM stock_tell_transfer(made, 'requested', actor, '{}', at);
    answer := stock_transfer_answer(made);
    PERFORM vendome_once_answer(scope, key, answer);
    RETURN answer;
END $$;

CREATE OR REPLACE FUNCTION stock_open_transfer(
    made uuid, maison uuid, from_ uuid, to_ uuid, reason_ text, client uuid, line uuid, actor text, at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF from_ = to_ THEN
        PERFORM vendome_fail('stock.already_there', jsonb_build_object('place_id', to_));
    END IF;
    IF (SELECT count(*) FROM house_place p WHERE p.id IN (from_, to_) AND p.maison_id = maison) <> 2
       OR (client IS NOT NULL AND NOT EXISTS (SELECT FROM clients_client c WHERE c.id = client AND c.maison_id = maison)) THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    IF EXISTS (SELECT FROM house_place p WHERE p.id IN (from_, to_) AND p.kind IN ('TRANSIT', 'CLIENT_HOME')) THEN
        PERFORM vendome_fail('stock.not_possible_there');
    END IF;
    INSERT INTO stock_transfer (id, maison_id, number, from_place_id, to_place_id, state, reason, client_id, order_line_id,
                                requested_at, requested_by)
        VALUES (made, maison, 'TR-' || to_char(at, 'YY') || '-' || nextval('stock_transfer_number'), from_, to_, 'REQUESTED',
                reason_, client, line, at, actor);
END $$;

-- Adds what is asked for of one reference; returns the position of the last line.
CREATE OR REPLACE FUNCTION stock_add_transfer_lines(
    transfer uuid, maison uuid, from_ uuid, nr integer, ref uuid, quantity_ integer, piece_ uuid
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    serialised boolean;
BEGIN
    SELECT r.is_serialised INTO serialised FROM catalogue_reference r WHERE r.id = ref AND r.maison_id = maison;
    IF serialised IS NULL OR (piece_ IS NOT NULL AND NOT EXISTS (
        SELECT FROM stock_piece p WHERE p.id = piece_ AND p.reference_id = ref AND p.place_id = from_)) THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    IF quantity_ < 1 OR (piece_ IS NOT NULL AND quantity_ <> 1) OR quantity_ > (CASE WHEN serialised THEN 50 ELSE 10000 END) THEN
        PERFORM vendome_fail('orders.bad_quantity');
    END IF;
    IF NOT serialised THEN
        INSERT INTO stock_transferline (id, transfer_id, position, reference_id, quantity)
            VALUES (vendome_new_id(), transfer, nr + 1, ref, quantity_);
        RETURN nr + 1;
    END IF;
    INSERT INTO stock_transferline (id, transfer_id, position, reference_id, quantity, piece_id)
        SELECT vendome_new_id(), transfer, nr + i, ref, 1, piece_ FROM generate_series(1, quantity_) i;
    RETURN nr + quantity_;
END $$;

-- The thing transferred is what a hold keeps: an order's piece goes to where it will be collected. The order has decided, so
-- nobody is asked; the hold travels and stays. Called by flows; answers the same transfer when asked again. Returns it.
CREATE OR REPLACE FUNCTION stock_request_transfer_of_hold(hold uuid, to_place uuid, reason_ text, actor text, at timestamptz)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    h stock_hold;
    known stock_transfer;
    maison uuid;
    made uuid := vendome_new_id();
BEGIN
    SELECT * INTO h FROM stock_hold WHERE id = hold FOR NO KEY UPDATE;
    IF h.id IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    SELECT t.* INTO known FROM stock_transferline l JOIN stock_transfer t ON t.id = l.transfer_id
        WHERE l.hold_id = hold AND l.settled_at IS NULL;
    IF known.to_place_id = to_place THEN
        RETURN known.id;
    ELSIF known.id IS NOT NULL THEN
        PERFORM vendome_fail('stock.already_travels', jsonb_build_object('transfer_id', known.id, 'hold_id', hold));
    END IF;
    IF h.state <> 'ACTIVE' THEN
        PERFORM vendome_fail('stock.hold_gone', jsonb_build_object('hold_id', hold));
    END IF;
    IF h.kind IN ('QUARANTINE', 'TRANSFER', 'LOAN') THEN
        PERFORM vendome_fail('stock.hold_travels', jsonb_build_object('hold_id', hold));
    END IF;
    SELECT r.maison_id INTO maison FROM catalogue_reference r WHERE r.id = h.reference_id;
    PERFORM stock_open_transfer(made, maison, h.place_id, to_place, reason_, h.client_id, h.order_line_id, actor, at);
    INSERT INTO stock_transferline (id, transfer_id, position, reference_id, quantity, piece_id, hold_id)
        VALUES (vendome_new_id(), made, 1, h.reference_id, h.quantity, h.piece_id, hold);
    UPDATE stock_transfer SET state = 'APPROVED', approved_at = at, approved_by = actor WHERE id = made;
    PERFORM stock_tell_transfer(made, 'approved', actor, '{}', at);
    RETURN made;
END $$;

-- The hold that was to travel ends: the transfer of it alone is given up, unless it has left. Before any level is locked.
CREATE OR REPLACE FUNCTION stock_forget_transfer_of_hold(hold uuid, actor text, why text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    t uuid;
BEGIN
    SELECT x.id INTO t FROM stock_transferline l JOIN stock_transfer x ON x.id = l.transfer_id
        WHERE l.hold_id = hold AND l.settled_at IS NULL AND x.state IN ('APPROVED', 'PICKED') FOR NO KEY UPDATE OF x;
    IF t IS NULL THEN
        RETURN;
    END IF;
    UPDATE stock_transferline SET settled_at = at, note = why WHERE transfer_id = t AND hold_id = hold AND settled_at IS NULL;
    UPDATE stock_transfer SET state = 'CANCELLED', ended_at = at, ended_by = actor, ended_reason = why WHERE id = t;
    PERFORM stock_tell_transfer(t, 'cancelled', actor, jsonb_build_object('reason', why), at);
END $$;

-- The place they leave agrees, to all of it or without some lines: each of the others is held, or none. Fails with
-- stock.out_of_stock when somebody was quicker.
DROP FUNCTION IF EXISTS stock_approve_transfer(text, text, bytea, uuid, text, timestamptz);
CREATE OR REPLACE FUNCTION stock_approve_transfer(
    scope text, key text, hash bytea, transfer uuid, without uuid[], actor text, at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(scope, key, hash);
    t stock_transfer;
    one record;
    chosen uuid;
    hold uuid;
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    t := stock_lock_transfer(transfer, ARRAY['REQUESTED']);
    UPDATE stock_transferline SET settled_at = at, note = 'not agreed' WHERE transfer_id = transfer AND id = ANY (without);
    IF NOT EXISTS (SELECT FROM stock_transferline l WHERE l.transfer_id = transfer AND l.settled_at IS NULL) THEN
        PERFORM vendome_fail('stock.nothing_left', jsonb_build_object('transfer_id', transfer));
    END IF;
    PERFORM stock_lock_levels(ARRAY[t.from_place_id],
                              ARRAY(SELECT DISTINCT l.reference_id FROM stock_transferline l WHERE l.transfer_id = transfer));
    -- A piece that was named is taken first, so that no other line is given it.
    FOR one IN SELECT l.*, r.is_serialised FROM stock_transferline l JOIN catalogue_reference r ON r.id = l.reference_id
               WHERE l.transfer_id = transfer AND l.settled_at IS NULL ORDER BY l.reference_id, l.piece_id NULLS LAST, l.position
    LOOP
        chosen := one.piece_id;
        IF one.is_serialised AND chosen IS NULL THEN
            SELECT p.id INTO chosen FROM stock_piece p
                WHERE p.reference_id = one.reference_id AND p.place_id = t.from_place_id AND p.state = 'IN_STOCK'
                  AND p.hold_id IS NULL AND p.owner = 'HOUSE' ORDER BY p.received_at, p.id LIMIT 1;
            IF chosen IS NULL THEN
                PERFORM vendome_fail('stock.out_of_stock',
                                     jsonb_build_object('reference_id', one.reference_id, 'place_id', t.from_place_id));
            END IF;
        END IF;
        PERFORM stock_only_ours(t.from_place_id, chosen);
        hold := stock_hold_reference('TRANSFER', t.from_place_id, one.reference_id, chosen, one.quantity, t.client_id, NULL, NULL,
                                     t.number, NULL, actor, at);
        UPDATE stock_transferline SET hold_id = hold, piece_id = chosen WHERE id = one.id;
    END LOOP;
    UPDATE stock_transfer SET state = 'APPROVED', approved_at = at, approved_by = actor WHERE id = transfer AND state = 'REQUESTED';
    PERFORM stock_tell_transfer(transfer, 'approved', actor, jsonb_build_object('without', to_jsonb(without)), at);
    answer := stock_transfer_answer(transfer);
    PERFORM vendome_once_answer(scope, key, answer);
    RETURN answer;
END $$;

-- A partner's piece goes nowhere without the partner; things without serial numbers have the owner of their place.
CREATE OR REPLACE FUNCTION stock_only_ours(place uuid, piece uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT owner FROM stock_piece WHERE id = piece) <> 'HOUSE'
       OR (piece IS NULL AND (SELECT owner FROM house_place WHERE id = place) <> 'HOUSE') THEN
        PERFORM vendome_fail('stock.partner_owned', jsonb_build_object('place_id', place, 'piece_id', piece));
    END IF;
END $$;

-- Refused by the place they would leave, or cancelled before they are sent: what was held for it is free again,
-- what was promised to a client before stays promised.
CREATE OR REPLACE FUNCTION stock_give_up_transfer(
    scope text, key text, hash bytea, transfer uuid, ending text, actor text, reason_ text, at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(scope, key, hash);
    t stock_transfer;
    one record;
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    t := stock_lock_transfer(transfer, CASE ending WHEN 'REFUSED' THEN ARRAY['REQUESTED'] ELSE ARRAY['REQUESTED', 'APPROVED', 'PICKED'] END);
    PERFORM stock_lock_levels(ARRAY[t.from_place_id],
                              ARRAY(SELECT DISTINCT l.reference_id FROM stock_transferline l WHERE l.transfer_id = transfer));
    FOR one IN SELECT h.id FROM stock_transferline l JOIN stock_hold h ON h.id = l.hold_id
               WHERE l.transfer_id = transfer AND h.kind = 'TRANSFER' AND h.state = 'ACTIVE' ORDER BY h.reference_id, h.id
    LOOP
        PERFORM stock_end_hold(one.id, 'RELEASED', actor, t.number || ': ' || reason_, at);
    END LOOP;
    UPDATE stock_transferline SET settled_at = at WHERE transfer_id = transfer AND settled_at IS NULL;
    UPDATE stock_transfer SET state = ending, ended_at = at, ended_by = actor, ended_reason = reason_ WHERE id = transfer;
    PERFORM stock_tell_transfer(transfer, lower(ending), actor, jsonb_build_object('reason', reason_), at);
    answer := stock_transfer_answer(transfer);
    PERFORM vendome_once_answer(scope, key, answer);
    RETURN answer;
END $$;

-- The pieces lie on the table: each line has the piece that was scanned. Another free piece of the same reference may take
-- the place of one that was held for the transfer alone; a client's own piece is never exchanged.
CREATE OR REPLACE FUNCTION stock_pick_transfer(
    scope text, key text, hash bytea, transfer uuid, scanned uuid[], actor text, at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(scope, key, hash);
    t stock_transfer;
    one record;
    other uuid;
    spare uuid[];
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    t := stock_lock_transfer(transfer, ARRAY['APPROVED']);
    PERFORM stock_lock_levels(ARRAY[t.from_place_id],
                              ARRAY(SELECT DISTINCT l.reference_id FROM stock_transferline l WHERE l.transfer_id = transfer));
    spare := ARRAY(SELECT x FROM unnest(scanned) x WHERE x NOT IN (
        SELECT l.piece_id FROM stock_transferline l WHERE l.transfer_id = transfer AND l.piece_id IS NOT NULL));
    FOR one IN SELECT l.id, l.piece_id, l.reference_id, l.hold_id, h.kind FROM stock_transferline l JOIN stock_hold h ON h.id = l.hold_id
               WHERE l.transfer_id = transfer AND l.piece_id IS NOT NULL AND NOT l.piece_id = ANY (scanned) ORDER BY l.position
    LOOP
        SELECT p.id INTO other FROM stock_piece p
            WHERE p.id = ANY (spare) AND p.reference_id = one.reference_id AND p.place_id = t.from_place_id AND p.state = 'IN_STOCK'
              AND p.hold_id IS NULL AND p.owner = 'HOUSE' AND one.kind = 'TRANSFER' ORDER BY p.id LIMIT 1;
        IF other IS NULL THEN
            PERFORM vendome_fail('stock.not_picked', jsonb_build_object('line_id', one.id, 'piece_id', one.piece_id));
        END IF;
        UPDATE stock_piece SET hold_id = NULL WHERE id = one.piece_id AND hold_id = one.hold_id;
        UPDATE stock_piece SET hold_id = one.hold_id WHERE id = other;
        UPDATE stock_hold SET piece_id = other WHERE id = one.hold_id AND state = 'ACTIVE';
        UPDATE stock_transferline SET piece_id = other WHERE id = one.id;
        spare := array_remove(spare, other);
    END LOOP;
    IF cardinality(spare) > 0 THEN
        PERFORM vendome_fail('stock.not_picked', jsonb_build_object('surplus', to_jsonb(spare)));
    END IF;
    UPDATE stock_transfer SET state = 'PICKED', picked_at = at, picked_by = actor WHERE id = transfer AND state = 'APPROVED';
    PERFORM stock_tell_transfer(transfer, 'picked', actor, '{}', at);
    answer := stock_transfer_answer(transfer);
    PERFORM vendome_once_answer(scope, key, answer);
    RETURN answer;
END $$;

-- It leaves: every hold moves to the place of what is on its way.
CREATE OR REPLACE FUNCTION stock_dispatch_transfer(
    scope text, key text, hash bytea, transfer uuid, waybill_ text, actor text, at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(scope, key, hash);
    t stock_transfer;
    transit uuid;
    towards house_place;
    one record;
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    t := stock_lock_transfer(transfer, ARRAY['APPROVED', 'PICKED']);
    transit := stock_transit_of(t.maison_id);
    SELECT * INTO towards FROM house_place WHERE id = t.to_place_id;
    PERFORM stock_lock_levels(ARRAY[t.from_place_id, transit],
                              ARRAY(SELECT DISTINCT l.reference_id FROM stock_transferline l WHERE l.transfer_id = transfer));
    IF EXISTS (SELECT FROM stock_transferline l JOIN stock_hold h ON h.id = l.hold_id WHERE l.transfer_id = transfer
               AND (h.state <> 'ACTIVE' OR h.place_id <> t.from_place_id)) THEN
        PERFORM vendome_fail('stock.hold_gone', jsonb_build_object('transfer_id', transfer));
    END IF;
    FOR one IN SELECT l.hold_id FROM stock_transferline l WHERE l.transfer_id = transfer AND l.settled_at IS NULL
               ORDER BY l.reference_id, l.hold_id
    LOOP
        PERFORM stock_move_hold(one.hold_id, transit, CASE towards.kind WHEN 'PARTNER_DOOR' THEN 'CONSIGNED' ELSE 'TRANSFERRED_OUT' END,
                                'TRANSFERRED_IN', 'IN_TRANSIT', actor, t.number || ' to ' || towards.name, at);
    END LOOP;
    UPDATE stock_transfer SET state = 'DISPATCHED', dispatched_at = at, dispatched_by = actor, waybill = waybill_,
           picked_at = coalesce(picked_at, at), picked_by = coalesce(nullif(picked_by, ''), actor)
        WHERE id = transfer AND state IN ('APPROVED', 'PICKED');
    PERFORM stock_tell_transfer(transfer, 'dispatched', actor, '{}', at);
    answer := stock_transfer_answer(transfer);
    PERFORM vendome_once_answer(scope, key, answer);
    RETURN answer;
END $$;

-- It arrives, whole or in parts. `arrived`: [{line, received, discrepancy, note}]; lines that are not named are still on
-- their way. `surplus`: [{piece | reference, quantity, note}], taken into quarantine. When no line is open any more the
-- transfer ends, as received or with its discrepancies.
CREATE OR REPLACE FUNCTION stock_receive_transfer(
    scope text, key text, hash bytea, transfer uuid, arrived jsonb, surplus jsonb, actor text, at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(scope, key, hash);
    t stock_transfer;
    one record;
    told jsonb := '[]';
    is_complete boolean;
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    t := stock_lock_transfer(transfer, ARRAY['DISPATCHED']);
    PERFORM stock_lock_levels(
        ARRAY[t.from_place_id, t.to_place_id, stock_transit_of(t.maison_id)],
        ARRAY(SELECT l.reference_id FROM stock_transferline l WHERE l.transfer_id = transfer
              UNION SELECT (x->>'reference')::uuid FROM jsonb_array_elements(surplus) x WHERE x->>'reference' IS NOT NULL
              UNION SELECT p.reference_id FROM stock_piece p JOIN jsonb_array_elements(surplus) x ON (x->>'piece')::uuid = p.id));
    IF EXISTS (SELECT FROM jsonb_array_elements(arrived) x WHERE NOT EXISTS (
        SELECT FROM stock_transferline l WHERE l.id = (x->>'line')::uuid AND l.transfer_id = transfer)) THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    FOR one IN SELECT l.*, (x->>'received')::integer AS came, coalesce(x->>'discrepancy', '') AS problem, coalesce(x->>'note', '') AS word
               FROM jsonb_array_elements(arrived) x JOIN stock_transferline l ON l.id = (x->>'line')::uuid
               ORDER BY l.reference_id, l.hold_id
    LOOP
        told := told || stock_settle_transfer_line(t, one.id, one.came, one.problem, one.word, actor, at);
    END LOOP;
    FOR one IN SELECT (x->>'piece')::uuid AS piece, (x->>'reference')::uuid AS reference, coalesce((x->>'quantity')::integer, 1) AS quantity,
                      coalesce(x->>'note', '') AS word
               FROM jsonb_array_elements(surplus) x ORDER BY 2, 1
    LOOP
        told := told || stock_take_surplus(t, one.piece, one.reference, one.quantity, one.word, actor, at);
    END LOOP;
    is_complete := NOT EXISTS (SELECT FROM stock_transferline l WHERE l.transfer_id = transfer AND l.settled_at IS NULL);
    IF is_complete THEN
        UPDATE stock_transfer SET ended_at = at, ended_by = actor,
            state = CASE WHEN EXISTS (SELECT FROM stock_transferline l WHERE l.transfer_id = transfer AND l.discrepancy <> '')
                         THEN 'CLOSED_WITH_DISCREPANCY' ELSE 'RECEIVED' END
            WHERE id = transfer AND state = 'DISPATCHED';
    END IF;
    PERFORM stock_tell_transfer(transfer, 'received', actor, jsonb_build_object('lines', told, 'is_complete', is_complete), at);
    IF EXISTS (SELECT FROM jsonb_array_elements(told) x WHERE x->>'discrepancy' <> '') THEN
        PERFORM stock_tell_transfer(transfer, 'discrepancy', actor, jsonb_build_object('lines', told), at);
    END IF;
    answer := stock_transfer_answer(transfer);
    PERFORM vendome_once_answer(scope, key, answer);
    RETURN answer;
END $$;

-- One line has arrived, whole, damaged, or in part; what did not arrive is lost on the way, with the word about it.
CREATE OR REPLACE FUNCTION stock_settle_transfer_line(
    t stock_transfer, line uuid, came integer, problem text, word text, actor text, at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    l stock_transferline;
    h stock_hold;
    into_door boolean := (SELECT p.kind = 'PARTNER_DOOR' FROM house_place p WHERE p.id = t.to_place_id);
    lost uuid;
BEGIN
    SELECT * INTO l FROM stock_transferline WHERE id = line;
    IF l.settled_at IS NOT NULL THEN
        PERFORM vendome_fail('stock.transfer_moved', jsonb_build_object('line_id', line));
    END IF;
    IF came < 0 OR came > l.quantity OR (came = 0 AND problem = 'DAMAGED') OR problem NOT IN ('', 'MISSING', 'DAMAGED') THEN
        PERFORM vendome_fail('orders.bad_quantity', jsonb_build_object('line_id', line));
    END IF;
    IF (problem <> '' OR came < l.quantity) AND word = '' THEN
        PERFORM vendome_fail('stock.note_missing', jsonb_build_object('line_id', line));
    END IF;
    SELECT * INTO h FROM stock_hold WHERE id = l.hold_id;
    IF came < l.quantity THEN
        problem := CASE problem WHEN '' THEN 'MISSING' ELSE problem END;
        lost := CASE came WHEN 0 THEN h.id ELSE stock_split_hold(h.id, l.quantity - came, at) END;
        PERFORM stock_consume_hold(lost, 'LOST', 'LOST', coalesce((SELECT owner FROM stock_piece WHERE id = l.piece_id), 'HOUSE'),
                                   NULL, actor, at, t.number || ': ' || word);
        PERFORM stock_tell_broken_promise(h.id, 'LOST', actor, at);
    END IF;
    IF came > 0 THEN
        PERFORM stock_move_hold(h.id, t.to_place_id, 'TRANSFERRED_OUT', CASE WHEN into_door THEN 'CONSIGNED' ELSE 'TRANSFERRED_IN' END,
                                'IN_STOCK', actor, t.number || ' from ' || (SELECT name FROM house_place WHERE id = t.from_place_id), at);
        PERFORM stock_settle_arrival(t, h.id, h.kind, problem = 'DAMAGED', word, actor, at);
    END IF;
    UPDATE stock_transferline SET received_quantity = came, discrepancy = problem, note = word, settled_at = at
        WHERE id = line AND settled_at IS NULL;
    RETURN jsonb_build_array(jsonb_build_object('line_id', line, 'hold_id', h.id, 'order_line_id', h.order_line_id, 'piece_id', l.piece_id,
        'quantity', l.quantity, 'received', came, 'discrepancy', problem));
END $$;

-- What becomes of the hold where it arrives: damaged, it waits to be examined; asked for a client, it is set aside for her;
-- an order's or a client's own hold stays; anything else is free.
CREATE OR REPLACE FUNCTION stock_settle_arrival(
    t stock_transfer, hold uuid, kind_ text, is_damaged boolean, word text, actor text, at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF is_damaged THEN
        PERFORM stock_tell_broken_promise(hold, 'DAMAGED', actor, at);
        PERFORM stock_turn_into_quarantine(hold, actor, t.number || ': ' || word, at);
    ELSIF kind_ = 'TRANSFER' AND t.client_id IS NOT NULL THEN
        UPDATE stock_hold SET kind = 'RESERVATION', client_id = t.client_id, expires_at = at + interval '14 days',
               reason = t.reason WHERE id = hold AND state = 'ACTIVE';
    ELSIF kind_ = 'TRANSFER' THEN
        PERFORM stock_end_hold(hold, 'RELEASED', actor, t.number, at);
    END IF;
END $$;

-- Something arrived that nobody announced. Our books say where it should stand: it is taken from there under quarantine.
-- A piece that is promised, on another way, or a client's, is not touched; the person is told.
CREATE OR REPLACE FUNCTION stock_take_surplus(
    t stock_transfer, piece_ uuid, ref uuid, quantity_ integer, word text, actor text, at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    p stock_piece;
    hold uuid;
    said text := t.number || ': ' || word;
    kind_ text;
BEGIN
    IF word = '' THEN
        PERFORM vendome_fail('stock.note_missing');
    END IF;
    SELECT * INTO p FROM stock_piece WHERE id = piece_ AND maison_id = t.maison_id;
    ref := coalesce(p.reference_id, ref);
    IF piece_ IS NOT NULL AND p.state IN ('LOST', 'WRITTEN_OFF') THEN
        hold := stock_take_in(t.to_place_id, ref, piece_, 1, 'FOUND', 'QUARANTINE', NULL, NULL, NULL, actor, said, at);
    ELSIF piece_ IS NOT NULL AND (p.state <> 'IN_STOCK' OR p.hold_id IS NOT NULL OR p.place_id = t.to_place_id OR p.place_id <> t.from_place_id) THEN
        PERFORM vendome_fail('stock.piece_elsewhere', jsonb_build_object('piece_id', piece_, 'state', p.state, 'place_id', p.place_id));
    ELSIF piece_ IS NOT NULL OR (SELECT on_hand - held >= quantity_ FROM stock_level WHERE place_id = t.from_place_id AND reference_id = ref) THEN
        hold := stock_hold_reference('TRANSFER', t.from_place_id, ref, piece_, quantity_, NULL, NULL, NULL, said, NULL, actor, at);
        PERFORM stock_move_hold(hold, t.to_place_id, 'TRANSFERRED_OUT', 'TRANSFERRED_IN', 'IN_STOCK', actor, said, at);
        PERFORM stock_turn_into_quarantine(hold, actor, said, at);
    ELSE
        hold := stock_take_in(t.to_place_id, ref, NULL, quantity_, 'FOUND', 'QUARANTINE', NULL, NULL, NULL, actor, said, at);
    END IF;
    kind_ := CASE WHEN EXISTS (SELECT FROM stock_transferline l WHERE l.transfer_id = t.id AND l.reference_id = ref)
                  THEN 'SURPLUS' ELSE 'WRONG_PIECE' END;
    INSERT INTO stock_transferline (id, transfer_id, position, reference_id, quantity, piece_id, hold_id, received_quantity,
                                    discrepancy, note, settled_at)
        SELECT vendome_new_id(), t.id, max(l.position) + 1, ref, quantity_, piece_, hold, quantity_, kind_, word, at
        FROM stock_transferline l WHERE l.transfer_id = t.id;
    RETURN jsonb_build_array(jsonb_build_object('hold_id', hold, 'piece_id', piece_, 'reference_id', ref, 'quantity', quantity_,
        'received', quantity_, 'discrepancy', kind_));
END $$;
