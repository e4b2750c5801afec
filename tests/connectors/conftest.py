"""A house of its own for each import: the run's test database, seen from inside the test's transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

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
