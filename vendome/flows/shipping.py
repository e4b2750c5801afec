# ruff: noqa: E501  # SQL reads better on one line here
"""Talking with carriers, outside any transaction: labels asked for, scans heard and asked for; each safe to repeat."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from vendome.domains.fulfilment import ports
from vendome.domains.fulfilment.errors import CarrierRefused, CarrierUnavailable
from vendome.domains.fulfilment.types import BookingRequest, TrackingReport
from vendome.kit import outbox, sql
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound

log = logging.getLogger("vendome.shipping")

LEASE = timedelta(minutes=2)
"""A worker that takes a booking has it this long; one that dies leaves it to the next."""
LONGEST_WAIT = timedelta(hours=1)
ASK_AGAIN = timedelta(minutes=15)
CLAIM = """
    UPDATE fulfilment_parcel p SET booking_due_at = %s, booking_tries = booking_tries + 1
    WHERE p.id IN (SELECT q.id FROM fulfilment_parcel q WHERE q.booking = 'REQUESTED' AND q.booking_due_at <= %s
                   ORDER BY q.booking_due_at, q.id LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING p.id, p.carrier, p.packed_at, p.booking_tries
"""
WHAT = """
    SELECT s.code, o.number, o.currency, p.insured_amount, p.needs_signature, p.checks_identity, p.address, flows_destination(o.id),
           o.contact, o.delivery, h.name, h.address, h.postcode, h.city, h.country, h.phone, m.name
    FROM fulfilment_parcel p JOIN orders_order o ON o.id = p.order_id JOIN house_place h ON h.id = p.origin_id
    JOIN house_maison m ON m.id = o.maison_id JOIN fulfilment_carrierservice s ON s.id = p.service_id WHERE p.id = %s
"""
ON_THE_ROAD = """
    SELECT p.carrier, p.tracking_number, p.carrier_reference FROM fulfilment_parcel p
    WHERE p.tracking_number <> '' AND p.state IN ('PACKED', 'DISPATCHED', 'OUT_FOR_DELIVERY', 'REFUSED', 'RETURNING')
      AND p.booking = 'BOOKED' AND (p.tracked_at IS NULL OR p.tracked_at <= %s) ORDER BY p.tracked_at NULLS FIRST, p.id LIMIT %s
"""


def book_due(*, actor: Actor, at: datetime, most: int = 20) -> int:
    """Ask for the labels that are due; returns how many were made. Safe to repeat and to run twice.

    A carrier that does not answer is asked again, ever more rarely; one that says no leaves the parcel to a person.
    """
    done = 0
    for parcel_id, carrier, packed_at, tries in sql.rows(CLAIM, [at + LEASE, at, most]):
        try:
            port = ports.get_port(carrier)
            booked = port.book(_request(parcel_id, carrier, packed_at))
        except CarrierUnavailable as problem:
            log.warning("a label waits for its carrier", extra={"carrier": carrier, "tries": tries})
            _put_off(parcel_id, at + min(LONGEST_WAIT, timedelta(seconds=5 * 2 ** min(tries, 10))), problem.message)
            continue
        except CarrierRefused as problem:
            log.warning("a carrier refused a parcel", extra={"carrier": carrier, **problem.details()})
            _give_to_a_person(parcel_id, packed_at, problem)
            continue
        is_kept = sql.value(
            "SELECT flows_book_parcel(%s, %s, %s, %s, %s, %s, %s)",
            [parcel_id, packed_at, booked.reference, booked.tracking_number, booked.label, booked.label_type, at],
        )
        if is_kept:
            done += 1
        else:  # opened again while we asked: the label is nobody's
            port.cancel(booked.reference)
    if done:
        outbox.wake()
    return done


def track_due(*, actor: Actor, at: datetime, most: int = 50) -> int:
    """Ask where parcels are that we have not heard of for a while; returns how many scans were new. Safe to repeat."""
    fresh = 0
    for carrier, number, reference in sql.rows(ON_THE_ROAD, [at - ASK_AGAIN, most]):
        try:
            report = ports.get_port(carrier).track(number, reference=reference)
        except CarrierUnavailable:
            log.warning("a carrier did not say where a parcel is", extra={"carrier": carrier})
            continue
        answer = _take(carrier, report, at)
        fresh += answer["fresh"] if answer else 0
    return fresh


def hear(*, carrier: str, headers: Mapping[str, str], body: bytes, actor: Actor, at: datetime) -> bool:
    """A message from a carrier: checked, then taken in. Returns whether it was about a parcel of ours. Safe to repeat.

    Raises ForgedMessage, NotFound (no such carrier), CarrierUnavailable (it cannot be read); nothing is changed then.
    """
    if not ports.is_bound(carrier):
        raise NotFound()
    report = ports.get_port(carrier).read_message(headers, body)
    return report is not None and _take(carrier, report, at) is not None


def _take(carrier: str, report: TrackingReport, at: datetime) -> dict[str, Any] | None:
    events = [
        {
            "id": one.event_id,
            "at": one.at,
            "kind": one.kind.value,
            "message": one.message[:500],
            "where": one.where[:200],
            "signed_by": one.signed_by[:120],
        }
        for one in report.events
    ]
    answer: dict[str, Any] | None = sql.document(
        "SELECT flows_take_tracking(%s, %s, %s::jsonb, %s)",
        [carrier, report.tracking_number, json.dumps(events, default=str), at],
    )
    outbox.wake()
    return answer


def _request(parcel_id: uuid.UUID, carrier: str, packed_at: datetime) -> BookingRequest:
    row = sql.row(WHAT, [parcel_id])
    assert row is not None  # claimed a moment ago, and parcels are not deleted once packed
    contact, delivery = (json.loads(one) if isinstance(one, str) else one for one in row[8:10])
    return BookingRequest(
        key=f"{parcel_id.hex}-{int(packed_at.timestamp() * 1_000_000):x}",  # packed again, it is another booking
        carrier=carrier,
        service_code=row[0],
        order_number=row[1],
        currency=row[2],
        value=row[3],
        grams=1_200,
        needs_signature=row[4],
        checks_identity=row[5],
        sender={
            "company": row[16],
            "name": row[10],
            "street1": ", ".join(row[11]) or row[10],
            "zip": row[12],
            "city": row[13],
            "country": row[14],
            "phone": row[15],
        },
        recipient=_recipient(delivery.get("to") or _parts([line for line in row[6] if line]), row[7], contact),
    )


def _recipient(to: Mapping[str, str], country: str, contact: Mapping[str, Any]) -> dict[str, str]:
    return {
        "name": to.get("name", ""),
        "street1": to.get("street", ""),
        "street2": to.get("extra", ""),
        "city": to.get("city", ""),
        "zip": to.get("postcode", ""),
        "country": country,
        "phone": str(contact.get("phone", "")),
        "email": str(contact.get("email", "")),
    }


def _parts(lines: list[str]) -> dict[str, str]:
    """The parts of an envelope that was only written as lines: name, street, floor, town with its postcode, country."""
    name, rest = (lines[0], lines[1:]) if lines else ("", [])
    if len(rest) > 2:
        rest = rest[:-1]  # the country's name, which its code says already
    town = rest[-1] if len(rest) > 1 else ""
    postcode, _, city = town.partition(" ")
    if not any(sign.isdigit() for sign in postcode):
        postcode, city = "", town
    return {
        "name": name,
        "street": rest[0] if rest else "",
        "extra": ", ".join(rest[1:-1]),
        "postcode": postcode,
        "city": city,
    }


def _put_off(parcel_id: uuid.UUID, until: datetime, problem: str) -> None:
    sql.value(
        "UPDATE fulfilment_parcel SET booking_due_at = %s, booking_problem = %s WHERE id = %s AND booking = 'REQUESTED' RETURNING id",
        [until, problem, parcel_id],
    )


def _give_to_a_person(parcel_id: uuid.UUID, packed_at: datetime, problem: CarrierRefused) -> None:
    said = problem.details().get("problem") or problem.details().get("status") or ""
    sql.value(
        "UPDATE fulfilment_parcel SET booking = 'FAILED', booking_due_at = NULL, booking_problem = %s "
        "WHERE id = %s AND booking = 'REQUESTED' AND packed_at = %s RETURNING id",
        [f"{problem.message} ({said})" if said else problem.message, parcel_id, packed_at],
    )
