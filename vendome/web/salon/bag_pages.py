"""What the page of a shared bag may show."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vendome.web.components.frames import Link
from vendome.web.components.parts import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLine:
    name: str
    form: str
    code: str
    world: str
    quantity: int
    amount: int | None
    way: str
    note: str
    remove_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedFinding:
    reference_id: uuid.UUID
    name: str
    form: str
    sku: str
    code: str
    world: str
    amount: int | None
    free_here: int
    free_elsewhere: int
    is_in_bag: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftItem:
    name: str
    form: str
    code: str
    world: str
    note: str
    kept: str
    remove_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentSelection:
    pieces: str
    state: str
    tone: Tone
    at: datetime | None
    note: str
    withdraw_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedBagPage:
    crumbs: Sequence[Link]
    name: str
    market: str
    currency: str
    lines: Sequence[SharedLine]
    total: int
    query: str
    is_asked: bool
    findings: Sequence[SharedFinding]
    draft: Sequence[DraftItem]
    send_url: str
    sent: Sequence[SentSelection]
    put_url: str
    choose_url: str
    here: str
    note: str
    error: str
