"""What the pages of carriers' lanes may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django import forms

from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRow:
    """One lane as its list shows it."""

    destination: str
    carrier: str
    days: str
    runs_on: str
    dates: str
    state: str
    tone: Tone
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LanesPage:
    crumbs: Sequence[Link]
    origins: Sequence[Choice]
    origin: str
    rows: Sequence[LaneRow]
    without: Sequence[tuple[str, str]]  # a market with no lane today, and what is counted instead
    new_url: str
    can_edit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePreviewRow:
    """What is ordered from a place at a moment, before the change and after it."""

    place: str
    ordered_at: datetime
    now: date
    then: date
    is_changed: bool
    difference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePage:
    crumbs: Sequence[Link]
    title: str
    form: forms.Form
    url: str
    preview: Sequence[LanePreviewRow]
    is_asked: bool
    can_drop: bool
    problem: str = ""
