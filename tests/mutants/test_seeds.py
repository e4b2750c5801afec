"""The code moves on and a mistake no longer finds its place: said at once, not first when all of them are tried."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from tests.mutants.seeds import MUTANTS, Mutant

pytestmark = pytest.mark.django_db


def can_be_put_in(mutant: Mutant) -> bool:
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                for statement in mutant.statements:
                    cursor.execute(statement)
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True


def test_every_mistake_can_still_be_put_in() -> None:
    assert [mutant.name for mutant in MUTANTS if not can_be_put_in(mutant)] == []
