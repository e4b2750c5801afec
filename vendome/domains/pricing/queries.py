"""The one price function, for Python callers; the SQL of an order asks the same."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date

from vendome.domains.pricing.errors import NoPrice
from vendome.domains.pricing.types import PriceView
from vendome.kit import sql


def list_prices(*, market_id: uuid.UUID, reference_ids: Collection[uuid.UUID], day: date) -> dict[uuid.UUID, PriceView]:
    """Prices of the references that have one in this market on this day, in one statement."""
    found = sql.rows("SELECT * FROM pricing_prices(%s, %s, %s)", [market_id, list(reference_ids), day])
    return {
        reference: PriceView(
            reference_id=reference,
            amount=amount,
            currency=currency,
            tax_amount=tax,
            tax_rate_bp=rate,
            is_tax_included=included,
            reason=reason,
        )
        for reference, amount, currency, tax, rate, included, reason in found
    }


def get_price(*, market_id: uuid.UUID, reference_id: uuid.UUID, day: date) -> PriceView:
    """Raises NoPrice."""
    prices = list_prices(market_id=market_id, reference_ids=[reference_id], day=day)
    if reference_id not in prices:
        raise NoPrice(reference_id=str(reference_id))
    return prices[reference_id]
