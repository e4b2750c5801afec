"""Every page of the staff, asked by people who have no business with the thing: of another maison, of another place.

The URL map is walked, so a page that is added is asked too.
"""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Callable, Iterator

import pytest
from django.test import Client as Browser

from tests.api.test_leaks import rows_of
from tests.factories.everything import a_person, everything_of
from tests.factories.small_house import SmallHouse
from vendome.config.policies import endpoints
from vendome.domains.house.models import Place
from vendome.domains.people.permissions import ROLES
from vendome.kit.actors import Actor

pytestmark = pytest.mark.django_db
Visit = Callable[[Actor | None], Browser]
PARAMETER = re.compile(r"<(\w+):(\w+)>")
PAGES = sorted(
    {one.route for one in endpoints() if one.route.startswith(("salon/", "bureau/")) and "<uuid:" in one.route}
)
WORDS = {"name": "pack", "code": "paris"}


def addresses(route: str, theirs: dict[str, list[uuid.UUID]]) -> Iterator[str]:
    """The route with each of their ids under its name; any one of them where the name says nothing."""
    parts = PARAMETER.findall(route)
    values = [
        theirs.get(name, theirs["order_id"][:1]) if kind == "uuid" else [WORDS.get(name, "x")] for kind, name in parts
    ]
    for chosen in itertools.product(*values):
        address = route
        for (kind, name), value in zip(parts, chosen, strict=True):
            address = address.replace(f"<{kind}:{name}>", str(value))
        yield f"/{address}"


def test_nothing_of_another_maison_is_there(house: SmallHouse, other_house: SmallHouse, visit: Visit) -> None:
    theirs = everything_of(house)
    browser = visit(a_person(other_house, "anyone", sorted(ROLES), home=other_house.paris))
    before = rows_of(house)

    for route in PAGES:
        for address in addresses(route, theirs):
            assert browser.get(address).status_code in (403, 404, 405), address
            # A form that lacks something says so, and a list says that it finds none: they have changed nothing.
            assert browser.post(address, {"key": str(uuid.uuid4())}).status_code in (303, 403, 404, 405, 422), address

    assert rows_of(house) == before


def test_control_for_a_person_of_their_own_the_pages_are_there(house: SmallHouse, visit: Visit) -> None:
    theirs = everything_of(house)
    browser = visit(a_person(house, "anyone", sorted(ROLES), home=house.paris))
    asked = [address for route in PAGES for address in addresses(route, theirs)]

    seen = [address for address in asked if browser.get(address).status_code == 200]

    assert len(seen) > 25, seen


def test_at_another_place_nothing_moves(house: SmallHouse, visit: Visit) -> None:
    """She has every role of a boutique, in Tokyo alone; what a page would send for Paris is sent."""
    theirs = everything_of(house)
    tokyo = Place.objects.get(maison_id=house.maison.id, code="tokyo").id
    roles = ("boutique_manager", "logistics", "client_service", "stock_controller")
    browser = visit(a_person(house, "anyone", roles, home=tokyo, place=tokyo))
    before = rows_of(house)

    for route in PAGES:
        for address in addresses(route, theirs):
            if not OF_THE_HOUSE.match(route):
                browser.post(address, {**SENT, "key": str(uuid.uuid4())})

    after = rows_of(house)
    assert [name for name in after if after[name] != before[name]] == []


SENT = {
    "reason": "because", "note": "because", "step": "LEAVES", "act": "up", "condition": "AS_SOLD", "tender": "CASH",
    "quantity": "1", "resolution": "CANCELLED", "answer": "ACCEPTED", "reference": "R-1", "proof": "IDENTITY_SEEN",
    "decision": "pay_restock", "seal": "SEAL-1",
}  # fmt: skip
"""What the forms of these pages ask for, so that a refusal is one of rights."""
OF_THE_HOUSE = re.compile(r"salon/(clients|find|returns|transfers/ask)/|bureau/orders/<uuid:order_id>/return/")
"""Clients, what stands where, and any order that comes back are the whole house's (glossary: return)."""
