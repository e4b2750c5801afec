"""The test carrier behind the carrier port."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime

from vendome.domains.fulfilment.errors import CarrierUnavailable, ForgedMessage
from vendome.domains.fulfilment.types import Booked, BookingRequest, Tracked, TrackedEvent, TrackingReport

SECRET = b"nothing-is-carried"


class TestCarrier:
    """Implements `fulfilment.ports.CarrierPort`. The same key always gets the same label."""

    name = "carrier_test"
    __test__ = False  # a product class, whatever pytest thinks of its name

    def book(self, request: BookingRequest) -> Booked:
        digest = hashlib.sha256(request.key.encode()).hexdigest()
        number = f"VT{int(digest[:12], 16) % 10**10:010d}FR"
        lines = [
            "DEMONSTRATION LABEL - NOT FOR CARRIAGE",
            number,
            f"{request.service_code}  order {request.order_number}",
            *[value for value in request.recipient.values() if value],
        ]
        return Booked(
            reference=f"test_{digest[:16]}",
            tracking_number=number,
            label="\n".join(lines).encode(),
            label_type="text/plain",
        )

    def cancel(self, reference: str) -> None:
        """Nothing was promised, so nothing is owed."""

    def track(self, tracking_number: str, *, reference: str = "") -> TrackingReport:
        """It reports by message only."""
        return TrackingReport(tracking_number=tracking_number, events=())

    def read_message(self, headers: Mapping[str, str], body: bytes) -> TrackingReport | None:
        sent = {name.lower(): value for name, value in headers.items()}.get("x-signature", "")
        if not hmac.compare_digest(sent, sign(body)):
            raise ForgedMessage(carrier=self.name)
        try:
            found = json.loads(body)
            return TrackingReport(
                tracking_number=str(found["tracking_number"]),
                events=tuple(
                    TrackedEvent(
                        event_id=str(one["id"]),
                        at=datetime.fromisoformat(one["at"]),
                        kind=Tracked(one["kind"]),
                        message=str(one.get("message", "")),
                        where=str(one.get("where", "")),
                        signed_by=str(one.get("signed_by", "")),
                    )
                    for one in found["events"]
                ),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise CarrierUnavailable(carrier=self.name, problem="unreadable") from error


def sign(body: bytes) -> str:
    """The signature a message of the test carrier bears."""
    return hmac.new(SECRET, body, hashlib.sha256).hexdigest()
