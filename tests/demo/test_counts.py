# ruff: noqa: E501  # SQL reads better on one line here
"""The demo house has been counted: last year's quarters, one count going on in Paris, and proposals that make sense."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from vendome.connectors.demo_house import loading
from vendome.kit import sql

pytestmark = pytest.mark.django_db


class Undo(Exception):
    """Ends a transaction whose rows are not wanted."""


@pytest.fixture(scope="module")
def vermeil(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        try:
            with transaction.atomic():
                loading.load(size="test", today=date(2026, 11, 22))
                yield
                raise Undo
        except Undo:
            pass


def one(query: str) -> Any:
    return sql.value(query)


def test_boutiques_were_counted_by_quarter(vermeil: None) -> None:
    closed = "SELECT count(*) FROM stock_count WHERE state = 'CLOSED'"
    assert one(closed) >= 12
    assert one(f"{closed} AND found < 0.9 * expected") == 0
    assert 0 < one("SELECT count(*) FROM stock_countfinding WHERE resolution = ''") < 40
    assert one("SELECT count(*) FROM stock_movement WHERE kind = 'COUNTED' AND on_hand_change <> 0") == 0
    assert one("SELECT count(*) FROM stock_disagreements()") == 0


def test_paris_is_being_counted(vermeil: None) -> None:
    count = one("SELECT id FROM stock_count WHERE state = 'OPEN'")
    verdicts = dict(sql.rows("SELECT verdict, count(*) FROM stock_count_pieces(%s) GROUP BY 1", [count]))
    assert verdicts["MISPLACED"] == 1
    assert verdicts["FOUND"] > verdicts["MISSING"] > 0


def test_proposals_make_sense(vermeil: None) -> None:
    waiting = one("SELECT count(*) FROM stock_replenishmentproposal")
    assert 0 < waiting < 400
    assert one("SELECT count(*) FROM stock_replenishmentrule") == 72
    over = """SELECT count(*) FROM (SELECT p.from_place_id, p.reference_id, sum(p.quantity) AS asked FROM stock_replenishmentproposal p
              GROUP BY 1, 2) a JOIN stock_level l ON l.place_id = a.from_place_id AND l.reference_id = a.reference_id
              WHERE a.asked > l.on_hand - l.held"""
    assert one(over) == 0
