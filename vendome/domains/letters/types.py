"""Plain values of the letters domain."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final


class LetterKind(enum.StrEnum):
    """What a letter tells. Each tells of one thing: an order, a line, a link, a parcel, a refund."""

    ORDER = "ORDER"  # it is hers: what, how and when, what it cost
    TRANSFER = "TRANSFER"  # it is kept until her bank transfer arrives
    PAY_LINK = "PAY_LINK"
    READY = "READY"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    HANDED_OVER = "HANDED_OVER"
    CANCELLED = "CANCELLED"
    CHANGED = "CHANGED"
    LATER = "LATER"  # it comes from elsewhere, on a later day than was promised
    RETURN = "RETURN"
    REFUND = "REFUND"
    EXCHANGE_DUE = "EXCHANGE_DUE"
    SET_ASIDE = "SET_ASIDE"
    OFFER = "OFFER"


class LetterState(enum.StrEnum):
    WAITING = "WAITING"  # owed, or on its way to the mail server
    SENT = "SENT"  # the mail server took it
    NOT_WRITTEN = "NOT_WRITTEN"  # there was no address, or nothing to tell any more
    GIVEN_UP = "GIVEN_UP"  # the mail server did not take it for two days; a person may send it again


DELAYS: Final = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=3),
    *([timedelta(hours=6)] * 7),
)
"""How long to wait after each failed attempt: together a little less than two days."""

MOST_ATTEMPTS: Final = len(DELAYS) + 1
LEASE: Final = timedelta(minutes=2)
"""How long a worker has a letter to itself; one that died gives it back after that."""

OLDEST: Final = timedelta(days=2)
"""What happened longer ago is not written about: nobody wants last week's news when a worker comes back."""

GATHERED: Final = {
    kind: timedelta(seconds=20) for kind in (LetterKind.READY, LetterKind.HANDED_OVER, LetterKind.CANCELLED)
}
"""Kinds that wait a moment, so that two pieces of one order make one letter."""


UNPROVED_A_DAY: Final = 3
"""How many letters a day go to an address that nobody proved, about orders that nobody paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLetter:
    """A letter that is owed: of which kind, about what, because of which event."""

    kind: LetterKind
    about_id: uuid.UUID
    event_id: uuid.UUID
    maison_id: uuid.UUID
    order_id: uuid.UUID | None = None
    client_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedLetter:
    """A letter that a worker has taken to write."""

    id: uuid.UUID
    kind: LetterKind
    about_id: uuid.UUID
    maison_id: uuid.UUID
    order_id: uuid.UUID | None
    client_id: uuid.UUID | None
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRow:
    """A letter as staff see it: what, when, to whom. The address is masked and the text is not kept."""

    id: uuid.UUID
    kind: LetterKind
    state: LetterState
    order_id: uuid.UUID | None
    address: str
    language: str
    attempts: int
    owed_at: datetime
    ended_at: datetime | None
    problem: str
