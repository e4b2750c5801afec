"""Every mistake can still be put into the house as it is: one that no longer fits its function would be no mistake."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from tests.mutants.seeds import MUTANTS, Mutant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_mistake_fits(mutant: Mutant) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in mutant.statements:
            cursor.execute(statement)
        transaction.set_rollback(True)
