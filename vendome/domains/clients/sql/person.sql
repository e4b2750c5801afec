-- Every record of one person: hers, those merged with it in either direction, and, where asked for, those of her household.
CREATE OR REPLACE FUNCTION clients_records(client uuid, with_household boolean DEFAULT false) RETURNS uuid[]
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE web (id) AS (
        SELECT client
        UNION
        SELECT x.other FROM web CROSS JOIN LATERAL (
            SELECT m.kept_id AS other FROM clients_merge m WHERE m.absorbed_id = web.id AND m.undone_at IS NULL
            UNION ALL
            SELECT m.absorbed_id FROM clients_merge m WHERE m.kept_id = web.id AND m.undone_at IS NULL
            UNION ALL
            SELECT t.other_id FROM clients_tie t WHERE with_household AND t.kind = 'HOUSEHOLD' AND t.client_id = web.id
            UNION ALL
            SELECT t.client_id FROM clients_tie t WHERE with_household AND t.kind = 'HOUSEHOLD' AND t.other_id = web.id
        ) x
    )
    SELECT array_agg(web.id ORDER BY web.id) FROM web
$$;

-- One id for the person behind a record, whichever of her records is named.
CREATE OR REPLACE FUNCTION clients_person(client uuid, with_household boolean DEFAULT false) RETURNS uuid
LANGUAGE sql STABLE AS $$
    SELECT (clients_records(client, with_household))[1]
$$;
