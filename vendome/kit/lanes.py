"""Slow work with somebody else (a bank) takes half of a process's threads at most: the other half goes on answering."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from vendome.kit.errors import Busy


class Lane:
    """Room for `most` at a time in this process. Who finds none within the patience is told so, and may try again.

    The patience is short: who waits here keeps a thread, and those threads are for everybody else.
    """

    def __init__(self, *, most: int, patience: float = 0.02) -> None:
        self._room = threading.BoundedSemaphore(most)
        self._patience = patience

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Raises Busy."""
        if not self._room.acquire(timeout=self._patience):
            raise Busy()
        try:
            yield
        finally:
            self._room.release()


PAYMENTS = Lane(most=max(1, int(os.environ.get("VENDOME_THREADS", "6")) // 2))
