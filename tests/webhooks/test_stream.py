"""The stream: every public event once, in an order that stays, whatever commits when; and what is forgotten."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction

from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.webhooks.errors import CursorTooOld, UnknownEvent
from vendome.domains.webhooks.models import Delivery, Published
from vendome.domains.webhooks.queries import stream
from vendome.domains.webhooks.services import deliveries, endpoints
from vendome.kit import outbox
from vendome.kit.actors import Actor
from vendome.kit.errors import Forbidden
from vendome.kit.models import Inbox, OutboxEvent

pytestmark = pytest.mark.django_db(transaction=True)
EXPIRED, FAILED = "orders.order_expired", "payments.payment_failed"


def happen(house: SmallHouse, name: str, kind: str = EXPIRED) -> None:
    outbox.record({"order_id": name}, kind=kind, subject=f"order:{name}", actor=house.system, at=NOW)


def names(page: object) -> list[str]:
    return [event["data"]["order_id"] for event in page.events]


def test_pages_follow_each_other_and_the_last_cursor_waits_for_more(house: SmallHouse, controller: Actor) -> None:
    for number in range(5):
        happen(house, f"o{number}")
    outbox.deliver_all()

    first = stream.read(actor=controller, after=None, size=3)
    second = stream.read(actor=controller, after=first.position, size=3)
    nothing = stream.read(actor=controller, after=second.position, size=3)
    happen(house, "o5")
    outbox.deliver_all()

    assert (names(first), first.has_more) == (["o0", "o1", "o2"], True)
    assert (names(second), second.has_more) == (["o3", "o4"], False)
    assert names(nothing) == []
    assert names(stream.read(actor=controller, after=nothing.position)) == ["o5"]


def test_kinds_are_chosen_and_the_cursor_passes_the_others(house: SmallHouse, controller: Actor) -> None:
    happen(house, "a")
    happen(house, "b", FAILED)
    happen(house, "c")
    outbox.deliver_all()

    page = stream.read(actor=controller, after=None, kinds=[FAILED])

    assert names(page) == ["b"]
    assert page.position == stream.newest_position(actor=controller)
    with pytest.raises(UnknownEvent):
        stream.read(actor=controller, after=None, kinds=["orders.basket_changed"])


def test_another_maison_and_one_who_answers_for_one_place_hear_nothing(
    house: SmallHouse, other_house: SmallHouse, controller: Actor
) -> None:
    happen(other_house, "theirs")
    outbox.deliver_all()

    assert names(stream.read(actor=controller, after=None)) == []
    with pytest.raises(Forbidden):
        stream.read(actor=house.manager_paris, after=None)


@pytest.fixture
def late_writer(house: SmallHouse) -> Iterator[psycopg.Connection]:
    """A transaction that has taken its number and is still open."""
    place = connection.settings_dict
    with psycopg.connect(dbname=place["NAME"], user=place["USER"], host=place["HOST"]) as writer:
        writer.execute(
            "SELECT vendome_emit(%s, 'order:late', %s, '{\"order_id\": \"late\"}', 'SYSTEM')",
            [EXPIRED, house.maison.id],
        )
        yield writer


def read_by_number(after: int) -> list[tuple[int, str]]:
    """The naive stream: by the number of the row, as it was taken."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, payload->>'order_id' FROM kit_outboxevent WHERE seq > %s ORDER BY seq", [after])
        return cursor.fetchall()


def test_an_event_that_commits_late_is_not_missed(
    house: SmallHouse, controller: Actor, late_writer: psycopg.Connection
) -> None:
    """The lower number commits after the higher one was read. The control reads by number and misses it for ever."""
    happen(house, "quick")
    outbox.deliver_all()
    first = stream.read(actor=controller, after=None)
    naive = read_by_number(0)
    late_writer.commit()
    outbox.deliver_all()

    assert names(first) == ["quick"]
    assert names(stream.read(actor=controller, after=first.position)) == ["late"]
    assert [name for _seq, name in naive] == ["quick"]
    assert read_by_number(naive[-1][0]) == []  # the control: lost
    assert OutboxEvent.objects.get(subject="order:late").seq < OutboxEvent.objects.get(subject="order:quick").seq


def test_positions_become_visible_in_their_own_order(house: SmallHouse) -> None:
    """Two workers publish at once: the second waits for the first one's commit before it takes its position."""
    for name in ("a", "b"):
        happen(house, name)
    first, second = OutboxEvent.objects.order_by("seq")
    took: list[int] = []

    def publish(event: OutboxEvent) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT webhooks_publish(%s::uuid[], 'test', %s)", [[event.id], NOW])

    def other_worker() -> None:
        publish(first)
        took.append(1)
        connection.close()

    thread = threading.Thread(target=other_worker)
    with transaction.atomic():
        publish(second)
        thread.start()
        thread.join(0.5)
        assert took == []  # it has no position yet, so none can appear before ours
    thread.join(10)

    assert list(Published.objects.order_by("position").values_list("event_id", flat=True)) == [second.id, first.id]


def test_what_was_delivered_long_ago_is_forgotten_and_an_old_cursor_says_so(
    house: SmallHouse, controller: Actor
) -> None:
    happen(house, "old")
    happen(house, "older still", FAILED)
    outbox.deliver_all()
    old = stream.read(actor=controller, after=None, size=1)
    OutboxEvent.objects.update(occurred_at=NOW - timedelta(days=500), delivered_at=NOW - timedelta(days=500))
    happen(house, "young")
    outbox.deliver_all()

    removed = [deliveries.forget_old(before=NOW - timedelta(days=400), actor=house.system, most=1) for _ in range(2)]

    assert removed == [2, 0]
    assert names(stream.read(actor=controller, after=None)) == ["young"]
    assert Inbox.objects.count() == Published.objects.count() == OutboxEvent.objects.count() == 1
    with pytest.raises(CursorTooOld):
        stream.read(actor=controller, after=old.position)


def test_what_is_undelivered_or_owed_is_never_forgotten(house: SmallHouse, controller: Actor, local: None) -> None:
    """An event still in the outbox, one that waits for an endpoint, one that was given up there: all stay."""
    endpoints.register(key="k", url="http://127.0.0.1:9/", kinds=[], actor=controller, at=NOW)
    for name in ("waiting", "dead", "delivered"):
        happen(house, name)
    outbox.deliver_all()
    states = {"order:dead": ("DEAD", None, None), "order:delivered": ("DELIVERED", None, NOW)}
    for subject, (state, again, at) in states.items():
        Delivery.objects.filter(subject=subject).update(state=state, next_try_at=again, delivered_at=at)
    happen(house, "undelivered")
    OutboxEvent.objects.update(occurred_at=NOW - timedelta(days=500))

    deliveries.forget_old(before=NOW + timedelta(days=36500), actor=house.system)

    assert set(OutboxEvent.objects.values_list("subject", flat=True)) == {
        "order:waiting", "order:dead", "order:undelivered",
    }  # fmt: skip
