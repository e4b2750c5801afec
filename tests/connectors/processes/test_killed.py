"""A process that dies in the middle of an import, and one that never should have begun."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.connectors.processes.conftest import House
from tests.connectors.test_bad_input import HEADER, export, mapping

pytestmark = pytest.mark.race


def many_rows(count: int) -> str:
    rows = [
        f"{n // 3},A{n % 90},{-1 if n % 11 == 10 else n % 4 + 1},2024-0{n * 8 // count + 1}-{n % 28 + 1:02} 10:00,"
        f"{n % 50}.{n % 100:02},Client {n // 3 % 200}"
        for n in range(count)
    ]
    return "\n".join([HEADER, *rows]) + "\n"


def test_killed_and_resumed_is_one_run(new_house: Callable[[], House], tmp_path: Path) -> None:
    path = export(tmp_path, many_rows(4_500))
    how = mapping(tmp_path, more="[documents]\ndays_apart = 400\n[rules]\nzero_price = 'keep'")
    whole, torn = new_house(), new_house()
    asked = ("import", "transactions", path, "--mapping", how, "--batch", "250")
    assert whole.run(*asked)[0] == 0

    process = torn.start(*asked)
    until = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < until:
        if torn.value("SELECT coalesce(max(documents_done), 0) FROM transactions_run") > 150:
            process.kill()
        time.sleep(0.1)
    process.communicate()
    stopped_at = torn.value("SELECT count(*) FROM orders_order")
    code, out, err = torn.run(*asked, "--resume")

    assert process.returncode == -9
    assert 0 < stopped_at < 1_500
    assert code == 0, err
    assert "the difference is 0.00" in out
    assert torn.history() == whole.history()


def test_the_command_ends_with_two_when_nothing_could_be_done(new_house: Callable[[], House], tmp_path: Path) -> None:
    house = new_house()

    code, out, err = house.run(
        *("import", "transactions", export(tmp_path), "--mapping", mapping(tmp_path, unit_price="price"))
    )

    assert code == 2
    assert not out
    assert err.strip().endswith("Did you mean 'unit_price_eur'? Nothing was changed.")
    assert house.value("SELECT count(*) FROM transactions_run") == 0
