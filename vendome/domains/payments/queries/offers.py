"""Which ways to pay a market offers beside the card, from which day."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import F, Q

from vendome.domains.payments.models import MarketOffer
from vendome.domains.payments.types import OfferVersion, OfferView


def get_offer(*, market_id: uuid.UUID, at: datetime) -> OfferView:
    """What a market offered at a moment; where nothing was written: the card alone, and deposits of thirty percent."""
    begun = Q(from_date=None) | Q(from_date__lte=at.date())
    rows = MarketOffer.objects.filter(begun, Q(at=None) | Q(at__lte=at), market_id=market_id)
    row = rows.order_by(F("from_date").desc(nulls_last=True), "-number").first()
    return OfferView() if row is None else _view(row)


def list_versions(*, market_id: uuid.UUID) -> tuple[OfferVersion, ...]:
    """Everything that was written of a market's offer, newest first."""
    rows = MarketOffer.objects.filter(market_id=market_id).order_by("-number")
    return tuple(
        OfferVersion(
            number=row.number, from_date=row.from_date, at=row.at, actor=row.actor, note=row.note, offer=_view(row)
        )
        for row in rows
    )


def _view(row: MarketOffer) -> OfferView:
    return OfferView(
        is_transfer_offered=row.is_transfer_offered,
        transfer_days=row.transfer_days,
        transfer_account=tuple(row.transfer_account),
        instalment_counts=tuple(row.instalment_counts),
        instalments_from_amount=row.instalments_from_amount,
        deposit_bp=row.deposit_bp,
    )
