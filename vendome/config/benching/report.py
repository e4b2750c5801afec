"""The measured table, for people and as JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.db import connection

from vendome.config.benching.operations import TARGETS
from vendome.config.benching.rounds import Cell
from vendome.config.steps import table

HEADINGS = (
    "operation", "connections", "HTTP /s", "p50 ms", "p99 ms", "pgbench /s", "ratio", "app CPU ms", "database CPU ms",
    "pgbench CPU ms", "errors",
)  # fmt: skip


def as_table(cells: Sequence[Cell]) -> str:
    """One line for each cell, and what became of the targets."""
    rows: list[tuple[str, ...]] = [HEADINGS]
    rows += [
        (
            cell.operation.value,
            str(cell.connections),
            f"{cell.http_per_second:,.0f}",
            f"{cell.http_p50_ms:.2f}",
            f"{cell.http_p99_ms:.2f}",
            f"{cell.pgbench_per_second:,.0f}",
            f"{cell.ratio:.2f}",
            f"{cell.app_cpu_ms:.2f}",
            f"{cell.database_cpu_ms:.2f}",
            f"{cell.pgbench_cpu_ms:.2f}",
            str(errors(cell)),
        )
        for cell in cells
    ]
    verdicts = [
        f"  {name.value}: best ratio {best:.2f}, wanted {TARGETS[name]:.2f}"
        for name in TARGETS
        if (best := best_ratio(cells, name)) is not None
    ]
    return "\n".join([table(rows), "", *verdicts])


def as_json(cells: Sequence[Cell], *, house: dict[str, int], seconds: int) -> dict[str, Any]:
    """Everything the table shows, and on what it was measured."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('fsync')")
        version, fsync = cursor.fetchone()
    return {
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "postgresql": version,
            "fsync": fsync,
            "load_at_the_end": round(os.getloadavg()[0], 1),
        },
        "house": house,
        "seconds_a_side": seconds,
        "cells": [asdict(cell) | {"operation": cell.operation.value, "ratio": round(cell.ratio, 3)} for cell in cells],
        "best_ratio": {
            name.value: {"measured": round(best, 3), "wanted": wanted, "reached": best >= wanted}
            for name, wanted in TARGETS.items()
            if (best := best_ratio(cells, name)) is not None
        },
    }


def errors(cell: Cell) -> int:
    return sum(cell.http_errors.values()) + cell.pgbench_failures


def best_ratio(cells: Sequence[Cell], name: Any) -> float | None:
    """The ratio at the number of connections that serves most requests."""
    found = [cell for cell in cells if cell.operation is name]
    return max(found, key=lambda cell: cell.http_per_second).ratio if found else None
