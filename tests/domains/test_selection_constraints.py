# ruff: noqa: E501  # SQL reads better on one line here
"""The rows of a selection are the judge, whoever writes them."""

from __future__ import annotations

import pytest

from tests.domains.test_constraints import refused_by
from tests.factories.small_house import NOW, SmallHouse
from vendome.flows import selections

pytestmark = pytest.mark.django_db


def test_a_selection_is_one_at_a_time_and_says_when_it_was_sent(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    for reference, keep in ((house.ring, house.paris), (house.watch, None)):
        draft = selections.choose(market=house.france, client_id=house.traditional, reference_id=reference, keep_at=keep, actor=house.advisor_paris, at=NOW)  # fmt: skip
    key = [draft.id]

    refused_by("selection_state_known", "UPDATE orders_selection SET state = 'LOST' WHERE id = %s", key)
    refused_by("sent_selection_says_when", "UPDATE orders_selection SET state = 'SENT' WHERE id = %s", key)
    refused_by(
        "one_selection_in_the_making",
        "INSERT INTO orders_selection (id, maison_id, market_id, client_id, advisor_id, state, created_at, expires_at) SELECT gen_random_uuid(), maison_id, market_id, client_id, advisor_id, state, created_at, expires_at FROM orders_selection WHERE id = %s",
        key,
    )
    refused_by("reference_selected_once", "UPDATE orders_selectionitem SET reference_id = %s", [house.ring])
    refused_by("kept_piece_has_a_place", "UPDATE orders_selectionitem SET place_id = NULL WHERE hold_id IS NOT NULL")
    refused_by(
        "hold_in_one_selection",
        "UPDATE orders_selectionitem SET hold_id = (SELECT hold_id FROM orders_selectionitem WHERE hold_id IS NOT NULL), place_id = %s",
        [house.paris],
    )
