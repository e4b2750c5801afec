"""Killed while it sells, in short: PostgreSQL once and a program once. `make crash` does it ten times each."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from vendome.kit import testing

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.race
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds processes through /proc")
def test_nothing_acknowledged_is_lost_or_doubled_and_the_house_sells_again() -> None:
    done = subprocess.run(
        [sys.executable, "bench/crash.py", "--kills", "1", "--clients", "2", "--below", str(testing.HOME.parent)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.stdout, done.stderr[-4000:]
    found = json.loads(done.stdout)

    assert (found["acknowledged_lost"], found["doubled"], found["effects_without_event"]) == (0, 0, 0), found
    assert found["effects"] == found["events"] == found["acknowledged"] > 0, found
    assert (found["undelivered"], found["owed"], found["books"]) == (0, 0, []), found
    assert found["damaged_indexes"] == []
    assert found["audit_chain_whole"]
    assert set(found["unexpected_answers"]) == set()
