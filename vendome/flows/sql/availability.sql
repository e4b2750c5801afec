-- Availability with arguments and the choice of a source are one: what flows_best_sources names is what an order takes.
--
-- The rules of a maison are ordered, and the first that tells two places apart decides. Each rule gives a place a digit, lower
-- is better; the digits stand one behind the other in one number, in the order of the rules, and the smallest number wins.

-- The rules in force for a channel: its own, else the maison's, else the house's usual ones.
CREATE OR REPLACE FUNCTION flows_routing(maison uuid, channel_ text, OUT kinds text[], OUT steps integer[]) LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(r.kind::text ORDER BY r.position), '{OWN_FIRST,SAME_MARKET,TOGETHER,WAREHOUSE_FIRST,MARGIN}'),
           coalesce(array_agg(r.step ORDER BY r.position), '{1,1,1,1,1}')
    FROM fulfilment_routingrule r
    WHERE r.maison_id = maison AND r.channel = CASE
        WHEN EXISTS (SELECT FROM fulfilment_routingrule o WHERE o.maison_id = maison AND o.channel = channel_) THEN channel_ ELSE '' END
$$;

-- Kilometres over the ground between two points; the earth as a ball is true to half a percent.
CREATE OR REPLACE FUNCTION flows_km(lat1 double precision, lon1 double precision, lat2 double precision, lon2 double precision) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN num_nulls(lat1, lon1, lat2, lon2) = 0  -- least() passes over a NULL: an unknown place would be on the other side
        THEN round(12742 * asin(sqrt(least(1, sin(radians(lat2 - lat1) / 2) ^ 2
            + cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lon2 - lon1) / 2) ^ 2))))::integer END
$$;

-- Whether a partner has agreed that what stands at its place is promised in this way on this day. By default: no.
CREATE OR REPLACE FUNCTION flows_partner_agrees(place uuid, mode text, day date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM house_partneragreement a WHERE a.place_id = place AND mode = ANY (a.modes) AND a.during @> day)
$$;

-- Who may send in a mode, the best first, each with what the rules say of the place: `key` without the quantity, whose digit has
-- its own weight. Places of one `league` are alike in every rule before that of the quantity.
-- to_place: where the client collects; it never sends to itself. Coordinates: where the client is, if that is known.
-- tries: it may also send what she tries at home, which our own places do, in her market.
DROP FUNCTION IF EXISTS flows_senders(uuid, uuid, text, uuid, double precision, double precision, text, date, uuid[], uuid[]);
CREATE FUNCTION flows_senders(
    maison uuid, market uuid, mode text, to_place uuid, lat double precision, lon double precision, channel text, day date,
    together uuid[], without uuid[]
) RETURNS TABLE (n bigint, place_id uuid, market_id uuid, key bigint, league bigint, margin_weight bigint, margin_step integer, km integer,
               tries boolean)
LANGUAGE plpgsql STABLE ROWS 100 AS $$
DECLARE
    rules record;
    widths jsonb := '{"OWN_FIRST":1,"SAME_MARKET":1,"WAREHOUSE_FIRST":1,"DISTANCE":15,"LOAD":8,"TOGETHER":6,"MARGIN":8}';
    shift bigint := 16384;  -- the last 14 bits are the place itself: no two places are alike
    w_own bigint := 0; w_market bigint := 0; w_kind bigint := 0; w_km bigint := 0; w_load bigint := 0; w_together bigint := 0; w_margin bigint := 0;
    s_km integer := 1; s_load integer := 1; s_margin integer := 1;
    kind text;
    wanted_market uuid := market;
    wanted integer := cardinality(together);
BEGIN
    SELECT * INTO rules FROM flows_routing(maison, channel);
    FOR i IN REVERSE cardinality(rules.kinds)..1 LOOP
        kind := rules.kinds[i];
        CASE kind
            WHEN 'OWN_FIRST' THEN w_own := shift;
            WHEN 'SAME_MARKET' THEN w_market := shift;
            WHEN 'WAREHOUSE_FIRST' THEN w_kind := shift;
            WHEN 'DISTANCE' THEN w_km := shift; s_km := rules.steps[i];
            WHEN 'LOAD' THEN w_load := shift; s_load := rules.steps[i];
            WHEN 'TOGETHER' THEN w_together := shift;
            WHEN 'MARGIN' THEN w_margin := shift; s_margin := rules.steps[i];
        END CASE;
        shift := shift << (widths->>kind)::integer;
    END LOOP;
    IF to_place IS NOT NULL THEN
        SELECT t.market_id, coalesce(lat, t.latitude), coalesce(lon, t.longitude) INTO wanted_market, lat, lon FROM house_place t WHERE t.id = to_place;
    END IF;
    IF lat IS NULL AND w_km > 0 THEN  -- her address is not on the map: the first boutique of her market stands for her
        SELECT p.latitude, p.longitude INTO lat, lon FROM house_place p
            WHERE p.market_id = wanted_market AND p.kind = 'BOUTIQUE' AND p.latitude IS NOT NULL ORDER BY p.position, p.id LIMIT 1;
    END IF;
    IF wanted < 2 OR w_together = 0 THEN
        wanted := 0;
    END IF;
    RETURN QUERY
        SELECT y.n, y.id, y.market_id, y.key, CASE WHEN w_margin = 0 THEN y.key ELSE y.key / (w_margin * 256) END, w_margin, s_margin, y.far,
               y.owner = 'HOUSE' AND y.market_id = market
        FROM (
            SELECT x.n, x.id, x.market_id, x.owner, x.far,
                   x.n + w_own * (x.owner <> 'HOUSE')::integer + w_market * (x.market_id <> wanted_market)::integer
                       + w_kind * (x.kind <> 'WAREHOUSE')::integer + w_km * (coalesce(x.far, 0) / s_km)
                       + CASE WHEN w_load = 0 THEN 0 ELSE w_load * ((SELECT count(*) FROM (
                             SELECT FROM orders_orderline l WHERE l.place_id = x.id AND l.direction = 'OUT'
                                 AND l.state IN ('HELD', 'ON_THE_WAY', 'ARRIVED', 'READY') LIMIT 255) open_lines) / s_load) END
                       + CASE WHEN wanted = 0 THEN 0 ELSE w_together * least(63, wanted - (
                             SELECT count(DISTINCT l.reference_id) FROM stock_level l
                             WHERE l.reference_id = ANY (together) AND l.place_id = x.id AND l.on_hand - l.held - l.safety > 0)) END AS key
            FROM (SELECT row_number() OVER (ORDER BY p.position, p.id) AS n, p.id, p.market_id, p.owner, p.kind::text AS kind,
                         CASE WHEN lat IS NOT NULL AND p.latitude IS NOT NULL THEN flows_km(lat, lon, p.latitude, p.longitude) END AS far,
                         p.ships AND (p.sells_online OR channel <> 'web') AS sends
                  FROM house_place p WHERE p.maison_id = maison) x
            WHERE CASE WHEN x.owner = 'HOUSE' THEN x.sends ELSE mode <> 'TRY_AT_HOME' AND flows_partner_agrees(x.id, mode, day) END
              AND x.id IS DISTINCT FROM to_place AND x.id <> ALL (without)
              AND (mode <> 'TRY_AT_HOME' OR x.market_id = market)
            OFFSET 0) y  -- else the key is reckoned, and all it asks prepared, wherever it is named
        ORDER BY y.key;
END $$;

-- The best source of each reference that has one, in each mode: the same answer for who asks and for who takes. `free` is what may
-- be promised from there; is_last: it is one, and nobody else could send another. Every place counts, few are read: the senders stand
-- in the order of the rules, so the first one found to have a reference names the league that the choice is made in.
-- modes: one, or DELIVER and TRY_AT_HOME together; who sends what is tried also sends what is bought, so they are ranked once.
DROP FUNCTION IF EXISTS flows_best_sources(uuid[], integer, uuid, uuid, text, uuid, double precision, double precision, text, date, uuid[], uuid[]);
DROP FUNCTION IF EXISTS flows_best_sources(uuid[], integer, uuid, uuid, text[], uuid, double precision, double precision, text, date, uuid[], uuid[]);
CREATE FUNCTION flows_best_sources(
    refs uuid[], quantity integer, maison uuid, market uuid, modes text[], to_place uuid, lat double precision, lon double precision,
    channel text, day date, together uuid[], without uuid[]
) RETURNS TABLE (in_mode text, reference_id uuid, place_id uuid, market_id uuid, free integer, is_last boolean, km integer)
LANGUAGE sql STABLE ROWS 20 AS $$
    WITH senders AS MATERIALIZED (
        SELECT * FROM flows_senders(maison, market, CASE WHEN 'DELIVER' = ANY (modes) THEN 'DELIVER' ELSE modes[1] END, to_place, lat, lon,
            channel, day, together, without)
    ), first AS MATERIALIZED (
        SELECT m.mode, r.ref, f.league FROM unnest(modes) m (mode) CROSS JOIN unnest(refs) r (ref) CROSS JOIN LATERAL (
            SELECT s.league FROM senders s  -- reads senders in the order in which they were made, and stops at the first
            WHERE (m.mode <> 'TRY_AT_HOME' OR s.tries) AND (
                SELECT l.on_hand - l.held - l.safety FROM stock_level l WHERE l.reference_id = r.ref AND l.place_id = s.place_id) >= quantity
            LIMIT 1) f
    ), best AS MATERIALIZED (
        SELECT f.mode, f.ref, min(flows_source_key(s.key, s.margin_weight, s.margin_step, l.on_hand - l.held - l.safety - quantity)) AS key
        FROM first f
        JOIN senders s ON s.league = f.league AND (f.mode <> 'TRY_AT_HOME' OR s.tries)
        JOIN stock_level l ON l.reference_id = f.ref AND l.place_id = s.place_id
        WHERE l.on_hand - l.held - l.safety >= quantity GROUP BY 1, 2
    )
    SELECT b.mode, b.ref, s.place_id, s.market_id, l.on_hand - l.held - l.safety,
           l.on_hand - l.held - l.safety = 1 AND NOT EXISTS (  -- asks one sender after the other too, and stops at the first
               SELECT FROM senders o WHERE o.place_id <> s.place_id AND (b.mode <> 'TRY_AT_HOME' OR o.tries) AND (
                   SELECT x.on_hand - x.held - x.safety FROM stock_level x WHERE x.reference_id = b.ref AND x.place_id = o.place_id) > 0),
           s.km
    FROM best b JOIN senders s ON s.n = (b.key & 16383) JOIN stock_level l ON l.reference_id = b.ref AND l.place_id = s.place_id
$$;

-- A place's number with the digit of what would be left there; more is better, from 255 on all are alike.
CREATE OR REPLACE FUNCTION flows_source_key(key bigint, weight bigint, step integer, left_there integer) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT key + weight * (255 / step - least(255, left_there) / step)
$$;

-- Why this place and not the next best: which rule told them apart, in words that stand on the order.
CREATE OR REPLACE FUNCTION flows_why_source(
    chosen uuid, ref uuid, quantity integer, maison uuid, market uuid, mode text, to_place uuid, lat double precision,
    lon double precision, channel text, day date, together uuid[], without uuid[]
) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    r record;
    rules record;
    mine bigint;
    next_ record;
    digits bigint;
    widths jsonb := '{"OWN_FIRST":1,"SAME_MARKET":1,"WAREHOUSE_FIRST":1,"DISTANCE":15,"LOAD":8,"TOGETHER":6,"MARGIN":8}';
    rule text := 'ORDER_OF_PLACES';
    shift integer := 14;
BEGIN
    FOR r IN
        SELECT s.place_id, p.name, s.km, flows_source_key(s.key, s.margin_weight, s.margin_step, l.on_hand - l.held - l.safety - quantity) AS key
        FROM flows_senders(maison, market, mode, to_place, lat, lon, channel, day, together, without) s
        JOIN house_place p ON p.id = s.place_id
        JOIN stock_level l ON l.place_id = s.place_id AND l.reference_id = ref
        WHERE s.place_id = chosen OR l.on_hand - l.held - l.safety >= quantity
        ORDER BY s.place_id <> chosen, 4 LIMIT 2
    LOOP
        IF r.place_id = chosen THEN
            mine := r.key;
        ELSE
            next_ := r;
        END IF;
    END LOOP;
    IF mine IS NULL OR next_ IS NULL THEN
        RETURN jsonb_build_object('rule', 'ONLY_ONE', 'reason', 'the only place that could send it');
    END IF;
    SELECT * INTO rules FROM flows_routing(maison, channel);
    FOR i IN REVERSE cardinality(rules.kinds)..1 LOOP
        digits := (1::bigint << (widths->>rules.kinds[i])::integer) - 1;
        IF (mine >> shift) & digits <> (next_.key >> shift) & digits THEN
            rule := rules.kinds[i];  -- the last one found here is the highest: that is the one that decided
        END IF;
        shift := shift + (widths->>rules.kinds[i])::integer;
    END LOOP;
    RETURN jsonb_build_object('rule', rule, 'instead_of', next_.place_id, 'instead_of_name', next_.name, 'reason', flows_rule_words(rule));
END $$;

CREATE OR REPLACE FUNCTION flows_rule_words(rule text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE rule
        WHEN 'OWN_FIRST' THEN 'our own stock before a partner''s'
        WHEN 'SAME_MARKET' THEN 'in the market where she receives it'
        WHEN 'TOGETHER' THEN 'more of the order leaves together'
        WHEN 'WAREHOUSE_FIRST' THEN 'a warehouse before a boutique'
        WHEN 'DISTANCE' THEN 'nearer to her'
        WHEN 'LOAD' THEN 'fewer orders wait there'
        WHEN 'MARGIN' THEN 'more of it is left there'
        ELSE 'first in the order of the house' END
$$;

-- The day a promise names: taken away today, ready in the place that has it, or there after its journey.
CREATE OR REPLACE FUNCTION flows_promise_date(source uuid, mode text, to_place uuid, market uuid, at timestamptz) RETURNS date
LANGUAGE plpgsql STABLE AS $$
DECLARE
    s house_place;
    t house_place;
    ready date;
BEGIN
    SELECT * INTO s FROM house_place p WHERE p.id = source;
    IF mode = 'TAKE_AWAY' THEN
        RETURN (at AT TIME ZONE s.timezone)::date;
    END IF;
    ready := house_ready_day(s, at);
    IF mode IN ('COLLECT', 'RESERVE') THEN
        IF to_place IS NULL OR to_place = source THEN
            RETURN ready;
        END IF;
        SELECT * INTO t FROM house_place p WHERE p.id = to_place;
        RETURN house_next_working_day(t, house_arrival(s.market_id, t.market_id, ready));
    END IF;
    RETURN house_arrival(s.market_id, market, ready);
END $$;

-- Whether a place gives pieces to clients in a mode, from its own shelf.
CREATE OR REPLACE FUNCTION flows_gives(p house_place, mode text, channel text, day date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN p.kind NOT IN ('BOUTIQUE', 'PARTNER_DOOR', 'WAREHOUSE') THEN false
        WHEN mode = 'TAKE_AWAY' THEN p.kind = 'BOUTIQUE' AND p.owner = 'HOUSE'
        WHEN p.owner <> 'HOUSE' THEN flows_partner_agrees(p.id, mode, day)
        ELSE p.offers_collection AND (channel <> 'web' OR p.sells_online) END
$$;

-- Availability with arguments, as finished JSON. For each reference and each way that can be promised: the day, how it stands in
-- one word, the reason in words, and for staff where from.
-- q: refs, maison, market, channel, at; modes (all without), place (where she stands or collects), lat and lon (near here), client
--    (what is set aside for her), quantity, staff, together (whether the references are one order), piece (this one and no other of
--    its reference), by (the day on which she wants it at the latest).
CREATE OR REPLACE FUNCTION flows_availability(q jsonb) RETURNS text LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    refs uuid[] := ARRAY(SELECT DISTINCT e::uuid FROM jsonb_array_elements_text(q->'refs') e);
    maison uuid := (q->>'maison')::uuid;
    market uuid := (q->>'market')::uuid;
    channel text := coalesce(q->>'channel', 'web');
    at timestamptz := (q->>'at')::timestamptz;
    day date := at::date;
    here house_place;
    lat double precision := (q->>'lat')::double precision;
    lon double precision := (q->>'lon')::double precision;
    quantity integer := coalesce((q->>'quantity')::integer, 1);
    staff boolean := coalesce((q->>'staff')::boolean, false);
    modes text[] := ARRAY(SELECT jsonb_array_elements_text(q->'modes'));
    together uuid[] := CASE WHEN (q->>'together')::boolean THEN refs ELSE '{}' END;
    piece stock_piece;
    latest date := coalesce((q->>'by')::date, 'infinity');
    without uuid[] := '{}';
    mode text;
    sent text[];
    found text := '';
    answer text;
BEGIN
    IF cardinality(modes) = 0 THEN
        modes := '{TAKE_AWAY,RESERVE,COLLECT,DELIVER,TRY_AT_HOME}';
    END IF;
    IF q->>'place' IS NOT NULL THEN
        SELECT * INTO here FROM house_place p WHERE p.id = (q->>'place')::uuid AND p.maison_id = maison AND (staff OR p.is_visible);
        IF here.id IS NULL THEN
            PERFORM vendome_fail('access.not_found');
        END IF;
    END IF;
    IF q->>'piece' IS NOT NULL THEN
        SELECT p.* INTO piece FROM stock_piece p JOIN catalogue_reference r ON r.id = p.reference_id AND r.maison_id = maison
            WHERE p.id = (q->>'piece')::uuid;
        IF piece.id IS NULL THEN
            PERFORM vendome_fail('access.not_found');
        END IF;
        refs := ARRAY[piece.reference_id];
        without := ARRAY(SELECT p.id FROM house_place p WHERE p.maison_id = maison AND p.id <> piece.place_id);
        IF piece.state <> 'IN_STOCK' OR piece.hold_id IS NOT NULL THEN
            modes := '{}';  -- somebody has it, or it is promised
        END IF;
    END IF;
    FOREACH mode IN ARRAY modes LOOP
        IF mode IN ('TAKE_AWAY', 'RESERVE', 'COLLECT') AND here.id IS NOT NULL AND flows_gives(here, mode, channel, day)
           AND (piece.id IS NULL OR piece.place_id = here.id) THEN
            found := found || coalesce((
                SELECT string_agg(flows_way(l.reference_id, mode, here.id, here.id, 0, k.free, k.free = 1 OR piece.id IS NOT NULL, k.day,
                    'it stands there', staff), '' ORDER BY l.reference_id)
                FROM stock_level l
                CROSS JOIN LATERAL (SELECT l.on_hand - l.held - CASE WHEN mode = 'TAKE_AWAY' THEN 0 ELSE l.safety END AS free,
                                           flows_promise_date(here.id, mode, here.id, market, at) AS day) k
                WHERE l.reference_id = ANY (refs) AND l.place_id = here.id AND k.free >= quantity AND k.day <= latest), '');
        END IF;
        sent := CASE WHEN mode = 'COLLECT' THEN ARRAY[mode] ELSE ARRAY(SELECT x FROM unnest(modes) x WHERE x IN ('DELIVER', 'TRY_AT_HOME')) END;
        IF mode = sent[1] AND (mode <> 'COLLECT' OR here.id IS NOT NULL AND flows_collects_at(here, channel, day)) THEN
            found := found || coalesce((
                WITH best AS MATERIALIZED (
                    SELECT * FROM flows_best_sources(
                        CASE WHEN mode <> 'COLLECT' THEN refs ELSE ARRAY(
                            SELECT x FROM unnest(refs) x WHERE CASE WHEN piece.id IS NOT NULL THEN piece.place_id <> here.id
                                ELSE NOT EXISTS (SELECT FROM stock_level l WHERE l.reference_id = x AND l.place_id = here.id
                                    AND l.on_hand - l.held - l.safety >= quantity) END) END,
                        quantity, maison, market, sent, CASE WHEN mode = 'COLLECT' THEN here.id END, lat, lon, channel, day, together, without)
                ), leaves AS MATERIALIZED (  -- as flows_promise_date, a journey once for all that make it
                    SELECT p.id AS place_id, p.market_id, house_ready_day(p, at) AS ready FROM house_place p WHERE p.id IN (SELECT b.place_id FROM best b)
                ), journeys AS MATERIALIZED (
                    SELECT x.market_id, x.ready, CASE
                        WHEN mode = 'COLLECT' THEN house_next_working_day(here, house_arrival(x.market_id, here.market_id, x.ready))
                        ELSE house_arrival(x.market_id, market, x.ready) END AS day
                    FROM (SELECT DISTINCT v.market_id, v.ready FROM leaves v) x
                ), days AS (
                    SELECT v.place_id, j.day FROM leaves v JOIN journeys j ON j.market_id = v.market_id AND j.ready = v.ready
                )
                SELECT string_agg(flows_way(b.reference_id, b.in_mode, b.place_id, CASE WHEN mode = 'COLLECT' THEN here.id END, b.km, b.free,
                    b.is_last OR piece.id IS NOT NULL,
                    d.day, CASE WHEN mode = 'COLLECT' THEN 'sent there for her' ELSE 'sent to her' END, staff), '' ORDER BY b.in_mode, b.reference_id)
                FROM best b JOIN days d ON d.place_id = b.place_id AND d.day <= latest), '');
        END IF;
    END LOOP;
    answer := '{"at":' || to_json(at) || ',"ways":[' || ltrim(found, ',') || '],"held":' || CASE WHEN q->>'client' IS NULL THEN '[]' ELSE coalesce((
        SELECT json_agg(json_build_object('reference_id', h.reference_id, 'place_id', h.place_id, 'hold_id', h.id, 'until', h.expires_at)
                        ORDER BY h.held_at)::text
        FROM stock_hold h WHERE h.client_id = (q->>'client')::uuid AND h.state = 'ACTIVE' AND h.reference_id = ANY (refs)
            AND h.kind IN ('RESERVATION', 'APPOINTMENT', 'SELECTION', 'WAITING_LIST') AND (h.expires_at IS NULL OR h.expires_at > at)), '[]') END || '}';
    RETURN answer;
END $$;

-- Whether a client may collect at a place what another place sends there.
CREATE OR REPLACE FUNCTION flows_collects_at(p house_place, channel text, day date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT p.kind IN ('BOUTIQUE', 'PARTNER_DOOR') AND CASE WHEN p.owner <> 'HOUSE' THEN flows_partner_agrees(p.id, 'COLLECT', day)
        ELSE p.offers_collection AND (channel <> 'web' OR p.sells_online) END
$$;

-- One way as JSON, after a comma. Clients learn neither where it comes from nor how many there are.
DROP FUNCTION IF EXISTS flows_way(uuid, text, uuid, uuid, integer, bigint, date, text, boolean);
DROP FUNCTION IF EXISTS flows_way(uuid, text, uuid, uuid, integer, integer, bigint, date, text, boolean);
CREATE OR REPLACE FUNCTION flows_way(
    ref uuid, mode text, source uuid, to_place uuid, km integer, free integer, is_last boolean, day date, reason text, staff boolean
) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT ',{"reference_id":"' || ref || '","mode":"' || mode || '","place_id":' || coalesce('"' || to_place || '"', 'null')
        || ',"date":"' || day || '","supply":"' || CASE WHEN is_last THEN 'LAST' ELSE 'AVAILABLE' END || '","reason":"' || reason || '"'
        || CASE WHEN staff THEN ',"source_id":"' || source || '","km":' || coalesce(km::text, 'null') || ',"free":' || free ELSE '' END || '}'
$$;

-- Who could send a reference, the best first; each other says which rule put it behind the best.
CREATE OR REPLACE FUNCTION flows_preview_sources(
    ref uuid, quantity integer, maison uuid, market uuid, mode text, to_place uuid, lat double precision, lon double precision,
    channel text, at timestamptz
) RETURNS TABLE (place_id uuid, free integer, km integer, day date, why jsonb) LANGUAGE sql STABLE AS $$
    WITH ranked AS (
        SELECT s.place_id, s.km, l.on_hand - l.held - l.safety AS free,
               flows_source_key(s.key, s.margin_weight, s.margin_step, l.on_hand - l.held - l.safety - quantity) AS key
        FROM flows_senders(maison, market, mode, to_place, lat, lon, channel, at::date, '{}', '{}') s
        JOIN stock_level l ON l.place_id = s.place_id AND l.reference_id = ref
        WHERE l.on_hand - l.held - l.safety >= quantity
    ), best AS (SELECT r.place_id FROM ranked r ORDER BY r.key LIMIT 1)
    SELECT r.place_id, r.free, r.km, flows_promise_date(r.place_id, mode, to_place, market, at),
           CASE WHEN r.place_id = b.place_id THEN '{}' ELSE flows_why_source(
               b.place_id, ref, quantity, maison, market, mode, to_place, lat, lon, channel, at::date, '{}',
               ARRAY(SELECT x.place_id FROM ranked x WHERE x.place_id NOT IN (r.place_id, b.place_id))) END
    FROM ranked r, best b ORDER BY r.key LIMIT 40
$$;

-- Every place that has a reference, nearest first: how many, how sure, and what can be promised from there: collected there,
-- sent to her, sent to where the question is asked. For staff.
CREATE OR REPLACE FUNCTION flows_where_is(ref uuid, maison uuid, here uuid, near uuid, market uuid, channel text, at timestamptz)
RETURNS TABLE (place_id uuid, on_hand integer, held integer, safety integer, km integer, counted_at timestamptz, changes integer,
               collect date, deliver date, to_here date, may_hold boolean)
LANGUAGE sql STABLE AS $$
    SELECT p.id, l.on_hand, l.held, l.safety, k.km, s.counted_at, s.changes,
           CASE WHEN f.free > 0 AND p.kind <> 'WAREHOUSE' AND flows_gives(p, 'COLLECT', channel, at::date)
                THEN flows_promise_date(p.id, 'COLLECT', NULL, market, at) END,
           CASE WHEN f.free > 0 AND f.sends_home THEN flows_promise_date(p.id, 'DELIVER', NULL, market, at) END,
           CASE WHEN f.free > 0 AND f.sends_there AND p.id <> here THEN flows_promise_date(p.id, 'COLLECT', here, market, at) END,
           (p.id = here AND l.on_hand > l.held) OR (f.free > 0 AND p.kind <> 'WAREHOUSE' AND flows_gives(p, 'RESERVE', channel, at::date))
    FROM stock_level l
    JOIN house_place p ON p.id = l.place_id AND p.maison_id = maison AND p.kind IN ('BOUTIQUE', 'WAREHOUSE', 'PARTNER_DOOR')
    LEFT JOIN house_place n ON n.id = near
    CROSS JOIN LATERAL (SELECT flows_km(n.latitude, n.longitude, p.latitude, p.longitude) AS km) k
    CROSS JOIN LATERAL (SELECT l.on_hand - l.held - l.safety AS free,
        CASE WHEN p.owner = 'HOUSE' THEN p.ships ELSE flows_partner_agrees(p.id, 'DELIVER', at::date) END AS sends_home,
        CASE WHEN p.owner = 'HOUSE' THEN p.ships ELSE flows_partner_agrees(p.id, 'COLLECT', at::date) END AS sends_there) f
    CROSS JOIN LATERAL stock_how_sure(ref, p.id) s
    WHERE l.reference_id = ref AND l.on_hand > 0
    ORDER BY p.id = here DESC, k.km NULLS LAST, p.position, p.id
$$;

-- Where a client may collect a reference and from which day: what stands there, else what is sent there for her. Clients learn
-- neither where from nor how many. near: the place she named as hers; nearest first, else in the order of the house.
CREATE OR REPLACE FUNCTION flows_where_to_collect(ref uuid, maison uuid, market uuid, near uuid, channel text, at timestamptz)
RETURNS TABLE (place_id uuid, stands_there boolean, supply text, day date, km integer) LANGUAGE plpgsql STABLE AS $$
DECLARE
    p house_place;
    n house_place;
    free integer;
    best record;
BEGIN
    SELECT * INTO n FROM house_place x WHERE x.id = near;
    FOR p IN
        SELECT x.* FROM house_place x WHERE x.maison_id = maison AND x.is_visible AND flows_collects_at(x, channel, at::date)
        ORDER BY flows_km(n.latitude, n.longitude, x.latitude, x.longitude) NULLS LAST, x.market_id <> market, x.position, x.id
    LOOP
        place_id := p.id; km := flows_km(n.latitude, n.longitude, p.latitude, p.longitude);
        SELECT l.on_hand - l.held - l.safety INTO free FROM stock_level l WHERE l.reference_id = ref AND l.place_id = p.id;
        stands_there := coalesce(free, 0) > 0;
        IF stands_there THEN
            supply := stock_supply(free); day := flows_promise_date(p.id, 'COLLECT', p.id, market, at);
        ELSE
            SELECT * INTO best FROM flows_best_sources(ARRAY[ref], 1, maison, market, '{COLLECT}', p.id, NULL, NULL, channel, at::date, '{}', '{}');
            CONTINUE WHEN best.place_id IS NULL;
            supply := CASE WHEN best.is_last THEN 'LAST' ELSE 'AVAILABLE' END;
            day := flows_promise_date(best.place_id, 'COLLECT', p.id, market, at);
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;
