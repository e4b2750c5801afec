"""The stand-in on HTTP: form encoding, keys, idempotency, and the faults a test asks for."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import re
import socket
import threading
import time
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.stripe.objects import Account, Thing, Wrong, invalid

KEY = "sk_test_house"
SECRET = "whsec_house"
ROUTES: list[tuple[str, str, Callable[[Account, str, Thing], Thing]]] = [
    ("POST", r"/v1/customers", lambda account, _id, asked: account.create_customer(asked)),
    ("POST", r"/v1/payment_intents", lambda account, _id, asked: account.create_intent(asked)),
    ("GET", r"/v1/payment_intents/(\w+)", lambda account, name, _asked: account.get(name, "payment_intent")),
    ("POST", r"/v1/payment_intents/(\w+)/confirm", lambda account, name, asked: account.confirm_intent(name, asked)),
    ("POST", r"/v1/payment_intents/(\w+)/cancel", lambda account, name, asked: account.cancel_intent(name, asked)),
    ("POST", r"/v1/checkout/sessions", lambda account, _id, asked: account.create_session(asked)),
    ("GET", r"/v1/checkout/sessions/(\w+)", lambda account, name, _asked: account.get(name, "checkout.session")),
    ("POST", r"/v1/checkout/sessions/(\w+)/expire", lambda account, name, asked: account.expire_session(name, asked)),
    (
        "POST",
        r"/v1/terminal/readers/(\w+)/process_payment_intent",
        lambda account, name, asked: account.show_on_reader(name, asked),
    ),
    ("POST", r"/v1/refunds", lambda account, _id, asked: account.create_refund(asked)),
    ("GET", r"/v1/refunds/(\w+)", lambda account, name, _asked: account.get(name, "refund")),
    ("GET", r"/v1/events/(\w+)", lambda account, name, _asked: account.get(name, "event")),
]


class FakeStripe:
    """One account on loopback. `with FakeStripe() as stripe:` gives it a port; `stripe.url` is its origin."""

    def __init__(self, port: int = 0) -> None:
        self.account = Account()
        self.answers: dict[str, tuple[bytes, int, bytes]] = {}
        self.running: set[str] = set()
        self.lock = threading.RLock()
        self.calls: list[str] = []
        self.faults: list[str] = []  # each is taken by one call: "500", "429", "cut", "cut_after", "slow:1.5"
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: Any) -> None:
                """Quiet."""

            def do_GET(self) -> None:
                fake.serve(self, "GET")

            def do_POST(self) -> None:
                fake.serve(self, "POST")

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.account.base = self.url
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> FakeStripe:
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    # -- one call -------------------------------------------------------------------------------------------------

    def serve(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        path = urlsplit(handler.path).path
        if path.startswith("/c/pay/"):
            return _send(
                handler, *self._page(method, path.removeprefix("/c/pay/"), body), kind="text/html; charset=utf-8"
            )
        with self.lock:
            self.calls.append(f"{method} {path}")
            fault = self.faults.pop(0) if self.faults else ""
        if fault.startswith("slow:"):
            time.sleep(float(fault[5:]))
        if fault == "cut":
            return _cut(handler)
        if fault in ("500", "503", "429"):
            return _send(
                handler, int(fault), json.dumps({"error": {"type": "api_error", "message": "try again"}}).encode()
            )
        answer = self._answer(method, path, body, handler)
        if fault == "cut_after":  # the money has moved; nobody hears of it
            return _cut(handler)
        return _send(handler, *answer)

    def _answer(self, method: str, path: str, body: bytes, handler: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        if handler.headers.get("Authorization") != f"Bearer {KEY}":
            return 401, json.dumps(
                {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}}
            ).encode()
        key = handler.headers.get("Idempotency-Key", "")
        digest = hashlib.sha256(path.encode() + b"\0" + body).digest()
        with self.lock:
            if method == "POST" and key in self.answers:
                known, status, answer = self.answers[key]
                if known != digest:
                    wrong = Wrong(
                        400,
                        "idempotency_error",
                        "",
                        "Keys for idempotent requests can only be used with the same parameters.",
                    )
                    return wrong.status, json.dumps(wrong.body).encode()
                return status, answer
            try:
                status, found = 200, self._routed(method, path, read_form(body))
            except Wrong as wrong:
                status, found = wrong.status, wrong.body
            answer = json.dumps(found).encode()
            if method == "POST" and key:
                self.answers[key] = (digest, status, answer)
            return status, answer

    def _routed(self, method: str, path: str, asked: Thing) -> Thing:
        for verb, pattern, run in ROUTES:
            match = re.fullmatch(pattern, path)
            if match and verb == method:
                return run(self.account, match.group(1) if match.groups() else "", asked)
        raise invalid("", f"Unrecognized request URL ({method}: {path}).", 404)

    def _page(self, method: str, name: str, body: bytes) -> tuple[int, bytes]:
        """The hosted page: what it costs, one field, one button."""
        with self.lock:
            try:
                if method == "POST":
                    session = self.account.pay_on_page(name, dict(parse_qsl(body.decode())).get("card", "pm_card_visa"))
                    return 200, f'<p>Paid.</p><a href="{session["success_url"]}">Back to the house</a>'.encode()
                session = self.account.get(name, "checkout.session")
            except Wrong as wrong:
                return wrong.status, f"<p>{wrong}</p>".encode()
        money = f"{session['amount_total'] / 100:.2f} {session['currency'].upper()}"
        form = '<form method="post"><input name="card" value="pm_card_visa"><button>Pay</button></form>'
        return 200, f"<h1>{session['title']}</h1><p>{money}</p>{form}".encode()

    # -- webhooks ---------------------------------------------------------------------------------------------------

    def signed(self, event: Thing, *, at: float | None = None, secret: str = SECRET) -> tuple[bytes, str]:
        """The event's body and its `Stripe-Signature`, as signed at that moment."""
        payload = json.dumps(event).encode()
        return payload, sign(payload, at=at, secret=secret)

    def deliver(self, url: str, *, times: int = 1, shuffle: random.Random | None = None) -> list[int]:
        """Tell the house everything, each event `times` times, in any order; the statuses it answered with."""
        waiting = [event for event in self.account.events for _ in range(times)]
        if shuffle is not None:
            shuffle.shuffle(waiting)
        statuses = []
        for event in waiting:
            payload, signature = self.signed(event)
            request = urllib.request.Request(
                url, data=payload, headers={"Stripe-Signature": signature, "Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=10) as answer:
                statuses.append(answer.status)
        return statuses


def sign(payload: bytes, *, at: float | None = None, secret: str = SECRET) -> str:
    moment = int(at if at is not None else time.time())
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def read_form(body: bytes) -> Thing:
    """`a[b][0][c]=1` as nested values, as Stripe reads it."""
    found: Thing = {}
    for name, value in parse_qsl(body.decode(), keep_blank_values=True):
        parts = re.findall(r"[^\[\]]+", name)
        here: Any = found
        for part in parts[:-1]:
            here = here.setdefault(part, {})
        here[parts[-1]] = value
    return _lists(found)


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    value = {name: _lists(one) for name, one in value.items()}
    if value and all(name.isdigit() for name in value):
        return [value[name] for name in sorted(value, key=int)]
    return value


def _send(handler: BaseHTTPRequestHandler, status: int, body: bytes, kind: str = "application/json") -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    handler.send_header("Request-Id", "req_fake")
    handler.end_headers()
    handler.wfile.write(body)


def _cut(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)
