"""Routing rules are ordered data: the first that tells places apart decides; the preview is what is held."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection

from tests.domains.test_constraints import refused_by
from tests.factories.orders import buy_online, pay
from tests.factories.returns import bring_back, give
from tests.factories.small_house import NOW, SmallHouse
from tests.sabotage import change
from vendome.domains.fulfilment.types import USUAL_RULES, RoutingRule, RuleKind
from vendome.domains.house.models import Place
from vendome.domains.orders.types import Mode
from vendome.domains.people.permissions import STOCK_RULES
from vendome.domains.stock.models import Hold, Level
from vendome.flows import returns, sourcing
from vendome.flows.returns import TakenInstead
from vendome.flows.sourcing import Candidate
from vendome.kit import sql
from vendome.kit.actors import Actor, ActorKind
from vendome.kit.errors import BadInput, Forbidden
from vendome.kit.models import AuditEntry

pytestmark = pytest.mark.django_db


def controller(house: SmallHouse) -> Actor:
    held = {STOCK_RULES: None, "stock.view": None}
    return Actor(kind=ActorKind.STAFF, id=uuid.uuid4(), maison_id=house.maison.id, permissions=held)


def rules(house: SmallHouse, *kinds: str | tuple[str, int], channel: str = "") -> None:
    given = [(one, 1) if isinstance(one, str) else one for one in kinds]
    sourcing.set_rules(
        channel=channel,
        rules=[RoutingRule(kind=RuleKind(kind), step=step) for kind, step in given],
        actor=controller(house),
        at=NOW,
    )


def preview(house: SmallHouse, **more: object) -> tuple[Candidate, ...]:
    return sourcing.preview(
        reference_id=house.ring, market_id=house.france.id, channel="web", actor=controller(house), at=NOW, **more
    )  # type: ignore[arg-type]  # the tests name what they need


def chosen(house: SmallHouse) -> uuid.UUID:
    """Where an order placed now is held; the order stays, so the next choice stands before less stock."""
    placed = buy_online(house, house.traditional, house.ring, mode=Mode.DELIVER)
    return Hold.objects.get(id=placed.lines[0].hold_id).place_id


@pytest.fixture
def spread(house: SmallHouse) -> SmallHouse:
    """Paris 3, London 9, the warehouse 5; Paris and London on the map."""
    house.stocked(house.paris, ring=3)
    house.stocked(house.london, ring=9)
    house.stocked(house.warehouse, ring=5)
    Place.objects.filter(id=house.paris).update(latitude=48.868, longitude=2.329)
    Place.objects.filter(id=house.london).update(latitude=51.512, longitude=-0.144)
    Place.objects.filter(id=house.warehouse).update(latitude=49.01, longitude=2.55)
    return house


def test_the_usual_rules_stand_in_one_place_only(house: SmallHouse) -> None:
    assert tuple(sql.row("SELECT kinds FROM flows_routing(%s, 'web')", [house.maison.id])[0]) == tuple(  # type: ignore[index]
        kind.value for kind in USUAL_RULES
    )


@pytest.mark.parametrize(
    ("kinds", "first", "rule_of_second"),
    [
        (("MARGIN",), "london", "MARGIN"),
        (("SAME_MARKET", "MARGIN"), "warehouse", "MARGIN"),
        (("WAREHOUSE_FIRST",), "warehouse", "WAREHOUSE_FIRST"),
        (("DISTANCE",), "paris", "DISTANCE"),
        ((("DISTANCE", 100), "MARGIN"), "warehouse", "MARGIN"),  # 23 km apart is as near: then the fuller shelf
        ((("MARGIN", 10), "DISTANCE"), "paris", "DISTANCE"),
    ],
)
def test_the_first_rule_that_separates_decides(
    spread: SmallHouse, kinds: tuple[str], first: str, rule_of_second: str
) -> None:
    rules(spread, *kinds)

    shown = preview(spread)

    assert (shown[0].place_id, shown[0].rule, shown[1].rule) == (getattr(spread, first), "", rule_of_second)
    assert chosen(spread) == getattr(spread, first)


def test_where_fewer_orders_wait(spread: SmallHouse) -> None:
    rules(spread, ("LOAD", 2), "SAME_MARKET", "MARGIN")

    assert [chosen(spread) for _ in range(5)] == [
        spread.warehouse, spread.warehouse, spread.paris, spread.paris, spread.london,
    ]  # fmt: skip


def after_an_ended_exchange(spread: SmallHouse) -> uuid.UUID:
    """Paris took a ring back for an exchange that was never paid; where the next ring comes from."""
    sold = give(spread, pay(spread, buy_online(spread, spread.traditional, spread.ring)))
    spread.stocked(spread.paris, watch=1)
    instead = (TakenInstead(reference_id=spread.watch),)
    done = bring_back(spread, sold, instead=instead, pay_within=timedelta(hours=1)).document
    assert done is not None
    returns.end_exchange(document_id=done.id, actor=spread.advisor_paris, at=NOW)

    rules(spread, "LOAD", "DISTANCE")
    return chosen(spread)


def test_what_came_in_of_an_ended_exchange_waits_nowhere(spread: SmallHouse) -> None:
    assert after_an_ended_exchange(spread) == spread.paris
    assert sql.value("SELECT count(*) FROM orders_orderline WHERE direction = 'IN' AND state <> 'WITHDRAWN'") == 0


def test_control_counted_as_an_order_it_sends_the_next_one_elsewhere(spread: SmallHouse) -> None:
    change("flows_senders", "AND l.direction = 'OUT'", "")
    change("flows_forget_exchange", "SET state = 'WITHDRAWN'", "SET state = 'HELD'")

    assert after_an_ended_exchange(spread) != spread.paris


def test_an_order_leaves_together_where_it_can(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=2)
    house.stocked(house.paris, ring=1, watch=1)

    one = buy_online(house, house.traditional, house.ring, house.watch, mode=Mode.DELIVER)
    assert {line.place_id for line in one.lines} == {house.paris}

    house.stocked(house.paris, ring=1, watch=1)
    rules(house, "WAREHOUSE_FIRST")
    two = buy_online(house, house.traditional, house.ring, house.watch, mode=Mode.DELIVER)
    assert {line.place_id for line in two.lines} == {house.paris, house.warehouse}


def test_a_channel_has_rules_of_its_own(spread: SmallHouse) -> None:
    rules(spread, "WAREHOUSE_FIRST")
    rules(spread, "DISTANCE", channel="web")
    assert preview(spread)[0].place_id == spread.paris

    rules(spread, channel="web")
    assert preview(spread)[0].place_id == spread.warehouse
    assert [one.kind for one in sourcing.list_rules(actor=controller(spread))] == ["WAREHOUSE_FIRST"]


def test_the_preview_leaves_out_who_cannot_send(spread: SmallHouse) -> None:
    Level.objects.filter(place_id=spread.paris).update(safety=3)
    Place.objects.filter(id=spread.london).update(ships=False)

    (only,) = preview(spread)

    assert (only.place_id, only.free, only.reason) == (spread.warehouse, 5, "")
    assert preview(spread, collect_at=spread.paris)[0].date > NOW.date()


def test_rules_are_written_by_who_may_and_once_each(house: SmallHouse) -> None:
    with pytest.raises(Forbidden):
        sourcing.set_rules(rules=[], actor=house.manager_paris, at=NOW)
    for wrong in (("MARGIN", "MARGIN"), (("LOAD", 0),)):
        with pytest.raises(BadInput):
            rules(house, *wrong)  # type: ignore[arg-type]
    with pytest.raises(BadInput):
        rules(house, "MARGIN", channel="carrier-pigeon")
    assert AuditEntry.objects.filter(action="fulfilment.set_rules").count() == 0

    rules(house, "MARGIN")
    assert AuditEntry.objects.filter(action="fulfilment.set_rules").count() == 1
    insert = (
        "INSERT INTO fulfilment_routingrule (id, maison_id, channel, position, kind, step) "
        "VALUES (gen_random_uuid(), %s, '', %s, %s, %s)"
    )
    refused_by("routing_rule_once", insert, [house.maison.id, 2, "MARGIN", 1])
    refused_by("routing_rule_known", insert, [house.maison.id, 2, "ASTROLOGY", 1])
    refused_by("routing_step_sane", insert, [house.maison.id, 2, "LOAD", 0])
    refused_by(
        "routing_rules_in_one_order", f"{insert}; SET CONSTRAINTS ALL IMMEDIATE", [house.maison.id, 1, "LOAD", 1]
    )
    connection.cursor().execute("SET CONSTRAINTS ALL DEFERRED")


def test_where_it_is_and_how_sure_that_is(spread: SmallHouse) -> None:
    buy_online(spread, spread.traditional, spread.ring, place=spread.london)
    Level.objects.filter(place_id=spread.london).update(safety=8)

    found = sourcing.where_it_is(
        reference_id=spread.ring, here=spread.paris, market_id=spread.france.id, actor=spread.advisor_paris, at=NOW
    )

    assert [one.place_id for one in found] == [spread.paris, spread.warehouse, spread.london]
    paris, depot, london = found
    assert (paris.km, paris.free, paris.changes, paris.counted_at, paris.may_hold) == (0, 3, 3, None, True)
    assert depot.km == pytest.approx(23, abs=2)
    assert (depot.collect_date, depot.may_hold) == (None, False)
    assert None not in (depot.to_here_date, depot.deliver_date)
    assert (london.free, london.promisable, london.collect_date, london.may_hold) == (8, 0, None, False)


# -- what a place may promise ---------------------------------------------------------------------------------


def test_safety_stock_is_set_with_a_reason_and_audited(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.paris, ring=2)
    actor = controller(house)

    def keep(quantity: int, *, place: uuid.UUID = house.paris, reason: str = "window") -> None:
        sourcing.set_safety(
            place_id=place, reference_id=house.ring, quantity=quantity, reason=reason, actor=actor, at=NOW
        )

    keep(1)
    keep(1)
    keep(2, place=other_house.paris)  # not ours: nothing happens
    assert sourcing.list_safety(place_id=house.paris, actor=actor) == {house.ring: (2, 0, 1)}
    assert AuditEntry.objects.filter(action="stock.set_safety").count() == 1
    assert not Level.objects.filter(place_id=other_house.paris).exists()
    with pytest.raises(BadInput):
        keep(-1)
    with pytest.raises(Forbidden):
        sourcing.set_safety(
            place_id=house.paris, reference_id=house.ring, quantity=0, reason="x", actor=house.advisor_paris, at=NOW
        )
