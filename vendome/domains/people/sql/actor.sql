-- Who this account is, and at which places each of her roles holds today; one statement for one request.
CREATE OR REPLACE FUNCTION people_roles(staff uuid, maison uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('role', g.role, 'places', g.places)), '[]')
    FROM (
        SELECT g.role,
               CASE WHEN g.place_id IS NULL AND g.region = '' THEN NULL
                    WHEN g.place_id IS NOT NULL THEN jsonb_build_array(g.place_id)
                    ELSE (SELECT coalesce(jsonb_agg(p.id), '[]') FROM house_place p
                          WHERE p.maison_id = maison AND p.region = g.region)
               END AS places
        FROM people_rolegrant g WHERE g.staff_id = staff AND g.during @> current_date
        UNION ALL
        SELECT s.role, jsonb_build_array(s.place_id) FROM people_secondment s
        WHERE s.staff_id = staff AND s.during @> current_date
    ) g
$$;

CREATE OR REPLACE FUNCTION people_actor(account uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'account', a.id, 'session_epoch', a.session_epoch, 'client', a.client_id,
        'staff', s.id, 'maison', s.maison_id, 'place', coalesce(sec.place_id, s.home_place_id),
        'name', s.given_name || ' ' || s.family_name,
        'ended_sessions', (SELECT jsonb_agg(e.session) FROM people_endedsession e WHERE e.account_id = a.id AND e.until_at > now()),
        'roles', CASE WHEN s.id IS NULL THEN '[]'::jsonb ELSE people_roles(s.id, s.maison_id) END)
    FROM people_account a
    LEFT JOIN people_staff s ON s.account_id = a.id AND (s.ended_date IS NULL OR s.ended_date > current_date)
    LEFT JOIN people_secondment sec ON sec.staff_id = s.id AND sec.during @> current_date
    WHERE a.id = account AND a.is_active
$$;

CREATE OR REPLACE FUNCTION people_actor_for_token(hash bytea) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('app', t.id, 'name', t.name, 'maison', t.maison_id, 'place', t.home_place_id,
        'roles', (SELECT jsonb_agg(jsonb_build_object('role', r, 'places', NULL)) FROM unnest(t.roles) r))
    FROM people_apitoken t
    WHERE t.token_hash = hash AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
$$;
