"""The house does what the reference model says, whatever the order of events. `make model` runs it at full length."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.factories.small_house import SmallHouse
from tests.model.machine import Machine

pytestmark = pytest.mark.django_db

WHOLE = os.environ.get("VENDOME_TEST_WHOLE_MODEL") == "1"
LENGTH = settings(
    max_examples=500 if WHOLE else 25,
    stateful_step_count=40 if WHOLE else 25,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def test_the_house_does_what_the_model_says(house: SmallHouse) -> None:
    class Driven(Machine):
        pass

    Driven.house = house
    run_state_machine_as_test(Driven, settings=LENGTH)
