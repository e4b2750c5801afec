"""What each page of the salon may read: one frozen value per page, finished, without arithmetic left to do."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django import forms

from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Column, Row, Tone
from vendome.web.salon.allocation_pages import Limited

# -- today ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One figure of the day and where its list begins."""

    figure: int
    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A piece that waits for its client."""

    name: str
    form: str
    code: str
    world: str
    serial: str
    client: str
    order_number: str
    since: datetime
    url: str
    card_url: str
    is_refused: bool
    owes_rest: bool
    is_new: bool
    is_old: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A piece set aside for somebody, and until when."""

    hold_id: uuid.UUID
    name: str
    form: str
    serial: str
    client: str
    card_url: str
    reason: str
    until: datetime | None
    is_ending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Anniversary:
    name: str
    url: str
    day: date
    is_today: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshOrder:
    number: str
    client: str
    url: str
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayPage:
    greeting: str
    place: str
    day: date
    counts: Sequence[Count]
    collections: Sequence[Collection]  # made ready
    to_make_ready: Sequence[Collection]
    set_aside: Sequence[SetAside]
    birthdays: Sequence[Anniversary]
    fresh: Sequence[FreshOrder]
    between: Sequence[Count]  # what waits between this place and others
    transfers_url: str
    count_url: str
    arrival_words: str
    prepare_url: str = ""
    error: str = ""
    to_send_url: str = ""


# -- clients -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    name: str
    note: str
    found_by: str
    url: str
    is_masked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    query: str
    hits: Sequence[Hit]
    is_asked: bool
    may_add: bool
    new_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClientPage:
    form: forms.Form
    law: str
    problem: str = ""
    known: Sequence[Hit] = ()  # who has this e-mail or telephone already


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    sentence: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    name: str
    code: str
    world: str
    reason: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """Something open between her and the house: a piece that waits or is set aside."""

    title: str
    text: str
    hand_over_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    label: str
    value: int
    note: str
    is_main: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    name: str
    note: str
    code: str
    world: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Liking:
    topic: str
    value: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    text: str
    is_given: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    name: str
    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPage:
    name: str
    since: str
    greeting: str
    greeting_language: str
    greeting_note: str
    is_protected: bool
    points: Sequence[Point]
    suggestions: Sequence[Suggestion]
    matters: Sequence[Matter]
    shares: Sequence[Share]
    main_channel: str
    last_purchase: date | None
    wardrobe: Sequence[Owned]
    purchases: Sequence[Row]
    purchase_columns: Sequence[Column]
    letters: Sequence[tuple[datetime, str, str]]  # when, what it told, to which address (masked)
    facts: Sequence[tuple[str, str]]
    likings: Sequence[Liking]
    guarded: Sequence[Liking]
    relations: Sequence[Relation]
    consents: Sequence[Consent]
    contacts: Sequence[tuple[str, str]]
    return_url: str
    sell_url: str
    aside_url: str
    bag_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedPage:
    form: forms.Form
    open_url: str
    minutes: int
    problem: str = ""


# -- hand over ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverPage:
    name: str
    form_words: str
    code: str
    world: str
    serial: str
    client: str
    card_url: str
    order_number: str
    placed_at: datetime
    is_waiting: bool
    state: str
    rest: int  # still to pay before it is given
    currency: str
    payments_url: str
    form: forms.Form
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOverPage:
    name: str
    code: str
    world: str
    serial: str
    client: str
    card_url: str
    order_number: str
    is_done: bool
    state: str
    remaining: Sequence[Link]


# -- choosing a client, wherever one is needed -------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Chooser:
    """A client to choose beside something else; `kept` are the values the address must keep."""

    query: str
    chosen_name: str
    chosen_url: str
    forget_url: str
    hits: Sequence[Choice]
    is_asked: bool
    kept: Sequence[tuple[str, str]]


# -- sell ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A reference found at the till: free here, or where else it may be had."""

    name: str
    form: str
    sku: str
    code: str
    world: str
    serial: str
    amount: int | None
    currency: str
    here: int
    elsewhere: int
    is_kept: bool  # the one that would be added is set aside for the client of this sale
    add_url: str
    find_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleLine:
    name: str
    form: str
    serial: str
    code: str
    world: str
    amount: int | None
    remove_url: str
    is_free: bool
    is_kept: bool  # set aside for her, and hers with this sale


@dataclass(frozen=True, slots=True, kw_only=True)
class SellPage:
    query: str
    findings: Sequence[Finding]
    is_asked: bool
    scanned: str  # why the piece under the scanner cannot be sold now, where it cannot
    lines: Sequence[SaleLine]
    chooser: Chooser
    currency: str
    total: int
    tax: int
    tax_name: str
    is_tax_included: bool
    can_confirm: bool
    form: forms.Form
    kept: Sequence[tuple[str, str]]
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    name: str
    form: str
    sku: str
    serial: str
    quantity: int
    amount: int
    way: str  # how and when she receives what she does not carry away


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptTender:
    """How a part was paid or goes back, what the terminal or provider calls it, and how much it was."""

    how: str
    reference: str
    amount: int
    is_done: bool  # the money has moved; a refund that was only asked for has not


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPage:
    number: str
    at: datetime
    house: str
    place: str
    address: Sequence[str]
    client: str
    card_url: str
    advisor: str
    lines: Sequence[ReceiptLine]
    currency: str
    total: int
    tax: int
    tax_name: str
    tenders: Sequence[ReceiptTender]
    is_paid: bool
    missing: int
    payments_url: str
    related: Sequence[Link]
    is_gift: bool  # for who receives it: without amounts, and without who gave it
    other_url: str  # the same paper with amounts, or without


# -- payments ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEntry:
    """One tender of an order; one that waits can be withdrawn."""

    id: str
    how: str
    reference: str
    amount: int
    state: str
    tone: Tone
    at: datetime
    is_waiting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    position: int
    due: date
    amount: int
    state: str
    tone: Tone
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentsPage:
    """What an order has been paid and what is missing; a link just made is shown once."""

    url: str
    number: str
    client: str
    state: str
    currency: str
    total: int
    paid: int
    missing: int
    payments: Sequence[PaymentEntry]
    rates: Sequence[Rate]
    form: forms.Form
    link_key: str
    link_url: str
    link_amount: int
    link_until: datetime | None
    mail_url: str
    is_open: bool
    can_link: bool
    end_url: str  # of an exchange that waits for its payment
    receipt_url: str
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardPage:
    """A card being sold, or just made: then its code stands here and nowhere else."""

    form: forms.Form
    currency: str
    code: str = ""
    amount: int = 0
    problem: str = ""
    code_url: str = ""  # gives a card whose code was shown before a new one, under this key
    key: str = ""


# -- collections ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A model on the shelf or in the book."""

    name: str
    code: str
    world: str
    url: str
    amount: int | None
    currency: str
    note: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionsPage:
    query: str
    tabs: Sequence[Link]
    only_here: bool
    here_url: str
    kept: Sequence[tuple[str, str]]
    shown: Sequence[Shown]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One size of the chosen material."""

    label: str
    url: str
    is_chosen: bool
    here: int
    elsewhere: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    place: str
    city: str
    free: int
    held: int
    how: str
    phone: str
    local_time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPage:
    name: str
    code: str
    world: str
    collection: str
    description: str
    facts: Sequence[tuple[str, str]]
    material: str
    shown_in: str  # the metal of the photographs, when the reference is of another one
    materials: Sequence[Choice]
    sizes: Sequence[Variant]
    chosen_label: str
    amount: int | None
    currency: str
    price_note: str
    reference_id: uuid.UUID
    place_id: uuid.UUID
    supply: str
    here: int
    held_here: int
    serials: Sequence[str]
    places: Sequence[Elsewhere]
    find_url: str
    sell_url: str
    can_set_aside: bool
    chooser: Chooser
    hold_form: forms.Form
    ask_url: str  # asking another place for it, when one has it
    kept: Sequence[tuple[str, str]]
    back_url: str
    problem: str = ""
    done: str = field(default="")
    allocations: Sequence[Limited] = ()
