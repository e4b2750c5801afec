"""Plain values of fulfilment."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo


class Proof(enum.StrEnum):
    """How the person who received a line was known."""

    IDENTITY_SEEN = "IDENTITY_SEEN"
    ORDER_CODE = "ORDER_CODE"
    KNOWN_TO_ADVISOR = "KNOWN_TO_ADVISOR"
    CARRIER = "CARRIER"


class ParcelState(enum.StrEnum):
    PREPARING = "PREPARING"
    PACKED = "PACKED"
    DISPATCHED = "DISPATCHED"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    DELIVERED = "DELIVERED"
    REFUSED = "REFUSED"
    RETURNING = "RETURNING"
    RETURNED = "RETURNED"  # back at its origin, in quarantine
    LOST = "LOST"

    @property
    def travels(self) -> bool:
        """Whether the carrier has it: still the house's, still promised to her."""
        return self in TRAVELLING


TRAVELLING = (ParcelState.DISPATCHED, ParcelState.OUT_FOR_DELIVERY, ParcelState.REFUSED, ParcelState.RETURNING)


class DeliveryMode(enum.StrEnum):
    """What a client chooses: how soon, and by whom it is handed to her."""

    STANDARD = "STANDARD"
    EXPRESS = "EXPRESS"
    WHITE_GLOVE = "WHITE_GLOVE"


class Booking(enum.StrEnum):
    """Where the label stands: asked of the carrier by a job, outside any transaction."""

    NONE = "NONE"
    REQUESTED = "REQUESTED"
    BOOKED = "BOOKED"
    FAILED = "FAILED"  # the carrier said no; a person chooses again


class Tracked(enum.StrEnum):
    """What a carrier may report, in our words."""

    ANNOUNCED = "ANNOUNCED"
    PICKED_UP = "PICKED_UP"
    IN_TRANSIT = "IN_TRANSIT"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    DELIVERED = "DELIVERED"
    REFUSED = "REFUSED"
    RETURNING = "RETURNING"
    FAILURE = "FAILURE"  # something a person must look at


class IdentityDocument(enum.StrEnum):
    """The kind that was seen. Its number is never kept."""

    IDENTITY_CARD = "IDENTITY_CARD"
    PASSPORT = "PASSPORT"
    DRIVING_LICENCE = "DRIVING_LICENCE"
    RESIDENCE_PERMIT = "RESIDENCE_PERMIT"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverRow:
    """One line given: by whom, where, and how she was known."""

    line_id: uuid.UUID
    piece_id: uuid.UUID | None
    place_id: uuid.UUID | None
    actor: str
    proof: Proof
    at: datetime


class RuleKind(enum.StrEnum):
    """What tells two places apart that could both send a piece. The first rule that separates them decides."""

    OWN_FIRST = "OWN_FIRST"
    SAME_MARKET = "SAME_MARKET"
    TOGETHER = "TOGETHER"
    WAREHOUSE_FIRST = "WAREHOUSE_FIRST"
    DISTANCE = "DISTANCE"
    LOAD = "LOAD"
    MARGIN = "MARGIN"


STEPPED = {RuleKind.DISTANCE: 50, RuleKind.LOAD: 5, RuleKind.MARGIN: 1}
"""Rules with a step, and the usual one: places closer together than that are not told apart by the rule."""
USUAL_RULES = (
    RuleKind.OWN_FIRST,
    RuleKind.SAME_MARKET,
    RuleKind.TOGETHER,
    RuleKind.WAREHOUSE_FIRST,
    RuleKind.MARGIN,
)
"""How a maison routes that has written no rules; `flows_routing` holds the same list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRule:
    kind: RuleKind
    step: int


class ExceptionKind(enum.StrEnum):
    """What has gone another way than promised."""

    REFUSED = "REFUSED"  # the place that holds a line says that it cannot give it
    NOT_READY = "NOT_READY"  # promised for collection, and the day has passed
    UNPAID = "UNPAID"  # the pieces are about to be given free again
    MONEY_OWED = "MONEY_OWED"  # paid after the order had been given up
    PARCEL_LATE = "PARCEL_LATE"


class RefusalReason(enum.StrEnum):
    NOT_FOUND = "NOT_FOUND"
    DAMAGED = "DAMAGED"
    KEPT_FOR_ANOTHER = "KEPT_FOR_ANOTHER"


class Resolution(enum.StrEnum):
    """How an exception ended. PASSED: what was wrong is no longer so."""

    RESOURCED = "RESOURCED"
    FOUND_AFTER_ALL = "FOUND_AFTER_ALL"
    REFUNDED = "REFUNDED"
    ALTERNATIVE = "ALTERNATIVE"
    SPOKEN_TO = "SPOKEN_TO"
    PASSED = "PASSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRow:
    """One thing that waits for a person. A protected client shows neither name nor number."""

    id: uuid.UUID
    kind: ExceptionKind
    reason: str
    note: str
    order_id: uuid.UUID
    order_number: str
    order_line_id: uuid.UUID | None
    reference_id: uuid.UUID | None
    mode: str
    place_id: uuid.UUID | None
    client_id: uuid.UUID | None
    client_name: str
    client_phone: str
    is_guarded: bool
    amount: int
    currency: str
    promised_date: date | None
    raised_at: datetime
    raised_by: str
    owner_id: uuid.UUID | None
    owner_name: str
    waits_until: datetime | None
    resolved_at: datetime | None
    resolution: str
    resolution_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A window of a white-glove delivery."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceView:
    """One service of one carrier, as data. Limits in minor units by currency; countries as ISO codes, none: any."""

    id: uuid.UUID
    carrier: str
    code: str
    name: str
    mode: DeliveryMode
    countries: frozenset[str]
    origins: frozenset[str]
    limits: Mapping[str, int]
    needs_signature: bool
    checks_identity: bool
    days: int
    cut_off: time
    windows: tuple[tuple[time, time], ...]
    slot_seats: int
    base_grams: int
    grams_per_tonne_km: int
    footprint_source: str
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """What is to travel: its worth, from where to where, how far, and how she wants it."""

    origin: str
    destination: str
    currency: str
    value: int
    distance_km: int
    mode: DeliveryMode
    local_now: datetime
    promised: date | None = None  # the day she was told, when it has been sold
    at_the_door: tzinfo | None = None  # whose clock she reads, when it is not the one where it leaves
    ready: date | None = None  # before which it does not leave: the place closes, or prepares it first
    grams: int = 1_200


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelLineView:
    line_id: uuid.UUID
    name: str
    code: str
    sku: str
    material: str
    size: str
    serial: str
    quantity: int
    amount: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingEventView:
    at: datetime
    kind: Tracked
    message: str
    where: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelView:
    """One parcel with what is in it, who carries it and what has happened. Amounts in minor units of `currency`."""

    id: uuid.UUID
    number: int
    order_id: uuid.UUID
    order_number: str
    order_state: str
    client_id: uuid.UUID | None
    recipient: str
    address: tuple[str, ...]
    country: str
    phone: str
    email: str
    origin_id: uuid.UUID
    origin_name: str
    state: ParcelState
    promised_date: date
    wanted: DeliveryMode
    carrier: str
    service_id: uuid.UUID | None
    service_name: str
    mode: DeliveryMode | None
    why: str
    tracking_number: str
    seal: str
    value: int
    insured_amount: int
    insured_limit: int
    currency: str
    needs_signature: bool
    checks_identity: bool
    slot: Slot | None
    footprint_grams: int
    footprint_source: str
    booking: Booking
    booking_problem: str
    label_id: uuid.UUID | None
    signature_id: uuid.UUID | None
    received_by: str
    identity_seen: str
    problem: str
    packed_at: datetime | None
    dispatched_at: datetime | None
    delivered_at: datetime | None
    ended_at: datetime | None
    lines: tuple[ParcelLineView, ...]
    events: tuple[TrackingEventView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelRow:
    """One line of the packing table."""

    id: uuid.UUID
    number: int
    order_number: str
    origin_id: uuid.UUID
    origin_name: str
    state: ParcelState
    promised_date: date
    recipient: str
    country: str
    pieces: int
    value: int
    currency: str
    wanted: DeliveryMode
    service_name: str
    tracking_number: str
    booking: Booking
    slot: Slot | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRequest:
    """What a carrier needs to know to make a label. `key` is the booking's own idempotency key."""

    key: str
    carrier: str
    service_code: str
    order_number: str
    sender: Mapping[str, str]
    recipient: Mapping[str, str]
    currency: str
    value: int
    grams: int
    needs_signature: bool
    checks_identity: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A label was made."""

    reference: str  # the carrier's own id of the shipment
    tracking_number: str
    label: bytes
    label_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedEvent:
    """One scan, with an id that is the same however often and whichever way it is told."""

    event_id: str
    at: datetime
    kind: Tracked
    message: str = ""
    where: str = ""
    signed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingReport:
    tracking_number: str
    events: tuple[TrackedEvent, ...]
