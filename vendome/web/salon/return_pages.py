"""What the pages of returns and exchanges may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django import forms

from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Tone
from vendome.web.salon.pages import Chooser


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundReceipt:
    number: str
    channel: str
    at: datetime
    client: str
    pieces: str
    url: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPage:
    query: str
    is_asked: bool
    receipts: Sequence[FoundReceipt]
    chooser: Chooser
    inspect_url: str
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackLine:
    """One line of the receipt, with what the policy says if it comes back as it is described."""

    id: str
    name: str
    form: str
    serial: str
    code: str
    world: str
    amount: int
    out: int
    quantity: int
    is_chosen: bool
    may_come_back: bool
    state: str
    received: date | None
    conditions: Sequence[Choice]
    reasons: Sequence[Choice]
    asks_seal: bool
    is_unsealed: bool
    decides_later: bool
    sentence: str
    statute: str
    source_url: str
    tone: Tone
    outcome: str
    open_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InsteadLine:
    name: str
    form: str
    serial: str
    code: str
    world: str
    amount: int | None
    is_free: bool
    url: str  # adds it where it is found, removes it where it is chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackPage:
    is_swap: bool  # the head goes along, in its own place
    number: str
    channel: str
    placed_at: datetime
    client: str
    card_url: str
    currency: str
    lines: Sequence[BackLine]
    is_gift: bool
    query: str
    findings: Sequence[InsteadLine]
    found_words: str  # how many there are
    more_url: str  # empty: all are shown
    elsewhere: Sequence[tuple[str, str, str]]  # piece, how many stand in other places, its page
    is_asked: bool
    instead: Sequence[InsteadLine]
    in_amount: int
    out_amount: int
    balance: int
    balance_words: str
    notes: Sequence[str]
    needs_exception: bool
    may_except: bool
    exception: str
    kept: Sequence[tuple[str, str]]
    form: forms.Form
    can_confirm: bool
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNotePage:
    """What a return gave as credit; `code` is shown once."""

    amount: int
    currency: str
    code: str
    number: str
    house: str
    place: str
    slip_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipLine:
    name: str
    form: str
    identity: str
    quantity: int
    amount: int
    is_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipRefund:
    how: str
    amount: int
    state: str
    tone: Tone
    reference: str
    by_hand_url: str
    asks_reference: bool
    again_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipPage:
    """The paper of a return or exchange: what came in, what went out, one balance."""

    return_id: str
    title: str
    number: str
    document_number: str
    order_number: str
    at: datetime
    house: str
    place: str
    address: Sequence[str]
    client: str
    card_url: str
    advisor: str
    currency: str
    lines: Sequence[SlipLine]
    total: int
    total_words: str
    refunds: Sequence[SlipRefund]
    waits: Sequence[str]
    rules: Sequence[str]  # what decided, in her words
    links: Sequence[Link]
    problem: str = ""
