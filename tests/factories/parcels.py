"""Carriers and parcels in one line."""

from __future__ import annotations

import uuid
from datetime import time
from typing import Any

from tests.factories.orders import buy_online, pay
from tests.factories.small_house import NOW, SmallHouse
from vendome.connectors.carrier_test.carrier import TestCarrier
from vendome.domains.fulfilment import ports
from vendome.domains.fulfilment.models import CarrierService, Parcel
from vendome.domains.fulfilment.queries import parcels as queries
from vendome.domains.fulfilment.types import ParcelView
from vendome.domains.orders.types import Mode
from vendome.domains.people.permissions import ROLES
from vendome.flows import parcels, shipping
from vendome.flows.types import PlacedOrder
from vendome.kit.actors import Actor, ActorKind

SIGNED = b"\x89PNG\r\n\x1a\n" + b"her name"
ADDRESS = ("Éléonore de Brissac", "1 rue des Tilleuls", "75001 Paris", "France")


def offer_services(house: SmallHouse, carrier: str = "carrier_test", **more: Any) -> dict[str, uuid.UUID]:
    """Standard to EUR 10,000, express to EUR 25,000, white glove to EUR 500,000 with two concierges."""
    ports.bind(TestCarrier())
    made = {}
    for mode, limit, days, who in (
        ("STANDARD", 1_000_000, 3, carrier),
        ("EXPRESS", 2_500_000, 1, carrier),
        ("WHITE_GLOVE", 50_000_000, 1, "house"),
    ):
        values: dict[str, Any] = {
            "limits": {"EUR": limit, "GBP": limit},
            "days": days,
            "needs_signature": True,
            "checks_identity": mode == "WHITE_GLOVE",
            "cut_off": time(16),
            "windows": ["10:00-12:00", "14:00-16:00"] if mode == "WHITE_GLOVE" else [],
            "slot_seats": 2 if mode == "WHITE_GLOVE" else 0,
            "base_grams": 300,
            "grams_per_tonne_km": 600,
            "footprint_source": "house estimate",
            **more,
        }
        row = CarrierService.objects.create(
            maison_id=house.maison.id, carrier=who, code=mode.title(), name=mode.title(), mode=mode, **values
        )
        made[mode] = row.id
    return made


def packer(house: SmallHouse, *roles: str) -> Actor:
    """Somebody of the warehouse; with the roles named, else logistics."""
    allowed = frozenset[str]().union(*(ROLES[role] for role in roles or ("logistics",)))
    return Actor(
        kind=ActorKind.STAFF, id=uuid.uuid4(), maison_id=house.maison.id, name="Noor",
        permissions=dict.fromkeys(allowed, frozenset({house.warehouse, house.paris})),
    )  # fmt: skip


def to_send(house: SmallHouse, *references: uuid.UUID, **more: Any) -> tuple[PlacedOrder, ParcelView]:
    """A paid order to be delivered from the warehouse, and its parcel."""
    placed = buy_online(
        house,
        more.pop("client_id", house.traditional),
        *(references or (house.ring,)),
        mode=Mode.DELIVER,
        address=ADDRESS,
        **more,
    )
    pay(house, placed)
    return placed, parcel_of(house, placed)


def parcel_of(house: SmallHouse, placed: PlacedOrder, number: int = 1) -> ParcelView:
    row = Parcel.objects.get(order_id=placed.id, number=number)
    return queries.get_parcel(actor=house.system, parcel_id=row.id)


def fresh(house: SmallHouse, parcel: ParcelView) -> ParcelView:
    return queries.get_parcel(actor=house.system, parcel_id=parcel.id)


def pack(house: SmallHouse, parcel: ParcelView, service: uuid.UUID, **more: Any) -> None:
    values: dict[str, Any] = {
        "key": str(uuid.uuid4()),
        "seal": f"SEAL-{uuid.uuid4().hex[:8]}",
        "serials": [line.serial for line in parcel.lines if line.serial],
        "actor": packer(house),
        "at": NOW,
        **more,
    }
    parcels.pack(parcel_id=parcel.id, service_id=service, **values)


def sent(
    house: SmallHouse, service: str = "STANDARD", *references: uuid.UUID, **more: Any
) -> tuple[PlacedOrder, ParcelView]:
    """An order on its way: packed, booked, with the carrier."""
    services = offer_services(house)
    placed, parcel = to_send(house, *references)
    pack(house, parcel, services[service], **more)
    shipping.book_due(actor=house.system, at=NOW)
    parcels.dispatch(parcel_id=parcel.id, actor=packer(house), at=NOW)
    return placed, fresh(house, parcel)
