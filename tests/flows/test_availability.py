"""Availability with arguments: who can be promised what, how, where and when; and that the answer is what is held."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from tests.domains.test_constraints import refused_by
from tests.factories.orders import CARD, buy_online, sell_at_counter
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.house.models import Lane, PartnerAgreement, Place
from vendome.domains.orders.errors import ModeNotOffered, PromiseChanged
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import Mode
from vendome.domains.stock.errors import OutOfStock
from vendome.domains.stock.models import Hold, Level, Piece
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.services import shelf
from vendome.domains.stock.types import HoldKind, Supply
from vendome.flows import availability, checkout
from vendome.flows.availability import Question
from vendome.flows.types import PlacedOrder, WantedLine, Way, WayMode
from vendome.kit.errors import BadInput, Forbidden, NotFound

pytestmark = pytest.mark.django_db

FRIDAY = date(2026, 11, 20)  # NOW, at 16:00 in Paris: after the cut-off of 14:00
MONDAY = date(2026, 11, 23)
THURSDAY = date(2026, 11, 26)


def ways(house: SmallHouse, *references: uuid.UUID, at: datetime = NOW, **more: Any) -> dict[WayMode, Way]:
    question = Question(
        reference_ids=references or [house.ring], market_id=more.pop("market", house.france).id,
        modes=more.pop("modes", ()), **more,
    )  # fmt: skip
    found = availability.list_ways_for_staff(question=question, actor=house.advisor_paris, at=at)
    return {one.mode: one for one in found}


def safety(house: SmallHouse, place: uuid.UUID, reference: uuid.UUID, quantity: int) -> None:
    Level.objects.update_or_create(place_id=place, reference_id=reference, defaults={"safety": quantity})


def test_every_way_with_its_day_and_its_source(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    house.stocked(house.warehouse, ring=2)

    found = ways(house, place_id=house.paris)

    assert set(found) == set(WayMode)
    assert found[WayMode.TAKE_AWAY].date == FRIDAY
    assert (found[WayMode.COLLECT].date, found[WayMode.COLLECT].source_id) == (MONDAY, house.paris)
    assert (found[WayMode.DELIVER].date, found[WayMode.DELIVER].source_id) == (THURSDAY, house.warehouse)
    assert found[WayMode.RESERVE].supply is Supply.LAST


def test_it_is_collected_where_it_does_not_stand(house: SmallHouse) -> None:
    house.stocked(house.london, ring=1)

    found = ways(house, place_id=house.paris)

    assert set(found) == {WayMode.COLLECT, WayMode.DELIVER}
    collect = found[WayMode.COLLECT]
    assert (collect.place_id, collect.source_id, collect.reason) == (house.paris, house.london, "sent there for her")
    assert collect.date == date(2026, 12, 1)  # Monday's work in London, six days abroad
    assert availability.list_ways(
        question=Question(reference_ids=[house.ring], market_id=house.france.id, place_id=house.paris),
        maison_id=house.maison.id, at=NOW,
    )[0].source_id is None  # fmt: skip


def test_nothing_anywhere_is_no_way(house: SmallHouse, other_house: SmallHouse) -> None:
    other_house.stocked(other_house.paris, ring=3)

    assert ways(house, place_id=house.paris) == {}
    assert ways(house, other_house.ring, place_id=house.paris) == {}
    with pytest.raises(NotFound):
        ways(house, place_id=other_house.paris)
    with pytest.raises(Forbidden):
        availability.ways_json(
            question=Question(reference_ids=[house.ring], market_id=house.france.id),
            actor=house.as_client(house.traditional), at=NOW,
        )  # fmt: skip


def test_the_safety_stock_is_for_who_stands_at_the_counter(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=2)
    safety(house, house.paris, house.ring, 1)

    buy_online(house, house.traditional, house.ring)
    assert set(ways(house, place_id=house.paris)) == {WayMode.TAKE_AWAY}
    for how in ({"mode": Mode.COLLECT}, {"mode": Mode.DELIVER}):
        with pytest.raises(OutOfStock):
            buy_online(house, house.emerging, house.ring, **how)
    sell_at_counter(house, house.ring)

    assert Level.objects.get(place_id=house.paris, reference_id=house.ring).on_hand == 1  # hers, still to collect
    refused_by("safety_stock_not_negative", "UPDATE stock_level SET safety = -1")


def test_what_is_answered_is_what_is_held(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    house.stocked(house.london, ring=5)
    for mode, place in ((Mode.DELIVER, None), (Mode.COLLECT, house.paris)):
        promised = ways(house, channel="web", place_id=house.paris)[WayMode(mode.value)]

        placed = buy_online(house, house.traditional, house.ring, mode=mode, place=place, address=["1 rue X"])

        hold = Hold.objects.get(id=placed.lines[0].hold_id)
        order = orders.get_order(actor=house.system, order_id=placed.id)
        assert (hold.place_id, order.lines[0].promised_date) == (promised.source_id, promised.date)
        assert order.lines[0].place_id == (place or promised.source_id)
    assert stock.list_disagreements() == ()


def test_the_plan_says_why_it_comes_from_there(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    house.stocked(house.paris, ring=9)
    house.stocked(house.london, watch=1)

    placed = buy_online(house, house.traditional, house.ring, house.watch, mode=Mode.DELIVER)

    plan = {one.place_id: one.reason for one in orders.get_order(actor=house.system, order_id=placed.id).sourcing}
    assert plan == {
        house.warehouse: "a warehouse before a boutique",
        house.london: "the only place that could send it",
    }


def test_a_day_that_cannot_be_kept_is_refused_and_a_later_one_is_kept(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=2)

    def order(day: date) -> PlacedOrder:
        return checkout.place_order(
            key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="web", tender=CARD,
            lines=[WantedLine(reference_id=house.ring, mode=Mode.DELIVER, promised_date=day)],
            client_id=house.traditional, actor=house.as_client(house.traditional), at=NOW,
        )  # fmt: skip

    with pytest.raises(PromiseChanged) as refused:
        order(THURSDAY - timedelta(days=1))
    assert refused.value.details()["date"] == "2026-11-26"
    kept = order(date(2026, 12, 24))
    assert orders.get_order(actor=house.system, order_id=kept.id).lines[0].promised_date == date(2026, 12, 24)


# -- one piece, and a day -----------------------------------------------------------------------------------------


def piece_at(house: SmallHouse, place: uuid.UUID) -> uuid.UUID:
    house.stocked(place, ring=1)
    return Piece.objects.get(place_id=place).id


def ask(house: SmallHouse, **question: Any) -> dict[WayMode, Way]:
    found = availability.list_ways_for_staff(
        question=Question(market_id=house.france.id, **question), actor=house.advisor_paris, at=NOW
    )
    return {one.mode: one for one in found}


def test_one_piece_comes_from_where_it_stands_and_from_nowhere_else(house: SmallHouse) -> None:
    mine, _other = piece_at(house, house.london), piece_at(house, house.paris)

    found = ask(house, piece_id=mine, place_id=house.paris)

    assert set(found) == {WayMode.COLLECT, WayMode.DELIVER}
    assert {one.source_id for one in found.values()} == {house.london}
    assert {one.supply for one in found.values()} == {Supply.LAST}
    assert set(ask(house, piece_id=mine, place_id=house.london)) >= {WayMode.TAKE_AWAY, WayMode.RESERVE}


def test_what_is_promised_of_a_piece_is_what_an_order_takes(house: SmallHouse) -> None:
    mine, _other = piece_at(house, house.london), piece_at(house, house.warehouse)
    way = ask(house, piece_id=mine, modes=[WayMode.DELIVER])[WayMode.DELIVER]

    placed = checkout.place_order(
        key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="boutique", tender=CARD,
        lines=[WantedLine(reference_id=house.ring, mode=Mode.DELIVER, place_id=way.source_id, piece_id=mine)],
        client_id=house.traditional, actor=house.advisor_paris, at=NOW,
    )  # fmt: skip

    [line] = orders.get_order(actor=house.system, order_id=placed.id).lines
    assert (line.piece_id, line.promised_date) == (mine, way.date)
    assert ask(house, piece_id=mine, place_id=house.paris) == {}  # it is promised now


def test_a_piece_of_another_house_or_with_other_references_is_refused(
    house: SmallHouse, other_house: SmallHouse
) -> None:
    theirs, ours = piece_at(other_house, other_house.paris), piece_at(house, house.london)

    with pytest.raises(NotFound):
        ask(house, piece_id=theirs)
    for wrong in ({"reference_ids": [house.ring]}, {"quantity": 2}):
        with pytest.raises(BadInput):
            ask(house, piece_id=ours, **wrong)


def test_what_would_come_too_late_is_left_out(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    house.stocked(house.warehouse, ring=1)

    def by(day: date) -> set[WayMode]:
        return set(ways(house, place_id=house.paris, by=day))

    assert by(FRIDAY) == {WayMode.TAKE_AWAY}
    assert WayMode.COLLECT in by(MONDAY)
    assert WayMode.DELIVER not in by(THURSDAY - timedelta(days=1))
    assert by(THURSDAY) == set(WayMode)


# -- partners -------------------------------------------------------------------------------------------------


def test_a_partners_stock_is_promised_only_as_agreed(house: SmallHouse) -> None:
    house.stocked(house.partner_door, ring=1)
    assert ways(house, place_id=house.partner_door) == {}
    with pytest.raises(OutOfStock):
        buy_online(house, house.traditional, house.ring, mode=Mode.DELIVER)
    with pytest.raises(ModeNotOffered):
        buy_online(house, house.traditional, house.ring, place=house.partner_door)

    agreement = PartnerAgreement.objects.create(
        place_id=house.partner_door,
        modes=["DELIVER"],
        during=(FRIDAY, None),
        paper="2026/17",
        noted_by="x",
        noted_at=NOW,
    )
    assert set(ways(house, place_id=house.partner_door)) == {WayMode.DELIVER}
    with pytest.raises(ModeNotOffered):
        buy_online(house, house.traditional, house.ring, place=house.partner_door)
    house.stocked(house.london, ring=1)
    assert ways(house)[WayMode.DELIVER].source_id == house.london  # our own first, even from abroad
    buy_online(house, house.traditional, house.ring, mode=Mode.DELIVER)
    taken = buy_online(house, house.emerging, house.ring, mode=Mode.DELIVER)
    assert Hold.objects.get(id=taken.lines[0].hold_id).place_id == house.partner_door

    PartnerAgreement.objects.filter(id=agreement.id).update(during=DateRange(date(2026, 1, 1), FRIDAY))
    house.stocked(house.partner_door, ring=1)
    assert ways(house) == {}


def test_agreements_are_dated_and_say_what(house: SmallHouse) -> None:
    insert = (
        "INSERT INTO house_partneragreement (id, place_id, modes, during, paper, noted_by, noted_at) "
        "VALUES (gen_random_uuid(), %s, %s, %s, %s, 'x', now())"
    )
    one = [house.partner_door, ["DELIVER"], "[2026-01-01,)", "17"]
    connection.cursor().execute(insert, one)

    refused_by("one_agreement_at_a_time", insert, [one[0], ["COLLECT"], "[2026-06-01,2026-07-01)", "18"])
    refused_by("agreement_names_its_modes", insert, [one[0], ["TAKE_AWAY"], "[2020-01-01,2021-01-01)", "18"])
    refused_by("agreement_names_its_modes", insert, [one[0], [], "[2020-01-01,2021-01-01)", "18"])
    refused_by("agreement_names_its_paper", insert, [one[0], ["COLLECT"], "[2020-01-01,2021-01-01)", ""])


# -- days -------------------------------------------------------------------------------------------------------


def day_of(house: SmallHouse, mode: WayMode, at: datetime, **more: Any) -> date:
    return ways(house, at=at, modes=[mode], **more)[mode].date


def test_the_cut_off_is_read_on_the_clock_of_the_place(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    thursday = datetime(2026, 11, 19, 12, 59, tzinfo=UTC)  # 13:59 in Paris
    assert day_of(house, WayMode.DELIVER, thursday) == date(2026, 11, 24)
    assert day_of(house, WayMode.DELIVER, thursday + timedelta(minutes=1)) == date(2026, 11, 25)

    Place.objects.filter(id=house.warehouse).update(timezone="Asia/Tokyo")  # already Thursday evening there
    assert day_of(house, WayMode.DELIVER, thursday) == date(2026, 11, 25)
    Place.objects.filter(id=house.warehouse).update(timezone="America/New_York")
    assert day_of(house, WayMode.DELIVER, thursday + timedelta(minutes=1)) == date(2026, 11, 24)


def test_holidays_weekends_and_preparation_put_it_off(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    morning = datetime(2026, 12, 23, 8, 0, tzinfo=UTC)  # a Wednesday
    assert day_of(house, WayMode.COLLECT, morning, place_id=house.paris) == date(2026, 12, 23)

    place = Place.objects.filter(id=house.paris)
    place.update(closed_dates=[date(2026, 12, 24), date(2026, 12, 25)], preparation_days=1)
    assert day_of(house, WayMode.COLLECT, morning, place_id=house.paris) == date(2026, 12, 28)
    place.update(hours={"sat": "10:00-18:00"}, preparation_days=0)
    assert day_of(house, WayMode.COLLECT, morning, place_id=house.paris) == date(2026, 12, 26)
    place.update(hours={"sat": ""})  # never open again: a year from now, not for ever
    assert day_of(house, WayMode.COLLECT, morning, place_id=house.paris) == date(2027, 12, 24)


def test_the_quickest_carrier_of_the_lane_counts_the_days_it_moves(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    lane = {"maison_id": house.maison.id, "origin_id": house.france.id, "destination_id": house.france.id}
    monday = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    Lane.objects.create(**lane, carrier="slow", days=9, runs_on=[1])
    Lane.objects.create(**lane, carrier="courier", days=2, runs_on=[1, 3, 5])

    assert day_of(house, WayMode.DELIVER, monday) == date(2026, 11, 27)  # Wednesday and Friday

    insert = (
        "INSERT INTO house_lane (id, maison_id, origin_id, destination_id, carrier, days, runs_on) "
        "VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s)"
    )
    ids = [house.maison.id, house.france.id, house.france.id]
    refused_by("one_lane_of_a_carrier_at_a_time", insert, [*ids, "courier", 1, [1]])
    refused_by("lane_days_sane", insert, [*ids, "x", -1, [1]])
    refused_by("lane_runs_some_day", insert, [*ids, "x", 1, []])
    refused_by("lane_runs_some_day", insert, [*ids, "x", 1, [8]])


# -- the client, and the cost -------------------------------------------------------------------------------------


def test_what_is_set_aside_for_her_is_told_with_the_answer(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    hold = shelf.hold_reference(
        kind=HoldKind.RESERVATION, place_id=house.paris, reference_id=house.ring, client_id=house.traditional,
        expires_at=None, actor=house.system, at=NOW,
    )  # fmt: skip

    def held(client: uuid.UUID) -> list[str]:
        question = Question(reference_ids=[house.ring], market_id=house.france.id, client_id=client)
        told = json.loads(availability.ways_json(question=question, actor=house.advisor_paris, at=NOW))
        return [one["hold_id"] for one in told["held"]]

    assert held(house.traditional) == [str(hold)]
    assert held(house.emerging) == []


def test_twenty_four_references_are_one_statement(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1, watch=1, candle=3)
    many = [house.ring, house.watch, house.candle, *[uuid.uuid4() for _ in range(21)]]

    with CaptureQueriesContext(connection) as asked:
        found = availability.list_ways(
            question=Question(reference_ids=many, market_id=house.france.id, modes=[WayMode.DELIVER]),
            maison_id=house.maison.id, at=NOW,
        )  # fmt: skip

    assert {one.reference_id for one in found} == {house.ring, house.watch, house.candle}
    assert [one["sql"] for one in asked if "SAVEPOINT" not in one["sql"]] == []  # the one goes past the framework


def test_a_client_who_named_no_city_is_told_no_distance(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    asked = {"maison_id": house.maison.id, "market_id": house.france.id, "reference_id": house.ring, "at": NOW}

    assert {one.km for one in availability.list_collection(**asked)} == {None}
    Place.objects.filter(id=house.paris).update(latitude=48.87, longitude=2.33)
    near = availability.list_collection(**asked, near=house.paris)
    assert next(one.km for one in near if one.place_id == house.paris) == 0
