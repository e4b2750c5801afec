"""Plain values of the clients domain."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass
from datetime import date


class IdentifierKind(enum.StrEnum):
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    LOYALTY = "LOYALTY"
    WECHAT = "WECHAT"
    EXTERNAL = "EXTERNAL"  # a key in another system: "shop:12345"


class Purpose(enum.StrEnum):
    SERVICE = "SERVICE"
    NEWS = "NEWS"
    PERSONAL_ADVICE = "PERSONAL_ADVICE"
    PROFILING = "PROFILING"


class WardrobeSource(enum.StrEnum):
    BOUGHT = "BOUGHT"
    GIFT = "GIFT"
    DECLARED = "DECLARED"


PERSONAL: dict[str, tuple[str, ...]] = {
    "clients_client": ("given_name", "family_name", "salutation", "home_city", "birthday", "search_name"),
    "clients_identifier": ("value",),
    "clients_preference": ("value",),
    "clients_tie": ("label",),
    "clients_consent": ("proof",),
    "clients_wardrobepiece": ("description",),
    "clients_fileopening": ("reason",),
}
"""Columns that hold personal data, by table (hard rule 13)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientHit:
    """One line of a client search: who she is, never what she spent."""

    id: uuid.UUID
    name: str
    home_city: str
    home_country: str
    is_protected: bool
    advisor_name: str
    home_place_name: str
    matched_by: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIdentifier:
    kind: IdentifierKind
    value: str
    is_attested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConsent:
    """What she agreed to, under which law, and how we can show it."""

    purpose: Purpose
    channel: str
    law: str
    proof: str
    is_given: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Birthday:
    """A client of an advisor whose birthday is near."""

    client_id: uuid.UUID
    name: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientView:
    """The client herself, as her own account shows her."""

    id: uuid.UUID
    given_name: str
    family_name: str
    language: str
    birthday: date | None
    emails: tuple[str, ...]
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What a committee may weigh of a client without knowing who she is."""

    since: int  # the year her file was begun
    pieces: int  # in her wardrobe
