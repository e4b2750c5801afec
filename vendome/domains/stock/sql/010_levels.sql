-- What a client is told of one reference at one place; never a quantity.
CREATE OR REPLACE FUNCTION stock_supply(available integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN available <= 0 THEN 'NONE' WHEN available = 1 THEN 'LAST' ELSE 'AVAILABLE' END
$$;

-- Tells every open page what can still be promised here. The row is in the transaction that changed the level.
CREATE OR REPLACE FUNCTION stock_tell_level(place uuid, ref uuid, on_hand integer, held integer, maison uuid, actor text, at timestamptz)
RETURNS void LANGUAGE sql AS $$
    SELECT vendome_emit(
        'stock.level_changed', 'reference:' || ref, maison,
        jsonb_build_object('reference_id', ref, 'place_id', place, 'on_hand', on_hand, 'held', held),
        actor, ARRAY['reference:' || ref, 'stock:' || place],
        jsonb_build_object('reference', ref, 'places', jsonb_build_object(place, stock_supply(on_hand - held))), at)
$$;

-- One line of the ledger. Levels change only beside a call of this.
CREATE OR REPLACE FUNCTION stock_note(
    kind text, place uuid, ref uuid, piece uuid, on_hand_change integer, held_change integer,
    on_hand_after integer, held_after integer, order_ uuid, hold uuid, actor text, reason text, at timestamptz
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO stock_movement (id, at, kind, place_id, reference_id, piece_id, on_hand_change, held_change,
                                on_hand_after, held_after, order_id, hold_id, actor, reason)
    VALUES (vendome_new_id(), at, kind, place, ref, piece, on_hand_change, held_change,
            on_hand_after, held_after, order_, hold, actor, reason)
$$;

-- Availability of references over the places a client may know of; flat rows, encoded by the caller.
CREATE OR REPLACE FUNCTION stock_public_supply(refs uuid[])
RETURNS TABLE (reference_id uuid, place_id uuid, supply text) LANGUAGE sql STABLE AS $$
    SELECT l.reference_id, l.place_id, stock_supply(l.on_hand - l.held)
    FROM stock_level l JOIN house_place p ON p.id = l.place_id
    WHERE l.reference_id = ANY (refs) AND p.is_visible
    ORDER BY l.reference_id, p.position, p.id
$$;
