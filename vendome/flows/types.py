"""Plain values that flows take and give."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from vendome.domains.orders.types import Mode, OrderState
from vendome.domains.payments.types import PaymentState, Tender


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLine:
    """What a client wants: one reference, how she receives it, and from where (None: wherever it is best)."""

    reference_id: uuid.UUID
    mode: Mode
    place_id: uuid.UUID | None = None
    quantity: int = 1
    piece_id: uuid.UUID | None = None
    promised_date: date | None = None
    hold_id: uuid.UUID | None = None  # one of hers, which the line takes over; its place must be named


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderGiven:
    """How it is paid. `is_settled`: the money is in the till or the terminal already."""

    tender: Tender
    provider: str
    reference: str = ""
    is_settled: bool = False
    amount: int | None = None  # in minor units; None for one tender at most, which takes the rest
    card_id: uuid.UUID | None = None  # the gift card, once its code was read (flows.gift_cards.find_card)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedTender:
    """One tender of an order that was just placed."""

    id: uuid.UUID
    tender: Tender
    provider: str
    amount: int
    state: PaymentState


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLine:
    id: uuid.UUID
    reference_id: uuid.UUID
    place_id: uuid.UUID
    hold_id: uuid.UUID
    piece_id: uuid.UUID | None
    mode: Mode
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedOrder:
    """An order as it stands after it was placed. Amounts in minor units of `currency`."""

    id: uuid.UUID
    number: str
    payment_id: uuid.UUID
    state: OrderState
    total_amount: int
    tax_amount: int
    currency: str
    lines: tuple[PlacedLine, ...]
    due_amount: int = 0  # what confirms it: the total, a deposit, or a plan's first rate
    payments: tuple[PlacedTender, ...] = ()
