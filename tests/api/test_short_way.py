"""The short way of the hot operations answers as the long way does, and leaves everything else to it."""

from __future__ import annotations

import io
import json
import logging
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

from tests.api.test_hot import order_body
from tests.factories.small_house import make_token
from vendome.api.v1 import hot
from vendome.config.programs import ShortWay
from vendome.flows import recognition


class LongWay:
    """Stands where Django's application stands, and remembers whether it was asked."""

    asked = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.asked = True
        start_response("200 OK", [])
        return [b"the long way"]


@pytest.fixture
def short():
    """Calls the short way: (status, headers, body), or None when it left the request to the long way."""
    long_way = LongWay()
    application = ShortWay(long_way)

    def call(method: str, path: str, *, token: str = "", body: bytes = b"", **headers: str) -> Any:
        told: list[Any] = []
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "SERVER_NAME": "house.example",
            "SERVER_PORT": "443",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/json",
        } | {f"HTTP_{name}": value for name, value in headers.items()}
        if token:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        long_way.asked = False
        answer = b"".join(application(environ, lambda status, found: told.extend([status, found])))
        return None if long_way.asked else (int(told[0][:3]), dict(told[1]), answer)

    return call


@pytest.fixture
def token(house):
    return make_token(house, roles=["advisor"])


def long(method: str, path: str, token: str) -> Any:
    return Client().generic(method, path, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("known", [True, False])
def test_both_ways_answer_the_same(house, short, token, known):
    house.stocked(house.paris, ring=2)
    ring, client = (house.ring, house.traditional) if known else (uuid.uuid4(), uuid.uuid4())
    same = ("Content-Type", "Cache-Control", "X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options")

    for path in (f"/api/v1/references/{ring}/availability", f"/api/v1/clients/{client}/card"):
        status, headers, body = short("GET", path, token=token)
        other = long("GET", path, token)

        assert status == other.status_code
        assert {name: headers[name] for name in same} == {name: other.headers[name] for name in same}
        assert without_id(body) == without_id(other.content)
        assert int(headers["Content-Length"]) == len(body)


def without_id(body: bytes) -> Any:
    found = json.loads(body)
    found.pop("request_id", None)
    return found


def test_an_order_by_the_short_way_is_the_same_order_by_the_long_way(house, short, token):
    house.stocked(house.paris, ring=1)
    body = json.dumps(order_body(house, house.ring)).encode()

    status, _, answer = short("POST", "/api/v1/orders", token=token, body=body, IDEMPOTENCY_KEY="one")
    again = Client().post(
        "/api/v1/orders",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "one"},
    )

    assert (status, again.status_code) == (201, 201)
    assert json.loads(answer) == again.json()


def test_what_it_finds_is_what_the_url_map_finds():
    some = uuid.uuid4()
    for method, path in (
        ("GET", f"/api/v1/clients/{some}/card"),
        ("GET", f"/api/v1/references/{some}/availability"),
        ("GET", "/api/v1/availability"),
        ("POST", "/api/v1/orders"),
    ):
        found, match = hot.find(method, path), resolve(path)
        assert found is not None
        assert found.name in (match.view_name, "api_v1:place_order")
        assert {name: str(value) for name, value in found.arguments.items()} == match.kwargs


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/orders"),
        ("POST", "/api/v1/clients/0198a0de-7d2a-4c51-9a3b-2f6f0c1d8e99/card"),
        ("GET", "/api/v1/clients/1/card"),
        ("GET", "/api/v1/clients/0198A0DE-7D2A-4C51-9A3B-2F6F0C1D8E99X/card"),
        ("GET", "/api/v1/clients//card"),
        ("DELETE", "/api/v1/orders"),
        ("GET", "/api/v1/markets"),
    ],
)
def test_everything_else_takes_the_long_way(house, short, token, method, path):
    assert short(method, path, token=token) is None


def test_a_session_takes_the_long_way(house, short):
    assert short("GET", f"/api/v1/clients/{house.traditional}/card") is None


def test_plain_http_is_left_to_be_redirected(house, short, token, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    path = f"/api/v1/clients/{house.traditional}/card"

    assert short("GET", path, token=token) is None
    assert short("GET", path, token=token, X_FORWARDED_PROTO="https")[0] == 200


def test_an_unknown_token_is_refused(house, short):
    status, headers, body = short("GET", f"/api/v1/clients/{house.traditional}/card", token="nothing")

    assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
    assert json.loads(body)["code"] == "access.sign_in_needed"


def test_a_fault_of_ours_is_told_without_its_trace(house, short, token, monkeypatch, caplog):
    class Broken:
        def text(self, *parameters: object) -> bytes:
            raise RuntimeError("Éléonore")

    monkeypatch.setattr(recognition, "CARD", Broken())
    with caplog.at_level(logging.INFO, logger="vendome.request"):
        status, headers, body = short("GET", f"/api/v1/clients/{house.traditional}/card", token=token)

    assert (status, headers["Content-Type"]) == (500, "application/problem+json")
    assert "Éléonore" not in body.decode()
    assert json.loads(body)["request_id"] == headers["X-Request-ID"]


def test_one_line_is_written_and_holds_no_address(house, short, token, caplog):
    with caplog.at_level(logging.INFO, logger="vendome.request"):
        short("GET", f"/api/v1/clients/{house.traditional}/card", token=token, X_REQUEST_ID="from-the-proxy-1")

    (record,) = [one for one in caplog.records if one.getMessage() == "request"]
    assert record.fields["route"] == "api_v1:client_card"
    assert record.fields["actor"] == "APP"
    assert str(house.traditional) not in str(record.fields)
