"""Events: delivered at least once, handled once, retried later, kept as dead letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from vendome.kit import clock, outbox
from vendome.kit.actors import Actor
from vendome.kit.models import OutboxEvent

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def heard() -> Iterator[list[outbox.Event]]:
    """Events a handler of the test has heard."""
    events: list[outbox.Event] = []
    outbox.handler("test.happened", "listener")(events.append)
    yield events
    outbox._handlers.pop("test.happened")


def happened(number: int = 1) -> None:
    outbox.record({"n": number}, kind="test.happened", subject="thing:1", actor=Actor.system(), at=AT)


def test_an_event_reaches_its_handler_once(heard: list[outbox.Event]) -> None:
    happened()

    assert outbox.deliver_due() == 1
    assert outbox.deliver_due() == 0

    assert [event.payload for event in heard] == [{"n": 1}]


def test_a_second_delivery_finds_the_work_done(heard: list[outbox.Event]) -> None:
    happened()
    outbox.deliver_due()
    OutboxEvent.objects.update(delivered_at=None)  # as if the worker had died before it could say so

    outbox.deliver_due()

    assert len(heard) == 1


def test_what_is_rolled_back_never_happened(heard: list[outbox.Event]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        happened()
        raise RuntimeError

    assert outbox.deliver_due() == 0
    assert heard == []


def test_a_failing_handler_is_tried_again_later_and_ends_as_a_dead_letter() -> None:
    attempts = []

    def fail(event: outbox.Event) -> None:
        attempts.append(event.id)
        raise ValueError("not today")

    outbox.handler("test.happened", "failing")(fail)
    try:
        happened()
        moment = AT
        for _ in range(40):
            with clock.frozen(moment):
                outbox.deliver_due()
            moment += timedelta(hours=2)
    finally:
        outbox._handlers.pop("test.happened")

    row = OutboxEvent.objects.get(kind="test.happened")
    assert (len(attempts), row.attempts, row.delivered_at, row.last_error) == (12, 12, None, "ValueError")


def test_one_failing_event_does_not_hold_up_the_others(heard: list[outbox.Event]) -> None:
    def picky(event: outbox.Event) -> None:
        if event.payload["n"] == 1:
            raise ValueError

    outbox.handler("test.happened", "picky")(picky)
    for number in (1, 2, 3):
        happened(number)

    assert outbox.deliver_due() == 2


def test_many_events_reach_a_handler_of_many_together_and_in_their_order() -> None:
    told: list[list[object]] = []
    outbox.many_handler("test.happened", "many")(lambda events: told.append([one.payload["n"] for one in events]))
    try:
        for number in (1, 2, 3):
            happened(number)
        assert outbox.deliver_due() == 3
        OutboxEvent.objects.update(delivered_at=None)
        assert outbox.deliver_due() == 3  # a repeat finds the work done
    finally:
        outbox._many_handlers.pop("test.happened")

    assert told == [[1, 2, 3]]


def test_one_that_a_handler_of_many_cannot_take_keeps_back_no_other() -> None:
    told: list[object] = []

    def picky(events: Sequence[outbox.Event]) -> None:
        if any(one.payload["n"] == 2 for one in events):
            raise ValueError("not this one")
        told.extend(one.payload["n"] for one in events)

    outbox.many_handler("test.happened", "many")(picky)
    try:
        for number in (1, 2, 3):
            happened(number)
        assert outbox.deliver_due() == 2
    finally:
        outbox._many_handlers.pop("test.happened")

    assert told == [1, 3]
    assert OutboxEvent.objects.get(delivered_at=None).payload == {"n": 2}


def test_events_of_both_ways_keep_their_order(heard: list[outbox.Event]) -> None:
    order: list[object] = []
    outbox.many_handler("test.together", "many")(lambda events: order.extend(one.payload["n"] for one in events))
    outbox.handler("test.happened", "single")(lambda event: order.append(event.payload["n"]))
    try:
        for number, kind in enumerate(["test.together", "test.together", "test.happened", "test.together"]):
            outbox.record({"n": number}, kind=kind, subject="thing:1", actor=Actor.system(), at=AT)
        assert outbox.deliver_due() == 4
    finally:
        outbox._many_handlers.pop("test.together")

    assert order == [0, 1, 2, 3]
