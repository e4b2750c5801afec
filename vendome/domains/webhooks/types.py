"""Plain values of the webhooks domain."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final


class EndpointState(enum.StrEnum):
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"  # what happens meanwhile waits
    ENDED = "ENDED"  # nobody is told there any more; the row stays for the history of its deliveries


class DeliveryState(enum.StrEnum):
    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    DEAD = "DEAD"  # given up; a person may send it again


DELAYS: Final = (
    timedelta(seconds=5),
    timedelta(seconds=15),
    timedelta(seconds=45),
    timedelta(minutes=2, seconds=15),
    timedelta(minutes=6, seconds=45),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=9),
    *([timedelta(hours=12)] * 5),
)
"""How long to wait after each failed attempt: together a little more than three days."""

MOST_ATTEMPTS: Final = len(DELAYS) + 1
OLD_SECRET_LASTS: Final = timedelta(hours=24)
"""After a rotation both secrets sign for this long, so that receivers can change over without losing anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEndpoint:
    """An endpoint with its secret, which is told this once."""

    id: uuid.UUID
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointView:
    """An endpoint as its owner sees it; `dead` and `waiting` count its deliveries."""

    id: uuid.UUID
    url: str
    description: str
    kinds: Sequence[str]
    state: EndpointState
    paused_reason: str
    created_by: str
    created_at: datetime
    old_secret_until: datetime | None
    waiting: int
    dead: int
    last_delivered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    id: uuid.UUID
    event_id: uuid.UUID
    kind: str
    subject: str
    state: DeliveryState
    attempts: int
    occurred_at: datetime
    created_at: datetime
    next_try_at: datetime | None
    delivered_at: datetime | None
    last_status: int | None
    last_problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    number: int
    at: datetime
    status: int | None
    problem: str
    milliseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """One delivery that this worker sends now, with all it needs: no row is open meanwhile."""

    id: uuid.UUID
    endpoint_id: uuid.UUID
    event_id: uuid.UUID
    number: int
    url: str
    secrets: Sequence[str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one attempt. Without a status, nobody answered and `problem` says why."""

    status: int | None
    problem: str = ""
    milliseconds: int = 0

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == 410


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPage:
    """Events after a position, and the position to go on from."""

    events: Sequence[dict[str, Any]]
    places: Sequence[int]  # of each event
    position: int
    has_more: bool
