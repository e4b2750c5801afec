"""Markets and places: where the house sells, and where pieces can be."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from vendome.api import access, remembered
from vendome.api.v1.shapes import ID, PLACE_ID, example, refused
from vendome.domains.house import queries as house
from vendome.domains.house import types
from vendome.domains.people import permissions

router = Router(tags=["House"])


class MarketOut(Schema):
    """A country the house sells in. `tax_rate_bp` is in basis points: 2000 is 20 %."""

    model_config = example(
        id=ID, code="FR", country="FR", currency="EUR", languages=["fr", "en"], tax_name="TVA", tax_rate_bp=2000,
        tax_included=True, delivery_days=2,
    )  # fmt: skip
    id: UUID
    code: str
    country: str
    currency: str
    languages: list[str]
    tax_name: str
    tax_rate_bp: int
    tax_included: bool
    delivery_days: int


class PlaceOut(Schema):
    """A boutique, warehouse, atelier or partner door, with the four switches that say what clients may do there."""

    model_config = example(
        id=PLACE_ID, code="paris-vendome", kind="BOUTIQUE", name="Place Vendôme", city="Paris", country="FR",
        region="EMEA", timezone="Europe/Paris", address=["30, place Vendôme"], postcode="75001",
        phone="+33 1 99 00 12 30", languages=["fr", "en", "ja"], hours={"mon": "10:30-19:00"}, latitude=48.8675,
        longitude=2.3295, is_visible=True, sells_online=True, offers_collection=True, ships=True, owner="HOUSE",
    )  # fmt: skip
    id: UUID
    code: str
    kind: types.PlaceKind
    name: str
    city: str
    country: str
    region: str
    timezone: str
    address: list[str]
    postcode: str
    phone: str
    languages: list[str]
    hours: dict[str, str]
    latitude: float | None
    longitude: float | None
    is_visible: bool
    sells_online: bool
    offers_collection: bool
    ships: bool
    owner: str


@router.get("/markets", auth=None, response={200: list[MarketOut], **refused(404)}, summary="List markets")
@access.anyone(reason="the same countries and taxes are on the web store")
def list_markets(request: access.ApiRequest) -> tuple[types.MarketView, ...]:
    """The countries the house sells in, with currency and tax."""
    return house.list_markets(maison_id=remembered.maison(request.actor).id)


@router.get("/places", auth=None, response={200: list[PlaceOut], **refused(404, 422)}, summary="List places")
@access.anyone(reason="visible places are on the web store; the others are shown to staff and programs only")
def list_places(request: access.ApiRequest, kind: types.PlaceKind | None = None) -> tuple[types.PlaceView, ...]:
    """Boutiques and partner doors that clients may know of; staff and programs see every place."""
    return house.list_places(
        maison_id=remembered.maison(request.actor).id,
        kinds=(kind,) if kind else (),
        only_visible=not sees_all_places(request),
    )


@router.get("/places/{slug:code}", auth=None, response={200: PlaceOut, **refused(404)}, summary="Get a place")
@access.anyone(reason="visible places are on the web store; the others are shown to staff and programs only")
def get_place(request: access.ApiRequest, code: str) -> types.PlaceView:
    """One place by its code. A place that clients may not know of is not there for them."""
    return house.get_place(
        maison_id=remembered.maison(request.actor).id, code=code, only_visible=not sees_all_places(request)
    )


def sees_all_places(request: HttpRequest) -> bool:
    actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
    return bool(actor.may(permissions.STOCK_VIEW))
