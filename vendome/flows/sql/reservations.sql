-- What a person kept of a reference without paying for it, over all her records, and that has ended since: set aside by herself, or
-- in a web order that was never paid (a paid order's hold has no end of its own). What has run out counts from its hour, ended
-- already or not; `ordered` is when her order took it, NULL where none did.
CREATE OR REPLACE FUNCTION flows_kept_unpaid(client uuid, ref uuid, since timestamptz, at timestamptz)
RETURNS TABLE (hold uuid, held timestamptz, ordered timestamptz, ended timestamptz) LANGUAGE sql STABLE AS $$
    SELECT h.id, h.held_at, o.placed_at, least(h.ended_at, h.expires_at) FROM (
        SELECT * FROM stock_hold x WHERE x.client_id = ANY (clients_records(client)) AND x.reference_id = ref
            AND x.state IN ('RELEASED', 'EXPIRED') AND x.advisor_id IS NULL AND x.expires_at IS NOT NULL
        UNION ALL
        SELECT * FROM stock_hold x WHERE x.client_id = ANY (clients_records(client)) AND x.reference_id = ref
            AND x.state = 'ACTIVE' AND x.advisor_id IS NULL AND x.expires_at <= at) h
    LEFT JOIN orders_order o ON o.id = h.order_id
    WHERE least(h.ended_at, h.expires_at) > since AND (h.kind = 'RESERVATION' OR h.kind = 'ORDER' AND o.channel = 'web')
$$;

-- From when a person may set a reference aside for herself again; NULL when nothing keeps her. What she kept without paying counts
-- together, the last to end first: where it comes to twelve hours, that has to have ended a pause ago. Kept for a moment, it is no
-- matter; kept in pieces or as an unpaid order, it is the same as kept at once.
CREATE OR REPLACE FUNCTION flows_set_aside_again(client uuid, ref uuid, pause interval, at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT max(x.ended) + pause FROM (
        SELECT k.ended, sum(k.ended - k.held) OVER (ORDER BY k.ended DESC, k.hold) AS together
        FROM flows_kept_unpaid(client, ref, at - pause, at) k) x
    WHERE x.together >= interval '12 hours'
$$;

-- From when she may order it again online without paying at once; NULL when nothing keeps her. Orders alone count here, so that who
-- set it aside may still buy it. Twelve hours of unpaid orders are too many for one that waits for a bank; for the quarter of an hour
-- of a payment page each counts no longer than that, and two hours (eight pages left alone) are too many.
CREATE OR REPLACE FUNCTION flows_order_again(client uuid, ref uuid, keeps interval, at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT max(x.ended) + interval '48 hours' FROM (
        SELECT k.ended, sum(least(k.ended - k.ordered, CASE WHEN keeps <= interval '15 minutes' THEN keeps END))
                            OVER (ORDER BY k.ended DESC, k.hold) AS together
        FROM flows_kept_unpaid(client, ref, at - interval '48 hours', at) k WHERE k.ordered IS NOT NULL) x
    WHERE x.together >= CASE WHEN keeps <= interval '15 minutes' THEN interval '2 hours' ELSE interval '12 hours' END
$$;

-- How many a person keeps that she set aside herself and did not pay for, over all her records. One that an unpaid order of hers has
-- taken over is among them: if the order ends so, it is set aside for her again (stock_set_aside_again). What waits for her to send
-- something back is not.
CREATE OR REPLACE FUNCTION flows_count_set_aside(client uuid) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT count(*)::integer FROM stock_hold h
    WHERE h.client_id = ANY (clients_records(client)) AND h.state = 'ACTIVE' AND h.advisor_id IS NULL
      AND (h.kind = 'RESERVATION' OR h.kind = 'ORDER' AND h.set_aside_as = 'RESERVATION' AND h.expires_at IS NOT NULL)
      AND NOT EXISTS (SELECT FROM orders_returnline y WHERE y.wanted_hold_id = h.id)
$$;

-- Sets one reference aside in a boutique for a client, once for each key. far: asked for from elsewhere, so the safety stock
-- stays; most: how many a client may have set aside for herself at once, NULL for staff.
-- pause: how many seconds have to pass after what she had set aside herself ended, before she may set the same aside again.
-- o: scope, key, hash; maison, client, advisor, reference, place, quantity, far, most, pause, channel, reason, expires, actor, at.
CREATE OR REPLACE FUNCTION flows_reserve(o jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(o->>'scope', o->>'key', decode(o->>'hash', 'hex'));
    p house_place;
    r catalogue_reference;
    client uuid := (o->>'client')::uuid;
    at timestamptz := (o->>'at')::timestamptz;
    quantity integer := (o->>'quantity')::integer;
    hold uuid := vendome_new_id();
    level record;
    again timestamptz;
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    SELECT * INTO p FROM house_place x WHERE x.id = (o->>'place')::uuid AND x.maison_id = (o->>'maison')::uuid;
    SELECT * INTO r FROM catalogue_reference x WHERE x.id = (o->>'reference')::uuid AND x.maison_id = (o->>'maison')::uuid;
    IF p.id IS NULL OR r.id IS NULL
       OR NOT EXISTS (SELECT FROM clients_client c WHERE c.id = client AND c.maison_id = (o->>'maison')::uuid) THEN
        PERFORM vendome_fail('access.not_found');
    ELSIF quantity < 1 OR (r.is_serialised AND quantity <> 1) THEN
        PERFORM vendome_fail('orders.bad_quantity');
    END IF;
    IF (o->>'far')::boolean AND NOT flows_gives(p, 'RESERVE', o->>'channel', at::date) THEN
        PERFORM vendome_fail('orders.mode_not_offered', jsonb_build_object('place_id', p.id, 'mode', 'RESERVE'));
    END IF;
    IF o->>'most' IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('reservations:' || clients_person(client), 0));
        IF flows_count_set_aside(client) >= (o->>'most')::integer THEN
            PERFORM vendome_fail('stock.too_many_set_aside');
        ELSIF stock_quota_room(r.model_id, client) < quantity + (  -- what an order has taken over is in the quota's own count
            SELECT coalesce(sum(h.quantity), 0) FROM stock_hold h JOIN catalogue_reference x ON x.id = h.reference_id
            WHERE h.client_id = ANY (clients_records(client)) AND h.state = 'ACTIVE' AND h.kind = 'RESERVATION' AND x.model_id = r.model_id) THEN
            PERFORM vendome_fail('stock.quota_reached', jsonb_build_object('model_id', r.model_id));
        END IF;
    END IF;
    IF (o->>'far')::boolean THEN
        SELECT * INTO level FROM stock_take_for_promise(p.id, r.id, quantity);
    ELSE
        SELECT * INTO level FROM stock_take_level(p.id, r.id, quantity);
    END IF;
    IF level.on_hand_now IS NULL THEN
        PERFORM vendome_fail('stock.out_of_stock', jsonb_build_object('reference_id', r.id, 'place_id', p.id));
    END IF;
    IF o->>'most' IS NOT NULL THEN  -- asked once the level is hers: what she gives free at this moment has ended by now
        again := flows_set_aside_again(client, r.id, make_interval(secs => (o->>'pause')::integer), at);
        IF again > at THEN
            PERFORM vendome_fail('stock.set_aside_lately', jsonb_build_object('reference_id', r.id, 'again_at', again));
        END IF;
    END IF;
    PERFORM stock_keep(hold, 'RESERVATION', p.id, r.id, NULL, quantity, r.is_serialised, client, (o->>'advisor')::uuid, NULL, NULL, NULL,
                       false, o->>'reason', (o->>'expires')::timestamptz, level.on_hand_now, level.held_now, o->>'actor', at);
    PERFORM stock_tell_level(p.id, r.id, level.on_hand_now, level.held_now, p.maison_id, o->>'actor', at);
    PERFORM vendome_audit(o->>'actor', 'stock.reserve', 'client:' || client, p.maison_id,
                          jsonb_build_object('hold_id', hold, 'reference_id', r.id, 'place_id', p.id), at);
    PERFORM vendome_emit('stock.reserved', 'hold:' || hold, p.maison_id,
        jsonb_build_object('hold_id', hold, 'reference_id', r.id, 'place_id', p.id, 'client_id', client, 'until', o->>'expires'),
        o->>'actor', ARRAY['place:' || p.id, 'client:' || client], jsonb_build_object('hold', hold), at);
    answer := jsonb_build_object('hold', hold, 'reference', r.id, 'place', p.id, 'until', o->>'expires');
    PERFORM vendome_once_answer(o->>'scope', o->>'key', answer);
    RETURN answer;
END $$;

-- Gives free what was set aside; the same key gives the same answer.
CREATE OR REPLACE FUNCTION flows_release_reservation(scope text, key text, hash bytea, hold uuid, reason text, actor text, at timestamptz)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(scope, key, hash);
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    IF NOT stock_end_unordered(hold, 'RELEASED', false, actor, reason, at) THEN
        PERFORM vendome_fail('stock.hold_gone', jsonb_build_object('hold_id', hold));  -- her order was quicker
    END IF;
    answer := jsonb_build_object('hold', hold, 'state', 'RELEASED');
    PERFORM vendome_once_answer(scope, key, answer);
    RETURN answer;
END $$;
