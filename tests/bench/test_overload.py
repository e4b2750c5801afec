"""Overrun, in short: a small house with one process is asked far more than it can answer. `make overload` does it long.

Shares and who was served are asserted, no times but that the end comes and that a refusal comes sooner than the same
house answers without its gate, which is the control: a test that depends on its neighbours proves nothing.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection

from tests.factories.small_house import make_small_house, make_token
from vendome.config import serving
from vendome.flows import books
from vendome.kit import testing

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "bench"))

import overload  # noqa: E402  # a program, beside the package

SECONDS, RATE = 3.0, 400.0

GOOD: dict[str, Any] = {
    "kinds": {"till": {"asked": 100, "answered": 100, "p99_ms": 19.0}}, "till_unloaded_p99_ms": 10.0,
    "critical_per_s": 96.0, "critical_peak_per_s": 100.0, "turned_away": 900, "turned_away_p99_ms": 49.0,
    "without_retry_after": 0, "normal_after_s": 2.0, "books": [],
}  # fmt: skip


def test_nothing_is_wrong_when_all_of_it_holds() -> None:
    assert overload.problems(GOOD) == []


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        ({"kinds": {"till": {"asked": 100, "answered": 99, "p99_ms": 19.0}}}, "1 of 100 at tills"),
        ({"kinds": {"till": {"asked": 100, "answered": 100, "p99_ms": 20.1}}}, "A till waited"),
        ({"critical_per_s": 94.0}, "fell to 94.0"),
        ({"turned_away": 0}, "Turned away"),
        ({"turned_away_p99_ms": 50.1}, "Turned away after 50.1"),
        ({"without_retry_after": 1}, "when to come again"),
        ({"normal_after_s": 10.1}, "Normal again"),
        ({"books": ["one"]}, "disagree"),
    ],
)
def test_each_broken_promise_is_named(broken: dict[str, Any], word: str) -> None:
    told = overload.problems(GOOD | broken)

    assert len(told) == 1
    assert word in told[0]


def test_the_end_is_when_the_last_bad_answer_came() -> None:
    seen = [(1, 3, 10.5, 0.1, 503, True), (1, 3, 11.0, 0.5, 0, False), (1, 0, 12.0, 0.02, 201, False)]

    assert overload.judge_end(seen, 10.0, 5.0) == {"normal_after_s": 1.5, "afterwards_p50_ms": 20.0}
    assert overload.judge_end(seen[:2], 10.0, 5.0)["normal_after_s"] == 5.0


@pytest.fixture
def requests(transactional_db: None) -> list[list[str]]:
    """What tills, checkouts, advisors and visitors ask of the small house, as it goes over the wire."""
    house = make_small_house()
    house.stocked(house.paris, candle=20_000)
    connection.cursor().execute("VACUUM (ANALYZE) stock_level")
    token = make_token(house, roles=["advisor"], place=house.paris)
    head = f"HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    order = json.dumps(
        {
            "market": "FR", "channel": "boutique", "selling_place_id": house.paris,
            "lines": [{"reference_id": house.candle, "mode": "TAKE_AWAY", "place_id": house.paris}],
            "tender": {"tender": "CASH", "provider": "till", "is_settled": True},
        },
        default=str,
    )  # fmt: skip
    till = f"POST /api/v1/orders {head}Idempotency-Key: {{key}}\r\nContent-Length: {len(order)}\r\n\r\n{order}"
    page = "GET {} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n"
    return [
        [till], [page.format("/fr-fr/bag/")], [f"GET /api/v1/clients/{house.traditional}/card {head}\r\n"],
        [page.format("/fr-fr/"), page.format("/fr-fr/collections/")],
    ]  # fmt: skip


@contextmanager
def served(*, turns_away: bool) -> Iterator[int]:
    """The tests' own database behind one serving process of one place at work; its port."""
    place = connection.settings_dict
    url = f"postgresql://{place['USER']}@/{place['NAME']}?{urlencode({'host': place['HOST']})}"
    port = serving.free_port("127.0.0.1", 18850)
    command = [sys.executable, "-m", "vendome", "serve", "--split", "--workers", "1", "--threads", "1"]
    command += ["--port", str(port), "--live-port", str(serving.free_port("127.0.0.1", port + 1))]
    environment = os.environ | {
        "DATABASE_URL": os.environ.get("DATABASE_URL", url), "VENDOME_DEMO": "1",
        "VENDOME_TURN_AWAY": "yes" if turns_away else "no",
    }  # fmt: skip
    with (testing.HOME.parent / f"{testing.HOME.name}-overload.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT, env=environment)
        try:
            overload.wait_until_ready(port, testing.HOME.parent)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)  # what it was asked before is answered first


def hold(port: int, requests: list[list[str]], after: float) -> tuple[dict[str, Any], dict[str, Any]]:
    overload.generate(port, requests, [(20.0, 1.0)], [overload.MIX])
    phases = [(RATE, SECONDS), (5.0, after)]
    seen = overload.generate(port, requests, phases, [overload.MIX, overload.TILLS])
    return (
        overload.judge_hold([one for one in seen if one[0] == 0], SECONDS),
        overload.judge_end([one for one in seen if one[0] == 1], SECONDS, after),
    )


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_an_overrun_house_goes_on_selling_and_tells_the_others_to_come_again(requests) -> None:
    with served(turns_away=True) as port:
        held, end = hold(port, requests, 4.0)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready") as answer:
            told = json.loads(answer.read())
    with served(turns_away=False) as port:
        control, _ = hold(port, requests, 0.0)

    kinds = held["kinds"]
    assert kinds["till"]["answered"] == kinds["till"]["asked"] > 100, held
    assert kinds["browse"]["turned_away"] > kinds["browse"]["asked"] / 2, held
    assert held["without_retry_after"] == 0
    assert end["normal_after_s"] < 4.0
    assert not told["overrun"]
    assert sum(told["turned_away"].values()) == held["turned_away"]
    assert "TILL" not in told["turned_away"]
    assert books.list_problems() == []

    assert control["turned_away"] == 0
    assert control["kinds"]["till"]["answered"] < control["kinds"]["till"]["asked"], control
    assert held["turned_away_p50_ms"] < median_of_all(control), (held, control)


def median_of_all(found: dict[str, Any]) -> float:
    """Milliseconds within which half of those who looked around were answered; the deadline when half were not."""
    browse = found["kinds"]["browse"]
    return browse["p50_ms"] if browse["answered"] > browse["asked"] / 2 else overload.DEADLINE * 1000
