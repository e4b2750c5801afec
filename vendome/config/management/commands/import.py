"""`vendome import transactions`: a house's history, from files it exported elsewhere."""

# ruff: noqa: N999  # the command is called `import`; Django finds it by its file
from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vendome.connectors.transactions import importing, report
from vendome.connectors.transactions.errors import RunInTheWay, Unusable
from vendome.connectors.transactions.progress import Progress
from vendome.kit import clock
from vendome.kit.actors import Actor

UNUSABLE = 2
DISAGREES = 1


class Command(BaseCommand):
    help = "Read a house's history from files exported elsewhere (docs/howto/import-a-history.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
        ask = kinds.add_parser("transactions", help="sales and returns, from CSV, JSON Lines or Parquet")
        ask.add_argument("file", type=Path, help="the exported file")
        ask.add_argument("--mapping", type=Path, required=True, help="TOML file that says what its columns mean")
        ask.add_argument("--maison", default="", help="code of the maison (default: the only one)")
        ask.add_argument("--dry-run", action="store_true", help="do everything, report it, and undo it")
        ask.add_argument("--resume", action="store_true", help="go on where a stopped run of this file ended")
        ask.add_argument("--abandon", action="store_true", help="give up a stopped run of this source and begin anew")
        ask.add_argument("--report", type=Path, metavar="DIR", help="write reconciliation.json and refused.csv here")
        ask.add_argument(
            "--batch",
            type=int,
            default=importing.LINES_A_BATCH,
            help="lines booked in one transaction (default %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch"] < 1:
            raise CommandError("--batch must be 1 or more.", returncode=UNUSABLE)
        order = importing.Order(
            path=options["file"],
            mapping_path=options["mapping"],
            maison=options["maison"],
            is_dry_run=options["dry_run"],
            resume=options["resume"],
            abandon=options["abandon"],
            report=options["report"],
            batch=options["batch"],
            progress=Progress(sys.stderr if options["verbosity"] else None),
        )
        try:
            figures = importing.import_transactions(order, actor=Actor.system(), at=clock.now())
        except (Unusable, RunInTheWay) as error:
            order.progress.broken()
            raise CommandError(f"{error.message} Nothing was changed.", returncode=UNUSABLE) from error
        self.stdout.write(report.table(figures))
        if options["report"]:
            self.stdout.write(f"The report is in {options['report']}.")
        if not figures.agrees:
            raise CommandError(
                "The sums do not meet; the run is kept for whoever must find out why.", returncode=DISAGREES
            )
