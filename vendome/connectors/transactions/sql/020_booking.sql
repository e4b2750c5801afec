-- The parts of one batch: a line whose sum is no multiple of its pieces becomes two parts, a penny apart, so that
-- every line adds up. Lines that came in wait in their own table until their sales are found.
CREATE OR REPLACE FUNCTION transactions_take_batch(run_ uuid, first bigint, last bigint, sku_prefix text, rate_bp integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    coming_back integer;
BEGIN
    CREATE TEMP TABLE IF NOT EXISTS transactions_part (
        id uuid, order_id uuid, seq bigint, position integer, direction text, client_id uuid, reference_id uuid, at timestamptz,
        quantity integer, unit_amount bigint, tax_amount bigint, price_reason text, is_service boolean, returned_line_id uuid
    ) ON COMMIT DROP;
    CREATE TEMP TABLE IF NOT EXISTS transactions_back (
        nr bigint, order_id uuid, seq bigint, client_id uuid, reference_id uuid, at timestamptz, quantity integer,
        unit_amount bigint, price_reason text
    ) ON COMMIT DROP;
    TRUNCATE transactions_part, transactions_back;
    WITH part AS MATERIALIZED (
        SELECT d.order_id, d.seq, d.at, d.client_id, f.id AS reference_id, l.line, l.direction, l.is_service, x.nr, x.quantity,
               x.unit_amount, CASE WHEN share.rest = 0 THEN 'as imported'
                                   ELSE 'as imported, ' || trim_scale(abs(l.exact) / l.quantity) || ' each' END AS price_reason
        FROM transactions_stageddocument d
        JOIN transactions_run r ON r.id = d.run_id
        JOIN transactions_stagedline l ON l.run_id = d.run_id AND l.document = d.document AND l.reason = ''
        JOIN catalogue_reference f ON f.maison_id = r.maison_id AND f.sku = sku_prefix || l.code
        CROSS JOIN LATERAL (SELECT abs(l.amount) / l.quantity AS each, abs(l.amount) % l.quantity AS rest) share
        CROSS JOIN LATERAL (VALUES (1, (l.quantity - share.rest)::integer, share.each),
                                   (2, share.rest::integer, share.each + 1)) x (nr, quantity, unit_amount)
        WHERE d.run_id = run_ AND d.seq BETWEEN first AND last AND d.outcome = 'WAITING' AND x.quantity > 0
    ), going_out AS (
        INSERT INTO transactions_part
            SELECT transactions_id(p.at, p.order_id || ':' || p.position), p.order_id, p.seq, p.position, 'OUT', p.client_id,
                   p.reference_id, p.at, p.quantity, p.unit_amount,
                   CASE WHEN rate_bp > 0 THEN pricing_tax(p.quantity * p.unit_amount, rate_bp, true) ELSE 0 END,
                   p.price_reason, p.is_service, NULL
            FROM (SELECT *, row_number() OVER (PARTITION BY order_id ORDER BY line, nr) AS position FROM part
                  WHERE direction = 'OUT') p
    )
    INSERT INTO transactions_back
        SELECT row_number() OVER (ORDER BY p.seq, p.line, p.nr), p.order_id, p.seq, p.client_id, p.reference_id, p.at, p.quantity,
               p.unit_amount, p.price_reason
        FROM part p WHERE p.direction = 'IN';
    GET DIAGNOSTICS coming_back = ROW_COUNT;
    ANALYZE transactions_part;
    ANALYZE transactions_back;
    RETURN coming_back;
END $$;

-- Every return of the batch, with how many lines of its document went out.
CREATE OR REPLACE FUNCTION transactions_returns_waiting()
RETURNS TABLE (order_id uuid, client_id uuid, reference_id uuid, at timestamptz, quantity integer, unit_amount bigint,
               price_reason text, seq bigint, lines_out bigint)
LANGUAGE sql STABLE AS $$
    WITH going_out AS MATERIALIZED (SELECT p.order_id, count(*) AS lines FROM transactions_part p GROUP BY 1)
    SELECT b.order_id, b.client_id, b.reference_id, b.at, b.quantity, b.unit_amount, b.price_reason, b.seq, coalesce(g.lines, 0)
    FROM transactions_back b LEFT JOIN going_out g USING (order_id) ORDER BY b.nr
$$;

-- What clients who bring something back have bought of it before, from this history, and not brought back yet.
CREATE OR REPLACE FUNCTION transactions_sales_of_returns(run_ uuid)
RETURNS TABLE (line_id uuid, client_id uuid, reference_id uuid, at timestamptz, pieces bigint)
LANGUAGE sql STABLE AS $$
    WITH wanted AS (
        SELECT DISTINCT b.client_id, b.reference_id FROM transactions_back b WHERE b.client_id IS NOT NULL
    ), past AS (
        SELECT o.client_id, o.placed_at, l.* FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
        WHERE o.client_id IN (SELECT w.client_id FROM wanted w) AND o.maison_id = (SELECT r.maison_id FROM transactions_run r WHERE r.id = run_)
            AND o.source <> '' AND l.piece_id IS NULL
    ), returned AS (
        SELECT p.returned_line_id, sum(p.quantity) AS pieces FROM past p WHERE p.returned_line_id IS NOT NULL GROUP BY 1
    ), sold AS (
        SELECT p.id, p.client_id, p.reference_id, p.placed_at, p.order_id, p.position, p.quantity FROM past p WHERE p.direction = 'OUT'
        UNION ALL
        SELECT p.id, p.client_id, p.reference_id, p.at, p.order_id, p.position, p.quantity FROM transactions_part p WHERE p.client_id IS NOT NULL
    )
    SELECT s.id, s.client_id, s.reference_id, s.placed_at, s.quantity - coalesce(b.pieces, 0)
    FROM sold s JOIN wanted w USING (client_id, reference_id) LEFT JOIN returned b ON b.returned_line_id = s.id
    WHERE s.quantity > coalesce(b.pieces, 0)
    ORDER BY s.placed_at, s.order_id, s.position
$$;

-- Books a batch: orders, lines, payments, postings and wardrobes, as a sale does; no stock moves (ADR 0011).
CREATE OR REPLACE FUNCTION transactions_book_batch(
    run_ uuid, first bigint, last bigint, market uuid, currency_ text, rate_bp integer, mode_ text, prefix text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    r transactions_run;
BEGIN
    SELECT * INTO STRICT r FROM transactions_run WHERE id = run_;
    UPDATE transactions_part SET id = transactions_id(at, order_id || ':' || position),
        tax_amount = pricing_tax(quantity * unit_amount, rate_bp, true) WHERE id IS NULL;

    INSERT INTO orders_order (id, maison_id, number, client_id, market_id, channel, place_id, state, currency, total_amount, tax_amount,
                              placed_at, source, contact, delivery_address, sourcing)
        SELECT d.order_id, r.maison_id, prefix || d.document, d.client_id, market, d.channel, h.id, 'COMPLETED', currency_, s.amount,
               s.tax, d.at, r.source, '{}', '{}', '[]'
        FROM (SELECT p.seq, sum(CASE p.direction WHEN 'OUT' THEN 1 ELSE -1 END * p.quantity * p.unit_amount)::bigint AS amount,
                     sum(CASE p.direction WHEN 'OUT' THEN 1 ELSE -1 END * p.tax_amount)::bigint AS tax
              FROM transactions_part p GROUP BY p.seq) s
        CROSS JOIN LATERAL (SELECT x.* FROM transactions_stageddocument x WHERE x.run_id = run_ AND x.seq = s.seq OFFSET 0) d
        CROSS JOIN LATERAL (SELECT x.id FROM house_place x WHERE x.maison_id = r.maison_id AND x.code = d.place OFFSET 0) h
        ORDER BY d.seq;
    INSERT INTO orders_orderline (id, order_id, position, direction, reference_id, returned_line_id, quantity, unit_amount, tax_amount,
                                  amount, price_reason, mode, state, place_id)
        SELECT p.id, p.order_id, p.position, p.direction, p.reference_id, p.returned_line_id, p.quantity, p.unit_amount,
               p.tax_amount, p.quantity * p.unit_amount, p.price_reason, mode_,
               CASE p.direction WHEN 'OUT' THEN 'HANDED_OVER' ELSE 'RETURNED' END, o.place_id
        FROM transactions_part p JOIN orders_order o ON o.id = p.order_id
        ORDER BY p.seq, p.position;
    INSERT INTO payments_payment (id, order_id, tender, provider, provider_reference, amount, currency, state, requested_at, settled_at)
        SELECT transactions_id(o.placed_at, o.id || ':payment'), o.id, 'IMPORTED', 'import:' || r.source,
               r.maison_id || ':' || d.document, o.total_amount, o.currency,
               CASE WHEN o.total_amount > 0 THEN 'CAPTURED' ELSE 'REFUNDED' END, o.placed_at, o.placed_at
        FROM transactions_stageddocument d JOIN orders_order o ON o.id = d.order_id
        WHERE d.run_id = run_ AND d.seq BETWEEN first AND last AND d.outcome = 'WAITING' AND o.total_amount <> 0
        ORDER BY d.seq;
    INSERT INTO payments_posting (id, at, maison_id, debit, credit, amount, currency, order_id, payment_id)
        SELECT transactions_id(o.placed_at, o.id || ':' || x.nr), o.placed_at, o.maison_id,
               CASE WHEN x.amount > 0 THEN x.debit ELSE x.credit END, CASE WHEN x.amount > 0 THEN x.credit ELSE x.debit END,
               abs(x.amount), o.currency, o.id, x.payment_id
        FROM transactions_stageddocument d JOIN orders_order o ON o.id = d.order_id
        CROSS JOIN LATERAL (VALUES
            (1, 'receivable', 'sales:' || o.market_id, o.total_amount - o.tax_amount, NULL::uuid),
            (2, 'receivable', 'tax:' || o.market_id, o.tax_amount, NULL),
            (3, 'tender:imported', 'receivable', o.total_amount, transactions_id(o.placed_at, o.id || ':payment'))
        ) x (nr, debit, credit, amount, payment_id)
        WHERE d.run_id = run_ AND d.seq BETWEEN first AND last AND d.outcome = 'WAITING' AND x.amount <> 0
        ORDER BY d.seq, x.nr;
    INSERT INTO clients_wardrobepiece (id, client_id, reference_id, order_line_id, description, source, quantity, acquired_date)
        SELECT p.id, p.client_id, p.reference_id, p.id, '', 'BOUGHT', p.quantity, (p.at AT TIME ZONE 'UTC')::date
        FROM transactions_part p WHERE p.direction = 'OUT' AND p.client_id IS NOT NULL AND NOT p.is_service
        ORDER BY p.seq, p.position;
    PERFORM transactions_take_from_wardrobes();
    UPDATE transactions_stageddocument SET outcome = 'IMPORTED'
        WHERE run_id = run_ AND seq BETWEEN first AND last AND outcome = 'WAITING';
    UPDATE transactions_run SET documents_done = last, lines_done = (
        SELECT d.lines_until FROM transactions_stageddocument d WHERE d.run_id = run_ AND d.seq = last) WHERE id = run_;
END $$;

-- What came back is no longer worn: fewer pieces, or none, and then the line itself counts as returned.
CREATE OR REPLACE FUNCTION transactions_take_from_wardrobes() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE IF NOT EXISTS transactions_gone (line_id uuid, pieces bigint, at timestamptz, is_all boolean) ON COMMIT DROP;
    TRUNCATE transactions_gone;
    INSERT INTO transactions_gone
        SELECT p.returned_line_id, sum(p.quantity), max(p.at), NULL FROM transactions_part p
        WHERE p.returned_line_id IS NOT NULL GROUP BY 1;
    UPDATE transactions_gone g SET is_all = l.quantity = (
            SELECT sum(x.quantity) FROM orders_order o JOIN orders_order y ON y.client_id = o.client_id
            JOIN orders_orderline x ON x.order_id = y.id AND x.returned_line_id = l.id WHERE o.id = l.order_id)
        FROM orders_orderline l WHERE l.id = g.line_id;
    UPDATE clients_wardrobepiece w SET left_at = CASE WHEN g.is_all THEN g.at END,
           quantity = CASE WHEN g.is_all THEN l.quantity ELSE w.quantity - g.pieces END
        FROM transactions_gone g JOIN orders_orderline l ON l.id = g.line_id WHERE w.order_line_id = g.line_id;
    UPDATE orders_orderline l SET state = 'RETURNED' FROM transactions_gone g WHERE l.id = g.line_id AND g.is_all;
    -- What came back before it was imported counts against what may still come back.
    UPDATE orders_orderline l SET
        returned_quantity = least(l.returned_quantity + g.pieces, l.quantity), credited_quantity = least(l.credited_quantity + g.pieces, l.quantity),
        returned_amount = l.amount * least(l.credited_quantity + g.pieces, l.quantity) / l.quantity,
        returned_tax_amount = l.tax_amount * least(l.credited_quantity + g.pieces, l.quantity) / l.quantity
        FROM transactions_gone g WHERE l.id = g.line_id;
END $$;
