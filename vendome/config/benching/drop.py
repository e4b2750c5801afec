"""A launch drop as a crowd lives it: thousands of attempts over HTTP at their own hours, whatever the server is doing.

Open loop: an attempt is due at its moment, and its time counts from then, so a server that stalls cannot hide it.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MOST_TRIES = 40
NEAR = 40
"""Who has at most so many people before her watches her place every second, as the page does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Who comes, and how they behave."""

    host: str
    port: int
    token: str
    allocation: uuid.UUID
    clients: Sequence[uuid.UUID]
    attempts: int
    seconds: float
    double_clicks: float = 0.05
    abandoned: float = 0.10
    pay_ms: tuple[int, int] = (50, 3000)
    think_seconds: tuple[float, float] = (0.3, 4.0)
    lines: int = 1000
    seed: int = 20_261_202


@dataclass(slots=True)
class Seen:
    """What the crowd saw. Latencies in seconds, from the moment an attempt was due."""

    losers: list[float] = field(default_factory=list)
    winners: list[float] = field(default_factory=list)
    claims: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    attempts: int = 0
    double_clicks: int = 0
    retried: int = 0
    never_answered: int = 0
    told_sold_out: float = 0.0  # clock time of the first answer that said so
    slow_at: Counter[int] = field(default_factory=Counter)  # by the second in which they were due: waited over a second


class Lines:
    """Keep-alive connections, as many as are asked for at one moment; who finds none free waits, and that counts."""

    def __init__(self, host: str, port: int, most: int) -> None:
        self.host, self.port = host, port
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._leave = asyncio.Semaphore(most)

    async def ask(self, method: str, path: str, headers: str, body: bytes) -> tuple[int, Any]:
        """One request and its answer. Raises ConnectionError or OSError when the line is cut."""
        async with self._leave:
            reader, writer = self._free.pop() if self._free else await asyncio.open_connection(self.host, self.port)
            try:
                head = f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
                writer.write(head.encode() + body)
                said = (await reader.readuntil(b"\r\n\r\n")).lower()
                at = said.index(b"content-length:") + 15
                told = await reader.readexactly(int(said[at : said.index(b"\r\n", at)]))
            except BaseException:
                writer.close()
                raise
            self._free.append((reader, writer))
            return int(said[9:12]), json.loads(told) if told else None


class Drop:
    """The crowd at the door."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.seen = Seen()
        self.lines = Lines(crowd.host, crowd.port, crowd.lines)
        self.rng = random.Random(crowd.seed)  # a repeatable crowd, no secret
        self.leavers = {one for one in crowd.clients if self.rng.random() < crowd.abandoned}
        self.paying: dict[uuid.UUID, asyncio.Task[None]] = {}
        self.watching: dict[uuid.UUID, asyncio.Task[None]] = {}
        self.is_over = False
        self.headers = f"Authorization: Bearer {crowd.token}\r\nContent-Type: application/json\r\n"
        self.path = f"/api/v1/allocations/{crowd.allocation}/entries"

    async def run(self, *, kill_after: float, kill: Any) -> Seen:
        """Everybody's attempts, the kill in the middle, and then until the last payment and watcher are done."""
        self.begun = begun = time.monotonic()
        killer = asyncio.get_running_loop().call_later(kill_after, kill)
        await asyncio.gather(*[self._attempt(begun + due, client) for due, client in self._schedule()])
        while self.paying or self.watching:
            await asyncio.gather(*self.paying.values(), *self.watching.values())
        killer.cancel()
        return self.seen

    def _schedule(self) -> list[tuple[float, uuid.UUID]]:
        """Every client at least once; a third of all attempts in the first quarter of the time, as at a real door."""
        crowd, rng = self.crowd, self.rng
        who = [*crowd.clients, *rng.choices(crowd.clients, k=max(0, crowd.attempts - len(crowd.clients)))]
        rush = len(who) // 3
        due = [rng.random() * crowd.seconds / 4 for _ in range(rush)]
        due += [rng.random() * crowd.seconds for _ in range(len(who) - rush)]
        rng.shuffle(who)
        planned = list(zip(due, who, strict=True))
        doubles = [one for one in planned if rng.random() < crowd.double_clicks]
        self.seen.double_clicks = len(doubles)
        return planned + doubles

    async def _attempt(self, due: float, client: uuid.UUID) -> None:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        self.seen.attempts += 1
        body = json.dumps({"client_id": str(client)}).encode()
        status, told = await self._answered("POST", self.path, body)
        took = time.monotonic() - due
        if took > 1:
            self.seen.slow_at[int(due - self.begun)] += 1
        state = self._state(status, told)
        self.seen.answers[state] += 1
        (self.seen.winners if state in ("OFFERED", "BOUGHT") else self.seen.losers).append(took)
        self._follow(client, state, told)

    def _follow(self, client: uuid.UUID, state: str, told: Any) -> None:
        """What she does with the answer: pays, watches her place, or goes home."""
        if state == "OFFERED" and client not in self.leavers and client not in self.paying:
            self.paying[client] = asyncio.create_task(self._pay(client))
        elif state == "WAITING" and told["before"] < NEAR and client not in self.watching and not self.is_over:
            self.watching[client] = asyncio.create_task(self._watch(client))
        elif (state == "REFUSED" or state == "stock.allocation_over") and not self.seen.told_sold_out:
            self.seen.told_sold_out = time.time()
            self.is_over = True

    async def _watch(self, client: uuid.UUID) -> None:
        """Her page is open: it knows within a second when her turn has come or all is gone."""
        for _ in range(120):
            await asyncio.sleep(1)
            status, told = await self._answered("GET", f"{self.path}/{client}", b"")
            state = self._state(status, told)
            if state != "WAITING":
                self._follow(client, state, told)
                break
        del self.watching[client]

    async def _pay(self, client: uuid.UUID) -> None:
        await asyncio.sleep(self.rng.uniform(*self.crowd.think_seconds))
        wait = self.rng.randint(*self.crowd.pay_ms)
        body = json.dumps(
            {"market": "FR", "mode": "DELIVER", "provider": "card_test", "instrument": f"card_good@{wait}",
             "address": ["30, place Vendôme", "75001 Paris", "France"]}
        ).encode()  # fmt: skip
        clicks = 2 if self.rng.random() < self.crowd.double_clicks else 1
        begun = time.monotonic()
        key = f"Idempotency-Key: drop-{self.crowd.allocation}-{client}\r\n"
        answers = await asyncio.gather(
            *[self._answered("POST", f"{self.path}/{client}/claim", body, key) for _ in range(clicks)]
        )
        self.seen.claims.append(time.monotonic() - begun)
        for status, told in answers:
            self.seen.answers[f"claim {self._state(status, told)}"] += 1
        del self.paying[client]

    async def _answered(self, method: str, path: str, body: bytes, more: str = "") -> tuple[int, Any]:
        """The answer; the same request again while a line is cut or the house says that it is busy."""
        for tries in range(MOST_TRIES):
            try:
                status, told = await self.lines.ask(method, path, self.headers + more, body)
            except (ConnectionError, OSError, asyncio.IncompleteReadError):
                status, told = 0, None
            if status not in (0, 503):
                return status, told
            self.seen.retried += 1
            await asyncio.sleep(min(0.6, 0.1 * (tries + 1)) * self.rng.uniform(0.5, 1.5))
        self.seen.never_answered += 1
        return 0, None

    @staticmethod
    def _state(status: int, told: Any) -> str:
        if told is None:
            return "nothing"
        return str(told["state"] if status < 300 else told.get("code", status))


def percentile(values: Sequence[float], share: float) -> float:
    """In milliseconds, one decimal; 0 when there is nothing."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1) if ordered else 0.0


def kill_one_worker(leader: int) -> int:
    """SIGKILL for one of the processes that serve pages, by its own id: this server's child with the most memory."""
    children = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
    sizes = {int(one): int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in children}
    victim = max(sizes, key=lambda one: sizes[one])
    os.kill(victim, signal.SIGKILL)
    return victim
