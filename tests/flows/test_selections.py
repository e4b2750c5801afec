"""An advisor's selection becomes the client's basket; what is kept for her is never released and taken again."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from tests.factories.orders import CARD, buy_online
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.orders.errors import EmptySelection, SelectionOver, SelectionSent
from vendome.domains.orders.models import Basket
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.services import baskets
from vendome.domains.orders.types import BasketView, Mode, OrderState, SelectionState, SelectionView
from vendome.domains.stock.errors import OutOfStock
from vendome.domains.stock.models import Hold
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import checkout, selections, shared_basket
from vendome.kit.errors import Forbidden, NotFound
from vendome.kit.models import OutboxEvent

pytestmark = pytest.mark.django_db


def choose(house: SmallHouse, reference: uuid.UUID, **more: Any) -> SelectionView:
    return selections.choose(
        market=house.france, client_id=more.pop("client_id", house.traditional), reference_id=reference,
        actor=more.pop("actor", house.advisor_paris), at=NOW, **more,
    )  # fmt: skip


def sent(house: SmallHouse, *references: uuid.UUID, **more: Any) -> SelectionView:
    for reference in references:
        draft = choose(house, reference, **more)
    return selections.send(selection_id=draft.id, note="For Saturday", actor=house.advisor_paris, at=NOW)


def take(house: SmallHouse, selection: SelectionView, **more: Any) -> int:
    return selections.take_up(
        market=house.france, selection_id=selection.id, client_id=house.traditional,
        actor=house.as_client(house.traditional), at=more.pop("at", NOW), **more,
    )  # fmt: skip


def bag(house: SmallHouse) -> BasketView:
    found = orders.find_open_basket(market_id=house.france.id, client_id=house.traditional)
    assert found is not None
    return found


def order(house: SmallHouse, at: Any = NOW) -> Any:
    basket = bag(house)
    me = house.as_client(house.traditional)
    return checkout.place_order(
        key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="web",
        lines=shared_basket.list_wanted(basket=basket), tender=CARD, client_id=house.traditional,
        basket_id=basket.id, address=["x"], actor=me, at=at,
    )  # fmt: skip


def test_what_she_takes_up_is_her_bag_and_the_very_hold_becomes_her_order(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    house.stocked(house.warehouse, watch=1)
    choose(house, house.ring, note="as you wore it", keep_at=house.paris)
    selection = sent(house, house.watch)
    hold = Hold.objects.get(kind="SELECTION")
    with pytest.raises(OutOfStock):
        buy_online(house, house.emerging, house.ring)

    assert take(house, selection) == 2

    lines = bag(house).lines
    assert {(line.reference_id, line.mode, line.place_id) for line in lines} == {
        (house.ring, Mode.COLLECT, house.paris), (house.watch, Mode.DELIVER, None),
    }  # fmt: skip
    placed = order(house)
    assert hold.id in [line.hold_id for line in placed.lines]
    assert Hold.objects.get(id=hold.id).kind == "ORDER"
    assert stock.list_disagreements() == ()


def test_one_tap_twice_is_one_line_and_one_piece_may_be_taken_alone(house: SmallHouse) -> None:
    selection = sent(house, house.ring, house.watch)

    assert take(house, selection, item_id=selection.items[1].id) == 1
    assert [take(house, selection) for _ in range(2)] == [1, 0]

    assert [line.reference_id for line in bag(house).lines] == [house.watch, house.ring]


def test_what_ran_out_is_ordered_like_any_other_piece(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    take(house, sent(house, house.ring, keep_at=house.paris))
    late = NOW + timedelta(days=3)
    checkout.expire_unpaid(at=late)

    placed = order(house, at=late)

    assert placed.lines[0].hold_id != Hold.objects.get(kind="SELECTION").id
    assert stock.list_disagreements() == ()


def test_delivered_it_leaves_from_where_it_is_kept(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    house.stocked(house.warehouse, ring=1)
    take(house, sent(house, house.ring, keep_at=house.paris))
    line = bag(house).lines[0]
    baskets.change_line(
        basket_id=bag(house).id, line_id=line.id, is_serialised=True, mode=Mode.DELIVER, place_id=None,
        actor=house.system, at=NOW,
    )  # fmt: skip

    placed = order(house)

    assert (placed.lines[0].place_id, placed.lines[0].hold_id) == (house.paris, Hold.objects.get(id=line.hold_id).id)


def test_an_order_given_up_leaves_her_bag_as_it_was(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    take(house, sent(house, house.ring, keep_at=house.paris))
    placed = order(house)

    checkout.expire_unpaid(at=NOW + timedelta(hours=1))

    assert Basket.objects.get().state == "OPEN"
    assert [line.reference_id for line in bag(house).lines] == [house.ring]
    assert checkout.sql.value("SELECT state FROM orders_order WHERE id = %s", [placed.id]) == OrderState.CANCELLED


def test_a_selection_is_its_advisors_until_it_is_sent_and_then_the_clients(house: SmallHouse) -> None:
    draft = choose(house, house.ring)
    me, other = house.as_client(house.traditional), house.as_client(house.emerging)

    assert selections.list_for_client(market_id=house.france.id, client_id=house.traditional, actor=me, at=NOW) == ()
    with pytest.raises(NotFound):
        take(house, draft)
    for stranger in (house.advisor_tokyo, house.manager_paris):
        with pytest.raises(NotFound):
            selections.send(selection_id=draft.id, note="", actor=stranger, at=NOW)
    with pytest.raises(Forbidden):
        choose(house, house.ring, actor=house.director)
    with pytest.raises(Forbidden):
        choose(house, house.ring, actor=house.system)

    selections.send(selection_id=draft.id, note="", actor=house.advisor_paris, at=NOW)

    with pytest.raises(SelectionSent):
        selections.send(selection_id=draft.id, note="", actor=house.advisor_paris, at=NOW)
    (hers,) = selections.list_for_client(market_id=house.france.id, client_id=house.traditional, actor=me, at=NOW)
    assert hers.id == draft.id
    with pytest.raises(NotFound):
        selections.take_up(market=house.france, selection_id=draft.id, client_id=house.emerging, actor=other, at=NOW)
    with pytest.raises(NotFound):
        selections.take_up(market=house.france, selection_id=draft.id, client_id=house.traditional, actor=other, at=NOW)


def test_references_of_another_maison_are_not_there(house: SmallHouse, other_house: SmallHouse) -> None:
    with pytest.raises(NotFound):
        choose(house, other_house.ring)
    with pytest.raises(NotFound):
        choose(house, house.ring, client_id=other_house.traditional)
    with pytest.raises(NotFound):
        choose(house, house.ring, keep_at=other_house.paris)


def test_left_out_or_withdrawn_the_piece_is_free_again(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1, watch=1)
    draft = choose(house, house.ring, keep_at=house.paris)
    selections.leave_out(selection_id=draft.id, item_id=draft.items[0].id, actor=house.advisor_paris, at=NOW)
    with pytest.raises(EmptySelection):
        selections.send(selection_id=draft.id, note="", actor=house.advisor_paris, at=NOW)

    selection = sent(house, house.watch, keep_at=house.paris)
    selections.withdraw(selection_id=selection.id, actor=house.advisor_paris, at=NOW)

    assert set(Hold.objects.values_list("state", flat=True)) == {"RELEASED"}
    with pytest.raises(SelectionOver):
        take(house, selection)
    assert stock.list_disagreements() == ()


def test_taken_up_it_cannot_be_withdrawn_and_later_it_is_over(house: SmallHouse) -> None:
    selection = sent(house, house.ring)
    with pytest.raises(SelectionOver):
        take(house, selection, at=NOW + timedelta(days=15))
    take(house, selection)

    with pytest.raises(SelectionSent):
        selections.withdraw(selection_id=selection.id, actor=house.advisor_paris, at=NOW)


def test_chosen_twice_it_is_kept_once(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=2)

    choose(house, house.ring, keep_at=house.paris)
    again = choose(house, house.ring, note="a better word", keep_at=house.paris)

    assert Hold.objects.count() == 1
    assert [(item.note, item.hold_id) for item in again.items] == [("a better word", Hold.objects.get().id)]


def test_every_open_page_of_hers_hears_of_it(house: SmallHouse) -> None:
    selection = sent(house, house.ring)
    selections.mark_seen(
        selections=[selection], client_id=house.traditional, actor=house.as_client(house.traditional), at=NOW
    )
    take(house, selection)

    told = {event.kind: event.topics for event in OutboxEvent.objects.filter(kind__startswith="orders.")}
    assert f"own:{house.traditional}" in told["orders.selection_sent"]
    assert f"own:{house.traditional}" not in told["orders.selection_changed"]
    assert f"staff:{house.advisor_paris.id}" in told["orders.selection_seen"]
    assert told["orders.basket_changed"] == [f"basket:{bag(house).id}", f"own:{house.traditional}"]
    assert queries_state(house) is SelectionState.TAKEN


def queries_state(house: SmallHouse) -> SelectionState:
    return selections.list_of_client(client_id=house.traditional, actor=house.advisor_paris)[0].state


def test_the_guest_bag_on_her_other_device_flows_into_her_own(house: SmallHouse) -> None:
    me = house.as_client(house.traditional)

    def put(basket: uuid.UUID, reference: uuid.UUID, quantity: int = 1) -> None:
        baskets.put_line(
            basket_id=basket, reference_id=reference, is_serialised=reference != house.candle, mode=Mode.DELIVER,
            place_id=None, quantity=quantity, actor=me, at=NOW,
        )  # fmt: skip

    shared_basket.put_line(
        market=house.france, client_id=house.traditional, reference_id=house.candle, mode=Mode.DELIVER, place_id=None,
        quantity=1, actor=house.advisor_paris, at=NOW,
    )  # fmt: skip
    guest = baskets.open_basket(maison_id=house.maison.id, market_id=house.france.id, client_id=None, at=NOW)
    put(guest, house.candle, 3)
    put(guest, house.ring)
    for _ in range(2):
        baskets.give_basket_to_client(basket_id=guest, client_id=house.traditional, actor=me, at=NOW)

    put(guest, house.watch)  # another tab, which has not heard yet

    assert {(line.reference_id, line.quantity) for line in bag(house).lines} == {
        (house.candle, 3), (house.ring, 1), (house.watch, 1),
    }  # fmt: skip
