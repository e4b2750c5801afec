"""One basket of a client, filled from any channel: the web, an advisor, client service, a program."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.clients import queries as clients
from vendome.domains.house import queries as house
from vendome.domains.house.types import MarketView
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.services import baskets as services
from vendome.domains.orders.types import BasketView, Mode
from vendome.domains.people import permissions
from vendome.flows.types import WantedLine
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound


def get(*, market_id: uuid.UUID, client_id: uuid.UUID, actor: Actor) -> BasketView:
    """Her open basket in this market. Raises NotFound, Forbidden."""
    actor.require(permissions.ORDERS_SELL)
    clients.check_client(actor=actor, client_id=client_id)
    found = orders.find_open_basket(market_id=market_id, client_id=client_id)
    if found is None:
        raise NotFound()
    return found


@transaction.atomic
def put_line(
    *,
    market: MarketView,
    client_id: uuid.UUID,
    reference_id: uuid.UUID,
    mode: Mode,
    place_id: uuid.UUID | None,
    quantity: int,
    actor: Actor,
    at: datetime,
) -> BasketView:
    """Set one line of her basket, which is opened if need be. Safe to repeat.

    Raises NotFound, BadQuantity, ModeNotOffered, Forbidden.
    """
    actor.require(permissions.ORDERS_SELL)
    clients.check_client(actor=actor, client_id=client_id)
    label = catalogue.label_references(ids=[reference_id]).get(reference_id)
    if label is None:
        raise NotFound()
    if place_id is not None:
        house.get_place(maison_id=market.maison_id, place_id=place_id)
    basket_id = services.open_basket(maison_id=market.maison_id, market_id=market.id, client_id=client_id, at=at)
    services.put_line(
        basket_id=basket_id,
        reference_id=reference_id,
        is_serialised=label.is_serialised,
        mode=mode,
        place_id=place_id,
        quantity=quantity,
        actor=actor,
        at=at,
    )
    return get(market_id=market.id, client_id=client_id, actor=actor)


@transaction.atomic
def take_line_out(
    *, market_id: uuid.UUID, client_id: uuid.UUID, line_id: uuid.UUID, actor: Actor, at: datetime
) -> BasketView:
    """Remove one line of her basket; one that is gone already is not an error. Raises NotFound, Forbidden."""
    basket = get(market_id=market_id, client_id=client_id, actor=actor)
    services.take_line_out(basket_id=basket.id, line_id=line_id, actor=actor, at=at)
    return get(market_id=market_id, client_id=client_id, actor=actor)


def list_wanted(*, basket: BasketView) -> list[WantedLine]:
    """A basket as an order asks for it. What is kept for her is taken over by the order itself (flows_keep_to_hers)."""
    return [
        WantedLine(reference_id=line.reference_id, mode=line.mode, place_id=line.place_id, quantity=line.quantity)
        for line in basket.lines
    ]
