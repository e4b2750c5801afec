"""Reads of the payments domain."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from vendome.domains.payments.models import Payment
from vendome.domains.payments.types import PaymentRow, PaymentState, Tender
from vendome.domains.people import permissions
from vendome.kit.actors import Actor


def list_payments(*, actor: Actor, order_id: uuid.UUID) -> tuple[PaymentRow, ...]:
    """The tenders of an order the caller has been shown, oldest first."""
    actor.require(permissions.ORDERS_VIEW)
    return _rows(Payment.objects.filter(order_id=order_id, order__maison_id=actor.in_maison))


def list_own_payments(*, order_id: uuid.UUID) -> tuple[PaymentRow, ...]:
    """The tenders of a client's own order; the caller has shown that it is hers."""
    return _rows(Payment.objects.filter(order_id=order_id))


def _rows(rows: QuerySet[Payment]) -> tuple[PaymentRow, ...]:
    return tuple(
        PaymentRow(
            id=row.id,
            tender=Tender(row.tender),
            provider=row.provider,
            provider_reference=row.provider_reference,
            amount=row.amount,
            currency=row.currency,
            state=PaymentState(row.state),
            requested_at=row.requested_at,
            settled_at=row.settled_at,
            is_refund=row.refund_of_id is not None,
        )
        for row in rows.order_by("requested_at", "id")
    )
