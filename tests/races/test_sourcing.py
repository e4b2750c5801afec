"""What was answered is what is held, whatever the load: safety stock, other sources and buyers at one moment."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from tests.factories.orders import buy_online, pay, sell_at_counter
from tests.factories.small_house import NOW, SmallHouse
from tests.races.conftest import Outcome, race
from vendome.domains.fulfilment.types import RefusalReason, Resolution
from vendome.domains.orders.models import OrderLine
from vendome.domains.orders.types import Mode
from vendome.domains.stock.errors import OutOfStock
from vendome.domains.stock.models import Hold, Level
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import availability, exceptions, line_steps
from vendome.flows.availability import Question
from vendome.flows.types import PlacedOrder, WayMode

pytestmark = pytest.mark.race

CHECK_THEN_ACT = """
    CREATE OR REPLACE FUNCTION stock_take_for_promise(place uuid, ref uuid, quantity integer,
                                                      OUT on_hand_now integer, OUT held_now integer)
    LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM stock_level l WHERE l.reference_id = ref AND l.place_id = place
            AND l.on_hand - l.held - l.safety >= quantity;
        IF NOT FOUND THEN RETURN; END IF;
        PERFORM pg_sleep(0.05);
        UPDATE stock_level l SET held = l.held + quantity WHERE l.reference_id = ref AND l.place_id = place
            AND l.on_hand - l.held >= quantity RETURNING l.on_hand, l.held INTO on_hand_now, held_now;
    END $$
"""
"""The guard of the safety stock taken out of the statement that takes, and the level's own guard left in."""


def far_buyers(house: SmallHouse, number: int) -> list[Callable[[], PlacedOrder]]:
    return [lambda: buy_online(house, house.traditional, house.ring) for _ in range(number)]


def safety(house: SmallHouse, quantity: int) -> None:
    Level.objects.filter(place_id=house.paris, reference_id=house.ring).update(safety=quantity)


def test_no_crowd_from_afar_reaches_the_safety_stock(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.paris, ring=4)
    safety(house, 2)

    outcome = race(*far_buyers(house, 30))

    assert outcome.broken == []
    assert len(outcome.won) == 2
    assert [type(error) for error in outcome.refused] == [OutOfStock] * 28
    sell_at_counter(house, house.ring)
    sell_at_counter(house, house.ring)  # who stands at the counter has both
    assert stock.list_disagreements() == ()


def test_control_checked_before_it_is_taken_the_safety_stock_is_promised(arena: Callable[..., SmallHouse]) -> None:
    house = arena(CHECK_THEN_ACT)
    house.stocked(house.paris, ring=4)
    safety(house, 2)

    outcome = race(*far_buyers(house, 30))

    assert len(outcome.won) > 2, outcome


def test_every_answer_that_is_bought_at_once_is_held_where_it_said_or_elsewhere_but_never_twice(
    arena: Callable[..., SmallHouse],
) -> None:
    """Each buyer asks and then orders; together they get exactly what there is, each from one real source."""
    house = arena()
    house.stocked(house.warehouse, ring=3)
    house.stocked(house.paris, ring=2)
    house.stocked(house.london, ring=4)
    question = Question(reference_ids=[house.ring], market_id=house.france.id, modes=[WayMode.DELIVER])

    def ask_and_buy() -> tuple[uuid.UUID | None, PlacedOrder]:
        told = availability.list_ways_for_staff(question=question, actor=house.advisor_paris, at=NOW)
        placed = buy_online(house, house.traditional, house.ring, mode=Mode.DELIVER)
        return (told[0].source_id if told else None), placed

    outcome = race(*[ask_and_buy] * 24)

    assert outcome.broken == []
    assert len(outcome.won) == 9
    assert {type(error) for error in outcome.refused} == {OutOfStock}
    sources = [Hold.objects.get(id=placed.lines[0].hold_id).place_id for _told, placed in outcome.won]
    assert sorted(map(sources.count, (house.warehouse, house.paris, house.london))) == [2, 3, 4]
    assert stock.list_disagreements() == ()


def test_one_after_the_other_each_is_held_exactly_where_it_was_answered(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.warehouse, ring=3)
    house.stocked(house.paris, ring=2)
    question = Question(reference_ids=[house.ring], market_id=house.france.id, modes=[WayMode.DELIVER])

    for _ in range(5):
        (told,) = availability.list_ways_for_staff(question=question, actor=house.advisor_paris, at=NOW)
        placed = buy_online(house, house.traditional, house.ring, mode=Mode.DELIVER)
        assert Hold.objects.get(id=placed.lines[0].hold_id).place_id == told.source_id


# -- another source ---------------------------------------------------------------------------------------------


def refused_lines(house: SmallHouse, number: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Paid lines that Paris cannot give, with their exceptions."""
    house.stocked(house.paris, ring=number)
    made = []
    for _ in range(number):
        line = pay(house, buy_online(house, house.traditional, house.ring)).lines[0].id
        exception = line_steps.refuse(
            key=str(uuid.uuid4()), line_id=line, reason=RefusalReason.NOT_FOUND, note="", actor=house.system, at=NOW
        )
        made.append((line, exception))
    return made


def anew(house: SmallHouse, exception: uuid.UUID) -> Callable[[], None]:
    return lambda: exceptions.resolve(
        key=str(uuid.uuid4()), exception_id=exception, resolution=Resolution.RESOURCED, actor=house.system, at=NOW
    )


def against_buyers(house: SmallHouse) -> tuple[Outcome, list[tuple[uuid.UUID, uuid.UUID]]]:
    lines = refused_lines(house, 6)
    house.stocked(house.london, ring=8)
    buyers = [lambda: buy_online(house, house.emerging, house.ring, place=house.london) for _ in range(12)]
    return race(*[anew(house, exception) for _line, exception in lines], *buyers), lines


def test_lines_sourced_anew_and_buyers_share_what_there_is(arena: Callable[..., SmallHouse]) -> None:
    house = arena()

    outcome, lines = against_buyers(house)

    assert outcome.broken == []
    assert len(outcome.won) == 8
    assert {type(error) for error in outcome.refused} == {OutOfStock}
    for line, _exception in lines:  # moved or not, each paid line has one hold that is its own
        assert Hold.objects.filter(
            id=OrderLine.objects.get(id=line).hold_id, state="ACTIVE", order_line_id=line
        ).exists()
    assert stock.list_disagreements() == ()


def test_control_without_the_guard_more_is_promised_than_stands_there(arena: Callable[..., SmallHouse]) -> None:
    house = arena(
        CHECK_THEN_ACT.replace("AND l.on_hand - l.held >= quantity RETURNING", "RETURNING"),
        "ALTER TABLE stock_level DROP CONSTRAINT stock_never_oversold",
        "ALTER TABLE stock_movement DROP CONSTRAINT ledger_never_oversold",
    )
    house.stocked(house.paris, candle=3)

    outcome = race(*[lambda: buy_online(house, house.traditional, house.candle) for _ in range(12)])

    assert len(outcome.won) > 3, outcome


def test_two_people_who_settle_one_refusal_at_once_move_it_once(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    ((line, exception),) = refused_lines(house, 1)
    house.stocked(house.london, ring=5)

    outcome = race(*[anew(house, exception)] * 8)

    assert outcome.broken == []
    assert len(outcome.won) == 1
    assert Hold.objects.filter(order_line_id=line, state="ACTIVE").count() == 1
    assert Level.objects.get(place_id=house.london, reference_id=house.ring).held == 1
    assert not {type(error) for error in outcome.refused} & {OutOfStock}
    assert stock.list_disagreements() == ()
