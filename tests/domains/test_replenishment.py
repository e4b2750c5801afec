# ruff: noqa: E501  # SQL reads better on one line here
"""Replenishment: what is proposed follows from sales, minimums and what others can spare; a person decides."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domains.test_constraints import refused_by
from tests.factories.orders import sell_at_counter
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.stock.errors import ProposalDecided, ReasonMissing, RuleTaken, RuleUnfit, SourceShort
from vendome.domains.stock.queries import replenishment as queries
from vendome.domains.stock.queries import transfers as asked
from vendome.domains.stock.replenishing import ProposalState, Standing, Wish, propose
from vendome.domains.stock.services import replenishment, transfers
from vendome.kit import sql
from vendome.kit.errors import BadInput, Forbidden, NotFound

REFERENCE = uuid.UUID(int=1)


def standing(place: int, **more: Any) -> Standing:
    given = {
        "place_id": uuid.UUID(int=place), "reference_id": REFERENCE, "is_warehouse": False, "is_ours": True,
        "region": "EMEA", "free": 0, "incoming": 0, "sold": 0, "wish": None,
    } | more  # fmt: skip
    return Standing(**given)


def wish(minimum: int, weeks: float = 0, maximum: int | None = None) -> Wish:
    return Wish(minimum_display=minimum, weeks_of_cover=Decimal(str(weeks)), maximum=maximum)


wishes = st.one_of(
    st.none(), st.builds(wish, st.integers(0, 6), st.integers(0, 12), st.one_of(st.none(), st.integers(1, 9)))
)


@given(
    st.lists(
        st.builds(
            lambda n, **more: (n, more),
            st.integers(1, 40),
            is_warehouse=st.booleans(), is_ours=st.booleans(), region=st.sampled_from(["EMEA", "APAC"]),
            free=st.integers(0, 12), incoming=st.integers(0, 3), sold=st.integers(0, 40), wish=wishes,
        ),
        max_size=12, unique_by=lambda pair: pair[0],
    )
)  # fmt: skip
def test_nobody_gives_more_than_it_can_spare_nor_gets_more_than_it_needs(drawn: list[tuple[int, Any]]) -> None:
    group = {uuid.UUID(int=n): standing(n, **more) for n, more in drawn}

    found = propose(group.values())

    for place, one in group.items():
        given_away = sum(proposed.quantity for proposed in found if proposed.from_place_id == place)
        received = sum(proposed.quantity for proposed in found if proposed.to_place_id == place)
        assert given_away <= one.spare
        assert received <= one.need
        assert not (given_away and received)
    assert all(proposed.quantity > 0 for proposed in found)


@pytest.mark.parametrize(
    ("one", "target", "need"),
    [
        (standing(1, wish=wish(2), free=1), 2, 1),
        (standing(1, wish=wish(1, 6), sold=13), 6, 6),
        (standing(1, wish=wish(1, 6, 4), sold=13), 4, 4),
        (standing(1, wish=wish(2), free=1, incoming=1), 2, 0),
        (standing(1, wish=wish(0, 6), sold=1), 0, 0),
        (standing(1, wish=wish(0, 6.5), sold=1), 1, 1),
        (standing(1, sold=40), 0, 0),
    ],
)
def test_a_target_is_the_larger_of_minimum_and_cover(one: Standing, target: int, need: int) -> None:
    assert (one.target, one.need) == (target, need)


def test_the_warehouse_of_the_region_gives_first_and_the_bare_shelf_gets_first() -> None:
    bare = standing(1, wish=wish(2))
    busy = standing(2, wish=wish(3), free=1, sold=9)
    near = standing(3, is_warehouse=True, free=2)
    far = standing(4, is_warehouse=True, free=1, region="APAC")
    quiet = standing(5, free=3)

    found = [
        (one.from_place_id.int, one.to_place_id.int, one.quantity) for one in propose([quiet, far, busy, near, bare])
    ]

    assert found == [(3, 1, 2), (4, 2, 1), (5, 2, 1)]


def test_a_boutique_keeps_its_last_and_a_partner_gives_nothing() -> None:
    bare = standing(1, wish=wish(1))

    assert propose([bare, standing(2, free=1), standing(3, free=9, is_ours=False)]) == ()


# -- in the house -------------------------------------------------------------------------------------------------


def rule(house: SmallHouse, **more: Any) -> uuid.UUID:
    given = {
        "place_id": house.paris,
        "reference_id": house.ring,
        "minimum_display": 2,
        "actor": house.system,
        "at": NOW,
    }
    return replenishment.save_rule(**(given | more))


def waiting(house: SmallHouse) -> list[Any]:
    return list(queries.list_proposals(actor=house.system))


@pytest.mark.django_db
def test_what_was_sold_comes_back(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=3)
    house.stocked(house.warehouse, ring=9)
    rule(house, reference_id=None, family="rings", minimum_display=1, weeks_of_cover=Decimal(13))
    for _ in range(2):
        sell_at_counter(house, house.ring)

    assert replenishment.work_out(actor=house.system, at=NOW) == 1

    [found] = waiting(house)
    assert (found.from_place_id, found.to_place_id, found.quantity) == (house.warehouse, house.paris, 1)
    assert (found.facts["sold"], found.facts["free"], found.facts["target"]) == (2, 1, 2)
    assert replenishment.work_out(actor=house.system, at=NOW) == 1
    assert [one.id for one in waiting(house)] == [found.id]


@pytest.mark.django_db
def test_the_narrowest_rule_wins(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=9)
    house.stocked(house.paris, ring=1)
    rule(house, reference_id=None, minimum_display=9)
    rule(house, reference_id=None, family="rings", minimum_display=7)
    narrow = rule(house, minimum_display=2)
    replenishment.work_out(actor=house.system, at=NOW)
    assert [one.quantity for one in waiting(house)] == [1]

    replenishment.remove_rule(rule_id=narrow, actor=house.system, at=NOW)
    replenishment.work_out(actor=house.system, at=NOW)
    assert [one.quantity for one in waiting(house)] == [6]
    assert sql.value("SELECT count(*) FROM stock_replenishmentproposal WHERE state = 'PROPOSED'") == 1


@pytest.mark.django_db
def test_accepting_is_told_once_and_counts_as_incoming(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=3)
    rule(house)
    replenishment.work_out(actor=house.system, at=NOW)
    [found] = waiting(house)

    with pytest.raises(Forbidden):
        replenishment.accept_proposal(proposal_id=found.id, actor=house.director, at=NOW)
    with pytest.raises(BadInput):
        replenishment.accept_proposal(proposal_id=found.id, quantity=0, actor=house.manager_paris, at=NOW)
    with pytest.raises(SourceShort) as short:
        replenishment.accept_proposal(proposal_id=found.id, quantity=4, actor=house.manager_paris, at=NOW)
    told = replenishment.accept_proposal(proposal_id=found.id, quantity=1, actor=house.manager_paris, at=NOW)

    assert short.value.details()["free"] == 3
    transfer = asked.get_transfer(actor=house.system, transfer_id=uuid.UUID(told.pop("transfer_id")))
    assert (transfer.state, [line.reference_id for line in transfer.lines]) == ("REQUESTED", [house.ring])
    assert told == {
        "proposal_id": str(found.id), "from_place_id": str(house.warehouse), "to_place_id": str(house.paris),
        "reference_id": str(house.ring), "quantity": 1,
    }  # fmt: skip
    [event] = sql.rows("SELECT payload::text FROM kit_outboxevent WHERE kind = 'stock.replenishment_accepted'")
    assert str(house.warehouse) in event[0]
    with pytest.raises(ProposalDecided):
        replenishment.accept_proposal(proposal_id=found.id, actor=house.manager_paris, at=NOW)
    replenishment.work_out(actor=house.system, at=NOW)
    assert [(one.quantity, one.facts["incoming"]) for one in waiting(house)] == [(1, 1)]
    transfers.refuse(key="no", transfer_id=transfer.id, reason="promised to a client here", actor=house.system, at=NOW)
    replenishment.work_out(actor=house.system, at=NOW)
    assert [(one.quantity, one.facts["incoming"]) for one in waiting(house)] == [(2, 0)]


@pytest.mark.django_db
def test_a_no_is_kept_for_two_weeks_and_has_a_reason(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=3)
    rule(house)
    replenishment.work_out(actor=house.system, at=NOW)
    [found] = waiting(house)

    with pytest.raises(ReasonMissing):
        replenishment.dismiss_proposal(proposal_id=found.id, reason=" ", actor=house.manager_paris, at=NOW)
    replenishment.dismiss_proposal(proposal_id=found.id, reason="window is full", actor=house.manager_paris, at=NOW)

    assert replenishment.work_out(actor=house.system, at=NOW + timedelta(days=13)) == 0
    assert replenishment.work_out(actor=house.system, at=NOW + timedelta(days=15)) == 1
    assert queries.get_proposal(actor=house.system, proposal_id=found.id).reason == "window is full"


@pytest.mark.django_db
def test_what_is_no_longer_needed_is_withdrawn(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=3)
    rule(house)
    replenishment.work_out(actor=house.system, at=NOW)
    [found] = waiting(house)
    house.stocked(house.paris, ring=2)

    assert replenishment.work_out(actor=house.system, at=NOW) == 0

    assert queries.get_proposal(actor=house.system, proposal_id=found.id).state is ProposalState.WITHDRAWN
    with pytest.raises(ProposalDecided):
        replenishment.accept_proposal(proposal_id=found.id, actor=house.manager_paris, at=NOW)


@pytest.mark.django_db
def test_several_are_accepted_together(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=3, watch=3)
    rule(house)
    rule(house, reference_id=house.watch)
    replenishment.work_out(actor=house.system, at=NOW)
    ids = [one.id for one in waiting(house)]

    done = replenishment.accept_all(to_place_id=house.paris, proposal_ids=ids, actor=house.manager_paris, at=NOW)

    assert done == 2
    assert waiting(house) == []


@pytest.mark.django_db
def test_rules_are_checked_and_others_houses_are_not_there(house: SmallHouse, other_house: SmallHouse) -> None:
    first = rule(house)
    with pytest.raises(RuleTaken):
        rule(house)
    for unfit in ({"minimum_display": 0}, {"maximum": 1}, {"family": "rings"}):
        with pytest.raises(RuleUnfit):
            rule(house, reference_id=house.watch, **{"minimum_display": 2} | unfit)
    with pytest.raises(NotFound):
        rule(house, reference_id=other_house.ring)
    with pytest.raises(NotFound):
        rule(house, rule_id=first, place_id=other_house.paris)
    with pytest.raises(Forbidden):
        rule(house, actor=house.manager_paris)
    with pytest.raises(NotFound):
        replenishment.remove_rule(rule_id=first, actor=other_house.system, at=NOW)
    assert rule(house, rule_id=first, minimum_display=5) == first
    assert [one.minimum_display for one in queries.list_rules(actor=house.manager_paris)] == [5]
    assert queries.list_rules(actor=other_house.system) == ()


@pytest.mark.django_db
def test_rows_refuse_proposals_that_make_no_sense(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=3)
    rule(house)
    replenishment.work_out(actor=house.system, at=NOW)

    refused_by("proposal_of_something", "UPDATE stock_replenishmentproposal SET quantity = 0")
    refused_by("proposal_between_two_places", "UPDATE stock_replenishmentproposal SET from_place_id = to_place_id")
    refused_by("proposal_decided_once", "UPDATE stock_replenishmentproposal SET decided_at = now()")
    refused_by(
        "acceptance_names_its_quantity",
        "UPDATE stock_replenishmentproposal SET state = 'ACCEPTED', decided_at = now()",
    )
    refused_by(
        "dismissal_has_a_reason", "UPDATE stock_replenishmentproposal SET state = 'DISMISSED', decided_at = now()"
    )
    refused_by(
        "proposed_once_per_way",
        "INSERT INTO stock_replenishmentproposal (id, maison_id, from_place_id, to_place_id, reference_id, quantity, state, facts, "
        "proposed_at) SELECT gen_random_uuid(), maison_id, from_place_id, to_place_id, reference_id, 1, state, facts, now() "
        "FROM stock_replenishmentproposal",
    )
