"""What each page of the bureau may read: one frozen value per page, finished, without arithmetic left to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django import forms

from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Column, Happening, Row, Tone

# -- the house at a glance ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What one place holds, as a line of the house's table."""

    name: str
    url: str
    kind: str
    on_hand: int
    held: int
    free: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    name: str
    places: Sequence[Standing]
    on_hand: int
    held: int
    free: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCount:
    label: str
    today: int
    week: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Something that waits for somebody, and where to see it."""

    figure: int
    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    day: date
    greeting: str
    regions: Sequence[Region]
    on_hand: int
    held: int
    free: int
    channels: Sequence[ChannelCount]
    orders_today: int
    orders_week: int
    errands: Sequence[Errand]
    sees_stock: bool
    sees_orders: bool
    is_whole_house: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    place: str
    reference: str
    what: str
    expected: int
    found: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksPage:
    agree: bool
    problems: Sequence[Problem]
    at: datetime


# -- stock ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place on the map: where it lies, how large its circle is for what is on hand, and for what of it is held."""

    name: str
    city: str
    url: str
    said: str
    kind: str
    kind_said: str
    x: float
    y: float
    radius: float
    reach: float
    held_radius: float
    label_y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StockPage:
    spots: Sequence[Spot]
    map_width: int
    map_height: int
    regions: Sequence[Region]
    on_hand: int
    held: int
    free: int
    transfers_url: str
    transfers: str
    books_url: str
    tabs: Sequence[Link]
    export_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacePage:
    crumbs: Sequence[Link]
    name: str
    kind: str
    address: str
    query: str
    family: str
    families: Sequence[Choice]
    only_held: bool
    columns: Sequence[Column]
    rows: Sequence[Row]
    note: str
    on_hand: int
    held: int
    free: int
    export_url: str
    sure: Sequence[tuple[str, Tone]]
    counts_url: str
    receive_url: str
    promises_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """One line of the sum that explains a level."""

    term: str
    value: str
    is_sum: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One line of the ledger as a sentence, with the quantities after it."""

    at: datetime
    sentence: str
    reason: str
    serial: str
    who: str
    order_number: str
    order_url: str
    transfer_url: str
    change: str
    on_hand_after: int
    held_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceLine:
    serial: str
    epc: str
    state: str
    tone: Tone
    move_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLine:
    """A transfer that brings or takes this reference."""

    number: str
    url: str
    route: str
    state: str
    tone: Tone
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLine:
    what: str
    client: str
    card_url: str
    serial: str
    since: datetime
    until: datetime | None
    reason: str
    order_url: str
    due: date | None
    move_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sure:
    """How far the figure may be trusted: a word, and why."""

    word: str
    tone: Tone
    why: str
    counted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelPage:
    crumbs: Sequence[Link]
    question: str
    name: str
    form: str
    sku: str
    code: str
    world: str
    place: str
    on_hand: int
    held: int
    free: int
    reckoning: Sequence[Reckoning]
    pieces: Sequence[PieceLine]
    holds: Sequence[HoldLine]
    transfers: Sequence[TransferLine]
    move_url: str
    ask_url: str
    movements: Sequence[Movement]
    is_shortened: bool
    sure: Sure | None
    export_url: str
    receive_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivePage:
    crumbs: Sequence[Link]
    place: str
    form: forms.Form
    back_url: str
    problem: str = ""


# -- orders -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersPage:
    links: Sequence[Link]
    query: str
    states: Sequence[Choice]
    channels: Sequence[Choice]
    places: Sequence[Choice]
    columns: Sequence[Column]
    rows: Sequence[Row]
    note: str
    previous_url: str
    next_url: str
    export_url: str
    money_url: str
    to_send_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    name: str
    form: str
    sku: str
    serial: str
    level_url: str
    quantity: int
    amount: int
    mode: str
    state: str
    tone: Tone
    place: str
    sourcing: str
    is_return: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    how: str
    reference: str
    amount: int
    state: str
    tone: Tone
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    crumbs: Sequence[Link]
    actions: Sequence[Link]
    number: str
    state: str
    tone: Tone
    facts: Sequence[tuple[str, str]]
    client: str
    card_url: str
    currency: str
    total: int
    tax: int
    lines: Sequence[OrderLine]
    tenders: Sequence[Tender]
    happenings: Sequence[Happening]
    related: Sequence[Link]
    parcel_columns: Sequence[Column] = ()
    parcels: Sequence[Row] = ()


# -- staff, audit -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    name: str
    url: str
    roles: str
    languages: str
    since: date
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    place: str
    people: Sequence[Colleague]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPage:
    query: str
    teams: Sequence[Team]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One role of hers: where it holds, until when, and what it lets her do."""

    role: str
    where: str
    until: date | None
    may: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColleaguePage:
    crumbs: Sequence[Link]
    name: str
    facts: Sequence[tuple[str, str]]
    rights: Sequence[Right]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    seq: str
    at: datetime
    who: str
    what: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    verdict: Literal["", "whole", "broken"]
    sentence: str
    entries: int
    unsealed: int
    head: str
    lines: Sequence[AuditLine]


# -- money ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyDay:
    day: date
    source: str
    lines: int
    matched: int
    amount: int
    fees: int
    currency: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyDifference:
    id: str
    day: date
    kind: str
    explained: str
    source: str
    reference: str
    order_number: str
    order_url: str
    expected: int | None
    found: int | None
    currency: str
    tone: Tone
    typed: str  # what was written to it and refused


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyTransfer:
    id: str
    day: date
    amount: int
    currency: str
    who: str
    text: str
    typed: str  # the order's number that was written and refused


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyMatter:
    """Something of one order that waits for a person: a late rate, a dispute, money owed to its client."""

    id: str
    order_number: str
    order_url: str
    amount: int
    currency: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyPage:
    form: forms.Form
    days: Sequence[MoneyDay]
    differences: Sequence[MoneyDifference]
    transfers: Sequence[MoneyTransfer]
    rates: Sequence[MoneyMatter]
    disputes: Sequence[MoneyMatter]
    owed: Sequence[MoneyMatter]
    cards: Sequence[tuple[str, int, int]]  # currency, how many, what is left on them
    export_url: str
    balance_url: str
    offers_url: str
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancePage:
    """The trial balance: what each account holds, and that it adds up to nothing."""

    crumbs: Sequence[Link]
    rows: Sequence[tuple[str, int, str]]  # account in words, amount, currency
    sums: Sequence[tuple[str, int]]
    at: datetime
    export_url: str
