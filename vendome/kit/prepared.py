"""The hottest statements: prepared once on each connection, run by one call of libpq, one value as it arrives.

A psycopg cursor costs some 50 µs of CPU a statement in adaptation and generators; this costs 13. It is worth it only
where a statement is all that a request does (ADR 0008): everything else uses `vendome.kit.sql`.
"""

from __future__ import annotations

import hashlib
import uuid
import weakref
from datetime import datetime
from typing import Any, cast

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from vendome.kit import sql

type Parameter = str | int | bool | uuid.UUID | datetime | None

_known: weakref.WeakKeyDictionary[psycopg.Connection[Any], set[bytes]] = weakref.WeakKeyDictionary()


class Statement:
    """One statement with `$1`-style parameters, whose types PostgreSQL infers from their use.

    Fails as `sql.value` does: expected failures as DomainErrors, contention tried again and then Busy.
    `repeatable`: it may be sent again when the server cut an idle connection.
    """

    def __init__(self, query: str, *, repeatable: bool) -> None:
        self.query = query
        self.repeatable = repeatable
        self._query = query.encode()
        self._name = b"vendome_" + hashlib.sha256(self._query).hexdigest()[:16].encode()

    def text(self, *parameters: Parameter) -> bytes | None:
        """First column of the first row, as PostgreSQL writes it."""
        result = self._run(parameters)
        found: bytes | None = result.get_value(0, 0) if result.ntuples else None
        return found

    def _run(self, parameters: tuple[Parameter, ...]) -> Any:
        written = [_written(one) for one in parameters]
        try:
            return sql.attempted(lambda: self._send(written))
        except psycopg.DatabaseError:
            if not self.repeatable or not _is_cut():
                raise
            return sql.attempted(lambda: self._send(written))

    def _send(self, written: list[bytes | None]) -> Any:
        connection = sql.raw()
        names = _known.get(connection)
        if names is None:
            names = _known[connection] = set()
        if self._name not in names:
            _checked(connection.pgconn.prepare(self._name, self._query))
            names.add(self._name)
        return _checked(connection.pgconn.exec_prepared(self._name, cast("Any", written)))  # None is NULL


def _checked(result: Any) -> Any:
    if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        raise error_from_result(result)
    return result


def _is_cut() -> bool:
    from django.db import connection

    raw = connection.connection
    return raw is not None and raw.closed and not connection.in_atomic_block


def _written(value: Parameter) -> bytes | None:
    """A parameter in PostgreSQL's text format."""
    if value is None:
        return None
    if value is True:
        return b"t"
    if value is False:
        return b"f"
    return value.isoformat().encode() if isinstance(value, datetime) else str(value).encode()
