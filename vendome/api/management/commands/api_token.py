"""`vendome api_token`: lets a program in, and shows it the door again."""

from __future__ import annotations

import uuid
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vendome.domains.house import queries as house
from vendome.domains.people import services as people
from vendome.domains.people.permissions import ROLES
from vendome.kit import clock
from vendome.kit.actors import Actor
from vendome.kit.errors import DomainError


class Command(BaseCommand):
    help = "Create a token for a program (it is shown once), or revoke all tokens of a name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="make a token; it is printed once and kept nowhere")
        create.add_argument("name", help="which program will use it")
        create.add_argument("--roles", nargs="+", required=True, metavar="ROLE", help=", ".join(ROLES))
        create.add_argument("--maison", default="", help="code of the maison (default: the first)")
        create.add_argument(
            "--place", default="", help="code of the place where the program stands, for example a till"
        )
        create.add_argument("--days", type=int, help="how long it lasts (default: until revoked)")
        revoke = actions.add_parser("revoke", help="end every token of this name")
        revoke.add_argument("name")
        revoke.add_argument("--maison", default="", help="code of the maison (default: the first)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            maison_id = house.get_maison(code=options["maison"]).id
            actor = Actor.system(maison_id)
            if options["action"] == "revoke":
                ended = people.revoke_api_tokens(maison_id=maison_id, name=options["name"], actor=actor, at=clock.now())
                self.stdout.write(f"Revoked {ended} token{'' if ended == 1 else 's'} named {options['name']}.")
                return
            token = people.create_api_token(
                maison_id=maison_id,
                name=options["name"],
                roles=options["roles"],
                home_place_id=_place(maison_id, options["place"]),
                lasts=timedelta(days=options["days"]) if options["days"] else None,
                actor=actor,
                at=clock.now(),
            )
        except DomainError as error:
            known = error.details().get("known")
            raise CommandError(
                f"{error.message}{' Known roles: ' + ', '.join(known) + '.' if known else ''}"
            ) from error
        self.stdout.write(token)
        self.stderr.write("Keep it now: it is not shown again.")


def _place(maison_id: uuid.UUID, code: str) -> uuid.UUID | None:
    """Raises CommandError, naming the places there are."""
    if not code:
        return None
    known = {place.code: place.id for place in house.list_places(maison_id=maison_id)}
    if code not in known:
        raise CommandError(f"No place has the code {code!r}. Known places: {', '.join(sorted(known))}.")
    return known[code]
