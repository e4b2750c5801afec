"""Plain values of fulfilment."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass
from datetime import date, datetime


class Proof(enum.StrEnum):
    """How the person who received a line was known."""

    IDENTITY_SEEN = "IDENTITY_SEEN"
    ORDER_CODE = "ORDER_CODE"
    KNOWN_TO_ADVISOR = "KNOWN_TO_ADVISOR"
    CARRIER = "CARRIER"


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
