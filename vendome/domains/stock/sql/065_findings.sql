-- Fails with stock.piece_promised: it is held for a client, an order or a transfer, which comes first.
CREATE OR REPLACE FUNCTION stock_refuse_promised(piece uuid) RETURNS void LANGUAGE sql AS $$
    SELECT vendome_fail('stock.piece_promised', (
        SELECT jsonb_build_object('piece_id', piece, 'hold_id', h.id, 'kind', h.kind, 'order_number', coalesce(o.number, ''))
        FROM stock_hold h LEFT JOIN orders_order o ON o.id = h.order_id WHERE h.piece_id = piece AND h.state = 'ACTIVE'))
$$;

-- A piece that stands here by the books and nowhere in truth: taken off the shelf as LOST, with the reason.
CREATE OR REPLACE FUNCTION stock_lose_piece(piece uuid, place uuid, actor text, reason text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p stock_piece;
    kept stock_hold;
BEGIN
    SELECT * INTO p FROM stock_piece x WHERE x.id = piece;
    IF p.place_id IS DISTINCT FROM place OR p.state NOT IN ('IN_STOCK', 'QUARANTINED') THEN
        PERFORM vendome_fail('stock.piece_moved_on', jsonb_build_object('piece_id', piece, 'state', p.state, 'place_id', p.place_id));
    END IF;
    SELECT * INTO kept FROM stock_hold h WHERE h.id = p.hold_id;
    IF kept.id IS NULL THEN
        kept.id := stock_hold_reference('QUARANTINE', place, p.reference_id, piece, 1, NULL, NULL, NULL, reason, NULL, actor, at);
    ELSIF kept.kind <> 'QUARANTINE' THEN
        PERFORM stock_refuse_promised(piece);
    END IF;
    PERFORM stock_consume_hold(kept.id, 'LOST', 'LOST', p.owner, NULL, actor, at, reason);
END $$;

-- A piece was read here and stands elsewhere by the books: the books follow, in both ledgers, with the reason.
CREATE OR REPLACE FUNCTION stock_correct_custody(piece uuid, place uuid, actor text, reason text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p stock_piece;
    kept stock_hold;
BEGIN
    SELECT * INTO p FROM stock_piece x WHERE x.id = piece;
    IF p.state IN ('IN_TRANSIT', 'ON_LOAN') THEN
        PERFORM vendome_fail('stock.hold_travels', jsonb_build_object('piece_id', piece, 'hold_id', p.hold_id));
    END IF;
    IF p.state NOT IN ('IN_STOCK', 'QUARANTINED') THEN
        PERFORM vendome_fail('stock.piece_moved_on', jsonb_build_object('piece_id', piece, 'state', p.state, 'place_id', p.place_id));
    END IF;
    IF p.place_id = place THEN
        PERFORM vendome_fail('stock.already_there', jsonb_build_object('piece_id', piece, 'place_id', place));
    END IF;
    SELECT * INTO kept FROM stock_hold h WHERE h.id = p.hold_id;
    IF kept.id IS NOT NULL AND kept.kind <> 'QUARANTINE' THEN
        PERFORM stock_refuse_promised(piece);
    ELSIF kept.id IS NOT NULL THEN
        PERFORM stock_move_hold(kept.id, place, 'CORRECTED', 'CORRECTED', 'QUARANTINED', actor, reason, at);
    ELSE
        kept.id := stock_hold_reference('TRANSFER', p.place_id, p.reference_id, piece, 1, NULL, NULL, NULL, reason, NULL, actor, at);
        PERFORM stock_move_hold(kept.id, place, 'CORRECTED', 'CORRECTED', 'IN_STOCK', actor, reason, at);
        PERFORM stock_end_hold(kept.id, 'RELEASED', actor, reason, at);
    END IF;
END $$;

-- What was counted becomes what is on hand; never less than is held, and then it says whose holds those are.
CREATE OR REPLACE FUNCTION stock_correct_quantity(place uuid, ref uuid, change integer, actor text, reason text, at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    level record;
    maison uuid := (SELECT r.maison_id FROM catalogue_reference r WHERE r.id = ref);
BEGIN
    INSERT INTO stock_level (reference_id, place_id, on_hand, held) VALUES (ref, place, 0, 0) ON CONFLICT (reference_id, place_id) DO NOTHING;
    UPDATE stock_level SET on_hand = on_hand + change WHERE reference_id = ref AND place_id = place AND on_hand + change >= held
        RETURNING on_hand, held INTO level;
    IF NOT FOUND THEN
        PERFORM vendome_fail('stock.correction_below_holds', (
            SELECT jsonb_build_object('reference_id', ref, 'place_id', place, 'on_hand', l.on_hand, 'held', l.held, 'holds', (
                SELECT coalesce(jsonb_agg(jsonb_build_object('hold_id', h.id, 'kind', h.kind, 'quantity', h.quantity,
                                                             'order_number', coalesce(o.number, '')) ORDER BY h.held_at, h.id), '[]')
                FROM stock_hold h LEFT JOIN orders_order o ON o.id = h.order_id
                WHERE h.reference_id = ref AND h.place_id = place AND h.state = 'ACTIVE'))
            FROM stock_level l WHERE l.reference_id = ref AND l.place_id = place));
    END IF;
    PERFORM stock_note('CORRECTED', place, ref, NULL, change, 0, level.on_hand, level.held, NULL, NULL, actor, reason, at);
    PERFORM stock_tell_level(place, ref, level.on_hand, level.held, maison, actor, at);
END $$;

-- A person's answer to a finding, once, with what follows from it in the same step.
CREATE OR REPLACE FUNCTION stock_answer_finding(finding uuid, answer_ text, actor text, reason_ text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    f stock_countfinding;
    c stock_count;
BEGIN
    UPDATE stock_countfinding SET resolution = answer_, reason = reason_, resolved_by = actor, resolved_at = at
        WHERE id = finding AND resolution = '' RETURNING * INTO f;
    IF f.id IS NULL THEN
        PERFORM vendome_fail('stock.finding_resolved', jsonb_build_object('finding_id', finding));
    END IF;
    SELECT * INTO c FROM stock_count x WHERE x.id = f.count_id;
    IF answer_ = 'LOST' THEN
        PERFORM stock_lose_piece(f.piece_id, c.place_id, actor, reason_, at);
    ELSIF answer_ = 'MOVED_HERE' THEN
        PERFORM stock_correct_custody(f.piece_id, c.place_id, actor, reason_, at);
    ELSIF answer_ = 'TAKEN_IN' THEN
        IF NOT EXISTS (SELECT FROM stock_piece p WHERE p.id = f.piece_id AND p.state IN ('LOST', 'WRITTEN_OFF')) THEN
            PERFORM vendome_fail('stock.resolution_unfit', jsonb_build_object('finding_id', finding));
        END IF;
        PERFORM stock_take_in(c.place_id, f.reference_id, f.piece_id, 1, 'FOUND', 'QUARANTINE', NULL, NULL, NULL, actor, reason_, at);
    ELSIF answer_ = 'CORRECTED' THEN
        PERFORM stock_correct_quantity(c.place_id, f.reference_id, f.found - f.expected, actor, reason_, at);
    END IF;
    PERFORM vendome_audit(actor, 'stock.finding_answer', 'count:' || c.id, c.maison_id,
        jsonb_build_object('finding_id', finding, 'kind', f.kind, 'answer', answer_, 'piece_id', f.piece_id, 'reason', reason_), at);
    PERFORM vendome_emit('stock.finding_answered', 'count:' || c.id, c.maison_id,
        jsonb_build_object('count_id', c.id, 'finding_id', finding, 'kind', f.kind, 'answer', answer_, 'place_id', c.place_id,
                           'piece_id', f.piece_id, 'reference_id', f.reference_id), actor, ARRAY['count:' || c.id], NULL, at);
END $$;

-- Takes an answer back that changed no quantity.
CREATE OR REPLACE FUNCTION stock_reopen_finding(finding uuid, actor text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    f stock_countfinding;
BEGIN
    UPDATE stock_countfinding SET resolution = '', reason = '', resolved_by = '', resolved_at = NULL
        WHERE id = finding AND resolution IN ('FOUND', 'EXPLAINED', 'IGNORED') AND kind <> 'MOVED_SINCE' RETURNING * INTO f;
    IF f.id IS NULL THEN
        PERFORM vendome_fail('stock.finding_resolved', jsonb_build_object('finding_id', finding));
    END IF;
    PERFORM vendome_audit(actor, 'stock.finding_reopen', 'count:' || f.count_id, (SELECT c.maison_id FROM stock_count c WHERE c.id = f.count_id),
        jsonb_build_object('finding_id', finding), at);
END $$;

-- How sure the books are: last counted, quantity changes since, findings at this level that nobody has answered.
CREATE OR REPLACE FUNCTION stock_how_sure(places uuid[], refs uuid[])
RETURNS TABLE (place_id uuid, reference_id uuid, last_counted_at timestamptz, movements_since integer, open_findings integer)
LANGUAGE sql STABLE AS $$
    SELECT l.place_id, l.reference_id, k.at,
           (SELECT count(*)::integer FROM stock_movement m WHERE m.reference_id = l.reference_id AND m.place_id = l.place_id
              AND m.id > k.id AND m.on_hand_change <> 0),
           (SELECT count(*)::integer FROM stock_countfinding f JOIN stock_count c ON c.id = f.count_id AND c.place_id = l.place_id
             WHERE f.reference_id = l.reference_id AND f.resolution = '' AND f.kind IN ('MISSING', 'SHORT', 'SURPLUS'))
    FROM unnest(places) p (id) CROSS JOIN unnest(refs) r (id)
    JOIN stock_level l ON l.place_id = p.id AND l.reference_id = r.id
    LEFT JOIN LATERAL (SELECT m.at, m.id FROM stock_movement m WHERE m.reference_id = l.reference_id AND m.place_id = l.place_id
                         AND m.kind = 'COUNTED' ORDER BY m.id DESC LIMIT 1) k ON true
$$;
