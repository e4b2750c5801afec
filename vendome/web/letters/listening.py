"""Hears the events that ask for a letter; the handler only writes down that one is owed."""

from __future__ import annotations

from collections.abc import Sequence

from vendome.flows import letters
from vendome.kit import clock, outbox
from vendome.kit.actors import Actor

NAME = "letters.owe"


def listen() -> None:
    """Register with the outbox; at start."""
    for kind in letters.OWED:
        outbox.many_handler(kind, NAME)(owe)


def owe(events: Sequence[outbox.Event]) -> None:
    """Owe what these events ask for; in the transaction of their delivery."""
    letters.owe_for(events=events, actor=Actor.system(), at=clock.now())
