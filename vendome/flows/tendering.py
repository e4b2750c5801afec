"""What is given for an order, as the database function takes it: tenders, deposit, plan, and how long pieces are
kept."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vendome.domains.payments.errors import GiftCardUnknown, NotOffered
from vendome.domains.payments.queries import offers
from vendome.domains.payments.types import OfferView, Tender
from vendome.flows.types import TenderGiven

UNPAID_SECONDS = 900
"""How long an order that waits for its payment keeps its pieces."""
DAY = 86_400
LONGEST_KEPT = 30 * DAY


@dataclass(frozen=True, slots=True)
class Terms:
    """`asked` is part of the request (and of its idempotency), `rules` are the market's own."""

    asked: Mapping[str, Any]
    rules: Mapping[str, Any]
    keep_seconds: int


def read_tender(*, tender: TenderGiven) -> dict[str, Any]:
    """One tender as `flows_place_order` reads it. Raises GiftCardUnknown for a stored value without its card."""
    if (tender.tender in (Tender.GIFT_CARD, Tender.CREDIT_NOTE)) != (tender.card_id is not None):
        raise GiftCardUnknown()
    found: dict[str, Any] = {
        "tender": tender.tender.value,
        "provider": tender.provider,
        "reference": tender.reference,
        "settled": tender.is_settled,
    }
    if tender.amount is not None:
        found["amount"] = tender.amount
    if tender.card_id is not None:
        found["card"] = tender.card_id
    if tender.card_code:
        found["code"] = tender.card_code
    return found


def read_terms(
    *,
    market_id: uuid.UUID,
    tenders: Sequence[TenderGiven],
    due_amount: int | None,
    instalments: int,
    keep_seconds: int | None,
    at: datetime,
) -> Terms:
    """The terms on which a market takes these tenders. Raises NotOffered."""
    waits_for_bank = any(one.tender is Tender.TRANSFER and not one.is_settled for one in tenders)
    asked: dict[str, Any] = {}
    rules: dict[str, Any] = {}
    seconds = min(keep_seconds or UNPAID_SECONDS, LONGEST_KEPT)
    if not (waits_for_bank or instalments or due_amount is not None):
        return Terms(asked, rules, seconds)  # the hot way asks nothing more of the database
    offer = offers.get_offer(market_id=market_id, at=at)
    if waits_for_bank:
        if not offer.is_transfer_offered:
            raise NotOffered(tender=Tender.TRANSFER.value)
        seconds = max(seconds, offer.transfer_days * DAY)
    if instalments:
        if not any(one.tender is Tender.CARD for one in tenders):
            raise NotOffered(instalments=instalments)  # the later rates are charged to the card that pays the first
        asked["plan"] = {"count": _rates(offer, instalments, due_amount), "from": offer.instalments_from_amount}
    elif due_amount is not None:
        asked["due"] = due_amount
        rules["deposit_bp"] = offer.deposit_bp
    return Terms(asked, rules, seconds)


def _rates(offer: OfferView, instalments: int, due_amount: int | None) -> int:
    if instalments not in offer.instalment_counts or due_amount is not None:
        raise NotOffered(instalments=instalments)
    return instalments
