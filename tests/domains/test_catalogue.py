"""What people type at a till is not what stands on a label: case and accents do not matter."""

from __future__ import annotations

import pytest

from tests.factories.small_house import SmallHouse
from vendome.domains.catalogue import queries
from vendome.domains.catalogue.models import Model, Reference

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("typed", ["meridien puces", "Méridien P", "MERIDIEN PU", " méridien pu "])
def test_a_name_is_found_without_its_accents(house: SmallHouse, typed: str) -> None:
    model = Reference.objects.get(id=house.ring).model
    Model.objects.filter(id=model.id).update(name="Méridien Puces")

    found = queries.find_references(maison_id=house.maison.id, text=typed)

    assert house.ring in {one.id for one in found}
    assert "Méridien Puces" in {one.name for one in queries.list_models(maison_id=house.maison.id, search=typed)}


def test_what_is_nobodys_name_finds_nothing(house: SmallHouse) -> None:
    assert queries.find_references(maison_id=house.maison.id, text="zeppelin") == ()
