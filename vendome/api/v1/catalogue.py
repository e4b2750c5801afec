"""The collection: models, references and what they cost in each market."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import Field

from vendome.api import access, remembered
from vendome.api.v1.shapes import ID, OTHER_ID, PLACE_ID, example, refused
from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue import types
from vendome.domains.stock.types import Supply
from vendome.flows import availability, shop_window
from vendome.kit import clock

router = Router(tags=["Collection"], auth=None)
ON_THE_WEB = "the collection and its prices are on the web store"


class CollectionOut(Schema):
    model_config = example(id=ID, code="aurore", name="Aurore", year=1926, story={"en": "Light before the sun."})
    id: UUID
    code: str
    name: str
    year: int
    story: dict[str, str]


class PriceOut(Schema):
    """What one costs, in minor units; `tax_amount` is within it, or on top where the market excludes tax."""

    model_config = example(
        amount=820000, currency="EUR", tax_amount=136667, tax_rate_bp=2000, is_tax_included=True,
        reason="price book FR 2026",
    )  # fmt: skip
    amount: int
    currency: str
    tax_amount: int
    tax_rate_bp: int
    is_tax_included: bool
    reason: str


class ModelOut(Schema):
    """A model on a list, with the price of its first reference where it has one in this market."""

    model_config = example(
        id=ID, code="aurore-solitaire", family="rings", collection_code="aurore", name="Aurore Solitaire",
        is_hero=True, limited_edition=0, first_reference_id=OTHER_ID, reference_ids=[OTHER_ID],
        price=PriceOut.model_config["json_schema_extra"]["example"],  # type: ignore[index]  # set by `example`
    )  # fmt: skip
    id: UUID
    code: str
    family: str
    collection_code: str
    name: str
    is_hero: bool
    limited_edition: int
    first_reference_id: UUID
    reference_ids: list[UUID]
    price: PriceOut | None


class ModelPage(Schema):
    items: list[ModelOut]
    next: str | None = Field(description="Send as `after` for the next page; null on the last one.")


class PricedReferenceOut(Schema):
    """One model in one material and size."""

    model_config = example(
        id=OTHER_ID, sku="AUR-SOL-YG-52", material="YG", material_name={"en": "yellow gold", "fr": "or jaune"},
        size="52", is_serialised=True, price=PriceOut.model_config["json_schema_extra"]["example"],  # type: ignore[index]  # set by `example`
    )  # fmt: skip
    id: UUID
    sku: str
    material: str
    material_name: dict[str, str]
    size: str
    is_serialised: bool
    price: PriceOut | None


class ModelDetailOut(Schema):
    model_config = example(
        id=ID, code="aurore-solitaire", family="rings", collection={"code": "aurore", "name": "Aurore"},
        name="Aurore Solitaire", is_hero=True, is_serialised=True, limited_edition=0, stone="diamond",
        cut="brilliant", carat="0.70", dimensions="2.1 mm", size_system="EU",
        texts={"en": {"story": "A single stone."}}, references=[],
    )  # fmt: skip
    id: UUID
    code: str
    family: str
    collection: CollectionOut
    name: str
    is_hero: bool
    is_serialised: bool
    limited_edition: int
    stone: str
    cut: str
    carat: str
    dimensions: str
    size_system: str
    texts: dict[str, dict[str, str]]
    references: list[PricedReferenceOut]


class ReferenceOut(Schema):
    """How a reference is named beside a quantity."""

    model_config = example(
        id=OTHER_ID, sku="AUR-SOL-YG-52", model_id=ID, model_code="aurore-solitaire",
        model_name="Aurore Solitaire", family="rings", material="YG", material_name={"en": "yellow gold"},
        size="52", is_serialised=True,
    )  # fmt: skip
    id: UUID
    sku: str
    model_id: UUID
    model_code: str
    model_name: str
    family: str
    material: str
    material_name: dict[str, str]
    size: str
    is_serialised: bool


class PlaceSupplyOut(Schema):
    model_config = example(place_id=PLACE_ID, supply="LAST")
    place_id: UUID
    supply: Supply


class SupplyOut(Schema):
    """What a client may be told: a word for each visible place, never a quantity."""

    model_config = example(reference_id=OTHER_ID, places=[{"place_id": PLACE_ID, "supply": "LAST"}])
    reference_id: UUID
    places: list[PlaceSupplyOut]


Market = Annotated[str, Query(min_length=2, max_length=8, description="Code of the market whose prices are asked.")]


@router.get("/collections", response={200: list[CollectionOut], **refused(404)}, summary="List collections")
@access.anyone(reason=ON_THE_WEB)
def list_collections(request: access.ApiRequest) -> tuple[types.CollectionView, ...]:
    """The collections of the house, in the order it shows them."""
    return catalogue.list_collections(maison_id=remembered.maison(request.actor).id)


@router.get("/models", response={200: ModelPage, **refused(404, 422)}, summary="List models with their prices")
@access.anyone(reason=ON_THE_WEB)
def list_models(
    request: access.ApiRequest,
    market: Market,
    family: str = "",
    collection: str = "",
    search: str = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    after: str = "",
) -> shop_window.ModelPage:
    """Published models, in the order the house shows them, each with its price in the market."""
    maison = remembered.maison(request.actor)
    return shop_window.list_models(
        maison_id=maison.id,
        market_id=remembered.market(maison.id, market.upper()).id,
        family=family,
        collection=collection,
        search=search,
        after=after,
        limit=limit,
        day=clock.now().date(),
    )


@router.get("/models/{code}", response={200: ModelDetailOut, **refused(404, 422)}, summary="Get a model")
@access.anyone(reason=ON_THE_WEB)
def get_model(request: access.ApiRequest, code: str, market: Market) -> shop_window.PricedModel:
    """One model with its words in every language and its references, each with its price in the market."""
    maison = remembered.maison(request.actor)
    return shop_window.get_model(
        maison_id=maison.id,
        market_id=remembered.market(maison.id, market.upper()).id,
        code=code,
        day=clock.now().date(),
    )


@router.get("/references", response={200: list[ReferenceOut], **refused(404, 422)}, summary="Find references")
@access.anyone(reason=ON_THE_WEB)
def find_references(
    request: access.ApiRequest,
    q: Annotated[str, Query(min_length=2, max_length=80, description="A SKU, or part of a model's name.")],
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> tuple[types.ReferenceLabel, ...]:
    """By SKU exactly, else by part of the model's name: what is typed or scanned at a till."""
    return catalogue.find_references(maison_id=remembered.maison(request.actor).id, text=q, limit=limit)


@router.get(
    "/references/{uuid:reference_id}/supply",
    response={200: SupplyOut, **refused(404)},
    summary="Where a client can find a reference",
)
@access.anyone(reason="the piece page tells every visitor the same words")
def get_supply(request: access.ApiRequest, reference_id: UUID) -> SupplyOut:
    """AVAILABLE, LAST or NONE for each visible place."""
    rows = availability.list_supply(maison_id=remembered.maison(request.actor).id, reference_id=reference_id)
    places = [PlaceSupplyOut(place_id=UUID(place), supply=Supply(word)) for place, word in rows]
    return SupplyOut(reference_id=reference_id, places=places)
