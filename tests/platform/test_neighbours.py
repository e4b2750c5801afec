"""Serving processes that know of each other: places follow the crowd, and there are never more of them in all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from statistics import mean

import pytest

from vendome.config import gate as gates
from vendome.config import neighbours
from vendome.config.gate import Gate
from vendome.config.neighbours import Neighbours, least_of, most_of
from vendome.config.urgency import Urgency


class Clock:
    at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def board(tmp_path: Path) -> Path:
    path = tmp_path / "serving" / "8000"
    neighbours.make(path, 2)
    return path


def shares(two: tuple[Neighbours, Neighbours], crowds: tuple[int, int], rounds: int = 100) -> tuple[float, float]:
    """How many places each has on average while it looks again and again."""
    found = [(two[0].share(crowds[0]), two[1].share(crowds[1])) for _ in range(rounds)][1:]
    return mean(a for a, _ in found), mean(b for _, b in found)


def test_alone_it_has_its_own():
    alone = Neighbours(3)

    assert [alone.share(crowd) for crowd in (0, 1, 40)] == [3, 3, 3]
    assert alone.most == 3


@pytest.mark.parametrize(("ordinary", "processes"), [(1, 2), (3, 2), (3, 4), (6, 2), (3, 8), (16, 8)])
def test_what_one_may_have_leaves_the_others_their_least_and_is_half_again_at_most(ordinary, processes):
    most = most_of(ordinary, processes)

    assert ordinary <= most <= ordinary + least_of(ordinary)
    assert most + least_of(ordinary) * (processes - 1) <= ordinary * processes


def test_eight_processes_leave_connections_to_the_worker_and_to_those_who_listen():
    most = most_of(3, 8)

    assert 8 * (most + gates.kept_for_tills(most)) <= 64  # of 120 of the PostgreSQL that comes along


def test_a_new_board_leaves_the_one_before_to_whoever_looks_at_it(board, clock):
    one = Neighbours(3, board, now=clock)
    neighbours.make(board, 2)
    other = Neighbours(3, board, now=clock)

    assert [one.share(20), other.share(20)] == [4, 4]  # neither knows of the other


@pytest.mark.parametrize(
    ("crowds", "wanted"),
    [((16, 16), (3, 3)), ((20, 12), (3.75, 2.25)), ((22, 10), (4, 2)), ((31, 1), (4, 2)), ((6, 0), (4, 2))],
)
def test_places_follow_the_crowd(board, clock, crowds, wanted):
    found = shares((Neighbours(3, board, now=clock), Neighbours(3, board, now=clock)), crowds)

    assert found == pytest.approx(wanted, abs=0.1)
    assert sum(found) <= 6.1


def test_control_who_knows_nothing_of_the_others_has_the_same_whatever_the_crowd(clock):
    assert shares((Neighbours(3, now=clock), Neighbours(3, now=clock)), (22, 10)) == (3, 3)


def test_a_process_that_says_nothing_more_does_not_count(board, clock):
    one, other = Neighbours(3, board, now=clock), Neighbours(3, board, now=clock)
    other.share(1000)
    assert one.share(12) == 2

    clock.at += neighbours.STALE_SECONDS + 0.1

    assert one.share(12) == 4


def test_there_is_a_slot_for_each_and_none_for_a_third(board):
    first, second, third = (Neighbours(3, board) for _ in range(3))

    assert (first.most, second.most, third.most) == (4, 4, 3)
    assert third.share(50) == 3


def test_who_takes_the_place_of_a_process_that_died_has_its_slot(board):
    program = (
        "import os, sys; from pathlib import Path; from vendome.config.neighbours import Neighbours;"
        "one = Neighbours(3, Path(sys.argv[1])); one.share(500); assert one.most == 4; os.abort()"
    )
    died = subprocess.run(
        [sys.executable, "-c", program, str(board)], env=os.environ | {"PYTHONFAULTHANDLER": ""}, check=False
    )
    assert died.returncode < 0

    after, beside = Neighbours(3, board), Neighbours(3, board)

    assert (after.most, beside.most) == (4, 4)
    assert after.share(12) == 4  # of the crowd of the one who died nothing is left


@pytest.mark.parametrize("content", [None, b"", b"half a slot"])
def test_a_board_that_cannot_be_read_changes_nothing(tmp_path, monkeypatch, content):
    path = tmp_path / "board"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv(neighbours.VARIABLE, str(path))

    assert Neighbours.of_this_process(3).share(40) == 3


def test_whoever_waits_is_called_when_places_come_from_a_neighbour(board, clock):
    """Two at once, though only one leaves."""
    gate = Gate(3, neighbours=Neighbours(3, board, now=clock), now=clock)
    other = Neighbours(3, board, now=clock)
    other.share(1000)
    at_work = [gate.enter(Urgency.STAFF) for _ in range(2)]
    assert gate.ordinary == 2
    waiting = [gates._Waiter(clock.at) for _ in range(3)]
    gate._queues[Urgency.STAFF].extend(waiting)
    gate._waiting = 3

    other.share(0)
    gate.leave(Urgency.STAFF, at_work[0])

    assert [one.place >= 0 for one in waiting] == [True, True, True]
    assert gate._lower == gate.ordinary == 4


def test_a_gate_has_places_for_all_that_a_neighbour_lends_and_threads_for_all_who_wait(board):
    gate = Gate(3, neighbours=Neighbours(3, board))

    assert gate.places == 4 + gates.kept_for_tills(4)
    assert gates.threads_for(4) == gate.places + gates.WAITING + gates.SPARE
