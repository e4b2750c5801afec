-- What became of the rows of a run: imported by direction, known before, refused by reason; with their exact sums,
-- and what rounding to minor units took from the imported ones.
CREATE OR REPLACE FUNCTION transactions_outcomes(run_ uuid, scale numeric)
RETURNS TABLE (outcome text, reason text, direction text, lines bigint, documents bigint, clients bigint, exact numeric,
               rounded_lines bigint, rounding numeric)
LANGUAGE sql STABLE AS $$
    WITH by_document AS MATERIALIZED (
        SELECT l.reason, CASE WHEN l.reason = '' THEN l.direction ELSE '' END AS direction, l.document, count(*) AS lines,
               sum(l.exact) AS exact, count(*) FILTER (WHERE l.exact * scale <> l.amount) AS rounded_lines,
               sum(l.exact - l.amount / scale) FILTER (WHERE l.exact * scale <> l.amount) AS rounding
        FROM transactions_stagedline l WHERE l.run_id = run_ GROUP BY 1, 2, 3
    )
    SELECT CASE WHEN b.reason <> '' THEN 'REFUSED' ELSE d.outcome END, b.reason, CASE WHEN d.outcome = 'KNOWN' THEN '' ELSE b.direction END,
           sum(b.lines)::bigint, count(DISTINCT b.document), count(DISTINCT nullif(d.client_key, '')), coalesce(sum(b.exact), 0),
           sum(b.rounded_lines)::bigint, coalesce(sum(b.rounding), 0)
    FROM by_document b LEFT JOIN transactions_stageddocument d ON d.run_id = run_ AND d.document = b.document
    GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC, 2, 3
$$;

-- What is in the house of a run: the lines that went out and came in, the orders, what was paid, what the ledger says.
CREATE OR REPLACE FUNCTION transactions_booked(run_ uuid)
RETURNS TABLE (sales numeric, returns numeric, orders numeric, payments numeric, postings numeric)
LANGUAGE sql STABLE AS $$
    WITH booked AS MATERIALIZED (
        SELECT o.id, o.total_amount FROM transactions_stageddocument d JOIN orders_order o ON o.id = d.order_id
        WHERE d.run_id = run_ AND d.outcome = 'IMPORTED'
    ), lines AS (
        SELECT coalesce(sum(l.amount) FILTER (WHERE l.direction = 'OUT'), 0) AS sales,
               coalesce(sum(l.amount) FILTER (WHERE l.direction = 'IN'), 0) AS returns
        FROM booked b JOIN orders_orderline l ON l.order_id = b.id
    ), ledger AS (
        SELECT sum(CASE WHEN p.debit = 'tender:imported' THEN p.amount WHEN p.credit = 'tender:imported' THEN -p.amount END) AS amount
        FROM booked b JOIN payments_posting p ON p.order_id = b.id
    )
    SELECT l.sales, l.returns, (SELECT coalesce(sum(b.total_amount), 0) FROM booked b),
           (SELECT coalesce(sum(p.amount), 0) FROM payments_payment p JOIN booked b ON b.id = p.order_id),
           (SELECT coalesce(g.amount, 0) FROM ledger g)
    FROM lines l
$$;

-- Returned pieces that found their sale, those of known clients that did not, and those that name no client.
CREATE OR REPLACE FUNCTION transactions_returned(run_ uuid)
RETURNS TABLE (matched_lines bigint, matched_pieces bigint, unmatched_lines bigint, unmatched_pieces bigint,
               nameless_lines bigint, nameless_pieces bigint)
LANGUAGE sql STABLE AS $$
    WITH back AS (
        SELECT l.quantity, CASE WHEN l.returned_line_id IS NOT NULL THEN 1 WHEN d.client_id IS NOT NULL THEN 2 ELSE 3 END AS kind
        FROM transactions_stageddocument d JOIN orders_orderline l ON l.order_id = d.order_id AND l.direction = 'IN'
        WHERE d.run_id = run_ AND d.outcome = 'IMPORTED'
    )
    SELECT count(*) FILTER (WHERE kind = 1), coalesce(sum(quantity) FILTER (WHERE kind = 1), 0),
           count(*) FILTER (WHERE kind = 2), coalesce(sum(quantity) FILTER (WHERE kind = 2), 0),
           count(*) FILTER (WHERE kind = 3), coalesce(sum(quantity) FILTER (WHERE kind = 3), 0)
    FROM back
$$;
