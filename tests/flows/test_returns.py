"""Returns anywhere: from announcement to refund, each step with what it must not do (ADR 0014, 0022)."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from tests.factories.orders import buy_online, pay, sell_at_counter
from tests.factories.returns import (
    HOME,
    LATER,
    advisor_london,
    bring_back,
    give,
    given_back,
    inspector,
    line_state,
    waiting_arrivals,
)
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.orders.errors import (
    AlreadyInspected,
    AlreadyReturned,
    BalanceToPay,
    NotReturnable,
    PreviewOutdated,
    ReturnAnnounced,
    ReturnClosed,
)
from vendome.domains.orders.policy.types import Condition
from vendome.domains.orders.types import Fate, Mode, ReturnRoute
from vendome.domains.payments.types import Tender
from vendome.domains.stock.errors import OutOfStock, PieceElsewhere
from vendome.flows import books, checkout, refunds, returnable, returns
from vendome.flows.exchanging import WantedReturn
from vendome.flows.returns import BroughtLine, TakenInstead
from vendome.flows.types import PlacedOrder, TenderGiven, WantedLine
from vendome.kit import sql
from vendome.kit.errors import BodyChanged, Forbidden, NotFound

pytestmark = pytest.mark.django_db
CASH = TenderGiven(tender=Tender.CASH, provider="till", is_settled=True)


def candles(house: SmallHouse, quantity: int) -> PlacedOrder:
    """A web order of several candles on one line, handed over in Paris."""
    return give(
        house,
        pay(
            house,
            checkout.place_order(
                key=str(uuid.uuid4()),
                maison=house.maison,
                market=house.france,
                channel="web",
                lines=[
                    WantedLine(reference_id=house.candle, mode=Mode.COLLECT, place_id=house.paris, quantity=quantity)
                ],
                tender=TenderGiven(tender=Tender.CARD, provider="card_test"),
                client_id=house.traditional,
                actor=house.as_client(house.traditional),
                at=NOW,
            ),
        ),
    )


@pytest.fixture
def worn(house: SmallHouse) -> PlacedOrder:
    """A ring bought online and collected in Paris."""
    house.stocked(house.paris, ring=2, watch=1, candle=9)
    return give(house, pay(house, buy_online(house, house.traditional, house.ring)))


def test_a_web_order_comes_back_in_london_and_its_card_is_refunded(house: SmallHouse, worn: PlacedOrder) -> None:
    done = bring_back(house, worn, place=house.london, actor=advisor_london(house))

    assert done.document is not None
    assert done.document.total_amount == -worn.total_amount
    assert line_state(worn.lines[0].id) == ("RETURNED", 1, 1, worn.total_amount)
    assert given_back(done.document.id) == [("CARD", "REQUESTED", -worn.total_amount)]
    assert books.list_problems() == []
    piece = "SELECT state, place_id, owner FROM stock_piece WHERE id = %s"
    assert sql.row(piece, [worn.lines[0].piece_id]) == ("QUARANTINED", house.london, "HOUSE")
    assert sql.value("SELECT count(*) FROM clients_wardrobepiece WHERE left_at IS NULL") == 0

    refunds.send_due(actor=house.system, at=LATER)
    assert given_back(done.document.id) == [("CARD", "REFUNDED", -worn.total_amount)]
    assert books.list_problems() == []


def test_the_decision_and_its_rule_stay_beside_the_line(house: SmallHouse, worn: PlacedOrder) -> None:
    bring_back(house, worn)

    rule, decision = sql.row("SELECT rule, decision->>'statute' FROM orders_returnline") or ("", "")
    assert rule == "fr.withdrawal"
    assert "L221-18" in decision


def test_a_double_click_pays_once(house: SmallHouse, worn: PlacedOrder) -> None:
    first = bring_back(house, worn, key="same")

    assert bring_back(house, worn, key="same") == first
    with pytest.raises(BodyChanged):
        bring_back(house, worn, BroughtLine(line_id=worn.lines[0].id, condition=Condition.WORN), key="same")
    with pytest.raises((AlreadyReturned, PieceElsewhere)):
        bring_back(house, worn)
    assert sql.value("SELECT count(*) FROM payments_payment WHERE amount < 0") == 1
    assert books.list_problems() == []


def test_three_announced_and_two_arrived_refund_two(house: SmallHouse, worn: PlacedOrder) -> None:
    placed = candles(house, 3)
    line = placed.lines[0].id
    told = returns.announce(
        key="a",
        order_id=placed.id,
        lines=[WantedReturn(line_id=line, quantity=3)],
        route=ReturnRoute.COURIER,
        place_id=None,
        pickup=HOME,
        actor=house.as_client(house.traditional),
        at=LATER,
    )
    assert sql.value("SELECT count(*) FROM payments_payment WHERE amount < 0") == 0

    done = bring_back(house, placed, BroughtLine(line_id=line, quantity=2), at=LATER + timedelta(days=40))

    assert done.id == told.id
    assert done.document is not None
    assert done.document.total_amount == -2 * 9500
    assert line_state(line) == ("HANDED_OVER", 2, 2, 2 * 9500)
    assert sql.value("SELECT state FROM orders_return WHERE id = %s", [told.id]) == "OPEN"
    assert (
        sql.value(
            "SELECT sum(quantity) FROM clients_wardrobepiece WHERE left_at IS NULL AND order_line_id = %s", [line]
        )
        == 1
    )

    bring_back(house, placed, BroughtLine(line_id=line, quantity=1), at=LATER + timedelta(days=41))
    assert line_state(line) == ("RETURNED", 3, 3, 3 * 9500)
    assert sql.value("SELECT state FROM orders_return WHERE id = %s", [told.id]) == "CLOSED"
    with pytest.raises((AlreadyReturned, ReturnClosed)):
        bring_back(house, placed, BroughtLine(line_id=line, quantity=1))
    assert books.list_problems() == []


def test_announced_in_time_counts_whenever_it_arrives(house: SmallHouse, worn: PlacedOrder) -> None:
    line = worn.lines[0].id
    returns.announce(
        key="a",
        order_id=worn.id,
        lines=[WantedReturn(line_id=line)],
        route=ReturnRoute.COURIER,
        place_id=None,
        pickup=HOME,
        actor=house.as_client(house.traditional),
        at=NOW + timedelta(days=13),
    )
    with pytest.raises(ReturnAnnounced):
        returns.announce(
            key="b",
            order_id=worn.id,
            lines=[WantedReturn(line_id=line)],
            route=ReturnRoute.COURIER,
            place_id=None,
            pickup=HOME,
            actor=house.as_client(house.traditional),
            at=NOW + timedelta(days=13),
        )

    bring_back(house, worn, at=NOW + timedelta(days=100))

    assert sql.value("SELECT rule FROM orders_returnline") == "fr.withdrawal"


def test_withdrawn_before_it_arrives_and_not_after(house: SmallHouse, worn: PlacedOrder) -> None:
    client = house.as_client(house.traditional)
    wanted = [WantedReturn(line_id=worn.lines[0].id)]
    told = returns.announce(
        key="a",
        order_id=worn.id,
        lines=wanted,
        route=ReturnRoute.COURIER,
        place_id=None,
        pickup=HOME,
        actor=client,
        at=LATER,
    )
    with pytest.raises(NotFound):
        returns.withdraw(return_id=told.id, actor=house.as_client(house.emerging), at=LATER)
    returns.withdraw(return_id=told.id, actor=client, at=LATER)
    returns.withdraw(return_id=told.id, actor=client, at=LATER)

    told = returns.announce(
        key="b",
        order_id=worn.id,
        lines=wanted,
        route=ReturnRoute.COURIER,
        place_id=None,
        pickup=HOME,
        actor=client,
        at=LATER,
    )
    bring_back(house, worn)
    with pytest.raises(ReturnClosed):
        returns.withdraw(return_id=told.id, actor=client, at=LATER)


def test_somebody_elses_order_is_not_there(house: SmallHouse, other_house: SmallHouse, worn: PlacedOrder) -> None:
    wanted = [WantedReturn(line_id=worn.lines[0].id)]
    with pytest.raises(NotFound):
        returns.announce(
            key="a",
            order_id=worn.id,
            lines=wanted,
            route=ReturnRoute.COURIER,
            place_id=None,
            pickup=HOME,
            actor=house.as_client(house.emerging),
            at=LATER,
        )
    with pytest.raises(NotFound):
        bring_back(house, worn, place=other_house.paris, actor=other_house.advisor_paris)
    with pytest.raises(Forbidden):
        bring_back(house, worn, actor=house.director)
    with pytest.raises(Forbidden):
        bring_back(house, worn, place=house.london)  # the Paris advisor stands in Paris
    assert line_state(worn.lines[0].id)[1:] == (0, 0, 0)


def test_what_the_policy_does_not_cover_needs_a_manager_with_a_reason(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    sold = sell_at_counter(house, house.ring, client_id=house.traditional)
    late = NOW + timedelta(days=100)
    line = sold.lines[0].id

    with pytest.raises(NotReturnable) as refused:
        bring_back(house, sold, at=late)
    assert refused.value.details()["rule"] == "house.late"
    with pytest.raises(Forbidden):
        bring_back(house, sold, BroughtLine(line_id=line, exception_reason="best client"), at=late)

    bring_back(
        house, sold, BroughtLine(line_id=line, exception_reason="best client"), at=late, actor=house.manager_paris
    )
    assert sql.row("SELECT rule, exception_reason FROM orders_returnline") == ("house.late", "best client")


def test_cash_is_counted_out_by_a_person(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    sold = sell_at_counter(house, house.ring, client_id=house.traditional)
    done = bring_back(house, sold)
    assert done.document is not None
    assert given_back(done.document.id) == [("CASH", "REQUESTED", -820_000)]
    refund = sql.value("SELECT id FROM payments_payment WHERE amount < 0")

    with pytest.raises(Forbidden):
        returns.confirm_by_hand(refund_id=refund, actor=advisor_london(house), at=LATER)
    returns.confirm_by_hand(refund_id=refund, actor=house.advisor_paris, at=LATER)
    returns.confirm_by_hand(refund_id=refund, actor=house.advisor_paris, at=LATER)

    assert given_back(done.document.id) == [("CASH", "REFUNDED", -820_000)]
    assert books.list_problems() == []


def test_a_gift_becomes_a_credit_and_its_giver_is_told_nothing(house: SmallHouse, worn: PlacedOrder) -> None:
    done = bring_back(house, worn, is_gift=True, client_id=house.emerging)

    assert done.document is not None
    assert done.document.credited_amount == worn.total_amount
    assert given_back(done.document.id) == [("CREDIT_NOTE", "REFUNDED", -worn.total_amount)]
    assert sql.value("SELECT client_id FROM orders_order WHERE id = %s", [done.document.id]) == house.emerging
    assert line_state(worn.lines[0].id)[0] == "HANDED_OVER"  # what the giver sees
    assert books.list_problems() == []
    assert refunds.send_due(actor=house.system, at=LATER) == 0


class TestExchange:
    def test_for_more_she_pays_the_difference(self, house: SmallHouse, worn: PlacedOrder) -> None:
        watch = (TakenInstead(reference_id=house.watch),)
        with pytest.raises(BalanceToPay) as short:
            bring_back(house, worn, instead=watch)
        assert short.value.details()["balance"] == 380_000
        with pytest.raises(PreviewOutdated):
            bring_back(house, worn, instead=watch, tender=CASH, balance=379_999)
        assert line_state(worn.lines[0].id)[1:] == (0, 0, 0)

        done = bring_back(house, worn, instead=watch, tender=CASH, balance=380_000)

        assert done.document is not None
        assert given_back(done.document.id) == [("CASH", "CAPTURED", 380_000)]
        lines = sql.rows(
            "SELECT direction, state FROM orders_orderline WHERE order_id = %s ORDER BY position", [done.document.id]
        )
        assert lines == [("OUT", "HANDED_OVER"), ("IN", "RETURNED")]
        assert sql.value("SELECT state FROM orders_order WHERE id = %s", [done.document.id]) == "COMPLETED"
        assert sql.value("SELECT reference_id FROM clients_wardrobepiece WHERE left_at IS NULL") == house.watch
        assert books.list_problems() == []

    def test_for_less_the_difference_goes_back_and_the_rest_still_can(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1, watch=1)
        bought = give(house, pay(house, buy_online(house, house.traditional, house.watch)))

        done = bring_back(house, bought, instead=(TakenInstead(reference_id=house.ring),))
        assert done.document is not None
        assert given_back(done.document.id) == [("CARD", "REQUESTED", -380_000)]

        ring = sql.value(
            "SELECT id FROM orders_orderline WHERE order_id = %s AND direction = 'OUT'", [done.document.id]
        )
        again = returns.receive(
            key="again",
            order_id=done.document.id,
            place_id=house.paris,
            lines=[BroughtLine(line_id=ring)],
            actor=house.advisor_paris,
            at=LATER,
        )
        assert again.document is not None
        assert given_back(again.document.id) == [("CARD", "REQUESTED", -820_000)]
        paid, back = sql.row("SELECT amount, refunded_amount FROM payments_payment WHERE refund_of_id IS NULL") or (
            0,
            0,
        )
        assert paid == back
        assert books.list_problems() == []

    def test_for_the_same_nothing_is_paid(self, house: SmallHouse, worn: PlacedOrder) -> None:
        done = bring_back(house, worn, instead=(TakenInstead(reference_id=house.ring),))

        assert done.document is not None
        assert (done.document.total_amount, given_back(done.document.id)) == (0, [])
        assert books.list_problems() == []

    def test_what_is_gone_leaves_everything_as_it_was(self, house: SmallHouse, worn: PlacedOrder) -> None:
        with pytest.raises(OutOfStock):
            bring_back(
                house,
                worn,
                instead=(TakenInstead(reference_id=house.watch), TakenInstead(reference_id=house.watch)),
                tender=CASH,
            )

        assert line_state(worn.lines[0].id) == ("HANDED_OVER", 0, 0, 0)
        assert sql.value("SELECT state FROM stock_piece WHERE id = %s", [worn.lines[0].piece_id]) == "WITH_CLIENT"
        assert books.list_problems() == []

    def test_after_the_days_of_refund_it_can_only_be_exchanged(self, house: SmallHouse, worn: PlacedOrder) -> None:
        late = NOW + timedelta(days=45)
        with pytest.raises(NotReturnable):
            bring_back(house, worn, at=late)

        done = bring_back(house, worn, at=late, instead=(TakenInstead(reference_id=house.candle),))

        assert done.document is not None
        assert given_back(done.document.id) == [("CREDIT_NOTE", "REFUNDED", -(820_000 - 9_500))]
        assert books.list_problems() == []


class TestInspection:
    def arrived(self, house: SmallHouse, worn: PlacedOrder) -> uuid.UUID:
        bring_back(house, worn, BroughtLine(line_id=worn.lines[0].id, accept=False))
        assert sql.value("SELECT count(*) FROM payments_payment WHERE amount < 0") == 0
        return waiting_arrivals()[0]

    def look(
        self,
        house: SmallHouse,
        arrival: uuid.UUID,
        fate: Fate,
        *,
        key: str = "i",
        condition: Condition = Condition.AS_SOLD,
        accept: bool = True,
    ) -> None:
        returns.inspect(
            key=key, arrival_id=arrival, condition=condition, fate=fate, accept=accept, actor=inspector(house), at=LATER
        )

    def test_as_sold_is_paid_back_and_on_sale_again(self, house: SmallHouse, worn: PlacedOrder) -> None:
        arrival = self.arrived(house, worn)

        self.look(house, arrival, Fate.RESTOCKED)
        self.look(house, arrival, Fate.RESTOCKED)

        assert sql.row("SELECT state, hold_id FROM stock_piece WHERE id = %s", [worn.lines[0].piece_id]) == (
            "IN_STOCK",
            None,
        )
        assert sql.value("SELECT sum(amount) FROM payments_payment WHERE amount < 0") == -820_000
        assert sql.value("SELECT state FROM orders_return") == "CLOSED"
        with pytest.raises(AlreadyInspected):
            self.look(house, arrival, Fate.RESTOCKED, key="other")
        assert books.list_problems() == []

    @pytest.mark.parametrize(
        ("fate", "condition", "accept", "without"),
        [
            (Fate.RESTOCKED, Condition.AS_SOLD, True, "examined: as sold"),
            (Fate.WRITTEN_OFF, Condition.WORN, True, "examined: worn"),
            (Fate.GIVEN_BACK, Condition.NOT_OURS, False, "given back to her"),
        ],
    )
    @pytest.mark.parametrize("note", ["scratches on the clasp", ""])
    def test_what_was_seen_is_kept(
        self,
        house: SmallHouse,
        worn: PlacedOrder,
        note: str,
        fate: Fate,
        condition: Condition,
        accept: bool,
        without: str,
    ) -> None:
        returns.inspect(
            key="i", arrival_id=self.arrived(house, worn), condition=condition, fate=fate, accept=accept, note=note,
            actor=inspector(house), at=LATER,
        )  # fmt: skip

        assert sql.value("SELECT note FROM orders_arrival") == note
        kept = sql.value("SELECT reason FROM stock_movement ORDER BY at DESC, id DESC LIMIT 1")
        assert kept == (note or without)

    def test_not_ours_goes_back_and_nothing_is_paid(self, house: SmallHouse, worn: PlacedOrder) -> None:
        arrival = self.arrived(house, worn)
        with pytest.raises(NotReturnable) as refused:
            self.look(house, arrival, Fate.RESTOCKED, condition=Condition.NOT_OURS)
        assert refused.value.details()["rule"] == "house.not-ours"

        self.look(house, arrival, Fate.GIVEN_BACK, condition=Condition.NOT_OURS, accept=False)

        assert line_state(worn.lines[0].id) == ("HANDED_OVER", 0, 0, 0)
        assert sql.value("SELECT count(*) FROM payments_payment WHERE amount < 0") == 0
        assert sql.value("SELECT count(*) FROM clients_wardrobepiece WHERE left_at IS NULL") == 1
        assert books.list_problems() == []
        bring_back(house, worn)  # she may try again
        assert books.list_problems() == []

    def test_paid_at_the_counter_it_is_only_put_away(self, house: SmallHouse, worn: PlacedOrder) -> None:
        bring_back(house, worn)
        arrival = waiting_arrivals()[0]
        with pytest.raises(AlreadyInspected):
            self.look(house, arrival, Fate.GIVEN_BACK, key="x", accept=False)

        self.look(house, arrival, Fate.WRITTEN_OFF, condition=Condition.DAMAGED)

        assert sql.value("SELECT state FROM stock_piece WHERE id = %s", [worn.lines[0].piece_id]) == "WRITTEN_OFF"
        assert sql.value("SELECT sum(amount) FROM payments_payment WHERE amount < 0") == -820_000
        assert books.list_problems() == []

    def test_an_advisor_does_not_inspect(self, house: SmallHouse, worn: PlacedOrder) -> None:
        arrival = self.arrived(house, worn)
        with pytest.raises(NotFound):
            returns.inspect(
                key="i",
                arrival_id=arrival,
                condition=Condition.AS_SOLD,
                fate=Fate.RESTOCKED,
                accept=True,
                actor=house.advisor_paris,
                at=LATER,
            )


def test_receipts_are_found_by_number_by_piece_and_by_client(house: SmallHouse, worn: PlacedOrder) -> None:
    serial = sql.value("SELECT serial FROM stock_piece WHERE id = %s", [worn.lines[0].piece_id])
    here = {"actor": advisor_london(house), "place_id": house.london, "on": LATER.date(), "at": LATER}

    for more in ({"text": worn.number.lower()}, {"text": serial}, {"client_id": house.traditional}):
        [found] = returnable.find_receipts(**here, **more)
        assert (found.number, found.client_name, found.lines[0].out) == (worn.number, "Éléonore de Brissac", 1)
        assert found.lines[0].decision.rule == "fr.withdrawal"
    assert returnable.find_receipts(**here, text="VER-00-0") == ()
    with pytest.raises(Forbidden):
        returnable.find_receipts(
            actor=house.director, place_id=house.paris, on=LATER.date(), at=LATER, text=worn.number
        )


def test_a_refund_that_failed_is_asked_for_again_once(house: SmallHouse, worn: PlacedOrder) -> None:
    done = bring_back(house, worn)
    assert done.document is not None
    refund = sql.value("SELECT id FROM payments_payment WHERE amount < 0")
    sql.value("SELECT payments_settle_refund(%s, false, '', %s)", [refund, LATER])
    assert any("do not add up" in problem for problem in books.list_problems())

    assert returns.refund_again(refund_id=refund, actor=house.manager_paris, at=LATER) == worn.total_amount
    assert returns.refund_again(refund_id=refund, actor=house.manager_paris, at=LATER) == 0
    assert books.list_problems() == []
    with pytest.raises(Forbidden):
        returns.refund_again(refund_id=refund, actor=house.advisor_paris, at=LATER)


def test_what_a_flow_adds_never_takes_the_place_of_what_was_asked(house: SmallHouse) -> None:
    """No two values share a name on the way to the database: the inspector's note once was lost like that."""
    for more in ({"note": {"id": "x"}}, {"fate": "RESTOCKED"}):
        with pytest.raises(ValueError, match=f"already says {next(iter(more))}"):
            returns._call(
                "SELECT flows_inspect(%s::jsonb)", {"note": "seen", "fate": "WAITING"}, "k", house.system, LATER,
                scope="orders.inspect", more=more,
            )  # fmt: skip
    with pytest.raises(ValueError, match="already says actor"):
        returns._call("SELECT 1", {"actor": "x"}, "k", house.system, LATER, scope="orders.inspect", more={})
