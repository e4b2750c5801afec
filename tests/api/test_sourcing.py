"""Availability, reservations, steps, rules and exceptions for programs."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.api.conftest import Caller, statements_sent
from tests.api.test_hot import order_body
from tests.factories.orders import buy_online, pay
from tests.factories.small_house import make_token
from vendome.domains.stock.models import Hold, Level

pytestmark = pytest.mark.django_db


def program(house: Any, *roles: str) -> Caller:
    return Caller(make_token(house, roles=list(roles)))


def test_availability_answers_in_one_statement_what_an_order_then_holds(house, till):
    house.stocked(house.warehouse, ring=2)
    query = {"market": "FR", "references": f"{house.ring},{house.watch}", "place_id": house.paris}
    till.get("/availability", **query)

    with statements_sent() as sent:
        answer = till.get("/availability", **query)

    assert answer.status == 200
    assert len([one for one in sent if "SAVEPOINT" not in one]) == 1
    ways = {one["mode"]: one for one in answer.body["ways"]}
    assert set(ways) == {"COLLECT", "DELIVER", "TRY_AT_HOME"}
    assert ways["DELIVER"]["source_id"] == str(house.warehouse)
    body = order_body(house, house.ring)
    body["lines"] = [{"reference_id": str(house.ring), "mode": "DELIVER", "promised_date": ways["DELIVER"]["date"]}]
    placed = till.post("/orders", body, key="one")
    assert placed.status == 201
    assert Hold.objects.get(id=placed.body["lines"][0]["hold_id"]).place_id == house.warehouse


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"references": "x"}, 422),
        ({"references": ""}, 422),
        ({"references": ",".join([str(uuid.uuid4())] * 101)}, 422),
        ({"references": str(uuid.uuid4()), "modes": "BY_PIGEON"}, 422),
        ({"references": str(uuid.uuid4()), "near": "91,0"}, 422),
        ({"references": str(uuid.uuid4()), "quantity": "0"}, 200),
        ({"references": str(uuid.uuid4()), "quantity": "-1"}, 422),
        ({"references": str(uuid.uuid4()), "place_id": str(uuid.uuid4())}, 404),
        ({"references": str(uuid.uuid4()), "market": "XX"}, 404),
        ({"references": str(uuid.uuid4()), "by": "soon"}, 422),
        ({"references": str(uuid.uuid4()), "piece_id": str(uuid.uuid4())}, 422),
        ({"references": "", "piece_id": str(uuid.uuid4())}, 404),
        ({"references": str(uuid.uuid4())}, 200),
    ],
)
def test_a_question_that_cannot_be_read_is_refused(till, query, status):
    assert till.get("/availability", **({"market": "FR"} | query)).status == status


def test_nobody_and_those_without_the_right_learn_nothing(house, nobody, analyst, stranger):
    house.stocked(house.paris, ring=1)
    query = {"market": "FR", "references": str(house.ring)}

    assert nobody.get("/availability", **query).status == 401
    assert analyst.get("/availability", **query).status == 403
    assert stranger.get("/availability", **query).body["ways"] == []
    assert stranger.get("/exceptions").status == 200
    assert analyst.get("/exceptions").status == 403


def test_a_reservation_is_made_once_and_given_free(house, till):
    house.stocked(house.paris, ring=2)
    body = {"reference_id": house.ring, "place_id": house.paris, "client_id": house.traditional}

    first, again = till.post("/reservations", body, key="k"), till.post("/reservations", body, key="k")
    assert (first.status, again.body) == (201, first.body)
    assert till.post("/reservations", body).status == 400
    held = till.get("/availability", market="FR", references=house.ring, client_id=house.traditional).body["held"]
    assert [one["hold_id"] for one in held] == [first.body["hold_id"]]

    path = f"/reservations/{first.body['hold_id']}/release"
    assert till.post(path, {"reason": ""}, key="r").status == 422
    assert till.post(path, {"reason": "changed"}, key="r").status == 200
    assert till.post(path, {"reason": "changed"}, key="r").status == 200
    assert till.post(path, {"reason": "changed"}, key="s").status == 409
    assert Level.objects.get(place_id=house.paris, reference_id=house.ring).held == 0


def test_from_the_task_to_the_refund(house):
    house.stocked(house.paris, ring=1)
    line = pay(house, buy_online(house, house.traditional, house.ring)).lines[0].id
    boutique, service = program(house, "advisor"), program(house, "client_service")

    (task,) = boutique.get(f"/places/{house.paris}/tasks").body
    assert (task["task"], task["line_id"]) == ("MAKE_READY", str(line))
    assert boutique.post(f"/order-lines/{line}/steps", {"step": "READY"}, key="a").body == {"state": "READY"}
    assert boutique.post(f"/order-lines/{line}/steps", {"step": "READY"}, key="b").status == 409
    made = boutique.post(f"/order-lines/{line}/refusal", {"reason": "DAMAGED"}, key="c").body["exception_id"]

    (row,) = service.get("/exceptions", kind="REFUSED").body
    assert (row["id"], row["client_phone"]) == (made, "+33612345678")
    assert boutique.get("/exceptions").status == 403
    taken = service.put(f"/exceptions/{made}/owner", {"until": "2999-01-01T00:00:00Z"})
    assert taken.body["waits_until"].startswith("2999")
    path = f"/exceptions/{made}/resolve"
    assert service.post(path, {"resolution": "RESOURCED"}, key="d").status == 409
    assert service.post(path, {"resolution": "PASSED"}, key="e").status == 422
    ended = service.post(path, {"resolution": "REFUNDED"}, key="f")
    assert (ended.status, ended.body["resolution"]) == (200, "REFUNDED")
    assert service.get("/exceptions").body == []


def test_rules_are_read_and_written(house):
    reader, controller = program(house, "advisor"), program(house, "stock_controller")
    assert reader.get("/routing-rules").body[0]["kind"] == "OWN_FIRST"
    wanted = [{"kind": "DISTANCE", "step": 50}, {"kind": "MARGIN", "step": 1}]

    assert reader.put("/routing-rules", {"rules": wanted}).status == 403
    assert controller.put("/routing-rules", {"rules": wanted}, channel="web").body == wanted
    assert controller.put("/routing-rules", {"rules": [*wanted, wanted[0]]}).status == 422
    assert reader.get("/routing-rules", channel="web").body == wanted


def test_lanes_are_read_and_written_over_what_was_read(house):
    reader, controller = program(house, "advisor"), program(house, "stock_controller")
    lane = {"origin": "FR", "destination": "FR", "carrier": "Courrier", "days": 1, "runs_on": [1, 2, 3, 4, 5, 6]}
    assert reader.get("/lanes").body == {"version": 0, "lanes": []}

    wanted = {"expected": 0, "note": "A courier of our own", "lanes": [lane]}
    assert reader.put("/lanes", wanted).status == 403
    assert controller.put("/lanes", {**wanted, "lanes": [lane | {"days": 61}]}).status == 422
    assert controller.put("/lanes", {**wanted, "lanes": [lane | {"origin": "XX"}]}).body["code"] == "input.invalid"
    assert controller.put("/lanes", {**wanted, "lanes": [lane, lane]}).body["code"] == "house.lane_twice"
    written = controller.put("/lanes", wanted)

    assert (written.status, written.body["version"]) == (200, 2)
    assert lane.items() <= reader.get("/lanes").body["lanes"][0].items()
    assert controller.put("/lanes", wanted).body["code"] == "house.lanes_moved"
