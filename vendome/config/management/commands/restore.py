"""`vendome restore FOLDER`: put back what `vendome backup` kept, to the last change or to a moment."""

from __future__ import annotations

import time
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vendome.config import environment, home
from vendome.kit.backups import Backup
from vendome.kit.embedded import Cluster, DatabaseUnavailable


def _moment(text: str) -> datetime:
    """A moment with its zone. Raises ArgumentTypeError for anything else, and for one that has not come yet."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no moment; write it as 2026-11-26 09:41:07+01:00") from None
    if found.tzinfo is None:
        raise ArgumentTypeError(f"{text!r} names no zone; add +00:00 for UTC, or yours")
    if found > datetime.now(UTC):
        raise ArgumentTypeError(f"{text!r} has not come yet")
    return found


class Command(BaseCommand):
    help = "Put the newest copy in FOLDER, and every change since, where the lost database was."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--until",
            type=_moment,
            metavar="MOMENT",
            help='only what was committed up to then: "2026-11-26 09:41:07+01:00"',
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not environment.uses_embedded_database():
            raise CommandError("DATABASE_URL names a server of yours: restore it with its own tools.")
        started = time.monotonic()
        try:
            size = Backup(Cluster(home.state_dir()), options["folder"]).restore(until=options["until"])
        except DatabaseUnavailable as error:
            raise CommandError(str(error)) from error
        seconds = time.monotonic() - started
        self.stdout.write(
            f"{size / 2**20:,.0f} MiB are back after {seconds:.1f} s. Compare the books: vendome check_books"
        )
