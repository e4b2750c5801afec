"""Plain values of fulfilment."""

from __future__ import annotations

import enum


class Proof(enum.StrEnum):
    """How the person who received a line was known."""

    IDENTITY_SEEN = "IDENTITY_SEEN"
    ORDER_CODE = "ORDER_CODE"
    KNOWN_TO_ADVISOR = "KNOWN_TO_ADVISOR"
    CARRIER = "CARRIER"
