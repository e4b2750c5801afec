"""What the serving processes of one house tell each other: how many are in each, at work or waiting (ADR 0028).

The kernel gives a connection to a process by lot, so one process may have twice the crowd of another. Places follow
the crowd: together they are as many as before, and who comes waits as long whichever process she came to.

Advice, no lock: a number read half written makes one place more or less for a moment.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

VARIABLE: Final = "VENDOME_BOARD"
STALE_SECONDS: Final = 1.0
"""A process that has not said anything for so long is stuck, idle or gone: it does not count."""
_SLOT: Final = struct.Struct("qdd")  # whose it is, when it was written, how many


def make(path: Path, processes: int) -> None:
    """An empty board for so many, a new one each time: whoever still looks at the one before keeps that."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_bytes(bytes(_SLOT.size * processes))
    fresh.replace(path)


def least_of(ordinary: int) -> int:
    """Half of its own: one slow answer does not stop a process that few ask."""
    return -(-ordinary // 2)


def most_of(ordinary: int, processes: int) -> int:
    """All that the others can do without, and half again at most: each place keeps a connection to the database."""
    return min(ordinary * processes - least_of(ordinary) * (processes - 1), ordinary + least_of(ordinary))


class Neighbours:
    """One process among others. `ordinary` is its own number of places, `most` so many when the others need few."""

    def __init__(self, ordinary: int, board: Path | None = None, *, now: Callable[[], float] = time.monotonic) -> None:
        self.ordinary = self.most = ordinary
        self._now = now
        self._mine = -1  # alone
        self._turn = 0.0
        if board is not None:
            self._take_a_slot(board)

    @classmethod
    def of_this_process(cls, ordinary: int) -> Neighbours:
        """Alone where no board was made, or where it cannot be read."""
        board = os.environ.get(VARIABLE)
        try:
            return cls(ordinary, Path(board) if board else None)
        except (OSError, ValueError):
            return cls(ordinary)

    def _take_a_slot(self, path: Path) -> None:
        with path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # two that start at once do not take the same
            try:
                self._board = mmap.mmap(file.fileno(), 0)
                self._mine = self._first_free()
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)  # the map has a handle of its own, and would keep it
        if self._mine >= 0:
            processes = len(self._board) // _SLOT.size
            self._all = self.ordinary * processes
            self.most = most_of(self.ordinary, processes)

    def _first_free(self) -> int:
        for slot in range(0, len(self._board) - _SLOT.size + 1, _SLOT.size):
            if not _is_alive(_SLOT.unpack_from(self._board, slot)[0]):
                _SLOT.pack_into(self._board, slot, os.getpid(), 0.0, 0)
                return slot
        return -1

    def share(self, crowd: int) -> int:
        """How many places of any urgency this process has now, in which so many are at work or wait."""
        if self._mine < 0:
            return self.ordinary
        now = self._now()
        _SLOT.pack_into(self._board, self._mine, os.getpid(), now, crowd)
        everybody = sum(many for _, at, many in _SLOT.iter_unpack(self._board) if now - at < STALE_SECONDS)
        self._turn = (self._turn + 0.618) % 1  # four and a half are four and five in turn
        wanted = int(self._all * crowd / max(everybody, self._all) + self._turn)
        return max(least_of(self.ordinary), min(self.most, wanted))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return pid > 0
