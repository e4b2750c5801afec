"""Orders in one line."""

from __future__ import annotations

import uuid
from typing import Any

from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.orders.types import Mode
from vendome.domains.payments.types import Tender
from vendome.flows import checkout
from vendome.flows.types import PlacedOrder, TenderGiven, WantedLine

CARD = TenderGiven(tender=Tender.CARD, provider="card_test")
CASH = TenderGiven(tender=Tender.CASH, provider="till", is_settled=True)


def buy_online(
    house: SmallHouse,
    client_id: uuid.UUID,
    *references: uuid.UUID,
    key: str = "",
    mode: Mode = Mode.COLLECT,
    place: uuid.UUID | None = None,
    **more: Any,
) -> PlacedOrder:
    """A web order that waits for its payment; collected in Paris unless said otherwise."""
    place_id = None if mode is Mode.DELIVER else place or house.paris
    return checkout.place_order(
        key=key or str(uuid.uuid4()),
        maison=house.maison,
        market=more.pop("market", house.france),
        channel="web",
        lines=[WantedLine(reference_id=one, mode=mode, place_id=place_id) for one in references],
        tender=CARD,
        client_id=client_id,
        actor=house.as_client(client_id),
        at=more.pop("at", NOW),
        **more,
    )


def pay(house: SmallHouse, placed: PlacedOrder, *, instrument: str = "card_good") -> PlacedOrder:
    return checkout.pay(placed=placed, provider="card_test", instrument=instrument, actor=house.system, at=NOW)


def sell_at_counter(
    house: SmallHouse, *references: uuid.UUID, key: str = "", client_id: uuid.UUID | None = None, **more: Any
) -> PlacedOrder:
    """A counter sale in Paris, paid in cash and taken away."""
    return checkout.place_order(
        key=key or str(uuid.uuid4()),
        maison=house.maison,
        market=house.france,
        channel="boutique",
        lines=[WantedLine(reference_id=one, mode=Mode.TAKE_AWAY, place_id=house.paris) for one in references],
        tender=CASH,
        client_id=client_id,
        advisor_id=house.advisor_paris.id,
        selling_place_id=house.paris,
        actor=more.pop("actor", house.advisor_paris),
        at=NOW,
        **more,
    )
