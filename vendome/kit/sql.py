"""The hot path: finished answers from SQL functions, called as server-side prepared statements.

Each app keeps its functions in `sql/*.sql`, written `CREATE OR REPLACE`; `install()` runs after every
migration, so that a function is code like any other and never needs a migration of its own.
A function fails with SQLSTATE VD001, the error's code as message and its details as JSON.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, connections, transaction

from vendome.kit.errors import Busy, DomainError

EXPECTED_FAILURE = "VD001"
TRIES = 4


def files() -> Iterator[Path]:
    """Every SQL file of the installed apps, in the order of the apps, then by name."""
    for config in apps.get_app_configs():
        if config.name.startswith("vendome."):
            yield from sorted((Path(config.path) / "sql").glob("*.sql"))


def install() -> int:
    """Create or replace every SQL function; returns how many files were run."""
    count = 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('vendome.sql.install', 0))")
        cursor.execute("SET LOCAL check_function_bodies = off")  # functions may name later ones
        for count, path in enumerate(files(), start=1):  # noqa: B007  # the count outlives the loop
            cursor.execute(path.read_text(encoding="utf-8"))
    return count


def raw() -> psycopg.Connection[tuple[Any, ...]]:
    """Django's own psycopg connection for this thread, opened if need be, and again if the server cut it."""
    own = connections[DEFAULT_DB_ALIAS]  # looked up once: each use of the proxy looks it up anew
    if own.connection is None or (own.connection.closed and not own.in_atomic_block):
        own.close()
        own.ensure_connection()
    found: psycopg.Connection[tuple[Any, ...]] = own.connection
    return found


def value(query: str, parameters: Sequence[Any] = ()) -> Any:
    """First column of the first row of a prepared statement; `$1`-style is not needed, use %s.

    Expected failures come out as their DomainError. A deadlock, a serialisation failure or a lock
    time-out is tried again unless a transaction of the caller's is open, then raised as Busy.
    """
    found = row(query, parameters)
    return found[0] if found else None


def document(query: str, parameters: Sequence[Any] = ()) -> Any:
    """As `value`, for a statement that answers JSON; Django hands JSON over as text."""
    found = value(query, parameters)
    return None if found is None else json.loads(found)


def row(query: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None:
    found: tuple[Any, ...] | None = _execute(query, parameters, lambda cursor: cursor.fetchone())
    return found


def rows(query: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = _execute(query, parameters, lambda cursor: cursor.fetchall())
    return found


def _execute(query: str, parameters: Sequence[Any] | Mapping[str, Any], fetch: Any) -> Any:
    def run() -> Any:
        with psycopg.Cursor(raw()) as cursor:
            cursor.execute(query, parameters, prepare=True)
            return fetch(cursor)

    return attempted(run)


def attempted[T](run: Callable[[], T]) -> T:
    """Run a statement; its expected failures come out as DomainErrors, contention is tried again (see `value`)."""
    is_nested = connections[DEFAULT_DB_ALIAS].in_atomic_block
    tries = 1 if is_nested else TRIES
    attempt = 1
    while True:
        try:
            if not is_nested:
                return run()
            with transaction.atomic():  # a savepoint, so that a refusal leaves the caller's transaction usable
                return run()
        except psycopg.errors.RaiseException as error:
            raise_expected(error)
            raise
        except psycopg.IntegrityError as error:  # as Django's own, so that callers catch one class
            raise IntegrityError(*error.args) from error
        except psycopg.Error as error:
            if error.sqlstate == EXPECTED_FAILURE:
                raise_expected(error)
            if not isinstance(error, CONTENTION):
                raise
            if attempt == tries:
                raise Busy() from error
            time.sleep(0.01 * attempt)
            attempt += 1


CONTENTION = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.LockNotAvailable,
)


def raise_expected(error: psycopg.Error) -> None:
    """Turn SQLSTATE VD001 into the DomainError it names; anything else is left to the caller."""
    if error.sqlstate != EXPECTED_FAILURE:
        return
    code = error.diag.message_primary or "error"
    details = json.loads(error.diag.message_detail or "{}")
    known = DomainError.catalogue.get(code, DomainError)
    raise known(**details) from error
