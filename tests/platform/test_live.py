"""Live updates: who may listen, in which order, what a page hears that was away."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.core import signing
from django.db import connection

from vendome.kit import live, sse
from vendome.kit.sse import Gaps, Hub, Live

pytestmark = pytest.mark.django_db(transaction=True)

INSERT = """
    INSERT INTO kit_outboxevent (id, kind, subject, payload, topics, live, actor, occurred_at, attempts)
    VALUES (gen_random_uuid(), %s, 'a test', '{}', %s, %s, 'SYSTEM', now() - make_interval(secs => %s), 0)
    RETURNING seq
"""


class Page:
    """An open page: speaks ASGI with the live process and keeps what it hears."""

    def __init__(self, application: Live, token: str, *, last: int | None = None) -> None:
        headers = [(b"last-event-id", str(last).encode())] if last is not None else []
        self.scope = {
            "type": "http", "method": "GET", "path": "/live/",
            "query_string": f"t={token}".encode(), "headers": headers,
        }  # fmt: skip
        self.status = 0
        self.body = b""
        self._gone = asyncio.Event()
        self._changed = asyncio.Condition()
        self._task = asyncio.create_task(application(self.scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")
        async with self._changed:
            self._changed.notify_all()

    @property
    def heard(self) -> list[dict[str, Any]]:
        blocks = [dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
                  for block in self.body.decode().split("\n\n")]  # fmt: skip
        return [{**block, "data": json.loads(block["data"])} for block in blocks if "data" in block]

    async def until(self, condition: Callable[[Page], bool]) -> None:
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: condition(self)), 10)

    async def open(self) -> Page:
        await self.until(lambda page: page.body.startswith(b"retry: 1000"))
        return self

    async def close(self) -> None:
        self._gone.set()
        await asyncio.wait_for(self._task, 5)


@pytest.fixture
def written() -> Iterator[Callable[..., int]]:
    """Writes one fact from outside, commits it and wakes the listeners."""
    connection.ensure_connection()
    place = connection.settings_dict
    with psycopg.connect(dbname=place["NAME"], user=place["USER"], host=place["HOST"], autocommit=True) as writer:

        def write(number: int, *topics: str, age: float = 0, wake: bool = True) -> int:
            row = writer.execute(INSERT, ["a.kind", list(topics), json.dumps({"number": number}), age]).fetchone()
            if wake:
                writer.execute("SELECT pg_notify(%s, '')", [sse.CHANNEL])
            return row[0]

        yield write


def run(body: Callable[[Live], Awaitable[None]]) -> None:
    async def inside() -> None:
        application = Live()
        try:
            await body(application)
        finally:
            if application.hub:
                await application.hub.end()

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        asyncio.run(inside())
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def numbers(page: Page) -> list[int]:
    return [event["data"]["number"] for event in page.heard]


def test_a_token_gives_leave_for_its_topics_only():
    assert live.topics(live.token(["stock:1", "stock:2"])) == {"stock:1", "stock:2"}
    with pytest.raises(live.Refused, match="no leave"):
        live.topics(live.token(["stock:1"])[:-2] + "xx")
    with pytest.raises(live.Refused, match="no leave"):
        live.topics(signing.dumps(["stock:1"], salt="another purpose"))


def test_an_old_token_is_refused_with_a_sentence(monkeypatch):
    old = live.token(["stock:1"])
    monkeypatch.setattr(live, "MAX_AGE", -live.MAX_AGE)
    with pytest.raises(live.Refused, match="twelve hours"):
        live.topics(old)


def test_a_page_without_leave_hears_403(written):
    async def body(application: Live) -> None:
        page = Page(application, "nonsense")
        await page.until(lambda page: page.status == 403 and bool(page.body))
        assert b"Load it again" in page.body

    run(body)


def test_pages_hear_their_topics_in_order_and_a_fact_once(written):
    async def body(application: Live) -> None:
        rings = await Page(application, live.token(["rings"])).open()
        both = await Page(application, live.token(["rings", "watches"])).open()
        for number, topics in enumerate((["rings"], ["watches"], ["rings", "watches"], ["clocks"], ["rings"])):
            written(number, *topics)
        await both.until(lambda page: len(page.heard) == 4)
        assert numbers(both) == [0, 1, 2, 4]
        await rings.until(lambda page: len(page.heard) == 3)
        assert numbers(rings) == [0, 2, 4]
        assert rings.heard[0]["event"] == "a.kind"
        await rings.close()
        await both.close()
        assert application.hub.listeners == set()
        assert dict(application.hub.by_topic) == {}

    run(body)


def test_without_a_wake_up_the_poll_finds_the_fact(written):
    async def body(application: Live) -> None:
        page = await Page(application, live.token(["rings"])).open()
        written(7, "rings", wake=False)
        await page.until(lambda page: numbers(page) == [7])
        await page.close()

    run(body)


def test_a_page_that_was_away_hears_what_it_missed_once(written):
    async def body(application: Live) -> None:
        written(1, "rings", age=600)
        last = written(2, "rings", age=60)
        written(3, "rings", age=30)
        written(4, "watches")
        page = await Page(application, live.token(["rings"]), last=last).open()
        written(5, "rings")
        await page.until(lambda page: 5 in numbers(page))
        assert numbers(page) == [3, 5]
        await page.close()

    run(body)


def test_nothing_older_than_five_minutes_is_told_again(written):
    async def body(application: Live) -> None:
        last = written(1, "rings", age=900)
        written(2, "rings", age=600)
        written(3, "rings", age=200)
        page = await Page(application, live.token(["rings"]), last=last).open()
        await page.until(lambda page: bool(page.heard))
        assert numbers(page) == [3]
        await page.close()

    run(body)


def test_a_fact_that_commits_late_is_heard_all_the_same(written):
    place = connection.settings_dict

    async def body(application: Live) -> None:
        page = await Page(application, live.token(["rings"])).open()
        slow = await psycopg.AsyncConnection.connect(dbname=place["NAME"], user=place["USER"], host=place["HOST"])
        await slow.execute(INSERT, ["a.kind", ["rings"], json.dumps({"number": 1}), 0])
        written(2, "rings")
        await page.until(lambda page: numbers(page) == [2])
        await slow.commit()
        await slow.close()
        await page.until(lambda page: numbers(page) == [2, 1])
        await page.close()

    run(body)


def test_a_page_that_does_not_keep_up_is_let_go(written):
    async def body(application: Live) -> None:
        hub = application._hub()
        listener = hub.join(frozenset({"rings"}))
        for number in range(sse.QUEUE_LENGTH + 1):
            hub._hand_out((number, "a.kind", ["rings"], {"number": number}, None))
        assert listener not in hub.listeners
        await hub.start()

    run(body)


def test_gaps_are_asked_for_again_until_they_are_too_old():
    gaps = Gaps(10)
    gaps.see([12, 15], now=0)
    assert gaps.missing() == [11, 13, 14]
    gaps.see([13], now=1)
    assert gaps.missing() == [11, 14]
    gaps.see([16], now=sse.GAP_SECONDS + 1)
    assert gaps.missing() == []
    assert gaps.highest == 16


def test_health_counts_the_pages(written):
    async def body(application: Live) -> None:
        page = await Page(application, live.token(["rings"])).open()
        hub: Hub = application.hub
        assert hub.health()["clients"] == 1
        assert hub.health()["status"] == "live"
        await page.close()

    run(body)


def test_pages_that_all_come_back_at_once_do_not_empty_the_database_of_connections(monkeypatch):
    opened = most = 0

    class Slow:
        async def __aenter__(self):
            nonlocal opened, most
            opened += 1
            most = max(most, opened)
            return self

        async def __aexit__(self, *error):
            nonlocal opened
            opened -= 1

        async def execute(self, query, asked):
            await asyncio.sleep(0.001)
            return self

        async def fetchall(self):
            return []

    async def connect():
        return Slow()

    async def come_back():
        hub = Hub()
        await asyncio.gather(*(hub.missed(frozenset({"orders"}), 1) for _ in range(500)))

    monkeypatch.setattr(sse, "connect", connect)
    asyncio.run(come_back())
    assert most == sse.MOST_REPLAYS
