"""`vendome bench`: measure the hot paths on this machine, beside pgbench running the same SQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from vendome.config import environment, home, serving
from vendome.config.benching import report, sample
from vendome.config.benching.operations import Name, operations
from vendome.config.benching.rounds import WARM_REQUESTS, CannotMeasure, Cell, Machine, measure, warm
from vendome.config.steps import step
from vendome.domains.house import queries as house
from vendome.domains.people import services as people
from vendome.kit import clock
from vendome.kit.actors import Actor

OWN_HOME = "VENDOME_BENCH_HOME"
HOPED_PER_SECOND = 6000
"""Orders a second for which the shelf is stocked beforehand, both sides together."""
SMALL_HOUSE = 10_000
TENTH = 200_000
"""Up to so many levels, a house with a tenth of the references stands for the large one (`make bench-stock`)."""


class Command(BaseCommand):
    help = (
        "Measure client card, availability and placing an order over HTTP and by pgbench in alternating rounds, "
        "in a house of the bench's own."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clients", type=int, default=1_000_000, help="clients of the house (default 1,000,000)")
        parser.add_argument("--levels", type=int, default=1_000_000, help="its stock levels (default 1,000,000)")
        parser.add_argument("--seconds", type=int, default=10, help="seconds on each side for each cell (default 10)")
        parser.add_argument("--connections", default="1,8,32", help="numbers of connections (default 1,8,32)")
        parser.add_argument("--workers", type=int, default=2, help="server processes (default 2)")
        parser.add_argument("--threads", type=int, default=3, help="threads in each process (default 3)")
        parser.add_argument(
            "--house", default="", type=slug, help="a house of the bench under this name, beside its usual one"
        )
        parser.add_argument("--only", default="", help="only operations with this in their name, such as 24")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the measurements there as well")

    def handle(self, *args: Any, **options: Any) -> None:
        if environment.uses_embedded_database() and OWN_HOME not in os.environ:
            raise SystemExit(_again_in_its_own_home(sys.argv[2:], options["house"]))
        try:
            connections = sorted({int(one) for one in options["connections"].split(",")})
        except ValueError:
            raise CommandError("--connections wants whole numbers with commas between, such as 1,8,32.") from None
        if not connections or connections[0] < 1 or connections[-1] > 90 or options["seconds"] < 1:
            raise CommandError("--connections goes from 1 to 90, --seconds from 1.")
        self._prepare_house(options["clients"], options["levels"])
        try:
            cells = self._measure(connections, options)
        except (CannotMeasure, serving.CannotServe) as error:
            raise CommandError(f"{error} What the servers said is in {home.state_dir() / 'bench.log'}.") from error
        self.stdout.write("\n" + report.as_table(cells) + "\n")
        if options["json"]:
            told = report.as_json(cells, house=_counts(), seconds=options["seconds"])
            options["json"].write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        if wrong := sum(report.errors(cell) for cell in cells):
            raise CommandError(f"{wrong} requests failed; figures with failures mean nothing.")

    def _prepare_house(self, clients: int, levels: int) -> None:
        with step("Tables and SQL functions"):
            call_command("migrate", verbosity=0, interactive=False)
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM house_maison), to_regnamespace('bench') IS NOT NULL")
            has_house, is_ours = cursor.fetchone()
            if has_house and not is_ours and not environment.uses_embedded_database():
                raise CommandError("DATABASE_URL holds a house that the bench did not make; give it an empty database.")
            cursor.execute("CREATE SCHEMA IF NOT EXISTS bench")
        if not has_house:
            # The two large sizes stand in 200 places, with 5,000 references or 500; the smallest has some 4,000 levels.
            size = "test" if levels <= SMALL_HOUSE else "bench-tenth" if levels <= TENTH else "bench"
            call_command("demo_house", size=size, clients=clients)
        with step("Vacuum, so that none begins by itself meanwhile"), connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")
            cursor.execute("CHECKPOINT")

    def _measure(self, connections: list[int], options: dict[str, Any]) -> list[Cell]:
        maison = house.get_maison()
        market = house.list_markets(maison_id=maison.id)[0]
        with step("Sample of clients, references and orders"):
            drawn = sample.draw(maison=maison.id, market=market.id, market_code=market.code)
        token = people.create_api_token(
            maison_id=maison.id,
            name="bench",
            roles=sample.ROLES,
            lasts=timedelta(days=1),
            actor=Actor.system(maison.id),
            at=clock.now(),
        )
        counts = _counts()
        self.stdout.write(
            f"  {counts['clients_client']:,} clients, {counts['orders_order']:,} orders, "
            f"{counts['stock_level']:,} stock levels over {counts['house_place']} places"
        )
        cells = []
        with server_log(home.state_dir() / "bench.log"), serving.Servers(_plan(options)) as servers:
            machine = Machine(
                host=servers.plan.host,
                port=servers.plan.port,
                servers=lambda: [process.pid for process in servers.processes],
                postmaster=_postmaster(),
            )
            for operation in (one for one in operations(drawn, token=token) if options["only"] in one.name):
                if operation.name is Name.ORDER:
                    sample.stock_up(orders=WARM_REQUESTS)
                warm(operation, machine=machine)
                for number in connections:
                    if operation.name is Name.ORDER:
                        with step("Stock for the orders"):
                            sample.stock_up(orders=HOPED_PER_SECOND * options["seconds"])
                    with step(f"{operation.name}, {number} connection{'' if number == 1 else 's'}"):
                        cells.append(
                            measure(operation, connections=number, seconds=options["seconds"], machine=machine)
                        )
        return cells


def slug(text: str) -> str:
    """A name that is safe in the name of a folder. Raises ValueError."""
    if text and not text.isalnum():
        raise ValueError(text)
    return text


def _again_in_its_own_home(arguments: list[str], name: str) -> int:
    """The bench's house is not the one people work in: run again with a state directory of its own."""
    own = home.state_dir() / (f"bench-{name}" if name else "bench")
    changed = {"VENDOME_HOME": str(own), OWN_HOME: str(own)}
    return subprocess.call([sys.executable, "-m", "vendome", "bench", *arguments], env=os.environ | changed)


@contextmanager
def server_log(path: Path) -> Iterator[None]:
    """The servers write a line for each request, as in production: into a file, kept only when the run fails."""
    own = os.dup(2)
    with path.open("wb") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(own, 2)
        os.close(own)
    path.unlink()


def _plan(options: dict[str, Any]) -> serving.Plan:
    """The shape of production: pages and API by WSGI workers, behind a proxy that ends TLS."""
    os.environ.update({"VENDOME_DEMO": "0", "VENDOME_HTTPS": "1", "VENDOME_BEHIND_PROXY": "1"})
    os.environ["VENDOME_LOG_LEVEL"] = "INFO"
    port = serving.free_port("127.0.0.1", 8600)
    return serving.Plan(
        port=port,
        live_port=serving.free_port("127.0.0.1", port + 1),
        workers=options["workers"],
        threads=options["threads"],
        split=True,
    )


def _postmaster() -> int:
    """The process whose children serve connections; 0 when the server is on another machine."""
    data = home.state_dir() / "postgres" / "postmaster.pid"
    return int(data.read_text().split()[0]) if data.exists() else 0


def _counts() -> dict[str, int]:
    tables = ("clients_client", "stock_level", "orders_order", "house_place", "catalogue_reference")
    with connection.cursor() as cursor:
        counts = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608  # names written above
            counts[table] = int(cursor.fetchone()[0])
    return counts
