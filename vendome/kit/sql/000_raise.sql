-- An expected failure: the code of a DomainError, with details a program can act on.
CREATE OR REPLACE FUNCTION vendome_fail(code text, details jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'VD001', MESSAGE = code, DETAIL = details::text;
END $$;
