"""A parcel from the packing table to her hands: packed, entrusted, given against proof, or brought back."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from vendome.domains.fulfilment import choice, ports
from vendome.domains.fulfilment.choice import Choice, Why
from vendome.domains.fulfilment.errors import ProofMissing, ReasonNeeded, SealUsed
from vendome.domains.fulfilment.queries import parcels as queries
from vendome.domains.fulfilment.types import Booking, DeliveryMode, IdentityDocument, ParcelView, Proof, Slot
from vendome.domains.people import permissions
from vendome.kit import idempotency, outbox, sql
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput

LARGEST_SIGNATURE = 200_000
PNG = b"\x89PNG\r\n\x1a\n"


def get_choice(*, actor: Actor, parcel: ParcelView, at: datetime) -> Choice:
    """Which services may carry this parcel, and which one is proposed."""
    shipment = queries.find_shipment(
        origin_id=parcel.origin_id,
        destination=parcel.country,
        currency=parcel.currency,
        value=parcel.value,
        mode=parcel.wanted,
        at=at,
    )
    shipment = replace(shipment, promised=parcel.promised_date)
    return choice.choose(
        queries.list_services(maison_id=actor.in_maison), shipment, line_values=[line.amount for line in parcel.lines]
    )


def list_slots(*, actor: Actor, parcel: ParcelView, at: datetime) -> tuple[tuple[uuid.UUID, Slot], ...]:
    """Free white-glove windows for a parcel, with the service of each."""
    found = get_choice(actor=actor, parcel=parcel, at=at)
    services = [one.service for one in found.weighed if one.may_carry and one.service.mode is DeliveryMode.WHITE_GLOVE]
    taken = queries.taken_slots(service_ids=[one.id for one in services], since=at)
    shipment = queries.find_shipment(
        origin_id=parcel.origin_id,
        destination=parcel.country,
        currency=parcel.currency,
        value=0,
        mode=parcel.wanted,
        at=at,
    )
    return tuple(
        (service.id, slot)
        for service in services
        for slot in choice.slots(service, shipment.local_now, at_the_door=shipment.at_the_door)
        if taken.get((service.id, slot.starts_at), 0) < service.slot_seats
    )


def pack(
    *,
    key: str,
    parcel_id: uuid.UUID,
    service_id: uuid.UUID,
    seal: str,
    serials: Sequence[str],
    slot: Slot | None = None,
    actor: Actor,
    at: datetime,
) -> Booking:
    """Scanned, sealed and insured; a job asks the carrier for the label. Safe to repeat with the same key.

    Raises ParcelMoved, SerialMissing, AboveLimit, ServiceUnfit, SlotTaken, SealUsed, NotPaid, LineNotReady, NotFound,
    Forbidden.
    """
    parcel = _mine(actor, parcel_id)
    if not seal.strip():
        raise BadInput("Write the number of the seal that closes the parcel.")
    found = get_choice(actor=actor, parcel=parcel, at=at)
    weighed = next((one for one in found.weighed if one.service.id == service_id), None)
    why = weighed.why if weighed and weighed is found.chosen else Why.BY_HAND
    body = {
        "parcel": parcel_id,
        "service": service_id,
        "seal": seal.strip().upper(),
        "serials": sorted(serial.strip().upper() for serial in serials if serial.strip()),
        "slot_start": slot.starts_at if slot else None,
        "slot_end": slot.ends_at if slot else None,
    }
    try:
        answer = _once("pack", key, body, actor, at, why=why, footprint=weighed.footprint_grams if weighed else 0)
    except IntegrityError as error:
        if "seal_used_once" in str(error):
            raise SealUsed(seal=seal) from error
        raise
    outbox.wake()
    return Booking(answer["booking"])


def unpack(*, parcel_id: uuid.UUID, reason: str, actor: Actor, at: datetime) -> None:
    """Open a packed parcel again; a label already made is given back first. Raises ParcelMoved, CarrierUnavailable."""
    parcel = _mine(actor, parcel_id)
    _need(reason)
    if parcel.booking is Booking.BOOKED:
        reference = sql.value("SELECT carrier_reference FROM fulfilment_parcel WHERE id = %s", [parcel_id])
        ports.get_port(parcel.carrier).cancel(reference)
    sql.value("SELECT flows_unpack_parcel(%s, %s, %s, %s)", [parcel_id, actor.label, reason.strip(), at])
    outbox.wake()


def split(*, parcel_id: uuid.UUID, line_ids: Sequence[uuid.UUID], actor: Actor, at: datetime) -> uuid.UUID:
    """Give some lines a parcel of their own. Returns it. Raises ParcelMoved, NothingToSend."""
    _mine(actor, parcel_id)
    made: uuid.UUID = sql.value(
        "SELECT flows_split_parcel(%s, %s, %s, %s)", [parcel_id, list(line_ids), actor.label, at]
    )
    outbox.wake()
    return made


def dispatch(*, parcel_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """The carrier has it: off the shelf, into transit, still promised to her. Raises ParcelMoved, NoTransitPlace."""
    _mine(actor, parcel_id)
    sql.value("SELECT flows_send_parcel(%s, %s, %s)", [parcel_id, actor.label, at])
    outbox.wake()


def start_round(*, parcel_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """The concierge sets out with it. Raises ParcelMoved."""
    _mine(actor, parcel_id)
    _turn(parcel_id, "OUT_FOR_DELIVERY", "", actor, at)


def deliver(
    *,
    parcel_id: uuid.UUID,
    received_by: str,
    identity: IdentityDocument | None = None,
    signature: bytes | None = None,
    actor: Actor,
    at: datetime,
) -> None:
    """Given at the door by one of ours, against the proof its service asks for; then it is hers.

    Raises ProofMissing, ParcelMoved, HoldGone, BadInput.
    """
    parcel = _mine(actor, parcel_id)
    if signature is not None and (len(signature) > LARGEST_SIGNATURE or not signature.startswith(PNG)):
        raise BadInput("The signature did not arrive whole; please let her sign once more.")
    if not received_by.strip() or (parcel.checks_identity and identity is None):
        raise ProofMissing()
    sql.value(
        "SELECT flows_deliver_parcel(%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            parcel_id,
            Proof.IDENTITY_SEEN.value if identity else Proof.KNOWN_TO_ADVISOR.value,
            received_by.strip(),
            identity.value if identity else "",
            signature,
            "image/png" if signature else None,
            actor.label,
            at,
        ],
    )
    outbox.wake()


def refuse(*, parcel_id: uuid.UUID, reason: str, actor: Actor, at: datetime) -> None:
    """She would not take it, or nobody was there. Raises ParcelMoved, ReasonNeeded."""
    _mine(actor, parcel_id)
    _turn(parcel_id, "REFUSED", _need(reason), actor, at)


def take_back(*, parcel_id: uuid.UUID, reason: str, actor: Actor, at: datetime) -> None:
    """It is back where it left: into quarantine, still promised to her. Raises ParcelMoved, ReasonNeeded."""
    _mine(actor, parcel_id)
    sql.value("SELECT flows_take_parcel_back(%s, %s, %s, %s)", [parcel_id, actor.label, _need(reason), at])
    outbox.wake()


def send_again(*, parcel_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Looked at and whole: to the packing table once more. Raises ParcelMoved, Forbidden."""
    parcel = _mine(actor, parcel_id)
    actor.require(permissions.ORDERS_INSPECT, place_id=parcel.origin_id)
    sql.value("SELECT flows_send_parcel_again(%s, %s, %s)", [parcel_id, actor.label, at])
    outbox.wake()


def lose(*, parcel_id: uuid.UUID, reason: str, actor: Actor, at: datetime) -> None:
    """Lost on the way: written off with a reason; the order stays owed. Raises ParcelMoved, ReasonNeeded, Forbidden."""
    parcel = _mine(actor, parcel_id)
    actor.require(permissions.ORDERS_EXCEPTIONS, place_id=parcel.origin_id)
    sql.value("SELECT flows_lose_parcel(%s, %s, %s, %s)", [parcel_id, actor.label, _need(reason), at])
    outbox.wake()


def replace_lost(*, parcel_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Another piece for what was lost. Raises OutOfStock, ParcelMoved, Forbidden."""
    parcel = _mine(actor, parcel_id)
    actor.require(permissions.ORDERS_EXCEPTIONS, place_id=parcel.origin_id)
    sql.value("SELECT flows_replace_parcel(%s, %s, %s)", [parcel_id, actor.label, at])
    outbox.wake()


def _mine(actor: Actor, parcel_id: uuid.UUID) -> ParcelView:
    """The parcel, if the actor sends from its place. Raises NotFound, Forbidden."""
    parcel = queries.get_parcel(actor=actor, parcel_id=parcel_id)
    actor.require(permissions.ORDERS_SHIP, place_id=parcel.origin_id)
    return parcel


def _need(reason: str) -> str:
    if not reason.strip():
        raise ReasonNeeded()
    return reason.strip()[:500]


def _turn(parcel_id: uuid.UUID, state: str, reason: str, actor: Actor, at: datetime) -> None:
    sql.value("SELECT flows_turn_parcel(%s, %s, %s, %s, %s)", [parcel_id, state, actor.label, reason, at])
    outbox.wake()


def _once(step: str, key: str, body: dict[str, Any], actor: Actor, at: datetime, **more: Any) -> dict[str, Any]:
    request = {
        **body,
        **more,
        "scope": f"{actor.label}:fulfilment.{step}",
        "key": idempotency.check_key(key),
        "hash": idempotency.request_hash(body).hex(),
        "actor": actor.label,
        "at": at,
    }
    answer: dict[str, Any] = sql.document(f"SELECT flows_{step}_parcel(%s::jsonb)", [json.dumps(request, default=str)])
    return answer


def read_signature(*, text: str) -> bytes | None:
    """A drawn signature as the page sends it (`data:image/png;base64,…`); None when none was drawn. Raises BadInput."""
    if not text:
        return None
    head, _, data = text.partition(",")
    if head != "data:image/png;base64":
        raise BadInput("The signature did not arrive whole; please let her sign once more.")
    try:
        return base64.b64decode(data, validate=True)
    except ValueError:
        raise BadInput("The signature did not arrive whole; please let her sign once more.") from None
