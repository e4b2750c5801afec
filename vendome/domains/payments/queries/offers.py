"""Which ways to pay a market offers beside the card."""

from __future__ import annotations

import uuid

from vendome.domains.payments.models import MarketOffer
from vendome.domains.payments.types import OfferView


def get_offer(*, market_id: uuid.UUID) -> OfferView:
    """The offer of a market; one that was never written down offers the card alone, and deposits of thirty percent."""
    row = MarketOffer.objects.filter(market_id=market_id).first()
    if row is None:
        return OfferView()
    return OfferView(
        is_transfer_offered=row.is_transfer_offered,
        transfer_days=row.transfer_days,
        transfer_account=tuple(row.transfer_account),
        instalment_counts=tuple(row.instalment_counts),
        instalments_from_amount=row.instalments_from_amount,
        deposit_bp=row.deposit_bp,
    )
