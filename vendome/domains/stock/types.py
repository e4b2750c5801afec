"""Plain values of the stock domain."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


class PieceState(enum.StrEnum):
    IN_STOCK = "IN_STOCK"
    IN_TRANSIT = "IN_TRANSIT"
    QUARANTINED = "QUARANTINED"
    IN_WORKSHOP = "IN_WORKSHOP"
    ON_LOAN = "ON_LOAN"
    WITH_CLIENT = "WITH_CLIENT"
    LOST = "LOST"
    WRITTEN_OFF = "WRITTEN_OFF"

    @property
    def is_standing(self) -> bool:
        """Whether a piece in this state is on hand at its place, and so counted in the level there."""
        return self in (PieceState.IN_STOCK, PieceState.QUARANTINED, PieceState.IN_TRANSIT, PieceState.ON_LOAN)


class MovementKind(enum.StrEnum):
    RECEIVED = "RECEIVED"
    HELD = "HELD"
    RELEASED = "RELEASED"
    HANDED_OVER = "HANDED_OVER"
    DISPATCHED = "DISPATCHED"
    RETURNED = "RETURNED"
    QUARANTINED = "QUARANTINED"
    RESTOCKED = "RESTOCKED"
    TRANSFERRED_OUT = "TRANSFERRED_OUT"
    TRANSFERRED_IN = "TRANSFERRED_IN"
    COUNTED = "COUNTED"
    CORRECTED = "CORRECTED"
    LOANED = "LOANED"
    CONSIGNED = "CONSIGNED"
    LOST = "LOST"
    FOUND = "FOUND"
    WRITTEN_OFF = "WRITTEN_OFF"


class HoldKind(enum.StrEnum):
    BASKET = "BASKET"
    RESERVATION = "RESERVATION"
    APPOINTMENT = "APPOINTMENT"
    SELECTION = "SELECTION"
    WAITING_LIST = "WAITING_LIST"
    ORDER = "ORDER"
    QUARANTINE = "QUARANTINE"  # it stands here and may not be sold: nobody has decided yet
    TRANSFER = "TRANSFER"  # on its way, or picked for it
    LOAN = "LOAN"  # in a client's hands, and the house's still


class HoldState(enum.StrEnum):
    ACTIVE = "ACTIVE"
    CONSUMED = "CONSUMED"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"


class TransferState(enum.StrEnum):
    """Forward only; the last four are ends."""

    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"  # its pieces are held at the place they leave
    PICKED = "PICKED"
    DISPATCHED = "DISPATCHED"
    RECEIVED = "RECEIVED"
    CLOSED_WITH_DISCREPANCY = "CLOSED_WITH_DISCREPANCY"
    REFUSED = "REFUSED"
    CANCELLED = "CANCELLED"

    @property
    def is_open(self) -> bool:
        return self in OPEN_TRANSFERS


OPEN_TRANSFERS = (
    TransferState.REQUESTED,
    TransferState.APPROVED,
    TransferState.PICKED,
    TransferState.DISPATCHED,
)


class Discrepancy(enum.StrEnum):
    """How what arrived differs from what was sent."""

    MISSING = "MISSING"  # did not arrive: lost on the way
    DAMAGED = "DAMAGED"  # arrived, and waits in quarantine
    SURPLUS = "SURPLUS"  # arrived unannounced, of a reference that was sent
    WRONG_PIECE = "WRONG_PIECE"  # arrived unannounced, of another reference


class Supply(enum.StrEnum):
    """What a client is told of one reference at one place; never a quantity."""

    AVAILABLE = "AVAILABLE"
    LAST = "LAST"
    NONE = "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSupply:
    """Availability of one reference at one place."""

    place_id: uuid.UUID
    on_hand: int
    held: int

    @property
    def available(self) -> int:
        return self.on_hand - self.held

    @property
    def supply(self) -> Supply:
        return supply_of(self.available)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicOffer:
    """How a client can have one reference: seen and collected at places, or sent from wherever it stands.

    `sent_from` is for deciding, not for telling: it may name places that are not public.
    """

    reference_id: uuid.UUID
    places: Mapping[uuid.UUID, Supply]
    promised: Mapping[uuid.UUID, Supply]  # what of it may be promised from afar: the safety stock stays
    to_send: Supply
    sent_from: frozenset[uuid.UUID]

    def to_collect_at(self, place_id: uuid.UUID) -> Supply:
        """What may be promised for collection at a place: what stands there, else what can be sent there."""
        here = self.promised.get(place_id, Supply.NONE)
        if here is not Supply.NONE:
            return here
        return self.to_send if self.sent_from - {place_id} else Supply.NONE

    @property
    def seen_at(self) -> tuple[uuid.UUID, ...]:
        """Visible places where it stands free today, in the order of the house."""
        return tuple(place for place, supply in self.places.items() if supply is not Supply.NONE)

    @property
    def is_gone(self) -> bool:
        return not self.seen_at and self.to_send is Supply.NONE

    @property
    def only_place(self) -> uuid.UUID | None:
        """The one place in the world that has it, when there is just one and clients may visit it."""
        if len(self.seen_at) == 1 and self.sent_from <= set(self.seen_at):
            return self.seen_at[0]
        return None


def supply_of(available: int) -> Supply:
    if available <= 0:
        return Supply.NONE
    return Supply.LAST if available == 1 else Supply.AVAILABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRow:
    """One line of the stock list of a place."""

    place_id: uuid.UUID
    reference_id: uuid.UUID
    on_hand: int
    held: int

    @property
    def available(self) -> int:
        return self.on_hand - self.held


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementRow:
    """One line of the ledger, with the level as it stood afterwards."""

    id: uuid.UUID
    at: datetime
    kind: MovementKind
    on_hand_change: int
    held_change: int
    on_hand_after: int
    held_after: int
    piece_id: uuid.UUID | None
    serial: str
    order_id: uuid.UUID | None
    order_number: str
    actor: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceRow:
    id: uuid.UUID
    serial: str
    epc: str
    state: PieceState
    is_held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPiece:
    """A piece found by its serial number, wherever it is."""

    id: uuid.UUID
    reference_id: uuid.UUID
    serial: str
    state: PieceState
    place_id: uuid.UUID | None
    is_held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRow:
    """A hold with what it keeps, for whom and until when."""

    id: uuid.UUID
    kind: HoldKind
    reference_id: uuid.UUID
    piece_id: uuid.UUID | None
    serial: str
    place_id: uuid.UUID
    quantity: int
    client_id: uuid.UUID | None
    advisor_id: uuid.UUID | None
    order_id: uuid.UUID | None
    order_line_id: uuid.UUID | None
    reason: str
    held_at: datetime
    expires_at: datetime | None
