-- Takes deliveries that are due, the oldest of each endpoint first and no more than its free lanes, so that one that
-- is slow or broken keeps nobody else waiting. Whoever took one has it until its lease ends; a worker that died leaves it to the next.
CREATE OR REPLACE FUNCTION webhooks_claim(
    lanes integer, busy uuid[], in_flight integer[], most integer, lease interval, at timestamptz
) RETURNS TABLE (id uuid, endpoint_id uuid, event_id uuid, number integer) LANGUAGE sql AS $$
    WITH due AS (
        SELECT w.id FROM webhooks_endpoint e
        CROSS JOIN LATERAL (
            SELECT d.id FROM webhooks_delivery d
            WHERE d.endpoint_id = e.id AND d.state = 'WAITING' AND d.next_try_at <= at
            ORDER BY d.next_try_at, d.id
            LIMIT greatest(0, lanes - coalesce((SELECT b.n FROM unnest(busy, in_flight) b (endpoint, n) WHERE b.endpoint = e.id), 0))
            FOR NO KEY UPDATE SKIP LOCKED) w
        WHERE e.state = 'ACTIVE'
        LIMIT most)
    UPDATE webhooks_delivery d SET attempts = d.attempts + 1, next_try_at = at + lease
        FROM due WHERE d.id = due.id
        RETURNING d.id, d.endpoint_id, d.event_id, d.attempts
$$;

-- Writes down what came of an attempt. Only the latest attempt decides; one whose lease had ended is noted and changes nothing.
CREATE OR REPLACE FUNCTION webhooks_settle(
    delivery uuid, number_ integer, status integer, problem_ text, milliseconds_ integer, state_ text, next_try timestamptz, at timestamptz
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webhooks_attempt (id, delivery_id, number, at, status, problem, milliseconds)
        VALUES (vendome_new_id(), delivery, number_, at, status, problem_, milliseconds_)
        ON CONFLICT (delivery_id, number) DO NOTHING;
    UPDATE webhooks_delivery d SET state = state_, next_try_at = next_try, last_status = status, last_problem = problem_,
            delivered_at = CASE WHEN state_ = 'DELIVERED' THEN at END
        WHERE d.id = delivery AND d.attempts = number_ AND d.state = 'WAITING';
    RETURN FOUND;
END $$;
