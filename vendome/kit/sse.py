"""Live updates: one small ASGI process that tells open pages what was written to the outbox.

Rows become visible in commit order, not in the order of their numbers. So the reader keeps the numbers it
has not seen below the highest one it has, and asks for them again for ten seconds.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import psycopg
from django.conf import settings

from vendome.kit import live

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

CHANNEL = "vendome_outbox"
POLL_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0
GAP_SECONDS = 10.0
MOST_GAPS = 10_000
BATCH = 1000
REPLAY = timedelta(minutes=5)
MOST_REPLAYED = 1000
MOST_REPLAYS = 4  # at once: after a restart every page comes back in the same second
QUEUE_LENGTH = 256
MOST_WAIT_SECONDS = 10.0
CLOSE_STREAMS = signal.SIGUSR1  # servers wait for answers in flight, and a stream has no end of its own

log = logging.getLogger("vendome.live")

NEW_ROWS = """
    SELECT seq, kind, topics, live, occurred_at FROM kit_outboxevent
    WHERE seq > %(highest)s OR seq = ANY(%(missing)s) ORDER BY seq LIMIT %(batch)s
"""
HIGHEST = "SELECT coalesce(max(seq), 0) FROM kit_outboxevent"
MISSED = """
    SELECT seq, kind, topics, live, occurred_at FROM kit_outboxevent
    WHERE seq <> %(last)s AND seq > %(last)s - %(gaps)s AND topics && %(topics)s AND occurred_at > now() - %(most)s
      AND (seq > %(last)s OR occurred_at >
           (SELECT occurred_at FROM kit_outboxevent WHERE seq = %(last)s) - interval '2 seconds')
    ORDER BY seq DESC LIMIT %(batch)s
"""


@dataclass(slots=True, eq=False)
class Listener:
    """One open page."""

    topics: frozenset[str]
    queue: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(QUEUE_LENGTH))

    def push(self, frame: bytes) -> bool:
        """False when the page does not keep up."""
        try:
            self.queue.put_nowait(frame)
        except asyncio.QueueFull:
            return False
        return True

    def end(self) -> None:
        """Wake the page's own task and let it finish; what it had not read yet is lost and replayed later."""
        while self.queue.full():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class Gaps:
    """Numbers below the highest seen that have not been seen themselves: still uncommitted, or rolled back."""

    def __init__(self, highest: int) -> None:
        self.highest = highest
        self._since: dict[int, float] = {}

    def missing(self) -> list[int]:
        return list(self._since)

    def see(self, numbers: Iterable[int], now: float) -> None:
        for number in numbers:
            if number > self.highest:
                first = max(self.highest + 1, number - MOST_GAPS)
                self._since.update(dict.fromkeys(range(first, number), now))
                self.highest = number
            else:
                self._since.pop(number, None)
        if self._since:
            self._since = {number: at for number, at in self._since.items() if now - at < GAP_SECONDS}


class Hub:
    """Reads the outbox once and hands each row to the pages that listen to one of its topics."""

    def __init__(self) -> None:
        self.by_topic: dict[str, set[Listener]] = defaultdict(set)
        self.listeners: set[Listener] = set()
        self.read_at = 0.0
        self.lag_ms = 0.0
        self.is_closing = False
        self._replays = asyncio.Semaphore(MOST_REPLAYS)
        self._gaps: Gaps | None = None
        self._task: asyncio.Task[None] | None = None
        self._started = asyncio.Event()

    # -- life ------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin reading, once; returns when rows written from now on will be seen."""
        if self._task is None:
            self._task = asyncio.create_task(self._read_for_good())
            try:
                asyncio.get_running_loop().add_signal_handler(CLOSE_STREAMS, self.close)
            except (NotImplementedError, RuntimeError, ValueError):  # not the main thread: a test's own loop
                pass
        await asyncio.wait_for(self._started.wait(), MOST_WAIT_SECONDS)

    def close(self) -> None:
        """End every stream; pages come back to the next process by themselves."""
        self.is_closing = True
        for listener in list(self.listeners):
            listener.end()

    async def end(self) -> None:
        """Close, and stop reading."""
        self.close()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def join(self, topics: frozenset[str]) -> Listener:
        listener = Listener(topics)
        self.listeners.add(listener)
        for topic in topics:
            self.by_topic[topic].add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        self.listeners.discard(listener)
        for topic in listener.topics:
            members = self.by_topic.get(topic)
            if members is not None:
                members.discard(listener)
                if not members:
                    del self.by_topic[topic]

    # -- reading ---------------------------------------------------------------------------------------

    async def _read_for_good(self) -> None:
        pause = 0.1
        while True:
            try:
                async with await connect() as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    if self._gaps is None:
                        self._gaps = Gaps(await _highest(connection))
                    await self._read(connection, self._gaps)
                    self._started.set()
                    pause = 0.1
                    while True:
                        async for _ in connection.notifies(timeout=POLL_SECONDS, stop_after=1):
                            pass
                        await self._read(connection, self._gaps)
            except (psycopg.Error, OSError):
                log.warning("live updates lost the database; trying again", exc_info=True)
                await asyncio.sleep(pause)
                pause = min(5.0, pause * 2)

    async def _read(self, connection: psycopg.AsyncConnection[Any], gaps: Gaps) -> None:
        while True:
            asked = {"highest": gaps.highest, "missing": gaps.missing(), "batch": BATCH}
            cursor = await connection.execute(NEW_ROWS, asked, prepare=True)
            rows = await cursor.fetchall()
            self.read_at = time.monotonic()
            gaps.see((row[0] for row in rows), self.read_at)
            for row in rows:
                self._hand_out(row)
            if rows:
                self.lag_ms = max(0.0, (time.time() - rows[-1][4].timestamp()) * 1000)
            if len(rows) < BATCH:
                return

    def _hand_out(self, row: tuple[Any, ...]) -> None:
        seq, kind, topics, data, _ = row
        if data is None:
            return
        members = [self.by_topic[topic] for topic in topics if topic in self.by_topic]
        if not members:
            return
        frame = encode(seq, kind, data)
        for listener in members[0].union(*members[1:]):
            if not listener.push(frame):
                self.leave(listener)
                listener.end()

    async def missed(self, topics: frozenset[str], last: int) -> tuple[list[bytes], set[int]]:
        """What a page did not hear while it was away, at most the last five minutes of it."""
        async with self._replays, await connect() as connection:
            asked = {"last": last, "gaps": MOST_GAPS, "topics": list(topics), "most": REPLAY, "batch": MOST_REPLAYED}
            cursor = await connection.execute(MISSED, asked)
            rows = (await cursor.fetchall())[::-1]
        frames = [encode(seq, kind, data) for seq, kind, _, data, _ in rows if data is not None]
        return frames, {row[0] for row in rows}

    def health(self) -> dict[str, Any]:
        age = time.monotonic() - self.read_at if self.read_at else None
        return {
            "status": "live" if age is not None and age < 5 else "behind",
            "clients": len(self.listeners),
            "topics": len(self.by_topic),
            "last_read_seconds": None if age is None else round(age, 2),
            "lag_ms": round(self.lag_ms, 1),
        }


class Live:
    """The ASGI application under `/live/`."""

    def __init__(self) -> None:
        self.hub: Hub | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._hub()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self._hub().end()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def begin(self) -> None:
        """Start reading, if nobody has; what cannot be reached now is tried again by the reader itself."""
        try:
            await self._hub().start()
        except TimeoutError:
            pass

    def _hub(self) -> Hub:
        if self.hub is None:  # made here, because its queues belong to the running loop
            self.hub = Hub()
        return self.hub

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        hub = self._hub()
        path = scope["path"]
        if path == "/live/health":
            try:
                await hub.start()
            except TimeoutError:
                pass
            state = hub.health()
            await answer(send, 200 if state["status"] == "live" else 503, json.dumps(state), "application/json")
            return
        if path != "/live/" or scope["method"] != "GET":
            await answer(send, 404, "There is nothing at this address.")
            return
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        try:
            topics = live.topics(asked.get("t", [""])[0])
        except live.Refused as refused:
            await answer(send, 403, str(refused))
            return
        try:
            if hub.is_closing:
                raise TimeoutError
            await hub.start()
        except TimeoutError:
            await answer(send, 503, "Live updates are not available at this moment. The page will try again.")
            return
        await self._stream(hub, topics, _last_id(scope), receive, send)

    async def _stream(self, hub: Hub, topics: frozenset[str], last: int | None, receive: Receive, send: Send) -> None:
        listener = hub.join(topics)  # before the replay: what is written meanwhile waits in the queue
        gone = asyncio.create_task(_end_when_gone(receive, listener))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
            await send(_more(b"retry: 1000\n\n"))
            replayed: set[int] = set()
            if last is not None:
                frames, replayed = await hub.missed(topics, last)
                if frames:
                    await send(_more(b"".join(frames)))
            await _pass_on(listener, replayed, send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (OSError, RuntimeError):  # the page went away between two words
            pass
        finally:
            gone.cancel()
            hub.leave(listener)


async def _pass_on(listener: Listener, replayed: set[int], send: Send) -> None:
    while True:
        try:
            frame = await asyncio.wait_for(listener.queue.get(), HEARTBEAT_SECONDS)
        except TimeoutError:
            await send(_more(b":\n\n"))
            continue
        frames: list[bytes] = []
        while frame is not None:
            if not replayed or _number(frame) not in replayed:
                frames.append(frame)
            if listener.queue.empty():
                break
            frame = listener.queue.get_nowait()
        if frames:
            await send(_more(b"".join(frames)))
        if frame is None:
            return


async def _end_when_gone(receive: Receive, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.end()


STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


def encode(seq: int, kind: str, data: Mapping[str, Any]) -> bytes:
    """One event as the browser reads it; JSON without line breaks keeps it on one `data` line."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"id: {seq}\nevent: {kind}\ndata: {body}\n\n".encode()


def _number(frame: bytes) -> int:
    return int(frame[4 : frame.index(b"\n")])


def _more(body: bytes) -> MutableMapping[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": True}


def _last_id(scope: Scope) -> int | None:
    for name, value in scope.get("headers", ()):
        if name == b"last-event-id" and value.isdigit() and len(value) < 19:
            return int(value)
    return None


async def answer(send: Send, status: int, text: str, kind: str = "text/plain; charset=utf-8") -> None:
    headers = [
        (b"content-type", kind.encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode(), "more_body": False})


async def connect() -> psycopg.AsyncConnection[Any]:
    """A connection of our own beside Django's, to the same database."""
    place = settings.DATABASES["default"]
    known = {
        "dbname": place["NAME"],
        "user": place.get("USER"),
        "password": place.get("PASSWORD"),
        "host": place.get("HOST"),
        "port": place.get("PORT"),
    } | place.get("OPTIONS", {})
    chosen = {name: value for name, value in known.items() if value} | {"application_name": "vendome-live"}
    return await psycopg.AsyncConnection.connect(autocommit=True, **chosen)


async def _highest(connection: psycopg.AsyncConnection[Any]) -> int:
    cursor = await connection.execute(HIGHEST)
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
