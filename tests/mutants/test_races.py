"""Mistakes that only several callers at once meet: a race notices each. `make mutants` tries all of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.factories.small_house import SmallHouse
from tests.mutants.checks import CHECKS
from tests.mutants.judging import judge
from tests.mutants.seeds import RACES, Mutant
from tests.races.conftest import arena, db  # noqa: F401  # databases of their own

pytestmark = pytest.mark.race

TRIES = 3


def test_the_races_find_nothing_in_the_house_as_it_is(arena: Callable[..., SmallHouse]) -> None:  # noqa: F811
    for check in CHECKS:
        check(arena())


def test_a_race_notices(arena: Callable[..., SmallHouse]) -> None:  # noqa: F811
    def is_noticed(mutant: Mutant) -> bool:
        for check in CHECKS * TRIES:
            house = arena(*mutant.statements)
            try:
                check(house)
            except Exception:
                return True
        return False

    judge(RACES, is_noticed)
