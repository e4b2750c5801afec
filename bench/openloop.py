"""An open loop of requests: each is due at its moment, whatever the server is doing, and its time counts from then.

Runs as a program of its own (`python bench/openloop.py`), reads one JSON line, writes one; one process, one epoll loop.
Whoever is not answered within the deadline goes away, as people do: the connection is closed.
"""

from __future__ import annotations

import errno
import json
import os
import random
import select
import socket
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

KEY = b"{key}"
MOST_LINES = 3000
GONE, NO_LINE = 0, -1
"""Statuses of requests without an answer: the deadline passed or the line was cut; or no connection was left."""


@dataclass(slots=True, eq=False)
class Line:
    """One keep-alive connection with at most one request in flight."""

    socket: socket.socket
    is_open: bool = False
    sends: bytes = b""
    arrived: bytes = b""
    asked: tuple[int, int, float] | None = None  # phase, kind, due


@dataclass(slots=True)
class Loop:
    """All connections of one run, and what was seen: (phase, kind, due, seconds, status, may come again)."""

    host: str
    port: int
    deadline: float
    poll: Any = field(default_factory=select.epoll)
    free: list[Line] = field(default_factory=list)
    lines: dict[int, Line] = field(default_factory=dict)
    under_way: deque[tuple[Line, tuple[int, int, float]]] = field(default_factory=deque)
    seen: list[tuple[int, int, float, float, int, bool]] = field(default_factory=list)

    def ask(self, asked: tuple[int, int, float], request: bytes) -> None:
        line = self.free.pop() if self.free else self._dial()
        if line is None:
            self.seen.append((*asked, 0.0, NO_LINE, False))
            return
        line.asked, line.arrived, line.sends = asked, b"", request
        self.under_way.append((line, asked))
        if line.is_open:
            self._send(line)

    def _dial(self) -> Line | None:
        if len(self.lines) >= MOST_LINES:
            return None
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.setblocking(False)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if made.connect_ex((self.host, self.port)) not in (0, errno.EINPROGRESS):
            made.close()
            return None
        line = Line(made)
        self.lines[made.fileno()] = line
        self.poll.register(made.fileno(), select.EPOLLOUT)
        return line

    def _send(self, line: Line) -> None:
        try:
            sent = line.socket.send(line.sends)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._hang_up(line, GONE)
            return
        line.sends = line.sends[sent:]
        self.poll.modify(line.socket.fileno(), select.EPOLLOUT if line.sends else select.EPOLLIN)

    def turn(self, patience: float) -> None:
        """Whatever can be read or written within the patience; then who has waited too long goes away."""
        for handle, event in self.poll.poll(max(0.0, patience)):
            line = self.lines.get(handle)
            if line is None:
                continue
            if event & select.EPOLLOUT:
                line.is_open = True
                self._send(line)
            else:
                self._read(line)
        now = time.monotonic()
        while self.under_way and (
            self.under_way[0][0].asked is not self.under_way[0][1] or now - self.under_way[0][1][2] > self.deadline
        ):
            line, asked = self.under_way.popleft()
            if line.asked is asked:
                self._hang_up(line, GONE)

    def _read(self, line: Line) -> None:
        try:
            part = line.socket.recv(262144)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if not part:
            self._hang_up(line, GONE)
            return
        line.arrived += part
        head = line.arrived.find(b"\r\n\r\n")
        if head < 0:
            return
        words = line.arrived[:head].lower()
        at = words.find(b"content-length:")
        if at < 0 or len(line.arrived) >= head + 4 + int(words[at + 15 :].split(b"\r\n", 1)[0]):
            self._note(line, int(words[9:12]), may_come_again=b"retry-after:" in words)
            if at < 0:
                self._hang_up(line, GONE)
            else:
                self.free.append(line)

    def _note(self, line: Line, status: int, *, may_come_again: bool = False) -> None:
        if line.asked is not None:
            self.seen.append((*line.asked, time.monotonic() - line.asked[2], status, may_come_again))
            line.asked = None

    def _hang_up(self, line: Line, status: int) -> None:
        self._note(line, status)
        self.lines.pop(line.socket.fileno(), None)
        line.socket.close()
        if line in self.free:
            self.free.remove(line)


def run(asked: dict[str, Any]) -> list[tuple[int, int, float, float, int, bool]]:
    """`phases` are (requests a second, seconds) without a pause between; `mix` is the share of each kind in each."""
    loop = Loop(asked["host"], asked["port"], asked["deadline"])
    kinds = [[request.encode() for request in kind] for kind in asked["requests"]]
    chance = random.Random(asked["seed"])
    numbers = range(len(kinds))
    mark, count = os.urandom(6).hex(), 0
    begun = edge = due = time.monotonic()
    for phase, (rate, seconds) in enumerate(asked["phases"]):
        due, edge = max(due, edge), edge + seconds
        while due < edge:
            loop.turn(due - time.monotonic())
            while due <= time.monotonic() and due < edge:
                kind = chance.choices(numbers, asked["mix"][phase])[0]
                request = chance.choice(kinds[kind])
                if KEY in request:
                    count += 1
                    request = request.replace(KEY, f"{mark}-{count:09}".encode())
                loop.ask((phase, kind, due), request)
                due += chance.expovariate(rate)
    while any(line.asked for line in loop.lines.values()):
        loop.turn(0.05)
    return [(phase, kind, at - begun, took, status, again) for phase, kind, at, took, status, again in loop.seen]


if __name__ == "__main__":
    json.dump(run(json.loads(sys.stdin.readline())), sys.stdout)
