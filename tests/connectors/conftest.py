"""A house of its own for each import: the run's test database, or a copy of it that other processes can use."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker

from vendome.connectors.transactions import importing
from vendome.connectors.transactions.reconciliation import Reconciliation
from vendome.kit.actors import Actor

PROJECT = Path(__file__).parents[2]
SAMPLES = PROJECT / "demo" / "samples"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

HOUSE_TABLES = (
    "house_maison", "house_market", "house_place", "house_channel", "catalogue_collection", "catalogue_model",
    "catalogue_reference", "clients_client", "clients_identifier", "clients_wardrobepiece", "orders_order",
    "orders_orderline", "payments_payment", "payments_posting", "stock_level", "stock_movement", "stock_piece",
    "stock_hold", "kit_outboxevent",
)  # fmt: skip

HISTORY = {
    "lines": """
        SELECT o.number, o.placed_at, o.channel, o.source, o.total_amount, o.tax_amount, i.value, l.position, l.direction, r.sku,
               l.quantity, l.unit_amount, l.tax_amount, l.amount, l.price_reason, l.mode, l.state, s.number, x.position
        FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id JOIN catalogue_reference r ON r.id = l.reference_id
        LEFT JOIN clients_identifier i ON i.client_id = o.client_id AND i.kind = 'EXTERNAL'
        LEFT JOIN orders_orderline x ON x.id = l.returned_line_id LEFT JOIN orders_order s ON s.id = x.order_id
        ORDER BY o.number, l.position""",
    "payments": """
        SELECT o.number, p.amount, p.state, p.tender, p.provider, p.settled_at FROM payments_payment p
        JOIN orders_order o ON o.id = p.order_id ORDER BY 1""",
    "postings": """
        SELECT o.number, split_part(p.debit, ':', 1), split_part(p.credit, ':', 1), p.amount, p.at FROM payments_posting p
        JOIN orders_order o ON o.id = p.order_id ORDER BY 1, 2, 3, 4""",
    "wardrobes": """
        SELECT i.value, r.sku, w.quantity, w.acquired_date, w.left_at FROM clients_wardrobepiece w
        JOIN catalogue_reference r ON r.id = w.reference_id
        JOIN clients_identifier i ON i.client_id = w.client_id AND i.kind = 'EXTERNAL' ORDER BY 1, 2, 4, 3, 5""",
    "clients": """
        SELECT i.kind, i.value, c.given_name, c.family_name, c.home_country, c.created_at FROM clients_identifier i
        JOIN clients_client c ON c.id = i.client_id ORDER BY 1, 2""",
    "models": "SELECT code, name, family, is_published FROM catalogue_model ORDER BY 1",
}


@pytest.fixture
def run_import() -> Callable[..., Reconciliation]:
    """Import a file in the test's own transaction."""

    def run(path: Path, mapping: Path, **options: Any) -> Reconciliation:
        order = importing.Order(path=path, mapping_path=mapping, **options)
        return importing.import_transactions(order, actor=Actor.system(), at=NOW)

    return run


@pytest.fixture
def counts() -> Callable[[], dict[str, int]]:
    """How many rows every table of the house has, and the import's own runs."""

    def count() -> dict[str, int]:
        found = {}
        with connection.cursor() as cursor:
            for table in (*HOUSE_TABLES, "transactions_run", "transactions_stagedline", "transactions_stageddocument"):
                cursor.execute(f"SELECT count(*) FROM {table}")
                found[table] = cursor.fetchone()[0]
        return found

    return count


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


@pytest.fixture(scope="session")
def template(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> str:
    """The migrated and empty test database, to copy."""
    return str(settings.DATABASES["default"]["NAME"])


@pytest.fixture
def new_house(template: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Callable[[], House]]:
    """Copies of the empty test database; dropped after the test."""
    made: list[str] = []
    with django_db_blocker.unblock():
        info = connection.get_connection_params()
        connection.close()
    place = {key: info[key] for key in ("user", "password", "host", "port") if info.get(key)}

    def make() -> House:
        name = f"{template}_import_{len(made)}"
        with psycopg.connect(**place, dbname="postgres", autocommit=True) as link:
            link.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            link.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        made.append(name)
        return House(url=psycopg.conninfo.make_conninfo(**place, dbname=name))

    yield make
    with psycopg.connect(**place, dbname="postgres", autocommit=True) as link:
        for name in made:
            link.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
