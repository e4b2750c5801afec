"""What the bureau's pages of counts and replenishment may read."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django import forms

from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Column, Row, Tone
from vendome.web.salon.count_pages import CountPanel, CountSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsPage:
    """bureau/counts.html"""

    crumbs: Sequence[Link]
    tabs: Sequence[Link]
    places: Sequence[Choice]
    place: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    note: str
    form: forms.Form | None
    start_places: Sequence[Choice]
    problem: str
    export_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCard:
    """One thing a count found, and what a person may answer or has answered."""

    id: uuid.UUID
    name: str
    form: str
    code: str
    sentence: str
    level_url: str
    choices: Sequence[Choice]
    may_answer: bool
    answer: str
    reason: str
    answered_by: str
    answered_at: datetime | None
    may_reopen: bool
    problem: str
    typed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingGroup:
    title: str
    advice: str
    findings: Sequence[FindingCard]
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountPage:
    """bureau/count.html: an open count as a panel, or a closed one with its findings."""

    crumbs: Sequence[Link]
    panel: CountPanel | None
    summary: CountSummary | None
    groups: Sequence[FindingGroup]
    stranger_tags: Sequence[str]
    problem: str
    export_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A place's accuracy: the newest figure, and a line through the last counts, drawn in a box of 100 by 20."""

    place: str
    url: str
    share: str
    tone: Tone
    last_at: datetime
    mean: str
    counts: int
    expected: int
    missing: int
    points: str
    dots: Sequence[tuple[str, str]]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyPage:
    crumbs: Sequence[Link]
    tabs: Sequence[Link]
    house: str
    threads: Sequence[Thread]
    export_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalLine:
    id: uuid.UUID
    name: str
    form: str
    sku: str
    quantity: int
    most: int
    source: str
    sentence: str
    may_decide: bool
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalGroup:
    place_id: uuid.UUID
    place: str
    lines: Sequence[ProposalLine]
    words: str
    may_decide: bool
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissedLine:
    id: uuid.UUID
    name: str
    form: str
    place: str
    reason: str
    who: str
    at: datetime
    may_reopen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplenishmentPage:
    """bureau/replenishment.html"""

    crumbs: Sequence[Link]
    tabs: Sequence[Link]
    places: Sequence[Choice]
    groups: Sequence[ProposalGroup]
    note: str
    dismissed: Sequence[DismissedLine]
    may_work_out: bool
    problem: str
    export_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    id: uuid.UUID
    place: str
    scope: str
    minimum: int
    cover: str
    maximum: str
    who: str
    changed_at: datetime
    edit_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesPage:
    """bureau/rules.html"""

    crumbs: Sequence[Link]
    tabs: Sequence[Link]
    rules: Sequence[RuleLine]
    form: forms.Form | None
    editing: str
    problem: str
    export_url: str
