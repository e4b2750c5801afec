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
