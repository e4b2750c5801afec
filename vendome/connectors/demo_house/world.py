"""The house as the generator thinks of it: places, people, references and prices by number."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from vendome.connectors.demo_house.content import Content, Table
from vendome.connectors.demo_house.copying import Copier
from vendome.connectors.demo_house.moments import Ids
from vendome.connectors.demo_house.sizes import Size


@dataclass(slots=True, kw_only=True)
class Market:
    nr: int
    id: str
    code: str
    currency: str
    tax_rate_bp: int
    is_tax_included: bool
    delivery_days: int
    minor: int  # minor units in one unit of the currency
    rate: float
    rounding: int


@dataclass(slots=True, kw_only=True)
class Staff:
    id: str
    label: str
    code: str
    name: str
    languages: tuple[str, ...]
    roles: tuple[str, ...]
    place: int


@dataclass(slots=True, kw_only=True)
class Place:
    nr: int
    id: str
    code: str
    kind: str
    name: str
    city: str
    country: str
    region: str
    timezone: str
    market: Market
    owner: str
    stock_owner: str  # whose the pieces standing there are
    latitude: float
    longitude: float
    sells_online: bool
    offers_collection: bool
    ships: bool
    hours: dict[str, str]
    sellers: list[Staff] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Model:
    nr: int
    id: str
    code: str
    family: str
    collection: str
    stone: str
    form: str
    price_eur: float
    materials: tuple[str, ...]
    sizes: tuple[str, ...]
    size_system: str
    limited: int
    is_serialised: bool


@dataclass(slots=True, kw_only=True)
class Reference:
    nr: int
    id: str
    sku: str
    model: Model
    material: str
    size: str
    price_eur: float
    is_serialised: bool


@dataclass(slots=True, kw_only=True)
class World:
    """Everything that is settled before the first client comes in."""

    size: Size
    content: Content
    copier: Copier
    ids: Ids
    random: random.Random
    today: date
    start: int  # the ledger is opened
    now: int  # the last moment of the history
    report: Callable[[str, float], None] = lambda _step, _share: None
    maison: str = ""
    maison_code: str = ""
    markets: dict[str, Market] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    place: dict[str, Place] = field(default_factory=dict)
    staff: dict[str, Staff] = field(default_factory=dict)
    models: list[Model] = field(default_factory=list)
    model: dict[str, Model] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    reference: dict[tuple[str, str, str], Reference] = field(default_factory=dict)
    books: list[tuple[int, str]] = field(default_factory=list)  # first moment, name; the newest last
    prices: list[list[list[int]]] = field(default_factory=list)  # [book][market][reference], minor units
    taxes: list[list[list[int]]] = field(default_factory=list)  # likewise: the tax within or on top of each price

    def add(self, table: str, *fields: object) -> None:
        """One row of the smaller tables, from its fields."""
        self.copier.add(table, "\t".join(map(str, fields)))

    def cast(self, key: str) -> Table:
        found: Table = self.content.people["cast"][key]
        return found

    def boutiques(self) -> list[Place]:
        return [place for place in self.places if place.kind == "BOUTIQUE"]

    def agents(self) -> list[Staff]:
        return [person for person in self.staff.values() if "client_service" in person.roles]

    def book_at(self, ms: int) -> int:
        nr = len(self.books) - 1
        while nr and ms < self.books[nr][0]:
            nr -= 1
        return nr
