-- Single pieces and quantities move for a reason: one call each, once for each key. `what` names the movement, `told` its values.
-- Lock order inside each: level, piece, hold.
CREATE OR REPLACE FUNCTION stock_record(
    scope text, key text, hash bytea, maison uuid, what text, told jsonb, actor text, at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(scope, key, hash);
    place uuid := (told->>'place')::uuid;
    ref uuid := (told->>'reference')::uuid;
    piece uuid := (told->>'piece')::uuid;
    hold uuid := (told->>'hold')::uuid;
    quantity integer := coalesce((told->>'quantity')::integer, 1);
    reason text := coalesce(btrim(told->>'reason'), '');
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    IF reason = '' THEN
        PERFORM vendome_fail('stock.reason_missing');
    END IF;
    IF NOT EXISTS (SELECT FROM house_place p WHERE p.id = place AND p.maison_id = maison) THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    CASE what
        WHEN 'quarantined' THEN hold := stock_set_apart(place, ref, piece, quantity, reason, actor, at);
        WHEN 'restocked' THEN PERFORM stock_put_back(place, hold, actor, reason, at);
        WHEN 'lost', 'written_off' THEN PERFORM stock_take_off(place, ref, piece, hold, quantity, upper(what), actor, reason, at);
        WHEN 'found' THEN hold := stock_find(place, ref, piece, quantity, actor, reason, at);
        WHEN 'corrected' THEN PERFORM stock_correct(place, ref, quantity, maison, actor, reason, at);
        WHEN 'loaned' THEN hold := stock_lend(place, ref, piece, (told->>'client')::uuid, (told->>'due')::date, maison, actor, reason, at);
        WHEN 'loan_returned' THEN PERFORM stock_lent_back(hold, place, maison, actor, reason, at);
        WHEN 'consigned' THEN hold := stock_consign(place, (told->>'to')::uuid, ref, piece, quantity, maison, actor, reason, at);
    END CASE;
    PERFORM vendome_audit(actor, 'stock.' || what, 'place:' || place, maison, told || jsonb_build_object('hold', hold), at);
    PERFORM vendome_emit('stock.' || what, 'place:' || place, maison,
        jsonb_build_object('place_id', place, 'reference_id', coalesce(ref, (SELECT h.reference_id FROM stock_hold h WHERE h.id = hold)),
            'piece_id', coalesce(piece, (SELECT h.piece_id FROM stock_hold h WHERE h.id = hold)), 'quantity', quantity, 'hold_id', hold,
            'to_place_id', told->>'to', 'client_id', told->>'client', 'reason', reason),
        actor, ARRAY['stock:' || place], NULL, at);
    answer := jsonb_build_object('hold', hold);
    PERFORM vendome_once_answer(scope, key, answer);
    RETURN answer;
END $$;

-- From the shelf into quarantine: it stands where it stood, and is not on sale.
CREATE OR REPLACE FUNCTION stock_set_apart(
    place uuid, ref uuid, piece uuid, quantity integer, reason text, actor text, at timestamptz
) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    hold uuid := stock_hold_reference('QUARANTINE', place, ref, piece, quantity, NULL, NULL, NULL, reason, NULL, actor, at);
BEGIN
    UPDATE stock_piece SET state = 'QUARANTINED' WHERE hold_id = hold;
    RETURN hold;
END $$;

-- From quarantine to the shelf. What a client brought back is decided where it is examined.
CREATE OR REPLACE FUNCTION stock_put_back(place uuid, hold uuid, actor text, reason text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM stock_hold h WHERE h.id = hold AND h.place_id = place AND h.kind = 'QUARANTINE' AND h.state = 'ACTIVE'
                   AND h.order_id IS NULL) THEN
        PERFORM vendome_fail('stock.not_quarantined', jsonb_build_object('hold_id', hold));
    END IF;
    PERFORM stock_end_hold(hold, 'RELEASED', actor, reason, at);
END $$;

-- Lost or written off: off the shelf for good, from where it stood free or in quarantine. A promised piece that is lost is lost
-- all the same, and whoever made the promise is told; a promised piece is not written off.
CREATE OR REPLACE FUNCTION stock_take_off(
    place uuid, ref uuid, piece uuid, hold uuid, quantity integer, kind_ text, actor text, reason text, at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    h stock_hold;
BEGIN
    IF hold IS NULL AND piece IS NOT NULL THEN
        SELECT p.hold_id INTO hold FROM stock_piece p WHERE p.id = piece AND p.place_id = place AND p.reference_id = ref;
    END IF;
    IF hold IS NULL THEN
        hold := stock_hold_reference('QUARANTINE', place, ref, piece, quantity, NULL, NULL, NULL, reason, NULL, actor, at);
    END IF;
    SELECT * INTO h FROM stock_hold WHERE id = hold;
    IF h.place_id IS DISTINCT FROM place OR h.reference_id IS DISTINCT FROM coalesce(ref, h.reference_id) THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    IF h.kind = 'QUARANTINE' AND h.order_id IS NOT NULL THEN
        PERFORM vendome_fail('stock.not_quarantined', jsonb_build_object('hold_id', hold));
    ELSIF h.kind <> 'QUARANTINE' AND kind_ = 'WRITTEN_OFF' THEN
        PERFORM vendome_fail('stock.promised', jsonb_build_object('hold_id', hold));
    ELSIF EXISTS (SELECT FROM house_place p WHERE p.id = place AND p.kind = 'TRANSIT') THEN
        PERFORM vendome_fail('stock.hold_travels', jsonb_build_object('hold_id', hold));
    END IF;
    PERFORM stock_consume_hold(hold, kind_, kind_, coalesce((SELECT owner FROM stock_piece WHERE id = h.piece_id), 'HOUSE'), NULL,
                               actor, at, reason);
    IF h.kind <> 'QUARANTINE' THEN
        PERFORM stock_tell_broken_promise(hold, kind_, actor, at);
    END IF;
END $$;

-- A lost or written-off piece, or a quantity, turns up: into quarantine, wherever it is.
CREATE OR REPLACE FUNCTION stock_find(place uuid, ref uuid, piece uuid, quantity integer, actor text, reason text, at timestamptz)
RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
    IF piece IS NOT NULL AND NOT EXISTS (SELECT FROM stock_piece p WHERE p.id = piece AND p.state IN ('LOST', 'WRITTEN_OFF')) THEN
        PERFORM vendome_fail('stock.piece_elsewhere', jsonb_build_object('piece_id', piece));
    END IF;
    RETURN stock_take_in(place, ref, piece, quantity, 'FOUND', 'QUARANTINE', NULL, NULL, NULL, actor, reason, at);
END $$;

-- The quantity of something without serial numbers is put right, up or down; never below what is promised.
CREATE OR REPLACE FUNCTION stock_correct(place uuid, ref uuid, change integer, maison uuid, actor text, reason text, at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    level record;
BEGIN
    IF (SELECT r.is_serialised FROM catalogue_reference r WHERE r.id = ref AND r.maison_id = maison) IS DISTINCT FROM false THEN
        PERFORM vendome_fail(CASE WHEN EXISTS (SELECT FROM catalogue_reference r WHERE r.id = ref AND r.maison_id = maison)
                             THEN 'stock.serials_needed' ELSE 'access.not_found' END);
    END IF;
    IF change = 0 OR abs(change) > 100000 THEN
        PERFORM vendome_fail('orders.bad_quantity');
    END IF;
    INSERT INTO stock_level (reference_id, place_id, on_hand, held) VALUES (ref, place, 0, 0)
        ON CONFLICT (reference_id, place_id) DO NOTHING;
    UPDATE stock_level SET on_hand = on_hand + change WHERE reference_id = ref AND place_id = place AND on_hand + change >= held
        RETURNING on_hand, held INTO level;
    IF level.on_hand IS NULL THEN
        PERFORM vendome_fail('stock.out_of_stock', jsonb_build_object('reference_id', ref, 'place_id', place));
    END IF;
    PERFORM stock_note('CORRECTED', place, ref, NULL, change, 0, level.on_hand, level.held, NULL, NULL, actor, reason, at);
    PERFORM stock_tell_level(place, ref, level.on_hand, level.held, maison, actor, at);
END $$;

-- Into a client's hands, and the house's still: the piece stands at the place of what is with clients, under a loan.
CREATE OR REPLACE FUNCTION stock_lend(
    place uuid, ref uuid, piece uuid, client uuid, due date, maison uuid, actor text, reason text, at timestamptz
) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    hold uuid;
    home uuid := house_standing_place(maison, 'CLIENT_HOME');
BEGIN
    IF piece IS NULL THEN
        PERFORM vendome_fail('stock.serials_needed');
    END IF;
    IF NOT EXISTS (SELECT FROM clients_client c WHERE c.id = client AND c.maison_id = maison) THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    PERFORM stock_only_ours(place, piece);
    PERFORM stock_lock_levels(ARRAY[place, home], ARRAY[ref]);
    hold := stock_hold_reference('LOAN', place, ref, piece, 1, client, NULL, NULL, reason, NULL, actor, at);
    UPDATE stock_hold SET due_date = due WHERE id = hold;
    PERFORM stock_move_hold(hold, home, 'LOANED', 'LOANED', 'ON_LOAN', actor, reason, at);
    RETURN hold;
END $$;

-- Back from a client, into quarantine at whichever place takes it.
CREATE OR REPLACE FUNCTION stock_lent_back(hold uuid, place uuid, maison uuid, actor text, reason text, at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    h stock_hold;
BEGIN
    SELECT k.* INTO h FROM stock_hold k JOIN house_place p ON p.id = k.place_id AND p.maison_id = maison AND p.kind = 'CLIENT_HOME'
        WHERE k.id = hold AND k.kind = 'LOAN' AND k.state = 'ACTIVE';
    IF h.id IS NULL THEN
        PERFORM vendome_fail('stock.hold_gone', jsonb_build_object('hold_id', hold));
    END IF;
    PERFORM stock_move_hold(hold, place, 'RETURNED', 'RETURNED', 'QUARANTINED', actor, reason, at);
    PERFORM stock_turn_into_quarantine(hold, actor, reason, at);
END $$;

-- To a partner's door, where it stays the house's and may be sold; or back from there, into quarantine.
CREATE OR REPLACE FUNCTION stock_consign(
    place uuid, to_ uuid, ref uuid, piece uuid, quantity integer, maison uuid, actor text, reason text, at timestamptz
) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    hold uuid;
    from_door boolean := (SELECT p.kind = 'PARTNER_DOOR' FROM house_place p WHERE p.id = place);
    to_door boolean := (SELECT p.kind = 'PARTNER_DOOR' FROM house_place p WHERE p.id = to_ AND p.maison_id = maison
                        AND p.kind NOT IN ('TRANSIT', 'CLIENT_HOME'));
BEGIN
    IF to_door IS NULL OR from_door = to_door THEN
        PERFORM vendome_fail('stock.not_possible_there');
    END IF;
    IF piece IS NULL AND (SELECT r.is_serialised FROM catalogue_reference r WHERE r.id = ref) THEN
        PERFORM vendome_fail('stock.serials_needed');
    END IF;
    PERFORM stock_only_ours(place, piece);
    PERFORM stock_lock_levels(ARRAY[place, to_], ARRAY[ref]);
    hold := stock_hold_reference('TRANSFER', place, ref, piece, quantity, NULL, NULL, NULL, reason, NULL, actor, at);
    IF to_door THEN
        PERFORM stock_move_hold(hold, to_, 'CONSIGNED', 'CONSIGNED', 'IN_STOCK', actor, reason, at);
        PERFORM stock_end_hold(hold, 'RELEASED', actor, reason, at);
    ELSE
        PERFORM stock_move_hold(hold, to_, 'TRANSFERRED_OUT', 'TRANSFERRED_IN', 'IN_STOCK', actor, reason, at);
        PERFORM stock_turn_into_quarantine(hold, actor, reason, at);
    END IF;
    RETURN hold;
END $$;
