# ruff: noqa: E501  # sentences are kept whole
"""A launch in words: the policy, the door, the line."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vendome.domains.stock.types_of_scarcity import AllocationPolicy, AllocationView


def ordinal(number: int, language: str) -> str:
    """143rd; 143e in French, 1er for the first."""
    if language.startswith("fr"):
        return f"{number}er" if number == 1 else f"{number}e"
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def when(at: datetime | None) -> str:
    """The day and the hour, where she is; nothing when there is none."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return _("%(day)s, %(hour)s") % {"day": date_format(local, "j F Y"), "hour": date_format(local, "H:i")}


def hour(at: datetime) -> str:
    return date_format(timezone.localtime(at), "H:i")


def yours_until(at: datetime, now: datetime) -> str:
    """How long an offered piece is hers: an hour, with its day when that is not today."""
    if _is_today(at, now):
        return _("One is yours until %(hour)s") % {"hour": hour(at)}
    return _("One is yours until %(day)s, %(hour)s") % {"day": _day(at), "hour": hour(at)}


def put_away_until(at: datetime, now: datetime) -> str:
    """The same as a sentence, where she pays for it."""
    if _is_today(at, now):
        return _("It is put away in your name until %(until)s.") % {"until": hour(at)}
    return _("It is put away in your name until %(day)s, %(hour)s.") % {"day": _day(at), "hour": hour(at)}


def _is_today(at: datetime, now: datetime) -> bool:
    return timezone.localtime(at).date() == timezone.localtime(now).date()


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F")


def kept_for(seconds: int) -> str:
    """How long an offer is kept: minutes, hours or days."""
    if seconds < 2 * 3600:
        minutes = max(1, seconds // 60)
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if seconds < 48 * 3600:
        return ngettext("%(n)d hour", "%(n)d hours", seconds // 3600) % {"n": seconds // 3600}
    days = timedelta(seconds=seconds).days
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def pieces(number: int) -> str:
    return ngettext("%(n)d piece", "%(n)d pieces", number) % {"n": number}


def rule(view: AllocationView) -> str:
    """The policy as a client reads it; the page keeps to it, and so does the house."""
    kept = {"kept": kept_for(view.hold_seconds)}
    told = {
        AllocationPolicy.WAITING_LIST: _(
            "One waiting list, in the order of entering. When a piece is yours we keep it for %(kept)s; then it passes to "
            "the next."
        ),
        AllocationPolicy.BALLOT: _(
            "Every entry has the same chance. When the list closes, the order is drawn from a seed we commit to today, and "
            "anybody can check it. A piece that is drawn for you is kept for %(kept)s."
        ),
        AllocationPolicy.NOMINATIONS: _(
            "Advisors speak for their clients, and a committee chooses. A piece that is chosen for you is kept for %(kept)s."
        ),
        AllocationPolicy.STANDING: _(
            "Those who have been with the house longest come first, then the order of entering. A piece is kept for %(kept)s."
        ),
        AllocationPolicy.FIRST_COME: _(
            "Everybody in the waiting room when the doors open has the same chance: places are drawn from a seed we commit "
            "to today, and anybody can check it. Who comes later stands behind. A piece is kept for %(kept)s, then it passes "
            "to the next."
        ),
    }
    return told[view.policy] % kept


def per_person(view: AllocationView) -> str:
    one = ngettext("%(n)d for each client, in every boutique and online together",
                   "%(n)d for each client, in every boutique and online together", view.per_person)  # fmt: skip
    return one % {"n": view.per_person}


def teaser(view: AllocationView, at: datetime) -> str:
    """One line beside something else."""
    first = view.room_opens_at if view.policy is AllocationPolicy.FIRST_COME else view.opens_at
    if (first or view.opens_at) > at:
        return _("Opens on %(when)s") % {"when": when(view.opens_at)}
    if view.closes_at:
        return _("Open until %(when)s") % {"when": when(view.closes_at)}
    return _("The waiting room is open") if view.opens_at > at else _("Open now")
