"""In front of pages and API: who passes, what those read who are turned away, what is told of it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection, connections

from vendome.config import admission, overrun
from vendome.config.admission import Admission
from vendome.config.urgency import Urgency

type Answer = tuple[int, dict[str, str], str]


class House:
    """Stands where pages and API stand; notes which connection it was lent."""

    def __init__(self) -> None:
        self.lent: list[Any] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.lent.append(connections["default"])
        self.meanwhile()
        start_response("200 OK", [])
        return [b"welcome"]


def call(application: Any, method: str, path: str, **headers: str) -> Answer:
    """As a server calls it: in a thread of its own."""
    told: list[Any] = []
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "SERVER_NAME": "house.example", "SERVER_PORT": "443",
        "wsgi.url_scheme": "https", "wsgi.input": io.BytesIO(),
    } | {f"HTTP_{name}": value for name, value in headers.items()}  # fmt: skip

    def run() -> None:
        body = b"".join(application(environ, lambda status, found: told.extend([status, found])))
        told.append(body.decode())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    return int(told[0][:3]), dict(told[1]), told[2]


def in_a_thread[T](work: Callable[[], T]) -> T:
    """As a server does: the connection that is lent and taken back is never the one of this test."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result(20)


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def door(house: House) -> Iterator[Admission]:
    made = Admission(house, ordinary=1)
    yield made
    for one in made.lent:
        one.close()


@pytest.fixture
def overrun_door(door: Admission) -> Admission:
    """All places are taken, and all chairs but those for tills."""
    door.gate.enter(Urgency.STAFF)
    for _ in range(door.gate.places - 1):
        door.gate.enter(Urgency.TILL)
    door.gate._waiting = 1000
    return door


class TestWhoPasses:
    def test_the_connection_belongs_to_the_place_and_not_to_the_thread(self, door, house):
        assert call(door, "GET", "/gb-en/")[0] == 200
        assert call(door, "GET", "/salon/")[0] == 200

        assert house.lent[0] is house.lent[1]
        assert house.lent[0] is not connections["default"]

    @pytest.mark.django_db
    def test_the_connections_of_all_places_can_be_opened_before_anybody_comes(self, door):
        in_a_thread(door.open)

        assert [one.connection is not None for one in door.lent] == [True] * door.gate.places

    @pytest.mark.django_db
    def test_a_database_that_is_not_there_yet_keeps_no_door_shut(self, door, house, monkeypatch, caplog):
        def refused() -> None:
            raise OperationalError("connection refused")

        monkeypatch.setattr(door.lent[0], "ensure_connection", refused)
        door.open()
        monkeypatch.undo()
        assert "Only 0 of 2 connections" in caplog.text
        assert "max_connections" in caplog.text

        assert call(door, "GET", "/gb-en/")[0] == 200

    def test_two_at_once_have_two_connections(self, door, house):
        def somebody_pays() -> None:
            house.meanwhile = lambda: None
            call(door, "POST", "/salon/sell/")

        house.meanwhile = somebody_pays
        call(door, "GET", "/salon/")

        assert len({id(one) for one in house.lent}) == 2

    @pytest.mark.django_db(transaction=True)
    def test_what_is_asked_of_the_database_goes_over_the_lent_connection(self, door, house):
        asked: list[int] = []

        def ask() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                asked.append(cursor.fetchone()[0])

        house.meanwhile = ask
        for _ in range(3):
            call(door, "GET", "/gb-en/")

        assert len(set(asked)) == 1

    def test_the_place_comes_back_when_the_work_fails(self, door, house):
        def fail() -> None:
            raise RuntimeError

        house.meanwhile = fail
        for _ in range(door.gate.places + 1):
            with pytest.raises(RuntimeError):
                in_a_thread(lambda: door({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, None))

        house.meanwhile = lambda: None
        assert call(door, "GET", "/")[0] == 200

    def test_what_asks_the_database_nothing_is_answered_in_an_overrun_house(self, overrun_door):
        assert call(overrun_door, "GET", "/health/live")[0] == 200
        assert call(overrun_door, "GET", "/static/vendome/css/base.css")[0] == 200


class TestWhoIsTurnedAway:
    def test_a_program_gets_a_problem_and_when_to_come_again(self, overrun_door):
        status, headers, body = call(overrun_door, "GET", "/api/v1/models", X_REQUEST_ID="0123456789ab")

        problem = json.loads(body)
        assert (status, headers["Content-Type"]) == (503, "application/problem+json")
        assert (problem["code"], problem["status"], problem["request_id"]) == ("access.overrun", 503, "0123456789ab")
        assert int(headers["Retry-After"]) >= 1
        assert headers["X-Request-ID"] == "0123456789ab"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert int(headers["Content-Length"]) == len(body.encode())

    def test_a_visitor_gets_a_page_that_opens_by_itself(self, overrun_door):
        status, headers, body = call(overrun_door, "GET", "/gb-en/", ACCEPT="text/html")

        assert status == 503
        assert "<h1>One moment, please</h1>" in body
        assert f'<meta http-equiv="refresh" content="{headers["Retry-After"]}">' in body
        assert headers["Cache-Control"] == "private, no-store"

    def test_in_french_where_the_house_speaks_french(self, overrun_door):
        by_address = call(overrun_door, "GET", "/fr-fr/", ACCEPT="text/html")[2]
        by_browser = call(overrun_door, "GET", "/", ACCEPT="text/html", ACCEPT_LANGUAGE="fr-CH, fr;q=0.9")[2]

        for body in (by_address, by_browser):
            assert '<html lang="fr"' in body
            assert "<h1>Un instant, s’il vous plaît</h1>" in body
            assert "Many" not in body

    def test_who_sent_something_hears_that_it_was_not_taken(self, overrun_door):
        body = call(overrun_door, "POST", "/gb-en/checkout/", ACCEPT="text/html")[2]

        assert "refresh" not in body
        assert "Nothing was ordered and nothing charged" in body

    def test_htmx_keeps_its_page_and_has_a_sentence_to_say(self, overrun_door):
        status, headers, body = call(overrun_door, "POST", "/fr-fr/bag/add/", ACCEPT="text/html", HX_REQUEST="true")

        assert status == 503
        assert headers["Content-Type"].startswith("text/plain")
        assert "<" not in body
        assert "réessayez" in body

    def test_the_page_allows_its_own_style_and_nothing_else(self, overrun_door):
        _, headers, body = call(overrun_door, "GET", "/gb-en/", ACCEPT="text/html")

        style = re.search(r"<style>(.*?)</style>", body, re.DOTALL)
        assert style is not None
        digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in headers["Content-Security-Policy"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "<script" not in body

    @pytest.mark.django_db
    def test_the_database_is_asked_nothing(self, django_assert_num_queries, rf):
        overrun.page.cache_clear()
        with django_assert_num_queries(0):
            assert overrun.answer(rf.get("/gb-en/", headers={"Accept": "text/html"}), 3).status_code == 503
            assert overrun.answer(rf.get("/api/v1/models"), 3).status_code == 503

    def test_they_are_not_sent_back_at_the_same_moment(self, overrun_door):
        seconds = [int(call(overrun_door, "GET", "/gb-en/")[1]["Retry-After"]) for _ in range(40)]
        urgent = [int(call(overrun_door, "GET", "/gb-en/bag/")[1]["Retry-After"]) for _ in range(40)]

        assert len(set(seconds)) > 4
        assert max(urgent) < max(seconds)


class TestWhatIsTold:
    def test_one_line_for_each_and_none_with_an_error(self, overrun_door, caplog):
        with caplog.at_level(logging.INFO, logger="vendome.request"):
            call(overrun_door, "GET", "/gb-en/piece/aurore/")

        lines = [record for record in caplog.records if record.name == "vendome.request"]
        assert [(line.levelname, line.fields["route"]) for line in lines] == [("INFO", "turned away: BROWSE")]
        assert "aurore" not in caplog.text

    def test_whoever_watches_hears_that_it_begins_how_many_and_that_it_is_over(self, caplog, monkeypatch):
        monkeypatch.setattr(admission, "SECONDS_BETWEEN_LINES", 0.05)
        teller = admission.Teller()

        def told() -> list[Any]:
            return [record for record in caplog.records if record.name == "vendome.admission"]

        with caplog.at_level(logging.WARNING, logger="vendome.admission"):
            for urgency in (Urgency.BROWSE, Urgency.BROWSE, Urgency.STAFF):
                teller.note(urgency)
            deadline = time.monotonic() + 5
            while len(told()) < 3 and time.monotonic() < deadline:
                time.sleep(0.01)

        assert [record.msg for record in told()][::2] == [
            "More is asked than can be answered: requests are turned away, the least urgent first",
            "Everybody is answered again",
        ]
        assert told()[1].fields == {"turned_away": {"BROWSE": 2, "STAFF": 1}}

    @pytest.mark.django_db
    def test_ready_counts_them(self, house, monkeypatch, client):
        monkeypatch.setattr(admission, "_here", None)
        assert client.get("/health/ready").json()["turned_away"] == {}
        door = admission.in_front_of(house, ordinary=1)
        door.gate.turned_away[Urgency.BROWSE] = 7

        told = client.get("/health/ready").json()

        assert (told["overrun"], told["turned_away"]) == (False, {"BROWSE": 7})
