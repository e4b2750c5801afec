"""What is set aside for a client becomes her order, whoever set it aside and wherever she buys; never a second hold."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest

from tests.factories.orders import CARD, pay
from tests.factories.small_house import NOW, SmallHouse
from tests.flows.test_reservations import reserve
from tests.sabotage import change
from vendome.domains.orders.models import OrderLine
from vendome.domains.orders.types import Mode
from vendome.domains.payments.types import CaptureOutcome, Tender
from vendome.domains.stock.errors import OutOfStock
from vendome.domains.stock.models import Hold, Level
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.scarcity_models import QuotaRule
from vendome.flows import checkout, kept, reservations
from vendome.flows.types import PlacedOrder, TenderGiven, WantedLine
from vendome.kit import sql
from vendome.kit.actors import Actor

pytestmark = pytest.mark.django_db
CASH = TenderGiven(tender=Tender.CASH, provider="till", is_settled=True)


def buys(
    house: SmallHouse,
    *lines: WantedLine,
    client: uuid.UUID | None = None,
    at: datetime = NOW,
) -> PlacedOrder:
    her = client or house.traditional
    return checkout.place_order(
        key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="web",
        lines=lines or [WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris)], tender=CARD,
        client_id=her, address=["x"], actor=house.as_client(her), at=at,
    )  # fmt: skip


@pytest.mark.parametrize("by_herself", [True, False])
def test_the_last_piece_set_aside_for_her_is_the_one_she_buys_online(house: SmallHouse, by_herself: bool) -> None:
    house.stocked(house.paris, ring=1)
    Level.objects.filter(place_id=house.paris).update(safety=0 if by_herself else 1)
    made = reserve(house, house.as_client(house.traditional) if by_herself else house.advisor_paris)
    with pytest.raises(OutOfStock):
        buys(house, client=house.emerging)

    placed = buys(house)

    hold = Hold.objects.get()
    assert (hold.id, hold.kind, hold.order_id) == (made.hold_id, "ORDER", placed.id)
    assert placed.lines[0].piece_id == hold.piece_id
    assert stock.list_disagreements() == ()


def test_at_the_till_it_leaves_with_her(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=2)
    made = reserve(house, house.as_client(house.traditional))
    line = WantedLine(reference_id=house.ring, mode=Mode.TAKE_AWAY, place_id=house.paris)

    checkout.place_order(
        key="till", maison=house.maison, market=house.france, channel="boutique", lines=[line], tender=CASH,
        client_id=house.traditional, selling_place_id=house.paris, actor=house.advisor_paris, at=NOW,
    )  # fmt: skip

    assert Hold.objects.get().id == made.hold_id
    assert Hold.objects.get().state == "CONSUMED"
    level = Level.objects.get(place_id=house.paris, reference_id=house.ring)
    assert (level.on_hand, level.held) == (1, 0)
    assert stock.list_disagreements() == ()


def test_sent_to_her_it_leaves_from_where_it_is_kept(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    house.stocked(house.warehouse, ring=1)
    made = reserve(house, house.as_client(house.traditional))

    placed = buys(house, WantedLine(reference_id=house.ring, mode=Mode.DELIVER))

    assert (placed.lines[0].place_id, placed.lines[0].hold_id) == (house.paris, made.hold_id)
    assert Hold.objects.filter(state="ACTIVE").count() == 1


def test_another_place_another_piece_or_two_of_them_are_ordered_beside_it(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=3)
    house.stocked(house.london, ring=1)
    made = reserve(house, house.as_client(house.traditional))
    elsewhere = buys(house, WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.london))
    assert elsewhere.lines[0].hold_id != made.hold_id
    named = sql.value("SELECT id FROM stock_piece WHERE place_id = %s AND hold_id IS NULL LIMIT 1", [house.paris])
    other = buys(house, WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris, piece_id=named))
    assert other.lines[0].piece_id == named

    line = WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris)
    both = buys(house, line, line)

    assert [one.hold_id == made.hold_id for one in both.lines] == [True, False]
    assert stock.list_disagreements() == ()


def test_what_ran_out_or_is_somebody_elses_is_not_taken_over(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=3)
    reserve(house, house.advisor_paris, client=house.emerging)
    late = reserve(house, house.as_client(house.traditional))
    sql.value("UPDATE stock_hold SET expires_at = %s WHERE id = %s RETURNING 1", [NOW, late.hold_id])

    placed = buys(house)

    assert placed.lines[0].hold_id not in set(Hold.objects.filter(kind="RESERVATION").values_list("id", flat=True))
    assert kept.list_kept(client_id=house.traditional, reference_ids=[house.ring], at=NOW) == ()
    assert stock.list_disagreements() == ()


def test_control_an_order_that_does_not_ask_finds_none_left(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    reserve(house, house.as_client(house.traditional))
    change("flows_keep_to_hers", "RETURN hers;", "RETURN NULL;")

    with pytest.raises(OutOfStock):
        buys(house)


def settled(placed: PlacedOrder, *, at: datetime) -> None:
    outcome = CaptureOutcome(is_captured=False, decline_sentence="declined")
    checkout.settle(payment_id=placed.payment_id, outcome=outcome, actor=Actor.system(), at=at)


@pytest.mark.parametrize("by_herself", [True, False])
@pytest.mark.parametrize("ending", ["declined", "ran out"])
def test_an_order_that_is_not_paid_leaves_it_set_aside_as_it_was(
    house: SmallHouse, by_herself: bool, ending: str
) -> None:
    house.stocked(house.paris, ring=2)
    made = reserve(house, house.as_client(house.traditional) if by_herself else house.advisor_paris)
    before = Hold.objects.filter(id=made.hold_id).values().get()
    line = WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris)
    placed = buys(house, line, line)  # one of the two was not set aside

    if ending == "declined":
        settled(placed, at=NOW + timedelta(minutes=5))
    else:
        assert checkout.expire_unpaid(at=NOW + timedelta(minutes=16)) == 2

    assert Hold.objects.filter(id=made.hold_id).values().get() == before
    assert Hold.objects.filter(state="ACTIVE").count() == 1
    assert set(OrderLine.objects.filter(order_id=placed.id).values_list("state", "hold_id")) == {
        ("CANCELLED", None), ("CANCELLED", placed.lines[1].hold_id)
    }  # fmt: skip
    own = reservations.list_own(client_id=house.traditional)
    assert [one.hold_id for one in own] == ([made.hold_id] if by_herself else [])
    assert stock.list_disagreements() == ()
    again = buys(house, at=NOW + timedelta(minutes=20))
    assert again.lines[0].hold_id == made.hold_id
    paid = pay(house, again)
    assert paid.state.value == "CONFIRMED"
    assert Hold.objects.get(id=made.hold_id).expires_at is None
    assert stock.list_disagreements() == ()


def test_paid_too_late_it_stays_set_aside_and_the_money_is_owed(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    made = reserve(house, house.as_client(house.traditional))
    placed = buys(house)
    settled(placed, at=NOW)

    money = CaptureOutcome(is_captured=True, provider_reference="late", amount=placed.total_amount, currency="EUR")
    checkout.settle(payment_id=placed.payment_id, outcome=money, actor=house.system, at=NOW + timedelta(minutes=1))

    hold = Hold.objects.get()
    assert (hold.id, hold.kind, hold.expires_at) == (made.hold_id, "RESERVATION", made.until)
    assert sql.value("SELECT count(*) FROM kit_outboxevent WHERE kind = 'payments.refund_due'") == 1


def test_once_its_own_time_is_over_it_is_free(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    made = reserve(house, house.as_client(house.traditional))
    placed = buys(house, at=made.until - timedelta(minutes=1))

    settled(placed, at=made.until)

    assert Hold.objects.get().state == "RELEASED"
    assert Level.objects.get(place_id=house.paris).held == 0
    assert stock.list_disagreements() == ()


def test_of_a_limited_model_the_order_gives_its_room_back(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=2)
    model = sql.value("SELECT model_id FROM catalogue_reference WHERE id = %s", [house.ring])
    QuotaRule.objects.create(
        maison_id=house.maison.id, model_id=model, per_person=1, counts_household=False, set_at=NOW, set_by="SYSTEM"
    )
    reserve(house, house.as_client(house.traditional))

    for _ in range(2):
        settled(buys(house), at=NOW)
    assert buys(house).id
    assert sql.value("SELECT count(*) FROM stock_quotause WHERE ended_at IS NULL") == 1


def test_control_without_it_the_piece_goes_to_the_next(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    reserve(house, house.as_client(house.traditional))
    change("flows_give_up", "stock_set_aside_again(h.id, order_, at)", "false")
    settled(buys(house), at=NOW)

    assert buys(house, client=house.emerging).id


def test_a_price_or_a_promise_that_fails_leaves_it_set_aside(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    made = reserve(house, house.as_client(house.traditional))
    line = WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris)

    with pytest.raises(OutOfStock):
        buys(house, line, line)

    hold = Hold.objects.get()
    assert (hold.id, hold.kind, hold.expires_at) == (made.hold_id, "RESERVATION", NOW + timedelta(hours=48))
