"""Plain values of the people domain."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRow:
    """One line of the staff list."""

    id: uuid.UUID
    code: str
    name: str
    home_place_id: uuid.UUID
    place_name: str
    region: str
    roles: tuple[str, ...]
    languages: tuple[str, ...]
    started_date: date
    is_seconded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role somebody has today, with the scope it was given for: the maison, a region or a place."""

    role: str
    region: str
    place_name: str
    is_secondment: bool
    until_date: date | None
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAccess:
    """One member of staff, and what she may do where."""

    row: StaffRow
    grants: tuple[Grant, ...]
