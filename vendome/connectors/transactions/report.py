"""The reconciliation as people read it: a table on the terminal, figures as JSON, refused rows as CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

from vendome.connectors.transactions.errors import Unusable, reasons
from vendome.connectors.transactions.mapping import Mapping
from vendome.connectors.transactions.models import Run, StagedLine
from vendome.connectors.transactions.reconciliation import Reconciliation, plain, to_json

FIGURES_FILE = "reconciliation.json"
REFUSED_FILE = "refused.csv"
REFUSED = ("line", "document", "code", "column", "value", "exact", "reason")


def table(figures: Reconciliation) -> str:
    """The reconciliation as the command prints it."""
    head = ("", "Rows", "Documents", "Clients", f"Sum {figures.currency}")
    body = [
        (one.name, f"{one.rows:,}", _count(one.documents), _count(one.clients), _grouped(one.total))
        for one in figures.outcomes
    ]
    rows = [head, *_points_aligned([*body, ("the file", f"{figures.rows:,}", "", "", _grouped(figures.total))])]
    widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
    lines = [_line(row, widths) for row in rows]
    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1], "", *_sentences(figures)])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
    return "  ".join([row[0].ljust(len(first)), *others]).rstrip()


def _points_aligned(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Sums with their points below each other."""
    digits = [len(row[-1].partition(".")[2]) for row in rows]
    return [(*row[:-1], row[-1] + " " * (max(digits) - own)) for row, own in zip(rows, digits, strict=True)]


def _sentences(figures: Reconciliation) -> list[str]:
    back = figures.returns
    said = [_verdict(figures)]
    said.append(
        f"Orders {_grouped(figures.orders_total)} = payments {_grouped(figures.payments_total)} = "
        f"ledger {_grouped(figures.postings_total)}; {figures.new_clients:,} clients are new."
    )
    said.append(
        f"Returned pieces: {back['matched_pieces']:,} found their sale, {back['unmatched_pieces']:,} of known clients "
        f"did not, {back['nameless_pieces']:,} name no client."
    )
    if figures.rows_without_a_sum:
        said.append(f"{figures.rows_without_a_sum:,} refused rows hold no readable sum; they count as nothing.")
    if figures.unnamed_countries:
        names = ", ".join(list(figures.unnamed_countries)[:8])
        said.append(f"Countries without a code in the mapping, left empty: {names}.")
    if figures.is_dry_run:
        said.append("This was a dry run: everything was done and undone; nothing was changed.")
    return said


def _verdict(figures: Reconciliation) -> str:
    if figures.agrees:
        return f"Imported, refused and rounding come to the file's sum; the difference is {figures.difference}."
    return (
        f"THE SUMS DO NOT MEET: {figures.difference} {figures.currency} and {figures.rows_difference:,} rows differ, "
        "or orders, payments and ledger do."
    )


def _count(number: int) -> str:
    return f"{number:,}" if number else ""


def _grouped(text: str) -> str:
    whole, _, digits = text.partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{abs(int(whole)):,}.{digits}"


# -- files ----------------------------------------------------------------------------------------------------


def open_folder(folder: Path) -> None:
    """Make sure, before anything else, that the report can be written. Raises Unusable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (FIGURES_FILE, REFUSED_FILE):
            (folder / name).touch()
    except OSError as error:
        raise Unusable(f"The report cannot be written to {folder}: {error.strerror}.") from error


def write(figures: Reconciliation, run: Run, mapping: Mapping, folder: Path) -> None:
    """The figures as JSON, and every refused row with its line, column, value, sum and reason as CSV."""
    text = json.dumps(to_json(figures), indent=2, ensure_ascii=False)
    (folder / FIGURES_FILE).write_text(text + "\n", encoding="utf-8")
    sentences = reasons(mapping.rule_sentences)
    refused = StagedLine.objects.filter(run=run).exclude(reason="").order_by("line").values_list(*REFUSED)
    with (folder / REFUSED_FILE).open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["line", "document", "code", "column", "value", "amount", "reason", "sentence"])
        for line, document, code, column, value, exact, reason in refused.iterator(chunk_size=5_000):
            amount = "" if exact is None else plain(exact)
            out.writerow([line, document, code, column, value, amount, reason, sentences[reason]])
