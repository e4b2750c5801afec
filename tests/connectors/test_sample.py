"""The sample history, with every oddity an export can have, to the last cent."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.connectors.conftest import SAMPLES
from vendome.connectors.transactions import report
from vendome.connectors.transactions.reconciliation import Reconciliation

CSV = SAMPLES / "atelier-lune.csv"
MAPPING = SAMPLES / "atelier-lune.toml"

pytestmark = pytest.mark.django_db


@pytest.fixture
def figures(run_import: Callable[..., Reconciliation], tmp_path: Path) -> Reconciliation:
    return run_import(CSV, MAPPING, report=tmp_path / "report")


def rows(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def lines(number: str) -> list[tuple[Any, ...]]:
    return rows(
        "SELECT l.direction, r.sku, l.quantity, l.unit_amount, l.amount, s.number FROM orders_order o"
        " JOIN orders_orderline l ON l.order_id = o.id JOIN catalogue_reference r ON r.id = l.reference_id"
        " LEFT JOIN orders_orderline x ON x.id = l.returned_line_id LEFT JOIN orders_order s ON s.id = x.order_id"
        " WHERE o.number = %s ORDER BY l.position",
        number,
    )


def wardrobe(key: str) -> list[tuple[Any, ...]]:
    return rows(
        "SELECT r.sku, w.quantity, w.left_at IS NULL FROM clients_wardrobepiece w"
        " JOIN catalogue_reference r ON r.id = w.reference_id JOIN clients_identifier i ON i.client_id = w.client_id"
        " WHERE i.value = %s ORDER BY w.acquired_date, r.sku",
        f"atelier-lune:{key}",
    )


def test_every_row_is_accounted_for(figures: Reconciliation) -> None:
    assert {one.name: (one.rows, one.total) for one in figures.outcomes} == {
        "imported sales": (27, "24582.35"),
        "imported returns": (10, "-13457.51"),
        "refused: two_clients": (2, "960.00"),
        "refused: dates_apart": (2, "960.00"),
        "refused: zero_price": (2, "0.00"),
        "refused: bad_debt": (1, "-120.00"),
        "refused: date_out_of_range": (1, "480.00"),
        "refused: marketplace_fee": (1, "-35.40"),
        "refused: negative_price": (1, "-890.00"),
        "refused: no_code": (1, "480.00"),
        "refused: no_document": (1, "480.00"),
        "refused: not_a_date": (1, "480.00"),
        "refused: not_a_price": (1, "0.00"),
        "refused: not_a_quantity": (1, "0.00"),
        "refused: sign_contradicts": (1, "480.00"),
        "refused: unknown_channel": (1, "480.00"),
        "refused: wrong_number_of_cells": (1, "0.00"),
        "refused: zero_quantity": (1, "0.00"),
        "rounding": (3, "-0.0065"),
    }
    assert (figures.rows, figures.total) == (56, "14879.4335")
    assert sum((Decimal(one.total) for one in figures.outcomes), Decimal(0)) == Decimal(figures.total)
    assert figures.agrees
    assert figures.orders_total == figures.payments_total == figures.postings_total == "11124.84"
    assert figures.rows_without_a_sum == 3
    assert figures.unnamed_countries == {"Türkiye": 1}


def test_lines_of_one_document_are_one_order_wherever_they_stand(figures: Reconciliation) -> None:
    assert [line[1] for line in lines("AL-1005")] == ["AL-E03", "AL-E04"]
    assert rows("SELECT channel, total_amount FROM orders_order WHERE number = 'AL-1005'") == [("web", 153_000)]


def test_a_sum_that_no_unit_price_gives_is_shared_out(figures: Reconciliation) -> None:
    """Seven at 0.333 are 2.33, written as five at 0.33 and two at 0.34: every line adds up, no piece is lost."""
    assert lines("AL-1003") == [
        ("OUT", "AL-C09", 750, 1, 750, None),
        ("OUT", "AL-C09", 250, 2, 500, None),
        ("OUT", "AL-C08", 5, 33, 165, None),
        ("OUT", "AL-C08", 2, 34, 68, None),
    ]
    assert lines("AL-1039") == [("OUT", "AL-C09", 1, 0, 0, None), ("OUT", "AL-C09", 2, 1, 2, None)]


def test_returns_find_the_oldest_sale_of_that_client_and_code(figures: Reconciliation) -> None:
    assert lines("AL-A1008") == [("IN", "AL-B02", 1, 48_000, 48_000, "AL-1001")]
    assert lines("AL-A1009") == [
        ("IN", "AL-B02", 3, 48_000, 144_000, "AL-1002"),
        ("IN", "AL-B02", 1, 48_000, 48_000, "AL-1006"),
    ]
    assert lines("AL-A1033") == [
        ("IN", "AL-E04", 2, 64_000, 128_000, "AL-1031"),
        ("IN", "AL-E04", 1, 64_000, 64_000, "AL-1032"),
    ]


def test_what_finds_no_sale_is_a_return_without_origin(figures: Reconciliation) -> None:
    assert lines("AL-A1010") == [
        ("IN", "AL-E03", 1, 89_000, 89_000, "AL-1005"),
        ("IN", "AL-E03", 1, 89_000, 89_000, None),
    ]
    assert lines("AL-A1011") == [("IN", "AL-R01", 1, 125_000, 125_000, None)]  # nobody's
    assert lines("AL-A1012") == [("IN", "AL-N05", 1, 230_000, 230_000, None)]  # bought before the export begins
    assert figures.returns == {
        "matched_lines": 13,
        "matched_pieces": 1_013,
        "unmatched_lines": 3,
        "unmatched_pieces": 3,
        "nameless_lines": 1,
        "nameless_pieces": 1,
    }


def test_an_exchange_is_one_document(figures: Reconciliation) -> None:
    assert lines("AL-1013") == [
        ("OUT", "AL-N05", 1, 230_000, 230_000, None),
        ("IN", "AL-R01", 1, 125_000, 125_000, "AL-1007"),
    ]


def test_wardrobes_hold_what_is_still_hers(figures: Reconciliation) -> None:
    assert wardrobe("501") == [
        ("AL-B02", 1, True),  # two bought, one came back
        ("AL-R01", 1, False),
        ("AL-X00", 1, True),  # a gift: no price, but a client
        ("AL-R01", 1, False),
    ]
    assert wardrobe("505") == [("AL-R01", 1, False), ("AL-N05", 1, True)]
    assert wardrobe("510") == []  # a gift card is no piece


def test_clients_keep_their_key_in_the_old_system(figures: Reconciliation) -> None:
    known = rows(
        "SELECT i.kind, i.value, i.source, i.attested_at, c.given_name, c.family_name, c.home_country"
        " FROM clients_identifier i JOIN clients_client c ON c.id = i.client_id"
        " WHERE i.value IN ('atelier-lune:501', 'zoe.lefevre@example.com', 'atelier-lune:504') ORDER BY 2"
    )

    assert known == [
        ("EXTERNAL", "atelier-lune:501", "atelier-lune", None, "Zoé", "Lefèvre", "FR"),
        ("EXTERNAL", "atelier-lune:504", "atelier-lune", None, "", "Client 504", "CH"),
        ("EMAIL", "zoe.lefevre@example.com", "atelier-lune", None, "Zoé", "Lefèvre", "FR"),
    ]


def test_a_sale_nobody_can_be_named_for_is_still_a_sale(figures: Reconciliation) -> None:
    assert rows("SELECT client_id, total_amount FROM orders_order WHERE number = 'AL-1004'") == [(None, 125_000)]


def test_tax_is_within_the_price(figures: Reconciliation) -> None:
    [(order_tax, lines_tax)] = rows(
        "SELECT o.tax_amount, (SELECT sum(l.tax_amount) FROM orders_orderline l WHERE l.order_id = o.id)"
        " FROM orders_order o WHERE o.number = 'AL-1002'"
    )

    assert order_tax == lines_tax == 24_000 + 208


def test_the_ledger_balances_and_no_stock_moves(figures: Reconciliation) -> None:
    balances = {
        account.partition(":")[0]: amount
        for account, amount in rows("SELECT account, amount FROM payments_balances((SELECT id FROM house_maison))")
    }

    assert balances["tender"] == 1_112_484
    assert balances["sales"] + balances["tax"] == -1_112_484
    for table in ("stock_movement", "stock_level", "stock_piece", "stock_hold", "kit_outboxevent"):
        assert rows(f"SELECT count(*) FROM {table}") == [(0,)], table


def test_codes_that_are_no_goods_become_services(figures: Reconciliation) -> None:
    services = rows("SELECT code, name FROM catalogue_model WHERE family = 'other' ORDER BY code")

    assert services == [
        ("CARTE-100", "Carte cadeau"),
        ("CARTE-50", "Carte cadeau"),
        ("ENGRAVE", "Gravure"),
        ("PORT", "Frais de port"),
        ("REMISE", "Remise"),
    ]


def test_a_model_is_called_what_it_was_mostly_called(figures: Reconciliation) -> None:
    assert rows("SELECT name, is_published FROM catalogue_model WHERE code = 'AL-R01'") == [
        ('Anneau "Éclipse", or jaune', False)
    ]


def test_local_time_becomes_the_worlds(figures: Reconciliation) -> None:
    moments = dict(rows("SELECT number, to_char(placed_at, 'YYYY-MM-DD HH24:MI') FROM orders_order"))

    assert moments["AL-1001"] == "2023-01-03 09:15"
    assert moments["AL-1038"] == "2023-10-29 00:30"  # the first of two half past two
    assert moments["AL-1037"] == "2023-03-26 01:30"  # half past two never came that night


def test_the_report_names_every_refused_row(figures: Reconciliation, tmp_path: Path) -> None:
    refused = (tmp_path / "report" / report.REFUSED_FILE).read_text(encoding="utf-8").splitlines()

    assert len(refused) == 1 + sum(one.rows for one in figures.outcomes if one.name.startswith("refused"))
    assert refused[0] == "line,document,code,column,value,amount,reason,sentence"
    assert "32,1023,AL-B02,Qty,deux,,not_a_quantity,This is not a whole number of pieces." in refused
    assert any(line.startswith("38,,,,6 instead of 12,,wrong_number_of_cells,") for line in refused)


def test_the_table_says_what_happened(figures: Reconciliation) -> None:
    text = report.table(figures)

    assert "imported sales                    27" in text
    assert "the difference is 0.00" in text
    assert "Countries without a code in the mapping, left empty: Türkiye." in text
