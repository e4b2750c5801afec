"""What every test has: a database of the run's own, no network, templates that may not read unknown names."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.db.backends.base.creation import BaseDatabaseCreation
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import override_settings

from tests.factories.fixtures import house, other_house  # noqa: F401  # fixtures for every folder


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screens", action="store_true", help="keep the browser tests' pictures in docs/screenshots")


LONG = ("tests/bench/test_crash.py", "tests/bench/test_drop.py", "tests/model/", "tests/mutants/")
"""Long proofs that leave the run’s database as it is. They begin first: none is left to run alone at the end."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_configure() -> None:
    """The run's database goes at its end whoever still looks at it, PostgreSQL's own housekeeping included."""

    def destroy(self: BaseDatabaseCreation, name: str, verbosity: int) -> None:
        with self._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {self.connection.ops.quote_name(name)} WITH (FORCE)")

    BaseDatabaseCreation._destroy_test_db = destroy  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Start the run's own PostgreSQL just before the test database is made in it."""
    if "DATABASE_URL" not in os.environ:
        request.getfixturevalue("cluster")


@pytest.fixture(scope="session", autouse=True)
def _passwords_cost_nothing() -> Iterator[None]:
    """The house hashes slowly on purpose; a hundred people signing in to tests need not."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def _ledgers_can_be_emptied() -> Iterator[None]:
    """Between tests with real commits every table is emptied, those that refuse to lose a row included."""
    flush = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, *args: Any, **kwargs: Any) -> list[str]:
        statements = flush(self, *args, **kwargs)
        return ["SET LOCAL session_replication_role = replica", *statements] if statements else statements

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Actors are remembered for two seconds in a process; a test's people must not act in the next one.

    Nor may a test put another connection in the place of the run's: nobody closes that one before the database goes.
    """
    own = connections["default"]
    yield
    assert connections["default"] is own, "This test left another database connection behind in its own thread."
    people = sys.modules.get("vendome.domains.people.queries")
    if people is not None:
        people.forget_actors()
    outbox = sys.modules.get("vendome.kit.outbox")
    if outbox is not None:
        outbox.stop_waking()
    admission = sys.modules.get("vendome.config.admission")
    if admission is not None:
        admission.close()  # lent to the requests of a test that asked the whole application
