"""Payments in one line."""

from __future__ import annotations

import uuid
from typing import Any

from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.orders.types import Mode
from vendome.domains.payments.models import MarketOffer
from vendome.domains.payments.types import Tender
from vendome.flows import checkout
from vendome.flows.types import PlacedOrder, TenderGiven, WantedLine
from vendome.kit import sql


def cash(amount: int | None = None) -> TenderGiven:
    return TenderGiven(tender=Tender.CASH, provider="till", is_settled=True, amount=amount)


def card(amount: int | None = None, provider: str = "card_test") -> TenderGiven:
    return TenderGiven(tender=Tender.CARD, provider=provider, amount=amount)


def transfer(amount: int | None = None) -> TenderGiven:
    return TenderGiven(tender=Tender.TRANSFER, provider="bank", amount=amount)


def offer(house: SmallHouse, **more: Any) -> None:
    """France pays by transfer, and in three or four rates from EUR 1,000."""
    MarketOffer.objects.create(
        market_id=house.france.id,
        **{
            "is_transfer_offered": True,
            "transfer_account": ["FR76 3000 1007 9412 3456 7890 185", "BDFEFRPPCCT"],
            "instalment_counts": [3, 4],
            "instalments_from_amount": 100_000,
        }
        | more,
    )


def order(house: SmallHouse, *tenders: TenderGiven, **more: Any) -> PlacedOrder:
    """A ring ordered in the Paris boutique, to be collected there."""
    return checkout.place_order(
        key=more.pop("key", "") or str(uuid.uuid4()),
        maison=house.maison,
        market=house.france,
        channel="boutique",
        lines=[WantedLine(reference_id=more.pop("what", house.ring), mode=Mode.COLLECT, place_id=house.paris)],
        tenders=tenders,
        client_id=more.pop("client", house.traditional),
        advisor_id=house.advisor_paris.id,
        selling_place_id=house.paris,
        actor=house.advisor_paris,
        at=more.pop("at", NOW),
        **more,
    )


def states(order_id: uuid.UUID) -> tuple[str, list[tuple[str, int, str]]]:
    """The order's state, and its tenders with amounts and states."""
    found = sql.rows(
        "SELECT tender, amount, state FROM payments_payment WHERE order_id = %s ORDER BY amount DESC, tender",
        [order_id],
    )
    return str(sql.value("SELECT state FROM orders_order WHERE id = %s", [order_id])), found


def balances(house: SmallHouse) -> dict[str, int]:
    return {row[0]: int(row[2]) for row in sql.rows("SELECT * FROM payments_balances(%s)", [house.maison.id])}
