"""`vendome dump FILE`: the whole database in one file, for moving and for keeping."""

from __future__ import annotations

import os
import subprocess
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vendome.config.pgtools import environment, program


class Command(BaseCommand):
    help = "Write the whole database to FILE (compressed when its name ends in .dump, plain SQL otherwise)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["file"]
        if target.exists():
            raise CommandError(f"{target} exists already; choose another name or move it away.")
        partial = target.with_name(f"{target.name}.part")
        shape = "custom" if target.suffix == ".dump" else "plain"
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # it holds personal data
        with os.fdopen(handle, "wb") as file:
            command = [program("pg_dump"), f"--format={shape}", "--no-owner", "--no-privileges", "--no-comments"]
            done = subprocess.run(command, stdout=file, env=environment(), check=False)
        if done.returncode:
            partial.unlink()
            raise CommandError("pg_dump could not write the database; its own words are above.")
        partial.rename(target)
        self.stdout.write(f"{target}: {target.stat().st_size / 2**20:.1f} MiB.")
