-- From when a client may set a reference aside for herself again: a pause after what she had set aside ran out, or was given free
-- after half a day or longer; NULL when she never had. What has run out counts from its hour, ended already or not.
CREATE OR REPLACE FUNCTION flows_set_aside_again(client uuid, ref uuid, pause interval, at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT max(least(h.ended_at, h.expires_at)) + pause FROM stock_hold h
    WHERE h.client_id = client AND h.reference_id = ref AND h.kind = 'RESERVATION' AND h.advisor_id IS NULL
      AND (h.state IN ('EXPIRED', 'RELEASED') OR h.expires_at <= at)
      AND (h.state <> 'RELEASED' OR h.ended_at >= h.held_at + interval '12 hours')
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
        PERFORM pg_advisory_xact_lock(hashtextextended('reservations:' || client, 0));
        IF (SELECT count(*) FROM stock_hold h WHERE h.client_id = client AND h.state = 'ACTIVE' AND h.kind = 'RESERVATION'
                AND h.advisor_id IS NULL AND NOT EXISTS (SELECT FROM orders_returnline y WHERE y.wanted_hold_id = h.id)) >= (o->>'most')::integer THEN
            PERFORM vendome_fail('stock.too_many_set_aside');
        ELSIF flows_set_aside_again(client, r.id, make_interval(secs => (o->>'pause')::integer), at) > at THEN
            PERFORM vendome_fail('stock.set_aside_lately', jsonb_build_object('reference_id', r.id, 'again_at',
                flows_set_aside_again(client, r.id, make_interval(secs => (o->>'pause')::integer), at)));
        ELSIF stock_quota_room(r.model_id, client) < quantity + (
            SELECT coalesce(sum(h.quantity), 0) FROM stock_hold h JOIN catalogue_reference x ON x.id = h.reference_id
            WHERE h.client_id = client AND h.state = 'ACTIVE' AND h.kind = 'RESERVATION' AND x.model_id = r.model_id) THEN
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
