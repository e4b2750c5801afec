"""A cache that all processes of a house share: one unlogged table, values as JSON.

For what must be counted once, such as failed sign-ins; nothing that is asked for often belongs here.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class SharedCache(BaseCache):
    """Django's cache interface over `kit_cache`. `add` is atomic between processes, so that it can serve as a lock."""

    def __init__(self, table: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        found = self._run(
            "SELECT value FROM kit_cache WHERE key = %s AND until_at > clock_timestamp()", [self._key(key, version)]
        )
        return json.loads(found[0]) if found else default

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._run(
            "INSERT INTO kit_cache (key, value, until_at) VALUES (%s, %s, %s) ON CONFLICT (key) DO UPDATE "
            "SET value = EXCLUDED.value, until_at = EXCLUDED.until_at RETURNING 1",
            [self._key(key, version), json.dumps(value), self._until(timeout)],
        )

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store unless there is a value that has not run out; True when it was stored."""
        done = self._run(
            "INSERT INTO kit_cache (key, value, until_at) VALUES (%s, %s, %s) ON CONFLICT (key) DO UPDATE "
            "SET value = EXCLUDED.value, until_at = EXCLUDED.until_at WHERE kit_cache.until_at <= clock_timestamp() "
            "RETURNING 1",
            [self._key(key, version), json.dumps(value), self._until(timeout)],
        )
        return done is not None

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        query = "UPDATE kit_cache SET until_at = %s WHERE key = %s AND until_at > clock_timestamp() RETURNING 1"
        return self._run(query, [self._until(timeout), self._key(key, version)]) is not None

    def delete(self, key: str, version: int | None = None) -> bool:
        query = "DELETE FROM kit_cache WHERE key = %s RETURNING 1"
        return self._run(query, [self._key(key, version)]) is not None

    def clear(self) -> None:
        self._run("WITH gone AS (DELETE FROM kit_cache RETURNING 1) SELECT count(*) FROM gone", [])

    def _key(self, key: str, version: int | None) -> str:
        return self.make_and_validate_key(key, version)

    def _until(self, timeout: Any) -> datetime:
        seconds = self.get_backend_timeout(timeout)
        return NEVER if seconds is None else datetime.fromtimestamp(seconds, UTC)

    def _run(self, query: str, parameters: list[Any]) -> tuple[Any, ...] | None:
        with connection.cursor() as cursor:
            cursor.execute(query, parameters)
            found: tuple[Any, ...] | None = cursor.fetchone()
            return found


def remove_expired() -> int:
    """Delete what has run out; a job asks for it now and then. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kit_cache WHERE until_at <= clock_timestamp()")
        return int(cursor.rowcount)
