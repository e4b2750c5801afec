"""From the file to the staged rows. Nothing in the house changes here, and a stopped reading goes on."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Count, Min

from vendome.connectors.transactions import readers
from vendome.connectors.transactions.errors import UNREADABLE, Unusable
from vendome.connectors.transactions.mapping import Mapping
from vendome.connectors.transactions.models import Run, StagedLine
from vendome.connectors.transactions.progress import Progress
from vendome.connectors.transactions.reading import Reader, Understood
from vendome.kit import sql

COLUMNS = ", ".join(f'"{name}"' for name in ("run_id", *Understood._fields))
ROWS_THAT_SHOW_THE_MAPPING_IS_WRONG = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The file with its mapping."""

    path: Path
    mapping: Mapping


def stage(run: Run, source: Source, *, now: datetime, batch: int, progress: Progress) -> None:
    """Read the file to its end, committing what was understood batch by batch.

    Raises Unusable when the file is cut off or too many rows mean nothing under this mapping.
    """
    reader = Reader(source.mapping, now=now)
    reader.unnamed_countries.update(run.result.get("unnamed_countries", {}))
    rows = readers.rows(source.path, source.mapping)
    progress.phase("Reading", readers.count_hint(source.path, source.mapping), run.rows_read)
    for _ in itertools.islice(rows, run.rows_read):
        pass
    for staged in _batches(reader, rows, batch):
        if run.rows_read == 0:
            _refuse_wrong_mapping(source.mapping, staged[:ROWS_THAT_SHOW_THE_MAPPING_IS_WRONG])
        with transaction.atomic():
            _copy(run, staged)
            run.rows_read += len(staged)
            run.file_total += sum((row.exact for row in staged if row.exact is not None), Decimal(0))
            run.unreadable_rows += sum(row.reason in UNREADABLE for row in staged)
            run.result = {"unnamed_countries": dict(reader.unnamed_countries.most_common())}
            run.save(update_fields=["rows_read", "file_total", "unreadable_rows", "result"])
        progress.at(run.rows_read)
    progress.end(run.rows_read)
    _refuse_incomplete(run, source)


def _batches(reader: Reader, rows: Iterator[readers.Row], size: int) -> Iterator[list[Understood]]:
    while found := [reader.understand(row) for row in itertools.islice(rows, size)]:
        yield found


def _copy(run: Run, staged: list[Understood]) -> None:
    with sql.raw().cursor() as cursor, cursor.copy(f"COPY transactions_stagedline ({COLUMNS}) FROM STDIN") as copy:
        for row in staged:
            copy.write_row((run.id, *row))


def _refuse_wrong_mapping(mapping: Mapping, first: list[Understood]) -> None:
    """When nearly every one of the first rows fails alike, the mapping is wrong; say so before reading on."""
    alike = Counter((row.reason, row.column) for row in first if row.reason in UNREADABLE)
    for (reason, column), count in alike.most_common(1):
        if count >= 0.95 * len(first):
            example = next(row for row in first if (row.reason, row.column) == (reason, column))
            raise _wrong_mapping(mapping, reason, column, example.line, example.value, count, len(first))


def _refuse_incomplete(run: Run, source: Source) -> None:
    mapping = source.mapping
    if not run.rows_read:
        raise Unusable(f"The file {source.path.name} has a header and no rows.")
    if mapping.file.rows and mapping.file.rows != run.rows_read:
        raise Unusable(
            f"The file {source.path.name} has {run.rows_read:,} rows, the mapping says {mapping.file.rows:,} "
            "(file.rows): it is only half written, or it is another file."
        )
    if run.unreadable_rows * 100 > mapping.unreadable_percent * run.rows_read:
        worst = (
            StagedLine.objects.filter(run=run, reason__in=list(UNREADABLE))
            .values("reason", "column")
            .annotate(rows=Count("line"), first=Min("line"))
            .order_by("-rows", "reason", "column")[0]
        )
        line = StagedLine.objects.get(run=run, line=worst["first"])
        raise _wrong_mapping(
            mapping, worst["reason"], worst["column"], line.line, line.value, worst["rows"], run.rows_read
        )


def _wrong_mapping(mapping: Mapping, reason: str, column: str, line: int, value: str, count: int, of: int) -> Unusable:
    mend = {
        "not_a_date": f"mend dates.format, which is {mapping.date_format!r}",
        "not_a_price": f"mend file.decimal_mark, which is {mapping.file.decimal_mark!r}, or columns.unit_price",
        "not_a_quantity": "mend columns.quantity or file.thousands_mark",
        "unknown_channel": "name it under [channels]",
        "unknown_place": "name it under [places]",
    }.get(reason, f"mend columns.{_role(mapping, column)}" if column else "mend the table [file]")
    where = f"column {column!r}" if column else "the row"
    return Unusable(
        f"{count:,} of {of:,} rows cannot be understood: {UNREADABLE[reason]} The first is line {line:,}, {where}: "
        f"{value!r}. If the rows are right, {mend}; if they are to be refused, raise limits.unreadable_percent."
    )


def _role(mapping: Mapping, column: str) -> str:
    return next((role for role, name in mapping.columns.items() if name == column), column)


def forget(run: Run) -> None:
    """Remove a run that changed nothing, with all it staged."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table, key in (("stageddocument", "run_id"), ("stagedline", "run_id"), ("run", "id")):
            cursor.execute(f"DELETE FROM transactions_{table} WHERE {key} = %s", [run.id])  # noqa: S608  # our own names
