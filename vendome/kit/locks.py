"""The one order in which rows are locked, so that two commands cannot wait for each other.

Advisory locks first, then place, transfer, level, piece, hold, order, payment; inside one table by primary key.
The SQL functions and the services follow it, and tests assert it on the SQL that was sent.
"""

from __future__ import annotations

import uuid

from django.db import connection

ORDER = (
    "advisory",
    "house_place",
    "stock_transfer",  # a document stands before the stock it speaks of (ADR 0015)
    "stock_level",
    "stock_piece",
    "stock_hold",
    "orders_order",
    "payments_payment",
)
WAIT = "3s"


def advisory(topic: str, *ids: uuid.UUID | str) -> None:
    """Take transaction-long advisory locks on the given things of one topic, in sorted order."""
    with connection.cursor() as cursor:
        for one in sorted(str(item) for item in ids):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{topic}:{one}"])


def limit_wait(seconds: str = WAIT) -> None:
    """Give up waiting for a row after this long within the running transaction; raises through as Busy."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [seconds])
