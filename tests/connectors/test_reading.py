"""Rows are understood as the mapping says, whatever their format wrote them as."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.conftest import NOW, SAMPLES
from vendome.connectors.transactions import mapping as mappings
from vendome.connectors.transactions import readers
from vendome.connectors.transactions.reading import Reader, Understood

UCI = mappings.read(SAMPLES / "uci-online-retail.toml", data=Path("transactions.parquet"))
LUNE = mappings.read(SAMPLES / "atelier-lune.toml", data=Path("atelier-lune.csv"))
GOOD: dict[str, Any] = {
    "document": "536365",
    "code": "85123a",
    "quantity": 6,
    "at": datetime(2011, 6, 1, 8, 26),
    "unit_price": 2.55,
    "description": " A hanging heart ",
    "client": 17850.0,
    "country": "EIRE",
}


def understand(mapping: mappings.Mapping = UCI, **cells: Any) -> Understood:
    row = GOOD | cells
    return Reader(mapping, now=NOW).understand(readers.Row(7, [row.get(role) for role in readers.ROLES]))


def lune(**cells: Any) -> Understood:
    good = {"at": "03/01/2023 10:15", "quantity": "2", "unit_price": "1.250,50", "country": "España", "channel": "WEB"}
    return understand(LUNE, **(good | {"place": "WEB"} | cells))


def test_a_row_of_plain_values() -> None:
    found = understand()

    assert found.reason == ""
    assert (found.document, found.code, found.description) == ("536365", "85123A", "A hanging heart")
    assert (found.quantity, found.exact, found.amount) == (6, Decimal("15.30"), 1530)
    assert found.at == datetime(2011, 6, 1, 7, 26, tzinfo=UTC)  # summer time in London
    assert (found.client_key, found.country) == ("17850", "IE")


def test_a_row_of_texts() -> None:
    found = lune()

    assert (found.quantity, found.exact, found.amount) == (2, Decimal("2501.00"), 250_100)
    assert (found.channel, found.place, found.country) == ("web", "lune-archive", "ES")


@given(st.decimals(min_value=0, max_value=10**9, places=3))
def test_a_float_is_the_shortest_decimal_that_means_it(price: Decimal) -> None:
    """0.1 is a tenth, not 0.1000000000000000055511151231257827."""
    found = understand(unit_price=float(price), quantity=1)

    assert found.exact == price


@given(
    price=st.decimals(min_value=0, max_value=100_000, places=4), quantity=st.integers(min_value=1, max_value=100_000)
)
def test_rounding_takes_at_most_half_a_penny_of_a_line(price: Decimal, quantity: int) -> None:
    found = understand(unit_price=price, quantity=quantity)

    assert found.exact is not None
    assert found.amount is not None
    assert abs(found.exact - Decimal(found.amount) / 100) <= Decimal("0.005")


@pytest.mark.parametrize(
    ("cells", "reason", "exact"),
    [
        ({"quantity": "six"}, "not_a_quantity", None),
        ({"quantity": 1.5}, "not_a_quantity", None),
        ({"quantity": True}, "not_a_quantity", None),
        ({"quantity": 2**31}, "not_a_quantity", None),
        ({"unit_price": float("nan")}, "not_a_price", None),
        ({"unit_price": "1,5"}, "not_a_price", None),
        ({"unit_price": None}, "not_a_price", None),
        ({"at": None}, "not_a_date", Decimal("15.30")),
        ({"at": datetime(2090, 1, 1)}, "date_out_of_range", Decimal("15.30")),
        ({"document": " "}, "no_document", Decimal("15.30")),
        ({"code": None}, "no_code", Decimal("15.30")),
        ({"code": "a\0b"}, "not_text", Decimal("15.30")),
        ({"quantity": 0}, "zero_quantity", Decimal("0.00")),
        ({"unit_price": 0.0, "client": None}, "zero_price", Decimal("0.0")),
        ({"unit_price": -1.5}, "negative_price", Decimal("-9.0")),
        ({"code": "AMAZONFEE", "quantity": -1}, "marketplace_fee", Decimal("-2.55")),
        ({"document": "C1"}, "sign_contradicts", Decimal("15.30")),
        ({"unit_price": 1e11, "quantity": 10**9}, "out_of_range", Decimal("1e20")),
    ],
)
def test_why_rows_are_refused(cells: dict[str, Any], reason: str, exact: Decimal | None) -> None:
    found = understand(**cells)

    assert (found.reason, found.exact) == (reason, exact)


def test_what_comes_in() -> None:
    found = understand(document="C536379", quantity=-3)

    assert (found.reason, found.direction, found.quantity, found.amount) == ("", "IN", 3, -765)


def test_a_gift_is_kept_for_its_client() -> None:
    assert understand(unit_price=0.0).reason == ""


def test_services_are_called_by_the_mapping() -> None:
    found = understand(code="post", description="POSTAGE")

    assert (found.code, found.description, found.is_service) == ("POST", "Postage", True)


def test_a_date_without_an_hour() -> None:
    assert understand(at=date(2011, 12, 1)).at == datetime(2011, 12, 1, tzinfo=UTC)


def test_an_unknown_country_is_left_empty_and_counted() -> None:
    reader = Reader(UCI, now=NOW)
    cells = [(GOOD | {"country": "Atlantis"}).get(role) for role in readers.ROLES]

    assert reader.understand(readers.Row(1, cells)).country == ""
    assert reader.unnamed_countries == {"Atlantis": 1}


@pytest.mark.parametrize(
    ("kind", "convert"),
    [(pa.float32(), float), (pa.float64(), float), (pa.decimal128(9, 2), Decimal), (pa.string(), str)],
)
def test_prices_of_every_parquet_type(tmp_path: Path, kind: pa.DataType, convert: Callable[[str], Any]) -> None:
    path = tmp_path / "prices.parquet"
    values = ["2.55", "0.07", "1250.10"]
    columns = {name: ["1"] * 3 for name in UCI.columns.values()}
    columns["unit_price_gbp"] = pa.array([convert(value) for value in values], kind)
    columns["invoice_ts"] = pa.array([datetime(2011, 1, 1)] * 3, pa.timestamp("ns"))
    pq.write_table(pa.table(columns), path)

    reader = Reader(UCI, now=NOW)
    found = [reader.understand(row).exact for row in readers.rows(path, UCI)]

    assert found == [Decimal(value) for value in values]
