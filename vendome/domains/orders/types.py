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
    WITHDRAWN = "WITHDRAWN"  # it was to come back with an exchange that ended before it was paid, and never did

    @property
    def is_open(self) -> bool:
        """Whether the house still has to do something before the client has it."""
        return self in (LineState.HELD, LineState.ON_THE_WAY, LineState.ARRIVED, LineState.READY)


class Relation(enum.StrEnum):
    """How another order belongs to this one."""

    CAME_FROM = "CAME_FROM"  # this one took pieces of it back
    EXCHANGED_IN = "EXCHANGED_IN"  # it took pieces of this one back, and gave others for them
    GIVEN_BACK_IN = "GIVEN_BACK_IN"  # it took pieces of this one back


class Direction(enum.StrEnum):
    OUT = "OUT"  # to the client
    IN = "IN"  # from the client


class ReturnState(enum.StrEnum):
    """A return from its announcement to its end."""

    ANNOUNCED = "ANNOUNCED"  # nothing has arrived yet
    OPEN = "OPEN"  # something has arrived, and something is still to come or to be decided
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"


class ReturnRoute(enum.StrEnum):
    """How she brings it back."""

    COUNTER = "COUNTER"
    COURIER = "COURIER"


class Fate(enum.StrEnum):
    """What becomes of what came back."""

    WAITING = "WAITING"
    RESTOCKED = "RESTOCKED"
    WRITTEN_OFF = "WRITTEN_OFF"
    GIVEN_BACK = "GIVEN_BACK"


class ChangeKind(enum.StrEnum):
    """What may be changed about a paid order that has not been given yet."""

    CANCEL_LINE = "CANCEL_LINE"
    ADDRESS = "ADDRESS"
    COLLECT_AT = "COLLECT_AT"
    SWAP = "SWAP"  # another size or reference


class ChangeState(enum.StrEnum):
    OPEN = "OPEN"
    CONFIRMED = "CONFIRMED"
    WITHDRAWN = "WITHDRAWN"


class SelectionState(enum.StrEnum):
    DRAFT = "DRAFT"
    SENT = "SENT"
    TAKEN = "TAKEN"  # she put it in her bag
    WITHDRAWN = "WITHDRAWN"


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
    hold_id: uuid.UUID | None = None  # a piece kept for her that the order takes over
    selection_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionItemView:
    id: uuid.UUID
    reference_id: uuid.UUID
    note: str
    place_id: uuid.UUID | None
    hold_id: uuid.UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionView:
    """What an advisor chose for a client, in the order she chose it."""

    id: uuid.UUID
    market_id: uuid.UUID
    client_id: uuid.UUID
    advisor_id: uuid.UUID
    state: SelectionState
    note: str
    created_at: datetime
    sent_at: datetime | None
    seen_at: datetime | None
    taken_at: datetime | None
    expires_at: datetime
    items: tuple[SelectionItemView, ...]


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
    returned_quantity: int = 0  # back with us
    credited_quantity: int = 0  # of that, how many were given back in money or kind


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
class RelatedOrder:
    """The other half of a change, an exchange or a return."""

    id: uuid.UUID
    number: str
    relation: Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """What of a sold line another order took back: exchanged for what that order gives, else given back."""

    line_id: uuid.UUID
    number: str  # of that order
    is_exchange: bool
    amount: int
    tax_amount: int


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
    related: tuple[RelatedOrder, ...] = ()  # where the caller asked for them


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
