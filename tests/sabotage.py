"""Functions of the database written otherwise, for controls: the same test without its defence has to fail."""

from __future__ import annotations

from django.db import connection


def changed(function: str, old: str, new: str) -> str:
    """A function with one passage written otherwise; fails when it is not there, as nothing would be proven."""
    return f"""DO $do$
        DECLARE
            body text := pg_get_functiondef('{function}'::regproc);
        BEGIN
            ASSERT position($q${old}$q$ IN body) > 0, '{function} has no such passage';
            EXECUTE replace(body, $q${old}$q$, $q${new}$q$);
        END $do$"""


def change(function: str, old: str, new: str) -> None:
    """The same at once, for the rest of this test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(changed(function, old, new))
