"""What surrounds every page: headers, ids, logs without people in them, errors, health."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from vendome.config import health, logs
from vendome.config.middleware import expected_failures
from vendome.kit import policy
from vendome.kit.actors import Actor, ActorKind
from vendome.kit.errors import Busy, NotFound

pytestmark = pytest.mark.django_db


@policy.public(reason="a test")
def broken(request: HttpRequest, name: str) -> HttpResponse:
    raise RuntimeError("marguerite@example.com asked for +33 6 12 34 56 78")


@policy.public(reason="a test")
def known(request: HttpRequest) -> HttpResponse:
    request.actor.is_known  # noqa: B018  # the actor is found on first use
    return HttpResponse("known")


@policy.public(reason="a test")
def busy(request: HttpRequest) -> HttpResponse:
    raise Busy()


@policy.public(reason="a test")
def hidden(request: HttpRequest) -> HttpResponse:
    raise NotFound()


urlpatterns = [
    path("test/broken/<str:name>/", broken, name="test_broken"),
    path("test/known/", known, name="test_known"),
    path("test/busy/", busy, name="test_busy"),
    path("test/hidden/", hidden, name="test_hidden"),
    path("api/test/busy/", busy, name="api_busy"),
    path("", include(settings.ROOT_URLCONF)),
]
handler404 = "vendome.config.errors.not_found"
handler500 = "vendome.config.errors.server_error"


@pytest.fixture
def browser(settings) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


@pytest.fixture
def lines(monkeypatch) -> list[str]:
    """What production would write to its log."""
    written: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Keep()
    handler.setFormatter(logs.JsonFormatter())
    handler.addFilter(logs.RouteInsteadOfPath())
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [handler])
    monkeypatch.setattr(logging.getLogger("vendome.request"), "level", logging.INFO)
    return written


def test_the_content_policy_allows_nothing_inline(client):
    policy_text = client.get("/health/live").headers["Content-Security-Policy"]
    assert "unsafe" not in policy_text
    assert "default-src 'self'" in policy_text
    assert "frame-ancestors 'none'" in policy_text


def test_a_request_id_is_made_and_a_good_one_is_kept(client):
    made = client.get("/health/live").headers["X-Request-ID"]
    assert len(made) == 32
    kept = client.get("/health/live", headers={"X-Request-ID": "from-the-proxy-42"})
    assert kept.headers["X-Request-ID"] == "from-the-proxy-42"
    refused = client.get("/health/live", headers={"X-Request-ID": "x\ninjected: yes"})
    assert "injected" not in refused.headers["X-Request-ID"]


def test_the_log_names_the_route_and_nobody(browser, lines):
    browser.get("/test/broken/Marguerite/?q=de+Saint-Aubin", headers={"X-Request-ID": "0123456789ab"})

    written = "\n".join(lines)
    for personal in ("Marguerite", "Saint-Aubin", "marguerite@example.com", "+33", "12 34"):
        assert personal not in written
    request_line = json.loads(lines[-1])
    assert request_line["route"] == "test_broken"
    assert request_line["status"] == 500
    assert request_line["request_id"] == "0123456789ab"
    error_line = next(json.loads(line) for line in lines if "error" in json.loads(line))
    assert error_line["error"]["class"] == "RuntimeError"
    assert any("broken" in frame for frame in error_line["error"]["at"])


def test_a_broken_page_tells_its_request_id(browser):
    response = browser.get("/test/broken/x/", headers={"X-Request-ID": "0123456789ab"})
    assert response.status_code == 500
    assert "0123456789ab" in response.text


def test_a_page_made_for_a_known_person_is_hers_alone(browser, monkeypatch):
    def advisor(request: HttpRequest) -> Actor:
        request._actor = Actor(kind=ActorKind.STAFF)
        return request._actor

    assert "Cache-Control" not in browser.get("/test/known/").headers
    monkeypatch.setattr("vendome.config.middleware._find_actor", advisor)
    assert browser.get("/test/known/").headers["Cache-Control"] == "private, no-store"


def test_expected_failures_keep_their_status_and_their_sentence(browser):
    response = browser.get("/test/busy/")
    assert response.status_code == 503
    assert Busy.sentence in response.text
    assert browser.get("/test/hidden/").status_code == 404
    assert expected_failures(lambda request: HttpResponse()).process_exception(HttpRequest(), ValueError()) is None


def test_programs_get_problems_as_json(browser):
    response = browser.get("/api/test/busy/")
    assert response.status_code == 503
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["title"] == Busy.sentence


def test_alive_asks_the_database_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/health/live").json() == {"status": "alive"}


def test_ready_tells_database_migrations_and_worker(client):
    told = client.get("/health/ready")
    assert told.status_code == 200
    assert told.json() == {
        "status": "ready",
        "database": "reachable",
        "migrations": "applied",
        "worker": "never seen",
        "worker_heartbeat_seconds": None,
        "overrun": False,
        "turned_away": {},
    }
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '2 minutes')")
    assert client.get("/health/ready").json()["worker"] == "late"
    assert health.worker_age() >= timedelta(minutes=2)


def test_not_ready_without_a_database(client, monkeypatch):
    def gone() -> None:
        raise OperationalError

    monkeypatch.setattr(health, "unapplied_migrations", gone)
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["database"] == "unreachable"


def test_a_nul_in_an_address_or_a_form_is_the_senders_mistake(browser: Client) -> None:
    """PostgreSQL keeps no NUL; where nothing else has looked, the statement fails."""
    for sent in (browser.get("/test/broken/x/?q=%00"), browser.post("/test/broken/x/", {"note": "a\0b"})):
        assert sent.status_code == 400
    browser.raise_request_exception = False
    assert browser.post("/test/broken/x/", {"note": "ab"}).status_code == 500
