"""A release never keeps the house waiting: tables that grow are not read through while they are locked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

SMALL = {
    "house.channel", "house.lane", "house.maison", "house.market", "house.place", "orders.returnrule",
    "payments.marketoffer", "webhooks.endpoint",
}  # fmt: skip
"""Tables of a hundred rows, whatever the size of the house."""
BEFORE_THE_FIRST_HOUSE = {
    ("fulfilment", "0010_sourcing"),
    ("fulfilment", "0040_delivery"),
    ("orders", "0010_sourcing"),
    ("orders", "0020_due"),
    ("orders", "0030_returns"),
    ("orders", "0050_selections"),
    ("payments", "0003_refunds"),
    ("payments", "0010_tenders"),
    ("stock", "0003_standing_states"),
    ("stock", "0030_scarcity"),
    ("stock", "0040_safety"),
}
"""Written when no house had rows yet. This list only ever gets shorter."""


def ours() -> dict[tuple[str, str], migrations.Migration]:
    found = MigrationLoader(None).disk_migrations
    return {key: one for key, one in found.items() if type(one).__module__.startswith("vendome.")}


def reads_under_lock(app: str, operations: Sequence[Operation]) -> Iterator[str]:
    """What reads a table through that was there before, and lets nobody write meanwhile."""
    made = {one.name_lower for one in operations if isinstance(one, migrations.CreateModel)}
    for one in operations:
        name = getattr(one, "model_name_lower", "") or getattr(one, "model_name", "").lower()
        if name in made or f"{app}.{name}" in SMALL:
            continue
        if isinstance(one, migrations.AddConstraint) and not isinstance(one, AddConstraintNotValid):
            yield f"{name} {one.constraint.name}: add it NOT VALID, and validate it in a migration after this one"
        elif isinstance(one, migrations.AddIndex) and not isinstance(one, AddIndexConcurrently):
            yield f"{name} {one.index.name}: AddIndexConcurrently, in a migration that is not atomic"


@pytest.mark.parametrize("key", sorted(set(ours()) - BEFORE_THE_FIRST_HOUSE), ids="/".join)
def test_no_migration_reads_a_table_that_grows_under_its_lock(key: tuple[str, str]) -> None:
    assert list(reads_under_lock(key[0], ours()[key].operations)) == []


def test_control_a_constraint_added_at_once_is_found() -> None:
    rule = models.CheckConstraint(condition=models.Q(quantity__gt=0), name="some_rule")
    there = migrations.AddConstraint(model_name="orderline", constraint=rule)
    made = migrations.CreateModel(name="OrderLine", fields=[("id", models.UUIDField(primary_key=True))])

    assert len(list(reads_under_lock("orders", [there]))) == 1
    assert list(reads_under_lock("orders", [made, there])) == []
    assert list(reads_under_lock("orders", [AddConstraintNotValid(model_name="orderline", constraint=rule)])) == []


def test_what_is_added_unread_is_read_in_a_later_migration() -> None:
    """Not in the same one: its lock would last until all of it is done."""
    added, read = {}, {}
    for (app, name), migration in ours().items():
        for one in migration.operations:
            if isinstance(one, AddConstraintNotValid):
                added[app, one.constraint.name] = name
            elif isinstance(one, ValidateConstraint):
                read[app, one.name] = name

    assert {key: name for key, name in added.items() if read.get(key, "") <= name} == {}
    assert len(added) >= 5


@pytest.mark.django_db
def test_after_all_migrations_every_constraint_holds_for_every_row() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated")
        assert cursor.fetchall() == []


def test_no_exception_is_kept_for_a_migration_that_needs_none() -> None:
    known = ours()

    assert (
        sorted(key for key in BEFORE_THE_FIRST_HOUSE if not list(reads_under_lock(key[0], known[key].operations))) == []
    )
