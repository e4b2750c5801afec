"""A change asked for from afar leaves a counter its safety stock; what she stands before is hers. With controls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories.orders import buy_online, pay
from tests.factories.parcels import ADDRESS, offer_services, pack, packer, parcel_of, sent, to_send
from tests.factories.payments import cash
from tests.factories.returns import line_state
from tests.factories.small_house import NOW, SmallHouse
from tests.flows.test_changes import confirm, propose
from tests.flows.test_line_steps import elsewhere, staff, step
from tests.sabotage import change
from vendome.domains.orders.errors import NotChangeable, PreviewOutdated
from vendome.domains.orders.types import ChangeKind, Mode
from vendome.domains.stock.errors import OutOfStock
from vendome.domains.stock.models import Level
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import books, changes, parcels
from vendome.flows.line_steps import Step
from vendome.flows.types import PlacedOrder
from vendome.kit import sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def last_one(house: SmallHouse) -> PlacedOrder:
    """Paris keeps its last ring and its last watch for its counter; hers waits in London."""
    house.stocked(house.london, ring=1)
    house.stocked(house.paris, ring=1, watch=1)
    Level.objects.filter(place_id=house.paris).update(safety=1)
    return pay(house, buy_online(house, house.traditional, house.ring, place=house.london))


def in_paris(house: SmallHouse) -> PlacedOrder:
    """A ring that waits in Paris, where the last watch is the counter's."""
    house.stocked(house.paris, ring=1, watch=1)
    Level.objects.filter(place_id=house.paris, reference_id=house.watch).update(safety=1)
    return pay(house, buy_online(house, house.traditional, house.ring))


def blind(house: SmallHouse) -> None:
    """The preview counts all that is not held as free."""
    change("flows_may_take", "CASE WHEN v.place_id = here THEN 0 ELSE v.safety END", "0")


def test_the_last_one_of_a_counter_is_not_collected_from_afar(house: SmallHouse, last_one: PlacedOrder) -> None:
    seen = propose(house, last_one, ChangeKind.COLLECT_AT, place_id=house.paris)

    assert seen.problem == "stock.out_of_stock"
    with pytest.raises(OutOfStock):
        confirm(house, seen)
    assert line_state(last_one.lines[0].id)[0] == "HELD"
    london = replace(staff(house, "boutique_manager", None), home_place_id=house.london)
    assert changes.preview(change_id=seen.change_id, actor=london, at=NOW).problem == "stock.out_of_stock"
    assert books.list_problems() == []


def test_she_who_stands_before_it_has_it(house: SmallHouse, last_one: PlacedOrder) -> None:
    here = staff(house, "boutique_manager", None)
    seen = propose(house, last_one, ChangeKind.COLLECT_AT, place_id=house.paris, actor=here)
    assert seen.problem == ""

    confirm(house, seen, actor=here)

    place = sql.value("SELECT place_id FROM orders_orderline WHERE id = %s", [last_one.lines[0].id])
    assert place == house.paris
    assert stock.list_disagreements() == ()


def test_what_was_seen_at_the_counter_is_not_confirmed_from_afar(house: SmallHouse, last_one: PlacedOrder) -> None:
    here = staff(house, "boutique_manager", None)
    seen = propose(house, last_one, ChangeKind.COLLECT_AT, place_id=house.paris, actor=here)

    with pytest.raises(PreviewOutdated):
        confirm(house, seen)


def test_the_statement_that_takes_keeps_it_too(house: SmallHouse, last_one: PlacedOrder) -> None:
    blind(house)
    seen = propose(house, last_one, ChangeKind.COLLECT_AT, place_id=house.paris)
    assert seen.problem == ""

    with pytest.raises(OutOfStock):
        confirm(house, seen)


def test_control_taken_as_at_the_counter_it_is_gone(house: SmallHouse, last_one: PlacedOrder) -> None:
    blind(house)
    change("flows_confirm_change", "IF c.place_id = (k->>'here')::uuid THEN", "IF true THEN")

    confirm(house, propose(house, last_one, ChangeKind.COLLECT_AT, place_id=house.paris))

    assert Level.objects.get(place_id=house.paris, reference_id=house.ring).held == 1


def test_it_is_not_exchanged_for_from_afar(house: SmallHouse) -> None:
    placed = in_paris(house)
    seen = propose(house, placed, ChangeKind.SWAP, reference_id=house.watch)
    assert seen.problem == "stock.out_of_stock"
    with pytest.raises(OutOfStock):
        confirm(house, seen)

    here = changes.preview(change_id=seen.change_id, actor=house.manager_paris, at=NOW)
    assert here.problem == ""
    done = confirm(house, here, actor=house.manager_paris, tender=cash(), key="here")

    assert done.document_id is not None
    assert Level.objects.get(place_id=house.paris, reference_id=house.watch).held == 1
    assert books.list_problems() == []


def test_the_exchange_that_takes_keeps_it_too(house: SmallHouse) -> None:
    placed = in_paris(house)
    blind(house)
    seen = propose(house, placed, ChangeKind.SWAP, reference_id=house.watch, actor=house.system)

    with pytest.raises(OutOfStock):
        confirm(house, seen, actor=house.system, tender=cash())

    change("flows_write_document", "one.place = (d->>'here')::uuid", "true")  # the control
    confirm(house, seen, actor=house.system, tender=cash(), key="control")
    assert Level.objects.get(place_id=house.paris, reference_id=house.watch).held == 1


def test_what_is_sent_is_asked_for_from_afar_whoever_asks(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1, watch=1)
    Level.objects.filter(place_id=house.paris, reference_id=house.watch).update(safety=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring, mode=Mode.DELIVER, address=ADDRESS))
    seen = propose(house, placed, ChangeKind.SWAP, reference_id=house.watch, actor=house.manager_paris)
    assert seen.problem == "stock.out_of_stock"

    house.stocked(house.warehouse, watch=1)
    fresh = changes.preview(change_id=seen.change_id, actor=house.manager_paris, at=NOW)

    assert (fresh.problem, fresh.place_id) == ("", house.warehouse)
    confirm(house, fresh, actor=house.manager_paris, tender=cash())
    assert books.list_problems() == []


# -- what came back ---------------------------------------------------------------------------------------------


def came_back(house: SmallHouse) -> PlacedOrder:
    house.stocked(house.warehouse, ring=1)
    placed, parcel = sent(house)
    parcels.take_back(parcel_id=parcel.id, reason="address unknown", actor=packer(house), at=NOW)
    return placed


def test_what_came_back_is_cancelled_or_sent_to_another_address(house: SmallHouse) -> None:
    """A parcel that has ended stands in nobody's way: its piece is under her hold, and stays unexamined."""
    placed = came_back(house)
    moved = ("Éléonore de Brissac", "4 rue des Ormes", "75002 Paris", "France")
    seen = propose(house, placed, ChangeKind.ADDRESS, address=moved)
    assert seen.problem == ""
    confirm(house, seen)

    sql.value("SELECT flows_send_parcel_again(id, 'A', %s) FROM fulfilment_parcel WHERE state = 'RETURNED'", [NOW])
    again = parcel_of(house, placed, 2)
    assert tuple(again.address) == moved
    assert propose(house, placed, ChangeKind.CANCEL_LINE).problem == ""


def test_what_came_back_and_is_cancelled_waits_to_be_examined(house: SmallHouse) -> None:
    placed = came_back(house)

    confirm(house, propose(house, placed, ChangeKind.CANCEL_LINE))

    assert sql.value("SELECT state FROM stock_piece WHERE id = %s", [placed.lines[0].piece_id]) == "QUARANTINED"
    assert line_state(placed.lines[0].id) == ("CANCELLED", 1, 1, 820_000)
    assert books.list_problems() == []


def test_what_has_arrived_at_her_boutique_may_still_change(house: SmallHouse) -> None:
    placed = elsewhere(house)
    line = placed.lines[0].id
    step(line, Step.LEAVES, staff(house, "advisor", house.london))
    assert propose(house, placed, ChangeKind.CANCEL_LINE, key="road").problem == "orders.not_changeable"
    step(line, Step.ARRIVES, house.advisor_paris)

    seen = changes.find_open(order_id=placed.id, actor=house.system, at=NOW)

    assert seen is not None
    assert seen.problem == ""
    confirm(house, seen)
    assert line_state(line) == ("CANCELLED", 1, 1, 820_000)
    assert books.list_problems() == []


def test_what_is_packed_does_not_change(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    services = offer_services(house)
    placed, parcel = to_send(house)
    pack(house, parcel, services["STANDARD"])

    with pytest.raises(NotChangeable):
        confirm(house, propose(house, placed, ChangeKind.CANCEL_LINE))
