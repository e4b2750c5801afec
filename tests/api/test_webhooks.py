"""Webhooks and the stream, as a program manages and reads them."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import override_settings

from tests.api.conftest import Caller
from tests.factories.small_house import NOW, SmallHouse, make_token
from vendome.domains.webhooks.models import Delivery, Endpoint
from vendome.kit import outbox
from vendome.kit.models import AuditEntry, IdempotencyKey, OutboxEvent

URL = "https://erp.example.com/vendome"
BODY = {"url": URL, "kinds": ["orders.order_placed"], "description": "ERP"}


@pytest.fixture
def manager(house: SmallHouse) -> Caller:
    return Caller(make_token(house, roles=["stock_controller"]))


@pytest.fixture
def neighbour(other_house: SmallHouse) -> Caller:
    return Caller(make_token(other_house, roles=["stock_controller"]))


def made(manager: Caller, url: str = URL) -> str:
    return manager.post("/webhooks", BODY | {"url": url}, key=url).body["id"]


def given_up(house: SmallHouse, endpoint_id: str) -> Delivery:
    return Delivery.objects.create(
        endpoint_id=endpoint_id, event_id=uuid.uuid4(), kind="orders.order_placed", subject="order:1", state="DEAD",
        occurred_at=NOW, created_at=NOW, attempts=15, last_status=503, last_problem="it answered 503",
    )  # fmt: skip


def test_an_endpoint_is_registered_once_and_its_secret_told_once(manager: Caller) -> None:
    first = manager.post("/webhooks", BODY, key="k1")
    again = manager.post("/webhooks", BODY, key="k1")
    found = manager.get(f"/webhooks/{first.body['id']}")

    assert first.status == again.status == 201
    assert first.body == again.body
    assert first.body["secret"].startswith("whsec_")
    assert "secret" not in found.body
    assert first.body["secret"] not in str(list(IdempotencyKey.objects.values())) + str(
        list(AuditEntry.objects.values())
    )
    assert (found.body["url"], found.body["kinds"], found.body["state"]) == (URL, ["orders.order_placed"], "ACTIVE")
    assert Endpoint.objects.count() == 1


def test_a_repeat_is_answered_the_same_when_the_endpoint_has_ended_meanwhile(manager: Caller) -> None:
    first = manager.post("/webhooks", BODY, key="k1")
    manager.delete(f"/webhooks/{first.body['id']}")

    again = manager.post("/webhooks", BODY, key="k1")

    assert (again.status, again.body) == (201, first.body)
    assert manager.get("/webhooks").body == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (BODY | {"url": "http://erp.example.com/"}, 422, "webhooks.unsafe_address"),
        (BODY | {"url": "https://169.254.169.254/latest"}, 422, "webhooks.unsafe_address"),
        (BODY | {"kinds": ["orders.basket_changed"]}, 422, "webhooks.unknown_event"),
        (BODY | {"kinds": ["nothing.at_all"]}, 422, "webhooks.unknown_event"),
        (BODY | {"more": 1}, 422, "input.invalid"),
        (BODY | {"url": "https://taken.example.com/"}, 409, "webhooks.address_taken"),
    ],
)
def test_what_cannot_be_registered(manager: Caller, body: dict, status: int, code: str) -> None:
    made(manager, "https://taken.example.com/")

    answer = manager.post("/webhooks", body, key="other")

    assert (answer.status, answer.body["code"]) == (status, code)
    assert Endpoint.objects.count() == 1


def test_outside_the_demo_this_machine_is_refused(manager: Caller) -> None:
    local = BODY | {"url": "http://127.0.0.1:9000/"}

    assert manager.post("/webhooks", local, key="a").status == 422
    with override_settings(DEMO=True):
        assert manager.post("/webhooks", local, key="b").status == 201


def test_changed_paused_ended(manager: Caller) -> None:
    one = made(manager)

    changed = manager.put(f"/webhooks/{one}", {"url": URL + "/2", "kinds": []})
    paused = [manager.put(f"/webhooks/{one}/state", {"state": "PAUSED"}) for _ in range(2)]
    refused = manager.put(f"/webhooks/{one}/state", {"state": "ENDED"})
    rotated = manager.post(f"/webhooks/{one}/secret", None, key="r")
    ended = manager.delete(f"/webhooks/{one}")

    assert (changed.status, changed.body["url"], changed.body["kinds"]) == (200, URL + "/2", [])
    assert [answer.body["state"] for answer in paused] == ["PAUSED", "PAUSED"]
    assert refused.status == 422
    assert rotated.status == 201
    assert ended.status == 200
    assert manager.get(f"/webhooks/{one}").status == manager.delete(f"/webhooks/{one}").status == 404
    assert manager.get("/webhooks").body == []
    assert made(manager, URL + "/2")  # the address is free again


def test_a_key_is_needed(manager: Caller) -> None:
    assert manager.post("/webhooks", BODY).body["code"] == "idempotency.key_missing"


def test_what_was_given_up_is_seen_and_sent_again(house: SmallHouse, manager: Caller) -> None:
    one = made(manager)
    dead = [given_up(house, one) for _ in range(3)]

    page = manager.get(f"/webhooks/{one}/deliveries", state="DEAD", limit=2)
    rest = manager.get(f"/webhooks/{one}/deliveries", state="DEAD", limit=2, after=page.body["next"])
    replayed = [manager.put(f"/webhooks/{one}/deliveries/{dead[0].id}/replay", None) for _ in range(2)]
    all_of_them = manager.put(f"/webhooks/{one}/replay", None)

    assert (len(page.body["items"]), len(rest.body["items"]), rest.body["next"]) == (2, 1, None)
    assert [answer.body["delivery"]["state"] for answer in replayed] == ["WAITING", "WAITING"]
    assert all_of_them.body == {"replayed": 2}
    assert manager.get(f"/webhooks/{one}").body["waiting"] == 3


def test_delivered_is_not_sent_again(house: SmallHouse, manager: Caller) -> None:
    one = made(manager)
    row = given_up(house, one)
    Delivery.objects.update(state="DELIVERED", delivered_at=NOW)

    answer = manager.put(f"/webhooks/{one}/deliveries/{row.id}/replay", None)

    assert (answer.status, answer.body["code"]) == (409, "webhooks.not_dead")


def test_another_maison_finds_nothing(house: SmallHouse, manager: Caller, neighbour: Caller) -> None:
    one = made(manager)
    dead = given_up(house, one)
    before = list(Endpoint.objects.values())

    for answer in (
        neighbour.get(f"/webhooks/{one}"),
        neighbour.put(f"/webhooks/{one}", BODY),
        neighbour.put(f"/webhooks/{one}/state", {"state": "PAUSED"}),
        neighbour.delete(f"/webhooks/{one}"),
        neighbour.post(f"/webhooks/{one}/secret", None, key="x"),
        neighbour.post(f"/webhooks/{one}/test", None, key="x"),
        neighbour.get(f"/webhooks/{one}/deliveries"),
        neighbour.get(f"/webhooks/{one}/deliveries/{dead.id}"),
        neighbour.put(f"/webhooks/{one}/deliveries/{dead.id}/replay", None),
        neighbour.put(f"/webhooks/{one}/replay", None),
    ):
        assert answer.status == 404
    assert neighbour.get("/webhooks").body == []
    assert list(Endpoint.objects.values()) == before
    assert Delivery.objects.get().state == "DEAD"
    other = made(neighbour, "https://other.example.com/")
    assert neighbour.get(f"/webhooks/{other}/deliveries/{dead.id}").status == 404


def test_who_may_not(till: Caller, nobody: Caller) -> None:
    assert till.get("/webhooks").status == till.post("/webhooks", BODY, key="k").status == 403
    assert till.get("/events").status == till.get("/event-kinds").status == 403
    assert nobody.get("/events").status == nobody.get("/webhooks").status == 401


def test_the_stream_is_read_from_cursor_to_cursor(house: SmallHouse, manager: Caller) -> None:
    latest = manager.get("/events", after="latest").body["next"]
    for number in range(3):
        outbox.record({"order_id": str(uuid.uuid4()), "client_name": "Mei Lin"}, kind="orders.order_expired",
                      subject=f"order:{number}", actor=house.system, at=NOW)  # fmt: skip
    outbox.deliver_all()

    first = manager.get("/events", after=latest, limit=2)
    second = manager.get("/events", after=first.body["next"], kinds="orders.order_expired, orders.order_placed")

    assert first.status == second.status == 200
    assert (len(first.body["items"]), first.body["has_more"]) == (2, True)
    assert (len(second.body["items"]), second.body["has_more"]) == (1, False)
    event = first.body["items"][0]
    assert (event["specversion"], event["type"], event["subject"]) == ("1.0", "orders.order_expired", "order:0")
    assert "Mei Lin" not in str(first.body)
    assert manager.get("/events", after=second.body["next"]).body["items"] == []


@pytest.mark.parametrize(
    "cursor", ["nonsense", "W10", "WyJhIl0", "Wy0xXQ", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTld", "W3RydWVd"]
)
def test_a_cursor_that_is_not_ours(manager: Caller, cursor: str) -> None:
    assert manager.get("/events", after=cursor).status == 422


def test_a_cursor_of_events_no_longer_kept(house: SmallHouse, manager: Caller) -> None:
    from vendome.domains.webhooks.services import deliveries

    start = manager.get("/events", after="latest").body["next"]
    outbox.record({}, kind="orders.order_expired", subject="order:1", actor=house.system, at=NOW)
    outbox.deliver_all()
    OutboxEvent.objects.update(delivered_at=NOW)
    deliveries.forget_old(before=NOW + timedelta(days=36500), actor=house.system)

    answer = manager.get("/events", after=start)

    assert (answer.status, answer.body["code"]) == (409, "events.cursor_too_old")


def test_the_kinds_are_listed_with_their_schema(manager: Caller) -> None:
    kinds = {one["kind"]: one for one in manager.get("/event-kinds").body}

    assert kinds["orders.order_placed"]["data_schema"]["properties"]["order_id"]["format"] == "uuid"
    assert "orders.basket_changed" not in kinds
