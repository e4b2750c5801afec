-- Takes the lines of a statement in. The same file is refused; lines an earlier file has told are left as they are.
CREATE OR REPLACE FUNCTION flows_take_statement(j jsonb) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    statement uuid := vendome_new_id();
    maison uuid := (j->>'maison')::uuid;
    taken integer;
BEGIN
    INSERT INTO payments_statement (id, maison_id, kind, source, name, digest, imported_at, imported_by)
        VALUES (statement, maison, j->>'kind', j->>'source', j->>'name', decode(j->>'digest', 'hex'), (j->>'at')::timestamptz, j->>'actor')
        ON CONFLICT ON CONSTRAINT statement_taken_in_once DO NOTHING;
    IF NOT FOUND THEN
        PERFORM vendome_fail('payments.statement_known');
    END IF;
    INSERT INTO payments_statementline (id, statement_id, maison_id, source, line_reference, day, kind, reference, counterparty, text, amount,
                                        fee_amount, currency, is_settled)
        SELECT vendome_new_id(), statement, maison, j->>'source', x.line_reference, x.day, x.kind, x.reference, x.counterparty, x.text, x.amount,
               x.fee_amount, x.currency, x.kind = 'OTHER'
        FROM jsonb_to_recordset(j->'lines') x (line_reference text, day date, kind text, reference text, counterparty text, text text,
                                               amount bigint, fee_amount bigint, currency text)
        ON CONFLICT ON CONSTRAINT statement_line_once DO NOTHING;
    GET DIAGNOSTICS taken = ROW_COUNT;
    PERFORM vendome_audit(j->>'actor', 'payments.statement', 'statement:' || statement, maison,
                          jsonb_build_object('name', j->>'name', 'lines', taken), (j->>'at')::timestamptz);
    RETURN taken;
END $$;

-- Writes a difference down, once for each line and payment, also when it was resolved before.
CREATE OR REPLACE FUNCTION flows_note_difference(
    maison uuid, day_ date, kind_ text, source_ text, payment uuid, line uuid, expected bigint, found_ bigint, currency_ text
) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO payments_differencerecord (id, maison_id, day, kind, source, payment_id, line_id, expected_amount, found_amount, currency, is_open,
                                           resolution, resolved_by)
        SELECT vendome_new_id(), maison, day_, kind_, source_, payment, line, expected, found_, currency_, true, '', ''
        WHERE NOT EXISTS (SELECT FROM payments_differencerecord d WHERE d.maison_id = maison AND d.kind = kind_ AND d.source = source_
                            AND d.payment_id IS NOT DISTINCT FROM payment AND d.line_id IS NOT DISTINCT FROM line);
    RETURN CASE WHEN FOUND THEN 1 ELSE 0 END;
END $$;

-- What a line of a provider is of ours: settled when reference, amount and currency are the same; else the difference has a name.
-- The provider's fee is booked with it; one beyond four percent and fifty cents is a difference too. 1: settled, 0: not.
CREATE OR REPLACE FUNCTION flows_reconcile_provider(l payments_statementline, at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    p payments_payment;
    wrong text;
BEGIN
    SELECT x.* INTO p FROM payments_payment x JOIN orders_order o ON o.id = x.order_id AND o.maison_id = l.maison_id
        WHERE x.provider = l.source AND x.provider_reference = l.reference AND l.reference <> '' AND x.state IN ('CAPTURED', 'REFUNDED')
          AND (x.refund_of_id IS NULL) = (l.kind = 'PAYMENT');
    wrong := CASE
        WHEN p.id IS NULL THEN 'MISSING_HERE'
        WHEN p.currency <> l.currency THEN 'CURRENCY'
        WHEN p.amount <> l.amount THEN 'AMOUNT'
        WHEN EXISTS (SELECT FROM payments_statementline x WHERE x.payment_id = p.id AND x.source = l.source AND x.kind = l.kind AND x.is_settled)
            THEN 'DUPLICATE' END;
    IF wrong IS NOT NULL THEN
        PERFORM flows_note_difference(l.maison_id, l.day, wrong, l.source, p.id, l.id, p.amount, l.amount, l.currency);
        RETURN 0;
    END IF;
    UPDATE payments_statementline SET payment_id = p.id, is_settled = true WHERE id = l.id;
    PERFORM payments_post('expense:provider_fees', payments_account(p.tender), l.fee_amount, l.currency, l.maison_id, p.order_id, p.id, at);
    IF l.fee_amount > abs(l.amount) * 4 / 100 + 50 THEN
        PERFORM flows_note_difference(l.maison_id, l.day, 'FEE', l.source, p.id, l.id, abs(l.amount) * 4 / 100 + 50, l.fee_amount, l.currency);
    END IF;
    PERFORM flows_close_difference(p.id, 'it arrived', at);
    RETURN 1;
END $$;

CREATE OR REPLACE FUNCTION flows_close_difference(payment uuid, why text, at timestamptz) RETURNS void LANGUAGE sql AS $$
    UPDATE payments_differencerecord SET is_open = false, resolution = why, resolved_by = 'SYSTEM', resolved_at = at
        WHERE payment_id = payment AND is_open AND kind IN ('TIMING', 'MISSING_THERE')
$$;

-- A payout is seen twice: it leaves the provider and reaches the bank. By its id in the bank's text, else by amount, currency and
-- a week, when only one fits. 1: settled, 0: it waits for its other half.
CREATE OR REPLACE FUNCTION flows_reconcile_payout(l payments_statementline, at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    others uuid[];
    other payments_statementline;
BEGIN
    SELECT array_agg(x.id ORDER BY position(x.reference IN l.text) > 0 AND x.reference <> '' DESC) INTO others FROM payments_statementline x
        WHERE x.maison_id = l.maison_id AND x.kind = 'PAYOUT' AND x.source <> 'bank' AND NOT x.is_settled
          AND x.currency = l.currency AND -x.amount = l.amount AND x.day BETWEEN l.day - 7 AND l.day + 1
          AND (position(x.reference IN l.text) > 0 OR NOT EXISTS (SELECT FROM payments_statementline y
               WHERE y.maison_id = l.maison_id AND y.kind = 'PAYOUT' AND y.source <> 'bank' AND y.reference <> '' AND position(y.reference IN l.text) > 0));
    IF cardinality(others) IS DISTINCT FROM 1 THEN
        RETURN 0;
    END IF;
    SELECT * INTO other FROM payments_statementline WHERE id = others[1] FOR NO KEY UPDATE;
    UPDATE payments_statementline SET is_settled = true, payout_line_id = CASE WHEN id = l.id THEN other.id ELSE l.id END WHERE id IN (l.id, other.id);
    PERFORM payments_post('bank', 'tender:card', l.amount, l.currency, l.maison_id, NULL, NULL, at);
    RETURN 1;
END $$;

-- A transfer pays the order whose number its text names, when the amount is what that order's transfer asks for, to the cent.
CREATE OR REPLACE FUNCTION flows_reconcile_transfer(l payments_statementline, at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    p payments_payment;
    said text := upper(regexp_replace(l.reference || ' ' || l.text, '[^A-Za-z0-9]', '', 'g'));
BEGIN
    SELECT x.* INTO p FROM payments_payment x JOIN orders_order o ON o.id = x.order_id
        WHERE o.maison_id = l.maison_id AND x.tender = 'TRANSFER' AND x.refund_of_id IS NULL
          AND said LIKE '%' || upper(regexp_replace(o.number, '[^A-Za-z0-9]', '', 'g')) || '%'
        ORDER BY x.state = 'REQUESTED' DESC, x.amount = l.amount DESC, x.state = 'FAILED' DESC, x.id LIMIT 1;
    IF p.id IS NULL THEN
        PERFORM flows_note_difference(l.maison_id, l.day, 'MISSING_HERE', l.source, NULL, l.id, NULL, l.amount, l.currency);
    ELSIF p.currency <> l.currency THEN
        PERFORM flows_note_difference(l.maison_id, l.day, 'CURRENCY', l.source, p.id, l.id, p.amount, l.amount, l.currency);
    ELSIF p.state IN ('CAPTURED', 'REFUNDED') THEN
        PERFORM flows_note_difference(l.maison_id, l.day, 'DUPLICATE', l.source, p.id, l.id, p.amount, l.amount, l.currency);
    ELSIF p.amount <> l.amount THEN
        PERFORM flows_note_difference(l.maison_id, l.day, 'AMOUNT', l.source, p.id, l.id, p.amount, l.amount, l.currency);
    ELSE
        PERFORM flows_settle_transfer(l, p.id, 'SYSTEM', at);
        RETURN 1;
    END IF;
    RETURN 0;
END $$;

-- The one way a transfer settles: as any payment does, and the money is at the bank.
CREATE OR REPLACE FUNCTION flows_settle_transfer(l payments_statementline, payment uuid, actor text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    p payments_payment;
BEGIN
    PERFORM flows_settle_payment(payment, true, l.maison_id || ':' || l.line_reference, l.amount, l.currency, actor, at);
    SELECT * INTO p FROM payments_payment WHERE id = payment;
    PERFORM payments_post('bank', payments_account('TRANSFER'), l.amount, l.currency, l.maison_id, p.order_id, p.id, at);
    UPDATE payments_statementline SET payment_id = payment, is_settled = true WHERE id = l.id;
    UPDATE payments_differencerecord SET is_open = false, resolution = 'matched', resolved_by = actor, resolved_at = at WHERE line_id = l.id AND is_open;
END $$;

-- By hand: this transfer pays that order. NULL when it was matched meanwhile; access.not_found without a transfer of that amount.
CREATE OR REPLACE FUNCTION flows_match_transfer(line uuid, maison uuid, number_ text, actor text, at timestamptz) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    l payments_statementline;
    p payments_payment;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('payments.reconcile:' || maison, 0));
    SELECT * INTO l FROM payments_statementline WHERE id = line AND maison_id = maison AND kind IN ('TRANSFER', 'PAYOUT');
    SELECT x.* INTO p FROM payments_payment x JOIN orders_order o ON o.id = x.order_id
        WHERE o.maison_id = maison AND o.number = number_ AND x.tender = 'TRANSFER' AND x.refund_of_id IS NULL AND x.state IN ('REQUESTED', 'FAILED')
          AND x.amount = l.amount AND x.currency = l.currency ORDER BY x.state = 'REQUESTED' DESC, x.id LIMIT 1;
    IF l.is_settled THEN
        RETURN NULL;
    ELSIF l.id IS NULL OR p.id IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    PERFORM flows_settle_transfer(l, p.id, actor, at);
    PERFORM vendome_audit(actor, 'payments.match_transfer', 'order:' || p.order_id, maison, jsonb_build_object('line_id', line, 'payment_id', p.id), at);
    RETURN p.order_id;
END $$;

CREATE OR REPLACE FUNCTION flows_resolve_difference(difference uuid, maison uuid, resolution_ text, actor text, at timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    d payments_differencerecord;
BEGIN
    UPDATE payments_differencerecord SET is_open = false, resolution = resolution_, resolved_by = actor, resolved_at = at
        WHERE id = difference AND maison_id = maison AND is_open RETURNING * INTO d;
    IF d.id IS NULL THEN
        RETURN false;
    END IF;
    PERFORM vendome_audit(actor, 'payments.resolve', 'difference:' || difference, maison, jsonb_build_object('kind', d.kind, 'resolution', resolution_), at);
    RETURN true;
END $$;

-- What we settled through a provider and its statements, which reach beyond that day, do not show. Younger than three days it is timing.
CREATE OR REPLACE FUNCTION flows_find_missing(maison uuid, at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    p record;
    noted integer := 0;
BEGIN
    FOR p IN
        SELECT x.id, x.amount, x.currency, x.settled_at::date AS day, x.provider, x.settled_at::date + 3 > s.last AS is_young
        FROM (SELECT y.source, min(y.day) AS first, max(y.day) AS last FROM payments_statementline y
              WHERE y.maison_id = maison AND y.source <> 'bank' GROUP BY 1) s
        JOIN payments_payment x ON x.provider = s.source AND x.state IN ('CAPTURED', 'REFUNDED') AND x.settled_at::date BETWEEN s.first AND s.last
        JOIN orders_order o ON o.id = x.order_id AND o.maison_id = maison
        WHERE NOT EXISTS (SELECT FROM payments_statementline z WHERE z.payment_id = x.id AND z.source = s.source AND z.is_settled)
          AND NOT EXISTS (SELECT FROM payments_differencerecord d WHERE d.payment_id = x.id AND d.is_open AND d.kind IN ('AMOUNT', 'CURRENCY'))
        ORDER BY x.id
    LOOP
        IF NOT p.is_young THEN
            UPDATE payments_differencerecord SET is_open = false, resolution = 'it did not arrive in three days', resolved_by = 'SYSTEM', resolved_at = at
                WHERE payment_id = p.id AND kind = 'TIMING' AND is_open;
        END IF;
        noted := noted + flows_note_difference(maison, p.day, CASE WHEN p.is_young THEN 'TIMING' ELSE 'MISSING_THERE' END, p.provider, p.id, NULL,
                                               p.amount, NULL, p.currency);
    END LOOP;
    RETURN noted;
END $$;

-- Holds everything that waits against everything we know; safe to repeat, one at a time for each maison.
CREATE OR REPLACE FUNCTION flows_reconcile(maison uuid, at timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    l payments_statementline;
    matched integer := 0;
    before bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('payments.reconcile:' || maison, 0));
    SELECT count(*) INTO before FROM payments_differencerecord WHERE maison_id = maison;
    FOR l IN SELECT * FROM payments_statementline x WHERE x.maison_id = maison AND NOT x.is_settled
             AND NOT EXISTS (SELECT FROM payments_differencerecord d WHERE d.line_id = x.id AND NOT d.is_open AND d.kind <> 'FEE') ORDER BY x.day, x.id LOOP
        matched := matched + CASE
            WHEN l.source <> 'bank' AND l.kind IN ('PAYMENT', 'REFUND') THEN flows_reconcile_provider(l, at)
            WHEN l.source = 'bank' AND l.kind = 'PAYOUT' THEN flows_reconcile_payout(l, at)
            WHEN l.source = 'bank' AND l.kind = 'TRANSFER' THEN flows_reconcile_transfer(l, at)
            ELSE 0 END;
    END LOOP;
    PERFORM flows_find_missing(maison, at);
    RETURN jsonb_build_object('matched', matched, 'differences',
                              (SELECT count(*) - before FROM payments_differencerecord WHERE maison_id = maison));
END $$;
