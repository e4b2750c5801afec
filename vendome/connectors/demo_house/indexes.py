"""For a million clients: secondary indexes and foreign keys are set aside, then built and checked at once.

Everything happens in the loading transaction: nobody ever sees the tables without them, and a failure brings
them back. Primary keys, unique constraints, checks and exclusions stay on all the while. A foreign key that
is added again is checked by PostgreSQL for every row, by one join in place of a look-up for each (ADR 0010).
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection

from vendome.kit import sql

TABLES = (
    "clients_client", "clients_identifier", "clients_preference", "clients_consent", "clients_tie",
    "clients_wardrobepiece", "stock_piece", "stock_hold", "stock_movement", "stock_level", "orders_order",
    "orders_orderline", "payments_payment", "payments_posting", "fulfilment_handover",
    "fulfilment_parcel", "fulfilment_parcelline", "pricing_price",
)  # fmt: skip
"""The large tables."""


class SetAside:
    """Remembers definitions, drops, and brings back."""

    def __init__(self) -> None:
        self.keys: list[tuple[str, str, str]] = []
        self.indexes: list[tuple[str, str]] = []

    def begin(self) -> None:
        self.keys = sql.rows(
            "SELECT c.conrelid::regclass::text, c.conname::text, pg_get_constraintdef(c.oid) FROM pg_constraint c "
            "WHERE c.contype = 'f' AND c.conrelid::regclass::text = ANY (%s) ORDER BY 1, 2",
            [list(TABLES)],
        )
        self.indexes = sql.rows(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
            "WHERE i.indrelid::regclass::text = ANY (%s) AND NOT i.indisunique "
            "AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY 1",
            [list(TABLES)],
        )
        with connection.cursor() as cursor:
            if sql.value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
                cursor.execute("SET LOCAL wal_compression = off")  # here the processor is scarcer than the disk
            for table, name, _ in self.keys:
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            for name, _ in self.indexes:
                cursor.execute(f"DROP INDEX {name}")

    def end(self, report: Callable[[str, float], None]) -> None:
        """Build and check. Raises IntegrityError when a row points nowhere."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET LOCAL maintenance_work_mem = '1GB'")
            cursor.execute("SET LOCAL work_mem = '256MB'")
            total = len(self.indexes) + len(self.keys)
            for nr, (_, definition) in enumerate(self.indexes):
                report("", nr / total)
                cursor.execute(definition)
            for nr, (table, name, definition) in enumerate(self.keys, start=len(self.indexes)):
                report("", nr / total)
                cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
