"""Two people write the lanes, or a market's offer, at one moment: one is written, the others are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from tests.factories.small_house import NOW, SmallHouse
from tests.races.conftest import Outcome, race
from vendome.domains.house import queries as house_reads
from vendome.domains.house.errors import LanesMoved
from vendome.domains.house.types import LaneView
from vendome.domains.payments import services as payments
from vendome.domains.payments.errors import OfferMoved
from vendome.domains.payments.queries import offers
from vendome.domains.payments.types import OfferView
from vendome.domains.people import permissions
from vendome.flows import carrier_lanes
from vendome.kit.ids import new_id

WRITERS = 8
NO_LANE_VERSION = "ALTER TABLE house_laneversion DROP CONSTRAINT lane_version_once"
NO_OFFER_VERSION = "ALTER TABLE payments_marketoffer DROP CONSTRAINT market_offer_once"


def write_lanes(house: SmallHouse) -> Outcome:
    keeper = replace(house.director, permissions={permissions.STOCK_RULES: None})

    def writing(number: int) -> Callable[[], int]:
        lane = LaneView(
            id=new_id(), origin="FR", destination="FR", carrier=f"Carrier {number}", days=number, runs_on=(1,)
        )
        return lambda: carrier_lanes.save_lane(lane=lane, expected=0, note=f"{number}", actor=keeper, at=NOW)

    return race(*(writing(number) for number in range(WRITERS)))


def write_offers(house: SmallHouse) -> Outcome:
    def writing(number: int) -> Callable[[], int]:
        return lambda: payments.write_offer(
            market="FR", offer=OfferView(instalment_counts=(number + 2,)), from_date=NOW.date(), expected=0,
            note=f"{number}", actor=house.director, at=NOW + timedelta(seconds=number),
        )  # fmt: skip

    return race(*(writing(number) for number in range(WRITERS)))


def test_one_of_many_writers_of_the_lanes_is_written(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    outcome = write_lanes(house)

    assert outcome.broken == []
    assert len(outcome.won) == 1
    assert {type(one) for one in outcome.refused} == {LanesMoved}
    assert len(house_reads.list_lanes(maison_id=house.maison.id)) == 1
    assert [one.number for one in house_reads.list_lane_versions(maison_id=house.maison.id)] == [2, 1]


def test_one_of_many_writers_of_an_offer_is_written(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    outcome = write_offers(house)

    assert outcome.broken == []
    assert len(outcome.won) == 1
    assert {type(one) for one in outcome.refused} == {OfferMoved}
    assert [one.number for one in offers.list_versions(market_id=house.france.id)] == [2, 1]


def test_without_their_constraints_one_writes_over_the_other(arena: Callable[..., SmallHouse]) -> None:
    """The control: read, compare, write. If only one wins here too, the races above prove nothing."""
    lanes = write_lanes(arena(NO_LANE_VERSION))
    assert len(lanes.won) > 1


def test_without_its_constraint_an_offer_has_two_of_one_number(arena: Callable[..., SmallHouse]) -> None:
    written = write_offers(arena(NO_OFFER_VERSION))
    assert len(written.won) > 1
