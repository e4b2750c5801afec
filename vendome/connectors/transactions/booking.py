"""From the staged rows to orders: gathered into documents once, then booked in batches, each with its checkpoint."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable

from django.db import connection, transaction

from vendome.connectors.transactions import ground, returns
from vendome.connectors.transactions.errors import Unusable
from vendome.connectors.transactions.ground import Ground
from vendome.connectors.transactions.mapping import Mapping
from vendome.connectors.transactions.models import Run
from vendome.connectors.transactions.progress import Progress
from vendome.connectors.transactions.returns import ComingBack, Matched, Sale
from vendome.connectors.transactions.types import RunState
from vendome.kit import sql

MOST_LINES_OF_A_DOCUMENT = 10_000
PART = (
    "order_id", "seq", "position", "direction", "client_id", "reference_id", "at", "quantity", "unit_amount",
    "price_reason", "is_service", "returned_line_id",
)  # fmt: skip


def gather(run: Run, mapping: Mapping, found: Ground) -> None:
    """Make documents, references and clients of what was staged; from here on the house changes. One transaction."""
    with transaction.atomic():
        collection = ground.make(found, mapping)
        _analyse("transactions_stagedline")
        sql.value(
            "SELECT transactions_gather(%s, %s, %s, %s)",
            [run.id, mapping.number_prefix, mapping.days_apart, MOST_LINES_OF_A_DOCUMENT],
        )
        _analyse("transactions_stageddocument")
        lacking: list[str] = sql.value(
            "SELECT transactions_prepare_references(%s, %s, %s, %s)",
            [run.id, collection, mapping.sku_prefix, mapping.family],
        )
        if lacking:
            raise Unusable(
                f"{len(lacking)} codes are models of the catalogue without a reference of that code, the first is "
                f"{lacking[0]!r}. Choose another goods.sku_prefix, or give these models their references."
            )
        clients: int = sql.value(
            "SELECT transactions_prepare_clients(%s, %s, %s)", [run.id, mapping.client_name, mapping.client_language]
        )
        run.refresh_from_db()
        run.state = RunState.BOOKING
        run.result = {**run.result, "new_clients": clients}
        run.save(update_fields=["state", "result"])


def book(
    run: Run,
    mapping: Mapping,
    found: Ground,
    *,
    batch: int,
    progress: Progress,
    after_batch: Callable[[Run], None] = lambda run: None,
) -> None:
    """Book what is left of the run's documents. Every batch is one transaction with its checkpoint."""
    progress.phase("Booking", run.lines, run.lines_done)
    while run.documents_done < run.documents:
        with transaction.atomic():
            last = _last_of_batch(run, batch)
            _book_batch(run, mapping, found, run.documents_done + 1, last)
            run.refresh_from_db(fields=["documents_done", "lines_done"])
        progress.at(run.lines_done)
        after_batch(run)
    progress.end(run.lines_done)


def _last_of_batch(run: Run, batch: int) -> int:
    """The last document of the next batch of about `batch` lines; at least one."""
    last: int = sql.value(
        "SELECT coalesce(max(seq), %s) FROM transactions_stageddocument"
        " WHERE run_id = %s AND seq > %s AND lines_until <= %s",
        [run.documents_done + 1, run.id, run.documents_done, run.lines_done + batch],
    )
    return last


def _book_batch(run: Run, mapping: Mapping, found: Ground, first: int, last: int) -> None:
    coming_back = sql.value(
        "SELECT transactions_take_batch(%s, %s, %s, %s, %s)",
        [run.id, first, last, mapping.sku_prefix, mapping.tax_rate_bp],
    )
    if coming_back:
        _add_returns(run)
    sql.value(
        "SELECT transactions_book_batch(%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            *(run.id, first, last, found.market_id),
            *(mapping.currency, mapping.tax_rate_bp, mapping.mode, mapping.number_prefix),
        ],
    )


def _add_returns(run: Run) -> None:
    """Give every returned piece the sale it came from, after the lines of its document that went out."""
    waiting = sql.rows("SELECT * FROM transactions_returns_waiting()")
    sales = [
        Sale(line_id=line, key=(client, reference), at=at, left=pieces)
        for line, client, reference, at, pieces in sql.rows("SELECT * FROM transactions_sales_of_returns(%s)", [run.id])
    ]
    documents = {row[0]: (row[7], row[8]) for row in waiting}
    _copy(documents, returns.match((ComingBack(*row[:7]) for row in waiting), sales))


def _copy(documents: dict[uuid.UUID, tuple[int, int]], matches: Iterable[Matched]) -> None:
    placed: Counter[uuid.UUID] = Counter()
    with (
        sql.raw().cursor() as cursor,
        cursor.copy(f"COPY transactions_part ({', '.join(PART)}) FROM STDIN") as copy,
    ):
        for one in matches:
            back = one.returned
            seq, lines_out = documents[back.order_id]
            placed[back.order_id] += 1
            copy.write_row(
                (
                    *(back.order_id, seq, lines_out + placed[back.order_id], "IN", back.client_id, back.reference_id),
                    *(back.at, one.quantity, back.unit_amount, back.price_reason, False, one.sale_id),
                )
            )


def _analyse(table: str) -> None:
    """Fresh statistics for rows that were only just copied; the planner would think the table empty."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {table}")
