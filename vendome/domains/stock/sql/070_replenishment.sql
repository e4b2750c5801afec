-- What is on its way to a level, or asked for: open transfers, without what travels there for a client.
DROP FUNCTION IF EXISTS stock_incoming(uuid, uuid, timestamptz);
CREATE OR REPLACE FUNCTION stock_incoming(place uuid, ref uuid) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(l.quantity), 0)::integer
    FROM stock_transferline l JOIN stock_transfer t ON t.id = l.transfer_id LEFT JOIN stock_hold h ON h.id = l.hold_id
    WHERE t.to_place_id = place AND l.reference_id = ref AND l.settled_at IS NULL
      AND t.state IN ('REQUESTED', 'APPROVED', 'PICKED', 'DISPATCHED') AND (h.id IS NULL OR h.kind = 'TRANSFER')
$$;

-- Every place's standing of the references that some rule asks for: the narrowest rule of each level, free, coming, sold.
CREATE OR REPLACE FUNCTION stock_replenishment_facts(maison uuid, at timestamptz)
RETURNS TABLE (place_id uuid, reference_id uuid, kind text, is_ours boolean, region text, free integer, incoming integer, sold integer,
               minimum_display integer, weeks_of_cover numeric, maximum integer)
LANGUAGE sql STABLE AS $$
    WITH rule AS (
        SELECT DISTINCT ON (u.place_id, r.id) u.place_id, r.id AS reference_id, u.minimum_display, u.weeks_of_cover, u.maximum
        FROM stock_replenishmentrule u
        JOIN catalogue_reference r ON r.maison_id = u.maison_id JOIN catalogue_model m ON m.id = r.model_id AND m.is_published
        WHERE u.maison_id = maison AND (u.reference_id = r.id OR u.model_id = r.model_id OR u.family = m.family
              OR u.reference_id IS NULL AND u.model_id IS NULL AND u.family = '')
          AND (u.reference_id IS NOT NULL OR EXISTS (
               SELECT FROM stock_level l WHERE l.place_id = u.place_id AND l.reference_id = r.id))  -- what the place has ever had
        ORDER BY u.place_id, r.id, u.reference_id IS NULL, u.model_id IS NULL, u.family = ''
    ), wanted AS MATERIALIZED (
        SELECT DISTINCT x.reference_id FROM rule x
    ), sold AS MATERIALIZED (
        SELECT m.place_id, m.reference_id, -sum(m.on_hand_change)::integer AS units
        FROM stock_movement m JOIN wanted w ON w.reference_id = m.reference_id
        WHERE m.kind IN ('HANDED_OVER', 'DISPATCHED', 'RETURNED') AND m.at > at - interval '91 days' AND m.at <= at GROUP BY 1, 2
    ), seat AS (
        SELECT l.place_id, l.reference_id, l.on_hand - l.held AS free FROM stock_level l JOIN wanted w ON w.reference_id = l.reference_id
        UNION ALL
        SELECT x.place_id, x.reference_id, 0 FROM rule x WHERE NOT EXISTS (
            SELECT FROM stock_level l WHERE l.place_id = x.place_id AND l.reference_id = x.reference_id)
    )
    SELECT s.place_id, s.reference_id, p.kind, p.owner = 'HOUSE', p.region, s.free,
           CASE WHEN x.place_id IS NULL THEN 0 ELSE stock_incoming(s.place_id, s.reference_id) END,
           greatest(coalesce(d.units, 0), 0), x.minimum_display, x.weeks_of_cover, x.maximum
    FROM seat s JOIN house_place p ON p.id = s.place_id AND p.maison_id = maison AND p.kind IN ('BOUTIQUE', 'WAREHOUSE', 'PARTNER_DOOR')
    LEFT JOIN rule x ON x.place_id = s.place_id AND x.reference_id = s.reference_id
    LEFT JOIN sold d ON d.place_id = s.place_id AND d.reference_id = s.reference_id
$$;

-- Writes what was worked out: what is still needed keeps its row with new figures, what is not is withdrawn, what a person
-- said no to lately stays away. Answers how many wait now. The caller holds the maison's lock.
CREATE OR REPLACE FUNCTION stock_write_proposals(maison uuid, wanted jsonb, quiet interval, actor text, at timestamptz) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    waiting integer;
BEGIN
    CREATE TEMP TABLE IF NOT EXISTS proposal_list (from_place uuid, to_place uuid, reference uuid, quantity integer, facts jsonb) ON COMMIT DELETE ROWS;
    TRUNCATE proposal_list;
    INSERT INTO proposal_list SELECT w.* FROM jsonb_to_recordset(wanted) w (from_place uuid, to_place uuid, reference uuid, quantity integer, facts jsonb)
        WHERE NOT EXISTS (SELECT FROM stock_replenishmentproposal p WHERE p.reference_id = w.reference AND p.to_place_id = w.to_place
                          AND p.state = 'DISMISSED' AND p.decided_at > at - quiet);
    UPDATE stock_replenishmentproposal p SET state = 'WITHDRAWN', decided_at = at, decided_by = actor
        WHERE p.maison_id = maison AND p.state = 'PROPOSED' AND NOT EXISTS (SELECT FROM proposal_list w
            WHERE w.from_place = p.from_place_id AND w.to_place = p.to_place_id AND w.reference = p.reference_id);
    INSERT INTO stock_replenishmentproposal (id, maison_id, from_place_id, to_place_id, reference_id, quantity, state, facts, proposed_at)
        SELECT vendome_new_id(), maison, w.from_place, w.to_place, w.reference, w.quantity, 'PROPOSED', w.facts, at FROM proposal_list w
        ON CONFLICT (to_place_id, reference_id, from_place_id) WHERE state = 'PROPOSED'
        DO UPDATE SET quantity = EXCLUDED.quantity, facts = EXCLUDED.facts;
    SELECT count(*) INTO waiting FROM stock_replenishmentproposal p WHERE p.maison_id = maison AND p.state = 'PROPOSED';
    PERFORM vendome_audit(actor, 'stock.replenishment_worked_out', 'maison:' || maison, maison, jsonb_build_object('waiting', waiting), at);
    RETURN waiting;
END $$;

-- A person says yes, to all of it or another quantity. This is where a transfer begins: who listens to
-- stock.replenishment_accepted asks the source for the pieces.
CREATE OR REPLACE FUNCTION stock_accept_proposal(proposal uuid, quantity_ integer, actor text, at timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    p stock_replenishmentproposal;
    free integer;
    answer jsonb;
    transfer jsonb;
BEGIN
    SELECT * INTO p FROM stock_replenishmentproposal x WHERE x.id = proposal;
    SELECT l.on_hand - l.held INTO free FROM stock_level l WHERE l.place_id = p.from_place_id AND l.reference_id = p.reference_id;
    IF coalesce(free, 0) < coalesce(quantity_, p.quantity) THEN
        PERFORM vendome_fail('stock.source_short', jsonb_build_object('proposal_id', proposal, 'free', coalesce(free, 0)));
    END IF;
    UPDATE stock_replenishmentproposal x SET state = 'ACCEPTED', accepted_quantity = coalesce(quantity_, x.quantity), decided_at = at, decided_by = actor
        WHERE x.id = proposal AND x.state = 'PROPOSED' RETURNING * INTO p;
    IF NOT FOUND THEN
        PERFORM vendome_fail('stock.proposal_decided', jsonb_build_object('proposal_id', proposal));
    END IF;
    transfer := stock_request_transfer('replenishment', p.id::text, sha256(convert_to(p.id::text, 'UTF8')), p.maison_id, p.from_place_id,
        p.to_place_id, jsonb_build_array(jsonb_build_object('reference', p.reference_id, 'quantity', p.accepted_quantity)),
        'replenishment', NULL, actor, at);
    answer := jsonb_build_object('proposal_id', p.id, 'transfer_id', transfer->'transfer', 'from_place_id', p.from_place_id, 'to_place_id', p.to_place_id,
                                 'reference_id', p.reference_id, 'quantity', p.accepted_quantity);
    PERFORM vendome_audit(actor, 'stock.replenishment_accept', 'proposal:' || p.id, p.maison_id, answer, at);
    PERFORM vendome_emit('stock.replenishment_accepted', 'proposal:' || p.id, p.maison_id, answer, actor,
        ARRAY['place:' || p.to_place_id, 'place:' || p.from_place_id], NULL, at);
    RETURN answer;
END $$;

CREATE OR REPLACE FUNCTION stock_dismiss_proposal(proposal uuid, actor text, reason_ text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p stock_replenishmentproposal;
BEGIN
    UPDATE stock_replenishmentproposal x SET state = 'DISMISSED', reason = reason_, decided_at = at, decided_by = actor
        WHERE x.id = proposal AND x.state = 'PROPOSED' RETURNING * INTO p;
    IF NOT FOUND THEN
        PERFORM vendome_fail('stock.proposal_decided', jsonb_build_object('proposal_id', proposal));
    END IF;
    PERFORM vendome_audit(actor, 'stock.replenishment_dismiss', 'proposal:' || p.id, p.maison_id, jsonb_build_object('reason', reason_), at);
END $$;

-- Takes a "no" back: proposed again with the figures it had. Fails when it waits again already.
CREATE OR REPLACE FUNCTION stock_reopen_proposal(proposal uuid, actor text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p stock_replenishmentproposal;
BEGIN
    UPDATE stock_replenishmentproposal x SET state = 'PROPOSED', reason = '', decided_at = NULL, decided_by = ''
        WHERE x.id = proposal AND x.state = 'DISMISSED' AND NOT EXISTS (
            SELECT FROM stock_replenishmentproposal o WHERE o.state = 'PROPOSED' AND o.to_place_id = x.to_place_id
            AND o.reference_id = x.reference_id AND o.from_place_id = x.from_place_id) RETURNING * INTO p;
    IF NOT FOUND THEN
        PERFORM vendome_fail('stock.proposal_decided', jsonb_build_object('proposal_id', proposal));
    END IF;
    PERFORM vendome_audit(actor, 'stock.replenishment_reopen', 'proposal:' || p.id, p.maison_id, '{}', at);
END $$;
