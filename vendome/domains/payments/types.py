"""Plain values of the payments domain."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass
from datetime import datetime


class Tender(enum.StrEnum):
    CASH = "CASH"
    CARD = "CARD"  # through the payment port
    TERMINAL = "TERMINAL"  # a card terminal beside the till; its reference is kept
    CREDIT = "CREDIT"  # a credit note of the house: what came back is owed to whoever holds it
    IMPORTED = "IMPORTED"  # paid in a system we took the history from


class PaymentState(enum.StrEnum):
    REQUESTED = "REQUESTED"
    CAPTURED = "CAPTURED"
    FAILED = "FAILED"
    REFUNDED = "REFUNDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentView:
    """One tender of an order. `amount` in minor units; negative for money given back."""

    id: uuid.UUID
    order_id: uuid.UUID
    tender: Tender
    provider: str
    amount: int
    currency: str
    state: PaymentState


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """A tender of an order as staff see it, with what the provider or terminal calls it."""

    id: uuid.UUID
    tender: Tender
    provider: str
    provider_reference: str
    amount: int
    currency: str
    state: PaymentState
    requested_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundView:
    """Money to give back. `amount` is above zero; `payment_reference` is what the provider calls the payment."""

    id: uuid.UUID
    payment_id: uuid.UUID
    payment_reference: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOutcome:
    """What a provider answered to a refund."""

    is_refunded: bool
    provider_reference: str = ""
    failure_sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureOutcome:
    """What a provider answered: taken with its reference, or declined with a sentence for the client."""

    is_captured: bool
    provider_reference: str = ""
    amount: int = 0
    currency: str = ""
    decline_sentence: str = ""
