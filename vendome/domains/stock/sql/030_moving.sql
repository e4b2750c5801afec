-- Takes what a hold keeps to another place of the maison. The hold goes along, so that what travels stays promised to
-- whom it was promised, and nothing is ever between two places: transit is a place too.
-- Lock order: levels by place, then piece, then hold. Fails with stock.hold_gone when the hold has ended or moved meanwhile.
CREATE OR REPLACE FUNCTION stock_move_hold(
    hold uuid, to_place uuid, kind_out text, kind_in text, piece_state text, actor text, reason text, at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    h stock_hold;
    maison uuid;
    gone record;
    come record;
BEGIN
    SELECT * INTO h FROM stock_hold WHERE id = hold;
    SELECT r.maison_id INTO maison FROM catalogue_reference r JOIN house_place p ON p.maison_id = r.maison_id AND p.id = to_place
        WHERE r.id = h.reference_id;
    IF maison IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    IF h.place_id = to_place THEN
        PERFORM vendome_fail('stock.already_there', jsonb_build_object('hold_id', hold, 'place_id', to_place));
    END IF;
    INSERT INTO stock_level (reference_id, place_id, on_hand, held) VALUES (h.reference_id, to_place, 0, 0)
        ON CONFLICT (reference_id, place_id) DO NOTHING;
    PERFORM FROM stock_level l WHERE l.reference_id = h.reference_id AND l.place_id IN (h.place_id, to_place)
        ORDER BY l.place_id FOR NO KEY UPDATE;
    PERFORM FROM stock_piece p WHERE p.id = h.piece_id FOR NO KEY UPDATE;
    UPDATE stock_hold SET place_id = to_place WHERE id = hold AND state = 'ACTIVE' AND place_id = h.place_id;
    IF NOT FOUND THEN
        PERFORM vendome_fail('stock.hold_gone', jsonb_build_object('hold_id', hold));
    END IF;
    UPDATE stock_piece SET place_id = to_place, state = piece_state WHERE id = h.piece_id AND hold_id = hold;
    UPDATE stock_level SET on_hand = on_hand - h.quantity, held = held - h.quantity
        WHERE reference_id = h.reference_id AND place_id = h.place_id RETURNING on_hand, held INTO gone;
    UPDATE stock_level SET on_hand = on_hand + h.quantity, held = held + h.quantity
        WHERE reference_id = h.reference_id AND place_id = to_place RETURNING on_hand, held INTO come;
    PERFORM stock_note(kind_out, h.place_id, h.reference_id, h.piece_id, -h.quantity, -h.quantity, gone.on_hand, gone.held,
                       h.order_id, hold, actor, reason, at);
    PERFORM stock_note(kind_in, to_place, h.reference_id, h.piece_id, h.quantity, h.quantity, come.on_hand, come.held,
                       h.order_id, hold, actor, reason, at);
    PERFORM stock_tell_level(h.place_id, h.reference_id, gone.on_hand, gone.held, maison, actor, at);
    PERFORM stock_tell_level(to_place, h.reference_id, come.on_hand, come.held, maison, actor, at);
END $$;

-- Something comes to a place from outside the shelves (a client returns it, a lost piece is found) and is kept under a hold
-- until somebody decides: any place can receive anything, and restocking is a later decision. Returns the hold.
-- Fails with stock.piece_elsewhere when the piece stands on a shelf already.
CREATE OR REPLACE FUNCTION stock_take_in(
    place uuid, ref uuid, piece uuid, quantity_ integer, movement text, kind_ text, client uuid, order_ uuid, line uuid,
    actor text, reason_ text, at timestamptz
) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    hold uuid := vendome_new_id();
    maison uuid;
    level record;
BEGIN
    SELECT r.maison_id INTO maison FROM catalogue_reference r JOIN house_place p ON p.maison_id = r.maison_id AND p.id = place
        WHERE r.id = ref AND (r.is_serialised = (piece IS NOT NULL));
    IF maison IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    IF quantity_ < 1 OR (piece IS NOT NULL AND quantity_ <> 1) THEN
        PERFORM vendome_fail('orders.bad_quantity');
    END IF;
    INSERT INTO stock_level (reference_id, place_id, on_hand, held) VALUES (ref, place, 0, 0)
        ON CONFLICT (reference_id, place_id) DO NOTHING;
    UPDATE stock_level SET on_hand = on_hand + quantity_, held = held + quantity_
        WHERE reference_id = ref AND place_id = place RETURNING on_hand, held INTO level;
    IF piece IS NOT NULL THEN
        UPDATE stock_piece SET state = 'QUARANTINED', hold_id = hold, place_id = place, client_id = NULL,
                               owner = CASE owner WHEN 'CLIENT' THEN 'HOUSE' ELSE owner END
            WHERE id = piece AND reference_id = ref AND state IN ('WITH_CLIENT', 'LOST', 'WRITTEN_OFF');
        IF NOT FOUND THEN
            PERFORM vendome_fail('stock.piece_elsewhere', jsonb_build_object('piece_id', piece));
        END IF;
    END IF;
    INSERT INTO stock_hold (id, kind, state, reference_id, piece_id, place_id, is_place_flexible, quantity, client_id,
                            order_id, order_line_id, reason, held_at)
        VALUES (hold, kind_, 'ACTIVE', ref, piece, place, false, quantity_, client, order_, line, reason_, at);
    PERFORM stock_give_quota_back(piece, line, at);
    PERFORM stock_note(movement, place, ref, piece, quantity_, quantity_, level.on_hand, level.held, order_, hold, actor, reason_, at);
    PERFORM stock_tell_level(place, ref, level.on_hand, level.held, maison, actor, at);
    RETURN hold;
END $$;

-- A hold made for a client before (set aside, a selection, an allocation) becomes the hold of her order line: it is never
-- released and taken again. Returns its piece. Fails with stock.hold_gone unless it is hers, active and for just this.
CREATE OR REPLACE FUNCTION stock_adopt_hold(
    hold uuid, ref uuid, place uuid, quantity_ integer, client uuid, order_ uuid, line uuid, expires timestamptz, at timestamptz
) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    chosen uuid;
BEGIN
    UPDATE stock_hold SET kind = 'ORDER', order_id = order_, order_line_id = line, expires_at = expires,
                          set_aside_as = kind, set_aside_until = expires_at
        WHERE id = hold AND state = 'ACTIVE' AND kind IN ('BASKET', 'RESERVATION', 'APPOINTMENT', 'SELECTION', 'WAITING_LIST')
          AND reference_id = ref AND place_id = place AND quantity = quantity_ AND client_id = client
          AND (expires_at IS NULL OR expires_at > at)
        RETURNING piece_id INTO chosen;
    IF NOT FOUND THEN
        PERFORM vendome_fail('stock.hold_gone', jsonb_build_object('hold_id', hold));
    END IF;
    RETURN chosen;
END $$;

-- The order that took a hold over has ended unpaid, and the hold's own end is still ahead: it is set aside for her again, for what
-- is left of that time, and nobody else has had it in between. False where it was no set-aside or its time is over; a piece of
-- an allocation goes on by stock_hold_ended. The caller has locked its level.
CREATE OR REPLACE FUNCTION stock_set_aside_again(hold uuid, order_ uuid, at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE stock_hold SET kind = set_aside_as, order_id = NULL, order_line_id = NULL, expires_at = set_aside_until,
                          set_aside_as = '', set_aside_until = NULL
        WHERE id = hold AND state = 'ACTIVE' AND kind = 'ORDER' AND order_id = order_ AND allocation_id IS NULL
          AND set_aside_as IN ('RESERVATION', 'APPOINTMENT', 'SELECTION') AND (set_aside_until IS NULL OR set_aside_until > at);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE stock_quotause SET ended_at = at WHERE hold_id = hold AND ended_at IS NULL;
    RETURN true;
END $$;

-- What is set aside for a client now, by herself or by an advisor, and not ordered yet; the first to end first.
CREATE OR REPLACE FUNCTION stock_set_aside_for(client uuid, refs uuid[], at timestamptz) RETURNS SETOF stock_hold LANGUAGE sql STABLE AS $$
    SELECT h.* FROM stock_hold h
    WHERE h.client_id = client AND h.state = 'ACTIVE' AND h.kind IN ('RESERVATION', 'APPOINTMENT', 'SELECTION') AND h.order_id IS NULL
      AND h.reference_id = ANY (refs) AND (h.expires_at IS NULL OR h.expires_at > at)
      AND NOT EXISTS (SELECT FROM orders_returnline y WHERE y.wanted_hold_id = h.id)  -- that one waits for what she sends back
    ORDER BY h.expires_at NULLS LAST, h.id
$$;

-- The same for what a return has kept since it was announced: whose it is, its caller has shown, and a guest has no name to compare.
-- Returns its piece. Fails with stock.hold_gone, and with stock.hold_travels while it is on its way.
CREATE OR REPLACE FUNCTION stock_adopt_kept(hold uuid, order_ uuid, line uuid, at timestamptz) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    h stock_hold;
BEGIN
    UPDATE stock_hold SET kind = 'ORDER', order_id = order_, order_line_id = line, expires_at = NULL
        WHERE id = hold AND state = 'ACTIVE' AND kind = 'RESERVATION' AND order_id IS NULL AND (expires_at IS NULL OR expires_at > at)
        RETURNING * INTO h;
    IF h.id IS NULL THEN
        PERFORM vendome_fail('stock.hold_gone', jsonb_build_object('hold_id', hold));
    ELSIF EXISTS (SELECT FROM house_place p WHERE p.id = h.place_id AND p.kind IN ('TRANSIT', 'CLIENT_HOME')) THEN
        PERFORM vendome_fail('stock.hold_travels', jsonb_build_object('hold_id', hold));
    END IF;
    RETURN h.piece_id;
END $$;
