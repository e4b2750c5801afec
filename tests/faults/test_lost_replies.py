"""A quarter of the replies never arrive and clients ask again: one order each. Without the key, some are doubled.

`make faults` runs it long (VENDOME_TEST_FAULTS names the number of orders).
"""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
import time
import uuid
from typing import Any

import pytest
from django.db import connection
from pytest_django.live_server_helper import LiveServer

from tests.factories.small_house import SmallHouse, make_token
from tests.faults.proxy import Fault, Proxy, proxy
from vendome.api import remembered
from vendome.domains.orders.models import Order
from vendome.flows import books
from vendome.kit.models import OutboxEvent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
ORDERS = int(os.environ.get("VENDOME_TEST_FAULTS", "80"))
CLIENTS = 4
BAD = (Fault.CUT, Fault.CUT, Fault.HALF, Fault.RESET, Fault.GARBAGE)


class Client:
    """A program that asks again until it has its answer."""

    def __init__(self, port: int, token: str, body: dict[str, Any], *, keeps_key: bool) -> None:
        self.port, self.token, self.body, self.keeps_key = port, token, json.dumps(body, default=str), keeps_key

    def place(self) -> str:
        key = str(uuid.uuid4())
        for attempt in range(200):
            if not self.keeps_key:
                key = str(uuid.uuid4())
            try:
                status, answer = self._ask(key)
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(random.uniform(0, 0.01 * min(attempt + 1, 10)))
                continue
            if status == 201:
                return str(answer["id"])
            assert status == 503, (status, answer)
        raise AssertionError("no answer after 200 tries")

    def _ask(self, key: str) -> tuple[int, Any]:
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            wire.request(
                "POST",
                "/api/v1/orders",
                self.body,
                {
                    "Authorization": f"Bearer {self.token}",
                    "Idempotency-Key": key,
                    "Content-Type": "application/json",
                    "Connection": "close",
                },
            )
            answer = wire.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            wire.close()


@pytest.fixture(autouse=True)
def _no_house_remembered():
    yield
    remembered.forget()


def cut_a_quarter(seed: int):
    chance = random.Random(seed)
    return lambda number: chance.choice(BAD) if chance.random() < 0.25 else Fault.NONE


def order_through(
    live_server: LiveServer, house: SmallHouse, *, keeps_key: bool, orders: int
) -> tuple[list[str], Proxy]:
    """Several clients at once place `orders` orders through a bad network; the answers they have in the end."""
    house.stocked(house.paris, candle=orders * 3)
    token = make_token(house, roles=["advisor"], place=house.paris)
    body = {
        "market": "FR",
        "channel": "boutique",
        "selling_place_id": house.paris,
        "lines": [{"reference_id": house.candle, "mode": "TAKE_AWAY", "place_id": house.paris}],
        "tender": {"tender": "CASH", "provider": "till", "is_settled": True},
    }
    got: list[str] = []
    with proxy((live_server.thread.host, live_server.thread.port), cut_a_quarter(7)) as network:
        client = Client(network.port, token, body, keeps_key=keeps_key)

        def work() -> None:
            got.extend(client.place() for _ in range(orders // CLIENTS))

        threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return got, network


def test_a_quarter_of_the_replies_is_lost_and_no_order_is_doubled(live_server: LiveServer, house: SmallHouse) -> None:
    got, network = order_through(live_server, house, keeps_key=True, orders=ORDERS)

    assert network.done.total() - network.done[Fault.NONE] >= ORDERS / 8
    assert len(got) == len(set(got)) == Order.objects.count() == ORDERS
    assert OutboxEvent.objects.filter(kind="orders.order_placed").count() == ORDERS
    assert books.list_problems() == []


def test_control_with_a_fresh_key_for_each_try_orders_are_doubled(live_server: LiveServer, house: SmallHouse) -> None:
    got, _network = order_through(live_server, house, keeps_key=False, orders=ORDERS // 2)

    assert len(got) == ORDERS // 2
    assert Order.objects.count() > ORDERS // 2


@pytest.mark.parametrize("fault", list(Fault))
def test_each_fault_does_what_it_says(live_server: LiveServer, house: SmallHouse, fault: Fault) -> None:
    """The tool itself: without this, a proxy that broke nothing would prove everything."""
    address = (live_server.thread.host, live_server.thread.port)
    with proxy(address, lambda number: fault, delay=0.2, per_byte=0.001) as network:
        started = time.monotonic()
        wire = http.client.HTTPConnection("127.0.0.1", network.port, timeout=5)
        try:
            wire.request("GET", "/health/live", headers={"Connection": "close"})
            answer = wire.getresponse()
            came: object = (answer.status, json.loads(answer.read()))
        except (OSError, http.client.HTTPException, ValueError) as error:
            came = type(error)
        finally:
            wire.close()
        seconds = time.monotonic() - started

    if fault in (Fault.NONE, Fault.SLOW, Fault.TRICKLE):
        assert came == (200, {"status": "alive"})
        assert seconds >= {Fault.NONE: 0, Fault.SLOW: 0.2, Fault.TRICKLE: 0.1}[fault]
    else:
        assert isinstance(came, type)


def test_the_database_that_is_gone_is_a_503_and_not_a_fault_of_ours(client, house: SmallHouse, monkeypatch) -> None:
    """What a client may repeat is told as such, on both ways into the API and on a page."""
    from django.db import OperationalError

    def gone(*_: object, **__: object) -> None:
        raise OperationalError("the connection is lost")

    token = make_token(house, roles=["advisor"])
    headers = {"Authorization": f"Bearer {token}"}
    monkeypatch.setattr("vendome.flows.availability.standing_json", gone)
    monkeypatch.setattr("vendome.domains.stock.queries.shelf.list_levels", gone)
    hot = client.get(f"/api/v1/references/{house.candle}/availability", headers=headers)
    wide = client.get("/api/v1/stock/levels", headers=headers)

    for answer in (hot, wide):
        assert (answer.status_code, answer.headers["Retry-After"], answer.json()["code"]) == (503, "1", "access.busy")
    assert connection.ensure_connection() is None
