-- Clients by exact phone, e-mail or code first, then by name with room for typos; never what they spent.
-- A protected client is found by her own identifiers, by her own advisor, or with the right to read protected
-- files; by nobody else, and not by browsing names.
CREATE OR REPLACE FUNCTION clients_search(
    maison uuid, query text, digits text, staff uuid, may_protected boolean, most integer
) RETURNS TABLE (id uuid, name text, city text, country varchar, is_protected boolean, advisor text, place text,
                 matched_by text, score real)
LANGUAGE plpgsql STABLE SET pg_trgm.word_similarity_threshold = 0.45 AS $$
DECLARE
    folded text := vendome_fold(query);
BEGIN
    RETURN QUERY
    WITH exact AS (
        SELECT i.client_id, min(i.kind) AS kind FROM clients_identifier i
        WHERE i.maison_id = maison AND i.ended_at IS NULL AND (
              (i.kind = 'EMAIL' AND i.value = folded)
           OR (i.kind IN ('LOYALTY', 'EXTERNAL', 'WECHAT') AND i.value = query)
           OR (i.kind = 'PHONE' AND length(digits) >= 6 AND reverse(i.value) LIKE reverse(digits) || '%'))
        GROUP BY 1 LIMIT most
    ), named AS (
        SELECT c.id, word_similarity(folded, c.search_name) AS score
        FROM clients_client c
        WHERE NOT EXISTS (SELECT FROM exact) AND length(folded) >= 2 AND c.maison_id = maison AND folded <% c.search_name
        ORDER BY score DESC, similarity(folded, c.search_name) DESC, c.id LIMIT most * 3
    ), found AS (
        SELECT e.client_id AS id, 1.0::real AS score, lower(e.kind) AS how FROM exact e
        UNION ALL
        SELECT n.id, n.score, 'name' FROM named n
    )
    SELECT c.id, c.given_name || ' ' || c.family_name, c.home_city, c.home_country, c.is_protected,
           coalesce(s.given_name || ' ' || s.family_name, ''), coalesce(p.name, ''), f.how, f.score
    FROM found f
    JOIN clients_client c ON c.id = f.id
    LEFT JOIN people_staff s ON s.id = c.advisor_id
    LEFT JOIN house_place p ON p.id = c.home_place_id
    WHERE NOT EXISTS (SELECT FROM clients_merge m WHERE m.absorbed_id = c.id AND m.undone_at IS NULL)
      AND (NOT c.is_protected OR f.how <> 'name' OR may_protected OR c.advisor_id = staff)
    ORDER BY f.score DESC, similarity(folded, c.search_name) DESC, c.id LIMIT most;
END $$;
