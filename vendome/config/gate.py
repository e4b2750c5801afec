"""The gate in front of the work of one serving process: who may begin, who waits, who is turned away (ADR 0028).

A thread that waits here costs little, and the gate knows the urgency of each; a request that waits in the server's own
queue is seen by nobody. So a process has more threads than places at work. Nothing here knows of HTTP or a database.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from vendome.config.urgency import QUEUED, Urgency

KEPT: Final = 0.3
"""The share of all places at work that only tills and payments may take."""
WAITING: Final = 32
"""So many chairs has a process. When all are taken, and who sits down last would wait long, the house is overrun."""
WAITING_WHEN_OVERRUN: Final = 8
"""So many of the same or higher urgency may wait in an overrun house; who comes after them is told at once."""
SHORT_SECONDS: Final = 0.25
"""More of them, up to all chairs, where places are left so often that the last of them waits no longer than this."""
LONG_SECONDS: Final = 0.5
"""Whoever waited longer shows that the house is overrun. It ends the moment nobody waits."""
PACE: Final = 0.05
"""How much the last gap between two who left counts in the mean of all before."""
PATIENCE: Final = {Urgency.TILL: 10.0, Urgency.CHECKOUT: 2.0, Urgency.STAFF: 1.0, Urgency.BROWSE: 1.0}
PATIENCE_WHEN_OVERRUN: Final = PATIENCE | {Urgency.STAFF: 0.025, Urgency.BROWSE: 0.025}
"""Seconds. Those of low urgency who begin to wait when the house is overrun hear soon that it is in vain."""
SPARE: Final = 4
"""Threads beyond all who may work or wait: they tell the others."""


def kept_for_tills(ordinary: int) -> int:
    """Places beside the `ordinary` ones, so that together at least `KEPT` of all are for tills and payments."""
    return math.ceil(ordinary * KEPT / (1 - KEPT))


def threads_for(ordinary: int) -> int:
    """Threads of a process in which so many of any urgency may be at work."""
    return ordinary + kept_for_tills(ordinary) + WAITING + SPARE


@dataclass(slots=True, eq=False)
class _Waiter:
    since: float
    called: threading.Lock = field(default_factory=threading.Lock)
    place: int = -1

    def __post_init__(self) -> None:
        self.called.acquire()


class Gate:
    """Places at work, numbered from 0; the one left last is given first, because what belongs to it is warm."""

    def __init__(
        self,
        ordinary: int,
        *,
        tell: Callable[[Urgency], None] = lambda urgency: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.places = ordinary + kept_for_tills(ordinary)
        self.is_overrun = False
        self.turned_away = dict.fromkeys(QUEUED, 0)
        self.ordinary = ordinary
        self._fewer = ordinary - ordinary // 3  # when overrun: no less is done, because processors are what is short
        self._tell = tell
        self._now = now
        self._lock = threading.Lock()
        self._free = list(reversed(range(self.places)))
        self._lower = 0  # at work, of less urgency than a till
        self._queues: tuple[deque[_Waiter], ...] = tuple(deque() for _ in QUEUED)
        self._waiting = 0
        self._left_at: float | None = None  # unless nobody waited then
        self._gap = LONG_SECONDS / WAITING  # seconds from one who leaves to the next while others wait, on average

    def enter(self, urgency: Urgency) -> int | None:
        """A place to work at, perhaps after a wait; None is turned away. Whoever got a place leaves it."""
        with self._lock:
            if self._has_room(urgency):
                return self._take(urgency)
            waiter = self._queue(urgency)
            patience = (PATIENCE_WHEN_OVERRUN if self.is_overrun else PATIENCE)[urgency]
        if waiter is not None and not waiter.called.acquire(timeout=patience):
            self._give_up(urgency, waiter)
        if waiter is None or waiter.place < 0:
            self._tell(urgency)
            return None
        return waiter.place

    def leave(self, urgency: Urgency, place: int) -> None:
        """The place goes to the most urgent who waits and may have it, the longest waiting first."""
        with self._lock:
            self._free.append(place)
            if urgency is not Urgency.TILL:
                self._lower -= 1
            self._keep_pace()
            if self._waiting:
                self._call_next()

    def _keep_pace(self) -> None:
        now = self._now() if self._waiting else None
        if now is not None and self._left_at is not None:
            self._gap += PACE * (min(now - self._left_at, SHORT_SECONDS) - self._gap)
        self._left_at = now

    def _has_room(self, urgency: Urgency) -> bool:
        """Nobody of this urgency waits then: a place is given on as soon as it is left."""
        if urgency is Urgency.TILL:  # one place is never theirs: an address is a claim, and anybody may make it
            return len(self._free) > 1 or (len(self._free) == 1 and self._lower > 0)
        return bool(self._free) and self._lower < (self._fewer if self.is_overrun else self.ordinary)

    def _take(self, urgency: Urgency) -> int:
        if urgency is not Urgency.TILL:
            self._lower += 1
        return self._free.pop()

    def _call_next(self) -> None:
        for urgency, queue in zip(QUEUED, self._queues, strict=True):
            if queue and self._has_room(urgency):
                waiter = queue.popleft()
                waiter.place = self._take(urgency)
                if self._now() - waiter.since > LONG_SECONDS:
                    self.is_overrun = True
                self._one_less()
                waiter.called.release()
                return

    def _queue(self, urgency: Urgency) -> _Waiter | None:
        now = self._now()
        is_full = self._waiting >= WAITING
        is_last = self._waiting >= WAITING + SPARE // 2  # one more, and nobody would be left to see who comes
        if is_last or (is_full and self._waiting * self._gap > LONG_SECONDS) or self._has_waited_long(now):
            self.is_overrun = True
        if self.is_overrun:
            most = WAITING if urgency is Urgency.TILL else self._chairs()
            before = sum(len(queue) for queue in self._queues[: urgency + 1])
            if before >= most or (is_full and not self._send_one_away(urgency)):
                self.turned_away[urgency] += 1
                return None
        waiter = _Waiter(now)
        self._queues[urgency].append(waiter)
        self._waiting += 1
        return waiter

    def _has_waited_long(self, now: float) -> bool:
        return any(queue and now - queue[0].since > LONG_SECONDS for queue in self._queues)

    def _chairs(self) -> int:
        """So many may wait in an overrun house: as many as have their turn shortly, and a few in any case."""
        return min(WAITING, max(WAITING_WHEN_OVERRUN, int(SHORT_SECONDS / max(self._gap, 0.001))))

    def _send_one_away(self, urgency: Urgency) -> bool:
        """All chairs are taken: the last who came of the least urgent gives hers, if she is less urgent than this."""
        for lower in reversed(QUEUED[urgency + 1 :]):
            if self._queues[lower]:
                self._queues[lower].pop().called.release()
                self.turned_away[lower] += 1
                self._waiting -= 1
                return True
        return False

    def _give_up(self, urgency: Urgency, waiter: _Waiter) -> None:
        with self._lock:
            if waiter in self._queues[urgency]:  # else it was called, or sent away, in this very moment
                self._queues[urgency].remove(waiter)
                self.turned_away[urgency] += 1
                self.is_overrun = True
                self._one_less()

    def _one_less(self) -> None:
        self._waiting -= 1
        if not self._waiting:
            self.is_overrun = False
