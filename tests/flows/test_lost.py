"""What is lost on its way: a question to a person, another piece or her money, and her right to one. With controls."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from tests.factories.orders import CARD, buy_online, pay
from tests.factories.parcels import SIGNED, offer_services, pack, packer, parcel_of, sent, to_send
from tests.factories.returns import bring_back, line_state
from tests.factories.small_house import NOW, SmallHouse
from tests.flows.test_line_steps import give, refuse, resolve, staff, step
from tests.sabotage import change
from vendome.domains.fulfilment.errors import ParcelMoved
from vendome.domains.fulfilment.types import RefusalReason, Resolution
from vendome.domains.orders.errors import LineNotReady
from vendome.domains.orders.types import Mode
from vendome.domains.payments.types import PaymentState
from vendome.domains.stock.errors import HoldGone, QuotaReached
from vendome.domains.stock.scarcity_models import QuotaRule
from vendome.domains.stock.services import movements, transfers
from vendome.domains.stock.services.transfers import Arrived
from vendome.domains.stock.types import Discrepancy
from vendome.flows import books, checkout, exceptions, parcels, refunds, shipping
from vendome.flows.line_steps import Step
from vendome.flows.types import PlacedOrder, WantedLine
from vendome.kit import outbox, sql

pytestmark = pytest.mark.django_db
LATE = NOW + timedelta(days=30)


def lost(house: SmallHouse) -> tuple[PlacedOrder, uuid.UUID]:
    """A ring that its carrier has lost, and its parcel."""
    house.stocked(house.warehouse, ring=1)
    placed, parcel = sent(house)
    parcels.lose(
        parcel_id=parcel.id, reason="the van burnt", actor=packer(house, "logistics", "stock_controller"), at=NOW
    )
    outbox.deliver_due()
    return placed, parcel.id


def answer(house: SmallHouse, how: Resolution) -> None:
    """Client service ends the one question that is open."""
    service = staff(house, "client_service", None)
    (asked,) = exceptions.list_open(actor=service, at=NOW)
    resolve(asked.id, how, service)


# -- a lost parcel ----------------------------------------------------------------------------------------------


def test_a_lost_parcel_is_a_question_and_her_money_goes_back(house: SmallHouse) -> None:
    placed, _ = lost(house)
    (asked,) = exceptions.list_open(actor=staff(house, "client_service", None), at=NOW)
    assert (asked.kind, asked.reason, asked.order_line_id, asked.amount) == (
        "REFUSED", "NOT_FOUND", placed.lines[0].id, 820_000,
    )  # fmt: skip
    assert books.list_problems() == []

    answer(house, Resolution.REFUNDED)
    assert refunds.send_due(actor=house.system, at=NOW) == 1

    assert line_state(placed.lines[0].id) == ("CANCELLED", 1, 1, 820_000)
    assert sql.value("SELECT state FROM orders_order WHERE id = %s", [placed.id]) == "CANCELLED"
    assert sql.rows("SELECT amount, state FROM payments_payment WHERE refund_of_id = %s", [placed.payment_id]) == [
        (-820_000, PaymentState.REFUNDED)
    ]
    assert sql.row("SELECT state, hold_id FROM stock_piece WHERE id = %s", [placed.lines[0].piece_id]) == ("LOST", None)
    assert sql.value("SELECT sum(on_hand + held) FROM stock_level WHERE reference_id = %s", [house.ring]) == 0
    assert books.list_problems() == []
    exceptions.find_due(at=LATE)
    assert exceptions.list_open(actor=staff(house, "client_service", None), at=LATE) == ()


def test_control_a_line_on_its_way_could_not_be_refunded(house: SmallHouse) -> None:
    lost(house)
    change("flows_cancel_line", "l.state IN ('ON_THE_WAY', 'DISPATCHED') AND h", "l.state = 'ON_THE_WAY' AND h")

    with pytest.raises(LineNotReady):
        answer(house, Resolution.REFUNDED)


def test_what_was_refunded_is_not_replaced_as_well(house: SmallHouse) -> None:
    _, parcel = lost(house)
    answer(house, Resolution.REFUNDED)
    house.stocked(house.warehouse, ring=1)

    with pytest.raises(ParcelMoved):
        parcels.replace_lost(parcel_id=parcel, actor=packer(house, "logistics", "stock_controller"), at=NOW)


def test_what_was_lost_is_sourced_anew(house: SmallHouse) -> None:
    placed, _ = lost(house)
    house.stocked(house.paris, ring=1)

    answer(house, Resolution.RESOURCED)

    again = sql.row(
        "SELECT origin_id, state FROM fulfilment_parcel WHERE order_id = %s AND state <> 'LOST'", [placed.id]
    )
    assert again == (house.paris, "PREPARING")
    assert line_state(placed.lines[0].id)[0] == "HELD"
    assert books.list_problems() == []


def lost_before_it_is_paid(house: SmallHouse) -> PlacedOrder:
    """To be collected in Paris from London, where it is not found while her order waits for its payment."""
    house.stocked(house.london, ring=1)
    placed = buy_online(house, house.traditional, house.ring)
    piece = placed.lines[0].piece_id
    movements.lose(
        key="gone", place_id=house.london, reference_id=house.ring, piece_id=piece, hold_id=placed.lines[0].hold_id,
        reason="not in its tray", actor=house.system, at=NOW,
    )  # fmt: skip
    outbox.deliver_due()
    return placed


def test_what_was_lost_before_it_is_paid_is_a_question_once_it_is(house: SmallHouse) -> None:
    placed = lost_before_it_is_paid(house)
    assert exceptions.list_open(actor=house.system, at=NOW) == ()

    pay(house, placed)

    assert sql.value("SELECT state FROM orders_order WHERE id = %s", [placed.id]) == "CONFIRMED"
    answer(house, Resolution.REFUNDED)
    assert line_state(placed.lines[0].id) == ("CANCELLED", 1, 1, 820_000)
    assert books.list_problems() == []


def test_control_money_could_not_come_in_for_what_was_to_travel(house: SmallHouse) -> None:
    placed = lost_before_it_is_paid(house)
    change("flows_send_to_collection_places", "AND h.state = 'ACTIVE'", "")

    with pytest.raises(HoldGone):
        pay(house, placed)


# -- a part of a line -------------------------------------------------------------------------------------------


def two_of_three(house: SmallHouse) -> uuid.UUID:
    """Three candles for Paris leave London, and two arrive."""
    house.stocked(house.london, candle=3)
    wanted = WantedLine(reference_id=house.candle, mode=Mode.COLLECT, place_id=house.paris, quantity=3)
    placed = checkout.place_order(
        key="three", maison=house.maison, market=house.france, channel="web", lines=[wanted], tender=CARD,
        client_id=house.traditional, actor=house.as_client(house.traditional), at=NOW,
    )  # fmt: skip
    line = pay(house, placed).lines[0].id
    step(line, Step.LEAVES, staff(house, "advisor", house.london))
    transfer, part = sql.rows("SELECT transfer_id, id FROM stock_transferline")[0]
    came = Arrived(line_id=part, received=2, discrepancy=Discrepancy.MISSING, note="the box was open")
    transfers.receive(key="two", transfer_id=transfer, arrived=[came], actor=house.system, at=NOW)
    outbox.deliver_due()
    return line


def test_two_of_three_are_not_handed_over_as_three(house: SmallHouse) -> None:
    line = two_of_three(house)

    with pytest.raises(LineNotReady):
        give(house, line)

    assert line_state(line)[0] == "ARRIVED"
    assert sql.value("SELECT quantity FROM stock_hold WHERE order_line_id = %s AND state = 'ACTIVE'", [line]) == 2
    assert books.list_problems() == []


def test_of_two_of_three_she_gets_three_others_or_all_her_money(house: SmallHouse) -> None:
    line = two_of_three(house)
    house.stocked(house.warehouse, candle=3)

    answer(house, Resolution.RESOURCED)

    hold = sql.row(
        "SELECT h.quantity, h.place_id FROM orders_orderline l JOIN stock_hold h ON h.id = l.hold_id WHERE l.id = %s",
        [line],
    )
    assert hold == (3, house.warehouse)
    assert books.list_problems() == []


def test_for_two_of_three_all_her_money_goes_back(house: SmallHouse) -> None:
    line = two_of_three(house)

    answer(house, Resolution.REFUNDED)

    assert line_state(line) == ("CANCELLED", 3, 3, 3 * 9_500)
    assert sql.value("SELECT sum(amount) FROM payments_payment WHERE refund_of_id IS NOT NULL") == -3 * 9_500
    assert books.list_problems() == []


def test_control_without_a_look_at_the_quantity_two_are_given_for_three(house: SmallHouse) -> None:
    line = two_of_three(house)
    change("flows_give", "OR l.quantity <> (SELECT h.quantity FROM stock_hold h WHERE h.id = l.hold_id)", "")

    give(house, line)

    assert line_state(line)[0] == "HANDED_OVER"


# -- one for each client ----------------------------------------------------------------------------------------


@pytest.fixture
def one_each(house: SmallHouse) -> None:
    model = sql.value("SELECT model_id FROM catalogue_reference WHERE id = %s", [house.ring])
    QuotaRule.objects.create(
        model_id=model, per_person=1, counts_household=False, maison_id=house.maison.id, set_at=NOW, set_by="SYSTEM"
    )


def may_have_another(house: SmallHouse) -> bool:
    try:
        buy_online(house, house.traditional, house.ring, place=house.paris)
    except QuotaReached:
        return False
    return True


def sourced_anew(house: SmallHouse) -> PlacedOrder:
    """Paris cannot find hers; the warehouse has another."""
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    refuse(placed.lines[0].id, house.advisor_paris)
    house.stocked(house.warehouse, ring=1)
    answer(house, Resolution.RESOURCED)
    house.stocked(house.paris, ring=2)
    return placed


def replaced(house: SmallHouse) -> PlacedOrder:
    placed, parcel = lost(house)
    house.stocked(house.warehouse, ring=1)
    parcels.replace_lost(parcel_id=parcel, actor=packer(house, "logistics", "stock_controller"), at=NOW)
    house.stocked(house.paris, ring=2)
    return placed


def delivered(house: SmallHouse, placed: PlacedOrder, number: int) -> None:
    parcel = parcel_of(house, placed, number)
    pack(house, parcel, sql.value("SELECT id FROM fulfilment_carrierservice WHERE mode = 'STANDARD'"))
    shipping.book_due(actor=house.system, at=NOW)
    parcels.dispatch(parcel_id=parcel.id, actor=packer(house), at=NOW)
    parcels.deliver(parcel_id=parcel.id, received_by="E.", signature=SIGNED, actor=packer(house), at=NOW)


def kept_for(placed: PlacedOrder) -> bool:
    """Whether the room she takes is that of the piece her line has now."""
    return bool(
        sql.value(
            "SELECT (l.hold_id, l.piece_id) = (u.hold_id, u.piece_id) FROM stock_quotause u"
            " JOIN orders_orderline l ON l.id = u.order_line_id WHERE u.ended_at IS NULL AND l.id = %s",
            [placed.lines[0].id],
        )
    )


@pytest.mark.usefixtures("one_each")
class TestOneForEachClient:
    def test_sourced_anew_she_has_one_and_no_other(self, house: SmallHouse) -> None:
        placed = sourced_anew(house)

        assert kept_for(placed)
        assert not may_have_another(house)
        assert line_state(placed.lines[0].id)[0] == "HELD"

    def test_control_room_that_does_not_follow_lets_her_have_two(self, house: SmallHouse) -> None:
        change("flows_source_anew", "PERFORM stock_quota_follows(old.id, new_hold, NULL);", "")

        sourced_anew(house)

        assert may_have_another(house)

    def test_replaced_she_has_one_and_when_it_comes_back_another(self, house: SmallHouse) -> None:
        placed = replaced(house)
        assert kept_for(placed)
        assert not may_have_another(house)

        delivered(house, placed, 2)
        assert not may_have_another(house)
        bring_back(house, placed)

        assert may_have_another(house)

    def test_control_room_of_the_lost_piece_is_never_given_back(self, house: SmallHouse) -> None:
        change("stock_quota_follows", "WHERE hold_id = old_hold AND ended_at IS NULL", "WHERE false")
        placed = replaced(house)
        delivered(house, placed, 2)

        bring_back(house, placed)

        assert not may_have_another(house)

    def test_refunded_she_may_have_another(self, house: SmallHouse) -> None:
        lost(house)
        house.stocked(house.paris, ring=1)
        assert not may_have_another(house)

        answer(house, Resolution.REFUNDED)

        assert may_have_another(house)

    def test_control_a_refund_that_keeps_her_room_shuts_her_out(self, house: SmallHouse) -> None:
        change("flows_cancel_line", "PERFORM stock_give_quota_back(l.piece_id, l.id, at);", "NULL;")
        lost(house)
        house.stocked(house.paris, ring=1)

        answer(house, Resolution.REFUNDED)

        assert not may_have_another(house)


# -- what was answered ------------------------------------------------------------------------------------------


def raised(kind: str) -> int:
    return int(sql.value("SELECT count(*) FROM fulfilment_orderexception WHERE kind = %s", [kind]))


def a_late_parcel_is_answered(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    offer_services(house)
    to_send(house)
    exceptions.find_due(at=LATE)
    (late,) = exceptions.list_open(actor=house.system, at=LATE)
    assert late.kind == "PARCEL_LATE"
    exceptions.resolve(
        key="told", exception_id=late.id, resolution=Resolution.SPOKEN_TO, note="she knows; on Friday",
        actor=house.system, at=LATE,
    )  # fmt: skip


def test_a_late_parcel_that_was_answered_does_not_come_back(house: SmallHouse) -> None:
    a_late_parcel_is_answered(house)

    for hours in (0, 1, 30):
        assert exceptions.find_due(at=LATE + timedelta(hours=hours)) == 0

    assert raised("PARCEL_LATE") == 1


def test_control_an_answer_that_does_not_count_comes_back_at_once(house: SmallHouse) -> None:
    change("flows_find_exceptions", "e.resolution <> 'PASSED' AND", "false AND")
    a_late_parcel_is_answered(house)

    exceptions.find_due(at=LATE)

    assert raised("PARCEL_LATE") == 2


def test_a_new_promise_that_passes_is_asked_about_again(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    house.stocked(house.london, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    exceptions.find_due(at=LATE)
    (late,) = exceptions.list_open(actor=house.system, at=LATE)
    exceptions.resolve(key="anew", exception_id=late.id, resolution=Resolution.RESOURCED, actor=house.system, at=LATE)
    assert sql.value("SELECT promised_date FROM orders_orderline WHERE id = %s", [placed.lines[0].id]) >= LATE.date()
    assert exceptions.find_due(at=LATE) == 0

    exceptions.find_due(at=LATE + timedelta(days=30))

    assert raised("NOT_READY") == 2


def test_a_lost_parcel_whose_money_went_back_is_not_late(house: SmallHouse) -> None:
    lost(house)
    answer(house, Resolution.REFUNDED)

    exceptions.find_due(at=LATE)

    assert raised("PARCEL_LATE") == 0


def test_a_refusal_kept_for_another_is_asked_once(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    refuse(placed.lines[0].id, house.advisor_paris, RefusalReason.KEPT_FOR_ANOTHER)
    answer(house, Resolution.FOUND_AFTER_ALL)

    assert exceptions.find_due(at=NOW) == 0
