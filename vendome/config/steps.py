"""Progress for people: one line a step, with the seconds it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print the title, run the block, add its seconds. On a terminal the line is shown while it runs."""
    live = sys.stdout.isatty()
    if live:
        sys.stdout.write(f"  {title} …")
        sys.stdout.flush()
    started = time.monotonic()
    yield
    seconds = time.monotonic() - started
    sys.stdout.write(f"{'\r' if live else ''}  {title:<44}{seconds:6.1f} s\n")
    sys.stdout.flush()


def table(rows: Sequence[tuple[str, ...]], *, indent: str = "  ") -> str:
    """Columns set apart by their longest cell; an empty row is an empty line."""
    widths = [max(len(row[column]) for row in rows if len(row) > column) for column in range(max(map(len, rows)))]
    lines = []
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        lines.append((indent + "   ".join(cells)).rstrip())
    return "\n".join(lines)
