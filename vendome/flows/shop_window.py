"""The collection as one market sees it: models and references with their prices."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import CollectionView
from vendome.domains.pricing import queries as pricing
from vendome.domains.pricing.types import PriceView
from vendome.kit.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedRow:
    """A model on a list; the price is that of its first reference, None where the market has none."""

    id: uuid.UUID
    code: str
    family: str
    collection_code: str
    name: str
    is_hero: bool
    limited_edition: int
    first_reference_id: uuid.UUID
    reference_ids: tuple[uuid.UUID, ...]
    price: PriceView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPage:
    """Some models, and the code after which the next page begins; None on the last one."""

    items: tuple[PricedRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedReference:
    id: uuid.UUID
    sku: str
    material: str
    material_name: Mapping[str, str]
    size: str
    is_serialised: bool
    price: PriceView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedModel:
    """Everything that is said of a model, with what each reference costs."""

    id: uuid.UUID
    code: str
    family: str
    collection: CollectionView
    name: str
    is_hero: bool
    is_serialised: bool
    limited_edition: int
    stone: str
    cut: str
    carat: str
    dimensions: str
    size_system: str
    texts: Mapping[str, Mapping[str, str]]
    references: tuple[PricedReference, ...]


def list_models(
    *,
    maison_id: uuid.UUID,
    market_id: uuid.UUID,
    family: str = "",
    collection: str = "",
    search: str = "",
    after: str = "",
    limit: int = 50,
    day: date,
) -> ModelPage:
    """Published models with prices, `limit` of them after the model with the code `after`. Raises BadInput."""
    models = catalogue.list_models(maison_id=maison_id, family=family, collection=collection, search=search)
    start = 0
    if after:
        codes = [model.code for model in models]
        if after not in codes:
            raise BadInput("The list has no model with the code given as `after`; begin again without it.")
        start = codes.index(after) + 1
    shown = models[start : start + limit]
    prices = pricing.list_prices(
        market_id=market_id, reference_ids=[model.first_reference_id for model in shown], day=day
    )
    return ModelPage(
        items=tuple(
            PricedRow(
                id=model.id,
                code=model.code,
                family=model.family,
                collection_code=model.collection_code,
                name=model.name,
                is_hero=model.is_hero,
                limited_edition=model.limited_edition,
                first_reference_id=model.first_reference_id,
                reference_ids=model.reference_ids,
                price=prices.get(model.first_reference_id),
            )
            for model in shown
        ),
        next=shown[-1].code if start + limit < len(models) else None,
    )


def get_model(*, maison_id: uuid.UUID, market_id: uuid.UUID, code: str, day: date) -> PricedModel:
    """One published model. Raises NotFound."""
    model = catalogue.get_model(maison_id=maison_id, code=code)
    prices = pricing.list_prices(market_id=market_id, reference_ids=[one.id for one in model.references], day=day)
    return PricedModel(
        id=model.id,
        code=model.code,
        family=model.family,
        collection=model.collection,
        name=model.name,
        is_hero=model.is_hero,
        is_serialised=model.is_serialised,
        limited_edition=model.limited_edition,
        stone=model.stone,
        cut=model.cut,
        carat=model.carat,
        dimensions=model.dimensions,
        size_system=model.size_system,
        texts=model.texts,
        references=tuple(
            PricedReference(
                id=one.id,
                sku=one.sku,
                material=one.material,
                material_name=one.material_name,
                size=one.size,
                is_serialised=one.is_serialised,
                price=prices.get(one.id),
            )
            for one in model.references
        ),
    )
