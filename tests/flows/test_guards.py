"""What a role may not do: with other places' orders and stock, with people's names, with money nobody saw."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from tests.api.conftest import Caller
from tests.factories.orders import buy_online, pay
from tests.factories.parcels import fresh, to_send
from tests.factories.payments import card as by_card
from tests.factories.payments import order
from tests.factories.returns import LATER, give
from tests.factories.scarcity import an_allocation
from tests.factories.small_house import NOW, SmallHouse, make_token
from tests.flows.test_line_steps import staff
from vendome.domains.clients.errors import FileProtected
from vendome.domains.fulfilment.queries import parcels
from vendome.domains.fulfilment.types import RoutingRule, RuleKind
from vendome.domains.orders.types import ReturnRoute
from vendome.domains.payments.errors import StatementUnreadable
from vendome.domains.payments.types import Tender
from vendome.domains.stock.services import scarcity, transfers
from vendome.domains.stock.types_of_scarcity import AllocationPolicy
from vendome.flows import paying, returnable, returns, sourcing, statements
from vendome.flows.exchanging import WantedReturn
from vendome.flows.types import TenderGiven
from vendome.kit import sql
from vendome.kit.errors import Forbidden, NotFound

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("tender", ["CREDIT", "CARD", "TRANSFER", "IMPORTED"])
def test_nobody_says_that_money_came_which_she_cannot_have_received(house: SmallHouse, tender: str) -> None:
    house.stocked(house.paris, ring=1)
    placed = order(house, by_card())
    advisor = Caller(make_token(house, roles=["advisor"]))

    said = advisor.post(
        f"/orders/{placed.id}/payments", {"tender": tender, "provider": "house", "is_settled": True}, key="a"
    )

    assert said.status == 422
    assert sql.value("SELECT state FROM orders_order WHERE id = %s", [placed.id]) == "AWAITING_PAYMENT"
    body = {"order_id": placed.id, "place_id": house.paris, "lines": [], "tender": {"tender": tender}}
    assert advisor.post("/return-arrivals", body, key="b").status == 422


def test_what_a_person_takes_she_takes_at_a_till_of_hers(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = buy_online(house, house.traditional, house.ring)

    cash = TenderGiven(tender=Tender.CASH, provider="till", is_settled=True)
    with pytest.raises(Forbidden):  # she sees it, because it is collected from her; it is of no till
        paying.add_tender(key="a", order_id=placed.id, tender=cash, actor=staff(house, "advisor", house.paris), at=NOW)
    with pytest.raises(NotFound):  # and where it does not stand she does not even see it
        paying.add_tender(key="a", order_id=placed.id, tender=cash, actor=staff(house, "advisor", house.london), at=NOW)


def test_a_protected_clients_purchases_ask_for_her_file_first(house: SmallHouse) -> None:
    with pytest.raises(FileProtected):
        returnable.find_receipts(
            actor=staff(house, "advisor", house.paris),
            place_id=house.paris,
            on=NOW.date(),
            at=NOW,
            client_id=house.protected,
        )


def test_who_sells_for_a_partner_reads_nobody_in_line(house: SmallHouse) -> None:
    house.stocked(house.paris, watch=1)
    allocation = an_allocation(house, pieces=1, policy=AllocationPolicy.BALLOT, closes_at=NOW + timedelta(days=1))
    partner = Caller(make_token(house, roles=["partner_seller"], place=house.paris))

    assert partner.get(f"/allocations/{allocation}/entries").status == 403
    asked = {"market": "FR", "references": str(house.ring)}
    assert partner.get("/availability", **asked).status == 200
    assert partner.get("/availability", **asked, client_id=str(house.traditional)).status == 403


def test_a_protected_clients_address_is_for_who_sends_her_parcel_and_each_reading_is_written_down(
    house: SmallHouse,
) -> None:
    house.stocked(house.warehouse, ring=1)
    sends, looks = staff(house, "advisor", house.warehouse), staff(house, "crm_analyst", None)
    _, parcel = to_send(house, client_id=house.protected)
    read = "SELECT count(*) FROM kit_auditentry WHERE action = 'fulfilment.read_protected' AND subject = %s"

    assert parcels.get_parcel(actor=looks, parcel_id=parcel.id).recipient == "Protected client"
    assert sql.value(read, [f"parcel:{parcel.id}"]) == 0
    assert parcels.get_parcel(actor=sends, parcel_id=parcel.id).recipient != "Protected client"
    assert sql.value(read, [f"parcel:{parcel.id}"]) == 1

    sql.value("UPDATE fulfilment_parcel SET state = 'LOST' WHERE id = %s RETURNING id", [parcel.id])
    assert fresh(house, parcel).recipient != "Protected client"
    assert parcels.get_parcel(actor=sends, parcel_id=parcel.id).recipient == "Protected client"


def test_anothers_hold_is_not_sent_away_without_her_place(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))

    with pytest.raises(Forbidden):
        transfers.request_for_hold(
            key="a", hold_id=placed.lines[0].hold_id, to_place_id=house.london, reason="",
            actor=staff(house, "advisor", house.london), at=NOW,
        )  # fmt: skip
    assert sql.value("SELECT count(*) FROM stock_transfer") == 0


def test_a_return_names_places_and_clients_of_its_own_house(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = give(house, pay(house, buy_online(house, house.traditional, house.ring)))
    manager = staff(house, "boutique_manager", house.paris)
    for place, client in ((other_house.paris, None), (house.paris, other_house.traditional)):
        with pytest.raises(NotFound):
            returns.announce(
                key=str(uuid.uuid4()), order_id=placed.id, route=ReturnRoute.COUNTER, place_id=place, client_id=client,
                lines=[WantedReturn(line_id=placed.lines[0].id)],
                is_gift=client is not None, actor=manager, at=LATER,
            )  # fmt: skip


def test_what_one_place_decides_another_does_not(house: SmallHouse) -> None:
    house.stocked(house.paris, watch=1)
    allocation = an_allocation(house, pieces=1)
    london = staff(house, "stock_controller", house.london)

    with pytest.raises(Forbidden):
        scarcity.end(allocation_id=allocation, reason="mine now", actor=london, at=NOW)
    with pytest.raises(Forbidden):
        sourcing.set_rules(rules=[RoutingRule(kind=RuleKind.DISTANCE, step=1)], actor=london, at=NOW)
    with pytest.raises(Forbidden):
        sourcing.agree(place_id=house.paris, modes=[], since=NOW.date(), paper="", actor=london, at=NOW)


def test_a_statement_does_not_hide_entities_in_another_encoding() -> None:
    bomb = '<!DOCTYPE d [<!ENTITY e "hello">]><Document>&e;</Document>'.encode("utf-16-le")

    with pytest.raises(StatementUnreadable):
        statements.read_file(content=bomb)
