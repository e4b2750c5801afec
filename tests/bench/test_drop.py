"""What the drop calls broken: every promise of it, one at a time."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from vendome.config.benching.drop import Crowd, Drop, percentile
from vendome.config.management.commands.drop import problems

GOOD: dict[str, Any] = {
    "pieces": 100, "sold": 100, "distinct_pieces": 100, "distinct_serials": 100, "distinct_clients": 100, "free": 0,
    "waiting": 0, "disagreements": 0, "losers_p99_ms": 400.0, "never_answered": 0,
    "sold_out_after_last_payment_s": 0.4, "killed": [(1, 15.0)],
}  # fmt: skip


def test_nothing_is_wrong_when_all_of_it_holds() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        ({"sold": 101}, "101 sold"),
        ({"distinct_serials": 99}, "99 distinct serial"),
        ({"distinct_clients": 99}, "more than one"),
        ({"free": 1, "waiting": 3}, "still wait"),
        ({"disagreements": 1}, "disagree"),
        ({"losers_p99_ms": 2000.1}, "Losers waited"),
        ({"never_answered": 1}, "never answered"),
        ({"sold_out_after_last_payment_s": 10.1}, "Sold out"),
        ({"sold_out_after_last_payment_s": None}, "Sold out"),
        ({"killed": []}, "killed"),
    ],
)
def test_each_broken_promise_is_named(broken: dict[str, Any], word: str) -> None:
    assert any(word in sentence for sentence in problems(GOOD | broken))


def test_the_crowd_is_all_there_and_some_click_twice() -> None:
    clients = [uuid.uuid4() for _ in range(200)]
    crowd = Crowd(host="", port=0, token="", allocation=uuid.uuid4(), clients=clients, attempts=2000, seconds=60)
    drop = Drop(crowd)

    planned = drop._schedule()

    assert {client for _, client in planned} == set(crowd.clients)
    assert len(planned) == 2000 + drop.seen.double_clicks
    assert 60 < drop.seen.double_clicks < 140
    assert 5 < len(drop.leavers) < 40
    assert percentile([0.001, 0.002], 0.99) == 2.0
