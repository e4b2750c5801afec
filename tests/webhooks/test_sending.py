"""Webhooks on the wire: signed, tried again, given up, sent again; and one bad endpoint harms nobody else."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError, transaction

from tests.factories import orders
from tests.factories.receiver import Receiver, receiver
from tests.factories.small_house import NOW, SmallHouse
from vendome.connectors.webhooks import signing
from vendome.connectors.webhooks.sending import Sender
from vendome.domains.webhooks.models import Attempt, Delivery, Endpoint
from vendome.domains.webhooks.queries import endpoints as reads
from vendome.domains.webhooks.services import deliveries, endpoints
from vendome.domains.webhooks.types import DELAYS, MOST_ATTEMPTS, DeliveryState, EndpointState, Outcome
from vendome.kit import clock, outbox
from vendome.kit.actors import Actor

pytestmark = pytest.mark.django_db(transaction=True)
type Register = Callable[..., tuple[uuid.UUID, str]]
type Send = Callable[[], None]
PLACED = "orders.order_placed"


def place(house: SmallHouse) -> uuid.UUID:
    house.stocked(house.paris, candle=1)
    return orders.buy_online(house, house.traditional, house.candle).id


def test_an_event_arrives_signed_as_a_cloud_event(
    house: SmallHouse, erp: Receiver, register: Register, send: Send
) -> None:
    _id, secret = register(f"{erp.url}/hooks?from=vendome", PLACED)
    order_id = place(house)

    send()

    [one] = erp.got
    assert one.path == "/hooks?from=vendome"
    assert signing.verify(headers=one.headers, body=one.body, secret=secret, now=time.time()) == one.event["id"]
    assert one.headers["content-type"].startswith("application/cloudevents+json")
    assert {name: one.event[name] for name in ("specversion", "type", "subject", "source")} == {
        "specversion": "1.0",
        "type": PLACED,
        "subject": f"order:{order_id}",
        "source": f"/maisons/{house.maison.id}",
    }
    assert one.event["data"] == {
        "order_id": str(order_id), "number": one.event["data"]["number"], "channel": "web",
        "client_id": str(house.traditional), "total_amount": 9500, "currency": "EUR",
    }  # fmt: skip
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.last_status) == ("DELIVERED", 1, 204)


def test_only_the_kinds_asked_for_and_only_in_the_own_house(
    house: SmallHouse, other_house: SmallHouse, erp: Receiver, register: Register, send: Send
) -> None:
    register(f"{erp.url}/orders", PLACED)
    register(f"{erp.url}/everything")
    place(house)
    place(other_house)

    send()

    assert {one.event["type"] for one in erp.at("/orders")} == {PLACED}
    assert {one.event["type"] for one in erp.at("/everything")} == {PLACED, "stock.level_changed"}
    assert {one.event["source"] for one in erp.got} == {f"/maisons/{house.maison.id}"}


def test_what_fails_comes_again_with_the_same_id_and_body(
    house: SmallHouse, erp: Receiver, register: Register, send: Send
) -> None:
    register(erp.url, PLACED)
    erp.answer = lambda received: 500 if len(erp.got) == 1 else 204
    place(house)

    send()
    first = Delivery.objects.get()
    with clock.frozen(clock.now() + timedelta(seconds=7)):
        send()

    assert (first.state, first.last_status, first.last_problem) == ("WAITING", 500, "it answered 500")
    assert [one.message_id for one in erp.got] == [erp.got[0].message_id] * 2
    assert erp.got[0].body == erp.got[1].body
    assert list(Attempt.objects.order_by("number").values_list("number", "status")) == [(1, 500), (2, 204)]
    assert Delivery.objects.get().state == "DELIVERED"


def test_what_cannot_be_written_down_together_is_written_down_one_by_one(
    house: SmallHouse, erp: Receiver, register: Register, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(f"{erp.url}/hooks", PLACED)
    for _ in range(3):
        place(house)
    tried = []

    def fail(**told: object) -> None:
        tried.append(told)
        raise OperationalError

    monkeypatch.setattr(deliveries, "settle_all", fail)
    send()

    assert tried
    assert set(Delivery.objects.values_list("state", "attempts")) == {("DELIVERED", 1)}
    assert Attempt.objects.count() == len(erp.got) == 3


def test_a_redirect_is_not_followed(house: SmallHouse, erp: Receiver, register: Register, send: Send) -> None:
    register(erp.url, PLACED)
    erp.answer = lambda received: 302
    place(house)

    send()

    assert len(erp.got) == 1
    assert Delivery.objects.get().last_problem == "it answered 302"


def test_after_three_days_it_is_given_up_and_a_person_sends_it_again(
    house: SmallHouse, erp: Receiver, register: Register, send: Send, controller: Actor
) -> None:
    endpoint_id, _secret = register(erp.url, PLACED)
    place(house)
    outbox.deliver_all()
    moment = clock.now()
    for _ in range(MOST_ATTEMPTS):
        [claimed] = deliveries.claim(lanes=1, in_flight={}, most=10, actor=house.system, at=moment)
        deliveries.settle(claimed=claimed, outcome=Outcome(status=503), actor=house.system, at=moment)
        moment += timedelta(hours=15)
    dead = Delivery.objects.get()

    assert (dead.state, dead.attempts, dead.next_try_at) == ("DEAD", MOST_ATTEMPTS, None)
    assert deliveries.claim(lanes=1, in_flight={}, most=10, actor=house.system, at=moment) == ()
    assert reads.get_endpoint(actor=controller, endpoint_id=endpoint_id).dead == 1

    for _ in range(2):
        deliveries.replay(endpoint_id=endpoint_id, delivery_id=dead.id, actor=controller, at=NOW)
    send()

    assert [one.event["type"] for one in erp.got] == [PLACED]
    assert Delivery.objects.get().state == "DELIVERED"
    assert Attempt.objects.count() == MOST_ATTEMPTS + 1


def test_the_waits_grow_and_together_last_three_days() -> None:
    assert list(DELAYS) == sorted(DELAYS)
    assert timedelta(days=3) < sum(DELAYS, timedelta()) < timedelta(days=3.5)


def test_the_moment_of_the_next_try_is_spread(house: SmallHouse, erp: Receiver, register: Register) -> None:
    register(erp.url, PLACED)
    for _ in range(20):
        place(house)
    outbox.deliver_all()

    now = clock.now()
    for claimed in deliveries.claim(lanes=20, in_flight={}, most=20, actor=house.system, at=now):
        deliveries.settle(claimed=claimed, outcome=Outcome(status=None, problem="no"), actor=house.system, at=now)

    waits = {(row.next_try_at - now).total_seconds() for row in Delivery.objects.all()}
    assert len(waits) > 10
    assert all(4 <= wait <= 6 for wait in waits)


def test_an_endpoint_that_is_gone_is_paused(
    house: SmallHouse, erp: Receiver, register: Register, send: Send, controller: Actor
) -> None:
    endpoint_id, _secret = register(erp.url, PLACED)
    erp.answer = lambda received: 410
    place(house)
    send()
    place(house)
    send()

    found = reads.get_endpoint(actor=controller, endpoint_id=endpoint_id)
    assert (found.state, found.dead, found.waiting) == (EndpointState.PAUSED, 1, 1)
    assert len(erp.got) == 1
    assert "410" in found.paused_reason


def test_what_happens_during_a_pause_waits(
    house: SmallHouse, erp: Receiver, register: Register, send: Send, controller: Actor
) -> None:
    endpoint_id, _secret = register(erp.url, PLACED)
    endpoints.set_state(endpoint_id=endpoint_id, state=EndpointState.PAUSED, actor=controller, at=NOW)
    place(house)
    send()
    assert erp.got == []

    endpoints.set_state(endpoint_id=endpoint_id, state=EndpointState.ACTIVE, actor=controller, at=NOW)
    send()

    assert len(erp.got) == 1


def test_during_a_rotation_both_secrets_are_good(
    house: SmallHouse, erp: Receiver, register: Register, send: Send, controller: Actor
) -> None:
    endpoint_id, old = register(erp.url, PLACED)
    now = clock.now()
    new = endpoints.rotate_secret(key="r1", endpoint_id=endpoint_id, actor=controller, at=now).secret
    assert endpoints.rotate_secret(key="r1", endpoint_id=endpoint_id, actor=controller, at=now).secret == new
    place(house)
    send()
    with clock.frozen(now + timedelta(hours=25)):
        place(house)
        send()

    first, second = erp.got
    for secret in (old, new):
        signing.verify(headers=first.headers, body=first.body, secret=secret, now=time.time())
    later = time.time() + 25 * 3600
    signing.verify(headers=second.headers, body=second.body, secret=new, now=later)
    with pytest.raises(signing.NotGenuine, match="does not match"):
        signing.verify(headers=second.headers, body=second.body, secret=old, now=later)


def test_a_secret_lies_sealed_in_the_database(register: Register, local: None) -> None:
    _id, secret = register("https://erp.example.com/hooks")

    assert secret.startswith("whsec_")
    assert secret[6:].encode() not in bytes(Endpoint.objects.get().secret)


def test_one_slow_endpoint_keeps_nobody_waiting(
    house: SmallHouse, erp: Receiver, register: Register, sender: Sender
) -> None:
    """Forty events wait for an endpoint that hangs; another one's arrive at once."""
    assert seconds_beside_a_slow_one(house, erp, register, sender, wait=3) < 1.5


def test_control_with_lanes_for_all_instead_of_each_everybody_waits(
    house: SmallHouse, erp: Receiver, register: Register, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vendome.connectors.webhooks.sending.MOST_IN_FLIGHT", sender.lanes)

    with pytest.raises(AssertionError, match="webhooks came"):
        seconds_beside_a_slow_one(house, erp, register, sender, wait=1)


def seconds_beside_a_slow_one(
    house: SmallHouse, erp: Receiver, register: Register, sender: Sender, *, wait: float
) -> float:
    release = threading.Event()
    with receiver() as slow:
        slow.answer = lambda received: 204 if release.wait(10) else 500
        register(slow.url, PLACED)
        for _ in range(40):
            place(house)
        outbox.deliver_all()
        sender.feed()
        register(erp.url, PLACED)
        place(house)
        started = time.monotonic()
        outbox.deliver_all()
        sender.feed()
        try:
            erp.wait_for(1, seconds=wait)
            assert len(slow.got) <= sender.lanes  # its own lanes are full, and no more are taken
            assert Delivery.objects.filter(state="WAITING", attempts=0).count() >= 40 - sender.lanes
            return time.monotonic() - started
        finally:
            release.set()


def test_a_worker_that_died_leaves_its_deliveries_to_the_next(
    house: SmallHouse, erp: Receiver, register: Register, send: Send
) -> None:
    register(erp.url, PLACED)
    place(house)
    outbox.deliver_all()
    now = clock.now()
    [lost] = deliveries.claim(lanes=1, in_flight={}, most=1, actor=house.system, at=now)  # and is never settled

    send()
    assert erp.got == []
    with clock.frozen(now + deliveries.LEASE + timedelta(seconds=1)):
        send()
    late = deliveries.settle(claimed=lost, outcome=Outcome(status=500), actor=house.system, at=now)

    assert len(erp.got) == 1
    row = Delivery.objects.get()
    assert (late, row.state, row.attempts) == (DeliveryState.WAITING, "DELIVERED", 2)  # the late word changes nothing


def test_two_workers_never_take_the_same_delivery(house: SmallHouse, erp: Receiver, register: Register) -> None:
    register(erp.url, PLACED)
    for _ in range(10):
        place(house)
    outbox.deliver_all()
    now = clock.now()
    taken: list[uuid.UUID] = []

    def take() -> None:
        from django.db import connection

        taken.extend(one.id for one in deliveries.claim(lanes=10, in_flight={}, most=10, actor=house.system, at=now))
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == len(set(taken)) == 10


def test_a_test_event_reaches_its_endpoint_alone(
    house: SmallHouse, erp: Receiver, register: Register, send: Send, controller: Actor
) -> None:
    endpoint_id, _secret = register(f"{erp.url}/a", PLACED)
    register(f"{erp.url}/b")
    for _ in range(2):
        endpoints.send_test(key="t1", endpoint_id=endpoint_id, actor=controller, at=NOW)

    send()

    assert [(one.path, one.event["type"]) for one in erp.got] == [("/a", "webhooks.tested")]


def test_what_was_rolled_back_is_told_to_nobody(
    house: SmallHouse, erp: Receiver, register: Register, send: Send
) -> None:
    register(erp.url)
    with pytest.raises(RuntimeError), transaction.atomic():
        place(house)
        raise RuntimeError

    send()

    assert erp.got == []
    assert not Delivery.objects.exists()
