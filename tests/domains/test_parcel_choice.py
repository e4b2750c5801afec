"""Which service carries what, and what is said when none may. Pure, so that it can be read like a table."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendome.domains.fulfilment.choice import Advice, Why, arrival, choose, distance_km, footprint, slots
from vendome.domains.fulfilment.types import DeliveryMode, ServiceView, Shipment

FRIDAY = datetime(2026, 11, 20, 15, tzinfo=UTC)


def service(mode: str, limit: int, **more: Any) -> ServiceView:
    values: dict[str, Any] = {
        "id": uuid.uuid4(), "carrier": "c", "code": mode, "name": mode, "mode": DeliveryMode(mode),
        "countries": frozenset(),
        "origins": frozenset(), "limits": {"EUR": limit}, "needs_signature": True, "checks_identity": False, "days": 2,
        "cut_off": time(16), "windows": ((time(10), time(12)),), "slot_seats": 1,
        "base_grams": 200, "grams_per_tonne_km": 600,
        "footprint_source": "x", "rank": 0, **more,
    }  # fmt: skip
    return ServiceView(**values)


def shipment(**more: Any) -> Shipment:
    values: dict[str, Any] = {
        "origin": "FR", "destination": "FR", "currency": "EUR", "value": 100, "distance_km": 400,
        "mode": DeliveryMode.STANDARD, "local_now": FRIDAY, **more,
    }  # fmt: skip
    return Shipment(**values)


STANDARD, EXPRESS, GLOVE = service("STANDARD", 1_000), service("EXPRESS", 2_500), service("WHITE_GLOVE", 50_000)
ALL = [GLOVE, EXPRESS, STANDARD]


@pytest.mark.parametrize(
    ("wanted", "value", "chosen", "why"),
    [
        ("STANDARD", 1_000, STANDARD, Why.AS_CHOSEN),
        ("STANDARD", 1_001, EXPRESS, Why.BEFORE_PROMISE),
        ("STANDARD", 2_501, GLOVE, Why.HAND_CARRIED),
        ("EXPRESS", 500, EXPRESS, Why.AS_CHOSEN),
        ("WHITE_GLOVE", 500, GLOVE, Why.AS_CHOSEN),
    ],
)
def test_the_kind_she_chose_wins_else_the_next_better_that_insures_it(
    wanted: str, value: int, chosen: ServiceView, why: Why
) -> None:
    found = choose(ALL, shipment(mode=DeliveryMode(wanted), value=value))

    assert found.chosen is not None
    assert (found.chosen.service, found.chosen.why, found.advice) == (chosen, why, Advice.SEND)


def test_too_much_together_is_split_and_too_much_alone_asks_a_person() -> None:
    assert choose(ALL, shipment(value=60_000), line_values=[30_000, 30_000]).advice is Advice.SPLIT
    assert choose(ALL, shipment(value=60_000), line_values=[60_000]).advice is Advice.ASK
    assert choose(ALL, shipment(value=90_000), line_values=[60_000, 30_000]).advice is Advice.ASK
    assert choose([], shipment()).advice is Advice.ASK


def test_each_service_says_what_speaks_against_it() -> None:
    found = choose(
        [
            service("STANDARD", 1_000, countries=frozenset({"GB"})),
            service("EXPRESS", 1_000, origins=frozenset({"JP"})),
            service("EXPRESS", 1_000, limits={"USD": 5}),
            service("WHITE_GLOVE", 50),
        ],
        shipment(),
    )

    assert {one.why for one in found.weighed} == {Why.NOT_THERE, Why.NOT_FROM_HERE, Why.NOT_INSURED_IN, Why.ABOVE_LIMIT}
    assert found.chosen is None


def test_of_two_that_fit_the_houses_rank_then_the_cleaner_one() -> None:
    dirty, clean = service("STANDARD", 1_000, base_grams=900), service("STANDARD", 1_000, base_grams=100)
    ranked = service("STANDARD", 1_000, base_grams=900, rank=-1)

    assert choose([dirty, clean], shipment()).chosen.service is clean  # type: ignore[union-attr]
    assert choose([dirty, clean, ranked], shipment()).chosen.service is ranked  # type: ignore[union-attr]


def test_what_would_come_too_late_gives_way_to_the_simplest_that_is_there_in_time() -> None:
    tuesday, monday, saturday = date(2026, 11, 24), date(2026, 11, 23), date(2026, 11, 21)
    slow, quick = service("STANDARD", 1_000, rank=-1), service("STANDARD", 1_000, days=1)
    express, glove = service("EXPRESS", 1_000, days=1), service("WHITE_GLOVE", 1_000, days=1)

    def chosen(services: list[ServiceView], promised: date | None, mode: str = "STANDARD") -> tuple[Any, Any]:
        found = choose(services, shipment(promised=promised, mode=DeliveryMode(mode))).chosen
        assert found is not None
        return found.service, found.why

    assert chosen([slow, quick, express], None) == (slow, Why.AS_CHOSEN)
    assert chosen([slow, quick, express], tuesday) == (slow, Why.AS_CHOSEN)
    assert chosen([slow, quick, express], monday) == (quick, Why.AS_CHOSEN)
    assert chosen([slow, glove, express], monday) == (express, Why.IN_TIME)
    assert chosen([slow, glove], monday) == (glove, Why.IN_TIME)
    assert chosen([slow, glove, express], saturday) == (slow, Why.AS_CHOSEN)  # nobody is there in time
    assert chosen([quick, service("WHITE_GLOVE", 1_000, days=2)], monday, "WHITE_GLOVE")[1] is Why.AS_CHOSEN
    assert chosen([glove, express], monday) == (express, Why.BEFORE_PROMISE)  # her own kind does not go there at all


@given(st.integers(1, 100_000), st.sampled_from(list(DeliveryMode)))
def test_what_is_chosen_always_insures_the_whole(value: int, mode: DeliveryMode) -> None:
    found = choose(ALL, shipment(value=value, mode=mode))

    assert (found.chosen is None) == (value > 50_000)
    assert found.chosen is None or found.chosen.limit >= value


def test_days_are_working_days_and_the_cut_off_counts() -> None:
    assert arrival(STANDARD, FRIDAY) == date(2026, 11, 24)
    assert arrival(STANDARD, FRIDAY.replace(hour=17)) == date(2026, 11, 25)
    assert arrival(service("EXPRESS", 1, days=0), FRIDAY.replace(day=21)) == date(2026, 11, 23)


def test_footprint_grows_with_weight_and_way() -> None:
    assert footprint(STANDARD, grams=1_000, km=1_000) == 200 + 600
    assert 330 < distance_km((48.8566, 2.3522), (51.5072, -0.1276)) < 350


def test_white_glove_windows_are_never_today_nor_on_a_sunday() -> None:
    found = slots(GLOVE, FRIDAY)

    assert all(one.starts_at.date() > FRIDAY.date() and one.starts_at.weekday() != 6 for one in found)
    assert all(one.ends_at > one.starts_at for one in found)


def test_white_glove_comes_by_the_clock_at_her_door() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")

    found = slots(GLOVE, FRIDAY, at_the_door=tokyo)

    assert {one.starts_at.astimezone(tokyo).time() for one in found} == {time(10)}


def test_nothing_arrives_before_its_place_has_it_ready_and_travelled() -> None:
    ready = date(2026, 11, 26)

    assert arrival(STANDARD, FRIDAY, ready) == date(2026, 11, 30)
    assert min(one.starts_at.date() for one in slots(GLOVE, FRIDAY, ready=ready)) > ready
