-- The share of a line's tax that `more` of its pieces take, after `before` of them. The parts add up to the whole,
-- whatever the order and size of the parts.
CREATE OR REPLACE FUNCTION flows_part(whole bigint, pieces integer, before integer, more integer) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT whole * (before + more) / pieces - whole * before / pieces
$$;

-- Tenders that can still be refunded for what was bought on this order: its own first, then those of the orders whose
-- pieces were exchanged for its pieces (not of an exchange that was never paid). In the order in which they are refunded (ADR 0022): stored value, then instalments
-- and cards, then transfers, then what people count by hand; within one kind the newest order and payment first.
CREATE OR REPLACE FUNCTION flows_refundable(order_ uuid) RETURNS TABLE (payment uuid, tender text, room bigint, nr bigint)
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE family (id, depth) AS (
        SELECT order_, 0
        UNION
        SELECT s.order_id, f.depth + 1 FROM family f
            JOIN orders_orderline l ON l.order_id = f.id AND l.direction = 'IN' AND l.state NOT IN ('HELD', 'WITHDRAWN')
            JOIN orders_orderline s ON s.id = l.returned_line_id
            WHERE f.depth < 50
    ), nearest AS (SELECT f.id, min(f.depth) AS depth FROM family f GROUP BY 1)
    SELECT p.id, p.tender, p.amount - p.refunded_amount,
           row_number() OVER (ORDER BY coalesce(array_position(
               ARRAY['GIFT_CARD', 'CREDIT_NOTE', 'CREDIT', 'INSTALMENT', 'CARD', 'WALLET', 'LINK', 'TERMINAL', 'TRANSFER', 'CRYPTO', 'IMPORTED', 'CASH']::text[],
               p.tender::text), 50), n.depth, p.requested_at DESC, p.id)
    FROM nearest n JOIN payments_payment p ON p.order_id = n.id
    WHERE p.state = 'CAPTURED' AND p.refund_of_id IS NULL AND p.amount > p.refunded_amount
$$;

-- Gives `amount_` back for a document, to the tenders of the order its pieces were bought on; as one credit note where `note`
-- names it. The refunds are written under the payments' locks; providers are asked later. Fails when there is less room.
DROP FUNCTION IF EXISTS flows_pay_back(uuid, uuid, bigint, boolean, timestamptz);
CREATE OR REPLACE FUNCTION flows_pay_back(document uuid, bought_on uuid, amount_ bigint, note uuid, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    rest bigint := amount_;
    one record;
    part bigint;
BEGIN
    PERFORM FROM payments_payment p WHERE p.id IN (SELECT f.payment FROM flows_refundable(bought_on) f) ORDER BY p.id FOR NO KEY UPDATE;
    FOR one IN SELECT * FROM flows_refundable(bought_on) f ORDER BY f.nr LOOP
        EXIT WHEN rest <= 0;
        part := least(one.room, rest);
        PERFORM payments_request_refund(one.payment, document, part, at, note);
        rest := rest - part;
    END LOOP;
    IF rest > 0 THEN
        PERFORM vendome_fail('payments.refund_too_large', jsonb_build_object('order_id', bought_on, 'missing', rest));
    END IF;
END $$;

-- What was never paid of what comes back is not given back but no longer owed: the rest of a deposit, the rates of a plan, the last
-- first. Both documents show it as a credit, so the books stay one rule. Returns how much it was.
CREATE OR REPLACE FUNCTION flows_set_off(document uuid, bought_on uuid, most bigint, at timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    one record;
    i payments_instalment;
    part bigint;
    rest bigint;
    done bigint := 0;
    nominal uuid;
BEGIN
    FOR one IN
        WITH RECURSIVE family (id, depth) AS (
            SELECT bought_on, 0
            UNION
            SELECT s.order_id, f.depth + 1 FROM family f
                JOIN orders_orderline l ON l.order_id = f.id AND l.direction = 'IN' AND l.state NOT IN ('HELD', 'WITHDRAWN')
                JOIN orders_orderline s ON s.id = l.returned_line_id WHERE f.depth < 50
        ) SELECT DISTINCT x.id FROM family f JOIN orders_order x ON x.id = f.id AND x.due_amount IS NOT NULL ORDER BY 1
    LOOP
        PERFORM FROM orders_order WHERE id = one.id FOR NO KEY UPDATE;
        SELECT least(most - done, greatest(x.total_amount - flows_paid(x.id), 0)) INTO part FROM orders_order x WHERE x.id = one.id;
        CONTINUE WHEN part <= 0;
        UPDATE payments_payment SET state = 'FAILED', settled_at = at WHERE order_id = one.id AND state = 'REQUESTED' AND refund_of_id IS NULL;
        UPDATE payments_paylink SET state = 'CLOSED' WHERE state = 'OPEN' AND payment_id IN (SELECT p.id FROM payments_payment p WHERE p.order_id = one.id);
        rest := part;
        FOR i IN SELECT * FROM payments_instalment WHERE order_id = one.id AND state IN ('DUE', 'FAILED') ORDER BY position DESC FOR NO KEY UPDATE LOOP
            EXIT WHEN rest <= 0;
            IF i.amount <= rest THEN
                UPDATE payments_instalment SET state = 'CANCELLED', next_at = NULL WHERE id = i.id;
            ELSE
                UPDATE payments_instalment SET amount = i.amount - rest WHERE id = i.id;
            END IF;
            rest := rest - i.amount;
        END LOOP;
        nominal := vendome_new_id();
        INSERT INTO payments_payment (id, order_id, tender, provider, provider_reference, amount, currency, state, requested_at, settled_at)
            SELECT nominal, x.id, 'CREDIT', 'set_off', '', part, x.currency, 'CAPTURED', at, at FROM orders_order x WHERE x.id = one.id;
        PERFORM flows_book_tender(nominal, 'receivable', at);
        PERFORM payments_settle_refund(payments_request_refund(nominal, document, part, at), true, '', at);
        done := done + part;
    END LOOP;
    RETURN done;
END $$;

-- One document for what comes in and what goes out instead: one total, one balance, one receipt (ADR 0014).
-- Lock order: the levels are locked by the caller; here pieces and holds of what goes out, then lines and orders, then payments.
--
-- d: order (what the pieces were bought on), maison, client, channel, place, advisor, actor, at, contact, address;
--    ins [{line, quantity, piece, state, form, arrival}]; outs [{reference, piece, quantity, place, mode, promised}], of
--    what a return has kept for her also its hold and its price {unit, tax, is_tax_included, reason};
--    here (the place at whose counter she stands, if any); delivery (how what goes out is sent, as orders.delivery writes it);
--    tender {tender, provider, reference} for a balance to pay, or pay_by and provider: it is paid online until then, and until it
--    is paid nothing of what comes in is taken back (flows_complete_exchange); balance (what the caller has shown; checked when given);
--    credit_note {id, hash, ending} for what is given back as credit. Of `ins`, `deducted` is what a line is worth less (ADR 0022).
-- Answers {document, number, total, refunded, credited, tax, state}. Fails with orders.balance_to_pay, orders.preview_outdated,
-- stock.out_of_stock, pricing.no_price, orders.already_returned, payments.refund_too_large.
CREATE OR REPLACE FUNCTION flows_write_document(d jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    doc uuid := vendome_new_id();
    actor text := d->>'actor';
    at timestamptz := (d->>'at')::timestamptz;
    client uuid := (d->>'client')::uuid;
    origin orders_order;
    s orders_orderline;
    one record;
    price record;
    level record;
    line uuid;
    hold uuid;
    chosen uuid;
    number_ text;
    nr integer := 0;
    tax bigint;
    amount_ bigint;
    total bigint := 0;
    tax_total bigint := 0;
    to_tenders bigint := 0;
    credit bigint := 0;
    set_off bigint := 0;
    payment uuid;
    given uuid[] := '{}';
    waits boolean;
BEGIN
    SELECT * INTO STRICT origin FROM orders_order WHERE id = (d->>'order')::uuid;
    number_ := upper(left((SELECT code FROM house_maison WHERE id = origin.maison_id), 3)) || '-' || to_char(at, 'YY') || '-' || nextval('orders_number');
    INSERT INTO orders_order (id, maison_id, number, client_id, market_id, channel, place_id, advisor_id, state, currency, total_amount,
                              tax_amount, placed_at, source, contact, delivery_address, sourcing, delivery)
        VALUES (doc, origin.maison_id, number_, client, origin.market_id, d->>'channel', (d->>'place')::uuid, (d->>'advisor')::uuid, 'CONFIRMED',
                origin.currency, 0, 0, at, '', coalesce(d->'contact', '{}'), ARRAY(SELECT jsonb_array_elements_text(coalesce(d->'address', '[]'))), '[]',
                CASE WHEN jsonb_typeof(d->'delivery') = 'object' THEN d->'delivery' ELSE '{}' END);

    FOR one IN
        SELECT x.reference, x.piece, coalesce(x.quantity, 1) AS quantity, x.place, x.mode, x.promised, x.hold, x.price, r.is_serialised
        FROM jsonb_to_recordset(coalesce(d->'outs', '[]'))
            x (reference uuid, piece uuid, quantity integer, place uuid, mode text, promised date, hold uuid, price jsonb)
        LEFT JOIN catalogue_reference r ON r.id = x.reference AND r.maison_id = origin.maison_id
        ORDER BY x.place, x.reference, x.piece
    LOOP
        IF one.is_serialised IS NULL THEN
            PERFORM vendome_fail('access.not_found', jsonb_build_object('reference_id', one.reference));
        ELSIF one.quantity NOT BETWEEN 1 AND 20 OR (one.is_serialised AND one.quantity <> 1) THEN
            PERFORM vendome_fail('orders.bad_quantity', jsonb_build_object('reference_id', one.reference));
        END IF;
        nr := nr + 1;
        line := vendome_new_id();
        IF one.hold IS NOT NULL THEN  -- kept for her since she announced it, at the price she read that day
            hold := one.hold;
            SELECT p.* INTO price FROM (SELECT (one.price->>'unit')::bigint AS amount, (one.price->>'tax')::bigint AS tax_amount,
                (one.price->>'is_tax_included')::boolean AS is_tax_included, one.price->>'reason' AS reason) p;
            chosen := stock_adopt_kept(hold, doc, line, at);
        ELSE
            SELECT * INTO price FROM pricing_prices(origin.market_id, ARRAY[one.reference], flows_day(at, (d->>'place')::uuid));
            IF price.amount IS NULL THEN
                PERFORM vendome_fail('pricing.no_price', jsonb_build_object('reference_id', one.reference));
            END IF;
            hold := flows_keep_to_hers(client, one.reference, one.place, one.piece, one.quantity, '{}', at);
            IF hold IS NOT NULL THEN  -- it was set aside for her: that very hold is the document's
                chosen := stock_adopt_hold(hold, one.reference, one.place, one.quantity, client, doc, line, NULL, at);
            ELSE
                IF one.mode = 'TAKE_AWAY' OR (one.mode = 'COLLECT' AND one.place = (d->>'here')::uuid) THEN
                    SELECT * INTO level FROM stock_take_level(one.place, one.reference, one.quantity);  -- she stands before it
                ELSE
                    SELECT * INTO level FROM stock_take_for_promise(one.place, one.reference, one.quantity);
                END IF;
                IF level.on_hand_now IS NULL THEN
                    PERFORM vendome_fail('stock.out_of_stock', jsonb_build_object('reference_id', one.reference, 'place_id', one.place));
                END IF;
                hold := vendome_new_id();
                chosen := stock_keep(hold, 'ORDER', one.place, one.reference, one.piece, one.quantity, one.is_serialised, client, (d->>'advisor')::uuid,
                                     doc, line, NULL, false, '', NULL, level.on_hand_now, level.held_now, actor, at);
                PERFORM stock_tell_level(one.place, one.reference, level.on_hand_now, level.held_now, origin.maison_id, actor, at);
            END IF;
        END IF;
        PERFORM stock_take_quota(client, ARRAY[one.reference], ARRAY[one.quantity], ARRAY[hold], ARRAY[chosen], ARRAY[line], at);
        tax := price.tax_amount * one.quantity;
        amount_ := price.amount * one.quantity + CASE WHEN price.is_tax_included THEN 0 ELSE tax END;
        INSERT INTO orders_orderline (id, order_id, position, direction, reference_id, piece_id, quantity, unit_amount, tax_amount, amount,
                                      price_reason, mode, state, place_id, hold_id, promised_date)
            VALUES (line, doc, nr, 'OUT', one.reference, chosen, one.quantity, price.amount, tax, amount_, price.reason, one.mode, 'HELD', one.place,
                    hold, one.promised);
        IF one.mode = 'TAKE_AWAY' THEN
            given := given || line;
        END IF;
        total := total + amount_;
        tax_total := tax_total + tax;
    END LOOP;

    FOR one IN
        SELECT x.* FROM jsonb_to_recordset(coalesce(d->'ins', '[]'))
            x (line uuid, quantity integer, piece uuid, form text, arrival uuid, deducted bigint) ORDER BY x.line, x.arrival
    LOOP
        SELECT * INTO s FROM orders_orderline WHERE id = one.line FOR NO KEY UPDATE;
        tax := least(flows_part(s.tax_amount, s.quantity, s.credited_quantity, one.quantity), s.tax_amount - s.returned_tax_amount);
        amount_ := s.unit_amount * one.quantity + CASE WHEN s.amount = s.unit_amount * s.quantity THEN 0 ELSE tax END;
        IF one.deducted > 0 THEN  -- the tax inside the price falls with it
            IF one.deducted > amount_ THEN
                PERFORM vendome_fail('orders.deduction_not_allowed', jsonb_build_object('most_amount', amount_));
            END IF;
            IF s.amount = s.unit_amount * s.quantity THEN
                tax := tax * (amount_ - one.deducted) / nullif(amount_, 0);
            END IF;
            amount_ := amount_ - one.deducted;
        END IF;
        nr := nr + 1;
        line := vendome_new_id();
        INSERT INTO orders_orderline (id, order_id, position, direction, reference_id, piece_id, returned_line_id, quantity, unit_amount, tax_amount,
                                      amount, deducted_amount, price_reason, mode, state, place_id)
            VALUES (line, doc, nr, 'IN', s.reference_id, one.piece, s.id, one.quantity, s.unit_amount, tax, amount_, coalesce(one.deducted, 0), 'as sold',
                    s.mode, 'HELD', coalesce((d->>'place')::uuid, s.place_id));
        IF one.arrival IS NOT NULL THEN
            UPDATE orders_arrival SET document_line_id = line WHERE id = one.arrival AND NOT is_accepted AND document_line_id IS NULL AND fate = 'WAITING';
            IF NOT FOUND THEN
                PERFORM vendome_fail('orders.already_inspected', jsonb_build_object('arrival_id', one.arrival));
            END IF;
        END IF;
        total := total - amount_;
        tax_total := tax_total - tax;
        IF one.form = 'ORIGINAL' THEN
            to_tenders := to_tenders + amount_;
        END IF;
    END LOOP;

    IF d->>'balance' IS NOT NULL AND (d->>'balance')::bigint <> total THEN
        PERFORM vendome_fail('orders.preview_outdated', jsonb_build_object('balance', total));
    END IF;
    waits := total > 0 AND d->'tender'->>'tender' IS NULL AND d->>'pay_by' IS NOT NULL;
    IF waits THEN
        UPDATE stock_hold SET expires_at = (d->>'pay_by')::timestamptz WHERE id = ANY (flows_holds_of(doc)) AND state = 'ACTIVE';
        -- What she would have taken away she fetches once it is paid: it stands on the boutique's lists like every such piece.
        UPDATE orders_orderline SET mode = 'COLLECT' WHERE order_id = doc AND direction = 'OUT' AND mode = 'TAKE_AWAY';
    END IF;
    UPDATE orders_order SET total_amount = total, tax_amount = tax_total,
                            state = CASE WHEN waits THEN 'AWAITING_PAYMENT'
                                         WHEN EXISTS (SELECT FROM orders_orderline x WHERE x.order_id = doc AND x.direction = 'OUT' AND x.state = 'HELD')
                                         THEN 'CONFIRMED' ELSE 'COMPLETED' END WHERE id = doc;
    IF waits THEN
        INSERT INTO payments_payment (id, order_id, tender, provider, provider_reference, amount, currency, state, requested_at)
            VALUES (vendome_new_id(), doc, 'CARD', d->>'provider', '', total, origin.currency, 'REQUESTED', at);
        PERFORM vendome_emit('orders.exchange_awaits_payment', 'order:' || doc, origin.maison_id, jsonb_build_object('order_id', doc, 'number', number_,
            'bought_on', origin.id, 'client_id', client, 'amount', total, 'currency', origin.currency, 'pay_by', (d->>'pay_by')::timestamptz), actor, ARRAY['orders'],
            jsonb_build_object('order', doc, 'number', number_), at);
        RETURN jsonb_build_object('document', doc, 'number', number_, 'total', total, 'tax', tax_total, 'currency', origin.currency,
                                  'refunded', 0, 'credited', 0, 'state', 'AWAITING_PAYMENT');
    END IF;
    PERFORM flows_take_back(doc);
    PERFORM payments_post('receivable', 'sales:' || origin.market_id, total - tax_total, origin.currency, origin.maison_id, doc, NULL, at),
            payments_post('receivable', 'tax:' || origin.market_id, tax_total, origin.currency, origin.maison_id, doc, NULL, at);
    IF total > 0 THEN
        IF d->'tender'->>'tender' IS NULL THEN
            PERFORM vendome_fail('orders.balance_to_pay', jsonb_build_object('balance', total, 'currency', origin.currency));
        END IF;
        payment := vendome_new_id();
        INSERT INTO payments_payment (id, order_id, tender, provider, provider_reference, amount, currency, state, requested_at, settled_at)
            VALUES (payment, doc, d->'tender'->>'tender', d->'tender'->>'provider', coalesce(d->'tender'->>'reference', ''), total, origin.currency,
                    'CAPTURED', at, at);
        PERFORM payments_post('tender:' || lower(d->'tender'->>'tender'), 'receivable', total, origin.currency, origin.maison_id, doc, payment, at);
    ELSIF total < 0 THEN
        set_off := flows_set_off(doc, origin.id, -total, at);
        credit := least(greatest(-total - to_tenders, 0), -total - set_off);
        PERFORM flows_pay_back(doc, origin.id, -total - set_off - credit, NULL, at);
        IF credit > 0 THEN
            PERFORM flows_pay_back(doc, origin.id, credit, payments_open_credit_note(d->'credit_note', doc, credit, actor, at), at);
        END IF;
    END IF;
    FOR one IN SELECT unnest(given) AS id LOOP
        PERFORM flows_give(one.id, actor, 'KNOWN_TO_ADVISOR', at);
    END LOOP;
    PERFORM flows_prepare_parcels(doc, at);
    RETURN jsonb_build_object('document', doc, 'number', number_, 'total', total, 'tax', tax_total, 'currency', origin.currency,
                              'refunded', greatest(-total - set_off - credit, 0), 'credited', credit,
                              'note', CASE WHEN credit > 0 THEN d->'credit_note'->>'id' END, 'state', (SELECT o.state FROM orders_order o WHERE o.id = doc));
END $$;

-- What comes in on a document is taken back: counted on the sold lines, within what was sold, and accepted where it arrived.
-- Fails with orders.already_returned.
CREATE OR REPLACE FUNCTION flows_take_back(doc uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one record;
    arrival uuid;
BEGIN
    FOR one IN SELECT * FROM orders_orderline l WHERE l.order_id = doc AND l.direction = 'IN' AND l.state = 'HELD' ORDER BY l.returned_line_id, l.id LOOP
        UPDATE orders_orderline SET credited_quantity = credited_quantity + one.quantity, returned_amount = returned_amount + one.amount,
                                    returned_tax_amount = returned_tax_amount + one.tax_amount
            WHERE id = one.returned_line_id AND direction = 'OUT' AND credited_quantity + one.quantity <= returned_quantity
              AND returned_amount + one.amount <= amount;
        IF NOT FOUND THEN
            PERFORM vendome_fail('orders.already_returned', jsonb_build_object('line_id', one.returned_line_id));
        END IF;
        arrival := NULL;
        UPDATE orders_arrival SET is_accepted = true WHERE document_line_id = one.id AND NOT is_accepted AND fate = 'WAITING' RETURNING id INTO arrival;
        UPDATE orders_orderline SET state = CASE WHEN arrival IS NULL THEN 'CANCELLED' ELSE 'RETURNED' END WHERE id = one.id;
    END LOOP;
END $$;

-- Whether an order is an exchange whose difference is not paid yet.
CREATE OR REPLACE FUNCTION flows_is_waiting_exchange(order_ uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
                   WHERE l.order_id = order_ AND l.direction = 'IN' AND l.state = 'HELD' AND o.state = 'AWAITING_PAYMENT')
$$;

-- Exchanges that wait for their payment though nothing she was to take is kept any more: it was lost, damaged or written off.
-- So many at most, drawn anew each round: some that cannot be ended keep no other from its turn. In the order of their locks.
DROP FUNCTION IF EXISTS flows_list_bare_exchanges();
DROP FUNCTION IF EXISTS flows_list_bare_exchanges(integer);
CREATE OR REPLACE FUNCTION flows_list_bare_exchanges(most integer, at timestamptz) RETURNS TABLE (document uuid) LANGUAGE sql STABLE AS $$
    SELECT x.id FROM (
        SELECT w.id FROM (
            SELECT l.order_id AS id FROM orders_arrival a JOIN orders_orderline l ON l.id = a.document_line_id WHERE a.fate = 'WAITING' AND NOT a.is_accepted
            UNION
            SELECT c.document_id FROM orders_change c WHERE c.state = 'OPEN' AND c.document_id IS NOT NULL) w
        WHERE flows_is_waiting_exchange(w.id) AND NOT EXISTS (
            SELECT FROM orders_orderline l JOIN stock_hold h ON h.id = l.hold_id WHERE l.order_id = w.id AND l.direction = 'OUT' AND h.state = 'ACTIVE')
        ORDER BY hashtextextended(w.id::text, extract(epoch FROM at)::bigint) LIMIT most) x
    ORDER BY x.id
$$;

-- An exchange that waits for its payment ends, because she or the house no longer wants it; false when it waits no more.
CREATE OR REPLACE FUNCTION flows_end_exchange(doc uuid, actor text, at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    o orders_order;
BEGIN
    PERFORM flows_lock_exchange(doc, false, at);
    SELECT * INTO o FROM orders_order WHERE id = doc FOR NO KEY UPDATE;
    IF NOT flows_is_waiting_exchange(doc) THEN
        RETURN false;
    END IF;
    PERFORM flows_give_up(doc, 'RELEASED', actor, 'the exchange was withdrawn', at);
    PERFORM vendome_audit(actor, 'orders.end_exchange', 'order:' || doc, o.maison_id, jsonb_build_object('number', o.number), at);
    RETURN true;
END $$;

-- The first locks of an exchange that is paid or ends: parcels, levels, pieces and holds of what comes in, with its own holds. What
-- `takes` back a piece that was to travel first forgets its transfer, as a change does.
CREATE OR REPLACE FUNCTION flows_lock_exchange(doc uuid, takes boolean, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    holds uuid[] := ARRAY(SELECT s.hold_id FROM orders_orderline l JOIN orders_orderline s ON s.id = l.returned_line_id
                          WHERE l.order_id = doc AND l.direction = 'IN' AND l.state = 'HELD' AND s.hold_id IS NOT NULL AND s.state IN ('HELD', 'ARRIVED', 'READY'));
    one record;
BEGIN
    FOR one IN SELECT DISTINCT s.order_id FROM orders_orderline l JOIN orders_orderline s ON s.id = l.returned_line_id
               WHERE l.order_id = doc AND l.direction = 'IN' ORDER BY 1 LOOP
        PERFORM flows_lock_parcels(one.order_id);
    END LOOP;
    FOR one IN SELECT c.id, s.hold_id FROM orders_change c JOIN orders_orderline s ON s.id = c.line_id
               WHERE takes AND c.document_id = doc AND c.state = 'OPEN' AND s.hold_id = ANY (holds) LOOP
        PERFORM stock_forget_transfer_of_hold(one.hold_id, 'SYSTEM', 'the order was changed', at);
    END LOOP;
    PERFORM FROM stock_level v JOIN stock_hold h ON h.reference_id = v.reference_id AND h.place_id = v.place_id
        WHERE h.id = ANY (holds || flows_holds_of(doc)) ORDER BY v.place_id, v.reference_id FOR NO KEY UPDATE OF v;
    PERFORM FROM stock_piece p WHERE p.id IN (SELECT h.piece_id FROM stock_hold h WHERE h.id = ANY (holds)) ORDER BY p.id FOR NO KEY UPDATE;
    PERFORM FROM stock_hold h WHERE h.id = ANY (holds || flows_holds_of(doc)) ORDER BY h.id FOR NO KEY UPDATE;
END $$;

-- The difference of an exchange is paid: now what comes in is taken back, and what waited for it goes on. False when it can no longer
-- be taken back (it has left, or was decided otherwise meanwhile); then nothing has changed, and the money goes back.
CREATE OR REPLACE FUNCTION flows_complete_exchange(doc uuid, actor text, at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    change orders_change;
    one record;
BEGIN
    IF NOT flows_is_waiting_exchange(doc) THEN
        RETURN true;
    END IF;
    SELECT * INTO change FROM orders_change c WHERE c.document_id = doc AND c.state = 'OPEN';
    PERFORM FROM orders_order o WHERE o.id = change.order_id FOR NO KEY UPDATE;
    IF change.id IS NOT NULL THEN
        IF flows_preview_change(change.id, at)->>'problem' = 'orders.not_changeable' THEN
            RETURN false;
        END IF;
        PERFORM flows_swap_line(change.id, actor, at);
    ELSIF EXISTS (SELECT FROM orders_orderline l LEFT JOIN orders_arrival a ON a.document_line_id = l.id
                  WHERE l.order_id = doc AND l.direction = 'IN' AND (a.id IS NULL OR a.is_accepted OR a.fate <> 'WAITING')) THEN
        RETURN false;
    END IF;
    PERFORM flows_take_back(doc);
    -- What waited for its payment is there later by as much as it is ready later; by the lane, where she chose no service.
    UPDATE orders_orderline l SET promised_date = greatest(l.promised_date, CASE WHEN l.mode = 'DELIVER' AND o.delivery ? 'mode'
            THEN l.promised_date + (house_ready_day(p, at) - house_ready_day(p, o.placed_at))
            ELSE flows_promise_date(h.place_id, l.mode, l.place_id, o.market_id, at) END)
        FROM stock_hold h JOIN house_place p ON p.id = h.place_id, orders_order o
        WHERE h.id = l.hold_id AND o.id = doc AND l.order_id = doc AND l.direction = 'OUT' AND l.mode <> 'TAKE_AWAY';
    PERFORM flows_settle_return_lines(doc);
    FOR one IN SELECT DISTINCT y.case_id FROM orders_arrival a JOIN orders_orderline l ON l.id = a.document_line_id
               JOIN orders_returnline y ON y.id = a.line_id WHERE l.order_id = doc LOOP
        PERFORM flows_close_return(one.case_id, at);
    END LOOP;
    IF change.id IS NOT NULL THEN
        PERFORM flows_end_change(change.id, doc, actor, at);
    END IF;
    RETURN true;
EXCEPTION WHEN SQLSTATE 'VD001' OR check_violation THEN
    RETURN false;
END $$;

-- What a document took back of a return is decided, and accepted.
CREATE OR REPLACE FUNCTION flows_settle_return_lines(doc uuid) RETURNS void LANGUAGE sql AS $$
    UPDATE orders_returnline y SET decided_quantity = y.decided_quantity + a.n, accepted_quantity = y.accepted_quantity + a.n
        FROM (SELECT x.line_id, sum(x.quantity)::integer AS n FROM orders_arrival x JOIN orders_orderline l ON l.id = x.document_line_id
              WHERE l.order_id = doc AND x.is_accepted GROUP BY 1) a WHERE y.id = a.line_id
$$;

-- An exchange that is not paid ends: what had come waits to be decided on again, an order that was to change stays as it was, and
-- what was to come in with it says that it never did.
CREATE OR REPLACE FUNCTION flows_forget_exchange(doc uuid, actor text, at timestamptz) RETURNS void LANGUAGE sql AS $$
    UPDATE orders_arrival SET document_line_id = NULL WHERE NOT is_accepted
        AND document_line_id IN (SELECT l.id FROM orders_orderline l WHERE l.order_id = doc AND l.direction = 'IN');
    UPDATE orders_orderline SET state = 'WITHDRAWN' WHERE order_id = doc AND direction = 'IN' AND state = 'HELD';
    UPDATE orders_change SET state = 'WITHDRAWN', closed_at = at, closed_by = actor WHERE document_id = doc AND state = 'OPEN'
$$;

-- The pieces she wears: one that came back has left her wardrobe, whoever's it had become; one given back returns to it.
CREATE OR REPLACE FUNCTION flows_leave_wardrobe(line uuid, piece uuid, quantity_ integer, at timestamptz) RETURNS void LANGUAGE sql AS $$
    UPDATE clients_wardrobepiece SET left_at = CASE WHEN quantity <= quantity_ THEN at END, quantity = greatest(quantity - quantity_, 1)
        WHERE left_at IS NULL AND CASE WHEN piece IS NULL THEN order_line_id = line ELSE piece_id = piece END
$$;

CREATE OR REPLACE FUNCTION flows_return_to_wardrobe(line uuid, piece uuid, quantity_ integer) RETURNS void LANGUAGE sql AS $$
    UPDATE clients_wardrobepiece SET quantity = CASE WHEN left_at IS NULL THEN quantity + quantity_ ELSE quantity_ END, left_at = NULL
        WHERE id = (SELECT w.id FROM clients_wardrobepiece w WHERE CASE WHEN piece IS NULL THEN w.order_line_id = line ELSE w.piece_id = piece END
                    ORDER BY w.left_at DESC NULLS FIRST, w.id DESC LIMIT 1)
$$;

-- From when a piece is kept again for an exchange of this order: a pause of two days once it was kept and let go twice in two days,
-- so that nobody keeps it from others for ever by announcing and withdrawing. NULL: now.
CREATE OR REPLACE FUNCTION flows_wanted_again(order_ uuid, ref uuid, at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN count(*) > 1 THEN max(h.ended_at) + interval '48 hours' END
    FROM orders_return q JOIN orders_returnline y ON y.case_id = q.id JOIN stock_hold h ON h.id = y.wanted_hold_id
    WHERE q.order_id = order_ AND y.wanted_reference_id = ref AND h.state IN ('RELEASED', 'EXPIRED') AND h.ended_at > at - interval '48 hours'
$$;

-- What she takes instead of what she sends is kept for her from the moment she announces it. Lock order: levels, pieces, holds.
-- a: as flows_announce_return. Fails with stock.out_of_stock, stock.quota_reached, stock.quota_needs_client.
CREATE OR REPLACE FUNCTION flows_keep_wanted(a jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    client uuid := (a->>'client')::uuid;
    actor text := a->>'actor';
    at timestamptz := (a->>'at')::timestamptz;
    again timestamptz;
    one record;
    level record;
BEGIN
    IF client IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('reservations:' || clients_person(client), 0));
    END IF;
    FOR one IN
        SELECT x.*, r.model_id, r.is_serialised FROM jsonb_to_recordset(a->'lines') x (wanted uuid, wanted_place uuid, wanted_hold uuid)
        LEFT JOIN catalogue_reference r ON r.id = x.wanted AND r.maison_id = (a->>'maison')::uuid
        WHERE x.wanted IS NOT NULL ORDER BY x.wanted_place, x.wanted, x.wanted_hold
    LOOP
        IF one.model_id IS NULL THEN
            PERFORM vendome_fail('access.not_found', jsonb_build_object('reference_id', one.wanted));
        ELSIF client IS NULL AND EXISTS (SELECT FROM stock_quotarule q WHERE q.model_id = one.model_id) THEN
            PERFORM vendome_fail('stock.quota_needs_client', jsonb_build_object('model_id', one.model_id));
        ELSIF client IS NOT NULL AND stock_quota_room(one.model_id, client) < 1 + (
                SELECT coalesce(sum(h.quantity), 0) FROM stock_hold h JOIN catalogue_reference x ON x.id = h.reference_id
                WHERE h.client_id = client AND h.state = 'ACTIVE' AND h.kind = 'RESERVATION' AND x.model_id = one.model_id) THEN
            PERFORM vendome_fail('stock.quota_reached', jsonb_build_object('model_id', one.model_id));
        END IF;
        again := flows_wanted_again((a->>'order')::uuid, one.wanted, at);
        IF again > at AND actor NOT LIKE 'STAFF:%' THEN
            PERFORM vendome_fail('stock.set_aside_lately', jsonb_build_object('reference_id', one.wanted, 'again_at', again));
        END IF;
        SELECT * INTO level FROM stock_take_for_promise(one.wanted_place, one.wanted, 1);
        IF level.on_hand_now IS NULL THEN
            PERFORM vendome_fail('stock.out_of_stock', jsonb_build_object('reference_id', one.wanted, 'place_id', one.wanted_place));
        END IF;
        PERFORM stock_keep(one.wanted_hold, 'RESERVATION', one.wanted_place, one.wanted, NULL, 1, one.is_serialised, client, NULL, NULL, NULL, NULL,
                           false, 'kept for an exchange', (a->>'kept_until')::timestamptz, level.on_hand_now, level.held_now, actor, at);
        PERFORM stock_tell_level(one.wanted_place, one.wanted, level.on_hand_now, level.held_now, (a->>'maison')::uuid, actor, at);
    END LOOP;
END $$;

-- The hold that still keeps what is wanted instead of a return's line; none once it ran out, was given free, or became an order's.
CREATE OR REPLACE FUNCTION flows_kept(line uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT h.id FROM orders_returnline y JOIN stock_hold h ON h.id = y.wanted_hold_id
    WHERE y.id = line AND h.state = 'ACTIVE' AND h.kind = 'RESERVATION' AND h.order_id IS NULL
$$;

-- What is kept for an exchange is free again, for these sold lines of a return or (NULL) all of them. Returns how many were.
CREATE OR REPLACE FUNCTION flows_free_wanted(return_ uuid, lines uuid[], actor text, why text, at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    holds uuid[] := ARRAY(SELECT flows_kept(y.id) FROM orders_returnline y
                          WHERE y.case_id = return_ AND y.wanted_hold_id IS NOT NULL AND (lines IS NULL OR y.sold_line_id = ANY (lines)));
    one record;
    freed integer := 0;
BEGIN
    PERFORM FROM stock_level v JOIN stock_hold h ON h.reference_id = v.reference_id AND h.place_id = v.place_id
        WHERE h.id = ANY (holds) ORDER BY v.place_id, v.reference_id FOR NO KEY UPDATE OF v;
    FOR one IN SELECT h.id FROM stock_hold h WHERE h.id = ANY (holds) ORDER BY h.place_id, h.reference_id, h.id LOOP
        freed := freed + stock_end_unordered(one.id, 'RELEASED', false, actor, why, at)::integer;
    END LOOP;
    RETURN freed;
END $$;

-- She returns it after all instead of exchanging it; safe to repeat. Returns how many exchanges that ended.
CREATE OR REPLACE FUNCTION flows_drop_exchange(return_ uuid, actor text, at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    freed integer := flows_free_wanted(return_, NULL, actor, 'the exchange was withdrawn', at);
BEGIN
    IF freed > 0 THEN
        PERFORM vendome_audit(actor, 'orders.drop_exchange', 'return:' || return_, (SELECT q.maison_id FROM orders_return q WHERE q.id = return_),
                              jsonb_build_object('pieces', freed), at);
    END IF;
    RETURN freed;
END $$;

-- A return is announced: its lines, each with the decision that was made and the rule that made it.
-- a: scope, key, hash, maison, order, client, route, place, gift, actor, at, pickup {address, phone, date} of a courier,
--    lines [{line, quantity, reason, rule, decision}], with wanted, wanted_place, wanted_hold and wanted_price where she takes
--    another piece instead, kept until kept_until
CREATE OR REPLACE FUNCTION flows_announce_return(a jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(a->>'scope', a->>'key', decode(a->>'hash', 'hex'));
    made record;
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    PERFORM flows_keep_wanted(a);
    SELECT * INTO made FROM flows_open_return(a, 'ANNOUNCED');
    PERFORM vendome_audit(a->>'actor', 'orders.announce_return', 'return:' || made.id, (a->>'maison')::uuid,
                          jsonb_build_object('number', made.number, 'order_id', a->>'order'), (a->>'at')::timestamptz);
    PERFORM vendome_emit('orders.return_announced', 'return:' || made.id, (a->>'maison')::uuid,
        jsonb_build_object('return_id', made.id, 'number', made.number, 'order_id', a->>'order', 'route', a->>'route', 'place_id', a->>'place'),
        a->>'actor', ARRAY['orders'] || CASE WHEN a->>'place' IS NULL THEN '{}' ELSE ARRAY['place:' || (a->>'place')] END,
        jsonb_build_object('return', made.id), (a->>'at')::timestamptz);
    answer := jsonb_build_object('return', made.id, 'number', made.number);
    PERFORM vendome_once_answer(a->>'scope', a->>'key', answer);
    RETURN answer;
END $$;

-- Writes a return and its lines. Fails with orders.already_returned, orders.return_announced, access.not_found.
CREATE OR REPLACE FUNCTION flows_open_return(a jsonb, state_ text, OUT id uuid, OUT number text) LANGUAGE plpgsql AS $$
DECLARE
    one record;
    s orders_orderline;
    nr integer := 0;
BEGIN
    PERFORM flows_check_names((a->>'maison')::uuid, (a->>'client')::uuid, NULL, NULL, (a->>'place')::uuid);
    id := vendome_new_id();
    number := 'RET-' || to_char((a->>'at')::timestamptz, 'YY') || '-' || nextval('orders_return_number');
    INSERT INTO orders_return (id, maison_id, number, order_id, client_id, state, route, place_id, is_gift, announced_at, announced_by,
                               pickup_address, pickup_phone, pickup_date)
        VALUES (id, (a->>'maison')::uuid, number, (a->>'order')::uuid, (a->>'client')::uuid, state_, a->>'route', (a->>'place')::uuid,
                coalesce((a->>'gift')::boolean, false), (a->>'at')::timestamptz, a->>'actor',
                ARRAY(SELECT jsonb_array_elements_text(coalesce(nullif(a->'pickup'->'address', 'null'), '[]'))),
                coalesce(a->'pickup'->>'phone', ''), (a->'pickup'->>'date')::date);
    FOR one IN
        SELECT x.* FROM jsonb_to_recordset(a->'lines')
            x (line uuid, quantity integer, reason text, rule text, decision jsonb, exception_reason text, wanted uuid, wanted_hold uuid,
               wanted_price jsonb) ORDER BY x.line
    LOOP
        SELECT l.* INTO s FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
            WHERE l.id = one.line AND l.order_id = (a->>'order')::uuid AND o.maison_id = (a->>'maison')::uuid AND l.direction = 'OUT'
            FOR NO KEY UPDATE OF l;
        IF s.id IS NULL THEN
            PERFORM vendome_fail('access.not_found', jsonb_build_object('line_id', one.line));
        ELSIF one.quantity IS NULL OR one.quantity < 1 THEN
            PERFORM vendome_fail('orders.bad_quantity', jsonb_build_object('line_id', one.line));
        ELSIF s.state NOT IN ('HANDED_OVER', 'DISPATCHED') OR EXISTS (SELECT FROM stock_hold h WHERE h.id = s.hold_id AND h.state = 'ACTIVE') OR s.returned_quantity + one.quantity > s.quantity THEN
            PERFORM vendome_fail('orders.already_returned', jsonb_build_object('line_id', one.line));
        END IF;
        nr := nr + 1;
        BEGIN
            INSERT INTO orders_returnline (id, case_id, position, sold_line_id, quantity, reason, rule, decision, exception_reason, is_open,
                                           wanted_reference_id, wanted_hold_id, wanted_price)
                VALUES (vendome_new_id(), id, nr, s.id, one.quantity, coalesce(one.reason, 'NOT_SAID'), one.rule, one.decision,
                        coalesce(one.exception_reason, ''), true, one.wanted, one.wanted_hold, one.wanted_price);
        EXCEPTION WHEN unique_violation THEN
            PERFORM vendome_fail('orders.return_announced', jsonb_build_object('line_id', one.line));
        END;
    END LOOP;
END $$;

-- An announced return of which nothing has arrived is withdrawn; safe to repeat. Fails with orders.return_closed.
CREATE OR REPLACE FUNCTION flows_withdraw_return(return_ uuid, actor text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    r orders_return;
BEGIN
    PERFORM flows_free_wanted(return_, NULL, actor, 'the return was withdrawn', at);
    UPDATE orders_return SET state = 'WITHDRAWN', closed_at = at WHERE id = return_ AND state = 'ANNOUNCED' RETURNING * INTO r;
    IF r.id IS NULL THEN
        IF EXISTS (SELECT FROM orders_return x WHERE x.id = return_ AND x.state = 'WITHDRAWN') THEN
            RETURN;
        END IF;
        PERFORM vendome_fail('orders.return_closed', jsonb_build_object('return_id', return_));
    END IF;
    UPDATE orders_returnline SET is_open = false WHERE case_id = return_;
    PERFORM vendome_audit(actor, 'orders.withdraw_return', 'return:' || return_, r.maison_id, '{}', at);
    PERFORM vendome_emit('orders.return_withdrawn', 'return:' || return_, r.maison_id, jsonb_build_object('return_id', return_), actor,
                         ARRAY['orders'], jsonb_build_object('return', return_), at);
END $$;

-- Something comes back at a place, of any order and from any channel: into quarantine under a hold, out of her wardrobe, and,
-- where the policy or a manager accepts it at once, onto a document with its balance. All or nothing, once for each key.
-- Lock order: levels by place and reference, pieces, holds, lines and orders, payments.
--
-- r: scope, key, hash, maison, order, place, advisor, actor, at, client, gift, return (null: brought without announcement);
--    lines [{line, quantity, reason, condition, rule, decision, exception_reason, form}], where `form` says that it is accepted
--    now and how it is given back; outs, tender, balance, credit_note as in flows_write_document.
CREATE OR REPLACE FUNCTION flows_receive_return(r jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(r->>'scope', r->>'key', decode(r->>'hash', 'hex'));
    maison uuid := (r->>'maison')::uuid;
    place uuid := (r->>'place')::uuid;
    actor text := r->>'actor';
    at timestamptz := (r->>'at')::timestamptz;
    return_ uuid := (r->>'return')::uuid;
    number_ text;
    one record;
    hold uuid;
    rl orders_returnline;
    ins jsonb := '[]';
    document jsonb;
    came jsonb := '{}';  -- by sold line: its arrival and its hold
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    IF NOT EXISTS (SELECT FROM house_place p WHERE p.id = place AND p.maison_id = maison AND p.kind NOT IN ('TRANSIT', 'CLIENT_HOME'))
       OR NOT EXISTS (SELECT FROM orders_order o WHERE o.id = (r->>'order')::uuid AND o.maison_id = maison)
       OR EXISTS (SELECT FROM jsonb_to_recordset(r->'lines') x (line uuid) LEFT JOIN orders_orderline l ON l.id = x.line
                  WHERE l.order_id IS DISTINCT FROM (r->>'order')::uuid) THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    IF (SELECT count(*) <> count(DISTINCT x.line) OR count(*) = 0 FROM jsonb_to_recordset(r->'lines') x (line uuid)) THEN
        PERFORM vendome_fail('orders.bad_quantity');
    END IF;
    PERFORM flows_check_names(maison, (r->>'client')::uuid, (r->>'advisor')::uuid, NULL, place);
    INSERT INTO stock_level (reference_id, place_id, on_hand, held)
        SELECT DISTINCT l.reference_id, place, 0, 0 FROM jsonb_to_recordset(r->'lines') x (line uuid) JOIN orders_orderline l ON l.id = x.line
        ORDER BY 1 ON CONFLICT (reference_id, place_id) DO NOTHING;
    PERFORM FROM stock_level v WHERE (v.place_id, v.reference_id) IN (
            SELECT place, l.reference_id FROM jsonb_to_recordset(r->'lines') x (line uuid) JOIN orders_orderline l ON l.id = x.line
            UNION SELECT y.place, y.reference FROM jsonb_to_recordset(coalesce(r->'outs', '[]')) y (place uuid, reference uuid)
            UNION SELECT h.place_id, h.reference_id FROM orders_returnline y JOIN stock_hold h ON h.id = flows_kept(y.id) WHERE y.case_id = return_)
        ORDER BY v.place_id, v.reference_id FOR NO KEY UPDATE;

    FOR one IN
        SELECT x.line, coalesce(x.quantity, 1) AS quantity, l.reference_id, l.piece_id, o.client_id FROM jsonb_to_recordset(r->'lines') x (line uuid, quantity integer)
            JOIN orders_orderline l ON l.id = x.line JOIN orders_order o ON o.id = l.order_id ORDER BY l.reference_id, l.piece_id, x.line
    LOOP
        hold := stock_take_in(place, one.reference_id, one.piece_id, one.quantity, 'RETURNED', 'QUARANTINE',
                              CASE WHEN (r->>'gift')::boolean THEN (r->>'client')::uuid ELSE one.client_id END, (r->>'order')::uuid, NULL, actor,
                              'into quarantine', at);
        came := came || jsonb_build_object(one.line::text, jsonb_build_object('arrival', vendome_new_id(), 'hold', hold));
    END LOOP;

    IF jsonb_array_length(coalesce(r->'outs', '[]')) > 0 THEN  -- she takes another piece here, not the one that was kept for her
        PERFORM flows_free_wanted(return_, ARRAY(SELECT x.line FROM jsonb_to_recordset(r->'lines') x (line uuid, form text) WHERE x.form IS NOT NULL),
                                  actor, 'exchanged at the counter', at);
    END IF;
    UPDATE stock_hold h SET expires_at = NULL  -- hers has come: now it waits for us, not for her
        FROM orders_returnline y, jsonb_to_recordset(r->'lines') x (line uuid)
        WHERE y.case_id = return_ AND y.sold_line_id = x.line AND h.id = flows_kept(y.id);
    IF return_ IS NULL THEN
        SELECT o.id, o.number INTO return_, number_ FROM flows_open_return(r || '{"route": "COUNTER"}', 'OPEN') o;
    ELSE
        UPDATE orders_return SET state = 'OPEN' WHERE id = return_ AND maison_id = maison AND order_id = (r->>'order')::uuid
            AND state IN ('ANNOUNCED', 'OPEN') RETURNING number INTO number_;
        IF number_ IS NULL THEN
            PERFORM vendome_fail('orders.return_closed', jsonb_build_object('return_id', return_));
        END IF;
    END IF;
    FOR one IN
        SELECT x.*, (came->x.line::text->>'arrival')::uuid AS arrival, (came->x.line::text->>'hold')::uuid AS hold, l.piece_id FROM jsonb_to_recordset(r->'lines')
            x (line uuid, quantity integer, condition text, rule text, decision jsonb, exception_reason text, form text)
            JOIN orders_orderline l ON l.id = x.line ORDER BY x.line
    LOOP
        UPDATE orders_orderline SET returned_quantity = returned_quantity + coalesce(one.quantity, 1),
                state = CASE WHEN returned_quantity + coalesce(one.quantity, 1) = quantity AND NOT coalesce((r->>'gift')::boolean, false)
                             THEN 'RETURNED' ELSE state END
            WHERE id = one.line AND state IN ('HANDED_OVER', 'DISPATCHED') AND NOT EXISTS (SELECT FROM stock_hold h WHERE h.id = hold_id AND h.state = 'ACTIVE') AND returned_quantity + coalesce(one.quantity, 1) <= quantity;
        IF NOT FOUND THEN
            PERFORM vendome_fail('orders.already_returned', jsonb_build_object('line_id', one.line));
        END IF;
        UPDATE orders_returnline SET arrived_quantity = arrived_quantity + coalesce(one.quantity, 1), rule = one.rule, decision = one.decision,
                                     exception_reason = coalesce(one.exception_reason, '')
            WHERE case_id = return_ AND sold_line_id = one.line AND is_open AND arrived_quantity + coalesce(one.quantity, 1) <= quantity RETURNING * INTO rl;
        IF NOT FOUND THEN
            PERFORM vendome_fail('orders.return_closed', jsonb_build_object('return_id', return_, 'line_id', one.line));
        END IF;
        INSERT INTO orders_arrival (id, line_id, place_id, piece_id, quantity, hold_id, condition, is_accepted, fate, arrived_at, received_by)
            VALUES (one.arrival, rl.id, place, one.piece_id, coalesce(one.quantity, 1), one.hold, one.condition, false, 'WAITING', at, actor);
        PERFORM flows_leave_wardrobe(one.line, one.piece_id, coalesce(one.quantity, 1), at);
        IF one.form IS NOT NULL THEN
            ins := ins || jsonb_build_object('line', one.line, 'quantity', coalesce(one.quantity, 1), 'piece', one.piece_id, 'form', one.form,
                                             'arrival', one.arrival);
        END IF;
    END LOOP;
    IF jsonb_array_length(ins) > 0 THEN
        document := flows_write_document(r || jsonb_build_object('ins', ins, 'channel', 'boutique'));
        PERFORM flows_settle_return_lines((document->>'document')::uuid);
    END IF;
    PERFORM flows_close_return(return_, at);
    PERFORM vendome_audit(actor, 'orders.receive_return', 'return:' || return_, maison,
        jsonb_build_object('number', number_, 'order_id', r->>'order', 'place_id', place, 'lines', jsonb_array_length(r->'lines'),
                           'document', document->>'document',
                           'exceptions', (SELECT count(*) FROM jsonb_to_recordset(r->'lines') x (exception_reason text) WHERE x.exception_reason <> '')), at);
    PERFORM vendome_emit('orders.return_received', 'return:' || return_, maison,
        jsonb_build_object('return_id', return_, 'number', number_, 'order_id', r->>'order', 'place_id', place, 'document_id', document->>'document'),
        actor, ARRAY['place:' || place, 'orders'], jsonb_build_object('return', return_), at);
    answer := jsonb_build_object('return', return_, 'number', number_, 'document', document);
    PERFORM vendome_once_answer(r->>'scope', r->>'key', answer);
    RETURN answer;
END $$;

-- A return closes when everything that was to come has come and is decided.
CREATE OR REPLACE FUNCTION flows_close_return(return_ uuid, at timestamptz) RETURNS void LANGUAGE sql AS $$
    UPDATE orders_returnline SET is_open = false WHERE case_id = return_ AND is_open AND decided_quantity = quantity;
    UPDATE orders_return SET state = 'CLOSED', closed_at = at WHERE id = return_ AND state = 'OPEN'
        AND NOT EXISTS (SELECT FROM orders_returnline l WHERE l.case_id = return_ AND l.is_open);
$$;

-- What she will not send after all: the rest of a return that has begun to arrive is no longer waited for.
CREATE OR REPLACE FUNCTION flows_end_return(return_ uuid, actor text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    r orders_return;
BEGIN
    PERFORM flows_free_wanted(return_, NULL, actor, 'nothing more will come', at);
    SELECT * INTO r FROM orders_return WHERE id = return_ FOR NO KEY UPDATE;
    IF r.state = 'CLOSED' THEN
        RETURN;
    ELSIF r.state <> 'OPEN' OR EXISTS (SELECT FROM orders_returnline l WHERE l.case_id = return_ AND l.decided_quantity < l.arrived_quantity) THEN
        PERFORM vendome_fail('orders.return_closed', jsonb_build_object('return_id', return_));
    END IF;
    UPDATE orders_returnline SET is_open = false WHERE case_id = return_;
    UPDATE orders_return SET state = 'CLOSED', closed_at = at WHERE id = return_;
    PERFORM vendome_audit(actor, 'orders.end_return', 'return:' || return_, r.maison_id, '{}', at);
END $$;

-- Somebody looked at what stands in quarantine and decides: its value is given back or not, and the piece goes back on sale, is
-- written off, or goes back to her. Once for each arrival; the same key gives the same answer.
-- i: scope, key, hash, arrival, condition, rule, decision, exception_reason, form (null: nothing more is given back), credit_note
--    {id, hash, ending}, deducted and deduction_reason (loss of value, where the rule allows it), fate (WAITING: value now, piece later), note, advisor, actor, at
-- What she wants instead, and a return has kept, goes out on the same document; a difference she is to pay is paid online until pay_by
-- (with provider), and until then the piece waits here, whatever the fate.
CREATE OR REPLACE FUNCTION flows_inspect(i jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(i->>'scope', i->>'key', decode(i->>'hash', 'hex'));
    actor text := i->>'actor';
    at timestamptz := (i->>'at')::timestamptz;
    fate_ text := i->>'fate';
    a orders_arrival;
    rl orders_returnline;
    r orders_return;
    s orders_orderline;
    kept stock_hold;
    document jsonb;
    waits boolean := false;
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    SELECT * INTO a FROM orders_arrival WHERE id = (i->>'arrival')::uuid;
    SELECT * INTO rl FROM orders_returnline WHERE id = a.line_id;
    SELECT * INTO r FROM orders_return WHERE id = rl.case_id;
    SELECT * INTO s FROM orders_orderline WHERE id = rl.sold_line_id;
    IF a.id IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    SELECT * INTO kept FROM stock_hold h WHERE h.id = flows_kept(rl.id);
    PERFORM FROM stock_level v WHERE (v.place_id, v.reference_id) IN ((a.place_id, s.reference_id), (kept.place_id, kept.reference_id))
        ORDER BY v.place_id, v.reference_id FOR NO KEY UPDATE;
    PERFORM FROM stock_piece p WHERE p.id IN (a.piece_id, kept.piece_id) ORDER BY p.id FOR NO KEY UPDATE;
    PERFORM FROM stock_hold h WHERE h.id IN (a.hold_id, kept.id) ORDER BY h.id FOR NO KEY UPDATE;
    SELECT * INTO kept FROM stock_hold h WHERE h.id = flows_kept(rl.id);
    SELECT * INTO a FROM orders_arrival WHERE id = a.id FOR NO KEY UPDATE;
    IF (i->>'deducted')::bigint > 0 AND i->>'form' IS NULL THEN  -- nothing is given back here, so nothing can be less
        PERFORM vendome_fail('orders.deduction_not_allowed', jsonb_build_object('arrival_id', a.id));
    ELSIF a.document_line_id IS NOT NULL AND NOT a.is_accepted THEN
        PERFORM vendome_fail('orders.exchange_waits', jsonb_build_object('arrival_id', a.id));
    END IF;
    IF a.fate <> 'WAITING' OR (a.is_accepted AND (i->>'form' IS NOT NULL OR fate_ = 'WAITING')) OR (fate_ = 'GIVEN_BACK') = (a.is_accepted OR i->>'form' IS NOT NULL) THEN
        PERFORM vendome_fail('orders.already_inspected', jsonb_build_object('arrival_id', a.id, 'fate', a.fate, 'is_accepted', a.is_accepted));
    END IF;
    IF i->>'form' IS NOT NULL THEN
        document := flows_write_document(jsonb_build_object(
            'order', r.order_id, 'client', CASE WHEN r.is_gift THEN r.client_id ELSE (SELECT o.client_id FROM orders_order o WHERE o.id = r.order_id) END,
            'channel', CASE r.route WHEN 'COURIER' THEN 'client_service' ELSE 'boutique' END, 'place', a.place_id, 'advisor', i->>'advisor', 'actor', actor, 'at', at,
            'credit_note', i->'credit_note',
            'ins', jsonb_build_array(jsonb_build_object('line', s.id, 'quantity', a.quantity, 'piece', a.piece_id,
                                                        'form', i->>'form', 'arrival', a.id, 'deducted', (i->>'deducted')::bigint)))
            || CASE WHEN kept.id IS NULL THEN '{}' ELSE jsonb_build_object(
                'pay_by', i->'pay_by', 'provider', i->'provider', 'contact', (SELECT o.contact FROM orders_order o WHERE o.id = r.order_id),
                'address', to_jsonb(r.pickup_address), 'outs', jsonb_build_array(jsonb_build_object(
                    'reference', kept.reference_id, 'quantity', 1, 'place', kept.place_id, 'mode', 'DELIVER', 'hold', kept.id,
                    'price', rl.wanted_price))) END);
    END IF;
    waits := coalesce(document->>'state' = 'AWAITING_PAYMENT', false);
    IF waits THEN
        fate_ := 'WAITING';
    ELSIF fate_ = 'GIVEN_BACK' THEN
        PERFORM flows_free_wanted(r.id, ARRAY[s.id], actor, 'what she sent was given back to her', at);
    END IF;
    IF (i->>'form' IS NOT NULL AND NOT waits) OR fate_ = 'GIVEN_BACK' THEN
        UPDATE orders_returnline SET decided_quantity = decided_quantity + a.quantity,
                accepted_quantity = accepted_quantity + CASE fate_ WHEN 'GIVEN_BACK' THEN 0 ELSE a.quantity END, rule = i->>'rule', decision = i->'decision',
                exception_reason = coalesce(i->>'exception_reason', '') WHERE id = rl.id;
    END IF;
    CASE fate_
        WHEN 'RESTOCKED' THEN
            PERFORM stock_end_hold(a.hold_id, 'RELEASED', actor, coalesce(nullif(i->>'note', ''), 'examined: as sold'), at);
        WHEN 'WRITTEN_OFF' THEN
            PERFORM stock_consume_hold(a.hold_id, 'WRITTEN_OFF', 'WRITTEN_OFF', 'HOUSE', NULL, actor, at, coalesce(nullif(i->>'note', ''), 'examined: ' || lower(i->>'condition')));
        WHEN 'GIVEN_BACK' THEN
            PERFORM stock_consume_hold(a.hold_id, 'HANDED_OVER', 'WITH_CLIENT', 'CLIENT',
                                       (SELECT o.client_id FROM orders_order o WHERE o.id = s.order_id), actor, at, coalesce(nullif(i->>'note', ''), 'given back to her'));
            UPDATE orders_orderline SET returned_quantity = returned_quantity - a.quantity, state = CASE state WHEN 'RETURNED' THEN 'HANDED_OVER' ELSE state END
                WHERE id = s.id;
            PERFORM flows_return_to_wardrobe(s.id, a.piece_id, a.quantity);
        ELSE NULL;
    END CASE;
    UPDATE orders_arrival SET condition = i->>'condition', note = coalesce(i->>'note', ''), fate = fate_,
            deduction_reason = CASE WHEN (i->>'deducted')::bigint > 0 THEN i->>'deduction_reason' ELSE deduction_reason END,
            inspected_at = CASE fate_ WHEN 'WAITING' THEN NULL ELSE at END, inspected_by = actor WHERE id = a.id;
    PERFORM flows_close_return(r.id, at);
    PERFORM vendome_audit(actor, 'orders.inspect', 'return:' || r.id, r.maison_id,
        jsonb_build_object('arrival_id', a.id, 'condition', i->>'condition', 'fate', fate_, 'rule', i->>'rule', 'exception', coalesce(i->>'exception_reason', '') <> '',
                           'document', document->>'document', 'deducted', coalesce((i->>'deducted')::bigint, 0)), at);
    PERFORM vendome_emit('orders.return_inspected', 'return:' || r.id, r.maison_id,
        jsonb_build_object('return_id', r.id, 'arrival_id', a.id, 'condition', i->>'condition', 'fate', fate_, 'document_id', document->>'document'),
        actor, ARRAY['place:' || a.place_id, 'orders'], jsonb_build_object('return', r.id), at);
    answer := jsonb_build_object('return', r.id, 'arrival', a.id, 'document', document);
    PERFORM vendome_once_answer(i->>'scope', i->>'key', answer);
    RETURN answer;
END $$;

-- Money counted out by a person, or given back on the terminal; safe to repeat. Raises orders.not_returnable for tenders of a provider.
CREATE OR REPLACE FUNCTION flows_refund_by_hand(refund uuid, reference text, actor text, at timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    p payments_payment;
    state_ text;
BEGIN
    SELECT * INTO p FROM payments_payment WHERE id = refund AND refund_of_id IS NOT NULL;
    IF p.id IS NULL OR p.tender NOT IN ('CASH', 'TERMINAL', 'IMPORTED') THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    state_ := payments_settle_refund(refund, true, reference, at);
    IF p.state = 'REQUESTED' THEN
        PERFORM vendome_audit(actor, 'payments.refund_by_hand', 'order:' || p.order_id, (SELECT o.maison_id FROM orders_order o WHERE o.id = p.order_id),
                              jsonb_build_object('payment_id', refund, 'tender', p.tender, 'amount', -p.amount), at);
    END IF;
    RETURN state_;
END $$;

-- A refund that failed is asked for again: what its document still owes, from the tenders that have room; of an order that was
-- given up, all that came in. Safe to repeat.
CREATE OR REPLACE FUNCTION flows_refund_again(refund uuid, actor text, at timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    p payments_payment;
    owed bigint;
    bought_on uuid;
BEGIN
    SELECT * INTO p FROM payments_payment WHERE id = refund AND refund_of_id IS NOT NULL;
    IF p.id IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    PERFORM FROM orders_order o WHERE o.id = p.order_id FOR NO KEY UPDATE;
    SELECT coalesce(sum(x.amount), 0) - CASE WHEN o.state = 'CANCELLED' AND NOT EXISTS (
                SELECT FROM orders_orderline l WHERE l.order_id = o.id AND l.credited_quantity > 0) THEN 0 ELSE o.total_amount END
        INTO owed FROM orders_order o
        LEFT JOIN payments_payment x ON x.order_id = o.id
            AND (x.state IN ('CAPTURED', 'REFUNDED') OR (x.state = 'REQUESTED' AND x.refund_of_id IS NOT NULL))
        WHERE o.id = p.order_id GROUP BY o.id;
    IF owed > 0 THEN
        SELECT q.order_id INTO bought_on FROM payments_payment q WHERE q.id = p.refund_of_id;
        PERFORM flows_pay_back(p.order_id, bought_on, owed, NULL, at);
        PERFORM vendome_audit(actor, 'payments.refund_again', 'order:' || p.order_id, (SELECT o.maison_id FROM orders_order o WHERE o.id = p.order_id),
                              jsonb_build_object('payment_id', refund, 'amount', owed), at);
    END IF;
    RETURN greatest(owed, 0);
END $$;
