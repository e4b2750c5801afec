"""The kit's tables: idempotency keys, the outbox with its deliveries, the audit log."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from vendome.kit.ids import new_id
from vendome.kit.rows import Row


class IdempotencyKey(models.Model):
    """One unsafe request: key, effect and answer commit together (hard rule 6). Money keys never expire."""

    id = models.BigAutoField(primary_key=True)
    scope = models.TextField()  # actor and endpoint
    key = models.CharField(max_length=255)
    request_hash = models.BinaryField()
    response = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_key_used_once")]


class OutboxEvent(models.Model):
    """A fact, written in the transaction that made it true; delivered at least once afterwards."""

    seq = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=new_id, unique=True, editable=False)
    kind = models.TextField()
    subject = models.TextField()
    maison_id = models.UUIDField(null=True)
    payload = models.JSONField()
    topics = ArrayField(models.TextField(), default=list)
    live = models.JSONField(null=True)  # what subscribed pages are sent; never personal data
    actor = models.TextField()
    occurred_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="", db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["seq"], condition=Q(delivered_at=None), name="outbox_undelivered"),
            models.Index(fields=["subject", "seq"], name="outbox_by_subject"),
        ]


class Inbox(models.Model):
    """A handler has done its work for an event; a second delivery finds the row and does nothing."""

    id = models.BigAutoField(primary_key=True)
    handler = models.TextField()
    event_id = models.UUIDField()
    done_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["handler", "event_id"], name="event_handled_once")]


class AuditEntry(Row):
    """Who did or read what, when and why. Appended by commands; sealed into a hash chain moments later.

    `chain_seq`, `prev_hash` and `hash` are empty until sealing fills them; nothing else may ever change.
    """

    at = models.DateTimeField()
    actor = models.TextField()
    action = models.TextField()
    subject = models.TextField()
    maison_id = models.UUIDField(null=True)
    detail = models.JSONField(default=dict)
    chain_seq = models.BigIntegerField(null=True)
    prev_hash = models.BinaryField(null=True)
    hash = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain_seq"], name="audit_one_entry_per_link"),
            models.CheckConstraint(
                condition=Q(chain_seq=None, hash=None) | Q(chain_seq__isnull=False, hash__isnull=False),
                name="audit_sealed_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["at", "id"], condition=Q(chain_seq=None), name="audit_unsealed"),
            models.Index(fields=["subject", "at"], name="audit_by_subject"),
            models.Index(fields=["actor", "at"], name="audit_by_actor"),
        ]
