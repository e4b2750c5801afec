-- As stock_take_level, for what is promised from afar (web, delivery, collection elsewhere): the safety stock of the level is
-- left for who stands at the counter. The guard is in the statement that takes, so it holds whatever the load.
CREATE OR REPLACE FUNCTION stock_take_for_promise(place uuid, ref uuid, quantity integer, OUT on_hand_now integer, OUT held_now integer)
LANGUAGE sql AS $$
    UPDATE stock_level SET held = held + quantity
    WHERE reference_id = ref AND place_id = place AND on_hand - held - safety >= quantity
    RETURNING on_hand, held
$$;

-- Says how many of a reference a place keeps for its own counter. Safe to repeat.
CREATE OR REPLACE FUNCTION stock_set_safety(place uuid, ref uuid, quantity integer, actor text, reason text, at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    maison uuid;
    before integer;
    level record;
BEGIN
    SELECT r.maison_id INTO maison FROM catalogue_reference r JOIN house_place p ON p.maison_id = r.maison_id AND p.id = place
        WHERE r.id = ref;
    IF maison IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    INSERT INTO stock_level (reference_id, place_id, on_hand, held) VALUES (ref, place, 0, 0)
        ON CONFLICT (reference_id, place_id) DO NOTHING;
    SELECT l.safety INTO before FROM stock_level l WHERE l.reference_id = ref AND l.place_id = place FOR NO KEY UPDATE;
    UPDATE stock_level SET safety = quantity WHERE reference_id = ref AND place_id = place
        RETURNING on_hand, held INTO level;
    IF before = quantity THEN
        RETURN;
    END IF;
    PERFORM vendome_audit(actor, 'stock.set_safety', 'place:' || place, maison,
                          jsonb_build_object('reference_id', ref, 'before', before, 'after', quantity, 'reason', reason), at);
    PERFORM stock_tell_level(place, ref, level.on_hand, level.held, maison, actor, at);
END $$;

-- What a hold keeps may not be given and not be sold either, until somebody decides (not found, damaged): the hold no longer
-- belongs to an order. Level and ledger stay; the caller has locked the level. Fails with stock.hold_gone.
CREATE OR REPLACE FUNCTION stock_keep_from_sale(hold uuid, actor text, reason_ text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    h stock_hold;
    level record;
BEGIN
    PERFORM FROM stock_piece p WHERE p.hold_id = hold FOR NO KEY UPDATE;
    UPDATE stock_hold SET kind = 'QUARANTINE', order_id = NULL, order_line_id = NULL, basket_id = NULL, is_place_flexible = false,
                          expires_at = NULL, reason = reason_
        WHERE id = hold AND state = 'ACTIVE' AND kind = 'ORDER' RETURNING * INTO h;
    IF h.id IS NULL THEN
        PERFORM vendome_fail('stock.hold_gone', jsonb_build_object('hold_id', hold));
    END IF;
    UPDATE stock_piece SET state = 'QUARANTINED' WHERE id = h.piece_id AND hold_id = hold;
    UPDATE stock_quotause SET ended_at = at WHERE hold_id = hold AND ended_at IS NULL;  -- unless another piece took its room over
    SELECT l.on_hand, l.held INTO level FROM stock_level l WHERE l.reference_id = h.reference_id AND l.place_id = h.place_id;
    PERFORM stock_note('QUARANTINED', h.place_id, h.reference_id, h.piece_id, 0, 0, level.on_hand, level.held, NULL, hold, actor, reason_, at);
END $$;

-- How sure a quantity is: when it was last counted there, and how often it has changed since (at most 999).
CREATE OR REPLACE FUNCTION stock_how_sure(ref uuid, place uuid, OUT counted_at timestamptz, OUT changes integer)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    counted uuid;
BEGIN
    SELECT m.at, m.id INTO counted_at, counted FROM stock_movement m
        WHERE m.reference_id = ref AND m.place_id = place AND m.kind = 'COUNTED' ORDER BY m.id DESC LIMIT 1;
    SELECT count(*) INTO changes FROM (
        SELECT FROM stock_movement m WHERE m.reference_id = ref AND m.place_id = place AND m.on_hand_change <> 0
            AND (counted IS NULL OR m.id > counted) LIMIT 999) x;
END $$;
