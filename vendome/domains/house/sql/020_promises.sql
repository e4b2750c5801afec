-- When a place works and how long it needs. Safe to repeat.
CREATE OR REPLACE FUNCTION house_set_calendar(
    place uuid, maison uuid, cut_off_ time, preparation integer, closed date[], actor text, at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE house_place SET cut_off = cut_off_, preparation_days = preparation, closed_dates = ARRAY(SELECT DISTINCT d FROM unnest(closed) d ORDER BY d)
        WHERE id = place AND maison_id = maison;
    IF NOT FOUND THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    PERFORM vendome_audit(actor, 'house.set_calendar', 'place:' || place, maison,
                          jsonb_build_object('cut_off', cut_off_, 'preparation_days', preparation, 'closed_dates', closed), at);
END $$;

-- Notes from when on and for which ways a partner lets its stock be promised. What ran before ends the day before; no way at
-- all ends it. The place is a partner's own, else it is not there.
CREATE OR REPLACE FUNCTION house_agree(place uuid, maison uuid, modes_ text[], since date, paper_ text, actor text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('agreement:' || place, 0));
    IF NOT EXISTS (SELECT FROM house_place p WHERE p.id = place AND p.maison_id = maison AND p.owner <> 'HOUSE') THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    DELETE FROM house_partneragreement WHERE place_id = place AND lower(during) >= since;
    UPDATE house_partneragreement SET during = daterange(lower(during), since) WHERE place_id = place AND during @> since;
    IF cardinality(modes_) > 0 THEN
        INSERT INTO house_partneragreement (id, place_id, modes, during, paper, noted_by, noted_at)
            VALUES (vendome_new_id(), place, modes_, daterange(since, NULL), paper_, actor, at);
    END IF;
    PERFORM vendome_audit(actor, 'house.agree', 'place:' || place, maison,
                          jsonb_build_object('modes', modes_, 'since', since, 'paper', paper_), at);
END $$;
