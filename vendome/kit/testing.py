"""A pytest plugin: every run has a state directory and a PostgreSQL of its own, and leaves nothing behind.

It is loaded with `-p`, before Django's settings are read. `VENDOME_TEST_HOME` names a directory to keep
instead, so that with `--reuse-db` the next run starts at once; `VENDOME_TEST_DATABASE_URL` names another server.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

from vendome.kit.embedded import Cluster


def _home() -> Path:
    kept = os.environ.get("VENDOME_TEST_HOME")
    if kept:
        return Path(kept).resolve()
    shared = Path(tempfile.gettempdir()) / f"vendome-tests-{os.geteuid()}"  # the server's programs stay here
    shared.mkdir(exist_ok=True)
    if shared.stat().st_uid != os.geteuid():
        shared = Path(tempfile.gettempdir())
    _sweep(shared)
    home = Path(tempfile.mkdtemp(prefix="run-", dir=shared))
    home.chmod(0o755)  # when we are root, the server runs as a user of its own
    return home


def _sweep(shared: Path) -> None:
    """Stop and remove what runs that were killed have left: their lease is free, so nobody is there."""
    for left in shared.glob("run-*"):
        try:
            with (left / "cluster.users").open() as lease:
                fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
                Cluster(left).stop()
                shutil.rmtree(left, ignore_errors=True)
        except OSError:  # in use, or not yet begun
            continue


def _end(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt  # pytest then ends in order, and the server with it


HOME = _home()
signal.signal(signal.SIGTERM, _end)
for _name in [name for name in os.environ if name.startswith("VENDOME_") and not name.startswith("VENDOME_TEST_")]:
    del os.environ[_name]
os.environ.pop("DATABASE_URL", None)
if _url := os.environ.get("VENDOME_TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = _url
os.environ["VENDOME_HOME"] = str(HOME)
os.environ["VENDOME_HTTPS"] = "0"
(HOME / "static").mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The run's own server; it gives up crash safety for speed."""
    found = Cluster(HOME, durable=False)
    found.acquire()
    try:
        yield found
    finally:
        found.release()


def pytest_unconfigure() -> None:
    if "VENDOME_TEST_HOME" not in os.environ:
        shutil.rmtree(HOME, ignore_errors=True)
