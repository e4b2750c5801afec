"""Tables of fulfilment."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from vendome.domains.fulfilment.types import ExceptionKind, RefusalReason, Resolution, RuleKind
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
        indexes = [models.Index(fields=["promised_date"], condition=~Q(state="DELIVERED"), name="parcel_under_way")]


class RoutingRule(Row):
    """One rule of a maison, for one channel or (empty) for all others; the first that separates two places decides."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.TextField(blank=True, default="")
    position = models.SmallIntegerField()
    kind = models.CharField(max_length=16, choices=[(k.value, k.name) for k in RuleKind])
    step = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["maison", "channel", "kind"], name="routing_rule_once"),
            models.UniqueConstraint(
                fields=["maison", "channel", "position"],
                name="routing_rules_in_one_order",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in RuleKind]), name="routing_rule_known"),
            models.CheckConstraint(condition=Q(step__gte=1, step__lte=10_000), name="routing_step_sane"),
        ]


class OrderException(Row):
    """Something of an order that waits for a person, with what it is worth; nothing is ever nowhere."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=[(k.value, k.name) for k in ExceptionKind])
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+", db_index=False)
    order_line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, null=True, related_name="+")
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(max_length=16, blank=True, default="")
    note = models.TextField(blank=True, default="")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    raised_at = models.DateTimeField()
    raised_by = models.TextField()
    owner = models.ForeignKey("people.Staff", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    waits_until = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.TextField(blank=True, default="")
    resolution = models.CharField(max_length=16, blank=True, default="")
    resolution_note = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "order_line", "parcel", "kind"],
                condition=Q(resolved_at=None),
                name="exception_open_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in ExceptionKind]), name="exception_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind=ExceptionKind.REFUSED)
                | Q(reason__in=[r.value for r in RefusalReason], order_line__isnull=False, place__isnull=False),
                name="refusal_says_why",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolution="")
                | Q(resolved_at__isnull=False, resolution__in=[r.value for r in Resolution]),
                name="exception_ends_with_a_resolution",
            ),
        ]
        indexes = [
            models.Index(fields=["maison", "raised_at"], condition=Q(resolved_at=None), name="exception_open"),
            models.Index(fields=["order"], name="exception_of_order"),
        ]
