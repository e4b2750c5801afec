"""Races run on a copy of the test database, with real threads and real commits; the copy is thrown away."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from tests.factories.small_house import SmallHouse, make_small_house
from vendome.connectors.card_test.provider import TestCard
from vendome.domains.payments import ports
from vendome.kit import outbox
from vendome.kit.errors import DomainError


@dataclass
class Outcome:
    """What became of every attempt of a race."""

    won: list[Any] = field(default_factory=list)
    refused: list[DomainError] = field(default_factory=list)
    broken: list[BaseException] = field(default_factory=list)


def race(*attempts: Callable[[], Any]) -> Outcome:
    """Start all attempts at the same moment, each in its own thread with its own connection."""
    outcome = Outcome()
    gate = threading.Barrier(len(attempts))

    def run(attempt: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            gate.wait(timeout=30)
            outcome.won.append(attempt())
        except DomainError as error:
            outcome.refused.append(error)
        except BaseException as error:
            outcome.broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[attempt]) for attempt in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=150)
    outcome.broken += [TimeoutError(thread.name) for thread in threads if thread.is_alive()]
    return outcome


@pytest.fixture
def db(django_db_setup: None) -> None:
    """Races need the test database to exist, but no transaction around them."""


@pytest.fixture
def arena(db: None, django_db_blocker: Any) -> Iterator[Callable[..., SmallHouse]]:
    """`arena()` gives a committed house on a database of its own; `arena(sql)` one with its defences changed."""
    made: list[str] = []
    original = connection.settings_dict["NAME"]

    def administer(statement: str) -> None:
        settings = connection.settings_dict
        with psycopg.connect(
            dbname="postgres", host=settings["HOST"] or None, port=settings["PORT"] or None,
            user=settings["USER"] or None, password=settings["PASSWORD"] or None, autocommit=True,
        ) as direct:  # fmt: skip
            direct.execute(statement)

    def open_arena(*sabotage: str) -> SmallHouse:
        outbox.stop_waking()
        connections.close_all()
        name = f"race_{uuid.uuid4().hex[:10]}"
        administer(f'CREATE DATABASE "{name}" TEMPLATE "{original}"')
        made.append(name)
        connection.settings_dict["NAME"] = name
        for statement in sabotage:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        ports.bind(TestCard())
        return make_small_house()

    with django_db_blocker.unblock():
        try:
            yield open_arena
        finally:
            outbox.stop_waking()
            connections.close_all()
            connection.settings_dict["NAME"] = original
            for name in made:
                administer(f'DROP DATABASE "{name}" WITH (FORCE)')
