"""`vendome load FILE`: read a file written by `vendome dump` into an empty database."""

from __future__ import annotations

import subprocess
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from vendome.config.pgtools import environment, program


class Command(BaseCommand):
    help = "Read FILE, written by `vendome dump`, into an empty database: all of it or nothing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        source: Path = options["file"]
        if not source.is_file():
            raise CommandError(f"{source} is not there.")
        if tables := connection.introspection.table_names():
            raise CommandError(
                f"The database is not empty ({len(tables)} tables); load only fills an empty one. "
                "Point DATABASE_URL or VENDOME_HOME at a new place first."
            )
        with source.open("rb") as file:
            is_archive = file.read(5) == b"PGDMP"
        if is_archive:
            name = connection.settings_dict["NAME"]
            command = [program("pg_restore"), "--single-transaction", "--no-owner", f"--dbname={name}", str(source)]
        else:
            command = [program("psql"), "--quiet", "--single-transaction", "--no-psqlrc"]
            command += ["--set=ON_ERROR_STOP=1", f"--file={source}"]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, env=environment(), check=False)
        if done.returncode:
            raise CommandError("The file could not be read; its own words are above. Nothing was changed.")
        self.stdout.write("Loaded. Run `vendome migrate` to bring it to this release.")
