"""The database's disk is lost: everything that was acknowledged is put back, and nothing is ever overwritten."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command

from vendome.kit import backups, testing
from vendome.kit.backups import Backup
from vendome.kit.embedded import Cluster, DatabaseUnavailable


@pytest.fixture
def disk() -> Iterator[Path]:
    found = testing.HOME.with_name(f"own-{os.urandom(6).hex()}")
    found.mkdir(mode=0o755)
    yield found
    for home in ("house", "other"):
        Cluster(found / home).stop()
    shutil.rmtree(found, ignore_errors=True)


def postmaster(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().split()[0])


def rows(cluster: Cluster) -> set[int]:
    with psycopg.connect(cluster.url()) as connection:
        return {number for (number,) in connection.execute("SELECT number FROM told")}


def lose(cluster: Cluster) -> None:
    """The disk goes, and the server with it."""
    lead = postmaster(cluster)
    shutil.rmtree(cluster.data)
    os.kill(lead, signal.SIGKILL)
    with pytest.raises(psycopg.OperationalError):
        for _ in range(100):
            psycopg.connect(cluster.url()).close()
            time.sleep(0.05)


def test_nothing_that_was_acknowledged_is_lost(disk: Path) -> None:
    cluster = Cluster(disk / "house")
    cluster.acquire()
    backup = Backup(cluster, disk / "kept")
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE told (number integer PRIMARY KEY)")
    receiver = backup.receive(strict=True)
    acknowledged: set[int] = set()
    stopped = threading.Event()

    def write() -> None:
        with psycopg.connect(cluster.url(), autocommit=True) as connection:
            number = 0
            while not stopped.is_set():
                connection.execute("INSERT INTO told VALUES (%s)", [number])
                acknowledged.add(number)
                number += 1

    def until_lost() -> None:
        with pytest.raises(psycopg.Error):
            write()

    writer = threading.Thread(target=until_lost)
    writer.start()
    backup.copy()
    before = len(acknowledged)
    while len(acknowledged) < before + 200:
        time.sleep(0.01)
    lose(cluster)
    writer.join(timeout=30)
    stopped.set()
    receiver.wait(timeout=30)
    cluster.release()

    with pytest.raises(DatabaseUnavailable, match="There is no copy"):
        Backup(cluster, disk / "nowhere").restore()
    assert backup.restore() > 0

    cluster = Cluster(disk / "house")
    cluster.acquire()
    found = rows(cluster)
    assert acknowledged <= found
    assert len(found - acknowledged) <= 1  # written, and the answer was lost with the server
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute("INSERT INTO told VALUES (-1)")  # nobody waits for a keeper that is gone
    with pytest.raises(DatabaseUnavailable, match="never overwrites"):
        backup.restore()
    cluster.release()


def test_the_second_before_a_mistake(disk: Path) -> None:
    cluster = Cluster(disk / "house")
    cluster.acquire()
    backup = Backup(cluster, disk / "kept")
    long_ago = datetime.now(UTC)
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE told (number integer PRIMARY KEY)")
        receiver = backup.receive(strict=True)
        backup.copy()
        connection.execute("INSERT INTO told VALUES (1), (2)")
        (before,) = connection.execute("SELECT clock_timestamp()").fetchone()
        connection.execute("DELETE FROM told WHERE number = 1")
    lose(cluster)
    receiver.wait(timeout=30)
    cluster.release()

    with pytest.raises(DatabaseUnavailable, match="no earlier moment"):
        backup.restore(until=long_ago)
    with pytest.raises(DatabaseUnavailable, match="The changes end before"):
        backup.restore(until=datetime.now(UTC))
    assert backup.restore(until=before) > 0

    cluster = Cluster(disk / "house")
    cluster.acquire()
    assert rows(cluster) == {1, 2}
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute("INSERT INTO told VALUES (3)")
    assert rows(cluster) == {1, 2, 3}
    cluster.release()


@pytest.mark.parametrize(
    ("moment", "says"),
    [
        ("yesterday", "is no moment"),
        ("2026-11-26 09:41", "names no zone"),
        ("2999-01-01T00:00+00:00", "has not come yet"),
    ],
)
def test_a_moment_is_written_with_its_zone_and_has_been(moment: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("restore", "/nowhere", "--until", moment)


def test_old_copies_and_changes_are_forgotten(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "KEPT_COPIES", 1)
    cluster = Cluster(disk / "house")
    cluster.acquire()
    backup = Backup(cluster, disk / "kept")
    receiver = backup.receive(strict=False)
    made = [backup.copy() for _ in range(2)]

    assert backup.copies() == made[1:]
    receiver.terminate()
    receiver.wait()
    cluster.release()
