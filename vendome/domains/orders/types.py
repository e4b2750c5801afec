"""Plain values of the orders domain."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass
from datetime import date, datetime


class Mode(enum.StrEnum):
    """How the client receives a line."""

    TAKE_AWAY = "TAKE_AWAY"
    COLLECT = "COLLECT"
    DELIVER = "DELIVER"


class OrderState(enum.StrEnum):
    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    CONFIRMED = "CONFIRMED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class LineState(enum.StrEnum):
    HELD = "HELD"
    ON_THE_WAY = "ON_THE_WAY"  # to the boutique where it will be collected
    ARRIVED = "ARRIVED"  # there, and nobody has made it ready yet
    READY = "READY"
    HANDED_OVER = "HANDED_OVER"
    DISPATCHED = "DISPATCHED"
    RETURNED = "RETURNED"
    CANCELLED = "CANCELLED"

    @property
    def is_open(self) -> bool:
        """Whether the house still has to do something before the client has it."""
        return self in (LineState.HELD, LineState.ON_THE_WAY, LineState.ARRIVED, LineState.READY)


class Direction(enum.StrEnum):
    OUT = "OUT"  # to the client
    IN = "IN"  # from the client


class BasketState(enum.StrEnum):
    OPEN = "OPEN"
    ORDERED = "ORDERED"


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketLineView:
    id: uuid.UUID
    reference_id: uuid.UUID
    quantity: int
    mode: Mode
    place_id: uuid.UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketView:
    """A basket and its lines; prices are asked of pricing when it is shown."""

    id: uuid.UUID
    market_id: uuid.UUID
    client_id: uuid.UUID | None
    advisor_id: uuid.UUID | None
    lines: tuple[BasketLineView, ...]

    @property
    def count(self) -> int:
        return sum(line.quantity for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLineView:
    id: uuid.UUID
    position: int
    direction: Direction
    reference_id: uuid.UUID
    piece_id: uuid.UUID | None
    serial: str
    quantity: int
    unit_amount: int
    amount: int
    mode: Mode
    state: LineState
    place_id: uuid.UUID | None
    promised_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedLine:
    """Where a line comes from, and why from there."""

    line_id: uuid.UUID
    place_id: uuid.UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWork:
    """Orders that wait for somebody: not paid, and lines not collected for too long."""

    unpaid: int
    long_waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """One order with its lines. Amounts in minor units of `currency`."""

    id: uuid.UUID
    number: str
    market_id: uuid.UUID
    client_id: uuid.UUID | None
    channel: str
    place_id: uuid.UUID | None
    advisor_id: uuid.UUID | None
    state: OrderState
    currency: str
    total_amount: int
    tax_amount: int
    placed_at: datetime
    delivery_address: tuple[str, ...]
    contact_name: str
    sourcing: tuple[SourcedLine, ...]
    lines: tuple[OrderLineView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One line of the order list of headquarters; the client by id, never by what she spends."""

    id: uuid.UUID
    number: str
    client_id: uuid.UUID | None
    channel: str
    place_id: uuid.UUID | None
    advisor_id: uuid.UUID | None
    state: OrderState
    currency: str
    total_amount: int
    placed_at: datetime
    line_count: int
