"""What every sale of a boutique asks: whose prices it sells at, who takes the money, how long a link lasts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vendome.domains.house import queries as house
from vendome.domains.house.types import MarketView, PlaceView
from vendome.domains.payments import ports
from vendome.domains.payments.types import Tender
from vendome.flows.types import TenderGiven
from vendome.web.salon.forms import LINK
from vendome.web.salon.frame import SalonRequest

LINK_SECONDS = 48 * 3600
PROVIDERS = {Tender.CASH: "till", Tender.TERMINAL: "terminal"}


def market_of(request: SalonRequest) -> MarketView:
    """The market whose prices this boutique sells at."""
    return market_at(request.place)


def market_at(place: PlaceView) -> MarketView:
    """The market of a place."""
    markets = house.list_markets(maison_id=place.maison_id)
    return next(market for market in markets if market.id == place.market_id)


def tender_of(given: Mapping[str, Any]) -> TenderGiven:
    """The tender that was chosen in a form of a sale: it takes what nothing else does."""
    if given["tender"] == LINK:
        return TenderGiven(tender=Tender.CARD, provider=ports.card_provider())
    tender = Tender(given["tender"])
    return TenderGiven(
        tender=tender,
        provider=PROVIDERS[tender],
        reference=given["reference"].strip() if tender is Tender.TERMINAL else "",
        is_settled=True,
    )
