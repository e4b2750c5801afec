"""Plain values that flows take and give."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass
from datetime import date, datetime

from vendome.domains.orders.types import Mode, OrderState
from vendome.domains.payments.types import PaymentState, Tender
from vendome.domains.stock.types import Supply


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
    card_code: str = ""  # the hash of that code: one that was replaced meanwhile pays nothing


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


class WayMode(enum.StrEnum):
    """The ways to have a piece that availability knows; an order's lines know the first three."""

    TAKE_AWAY = "TAKE_AWAY"
    COLLECT = "COLLECT"
    DELIVER = "DELIVER"
    RESERVE = "RESERVE"  # set aside in a boutique, to be seen there
    TRY_AT_HOME = "TRY_AT_HOME"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to have a reference, and the day it can be promised for. Source, distance and number are staff's."""

    reference_id: uuid.UUID
    mode: WayMode
    place_id: uuid.UUID | None  # where the client collects or sees it
    date: date
    supply: Supply
    reason: str
    source_id: uuid.UUID | None = None
    km: int | None = None
    free: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """One place that has a reference: how many, how far, how sure, and what can be promised from there."""

    place_id: uuid.UUID
    on_hand: int
    held: int
    safety: int
    km: int | None
    counted_at: datetime | None
    changes: int  # since it was last counted, or ever
    collect_date: date | None  # she may collect it there
    deliver_date: date | None  # it can be sent to her from there
    to_here_date: date | None  # it can be sent to the asking place
    may_hold: bool

    @property
    def free(self) -> int:
        return self.on_hand - self.held

    @property
    def promisable(self) -> int:
        """What may be promised from afar."""
        return max(0, self.free - self.safety)
