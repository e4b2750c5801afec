# ruff: noqa: E501  # SQL reads better on one line here
"""Reads of parcels: the packing table of a place, one parcel with all that happened to it, and what carriers offer."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from vendome.domains.fulfilment.choice import WITHIN_A_COUNTRY_KM, distance_km
from vendome.domains.fulfilment.models import CarrierService, ParcelDocument
from vendome.domains.fulfilment.types import (
    Booking,
    DeliveryMode,
    ParcelLineView,
    ParcelRow,
    ParcelState,
    ParcelView,
    ServiceView,
    Shipment,
    Slot,
    Tracked,
    TrackingEventView,
)
from vendome.domains.people import permissions
from vendome.kit import audit, clock, sql
from vendome.kit.actors import EVERYWHERE, Actor
from vendome.kit.errors import NotFound

PROTECTED = "Protected client"
OPEN = ("PREPARING", "PACKED", "DISPATCHED", "OUT_FOR_DELIVERY", "REFUSED", "RETURNING")
RECIPIENT = """CASE WHEN c.is_protected AND NOT %s THEN 'Protected client'
    ELSE coalesce(nullif(p.address[1], ''), nullif(btrim(c.given_name || ' ' || c.family_name), ''), o.contact->>'name', '') END"""


def list_services(*, maison_id: uuid.UUID) -> tuple[ServiceView, ...]:
    """What the maison's carriers offer, in the house's own order."""
    rows = CarrierService.objects.filter(maison_id=maison_id, is_offered=True).order_by("rank", "carrier", "code")
    return tuple(_service(row) for row in rows)


def list_parcels(
    *,
    actor: Actor,
    place_id: uuid.UUID | None = None,
    states: Sequence[str] = OPEN,
    order_id: uuid.UUID | None = None,
    still_waits: bool | None = None,
    limit: int = 200,
) -> tuple[ParcelRow, ...]:
    """Parcels of the places the actor sends from, the most pressing first. A protected client shows no name.

    `still_waits`: only those somebody waits for, or only the others: what came back or was lost has passed once its
    pieces go another way.
    """
    places = actor.places_for(permissions.ORDERS_VIEW)
    wanted = list(places) if places is not EVERYWHERE else None
    query = f"""
        SELECT p.id, p.number, o.number, p.origin_id, h.name, p.state, p.promised_date, {RECIPIENT}, flows_destination(o.id),
               (SELECT count(*) FROM fulfilment_parcelline x WHERE x.parcel_id = p.id),
               (SELECT coalesce(sum(l.amount), 0)::bigint FROM fulfilment_parcelline x JOIN orders_orderline l ON l.id = x.order_line_id
                WHERE x.parcel_id = p.id),
               o.currency, p.wanted, coalesce(s.name, ''), p.tracking_number, p.booking, p.slot_start, p.slot_end, p.problem
        FROM fulfilment_parcel p
        JOIN orders_order o ON o.id = p.order_id AND o.maison_id = %s
        JOIN house_place h ON h.id = p.origin_id
        LEFT JOIN clients_client c ON c.id = o.client_id
        LEFT JOIN fulfilment_carrierservice s ON s.id = p.service_id
        WHERE p.state = ANY (%s) AND (%s::uuid[] IS NULL OR p.origin_id = ANY (%s::uuid[]))
          AND (%s::uuid IS NULL OR p.origin_id = %s) AND (%s::uuid IS NULL OR p.order_id = %s)
          AND (%s::boolean IS NULL OR flows_parcel_waits(p) = %s)
        ORDER BY p.state = 'PREPARING' DESC, p.state = 'PACKED' DESC, p.promised_date, o.placed_at, p.number LIMIT %s
    """  # noqa: S608  # a constant
    may = actor.may(permissions.CLIENTS_READ_PROTECTED)
    return tuple(
        ParcelRow(
            id=row[0],
            number=row[1],
            order_number=row[2],
            origin_id=row[3],
            origin_name=row[4],
            state=ParcelState(row[5]),
            promised_date=row[6],
            recipient=row[7],
            country=row[8],
            pieces=row[9],
            value=row[10],
            currency=row[11],
            wanted=DeliveryMode(row[12]),
            service_name=row[13],
            tracking_number=row[14],
            booking=Booking(row[15]),
            slot=_slot(row[16], row[17]),
            problem=row[18],
        )
        for row in sql.rows(
            query,
            [
                may,
                actor.in_maison,
                list(states),
                wanted,
                wanted,
                place_id,
                place_id,
                order_id,
                order_id,
                still_waits,
                still_waits,
                limit,
            ],
        )
    )


def get_parcel(*, actor: Actor, parcel_id: uuid.UUID) -> ParcelView:
    """One parcel. Raises NotFound, also for one of places the actor may not see.

    Who sends it reads where a protected client's parcel goes while it is on its way; each such reading is written down.
    """
    actor.require(permissions.ORDERS_VIEW)
    where, values = "p.id = %s AND o.maison_id = %s", [parcel_id, actor.in_maison]
    found = _parcels(where, values, show_all=actor.may(permissions.CLIENTS_READ_PROTECTED))
    if not found or not actor.may(permissions.ORDERS_VIEW, place_id=found[0].origin_id):
        raise NotFound()
    one = found[0]
    sends = one.state.value in OPEN and actor.may(permissions.ORDERS_SHIP, place_id=one.origin_id)
    if one.recipient != PROTECTED or not sends:
        return one
    audit.record(
        actor=actor,
        action="fulfilment.read_protected",
        subject=f"parcel:{one.id}",
        at=clock.now(),
        maison_id=actor.maison_id,
        detail={"client": str(one.client_id)},
    )
    return _parcels(where, values, show_all=True)[0]


def list_parcels_of_order(*, order_id: uuid.UUID) -> tuple[ParcelView, ...]:
    """The parcels of one order, as its client may follow them; the caller has shown that the order is hers."""
    return _parcels("p.order_id = %s", [order_id], show_all=True)


def get_document(*, actor: Actor, parcel_id: uuid.UUID, document_id: uuid.UUID) -> tuple[str, bytes]:
    """A label or a signature: media type and content. Raises NotFound."""
    parcel = get_parcel(actor=actor, parcel_id=parcel_id)
    actor.require(permissions.ORDERS_SHIP, place_id=parcel.origin_id)
    if parcel.recipient == PROTECTED:
        raise NotFound()  # her name and address stand on it
    row = ParcelDocument.objects.filter(parcel_id=parcel_id, id=document_id).first()
    if row is None:
        raise NotFound()
    return row.media_type, bytes(row.content)


def find_shipment(
    *, origin_id: uuid.UUID, destination: str, currency: str, value: int, mode: DeliveryMode, at: datetime
) -> Shipment:
    """What is to travel, with the distance to the nearest of our own places in the country it goes to."""
    places = sql.rows(
        "SELECT id, country, latitude, longitude, timezone FROM house_place WHERE id = %s OR (country = %s AND latitude IS NOT NULL "
        "AND maison_id = (SELECT maison_id FROM house_place WHERE id = %s))",
        [origin_id, destination, origin_id],
    )
    origin = next(row for row in places if row[0] == origin_id)
    here = (origin[2], origin[3])
    km, zone = WITHIN_A_COUNTRY_KM, origin[4]
    if origin[1] != destination and here[0] is not None:
        there = [
            (distance_km(here, (row[2], row[3])), row[4])
            for row in places
            if row[1] == destination and row[2] is not None
        ]
        km, zone = min(there, default=(km, zone))
    return Shipment(
        origin=origin[1],
        destination=destination,
        currency=currency,
        value=value,
        distance_km=km,
        mode=mode,
        local_now=at.astimezone(ZoneInfo(origin[4])),
        at_the_door=ZoneInfo(zone),
    )


def taken_slots(*, service_ids: Sequence[uuid.UUID], since: datetime) -> dict[tuple[uuid.UUID, datetime], int]:
    """How many deliveries are agreed for each coming slot."""
    rows = sql.rows(
        "SELECT service_id, slot_start, count(*) FROM fulfilment_parcel WHERE service_id = ANY (%s) AND slot_start >= %s "
        "AND slot_seat IS NOT NULL GROUP BY 1, 2",
        [list(service_ids), since],
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _parcels(where: str, values: list[Any], *, show_all: bool) -> tuple[ParcelView, ...]:
    query = f"""
        SELECT p.id, p.number, o.id, o.number, o.state, o.client_id, {RECIPIENT}, p.address, flows_destination(o.id),
               coalesce(o.contact->>'phone', ''), coalesce(o.contact->>'email', ''), p.origin_id, h.name, p.state, p.promised_date,
               p.wanted, p.carrier, p.service_id, coalesce(s.name, ''), s.mode, p.why, p.tracking_number, p.seal,
               p.insured_amount, p.insured_limit, o.currency, p.needs_signature, p.checks_identity, p.slot_start, p.slot_end,
               p.footprint_grams, coalesce(s.footprint_source, ''), p.booking, p.booking_problem,
               (SELECT d.id FROM fulfilment_parceldocument d WHERE d.parcel_id = p.id AND d.kind = 'LABEL' ORDER BY d.at DESC LIMIT 1),
               (SELECT d.id FROM fulfilment_parceldocument d WHERE d.parcel_id = p.id AND d.kind = 'SIGNATURE'),
               p.received_by, p.identity_seen, p.problem, p.packed_at, p.dispatched_at, p.delivered_at, p.ended_at
        FROM fulfilment_parcel p
        JOIN orders_order o ON o.id = p.order_id
        JOIN house_place h ON h.id = p.origin_id
        LEFT JOIN clients_client c ON c.id = o.client_id
        LEFT JOIN fulfilment_carrierservice s ON s.id = p.service_id
        WHERE {where} ORDER BY p.id
    """  # noqa: S608  # `where` is one of the two above
    rows = sql.rows(query, [show_all, *values])
    ids = [row[0] for row in rows]
    lines = _lines(ids) if ids else {}
    events = _events(ids) if ids else {}
    return tuple(_view(row, lines.get(row[0], ()), events.get(row[0], ())) for row in rows)


def _view(row: tuple[Any, ...], lines: Sequence[ParcelLineView], events: Sequence[TrackingEventView]) -> ParcelView:
    hidden = row[6] == PROTECTED
    return ParcelView(
        id=row[0],
        number=row[1],
        order_id=row[2],
        order_number=row[3],
        order_state=row[4],
        client_id=row[5],
        recipient=row[6],
        address=() if hidden else tuple(row[7]),
        country=row[8],
        phone="" if hidden else row[9],
        email="" if hidden else row[10],
        origin_id=row[11],
        origin_name=row[12],
        state=ParcelState(row[13]),
        promised_date=row[14],
        wanted=DeliveryMode(row[15]),
        carrier=row[16],
        service_id=row[17],
        service_name=row[18],
        mode=DeliveryMode(row[19]) if row[19] else None,
        why=row[20],
        tracking_number=row[21],
        seal=row[22],
        value=sum(line.amount for line in lines),
        insured_amount=row[23],
        insured_limit=row[24],
        currency=row[25],
        needs_signature=row[26],
        checks_identity=row[27],
        slot=_slot(row[28], row[29]),
        footprint_grams=row[30],
        footprint_source=row[31],
        booking=Booking(row[32]),
        booking_problem=row[33],
        label_id=row[34],
        signature_id=row[35],
        received_by=row[36],
        identity_seen=row[37],
        problem=row[38],
        packed_at=row[39],
        dispatched_at=row[40],
        delivered_at=row[41],
        ended_at=row[42],
        lines=tuple(lines),
        events=tuple(events),
    )


def _lines(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[ParcelLineView]]:
    found: dict[uuid.UUID, list[ParcelLineView]] = {}
    for row in sql.rows(
        "SELECT x.parcel_id, l.id, m.name, m.code, r.sku, r.material, r.size, coalesce(s.serial, ''), l.quantity, l.amount, l.state "
        "FROM fulfilment_parcelline x JOIN orders_orderline l ON l.id = x.order_line_id "
        "JOIN catalogue_reference r ON r.id = l.reference_id JOIN catalogue_model m ON m.id = r.model_id "
        "LEFT JOIN stock_piece s ON s.id = l.piece_id WHERE x.parcel_id = ANY (%s) ORDER BY l.position",
        [list(ids)],
    ):
        found.setdefault(row[0], []).append(
            ParcelLineView(
                line_id=row[1],
                name=row[2],
                code=row[3],
                sku=row[4],
                material=row[5],
                size=row[6],
                serial=row[7],
                quantity=row[8],
                amount=row[9],
                state=row[10],
            )
        )
    return found


def _events(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[TrackingEventView]]:
    found: dict[uuid.UUID, list[TrackingEventView]] = {}
    for row in sql.rows(
        'SELECT parcel_id, at, kind, message, "where", carrier FROM fulfilment_trackingevent WHERE parcel_id = ANY (%s) ORDER BY at, id',
        [list(ids)],
    ):
        found.setdefault(row[0], []).append(
            TrackingEventView(at=row[1], kind=Tracked(row[2]), message=row[3], where=row[4], source=row[5])
        )
    return found


def _slot(starts: datetime | None, ends: datetime | None) -> Slot | None:
    return Slot(starts_at=starts, ends_at=ends) if starts and ends else None


def _service(row: CarrierService) -> ServiceView:
    return ServiceView(
        id=row.id,
        carrier=row.carrier,
        code=row.code,
        name=row.name,
        mode=DeliveryMode(row.mode),
        countries=frozenset(row.countries),
        origins=frozenset(row.origins),
        limits={str(currency): int(limit) for currency, limit in row.limits.items()},
        needs_signature=row.needs_signature,
        checks_identity=row.checks_identity,
        days=row.days,
        cut_off=row.cut_off,
        windows=tuple(_window(text) for text in row.windows),
        slot_seats=row.slot_seats,
        base_grams=row.base_grams,
        grams_per_tonne_km=row.grams_per_tonne_km,
        footprint_source=row.footprint_source,
        rank=row.rank,
    )


def _window(text: str) -> tuple[time, time]:
    begins, _, ends = text.partition("-")
    return time.fromisoformat(begins), time.fromisoformat(ends)
