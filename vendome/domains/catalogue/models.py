"""Tables of the catalogue."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from vendome.kit.rows import Row

FAMILIES = ("rings", "bracelets", "necklaces", "earrings", "watches", "objects", "other")


class Collection(Row):
    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    code = models.SlugField()
    name = models.TextField()
    year = models.SmallIntegerField(default=0)
    story = models.JSONField(default=dict)
    position = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["maison", "code"], name="collection_code_once")]


class Model(Row):
    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="+")
    code = models.TextField()
    family = models.CharField(max_length=16, choices=[(name, name) for name in FAMILIES])
    name = models.TextField()
    is_hero = models.BooleanField(default=False)
    is_serialised = models.BooleanField(default=True)
    limited_edition = models.IntegerField(default=0)  # pieces ever made; 0: not limited
    stone = models.TextField(blank=True)
    cut = models.TextField(blank=True)
    carat = models.DecimalField(max_digits=7, decimal_places=2, default=0)
    dimensions = models.TextField(blank=True)
    size_system = models.TextField(blank=True)
    texts = models.JSONField(default=dict)
    position = models.IntegerField(default=0)
    is_published = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["maison", "code"], name="model_code_once"),
            models.CheckConstraint(condition=Q(family__in=FAMILIES), name="model_family_known"),
            models.CheckConstraint(condition=Q(limited_edition__gte=0), name="model_edition_not_negative"),
        ]
        indexes = [GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="model_by_name")]


class Reference(Row):
    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    model = models.ForeignKey(Model, on_delete=models.PROTECT, related_name="references")
    sku = models.TextField()
    material = models.TextField(blank=True)
    material_name = models.JSONField(default=dict)
    size = models.TextField(blank=True)
    is_serialised = models.BooleanField(default=True)
    position = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["maison", "sku"], name="reference_sku_once"),
            models.UniqueConstraint(fields=["model", "material", "size"], name="reference_one_per_material_and_size"),
        ]


class Media(Row):
    model = models.ForeignKey(Model, on_delete=models.PROTECT, related_name="media")
    kind = models.CharField(max_length=8)
    path = models.TextField()
    position = models.SmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "kind", "position"], name="media_place_taken_once")]
