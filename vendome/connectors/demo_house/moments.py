"""Moments and the ids made of them. Time is counted in milliseconds since 1970, UTC."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, date, datetime, timedelta

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = date(1970, 1, 1)

_days: dict[int, str] = {}


def start_of(day: date) -> int:
    return (day - EPOCH).days * DAY


def date_of(ms: int) -> date:
    return EPOCH + timedelta(days=ms // DAY)


def day_text(ms: int) -> str:
    """The UTC date of a moment, as text; remembered, since a house asks for the same days again and again."""
    number = ms // DAY
    found = _days.get(number)
    if found is None:
        found = _days[number] = (EPOCH + timedelta(days=number)).isoformat()
    return found


def stamp(ms: int) -> str:
    """A moment as PostgreSQL reads it."""
    rest = ms % DAY
    return (
        f"{day_text(ms)} {rest // HOUR:02}:{rest // MINUTE % 60:02}:{rest // SECOND % 60:02}.{rest % SECOND:03}+00"
    )


def as_datetime(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, tz=UTC)


class Ids:
    """UUIDs of version 7 at given moments, their random bits from the seed; as 32 hexadecimal digits.

    `step` (0 to 15) orders the ids of one millisecond: a hold before its hand-over.
    """

    def __init__(self, seed: str) -> None:
        self._bits = random.Random(seed).getrandbits

    def at(self, ms: int, step: int = 0) -> str:
        bits = self._bits(70)
        return f"{ms:012x}7{step << 8 | bits & 255:03x}{0x8000_0000_0000_0000 | bits >> 8:016x}"


def dashed(hexed: str) -> str:
    """The canonical form, for labels and JSON."""
    return str(uuid.UUID(hexed))
