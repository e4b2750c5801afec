"""Keeps a copy of the embedded database that is never behind what was acknowledged, and puts it back.

Two things lie in a backup's folder: whole copies (`base-…`), and every change since, as PostgreSQL writes it, received
while it is written (`wal/`). In strict keeping a commit is acknowledged only once its change is on the disk of the
backup too, so that losing the database's own disk loses nothing anybody was told of. The price: while the keeper is
away, commits wait.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from vendome.kit.embedded import SUPERUSER, Cluster, DatabaseUnavailable

NAME = "vendome_backup"
KEPT_COPIES = 2
READY_SECONDS = 3600
GIVING_UP_SECONDS = 10


class Backup:
    """One folder, on another disk than the database's if it is to be worth anything."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster = cluster
        self.folder = folder.resolve()
        self.changes = self.folder / "wal"

    # -- keeping ---------------------------------------------------------------------------------------------

    def receive(self, *, strict: bool) -> subprocess.Popen[bytes]:
        """Start to receive changes; the process ends when the server does. Repeatable after it has ended."""
        self.changes.mkdir(parents=True, exist_ok=True)
        for path in (self.folder, self.changes):
            self.cluster.give(path)
            path.chmod(0o700)
        with self._administer() as connection:
            known = connection.execute("SELECT 1 FROM pg_replication_slots WHERE slot_name = %s", [NAME]).fetchone()
            if not known:
                connection.execute("SELECT pg_create_physical_replication_slot(%s, true)", [NAME])
        receiver = self.cluster.spawn(
            "pg_receivewal", f"--directory={self.changes}", f"--slot={NAME}", "--synchronous", "--no-loop",
            f"--dbname=host={self.cluster.socket_dir} user={SUPERUSER} application_name={NAME}",
        )  # fmt: skip
        self._wait_for(NAME if strict else "")
        return receiver

    def leave(self) -> None:
        """Let commits go on without the keeper; for an orderly end of strict keeping."""
        self._wait_for("")

    def copy(self) -> Path:
        """Write a whole copy beside the others and remove those that are no longer needed. Returns the new one."""
        name = f"base-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
        partial = self.folder / f"part-{name}"
        done = self.cluster.run(
            "pg_basebackup", f"--pgdata={partial}", "--wal-method=stream", "--checkpoint=fast", "--no-slot",
            f"--dbname=host={self.cluster.socket_dir} user={SUPERUSER}",
        )  # fmt: skip
        if done.returncode == 0:
            done = self.cluster.run("pg_verifybackup", "--quiet", str(partial))
        if done.returncode:
            shutil.rmtree(partial, ignore_errors=True)
            raise DatabaseUnavailable(f"The copy could not be made: {done.stdout.strip()}")
        partial.rename(self.folder / name)
        self._forget_old()
        return self.folder / name

    def copies(self) -> list[Path]:
        """The whole copies there are, oldest first."""
        return sorted(self.folder.glob("base-*"))

    def _forget_old(self) -> None:
        for old in self.copies()[:-KEPT_COPIES]:
            shutil.rmtree(old)
        first = self.copies()[0] / "backup_label"
        needed = first.read_text().split("(file ")[1].split(")")[0]
        self.cluster.run("pg_archivecleanup", str(self.changes), needed)

    def _wait_for(self, name: str) -> None:
        with self._administer() as connection:
            connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
            connection.execute("SELECT pg_reload_conf()")

    def _administer(self) -> psycopg.Connection[tuple[object, ...]]:
        connection = psycopg.connect(self.cluster.url("postgres"), autocommit=True)
        connection.execute("SET synchronous_commit = local")  # the keeper does not wait for itself
        return connection

    # -- putting back ----------------------------------------------------------------------------------------

    def restore(self, *, until: datetime | None = None) -> int:
        """Put the newest copy and every change since where the database was, and let the server read them.

        With `until`, what was committed up to that moment and nothing after it: the second before a mistake. The caller
        holds no lease yet. Returns the bytes of the database. Raises DatabaseUnavailable, and then nothing was changed:
        when there is a database already, when no copy here is that old, or when the changes end before that moment.
        """
        copy = self._copy_before(until)
        if self.cluster.data.exists():
            raise DatabaseUnavailable(
                f"There is a database in {self.cluster.data}. Move it aside first: restoring never overwrites one."
            )
        self.cluster.home.mkdir(parents=True, exist_ok=True)
        partial = self.cluster.data.with_name("postgres.restoring")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(copy, partial, symlinks=True)
        (partial / "postgresql.auto.conf").write_text("".join(f"{name} = '{to}'\n" for name, to in self._target(until)))
        (partial / "recovery.signal").touch()
        (partial / "server.log").unlink(missing_ok=True)  # what was said before the copy was made
        for path in (partial, *partial.rglob("*")):
            self.cluster.give(path)
        partial.chmod(0o700)
        partial.rename(self.cluster.data)
        self.cluster.start_seconds = READY_SECONDS  # reading the changes of a day takes as long as it takes
        try:
            self.cluster.acquire()
            self._wait_until_it_accepts()
            return self._size()
        except (DatabaseUnavailable, psycopg.OperationalError) as error:
            if not self._ended_too_early():
                raise
            shutil.rmtree(self.cluster.data)
            raise DatabaseUnavailable(
                f"The changes end before {until}: nothing happened after that, or the keeper was away. "
                "Restore without a moment to have all there is."
            ) from error
        finally:
            self.cluster.release()

    def _ended_too_early(self) -> bool:
        """Whether the server gave up because the moment it was to stop at never came; it is down then."""
        log = self.cluster.data / "server.log"
        said = log.read_text(errors="replace") if log.exists() else ""
        deadline = time.monotonic() + GIVING_UP_SECONDS
        while "before configured recovery target" in said and time.monotonic() < deadline:
            if not self.cluster.is_running():
                return True
            time.sleep(0.2)
        return False

    def _copy_before(self, until: datetime | None) -> Path:
        """The newest copy that was finished by then."""
        copies = self.copies()
        if not copies:
            raise DatabaseUnavailable(f"There is no copy in {self.folder}; `vendome backup FOLDER` makes one.")
        finished = {path: datetime.fromtimestamp((path / "backup_manifest").stat().st_mtime, UTC) for path in copies}
        fit = [path for path in copies if until is None or finished[path] <= until]
        if not fit:
            raise DatabaseUnavailable(
                f"The oldest copy in {self.folder} was finished at {finished[copies[0]]:%Y-%m-%d %H:%M:%S} UTC; "
                "no earlier moment can be had from it."
            )
        return fit[-1]

    def _target(self, until: datetime | None) -> list[tuple[str, str]]:
        fetch = f'cp "{self.changes}/%f" "%p" 2>/dev/null || cp "{self.changes}/%f.partial" "%p"'
        if until is None:
            return [("restore_command", fetch)]
        return [
            ("restore_command", fetch),
            ("recovery_target_time", until.isoformat()),
            ("recovery_target_action", "promote"),
        ]

    def _wait_until_it_accepts(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            with psycopg.connect(self.cluster.url("postgres"), autocommit=True) as connection:
                if connection.execute("SELECT NOT pg_is_in_recovery()").fetchone() == (True,):
                    for name in ("restore_command", "recovery_target_time", "recovery_target_action"):
                        connection.execute(f"ALTER SYSTEM RESET {name}")
                    return
            if time.monotonic() > deadline:
                raise DatabaseUnavailable("The database is still reading the changes after an hour; look at its log.")
            time.sleep(0.2)

    def _size(self) -> int:
        return sum(path.stat().st_size for path in self.cluster.data.rglob("*") if path.is_file())


def free_space(folder: Path) -> int:
    """Bytes left where a folder lies, or would lie."""
    while not folder.exists():
        folder = folder.parent
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
