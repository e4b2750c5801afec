"""Tables of pricing."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from vendome.kit.rows import Row


class PriceBook(Row):
    market = models.ForeignKey("house.Market", on_delete=models.PROTECT, related_name="+")
    name = models.TextField()
    currency = models.CharField(max_length=3)
    during = DateRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_price_book_at_a_time",
                expressions=[("market", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            )
        ]


class Price(Row):
    book = models.ForeignKey(PriceBook, on_delete=models.PROTECT, related_name="prices")
    reference = models.ForeignKey("catalogue.Reference", on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference", "book"], name="one_price_per_reference_and_book"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="price_above_zero"),
        ]
