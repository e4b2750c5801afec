"""Counts and replenishment for programs: each route and the outcomes that matter."""

from __future__ import annotations

import io
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.api.conftest import Answer, Caller
from tests.factories.small_house import SmallHouse, make_token
from vendome.domains.stock.queries import shelf as stock


class Keyed(Caller):
    """A caller whose requests carry a fresh key unless they name one."""

    def post(self, path: str, body: Any, *, key: str = "") -> Answer:
        return super().post(path, body, key=key or str(uuid.uuid4()))


@pytest.fixture
def controller(house: SmallHouse) -> Caller:
    """A program that may do what a stock controller may."""
    return Keyed(make_token(house, roles=["stock_controller"]))


def epcs(house: SmallHouse, place: uuid.UUID, reference: uuid.UUID) -> list[str]:
    return [one.epc for one in stock.list_pieces(actor=house.system, place_id=place, reference_id=reference)]


def begun(house: SmallHouse, caller: Caller, key: str = "k") -> str:
    return str(caller.post("/counts", {"place_id": house.paris, "kind": "FULL"}, key=key).body["count_id"])


def test_a_count_from_opening_to_its_last_answer(house: SmallHouse, controller: Caller) -> None:
    house.stocked(house.paris, ring=3, candle=2)
    count = begun(house, controller)
    assert begun(house, controller) == count
    assert (
        controller.post("/counts", {"place_id": house.paris, "kind": "FULL"}, key="k2").body["code"]
        == "stock.count_open"
    )

    sent = {"source": "RFID", "lines": [*epcs(house, house.paris, house.ring)[:2], "E2801190200050D4A6C60A2F"]}
    first = controller.post(f"/counts/{count}/reads", sent, key="r1")
    again = controller.post(f"/counts/{count}/reads", sent, key="r1")
    assert (first.status, first.body["here"], first.body["strangers"], first.body["fresh"]) == (201, 2, 1, 3)
    assert again.body["id"] == first.body["id"]
    quantity = {"reference_id": house.candle, "quantity": 2}
    assert controller.post(f"/counts/{count}/quantities", quantity, key="q1").status == 201

    progress = controller.get(f"/counts/{count}").body
    assert (progress["found"], progress["expected"], progress["missing_total"]) == (4, 5, 1)
    assert controller.get("/counts", state="OPEN").body[0]["id"] == count
    told = controller.post(f"/counts/{count}/close", {}, key="close")
    assert controller.post(f"/counts/{count}/close", {}, key="close").body == told.body
    assert (told.status, told.body["missing"], told.body["strangers"]) == (200, 1, 1)
    assert controller.post(f"/counts/{count}/close", {}).status == 409

    found = {one["kind"]: one for one in controller.get(f"/counts/{count}/findings").body}
    answer = f"/findings/{found['MISSING']['id']}/answer"
    assert controller.post(answer, {"answer": "CORRECTED", "reason": "x"}).status == 422
    assert controller.post(answer, {"answer": "FOUND", "reason": "in the drawer"}).body["resolution"] == "FOUND"
    assert controller.post(answer, {"answer": "LOST", "reason": "x"}).body["code"] == "stock.finding_resolved"
    assert controller.post(f"/findings/{found['MISSING']['id']}/reopen", {}).body["resolution"] == ""
    assert controller.get("/stock/accuracy", place_id=house.paris).body[0]["share"] == 0.8
    sure = controller.get(f"/references/{house.ring}/how-sure", place_id=house.paris).body
    assert (sure[0]["word"], sure[0]["open_findings"]) == ("DOUBTFUL", 1)


def test_a_read_list_comes_as_a_file(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=2)
    token = make_token(house, roles=["advisor"])
    count = begun(house, Caller(token))
    text = "epc,rssi\n" + "".join(f"{one},-54\n" for one in epcs(house, house.paris, house.ring) * 3)

    def upload(content: str, key: str) -> Any:
        return Client().post(
            f"/api/v1/counts/{count}/read-list",
            {"source": "RFID", "file": SimpleUploadedFile("reads.csv", content.encode())},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
        )

    told = upload(text, "f1").json()
    assert (told["lines"], told["distinct"], told["here"]) == (6, 2, 2)
    bad = upload("epc\n303C257BF7194E4000001A85\n", "f2")
    assert (bad.status_code, bad.json()["details"]["line"]) == (422, 2)
    assert io.StringIO(text).readline() == "epc,rssi\n"


def test_who_may_not_count(house: SmallHouse, nobody: Caller, analyst: Caller, stranger: Caller, till: Caller) -> None:
    house.stocked(house.paris, ring=1)
    body = {"place_id": house.paris, "kind": "FULL"}
    assert nobody.post("/counts", body, key="a").status == 401
    assert analyst.post("/counts", body, key="a").status == 403
    assert stranger.post("/counts", body, key="a").status == 404
    assert till.post("/counts", body).status == 400
    count = begun(house, till)
    assert stranger.get(f"/counts/{count}").status == 404
    assert stranger.post(f"/counts/{count}/close", {}, key="c").status == 404
    assert till.post(f"/counts/{count}/close", {}).status == 400
    assert till.post(f"/counts/{count}/undo", {}, key="u").body["code"] == "stock.nothing_to_undo"
    assert till.post(f"/counts/{count}/cancel", {"reason": "too late today"}, key="x").status == 200
    assert till.post("/findings/" + str(uuid.uuid4()) + "/answer", {"answer": "FOUND", "reason": "x"}).status == 403


def test_rules_make_proposals_and_a_person_decides(house: SmallHouse, controller: Caller, till: Caller) -> None:
    house.stocked(house.warehouse, ring=3, watch=1)
    rule = {"place_id": house.paris, "reference_id": house.ring, "minimum_display": 2, "weeks_of_cover": "6"}
    made = controller.post("/replenishment/rules", rule)
    assert made.status == 201
    assert controller.post("/replenishment/rules", rule).status == 409
    assert controller.put(f"/replenishment/rules/{made.body['rule_id']}", rule | {"minimum_display": 1}).status == 200
    other = controller.post("/replenishment/rules", rule | {"reference_id": house.watch}).body["rule_id"]
    assert till.post("/replenishment/rules", rule).status == 403
    assert controller.get("/replenishment/rules").body[0]["place_id"] == str(house.paris)

    assert controller.post("/replenishment/proposals/work-out", {}).body == {"waiting": 2}
    waiting = {one["reference_id"]: one for one in controller.get("/replenishment/proposals").body}
    accept = f"/replenishment/proposals/{waiting[str(house.ring)]['id']}/accept"
    told = controller.post(accept, {"quantity": 1}, key="a")
    assert (told.status, told.body["quantity"]) == (200, 1)
    assert controller.post(accept, {"quantity": 1}, key="a").body == told.body
    assert controller.post(accept, {}, key="b").body["code"] == "stock.proposal_decided"
    dismiss = f"/replenishment/proposals/{waiting[str(house.watch)]['id']}/dismiss"
    assert controller.post(dismiss, {"reason": "window is full"}).status == 200
    assert controller.get("/replenishment/proposals").body == []
    assert controller.post(dismiss.replace("dismiss", "reopen"), {}).status == 200
    assert controller.post(dismiss.replace("dismiss", "reopen"), {}).status == 409
    assert len(controller.get("/replenishment/proposals").body) == 1
    assert controller.delete(f"/replenishment/rules/{other}").status == 200
    assert controller.delete(f"/replenishment/rules/{other}").status == 404
