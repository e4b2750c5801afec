-- Places an order: prices it, takes the levels, chooses the pieces, writes order, lines, holds, tender, ledger,
-- audit entry and events in one call. All or nothing; the same key and body give the same answer.
-- Lock order: levels sorted by place and reference, then pieces and holds, then order and payment.
--
-- o: scope, key, hash; maison, market, channel, client, advisor, place, basket, actor, at, prefix, contact, address, source;
--    lines [{reference, quantity, mode, place, piece, promised, hold}], where `hold` is one of hers that the line takes over;
--    a piece set aside for her at the place of a line is taken over unasked (ADR 0025);
--    expected_total: what the buyer was shown; another total places nothing;
--    tenders [{tender, provider, reference, settled, amount, card}] (flows_write_tenders), or one `tender`; due (a deposit),
--    deposit_bp (its least part), plan {count, from} (instalments); delivery {mode, country, slot_start, slot_end};
--    hold_seconds (how long an unpaid order keeps its pieces).
CREATE OR REPLACE FUNCTION flows_place_order(o jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb;
    maison uuid := (o->>'maison')::uuid;
    market house_market;
    client uuid := (o->>'client')::uuid;
    advisor uuid := (o->>'advisor')::uuid;
    basket uuid := (o->>'basket')::uuid;
    actor text := o->>'actor';
    channel text := o->>'channel';
    at timestamptz := (o->>'at')::timestamptz;
    tenders jsonb := coalesce(o->'tenders', jsonb_build_array(o->'tender'));
    settled boolean := flows_tenders_settled(tenders);
    expires timestamptz := CASE WHEN NOT settled THEN at + make_interval(secs => coalesce((o->>'hold_seconds')::integer, 900)) END;
    new_order uuid := vendome_new_id();
    paid jsonb;
    number_ text;
    total bigint;
    tax bigint;
    due bigint;
    l record;
    kept uuid;
    source record;
    -- one entry per line, in the order in which levels are taken; `places` is where it is held, `goals` where the line belongs
    positions integer[] := '{}'; refs uuid[] := '{}'; places uuid[] := '{}'; goals uuid[] := '{}'; why jsonb[] := '{}'; quantities integer[] := '{}'; modes text[] := '{}';
    wanted uuid[] := '{}'; promised date[] := '{}'; serialised boolean[] := '{}'; flexible boolean[] := '{}'; adopted boolean[] := '{}';
    units bigint[] := '{}'; taxes bigint[] := '{}'; amounts bigint[] := '{}'; reasons text[] := '{}';
    on_hand integer[] := '{}'; held integer[] := '{}';
    ids uuid[] := '{}'; holds uuid[] := '{}'; pieces uuid[] := '{}';
    out_lines jsonb;
BEGIN
    answer := vendome_once(o->>'scope', o->>'key', decode(o->>'hash', 'hex'));
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    IF jsonb_array_length(coalesce(o->'lines', '[]')) = 0 THEN
        PERFORM vendome_fail('orders.empty_basket');
    END IF;
    SELECT * INTO market FROM house_market m WHERE m.id = (o->>'market')::uuid AND m.maison_id = maison;
    IF market.id IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    PERFORM flows_check_names(maison, client, advisor, basket, (o->>'place')::uuid);
    IF NOT EXISTS (SELECT FROM house_channel c WHERE c.maison_id = maison AND c.code = channel) THEN
        PERFORM vendome_fail('orders.unknown_channel', jsonb_build_object('known', (
            SELECT jsonb_agg(c.code ORDER BY c.code) FROM house_channel c WHERE c.maison_id = maison)));
    END IF;

    FOR l IN SELECT * FROM flows_order_lines(o, market.id, flows_day(at, (o->>'place')::uuid)) x ORDER BY x.place, x.reference, x.nr LOOP
        IF l.serialised IS NULL THEN
            PERFORM vendome_fail('access.not_found', jsonb_build_object('reference_id', l.reference));
        ELSIF l.quantity IS NULL OR l.quantity NOT BETWEEN 1 AND 20 OR (l.serialised AND l.quantity <> 1) THEN
            PERFORM vendome_fail('orders.bad_quantity', jsonb_build_object('reference_id', l.reference));
        ELSIF l.unit IS NULL THEN
            PERFORM vendome_fail('pricing.no_price', jsonb_build_object('reference_id', l.reference));
        ELSIF NOT l.flexible AND NOT coalesce(flows_mode_offered(l.mode, l.place, (o->>'place')::uuid, maison, channel, at::date), false) THEN
            PERFORM vendome_fail('orders.mode_not_offered', jsonb_build_object('place_id', l.place, 'mode', l.mode));
        END IF;
        kept := coalesce(l.hold, flows_keep_to_hers(client, l.reference, l.place, l.piece, l.quantity, holds, at));
        SELECT * INTO source FROM flows_take_source(o, l.reference, l.quantity, l.mode, l.place, kept, l.flexible, l.promised, maison, market.id, channel, at);
        IF source.on_hand IS NULL AND kept IS NULL THEN
            PERFORM vendome_fail('stock.out_of_stock', jsonb_build_object('reference_id', l.reference, 'place_id', l.place));
        END IF;
        positions := positions || l.nr; refs := refs || l.reference; places := places || source.place;
        goals := goals || source.goal; why := array_append(why, source.why);
        quantities := quantities || l.quantity; modes := modes || l.mode; wanted := wanted || l.piece;
        promised := promised || source.promised; serialised := serialised || l.serialised;
        flexible := flexible || (l.flexible OR source.goal <> source.place);
        units := units || l.unit; taxes := taxes || l.tax; amounts := amounts || l.amount; reasons := reasons || l.reason;
        on_hand := on_hand || source.on_hand; held := held || source.held;
        ids := ids || vendome_new_id(); holds := holds || coalesce(kept, vendome_new_id()); adopted := adopted || (kept IS NOT NULL);
    END LOOP;

    FOR i IN 1..cardinality(ids) LOOP
        IF adopted[i] THEN
            pieces := pieces || stock_adopt_hold(holds[i], refs[i], places[i], quantities[i], client, new_order, ids[i], expires, at);
            CONTINUE;
        END IF;
        pieces := pieces || stock_keep(
            holds[i], 'ORDER', places[i], refs[i], wanted[i], quantities[i], serialised[i], client, advisor, new_order, ids[i],
            basket, flexible[i], '', expires, on_hand[i], held[i], actor, at);
        PERFORM stock_tell_level(places[i], refs[i], on_hand[i], held[i], maison, actor, at);
    END LOOP;
    PERFORM stock_take_quota(client, refs, quantities, holds, pieces, ids, at);

    SELECT sum(x.amount), sum(x.tax) INTO total, tax FROM unnest(amounts, taxes) x (amount, tax);
    due := flows_due(o, total);
    IF (o->>'expected_total')::bigint <> total THEN
        PERFORM vendome_fail('orders.total_changed', jsonb_build_object(
            'expected_total_amount', (o->>'expected_total')::bigint, 'total_amount', total, 'currency', market.currency));
    END IF;
    number_ := upper(left(o->>'prefix', 3)) || '-' || to_char(at, 'YY') || '-' || nextval('orders_number');
    INSERT INTO orders_order (id, maison_id, number, client_id, market_id, channel, place_id, advisor_id, state, currency,
                              total_amount, tax_amount, due_amount, credit_amount, placed_at, source, contact, delivery_address, sourcing)
        VALUES (new_order, maison, number_, client, market.id, channel, (o->>'place')::uuid, advisor,
                CASE WHEN settled THEN 'CONFIRMED' ELSE 'AWAITING_PAYMENT' END, market.currency, total, tax,
                nullif(due, total), CASE WHEN o->'plan' IS NOT NULL THEN total - due ELSE 0 END, at,
                coalesce(o->>'source', ''), coalesce(o->'contact', '{}'),
                ARRAY(SELECT jsonb_array_elements_text(coalesce(o->'address', '[]'))),
                (SELECT jsonb_agg(x.why || jsonb_build_object('line', x.id, 'place', x.place, 'mode', x.mode, 'date', x.day) ORDER BY x.nr)
                 FROM unnest(ids, places, why, positions, modes, promised) x (id, place, why, nr, mode, day)));
    INSERT INTO orders_orderline (id, order_id, position, direction, reference_id, piece_id, quantity, unit_amount,
                                  tax_amount, amount, price_reason, mode, state, place_id, hold_id, promised_date)
        SELECT x.id, new_order, x.nr, 'OUT', x.ref, x.piece, x.quantity, x.unit, x.tax, x.amount, x.reason, x.mode, 'HELD',
               x.place, x.hold, x.promised
        FROM unnest(ids, positions, refs, pieces, quantities, units, taxes, amounts, reasons, modes, goals, holds, promised)
             x (id, nr, ref, piece, quantity, unit, tax, amount, reason, mode, place, hold, promised)
        ORDER BY x.nr;
    paid := flows_write_tenders(new_order, tenders, due, market.currency, maison, actor, at);
    IF o->'plan' IS NOT NULL THEN
        PERFORM flows_write_plan(new_order, (o->'plan'->>'count')::integer, total, market.currency, at);
    END IF;
    IF basket IS NOT NULL THEN
        UPDATE orders_basket SET state = 'ORDERED', order_id = new_order, updated_at = at WHERE id = basket AND state = 'OPEN';
        IF NOT FOUND THEN
            PERFORM vendome_fail('orders.basket_ordered');
        END IF;
    END IF;
    IF o ? 'delivery' THEN  -- how it is to be sent, before its parcels are prepared
        UPDATE orders_order SET delivery = o->'delivery' WHERE id = new_order;
    END IF;
    IF settled THEN
        PERFORM flows_book_revenue(new_order, at);
        PERFORM flows_prepare_parcels(new_order, at);
        PERFORM flows_send_to_collection_places(new_order, actor, at);
        FOR i IN 1..cardinality(ids) LOOP
            IF modes[i] = 'TAKE_AWAY' THEN
                PERFORM flows_give(ids[i], actor, 'KNOWN_TO_ADVISOR', at);
            END IF;
        END LOOP;
    END IF;
    IF NOT settled AND channel = 'web' AND (actor LIKE 'CLIENT:%' OR actor = 'ANONYMOUS') THEN
        PERFORM flows_check_unpaid(maison, client, lower(btrim(o->'contact'->>'email')), refs, expires - at, at);
    END IF;
    PERFORM vendome_audit(actor, 'orders.place', 'order:' || new_order, maison,
                          jsonb_build_object('number', number_, 'lines', cardinality(ids), 'channel', channel), at);
    PERFORM vendome_emit('orders.order_placed', 'order:' || new_order, maison,
        jsonb_build_object('order_id', new_order, 'number', number_, 'channel', channel, 'client_id', client,
                           'total_amount', total, 'currency', market.currency),
        actor, ARRAY(SELECT DISTINCT 'place:' || x FROM unnest(places || goals) x) || ARRAY['orders'],
        jsonb_build_object('order', new_order, 'number', number_), at);
    SELECT jsonb_agg(jsonb_build_object('id', x.id, 'reference', x.ref, 'place', x.place, 'hold', x.hold, 'piece', x.piece,
                                        'mode', x.mode, 'amount', x.amount) ORDER BY x.nr) INTO out_lines
        FROM unnest(ids, positions, refs, goals, holds, pieces, modes, amounts) x (id, nr, ref, place, hold, piece, mode, amount);
    answer := jsonb_build_object('order', new_order, 'number', number_, 'payment', flows_first_open(paid), 'payments', paid,
        'total_amount', total, 'due_amount', due, 'tax_amount', tax, 'currency', market.currency, 'state', CASE WHEN settled THEN 'CONFIRMED' ELSE 'AWAITING_PAYMENT' END,
        'lines', out_lines);
    PERFORM vendome_once_answer(o->>'scope', o->>'key', answer);
    RETURN answer;
END $$;

-- Whether somebody may leave one more order unpaid that she placed herself online: so many at once (house_maison.unpaid_orders), over
-- all records of a person; and not the same again and again (flows_order_again). What no longer keeps anything counts no more,
-- whether its end was written down yet or not. Anybody may type a guest's address: of those only orders that wait for a bank count, and
-- only against one more of them, so that she can always pay by card. Asked last of all, with the order written: what ends at this
-- moment has ended, and her orders wait for one another here and nowhere before. Fails with orders.too_many_unpaid, stock.ordered_lately.
CREATE OR REPLACE FUNCTION flows_check_unpaid(maison uuid, client uuid, email text, refs uuid[], keeps interval, at timestamptz) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$  -- planned for her alone, it would cost three times as much
DECLARE
    hers uuid[];
    most integer;
    waiting bigint;
    left_some boolean := false;
    late record;
BEGIN
    IF client IS NULL AND (coalesce(email, '') = '' OR keeps <= interval '15 minutes') THEN
        RETURN;
    ELSIF client IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('orders.unpaid:' || maison || email, 0));
        SELECT count(*) INTO waiting FROM orders_order x WHERE lower(btrim(x.contact->>'email')) = email AND x.client_id IS NULL
            AND x.state = 'AWAITING_PAYMENT' AND x.channel = 'web' AND x.maison_id = maison
            AND EXISTS (SELECT FROM orders_orderline l JOIN stock_hold h ON h.id = l.hold_id WHERE l.order_id = x.id AND h.state = 'ACTIVE'
                    AND h.expires_at > at AND h.expires_at > x.placed_at + interval '1 hour');  -- her payment page keeps nothing longer
    ELSE
        hers := CASE WHEN EXISTS (SELECT FROM clients_merge m WHERE m.absorbed_id = client OR m.kept_id = client) THEN clients_records(client)
                     ELSE ARRAY[client] END;  -- nearly nobody has a second record
        PERFORM pg_advisory_xact_lock(hashtextextended('orders.unpaid:' || hers[1], 0));
        SELECT (SELECT count(DISTINCT x.id) FROM stock_hold h JOIN orders_order x ON x.id = h.order_id WHERE h.client_id = ANY (hers)
                    AND h.state = 'ACTIVE' AND h.kind = 'ORDER' AND h.expires_at > at AND x.state = 'AWAITING_PAYMENT' AND x.channel = 'web'),
               EXISTS (SELECT FROM stock_hold h WHERE h.client_id = ANY (hers) AND h.reference_id = ANY (refs) AND h.kind = 'ORDER'
                    AND h.state IN ('RELEASED', 'EXPIRED') AND h.advisor_id IS NULL AND h.expires_at IS NOT NULL)
            OR EXISTS (SELECT FROM stock_hold h WHERE h.client_id = ANY (hers) AND h.reference_id = ANY (refs) AND h.kind = 'ORDER'
                    AND h.state = 'ACTIVE' AND h.advisor_id IS NULL AND h.expires_at <= at) INTO waiting, left_some;
    END IF;
    IF waiting > 1 THEN
        SELECT m.unpaid_orders INTO most FROM house_maison m WHERE m.id = maison;
        IF waiting > most THEN
            PERFORM vendome_fail('orders.too_many_unpaid', jsonb_build_object('most', most));
        END IF;
    END IF;
    IF NOT left_some THEN
        RETURN;
    END IF;
    SELECT x.ref, flows_order_again(client, x.ref, keeps, at) AS again INTO late FROM (SELECT DISTINCT unnest(refs) AS ref) x
        WHERE flows_order_again(client, x.ref, keeps, at) > at LIMIT 1;
    IF late.ref IS NOT NULL THEN
        PERFORM vendome_fail('stock.ordered_lately', jsonb_build_object('reference_id', late.ref, 'again_at', late.again));
    END IF;
END $$;

-- Every id a caller names belongs to the maison, and a basket to this client or to a guest; else it is not there.
CREATE OR REPLACE FUNCTION flows_check_names(maison uuid, client uuid, advisor uuid, basket uuid, till uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF (client IS NOT NULL AND NOT EXISTS (SELECT FROM clients_client c WHERE c.id = client AND c.maison_id = maison))
       OR (advisor IS NOT NULL AND NOT EXISTS (SELECT FROM people_staff s WHERE s.id = advisor AND s.maison_id = maison))
       OR (till IS NOT NULL AND NOT EXISTS (SELECT FROM house_place p WHERE p.id = till AND p.maison_id = maison))
       OR (basket IS NOT NULL AND NOT EXISTS (
            SELECT FROM orders_basket b WHERE b.id = basket AND b.maison_id = maison
               AND (b.client_id IS NULL OR b.client_id = client))) THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
END $$;

-- The day whose prices count: that of the till, where there is one; else the house's own day, which is UTC.
CREATE OR REPLACE FUNCTION flows_day(at timestamptz, till uuid) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (at AT TIME ZONE coalesce((SELECT p.timezone FROM house_place p WHERE p.id = till), 'UTC'))::date
$$;

-- The lines as asked for: each with its price, the place it would come from, and whether that place may change.
DROP FUNCTION IF EXISTS flows_order_lines(jsonb, uuid, date);
CREATE OR REPLACE FUNCTION flows_order_lines(o jsonb, market uuid, day date)
RETURNS TABLE (nr integer, reference uuid, quantity integer, mode text, place uuid, piece uuid, promised date, hold uuid,
               serialised boolean, flexible boolean, unit bigint, tax bigint, amount bigint, reason text)
LANGUAGE sql STABLE AS $$
    SELECT x.nr::integer, x.ref, x.quantity, x.mode,
           coalesce(x.place, flows_keeps_for_her(o, x.ref, x.quantity, day), flows_best_source(o, x.ref, x.quantity, market)), x.piece, x.promised, x.hold, r.is_serialised,
           x.mode = 'DELIVER' AND x.place IS NULL,
           p.amount, p.tax_amount * x.quantity,
           p.amount * x.quantity + CASE WHEN p.is_tax_included THEN 0 ELSE p.tax_amount * x.quantity END, p.reason
    FROM (SELECT e.n AS nr, (e.l->>'reference')::uuid AS ref, (e.l->>'quantity')::integer AS quantity, e.l->>'mode' AS mode,
                 (e.l->>'place')::uuid AS place, (e.l->>'piece')::uuid AS piece, (e.l->>'promised')::date AS promised,
                 (e.l->>'hold')::uuid AS hold
          FROM jsonb_array_elements(o->'lines') WITH ORDINALITY e (l, n)) x
    LEFT JOIN catalogue_reference r ON r.id = x.ref AND r.maison_id = (o->>'maison')::uuid
    LEFT JOIN LATERAL pricing_prices(market, ARRAY[x.ref], day) p ON true
$$;

-- The hold of hers that a line at this place takes over, of those that no line has yet; NULL where nothing is set aside for her.
-- Her level is locked first, as by whoever ends a hold: what is read then stays true until it is hers, or was over before.
CREATE OR REPLACE FUNCTION flows_keep_to_hers(client uuid, ref uuid, place uuid, piece uuid, quantity_ integer, taken uuid[], at timestamptz)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    hers uuid;
BEGIN
    IF client IS NULL OR NOT EXISTS (SELECT FROM stock_set_aside_for(client, ARRAY[ref], at) h WHERE h.place_id = place) THEN
        RETURN NULL;
    END IF;
    PERFORM FROM stock_level v WHERE v.place_id = place AND v.reference_id = ref FOR NO KEY UPDATE;
    SELECT h.id INTO hers FROM stock_set_aside_for(client, ARRAY[ref], at) h
        WHERE h.place_id = place AND h.quantity = quantity_ AND (piece IS NULL OR h.piece_id = piece) AND h.id <> ALL (taken) LIMIT 1;
    RETURN hers;
END $$;

-- Where a piece that is set aside for her stands, if it can be sent from there.
CREATE OR REPLACE FUNCTION flows_keeps_for_her(o jsonb, ref uuid, quantity_ integer, day date) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT h.place_id FROM stock_set_aside_for((o->>'client')::uuid, ARRAY[ref], (o->>'at')::timestamptz) h
    WHERE h.quantity = quantity_ AND flows_mode_offered('DELIVER', h.place_id, NULL, (o->>'maison')::uuid, o->>'channel', day) LIMIT 1
$$;

-- Where a piece for delivery best comes from, by the rules of the maison; what the client was told is what is asked here again.
DROP FUNCTION IF EXISTS flows_best_source(uuid, integer, uuid);
CREATE OR REPLACE FUNCTION flows_best_source(o jsonb, ref uuid, quantity integer, market uuid, without uuid[] DEFAULT '{}') RETURNS uuid
LANGUAGE sql STABLE AS $$
    SELECT b.place_id FROM flows_best_sources(
        ARRAY[ref], quantity, (o->>'maison')::uuid, market, '{DELIVER}', NULL, (o->'near'->>'latitude')::double precision,
        (o->'near'->>'longitude')::double precision, o->>'channel', ((o->>'at')::timestamptz)::date, flows_delivered_together(o), without) b
$$;

-- The same for one piece outside an order's placing: a preview, a change, another instead of one that was lost.
CREATE OR REPLACE FUNCTION flows_would_send(ref uuid, quantity integer, maison uuid, market uuid, channel text, day date) RETURNS uuid
LANGUAGE sql STABLE AS $$
    SELECT b.place_id FROM flows_best_sources(ARRAY[ref], quantity, maison, market, '{DELIVER}', NULL, NULL, NULL, channel, day, '{}', '{}') b
$$;

-- The references of an order that are to be sent, for the rule that keeps them together.
CREATE OR REPLACE FUNCTION flows_delivered_together(o jsonb) RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT DISTINCT (l->>'reference')::uuid FROM jsonb_array_elements(o->'lines') l WHERE l->>'mode' = 'DELIVER' AND l->>'place' IS NULL)
$$;

-- Promises one line by taking it: at the place that was chosen, else at the best source, asked for again while somebody was
-- quicker. `place` is where it is held, `goal` where the line belongs. on_hand is NULL when nobody could give it.
CREATE OR REPLACE FUNCTION flows_take_source(
    o jsonb, ref uuid, quantity integer, mode text, INOUT place uuid, hold uuid, anywhere boolean, wished date, maison uuid, market uuid,
    channel text, at timestamptz, OUT goal uuid, OUT on_hand integer, OUT held integer, OUT promised date, OUT why jsonb
) LANGUAGE plpgsql AS $$
DECLARE
    level record;
    collects_at uuid := CASE WHEN mode = 'COLLECT' THEN place END;
    collects_at_place house_place;
    together uuid[] := CASE WHEN anywhere THEN flows_delivered_together(o) ELSE '{}' END;
    lat double precision := (o->'near'->>'latitude')::double precision;
    lon double precision := (o->'near'->>'longitude')::double precision;
BEGIN
    goal := place;
    why := jsonb_build_object('reason', 'chosen with the order', 'rule', 'CHOSEN');
    IF hold IS NULL THEN
        IF mode = 'TAKE_AWAY' OR (mode = 'COLLECT' AND place = (o->>'place')::uuid) THEN
            SELECT * INTO level FROM stock_take_level(place, ref, quantity);  -- she stands before it
        ELSE
            IF anywhere AND place IS NOT NULL THEN
                why := flows_why_source(place, ref, quantity, maison, market, mode, NULL, lat, lon, channel, at::date, together, '{}');
            END IF;
            SELECT * INTO level FROM stock_take_for_promise(place, ref, quantity);
        END IF;
        IF level.on_hand_now IS NULL AND mode = 'COLLECT' THEN
            SELECT * INTO collects_at_place FROM house_place p WHERE p.id = collects_at;
        END IF;
        FOR attempt IN 1..8 LOOP
            EXIT WHEN level.on_hand_now IS NOT NULL OR NOT (anywhere OR collects_at IS NOT NULL);
            EXIT WHEN collects_at IS NOT NULL AND NOT flows_collects_at(collects_at_place, channel, at::date);
            SELECT b.place_id INTO place FROM flows_best_sources(
                ARRAY[ref], quantity, maison, market, ARRAY[mode], collects_at, lat, lon, channel, at::date, together, '{}') b;
            EXIT WHEN place IS NULL;
            why := flows_why_source(place, ref, quantity, maison, market, mode, collects_at, lat, lon, channel, at::date, together, '{}');
            SELECT * INTO level FROM stock_take_for_promise(place, ref, quantity);
        END LOOP;
        on_hand := level.on_hand_now; held := level.held_now;
    END IF;
    goal := coalesce(collects_at, place);
    IF mode <> 'TAKE_AWAY' AND place IS NOT NULL THEN
        promised := flows_promise_date(place, mode, goal, market, at);
        IF wished < promised AND wished < flows_earliest_day(o, mode, place, promised, at) THEN
            PERFORM vendome_fail('orders.promise_changed', jsonb_build_object('reference_id', ref, 'date', promised));
        END IF;
    END IF;
    promised := coalesce(wished, promised);
END $$;

-- Before which day nothing can be promised. A service she chose travels faster than the lane, but never before it is ready.
CREATE OR REPLACE FUNCTION flows_earliest_day(o jsonb, mode text, source uuid, by_lane date, at timestamptz) RETURNS date
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN mode = 'DELIVER' AND o ? 'delivery' THEN house_ready_day(p, at) ELSE by_lane END
    FROM house_place p WHERE p.id = source
$$;

-- Whether a place takes part in a mode: the client takes it away, collects it there, or it is sent from there.
DROP FUNCTION IF EXISTS flows_mode_offered(text, uuid, uuid, uuid, text);
CREATE OR REPLACE FUNCTION flows_mode_offered(mode text, source uuid, till uuid, maison uuid, channel text, day date)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE mode
        WHEN 'TAKE_AWAY' THEN p.id = till
        WHEN 'COLLECT' THEN flows_gives(p, mode, channel, day)
        WHEN 'DELIVER' THEN CASE WHEN p.owner = 'HOUSE' THEN p.ships ELSE flows_partner_agrees(p.id, mode, day) END
        ELSE false END
    FROM house_place p WHERE p.id = source AND p.maison_id = maison
$$;
