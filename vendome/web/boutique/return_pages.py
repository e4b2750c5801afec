"""What the client's pages of returns and changes may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms

from vendome.web.boutique.pages import Head
from vendome.web.boutique.return_forms import ReturnForm
from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnChoice:
    """One piece she may return, with what the policy says in her words."""

    id: str
    name: str
    form: str
    serial: str
    code: str
    world: str
    amount: int
    currency: str
    out: int
    quantity: int
    is_chosen: bool
    is_offered: bool
    sentence: str
    statute: str
    source_url: str
    asks_seal: bool
    is_unsealed: bool
    reasons: Sequence[Choice]
    exchanges: Sequence[tuple[str, Sequence[Choice]]]  # what she may take instead, in groups, with the difference
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPage:
    head: Head
    crumbs: Sequence[Link]
    number: str
    lines: Sequence[ReturnChoice]
    may_announce: bool
    ways: Sequence[Choice]
    further: Sequence[Choice]  # boutiques of other markets
    is_further_chosen: bool
    form: ReturnForm
    url: str
    contact_url: str
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedPage:
    """What she has announced: its number and label, what to do, what has happened since."""

    head: Head
    crumbs: Sequence[Link]
    number: str
    order_number: str
    state: str
    tone: Tone
    lines: Sequence[tuple[str, str, str]]  # piece, how many and how far, the rule's sentence
    exchanges: Sequence[str]  # what is kept for her instead
    awaits_payment: bool  # hers was accepted; the difference is hers to pay
    exchange_url: str
    is_courier: bool
    has_arrived: bool
    pickup: Sequence[str]  # where the courier comes to
    pickup_phone: str
    pickup_day: str
    is_settled: bool
    to: Sequence[str]
    refunds: Sequence[tuple[str, str]]
    deductions: Sequence[tuple[str, str, str, str]]  # piece, how much less, why, by which law
    withdraw_url: str
    order_url: str
    contact_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSize:
    """Another size of a piece; `note` says what it costs more or less, or that none is free."""

    value: str
    label: str
    note: str
    chosen: bool
    is_free: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """One piece that may still be changed, so that of two alike she knows which: its picture, number and price."""

    id: str
    name: str
    form: str
    serial: str
    code: str
    world: str
    amount: int
    currency: str
    way: str
    sizes: Sequence[ChangeSize]
    lacks_sizes: bool
    places: Sequence[Choice]
    is_chosen: bool
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    head: Head
    crumbs: Sequence[Link]
    number: str
    form: forms.Form
    lines: Sequence[ChangeLine]
    may_redirect: bool  # what is sent may be sent to another address
    is_redirected: bool
    preview: Sequence[tuple[str, str]]
    balance: str
    problem: str
    is_open: bool
    can_confirm: bool
    is_paid_first: bool  # a difference is paid on the next page, and only then anything changes
    awaits_payment: bool
    confirm_form: forms.Form | None
    url: str
    order_url: str
    contact_url: str
