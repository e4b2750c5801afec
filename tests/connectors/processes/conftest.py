"""Houses that the command `vendome` works on in a process of its own, which can be killed."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from tests.connectors.conftest import PROJECT
from vendome.kit import outbox

HISTORY = {
    "lines": """
        SELECT o.number, o.placed_at, o.channel, o.source, o.total_amount, o.tax_amount, i.value, l.position,
               l.direction, r.sku, l.quantity, l.unit_amount, l.tax_amount, l.amount, l.price_reason, l.mode, l.state,
               s.number, x.position
        FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
        JOIN catalogue_reference r ON r.id = l.reference_id
        LEFT JOIN clients_identifier i ON i.client_id = o.client_id AND i.kind = 'EXTERNAL'
        LEFT JOIN orders_orderline x ON x.id = l.returned_line_id LEFT JOIN orders_order s ON s.id = x.order_id
        ORDER BY o.number, l.position""",
    "payments": """
        SELECT o.number, p.amount, p.state, p.tender, p.provider, p.settled_at FROM payments_payment p
        JOIN orders_order o ON o.id = p.order_id ORDER BY 1""",
    "postings": """
        SELECT o.number, split_part(p.debit, ':', 1), split_part(p.credit, ':', 1), p.amount, p.at
        FROM payments_posting p JOIN orders_order o ON o.id = p.order_id ORDER BY 1, 2, 3, 4""",
    "wardrobes": """
        SELECT i.value, r.sku, w.quantity, w.acquired_date, w.left_at FROM clients_wardrobepiece w
        JOIN catalogue_reference r ON r.id = w.reference_id
        JOIN clients_identifier i ON i.client_id = w.client_id AND i.kind = 'EXTERNAL' ORDER BY 1, 2, 4, 3, 5""",
    "clients": """
        SELECT i.kind, i.value, c.given_name, c.family_name, c.home_country, c.created_at FROM clients_identifier i
        JOIN clients_client c ON c.id = i.client_id ORDER BY 1, 2""",
    "models": "SELECT code, name, family, is_published FROM catalogue_model ORDER BY 1",
}


@dataclass(frozen=True)
class House:
    """A database of a test's own, which the command `vendome` works on in a process of its own."""

    url: str

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "vendome", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
            env=os.environ | {"DATABASE_URL": self.url},
        )

    def run(self, *arguments: str | Path) -> tuple[int, str, str]:
        """Exit code, output and errors of one command."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=600)
        return process.returncode, out, err

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as link:
            return link.execute(query).fetchall()

    def value(self, query: str) -> Any:
        return self.rows(query)[0][0]

    def history(self) -> dict[str, list[tuple[Any, ...]]]:
        """The whole past as an import wrote it, without the ids, which are each house's own."""
        return {name: self.rows(query) for name, query in HISTORY.items()}


@pytest.fixture
def db(django_db_setup: None) -> None:
    """The test database must exist, to be copied; no transaction is opened in it."""


@pytest.fixture
def new_house(db: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Callable[[], House]]:
    """Copies of the empty test database; dropped after the test."""
    made: list[str] = []
    given = connection.settings_dict
    place = {
        key: given[name]
        for key, name in (("user", "USER"), ("password", "PASSWORD"), ("host", "HOST"), ("port", "PORT"))
        if given[name]
    }

    def administer(statement: str) -> None:
        with psycopg.connect(**place, dbname="postgres", autocommit=True) as link:
            link.execute(statement)

    def make() -> House:
        outbox.stop_waking()
        connections.close_all()
        name = f"import_{uuid.uuid4().hex[:10]}"
        administer(f'CREATE DATABASE "{name}" TEMPLATE "{given["NAME"]}"')
        made.append(name)
        return House(url=f"postgresql:///{name}?{urlencode(place)}")

    with django_db_blocker.unblock():
        yield make
    for name in made:
        administer(f'DROP DATABASE "{name}" WITH (FORCE)')
