"""Serving: what is in flight is finished, streams end, and no process outlives the one that started it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from django.db import connection

from vendome.config import serving
from vendome.kit import live


def children(pid: int) -> set[int]:
    """All processes below this one."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found |= {child} | children(child)
    return found


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def house(transactional_db: None) -> dict[str, str]:
    """The surroundings of a program that uses the tests' own database: its tables are there already."""
    place = connection.settings_dict
    url = f"postgresql://{place['USER']}@/{place['NAME']}?{urlencode({'host': place['HOST']})}"
    return os.environ | {"DATABASE_URL": os.environ.get("DATABASE_URL", url)}


@pytest.fixture
def served(house: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = serving.free_port("127.0.0.1", 18400)
    command = [sys.executable, "-m", "vendome", "serve", "--port", str(port), "--workers", "1", "--with-worker"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=house)
    assert process.stdout is not None
    said = []
    while not (line := process.stdout.readline()).startswith("Serving on"):
        said.append(line)
        if not line:
            process.stdout.close()
            process.wait(30)
            raise AssertionError("".join(said))
    yield process, port
    process.stdout.close()
    if process.poll() is None:
        process.terminate()
    process.wait(30)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="counts processes through /proc")
class TestServe:
    def test_it_answers_ends_its_streams_and_leaves_nothing(self, served):
        process, port = served
        below = children(process.pid)
        assert len(below) >= 3
        with urlopen(f"http://127.0.0.1:{port}/health/live", timeout=10) as answer:
            assert answer.status == 200
        stream = socket.create_connection(("127.0.0.1", port))
        stream.sendall(f"GET /live/?t={live.token(['a'])} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        stream.settimeout(10)
        assert b"200 OK" in stream.recv(4096)

        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0

        assert time.monotonic() - started < serving.GRACE_SECONDS
        assert not any(map(is_running, below))
        while stream.recv(4096):
            pass
        stream.close()

    def test_servers_end_when_the_one_that_started_them_is_killed(self, served):
        process, _ = served
        below = children(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
        assert wait_for(lambda: not any(map(is_running, below)))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="counts processes through /proc")
@pytest.mark.parametrize("killed", ["worker", "server", "process of the server"])
def test_what_is_killed_is_started_again(served, killed):
    process, port = served
    server, worker = sorted(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split(), key=int)
    inner = sorted(children(int(server)))[-1]
    pid = {"worker": int(worker), "server": int(server), "process of the server": inner}[killed]

    os.kill(pid, signal.SIGKILL)

    assert wait_for(lambda: not is_running(pid))
    assert wait_for(lambda: len(children(process.pid)) >= 3)
    assert wait_for(lambda: answers(port))
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health/live", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


class Dying(serving.Servers):
    """Servers whose one program ends at once, again and again."""

    def _wait_until_it_answers(self) -> None:
        """It never will."""


def test_what_dies_again_and_again_ends_the_house(monkeypatch):
    monkeypatch.setattr(serving, "LONGEST_PAUSE", 0.05)
    monkeypatch.setattr(serving.Plan, "commands", lambda self: [[sys.executable, "-c", "raise SystemExit(3)"]])
    with Dying(serving.Plan()) as servers:
        started = []
        monkeypatch.setattr(servers, "_start", lambda command, real=servers._start: started.append(1) or real(command))

        assert servers.wait() == 3
        assert len(started) == serving.MOST_DEATHS - 1


def test_a_taken_port_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not serving.is_free("127.0.0.1", port)
        assert serving.free_port("127.0.0.1", port) > port
