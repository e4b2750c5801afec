"""The PostgreSQL that comes with Vendôme: shared, crash-safe, and honest about other versions."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from vendome.kit import testing
from vendome.kit.embedded import Cluster, DatabaseUnavailable

HOLD = """
import sys, time
from pathlib import Path
from vendome.kit.embedded import Cluster
cluster = Cluster(Path(sys.argv[1]), durable=True)
cluster.acquire()
print("held", flush=True)
sys.stdin.read()
cluster.release()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A place of its own beside the run's, where the server's user may come when we are root."""
    found = testing.HOME.with_name(f"own-{os.urandom(6).hex()}")
    found.mkdir(mode=0o755)
    yield found
    Cluster(found).stop()
    shutil.rmtree(found, ignore_errors=True)


def hold(home: Path) -> subprocess.Popen[str]:
    """Another process with a lease."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    process.stdout.close()
    return process


def let_go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(30) == 0


def postmaster(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().split()[0])


def wait_until_gone(pid: int) -> None:
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError(f"{pid} is still there")


def test_the_last_out_stops_the_server(home):
    first, second = Cluster(home), hold(home)
    first.acquire()
    server = postmaster(home)

    let_go(second)
    assert first.is_running()

    first.release()
    wait_until_gone(server)


def test_a_killed_server_starts_again_and_keeps_what_was_committed(home):
    cluster = Cluster(home)
    cluster.acquire()
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('committed')")
    os.kill(postmaster(home), signal.SIGKILL)

    later = hold(home)

    with psycopg.connect(cluster.url()) as connection:
        assert connection.execute("SELECT word FROM kept").fetchall() == [("committed",)]
    let_go(later)
    cluster.release()
    assert not cluster.is_running()


def test_nothing_is_made_in_place_of_a_database_that_is_gone(home):
    cluster = Cluster(home)
    cluster.acquire()
    server = postmaster(home)
    shutil.rmtree(home / "postgres")
    os.kill(server, signal.SIGKILL)
    wait_until_gone(server)

    with pytest.raises(DatabaseUnavailable, match=r"is gone, and none is made in its place.*vendome restore FOLDER"):
        cluster.keep_running()

    assert not (home / "postgres").exists()
    cluster.release()


def test_a_killed_holder_gives_its_lease_back(home):
    cluster, victim = Cluster(home), hold(home)
    cluster.acquire()
    server = postmaster(home)

    victim.kill()
    victim.wait()
    assert victim.stdin is not None
    victim.stdin.close()
    assert cluster.is_running()

    cluster.release()
    wait_until_gone(server)


def test_data_of_another_major_version_is_refused_with_the_way_to_move_it(home):
    (home / "postgres").mkdir()
    (home / "postgres" / "PG_VERSION").write_text("15\n")

    with pytest.raises(DatabaseUnavailable, match=r"written by PostgreSQL 15; .* `vendome dump house\.sql`") as caught:
        Cluster(home).acquire()

    assert "vendome load house.sql" in str(caught.value)
    shutil.rmtree(home / "postgres")


def test_the_server_listens_to_no_network_and_syncs_to_disk(home):
    cluster = Cluster(home)
    cluster.acquire()
    with psycopg.connect(cluster.url()) as connection:
        shown = {
            name: connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            for name in ("listen_addresses", "fsync", "synchronous_commit", "full_page_writes")
        }
    cluster.release()
    assert shown == {
        "listen_addresses": ("",),
        "fsync": ("on",),
        "synchronous_commit": ("on",),
        "full_page_writes": ("on",),
    }


def test_whoever_watches_starts_a_killed_server_again(home):
    cluster = Cluster(home)
    cluster.acquire()
    server = postmaster(home)
    assert not cluster.keep_running()

    os.kill(server, signal.SIGKILL)
    for _ in range(200):
        if cluster.keep_running():
            break
        time.sleep(0.05)

    assert postmaster(home) != server
    with psycopg.connect(cluster.url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    cluster.release()
