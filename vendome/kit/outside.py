"""Talking to systems that are not ours: a deadline for the whole call, a budget for retries, a breaker (hard rule 14).

One `Outside` stands for one system and is shared by a process. Never call it inside a transaction.
"""

from __future__ import annotations

import http.client
import random
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

CHUNK = 65_536
LARGEST_ANSWER = 8 * 1024 * 1024
AGAIN = frozenset({429, 500, 502, 503, 504})


class Unreachable(Exception):
    """No answer could be had. `may_have_arrived`: the other side may have acted on the request all the same."""

    def __init__(self, reason: str, *, may_have_arrived: bool) -> None:
        super().__init__(reason)
        self.may_have_arrived = may_have_arrived


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Budget:
    """Retries may be a tenth of all calls, and a few more when it is quiet: an outage is not answered with a storm."""

    share: float = 0.1
    most: float = 10.0
    left: float = 10.0

    def earn(self) -> None:
        self.left = min(self.most, self.left + self.share)

    def take(self) -> bool:
        if self.left < 1:
            return False
        self.left -= 1
        return True


@dataclass
class Breaker:
    """Opens after so many failures in a row; then nobody waits for a dead system, and one call tries it at times."""

    failures_to_open: int = 5
    rest_seconds: float = 30.0
    failures: int = 0
    opened_at: float | None = None
    is_trying: bool = False

    def admits(self, now: float) -> bool:
        if self.opened_at is None:
            return True
        if now - self.opened_at < self.rest_seconds or self.is_trying:
            return False
        self.is_trying = True
        return True

    def heard(self, now: float, *, is_well: bool) -> None:
        self.is_trying = False
        if is_well:
            self.failures, self.opened_at = 0, None
            return
        self.failures += 1
        if self.failures >= self.failures_to_open:
            self.opened_at = now


@dataclass
class Outside:
    """One outside system. `deadline` bounds a call with all its retries, in seconds."""

    base_url: str
    deadline: float = 10.0
    tries: int = 3
    headers: Mapping[str, str] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)
    breaker: Breaker = field(default_factory=Breaker)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._parts = urlsplit(self.base_url)
        if self._parts.scheme not in ("http", "https") or not self._parts.hostname:
            raise ValueError(f"{self.base_url!r} is not the address of a system")

    def call(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        is_repeatable: bool,
    ) -> Answer:
        """The answer, whatever its status below 500. Retries what is repeatable, or has surely not arrived.

        Raises Unreachable: too slow, down, only garbage, or the breaker is open.
        """
        until = self.clock() + self.deadline
        with self._lock:
            self.budget.earn()
            if not self.breaker.admits(self.clock()):
                raise Unreachable("it has failed too often; we let it rest", may_have_arrived=False)
        may_have_arrived = False
        for attempt in range(1, self.tries + 1):
            try:
                answer = self._once(method, path, body, {**self.headers, **(headers or {})}, until)
            except Unreachable as problem:
                may_have_arrived = may_have_arrived or problem.may_have_arrived
                last, pause = str(problem), 0.0
                retry = is_repeatable or not problem.may_have_arrived
            else:
                if answer.status not in AGAIN:
                    self._note(is_well=True)
                    return answer
                may_have_arrived = may_have_arrived or answer.status >= 500
                last, pause = f"it answered {answer.status}", _seconds(answer.headers.get("retry-after", ""))
                retry = is_repeatable or answer.status == 429
            pause = max(pause, random.uniform(0.5, 1.0) * 0.2 * 2**attempt)
            if attempt == self.tries or not retry or self.clock() + pause >= until or not self._may_retry():
                break
            self.sleep(pause)
        self._note(is_well=False)
        raise Unreachable(last, may_have_arrived=may_have_arrived)

    def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], until: float) -> Answer:
        connection = self._connect(until)
        sent = False
        try:
            connection.connect()
            sent = True
            connection.request(method, f"{self._parts.path.rstrip('/')}{path}", body=body, headers=dict(headers))
            response = connection.getresponse()
            content = self._read(connection, response, until)
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, content)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(type(error).__name__, may_have_arrived=sent) from error
        finally:
            connection.close()

    def _connect(self, until: float) -> http.client.HTTPConnection:
        left = until - self.clock()
        if left <= 0:
            raise Unreachable("the deadline has passed", may_have_arrived=False)
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=left, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=left)

    def _read(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse, until: float) -> bytes:
        """The body, however slowly it drips, within the deadline and a sane size."""
        parts: list[bytes] = []
        size = 0
        while True:
            left = until - self.clock()
            if left <= 0:
                raise Unreachable("the answer was too slow", may_have_arrived=True)
            if connection.sock is not None:
                connection.sock.settimeout(left)
            part = response.read1(CHUNK)
            if not part:
                if response.length:  # it promised more than it sent
                    raise Unreachable("the answer was cut off", may_have_arrived=True)
                return b"".join(parts)
            size += len(part)
            if size > LARGEST_ANSWER:
                raise Unreachable("the answer was too long", may_have_arrived=True)
            parts.append(part)

    def _may_retry(self) -> bool:
        with self._lock:
            return self.budget.take()

    def _note(self, *, is_well: bool) -> None:
        with self._lock:
            self.breaker.heard(self.clock(), is_well=is_well)


def _seconds(text: str) -> float:
    return float(text) if text.isdecimal() else 0.0
