"""Tables of the webhooks domain."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from vendome.domains.webhooks.types import DeliveryState, EndpointState
from vendome.kit.rows import Row


class Endpoint(Row):
    """An address of somebody else's program that is told what happens here."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    url = models.TextField()
    description = models.TextField(default="", db_default="")
    kinds = ArrayField(models.TextField(), default=list)  # empty: every public one
    state = models.CharField(max_length=8, choices=[(s.value, s.name) for s in EndpointState])
    paused_reason = models.TextField(default="", db_default="")
    secret = models.BinaryField()  # sealed
    old_secret = models.BinaryField(null=True)  # signs too, until its time has come
    old_secret_until = models.DateTimeField(null=True)
    created_by = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["maison", "url"], condition=~Q(state=EndpointState.ENDED), name="webhook_address_once"
            ),
            models.CheckConstraint(condition=Q(url__regex=r"^https?://[^ ]+$"), name="webhook_has_a_web_address"),
            models.CheckConstraint(
                condition=Q(old_secret=None, old_secret_until=None)
                | Q(old_secret__isnull=False, old_secret_until__isnull=False),
                name="webhook_old_secret_has_an_end",
            ),
        ]


class Delivery(Row):
    """One event owed to one endpoint."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="+", db_index=False)
    event_id = models.UUIDField()
    kind = models.TextField()
    subject = models.TextField()
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=[(s.value, s.name) for s in DeliveryState])
    attempts = models.IntegerField(default=0, db_default=0)
    attempts_before = models.IntegerField(default=0, db_default=0)  # made before a person sent it again
    next_try_at = models.DateTimeField(null=True)  # while it is being sent: when another worker may
    delivered_at = models.DateTimeField(null=True)
    last_status = models.IntegerField(null=True)
    last_problem = models.TextField(default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="webhook_owed_once"),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.WAITING, next_try_at__isnull=False)
                | (~Q(state=DeliveryState.WAITING) & Q(next_try_at=None)),
                name="webhook_waits_for_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.DELIVERED, delivered_at__isnull=False)
                | (~Q(state=DeliveryState.DELIVERED) & Q(delivered_at=None)),
                name="webhook_delivered_at_a_moment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "next_try_at", "id"], condition=Q(state=DeliveryState.WAITING), name="webhook_due"
            ),
            models.Index(fields=["endpoint", "id"], name="webhook_by_endpoint"),
            models.Index(fields=["event_id"], condition=~Q(state=DeliveryState.DELIVERED), name="webhook_unfinished"),
        ]


class Attempt(Row):
    """One call of an endpoint and what came of it. Appended, never changed."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.IntegerField()
    at = models.DateTimeField()
    status = models.IntegerField(null=True)
    problem = models.TextField(default="", db_default="")
    milliseconds = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="webhook_attempt_once")]


class Published(models.Model):
    """The place of a public event in the stream. Positions commit in their own order (ADR 0026)."""

    position = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    maison_id = models.UUIDField()
    kind = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["maison_id", "position"], name="stream_of_maison")]


class StreamStart(models.Model):
    """Up to which position the stream of a maison has been forgotten."""

    maison_id = models.UUIDField(primary_key=True)
    removed_position = models.BigIntegerField()
