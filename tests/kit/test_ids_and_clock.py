"""Ids sort by time and are UUIDs of version 7; the clock can be stopped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from vendome.kit import clock
from vendome.kit.ids import new_id


def test_ids_are_version_7_and_of_this_moment() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    made = new_id()

    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    moment = datetime.fromtimestamp((made.int >> 80) / 1000, UTC)
    assert before <= moment <= datetime.now(UTC)


def test_a_million_ids_would_not_meet() -> None:
    assert len({new_id() for _ in range(20_000)}) == 20_000


@pytest.mark.django_db
def test_ids_of_the_database_are_version_7_and_sort_by_the_moment_they_were_made() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT vendome_new_id() FROM generate_series(1, 200)")
        made = [row[0] for row in cursor.fetchall()]

    assert {one.version for one in made} == {7}
    assert made == sorted(made)


def test_the_clock_stands_still_when_told() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)

    with clock.frozen(moment):
        assert clock.now() == moment

    assert clock.now() > moment
