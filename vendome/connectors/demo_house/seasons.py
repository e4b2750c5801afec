"""When people buy: the year of a jeweller, with the feasts each culture keeps."""

from __future__ import annotations

import random
from bisect import bisect_right
from datetime import date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from vendome.connectors.demo_house.moments import DAY, MINUTE, date_of, start_of
from vendome.connectors.demo_house.world import Place

LUNAR_NEW_YEAR = (date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26))
QIXI = (date(2024, 8, 10), date(2025, 8, 29), date(2026, 8, 19), date(2027, 8, 8), date(2028, 8, 26))
CHUSEOK = (date(2024, 9, 17), date(2025, 10, 6), date(2026, 9, 25), date(2027, 9, 15), date(2028, 10, 3))
EID = (
    date(2024, 4, 10), date(2024, 6, 16), date(2025, 3, 30), date(2025, 6, 6), date(2026, 3, 20), date(2026, 5, 27),
    date(2027, 3, 9), date(2027, 5, 16), date(2028, 2, 26), date(2028, 5, 5),
)  # fmt: skip
DIWALI = (date(2024, 11, 1), date(2025, 10, 20), date(2026, 11, 8), date(2027, 10, 29), date(2028, 10, 17))
FEASTS: dict[str, tuple[tuple[date, ...], int, float]] = {
    "zh": (LUNAR_NEW_YEAR + QIXI, 18, 2.4),
    "ko": (LUNAR_NEW_YEAR + CHUSEOK, 14, 1.9),
    "ar": (EID, 16, 2.6),
    "hi": (DIWALI, 18, 3.0),
}
"""Feast days, how many days before them count, and how strongly."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def weight_of(day: date, culture: str) -> float:
    """How much more is bought on this day than on a quiet one."""
    weight = 1.0
    if day.month == 12:
        weight = 3.0 if day.day <= 24 else 1.2
    elif (day.month, day.day) >= (2, 1) and (day.month, day.day) <= (2, 14):
        weight = 1.8
    elif day.month == 5:
        weight = 1.5
    elif day.month == 8:
        weight = 0.7
    if culture == "ja" and ((day.month, day.day) >= (4, 27) and (day.month, day.day) <= (5, 7)):
        weight *= 1.9  # Golden Week
    elif culture == "ja" and day.month == 3 and 5 <= day.day <= 14:
        weight *= 1.6  # White Day
    elif culture == "zh" and day.month == 10 and day.day <= 8:
        weight *= 1.8  # the October holiday
    feasts, lead, strength = FEASTS.get(culture, ((), 0, 1.0))
    if any(timedelta() <= feast - day <= timedelta(days=lead) for feast in feasts):
        weight *= strength
    if day.weekday() >= 4:
        weight *= 1.25
    return weight


class Seasons:
    """Draws days between two moments by the year of a culture."""

    def __init__(self, start: int, now: int) -> None:
        self.start = start
        self.days = (now - start) // DAY
        self._sums: dict[str, list[float]] = {}

    def draw(self, culture: str, first: int, last: int, rng: random.Random) -> int:
        """A day number between two day numbers (the second excluded)."""
        sums = self._sums.get(culture)
        if sums is None:
            dates = (date_of(self.start + nr * DAY) for nr in range(self.days))
            growth = (weight_of(day, culture) * (1 + nr / self.days / 6) for nr, day in enumerate(dates))
            sums = self._sums[culture] = [0.0, *accumulate(growth)]
        point = sums[first] + rng.random() * (sums[last] - sums[first])
        return min(max(bisect_right(sums, point) - 1, first), last - 1)


class OpeningHours:
    """When a place is open, in UTC, for every day of the history."""

    def __init__(self, start: int, days: int) -> None:
        self.start = start
        self.days = days
        self._known: dict[int, list[tuple[int, int]]] = {}

    def moment(self, place: Place, day: int, rng: random.Random) -> int:
        """A moment of that day when the place is open; of a neighbouring day when it is closed all day."""
        spans = self._known.get(place.nr) or self._read(place)
        first, last = spans[day]
        return first + int(rng.random() * (last - first))

    def _read(self, place: Place) -> list[tuple[int, int]]:
        zone = ZoneInfo(place.timezone)
        spans: list[tuple[int, int]] = []
        for nr in range(self.days):
            day = date_of(self.start + nr * DAY)
            text = place.hours.get(WEEKDAYS[day.weekday()], "10:00-18:00")
            if not text:
                spans.append(spans[-1] if spans else (self.start + 10 * 60 * MINUTE, self.start + 18 * 60 * MINUTE))
                continue
            opens, closes = (_minutes(part) for part in text.split(",")[0].strip().split("-"))
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
            offset = int((noon.utcoffset() or timedelta()).total_seconds() // 60)
            midnight = start_of(day) - offset * MINUTE
            spans.append((midnight + opens * MINUTE, midnight + closes * MINUTE))
        self._known[place.nr] = spans
        return spans


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
