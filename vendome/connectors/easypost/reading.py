"""EasyPost's words and ours: what a shipment says of a parcel, and what a tracker reports."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from vendome.domains.fulfilment.types import BookingRequest, Tracked, TrackedEvent, TrackingReport

GRAMS_PER_OUNCE = 28.349523125
BOX_INCHES = {"length": 10.0, "width": 8.0, "height": 5.0}
KINDS = {
    "pre_transit": Tracked.ANNOUNCED,
    "in_transit": Tracked.IN_TRANSIT,
    "out_for_delivery": Tracked.OUT_FOR_DELIVERY,
    "available_for_pickup": Tracked.FAILURE,  # ours are never left at a counter
    "delivered": Tracked.DELIVERED,
    "return_to_sender": Tracked.RETURNING,
    "failure": Tracked.FAILURE,
    "error": Tracked.FAILURE,
    "cancelled": Tracked.FAILURE,
}
"""The statuses its documentation lists; `unknown` says nothing, and is not told on."""


def shipment_body(request: BookingRequest) -> dict[str, Any]:
    """A shipment as its interface wants it: addresses, box in inches and ounces, who signs."""
    confirmation = (
        "ADULT_SIGNATURE" if request.checks_identity else "SIGNATURE" if request.needs_signature else "NO_SIGNATURE"
    )
    return {
        "reference": request.key,
        "to_address": dict(request.recipient),
        "from_address": dict(request.sender),
        "parcel": {**BOX_INCHES, "weight": round(request.grams / GRAMS_PER_OUNCE, 1)},
        "options": {
            "label_format": "PDF",
            "delivery_confirmation": confirmation,
            "invoice_number": request.order_number,
            "currency": request.currency,
        },
    }


def report_of(tracker: Mapping[str, Any], asked: str) -> TrackingReport:
    """A tracker's scans. Raises KeyError, TypeError, ValueError for what cannot be read."""
    number = str(tracker.get("tracking_code") or asked)
    if not number:
        raise KeyError("tracking_code")
    signed_by = str(tracker.get("signed_by") or "")
    events = [_event(detail, signed_by) for detail in tracker.get("tracking_details") or []]
    return TrackingReport(tracking_number=number, events=tuple(one for one in events if one is not None))


def _event(detail: Mapping[str, Any], signed_by: str) -> TrackedEvent | None:
    status = str(detail.get("status") or "unknown")
    kind = KINDS.get(status)
    if kind is None:
        return None
    at = datetime.fromisoformat(str(detail["datetime"]))
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    message = str(detail.get("message") or "")
    place = detail.get("tracking_location") or {}
    where = ", ".join(str(place[part]) for part in ("city", "country") if place.get(part))
    if kind in (Tracked.RETURNING, Tracked.FAILURE) and "refus" in f"{message} {detail.get('status_detail')}".lower():
        kind = Tracked.REFUSED
    # A scan carries no id of its own: what it says is what it is, from a webhook and from a question alike.
    said = "|".join((str(detail["datetime"]), status, str(detail.get("status_detail") or ""), message, where))
    return TrackedEvent(
        event_id=hashlib.sha256(said.encode()).hexdigest()[:32],
        at=at,
        kind=kind,
        message=message,
        where=where,
        signed_by=signed_by if kind is Tracked.DELIVERED else "",
    )
