"""PostgreSQL extensions and the small functions that tables are built on."""

from django.contrib.postgres.operations import (
    BtreeGistExtension,
    CITextExtension,
    CreateExtension,
    TrigramExtension,
    UnaccentExtension,
)
from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION vendome_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;

-- Lower case without accents: 'Éléonore' and 'eleonore' read the same. Immutable, so that it can be indexed.
CREATE FUNCTION vendome_fold(text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN lower(public.unaccent('public.unaccent'::regdictionary, $1));
"""

# UUID version 7 (RFC 9562): milliseconds, then their fraction (so that ids of one row's history sort), then
# random bits. PostgreSQL 18 brings its own; before that, the same in SQL.
NEW_ID = """
DO $do$ BEGIN
    IF current_setting('server_version_num')::integer >= 180000 THEN
        CREATE FUNCTION vendome_new_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS 'SELECT uuidv7()';
    ELSE
        CREATE FUNCTION vendome_new_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
            SELECT (lpad(to_hex(us / 1000), 12, '0') || to_hex(28672 + us % 1000 * 4096 / 1000)
                    || right(replace(gen_random_uuid()::text, '-', ''), 16))::uuid
            FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS us) now
        $$;
    END IF;
END $do$;
"""

# Only taste and knowledge search need vectors; a server without pgvector runs everything else.
VECTOR = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector') THEN
        CREATE EXTENSION IF NOT EXISTS vector;
    END IF;
END $$;
"""

REVERSE = """
DROP FUNCTION vendome_new_id();
DROP FUNCTION vendome_fold(text);
DROP FUNCTION vendome_refuse_change();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        BtreeGistExtension(),
        CITextExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        CreateExtension("fuzzystrmatch"),
        CreateExtension("cube"),
        CreateExtension("earthdistance"),
        migrations.RunSQL(VECTOR, migrations.RunSQL.noop),
        migrations.RunSQL(NEW_ID, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, REVERSE),
    ]
