"""Transfers and movements for programs: one test for each operation and outcome that matters."""

from __future__ import annotations

import uuid

import pytest

from tests.api.conftest import Caller
from tests.factories.orders import buy_online, pay
from tests.factories.small_house import SmallHouse, make_token
from vendome.domains.stock.models import Level, Piece, Transfer


@pytest.fixture
def controller(house: SmallHouse) -> Caller:
    """A program that may do what a stock controller may, everywhere."""
    return Caller(make_token(house, roles=["stock_controller"]))


def asking(house: SmallHouse, **more: object) -> dict[str, object]:
    lines = [{"reference_id": house.ring, "quantity": 1}]
    return {"from_place_id": house.london, "to_place_id": house.paris, "lines": lines, "reason": "window"} | more


def test_the_whole_way(house: SmallHouse, controller: Caller) -> None:
    house.stocked(house.london, ring=1)
    asked = controller.post("/transfers", asking(house), key="ask")
    assert (asked.status, asked.body["state"]) == (201, "REQUESTED")
    assert controller.post("/transfers", asking(house), key="ask").body == asked.body
    assert controller.post("/transfers", asking(house, reason="other"), key="ask").status == 422
    assert controller.post("/transfers", asking(house)).body["code"] == "idempotency.key_missing"
    at = f"/transfers/{asked.body['id']}"
    assert controller.post(f"{at}/dispatch", {}, key="early").status == 409
    assert controller.post(f"{at}/approve", {}, key="a").body["state"] == "APPROVED"
    line = controller.get(at).body["lines"][0]
    assert controller.post(f"{at}/pick", {"codes": ["NOPE"]}, key="p0").body["code"] == "stock.piece_unknown"
    assert controller.post(f"{at}/pick", {"codes": [line["serial"]]}, key="p").body["state"] == "PICKED"
    assert controller.post(f"{at}/dispatch", {"waybill": "LX"}, key="d").body["state"] == "DISPATCHED"
    listed = controller.get("/transfers", place_id=house.paris, incoming=True, state="DISPATCHED").body["items"]
    assert [one["number"] for one in listed] == [asked.body["number"]]
    assert controller.get("/transfers", place_id=house.paris, incoming=False).body["items"] == []
    body = {"arrived": [{"line_id": line["id"], "received": 1, "discrepancy": "DAMAGED", "note": "scratched"}]}
    done = controller.post(f"{at}/receive", body, key="r")
    assert (done.status, done.body["state"]) == (200, "CLOSED_WITH_DISCREPANCY")
    whole = controller.get(at).body
    assert [step["state"] for step in whole["steps"]][-1] == "CLOSED_WITH_DISCREPANCY"
    assert whole["lines"][0]["discrepancy"] == "DAMAGED"
    assert controller.get("/stock/books").body["agree"] is True


def test_refused_cancelled_and_in_pages(house: SmallHouse, controller: Caller) -> None:
    made = [controller.post("/transfers", asking(house), key=f"k{nr}").body for nr in range(3)]
    assert controller.post(f"/transfers/{made[0]['id']}/refuse", {"reason": ""}, key="x").status == 422
    assert controller.post(f"/transfers/{made[0]['id']}/refuse", {"reason": "no"}, key="y").body["state"] == "REFUSED"
    assert controller.post(f"/transfers/{made[1]['id']}/cancel", {"reason": "no"}, key="z").body["state"] == "CANCELLED"
    first = controller.get("/transfers", limit=2).body
    rest = controller.get("/transfers", limit=2, after=first["next"]).body
    assert {one["id"] for one in first["items"] + rest["items"]} == {one["id"] for one in made}
    assert rest["next"] is None


def test_strangers_and_readers(house: SmallHouse, controller: Caller, stranger: Caller, analyst: Caller) -> None:
    house.stocked(house.london, ring=1)
    at = f"/transfers/{controller.post('/transfers', asking(house), key='k').body['id']}"
    assert stranger.get(at).status == 404
    assert stranger.post(f"{at}/approve", {}, key="k").status == 404
    assert stranger.post("/transfers", asking(house), key="k").status == 404
    assert stranger.get("/transfers").body["items"] == []
    assert analyst.get("/transfers").status == 403
    assert analyst.post("/stock/lost", {}, key="k").status in (403, 422)
    assert Transfer.objects.get().state == "REQUESTED"


def test_an_orders_piece_is_sent_under_its_hold(house: SmallHouse, controller: Caller) -> None:
    house.stocked(house.london, ring=1)
    line = pay(house, buy_online(house, house.traditional, house.ring, place=house.london)).lines[0]
    body = {"hold_id": line.hold_id, "to_place_id": house.paris}
    first, again = (controller.post("/transfers/of-hold", body, key=key) for key in ("one", "two"))
    assert (first.status, first.body) == (201, again.body)
    elsewhere = body | {"to_place_id": house.warehouse}
    assert controller.post("/transfers/of-hold", elsewhere, key="three").status == 409
    assert controller.post("/transfers/of-hold", elsewhere, key="one").status == 422
    assert controller.post("/transfers/of-hold", body).status == 400


def test_movements(house: SmallHouse, controller: Caller) -> None:
    house.stocked(house.paris, ring=2, candle=5)
    one, two = Piece.objects.order_by("serial")
    ring = {"place_id": house.paris, "reference_id": house.ring, "reason": "why not"}
    kept = controller.post("/stock/quarantine", ring | {"piece_id": one.id}, key="1")
    assert kept.status == 201
    back = {"place_id": house.paris, "hold_id": kept.body["hold_id"], "reason": "as new"}
    assert controller.post("/stock/restock", back, key="2").status == 200
    assert controller.post("/stock/restock", back, key="3").status == 409
    assert controller.post("/stock/lost", ring | {"piece_id": one.id}, key="4").status == 200
    assert controller.post("/stock/found", ring | {"piece_id": one.id}, key="5").status == 201
    assert controller.post("/stock/written-off", ring | {"piece_id": one.id}, key="6").status == 200
    change = {"place_id": house.paris, "reference_id": house.candle, "change": -2, "reason": "counted"}
    assert controller.post("/stock/corrections", change, key="7").status == 200
    assert (
        controller.post("/stock/corrections", change | {"reason": ""}, key="8").body["code"] == "stock.reason_missing"
    )
    nul = controller.post("/stock/corrections", change | {"reason": "\u0099\u0000"}, key="nul")
    assert (nul.status, nul.body["code"]) == (422, "input.invalid")
    assert "NUL" in nul.body["detail"]
    loan = ring | {"piece_id": two.id, "client_id": house.traditional, "due_date": "2026-12-24"}
    lent = controller.post("/stock/loans", loan, key="9")
    assert lent.status == 201
    home = {"place_id": house.paris, "reason": "back"}
    assert controller.post(f"/stock/loans/{lent.body['hold_id']}/return", home, key="10").status == 200
    carried = {
        "place_id": house.paris,
        "reference_id": house.candle,
        "reason": "summer",
        "to_place_id": house.partner_door,
    }
    assert controller.post("/stock/consignments", carried, key="11").status == 201
    told = controller.get("/stock/books").body
    assert (told["agree"], told["disagreements"]) == (True, [])


def test_why_is_it_three_in_one_call(house: SmallHouse, controller: Caller) -> None:
    house.stocked(house.london, ring=3)
    made = controller.post("/transfers", asking(house), key="k").body
    controller.post(f"/transfers/{made['id']}/approve", {}, key="a")

    told = controller.get(f"/stock/{house.london}/{house.ring}/ledger").body

    assert told["level"] == told["level"] | {"on_hand": 3, "held": 1, "available": 2}
    assert len(told["pieces"]) == 3
    assert [hold["kind"] for hold in told["holds"]] == ["TRANSFER"]
    assert [one["number"] for one in told["transfers"]] == [made["number"]]


def test_the_books_are_told_when_they_disagree(house: SmallHouse, controller: Caller, stranger: Caller) -> None:
    house.stocked(house.paris, ring=1)
    Level.objects.filter(place_id=house.paris).update(on_hand=2)
    told = controller.get("/stock/books").body
    assert told["agree"] is False
    assert {one["reference_id"] for one in told["disagreements"]} == {str(house.ring)}
    assert stranger.get("/stock/books").body["agree"] is True
    assert uuid.UUID(told["disagreements"][0]["place_id"]) == house.paris
