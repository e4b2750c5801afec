"""What the money page of headquarters reads: days reconciled, differences, transfers, cards, rates, disputes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Q, QuerySet, Sum

from vendome.domains.payments.models import DifferenceRecord, Dispute, GiftCard, Instalment, Payment, StatementLine
from vendome.domains.payments.types import (
    CardKind,
    CardState,
    Difference,
    DifferenceRow,
    GiftCardView,
    InstalmentRow,
    InstalmentState,
    LineKind,
    ReconciledDay,
    StatementKind,
    TransferRow,
)
from vendome.domains.people import permissions
from vendome.kit import sql
from vendome.kit.actors import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One account of the books. Debits are above zero."""

    account: str
    currency: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Liability:
    """What the house owes to bearers of gift cards in one currency."""

    currency: str
    cards: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeRow:
    order_id: uuid.UUID
    order_number: str
    amount: int
    currency: str
    reason: str
    state: str
    answer_by: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedRow:
    """Money that came too late or twice; the client has it back when somebody says so."""

    payment_id: uuid.UUID
    order_id: uuid.UUID
    order_number: str
    tender: str
    amount: int
    currency: str


def list_days(*, actor: Actor, limit: int = 14) -> tuple[ReconciledDay, ...]:
    """The newest days of each source, newest first."""
    actor.require_everywhere(permissions.PAYMENTS_RECONCILE)
    rows = (
        StatementLine.objects.filter(maison_id=actor.in_maison)
        .exclude(kind=LineKind.OTHER)
        .values("day", "source", "currency", kind_of=F("statement__kind"))
        .annotate(
            lines=Count("id"),
            matched=Count("id", filter=Q(is_settled=True)),
            total=Sum("amount"),
            fees=Sum("fee_amount"),
        )
        .order_by("-day", "source", "currency")[:limit]
    )
    return tuple(
        ReconciledDay(
            day=row["day"],
            kind=StatementKind(row["kind_of"]),
            source=row["source"],
            lines=row["lines"],
            matched=row["matched"],
            amount=row["total"],
            fees=row["fees"],
            currency=row["currency"],
        )
        for row in rows
    )


def list_differences(*, actor: Actor, only_open: bool = True, limit: int = 200) -> tuple[DifferenceRow, ...]:
    """What statements and the house do not agree on, newest day first."""
    actor.require_everywhere(permissions.PAYMENTS_RECONCILE)
    rows = DifferenceRecord.objects.filter(maison_id=actor.in_maison)
    if only_open:
        rows = rows.filter(is_open=True)
    rows = rows.annotate(
        order_id=F("payment__order_id"),
        order_number=F("payment__order__number"),
        payment_reference=F("payment__provider_reference"),
        line_said=F("line__reference"),
        line_id_there=F("line__line_reference"),
    )
    return tuple(
        DifferenceRow(
            id=row.id,
            day=row.day,
            kind=Difference(row.kind),
            source=row.source,
            reference=row.line_said or row.line_id_there or row.payment_reference or "",
            order_id=row.order_id,
            order_number=row.order_number or "",
            expected_amount=row.expected_amount,
            found_amount=row.found_amount,
            currency=row.currency,
            is_open=row.is_open,
            resolution=row.resolution,
        )
        for row in rows.order_by("-day", "id")[:limit]
    )


def list_unmatched_transfers(*, actor: Actor, limit: int = 100) -> tuple[TransferRow, ...]:
    """Money at the bank that no order has been found for, oldest first; what was explained is left out."""
    actor.require_everywhere(permissions.PAYMENTS_RECONCILE)
    explained = DifferenceRecord.objects.filter(maison_id=actor.in_maison, is_open=False, line__isnull=False)
    rows = StatementLine.objects.filter(maison_id=actor.in_maison, kind=LineKind.TRANSFER, is_settled=False).exclude(
        id__in=explained.values("line_id")
    )
    return tuple(
        TransferRow(
            line_id=row.id,
            day=row.day,
            amount=row.amount,
            currency=row.currency,
            counterparty=row.counterparty,
            text=row.text,
        )
        for row in rows.order_by("day", "id")[:limit]
    )


def list_liabilities(*, actor: Actor) -> tuple[Liability, ...]:
    """What is left on gift cards, by currency."""
    actor.require_everywhere(permissions.PAYMENTS_RECONCILE)
    rows = GiftCard.objects.filter(maison_id=actor.in_maison, balance__gt=0).values("currency")
    return tuple(
        Liability(currency=row["currency"], cards=row["cards"], amount=row["total"])
        for row in rows.annotate(cards=Count("id"), total=Sum("balance")).order_by("currency")
    )


def list_gift_cards(*, actor: Actor, limit: int = 50) -> tuple[GiftCardView, ...]:
    """The newest cards, by the end of their code; nobody can read the rest."""
    actor.require_everywhere(permissions.PAYMENTS_RECONCILE)
    rows = GiftCard.objects.filter(maison_id=actor.in_maison).order_by("-issued_at", "-id")[:limit]
    return tuple(
        GiftCardView(
            id=row.id,
            kind=CardKind(row.kind),
            ending=row.ending,
            currency=row.currency,
            balance=row.balance,
            face_amount=row.face_amount,
            state=CardState(row.state),
            issued_at=row.issued_at,
            expires_date=row.expires_date,
        )
        for row in rows
    )


def list_late_instalments(*, actor: Actor, day: date, limit: int = 100) -> tuple[InstalmentRow, ...]:
    """Rates that were due before that day and have not come in, and those that were given up."""
    actor.require_everywhere(permissions.PAYMENTS_RECONCILE)
    rows = Instalment.objects.filter(order__maison_id=actor.in_maison).filter(
        Q(state=InstalmentState.FAILED) | Q(state=InstalmentState.DUE, due_date__lt=day)
    )
    return _instalments(rows.order_by("due_date", "id")[:limit])


def list_instalments(*, actor: Actor, order_id: uuid.UUID) -> tuple[InstalmentRow, ...]:
    """The plan of an order the caller has been shown."""
    actor.require(permissions.ORDERS_VIEW)
    rows = Instalment.objects.filter(order_id=order_id, order__maison_id=actor.in_maison)
    return _instalments(rows.order_by("position"))


def list_own_instalments(*, order_id: uuid.UUID) -> tuple[InstalmentRow, ...]:
    """The plan of a client's own order; the caller has shown that it is hers."""
    return _instalments(Instalment.objects.filter(order_id=order_id).order_by("position"))


def list_disputes(*, actor: Actor) -> tuple[DisputeRow, ...]:
    """Disputes that are not decided, the most urgent first."""
    actor.require_everywhere(permissions.PAYMENTS_RECONCILE)
    rows = Dispute.objects.filter(payment__order__maison_id=actor.in_maison, state="OPEN").select_related(
        "payment__order"
    )
    return tuple(
        DisputeRow(
            order_id=row.payment.order_id,
            order_number=row.payment.order.number,
            amount=row.amount,
            currency=row.currency,
            reason=row.reason,
            state=row.state,
            answer_by=row.answer_by,
        )
        for row in rows.order_by(F("answer_by").asc(nulls_last=True), "id")
    )


def list_owed(*, actor: Actor) -> tuple[OwedRow, ...]:
    """Payments that stand as owed to clients and have not been given back or asked to be."""
    actor.require_everywhere(permissions.PAYMENTS_RECONCILE)
    rows = Payment.objects.raw(
        "SELECT p.* FROM payments_payment p JOIN payments_posting x "
        "ON x.payment_id = p.id AND x.credit = 'owed:clients' "
        "WHERE x.maison_id = %s AND p.refunded_amount < p.amount ORDER BY p.settled_at, p.id LIMIT 100",
        [actor.in_maison],
    )
    return tuple(
        OwedRow(
            payment_id=row.id,
            order_id=row.order_id,
            order_number=row.order.number,
            tender=row.tender,
            amount=row.amount - row.refunded_amount,
            currency=row.currency,
        )
        for row in rows.prefetch_related("order")
    )


def list_balances(*, actor: Actor) -> tuple[Balance, ...]:
    """The trial balance: every account that is not at zero."""
    actor.require_everywhere(permissions.PAYMENTS_RECONCILE)
    rows = sql.rows("SELECT account, currency, amount FROM payments_balances(%s)", [actor.in_maison])
    return tuple(Balance(account=account, currency=currency, amount=int(amount)) for account, currency, amount in rows)


def _instalments(rows: QuerySet[Instalment]) -> tuple[InstalmentRow, ...]:
    return tuple(
        InstalmentRow(
            id=row.id,
            order_id=row.order_id,
            order_number=row.order.number,
            position=row.position,
            due_date=row.due_date,
            amount=row.amount,
            currency=row.currency,
            state=InstalmentState(row.state),
            attempts=row.attempts,
            last_failure=row.last_failure,
        )
        for row in rows.select_related("order")
    )
