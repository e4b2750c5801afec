"""The carrier port over EasyPost's interface, version 2: shipments, trackers, refunds and signed webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from vendome.connectors.easypost.reading import report_of, shipment_body
from vendome.domains.fulfilment.errors import CarrierRefused, CarrierUnavailable, ForgedMessage
from vendome.domains.fulfilment.types import Booked, BookingRequest, TrackingReport
from vendome.kit.outside import Answer, Outside, Unreachable

ADDRESS = "https://api.easypost.com/v2"
SIGNATURE = "x-hmac-signature"
SIGNED_WITH = "hmac-sha256-hex="


class EasyPost:
    """Implements `fulfilment.ports.CarrierPort`. Codes read `CARRIER/SERVICE`: `DHLExpress/ExpressWorldwide`."""

    name = "easypost"

    def __init__(self, *, api_key: str, webhook_secret: str, address: str = ADDRESS, deadline: float = 12.0) -> None:
        token = base64.b64encode(f"{api_key}:".encode()).decode()
        self._secret = unicodedata.normalize("NFKD", webhook_secret).encode()
        self.outside = Outside(
            address,
            deadline=deadline,
            headers={"Authorization": f"Basic {token}", "Content-Type": "application/json", "User-Agent": "Vendome"},
        )

    def book(self, request: BookingRequest) -> Booked:
        """Buys a label under the booking's own key.

        EasyPost takes our key as `reference`, which stands for the shipment's id in every later call. It is looked for
        first, so that a booking whose answer was lost is found and not bought again.
        """
        made = self._find(request.key) or self._make(request)
        if not made.get("postage_label"):
            made = self._buy(made, request)
        label = made.get("postage_label") or {}
        encoded, kind = str(label.get("label_file") or ""), str(label.get("label_file_type") or "application/pdf")
        try:
            content = base64.b64decode(encoded, validate=True) if encoded else str(label["label_url"]).encode()
            tracking, reference = str(made["tracking_code"]), str(made["id"])
        except (KeyError, ValueError) as error:
            raise CarrierUnavailable(carrier=self.name, problem="label") from error
        if not tracking or tracking == "None":
            raise CarrierUnavailable(carrier=self.name, problem="tracking_code")
        return Booked(
            reference=reference,
            tracking_number=tracking,
            label=content,
            label_type=kind if encoded else "text/uri-list",
        )

    def cancel(self, reference: str) -> None:
        """A label that is not used is refunded; asking twice is harmless."""
        answer = self._ask("POST", f"/shipments/{quote(reference, safe='')}/refund", None, is_repeatable=True)
        if str(answer.get("refund_status") or "") == "rejected":
            raise CarrierRefused(carrier=self.name)

    def track(self, tracking_number: str, *, reference: str = "") -> TrackingReport:
        if reference:
            shipment = self._ask("GET", f"/shipments/{quote(reference, safe='')}", None, is_repeatable=True)
            tracker = shipment.get("tracker") or {}
        else:
            found = self._ask(
                "GET", f"/trackers?tracking_code={quote(tracking_number, safe='')}", None, is_repeatable=True
            )
            tracker = next(iter(found.get("trackers") or []), {})
        return self._report(tracker, tracking_number)

    def read_message(self, headers: Mapping[str, str], body: bytes) -> TrackingReport | None:
        """The signature covers the raw body; only then is it read."""
        sent = {name.lower(): value for name, value in headers.items()}.get(SIGNATURE, "")
        expected = SIGNED_WITH + hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        if not self._secret or not hmac.compare_digest(sent.encode(), expected.encode()):
            raise ForgedMessage(carrier=self.name)
        try:
            event = json.loads(body)
            if not str(event.get("description", "")).startswith("tracker."):
                return None
            return self._report(event["result"], "")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CarrierUnavailable(carrier=self.name, problem="unreadable") from error

    # -- parts -----------------------------------------------------------------------------------------------

    def _find(self, key: str) -> dict[str, Any] | None:
        answer = self._send("GET", f"/shipments/{quote(key, safe='')}", None, is_repeatable=True)
        return None if answer.status == 404 else self._read(answer)

    def _make(self, request: BookingRequest) -> dict[str, Any]:
        return self._ask("POST", "/shipments", {"shipment": shipment_body(request)}, is_repeatable=False)

    def _buy(self, made: Mapping[str, Any], request: BookingRequest) -> dict[str, Any]:
        carrier, _, service = request.service_code.partition("/")
        rates = made.get("rates")
        rate = next(
            (
                one
                for one in (rates if isinstance(rates, list) else [])
                if isinstance(one, dict) and one.get("carrier") == carrier and one.get("service") == service
            ),
            None,
        )
        if rate is None or "id" not in made:
            raise CarrierRefused(carrier=self.name, service=request.service_code, problem="no_rate")
        body: dict[str, Any] = {"rate": {"id": rate["id"]}}
        if request.currency == "USD":  # it insures in dollars; other parcels are under the house's own cover
            body["insurance"] = f"{request.value / 100:.2f}"
        return self._ask("POST", f"/shipments/{quote(str(made['id']), safe='')}/buy", body, is_repeatable=False)

    def _report(self, tracker: Any, asked: str) -> TrackingReport:
        try:
            return report_of(tracker, asked)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CarrierUnavailable(carrier=self.name, problem="unreadable") from error

    def _ask(self, method: str, path: str, body: Any, *, is_repeatable: bool) -> dict[str, Any]:
        return self._read(self._send(method, path, body, is_repeatable=is_repeatable))

    def _send(self, method: str, path: str, body: Any, *, is_repeatable: bool) -> Answer:
        content = json.dumps(body).encode() if body is not None else None
        try:
            return self.outside.call(method, path, body=content, is_repeatable=is_repeatable)
        except Unreachable as error:
            raise CarrierUnavailable(carrier=self.name, problem=str(error)) from error

    def _read(self, answer: Answer) -> dict[str, Any]:
        try:
            found = json.loads(answer.body)
        except ValueError as error:
            raise CarrierUnavailable(carrier=self.name, problem="unreadable") from error
        if answer.status in (401, 403):
            raise CarrierUnavailable(carrier=self.name, problem="credentials")
        if answer.status >= 400:
            problem = found.get("error") if isinstance(found, dict) else None
            code = problem.get("code", "") if isinstance(problem, dict) else ""
            raise CarrierRefused(carrier=self.name, status=answer.status, problem=str(code))
        if not isinstance(found, dict):
            raise CarrierUnavailable(carrier=self.name, problem="unreadable")
        return found


def signature_of(secret: str, body: bytes) -> str:
    """The header a webhook of theirs carries; for those who test their endpoint."""
    key = unicodedata.normalize("NFKD", secret).encode()
    return SIGNED_WITH + hmac.new(key, body, hashlib.sha256).hexdigest()
