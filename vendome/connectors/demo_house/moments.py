"""Moments and the ids made of them. Time is counted in milliseconds since 1970, UTC."""

from __future__ import annotations

import random
from datetime import date, timedelta

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = date(1970, 1, 1)

CLOCK = [f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}" for second in range(86_400)]
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
    day, rest = divmod(ms, DAY)
    second, fraction = divmod(rest, SECOND)
    return f"{_days.get(day) or day_text(ms)} {CLOCK[second]}.{fraction:03}+00"


class Ids:
    """UUIDs of version 7 at given moments, their random digits from the seed; as 32 hexadecimal digits.

    `step` (0 to 15) orders the ids of one millisecond: a hold before its hand-over.
    """

    BLOCK = 17 * 4096  # hexadecimal digits drawn at a time

    def __init__(self, seed: str) -> None:
        self._bits = random.Random(seed).getrandbits
        self._digits = ""
        self._used = 0
        self._moment = -1
        self._start = ""

    def at(self, ms: int, step: int = 0) -> str:
        if ms != self._moment:
            self._moment, self._start = ms, f"{ms:012x}7"
        used = self._used
        if used >= len(self._digits):
            self._digits, used = f"{self._bits(self.BLOCK * 4):0{self.BLOCK}x}", 0
        self._used = used + 17
        digits = self._digits[used : used + 17]
        return f"{self._start}{STEPS[step]}{digits[:2]}8{digits[2:]}"


STEPS = "0123456789abcdef"


def dashed(hexed: str) -> str:
    """The canonical form, for labels and JSON."""
    return f"{hexed[:8]}-{hexed[8:12]}-{hexed[12:16]}-{hexed[16:20]}-{hexed[20:]}"
