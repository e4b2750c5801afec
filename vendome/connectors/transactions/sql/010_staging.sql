-- An id of version 7 that says when a thing happened and what it was: the same history always gets the same ids.
-- One expression, so that the planner writes it into the query instead of calling it for every row.
CREATE OR REPLACE FUNCTION transactions_id(at timestamptz, seed text) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7'
            || overlay(substr(encode(sha256(convert_to(seed, 'UTF8')), 'hex'), 1, 19) PLACING '8' FROM 4 FOR 1))::uuid
$$;

-- Gathers the lines of each document, wherever they stood in the file, in the order in which they happened.
-- A document that contradicts itself, or one the house has with another content, is refused line by line.
CREATE OR REPLACE FUNCTION transactions_gather(run_ uuid, prefix text, days_apart integer, most_lines integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    r transactions_run;
BEGIN
    SELECT * INTO STRICT r FROM transactions_run WHERE id = run_;
    CREATE TEMP TABLE transactions_found ON COMMIT DROP AS
        SELECT l.document, min(l.at) AS at, min(l.line) AS first_line, count(*) AS lines, max(l.client_key) AS client_key,
               min(l.channel) AS channel, min(l.place) AS place, sum(l.amount)::bigint AS amount,
               CASE WHEN count(DISTINCT l.client_key) FILTER (WHERE l.client_key <> '') > 1 THEN 'two_clients'
                    WHEN min(l.channel) <> max(l.channel) OR min(l.place) <> max(l.place) THEN 'two_places'
                    WHEN max(l.at) - min(l.at) > make_interval(days => days_apart) THEN 'dates_apart'
                    WHEN count(*) > most_lines THEN 'too_many_lines' ELSE '' END AS verdict
        FROM transactions_stagedline l WHERE l.run_id = run_ AND l.reason = '' GROUP BY l.document;
    ALTER TABLE transactions_found ADD COLUMN is_known boolean NOT NULL DEFAULT false;
    UPDATE transactions_found f
        SET is_known = (o.source = r.source AND o.total_amount = f.amount AND o.placed_at = f.at),
            verdict = CASE WHEN o.source = r.source AND o.total_amount = f.amount AND o.placed_at = f.at THEN ''
                           ELSE 'document_differs' END
        FROM orders_order o WHERE o.maison_id = r.maison_id AND o.number = prefix || f.document AND f.verdict = '';
    UPDATE transactions_stagedline l SET reason = f.verdict
        FROM transactions_found f
        WHERE l.run_id = run_ AND l.document = f.document AND l.reason = '' AND f.verdict <> '';
    INSERT INTO transactions_stageddocument (run_id, seq, document, order_id, at, lines, lines_until, client_key, channel, place, outcome)
        SELECT run_, row_number() OVER in_time, f.document,
               transactions_id(f.at, r.maison_id || ':' || r.source || ':' || f.document), f.at, f.lines,
               sum(f.lines) OVER in_time, f.client_key, f.channel, f.place, CASE WHEN f.is_known THEN 'KNOWN' ELSE 'WAITING' END
        FROM transactions_found f WHERE f.verdict = ''
        WINDOW in_time AS (ORDER BY f.at, f.first_line);
    UPDATE transactions_run SET documents = n.documents, lines = n.lines
        FROM (SELECT count(*) AS documents, coalesce(sum(d.lines), 0) AS lines FROM transactions_stageddocument d WHERE d.run_id = run_) n
        WHERE id = run_;
    DROP TABLE transactions_found;
END $$;

-- Makes the references that the catalogue lacks, unpublished, and tells how many codes still have none.
CREATE OR REPLACE FUNCTION transactions_prepare_references(run_ uuid, collection uuid, sku_prefix text, family text) RETURNS text[]
LANGUAGE plpgsql AS $$
DECLARE
    maison uuid;
    lacking text[];
BEGIN
    SELECT maison_id INTO STRICT maison FROM transactions_run WHERE id = run_;
    CREATE TEMP TABLE transactions_code ON COMMIT DROP AS
        SELECT sku_prefix || l.code AS sku, bool_or(l.is_service) AS is_service, min(l.at) AS at,
               coalesce(mode() WITHIN GROUP (ORDER BY l.description) FILTER (WHERE l.description <> ''), l.code) AS name
        FROM transactions_stagedline l
        JOIN transactions_stageddocument d ON d.run_id = run_ AND d.document = l.document AND d.outcome = 'WAITING'
        WHERE l.run_id = run_ AND l.reason = '' GROUP BY l.code;
    DELETE FROM transactions_code c USING catalogue_reference r WHERE r.maison_id = maison AND r.sku = c.sku;
    INSERT INTO catalogue_model (id, maison_id, collection_id, code, family, name, is_hero, is_serialised, limited_edition,
                                 stone, cut, carat, dimensions, size_system, texts, position, is_published)
        SELECT transactions_id(c.at, maison || ':model:' || c.sku), maison, collection, c.sku,
               CASE WHEN c.is_service THEN 'other' ELSE family END, c.name, false, false, 0, '', '', 0, '', '', '{}', 0, false
        FROM transactions_code c ORDER BY c.sku ON CONFLICT (maison_id, code) DO NOTHING;
    INSERT INTO catalogue_reference (id, maison_id, model_id, sku, material, material_name, size, is_serialised, position)
        SELECT transactions_id(c.at, maison || ':reference:' || c.sku), maison, m.id, c.sku, '', '{}', '', false, 0
        FROM transactions_code c JOIN catalogue_model m ON m.maison_id = maison AND m.code = c.sku AND m.collection_id = collection
        ORDER BY c.sku ON CONFLICT DO NOTHING;
    SELECT array_agg(c.sku ORDER BY c.sku) INTO lacking FROM transactions_code c
        WHERE NOT EXISTS (SELECT FROM catalogue_reference r WHERE r.maison_id = maison AND r.sku = c.sku);
    DROP TABLE transactions_code;
    RETURN coalesce(lacking, '{}');
END $$;

-- Finds the clients of the documents by their key in the old system, and makes those the house has never met.
-- A key once known stays known: an identifier that has ended still names its client.
CREATE OR REPLACE FUNCTION transactions_prepare_clients(run_ uuid, name text, language text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    r transactions_run;
    made integer;
BEGIN
    SELECT * INTO STRICT r FROM transactions_run WHERE id = run_;
    CREATE TEMP TABLE transactions_buyer ON COMMIT DROP AS
        SELECT DISTINCT ON (d.client_key) d.client_key AS key, r.source || ':' || d.client_key AS value, d.at, l.country,
               l.given_name, CASE WHEN l.given_name || l.family_name = '' THEN replace(name, '{key}', d.client_key) ELSE l.family_name END
               AS family_name, l.email, NULL::uuid AS client_id
        FROM transactions_stageddocument d
        JOIN transactions_stagedline l ON l.run_id = run_ AND l.document = d.document AND l.reason = '' AND l.client_key = d.client_key
        WHERE d.run_id = run_ AND d.outcome = 'WAITING' AND d.client_key <> ''
        ORDER BY d.client_key, d.seq, l.line;
    UPDATE transactions_buyer b SET client_id = i.client_id
        FROM (SELECT DISTINCT ON (i.value) i.value, i.client_id FROM clients_identifier i
              WHERE i.maison_id = r.maison_id AND i.kind = 'EXTERNAL' AND i.value IN (SELECT value FROM transactions_buyer)
              ORDER BY i.value, i.ended_at DESC NULLS FIRST, i.id) i
        WHERE i.value = b.value;
    INSERT INTO clients_client (id, maison_id, given_name, family_name, salutation, language, home_city, home_country, persona,
                                standing, is_protected, created_at)
        SELECT transactions_id(b.at, r.maison_id || ':client:' || b.value), r.maison_id, b.given_name, b.family_name, '', language,
               '', b.country, '', '', false, b.at
        FROM transactions_buyer b WHERE b.client_id IS NULL ORDER BY b.at, b.key;
    GET DIAGNOSTICS made = ROW_COUNT;
    INSERT INTO clients_identifier (id, client_id, maison_id, kind, value, source, noted_at)
        SELECT transactions_id(b.at, r.maison_id || ':identifier:' || x.kind || ':' || b.value),
               transactions_id(b.at, r.maison_id || ':client:' || b.value), r.maison_id, x.kind, x.value, r.source, b.at
        FROM transactions_buyer b CROSS JOIN LATERAL (VALUES ('EXTERNAL', b.value), ('EMAIL', b.email)) x (kind, value)
        WHERE b.client_id IS NULL AND x.value <> '' ORDER BY b.at, b.key;
    UPDATE transactions_stageddocument d
        SET client_id = coalesce(b.client_id, transactions_id(b.at, r.maison_id || ':client:' || b.value))
        FROM transactions_buyer b WHERE d.run_id = run_ AND d.client_key = b.key;
    DROP TABLE transactions_buyer;
    RETURN made;
END $$;
