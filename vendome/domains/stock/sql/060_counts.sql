-- The ledger's last line now; what comes after it is "since".
CREATE OR REPLACE FUNCTION stock_last_movement() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT m.id FROM stock_movement m ORDER BY m.id DESC LIMIT 1), '00000000-0000-0000-0000-000000000000')
$$;

-- A read is never changed; taking its batch back dates it, once.
CREATE OR REPLACE FUNCTION stock_countread_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL
        AND (OLD.id, OLD.count_id, OLD.batch_id, OLD.tag, OLD.quantity, OLD.source, OLD.at)
            = (NEW.id, NEW.count_id, NEW.batch_id, NEW.tag, NEW.quantity, NEW.source, NEW.at)
        AND (OLD.piece_id, OLD.reference_id) IS NOT DISTINCT FROM (NEW.piece_id, NEW.reference_id)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Reads of a count are never changed or deleted'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stock_countread_append_only';
END $$;
CREATE OR REPLACE TRIGGER stock_countread_append_only BEFORE UPDATE OR DELETE ON stock_countread
    FOR EACH ROW EXECUTE FUNCTION stock_countread_guard();
CREATE OR REPLACE TRIGGER stock_countread_never_emptied BEFORE TRUNCATE ON stock_countread
    FOR EACH STATEMENT EXECUTE FUNCTION vendome_refuse_change();

-- Opens a count. Fails with stock.count_open when the place is being counted already (place_counted_once_at_a_time).
CREATE OR REPLACE FUNCTION stock_open_count(
    place uuid, kind_ text, families_ text[], refs uuid[], actor text, at timestamptz
) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    counted uuid := vendome_new_id();
    maison uuid := (SELECT p.maison_id FROM house_place p WHERE p.id = place AND p.kind NOT IN ('TRANSIT', 'CLIENT_HOME'));
BEGIN
    IF maison IS NULL OR EXISTS (SELECT FROM unnest(refs) x (id) LEFT JOIN catalogue_reference r
                                 ON r.id = x.id AND r.maison_id = maison WHERE r.id IS NULL) THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    INSERT INTO stock_count (id, maison_id, place_id, kind, families, reference_ids, state, after_movement, opened_at, opened_by)
        VALUES (counted, maison, place, kind_, families_, refs, 'OPEN', stock_last_movement(), at, actor)
        ON CONFLICT (place_id) WHERE state = 'OPEN' DO NOTHING;
    IF NOT FOUND THEN
        PERFORM vendome_fail('stock.count_open', jsonb_build_object('place_id', place,
            'count_id', (SELECT c.id FROM stock_count c WHERE c.place_id = place AND c.state = 'OPEN')));
    END IF;
    PERFORM vendome_audit(actor, 'stock.count_open', 'count:' || counted, maison, jsonb_build_object('place_id', place, 'kind', kind_), at);
    PERFORM vendome_emit('stock.count_opened', 'count:' || counted, maison,
        jsonb_build_object('count_id', counted, 'place_id', place, 'kind', kind_), actor, ARRAY['place:' || place, 'count:' || counted],
        jsonb_build_object('count', counted), at);
    RETURN counted;
END $$;

-- The open count, locked, so that reads, closing and cancelling take turns. Fails with stock.count_closed.
CREATE OR REPLACE FUNCTION stock_count_locked(counted uuid) RETURNS stock_count LANGUAGE plpgsql AS $$
DECLARE
    c stock_count;
BEGIN
    SELECT * INTO c FROM stock_count x WHERE x.id = counted AND x.state = 'OPEN' FOR NO KEY UPDATE;
    IF c.id IS NULL THEN
        PERFORM vendome_fail('stock.count_closed', jsonb_build_object('count_id', counted));
    END IF;
    RETURN c;
END $$;

CREATE OR REPLACE FUNCTION stock_tell_count(c stock_count, batch uuid, actor text, at timestamptz) RETURNS void LANGUAGE sql AS $$
    SELECT vendome_emit('stock.count_read', 'count:' || c.id, c.maison_id,
        jsonb_build_object('count_id', c.id, 'place_id', c.place_id, 'batch_id', batch), actor, ARRAY['count:' || c.id],
        jsonb_build_object('count', c.id), at)
$$;

-- Takes a list of reads: each tag once, matched to a piece by its EPC (any of the codes it may stand for) or its serial
-- number. What was read before in this count is not counted again. Answers what the list was made of.
CREATE OR REPLACE FUNCTION stock_record_reads(
    counted uuid, source_ text, lines_ integer, keys text[], serials text[], code_keys text[], codes text[], actor text, at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    c stock_count := stock_count_locked(counted);
    batch uuid := vendome_new_id();
    told record;
    fresh_ integer;
BEGIN
    CREATE TEMP TABLE IF NOT EXISTS count_list (tag text, piece_id uuid, reference_id uuid, is_here boolean) ON COMMIT DELETE ROWS;
    TRUNCATE count_list;
    INSERT INTO count_list
    WITH listed AS (
        SELECT l.key, l.serial FROM unnest(keys, serials) l (key, serial)
    ), named AS (
        SELECT n.key, p.id, p.epc, p.reference_id, p.place_id FROM unnest(code_keys, codes) n (key, code)
        JOIN stock_piece p ON p.epc = n.code AND p.maison_id = c.maison_id
        UNION ALL
        SELECT l.key, p.id, p.epc, p.reference_id, p.place_id FROM listed l
        JOIN stock_piece p ON p.maison_id = c.maison_id AND p.serial = l.serial WHERE l.serial <> ''
    ), known AS (
        SELECT DISTINCT ON (n.key) n.* FROM named n ORDER BY n.key, n.id
    )
    SELECT DISTINCT ON (coalesce(k.epc, l.key)) coalesce(k.epc, l.key), k.id, k.reference_id, k.place_id IS NOT DISTINCT FROM c.place_id
    FROM listed l LEFT JOIN known k ON k.key = l.key ORDER BY 1;
    SELECT count(*) AS distinct_, count(*) FILTER (WHERE x.piece_id IS NOT NULL AND x.is_here) AS here,
           count(*) FILTER (WHERE x.piece_id IS NOT NULL AND NOT x.is_here) AS elsewhere,
           count(*) FILTER (WHERE x.piece_id IS NULL) AS strangers INTO told FROM count_list x;
    INSERT INTO stock_countbatch (id, count_id, source, lines, "distinct", fresh, here, elsewhere, strangers, after_movement, at, actor)
        VALUES (batch, counted, source_, lines_, told.distinct_, 0, told.here, told.elsewhere, told.strangers, stock_last_movement(), at, actor);
    INSERT INTO stock_countread (id, count_id, batch_id, tag, piece_id, reference_id, quantity, source, at)
        SELECT vendome_new_id(), counted, batch, x.tag, x.piece_id, x.reference_id, 1, source_, at FROM count_list x
        ON CONFLICT (count_id, tag) WHERE undone_at IS NULL DO NOTHING;
    GET DIAGNOSTICS fresh_ = ROW_COUNT;
    UPDATE stock_countbatch SET fresh = fresh_ WHERE id = batch;
    PERFORM stock_tell_count(c, batch, actor, at);
    RETURN jsonb_build_object('batch_id', batch, 'source', source_, 'lines', lines_, 'distinct', told.distinct_, 'fresh', fresh_, 'here', told.here,
                              'elsewhere', told.elsewhere, 'strangers', told.strangers);
END $$;

-- Some of a reference without serial numbers, counted by hand; several entries add up.
CREATE OR REPLACE FUNCTION stock_record_quantity(counted uuid, ref uuid, quantity_ integer, source_ text, actor text, at timestamptz)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    c stock_count := stock_count_locked(counted);
    batch uuid := vendome_new_id();
BEGIN
    IF NOT EXISTS (SELECT FROM stock_count_scope(counted) s WHERE s.reference_id = ref AND NOT s.is_serialised) THEN
        PERFORM vendome_fail('stock.outside_count', jsonb_build_object('reference_id', ref));
    END IF;
    INSERT INTO stock_countbatch (id, count_id, source, lines, "distinct", fresh, here, elsewhere, strangers, after_movement, at, actor)
        VALUES (batch, counted, source_, 1, 1, 1, 1, 0, 0, stock_last_movement(), at, actor);
    INSERT INTO stock_countread (id, count_id, batch_id, tag, reference_id, quantity, source, at)
        VALUES (vendome_new_id(), counted, batch, 'quantity:' || batch, ref, quantity_, source_, at);
    PERFORM stock_tell_count(c, batch, actor, at);
    RETURN jsonb_build_object('batch_id', batch, 'source', source_, 'lines', 1, 'distinct', 1, 'fresh', 1, 'here', 1, 'elsewhere', 0, 'strangers', 0);
END $$;

-- Takes the last batch back: the one that was shown, when the caller says which. Fails with stock.nothing_to_undo, and with
-- stock.read_meanwhile when another has come in since (or it was taken back already).
DROP FUNCTION IF EXISTS stock_undo_batch(uuid, text, timestamptz);
CREATE OR REPLACE FUNCTION stock_undo_batch(counted uuid, shown uuid, actor text, at timestamptz) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    c stock_count := stock_count_locked(counted);
    last uuid := (SELECT b.id FROM stock_countbatch b WHERE b.count_id = counted AND b.undone_at IS NULL ORDER BY b.at DESC, b.id DESC LIMIT 1);
BEGIN
    IF last IS NULL THEN
        PERFORM vendome_fail('stock.nothing_to_undo', jsonb_build_object('count_id', counted));
    END IF;
    IF last <> shown THEN
        PERFORM vendome_fail('stock.read_meanwhile', jsonb_build_object('count_id', counted));
    END IF;
    UPDATE stock_countbatch b SET undone_at = stock_undo_batch.at WHERE b.id = last;
    UPDATE stock_countread SET undone_at = stock_undo_batch.at WHERE batch_id = last AND undone_at IS NULL;
    PERFORM stock_tell_count(c, last, actor, at);
    RETURN last;
END $$;

-- The references a count looks at.
CREATE OR REPLACE FUNCTION stock_count_scope(counted uuid) RETURNS TABLE (reference_id uuid, family text, is_serialised boolean)
LANGUAGE sql STABLE AS $$
    SELECT r.id, m.family, r.is_serialised FROM stock_count c
    JOIN catalogue_reference r ON r.maison_id = c.maison_id JOIN catalogue_model m ON m.id = r.model_id
    WHERE c.id = counted AND (c.kind = 'FULL' OR m.family = ANY (c.families) OR r.id = ANY (c.reference_ids))
$$;

-- Every piece a count has something to say of. A piece stood here at the opening if it stands here now and has not come
-- since, or if the first it did since was to leave; only such a piece can be missing, and only if it has not left.
CREATE OR REPLACE FUNCTION stock_count_pieces(counted uuid) RETURNS TABLE (piece_id uuid, reference_id uuid, verdict text)
LANGUAGE sql STABLE AS $$
    WITH c AS (
        SELECT * FROM stock_count x WHERE x.id = counted
    ), scope AS MATERIALIZED (
        SELECT s.reference_id FROM stock_count_scope(counted) s WHERE s.is_serialised
    ), was_read AS (
        SELECT r.piece_id FROM stock_countread r WHERE r.count_id = counted AND r.undone_at IS NULL AND r.piece_id IS NOT NULL
    ), moved AS (
        SELECT m.piece_id, (array_agg(m.on_hand_change ORDER BY m.id))[1] < 0 AS stood
        FROM c JOIN stock_movement m ON m.id > c.after_movement AND m.place_id = c.place_id
        WHERE m.piece_id IS NOT NULL AND m.on_hand_change <> 0 GROUP BY 1
    ), here AS (
        SELECT p.id AS piece_id FROM c JOIN stock_piece p ON p.place_id = c.place_id
        WHERE p.state IN ('IN_STOCK', 'QUARANTINED', 'IN_TRANSIT', 'ON_LOAN')
    ), told AS (  -- gathered, not joined: a count's own rows are too fresh for the planner to know how many they are
        SELECT x.piece_id, bool_or(x.is_here) AS is_here, bool_or(x.is_read) AS is_read, bool_or(x.has_moved) AS has_moved,
               coalesce(bool_or(x.stood), bool_or(x.is_here)) AS stood
        FROM (
            SELECT h.piece_id, true, false, false, NULL::boolean FROM here h
            UNION ALL SELECT r.piece_id, false, true, false, NULL FROM was_read r
            UNION ALL SELECT m.piece_id, false, false, true, m.stood FROM moved m
        ) x (piece_id, is_here, is_read, has_moved, stood) GROUP BY 1
    )
    SELECT t.piece_id, p.reference_id, CASE
        WHEN NOT t.stood AND t.is_read AND NOT t.is_here AND NOT t.has_moved THEN 'MISPLACED'
        WHEN p.reference_id NOT IN (SELECT s.reference_id FROM scope s) THEN 'OUTSIDE'
        WHEN t.stood AND t.is_read THEN 'FOUND'
        WHEN t.stood AND t.has_moved THEN 'MOVED_SINCE'
        WHEN t.stood THEN 'MISSING'
        ELSE 'ARRIVED' END
    FROM told t JOIN stock_piece p ON p.id = t.piece_id
$$;

-- What has no serial numbers: on hand when it was last counted, and the sum of what was counted (NULL: nobody has).
CREATE OR REPLACE FUNCTION stock_count_quantities(counted uuid)
RETURNS TABLE (reference_id uuid, family text, expected integer, counted_ integer) LANGUAGE sql STABLE AS $$
    WITH entered AS (
        SELECT r.reference_id, sum(r.quantity)::integer AS quantity, (array_agg(b.after_movement ORDER BY b.id DESC))[1] AS after_movement
        FROM stock_countread r JOIN stock_countbatch b ON b.id = r.batch_id
        WHERE r.count_id = counted AND r.undone_at IS NULL AND r.piece_id IS NULL AND r.reference_id IS NOT NULL GROUP BY 1
    )
    SELECT s.reference_id, s.family,
           coalesce(l.on_hand, 0) - coalesce((
               SELECT sum(m.on_hand_change)::integer FROM stock_movement m WHERE m.reference_id = s.reference_id
               AND m.place_id = c.place_id AND m.id > e.after_movement), 0),
           e.quantity
    FROM stock_count c
    CROSS JOIN LATERAL stock_count_scope(counted) s
    LEFT JOIN stock_level l ON l.reference_id = s.reference_id AND l.place_id = c.place_id
    LEFT JOIN entered e ON e.reference_id = s.reference_id
    WHERE c.id = counted AND NOT s.is_serialised AND (l.on_hand > 0 OR e.quantity IS NOT NULL)
$$;

-- Closes a count: what is not as the books say becomes a finding for a person, and every level that was counted says so in
-- the ledger. The levels are locked first, so that no sale comes between what is compared and what is written.
CREATE OR REPLACE FUNCTION stock_close_count(counted uuid, actor text, at timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    c stock_count := stock_count_locked(counted);
    strangers_ integer;
    answer jsonb;
BEGIN
    IF NOT EXISTS (SELECT FROM stock_countread r WHERE r.count_id = counted AND r.undone_at IS NULL) THEN
        PERFORM vendome_fail('stock.count_empty', jsonb_build_object('count_id', counted));
    END IF;
    PERFORM FROM stock_level l WHERE l.place_id = c.place_id
        AND l.reference_id IN (SELECT s.reference_id FROM stock_count_scope(counted) s)
        ORDER BY l.reference_id FOR NO KEY UPDATE;
    CREATE TEMP TABLE IF NOT EXISTS count_verdict (piece_id uuid, reference_id uuid, verdict text, expected integer, found integer, is_counted boolean) ON COMMIT DELETE ROWS;
    TRUNCATE count_verdict;
    INSERT INTO count_verdict
        SELECT p.piece_id, p.reference_id, p.verdict, (p.verdict IN ('FOUND', 'MISSING'))::integer,
               (p.verdict IN ('FOUND', 'MISPLACED'))::integer, p.verdict <> 'OUTSIDE'
        FROM stock_count_pieces(counted) p;
    INSERT INTO count_verdict
        SELECT NULL, q.reference_id, CASE WHEN coalesce(q.counted_, 0) < q.expected THEN 'SHORT' WHEN q.counted_ > q.expected THEN 'SURPLUS' ELSE 'EVEN' END,
               q.expected, coalesce(q.counted_, 0), q.counted_ IS NOT NULL
        FROM stock_count_quantities(counted) q;
    SELECT count(*) INTO strangers_ FROM stock_countread r
        WHERE r.count_id = counted AND r.undone_at IS NULL AND r.reference_id IS NULL;
    INSERT INTO stock_countfinding (id, count_id, kind, piece_id, reference_id, expected, found, resolution, reason, resolved_by, resolved_at)
        SELECT vendome_new_id(), counted, v.verdict, v.piece_id, v.reference_id, v.expected, v.found,
               CASE v.verdict WHEN 'MOVED_SINCE' THEN 'EXPLAINED' ELSE '' END,
               CASE v.verdict WHEN 'MOVED_SINCE' THEN 'left while the count was open' ELSE '' END,
               CASE v.verdict WHEN 'MOVED_SINCE' THEN 'SYSTEM' ELSE '' END, CASE v.verdict WHEN 'MOVED_SINCE' THEN at END
        FROM count_verdict v WHERE v.verdict IN ('MISSING', 'MISPLACED', 'MOVED_SINCE', 'SHORT', 'SURPLUS')
        ORDER BY v.verdict, v.reference_id, v.piece_id;
    IF strangers_ > 0 THEN
        INSERT INTO stock_countfinding (id, count_id, kind, expected, found) VALUES (vendome_new_id(), counted, 'STRANGER', 0, strangers_);
    END IF;
    INSERT INTO stock_movement (id, at, kind, place_id, reference_id, on_hand_change, held_change, on_hand_after, held_after, actor, reason)
        SELECT vendome_new_id(), at, 'COUNTED', c.place_id, l.reference_id, 0, 0, l.on_hand, l.held, actor,
               coalesce(v.found, 0) || ' of ' || coalesce(v.expected, 0)
        FROM stock_level l JOIN stock_count_scope(counted) s ON s.reference_id = l.reference_id
        LEFT JOIN (SELECT x.reference_id, sum(x.expected) AS expected, sum(x.found) FILTER (WHERE x.verdict <> 'MISPLACED') AS found, bool_or(x.is_counted) AS is_counted
                   FROM count_verdict x GROUP BY 1) v ON v.reference_id = l.reference_id
        WHERE l.place_id = c.place_id AND CASE WHEN s.is_serialised THEN l.on_hand > 0 OR v.expected > 0 ELSE v.is_counted END;
    UPDATE stock_count x SET state = 'CLOSED', closed_at = at, closed_by = actor,
            expected = f.expected, found = f.found, missing = f.missing, misplaced = f.misplaced, strangers = strangers_, surplus = f.surplus, moved = f.moved
        FROM (SELECT coalesce(sum(v.expected), 0) AS expected,
                     coalesce(sum(least(v.found, v.expected)), 0) AS found,
                     coalesce(sum(v.expected - v.found) FILTER (WHERE v.expected > v.found), 0) AS missing,
                     count(*) FILTER (WHERE v.verdict = 'MISPLACED') AS misplaced,
                     coalesce(sum(v.found - v.expected) FILTER (WHERE v.verdict = 'SURPLUS'), 0) AS surplus,
                     count(*) FILTER (WHERE v.verdict = 'MOVED_SINCE') AS moved
              FROM count_verdict v) f
        WHERE x.id = counted AND x.state = 'OPEN'
        RETURNING jsonb_build_object('count_id', x.id, 'place_id', x.place_id, 'expected', x.expected, 'found', x.found, 'missing', x.missing,
            'misplaced', x.misplaced, 'strangers', x.strangers, 'surplus', x.surplus, 'moved', x.moved) INTO answer;
    PERFORM vendome_audit(actor, 'stock.count_close', 'count:' || counted, c.maison_id, answer, at);
    PERFORM vendome_emit('stock.count_closed', 'count:' || counted, c.maison_id, answer, actor, ARRAY['place:' || c.place_id, 'count:' || counted],
        jsonb_build_object('count', counted), at);
    RETURN answer;
END $$;

CREATE OR REPLACE FUNCTION stock_cancel_count(counted uuid, actor text, reason text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    c stock_count := stock_count_locked(counted);
BEGIN
    UPDATE stock_count SET state = 'CANCELLED', closed_at = at, closed_by = actor WHERE id = counted;
    PERFORM vendome_audit(actor, 'stock.count_cancel', 'count:' || counted, c.maison_id, jsonb_build_object('reason', reason), at);
    PERFORM vendome_emit('stock.count_cancelled', 'count:' || counted, c.maison_id, jsonb_build_object('count_id', counted, 'place_id', c.place_id),
        actor, ARRAY['place:' || c.place_id, 'count:' || counted], jsonb_build_object('count', counted), at);
END $$;
