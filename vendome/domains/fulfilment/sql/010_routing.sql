-- Writes the rules of a maison for a channel anew, in the order given; none at all gives the channel back to the usual ones.
CREATE OR REPLACE FUNCTION fulfilment_set_rules(maison uuid, channel_ text, kinds text[], steps integer[], actor text, at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('routing:' || maison || ':' || channel_, 0));
    DELETE FROM fulfilment_routingrule WHERE maison_id = maison AND channel = channel_;
    INSERT INTO fulfilment_routingrule (id, maison_id, channel, position, kind, step)
        SELECT vendome_new_id(), maison, channel_, x.n, x.kind, x.step FROM unnest(kinds, steps) WITH ORDINALITY x (kind, step, n);
    PERFORM vendome_audit(actor, 'fulfilment.set_rules', 'maison:' || maison, maison,
                          jsonb_build_object('channel', channel_, 'kinds', kinds, 'steps', steps), at);
END $$;
