"""What the salon's pages about preparing, finding and ordering from afar may read."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django import forms

from vendome.web.components.frames import Choice
from vendome.web.salon.pages import Chooser


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One line with what is to be done about it here."""

    name: str
    form: str
    code: str
    world: str
    serial: str
    client: str
    order_number: str
    where: str
    due: date | None
    is_late: bool
    is_refused: bool
    step: str  # the one button, or nothing
    step_words: str
    step_url: str
    refuse_url: str
    give_url: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """Lines with the same thing to do."""

    id: str
    title: str
    hint: str
    work: Sequence[Work]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparePage:
    place: str
    day: date
    piles: Sequence[Pile]
    count: int
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusePage:
    name: str
    form_words: str
    code: str
    world: str
    serial: str
    order_number: str
    client: str
    form: forms.Form
    back_url: str
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One place that has the piece, and what it can do for this client."""

    place_id: uuid.UUID
    name: str
    city: str
    km: str
    free: int
    kept: int
    sure: str
    is_sure: bool
    phone: str
    local_time: str
    ways: Sequence[tuple[str, date]]
    why_not: str
    can_hold: bool
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPage:
    name: str
    form: str
    sku: str
    code: str
    world: str
    amount: int | None
    currency: str
    spots: Sequence[Spot]
    together: int
    cities: Sequence[Choice]
    near: str
    chooser: Chooser
    chosen_name: str
    kept: Sequence[tuple[str, str]]
    order_url: str
    back_url: str
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AfarPage:
    """Selling what another place holds: sent to her, or collected here later."""

    name: str
    form_words: str
    sku: str
    code: str
    world: str
    amount: int | None
    currency: str
    ways: Sequence[Choice]
    client: str
    form: forms.Form
    kept: Sequence[tuple[str, str]]
    back_url: str
    problem: str = ""
