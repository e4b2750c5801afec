"""R11: events that are delivered again and again, by several workers of which some die, have their effect once.

`VENDOME_TEST_EVENTS=20000` is the long form (`make faults`).
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from django.db import connection, transaction

from tests.factories.small_house import NOW, SmallHouse
from tests.races.conftest import Outcome, race
from vendome.kit import outbox, sql
from vendome.kit.actors import Actor

pytestmark = pytest.mark.race

EVENTS = int(os.environ.get("VENDOME_TEST_EVENTS", "600"))
WORKERS, TIMES = 4, 3
EFFECTS = "CREATE TABLE test_effect (handler text, event_id uuid)"

WAITING = "SELECT count(*) FROM kit_outboxevent WHERE kind ^@ 'test.' AND delivered_at IS NULL"


class Killed(BaseException):
    """The worker is gone, with the transaction it was in."""


@pytest.fixture
def effects() -> Iterator[None]:
    chance = random.Random(11)

    def note(name: str, events: Sequence[outbox.Event]) -> None:
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO test_effect VALUES (%s, %s)", [(name, event.id) for event in events])
        if chance.random() < 0.02:
            raise Killed
        if chance.random() < 0.02:
            raise RuntimeError("tried again later")

    outbox.handler("test.alone", "alone")(lambda event: note("alone", [event]))
    outbox.many_handler("test.many", "many")(lambda events: note("many", events))
    yield
    outbox._handlers.pop("test.alone")
    outbox._many_handlers.pop("test.many")


def happened(house: SmallHouse) -> None:
    chance = random.Random(7)
    with transaction.atomic():
        for number in range(EVENTS):
            kind = "test.many" if chance.random() < 0.9 else "test.alone"
            outbox.record({"n": number}, kind=kind, subject=f"thing:{number % 50}", actor=Actor.system(), at=NOW)


def work(seed: int) -> None:
    """Deliver what is due, dying now and then, and forget that something was delivered, as a lost commit would."""
    chance = random.Random(seed)
    again, until = EVENTS * (TIMES - 1) // WORKERS, time.monotonic() + 120
    while time.monotonic() < until and (again > 0 or sql.value(WAITING)):
        try:
            outbox.deliver_due(most=chance.choice((10, 100, 500)))
        except Killed:
            connection.close()
        if again > 0:
            again -= sql.value("""
                WITH opened AS (UPDATE kit_outboxevent SET delivered_at = NULL WHERE seq IN (
                    SELECT seq FROM kit_outboxevent WHERE kind ^@ 'test.' AND delivered_at IS NOT NULL
                    ORDER BY random() LIMIT 200 FOR UPDATE SKIP LOCKED) RETURNING 1) SELECT count(*) FROM opened
            """)
        sql.value("UPDATE kit_outboxevent SET retry_at = NULL, attempts = 0 WHERE retry_at IS NOT NULL RETURNING 1")


def delivered(house: SmallHouse) -> Outcome:
    happened(house)
    return race(*[lambda seed=seed: work(seed) for seed in range(WORKERS)])


def test_effects_are_events(arena: Callable[..., SmallHouse], effects: None) -> None:
    outcome = delivered(arena(EFFECTS))

    assert outcome.broken == outcome.refused == []
    assert sql.row("SELECT count(*), count(DISTINCT event_id) FROM test_effect") == (EVENTS, EVENTS)


def test_control_a_forgetful_house_does_it_again(
    arena: Callable[..., SmallHouse], effects: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "_not_yet_handled", lambda name, events: list(events))

    delivered(arena(EFFECTS))

    assert sql.value("SELECT count(*) FROM test_effect") > EVENTS
