"""What a provider tells us by itself: each event once, through the one way a payment settles, and only where it fits.

A genuine event that does not fit (another amount, order, payment or mode) changes nothing and raises an alert.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime

from vendome.domains.payments.types import CaptureOutcome
from vendome.kit import outbox, sql
from vendome.kit.actors import Actor

log = logging.getLogger("vendome.provider_events")
QUIET = frozenset({"SETTLED", "SEEN", "NOTED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event, its signature proved. `order_id` is what the provider says; it has to be the payment's own."""

    provider: str
    event_id: str
    kind: str
    payment_id: uuid.UUID | None = None
    order_id: uuid.UUID | None = None


def take_payment(*, told: Told, outcome: CaptureOutcome, actor: Actor, at: datetime) -> str:
    """A payment was taken, or given up. Returns SETTLED, SEEN, NOTED, or the code of what did not fit. Safe to
    repeat."""
    return _taken(
        told,
        sql.value(
            "SELECT flows_take_event(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                told.provider, told.event_id, told.kind, told.payment_id, told.order_id, outcome.is_captured,
                outcome.provider_reference, outcome.amount, outcome.currency, outcome.method, at,
            ],
        ),
    )  # fmt: skip


def take_refund(
    *,
    told: Told,
    refund_id: uuid.UUID,
    is_refunded: bool,
    reference: str,
    amount: int,
    currency: str,
    actor: Actor,
    at: datetime,
) -> str:
    """A refund was decided on. As `take_payment`."""
    return _taken(
        told,
        sql.value(
            "SELECT flows_take_refund_event(%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [told.provider, told.event_id, told.kind, refund_id, is_refunded, reference, amount, currency, at],
        ),
    )


def take_dispute(
    *,
    told: Told,
    reference: str,
    payment_reference: str,
    amount: int,
    currency: str,
    reason: str,
    state: str,
    answer_by: datetime | None,
    actor: Actor,
    at: datetime,
) -> str:
    """A client's bank takes a payment back, or has decided. As `take_payment`."""
    return _taken(
        told,
        sql.value(
            "SELECT flows_take_dispute(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                told.provider, told.event_id, told.kind, reference, payment_reference, amount, currency, reason, state,
                answer_by, at,
            ],
        ),
    )  # fmt: skip


def take_page_end(*, told: Told, page_reference: str, actor: Actor, at: datetime) -> str:
    """A provider's page has run out: the link it served opens a new one when she comes. As `take_payment`."""
    return _taken(
        told,
        sql.value(
            "SELECT flows_take_page_end(%s, %s, %s, %s, %s)",
            [told.provider, told.event_id, told.kind, page_reference, at],
        ),
    )


def note(*, told: Told, outcome: str = "NOTED", actor: Actor, at: datetime) -> str:
    """An event that changes nothing here, or one that is refused before anything was looked at."""
    return _taken(
        told,
        sql.value(
            "SELECT flows_note_event(%s, %s, %s, %s, %s)", [told.provider, told.event_id, told.kind, outcome, at]
        ),
    )


def _taken(told: Told, outcome: str) -> str:
    if outcome not in QUIET:
        log.error(
            "an event of a provider does not fit and changed nothing", extra={"outcome": outcome, "kind": told.kind}
        )
    outbox.wake()
    return outcome
