"""How far an import has come: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TextIO

WIDTH = 24
EVERY_SECONDS = {True: 0.2, False: 5.0}


class Progress:
    """Shows one phase after another; says nothing when `out` is None."""

    def __init__(self, out: TextIO | None = sys.stderr) -> None:
        self._out = out
        self._is_terminal = bool(out and out.isatty())
        self._name = ""
        self._start = self._shown = 0.0
        self._total = self._first = 0

    def phase(self, name: str, total: int = 0, done: int = 0) -> None:
        """Begin a phase of `total` rows, of which an earlier run did `done`."""
        self._name, self._total, self._first = name, total, done
        self._start = time.monotonic()
        self._shown = 0.0 if self._is_terminal else self._start
        self.at(done)

    def broken(self) -> None:
        """The phase did not end: leave its line."""
        if self._out is not None and self._is_terminal and self._start:
            self._out.write("\n")

    def at(self, done: int, total: int | None = None) -> None:
        self._total = total or self._total
        now = time.monotonic()
        if self._out is None or now - self._shown < EVERY_SECONDS[self._is_terminal]:
            return
        self._shown = now
        self._write(self._line(done, now - self._start))

    def end(self, done: int) -> None:
        if self._out is not None:
            self._write(self._line(done, time.monotonic() - self._start))
            if self._is_terminal:
                self._out.write("\n")

    def _line(self, done: int, seconds: float) -> str:
        line = f"{self._name:<8} {done:>12,} rows"
        rate = (done - self._first) / seconds if seconds > 0.05 else 0
        if self._total:
            share = min(1.0, done / self._total)
            line = f"{self._name:<8} {'█' * int(share * WIDTH):░<{WIDTH}} {share:>4.0%} {done:>12,} rows"
        if rate:
            line += f"  {rate:>9,.0f} rows/s"
            if self._total > done:
                line += f"  {_clock((self._total - done) / rate)} left"
        return line

    def _write(self, line: str) -> None:
        assert self._out is not None
        self._out.write(f"\r{line}\x1b[K" if self._is_terminal else f"{line}\n")
        self._out.flush()


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return (
        f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}" if whole >= 3600 else f"{whole // 60}:{whole % 60:02}"
    )
