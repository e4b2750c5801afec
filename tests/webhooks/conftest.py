"""A house whose webhooks go to loopback, and programs that may manage them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from django.test import override_settings

from tests.factories.receiver import Receiver, receiver
from tests.factories.small_house import SmallHouse
from vendome.connectors.webhooks.sending import Sender
from vendome.domains.people.permissions import ROLES
from vendome.domains.webhooks.services import endpoints
from vendome.kit import outbox
from vendome.kit.actors import EVERYWHERE, Actor, ActorKind


@pytest.fixture
def controller(house: SmallHouse) -> Actor:
    """A stock controller of the whole house."""
    return manager_of(house)


def manager_of(house: SmallHouse) -> Actor:
    return Actor(
        kind=ActorKind.APP,
        id=house.director.id,
        maison_id=house.maison.id,
        permissions=dict.fromkeys(ROLES["stock_controller"], EVERYWHERE),
    )


@pytest.fixture
def local() -> Iterator[None]:
    """As in the demo: http and this machine are allowed."""
    with override_settings(DEMO=True):
        yield


@pytest.fixture
def erp(local: None) -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def sender() -> Iterator[Sender]:
    found = Sender(deadline=2)
    yield found
    found.stop()


@pytest.fixture
def send(sender: Sender) -> Callable[[], None]:
    """Deliver what is in the outbox and send what is due, until nothing is under way."""

    def until_idle() -> None:
        outbox.deliver_all()
        until = time.monotonic() + 10
        while (sender.feed() or not sender.is_idle()) and time.monotonic() < until:
            time.sleep(0.01)

    return until_idle


@pytest.fixture
def register(house: SmallHouse, controller: Actor) -> Callable[..., tuple]:
    """`register(url, "orders.order_placed")` answers the endpoint's id and its secret."""

    def make(url: str, *kinds: str) -> tuple:
        from tests.factories.small_house import NOW

        made = endpoints.register(key=f"register {url}", url=url, kinds=kinds, actor=controller, at=NOW)
        return made.id, made.secret

    return make
