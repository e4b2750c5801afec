"""CPU time of processes and of all they started, from /proc; a busy machine changes it little."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def seconds(leaders: Iterable[int]) -> float:
    """User and system seconds so far of these processes, their descendants, and descendants that have ended."""
    stats = dict(_stats())
    children: dict[int, list[int]] = {}
    for pid, (parent, _) in stats.items():
        children.setdefault(parent, []).append(pid)
    total = 0
    waiting = [pid for pid in leaders if pid in stats]
    while waiting:
        pid = waiting.pop()
        total += stats[pid][1]
        waiting += children.get(pid, [])
    return total / TICK


def _stats() -> Iterable[tuple[int, tuple[int, int]]]:
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            text = (folder / "stat").read_text()
        except OSError:  # it ended meanwhile
            continue
        fields = text.rpartition(")")[2].split()
        used = sum(int(field) for field in fields[11:15])  # own and those of children already collected
        yield int(folder.name), (int(fields[1]), used)
