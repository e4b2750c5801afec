"""A load generator for HTTP/1.1 that costs little next to what it measures: one process, one epoll loop.

Runs as a program of its own (`python -m vendome.config.benching.load`), reads one JSON line, writes one.
It imports nothing of the house, so that it starts quickly and stays small.
"""

from __future__ import annotations

import json
import os
import select
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

KEY = b"{key}"
"""Where a request wants a key of its own, it is written here."""


@dataclass(slots=True)
class Counted:
    """What one run saw. Latencies in nanoseconds."""

    seconds: float = 0.0
    latencies: list[int] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)


class Line:
    """One keep-alive connection with at most one request in flight."""

    __slots__ = ("arrived", "sent_at", "socket")

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.arrived = b""
        self.sent_at = 0

    def send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter_ns()
        self.socket.sendall(request)

    def receive(self) -> bytes:
        """The whole answer once it is there, else nothing yet. Raises ConnectionError when the line is cut."""
        part = self.socket.recv(262144)
        if not part:
            raise ConnectionError("the server closed the connection")
        self.arrived = self.arrived + part if self.arrived else part
        head = self.arrived.find(b"\r\n\r\n")
        if head < 0:
            return b""
        if len(self.arrived) < head + 4 + _length(self.arrived[:head]):
            return b""
        whole, self.arrived = self.arrived, b""
        return whole


def _length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    if at < 0:
        raise ConnectionError("an answer without a length cannot be measured")
    end = head.find(b"\r\n", at)
    return int(head[at + 15 : end if end > 0 else None])


def run(
    host: str,
    port: int,
    requests: list[bytes],
    *,
    connections: int,
    seconds: float,
    warm_up: float = 0.0,
    at_least: int = 0,
) -> Counted:
    """Keep `connections` requests in flight for `seconds` after a warm-up; answers other than 2xx are errors.

    With `at_least`, goes on until so many have been answered, for a server that has only just started.
    """
    following = _supply(requests)
    counted = Counted()
    lines = [Line(host, port) for _ in range(connections)]
    by_handle = {line.socket.fileno(): line for line in lines}
    poll = select.epoll()
    for handle, line in by_handle.items():
        poll.register(handle, select.EPOLLIN)
        line.send(following())
    begin = time.perf_counter_ns() + int(warm_up * 1e9)
    end = begin + int(seconds * 1e9)
    latencies, errors = counted.latencies, counted.errors
    while (now := time.perf_counter_ns()) < end or len(latencies) < at_least:
        for handle, _event in poll.poll(1.0):
            line = by_handle[handle]
            answer = line.receive()
            if not answer:
                continue
            now = time.perf_counter_ns()
            if now >= begin:
                if answer[9:10] == b"2":
                    latencies.append(now - line.sent_at)
                else:
                    _note(errors, answer)
            line.send(following())
    counted.seconds = (now - begin) / 1e9
    for line in lines:
        line.socket.close()
    return counted


def _supply(requests: list[bytes]) -> Callable[[], bytes]:
    """The next request, round and round; a request with a place for a key gets a fresh one each time."""
    position = 0
    count = len(requests)
    if KEY not in requests[0]:

        def next_one() -> bytes:
            nonlocal position
            position += 1
            return requests[position % count]

        return next_one
    parts = [request.split(KEY) for request in requests]
    mark = os.urandom(8).hex().encode()

    def next_with_key() -> bytes:
        nonlocal position
        position += 1
        before, after = parts[position % count]
        return b"%b%b-%015d%b" % (before, mark, position, after)

    return next_with_key


def _note(errors: dict[str, int], answer: bytes) -> None:
    """Count an error by its status and, for a problem document, its code."""
    reason = answer[9:12].decode()
    body = answer[answer.find(b"\r\n\r\n") + 4 :]
    try:
        reason += f" {json.loads(body)['code']}"
    except (ValueError, KeyError, TypeError):
        pass
    errors[reason] = errors.get(reason, 0) + 1


def main() -> None:
    asked = json.loads(sys.stdin.readline())
    with open(asked["requests"], "rb") as file:
        requests = file.read().split(b"\x00")
    counted = run(
        asked["host"],
        asked["port"],
        requests,
        connections=asked["connections"],
        seconds=asked["seconds"],
        warm_up=asked["warm_up"],
        at_least=asked["at_least"],
    )
    told = {"seconds": counted.seconds, "latencies": counted.latencies, "errors": counted.errors}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
