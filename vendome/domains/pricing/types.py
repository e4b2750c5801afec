"""Plain values of pricing."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceView:
    """What one reference costs in one market on one day, and why. Amounts in minor units.

    `amount` is what the client pays for one; `tax_amount` is contained in it, or comes on top where the
    market's prices exclude tax (`is_tax_included`).
    """

    reference_id: uuid.UUID
    amount: int
    currency: str
    tax_amount: int
    tax_rate_bp: int
    is_tax_included: bool
    reason: str
