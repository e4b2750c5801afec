-- Whether an actor may read one more file today; a file once read today stays open. Told to the privacy officer once a day.
CREATE OR REPLACE FUNCTION clients_may_read(actor_ text, client_ uuid, maison uuid, most integer, at timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    today date := (at AT TIME ZONE 'UTC')::date;
    n bigint;
BEGIN
    PERFORM FROM clients_filereading r WHERE r.actor = actor_ AND r.day = today AND r.client_id = client_;
    IF FOUND THEN
        RETURN true;
    END IF;
    SELECT count(*) INTO n FROM clients_filereading r WHERE r.actor = actor_ AND r.day = today;
    IF n < most THEN
        INSERT INTO clients_filereading (actor, day, client_id) VALUES (actor_, today, client_) ON CONFLICT DO NOTHING;
        RETURN true;
    END IF;
    IF NOT EXISTS (SELECT FROM kit_outboxevent e WHERE e.kind = 'clients.reading_limit_reached' AND e.subject = actor_
                   AND e.occurred_at >= today) THEN
        PERFORM vendome_emit('clients.reading_limit_reached', actor_, maison, jsonb_build_object('actor', actor_, 'files', n), actor_,
                             '{}', NULL, at);
    END IF;
    RETURN false;
END $$;
