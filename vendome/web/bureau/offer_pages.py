"""What the pages of each market's ways to pay may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django import forms

from vendome.web.components.frames import Link
from vendome.web.components.parts import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketOfferRow:
    """What one market offers today, and what has been decided for later."""

    name: str
    currency: str
    ways: Sequence[str]
    deposit: str
    later: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OffersPage:
    crumbs: Sequence[Link]
    rows: Sequence[MarketOfferRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferVersionRow:
    number: int
    from_date: date | None
    at: datetime | None
    by: str
    note: str
    ways: str
    state: str
    tone: Tone
    restores: int  # the version that is written again
    restores_from: date | None
    can_restore: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPage:
    crumbs: Sequence[Link]
    title: str
    form: forms.Form
    amount: str  # of the order that is looked at
    now: Sequence[str]
    then: Sequence[str]
    then_from: date | None
    versions: Sequence[OfferVersionRow]
    version: int
    problem: str = ""
