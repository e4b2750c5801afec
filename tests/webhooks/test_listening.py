"""`/live/events`: events as they are published, and those that were missed, for a program that listens."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.factories.small_house import NOW, SmallHouse, make_token
from vendome.api.stream import EventStream
from vendome.config.liveport import LivePort
from vendome.kit import outbox

pytestmark = pytest.mark.django_db(transaction=True)
EXPIRED = "orders.order_expired"


class Listener:
    """A program that keeps the stream open: speaks ASGI and keeps what it hears."""

    def __init__(self, application: Any, token: str, query: str = "", last: str = "") -> None:
        headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
        headers += [(b"last-event-id", last.encode())] if last else []
        self.status, self.body, self._gone = 0, b"", asyncio.Event()
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/live/events",
            "query_string": query.encode(),
            "headers": headers,
        }
        self._task = asyncio.create_task(application(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")

    @property
    def heard(self) -> list[tuple[str, dict[str, Any]]]:
        blocks = [dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
                  for block in self.body.decode().split("\n\n")]  # fmt: skip
        return [(block["id"], json.loads(block["data"])) for block in blocks if "data" in block]

    async def until(self, count: int) -> list[tuple[str, dict[str, Any]]]:
        for _ in range(300):
            if len(self.heard) >= count:
                return self.heard
            await asyncio.sleep(0.02)
        raise AssertionError(f"{len(self.heard)} events came, not {count}: {self.body!r}")

    async def opened(self) -> None:
        for _ in range(300):
            if self.body.startswith(b"retry: "):
                return
            await asyncio.sleep(0.02)
        raise AssertionError(self.body)

    async def leave(self) -> None:
        self._gone.set()
        await asyncio.wait_for(self._task, 5)


def run(body: Callable[[], Awaitable[None]]) -> None:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        asyncio.run(body())
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def application():
    found = EventStream()
    yield found
    found.stop()


@pytest.fixture
def token(house: SmallHouse) -> str:
    return make_token(house, roles=["stock_controller"])


def happen(house: SmallHouse, *names: str) -> None:
    for name in names:
        outbox.record({"order_id": name}, kind=EXPIRED, subject=f"order:{name}", actor=house.system, at=NOW)
    outbox.deliver_all()


def names(heard: list[tuple[str, dict[str, Any]]]) -> list[str]:
    return [event["data"]["order_id"] for _id, event in heard]


def test_what_is_published_is_heard_and_what_was_missed_comes_first(
    application: EventStream, house: SmallHouse, token: str
) -> None:
    happen(house, "before")

    async def scene() -> None:
        first = Listener(application, token, f"after=latest&kinds={EXPIRED}")
        await first.opened()
        await asyncio.to_thread(_in_thread, house, "a", "b")
        heard = await first.until(2)
        await first.leave()
        await asyncio.to_thread(_in_thread, house, "c")
        back = Listener(application, token, last=heard[0][0])
        again = await back.until(2)
        await back.leave()

        assert names(heard) == ["a", "b"]
        assert names(again) == ["b", "c"]
        assert heard[0][1]["specversion"] == "1.0"

    run(scene)
    assert application.listeners == 0


def _in_thread(house: SmallHouse, *names: str) -> None:
    from django.db import connection

    happen(house, *names)
    connection.close()


@pytest.mark.parametrize(
    ("roles", "query", "status", "code"),
    [
        (None, "", 401, "access.sign_in_needed"),
        (["advisor"], "", 403, "access.forbidden"),
        (["stock_controller"], "after=nonsense", 422, "input.invalid"),
        (["stock_controller"], "kinds=nothing.at_all", 422, "webhooks.unknown_event"),
    ],
)
def test_who_is_refused(
    application: EventStream, house: SmallHouse, roles: list[str] | None, query: str, status: int, code: str
) -> None:
    given = make_token(house, roles=roles) if roles else ""

    async def scene() -> None:
        listener = Listener(application, given, query)
        await asyncio.wait_for(listener._task, 5)

        assert (listener.status, json.loads(listener.body)["code"]) == (status, code)

    run(scene)


def test_a_server_that_closes_ends_the_stream(house: SmallHouse, token: str) -> None:
    async def scene() -> None:
        application = LivePort()
        listener = Listener(application, token, "after=latest")
        await listener.opened()
        assert application.pages.hub is not None
        application.pages.hub.close()
        await asyncio.wait_for(listener._task, 5)
        await application.pages.hub.end()
        application.events.stop()

    run(scene)
