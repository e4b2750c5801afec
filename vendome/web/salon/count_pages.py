"""What the pages of a count may read, in the salon and in the bureau."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django import forms

from vendome.web.components.frames import Choice, Link


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyBar:
    """One family of a count: n of m, and the address that lists what is not read of it."""

    label: str
    found: int
    expected: int
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    name: str
    form: str
    serial: str
    hold: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityLine:
    """Something without serial numbers, to be counted by hand."""

    reference_id: uuid.UUID
    name: str
    form: str
    expected: int
    counted: int | None
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountPanel:
    """An open count at work: progress, ways to read, what is not read yet."""

    title: str
    place: str
    opened_at: datetime
    opened_by: str
    found: int
    expected: int
    share: str
    families: Sequence[FamilyBar]
    family: str
    unread: Sequence[Unread]
    unread_total: int
    quantities: Sequence[QuantityLine]
    uncounted: int
    elsewhere: int
    strangers: int
    is_whole: bool  # everything that should stand here has been read or counted
    last: str
    last_id: uuid.UUID | None
    last_at: datetime | None
    closing: str
    form: forms.Form
    problem: str
    is_scanning: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSummary:
    """A closed or cancelled count in figures."""

    title: str
    place: str
    is_cancelled: bool
    closed_at: datetime | None
    closed_by: str
    share: str
    stats: Sequence[tuple[int, str]]
    unanswered: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCount:
    title: str
    url: str
    closed_at: datetime
    share: str
    unanswered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsPage:
    """salon/counts.html"""

    place: str
    open_url: str
    open_words: str
    form: forms.Form
    families: Sequence[Choice]
    past: Sequence[PastCount]
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountPage:
    """salon/count.html: one of panel and summary."""

    panel: CountPanel | None
    summary: CountSummary | None
    findings_url: str
    back: Link
