"""Tables of the payments domain."""

from __future__ import annotations

import enum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from vendome.domains.payments import types
from vendome.domains.payments.types import PaymentState, Tender
from vendome.kit.rows import Row


def _codes(codes: type[enum.StrEnum]) -> list[tuple[str, str]]:
    return [(one.value, one.name) for one in codes]


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
    gift_card = models.ForeignKey("payments.GiftCard", on_delete=models.PROTECT, null=True, related_name="+")
    method = models.TextField(blank=True, default="", db_default="")  # what the provider may charge again without her

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
            models.CheckConstraint(
                condition=Q(tender__in=["GIFT_CARD", "CREDIT_NOTE"], gift_card__isnull=False)
                | (~Q(tender__in=["GIFT_CARD", "CREDIT_NOTE"]) & Q(gift_card=None)),
                name="gift_card_tender_names_its_card",
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


class GiftCard(Row):
    """Money a house owes to whoever holds the code: a gift card, or the credit note of a return.

    The code is shown once; here is its keyed hash.
    """

    kind = models.CharField(max_length=12, choices=_codes(types.CardKind), default="GIFT_CARD", db_default="GIFT_CARD")
    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    code_hash = models.BinaryField(unique=True)
    ending = models.CharField(max_length=4)
    currency = models.CharField(max_length=3)
    face_amount = models.BigIntegerField()
    balance = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=_codes(types.CardState))
    issued_at = models.DateTimeField()
    issued_by = models.TextField()
    order_id = models.UUIDField(null=True)  # the sale that paid for it, or the document that gave it
    expires_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(balance__gte=0), name="gift_card_never_overspent"),
            models.CheckConstraint(
                condition=Q(face_amount__gt=0, balance__lte=F("face_amount")), name="gift_card_within_its_face"
            ),
        ]


class GiftCardEntry(models.Model):
    """One change of one card's balance. Never changed, never deleted."""

    id = models.UUIDField(primary_key=True, editable=False)
    card = models.ForeignKey(GiftCard, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    amount = models.BigIntegerField()
    balance_after = models.BigIntegerField()
    reason = models.TextField()
    payment_id = models.UUIDField(null=True)
    order_id = models.UUIDField(null=True)
    actor = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="gift_card_entry_of_something"),
            models.UniqueConstraint(
                fields=["card", "payment_id"], condition=Q(payment_id__isnull=False), name="gift_card_payment_once"
            ),
        ]


class CodeAttempt(models.Model):
    """Wrong codes of one visitor in one ten minutes; too many, and she has to wait."""

    pk = models.CompositePrimaryKey("scope", "window_at")
    scope = models.TextField()
    window_at = models.DateTimeField()
    failures = models.IntegerField()


class PayLink(Row):
    """An address at which one tender can be paid, once, until it expires."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="+")
    token_hash = models.BinaryField(unique=True)
    state = models.CharField(max_length=6, choices=_codes(types.LinkState))
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.TextField()
    opened_at = models.DateTimeField(null=True)
    page_url = models.TextField(blank=True, default="", db_default="")
    page_reference = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment"], condition=Q(state="OPEN"), name="one_open_link_per_payment"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="link_ends_after_it_begins"),
        ]


class Instalment(Row):
    """One rate of a plan. The first is paid with the order; a job charges the others when they fall due."""

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    position = models.SmallIntegerField()
    due_date = models.DateField()
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=9, choices=_codes(types.InstalmentState))
    attempts = models.SmallIntegerField(default=0, db_default=0)
    next_at = models.DateTimeField(null=True)
    last_failure = models.TextField(blank=True, default="", db_default="")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="instalment_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="instalment_above_zero"),
            models.CheckConstraint(
                condition=~Q(state="PAID") | Q(payment__isnull=False), name="paid_instalment_names_its_payment"
            ),
        ]
        indexes = [models.Index(fields=["next_at"], condition=Q(state="DUE"), name="instalments_due")]


class MarketOffer(Row):
    """Which ways to pay a market offers beside the card, on which terms, from which day. Never changed, never deleted.

    Of those that have begun the one that began last stands; of two of one day the one written last.
    """

    market = models.ForeignKey("house.Market", on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.IntegerField(default=1, db_default=1)
    from_date = models.DateField(null=True)  # without one: from ever
    at = models.DateTimeField(null=True)
    actor = models.TextField(default="", db_default="")
    note = models.TextField(default="", db_default="")  # what was changed, and why
    is_transfer_offered = models.BooleanField(default=False)
    transfer_days = models.SmallIntegerField(default=7)
    transfer_account = ArrayField(models.TextField(), default=list)
    instalment_counts = ArrayField(models.SmallIntegerField(), default=list)
    instalments_from_amount = models.BigIntegerField(default=0)
    deposit_bp = models.IntegerField(default=3000)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["market", "number"], name="market_offer_once"),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(note="") & ~Q(from_date=None), name="market_offer_says_what_and_when"
            ),
            models.CheckConstraint(condition=Q(deposit_bp__gt=0, deposit_bp__lt=10_000), name="deposit_is_a_part"),
            models.CheckConstraint(condition=Q(transfer_days__gte=1, transfer_days__lte=30), name="transfer_days_sane"),
        ]


class ProviderEvent(models.Model):
    """What a provider told us, by its own id, once. Never changed, never deleted."""

    pk = models.CompositePrimaryKey("provider", "event_id")
    provider = models.TextField()
    event_id = models.TextField()
    kind = models.TextField()
    received_at = models.DateTimeField()
    payment_id = models.UUIDField(null=True)
    outcome = models.TextField()  # SETTLED, NOTED, or the code of what was wrong with it


class Dispute(Row):
    """A client's bank takes a payment back until somebody has decided."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="+")
    provider_reference = models.TextField(unique=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.TextField()
    state = models.CharField(max_length=4, choices=_codes(types.DisputeState))
    opened_at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)


class Statement(Row):
    """A file of a provider or a bank, taken in once."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=_codes(types.StatementKind))
    source = models.TextField()
    name = models.TextField()
    digest = models.BinaryField()
    imported_at = models.DateTimeField()
    imported_by = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["maison", "digest"], name="statement_taken_in_once")]


class StatementLine(Row):
    """One movement of money as a provider or bank saw it, and what of ours it is."""

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lines")
    maison_id = models.UUIDField()
    source = models.TextField()
    line_reference = models.TextField()  # the statement's own id of the line
    day = models.DateField()
    kind = models.CharField(max_length=8, choices=_codes(types.LineKind))
    reference = models.TextField(blank=True)
    counterparty = models.TextField(blank=True)
    text = models.TextField(blank=True)
    amount = models.BigIntegerField()
    fee_amount = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="+")
    payout_line = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    is_settled = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["maison_id", "source", "line_reference"], name="statement_line_once"),
            models.UniqueConstraint(
                fields=["payment", "kind", "source"],
                condition=Q(payment__isnull=False, is_settled=True),
                name="payment_reconciled_once_per_source",
            ),
        ]
        indexes = [models.Index(fields=["maison_id", "day"], name="statement_lines_of_day")]


class DifferenceRecord(Row):
    """A statement and the house disagree; somebody finds out why, or time does."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    kind = models.CharField(max_length=13, choices=_codes(types.Difference))
    source = models.TextField()
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="+")
    line = models.ForeignKey(StatementLine, on_delete=models.PROTECT, null=True, related_name="+")
    expected_amount = models.BigIntegerField(null=True)
    found_amount = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    is_open = models.BooleanField(default=True)
    resolution = models.TextField(blank=True, default="")
    resolved_by = models.TextField(blank=True, default="")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["maison", "kind", "source", "payment", "line"],
                condition=Q(is_open=True),
                name="difference_open_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(is_open=True, resolved_at=None) | Q(is_open=False, resolved_at__isnull=False),
                name="resolved_difference_says_when",
            ),
        ]
