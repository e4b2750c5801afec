"""What a client may choose from before she orders: each way to be delivered, its day and its footprint."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from vendome.domains.fulfilment import choice
from vendome.domains.fulfilment.choice import Weighed
from vendome.domains.fulfilment.queries import parcels as queries
from vendome.domains.fulfilment.types import DeliveryMode, Shipment, Slot
from vendome.domains.house.types import MarketView
from vendome.kit import sql


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOffer:
    """One way to be delivered; `slots` only for white glove."""

    mode: DeliveryMode
    weighed: Weighed
    slots: tuple[Slot, ...]

    @property
    def day(self) -> date:
        """The day it is there, of white glove the first that is free: what an order placed so is promised."""
        return self.slots[0].starts_at.date() if self.slots else self.weighed.arrives


def list_offers(
    *,
    market: MarketView,
    reference_ids: Sequence[uuid.UUID],
    value: int,
    kept_at: uuid.UUID | None = None,
    at: datetime,
) -> tuple[DeliveryOffer, ...]:
    """The ways that carry all of it, insured, from where it would leave; empty when the house offers no choice.

    The piece's page, the bag and the checkout ask here, and the first is what is chosen unless she chooses another.
    What is kept for her leaves from where it stands (`kept_at`); nothing leaves before its place has it ready.
    """
    services = queries.list_services(maison_id=market.maison_id)
    origin = (kept_at or _origin(market, reference_ids, at)) if services else None
    if origin is None:
        return ()
    standard = _shipment(origin, market.country, market.currency, value, at)
    offers = []
    for mode in DeliveryMode:
        shipment = replace(standard, mode=mode)
        found = choice.choose(services, shipment).chosen
        if found is None or found.service.mode is not mode:
            continue
        slots: tuple[Slot, ...] = ()
        if mode is DeliveryMode.WHITE_GLOVE:
            taken = queries.taken_slots(service_ids=[found.service.id], since=at)
            slots = tuple(
                slot
                for slot in choice.slots(
                    found.service, shipment.local_now, at_the_door=shipment.at_the_door, ready=shipment.ready
                )
                if taken.get((found.service.id, slot.starts_at), 0) < found.service.slot_seats
            )
            if not slots:
                continue
        offers.append(DeliveryOffer(mode=mode, weighed=found, slots=slots))
    return tuple(offers)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentAgain:
    """How a piece that is taken instead of another comes to her: as `orders.delivery` writes it, and by which day."""

    delivery: dict[str, Any]
    day: date


def read_delivery_again(
    *,
    delivery: Mapping[str, Any],
    maison_id: uuid.UUID,
    origin_id: uuid.UUID,
    destination: str,
    currency: str,
    value: int,
    at: datetime,
) -> SentAgain | None:
    """The way she chose with her order, for another piece from another place; None where no service of the house is.

    The hour she chose stays while the piece can be there by then; else it is agreed with her anew.
    """
    wanted = DeliveryMode(delivery.get("mode") or DeliveryMode.STANDARD)
    shipment = replace(_shipment(origin_id, destination, currency, value, at), mode=wanted)
    found = choice.choose(queries.list_services(maison_id=maison_id), shipment).chosen
    if found is None:
        return None
    slot = datetime.fromisoformat(delivery["slot_start"]) if delivery.get("slot_start") else None
    if slot and slot > at and slot.date() >= found.arrives:
        return SentAgain(delivery=dict(delivery), day=slot.date())
    without = {name: said for name, said in delivery.items() if name not in ("slot_start", "slot_end")}
    return SentAgain(delivery=without, day=found.arrives)


def _shipment(origin: uuid.UUID, destination: str, currency: str, value: int, at: datetime) -> Shipment:
    """What would travel from a place, not before it is ready there."""
    found = queries.find_shipment(
        origin_id=origin, destination=destination, currency=currency, value=value, mode=DeliveryMode.STANDARD, at=at
    )
    ready = sql.value("SELECT house_ready_day(p, %s) FROM house_place p WHERE p.id = %s", [at, origin])
    return replace(found, ready=ready)


def _origin(market: MarketView, reference_ids: Sequence[uuid.UUID], at: datetime) -> uuid.UUID | None:
    """Where the first of the pieces would leave today, else the market's own reserve."""
    for reference_id in reference_ids:
        found: uuid.UUID | None = sql.value(
            "SELECT flows_would_send(%s, 1, %s, %s, 'web', %s)", [reference_id, market.maison_id, market.id, at.date()]
        )
        if found is not None:
            return found
    reserve: uuid.UUID | None = sql.value(
        "SELECT id FROM house_place WHERE maison_id = %s AND ships "
        "ORDER BY market_id = %s DESC, kind = 'WAREHOUSE' DESC, id LIMIT 1",
        [market.maison_id, market.id],
    )
    return reserve
