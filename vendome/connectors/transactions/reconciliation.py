"""What a file holds is what was imported, refused and rounded away: the figures, and the identity between them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from vendome.connectors.transactions.errors import reasons
from vendome.connectors.transactions.mapping import Mapping
from vendome.connectors.transactions.models import Run, StagedLine
from vendome.kit import money, sql

ROUNDING = "rounding"
RETURNED = (
    "matched_lines",
    "matched_pieces",
    "unmatched_lines",
    "unmatched_pieces",
    "nameless_lines",
    "nameless_pieces",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One line of the reconciliation. `total` is exact, in major units, as text."""

    name: str
    rows: int
    documents: int
    clients: int
    total: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """Everything the command prints and writes; plain values, ready for JSON."""

    source: str
    file_name: str
    file_digest: str
    mapping_digest: str
    currency: str
    rows: int
    total: str
    outcomes: tuple[Outcome, ...]
    difference: str
    rows_difference: int
    rows_without_a_sum: int
    new_clients: int
    orders_total: str
    payments_total: str
    postings_total: str
    returns: dict[str, int]
    unnamed_countries: dict[str, int]
    is_dry_run: bool = False

    @property
    def agrees(self) -> bool:
        """The identity: file = imported + known + refused + rounding, and orders = payments = ledger."""
        booked = {Decimal(self.orders_total), Decimal(self.payments_total), Decimal(self.postings_total)}
        return Decimal(self.difference) == 0 and self.rows_difference == 0 and len(booked) == 1


def draw(run: Run, mapping: Mapping, *, is_dry_run: bool) -> Reconciliation:
    """Hold what is in the house against what was in the file.

    Imported sums are read from the order lines, refused ones from the staged rows, the file's from the reading
    itself: three counts that know nothing of each other.
    """
    scale = Decimal(10) ** money.decimals(mapping.currency)
    booked = sql.row("SELECT * FROM transactions_booked(%s)", [run.id])
    returned = sql.row("SELECT * FROM transactions_returned(%s)", [run.id])
    assert booked is not None
    assert returned is not None
    sales, returns, orders, payments, postings = (amount / scale for amount in booked)
    outcomes = tuple(_outcomes(run.id, mapping, scale, {"OUT": sales, "IN": -returns}))
    return Reconciliation(
        source=run.source,
        file_name=run.file_name,
        file_digest=run.file_digest,
        mapping_digest=run.mapping_digest,
        currency=mapping.currency,
        rows=run.rows_read,
        total=plain(run.file_total),
        outcomes=outcomes,
        difference=plain(run.file_total - sum((Decimal(one.total) for one in outcomes), Decimal(0))),
        rows_difference=run.rows_read - sum(one.rows for one in outcomes if one.name != ROUNDING),
        rows_without_a_sum=StagedLine.objects.filter(run=run, exact=None).count(),
        new_clients=run.result.get("new_clients", 0),
        orders_total=plain(orders),
        payments_total=plain(payments),
        postings_total=plain(postings),
        returns=dict(zip(RETURNED, map(int, returned), strict=True)),
        unnamed_countries=run.result.get("unnamed_countries", {}),
        is_dry_run=is_dry_run,
    )


def _outcomes(run: uuid.UUID, mapping: Mapping, scale: Decimal, booked: dict[str, Decimal]) -> Iterator[Outcome]:
    counted = sql.rows("SELECT * FROM transactions_outcomes(%s, %s)", [run, scale])
    imported = {row[2]: row for row in counted if row[0] == "IMPORTED"}
    for direction, name in (("OUT", "imported sales"), ("IN", "imported returns")):
        yield _outcome(name, imported.get(direction), booked[direction])
    for row in counted:
        if row[0] == "KNOWN":
            yield _outcome("imported before", row, row[6], "The house has these documents from an earlier file.")
    sentences = reasons(mapping.rule_sentences)
    for row in counted:
        if row[0] == "REFUSED":
            yield _outcome(f"refused: {row[1]}", row, row[6], sentences[row[1]])
    yield Outcome(
        name=ROUNDING,
        rows=sum(row[7] for row in imported.values()),
        documents=0,
        clients=0,
        total=plain(sum((row[8] for row in imported.values()), Decimal(0))),
        note="What the minor unit cannot hold of imported rows, which are counted above.",
    )


def _outcome(name: str, row: Sequence[Any] | None, total: Decimal, note: str = "") -> Outcome:
    rows, documents, clients = row[3:6] if row else (0, 0, 0)
    return Outcome(name=name, rows=rows, documents=documents, clients=clients, total=plain(total), note=note)


def plain(value: Decimal) -> str:
    """Exact, without needless zeros, with two digits at least."""
    whole, _, digits = f"{value.normalize():f}".partition(".")
    return f"{whole}.{digits:0<2}"


def to_json(figures: Reconciliation) -> dict[str, Any]:
    return {**asdict(figures), "agrees": figures.agrees}


def from_json(stored: dict[str, Any]) -> Reconciliation:
    known = {key: value for key, value in stored.items() if key != "agrees"}
    return Reconciliation(**{**known, "outcomes": tuple(Outcome(**one) for one in known["outcomes"])})
