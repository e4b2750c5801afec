"""What a market offers is written from a day on, over what was read, and never away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.factories.payments import offer, order, transfer
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.payments import services
from vendome.domains.payments.errors import NotOffered, OfferMoved
from vendome.domains.payments.queries import offers
from vendome.domains.payments.types import OfferView
from vendome.domains.people import permissions
from vendome.kit import sql
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput, Forbidden, NotFound

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
WIDE = OfferView(is_transfer_offered=True, transfer_account=("Maison", "FR76"), instalment_counts=(3,), transfer_days=5)


def write(
    house: SmallHouse, given: OfferView, *, expected: int, from_date: date = TODAY, actor: Actor | None = None
) -> int:
    return services.write_offer(
        market="FR",
        offer=given,
        from_date=from_date,
        expected=expected,
        note="why",
        actor=actor or house.director,
        at=NOW,
    )


def stands(house: SmallHouse, *, days: int = 0) -> OfferView:
    return offers.get_offer(market_id=house.france.id, at=NOW + timedelta(days=days))


def test_a_switch_begins_on_its_day_and_orders_follow(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=2)
    offer(house)
    write(house, OfferView(), expected=1, from_date=TODAY + timedelta(days=3))

    assert stands(house).is_transfer_offered
    assert not stands(house, days=3).is_transfer_offered
    order(house, transfer())
    write(house, OfferView(), expected=2)
    with pytest.raises(NotOffered):
        order(house, transfer())


def test_what_began_last_stands_and_a_plan_can_be_taken_back(house: SmallHouse) -> None:
    version = write(house, WIDE, expected=0)
    plan = TODAY + timedelta(days=10)
    version = write(house, replace(WIDE, instalment_counts=(12,)), expected=version, from_date=plan)
    version = write(house, replace(WIDE, transfer_days=9), expected=version)

    assert (stands(house).transfer_days, stands(house, days=10).instalment_counts) == (9, (12,))
    services.restore_offer(market="FR", number=version, from_date=plan, expected=version, actor=house.director, at=NOW)
    assert stands(house, days=10) == stands(house)


def test_history_brings_back_what_was_before_the_first_change(house: SmallHouse) -> None:
    version = write(house, WIDE, expected=0)
    services.restore_offer(market="FR", number=1, from_date=TODAY, expected=version, actor=house.director, at=NOW)

    assert stands(house) == OfferView()
    versions = offers.list_versions(market_id=house.france.id)
    assert [(one.number, one.note) for one in versions] == [(3, "Version 1 restored"), (2, "why"), (1, "")]
    assert sql.value("SELECT count(*) FROM kit_auditentry WHERE action = 'payments.offer'") == 2


@pytest.mark.parametrize(
    ("more", "from_date"),
    [
        ({"transfer_account": ()}, TODAY), ({"transfer_account": ("a",) * 7}, TODAY), ({"transfer_days": 31}, TODAY),
        ({"instalment_counts": (1,)}, TODAY), ({"instalment_counts": (25,)}, TODAY), ({"deposit_bp": 0}, TODAY),
        ({"instalments_from_amount": -1}, TODAY), ({}, TODAY - timedelta(days=1)),
    ],
)  # fmt: skip
def test_bad_input_changes_nothing(house: SmallHouse, more: dict[str, object], from_date: date) -> None:
    with pytest.raises(BadInput):
        write(house, replace(WIDE, **more), expected=0, from_date=from_date)  # type: ignore[arg-type]
    assert offers.list_versions(market_id=house.france.id) == ()


def test_nobody_writes_over_what_they_have_not_read_or_may_not(house: SmallHouse) -> None:
    write(house, WIDE, expected=0)
    with pytest.raises(OfferMoved):
        write(house, OfferView(), expected=1)
    for actor in (house.manager_paris, house.advisor_paris, replace(house.director, permissions={})):
        with pytest.raises(Forbidden):
            write(house, OfferView(), expected=2, actor=actor)
    at_one_place = replace(house.director, permissions={permissions.PAYMENTS_OFFERS: frozenset({house.paris})})
    with pytest.raises(Forbidden):
        write(house, OfferView(), expected=2, actor=at_one_place)
    for market, number in (("XX", 1), ("FR", 9)):
        with pytest.raises(NotFound):
            services.restore_offer(
                market=market, number=number, from_date=TODAY, expected=2, actor=house.director, at=NOW
            )
    assert stands(house) == WIDE
