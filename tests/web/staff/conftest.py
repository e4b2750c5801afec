"""Fixtures of the staff surfaces: a stopped clock, and a browser signed in as one of the cast."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client as Browser

from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.people.models import Account, Staff
from vendome.kit import clock
from vendome.kit.actors import Actor

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(autouse=True)
def _stopped_clock() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def visit(house: SmallHouse) -> Callable[[Actor | None], Browser]:
    """`visit(house.advisor_paris)`: a browser in which she has signed in; `visit(None)`: in which nobody has."""

    def signed_in(actor: Actor | None) -> Browser:
        browser = Browser()
        if actor is None:
            return browser
        if actor.is_staff:
            account = Account.objects.get(id=Staff.objects.values_list("account_id", flat=True).get(id=actor.id))
        else:
            account = Account.objects.create(email=f"{actor.client_id}@client.example", client_id=actor.client_id)
        browser.force_login(account, backend=BACKEND)
        return browser

    return signed_in


@pytest.fixture
def paris(house: SmallHouse, visit: Callable[[Actor | None], Browser]) -> Browser:
    """The advisor's tablet in Paris."""
    return visit(house.advisor_paris)


@pytest.fixture
def tokyo(house: SmallHouse, visit: Callable[[Actor | None], Browser]) -> Browser:
    """The tablet of the advisor in Tokyo, who has no business in Paris."""
    return visit(house.advisor_tokyo)
