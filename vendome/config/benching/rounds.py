"""Alternates short rounds over HTTP and by pgbench, so that whatever else the machine does falls on both."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vendome.config import pgtools
from vendome.config.benching import cpu
from vendome.config.benching.operations import Name, Operation

ROUND_SECONDS = 2
WARM_UP_SECONDS = 0.4
WARM_CONNECTIONS = 16
WARM_REQUESTS = 200


class CannotMeasure(Exception):
    """A tool of the bench failed; the message says which and how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One operation at one number of connections. Rates are medians over the rounds, CPU in milliseconds."""

    operation: Name
    connections: int
    rounds: int
    http_per_second: float
    http_p50_ms: float
    http_p99_ms: float
    http_requests: int
    http_errors: dict[str, int]
    app_cpu_ms: float
    database_cpu_ms: float
    pgbench_per_second: float
    pgbench_latency_ms: float
    pgbench_cpu_ms: float
    pgbench_failures: int

    @property
    def ratio(self) -> float:
        return self.http_per_second / self.pgbench_per_second if self.pgbench_per_second else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Whose CPU time is counted, and where requests go."""

    host: str
    port: int
    servers: Callable[[], Sequence[int]]
    postmaster: int


@dataclass(slots=True)
class _Seen:
    rates: list[float] = field(default_factory=list)
    latencies: list[int] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)
    done: int = 0
    app_cpu: float = 0.0
    database_cpu: float = 0.0


def measure(operation: Operation, *, connections: int, seconds: int, machine: Machine) -> Cell:
    """One cell: `seconds` on each side, in rounds of two seconds, HTTP first."""
    rounds = max(1, round(seconds / ROUND_SECONDS))
    each = max(1, round(seconds / rounds))
    http, plain = _Seen(), _Seen()
    with tempfile.TemporaryDirectory() as folder:
        requests, script = Path(folder) / "requests", Path(folder) / "script.sql"
        requests.write_bytes(b"\x00".join(operation.requests))
        script.write_text(operation.script)
        failures = 0
        latency = []
        for _ in range(rounds):
            _http_round(http, requests, connections, each, machine)
            told = _pgbench_round(plain, script, connections, each, machine)
            failures += told["failures"]
            latency.append(told["latency"])
    http.latencies.sort()
    return Cell(
        operation=operation.name,
        connections=connections,
        rounds=rounds,
        http_per_second=statistics.median(http.rates),
        http_p50_ms=_quantile(http.latencies, 0.50),
        http_p99_ms=_quantile(http.latencies, 0.99),
        http_requests=http.done,
        http_errors=http.errors,
        app_cpu_ms=1000 * http.app_cpu / max(http.done, 1),
        database_cpu_ms=1000 * http.database_cpu / max(http.done, 1),
        pgbench_per_second=statistics.median(plain.rates),
        pgbench_latency_ms=statistics.median(latency),
        pgbench_cpu_ms=1000 * plain.database_cpu / max(plain.done, 1),
        pgbench_failures=failures,
    )


def warm(operation: Operation, *, machine: Machine) -> None:
    """Ask often enough that every server process has loaded, connected and prepared what it needs."""
    with tempfile.TemporaryDirectory() as folder:
        requests = Path(folder) / "requests"
        requests.write_bytes(b"\x00".join(operation.requests))
        _ask(requests, connections=WARM_CONNECTIONS, seconds=0.5, at_least=WARM_REQUESTS, machine=machine)


def _ask(requests: Path, *, connections: int, seconds: float, machine: Machine, at_least: int = 0) -> dict[str, Any]:
    """One run of the load generator, as a process of its own."""
    asked = {
        "host": machine.host,
        "port": machine.port,
        "requests": str(requests),
        "connections": connections,
        "seconds": seconds,
        "warm_up": WARM_UP_SECONDS,
        "at_least": at_least,
    }
    done = subprocess.run(
        [sys.executable, "-m", "vendome.config.benching.load"],
        input=json.dumps(asked) + "\n",
        capture_output=True,
        text=True,
        timeout=seconds + 120,
        check=False,
    )
    if done.returncode:
        raise CannotMeasure(f"The load generator ended early: {' '.join(done.stderr.strip().splitlines()[-1:])}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _http_round(seen: _Seen, requests: Path, connections: int, seconds: int, machine: Machine) -> None:
    app, database = cpu.seconds(machine.servers()), cpu.seconds([machine.postmaster])
    told = _ask(requests, connections=connections, seconds=seconds, machine=machine)
    answered = len(told["latencies"])
    seen.rates.append(answered / told["seconds"])
    seen.latencies += told["latencies"]
    for reason, count in told["errors"].items():
        seen.errors[reason] = seen.errors.get(reason, 0) + count
    # The warm-up costs CPU as well: it is counted as requests, by its share of the time.
    with_warm_up = round(answered * (told["seconds"] + WARM_UP_SECONDS) / told["seconds"])
    seen.done += with_warm_up
    seen.app_cpu += cpu.seconds(machine.servers()) - app
    seen.database_cpu += cpu.seconds([machine.postmaster]) - database


def _pgbench_round(seen: _Seen, script: Path, connections: int, seconds: int, machine: Machine) -> dict[str, Any]:
    database = cpu.seconds([machine.postmaster])
    command = [pgtools.program("pgbench"), "--no-vacuum", "--protocol=prepared", f"--file={script}"]
    command += [f"--client={connections}", f"--jobs={min(2, connections)}", f"--time={seconds}"]
    done = subprocess.run(command, env=pgtools.environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotMeasure(f"pgbench ended early: {done.stderr.strip()[-500:]}")
    transactions = int(_found(r"actually processed: (\d+)", done.stdout))
    seen.rates.append(float(_found(r"tps = ([\d.]+)", done.stdout)))
    seen.done += transactions
    seen.database_cpu += cpu.seconds([machine.postmaster]) - database
    return {
        "latency": float(_found(r"latency average = ([\d.]+)", done.stdout)),
        "failures": int(_found(r"failed transactions: (\d+)", done.stdout)),
    }


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise CannotMeasure(f"pgbench said something unexpected: {text.strip()[-300:]}")
    return match[1]


def _quantile(ordered: Sequence[int], share: float) -> float:
    """In milliseconds; nothing seen is zero."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] / 1e6 if ordered else 0.0
