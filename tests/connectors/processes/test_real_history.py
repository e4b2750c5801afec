"""A real retailer's history, held against a count of its own that shares no line with the import.

The short form reads the first 20,000 rows. `VENDOME_TEST_WHOLE_HISTORY=1` (or `make test-history`) reads all 431,673.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.connectors.conftest import PROJECT, SAMPLES
from tests.connectors.processes.conftest import House

DATA = PROJECT.parent / "shared" / "data" / "transactions-uci-online-retail" / "transactions.parquet"
MAPPING = SAMPLES / "uci-online-retail.toml"
FIRST_ROWS = 20_000
CLIENTS = 50
PENNY = Decimal("0.01")

pytestmark = [
    pytest.mark.race,
    pytest.mark.skipif(not DATA.exists(), reason="the UCI Online Retail set is not beside this checkout"),
]


@dataclass
class Bought:
    """One document of one customer, as the file tells it."""

    at: datetime
    total: Decimal = Decimal(0)


@dataclass
class Truth:
    """The file counted by itself."""

    total: Decimal = Decimal(0)
    sold: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    refused: Decimal = Decimal(0)
    rounding: Decimal = Decimal(0)
    refused_rows: int = 0
    documents: dict[int, dict[str, Bought]] = field(default_factory=lambda: defaultdict(dict))


def count(table: pa.Table) -> Truth:
    truth = Truth()
    for row in table.to_pylist():
        exact = Decimal(str(row["unit_price_gbp"])) * row["quantity"]
        truth.total += exact
        is_gift = exact == 0 and row["customer_id"] is not None
        if row["stock_code"] in {"AMAZONFEE", "B"} or (exact == 0 and not is_gift):
            truth.refused += exact
            truth.refused_rows += 1
            continue
        rounded = exact.quantize(PENNY, ROUND_HALF_EVEN)
        truth.rounding += exact - rounded
        if row["quantity"] > 0:
            truth.sold += rounded
        else:
            truth.returned += rounded
        if row["customer_id"] is not None:
            at = row["invoice_ts"].replace(tzinfo=ZoneInfo("Europe/London")).astimezone(UTC)
            document = truth.documents[row["customer_id"]].setdefault(row["invoice_no"], Bought(at))
            document.at = min(document.at, at)
            document.total += rounded
    return truth


def count_returns(table: pa.Table) -> tuple[int, int, int]:
    """Pieces that came back: with a sale of that customer and article before them, without one, and of nobody."""
    rows = [row for row in table.to_pylist() if row["stock_code"] not in {"AMAZONFEE", "B"}]
    begun: dict[str, datetime] = {}
    for row in rows:
        begun[row["invoice_no"]] = min(begun.get(row["invoice_no"], row["invoice_ts"]), row["invoice_ts"])
    left: Counter[tuple[int, str]] = Counter()
    matched = unmatched = nameless = 0
    for row in sorted(rows, key=lambda row: (begun[row["invoice_no"]], row["quantity"] < 0)):
        buyer, pieces = row["customer_id"], abs(row["quantity"])
        if row["quantity"] > 0:
            left[buyer, row["stock_code"].upper()] += pieces
        elif buyer is None:
            nameless += pieces if row["unit_price_gbp"] else 0
        else:
            found = min(pieces, left[buyer, row["stock_code"].upper()])
            left[buyer, row["stock_code"].upper()] -= found
            matched += found
            unmatched += pieces - found
    return matched, unmatched, nameless


def printed(out: str, name: str) -> Decimal:
    """The sum that the command printed on one line of its table."""
    line = next(line for line in out.splitlines() if line.startswith(name))
    return Decimal(re.findall(r"-?[\d,]+\.\d+", line)[-1].replace(",", ""))


def card(link: psycopg.Connection[Any], customer: int) -> dict[str, Any]:
    client, maison = link.execute(
        "SELECT client_id, maison_id FROM clients_identifier WHERE kind = 'EXTERNAL' AND value = %s",
        [f"uci:{customer}"],
    ).fetchone() or (None, None)
    query = "SELECT flows_client_card(%s, %s, 'SYSTEM', NULL, NULL, true, now(), NULL)"
    [text] = link.execute(query, [maison, client]).fetchone() or [None]
    found: dict[str, Any] = json.loads(text)
    return found


def check(house: House, data: Path, tmp_path: Path) -> None:
    table = pq.read_table(data)
    truth = count(table)

    code, out, err = house.run("import", "transactions", data, "--mapping", MAPPING, "--report", tmp_path)

    assert code == 0, err
    assert printed(out, "the file") == truth.total
    assert printed(out, "imported sales") == truth.sold
    assert printed(out, "imported returns") == truth.returned
    assert printed(out, "rounding") == truth.rounding
    assert truth.sold + truth.returned + truth.refused + truth.rounding == truth.total
    written = json.loads((tmp_path / "reconciliation.json").read_text())
    assert written["difference"] == "0.00"
    assert Decimal(written["orders_total"]) == truth.sold + truth.returned
    back = written["returns"]
    assert (back["matched_pieces"], back["unmatched_pieces"], back["nameless_pieces"]) == count_returns(table)
    assert len((tmp_path / "refused.csv").read_text().splitlines()) == 1 + truth.refused_rows
    assert house.value("SELECT count(*) FROM stock_movement") == 0
    check_cards(house, truth)


def check_cards(house: House, truth: Truth) -> None:
    with psycopg.connect(house.url) as link:
        for customer in random.Random(1897).sample(sorted(truth.documents), CLIENTS):
            history = truth.documents[customer]
            sales = [one for one in history.values() if one.total >= 0]
            newest = sorted(((one.at, f"UCI-{number}", one.total) for number, one in history.items()), reverse=True)
            found = card(link, customer)
            channel = {
                "channel": "web",
                "orders": len(sales),
                "first_date": min(one.at for one in sales).date().isoformat(),
                "last_date": max(one.at for one in sales).date().isoformat(),
            } if sales else None  # fmt: skip

            assert found["channels"] == ([channel] if channel else []), customer
            assert found["last_purchase_date"] == (channel["last_date"] if channel else None), customer
            shown = [
                (datetime.fromisoformat(one["placed_at"]), one["number"], Decimal(one["total_amount"]).scaleb(-2))
                for one in found["orders"]
            ]
            assert [at for at, _, _ in shown] == [at for at, _, _ in newest[:8]], customer
            assert set(shown) <= set(newest), customer


def test_the_first_days_of_a_real_history(new_house: Callable[[], House], tmp_path: Path) -> None:
    part = tmp_path / "first.parquet"
    pq.write_table(pq.read_table(DATA).slice(0, FIRST_ROWS), part)

    check(new_house(), part, tmp_path / "report")


@pytest.mark.skipif(
    "VENDOME_TEST_WHOLE_HISTORY" not in os.environ, reason="takes a minute or two: `make test-history` runs it"
)
def test_a_whole_real_history(new_house: Callable[[], House], tmp_path: Path) -> None:
    check(new_house(), DATA, tmp_path / "report")
