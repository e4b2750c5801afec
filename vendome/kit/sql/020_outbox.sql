-- Writes one event in the running transaction. The topic `orders` is each maison's own. Listeners are woken after commit
-- (vendome.kit.outbox.wake): a NOTIFY inside the transaction would make all commits queue behind one lock.
CREATE OR REPLACE FUNCTION vendome_emit(
    kind text, subject text, maison uuid, payload jsonb, actor text,
    topics text[] DEFAULT '{}', live jsonb DEFAULT NULL, at timestamptz DEFAULT now()
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO kit_outboxevent (id, kind, subject, maison_id, payload, topics, live, actor, occurred_at, attempts, last_error)
    VALUES (vendome_new_id(), kind, subject, maison, payload, array_replace(topics, 'orders', 'orders:' || coalesce(maison::text, '')), live, actor, at, 0, '')
$$;

-- Claims an idempotency key for this transaction. NULL: the key is new, do the work and store the answer.
-- Otherwise the answer given before; the same key with another body fails.
CREATE OR REPLACE FUNCTION vendome_once(scope_ text, key_ text, request bytea) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    known kit_idempotencykey;
BEGIN
    INSERT INTO kit_idempotencykey (scope, key, request_hash, created_at)
        VALUES (scope_, key_, request, now()) ON CONFLICT (scope, key) DO NOTHING;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    SELECT * INTO STRICT known FROM kit_idempotencykey k WHERE k.scope = scope_ AND k.key = key_;
    IF known.request_hash <> request THEN
        PERFORM vendome_fail('idempotency.body_changed');
    END IF;
    RETURN known.response;
END $$;

CREATE OR REPLACE FUNCTION vendome_once_answer(scope_ text, key_ text, answer jsonb) RETURNS void LANGUAGE sql AS $$
    UPDATE kit_idempotencykey SET response = answer WHERE scope = scope_ AND key = key_
$$;
