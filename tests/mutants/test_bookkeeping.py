"""Mistakes that one caller alone meets: the model notices each. `make mutants` tries all of them."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.factories.small_house import SmallHouse
from tests.model.machine import Machine
from tests.mutants.judging import WHOLE, judge
from tests.mutants.seeds import BOOKKEEPING, Mutant

pytestmark = pytest.mark.django_db

SEARCH = settings(
    max_examples=200,
    stateful_step_count=40,
    deadline=None,
    derandomize=not WHOLE,  # a short run asks whether the model still sees, and not whether it is lucky today
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def test_the_model_notices(house: SmallHouse) -> None:
    def is_noticed(mutant: Mutant) -> bool:
        """Put the mistake in, drive the model against it, and take it out again."""

        class Driven(Machine):
            pass

        Driven.house = house
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else a table with pending rows cannot be changed
                for statement in mutant.statements:
                    cursor.execute(statement)
            try:
                run_state_machine_as_test(Driven, settings=SEARCH)
            except Exception:
                return True
            finally:
                transaction.set_rollback(True)
        return False

    judge(BOOKKEEPING, is_noticed)
