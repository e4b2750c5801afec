"""Lanes are written whole over what was read, tried before they are written, and every version comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.domains.test_constraints import refused_by
from tests.factories.small_house import SmallHouse
from vendome.domains.house import queries
from vendome.domains.house.errors import LanesMoved, LaneTwice
from vendome.domains.house.types import LaneView
from vendome.domains.people import permissions
from vendome.flows import carrier_lanes
from vendome.kit import sql
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput, Forbidden, NotFound
from vendome.kit.ids import new_id

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def keeper(house: SmallHouse) -> Actor:
    """Keeps the rules of the whole house."""
    return replace(house.director, permissions=dict.fromkeys((permissions.STOCK_RULES, permissions.STOCK_VIEW)))


def lane(**more: object) -> LaneView:
    asked = {
        "id": new_id(),
        "origin": "FR",
        "destination": "FR",
        "carrier": "Courrier",
        "days": 1,
        "runs_on": (1, 2, 3, 4, 5),
    }
    return LaneView(**asked | more)  # type: ignore[arg-type]


def save(house: SmallHouse, one: LaneView, *, expected: int = 0, actor: Actor | None = None) -> int:
    return carrier_lanes.save_lane(lane=one, expected=expected, note="why", actor=actor or keeper(house), at=MONDAY)


def arrives(house: SmallHouse, leaves: date) -> date:
    found: date = sql.value("SELECT house_arrival(%s, %s, %s)", [house.france.id, house.france.id, leaves])
    return found


def test_a_dated_lane_is_asked_for_what_leaves_in_its_days(house: SmallHouse) -> None:
    version = save(house, lane(days=4))
    dates = {"from_date": date(2026, 12, 20), "until_date": date(2026, 12, 24)}
    christmas = lane(carrier="Coursier", days=0, runs_on=tuple(range(1, 8)), **dates)
    save(house, christmas, expected=version)

    assert arrives(house, date(2026, 12, 19)) == date(2026, 12, 24)
    assert arrives(house, date(2026, 12, 20)) == date(2026, 12, 20)
    assert arrives(house, date(2026, 12, 24)) == date(2026, 12, 24)
    assert arrives(house, date(2026, 12, 25)) == date(2026, 12, 31)


def test_what_has_ended_leaves_the_markets_own_days(house: SmallHouse) -> None:
    version = save(house, lane())
    assert arrives(house, MONDAY.date()) == date(2026, 11, 24)
    (known,) = queries.list_lanes(maison_id=house.maison.id)
    save(house, replace(known, until_date=date(2026, 11, 22)), expected=version)
    assert arrives(house, MONDAY.date()) == date(2026, 11, 26)  # three days of the market


def test_a_preview_says_before_and_after_and_writes_nothing(house: SmallHouse) -> None:
    version = save(house, lane(days=3))
    (known,) = queries.list_lanes(maison_id=house.maison.id)

    wanted = replace(known, days=1)
    seen = carrier_lanes.read_preview(lane=wanted, actor=keeper(house), at=MONDAY)
    later = carrier_lanes.read_preview(
        lane=lane(carrier="Coursier", days=0, from_date=date(2026, 12, 7)), actor=keeper(house), at=MONDAY
    )

    assert {(one.place.code, one.now, one.then) for one in seen} == {
        ("paris", date(2026, 11, 26), date(2026, 11, 24)), ("depot", date(2026, 11, 26), date(2026, 11, 24)),
    }  # fmt: skip
    assert [(one.now, one.then) for one in later if one.place.code == "depot"] == [
        (date(2026, 11, 26), date(2026, 11, 26)), (date(2026, 12, 10), date(2026, 12, 7)),
    ]  # fmt: skip
    assert queries.list_lanes(maison_id=house.maison.id) == (known,)
    assert queries.get_lanes_version(maison_id=house.maison.id) == version


def test_history_keeps_what_was_and_brings_it_back(house: SmallHouse) -> None:
    version = save(house, lane(days=2))
    (known,) = queries.list_lanes(maison_id=house.maison.id)
    version = save(house, replace(known, days=5), expected=version)
    version = carrier_lanes.drop_lane(lane_id=known.id, expected=version, note="gone", actor=keeper(house), at=MONDAY)
    assert queries.list_lanes(maison_id=house.maison.id) == ()

    carrier_lanes.restore(number=2, expected=version, actor=keeper(house), at=MONDAY)

    assert queries.list_lanes(maison_id=house.maison.id) == (known,)
    versions = queries.list_lane_versions(maison_id=house.maison.id)
    assert [one.number for one in versions] == [5, 4, 3, 2, 1]
    assert versions[1].note == "gone"
    assert sql.value("SELECT count(*) FROM kit_auditentry WHERE action = 'house.lanes'") == 4
    refused_by("house_laneversion_append_only", "UPDATE house_laneversion SET note = 'never'")


def test_nobody_writes_over_what_they_have_not_read(house: SmallHouse) -> None:
    save(house, lane())
    with pytest.raises(LanesMoved):
        save(house, lane(carrier="Other"), expected=0)
    assert [one.carrier for one in queries.list_lanes(maison_id=house.maison.id)] == ["Courrier"]


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"origin": "XX"}, BadInput), ({"carrier": " "}, BadInput), ({"days": 61}, BadInput),
        ({"runs_on": ()}, BadInput), ({"runs_on": (8,)}, BadInput),
        ({"from_date": date(2026, 12, 2), "until_date": date(2026, 12, 1)}, BadInput),
        ({"days": 9}, LaneTwice), ({"from_date": date(2026, 12, 2)}, LaneTwice),
    ],
)  # fmt: skip
def test_bad_input_changes_nothing(house: SmallHouse, more: dict[str, object], error: type[Exception]) -> None:
    version = save(house, lane())
    stands = queries.list_lanes(maison_id=house.maison.id)
    with pytest.raises(error):
        save(house, lane(**more), expected=version)
    with pytest.raises(error):
        carrier_lanes.read_preview(lane=lane(**more), actor=keeper(house), at=MONDAY)
    assert queries.list_lanes(maison_id=house.maison.id) == stands
    assert queries.get_lanes_version(maison_id=house.maison.id) == version


def test_only_who_keeps_the_rules_of_the_whole_house(house: SmallHouse) -> None:
    for actor in (house.advisor_paris, house.manager_paris, house.advisor_tokyo):
        with pytest.raises(Forbidden):
            save(house, lane(), actor=actor)
        with pytest.raises(Forbidden):
            carrier_lanes.read_preview(lane=lane(), actor=actor, at=MONDAY)
    with pytest.raises(NotFound):
        carrier_lanes.drop_lane(lane_id=new_id(), expected=0, note="x", actor=keeper(house), at=MONDAY)
    with pytest.raises(NotFound):
        carrier_lanes.restore(number=7, expected=0, actor=keeper(house), at=MONDAY)


def test_the_rows_themselves_refuse(house: SmallHouse) -> None:
    save(house, lane())
    refused_by("lane_ends_after_it_begins", "UPDATE house_lane SET from_date = '2026-12-02', until_date = '2026-12-01'")
    refused_by("lane_names_its_carrier", "UPDATE house_lane SET carrier = ''")
