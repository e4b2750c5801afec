"""Placing an order: what it writes, what it refuses, and that nothing is left behind when it refuses."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from tests.factories.orders import CASH, buy_online, pay, sell_at_counter
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.fulfilment.models import Parcel
from vendome.domains.house.models import Place
from vendome.domains.orders.errors import BadQuantity, BasketOrdered, EmptyBasket, GivenUp, ModeNotOffered
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.services import baskets
from vendome.domains.orders.types import Mode, OrderState
from vendome.domains.payments.errors import Declined, ProviderUnavailable, WrongAmount
from vendome.domains.payments.models import Payment
from vendome.domains.payments.types import CaptureOutcome, Tender
from vendome.domains.pricing.errors import NoPrice
from vendome.domains.pricing.models import Price, PriceBook
from vendome.domains.stock.errors import OutOfStock
from vendome.domains.stock.models import Level
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import checkout
from vendome.flows.types import TenderGiven, WantedLine
from vendome.kit.actors import Actor, ActorKind
from vendome.kit.errors import BodyChanged, Forbidden, NotFound
from vendome.kit.models import AuditEntry, IdempotencyKey, OutboxEvent

pytestmark = pytest.mark.django_db


def level(house: SmallHouse, place: object, reference: object) -> tuple[int, int]:
    found = stock.get_level(actor=house.system, place_id=place, reference_id=reference)
    return found.on_hand, found.held


def rows_written() -> dict[str, int]:
    tables = ("orders_order", "orders_orderline", "stock_hold", "stock_movement", "payments_payment",
              "payments_posting", "kit_outboxevent", "kit_auditentry", "kit_idempotencykey")  # fmt: skip
    with connection.cursor() as cursor:
        counts = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {table}")
            counts[table] = cursor.fetchone()[0]
    return counts


def test_a_web_order_holds_the_piece_until_it_is_paid(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)

    placed = buy_online(house, house.traditional, house.ring)

    assert placed.state is OrderState.AWAITING_PAYMENT
    assert (placed.total_amount, placed.tax_amount, placed.currency) == (820_000, 136_667, "EUR")
    assert level(house, house.paris, house.ring) == (1, 1)
    (hold,) = stock.list_holds(actor=house.system, place_id=house.paris)
    assert (hold.client_id, hold.order_id) == (house.traditional, placed.id)
    assert hold.expires_at == NOW + timedelta(seconds=checkout.UNPAID_SECONDS)
    assert hold.piece_id == placed.lines[0].piece_id


def test_payment_makes_the_hold_firm_and_books_the_sale(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)

    paid = pay(house, buy_online(house, house.traditional, house.ring))

    assert paid.state is OrderState.CONFIRMED
    (hold,) = stock.list_holds(actor=house.system, place_id=house.paris)
    assert hold.expires_at is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT account, amount FROM payments_balances(%s)", [house.maison.id])
        balances = dict(cursor.fetchall())
    assert balances == {
        "tender:card": 820_000,
        f"sales:{house.france.id}": -683_333,
        f"tax:{house.france.id}": -136_667,
    }


def test_the_same_key_gives_the_same_order_and_another_body_is_refused(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=2, watch=1)
    first = buy_online(house, house.traditional, house.ring, key="k1")
    before = rows_written()

    assert buy_online(house, house.traditional, house.ring, key="k1") == first
    with pytest.raises(BodyChanged):
        buy_online(house, house.traditional, house.watch, key="k1")

    assert rows_written() == before


def test_keys_of_two_clients_do_not_meet(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=2)

    mine = buy_online(house, house.traditional, house.ring, key="same")
    hers = buy_online(house, house.emerging, house.ring, key="same")

    assert mine.id != hers.id


def test_one_short_line_holds_nothing(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    before = rows_written()

    with pytest.raises(OutOfStock) as caught:
        buy_online(house, house.traditional, house.ring, house.watch)

    assert caught.value.details()["reference_id"] == str(house.watch)
    assert level(house, house.paris, house.ring) == (1, 0)
    assert rows_written() == before


def test_a_declined_card_frees_the_piece(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = buy_online(house, house.traditional, house.ring)

    with pytest.raises(Declined):
        pay(house, placed, instrument="card_declined")

    assert level(house, house.paris, house.ring) == (1, 0)
    assert orders.get_order(actor=house.system, order_id=placed.id).state is OrderState.CANCELLED
    assert stock.list_disagreements() == ()


def test_a_silent_provider_keeps_the_piece(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = buy_online(house, house.traditional, house.ring)

    with pytest.raises(ProviderUnavailable):
        pay(house, placed, instrument="card_silent")

    assert level(house, house.paris, house.ring) == (1, 1)
    assert pay(house, placed).state is OrderState.CONFIRMED


def test_a_genuine_answer_with_a_wrong_amount_changes_nothing(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = buy_online(house, house.traditional, house.ring)
    before = rows_written()

    for amount, currency in ((100, "EUR"), (820_000, "USD")):
        outcome = CaptureOutcome(is_captured=True, provider_reference="x", amount=amount, currency=currency)
        with pytest.raises(WrongAmount):
            checkout.settle(payment_id=placed.payment_id, outcome=outcome, actor=house.system, at=NOW)

    assert rows_written() == before
    assert orders.get_order(actor=house.system, order_id=placed.id).state is OrderState.AWAITING_PAYMENT


def test_settling_twice_books_once(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = buy_online(house, house.traditional, house.ring)
    outcome = CaptureOutcome(is_captured=True, provider_reference="x", amount=820_000, currency="EUR")
    checkout.settle(payment_id=placed.payment_id, outcome=outcome, actor=house.system, at=NOW)
    before = rows_written()

    state = checkout.settle(payment_id=placed.payment_id, outcome=outcome, actor=house.system, at=NOW)

    assert state is OrderState.CONFIRMED
    assert rows_written() == before


def test_an_unpaid_order_is_given_up_in_time_and_late_money_waits_for_its_refund(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = buy_online(house, house.traditional, house.ring)

    assert checkout.expire_unpaid(at=NOW + timedelta(seconds=checkout.UNPAID_SECONDS - 1)) == 0
    assert checkout.expire_unpaid(at=NOW + timedelta(seconds=checkout.UNPAID_SECONDS)) == 1

    assert level(house, house.paris, house.ring) == (1, 0)
    late = CaptureOutcome(is_captured=True, provider_reference="x", amount=820_000, currency="EUR")
    state = checkout.settle(payment_id=placed.payment_id, outcome=late, actor=house.system, at=NOW)
    assert state is OrderState.CANCELLED
    assert OutboxEvent.objects.filter(kind="payments.refund_due", subject=f"order:{placed.id}").count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT account, amount FROM payments_balances(%s)", [house.maison.id])
        assert dict(cursor.fetchall()) == {"tender:card": 820_000, "owed:clients": -820_000}
    assert stock.list_disagreements() == ()


def test_nobody_says_paid_without_a_till_of_her_own(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    before = rows_written()

    for till in (None, house.london):
        with pytest.raises(Forbidden):
            checkout.place_order(
                key="k", maison=house.maison, market=house.france, channel="web",
                lines=[WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris)], tender=CASH,
                client_id=house.traditional, selling_place_id=till, actor=house.advisor_tokyo, at=NOW,
            )  # fmt: skip

    assert rows_written() == before


def test_one_hold_that_cannot_be_ended_does_not_keep_all_the_others(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1, watch=1)
    broken, sound = (buy_online(house, house.traditional, one) for one in (house.ring, house.watch))
    Level.objects.filter(place_id=house.paris, reference_id=house.ring).update(held=0)  # the books disagree

    assert checkout.expire_unpaid(at=NOW + timedelta(seconds=checkout.UNPAID_SECONDS)) == 1

    state = {one.number: orders.get_order(actor=house.system, order_id=one.id).state for one in (broken, sound)}
    assert state == {broken.number: OrderState.AWAITING_PAYMENT, sound.number: OrderState.CANCELLED}
    assert level(house, house.paris, house.watch) == (1, 0)


def test_money_that_came_in_does_not_fail_afterwards(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    before = rows_written()

    late = CaptureOutcome(is_captured=False, decline_sentence="declined in another window")
    state = checkout.settle(payment_id=placed.payment_id, outcome=late, actor=house.system, at=NOW)

    assert state is OrderState.CONFIRMED
    assert Payment.objects.get(id=placed.payment_id).state == "CAPTURED"
    assert rows_written() == before


def test_a_capture_told_again_after_the_refund_is_no_second_payment(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    Payment.objects.filter(id=placed.payment_id).update(state="REFUNDED")
    before = rows_written()

    again = CaptureOutcome(is_captured=True, provider_reference="x", amount=820_000, currency="EUR")
    checkout.settle(payment_id=placed.payment_id, outcome=again, actor=house.system, at=NOW)

    assert Payment.objects.get(id=placed.payment_id).state == "REFUNDED"
    assert rows_written() == before


def test_an_order_that_has_ended_is_never_charged(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=2)
    declined = buy_online(house, house.traditional, house.ring)
    with pytest.raises(Declined):
        pay(house, declined, instrument="card_declined")
    forgotten = buy_online(house, house.traditional, house.ring)
    checkout.expire_unpaid(at=NOW + timedelta(seconds=checkout.UNPAID_SECONDS))
    before = rows_written()

    for placed in (declined, forgotten):  # the same form sent again answers with the order as it was placed
        with pytest.raises(GivenUp):
            pay(house, placed)

    assert rows_written() == before


def test_a_paid_order_is_not_charged_again(house: SmallHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    house.stocked(house.paris, ring=1)
    placed = buy_online(house, house.traditional, house.ring)
    pay(house, placed)
    monkeypatch.setattr(checkout.ports, "get_port", lambda name: pytest.fail("the provider was asked again"))

    assert pay(house, placed).state is OrderState.CONFIRMED


def test_what_is_paid_at_once_and_sent_goes_to_the_packing_table(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)

    sold = checkout.place_order(
        key="k", maison=house.maison, market=house.france, channel="boutique",
        lines=[WantedLine(reference_id=house.ring, mode=Mode.DELIVER)], tender=CASH, client_id=house.traditional,
        selling_place_id=house.paris, address=["1 rue X", "75001 Paris"], actor=house.advisor_paris, at=NOW,
    )  # fmt: skip

    (parcel,) = Parcel.objects.filter(order_id=sold.id)
    assert (parcel.origin_id, parcel.address) == (house.warehouse, ["1 rue X", "75001 Paris"])


def test_the_till_sells_at_the_prices_of_its_own_day(house: SmallHouse) -> None:
    house.stocked(house.paris, candle=1)
    Place.objects.filter(id=house.paris).update(timezone="Asia/Tokyo")
    book = PriceBook.objects.get(market_id=house.france.id)
    PriceBook.objects.filter(id=book.id).update(during=DateRange(date(2026, 1, 1), date(2026, 11, 21)))
    new = PriceBook.objects.create(
        market_id=house.france.id, name="new", currency="EUR", during=(date(2026, 11, 21), None)
    )
    Price.objects.create(book=new, reference_id=house.candle, amount=9_900)

    sold = sell_at_counter(house, house.candle)  # 15:00 UTC on the 20th is midnight of the 21st in Tokyo

    assert sold.total_amount == 9_900


def test_every_id_in_a_request_is_one_of_the_maison(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    foreign = baskets.open_basket(
        maison_id=other_house.maison.id, market_id=other_house.france.id, client_id=None, at=NOW
    )
    anothers = baskets.open_basket(
        maison_id=house.maison.id, market_id=house.france.id, client_id=house.emerging, at=NOW
    )
    wrong: list[dict[str, Any]] = [
        {"client_id": other_house.traditional},
        {"client_id": uuid.uuid4()},
        {"advisor_id": other_house.advisor_paris.id},
        {"advisor_id": uuid.uuid4()},
        {"selling_place_id": other_house.paris},
        {"basket_id": foreign},
        {"basket_id": anothers},
        {"basket_id": uuid.uuid4()},
    ]
    program = Actor(kind=ActorKind.APP, id=uuid.uuid4(), maison_id=house.maison.id, permissions={"orders.sell": None})
    before = rows_written()

    for named in wrong:
        with pytest.raises(NotFound):
            checkout.place_order(
                key="k", maison=house.maison, market=house.france, channel="web",
                lines=[WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris)],
                tender=TenderGiven(tender=Tender.CARD, provider="card_test"), actor=program, at=NOW,
                **({"client_id": house.traditional} | named),
            )  # fmt: skip

    assert rows_written() == before


def test_the_order_of_a_protected_client_says_neither_her_name_nor_where_she_lives(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=2)
    address = ["Ophelia Starling", "1 rue X", "75001 Paris"]
    hers, others = (
        buy_online(house, client, house.ring, mode=Mode.DELIVER, address=address, contact={"name": "Ophelia Starling"})
        for client in (house.protected, house.traditional)
    )

    seen = orders.get_order(actor=house.director, order_id=hers.id)

    assert (seen.delivery_address, seen.contact_name) == ((), "")
    assert orders.get_order(actor=house.director, order_id=others.id).delivery_address == tuple(address)
    assert orders.get_order_of_client(client_id=house.protected, number=hers.number).delivery_address == tuple(address)


def test_a_counter_sale_is_in_the_ledger_that_second(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1, candle=3)

    sold = sell_at_counter(house, house.ring, house.candle, client_id=house.traditional)

    assert orders.get_order(actor=house.system, order_id=sold.id).state is OrderState.COMPLETED
    assert level(house, house.paris, house.ring) == (0, 0)
    assert level(house, house.paris, house.candle) == (2, 0)
    kinds = [row.kind.value for row in
             stock.list_movements(actor=house.system, place_id=house.paris, reference_id=house.ring)]  # fmt: skip
    assert kinds == ["HANDED_OVER", "HELD", "RECEIVED"]
    assert stock.list_disagreements() == ()


def test_delivery_comes_from_the_warehouse_of_the_market_first(house: SmallHouse) -> None:
    house.stocked(house.london, ring=3)
    house.stocked(house.warehouse, ring=1)

    first = buy_online(house, house.traditional, house.ring, mode=Mode.DELIVER, address=["1 rue X", "75001 Paris"])
    second = buy_online(house, house.emerging, house.ring, mode=Mode.DELIVER, address=["1 rue X", "75001 Paris"])

    assert first.lines[0].place_id == house.warehouse
    assert second.lines[0].place_id == house.london


def test_partner_stock_is_never_locked_by_a_web_order(house: SmallHouse) -> None:
    house.stocked(house.partner_door, ring=5)

    with pytest.raises(OutOfStock):
        buy_online(house, house.traditional, house.ring, mode=Mode.DELIVER)
    with pytest.raises(ModeNotOffered):
        buy_online(house, house.traditional, house.ring, place=house.partner_door)

    assert level(house, house.partner_door, house.ring) == (5, 0)


def test_the_warehouse_is_no_place_to_collect(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)

    with pytest.raises(ModeNotOffered):
        buy_online(house, house.traditional, house.ring, place=house.warehouse)


@pytest.mark.parametrize("quantity", [0, -1, 21])
def test_a_quantity_must_make_sense(house: SmallHouse, quantity: int) -> None:
    house.stocked(house.paris, candle=30)
    before = rows_written()

    with pytest.raises(BadQuantity):
        checkout.place_order(
            key="q", maison=house.maison, market=house.france, channel="web",
            lines=[WantedLine(reference_id=house.candle, mode=Mode.COLLECT, place_id=house.paris, quantity=quantity)],
            tender=TenderGiven(tender=Tender.CARD, provider="card_test"), client_id=house.traditional,
            actor=house.as_client(house.traditional), at=NOW,
        )  # fmt: skip

    assert rows_written() == before


def test_no_lines_no_order(house: SmallHouse) -> None:
    with pytest.raises(EmptyBasket):
        buy_online(house, house.traditional)


def test_a_piece_without_a_price_is_not_sold(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    Price.objects.filter(reference_id=house.ring).delete()

    with pytest.raises(NoPrice):
        buy_online(house, house.traditional, house.ring)

    assert level(house, house.paris, house.ring) == (1, 0)


def test_a_client_cannot_order_as_another_nor_at_the_till(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    before = rows_written()

    with pytest.raises(Forbidden):
        checkout.place_order(
            key="k", maison=house.maison, market=house.france, channel="web",
            lines=[WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris)],
            tender=TenderGiven(tender=Tender.CARD, provider="card_test"), client_id=house.traditional,
            actor=house.as_client(house.emerging), at=NOW,
        )  # fmt: skip
    with pytest.raises(Forbidden):
        sell_at_counter(house, house.ring, actor=house.as_client(house.emerging))
    with pytest.raises(Forbidden):
        sell_at_counter(house, house.ring, actor=house.advisor_tokyo)

    assert rows_written() == before


def test_an_order_uses_references_and_markets_of_its_own_maison(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    other_house.stocked(other_house.paris, ring=1)

    with pytest.raises(NotFound):
        buy_online(house, house.traditional, other_house.ring)
    with pytest.raises(NotFound):
        buy_online(house, house.traditional, house.ring, market=other_house.france)


def test_a_basket_becomes_an_order_once(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=2)
    client = house.as_client(house.traditional)
    basket = baskets.open_basket(
        maison_id=house.maison.id, market_id=house.france.id, client_id=house.traditional, at=NOW
    )
    baskets.put_line(basket_id=basket, reference_id=house.ring, is_serialised=True, mode=Mode.COLLECT,
                     place_id=house.paris, actor=client, at=NOW)  # fmt: skip

    buy_online(house, house.traditional, house.ring, basket_id=basket)

    assert orders.find_open_basket(market_id=house.france.id, client_id=house.traditional) is None
    with pytest.raises(BasketOrdered):
        buy_online(house, house.traditional, house.ring, basket_id=basket)
    assert level(house, house.paris, house.ring) == (2, 1)


def test_order_effect_audit_and_events_stand_in_one_transaction(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)

    placed = buy_online(house, house.traditional, house.ring, key="k")

    assert AuditEntry.objects.filter(action="orders.place", subject=f"order:{placed.id}").count() == 1
    assert OutboxEvent.objects.filter(kind="orders.order_placed", subject=f"order:{placed.id}").count() == 1
    assert OutboxEvent.objects.filter(kind="stock.level_changed", subject=f"reference:{house.ring}").count() == 2
    assert IdempotencyKey.objects.get(key="k").response["order"] == str(placed.id)


def test_events_for_pages_carry_no_quantities_and_no_names(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    buy_online(house, house.traditional, house.ring)

    live = OutboxEvent.objects.filter(kind="stock.level_changed").latest("seq").live

    assert live == {"reference": str(house.ring), "places": {str(house.paris): "NONE"}}


def test_placing_an_order_is_one_statement(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1, watch=1)

    with CaptureQueriesContext(connection) as orm:
        buy_online(house, house.traditional, house.ring, house.watch)

    assert {query["sql"].split()[0] for query in orm} <= {"SAVEPOINT", "RELEASE"}  # the test's own transaction
