-- Scarcity: what one person may have, and who is offered one of few pieces (ADR 0019).
-- The pieces of an allocation stand under holds of their own from the day it is published: an offer gives such a hold a
-- client and an end, and a hold that ends is taken again in the same transaction. So nothing leaves the allocation
-- between two clients. Lock order: level, piece, hold, entry; a draw and an end lock the allocation itself, first.

-- How many more pieces of a model a client may have now; a large number where no rule says anything.
CREATE OR REPLACE FUNCTION stock_quota_room(model uuid, client uuid) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT q.per_person - (
            SELECT count(*)::integer FROM stock_quotause u WHERE u.model_id = q.model_id AND u.ended_at IS NULL
               AND u.client_id = ANY (clients_records(client, q.counts_household)))
        FROM stock_quotarule q WHERE q.model_id = model), 1000000)
$$;

-- Takes what an order holds of limited models out of its client's quota, over every channel; called by whatever places an
-- order, once, after its holds. The slot is unique, so the row is the judge. Fails with stock.quota_reached, and with
-- stock.quota_needs_client when nobody is named.
CREATE OR REPLACE FUNCTION stock_take_quota(
    client uuid, refs uuid[], quantities integer[], holds uuid[], pieces uuid[], lines uuid[], at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wanted record;
    person uuid;
    taken boolean;
BEGIN
    FOR wanted IN
        SELECT q.model_id, q.maison_id, q.per_person, q.counts_household, x.hold, x.piece, x.line
        FROM unnest(refs, quantities, holds, pieces, lines) x (ref, quantity, hold, piece, line)
        JOIN catalogue_reference c ON c.id = x.ref JOIN stock_quotarule q ON q.model_id = c.model_id
        CROSS JOIN LATERAL generate_series(1, x.quantity)
        ORDER BY q.model_id, x.line
    LOOP
        IF client IS NULL THEN
            PERFORM vendome_fail('stock.quota_needs_client', jsonb_build_object('model_id', wanted.model_id));
        END IF;
        person := clients_person(client, wanted.counts_household);
        PERFORM pg_advisory_xact_lock(hashtextextended('stock.quota:' || wanted.model_id || ':' || person, 0));
        taken := false;
        IF stock_quota_room(wanted.model_id, client) > 0 THEN
            FOR number IN 1..wanted.per_person LOOP
                INSERT INTO stock_quotause (id, maison_id, model_id, person_id, client_id, slot, allowed, hold_id, order_line_id,
                                            piece_id, taken_at)
                    VALUES (vendome_new_id(), wanted.maison_id, wanted.model_id, person, client, number, wanted.per_person,
                            wanted.hold, wanted.line, wanted.piece, at)
                    ON CONFLICT (model_id, person_id, slot) WHERE ended_at IS NULL DO NOTHING;
                taken := FOUND;
                EXIT WHEN taken;
            END LOOP;
        END IF;
        IF NOT taken THEN
            PERFORM vendome_fail('stock.quota_reached',
                                 jsonb_build_object('model_id', wanted.model_id, 'per_person', wanted.per_person));
        END IF;
    END LOOP;
END $$;

-- A piece that comes back gives its room back, whichever way it came.
CREATE OR REPLACE FUNCTION stock_give_quota_back(piece uuid, line uuid, at timestamptz) RETURNS void LANGUAGE sql AS $$
    UPDATE stock_quotause SET ended_at = at WHERE ended_at IS NULL AND (piece_id = piece OR (piece IS NULL AND order_line_id = line))
$$;

-- Another piece of the same line under another hold: the room it takes goes along. Called before the old hold ends.
CREATE OR REPLACE FUNCTION stock_quota_follows(old_hold uuid, new_hold uuid, piece uuid) RETURNS void LANGUAGE sql AS $$
    UPDATE stock_quotause SET hold_id = new_hold, piece_id = coalesce(piece, piece_id) WHERE hold_id = old_hold AND ended_at IS NULL
$$;

-- What follows from a hold that ended without a sale: room in the quota, and for one of an allocation's pieces the next offer.
CREATE OR REPLACE FUNCTION stock_hold_ended(h stock_hold, ending text, actor text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    a stock_allocation;
    again uuid := vendome_new_id();
    level record;
    e stock_entry;
BEGIN
    UPDATE stock_quotause SET ended_at = at WHERE hold_id = h.id AND ended_at IS NULL;
    IF h.allocation_id IS NULL THEN
        RETURN;
    END IF;
    SELECT * INTO a FROM stock_allocation WHERE id = h.allocation_id;
    IF a.state <> 'ENDED' THEN
        UPDATE stock_level SET held = held + h.quantity WHERE reference_id = h.reference_id AND place_id = h.place_id
            RETURNING on_hand, held INTO level;
        UPDATE stock_piece SET hold_id = again WHERE id = h.piece_id;
        INSERT INTO stock_hold (id, kind, state, reference_id, piece_id, place_id, is_place_flexible, quantity, allocation_id,
                                reason, held_at)
            VALUES (again, 'WAITING_LIST', 'ACTIVE', h.reference_id, h.piece_id, h.place_id, false, h.quantity, a.id, a.title, at);
        PERFORM stock_note('HELD', h.place_id, h.reference_id, h.piece_id, 0, h.quantity, level.on_hand, level.held, NULL, again,
                           actor, a.title, at);
        PERFORM stock_tell_level(h.place_id, h.reference_id, level.on_hand, level.held, a.maison_id, actor, at);
    END IF;
    SELECT * INTO e FROM stock_entry x WHERE x.hold_id = h.id AND x.state IN ('OFFERED', 'BOUGHT');
    -- A card was declined: her time is not over, and the piece stays hers until it is.
    IF a.state <> 'ENDED' AND h.kind = 'ORDER' AND ending = 'RELEASED' AND e.state = 'OFFERED' AND e.until_at > at THEN
        UPDATE stock_hold SET client_id = e.client_id, advisor_id = e.nominated_by_id, expires_at = e.until_at WHERE id = again;
        UPDATE stock_entry SET hold_id = again WHERE id = e.id;
        RETURN;
    END IF;
    UPDATE stock_entry SET state = CASE ending WHEN 'EXPIRED' THEN 'EXPIRED' ELSE 'PASSED' END, ended_at = at, until_at = NULL,
           reason = CASE WHEN reason = '' THEN lower(ending) ELSE reason END
        WHERE id = e.id RETURNING * INTO e;
    IF e.id IS NOT NULL THEN
        PERFORM stock_tell_entry(e, a.maison_id, actor, at);
    END IF;
    IF a.state = 'SELLING' THEN
        PERFORM stock_offer_to_next(a, again, at);
    END IF;
END $$;

-- Her page and whoever listens hear of it; the row is in the same transaction.
CREATE OR REPLACE FUNCTION stock_tell_entry(e stock_entry, maison uuid, actor text, at timestamptz) RETURNS void LANGUAGE sql AS $$
    SELECT vendome_emit('stock.entry_changed', 'entry:' || e.id, maison,
        jsonb_build_object('allocation_id', e.allocation_id, 'entry_id', e.id, 'client_id', e.client_id, 'state', e.state,
                           'hold_id', e.hold_id, 'until', e.until_at),
        actor, ARRAY['entry:' || e.id], jsonb_build_object('entry', e.id, 'state', e.state), at)
$$;

-- Everybody in line and the desk hear of an allocation's state.
CREATE OR REPLACE FUNCTION stock_tell_allocation(a uuid, actor text, at timestamptz) RETURNS void LANGUAGE sql AS $$
    SELECT vendome_emit('stock.allocation_changed', 'allocation:' || x.id, x.maison_id,
        jsonb_build_object('allocation_id', x.id, 'state', x.state), actor, ARRAY['allocation:' || x.id],
        jsonb_build_object('allocation', x.id, 'state', x.state), at)
    FROM stock_allocation x WHERE x.id = a
$$;

CREATE OR REPLACE FUNCTION stock_allocation_noted(a uuid, entry uuid, actor text, kind text, text_ text, at timestamptz)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO stock_allocationnote (id, allocation_id, entry_id, at, actor, kind, text)
    VALUES (vendome_new_id(), a, entry, at, actor, kind, text_)
$$;

-- Gives one kept piece to whoever is next; false when nobody waits. Who has had as many as she may is passed over.
CREATE OR REPLACE FUNCTION stock_offer_to_next(a stock_allocation, kept uuid, at timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    e stock_entry;
    model uuid := (SELECT model_id FROM catalogue_reference WHERE id = a.reference_id);
BEGIN
    LOOP
        SELECT * INTO e FROM stock_entry x WHERE x.allocation_id = a.id AND x.state = 'WAITING'
            AND (a.policy <> 'NOMINATIONS' OR x.is_chosen)
            ORDER BY x.rank LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
        IF e.id IS NULL THEN
            RETURN false;
        END IF;
        EXIT WHEN stock_quota_room(model, e.client_id) > 0;
        UPDATE stock_entry SET state = 'REFUSED', ended_at = at, reason = 'quota' WHERE id = e.id RETURNING * INTO e;
        PERFORM stock_tell_entry(e, a.maison_id, 'SYSTEM', at);
    END LOOP;
    UPDATE stock_hold SET client_id = e.client_id, advisor_id = e.nominated_by_id, held_at = at,
                          expires_at = at + make_interval(secs => a.hold_seconds)
        WHERE id = kept AND state = 'ACTIVE' AND client_id IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE stock_entry SET state = 'OFFERED', hold_id = kept, offered_at = at,
                           until_at = at + make_interval(secs => a.hold_seconds)
        WHERE id = e.id RETURNING * INTO e;
    PERFORM stock_tell_entry(e, a.maison_id, 'SYSTEM', at);
    RETURN true;
END $$;

-- One of the allocation's pieces that nobody is offered, for this transaction alone.
CREATE OR REPLACE FUNCTION stock_free_of_allocation(a uuid) RETURNS uuid LANGUAGE sql AS $$
    SELECT h.id FROM stock_hold h WHERE h.allocation_id = a AND h.state = 'ACTIVE' AND h.client_id IS NULL
    ORDER BY h.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
$$;

-- Offers free pieces to those next in line; returns how many.
CREATE OR REPLACE FUNCTION stock_offer_free(allocation uuid, most integer, at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    a stock_allocation;
    kept uuid;
    offered integer := 0;
BEGIN
    SELECT * INTO a FROM stock_allocation x WHERE x.id = allocation;
    WHILE a.state = 'SELLING' AND offered < most LOOP
        kept := stock_free_of_allocation(allocation);
        EXIT WHEN kept IS NULL;
        EXIT WHEN NOT stock_offer_to_next(a, kept, at);
        offered := offered + 1;
    END LOOP;
    RETURN offered;
END $$;

-- Where she stands, honestly: her place among all who entered (none while places are to be drawn), and who waits before her.
CREATE OR REPLACE FUNCTION stock_standing(entry_ uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'allocation', a.id, 'entry', e.id, 'token', e.token, 'state', e.state, 'allocation_state', a.state,
        'place', CASE WHEN a.state IN ('SELLING', 'ENDED') THEN n.place END, 'before', n.before, 'entries', n.entries,
        'pieces', a.pieces, 'left', a.pieces - n.bought, 'until', e.until_at,
        'hold', CASE WHEN e.state = 'OFFERED' THEN e.hold_id END,
        'place_id', coalesce((SELECT h.place_id FROM stock_hold h WHERE h.id = e.hold_id), a.place_id), 'reference', a.reference_id,
        'reason', e.reason)
    FROM stock_entry e JOIN stock_allocation a ON a.id = e.allocation_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS entries, count(*) FILTER (WHERE x.rank <= e.rank) AS place,
               count(*) FILTER (WHERE x.rank < e.rank AND x.state = 'WAITING') AS before,
               count(*) FILTER (WHERE x.state = 'BOUGHT') AS bought
        FROM stock_entry x WHERE x.allocation_id = a.id
    ) n
    WHERE e.id = entry_
$$;

-- Enters a client, once for each person, and offers what is free to whoever is next. Safe to repeat: the same person gets
-- her standing. `case_`, and its `advisor`, make it a nomination.
CREATE OR REPLACE FUNCTION stock_enter(
    maison uuid, allocation uuid, client uuid, advisor uuid, case_ text, actor text, at timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    a stock_allocation;
    person uuid;
    known uuid;
    first timestamptz;
    invited boolean;
    model uuid;
BEGIN
    SELECT * INTO a FROM stock_allocation x WHERE x.id = allocation AND x.maison_id = maison AND x.state <> 'DRAFT';
    IF a.id IS NULL OR NOT EXISTS (SELECT FROM clients_client c WHERE c.id = client AND c.maison_id = maison) THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    SELECT e.id INTO known FROM stock_entry e WHERE e.allocation_id = a.id AND e.client_id = client;
    IF known IS NULL THEN
        person := clients_person(client, a.counts_household);
        SELECT e.id INTO known FROM stock_entry e
            WHERE e.allocation_id = a.id AND e.client_id = ANY (clients_records(client, a.counts_household)) LIMIT 1;
    END IF;
    IF known IS NOT NULL THEN
        RETURN stock_standing(known);
    END IF;
    -- A list that is being frozen waits for who is entering, and who enters after sees that it is frozen.
    SELECT * INTO a FROM stock_allocation x WHERE x.id = allocation FOR KEY SHARE;
    invited := EXISTS (SELECT FROM stock_invitation i WHERE i.allocation_id = a.id
                       AND i.client_id = ANY (clients_records(client, a.counts_household)));
    first := least(CASE WHEN a.policy = 'FIRST_COME' THEN coalesce(a.room_opens_at, a.opens_at) ELSE a.opens_at END,
                   CASE WHEN invited THEN a.early_from END);
    IF a.state = 'ENDED' THEN
        PERFORM vendome_fail('stock.allocation_over');
    ELSIF a.state = 'CLOSED' OR a.closes_at <= at THEN
        PERFORM vendome_fail('stock.entries_closed');
    ELSIF at < first THEN
        PERFORM vendome_fail('stock.entries_not_open', jsonb_build_object('opens_at', first));
    ELSIF a.only_invited AND NOT invited AND case_ = '' THEN
        PERFORM vendome_fail('stock.by_invitation');
    ELSIF a.policy = 'NOMINATIONS' AND case_ = '' THEN
        PERFORM vendome_fail('stock.by_nomination');
    END IF;
    model := (SELECT r.model_id FROM catalogue_reference r WHERE r.id = a.reference_id);
    IF stock_quota_room(model, client) < 1 THEN
        PERFORM vendome_fail('stock.quota_reached', jsonb_build_object('model_id', model));
    END IF;
    INSERT INTO stock_entry (id, allocation_id, client_id, person_id, token, rank, state, joined_at, nominated_by_id, case_text)
        VALUES (vendome_new_id(), a.id, client, person, gen_random_uuid(), nextval('stock_turn'), 'WAITING', at, advisor, case_)
        ON CONFLICT DO NOTHING RETURNING id INTO known;
    IF known IS NULL THEN  -- her other click was quicker
        SELECT e.id INTO known FROM stock_entry e WHERE e.allocation_id = a.id AND (e.person_id = person OR e.client_id = client);
        RETURN stock_standing(known);
    END IF;
    PERFORM vendome_audit(actor, 'stock.enter', 'allocation:' || a.id, maison, jsonb_build_object('entry_id', known), at);
    IF a.state = 'SELLING' THEN
        PERFORM stock_offer_free(a.id, 1, at);
    END IF;
    RETURN stock_standing(known);
END $$;

-- She passes: her place in line, or the piece she was offered, which goes to the next at once.
CREATE OR REPLACE FUNCTION stock_leave(maison uuid, allocation uuid, client uuid, reason_ text, actor text, at timestamptz)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    e stock_entry;
BEGIN
    SELECT x.* INTO e FROM stock_entry x JOIN stock_allocation a ON a.id = x.allocation_id AND a.maison_id = maison
        WHERE x.allocation_id = allocation AND x.client_id = ANY (clients_records(client, a.counts_household));
    IF e.id IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    IF e.state = 'OFFERED' THEN
        IF NOT stock_end_unordered(e.hold_id, 'RELEASED', false, actor, reason_, at) THEN
            PERFORM vendome_fail('stock.offer_ordered');
        END IF;
    ELSIF e.state = 'WAITING' THEN
        UPDATE stock_entry SET state = 'PASSED', ended_at = at, reason = reason_ WHERE id = e.id AND state = 'WAITING';
    END IF;
    PERFORM stock_allocation_noted(allocation, e.id, actor, 'PASSED', reason_, at);
    RETURN stock_standing(e.id);
END $$;
