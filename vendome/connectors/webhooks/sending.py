"""The worker's sender: many calls at once on one loop, a few lanes for each endpoint, each with its own deadline.

One round takes what is due and hands it to the loop, then returns at once, and a lane that becomes free takes the next;
so an endpoint that is slow fills its own lanes and nobody else’s. A worker that dies leaves its deliveries to whoever
asks after their lease.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from vendome.connectors.webhooks import signing, transport
from vendome.domains.webhooks import gate
from vendome.domains.webhooks.services import deliveries
from vendome.domains.webhooks.types import Claimed, Outcome
from vendome.kit import clock
from vendome.kit.actors import Actor

LANES = 8
MOST_IN_FLIGHT = 200

log = logging.getLogger("vendome.webhooks")


class Sender:
    """Sends on a loop of its own, in a thread; `feed` takes what is due."""

    def __init__(self, *, lanes: int = LANES, deadline: float = transport.DEADLINE_SECONDS) -> None:
        self.lanes = lanes
        self.deadline = deadline
        self._in_flight: Counter[uuid.UUID] = Counter()
        self._outcomes: list[tuple[Claimed, Outcome | None]] = []
        self._lock = threading.Lock()
        self._feeding = threading.Lock()  # one asks at a time, so that nobody's lanes are counted as free twice
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_stopped = False
        self._books = ThreadPoolExecutor(1, thread_name_prefix="webhook-books")  # its connection writes the outcomes

    def feed(self) -> int:
        """Take what is due and begin to send it; returns how many."""
        with self._feeding:
            with self._lock:
                busy = dict(self._in_flight)
            room = MOST_IN_FLIGHT - sum(busy.values())
            if room <= 0:
                return 0
            now = clock.now()
            claimed = deliveries.claim(lanes=self.lanes, in_flight=busy, most=room, actor=Actor.system(), at=now)
            self._begin(claimed)
            return len(claimed)

    def is_idle(self) -> bool:
        with self._lock:
            return not sum(self._in_flight.values())

    def stop(self) -> None:
        """End the loop; what is in flight is sent again by the next worker, after its lease."""
        with self._lock:
            self._is_stopped = True
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.call_soon_threadsafe(loop.stop)
        self._books.submit(lambda: connection.close())  # that thread's own, not ours
        self._books.shutdown(wait=True)

    def _begin(self, claimed: Sequence[Claimed]) -> None:
        if not claimed:
            return
        with self._lock:
            if self._is_stopped:
                return  # what was taken is sent after its lease
            self._in_flight.update(one.endpoint_id for one in claimed)
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._run, args=[self._loop], name="webhooks", daemon=True).start()
            for one in claimed:
                asyncio.run_coroutine_threadsafe(self._send(one), self._loop)

    @staticmethod
    def _run(loop: asyncio.AbstractEventLoop) -> None:
        loop.run_forever()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    async def _send(self, claimed: Claimed) -> None:
        outcome = None
        try:
            now = clock.now()
            outcome = await transport.post(
                url=claimed.url,
                headers=signing.headers(
                    message_id=str(claimed.event_id),
                    timestamp=int(now.timestamp()),
                    body=claimed.body,
                    secrets=claimed.secrets,
                ),
                body=claimed.body,
                is_local_allowed=gate.is_local_allowed(),
                deadline=self.deadline,
            )
        except Exception:  # the lease ends, and the delivery comes again
            log.exception("A webhook could not be sent")
        finally:
            with self._lock:
                is_first = not self._outcomes
                self._outcomes.append((claimed, outcome))
            if is_first:
                with contextlib.suppress(RuntimeError):  # we are being stopped
                    self._books.submit(self._write_down)

    def _write_down(self) -> None:
        """What has come back since the last time is written down in one commit; then its lanes take the next."""
        with self._lock:
            ended, self._outcomes = self._outcomes, []
        try:
            _settle([(claimed, outcome) for claimed, outcome in ended if outcome is not None])
        finally:
            with self._lock:
                self._in_flight.subtract(claimed.endpoint_id for claimed, _outcome in ended)
                self._in_flight += Counter()  # leaves out those with nothing in flight
        if not self._is_stopped:
            with _until_the_next_round():
                self.feed()


def _settle(outcomes: Sequence[tuple[Claimed, Outcome]]) -> None:
    """Together; when that fails, each by itself, so that one keeps back no other. What is not written down comes again
    after its lease."""
    at = clock.now()
    try:
        deliveries.settle_all(outcomes=outcomes, actor=Actor.system(), at=at)
    except Exception:
        log.warning("Outcomes of webhooks are written down one by one", exc_info=True)
        connection.close()  # the next one opens it again
        for claimed, outcome in outcomes:
            with _until_the_next_round():
                deliveries.settle(claimed=claimed, outcome=outcome, actor=Actor.system(), at=at)


@contextlib.contextmanager
def _until_the_next_round() -> Iterator[None]:
    try:
        yield
    except Exception:
        log.warning("A step of the webhooks failed; it comes again", exc_info=True)
        connection.close()


_sender: Sender | None = None


def feed() -> int:
    """One round of the worker's own sender."""
    global _sender
    if _sender is None:
        _sender = Sender()
    return _sender.feed()
