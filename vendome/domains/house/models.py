"""Tables of the house domain."""

from __future__ import annotations

import uuid
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from vendome.domains.house.types import ChannelKind, PlaceKind
from vendome.kit.rows import Row

HOUSE_OWNED = "HOUSE"


class Maison(Row):
    code = models.SlugField(unique=True)
    name = models.TextField()
    default_language = models.CharField(max_length=8, default="en")


class Market(Row):
    """A country, its currency and its tax. Prices of a market include tax or not, all alike."""

    maison = models.ForeignKey(Maison, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=8)
    country = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    languages = ArrayField(models.CharField(max_length=8))
    tax_name = models.TextField(blank=True)
    tax_rate_bp = models.IntegerField()
    tax_included = models.BooleanField()
    delivery_days = models.SmallIntegerField(default=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["maison", "code"], name="market_code_once"),
            models.CheckConstraint(
                condition=Q(tax_rate_bp__gte=0, tax_rate_bp__lt=10_000), name="market_tax_rate_sane"
            ),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="market_currency_iso"),
        ]


class PlaceQuerySet(models.QuerySet["Place"]):
    def of(self, maison_id: uuid.UUID) -> Self:
        return self.filter(maison_id=maison_id)

    def public(self) -> Self:
        return self.filter(is_visible=True)


class Place(Row):
    """Where pieces can be. Four switches say what clients may do with it; `owner` says whose it is."""

    maison = models.ForeignKey(Maison, on_delete=models.PROTECT, related_name="+")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    code = models.SlugField()
    kind = models.CharField(max_length=16, choices=[(k.value, k.name) for k in PlaceKind])
    name = models.TextField()
    city = models.TextField()
    country = models.CharField(max_length=2)
    region = models.CharField(max_length=16)
    timezone = models.TextField()
    address = ArrayField(models.TextField(), default=list)
    postcode = models.TextField(blank=True)
    phone = models.TextField(blank=True)
    languages = ArrayField(models.CharField(max_length=8), default=list)
    hours = models.JSONField(default=dict)
    story = models.JSONField(default=dict)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    is_visible = models.BooleanField(default=False)
    sells_online = models.BooleanField(default=False)
    offers_collection = models.BooleanField(default=False)
    ships = models.BooleanField(default=False)
    owner = models.TextField(default=HOUSE_OWNED)
    position = models.IntegerField(default=0)
    objects = PlaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["maison", "code"], name="place_code_once"),
            models.CheckConstraint(
                condition=~Q(kind=PlaceKind.PARTNER_DOOR) | ~Q(owner=HOUSE_OWNED), name="partner_door_names_its_owner"
            ),
            models.CheckConstraint(
                condition=Q(owner=HOUSE_OWNED) | Q(sells_online=False, ships=False),
                name="partner_stock_never_sold_online_by_default",
            ),
        ]


class Channel(Row):
    maison = models.ForeignKey(Maison, on_delete=models.PROTECT, related_name="+")
    code = models.SlugField()
    kind = models.CharField(max_length=16, choices=[(k.value, k.name) for k in ChannelKind])
    name = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["maison", "code"], name="channel_code_once")]
