"""Fixtures that every folder of tests may ask for."""

from __future__ import annotations

import pytest

from tests.factories.small_house import SmallHouse, make_small_house
from vendome.connectors.card_test.provider import TestCard
from vendome.domains.payments import ports


@pytest.fixture
def house(db: None) -> SmallHouse:
    """A small house of this test's own."""
    ports.bind(TestCard())
    return make_small_house()


@pytest.fixture
def other_house(house: SmallHouse) -> SmallHouse:
    """A second maison on the same database."""
    return make_small_house()
