"""What each page of the boutique may read: one frozen dataclass a page, called `page` in its template."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from vendome.web.boutique.forms import CheckoutForm, FilterForm, PayForm, ProfileForm
from vendome.web.boutique.hours import Opening
from vendome.web.boutique.wording import spoken_day
from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Happening, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternate:
    """The same page in another market or language."""

    hreflang: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What search engines and shared links show of a page."""

    title: str
    description: str = ""
    canonical: str = ""
    image: str = ""
    alternates: Sequence[Alternate] = ()
    linked_data: Mapping[str, Any] | None = None
    is_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceCard:
    """One model in a grid."""

    code: str
    name: str
    url: str
    amount: int | None
    currency: str
    material: str
    world: str
    note: str = ""
    tone: Tone = ""
    has_angle: bool = False
    is_feature: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionEntry:
    code: str
    name: str
    year: int
    story: str
    url: str
    picture: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    head: Head
    hero_url: str
    collections: Sequence[CollectionEntry]
    pieces: Sequence[PieceCard]
    boutique: BoutiqueEntry | None
    boutiques: Sequence[BoutiqueEntry]
    boutiques_url: str
    care_url: str
    workshop_url: str
    launches: Sequence[Any] = ()  # launch_pages.LaunchTeaser


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionsPage:
    head: Head
    crumbs: Sequence[Link]
    collections: Sequence[CollectionEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionPage:
    head: Head
    crumbs: Sequence[Link]
    collection: CollectionEntry
    filters: Sequence[Link]
    count: str
    pieces: Sequence[PieceCard]


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyPage:
    head: Head
    crumbs: Sequence[Link]
    name: str
    line: str
    form: FilterForm
    count: str
    pieces: Sequence[PieceCard]
    is_filtered: bool
    clear_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    head: Head
    query: str
    count: str
    pieces: Sequence[PieceCard]
    places: Sequence[Link]
    suggestions: Sequence[PieceCard]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to receive a reference: sent, or collected at a boutique."""

    value: str
    label: str
    note: str
    place: str
    state: str
    words: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One boutique's word on a reference."""

    name: str
    place: str
    state: str
    url: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One reference as it can be bought now."""

    reference: uuid.UUID
    sku: str
    material: str
    metals: Sequence[Choice]
    sizes: Sequence[Choice]
    size_note: str
    amount: int | None
    currency: str
    price_note: str
    ways: Sequence[Way]
    other_ways: Sequence[Way]
    standing: Sequence[Standing]
    is_gone: bool
    only_in: str
    only_in_url: str
    others: Sequence[Link]
    shown_in: str
    cities: Sequence[Choice]
    fresh_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingDoor:
    """A boutique where the piece stands, or is already set aside for her: then `until` says so."""

    place: str
    code: str
    name: str
    state: str
    words: str
    until: str
    is_own: bool  # by herself, so that she can let it go in her account


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Setting a piece aside in a boutique; who has not signed in does so first."""

    key: str
    url: str
    reference: uuid.UUID
    sign_in_url: str
    account_url: str
    is_full: bool
    is_hers: bool
    again: str  # the day from which she may set it aside again, after a pause; empty when she may now
    doors: Sequence[KeepingDoor]
    other_doors: Sequence[KeepingDoor]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsidePiece:
    """A piece she has set aside herself: which, where, until when."""

    hold: uuid.UUID
    key: str
    code: str
    name: str
    url: str
    world: str
    material: str
    size: str
    place: str
    place_url: str
    until: str
    release_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PiecePage:
    head: Head
    crumbs: Sequence[Link]
    code: str
    name: str
    world: str
    collection: CollectionEntry
    edition: str
    offer: Offer
    keeping: Keeping | None
    add_url: str
    contact_url: str
    contact_letter: str
    description: str
    craft: str
    care: str
    facts: Sequence[tuple[str, str]]
    pictures: Mapping[str, str]
    turn_sources: str
    model_url: str
    viewer_module: str
    delivery: str
    delivery_url: str
    return_days: str
    returns_url: str
    sizes_url: str
    size_advice: str
    related: Sequence[PieceCard]
    launches: Sequence[Any] = ()  # launch_pages.LaunchTeaser


@dataclass(frozen=True, slots=True, kw_only=True)
class BagLine:
    """One line of the bag or of an order, with everything a client needs to recognise it."""

    id: uuid.UUID
    code: str
    name: str
    url: str
    world: str
    material: str
    size: str
    amount: int | None
    currency: str
    quantity: int
    is_counted: bool
    way: str
    ways: Sequence[Choice]
    note: str
    is_promised: bool
    change_url: str
    remove_url: str
    ready: date | None = None  # collected, but not today: from which day
    arrives: str = ""  # delivered: by which day, as the checkout will name it

    @property
    def ready_day(self) -> str:
        return spoken_day(self.ready) if self.ready else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenPiece:
    """A piece an advisor chose for her."""

    id: uuid.UUID
    code: str
    name: str
    url: str
    world: str
    material: str
    size: str
    amount: int | None
    currency: str
    note: str
    kept: str
    is_in_bag: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenForHer:
    """A selection as she sees it: who chose, the word that came with it, and one tap."""

    title: str
    note: str
    pieces: Sequence[ChosenPiece]
    take_url: str
    is_all_in_bag: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryWay:
    """One way to be delivered, at checkout."""

    value: str
    name: str
    text: str
    footprint: str
    source: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """A parcel on its way to her."""

    title: str
    state: str
    tone: Tone
    promise: str
    carrier: str
    tracking: str
    seal: str
    at_the_door: str
    footprint: str
    source: str
    pieces: Sequence[str]
    happenings: Sequence[Happening]


@dataclass(frozen=True, slots=True, kw_only=True)
class BagPage:
    head: Head
    selections: Sequence[ChosenForHer]
    lines: Sequence[BagLine]
    sum: Sequence[tuple[str, str]]
    can_continue: bool
    has_kept: bool
    checkout_url: str
    browse_url: str
    pieces: Sequence[PieceCard]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A boutique to collect at: where it is, when it is open, what to bring."""

    name: str
    address: Sequence[str]
    phone: str
    url: str
    opening: Opening
    pieces: Sequence[str]
    ready: str = ""  # the day from which they are ready there; empty: today


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutPage:
    head: Head
    steps: Sequence[str]
    form: CheckoutForm
    problem: str
    lines: Sequence[BagLine]
    sum: Sequence[tuple[str, str]]
    total: str
    visits: Sequence[Visit]
    country: str
    ways: Sequence[DeliveryWay]
    is_known: bool
    client_id: uuid.UUID | None
    sign_in_url: str
    return_days: str
    bag_url: str
    privacy_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLineEntry:
    code: str
    name: str
    url: str
    world: str
    material: str
    size: str
    amount: int
    currency: str
    quantity: int
    serial: str
    way: str  # how it comes to her and from when; nothing once it has, or when it will not
    state: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Where a bank transfer goes, and what must stand on it."""

    amount: str
    account: Sequence[str]
    reference: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PayPage:
    """What somebody pays who holds a link; nothing of whose it is. `outcome` is empty while it can be paid."""

    head: Head
    number: str
    amount: str
    lines: Sequence[OrderLineEntry]
    outcome: str
    text: str
    until: str
    is_paid: bool
    place_name: str
    place_phone: str
    form: PayForm | None
    is_hosted: bool
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    head: Head
    crumbs: Sequence[Link]
    number: str
    placed_at: datetime
    headline: str
    text: str
    state: str
    tone: Tone
    lines: Sequence[OrderLineEntry]
    sum: Sequence[tuple[str, str]]
    happenings: Sequence[Happening]
    journeys: Sequence[Journey]
    visits: Sequence[Visit]
    address: Sequence[str]
    pay_form: PayForm | None
    pay_url: str
    is_hosted: bool
    kept_until: str
    transfer: Transfer | None
    rates: Sequence[tuple[date, str, bool]]
    return_url: str
    returns: Sequence[Link]
    change_url: str
    related: Sequence[Link]
    is_guest: bool
    is_placed: bool  # nothing of it has to be written again
    bag_url: str  # where her pieces are again when the order was not completed
    browse_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEntry:
    number: str
    url: str
    placed_at: datetime
    state: str
    tone: Tone
    total: str
    pictures: Sequence[PieceCard]
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage:
    head: Head
    greeting: str
    emails: Sequence[str]
    phones: Sequence[str]
    orders: Sequence[OrderEntry]
    selections: Sequence[ChosenForHer]
    set_aside: Sequence[SetAsidePiece]
    wardrobe: Sequence[PieceCard]
    profile: ProfileForm
    profile_url: str
    browse_url: str
    contact_url: str
    sign_out_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoutiqueEntry:
    code: str
    name: str
    city: str
    country: str
    url: str
    address: Sequence[str]
    phone: str
    opening: Opening
    story: str
    languages: str
    map_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoutiquesPage:
    head: Head
    crumbs: Sequence[Link]
    near: Sequence[BoutiqueEntry]
    regions: Sequence[tuple[str, Sequence[BoutiqueEntry]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoutiquePage:
    head: Head
    crumbs: Sequence[Link]
    boutique: BoutiqueEntry
    picture: str
    services: Sequence[str]
    pieces: Sequence[PieceCard]
    count: str
    more_url: str
    others: Sequence[Link]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePage:
    head: Head
    crumbs: Sequence[Link]
    title: str
    lead: str
    chapters: Sequence[tuple[str, Sequence[str]]]
    tables: Sequence[tuple[str, str]]
    others: Sequence[Link]
    boutiques: Sequence[BoutiqueEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class SorryPage:
    head: Head
    title: str
    sentence: str
    home_url: str
