"""Named places where a test may make a program fail, wait or die, to see what is left behind.

A command says `failpoints.reach("orders.placed_before_commit")`; nothing happens unless a test has armed that
name. Armed ones belong to the process, or to a started program through `VENDOME_TEST_FAILPOINTS`
(`name=die,other=raise`), which only programs under test are given.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

VARIABLE = "VENDOME_TEST_FAILPOINTS"


class Failed(Exception):
    """What an armed failpoint raises when the test names nothing better."""


type Action = Callable[[], object]

_armed: dict[str, Action] = {}


def reach(name: str) -> None:
    """Do what a test armed here; in a house, nothing."""
    if not _armed:
        return
    action = _armed.get(name)
    if action is not None:
        action()


@contextmanager
def armed(name: str, action: Action | None = None) -> Iterator[None]:
    """Arm one failpoint for a block of a test; without an action it raises Failed."""
    before = _armed.get(name)
    _armed[name] = action or _fail(name)
    try:
        yield
    finally:
        if before is None:
            del _armed[name]
        else:
            _armed[name] = before


def die() -> None:
    """End this process as `kill -9` does: no handler runs, no buffer is written."""
    os.kill(os.getpid(), signal.SIGKILL)


def _fail(name: str) -> Action:
    def action() -> None:
        raise Failed(name)

    return action


def _arm_from_environment() -> None:
    for entry in filter(None, os.environ.get(VARIABLE, "").split(",")):
        name, _, what = entry.partition("=")
        _armed[name] = die if what == "die" else _fail(name)


_arm_from_environment()
