"""The bench in its short form: everything it does, on a small house for a second; shape and errors only.

Figures are for `vendome bench` on a quiet machine: a test that asserts them would fail for reasons of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from vendome.config.benching import load
from vendome.config.benching.operations import TARGETS
from vendome.config.management.commands.bench import OWN_HOME
from vendome.kit.testing import HOME

CLIENTS = 2000


@pytest.fixture(scope="session")
def measured() -> Iterator[dict[str, object]]:
    """One short run in a state directory of its own."""
    home = HOME.with_name(f"{HOME.name}-bench")
    home.mkdir(mode=0o755)
    file = home / "figures.json"
    changed = {"VENDOME_HOME": str(home), OWN_HOME: str(home), "VENDOME_DEMO": "1"}
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | changed
    asked = ["--clients", str(CLIENTS), "--levels", "4000", "--seconds", "1", "--connections", "2"]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "vendome", "bench", *asked, "--json", str(file)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        yield {"table": done.stdout, "figures": json.loads(file.read_text())}
    finally:
        shutil.rmtree(home, ignore_errors=True)


def test_every_operation_was_measured_without_an_error(measured):
    cells = measured["figures"]["cells"]

    assert {cell["operation"] for cell in cells} == {name.value for name in TARGETS}
    assert all(cell["http_requests"] > 0 and cell["pgbench_per_second"] > 0 for cell in cells)
    assert all(cell["http_errors"] == {} and cell["pgbench_failures"] == 0 for cell in cells)
    assert all(0 < cell["http_p50_ms"] <= cell["http_p99_ms"] for cell in cells)
    assert all(cell["app_cpu_ms"] > 0 for cell in cells)


def test_the_figures_say_on_what_they_were_taken(measured):
    figures = measured["figures"]

    assert figures["house"]["clients_client"] >= CLIENTS
    assert figures["machine"]["cores"] == os.cpu_count()
    assert figures["machine"]["fsync"] == "on"
    assert set(figures["best_ratio"]) == {name.value for name in TARGETS}


def test_the_table_has_a_line_for_each(measured):
    for name in TARGETS:
        assert f"{name.value}: best ratio" in measured["table"]


# -- the generator ------------------------------------------------------------------------------------------------


def test_each_request_gets_a_key_of_its_own():
    following = load._supply([b"POST / " + load.KEY + b" end"])

    sent = {following() for _ in range(100)}

    assert len(sent) == 100
    assert len({len(one) for one in sent}) == 1


def test_an_error_is_counted_by_its_code():
    errors: dict[str, int] = {}
    load._note(errors, b'HTTP/1.1 409 Conflict\r\ncontent-length: 3\r\n\r\n{"code": "stock.out_of_stock"}')
    load._note(errors, b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")

    assert errors == {"409 stock.out_of_stock": 1, "502": 1}
