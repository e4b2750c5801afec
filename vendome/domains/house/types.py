"""Plain values of the house domain."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


class PlaceKind(enum.StrEnum):
    BOUTIQUE = "BOUTIQUE"
    WAREHOUSE = "WAREHOUSE"
    ATELIER = "ATELIER"
    PARTNER_DOOR = "PARTNER_DOOR"
    TRANSIT = "TRANSIT"
    CLIENT_HOME = "CLIENT_HOME"


class ChannelKind(enum.StrEnum):
    BOUTIQUE = "BOUTIQUE"
    WEB = "WEB"
    CLIENT_SERVICE = "CLIENT_SERVICE"
    PARTNER = "PARTNER"
    MARKETPLACE = "MARKETPLACE"


AGREED_MODES = ("COLLECT", "DELIVER", "RESERVE")
"""Ways to receive a piece that a partner's agreement may allow for the stock at its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaisonView:
    id: uuid.UUID
    code: str
    name: str
    default_language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketView:
    """A country the house sells in, with its currency, tax and languages."""

    id: uuid.UUID
    maison_id: uuid.UUID
    code: str
    country: str
    currency: str
    languages: tuple[str, ...]
    tax_name: str
    tax_rate_bp: int
    tax_included: bool
    delivery_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceView:
    """A boutique, warehouse, atelier or partner door as other domains and pages see it."""

    id: uuid.UUID
    maison_id: uuid.UUID
    market_id: uuid.UUID
    code: str
    kind: PlaceKind
    name: str
    city: str
    country: str
    region: str
    timezone: str
    address: tuple[str, ...]
    postcode: str
    phone: str
    languages: tuple[str, ...]
    hours: Mapping[str, str]
    story: Mapping[str, str]
    latitude: float | None
    longitude: float | None
    is_visible: bool
    sells_online: bool
    offers_collection: bool
    ships: bool
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneView:
    """A carrier's journey between two markets, named by their codes, for what leaves within its dates."""

    id: uuid.UUID
    origin: str
    destination: str
    carrier: str
    days: int
    runs_on: tuple[int, ...]
    from_date: date | None = None
    until_date: date | None = None

    def runs_for(self, day: date) -> bool:
        """Whether what leaves on this day goes by it."""
        return (self.from_date is None or self.from_date <= day) and (self.until_date is None or day <= self.until_date)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneVersionRow:
    """One version of a maison's lanes, as their history shows it."""

    number: int
    at: datetime
    actor: str
    note: str
