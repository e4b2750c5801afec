"""Failpoints do nothing in a house, and exactly what a test asks in a test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from vendome.kit import failpoints


def test_nothing_happens_unless_armed():
    failpoints.reach("a.place")


def test_an_armed_one_fails_until_the_block_ends():
    with failpoints.armed("a.place"):
        failpoints.reach("another.place")
        with pytest.raises(failpoints.Failed, match=r"a\.place"):
            failpoints.reach("a.place")
    failpoints.reach("a.place")


def test_it_can_do_something_else():
    reached = []
    with failpoints.armed("a.place", lambda: reached.append(1)):
        failpoints.reach("a.place")
    assert reached == [1]


def test_a_started_program_can_be_made_to_die():
    program = "from vendome.kit import failpoints; failpoints.reach('a.place')"
    environment = os.environ | {failpoints.VARIABLE: "a.place=die"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
