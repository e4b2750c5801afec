"""What the pages of a launch may read: one frozen dataclass a page."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from vendome.web.boutique.forms import CheckoutForm
from vendome.web.boutique.pages import Head, Visit
from vendome.web.components.frames import Link

type Moment = Literal["BEFORE", "DOOR", "ROOM", "LINE", "YOURS", "BOUGHT", "OUT", "CLOSED", "ENDED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchTeaser:
    """A launch beside something else: its piece, the home page."""

    title: str
    url: str
    words: str
    code: str
    name: str
    world: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What changes while the page is open: where she stands, in one headline and one sentence."""

    moment: Moment
    headline: str
    text: str
    note: str
    until_at: datetime | None  # what the countdown counts to
    until_words: str
    until_label: str  # what it counts to, when the headline does not say it
    now: datetime
    token: str
    may_enter: bool
    may_leave: bool
    checkout_url: str
    order_url: str
    sign_in_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchPage:
    head: Head
    crumbs: Sequence[Link]
    code: str
    name: str
    title: str
    world: str
    story: str
    picture: str
    amount: int | None
    currency: str
    price_note: str
    facts: Sequence[tuple[str, str]]
    rule: str
    line: Line
    here_url: str
    enter_url: str
    leave_url: str
    draw_url: str
    piece_url: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchCheckoutPage:
    head: Head
    crumbs: Sequence[Link]
    form: CheckoutForm
    problem: str
    title: str
    name: str
    code: str
    world: str
    material: str
    amount: int
    currency: str
    total: str
    sum: Sequence[tuple[str, str]]
    client_id: uuid.UUID | None
    until_at: datetime
    until_words: str
    now: datetime
    country: str
    delivery: str
    visit: Visit | None
    back_url: str
    privacy_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawPage:
    head: Head
    crumbs: Sequence[Link]
    title: str
    steps: Sequence[tuple[str, str, str]]  # what, the value, what it proves
    is_revealed: bool
    holds: bool
    entries: int
    order: Sequence[tuple[int, str, bool]]  # place, token, whether it is hers
    is_shortened: bool
    json_url: str
    back_url: str
