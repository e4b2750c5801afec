"""Rows of CSV, JSON Lines and Parquet files, one at a time, each with its line and its cells in one order."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from vendome.connectors.transactions.errors import Unusable, did_you_mean
from vendome.connectors.transactions.mapping import OPTIONAL, REQUIRED
from vendome.connectors.transactions.mapping import Mapping as Columns

ROLES = (*REQUIRED, *OPTIONAL)
DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
ROWS_AT_A_TIME = 8_192
ROWS_THAT_SHOW_THE_KEYS = 500


class Row(NamedTuple):
    """One row: its line in the file, its cells by ROLES, or why it could not be taken apart."""

    line: int
    cells: Sequence[Any]
    broken: str = ""
    value: str = ""


def rows(path: Path, mapping: Columns) -> Iterator[Row]:
    """Every row of the file. Raises Unusable when columns are missing or the file ends within a row."""
    reader: Mapping[str, Callable[[Path, Columns], Iterator[Row]]] = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet}
    return reader[mapping.file.format](path, mapping)


def count_hint(path: Path, mapping: Columns) -> int:
    """How many rows there are, as far as the file or the mapping says so; 0 when nobody knows."""
    if mapping.file.format != "parquet":
        return mapping.file.rows or 0
    try:
        with pq.ParquetFile(path) as file:
            return int(file.metadata.num_rows)
    except (pa.ArrowException, OSError) as error:
        raise _not_whole(path, error) from error


# -- CSV ----------------------------------------------------------------------------------------------------


def _csv(path: Path, mapping: Columns) -> Iterator[Row]:
    form = mapping.file
    with path.open(encoding=_without_mark(form.encoding), newline="") as file:
        reader = csv.reader(file, delimiter=form.delimiter, quotechar=form.quote, strict=True)
        header = [name.strip() for name in next(_careful(reader, path), [])]
        _check_delimiter(path, mapping, header)
        places = _places(path, mapping, header)
        begins = reader.line_num + 1
        doubtful: Row | None = None  # too short or too long: a broken row, or the end of a cut file
        for record in _careful(reader, path):
            line, begins = begins, reader.line_num + 1
            if not record:
                continue
            if doubtful:
                yield doubtful
                doubtful = None
            if len(record) == len(header):
                yield Row(line, [record[place] if place is not None else None for place in places])
            else:
                doubtful = Row(line, (), "wrong_number_of_cells", f"{len(record)} instead of {len(header)}")
        if doubtful:
            raise Unusable(
                f"The file {path.name} stops in the middle of line {doubtful.line:,} (its cells are {doubtful.value}): "
                "it is only half written. Export or copy it again."
            )


def _careful(reader: Iterator[list[str]], path: Path) -> Iterator[list[str]]:
    line = 0
    try:
        for record in reader:
            line = reader.line_num  # type: ignore[attr-defined]  # csv.reader has it, Iterator has not
            yield record
    except csv.Error as error:
        what = str(error)
        if "unexpected end of data" in what or "field larger" in what:
            what = "a quotation mark is opened there and never closed; the file is cut off, or file.quote is wrong"
        raise Unusable(f"The file {path.name} cannot be read after line {line:,}: {what}.") from error


def _check_delimiter(path: Path, mapping: Columns, header: list[str]) -> None:
    wanted = set(mapping.columns.values())
    if wanted <= set(header):
        return
    text = mapping.file.delimiter.join(header)
    for other, called in DELIMITERS.items():
        if other != mapping.file.delimiter and len(wanted & {name.strip(' "') for name in text.split(other)}) > len(
            wanted & set(header)
        ):
            stated = DELIMITERS.get(mapping.file.delimiter, repr(mapping.file.delimiter))
            raise Unusable(
                f"The columns of {path.name} are parted by {called}, not by {stated}: state file.delimiter = {other!r}."
            )


# -- JSON Lines ---------------------------------------------------------------------------------------------


def _jsonl(path: Path, mapping: Columns) -> Iterator[Row]:
    with path.open(encoding=_without_mark(mapping.file.encoding)) as file:
        found = _objects(file)
        first = list(itertools.islice(found, ROWS_THAT_SHOW_THE_KEYS))
        keys = {key: None for _, one in first if isinstance(one, dict) for key in one}
        if not keys:
            raise Unusable(
                f"The first lines of {path.name} are not JSON objects; state file.format = 'csv' if it is CSV."
            )
        _places(path, mapping, list(keys))
        names = [mapping.columns.get(role) for role in ROLES]
        broken: Row | None = None
        for line, one in itertools.chain(first, found):
            if broken:
                yield broken
                broken = None
            if isinstance(one, dict):
                yield Row(line, [_cell(one.get(name)) if name else None for name in names])
            else:
                broken = Row(line, (), "not_json", str(one)[:200])
        if broken:
            raise Unusable(
                f"The file {path.name} stops in the middle of line {broken.line:,}: it is only half written. "
                "Export or copy it again."
            )


def _objects(file: Iterator[str]) -> Iterator[tuple[int, Any]]:
    for line, text in enumerate(file, start=1):
        if text.strip():
            try:
                yield line, json.loads(text, parse_float=Decimal)
            except ValueError:
                yield line, text.strip()


def _cell(value: Any) -> Any:
    """Lists and objects as their text: no column means one."""
    return json.dumps(value, default=str) if isinstance(value, list | dict) else value


# -- Parquet ------------------------------------------------------------------------------------------------


def _parquet(path: Path, mapping: Columns) -> Iterator[Row]:
    try:
        with pq.ParquetFile(path) as file:
            _places(path, mapping, file.schema_arrow.names)
            names = [mapping.columns.get(role) for role in ROLES]
            wanted = sorted({name for name in names if name})
            line = 0
            for batch in file.iter_batches(batch_size=ROWS_AT_A_TIME, columns=wanted):
                values = {name: _plain(batch.column(name)) for name in wanted}
                nothing = [None] * batch.num_rows
                for cells in zip(*(values[name] if name else nothing for name in names), strict=True):
                    line += 1
                    yield Row(line, cells)
    except (pa.ArrowException, OSError) as error:
        raise _not_whole(path, error) from error


def _not_whole(path: Path, error: Exception) -> Unusable:
    said = str(error).splitlines()[0][:120]
    return Unusable(f"The file {path.name} is not a whole Parquet file ({said}). Export or copy it again.")


def _plain(column: pa.Array) -> list[Any]:
    """Python values; a 32-bit float by its shortest text, a moment to the microsecond."""
    if pa.types.is_float32(column.type) or pa.types.is_float16(column.type):
        column = column.cast(pa.string())
    elif pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    found: list[Any] = column.to_pylist()
    return found


# -- all ----------------------------------------------------------------------------------------------------


def _places(path: Path, mapping: Columns, header: Sequence[str]) -> list[int | None]:
    """Where each role's column stands. Raises Unusable for a missing or doubled one."""
    for role, name in mapping.columns.items():
        if name not in header:
            hint = did_you_mean(name, header)
            raise Unusable(
                f"Column {name!r} (columns.{role}) is not in {path.name}; it has: {', '.join(header)}.{hint}"
            )
        if list(header).count(name) > 1:
            raise Unusable(f"Column {name!r} stands twice in the header of {path.name}; rename one of the two.")
    return [header.index(mapping.columns[role]) if role in mapping.columns else None for role in ROLES]


def _without_mark(encoding: str) -> str:
    """UTF-8 with or without its byte order mark."""
    return "utf-8-sig" if encoding.lower().replace("_", "-") in {"utf-8", "utf8"} else encoding
