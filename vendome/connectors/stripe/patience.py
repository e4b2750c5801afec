"""How long we ask an outside system: a deadline for each call, a budget for second tries, a breaker for an outage."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


class Impatient(Exception):
    """No answer worth having came in time; whoever asked tries again later."""


class Again(Exception):
    """Raised by a call for a failure that a second try may mend."""


@dataclass
class Patience:
    """For all calls to one system together. Second tries are at most a fifth of all calls, so that they never double an
    outage; after `most_failures` in a row nobody is asked for `rest_seconds`, then one call tries."""

    seconds: float
    most_failures: int = 5
    rest_seconds: float = 20.0
    budget: float = 10.0
    _tokens: float = field(default=10.0, init=False)
    _failures: int = field(default=0, init=False)
    _resting_until: float = field(default=0.0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def ask[T](self, call: Callable[[float], T]) -> T:
        """Run `call(seconds left)`; again after `Again`, while deadline and budget last. Raises Impatient."""
        end = time.monotonic() + self.seconds
        self._enter()
        pause = 0.2
        while True:
            try:
                answer = call(max(end - time.monotonic(), 0.1))
            except Again as error:
                pause *= 1 + random.random()
                if not self._may_repeat() or time.monotonic() + pause >= end:
                    self._failed()
                    raise Impatient(str(error)) from error
                time.sleep(pause)
                continue
            self._worked()
            return answer

    def _enter(self) -> None:
        with self._lock:
            now = time.monotonic()
            if now < self._resting_until:
                raise Impatient("resting after an outage")
            if self._failures >= self.most_failures:
                self._resting_until = now + self.rest_seconds  # this call is the one that tries
            self._tokens = min(self.budget, self._tokens + 0.2)

    def _may_repeat(self) -> bool:
        with self._lock:
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True

    def _failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= self.most_failures:
                self._resting_until = time.monotonic() + self.rest_seconds

    def _worked(self) -> None:
        with self._lock:
            self._failures = 0
            self._resting_until = 0.0
