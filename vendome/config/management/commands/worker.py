"""`vendome worker`: the work that happens behind the pages."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from vendome.config import parent, working


class Command(BaseCommand):
    help = "Deliver events, seal the audit log, expire holds and run queued jobs, until Ctrl-C or SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--concurrency", type=int, default=2, help="queued jobs at a time (default 2)")

    def handle(self, *args: Any, **options: Any) -> None:
        parent.watch()
        working.run(concurrency=options["concurrency"])
