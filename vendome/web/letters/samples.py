"""An order that never was, to show headquarters each letter: the house's own pieces, a client of no house."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.fulfilment.queries import parcels
from vendome.domains.fulfilment.types import Booking, DeliveryMode, ParcelLineView, ParcelState, ParcelView
from vendome.domains.house import queries as house
from vendome.domains.house.types import MarketView, PlaceKind, PlaceView
from vendome.domains.letters.types import LetterKind
from vendome.domains.orders.types import (
    Direction,
    LineState,
    Mode,
    OrderLineView,
    OrderState,
    OrderView,
    ReturnRoute,
)
from vendome.domains.payments.types import PaymentRow, PaymentState, Tender
from vendome.domains.pricing import queries as pricing
from vendome.flows.letter_facts import Announced, Case, GivenBack, Kept, Recipient, ToPay
from vendome.kit.errors import NotFound

NAME, EMAIL = "Éléonore de Brissac", "eleonore@example.com"
NUMBER = "W-26-100482"
HOME = {"fr": "FR", "en": "GB"}
NOBODY = uuid.UUID(int=1)
"""Stands for whatever has an id in a sample; no row carries it."""


def sample(*, kind: LetterKind, language: str, maison_id: uuid.UUID, at: datetime) -> Case:
    """What a letter of this kind would read. Raises NotFound while the house has no market, boutique or piece."""
    places = {one.id: one for one in house.list_places(maison_id=maison_id)}
    market, place = _market_and_place(maison_id, language, list(places.values()))
    labels = _two_pieces(maison_id)
    order = _order(kind, market, place, labels, at)
    amount = order.total_amount
    back = GivenBack(amount=order.lines[0].amount, currency=order.currency, tender=Tender.CARD)
    return Case(
        kind=kind,
        maison=house.get_maison(maison_id=maison_id),
        market=market,
        places=places,
        labels={one.id: one for one in labels},
        recipient=Recipient(email=EMAIL, name=NAME, language=language),
        at=at,
        order=None if kind in {LetterKind.SET_ASIDE, LetterKind.OFFER} else order,
        payments=() if kind is LetterKind.TRANSFER else (_paid(amount, order.currency, at),),
        line_ids=frozenset({order.lines[0].id}),
        to_pay=ToPay(
            amount=amount,
            currency=order.currency,
            until=at + timedelta(days=2),
            link_id=NOBODY,
            account=("FR76 3000 1007 9412 3456 7890 185", "BDFEFRPPCCT"),
            until_date=(at + timedelta(days=7)).date(),
        ),
        given_back=(back,),
        parcel=_parcel(order, place, labels, at),
        announced=Announced(
            id=NOBODY,
            number="RET-26-204",
            route=ReturnRoute.COURIER,
            place_id=None,
            lines=((labels[0].id, 1),),
            is_gift=False,
            last_date=(at + timedelta(days=14)).date(),
        ),
        kept=Kept(
            reference_id=labels[0].id,
            place_id=place.id,
            until=at + timedelta(days=2),
            title=labels[0].model_name,
            code="sample",
        ),
    )


def _market_and_place(maison_id: uuid.UUID, language: str, places: list[PlaceView]) -> tuple[MarketView, PlaceView]:
    boutiques = [one for one in places if one.kind is PlaceKind.BOUTIQUE and one.is_visible]
    markets = sorted(house.list_markets(maison_id=maison_id), key=lambda one: one.country != HOME.get(language))
    for market in markets:
        if found := next((one for one in boutiques if one.market_id == market.id), None):
            return market, found
    raise NotFound("Open a boutique first: a letter names one.")


def _two_pieces(maison_id: uuid.UUID) -> list[ReferenceLabel]:
    models = catalogue.list_models(maison_id=maison_id)[:2]
    found = catalogue.label_references(ids={one.first_reference_id for one in models})
    if not found:
        raise NotFound("Publish a piece first: a letter names one.")
    first, *rest = found.values()
    return [first, rest[0] if rest else first]


def _order(
    kind: LetterKind, market: MarketView, place: PlaceView, labels: list[ReferenceLabel], at: datetime
) -> OrderView:
    prices = pricing.list_prices(market_id=market.id, reference_ids=[one.id for one in labels], day=at.date())
    states = {
        LetterKind.CANCELLED: LineState.CANCELLED,
        LetterKind.READY: LineState.READY,
        LetterKind.HANDED_OVER: LineState.HANDED_OVER,
    }
    is_exchange = kind is LetterKind.EXCHANGE_DUE
    lines = tuple(
        OrderLineView(
            id=uuid.UUID(int=number),
            position=number,
            direction=Direction.IN if is_exchange and number == 2 else Direction.OUT,
            reference_id=label.id,
            piece_id=None,
            serial=f"VM{482_190 + number}" if label.is_serialised else "",
            quantity=1,
            unit_amount=prices[label.id].amount if label.id in prices else 820_000,
            amount=prices[label.id].amount if label.id in prices else 820_000,
            mode=Mode.COLLECT if number == 1 else Mode.DELIVER,
            state=states.get(kind, LineState.HELD) if number == 1 else LineState.HELD,
            place_id=place.id,
            promised_date=(at + timedelta(days=number + 1)).date(),
            returned_quantity=0,
            credited_quantity=0,
        )
        for number, label in enumerate(labels, start=1)
    )
    total = sum(line.amount if line.direction is Direction.OUT else -line.amount for line in lines)
    return OrderView(
        id=NOBODY,
        number=NUMBER,
        market_id=market.id,
        client_id=NOBODY,
        channel="web",
        place_id=None,
        advisor_id=None,
        state=OrderState.CONFIRMED,
        currency=market.currency,
        total_amount=abs(total),
        tax_amount=abs(total) * market.tax_rate_bp // (10_000 + market.tax_rate_bp),
        placed_at=at,
        delivery_address=(NAME, "1 rue des Tilleuls", "75001 Paris", "FR"),
        contact_name=NAME,
        sourcing=(),
        lines=lines,
    )


def _paid(amount: int, currency: str, at: datetime) -> PaymentRow:
    return PaymentRow(
        id=NOBODY,
        tender=Tender.CARD,
        provider="sample",
        provider_reference="",
        amount=amount,
        currency=currency,
        state=PaymentState.CAPTURED,
        requested_at=at,
        settled_at=at,
    )


def _parcel(order: OrderView, place: PlaceView, labels: list[ReferenceLabel], at: datetime) -> ParcelView:
    services = parcels.list_services(maison_id=place.maison_id)
    service = services[0].name if services else "Express"
    lines = tuple(
        ParcelLineView(
            line_id=line.id,
            name=label.model_name,
            code=label.model_code,
            sku=label.sku,
            material=label.material,
            size=label.size,
            serial=line.serial,
            quantity=1,
            amount=line.amount,
            state="DISPATCHED",
        )
        for line, label in zip(order.lines, labels, strict=True)
    )
    return ParcelView(
        id=NOBODY,
        number=1,
        order_id=NOBODY,
        order_number=order.number,
        order_state="CONFIRMED",
        client_id=NOBODY,
        recipient=NAME,
        address=order.delivery_address,
        country="FR",
        phone="",
        email=EMAIL,
        origin_id=place.id,
        origin_name=place.name,
        state=ParcelState.DISPATCHED,
        promised_date=(at + timedelta(days=2)).date(),
        wanted=DeliveryMode.EXPRESS,
        carrier="sample",
        service_id=NOBODY,
        service_name=service,
        mode=DeliveryMode.EXPRESS,
        why="",
        tracking_number="4820 1946 3307",
        seal="S-204816",
        value=order.total_amount,
        insured_amount=order.total_amount,
        insured_limit=order.total_amount,
        currency=order.currency,
        needs_signature=True,
        checks_identity=True,
        slot=None,
        footprint_grams=0,
        footprint_source="",
        booking=Booking.NONE,
        booking_problem="",
        label_id=None,
        signature_id=None,
        received_by=NAME,
        identity_seen="",
        problem="",
        packed_at=at,
        dispatched_at=at,
        delivered_at=at,
        ended_at=None,
        lines=lines,
        events=(),
    )
