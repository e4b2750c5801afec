"""Starts, watches and ends the processes that serve a house. None of them outlives this one.

One that dies is started again, and so is the PostgreSQL that came along; only what dies again and again ends the house.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from vendome.config import environment, gate, parent
from vendome.kit.embedded import Cluster, DatabaseUnavailable
from vendome.kit.sse import CLOSE_STREAMS

GRACE_SECONDS = 10
START_SECONDS = 60
LONGEST_PATIENCE = GRACE_SECONDS + 5
REMIND_AFTER_SECONDS = 2
LOOK_EVERY_SECONDS = 0.1
MOST_DEATHS = 20
WITHIN_SECONDS = 120.0
LONGEST_PAUSE = 5.0

log = logging.getLogger("vendome.serving")


class CannotServe(Exception):
    """A server could not be started; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to serve, and where. `threads` are at work at once in each process; who waits has one of her own beside."""

    host: str = "127.0.0.1"
    port: int = 8000
    live_port: int = 0
    workers: int = 2
    threads: int = 3
    split: bool = False
    with_worker: bool = False

    def commands(self) -> list[list[str]]:
        """The programs to run: one port for all, or pages and live updates each on its own."""
        if self.split:
            threads = gate.threads_for(self.threads) if environment.turns_away() else self.threads
            pages = ["--interface", "wsgi", "--workers", str(self.workers), "--blocking-threads", str(threads)]
            live = ["--interface", "asgi", "--workers", "1"]
            found = [
                [*_GRANIAN, *pages, *self._at(self.port), "vendome.config.wsgi:application"],
                [*_GRANIAN, *live, *self._at(self.live_port), "vendome.config.live:application"],
            ]
        else:
            both = ["--interface", "asgi", "--workers", str(self.workers)]
            found = [[*_GRANIAN, *both, *self._at(self.port), "vendome.config.asgi:application"]]
        if self.with_worker:
            found.append([sys.executable, "-m", "vendome", "worker"])
        return found

    def _at(self, port: int) -> list[str]:
        return ["--host", self.host, "--port", str(port)]

    @property
    def address(self) -> str:
        shown = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104  # compared, not bound
        return f"http://{shown}:{self.port}"


CONNECTIONS = 4096
"""Open at once, over all processes. Who comes after them waits unanswered until one closes: be generous."""

_GRANIAN = [
    sys.executable, "-m", "granian", "--no-ws", "--log-level", "warning", "--http", "1", "--backlog", str(CONNECTIONS),
    "--respawn-failed-workers", "--workers-kill-timeout", str(GRACE_SECONDS),
]  # fmt: skip


@dataclass(slots=True)
class Child:
    """One program and the process that runs it now."""

    command: Sequence[str]
    process: subprocess.Popen[bytes]
    deaths: list[float] = field(default_factory=list)
    again_at: float = 0.0


class Servers:
    """The running processes. Use as a context: leaving it ends them all, whatever happened.

    `database` is the PostgreSQL that came along, when it is the one in use; it is watched too.
    """

    def __init__(self, plan: Plan, *, database: Cluster | None = None) -> None:
        self.plan = plan
        self.database = database
        self.children: list[Child] = []

    @property
    def processes(self) -> list[subprocess.Popen[bytes]]:
        return [child.process for child in self.children]

    def __enter__(self) -> Servers:
        try:
            for command in self.plan.commands():
                self.children.append(Child(command, self._start(command)))
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait(self) -> int:
        """Watch, and start again what dies; returns the code of a process that keeps dying."""
        while True:
            self._keep_database()
            for child in self.children:
                code = child.process.poll()
                if code is not None and not self._revive(child, code):
                    return code or 1
            time.sleep(LOOK_EVERY_SECONDS)

    def _keep_database(self) -> None:
        if self.database is None:
            return
        try:
            if self.database.keep_running():
                log.warning("PostgreSQL had ended; it runs again")
                for child in self.children:
                    child.deaths.clear()  # without a database they had to
        except (DatabaseUnavailable, OSError):
            log.exception("PostgreSQL has ended and does not start; trying again")
            time.sleep(1)

    def _revive(self, child: Child, code: int) -> bool:
        """Start a program again, ever more slowly; False when it has died too often to go on."""
        now = time.monotonic()
        if not child.again_at:
            _signal_group(child.process.pid, signal.SIGKILL)  # what it had started would keep its port
            child.deaths = [*(at for at in child.deaths if now - at < WITHIN_SECONDS), now]
            if len(child.deaths) >= MOST_DEATHS:
                return False
            child.again_at = now + min(LONGEST_PAUSE, 0.1 * 2 ** (len(child.deaths) - 1) - 0.1)
            log.warning("A process ended by itself with code %s; it is started again", code)
        if now >= child.again_at:
            child.process, child.again_at = self._start(child.command), 0.0
        return True

    def stop(self) -> None:
        """Ask all to finish what they are doing, wait, then make sure that nothing is left."""
        held = [signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)]
        try:
            for process in self.processes:
                _signal_group(process.pid, CLOSE_STREAMS)
                _signal_group(process.pid, signal.SIGTERM, leader_only=True)
            self._wait_for_all(REMIND_AFTER_SECONDS)
            for process in self.processes:
                if process.poll() is None and "granian" in process.args:  # type: ignore[operator]  # always a list
                    # A server process that was still starting may have missed the first word; it hears one more.
                    _signal_group(process.pid, signal.SIGTERM)
            self._wait_for_all(LONGEST_PATIENCE)
            for process in self.processes:
                _signal_group(process.pid, signal.SIGKILL)
                process.wait()
            self.children.clear()
        finally:
            for number, handler in zip((signal.SIGINT, signal.SIGTERM), held, strict=True):
                signal.signal(number, handler)

    def _wait_for_all(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and any(process.poll() is None for process in self.processes):
            time.sleep(0.05)

    def _start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        signal.signal(CLOSE_STREAMS, signal.SIG_IGN)  # inherited: only who has streams to close acts on it
        environment = os.environ | {
            parent.VARIABLE: str(os.getpid()),
            "VENDOME_THREADS": str(self.plan.threads),
            "PYTHONUNBUFFERED": "1",
        }
        return subprocess.Popen(list(command), env=environment, stdin=subprocess.DEVNULL, start_new_session=True)

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            for process in self.processes:
                if process.poll() is not None:
                    raise CannotServe("A server ended while it started; its own words are above.")
            try:
                with urlopen(f"{self.plan.address}/health/live", timeout=2):  # noqa: S310  # our own address
                    return
            except HTTPError:
                return  # it answers, if only to redirect or refuse
            except (URLError, OSError):
                time.sleep(0.05)
        raise CannotServe(f"Nothing answered on {self.plan.address} within {START_SECONDS} seconds.")


def _signal_group(leader: int, number: int, *, leader_only: bool = False) -> None:
    try:
        os.kill(leader, number) if leader_only else os.killpg(leader, number)
    except ProcessLookupError:
        pass


def is_free(host: str, port: int) -> bool:
    """Whether a server could be bound there now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str, first: int, *, tries: int = 50) -> int:
    """The first free port from `first` on."""
    for port in range(first, first + tries):
        if is_free(host, port):
            return port
    raise CannotServe(f"The ports {first} to {first + tries - 1} are all taken; choose another with --port.")


def end_on_signal() -> None:
    """Turn SIGTERM into the same orderly end as Ctrl-C."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
