"""Plain values of the catalogue."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass


class MediaKind(enum.StrEnum):
    FRONT = "FRONT"
    ANGLE = "ANGLE"
    DETAIL = "DETAIL"
    TURN = "TURN"  # one frame of 24
    GLB = "GLB"


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionView:
    id: uuid.UUID
    code: str
    name: str
    year: int
    story: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """A model on a list: enough for a card with picture, name and price."""

    id: uuid.UUID
    code: str
    family: str
    collection_code: str
    name: str
    is_hero: bool
    limited_edition: int
    stone: str
    materials: tuple[str, ...]
    first_reference_id: uuid.UUID
    reference_ids: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceView:
    """One model in one material and size."""

    id: uuid.UUID
    sku: str
    material: str
    material_name: Mapping[str, str]
    size: str
    is_serialised: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    """Everything the piece page says of a model. `texts[language][topic]`."""

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
    references: tuple[ReferenceView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceLabel:
    """How a reference is named beside a quantity: in a bag, an order, a stock list."""

    id: uuid.UUID
    sku: str
    model_id: uuid.UUID
    model_code: str
    model_name: str
    collection_code: str
    family: str
    material: str
    material_name: Mapping[str, str]
    size: str
    is_serialised: bool
