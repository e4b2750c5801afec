"""Returns and changes for programs: the same steps, the same refusals, once for each key."""

from __future__ import annotations

import uuid

import pytest

from tests.api.conftest import Caller
from tests.factories.orders import buy_online, pay
from tests.factories.returns import LATER, give, waiting_arrivals
from tests.factories.small_house import SmallHouse, make_token
from vendome.flows import books
from vendome.flows.types import PlacedOrder
from vendome.kit import clock, sql

pytestmark = pytest.mark.django_db
HOME = {"address": ["Éléonore de Brissac", "12, rue de Varenne", "75007 Paris", "France"], "phone": "+33612345678"}


@pytest.fixture
def counter(house: SmallHouse) -> Caller:
    return Caller(make_token(house, roles=["boutique_manager"], place=house.paris))


@pytest.fixture
def worn(house: SmallHouse) -> PlacedOrder:
    house.stocked(house.paris, ring=2)
    return give(house, pay(house, buy_online(house, house.traditional, house.ring)))


def test_from_receipt_to_refund(house: SmallHouse, counter: Caller, worn: PlacedOrder) -> None:
    with clock.frozen(LATER):
        [receipt] = counter.get(f"/places/{house.paris}/returnable", q=worn.number).body
        [line] = receipt["lines"]
        assert (line["out"], line["decision"]["rule"], line["decision"]["outcome"]) == (1, "fr.withdrawal", "RIGHT")

        told = counter.post(
            "/returns",
            {"order_id": worn.id, "lines": [{"line_id": line["line_id"]}], "route": "COURIER", "pickup": HOME},
            key="a",
        )
        assert told.status == 201
        body = {"order_id": worn.id, "place_id": house.paris, "lines": [{"line_id": line["line_id"], "accept": False}]}
        came = counter.post("/return-arrivals", body, key="b")
        assert (came.status, came.body["id"], came.body["document"]) == (201, told.body["id"], None)
        assert counter.post("/return-arrivals", body, key="b").body == came.body
        assert counter.post("/return-arrivals", {**body, "balance": 1}, key="b").status == 422

        [arrival] = counter.get("/return-arrivals").body
        assert arrival["id"] == str(waiting_arrivals()[0])
        looked = {"condition": "AS_SOLD", "fate": "RESTOCKED", "accept": True}
        done = counter.post(f"/return-arrivals/{arrival['id']}/inspection", looked, key="c")
        assert done.body["document"]["total_amount"] == -820_000
        assert counter.post(f"/return-arrivals/{arrival['id']}/inspection", looked, key="d").status == 409

    one = counter.get(f"/returns/{told.body['id']}").body
    assert (one["state"], one["payments"][0]["state"], one["lines"][0]["rule"]) == (
        "CLOSED",
        "REQUESTED",
        "fr.withdrawal",
    )
    assert books.list_problems() == []


def test_an_exchange_by_courier(house: SmallHouse, counter: Caller, worn: PlacedOrder) -> None:
    house.stocked(house.warehouse, watch=1)
    line = {"line_id": str(worn.lines[0].id), "instead": str(house.watch), "instead_amount": 1_200_000}
    asked = {"order_id": worn.id, "lines": [line], "route": "COURIER", "pickup": HOME}
    with clock.frozen(LATER):
        assert counter.post("/returns", {**asked, "pickup": {**HOME, "address": []}}, key="a").status == 422
        assert counter.post("/returns", {**asked, "pickup": None}, key="b").body["code"] == "input.invalid"
        stale = counter.post("/returns", {**asked, "lines": [{**line, "instead_amount": 1}]}, key="c")
        assert (stale.status, stale.body["code"]) == (409, "orders.preview_outdated")
        told = counter.post("/returns", asked, key="d")
        assert told.status == 201

    one = counter.get(f"/returns/{told.body['id']}").body
    assert one["pickup_address"] == HOME["address"]
    (wanted,) = one["lines"]
    assert (wanted["wanted_balance"], wanted["is_kept"]) == (380_000, True)
    for _twice in range(2):
        assert counter.post(f"/returns/{told.body['id']}/no-exchange", {}).status == 200
    assert counter.get(f"/returns/{told.body['id']}").body["lines"][0]["is_kept"] is False
    assert counter.post(f"/returns/{uuid.uuid4()}/no-exchange", {}).status == 404
    assert books.list_problems() == []


def test_refusals(house: SmallHouse, counter: Caller, worn: PlacedOrder) -> None:
    line = str(worn.lines[0].id)
    body = {"order_id": worn.id, "place_id": house.paris, "lines": [{"line_id": line, "condition": "NOT_OURS"}]}

    refused = counter.post("/return-arrivals", body, key="a")
    assert (refused.status, refused.body["code"], refused.body["details"]["rule"]) == (
        409,
        "orders.not_returnable",
        "house.not-ours",
    )
    assert counter.post("/return-arrivals", body).status == 400
    assert counter.post("/return-arrivals", {**body, "order_id": uuid.uuid4()}, key="b").status == 404
    assert counter.post("/return-arrivals", {**body, "lines": []}, key="c").status == 422
    assert counter.get(f"/returns/{uuid.uuid4()}").status == 404
    analyst = Caller(make_token(house, roles=["crm_analyst"]))
    assert analyst.post("/return-arrivals", body, key="d").status == 403
    assert sql.value("SELECT count(*) FROM orders_return") == 0


def test_cash_by_hand_and_withdrawing(house: SmallHouse, counter: Caller, worn: PlacedOrder) -> None:
    told = counter.post(
        "/returns",
        {"order_id": worn.id, "lines": [{"line_id": str(worn.lines[0].id)}], "route": "COURIER", "pickup": HOME},
        key="a",
    )
    assert counter.post(f"/returns/{told.body['id']}/withdraw", {}).status == 200
    assert counter.post(f"/returns/{uuid.uuid4()}/withdraw", {}).status == 404
    assert counter.post(f"/refunds/{uuid.uuid4()}/by-hand", {}).status == 404


def test_the_rules_are_readable(counter: Caller) -> None:
    rules = counter.get("/return-rules").body

    law = [one for one in rules if one["basis"] == "LAW"]
    assert {"fr.withdrawal", "uk.cancellation", "de.withdrawal", "jp.return", "kr.withdrawal", "cn.seven-days"} <= {
        one["code"] for one in law
    }
    assert all(one["statute"] and one["source_url"].startswith("https://") for one in law)


def test_a_change_from_proposal_to_confirmation(house: SmallHouse, counter: Caller) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    wanted = {"order_id": placed.id, "kind": "CANCEL_LINE", "line_id": placed.lines[0].id}
    seen = counter.post("/order-changes", wanted, key="p").body

    assert (seen["balance"], seen["problem"]) == (-820_000, "")
    assert counter.get(f"/order-changes/{seen['change_id']}").body == seen
    assert counter.post("/order-changes", wanted, key="q").body["code"] == "orders.change_open"
    url = f"/order-changes/{seen['change_id']}/confirm"
    assert counter.post(url, {"preview": "old"}, key="r").body["code"] == "orders.preview_outdated"
    done = counter.post(url, {"preview": seen["hash"]}, key="s")
    assert (done.status, bool(done.body["document_id"])) == (201, True)
    assert counter.post(f"/order-changes/{seen['change_id']}/withdraw", {}).status == 409
    assert books.list_problems() == []


def test_a_size_before_it_leaves_has_its_own_day_and_names_its_order(house: SmallHouse, counter: Caller) -> None:
    house.stocked(house.paris, ring=1, candle=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    wanted = {
        "order_id": placed.id, "kind": "SWAP", "line_id": placed.lines[0].id, "reference_id": house.candle,
    }  # fmt: skip

    seen = counter.post("/order-changes", wanted, key="p").body
    done = counter.post(f"/order-changes/{seen['change_id']}/confirm", {"preview": seen["hash"]}, key="c").body

    new = counter.get(f"/orders/{done['document_id']}").body
    assert [line["promised_date"] for line in new["lines"] if line["direction"] == "OUT"] == [seen["promised_date"]]
    assert seen["promised_date"]
    sql.value("UPDATE orders_order SET place_id = %s WHERE id = %s RETURNING 1", [house.paris, placed.id])
    old = counter.get(f"/orders/{placed.id}").body
    assert [(one["number"], one["relation"]) for one in old["related"]] == [(done["document_number"], "EXCHANGED_IN")]
    again = counter.get(f"/orders/{done['document_id']}").body
    assert [(one["id"], one["relation"]) for one in again["related"]] == [(str(placed.id), "CAME_FROM")]


def test_a_credit_note_is_given_once_and_spent_by_its_code(
    house: SmallHouse, counter: Caller, worn: PlacedOrder
) -> None:
    house.stocked(house.paris, watch=1)
    gift = {
        "order_id": worn.id,
        "place_id": house.paris,
        "lines": [{"line_id": worn.lines[0].id}],
        "is_gift": True,
        "client_id": house.emerging,
    }
    with clock.frozen(LATER):
        code = counter.post("/return-arrivals", gift, key="a").body["document"]["credit_note_code"]
        assert counter.post("/return-arrivals", gift, key="a").body["document"]["credit_note_code"] == ""

        found = counter.post("/gift-cards/look-up", {"code": code}).body
        assert (found["kind"], found["balance"]) == ("CREDIT_NOTE", 820_000)
    assert books.list_problems() == []


def test_a_difference_waits_for_its_link(house: SmallHouse, counter: Caller, worn: PlacedOrder) -> None:
    house.stocked(house.paris, watch=1)
    body = {
        "order_id": worn.id,
        "place_id": house.paris,
        "lines": [{"line_id": worn.lines[0].id}],
        "instead": [{"reference_id": house.watch}],
        "balance": 380_000,
    }
    with clock.frozen(LATER):
        assert counter.post("/return-arrivals", body, key="a").body["code"] == "orders.balance_to_pay"
        done = counter.post("/return-arrivals", {**body, "pay_within_hours": 48}, key="b").body["document"]
        assert (done["total_amount"], done["awaits_payment"]) == (380_000, True)
        looked = {"condition": "AS_SOLD", "fate": "RESTOCKED", "accept": True}
        [arrival] = counter.get("/return-arrivals").body
        refused = counter.post(f"/return-arrivals/{arrival['id']}/inspection", looked, key="c")
        assert (refused.status, refused.body["code"]) == (409, "orders.exchange_waits")
        for _again in range(2):
            ended = counter.post(f"/exchanges/{done['id']}/end", {})
            assert (ended.status, ended.body["state"]) == (200, "CANCELLED")
        assert counter.post(f"/exchanges/{worn.id}/end", {}).status == 404
        assert counter.post(f"/return-arrivals/{arrival['id']}/inspection", looked, key="d").status == 201
    assert books.list_problems() == []


def test_a_deduction_names_its_rule_where_it_is_refused(house: SmallHouse, counter: Caller, worn: PlacedOrder) -> None:
    body = {"order_id": worn.id, "place_id": house.paris, "lines": [{"line_id": worn.lines[0].id, "accept": False}]}
    looked = {
        "condition": "WORN", "fate": "RESTOCKED", "accept": True, "deduction": 900_000, "deduction_reason": "polished",
    }  # fmt: skip
    with clock.frozen(LATER):
        counter.post("/return-arrivals", body, key="a")
        [arrival] = counter.get("/return-arrivals").body
        url = f"/return-arrivals/{arrival['id']}/inspection"
        assert counter.post(url, looked, key="b").body["code"] == "orders.deduction_not_allowed"
        assert counter.post(url, {**looked, "deduction": -1}, key="c").status == 422
        assert counter.post(url, {**looked, "deduction": 10**20}, key="e").status == 422
        done = counter.post(url, {**looked, "deduction": 20_000}, key="d").body["document"]
        assert done["total_amount"] == -800_000
    assert books.list_problems() == []
