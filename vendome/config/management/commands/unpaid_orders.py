"""`vendome unpaid_orders [MOST]`: how many orders a client may leave unpaid online at once; with a number, sets it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vendome.domains.house import queries, services
from vendome.kit import clock
from vendome.kit.actors import Actor
from vendome.kit.errors import DomainError


class Command(BaseCommand):
    help = "Show, or set, how many orders a client may leave unpaid online at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("most", nargs="?", type=int, help="the new number; without it, the present one is shown")
        parser.add_argument("--maison", default="", help="the code of the maison; without it, the first one")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            maison = queries.get_maison(code=options["maison"])
            if options["most"] is not None:
                actor = Actor.system(maison.id)
                services.set_unpaid_orders(most=options["most"], actor=actor, at=clock.now())
        except DomainError as error:
            raise CommandError(error.message) from error
        most = queries.get_unpaid_orders(maison_id=maison.id)
        self.stdout.write(f"{maison.name}: {most} unpaid web orders at once for each client.")
