"""Reads of the catalogue. It is public: every query is open to everybody."""

from __future__ import annotations

import uuid
from collections.abc import Collection as CollectionOf

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, Func, Q, TextField, Value
from django.db.models.functions import Cast
from django.db.models.lookups import Contains

from vendome.domains.catalogue.models import Collection, Model, Reference
from vendome.domains.catalogue.types import CollectionView, ModelRow, ModelView, ReferenceLabel, ReferenceView
from vendome.kit.errors import NotFound


def list_collections(*, maison_id: uuid.UUID) -> tuple[CollectionView, ...]:
    return tuple(
        _collection(row) for row in Collection.objects.filter(maison_id=maison_id).order_by("position", "code")
    )


def list_models(
    *, maison_id: uuid.UUID, family: str = "", collection: str = "", only_heroes: bool = False, search: str = ""
) -> tuple[ModelRow, ...]:
    """Published models, in the order the house shows them."""
    rows = Model.objects.filter(maison_id=maison_id, is_published=True)
    if family:
        rows = rows.filter(family=family)
    if collection:
        rows = rows.filter(collection__code=collection)
    if only_heroes:
        rows = rows.filter(is_hero=True)
    if search:
        rows = rows.filter(_named("name", search))
    columns = rows.annotate(
        references_=ArrayAgg("references__id", order_by=["references__position", "references__sku"]),
        materials_=ArrayAgg("references__material", distinct=True),
    ).values_list(
        "id",
        "code",
        "family",
        "collection__code",
        "name",
        "is_hero",
        "limited_edition",
        "stone",
        "materials_",
        "references_",
    )
    return tuple(
        ModelRow(
            id=id_,
            code=code,
            family=fam,
            collection_code=col,
            name=name,
            is_hero=hero,
            limited_edition=limited,
            stone=stone,
            materials=tuple(materials),
            first_reference_id=references[0],
            reference_ids=tuple(references),
        )
        for id_, code, fam, col, name, hero, limited, stone, materials, references in columns.order_by(
            "position", "code"
        )
        if references[0] is not None
    )


def get_model(*, maison_id: uuid.UUID, code: str) -> ModelView:
    """Raises NotFound."""
    row = Model.objects.select_related("collection").filter(maison_id=maison_id, code=code, is_published=True).first()
    if row is None:
        raise NotFound()
    references = row.references.order_by("position", "sku")
    return ModelView(
        id=row.id,
        code=row.code,
        family=row.family,
        collection=_collection(row.collection),
        name=row.name,
        is_hero=row.is_hero,
        is_serialised=row.is_serialised,
        limited_edition=row.limited_edition,
        stone=row.stone,
        cut=row.cut,
        carat=str(row.carat) if row.carat else "",
        dimensions=row.dimensions,
        size_system=row.size_system,
        texts=row.texts,
        references=tuple(
            ReferenceView(
                id=one.id,
                sku=one.sku,
                material=one.material,
                material_name=one.material_name,
                size=one.size,
                is_serialised=one.is_serialised,
            )
            for one in references
        ),
    )


def label_references(
    *, ids: CollectionOf[uuid.UUID], maison_id: uuid.UUID | None = None
) -> dict[uuid.UUID, ReferenceLabel]:
    """Names and pictures for a set of references, in one statement; with a maison, only of those that are its own."""
    rows = Reference.objects.filter(id__in=ids).select_related("model__collection")
    if maison_id is not None:
        rows = rows.filter(maison_id=maison_id)
    return {row.id: _label(row) for row in rows}


def find_references(*, maison_id: uuid.UUID, text: str, limit: int = 20) -> tuple[ReferenceLabel, ...]:
    """By SKU or by part of the model's name; what an advisor types or scans at the till."""
    rows = Reference.objects.filter(maison_id=maison_id).select_related("model__collection")
    exact = rows.filter(sku__iexact=text).order_by("sku")[:limit]
    found = list(exact) or list(
        rows.filter(_named("model__name", text)).order_by("model__position", "position", "sku")[:limit]
    )
    return tuple(_label(row) for row in found)


def search_references(*, maison_id: uuid.UUID, text: str, limit: int = 200) -> tuple[ReferenceLabel, ...]:
    """Every word names something of it: part of its model's name, SKU or material in any language, or just its size."""
    rows = Reference.objects.filter(maison_id=maison_id).select_related("model__collection")
    rows = rows.annotate(materials=Cast("material_name", TextField()))
    for word in text.split()[:8]:
        rows = rows.filter(
            _named("model__name", word) | Q(sku__icontains=word) | _named("materials", word) | Q(size__iexact=word)
        )
    return tuple(_label(row) for row in rows.order_by("model__position", "position", "sku")[:limit])


def _named(field: str, text: str) -> Q:
    """Whether a name holds a text, whatever the case and the accents."""
    return Q(Contains(Func(F(field), function="vendome_fold"), Func(Value(text.strip()), function="vendome_fold")))


def _label(row: Reference) -> ReferenceLabel:
    return ReferenceLabel(
        id=row.id,
        sku=row.sku,
        model_id=row.model.id,
        model_code=row.model.code,
        model_name=row.model.name,
        collection_code=row.model.collection.code,
        family=row.model.family,
        material=row.material,
        material_name=row.material_name,
        size=row.size,
        is_serialised=row.is_serialised,
    )


def _collection(row: Collection) -> CollectionView:
    return CollectionView(id=row.id, code=row.code, name=row.name, year=row.year, story=row.story)
