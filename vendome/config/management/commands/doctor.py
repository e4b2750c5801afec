"""`vendome doctor`: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vendome.config import diagnosis


class Command(BaseCommand):
    help = "Look at everything a house needs to run; each line is well (✓) or says how to mend it (✗)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port you mean to serve on (default 8000)")

    def handle(self, *args: Any, **options: Any) -> None:
        ill = 0
        for finding in diagnosis.examine(port=options["port"]):
            self.stdout.write(f"  {'✓' if finding.is_well else '✗'} {finding.title:<18}{finding.found}")
            if not finding.is_well:
                ill += 1
                self.stdout.write(f"    {'':<18}{finding.mend}")
        if ill:
            raise CommandError(f"{ill} to mend.")
        self.stdout.write("All is well.")
