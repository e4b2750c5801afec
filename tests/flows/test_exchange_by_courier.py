"""What a client sends back by courier she exchanges while she announces it: the new piece is kept for her from then on,
and leaves on one document with hers, once hers was examined and accepted."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.factories import returns as factory
from tests.factories.orders import buy_online, pay
from tests.factories.returns import LATER, bring_back, give, given_back, inspector, line_state, waiting_arrivals
from tests.factories.small_house import SmallHouse
from tests.sabotage import change
from vendome.domains.orders.errors import PreviewOutdated, SetAsideLately
from vendome.domains.orders.policy.types import Condition
from vendome.domains.orders.types import Fate, Mode, ReturnRoute
from vendome.domains.stock.errors import OutOfStock
from vendome.flows import books, checkout, exchanging, pay_links, return_desk, returnable, returns
from vendome.flows.exchanging import Pickup, WantedReturn
from vendome.flows.returns import ReturnDone, TakenInstead
from vendome.flows.types import PlacedOrder
from vendome.kit import sql
from vendome.kit.errors import BadInput, NotFound

pytestmark = pytest.mark.django_db
HOME = replace(factory.HOME, day=(LATER + timedelta(days=1)).date())
RING, WATCH = 820_000, 1_200_000
DIFFERENCE = WATCH - RING
ARRIVES = LATER + timedelta(days=3)


@pytest.fixture
def worn(house: SmallHouse) -> PlacedOrder:
    """A ring bought online and worn; a watch, another ring and candles stand in the warehouse."""
    house.stocked(house.paris, ring=1)
    house.stocked(house.warehouse, watch=1, candle=5)
    return give(house, pay(house, buy_online(house, house.traditional, house.ring)))


def free(house: SmallHouse, reference: uuid.UUID) -> int:
    return int(
        sql.value(
            "SELECT on_hand - held FROM stock_level WHERE place_id = %s AND reference_id = %s",
            [house.warehouse, reference],
        )
    )


def announced(house: SmallHouse, placed: PlacedOrder, instead: uuid.UUID | None, **more: Any) -> ReturnDone:
    return returns.announce(
        key=more.pop("key", "a"), order_id=placed.id,
        lines=[WantedReturn(line_id=placed.lines[0].id, instead=instead, instead_amount=more.pop("amount", None))],
        route=ReturnRoute.COURIER, place_id=None, pickup=more.pop("pickup", HOME),
        actor=more.pop("actor", house.as_client(house.traditional)), at=more.pop("at", LATER), **more,
    )  # fmt: skip


def arrives(house: SmallHouse, placed: PlacedOrder) -> ReturnDone:
    """The courier brings it to Paris; whoever unpacks it would give its value back at once."""
    return bring_back(house, placed, at=ARRIVES)


def examine(house: SmallHouse, *, fate: Fate = Fate.RESTOCKED, accept: bool = True, key: str = "i") -> ReturnDone:
    return returns.inspect(
        key=key, arrival_id=waiting_arrivals()[0], condition=Condition.AS_SOLD, fate=fate, accept=accept,
        actor=inspector(house), at=ARRIVES,
    )  # fmt: skip


def document(done: ReturnDone) -> uuid.UUID:
    assert done.document is not None
    return done.document.id


def order_state(order_id: uuid.UUID) -> tuple[Any, ...]:
    found = sql.row("SELECT state, total_amount FROM orders_order WHERE id = %s", [order_id])
    assert found is not None
    return found


def agrees() -> None:
    assert books.list_problems() == []
    assert sql.rows("SELECT * FROM stock_disagreements()") == []


class TestWhereTheCourierComesTo:
    def test_it_is_kept_with_the_announcement(self, house: SmallHouse, worn: PlacedOrder) -> None:
        done = announced(house, worn, None)

        seen = return_desk.get_return(actor=house.as_client(house.traditional), return_id=done.id)
        assert (seen.pickup_address, seen.pickup_phone, seen.pickup_date) == (HOME.address, HOME.phone, HOME.day)

    def test_without_an_address_nothing_is_announced(self, house: SmallHouse, worn: PlacedOrder) -> None:
        for pickup in (None, Pickup(address=(" ", "")), Pickup(address=("Éléonore de Brissac",))):
            with pytest.raises(BadInput):
                announced(house, worn, None, pickup=pickup)
        assert sql.value("SELECT count(*) FROM orders_return") == 0

    def test_where_it_was_sent_is_where_it_is_fetched(self, house: SmallHouse, worn: PlacedOrder) -> None:
        sql.value(
            "UPDATE orders_order SET delivery_address = %s, contact = contact || %s::jsonb WHERE id = %s RETURNING id",
            [list(HOME.address), '{"phone": "+33 6 00 00 00 00"}', worn.id],
        )

        done = announced(house, worn, None, pickup=None)

        seen = return_desk.get_return(actor=inspector(house), return_id=done.id)
        assert (seen.pickup_address, seen.pickup_phone) == (HOME.address, "+33 6 00 00 00 00")

    def test_nothing_of_the_giver_is_taken_for_who_was_given_it(self, house: SmallHouse, worn: PlacedOrder) -> None:
        sql.value(
            "UPDATE orders_order SET delivery_address = %s, contact = contact || %s::jsonb WHERE id = %s RETURNING id",
            [list(HOME.address), '{"phone": "+33 6 00 00 00 00"}', worn.id],
        )
        with pytest.raises(BadInput):
            announced(house, worn, None, pickup=None, is_gift=True, actor=house.advisor_paris)

        hers = replace(HOME, phone="")
        done = announced(house, worn, None, pickup=hers, is_gift=True, actor=house.advisor_paris)

        assert sql.value("SELECT pickup_phone FROM orders_return WHERE id = %s", [done.id]) == ""

    def test_the_same_key_with_another_address_is_another_request(self, house: SmallHouse, worn: PlacedOrder) -> None:
        first = announced(house, worn, None)
        assert announced(house, worn, None).id == first.id


def test_a_piece_is_not_kept_from_others_by_announcing_again_and_again(house: SmallHouse, worn: PlacedOrder) -> None:
    her = house.as_client(house.traditional)
    for hour in range(2):
        at = LATER + timedelta(hours=hour)
        done = announced(house, worn, house.watch, amount=WATCH, key=f"k{hour}", at=at)
        returns.withdraw(return_id=done.id, actor=her, at=at + timedelta(minutes=30))

    with pytest.raises(SetAsideLately):
        announced(house, worn, house.watch, amount=WATCH, key="k2", at=LATER + timedelta(hours=3))
    assert free(house, house.watch) == 1
    announced(house, worn, None, key="k3", at=LATER + timedelta(hours=3))


class TestWhatSheBuysBesides:
    def test_another_of_the_same_leaves_what_waits_for_her_return(self, house: SmallHouse, worn: PlacedOrder) -> None:
        house.stocked(house.warehouse, watch=1)
        announced(house, worn, house.watch, amount=WATCH)
        kept = sql.value("SELECT wanted_hold_id FROM orders_returnline")

        bought = pay(house, buy_online(house, house.traditional, house.watch, mode=Mode.DELIVER, at=LATER))

        assert bought.lines[0].hold_id != kept
        assert sql.row("SELECT kind, state, order_id FROM stock_hold WHERE id = %s", [kept]) == (
            "RESERVATION",
            "ACTIVE",
            None,
        )
        agrees()


class TestAnExchangeThatCostsMore:
    def test_it_is_kept_examined_paid_and_sent(self, house: SmallHouse, worn: PlacedOrder) -> None:
        done = announced(house, worn, house.watch, amount=WATCH)
        assert free(house, house.watch) == 0
        agrees()

        came = arrives(house, worn)
        assert came.id == done.id
        assert came.document is None  # examined first, whatever the counter would have done
        assert sql.value("SELECT count(*) FROM payments_payment WHERE amount < 0") == 0

        looked = examine(house)
        assert looked.document is not None
        assert looked.document.awaits_payment
        assert order_state(document(looked)) == ("AWAITING_PAYMENT", DIFFERENCE)
        assert line_state(worn.lines[0].id) == ("RETURNED", 1, 0, 0)
        agrees()

        me = house.as_client(house.traditional)
        assert exchanging.find_waiting(return_id=done.id) == document(looked)
        link = pay_links.create_for_client(
            order_id=document(looked), maison_id=house.maison.id, lasts=timedelta(hours=1), actor=me, at=ARRIVES
        )
        pay_links.pay(token=link.token, instrument="card_good", actor=house.system, at=ARRIVES)

        assert order_state(document(looked)) == ("CONFIRMED", DIFFERENCE)
        assert line_state(worn.lines[0].id) == ("RETURNED", 1, 1, RING)
        out = sql.row(
            "SELECT l.mode, l.state, l.place_id, h.kind, h.state, o.delivery_address FROM orders_orderline l "
            "JOIN stock_hold h ON h.id = l.hold_id JOIN orders_order o ON o.id = l.order_id "
            "WHERE o.id = %s AND l.direction = 'OUT'",
            [document(looked)],
        )
        assert out == ("DELIVER", "HELD", house.warehouse, "ORDER", "ACTIVE", list(HOME.address))
        assert sql.value("SELECT address FROM fulfilment_parcel WHERE order_id = %s", [document(looked)]) == list(
            HOME.address
        )
        assert sql.value("SELECT state FROM orders_return WHERE id = %s", [done.id]) == "CLOSED"
        examine(house, key="then")  # now what came back may go on sale again
        assert waiting_arrivals() == []
        agrees()

    def test_not_paid_in_time_hers_waits_to_be_decided_on(self, house: SmallHouse, worn: PlacedOrder) -> None:
        done = announced(house, worn, house.watch)
        arrives(house, worn)
        looked = examine(house)

        checkout.expire_unpaid(at=ARRIVES + exchanging.PAY_WITHIN)

        assert order_state(document(looked)) == ("CANCELLED", DIFFERENCE)
        assert free(house, house.watch) == 1
        again = examine(house, key="again")
        assert again.document is not None
        assert again.document.total_amount == -RING
        assert line_state(worn.lines[0].id) == ("RETURNED", 1, 1, RING)
        assert sql.value("SELECT state FROM orders_return WHERE id = %s", [done.id]) == "CLOSED"
        agrees()

    def test_she_drops_it_instead_of_paying(self, house: SmallHouse, worn: PlacedOrder) -> None:
        done = announced(house, worn, house.watch)
        arrives(house, worn)
        looked = examine(house)

        for _twice in range(2):
            exchanging.drop(return_id=done.id, actor=house.as_client(house.traditional), at=ARRIVES)

        assert order_state(document(looked))[0] == "CANCELLED"
        assert free(house, house.watch) == 1
        assert examine(house, key="again").document is not None
        agrees()


class TestAnExchangeThatCostsLess:
    @pytest.fixture
    def dear(self, house: SmallHouse) -> PlacedOrder:
        house.stocked(house.paris, watch=1)
        house.stocked(house.warehouse, ring=1)
        return give(house, pay(house, buy_online(house, house.traditional, house.watch)))

    def test_the_rest_goes_back_on_the_same_document(self, house: SmallHouse, dear: PlacedOrder) -> None:
        announced(house, dear, house.ring)
        arrives(house, dear)

        looked = examine(house)

        assert looked.document is not None
        assert (looked.document.total_amount, looked.document.awaits_payment) == (-DIFFERENCE, False)
        assert given_back(document(looked)) == [("CARD", "REQUESTED", -DIFFERENCE)]
        assert order_state(document(looked)) == ("CONFIRMED", -DIFFERENCE)
        assert line_state(dear.lines[0].id) == ("RETURNED", 1, 1, WATCH)
        assert waiting_arrivals() == []
        agrees()

    def test_what_she_read_is_what_she_pays(self, house: SmallHouse, dear: PlacedOrder) -> None:
        announced(house, dear, house.ring, amount=RING)
        sql.value("UPDATE pricing_price SET amount = amount * 2 WHERE reference_id = %s RETURNING id", [house.ring])
        arrives(house, dear)

        looked = examine(house)

        assert looked.document is not None
        assert looked.document.total_amount == -DIFFERENCE

    def test_another_price_than_she_read_keeps_nothing(self, house: SmallHouse, dear: PlacedOrder) -> None:
        with pytest.raises(PreviewOutdated):
            announced(house, dear, house.ring, amount=RING - 1)
        assert free(house, house.ring) == 1
        assert sql.value("SELECT count(*) FROM orders_return") == 0

    def test_a_loss_of_value_makes_the_balance_less(self, house: SmallHouse, dear: PlacedOrder) -> None:
        announced(house, dear, house.ring)
        arrives(house, dear)

        looked = returns.inspect(
            key="i", arrival_id=waiting_arrivals()[0], condition=Condition.WORN, fate=Fate.RESTOCKED, accept=True,
            deduction=50_000, deduction_reason="scratched", actor=inspector(house), at=ARRIVES,
        )  # fmt: skip

        assert looked.document is not None
        assert looked.document.total_amount == -DIFFERENCE + 50_000
        agrees()

    def test_given_back_to_her_nothing_is_sent(self, house: SmallHouse, dear: PlacedOrder) -> None:
        announced(house, dear, house.ring)
        arrives(house, dear)

        assert examine(house, fate=Fate.GIVEN_BACK, accept=False).document is None

        assert free(house, house.ring) == 1
        assert line_state(dear.lines[0].id)[0] == "HANDED_OVER"
        agrees()


class TestWhileItIsOnItsWay:
    def test_nobody_else_is_sold_what_is_kept(self, house: SmallHouse, worn: PlacedOrder) -> None:
        announced(house, worn, house.watch)

        with pytest.raises(OutOfStock):
            announced(house, give(house, pay(house, bought(house))), house.watch, key="b")
        agrees()

    def test_control_without_the_hold_it_is_sold_again(self, house: SmallHouse, worn: PlacedOrder) -> None:
        change("flows_announce_return", "PERFORM flows_keep_wanted(a);", "")
        announced(house, worn, house.watch)

        assert free(house, house.watch) == 1

    def test_withdrawn_it_is_free_again(self, house: SmallHouse, worn: PlacedOrder) -> None:
        done = announced(house, worn, house.watch)

        for _twice in range(2):
            returns.withdraw(return_id=done.id, actor=house.as_client(house.traditional), at=LATER)

        assert free(house, house.watch) == 1
        agrees()

    def test_kept_for_a_fortnight_and_no_longer(self, house: SmallHouse, worn: PlacedOrder) -> None:
        announced(house, worn, house.watch)
        checkout.expire_unpaid(at=LATER + exchanging.KEPT - timedelta(minutes=1))
        assert free(house, house.watch) == 0

        checkout.expire_unpaid(at=LATER + exchanging.KEPT)

        assert free(house, house.watch) == 1
        done = bring_back(house, worn, at=LATER + exchanging.KEPT)
        assert done.document is not None
        assert done.document.total_amount == -RING
        agrees()

    def test_once_it_has_come_it_waits_for_the_house(self, house: SmallHouse, worn: PlacedOrder) -> None:
        announced(house, worn, house.watch)
        arrives(house, worn)

        checkout.expire_unpaid(at=LATER + 10 * exchanging.KEPT)

        assert free(house, house.watch) == 0
        assert order_state(document(examine(house)))[0] == "AWAITING_PAYMENT"

    def test_she_returns_it_after_all(self, house: SmallHouse, worn: PlacedOrder) -> None:
        done = announced(house, worn, house.watch)
        with pytest.raises(NotFound):
            exchanging.drop(return_id=done.id, actor=house.as_client(house.emerging), at=LATER)
        assert free(house, house.watch) == 0

        exchanging.drop(return_id=done.id, actor=house.as_client(house.traditional), at=LATER)

        assert free(house, house.watch) == 1
        came = arrives(house, worn)
        assert came.document is not None
        assert came.document.total_amount == -RING
        agrees()

    def test_she_comes_to_a_boutique_and_takes_another(self, house: SmallHouse, worn: PlacedOrder) -> None:
        house.stocked(house.paris, candle=1)
        announced(house, worn, house.watch)

        done = bring_back(house, worn, instead=(TakenInstead(reference_id=house.candle),))

        assert done.document is not None
        assert done.document.total_amount == 9_500 - RING
        assert free(house, house.watch) == 1
        agrees()

    def test_what_is_kept_and_lost_leaves_a_plain_return(self, house: SmallHouse, worn: PlacedOrder) -> None:
        announced(house, worn, house.watch)
        hold = sql.value("SELECT wanted_hold_id FROM orders_returnline")
        sql.value("SELECT stock_end_hold(%s, 'RELEASED', 'SYSTEM', 'not found', %s)", [hold, LATER])

        came = arrives(house, worn)

        assert came.document is not None
        assert came.document.total_amount == -RING


def bought(house: SmallHouse) -> PlacedOrder:
    house.stocked(house.paris, ring=1)
    return buy_online(house, house.traditional, house.ring)


class TestOnly:
    def test_one_piece_for_one_by_courier_and_never_itself(self, house: SmallHouse, worn: PlacedOrder) -> None:
        line = worn.lines[0].id
        usual: dict[str, Any] = {
            "key": "a", "order_id": worn.id, "route": ReturnRoute.COURIER, "place_id": None, "pickup": HOME,
            "actor": house.as_client(house.traditional), "at": LATER,
        }  # fmt: skip
        wanted = WantedReturn(line_id=line, instead=house.watch)
        for more in (
            {"lines": [replace(wanted, quantity=2)]},
            {"lines": [replace(wanted, instead=house.ring)]},
            {"lines": [wanted], "route": ReturnRoute.COUNTER, "place_id": house.paris},
            {"lines": [wanted], "is_gift": True, "actor": inspector(house)},
        ):
            with pytest.raises(BadInput):
                returns.announce(**{**usual, **more})
        assert sql.value("SELECT count(*) FROM orders_return") == 0
        assert free(house, house.watch) == 1

    def test_the_same_click_keeps_one(self, house: SmallHouse, worn: PlacedOrder) -> None:
        house.stocked(house.warehouse, watch=1)
        first = announced(house, worn, house.watch)

        assert announced(house, worn, house.watch) == first
        assert free(house, house.watch) == 1

    def test_offers_are_priced_and_can_be_sent(self, house: SmallHouse, worn: PlacedOrder) -> None:
        receipt = returnable.get_receipt(actor=house.as_client(house.traditional), order_id=worn.id, on=LATER.date())
        asked = {"receipt": receipt, "maison_id": house.maison.id, "line": receipt.lines[0], "at": LATER}

        (offer,) = exchanging.list_offers(**asked, also=[house.watch])  # type: ignore[arg-type]

        assert (offer.reference_id, offer.amount, offer.balance) == (house.watch, WATCH, DIFFERENCE)
        announced(house, worn, house.watch)
        assert exchanging.list_offers(**asked, also=[house.watch]) == ()  # type: ignore[arg-type]
