"""`vendome backup FOLDER`: a whole copy now; with `--keep`, every change since as well, for as long as it runs."""

from __future__ import annotations

import subprocess
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vendome.config import environment, home
from vendome.kit.backups import Backup
from vendome.kit.embedded import Cluster, DatabaseUnavailable

PAUSE_SECONDS = 1
DAY = 86_400


class Command(BaseCommand):
    help = "Copy the database to FOLDER. With --keep, go on receiving every change until told to stop."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--keep", action="store_true", help="receive every change, and copy anew every day")
        parser.add_argument(
            "--strict",
            action="store_true",
            help="acknowledge a commit only once it is in FOLDER too; commits wait while this command is away",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not environment.uses_embedded_database():
            raise CommandError(
                "DATABASE_URL names a server of yours: keep it with its own tools (pg_basebackup, pg_receivewal, or "
                "those of who runs it). This command is for the PostgreSQL that comes along."
            )
        backup = Backup(Cluster(home.state_dir()), options["folder"])
        try:
            receiver = backup.receive(strict=options["strict"]) if options["keep"] else None
            self.stdout.write(f"{backup.copy()} is written and checked.")
            if receiver is not None:
                self._keep(backup, receiver, strict=options["strict"])
        except DatabaseUnavailable as error:
            raise CommandError(str(error)) from error

    def _keep(self, backup: Backup, receiver: subprocess.Popen[bytes], *, strict: bool) -> None:
        self.stdout.write("Receiving every change. Ctrl-C ends it.")
        copied = time.monotonic()
        try:
            while True:
                if receiver.poll() is not None:
                    receiver = backup.receive(strict=strict)
                if time.monotonic() - copied > DAY:
                    backup.copy()
                    copied = time.monotonic()
                time.sleep(PAUSE_SECONDS)
        except KeyboardInterrupt:
            self.stdout.write("Commits no longer wait for this copy.")
        finally:
            backup.leave()
            receiver.terminate()
            receiver.wait()
