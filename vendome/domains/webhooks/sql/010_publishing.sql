-- Gives public events their places in the stream, in their order, and writes what is owed to each endpoint, in the transaction
-- that marks the events as handled. The lock is kept until the commit, so positions become visible in their own order: a reader
-- that has seen one has seen all before it. An event of the kind `test` is for the one endpoint it names. Safe to repeat.
DROP FUNCTION IF EXISTS webhooks_publish(uuid, uuid, text, text, timestamptz, uuid, timestamptz);
CREATE OR REPLACE FUNCTION webhooks_publish(events uuid[], test text, at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    owed integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('vendome.stream', 0));
    INSERT INTO webhooks_published (event_id, maison_id, kind)
        SELECT x.id, x.maison_id, x.kind FROM kit_outboxevent x
        WHERE x.id = ANY (events) AND x.maison_id IS NOT NULL AND x.kind <> test
        ORDER BY x.seq
        ON CONFLICT (event_id) DO NOTHING;
    INSERT INTO webhooks_delivery (id, endpoint_id, event_id, kind, subject, occurred_at, created_at, state, next_try_at)
        SELECT vendome_new_id(), e.id, x.id, x.kind, x.subject, x.occurred_at, at, 'WAITING', at
        FROM kit_outboxevent x JOIN webhooks_endpoint e ON e.maison_id = x.maison_id AND e.state <> 'ENDED'
        WHERE x.id = ANY (events)
          AND CASE WHEN x.kind = test THEN e.id::text = x.payload->>'endpoint_id'
                   ELSE e.kinds = '{}' OR x.kind = ANY (e.kinds) END
        ORDER BY x.seq
        ON CONFLICT (endpoint_id, event_id) DO NOTHING;
    GET DIAGNOSTICS owed = ROW_COUNT;
    RETURN owed;
END $$;

-- A page of the stream: positions after the one known, of the kinds asked for (none: all). One row more than `most` tells
-- that there is more.
CREATE OR REPLACE FUNCTION webhooks_stream(maison uuid, after_ bigint, kinds text[], most integer)
RETURNS TABLE (place bigint, event jsonb) LANGUAGE sql STABLE AS $$
    SELECT p.position, jsonb_build_object('event_id', e.id, 'kind', e.kind, 'subject', e.subject, 'maison_id', p.maison_id,
               'occurred_at', e.occurred_at, 'seq', e.seq, 'payload', e.payload)
    FROM webhooks_published p JOIN kit_outboxevent e ON e.id = p.event_id
    WHERE p.maison_id = maison AND p.position > after_ AND (kinds = '{}' OR p.kind = ANY (kinds))
    ORDER BY p.position LIMIT most + 1
$$;

-- Forgets what was delivered before `before`: outbox rows, their marks and their places in the stream. Looks at up to `most` rows
-- after `after_` and answers how many are gone and where to go on, nothing once younger rows are reached.
-- What is still to be delivered here, or is owed or given up at an endpoint, stays whatever its age.
CREATE OR REPLACE FUNCTION webhooks_forget(before timestamptz, after_ bigint, most integer, OUT removed integer, OUT until bigint)
LANGUAGE plpgsql AS $$
DECLARE
    old uuid[];
BEGIN
    SELECT array_agg(x.id) FILTER (WHERE x.occurred_at < before AND x.delivered_at < before AND NOT EXISTS (
               SELECT FROM webhooks_delivery d WHERE d.event_id = x.id AND d.state <> 'DELIVERED')),
           CASE WHEN count(*) = most AND bool_and(x.occurred_at < before) THEN max(x.seq) END
        INTO old, until
        FROM (SELECT * FROM kit_outboxevent e WHERE e.seq > after_ ORDER BY e.seq LIMIT most) x;
    INSERT INTO webhooks_streamstart (maison_id, removed_position)
        SELECT p.maison_id, max(p.position) FROM webhooks_published p WHERE p.event_id = ANY (old) GROUP BY p.maison_id
        ON CONFLICT (maison_id) DO UPDATE
            SET removed_position = greatest(webhooks_streamstart.removed_position, excluded.removed_position);
    DELETE FROM webhooks_published p WHERE p.event_id = ANY (old);
    DELETE FROM kit_inbox i WHERE i.event_id = ANY (old);
    DELETE FROM kit_outboxevent e WHERE e.id = ANY (old);
    removed := coalesce(cardinality(old), 0);
END $$;
