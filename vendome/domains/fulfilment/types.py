"""Plain values of fulfilment."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass
from datetime import datetime


class Proof(enum.StrEnum):
    """How the person who received a line was known."""

    IDENTITY_SEEN = "IDENTITY_SEEN"
    ORDER_CODE = "ORDER_CODE"
    KNOWN_TO_ADVISOR = "KNOWN_TO_ADVISOR"
    CARRIER = "CARRIER"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverRow:
    """One line given: by whom, where, and how she was known."""

    line_id: uuid.UUID
    piece_id: uuid.UUID | None
    place_id: uuid.UUID | None
    actor: str
    proof: Proof
    at: datetime
