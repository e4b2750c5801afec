-- The client's card, finished: who she is, greeting, talking points, purchases per channel, wardrobe, open matters.
-- The read is an audit entry in the same statement. For a protected file it is written through to disk before the
-- answer leaves; for any other, a crash may lose the entries of the last moment (ADR 0007).
-- NULL: no such client. {"protected": true}: the file is guarded and this actor has not opened it. {"limited": true}: this
-- actor has read `most` files of other advisors' clients today (R20); the first refusal is an event for the privacy officer.
DROP FUNCTION IF EXISTS flows_client_card(uuid, uuid, text, uuid, uuid, boolean, timestamptz);
CREATE OR REPLACE FUNCTION flows_client_card(
    maison uuid, client uuid, actor_ text, staff uuid, home uuid, may_protected boolean, at timestamptz, most integer
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    c clients_client;
    card text;
    kept uuid;
BEGIN
    SELECT m.kept_id INTO kept FROM clients_merge m WHERE m.absorbed_id = client AND m.undone_at IS NULL;
    SELECT * INTO c FROM clients_client x WHERE x.id = coalesce(kept, client) AND x.maison_id = maison;
    IF c.id IS NULL THEN
        RETURN NULL;
    END IF;
    IF c.is_protected AND NOT may_protected AND c.advisor_id IS DISTINCT FROM staff
       AND NOT EXISTS (SELECT FROM clients_fileopening f WHERE f.client_id = c.id AND f.actor = actor_ AND f.until_at > at)
       AND NOT EXISTS (
            -- She comes to collect here what she has paid; what the reader set aside or sold herself opens nothing.
            SELECT FROM stock_hold h JOIN orders_order o ON o.id = h.order_id
            WHERE h.client_id = c.id AND h.state = 'ACTIVE' AND h.place_id = home AND o.state = 'CONFIRMED'
              AND NOT EXISTS (SELECT FROM stock_movement m WHERE m.reference_id = h.reference_id AND m.place_id = h.place_id
                              AND m.hold_id = h.id AND m.kind = 'HELD' AND m.actor = actor_)) THEN
        PERFORM vendome_audit(actor_, 'clients.read_refused', 'client:' || c.id, maison, '{}', at);
        RETURN '{"protected": true}';
    END IF;
    IF most IS NOT NULL AND c.advisor_id IS DISTINCT FROM staff AND NOT clients_may_read(actor_, c.id, maison, most, at) THEN
        PERFORM vendome_audit(actor_, 'clients.read_refused', 'client:' || c.id, maison, '{"reason": "too many files"}', at);
        RETURN '{"limited": true}';
    END IF;
    IF NOT c.is_protected THEN
        PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
    PERFORM vendome_audit(actor_, 'clients.read', 'client:' || c.id, maison, '{}', at);

    WITH channels AS (
        SELECT o.channel, count(*) AS orders, max(o.placed_at)::date AS last_date, min(o.placed_at)::date AS first_date
        FROM orders_order o WHERE o.client_id = c.id AND o.state IN ('CONFIRMED', 'COMPLETED') AND o.total_amount >= 0
        GROUP BY o.channel
    ), recent AS (
        SELECT o.id, o.number, o.placed_at, o.channel, o.state, o.currency, o.total_amount, o.place_id
        FROM orders_order o WHERE o.client_id = c.id AND o.state <> 'AWAITING_PAYMENT'
        ORDER BY o.placed_at DESC LIMIT 8
    ), worn AS (
        SELECT w.id, w.description, w.source, w.acquired_date, w.quantity, w.piece_id, m.name AS model, m.code, m.family,
               r.material, r.size, r.sku, s.serial
        FROM clients_wardrobepiece w
        LEFT JOIN catalogue_reference r ON r.id = w.reference_id
        LEFT JOIN catalogue_model m ON m.id = r.model_id
        LEFT JOIN stock_piece s ON s.id = w.piece_id
        WHERE w.client_id = c.id AND w.left_at IS NULL
        ORDER BY w.acquired_date DESC, w.id DESC LIMIT 24
    ), waiting AS (
        SELECT h.id AS hold, h.order_line_id AS line, h.order_id, h.kind, h.place_id, p.name AS place, m.name AS model, m.code, s.serial,
               h.expires_at, l.mode,
               CASE WHEN l.id IS NULL THEN 'SET_ASIDE' WHEN o.state = 'AWAITING_PAYMENT' THEN 'UNPAID'
                    WHEN p.kind = 'TRANSIT' THEN 'ON_ITS_WAY' WHEN l.mode = 'COLLECT' AND l.state = 'READY' THEN 'READY'
                    ELSE 'PREPARED' END AS stage
        FROM stock_hold h
        JOIN catalogue_reference r ON r.id = h.reference_id JOIN catalogue_model m ON m.id = r.model_id
        JOIN house_place p ON p.id = h.place_id
        LEFT JOIN stock_piece s ON s.id = h.piece_id
        LEFT JOIN orders_orderline l ON l.id = h.order_line_id LEFT JOIN orders_order o ON o.id = l.order_id
        WHERE h.client_id = c.id AND h.state = 'ACTIVE' AND h.kind <> 'BASKET'
        ORDER BY h.held_at DESC LIMIT 12
    ), likes AS (
        SELECT p.topic, p.value, p.may_mention, p.source, p.noted_at::date AS noted_date
        FROM clients_preference p WHERE p.client_id = c.id AND p.ended_at IS NULL
        ORDER BY p.may_mention DESC, p.confidence DESC, p.noted_at DESC LIMIT 12
    )
    SELECT json_build_object(
        'id', c.id, 'name', btrim(c.given_name || ' ' || c.family_name), 'salutation', c.salutation,
        'given_name', c.given_name, 'family_name', c.family_name,
        'language', c.language, 'city', c.home_city, 'country', c.home_country, 'persona', c.persona,
        'standing', c.standing, 'is_protected', c.is_protected, 'client_since', c.created_at::date,
        'birthday', to_char(c.birthday, 'MM-DD'),
        'advisor', (SELECT json_build_object('id', s.id, 'name', s.given_name || ' ' || s.family_name, 'is_me', s.id = staff)
                    FROM people_staff s WHERE s.id = c.advisor_id),
        'home_place', (SELECT p.name FROM house_place p WHERE p.id = c.home_place_id),
        'identifiers', (SELECT coalesce(json_agg(json_build_object('kind', i.kind, 'value', i.value,
                            'is_attested', i.attested_at IS NOT NULL) ORDER BY i.kind, i.noted_at), '[]')
                        FROM clients_identifier i WHERE i.client_id = c.id AND i.ended_at IS NULL),
        'channels', (SELECT coalesce(json_agg(json_build_object('channel', channel, 'orders', orders, 'first_date', first_date,
                         'last_date', last_date) ORDER BY orders DESC, channel), '[]') FROM channels),
        'primary_channel', (SELECT channel FROM channels ORDER BY orders DESC, last_date DESC LIMIT 1),
        'last_purchase_date', (SELECT max(last_date) FROM channels),
        'orders', (SELECT coalesce(json_agg(json_build_object('id', r.id, 'number', r.number, 'placed_at', r.placed_at,
                       'channel', r.channel, 'state', r.state, 'currency', r.currency, 'total_amount', r.total_amount,
                       'place', (SELECT p.name FROM house_place p WHERE p.id = r.place_id),
                       'lines', (SELECT coalesce(json_agg(json_build_object('model', m.name, 'code', m.code, 'sku', x.sku,
                                     'quantity', l.quantity, 'direction', l.direction, 'state', l.state, 'mode', l.mode)
                                     ORDER BY l.position), '[]')
                                 FROM (SELECT * FROM orders_orderline z WHERE z.order_id = r.id ORDER BY z.position LIMIT 6) l
                                 JOIN catalogue_reference x ON x.id = l.reference_id JOIN catalogue_model m ON m.id = x.model_id))
                       ORDER BY r.placed_at DESC), '[]') FROM recent r),
        'wardrobe', (SELECT coalesce(json_agg(json_build_object('id', id, 'model', coalesce(model, description), 'code', code,
                         'family', family, 'material', material, 'size', size, 'sku', sku, 'serial', serial, 'source', source,
                         'acquired_date', acquired_date, 'quantity', quantity, 'is_ours', piece_id IS NOT NULL OR sku IS NOT NULL)
                         ORDER BY acquired_date DESC, id DESC), '[]') FROM worn),
        'waiting', (SELECT coalesce(json_agg(json_build_object('hold', hold, 'line', line, 'order', order_id, 'kind', kind, 'mode', mode,
                        'stage', stage, 'place', place, 'is_here', place_id = home, 'model', model, 'code', code, 'serial', serial,
                        'expires_at', expires_at)), '[]') FROM waiting),
        'preferences', (SELECT coalesce(json_agg(json_build_object('topic', topic, 'value', value, 'may_mention', may_mention,
                            'source', source, 'noted_date', noted_date)), '[]') FROM likes),
        'ties', (SELECT coalesce(json_agg(json_build_object('client', o2.id, 'name', o2.given_name || ' ' || o2.family_name,
                     'kind', t.kind, 'label', t.label)), '[]')
                 FROM clients_tie t JOIN clients_client o2 ON o2.id = t.other_id WHERE t.client_id = c.id AND NOT o2.is_protected),
        'consents', (SELECT coalesce(json_agg(json_build_object('purpose', purpose, 'channel', channel, 'is_given', is_given)), '[]')
                     FROM (SELECT DISTINCT ON (k.purpose, k.channel) k.purpose, k.channel, k.is_given FROM clients_consent k
                           WHERE k.client_id = c.id ORDER BY k.purpose, k.channel, k.at DESC) newest)
    )::text INTO card;
    RETURN card;
END $$;
