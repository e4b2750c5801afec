"""The command `vendome`: lends commands the database that comes with it, and says plainly what is wrong."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import nullcontext
from types import FrameType

from vendome.config import home
from vendome.config.environment import SettingError, uses_embedded_database
from vendome.config.steps import step
from vendome.kit.embedded import Cluster, DatabaseUnavailable

COMMANDS = {
    "demo": "open Maison Vermeil on this machine: set up, fill, serve",
    "serve": "serve a house: pages, API and live updates",
    "worker": "do the work that happens behind the pages",
    "migrate": "bring the database to this release",
    "import": "read a house's history from files exported elsewhere",
    "doctor": "say what is wrong with this installation and how to mend it",
    "bench": "measure the hot paths on this machine",
    "audit": "verify the audit log's chain",
    "backup": "keep a copy that is never behind, and every change since",
    "restore": "put back what backup kept",
    "dump": "write the whole database to a file",
    "load": "read a file written by dump into an empty database",
}
WITHOUT_DATABASE = frozenset({"collectstatic", "compilemessages", "makemessages", "findstatic", "doctor", "restore"})
WRONG_SETTING = 2
NOT_ALLOWED = "42501"


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end with its code; a wrong setting ends with its sentence and code 2."""
    arguments = sys.argv[1:] if arguments is None else arguments
    command = arguments[0] if arguments else "help"
    if command in {"help", "-h", "--help"} and len(arguments) < 2:
        print(usage())
        return
    if command in {"version", "--version"}:
        from vendome import __version__

        print(f"Vendôme {__version__}")
        return
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs start with it ignored
    try:
        sys.exit(_run(command, arguments))
    except SettingError as error:
        print(error, file=sys.stderr)
        sys.exit(WRONG_SETTING)
    except DatabaseUnavailable as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def usage() -> str:
    lines = ["Vendôme runs a luxury house across all its channels.", "", "  vendome COMMAND [--help]", ""]
    lines += [f"  {name:9} {purpose}" for name, purpose in COMMANDS.items()]
    lines += ["", "Every command of Django works too: vendome shell, vendome dbshell, vendome check …"]
    return "\n".join(lines)


def _run(command: str, arguments: list[str]) -> int:
    if command == "demo":
        os.environ["VENDOME_DEMO"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vendome.config.settings")
    _read_settings()
    asks_for_help = bool({"-h", "--help"} & set(arguments))
    needs_cluster = command not in WITHOUT_DATABASE and not asks_for_help and uses_embedded_database()
    cluster = Cluster(home.state_dir()) if needs_cluster else None
    if cluster:
        with step("PostgreSQL") if command == "demo" else nullcontext():
            cluster.acquire()
    try:
        return _execute(arguments)
    finally:
        if cluster:
            _hold_signals()
            cluster.release()


def _read_settings() -> None:
    """Settings are read when first touched; do it here, where a wrong one becomes a sentence."""
    from django.conf import settings

    assert settings.INSTALLED_APPS


def _execute(arguments: list[str]) -> int:
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, ProgrammingError, connections

    try:
        execute_from_command_line(["vendome", *arguments])
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", "") != NOT_ALLOWED:
            raise
        words = str(error).splitlines()[0]
        print(f"The database refuses: {words}. `vendome doctor` prints what a superuser has to do.", file=sys.stderr)
        return 1
    except OperationalError as error:
        if uses_embedded_database():
            raise
        print(f"The database of DATABASE_URL cannot be used: {str(error).strip()}", file=sys.stderr)
        return 1
    finally:
        connections.close_all()
    return 0


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _hold_signals() -> None:
    """Putting the database to bed takes a moment; a second Ctrl-C must not leave it running."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
