"""What the bureau's pages about exceptions, routing and promises may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django import forms

from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One exception as a line of the queue."""

    url: str
    what: str
    tone: Tone
    why: str
    piece: str
    order_number: str
    place: str
    client: str
    phone: str
    age: str
    is_old: bool
    amount: int
    currency: str
    owner: str
    waits_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionsPage:
    kinds: Sequence[Link]
    rows: Sequence[Waiting]
    count: int
    old: int
    values: Sequence[tuple[int, str]]
    export_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A place the line could come from instead, and by when."""

    value: str
    name: str
    day: date
    note: str
    is_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionPage:
    crumbs: Sequence[Link]
    what: str
    tone: Tone
    why: str
    notes: Sequence[str]
    piece: str
    facts: Sequence[tuple[str, str]]
    client: str
    phone: str
    is_guarded: bool
    order_url: str
    order_number: str
    is_open: bool
    ended: str
    sources: Sequence[Source]
    has_line: bool
    can_refund: bool
    refund: int
    currency: str
    wait_form: forms.Form
    settle_form: forms.Form
    key: str
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    kind: str
    label: str
    step: int
    has_step: bool
    step_note: str
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    place: str
    free: int
    km: str
    day: date
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingPage:
    crumbs: Sequence[Link]
    channels: Sequence[Link]
    channel: str
    is_usual: bool
    rules: Sequence[RuleRow]
    spare: Sequence[Choice]
    can_change: bool
    query: str
    markets: Sequence[Choice]
    cities: Sequence[Choice]
    piece: str
    preview: Sequence[PreviewRow]
    is_asked: bool
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyRow:
    name: str
    form: str
    sku: str
    on_hand: int
    held: int
    safety: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisesPage:
    crumbs: Sequence[Link]
    name: str
    switches: Sequence[tuple[str, str]]
    calendar_form: forms.Form
    safety: Sequence[SafetyRow]
    safety_form: forms.Form
    is_partner: bool
    owner: str
    agreed: str
    paper: str
    agreement_form: forms.Form
    can_change: bool
    problem: str = ""
