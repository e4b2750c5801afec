"""What the piece's page in the salon says of an allocation."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """One allocation of this model, and where the chosen client stands in it."""

    code: str
    title: str
    policy: str
    opens_at: datetime
    closes_at: datetime | None
    pieces: int
    bought: int
    state: str
    place: str
    until_at: datetime | None
    is_nomination: bool
    may_enter: bool
    url: str
    client_id: uuid.UUID | None
