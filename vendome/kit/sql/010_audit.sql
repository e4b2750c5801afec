-- Appends one audit entry; it is sealed into the chain by vendome_audit_seal moments later.
CREATE OR REPLACE FUNCTION vendome_audit(
    actor text, action text, subject text, maison uuid, detail jsonb DEFAULT '{}', at timestamptz DEFAULT now()
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO kit_auditentry (id, at, actor, action, subject, maison_id, detail)
    VALUES (vendome_new_id(), at, actor, action, subject, maison, detail)
$$;

-- What is hashed: every field, unambiguously (a JSON array), after the hash of the entry before.
CREATE OR REPLACE FUNCTION vendome_audit_digest(prev bytea, seq bigint, entry kit_auditentry) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(prev || convert_to(jsonb_build_array(
        seq, entry.id, (extract(epoch FROM entry.at) * 1000000)::bigint, entry.actor, entry.action,
        entry.subject, entry.maison_id, entry.detail)::text, 'UTF8'))
$$;

-- Seals up to `most` entries, oldest first, one sealer at a time; returns how many.
CREATE OR REPLACE FUNCTION vendome_audit_seal(most integer DEFAULT 5000) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    entry kit_auditentry;
    seq bigint;
    link bytea;
    sealed integer := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('vendome.audit.seal', 0)) THEN
        RETURN 0;
    END IF;
    SELECT e.chain_seq, e.hash INTO seq, link FROM kit_auditentry e
        WHERE e.chain_seq IS NOT NULL ORDER BY e.chain_seq DESC LIMIT 1;
    seq := coalesce(seq, 0);
    link := coalesce(link, sha256('vendome.audit.genesis'));
    FOR entry IN SELECT * FROM kit_auditentry e WHERE e.chain_seq IS NULL ORDER BY e.at, e.id LIMIT most LOOP
        seq := seq + 1;
        UPDATE kit_auditentry SET chain_seq = seq, prev_hash = link, hash = vendome_audit_digest(link, seq, entry)
            WHERE id = entry.id RETURNING hash INTO link;
        sealed := sealed + 1;
    END LOOP;
    RETURN sealed;
END $$;

-- Sealing is the only change an entry ever sees, and it sees it once.
CREATE OR REPLACE FUNCTION vendome_audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.chain_seq IS NULL AND NEW.chain_seq IS NOT NULL
        AND (OLD.id, OLD.at, OLD.actor, OLD.action, OLD.subject, OLD.detail)
            = (NEW.id, NEW.at, NEW.actor, NEW.action, NEW.subject, NEW.detail)
        AND OLD.maison_id IS NOT DISTINCT FROM NEW.maison_id
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Audit entries are never changed or deleted'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'audit_append_only';
END $$;

-- The first link that does not hold, or nothing when the whole chain does.
CREATE OR REPLACE FUNCTION vendome_audit_verify() RETURNS TABLE (broken_seq bigint, reason text)
LANGUAGE sql STABLE AS $$
    WITH chain AS (
        SELECT e AS entry, e.chain_seq, e.prev_hash, e.hash,
               lag(e.hash, 1, sha256('vendome.audit.genesis')) OVER by_link AS before,
               row_number() OVER by_link AS expected
        FROM kit_auditentry e WHERE e.chain_seq IS NOT NULL
        WINDOW by_link AS (ORDER BY e.chain_seq)
    )
    SELECT chain_seq, CASE
        WHEN chain_seq <> expected THEN 'an entry is missing before this one'
        WHEN prev_hash IS DISTINCT FROM before THEN 'it does not continue the entry before it'
        ELSE 'its content does not match its seal' END
    FROM chain
    WHERE chain_seq <> expected OR prev_hash IS DISTINCT FROM before
       OR hash IS DISTINCT FROM vendome_audit_digest(before, chain_seq, entry)
    ORDER BY chain_seq LIMIT 1
$$;

CREATE OR REPLACE TRIGGER kit_auditentry_append_only BEFORE UPDATE OR DELETE ON kit_auditentry
    FOR EACH ROW EXECUTE FUNCTION vendome_audit_guard();
CREATE OR REPLACE TRIGGER kit_auditentry_never_emptied BEFORE TRUNCATE ON kit_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION vendome_refuse_change();
