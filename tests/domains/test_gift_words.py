"""The words of a gift say what happens at the counter, also in a house that was opened with the old ones."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import pytest
from django.db import connection

from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.orders.policy.reading import shipped_rules
from vendome.domains.orders.policy.types import Rule
from vendome.domains.orders.queries import policy
from vendome.domains.orders.services import policy as writing
from vendome.kit import sql

pytestmark = pytest.mark.django_db
MIGRATION = import_module("vendome.domains.orders.migrations.0080_exchanges_from_afar")


def gift(house: SmallHouse) -> Rule:
    return next(one for one in policy.list_rules(maison_id=house.maison.id) if one.code == "house.gift")


def test_old_words_become_those_that_are_shipped_and_own_words_stay(house: SmallHouse) -> None:
    shipped = next(one for one in shipped_rules() if one.code == "house.gift")
    writing.install_rules(maison_id=house.maison.id, actor=house.system, at=NOW)
    for path, old, _new in MIGRATION.OLD_AND_NEW:
        sql.rows(
            "UPDATE orders_returnrule SET words = jsonb_set(words, %s::text[], to_jsonb(%s::text)) "
            "WHERE code = 'house.gift' RETURNING 1",
            [path, old],
        )
    assert "in your own name" in gift(house).words["en"].client

    with connection.schema_editor(atomic=False) as editor:
        MIGRATION.correct_words(None, editor)

    assert gift(house).words == shipped.words
    own = {**shipped.words, "en": replace(shipped.words["en"], client="As we say it.")}
    writing.save_rule(
        rule=replace(shipped, words=own), replaces="house.gift", expected=policy.get_version(maison_id=house.maison.id),
        note="ours", actor=house.director, at=NOW,
    )  # fmt: skip
    with connection.schema_editor(atomic=False) as editor:
        MIGRATION.correct_words(None, editor)
    assert gift(house).words["en"].client == "As we say it."
