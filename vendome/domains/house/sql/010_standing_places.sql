-- The one place of a maison for what is on its way (TRANSIT) or with clients and still the house's (CLIENT_HOME); made when it
-- is first needed, beside the maison's first place. It is visible to nobody and sells nothing.
CREATE OR REPLACE FUNCTION house_standing_place(maison uuid, kind_ text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    found_ uuid;
BEGIN
    SELECT p.id INTO found_ FROM house_place p WHERE p.maison_id = maison AND p.kind = kind_ ORDER BY p.position, p.id LIMIT 1;
    IF found_ IS NULL THEN
        INSERT INTO house_place (id, maison_id, market_id, code, kind, name, city, country, region, timezone, address, postcode, phone,
                                 languages, hours, story, is_visible, sells_online, offers_collection, ships, owner, position)
            SELECT vendome_new_id(), maison, p.market_id, CASE kind_ WHEN 'TRANSIT' THEN 'transit' ELSE 'client-homes' END, kind_,
                   CASE kind_ WHEN 'TRANSIT' THEN 'On the way' ELSE 'With clients' END, '', p.country, p.region, 'UTC', '{}', '', '',
                   '{}', '{}', '{}', false, false, false, false, 'HOUSE', 9000
            FROM house_place p WHERE p.maison_id = maison ORDER BY p.position, p.id LIMIT 1
            ON CONFLICT (maison_id, code) DO NOTHING;
        SELECT p.id INTO STRICT found_ FROM house_place p WHERE p.maison_id = maison AND p.kind = kind_ ORDER BY p.position, p.id LIMIT 1;
    END IF;
    RETURN found_;
END $$;
