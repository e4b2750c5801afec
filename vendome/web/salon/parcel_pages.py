"""What the packing table, a parcel and the concierge's round may show."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django import forms

from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Column, Happening, Row, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSendPage:
    tabs: Sequence[Link]
    places: Sequence[Choice]
    columns: Sequence[Column]
    rows: Sequence[Row]
    empty: str
    pick_url: str
    round_url: str
    export_url: str
    tab: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PickLine:
    where: str
    name: str
    form: str
    sku: str
    serial: str
    quantity: int
    order: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PickPage:
    place: str
    at: datetime
    lines: Sequence[PickLine]
    back_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    id: uuid.UUID
    name: str
    form: str
    code: str
    world: str
    serial: str
    quantity: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A service as the packing table weighs it."""

    id: uuid.UUID
    name: str
    words: str
    why: str
    arrives: date
    is_late: bool  # after the day she was promised
    cover: int
    footprint: str
    is_fit: bool
    is_chosen: bool
    is_glove: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelPage:
    id: uuid.UUID
    crumbs: Sequence[Link]
    number: str
    state: str
    tone: Tone
    order_url: str
    recipient: str
    address: Sequence[str]
    phone: str
    promised: date
    content: Sequence[Content]
    value: int
    currency: str
    wanted: str
    advice: str
    advice_tone: Tone
    offers: Sequence[Offer]
    slots: Sequence[Choice]
    form: forms.Form | None
    may_split: bool
    facts: Sequence[tuple[str, str]]
    happenings: Sequence[Happening]
    steps: Sequence[Step]
    label_url: str
    slip_url: str
    signature_url: str
    problem: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that may be done with the parcel now; some steps need a word of why."""

    name: str
    label: str
    hint: str
    needs_reason: bool
    is_first: bool = False
    is_grave: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipPage:
    house: str
    origin: str
    number: str
    at: datetime
    recipient: str
    address: Sequence[str]
    seal: str
    service: str
    tracking: str
    content: Sequence[Content]
    footprint: str
    back_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One delivery of the round."""

    url: str
    recipient: str
    address: str
    when: str
    day: date
    state: str
    tone: Tone
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundPage:
    place: str
    stops: Sequence[Stop]
    back_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorPage:
    """The concierge's telephone at her door."""

    number: str
    recipient: str
    address: Sequence[str]
    phone: str
    when: str
    seal: str
    content: Sequence[Content]
    form: forms.Form
    refuse_form: forms.Form
    needs_signature: bool
    checks_identity: bool
    is_open: bool
    can_set_out: bool
    state: str
    tone: Tone
    error: str
    back_url: str
    parcel_url: str
