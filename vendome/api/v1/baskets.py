"""The client's basket: the same one on her phone, in the boutique and at client service."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import Field

from vendome.api import access, remembered
from vendome.api.v1.files import open_file
from vendome.api.v1.shapes import ID, OTHER_ID, PLACE_ID, example, refused
from vendome.domains.orders.types import BasketView, Mode
from vendome.domains.people import permissions
from vendome.flows import shared_basket
from vendome.kit import clock

router = Router(tags=["Baskets"])
Market = Annotated[str, Query(min_length=2, max_length=8, description="Code of the market she buys in.")]


class LineIn(Schema):
    """One reference and how she will receive it. The quantity is set, not added, so a repeat changes nothing."""

    model_config = example(reference_id=ID, mode="COLLECT", place_id=PLACE_ID, quantity=1) | {"extra": "forbid"}
    reference_id: UUID
    mode: Mode
    place_id: UUID | None = None
    quantity: Annotated[int, Field(ge=1, le=20)] = 1


class BasketLineOut(Schema):
    model_config = example(id=OTHER_ID, reference_id=ID, quantity=1, mode="COLLECT", place_id=PLACE_ID)
    id: UUID
    reference_id: UUID
    quantity: int
    mode: Mode
    place_id: UUID | None


class BasketOut(Schema):
    model_config = example(
        id=ID, market_id=OTHER_ID, client_id=OTHER_ID, advisor_id=None,
        lines=[{"id": OTHER_ID, "reference_id": ID, "quantity": 1, "mode": "COLLECT", "place_id": PLACE_ID}],
    )  # fmt: skip
    id: UUID
    market_id: UUID
    client_id: UUID | None
    advisor_id: UUID | None
    lines: list[BasketLineOut]


@router.get(
    "/{uuid:client_id}/basket",
    response={200: BasketOut, **refused(401, 403, 404, 422)},
    summary="Read a client's basket",
)
@access.program(permissions.ORDERS_SELL)
def get_basket(request: access.ApiRequest, client_id: UUID, market: Market) -> BasketView:
    """Her open basket in this market; 404 when she has none."""
    open_file(request, client_id)
    maison = remembered.maison(request.actor)
    return shared_basket.get(
        market_id=remembered.market(maison.id, market.upper()).id, client_id=client_id, actor=request.actor
    )


@router.put(
    "/{uuid:client_id}/basket/lines",
    response={200: BasketOut, **refused(401, 403, 404, 409, 422, 503)},
    summary="Put a line in the basket",
)
@access.program(permissions.ORDERS_SELL)
def put_line(request: access.ApiRequest, client_id: UUID, market: Market, body: LineIn) -> BasketView:
    """Opens her basket if need be and sets one line of it. Safe to repeat."""
    open_file(request, client_id)
    maison = remembered.maison(request.actor)
    return shared_basket.put_line(
        market=remembered.market(maison.id, market.upper()),
        client_id=client_id,
        reference_id=body.reference_id,
        mode=body.mode,
        place_id=body.place_id,
        quantity=body.quantity,
        actor=request.actor,
        at=clock.now(),
    )


@router.delete(
    "/{uuid:client_id}/basket/lines/{uuid:line_id}",
    response={200: BasketOut, **refused(401, 403, 404, 409, 422, 503)},
    summary="Take a line out of the basket",
)
@access.program(permissions.ORDERS_SELL)
def take_line_out(request: access.ApiRequest, client_id: UUID, line_id: UUID, market: Market) -> BasketView:
    """Safe to repeat: a line that is gone already is not an error."""
    open_file(request, client_id)
    maison = remembered.maison(request.actor)
    return shared_basket.take_line_out(
        market_id=remembered.market(maison.id, market.upper()).id,
        client_id=client_id,
        line_id=line_id,
        actor=request.actor,
        at=clock.now(),
    )
