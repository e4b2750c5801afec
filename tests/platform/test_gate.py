"""The gate: places kept for tills, the most urgent first, an answer at once for who would wait in vain."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from vendome.config import gate as gates
from vendome.config.gate import KEPT, SPARE, WAITING, WAITING_WHEN_OVERRUN, Gate, kept_for_tills
from vendome.config.urgency import QUEUED, Urgency

TILL, CHECKOUT, STAFF, BROWSE = QUEUED


class Clock:
    at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def crowd() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=64) as pool:
        yield pool


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def slow(gate: Gate) -> Gate:
    """A gate that has seen how seldom places are left."""
    gate._gap = gates.SHORT_SECONDS
    return gate


def in_and_out(gate: Gate, urgency: Urgency) -> int | None:
    """The place she had, which she left at once."""
    place = gate.enter(urgency)
    if place is not None:
        gate.leave(urgency, place)
    return place


def waits(
    crowd: ThreadPoolExecutor, gate: Gate, urgency: Urgency, does: Callable[[Gate, Urgency], int | None] = in_and_out
) -> Future[int | None]:
    """Somebody who is waiting once this returns."""
    before = gate._waiting
    asked = crowd.submit(does, gate, urgency)
    until(lambda: gate._waiting == before + 1)
    return asked


@contextmanager
def full(gate: Gate) -> Iterator[list[tuple[Urgency, int]]]:
    """Everybody at work; who is still there at the end leaves."""
    taken = [(BROWSE, gate.enter(BROWSE)) for _ in range(gate.ordinary)]
    taken += [(TILL, gate.enter(TILL)) for _ in range(gate.places - gate.ordinary)]
    yield taken
    while taken:
        gate.leave(*taken.pop())


@pytest.mark.parametrize("ordinary", [1, 2, 3, 6, 16, 64])
def test_thirty_of_a_hundred_places_are_kept_for_tills(ordinary):
    kept = kept_for_tills(ordinary)

    assert kept / (kept + ordinary) >= KEPT > (kept - 1) / (kept - 1 + ordinary)


def test_the_place_left_last_is_given_first():
    gate = Gate(3)
    first, second = gate.enter(STAFF), gate.enter(BROWSE)

    gate.leave(BROWSE, second)

    assert gate.enter(TILL) == second != first


def test_others_never_get_what_is_kept_for_tills(crowd):
    gate = Gate(3)
    browsing = [gate.enter(BROWSE) for _ in range(3)]
    waiting = waits(crowd, gate, CHECKOUT)

    tills = [gate.enter(TILL) for _ in range(gate.places - 3)]
    gate.leave(TILL, tills[0])

    assert not waiting.done()
    gate.leave(BROWSE, browsing[0])
    assert waiting.result(5) == browsing[0]


@pytest.mark.parametrize("ordinary", [1, 3, 16])
def test_one_place_is_never_a_tills(crowd, ordinary):
    """An address is a claim that anybody may make: a flood of them leaves a way for everybody else."""
    gate = Gate(ordinary)
    tills = [gate.enter(TILL) for _ in range(gate.places - 1)]
    waiting = waits(crowd, gate, TILL)

    assert gate.enter(CHECKOUT) is not None
    assert not waiting.done()
    gate.leave(TILL, tills[0])
    assert waiting.result(5) == tills[0]


def test_the_most_urgent_is_called_first_and_then_who_waits_longest(crowd):
    gate = Gate(2)
    called: list[str] = []

    def come(urgency: Urgency, name: str) -> None:
        place = gate.enter(urgency)
        called.append(name)
        assert place is not None
        gate.leave(urgency, place)

    with full(gate) as taken:
        asked = []
        for number, urgency in enumerate((BROWSE, STAFF, CHECKOUT, CHECKOUT, TILL), start=1):
            asked.append(crowd.submit(come, urgency, f"{urgency.name} {number}"))
            until(lambda number=number: gate._waiting == number)
        gate.leave(*taken.pop(0))
        for one in asked:
            one.result(5)

    assert called == ["TILL 5", "CHECKOUT 3", "CHECKOUT 4", "STAFF 2", "BROWSE 1"]


def test_who_comes_when_all_chairs_are_taken_is_told_at_once_but_a_till_takes_the_least_urgents(crowd):
    told: list[Urgency] = []
    gate = slow(Gate(1, tell=told.append))
    with full(gate):
        browsing = [waits(crowd, gate, BROWSE) for _ in range(WAITING)]
        begun = time.monotonic()

        assert gate.enter(BROWSE) is None
        assert time.monotonic() - begun < gates.PATIENCE[BROWSE] / 2  # so it did not wait
        assert gate.is_overrun

        till = crowd.submit(in_and_out, gate, TILL)
        assert browsing[-1].result(5) is None  # the last who came
        assert not till.done()
        assert gate.turned_away == {TILL: 0, CHECKOUT: 0, STAFF: 0, BROWSE: 2}
    assert till.result(5) is not None
    assert told == [BROWSE, BROWSE]


def test_where_places_are_left_often_who_comes_last_waits_too(crowd):
    """A crowd whose questions are quick to answer is no reason to send anybody away."""
    gate = Gate(1)
    gate._gap = 0.002
    with full(gate):
        waiting = [waits(crowd, gate, CHECKOUT) for _ in range(WAITING + SPARE // 2)]
        assert not gate.is_overrun
        assert gate.enter(CHECKOUT) is None  # never so many that no thread is left to see a till
        assert gate.is_overrun
        till = crowd.submit(in_and_out, gate, TILL)
        until(lambda: gate.turned_away[CHECKOUT] == 2)
    assert till.result(5) is not None
    assert [one.result(5) is None for one in waiting] == [False] * (len(waiting) - 1) + [True]


def test_the_pace_is_that_of_a_house_in_which_others_wait(crowd):
    clock = Clock()
    gate = Gate(1, now=clock)
    first = gate._gap
    for _ in range(50):
        clock.at += 60
        in_and_out(gate, BROWSE)
    assert gate._gap == first

    with full(gate) as taken:
        waiting = [waits(crowd, gate, CHECKOUT, Gate.enter) for _ in range(3)]
        for one in waiting:
            clock.at += 0.2
            gate.leave(*taken.pop(0))
            taken.insert(0, (CHECKOUT, one.result(5)))
    assert first < gate._gap < 0.2


def test_in_an_overrun_house_few_wait_and_the_less_urgent_hear_soon(crowd):
    clock = Clock()
    gate = slow(Gate(1, now=clock))
    with full(gate):
        waiting = [waits(crowd, gate, CHECKOUT) for _ in range(WAITING_WHEN_OVERRUN - 1)]
        clock.at = gates.LONG_SECONDS + 0.01
        begun = time.monotonic()

        assert gate.enter(BROWSE) is None  # has a chair, and waits in vain
        assert gates.PATIENCE_WHEN_OVERRUN[BROWSE] <= time.monotonic() - begun < 0.5
        assert gate.is_overrun

        waiting.append(waits(crowd, gate, CHECKOUT))
        assert gate.enter(CHECKOUT) is None
        assert gate.turned_away[CHECKOUT] == 1
        till = waits(crowd, gate, TILL)
    assert till.result(5) is not None
    assert all(one.result(5) is not None for one in waiting)


def test_it_ends_the_moment_nobody_waits(crowd):
    clock = Clock()
    gate = Gate(1, now=clock)
    with full(gate) as taken:
        waiting = waits(crowd, gate, CHECKOUT)
        clock.at = gates.LONG_SECONDS + 0.01
        gate.enter(BROWSE)
        assert gate.is_overrun

        gate.leave(*taken.pop(0))
        assert waiting.result(5) is not None
        assert not gate.is_overrun


def test_who_waited_long_and_got_a_place_is_a_sign_too(crowd):
    clock = Clock()
    gate = Gate(1, now=clock)
    with full(gate) as taken:
        first, second = waits(crowd, gate, STAFF, Gate.enter), waits(crowd, gate, STAFF)
        clock.at = gates.LONG_SECONDS + 0.01
        gate.leave(*taken.pop(0))
        taken.append((STAFF, first.result(5)))

        assert gate.is_overrun
    assert second.result(5) is not None


def test_in_a_crowd_nobody_is_lost_and_no_place_is_given_twice():
    gate = Gate(3)
    lock = threading.Lock()
    at_work: Counter[int] = Counter()
    served, told, wrong = Counter[Urgency](), Counter[Urgency](), []

    def person(seed: int) -> None:
        chance = random.Random(seed)
        urgency = QUEUED[min(seed // 8, 3)]  # eight at each counter, the others look around
        for _ in range(40):
            place = gate.enter(urgency)
            if place is None:
                told[urgency] += 1
                continue
            with lock:
                at_work[place] += 1
                served[urgency] += 1
                if at_work[place] != 1 or gate._lower > gate.ordinary:
                    wrong.append(dict(at_work))
            time.sleep(chance.random() * 0.002)
            with lock:
                at_work[place] -= 1
            gate.leave(urgency, place)

    people = [threading.Thread(target=person, args=(seed,)) for seed in range(60)]
    for one in people:
        one.start()
    for one in people:
        one.join(60)

    assert wrong == []
    assert served.total() + told.total() == 60 * 40
    assert told == Counter({urgency: count for urgency, count in gate.turned_away.items() if count})
    assert served[TILL]
    assert not told[TILL]
    assert (gate._waiting, gate._lower, sorted(gate._free)) == (0, 0, list(range(gate.places)))
