"""`vendome demo_house`: opens Maison Vermeil in an empty database."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vendome.config import home
from vendome.connectors.demo_house import allocations, loading
from vendome.connectors.demo_house.sizes import SIZES
from vendome.kit import clock
from vendome.kit.errors import DomainError

PASSWORD_LENGTH = 9
SHOWN = frozenset({"test", "demo"})
"""Sizes that somebody looks at; the bench wants a house of sales only."""


class Progress:
    """On a terminal a bar for the running step; for everybody a line per step with the seconds it took."""

    WIDTH = 24

    def __init__(self, *, is_quiet: bool) -> None:
        self.is_quiet = is_quiet
        self.step = ""
        self.since = time.monotonic()

    def __call__(self, step: str, share: float) -> None:
        if self.is_quiet:
            return
        if not step:
            self._draw(share)
            return
        self.end()
        self.step, self.since = step, time.monotonic()
        self._draw(0)

    def end(self) -> None:
        """Finish the running step."""
        if self.step and not self.is_quiet:
            clear = "\r\x1b[K" if sys.stderr.isatty() else ""
            sys.stderr.write(f"{clear}  {self.step:<52} {time.monotonic() - self.since:6.1f} s\n")
            sys.stderr.flush()
        self.step = ""

    def _draw(self, share: float) -> None:
        if sys.stderr.isatty():
            done = round(share * self.WIDTH)
            bar = "━" * done + "╌" * (self.WIDTH - done)
            sys.stderr.write(f"\r\x1b[K  {self.step:<52} {bar} {share:4.0%}")
            sys.stderr.flush()


class Command(BaseCommand):
    help = "Open the demo house, Maison Vermeil, in an empty database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--size", choices=sorted(SIZES), default="demo", help="test: 200 clients, demo: 20,000, bench: 1,000,000"
        )
        parser.add_argument("--clients", type=int, help="another number of clients")
        parser.add_argument("--seed", type=int, default=loading.SEED, help="the same seed and day give the same house")
        parser.add_argument("--today", default="", metavar="YYYY-MM-DD", help="the day up to which business is told")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            today = loading.day_of(options["today"])
        except ValueError:
            raise CommandError("--today wants a day such as 2026-11-22.") from None
        if options["clients"] is not None and options["clients"] < 50:
            raise CommandError("--clients wants at least 50.")
        report = Progress(is_quiet=options["verbosity"] == 0)
        try:
            opened = loading.load(
                size=options["size"],
                today=today,
                seed=options["seed"],
                clients=options["clients"],
                password=home.secret("demo-password", length=PASSWORD_LENGTH),
                report=report,
            )
        except DomainError as error:
            raise CommandError(error.sentence) from error
        if options["size"] in SHOWN:
            report("what is scarce, and who waits for it", 0)
            allocations.begin(at=clock.now(), seed=options["seed"])
        report.end()
        rate = opened.total_rows / max(opened.seconds, 0.001)
        self.stdout.write(
            f"Maison Vermeil is open: {opened.rows['clients_client']:,} clients, {opened.rows['orders_order']:,} "
            f"orders, {opened.rows['stock_movement']:,} movements; {opened.total_rows:,} rows in "
            f"{opened.seconds:.1f} s ({rate:,.0f} rows a second)."
        )
