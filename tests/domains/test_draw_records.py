"""What a process keeps of draws: each record read once, of many launches, and none waits for another's."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from vendome.domains.stock.queries import draws
from vendome.domains.stock.queries.draws import DrawStep

ENTRIES = 100


def steps(count: int) -> list[DrawStep]:
    return [DrawStep(allocation_id=uuid.uuid4(), commitment="c", list_digest="d", seed="") for _ in range(count)]


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    draws.forget()
    yield
    draws.forget()


Read = Callable[[Callable[[uuid.UUID], None]], Counter[uuid.UUID]]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    """Stands in for the database; counts how often the entries of each launch are read."""
    times: Counter[uuid.UUID] = Counter()

    def standing_in(before: Callable[[uuid.UUID], None]) -> Counter[uuid.UUID]:
        def tokens(allocation_id: uuid.UUID, _by: str) -> tuple[str, ...]:
            times[allocation_id] += 1
            before(allocation_id)
            return ("token",) * ENTRIES

        monkeypatch.setattr(draws, "_tokens", tokens)
        return times

    return standing_in


def test_many_launches_asked_for_in_turn_are_each_read_once(read: Read) -> None:
    times = read(lambda _: None)
    many = steps(30)

    for _ in range(3):
        for step in many:
            draws.read_record(step=step)

    assert times == Counter(step.allocation_id for step in many)


def test_where_there_is_no_room_the_longest_not_asked_for_goes(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    times = read(lambda _: None)
    monkeypatch.setattr(draws, "ROOM", 2 * ENTRIES)
    first, second, third = steps(3)

    for step in (first, second, first, third, first, third):
        draws.read_record(step=step)
    assert set(times.values()) == {1}
    draws.read_record(step=second)
    assert times[second.allocation_id] == 2

    monkeypatch.setattr(draws, "ROOM", 1)
    (large,) = steps(1)
    for _ in range(2):
        draws.read_record(step=large)
    assert times[large.allocation_id] == 1


def test_a_crowd_reads_it_once_and_nobody_waits_for_another_launch(read: Read) -> None:
    slow, quick = steps(2)
    is_reading, may_go_on = threading.Event(), threading.Event()

    def before(allocation_id: uuid.UUID) -> None:
        if allocation_id == slow.allocation_id:
            is_reading.set()
            assert may_go_on.wait(10)

    times = read(before)
    with ThreadPoolExecutor(6) as pool:
        crowd = [pool.submit(draws.read_record, step=slow) for _ in range(5)]
        assert is_reading.wait(10)
        try:
            other = pool.submit(draws.read_record, step=quick).result(timeout=5)
        finally:
            may_go_on.set()
        found = [one.result(timeout=10) for one in crowd]

    assert len(other.draw.entries) == ENTRIES
    assert all(one is found[0] for one in found)
    assert set(times.values()) == {1}


def test_what_could_not_be_read_is_read_again(read: Read) -> None:
    failures = iter([OSError("the database is away")])

    def before(_: uuid.UUID) -> None:
        for failure in failures:
            raise failure

    times = read(before)
    (step,) = steps(1)

    with pytest.raises(OSError, match="away"):
        draws.read_record(step=step)
    assert len(draws.read_record(step=step).draw.entries) == ENTRIES
    assert times[step.allocation_id] == 2
