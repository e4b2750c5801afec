"""Plain values of the payments domain."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime


class Tender(enum.StrEnum):
    CASH = "CASH"
    CARD = "CARD"  # through the payment port
    TERMINAL = "TERMINAL"  # a card terminal beside the till; its reference is kept
    TRANSFER = "TRANSFER"  # to the house's bank account; settles when the bank's statement shows it
    GIFT_CARD = "GIFT_CARD"  # taken from the card's balance in the same transaction
    CREDIT_NOTE = "CREDIT_NOTE"  # what came back is owed to whoever holds its code; spent like a gift card
    CREDIT = "CREDIT"  # not money: what was never paid of what came back, set off on both documents
    IMPORTED = "IMPORTED"  # paid in a system we took the history from


class PaymentState(enum.StrEnum):
    REQUESTED = "REQUESTED"
    CAPTURED = "CAPTURED"
    FAILED = "FAILED"
    REFUNDED = "REFUNDED"


class CardKind(enum.StrEnum):
    """What stands behind a code; the same word is the tender it is spent as."""

    GIFT_CARD = "GIFT_CARD"  # sold, or given as a gesture
    CREDIT_NOTE = "CREDIT_NOTE"  # what a return gave instead of money


class CardState(enum.StrEnum):
    ACTIVE = "ACTIVE"
    BLOCKED = "BLOCKED"


class LinkState(enum.StrEnum):
    OPEN = "OPEN"
    PAID = "PAID"
    CLOSED = "CLOSED"  # withdrawn, replaced by a newer one, or its order has ended


class InstalmentState(enum.StrEnum):
    DUE = "DUE"
    PAID = "PAID"
    FAILED = "FAILED"  # tried as often as the plan tries; a person decides
    CANCELLED = "CANCELLED"


class DisputeState(enum.StrEnum):
    OPEN = "OPEN"
    WON = "WON"
    LOST = "LOST"


class StatementKind(enum.StrEnum):
    PROVIDER = "PROVIDER"
    BANK = "BANK"


class LineKind(enum.StrEnum):
    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    PAYOUT = "PAYOUT"  # from the provider's account to the house's bank, seen from either side
    TRANSFER = "TRANSFER"  # money a client sent to the bank
    OTHER = "OTHER"


class Difference(enum.StrEnum):
    """Why a line of a statement and what the house knows do not agree."""

    MISSING_HERE = "MISSING_HERE"  # they saw money that we know nothing of
    MISSING_THERE = "MISSING_THERE"  # we settled something that they never saw
    AMOUNT = "AMOUNT"
    CURRENCY = "CURRENCY"
    FEE = "FEE"  # what the provider kept is not what the contract says
    DUPLICATE = "DUPLICATE"
    TIMING = "TIMING"  # too young to be expected on a statement; closes by itself


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
    keeps_method: bool = False  # a plan charges the same card again
    return_url: str = ""  # where her bank sends her back after she has confirmed


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
    is_refund: bool = False


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
    action_url: str = ""  # not settled yet: she has to confirm there, and a webhook tells
    method: str = ""  # the provider's own name for a card that may be charged again without her

    @property
    def is_pending(self) -> bool:
        return bool(self.action_url) and not self.is_captured


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedPage:
    """A provider's own page on which a client enters her card; the house's pages never see it."""

    url: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """Which ways to pay a market offers beside the card."""

    is_transfer_offered: bool = False
    transfer_days: int = 7
    transfer_account: tuple[str, ...] = ()
    instalment_counts: tuple[int, ...] = ()
    instalments_from_amount: int = 0
    deposit_bp: int = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferVersion:
    """One writing of a market's offer: from which day it stands, and who wrote it why."""

    number: int
    from_date: date | None
    at: datetime | None
    actor: str
    note: str
    offer: OfferView


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardView:
    """A gift card or credit note; its code is known to whoever holds it and to nobody else."""

    id: uuid.UUID
    kind: CardKind
    ending: str
    currency: str
    balance: int
    face_amount: int
    state: CardState
    issued_at: datetime
    expires_date: date | None
    code_hash: str = field(default="", repr=False)  # of the code that opened it


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardEntry:
    """One line of a card's own ledger."""

    at: datetime
    amount: int
    balance_after: int
    reason: str
    order_id: uuid.UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """A link to pay one tender with. Its token is in the address and, hashed, in the table."""

    id: uuid.UUID
    payment_id: uuid.UUID
    order_id: uuid.UUID
    order_number: str
    provider: str
    amount: int
    currency: str
    state: LinkState
    payment_state: PaymentState
    expires_at: datetime
    opened_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentRow:
    """One rate of a plan, as staff and the client see it."""

    id: uuid.UUID
    order_id: uuid.UUID
    order_number: str
    position: int
    due_date: date
    amount: int
    currency: str
    state: InstalmentState
    attempts: int
    last_failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceRow:
    """One difference between a statement and the house."""

    id: uuid.UUID
    day: date
    kind: Difference
    source: str
    reference: str
    order_id: uuid.UUID | None
    order_number: str
    expected_amount: int | None
    found_amount: int | None
    currency: str
    is_open: bool
    resolution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRow:
    """Money on the bank's statement that no order has been found for yet."""

    line_id: uuid.UUID
    day: date
    amount: int
    currency: str
    counterparty: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciledDay:
    """What a day's statements came to."""

    day: date
    kind: StatementKind
    source: str
    lines: int
    matched: int
    amount: int
    fees: int
    currency: str
