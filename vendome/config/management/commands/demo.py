"""`vendome demo`: open Maison Vermeil on this machine."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from vendome.config import cast, environment, home, serving, staticfiles
from vendome.config.health import unapplied_migrations
from vendome.config.steps import step, table
from vendome.kit import sql

GENERATOR = "demo_house"


class Command(BaseCommand):
    help = "Open the demo house: fill an empty database with Maison Vermeil, then serve every surface."
    requires_system_checks: list[str] = []  # `serve` and `make check` run them; a second start should be quick

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="first port to try (default 8000)")
        parser.add_argument("--size", default="demo", help="size of the house when it is made (default demo)")
        parser.add_argument("--no-serve", action="store_true", help="only make the house ready")

    def handle(self, *args: Any, **options: Any) -> None:
        with step("Tables and SQL functions"):
            begin_again_after_a_cut()
            _bring_up_to_date()
        if _is_empty():
            with _marked_while_filling(), step("Maison Vermeil: places, pieces, clients, two years"):
                self._fill(options["size"])
        with step("Pictures, fonts and style sheets"):
            staticfiles.collect()
        if options["no_serve"]:
            return
        serving.end_on_signal()
        try:
            with step("Servers"):
                plan = serving.Plan(port=serving.free_port("127.0.0.1", options["port"]), with_worker=True)
                os.environ.setdefault("VENDOME_SITE", plan.address)  # letters lead to where the pages really are
                servers = serving.Servers(plan, database=environment.embedded_cluster()).__enter__()
            with servers:
                self.stdout.write(welcome(plan.address))
                code = servers.wait()
                raise CommandError("A server ends again and again; its own words are above.", returncode=code)
        except serving.CannotServe as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("\nMaison Vermeil is closed. Au revoir.")

    def _fill(self, size: str) -> None:
        if GENERATOR not in get_commands():
            raise CommandError(f"This installation has no `{GENERATOR}` command, so the house stays empty.")
        self.stdout.write("")
        call_command(GENERATOR, size=size)


def _bring_up_to_date() -> None:
    if unapplied_migrations():
        call_command("migrate", verbosity=0, interactive=False)
    else:
        with transaction.atomic():
            sql.install()


def _is_empty() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOT EXISTS (SELECT FROM house_maison)")
        return bool(cursor.fetchone()[0])


@contextmanager
def _marked_while_filling() -> Iterator[None]:
    """A first start that was cut short left half a house; the mark tells the next start to begin again."""
    mark = home.state_dir() / "demo-is-being-filled"
    mark.touch()
    yield
    mark.unlink()


def begin_again_after_a_cut() -> None:
    """Drop the half of a house that an interrupted first start left in the embedded database."""
    mark = home.state_dir() / "demo-is-being-filled"
    if not mark.exists() or not environment.uses_embedded_database():
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    mark.unlink()


def welcome(address: str) -> str:
    """Addresses and people, set as two small tables."""
    places = [
        ("Boutique", f"{address}/", "what a client sees; no sign-in needed"),
        ("Salon", f"{address}/salon/", "the advisor's tablet: her clients, sales, hand-overs"),
        ("Bureau", f"{address}/bureau/", "headquarters: stock, orders, money, rules"),
        ("API", f"{address}/api/v1/docs", "what programs may ask, with examples"),
        ("Gallery", f"{address}/gallery/", "the parts every page is made of"),
    ]
    people = [(person.name, person.role, person.email, person.surface) for person in cast.signins()]
    return "\n".join(
        (
            "",
            "  Maison Vermeil is open.",
            "",
            table(places),
            "",
            f"  Sign in at {address}/sign-in/ as one of these. The password is {cast.password()} for all of them.",
            "",
            table(people),
            "",
            "  New here? docs/tutorial/first-sale.md walks through a first sale in fifteen minutes.",
            f"  Letters the house would send, sign-in codes too, lie in {home.state_dir() / 'mail'}.",
            "  Ctrl-C closes the house. What you did is kept for the next start.",
            "",
        )
    )
