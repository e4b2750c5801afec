"""Transfers as people say them, on both staff surfaces: their states, their steps, what is wrong with what arrived."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vendome.domains.stock.queries.transfers import TransferView
from vendome.domains.stock.types import Discrepancy, TransferState
from vendome.web.components.parts import Happening, Tone

STATES = {
    "REQUESTED": gettext_lazy("Waits for an answer"),
    "APPROVED": gettext_lazy("To be picked"),
    "PICKED": gettext_lazy("Ready to leave"),
    "DISPATCHED": gettext_lazy("On the way"),
    "RECEIVED": gettext_lazy("Arrived"),
    "CLOSED_WITH_DISCREPANCY": gettext_lazy("Arrived, not as sent"),
    "REFUSED": gettext_lazy("Refused"),
    "CANCELLED": gettext_lazy("Cancelled"),
}
STEPS = {
    "REQUESTED": gettext_lazy("Asked for"),
    "APPROVED": gettext_lazy("Agreed"),
    "PICKED": gettext_lazy("Picked"),
    "DISPATCHED": gettext_lazy("Sent"),
    "RECEIVED": gettext_lazy("Received"),
    "CLOSED_WITH_DISCREPANCY": gettext_lazy("Received, not as sent"),
    "REFUSED": gettext_lazy("Refused"),
    "CANCELLED": gettext_lazy("Cancelled"),
}
DISCREPANCIES = {
    "MISSING": gettext_lazy("Missing"),
    "DAMAGED": gettext_lazy("Damaged"),
    "SURPLUS": gettext_lazy("Not announced"),
    "WRONG_PIECE": gettext_lazy("Not announced, another model"),
}
TONES: dict[str, Tone] = {
    "REQUESTED": "care",
    "APPROVED": "gold",
    "PICKED": "gold",
    "DISPATCHED": "gold",
    "RECEIVED": "good",
    "CLOSED_WITH_DISCREPANCY": "wrong",
    "REFUSED": "open",
    "CANCELLED": "open",
}
AHEAD = (TransferState.APPROVED, TransferState.PICKED, TransferState.DISPATCHED, TransferState.RECEIVED)


def age(since: datetime, now: datetime) -> str:
    """How long ago, as one says it: hours on the first day, then days."""
    passed = max(now - since, timedelta(0))
    if passed < timedelta(hours=1):
        return _("just now")
    if passed < timedelta(days=1):
        hours = passed // timedelta(hours=1)
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return ngettext("%(n)d day", "%(n)d days", passed.days) % {"n": passed.days}


def pieces(count: int) -> str:
    return ngettext("%(n)d piece", "%(n)d pieces", count) % {"n": count}


def timeline(transfer: TransferView, names: Mapping[str, str]) -> list[Happening]:
    """What was done by whom, and what is still ahead while it is open."""
    told = [
        Happening(
            title=str(STEPS[step.state.value]),
            at=step.at,
            text=", ".join(part for part in (names.get(step.by, step.by), step.text) if part),
        )
        for step in transfer.steps
    ]
    if transfer.state.is_open:
        done = {step.state for step in transfer.steps}
        told += [Happening(title=str(STEPS[state.value]), ahead=True) for state in AHEAD if state not in done]
    return told


def discrepancy(kind: Discrepancy | None) -> str:
    return str(DISCREPANCIES[kind.value]) if kind else ""
