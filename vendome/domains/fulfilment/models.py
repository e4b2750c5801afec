"""Tables of fulfilment."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from vendome.kit.rows import Row


class HandOver(Row):
    """A line given to the client: who gave it, where, and how she was known. Never changed, never deleted."""

    order_line = models.OneToOneField("orders.OrderLine", on_delete=models.PROTECT, related_name="+")
    piece = models.ForeignKey("stock.Piece", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    actor = models.TextField()
    proof = models.TextField()  # IDENTITY_SEEN, ORDER_CODE, KNOWN_TO_ADVISOR, CARRIER
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(proof=""), name="hand_over_names_its_proof")]


class Parcel(Row):
    """What travels to a client's home."""

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    origin = models.ForeignKey("house.Place", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12)  # PREPARING, DISPATCHED, DELIVERED
    address = ArrayField(models.TextField())
    promised_date = models.DateField()
    dispatched_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "origin"], name="one_parcel_per_order_and_origin"),
            models.CheckConstraint(
                condition=Q(state__in=["PREPARING", "DISPATCHED", "DELIVERED"]), name="parcel_state_known"
            ),
        ]
