"""Building blocks for tables: ids, append-only tables, localised text."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.special import RunSQL

from vendome.kit.ids import new_id


class Row(models.Model):
    """A table whose key is a UUIDv7 made by us."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


def append_only(table: str) -> Operation:
    """Migration step: rows of `table` can be added, never changed, deleted or truncated."""
    return RunSQL(
        f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION vendome_refuse_change();
        CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION vendome_refuse_change();
        """,
        f"DROP TRIGGER {table}_append_only ON {table}; DROP TRIGGER {table}_never_emptied ON {table};",
    )


def in_language(texts: dict[str, Any], language: str) -> str:
    """The text in `language`, else in English, else in whichever there is."""
    for code in (language, "en", *texts):
        if texts.get(code):
            return str(texts[code])
    return ""


def as_uuid(value: str | uuid.UUID) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)
