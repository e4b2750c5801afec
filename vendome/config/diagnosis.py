"""What can be wrong with an installation, and how to mend each: the checks behind `vendome doctor`."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import shutil
import socket
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core import checks, mail
from django.db import DatabaseError, connection

from vendome.config import environment, health, home, serving, staticfiles
from vendome.kit import sql
from vendome.kit.embedded import Cluster, DatabaseUnavailable

OLDEST_POSTGRESQL = 150000
EXTENSIONS = ("btree_gist", "citext", "cube", "earthdistance", "fuzzystrmatch", "pg_trgm", "unaccent", "vector")
LEAST_FREE_GIB = 2
MOST_CLOCK_DRIFT_SECONDS = 5
FUNCTION = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION ([a-z0-9_]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: what was looked at, what was found, and how to mend it if it is wrong."""

    title: str
    found: str
    mend: str = ""

    @property
    def is_well(self) -> bool:
        return not self.mend


def examine(*, port: int = 8000) -> Iterator[Finding]:
    """Every finding in turn; those about the database come last and stop at the first that is hopeless."""
    yield python()
    yield parts()
    yield secrets()
    yield disk()
    yield static()
    yield ports(port)
    yield from load(port)
    yield letters()
    yield from database()


def python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    mend = "" if sys.version_info >= (3, 12) else "Install Python 3.12 or newer, remove .venv and run `make setup`."
    return Finding("Python", version, mend)


def parts() -> Finding:
    modules = home.PROJECT / "node_modules"
    missing = [pattern for pattern in staticfiles.PARTS if not any(modules.glob(pattern))]
    if missing:
        return Finding("front-end parts", f"{len(missing)} missing, first {missing[0]}", "Run `make setup`.")
    return Finding("front-end parts", f"{len(staticfiles.PARTS)} kinds found")


def secrets() -> Finding:
    folder = home.state_dir() / "secrets"
    files = sorted(folder.glob("*")) if folder.exists() else []
    readable = [path.name for path in (folder, *files) if path.exists() and _others_may(path)]
    if readable:
        mend = f"Run `chmod 700 {folder} && chmod 600 {folder}/*`, and change what others may have read."
        return Finding("secrets", f"open to other users: {', '.join(readable)}", mend)
    if folder.is_relative_to(home.PROJECT):
        return Finding("secrets", f"{folder} lies in the repository", "Set VENDOME_HOME to a place outside it.")
    return Finding("secrets", f"{len(files)} kept in {folder}")


def _others_may(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def disk() -> Finding:
    place = home.state_dir()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free / 2**30
    mend = "" if free >= LEAST_FREE_GIB else f"Free some space below {place}; PostgreSQL stops when the disk is full."
    return Finding("disk", f"{free:.1f} GiB free", mend)


def static() -> Finding:
    if staticfiles.is_collected():
        return Finding("static files", "collected for this release")
    return Finding("static files", "the next `vendome serve` collects them")


def ports(port: int) -> Finding:
    if serving.is_free("127.0.0.1", port):
        return Finding("port", f"{port} is free")
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as probe:
        probe.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        if b"X-Request-ID".lower() in probe.recv(4096).lower():
            return Finding("port", f"{port}: a Vendôme is served there")
    return Finding(
        "port", f"{port} is taken by another program", f"Serve on another: `vendome serve --port {port + 10}`."
    )


def load(port: int) -> Iterator[Finding]:
    """Whom the house that is served there has turned away; nothing when none is."""
    try:
        wire = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        wire.request("GET", "/health/ready", headers={"Host": settings.ALLOWED_HOSTS[0].lstrip(".")})
        told = json.loads(wire.getresponse().read())
        counts: dict[str, int] = told["turned_away"]
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return
    said = ", ".join(f"{name.lower()} {count}" for name, count in counts.items()) or "nobody"
    mend = "More is asked than one machine answers: add serving machines or processes." if told["overrun"] else ""
    yield Finding("load", f"turned away by the process that answered: {said}", mend)


def letters() -> Finding:
    mailer = environment.mailers(demo=_is_demo())["default"]
    if "smtp" not in mailer["BACKEND"]:
        return Finding("mail", "letters become files (demo)")
    options = mailer["OPTIONS"]
    try:
        backend = mail.mailers["default"]
        backend.open()
        backend.close()
    except OSError as error:
        mend = "Set VENDOME_SMTP_URL to your mail server: letters to clients and codes for signing in travel by it."
        return Finding("mail", f"{options['host']}:{options['port']}: {type(error).__name__}", mend)
    return Finding("mail", f"{options['host']}:{options['port']} answers")


def _is_demo() -> bool:
    return environment.flag("VENDOME_DEMO")


def deployment() -> Finding:
    if _is_demo() or settings.DEBUG:
        return Finding("deployment", "demo or debug: not for the public")
    issues = [issue for issue in checks.run_checks(include_deployment_checks=True) if issue.level >= checks.WARNING]
    if issues:
        return Finding("deployment", f"{issues[0].id}: {issues[0].msg}", issues[0].hint or "See Django's deploy check.")
    return Finding("deployment", "Django's deploy check finds nothing")


# -- the database --------------------------------------------------------------------------------------------


def database() -> Iterator[Finding]:
    """Version, extensions, migrations, functions, clock and worker, on whichever PostgreSQL is in use."""
    cluster = Cluster(home.state_dir()) if environment.uses_embedded_database() else None
    try:
        if cluster:
            cluster.acquire()
        connection.ensure_connection()
    except (DatabaseUnavailable, DatabaseError) as error:
        where = "the PostgreSQL that comes with Vendôme" if cluster else "DATABASE_URL"
        yield Finding("database", str(error).strip().splitlines()[0], f"Mend what {where} says, then ask again.")
        return
    try:
        yield version()
        yield extensions()
        yield clock()
        applied = migrations()
        yield applied
        if applied.is_well:
            yield functions()
            yield worker()
        yield deployment()
    except DatabaseError as error:
        yield Finding("database", f"{type(error).__name__}: {error}".splitlines()[0], "Run `vendome migrate`.")
    finally:
        connection.close()
        if cluster:
            cluster.release()


def version() -> Finding:
    connection.ensure_connection()
    number = sql.raw().info.server_version
    mend = "" if number >= OLDEST_POSTGRESQL else "Vendôme needs PostgreSQL 15 or newer: upgrade the server."
    kind = "embedded" if environment.uses_embedded_database() else "DATABASE_URL"
    return Finding("database", f"PostgreSQL {number // 10000}.{number % 10000} ({kind})", mend)


def extensions() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        there = {name for (name,) in cursor.fetchall()}
    missing = [name for name in EXTENSIONS if name not in there]
    if missing:
        mend = f"Let a superuser run: {' '.join(f'CREATE EXTENSION {name};' for name in missing)}"
        return Finding("extensions", f"missing: {', '.join(missing)}", mend)
    return Finding("extensions", f"{len(EXTENSIONS)} of {len(EXTENSIONS)}")


def clock() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        drift = abs(float(cursor.fetchone()[0]) - time.time())
    mend = "" if drift < MOST_CLOCK_DRIFT_SECONDS else "Keep both clocks true with NTP: holds end by the database's."
    return Finding("clock", f"{drift:.1f} s from the database's", mend)


def migrations() -> Finding:
    if pending := health.unapplied_migrations():
        return Finding("migrations", f"{pending} to apply", "Run `vendome migrate`.")
    return Finding("migrations", "all applied")


def functions() -> Finding:
    wanted = {name for path in sql.files() for name in FUNCTION.findall(path.read_text(encoding="utf-8"))}
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE proname = ANY(%s)", [sorted(wanted)])
        there = {name for (name,) in cursor.fetchall()}
    missing = sorted(wanted - there)
    if missing:
        return Finding("SQL functions", f"missing: {', '.join(missing[:3])}", "Run `vendome migrate`.")
    return Finding("SQL functions", f"{len(wanted)} installed")


def worker() -> Finding:
    age = health.worker_age()
    if age is None:
        return Finding("worker", "none has run yet")
    if age > health.WORKER_IS_LATE_AFTER:
        mend = "Start one: `vendome worker`, or `vendome serve --with-worker`."
        return Finding("worker", f"last seen {age.total_seconds() / 60:.0f} min ago", mend)
    return Finding("worker", f"seen {age.total_seconds():.0f} s ago")
