"""Tables of the house domain."""

from __future__ import annotations

import uuid
from datetime import time
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import Func, Q, Value

from vendome.domains.house.types import AGREED_MODES, ChannelKind, PlaceKind
from vendome.kit.rows import Row

HOUSE_OWNED = "HOUSE"


class Maison(Row):
    code = models.SlugField(unique=True)
    name = models.TextField()
    default_language = models.CharField(max_length=8, default="en")
    unpaid_orders = models.SmallIntegerField(
        default=5, db_default=5
    )  # how many a client may leave unpaid online at once

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(unpaid_orders__gte=1), name="some_orders_may_wait_for_their_payment")
        ]


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
    cut_off = models.TimeField(default=time(14), db_default=time(14))  # what is asked for later leaves a day later
    preparation_days = models.SmallIntegerField(default=0, db_default=0)  # working days before it can leave or be ready
    closed_dates = ArrayField(models.DateField(), default=list, db_default=[])  # holidays; weekdays are in `hours`
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
            models.CheckConstraint(
                condition=Q(preparation_days__gte=0, preparation_days__lte=30), name="place_preparation_sane"
            ),
        ]


class Channel(Row):
    maison = models.ForeignKey(Maison, on_delete=models.PROTECT, related_name="+")
    code = models.SlugField()
    kind = models.CharField(max_length=16, choices=[(k.value, k.name) for k in ChannelKind])
    name = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["maison", "code"], name="channel_code_once")]


class PartnerAgreement(Row):
    """What of a partner's stock may be promised by the house, and how it may be received. Without one: nothing."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)
    modes = ArrayField(models.CharField(max_length=12))
    during = DateRangeField()
    paper = models.TextField()  # the contract it stands in
    noted_by = models.TextField()
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_agreement_at_a_time",
                expressions=[("place", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(modes__len__gte=1, modes__contained_by=list(AGREED_MODES)), name="agreement_names_its_modes"
            ),
            models.CheckConstraint(condition=~Q(paper=""), name="agreement_names_its_paper"),
        ]


class Lane(Row):
    """How long a carrier takes from one market to another, and on which weekdays it moves (1 Monday … 7 Sunday).

    It is asked for what leaves within its dates; without a date from ever, or without end.
    """

    maison = models.ForeignKey(Maison, on_delete=models.PROTECT, related_name="+", db_index=False)
    origin = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+", db_index=False)
    destination = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+", db_index=False)
    carrier = models.TextField()
    days = models.SmallIntegerField()
    runs_on = ArrayField(models.SmallIntegerField())
    from_date = models.DateField(null=True)
    until_date = models.DateField(null=True)  # the last day

    class Meta:
        indexes = [models.Index(fields=["origin", "destination"], name="lane_way")]
        constraints = [
            ExclusionConstraint(
                name="one_lane_of_a_carrier_at_a_time",
                expressions=[
                    ("origin", RangeOperators.EQUAL),
                    ("destination", RangeOperators.EQUAL),
                    ("carrier", RangeOperators.EQUAL),
                    (
                        Func(
                            "from_date", "until_date", Value("[]"), function="daterange", output_field=DateRangeField()
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                condition=Q(from_date=None) | Q(until_date=None) | Q(until_date__gte=models.F("from_date")),
                name="lane_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=~Q(carrier=""), name="lane_names_its_carrier"),
            models.CheckConstraint(condition=Q(days__gte=0, days__lte=60), name="lane_days_sane"),
            models.CheckConstraint(
                condition=Q(runs_on__len__gte=1, runs_on__contained_by=[1, 2, 3, 4, 5, 6, 7]), name="lane_runs_some_day"
            ),
        ]


class LaneVersion(Row):
    """All lanes of a maison as they stood after one change. Never changed, never deleted."""

    maison = models.ForeignKey(Maison, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.IntegerField()
    at = models.DateTimeField()
    actor = models.TextField()
    note = models.TextField()  # what was changed, and why
    lanes = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["maison", "number"], name="lane_version_once"),
            models.CheckConstraint(condition=~Q(note=""), name="lane_version_says_what"),
        ]
