# ruff: noqa: E501  # their documents read better as they are
"""A stand-in for EasyPost on loopback: its addresses, its shapes, and whatever mood a test puts it in."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Mood = Callable[["Handler"], bool]
"""Called before an answer; true when it has dealt with the request itself."""


@dataclass
class FakeEasyPost:
    key: str = "EZTK-test"
    shipments: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    moods: list[Mood] = field(default_factory=list)
    address: str = ""

    def of_reference(self, name: str) -> dict[str, Any] | None:
        return self.shipments.get(name) or next(
            (one for one in self.shipments.values() if one["reference"] == name), None
        )

    def scan(self, tracking_code: str, status: str, message: str, at: str, **more: Any) -> dict[str, Any]:
        """Adds a scan to a tracker and gives the event a webhook would bring."""
        tracker = next(one["tracker"] for one in self.shipments.values() if one["tracking_code"] == tracking_code)
        tracker["status"] = status
        if signed := more.pop("signed_by", None):
            tracker["signed_by"] = signed
        tracker["tracking_details"].append(
            {
                "object": "TrackingDetail", "message": message, "status": status, "status_detail": status, "datetime": at,
                "source": "DHLExpress",
                "tracking_location": {"object": "TrackingLocation", "city": "Paris", "state": None, "country": "FR", "zip": None},
                **more,
            }
        )  # fmt: skip
        return {
            "object": "Event", "id": f"evt_{len(tracker['tracking_details'])}", "description": "tracker.updated",
            "mode": "test", "previous_attributes": {}, "pending_urls": [], "completed_urls": [], "result": dict(tracker),
        }  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    fake: FakeEasyPost

    def log_message(self, *_: Any) -> None: ...

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def answer(self, status: int, body: Any) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _serve(self, method: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.body = json.loads(self.rfile.read(length)) if length else {}
        self.fake.requests.append((method, self.path))
        if self.fake.moods and self.fake.moods.pop(0)(self):
            return None
        if self.headers.get("Authorization") != "Basic " + base64.b64encode(f"{self.fake.key}:".encode()).decode():
            return self.answer(401, {"error": {"code": "APIKEY.INVALID", "message": "unauthorized", "errors": []}})
        parts = self.path.partition("?")[0].strip("/").split("/")[1:]
        return self._route(method, parts)

    def _route(self, method: str, parts: list[str]) -> None:
        fake = self.fake
        if method == "POST" and parts == ["shipments"]:
            return self.answer(201, self._make(self.body["shipment"]))
        if method == "GET" and parts == ["trackers"]:
            code = self.path.partition("tracking_code=")[2]
            found = [one["tracker"] for one in fake.shipments.values() if one["tracking_code"] == code]
            return self.answer(200, {"trackers": found, "has_more": False})
        shipment = fake.of_reference(parts[1]) if len(parts) > 1 and parts[0] == "shipments" else None
        if shipment is None:
            return self.answer(404, {"error": {"code": "NOT_FOUND", "message": "not found", "errors": []}})
        if method == "GET":
            return self.answer(200, shipment)
        if parts[2] == "refund":
            shipment["refund_status"] = "submitted"
            return self.answer(200, shipment)
        return self._buy(shipment)

    def _make(self, wanted: dict[str, Any]) -> dict[str, Any]:
        identifier = f"shp_{len(self.fake.shipments) + 1:032x}"
        made = {
            "id": identifier, "object": "Shipment", "reference": wanted["reference"], "mode": "test",
            "to_address": wanted["to_address"], "from_address": wanted["from_address"], "parcel": wanted["parcel"],
            "options": wanted["options"], "rates": [
                {"id": "rate_1", "object": "Rate", "carrier": "DHLExpress", "service": "ExpressWorldwide", "rate": "42.00"},
                {"id": "rate_2", "object": "Rate", "carrier": "FedEx", "service": "FEDEX_INTERNATIONAL_PRIORITY", "rate": "61.00"},
            ],
            "postage_label": None, "tracking_code": None, "tracker": None, "insurance": None, "refund_status": None,
        }  # fmt: skip
        self.fake.shipments[identifier] = made
        return made

    def _buy(self, shipment: dict[str, Any]) -> None:
        if shipment["postage_label"]:
            return self.answer(
                422,
                {
                    "error": {
                        "code": "SHIPMENT.POSTAGE.EXISTS",
                        "message": "Postage already exists for this shipment.",
                        "errors": [],
                    }
                },
            )
        code = f"JD{len(self.fake.shipments):012d}"
        shipment["tracking_code"] = code
        shipment["insurance"] = self.body.get("insurance")
        shipment["postage_label"] = {
            "object": "PostageLabel", "id": "pl_1", "label_file_type": "application/pdf",
            "label_file": base64.b64encode(b"%PDF-1.4 label").decode(), "label_url": "https://labels.example/1.pdf",
        }  # fmt: skip
        shipment["tracker"] = {
            "id": f"trk_{code}", "object": "Tracker", "tracking_code": code, "status": "pre_transit", "signed_by": None,
            "tracking_details": [],
        }  # fmt: skip
        return self.answer(200, shipment)


# -- moods -------------------------------------------------------------------------------------------------------


def well(handler: Handler) -> bool:
    return False


def broken(handler: Handler) -> bool:
    handler.answer(503, {"error": {"code": "INTERNAL_SERVER_ERROR", "message": "we are sorry", "errors": []}})
    return True


def garbage(handler: Handler) -> bool:
    handler.answer(200, b"<html>maintenance</html>")
    return True


def other_shape(handler: Handler) -> bool:
    handler.answer(200, ["not", "an", "object"])
    return True


def slow(seconds: float) -> Mood:
    def mood(handler: Handler) -> bool:
        time.sleep(seconds)
        return False

    return mood


def hangs_up(handler: Handler) -> bool:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True
    return True


def answers_into_the_void(handler: Handler) -> bool:
    """It does what was asked, and the answer never arrives."""
    parts = handler.path.strip("/").split("/")[1:]
    quiet = handler.answer
    handler.answer = lambda status, body: None  # type: ignore[method-assign]
    handler._route("POST" if handler.command == "POST" else "GET", parts)
    handler.answer = quiet  # type: ignore[method-assign]
    return hangs_up(handler)


def drips(handler: Handler) -> bool:
    """Promises a megabyte and sends a byte now and then."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    try:
        for _ in range(40):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.1)
    except OSError:
        pass
    return True


@contextmanager
def running() -> Iterator[FakeEasyPost]:
    fake = FakeEasyPost()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"fake": fake}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    fake.address = f"http://127.0.0.1:{server.server_port}/v2"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
