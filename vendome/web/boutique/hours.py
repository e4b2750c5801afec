"""Opening hours of a boutique, in its own time: is it open now, until when, else from when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from vendome.web.components.parts import Day

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a visitor wants to know before she sets out."""

    is_open: bool
    sentence: str
    days: tuple[Day, ...]


def opening(hours: Mapping[str, str], timezone: str, at: datetime) -> Opening:
    """The week of a boutique and how it stands at a moment. `hours` is `{"mon": "10:30-19:00", "sun": ""}`."""
    here = at.astimezone(ZoneInfo(timezone))
    now = here.time()
    today = next((span for span in _spans(hours.get(DAYS[here.weekday()], "")) if span[0] <= now < span[1]), None)
    until = _("Open now, until %(hour)s") % {"hour": _clock(today[1])} if today else ""
    return Opening(
        is_open=today is not None,
        sentence=until or _next_opening(hours, here),
        days=tuple(
            Day(name=_day_name(here, number), text=_written(hours.get(code, "")), is_today=number == here.weekday())
            for number, code in enumerate(DAYS)
        ),
    )


def _next_opening(hours: Mapping[str, str], here: datetime) -> str:
    for ahead in range(8):
        day = here + timedelta(days=ahead)
        for start, _end in _spans(hours.get(DAYS[day.weekday()], "")):
            if ahead == 0 and start <= here.time():
                continue
            if ahead == 0:
                return _("Closed now, opens at %(hour)s") % {"hour": _clock(start)}
            if ahead == 1:
                return _("Closed now, opens tomorrow at %(hour)s") % {"hour": _clock(start)}
            return _("Closed now, opens on %(day)s at %(hour)s") % {
                "day": date_format(day, "l"),
                "hour": _clock(start),
            }
    return _("By appointment")


def _spans(text: str) -> Iterator[tuple[time, time]]:
    """ "10:00-13:00, 14:00-19:00" as pairs; what cannot be read is a closed hour, never an error."""
    for span in text.split(","):
        start, _dash, end = span.strip().partition("-")
        try:
            yield time.fromisoformat(start), time.fromisoformat(end)
        except ValueError:
            continue


def _written(text: str) -> str:
    return ", ".join(f"{_clock(start)} – {_clock(end)}" for start, end in _spans(text))


def _clock(moment: time) -> str:
    return f"{moment:%H:%M}"


def _day_name(here: datetime, number: int) -> str:
    return date_format(here + timedelta(days=number - here.weekday()), "l").capitalize()
