-- The life of an allocation: published, frozen, drawn, ended. Each step locks the allocation's row first.

-- Takes pieces off the open shelf for an allocation. Fails with stock.out_of_stock when fewer are free, and takes none then.
CREATE OR REPLACE FUNCTION stock_fill_allocation(a stock_allocation, count_ integer, actor text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    serialised boolean := (SELECT r.is_serialised FROM catalogue_reference r WHERE r.id = a.reference_id);
    kept uuid;
    level record;
BEGIN
    FOR number IN 1..count_ LOOP
        SELECT * INTO level FROM stock_take_level(a.place_id, a.reference_id, 1);
        IF level.on_hand_now IS NULL THEN
            PERFORM vendome_fail('stock.out_of_stock', jsonb_build_object('reference_id', a.reference_id, 'place_id', a.place_id));
        END IF;
        kept := vendome_new_id();
        PERFORM stock_keep(kept, 'WAITING_LIST', a.place_id, a.reference_id, NULL, 1, serialised, NULL, NULL, NULL, NULL, NULL,
                           false, a.title, NULL, level.on_hand_now, level.held_now, actor, at);
        UPDATE stock_hold SET allocation_id = a.id WHERE id = kept;
    END LOOP;
    PERFORM stock_tell_level(a.place_id, a.reference_id, level.on_hand_now, level.held_now, a.maison_id, actor, at);
END $$;

-- The allocation for a step of its life, locked, in one of these states; else it fails with stock.allocation_state.
CREATE OR REPLACE FUNCTION stock_allocation_for(maison uuid, allocation uuid, states text[]) RETURNS stock_allocation
LANGUAGE plpgsql AS $$
DECLARE
    a stock_allocation;
BEGIN
    SELECT * INTO a FROM stock_allocation x WHERE x.id = allocation AND x.maison_id = maison FOR UPDATE;
    IF a.id IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    IF NOT a.state = ANY (states) THEN
        PERFORM vendome_fail('stock.allocation_state', jsonb_build_object('state', a.state));
    END IF;
    RETURN a;
END $$;

-- Publishes: from now on the pieces are kept for it, and the commitment is public. A waiting list offers at once.
CREATE OR REPLACE FUNCTION stock_publish_allocation(maison uuid, allocation uuid, actor text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    a stock_allocation := stock_allocation_for(maison, allocation, ARRAY['DRAFT']);
BEGIN
    PERFORM stock_fill_allocation(a, a.pieces, actor, at);
    UPDATE stock_allocation SET state = CASE policy WHEN 'WAITING_LIST' THEN 'SELLING' ELSE 'OPEN' END, opened_at = at WHERE id = a.id;
    PERFORM stock_allocation_noted(a.id, NULL, actor, 'PUBLISHED', 'commitment ' || encode(a.commitment, 'hex'), at);
    PERFORM vendome_audit(actor, 'stock.publish_allocation', 'allocation:' || a.id, maison, '{}', at);
    PERFORM stock_tell_allocation(a.id, actor, at);
END $$;

-- More pieces have come in: they join the allocation, and are offered at once while it sells.
CREATE OR REPLACE FUNCTION stock_add_to_allocation(maison uuid, allocation uuid, count_ integer, actor text, at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    a stock_allocation := stock_allocation_for(maison, allocation, ARRAY['OPEN', 'CLOSED', 'SELLING']);
BEGIN
    IF count_ < 1 THEN
        PERFORM vendome_fail('orders.bad_quantity');
    END IF;
    PERFORM stock_fill_allocation(a, count_, actor, at);
    UPDATE stock_allocation SET pieces = pieces + count_ WHERE id = a.id;
    PERFORM stock_allocation_noted(a.id, NULL, actor, 'ADDED', count_::text, at);
    PERFORM vendome_audit(actor, 'stock.add_to_allocation', 'allocation:' || a.id, maison, jsonb_build_object('pieces', count_), at);
    PERFORM stock_offer_free(a.id, count_, at);
    PERFORM stock_tell_allocation(a.id, actor, at);
END $$;

-- Freezes the list: nobody enters any more, and the digest of all tokens is public. Records found meanwhile to be one person
-- keep the earliest of their entries.
CREATE OR REPLACE FUNCTION stock_freeze_allocation(maison uuid, allocation uuid, actor text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    a stock_allocation := stock_allocation_for(maison, allocation, ARRAY['OPEN']);
    digest bytea;
    listed integer;
BEGIN
    UPDATE stock_entry SET state = 'REFUSED', ended_at = at, reason = 'same_person' WHERE id IN (
        SELECT x.id FROM (SELECT e.id, row_number() OVER (PARTITION BY clients_person(e.client_id, a.counts_household) ORDER BY e.rank) AS n
                          FROM stock_entry e WHERE e.allocation_id = a.id AND e.state = 'WAITING') x WHERE x.n > 1);
    UPDATE stock_entry SET is_listed = true WHERE allocation_id = a.id AND state = 'WAITING';
    GET DIAGNOSTICS listed = ROW_COUNT;
    SELECT sha256(convert_to(coalesce(string_agg(e.token::text, E'\n' ORDER BY e.token::text COLLATE "C"), ''), 'UTF8')) INTO digest
        FROM stock_entry e WHERE e.allocation_id = a.id AND e.is_listed;
    UPDATE stock_allocation SET state = 'CLOSED', frozen_at = at, list_digest = digest WHERE id = a.id;
    PERFORM stock_allocation_noted(a.id, NULL, actor, 'FROZEN', listed || ' entries, digest ' || encode(digest, 'hex'), at);
    PERFORM vendome_audit(actor, 'stock.freeze_allocation', 'allocation:' || a.id, maison,
                          jsonb_build_object('entries', listed, 'digest', encode(digest, 'hex')), at);
    PERFORM stock_tell_allocation(a.id, actor, at);
END $$;

-- Decides the order and begins to offer. A ballot or a drop reveals its seed: the order is that of sha256(seed, list digest,
-- token), which anybody can recompute. Standing goes by the house's list of standings; nominations by the committee.
CREATE OR REPLACE FUNCTION stock_draw_allocation(maison uuid, allocation uuid, actor text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    a stock_allocation := stock_allocation_for(maison, allocation, ARRAY['CLOSED']);
BEGIN
    IF a.policy = 'NOMINATIONS' THEN
        UPDATE stock_entry SET state = 'REFUSED', ended_at = at
            WHERE allocation_id = a.id AND state = 'WAITING' AND is_chosen IS NOT TRUE;
    ELSE
        UPDATE stock_entry SET rank = -rank WHERE allocation_id = a.id AND is_listed;  -- all turns are handed in, then out
        WITH listed AS (
            SELECT e.id, -e.rank AS rank,
                   row_number() OVER (ORDER BY -e.rank) AS turn,
                   row_number() OVER (ORDER BY
                       CASE WHEN a.policy = 'STANDING' THEN coalesce(array_position(a.standings, c.standing), 1000000) END,
                       CASE WHEN a.policy = 'STANDING' THEN -e.rank END,
                       sha256(a.seed || a.list_digest || convert_to(e.token::text, 'UTF8'))) AS drawn
            FROM stock_entry e JOIN clients_client c ON c.id = e.client_id WHERE e.allocation_id = a.id AND e.is_listed
        )
        UPDATE stock_entry e SET rank = t.rank FROM listed d JOIN listed t ON t.turn = d.drawn WHERE e.id = d.id;
    END IF;
    UPDATE stock_allocation SET state = 'SELLING', revealed_at = CASE WHEN policy IN ('BALLOT', 'FIRST_COME') THEN at END WHERE id = a.id;
    PERFORM stock_allocation_noted(a.id, NULL, actor, 'DRAWN',
        CASE WHEN a.policy IN ('BALLOT', 'FIRST_COME') THEN 'seed ' || encode(a.seed, 'hex') ELSE '' END, at);
    PERFORM vendome_audit(actor, 'stock.draw_allocation', 'allocation:' || a.id, maison, '{}', at);
    PERFORM stock_offer_free(a.id, a.pieces, at);
    PERFORM stock_tell_allocation(a.id, actor, at);
END $$;

-- Ends: who still waits is told, what nobody was offered goes back to the open shelf. Offers that are out run their time.
CREATE OR REPLACE FUNCTION stock_end_allocation(maison uuid, allocation uuid, why text, actor text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    a stock_allocation := stock_allocation_for(maison, allocation, ARRAY['DRAFT', 'OPEN', 'CLOSED', 'SELLING']);
BEGIN
    UPDATE stock_allocation SET state = 'ENDED', ended_at = at WHERE id = a.id;
    UPDATE stock_entry SET state = 'REFUSED', ended_at = at, reason = CASE WHEN reason = '' THEN why ELSE reason END
        WHERE allocation_id = a.id AND state = 'WAITING';
    PERFORM stock_free_ended(a.id, actor, at);
    PERFORM stock_allocation_noted(a.id, NULL, actor, 'ENDED', why, at);
    PERFORM vendome_audit(actor, 'stock.end_allocation', 'allocation:' || a.id, maison, jsonb_build_object('why', why), at);
    PERFORM stock_tell_allocation(a.id, actor, at);
END $$;

-- What an ended allocation still keeps and nobody was offered goes back to the open shelf.
CREATE OR REPLACE FUNCTION stock_free_ended(allocation uuid, actor text, at timestamptz) RETURNS void LANGUAGE sql AS $$
    SELECT stock_end_hold(h.id, 'RELEASED', actor, 'allocation ended', at) FROM stock_hold h
    WHERE h.allocation_id = allocation AND h.state = 'ACTIVE' AND h.client_id IS NULL
$$;

-- An order's hold that no longer runs out is paid: the entry has bought, and after the last piece everybody is told.
-- Payments of one allocation count one after the other here, so that the last one knows that it is the last.
CREATE OR REPLACE FUNCTION stock_offer_paid() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    e stock_entry;
    a stock_allocation;
BEGIN
    UPDATE stock_entry SET state = 'BOUGHT', ended_at = now(), until_at = NULL WHERE hold_id = NEW.id AND state = 'OFFERED' RETURNING * INTO e;
    IF e.id IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT * INTO a FROM stock_allocation x WHERE x.id = NEW.allocation_id FOR NO KEY UPDATE;
    PERFORM stock_tell_entry(e, a.maison_id, 'SYSTEM', now());
    IF a.policy <> 'WAITING_LIST' AND a.state = 'SELLING'
       AND (SELECT count(*) FROM stock_entry x WHERE x.allocation_id = a.id AND x.state = 'BOUGHT') >= a.pieces THEN
        PERFORM stock_end_allocation(a.maison_id, a.id, 'sold_out', 'SYSTEM', now());
    ELSE
        PERFORM stock_tell_allocation(a.id, 'SYSTEM', now());
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER stock_hold_offer_paid AFTER UPDATE OF kind, expires_at ON stock_hold FOR EACH ROW
    WHEN (NEW.allocation_id IS NOT NULL AND NEW.kind = 'ORDER' AND NEW.expires_at IS NULL AND NEW.state = 'ACTIVE')
    EXECUTE FUNCTION stock_offer_paid();

-- One round of what is due by the clock: doors open, lists freeze, pieces go to who waits, the sold out end.
-- Each allocation by itself: one that cannot be helped keeps back no other. Returns how many were changed.
CREATE OR REPLACE FUNCTION stock_run_allocations(at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    a record;
    changed integer := 0;
BEGIN
    FOR a IN SELECT x.id, x.maison_id, x.policy, x.state, x.opens_at, x.closes_at, x.pieces FROM stock_allocation x
             WHERE x.state IN ('OPEN', 'SELLING') ORDER BY x.id LOOP
        BEGIN
            IF a.state = 'OPEN' AND a.policy = 'FIRST_COME' AND a.opens_at <= at THEN
                PERFORM stock_freeze_allocation(a.maison_id, a.id, 'SYSTEM', at);
                PERFORM stock_draw_allocation(a.maison_id, a.id, 'SYSTEM', at);
                changed := changed + 1;
            ELSIF a.state = 'OPEN' AND a.closes_at <= at THEN
                PERFORM stock_freeze_allocation(a.maison_id, a.id, 'SYSTEM', at);
                changed := changed + 1;
            ELSIF a.state = 'SELLING' THEN
                changed := changed + stock_offer_free(a.id, a.pieces, at);
                IF a.policy <> 'WAITING_LIST' AND (SELECT count(*) FROM stock_entry x WHERE x.allocation_id = a.id AND x.state = 'BOUGHT') >= a.pieces THEN
                    PERFORM stock_end_allocation(a.maison_id, a.id, 'sold_out', 'SYSTEM', at);
                    changed := changed + 1;
                END IF;
            END IF;
        EXCEPTION WHEN integrity_constraint_violation OR SQLSTATE 'VD001' THEN
            RAISE WARNING 'allocation % could not be helped: %', a.id, SQLERRM;
        END;
    END LOOP;
    PERFORM stock_free_ended(x.id, 'SYSTEM', at) FROM stock_allocation x WHERE x.state = 'ENDED' AND EXISTS (
        SELECT FROM stock_hold h WHERE h.allocation_id = x.id AND h.state = 'ACTIVE' AND h.client_id IS NULL);
    RETURN changed;
END $$;
