-- Writes down that a line took a step: who, when, where.
CREATE OR REPLACE FUNCTION orders_note_step(line uuid, state text, place uuid, actor text, note text, at timestamptz) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO orders_linestep (id, line_id, state, place_id, actor, note, at)
    VALUES (vendome_new_id(), line, state, place, actor, note, at)
$$;

-- A line goes from one state to another, once. Fails with orders.line_not_ready when it is in none of `before`.
CREATE OR REPLACE FUNCTION orders_step(line uuid, before text[], after text, place uuid, actor text, note text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE orders_orderline SET state = after WHERE id = line AND state = ANY (before);
    IF NOT FOUND THEN
        PERFORM vendome_fail('orders.line_not_ready', jsonb_build_object('order_line_id', line));
    END IF;
    PERFORM orders_note_step(line, after, place, actor, note, at);
END $$;
