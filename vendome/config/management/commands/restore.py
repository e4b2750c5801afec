"""`vendome restore FOLDER`: put back what `vendome backup` kept, to the last change."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vendome.config import environment, home
from vendome.kit.backups import Backup
from vendome.kit.embedded import Cluster, DatabaseUnavailable


class Command(BaseCommand):
    help = "Put the newest copy in FOLDER, and every change since, where the lost database was."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        if not environment.uses_embedded_database():
            raise CommandError("DATABASE_URL names a server of yours: restore it with its own tools.")
        started = time.monotonic()
        try:
            size = Backup(Cluster(home.state_dir()), options["folder"]).restore()
        except DatabaseUnavailable as error:
            raise CommandError(str(error)) from error
        seconds = time.monotonic() - started
        self.stdout.write(
            f"{size / 2**20:,.0f} MiB are back after {seconds:.1f} s. Compare the books: vendome check_books"
        )
