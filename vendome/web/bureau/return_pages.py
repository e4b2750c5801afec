"""What the bureau's pages of returns, inspection, policy and order changes may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django import forms

from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Column, Row, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnsPage:
    tabs: Sequence[Link]
    states: Sequence[Choice]
    places: Sequence[Choice]
    columns: Sequence[Column]
    rows: Sequence[Row]
    note: str
    previous_url: str
    next_url: str
    export_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLine:
    name: str
    form: str
    identity: str
    quantity: int
    arrived: int
    accepted: int
    reason: str
    rule: str
    sentence: str
    outcome: str
    tone: Tone
    statute: str
    source_url: str
    exception: str
    exchange: str  # what she takes instead, and how long it is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    document: str
    how: str
    amount: int
    currency: str
    state: str
    tone: Tone
    reference: str
    at: datetime
    by_hand_url: str
    again_url: str
    code_url: str  # gives its card or credit note a new code


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    name: str
    identity: str
    place: str
    at: datetime
    by: str
    condition: str
    fate: str
    decided: str
    deducted: str  # how much less, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPage:
    crumbs: Sequence[Link]
    number: str
    state: str
    tone: Tone
    facts: Sequence[tuple[str, str]]
    order_number: str
    order_url: str
    client: str
    lines: Sequence[ReturnLine]
    arrivals: Sequence[Arrived]
    refunds: Sequence[Refund]
    slip_url: str
    inspect_url: str
    withdraw_url: str
    drop_url: str  # she would rather have its value than the exchange
    key: str  # of a new code
    problem: str = ""
    note: CreditNote | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One piece in quarantine, with what the policy said when it came, and the form that decides."""

    name: str
    form_words: str
    identity: str
    code: str
    quantity: int
    amount: int
    currency: str
    place: str
    since: datetime
    client: str
    return_number: str
    return_url: str
    condition: str
    reason: str
    rule: str
    sentence: str
    outcome: str
    tone: Tone
    is_accepted: bool
    awaits_payment: bool  # the difference of its exchange
    exchange_url: str  # where that is paid, or ended
    wanted: str  # what she takes instead; accepting hers sends it
    loss_of_value: str  # the law that allows a deduction; empty: none
    url: str
    form: forms.Form
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNote:
    """What was just given as credit; `code` is shown once."""

    amount: int
    currency: str
    code: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectPage:
    tabs: Sequence[Link]
    places: Sequence[Choice]
    waiting: Sequence[Inspection]
    query: str
    more: int  # so many wait behind those that are shown
    note: CreditNote | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRule:
    code: str
    outcome: str
    tone: Tone
    client: str
    staff: str
    statute: str
    source_url: str
    conditions: Sequence[str]
    is_law: bool
    is_deciding: bool
    is_in_force: bool
    edit_url: str  # for who may change the house's rules
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyAnswer:
    rule: str
    outcome: str
    tone: Tone
    client: str
    staff: str
    last_day: date | None
    form: str
    shipping: str
    exception: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPage:
    tabs: Sequence[Link]
    form: forms.Form
    answer: PolicyAnswer | None
    rules: Sequence[PolicyRule]
    can_edit: bool
    version: int
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPreviewRow:
    """What would be decided for one line of an order, beside what is decided today."""

    name: str
    identity: str
    now_outcome: str
    now_tone: Tone
    now_sentence: str
    then_outcome: str
    then_tone: Tone
    then_sentence: str
    note: str  # why no rule is asked for it today
    is_changed: bool
    is_law: bool  # the law decides it, whatever the house writes


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFormPage:
    crumbs: Sequence[Link]
    title: str
    form: forms.Form
    url: str
    preview: Sequence[PolicyPreviewRow]
    can_drop: bool
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """Propose, preview and confirm a change of one paid order."""

    crumbs: Sequence[Link]
    number: str
    form: forms.Form
    preview: Sequence[tuple[str, str]]
    balance_words: str
    problem: str
    is_open: bool
    can_confirm: bool
    confirm_form: forms.Form | None
    asks_tender: bool
    link_url: str  # where a difference waits to be paid: makes a link for it
    pay_url: str  # that link, shown once
    pay_until: datetime | None
    withdraw_url: str
    confirm_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncePage:
    """A return announced for a client who calls."""

    crumbs: Sequence[Link]
    number: str
    decisions: Sequence[tuple[str, str, str]]  # piece, outcome, the sentence to tell her
    form: forms.Form
    problem: str
