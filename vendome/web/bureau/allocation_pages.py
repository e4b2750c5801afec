"""What the allocation desk may read: one frozen value per page."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vendome.web.bureau.allocation_forms import AddForm, AllocationForm, EndForm, InviteForm
from vendome.web.components.frames import Link
from vendome.web.components.parts import Happening, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationRow:
    title: str
    url: str
    policy: str
    state: str
    tone: Tone
    place: str
    opens_at: datetime
    pieces: int
    entries: int
    offered: int
    bought: int
    free: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationsPage:
    tabs: Sequence[Link]
    rows: Sequence[AllocationRow]
    new_url: str
    export_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAllocationPage:
    crumbs: Sequence[Link]
    form: AllocationForm
    problem: str
    back_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    place: int  # 0 while places are still to be drawn
    who: str
    card_url: str
    standing: str
    state: str
    tone: Tone
    joined_at: datetime
    until_at: datetime | None
    note: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What can be done next, and what it will do."""

    label: str
    url: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationPage:
    crumbs: Sequence[Link]
    title: str
    model: str
    code: str
    world: str
    state: str
    tone: Tone
    policy: str
    policy_words: str
    facts: Sequence[tuple[str, str]]
    digests: Sequence[tuple[str, str]]
    stats: Sequence[tuple[int, str]]
    step: Step | None
    add_form: AddForm | None
    add_url: str
    add_key: str  # a second click adds nothing
    invite_form: InviteForm | None
    invite_url: str
    end_form: EndForm | None
    end_url: str
    committee_url: str
    public_url: str
    entries: Sequence[EntryLine]
    is_shortened: bool
    history: Sequence[Happening]
    export_url: str
    live: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    id: uuid.UUID
    who: str
    card_url: str
    standing: str
    facts: str  # what may be weighed without knowing who she is
    advisor: str
    text: str
    joined_at: datetime
    is_chosen: bool | None
    reason: str
    decided: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitteePage:
    crumbs: Sequence[Link]
    title: str
    pieces: int
    chosen: int
    waiting: int
    may_decide: bool
    cases: Sequence[Case]
    problem: str
    back_url: str
