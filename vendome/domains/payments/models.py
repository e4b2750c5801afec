"""Tables of the payments domain."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from vendome.domains.payments.types import PaymentState, Tender
from vendome.kit.rows import Row


class Payment(Row):
    """One tender of one order, through one provider."""

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    tender = models.CharField(max_length=12, choices=[(t.value, t.name) for t in Tender])
    provider = models.TextField()
    provider_reference = models.TextField(blank=True, default="", db_default="")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=12, choices=[(s.value, s.name) for s in PaymentState])
    requested_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    refund_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    refunded_amount = models.BigIntegerField(default=0, db_default=0)  # asked for or given back, of this tender

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(refunded_amount=0) | Q(refunded_amount__gt=0, refunded_amount__lte=F("amount")),
                name="refunds_within_what_was_paid",
            ),
            models.CheckConstraint(condition=Q(refund_of=None) | Q(amount__lt=0), name="refund_gives_back"),
            models.UniqueConstraint(
                fields=["provider", "provider_reference"],
                condition=~Q(provider_reference=""),
                name="provider_reference_settles_once",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="payment_of_something"),
            models.CheckConstraint(
                condition=Q(state="REQUESTED", settled_at=None) | (~Q(state="REQUESTED") & Q(settled_at__isnull=False)),
                name="payment_settles_once",
            ),
        ]


class Posting(models.Model):
    """One movement of money: from the credit account to the debit account. Never changed, never deleted.

    Two accounts and one positive amount in one row: the books cannot be out of balance.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    at = models.DateTimeField()
    maison_id = models.UUIDField()
    debit = models.TextField()
    credit = models.TextField()
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    order_id = models.UUIDField(null=True)
    payment_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="posting_above_zero"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="posting_between_two_accounts"),
        ]
        indexes = [models.Index(fields=["order_id"], name="postings_of_order")]
