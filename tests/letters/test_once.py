"""A letter is written once however often its event is told, and tried again while the mail server fails."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.test import override_settings

from tests.domains.test_constraints import refused_by
from tests.factories.orders import buy_online, pay
from tests.factories.small_house import NOW, SmallHouse
from tests.letters.conftest import Post
from vendome.domains.letters.models import Letter
from vendome.domains.letters.types import DELAYS, LEASE, MOST_ATTEMPTS
from vendome.flows.types import PlacedOrder
from vendome.kit import clock, outbox, sql
from vendome.kit.models import Inbox, OutboxEvent
from vendome.web.letters import sending

pytestmark = pytest.mark.django_db


class Server(BaseEmailBackend):
    """A mail server that refuses for as long as it is told to, and says the address when it does."""

    is_down = False
    taken: list[str] = []

    def send_messages(self, email_messages: Any) -> int:
        if Server.is_down:
            raise smtplib.SMTPServerDisconnected("eleonore@example.com")
        Server.taken += [str(one.message()["Message-ID"]) for one in email_messages]
        return len(email_messages)


@pytest.fixture
def server() -> Iterator[type[Server]]:
    Server.is_down, Server.taken = False, []
    with override_settings(MAILERS={"default": {"BACKEND": f"{__name__}.Server"}}, SITE="https://shop.example"):
        yield Server


@pytest.fixture
def paid(house: SmallHouse) -> PlacedOrder:
    house.stocked(house.paris, ring=1)
    return pay(house, buy_online(house, house.traditional, house.ring))


def told_again() -> None:
    """As if every trace of the first delivery were lost but the letters."""
    Inbox.objects.all().delete()
    OutboxEvent.objects.update(delivered_at=None)


def test_told_twice_and_written_once(post: Post, paid: PlacedOrder) -> None:
    assert len(post.send()) == 1

    for _ in range(2):
        told_again()
        assert post.send() == []

    assert Letter.objects.count() == 1


def test_without_the_rows_that_say_once_it_is_doubled(post: Post, paid: PlacedOrder) -> None:
    """The control: the same, with the two constraints taken away."""
    with connection.cursor() as cursor:
        for name in ("letter_once_for_an_event", "letter_told_once"):
            cursor.execute(f"ALTER TABLE letters_letter DROP CONSTRAINT {name}")
    assert len(post.send()) == 2  # for the order that was placed, and for its payment

    told_again()

    assert len(post.send()) == 2
    assert Letter.objects.count() == 4


def test_the_database_refuses_a_second_one(post: Post, paid: PlacedOrder) -> None:
    post.send()
    copy = (
        "INSERT INTO letters_letter (id, maison_id, kind, about_id, event_id, state, owed_at, ended_at) SELECT "
        "gen_random_uuid(), maison_id, kind, {about}, {event}, 'NOT_WRITTEN', owed_at, ended_at FROM letters_letter"
    )

    refused_by("letter_told_once", copy.format(about="about_id", event="gen_random_uuid()"))
    refused_by("letter_once_for_an_event", copy.format(about="gen_random_uuid()", event="event_id"))
    refused_by("letter_address_is_masked", "UPDATE letters_letter SET address = 'eleonore@example.com'")
    refused_by("letter_waits_for_a_moment_or_has_ended", "UPDATE letters_letter SET state = 'WAITING'")
    refused_by("letter_kind_known", "UPDATE letters_letter SET kind = 'NEWSLETTER'")


def test_what_happened_three_days_ago_is_not_written_about(post: Post, paid: PlacedOrder) -> None:
    assert post.send(NOW + timedelta(days=3)) == []
    assert not Letter.objects.exists()


def test_imported_history_is_not_written_about(post: Post, paid: PlacedOrder) -> None:
    sql.rows("UPDATE orders_order SET source = 'old-erp' RETURNING id")

    assert post.send() == []


def test_the_row_keeps_no_address_and_the_database_no_text(post: Post, paid: PlacedOrder) -> None:
    post.send()

    row = Letter.objects.get()
    assert (row.state, row.address, row.language) == ("SENT", "e•••@example.com", "en")


def test_a_server_that_fails_is_tried_again_and_keeps_back_nothing(
    server: type[Server], house: SmallHouse, paid: PlacedOrder, caplog: pytest.LogCaptureFixture
) -> None:
    server.is_down = True
    with clock.frozen(NOW):
        outbox.deliver_all()
        sending.send_due()
    assert not OutboxEvent.objects.filter(delivered_at=None).exists()  # events do not wait for letters
    row = Letter.objects.get()
    assert (row.state, row.attempts, row.problem) == ("WAITING", 1, "SMTPServerDisconnected")
    assert row.next_try_at == NOW + DELAYS[0]
    assert "eleonore" not in caplog.text

    server.is_down = False
    with clock.frozen(NOW + DELAYS[0]):
        assert sending.send_due() == 1
        assert sending.send_due() == 0

    assert server.taken == [f"<{row.id}@shop.example>"]
    assert Letter.objects.get().state == "SENT"


def test_where_no_server_answers_the_others_wait_for_the_next_round(house: SmallHouse, paid: PlacedOrder) -> None:
    """The real SMTP client, against a port where nobody listens."""
    house.stocked(house.paris, ring=1)
    pay(house, buy_online(house, house.traditional, house.ring))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening
        smtp = {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": taken.getsockname()[1], "timeout": 2},
        }
        with override_settings(MAILERS={"default": smtp}), clock.frozen(NOW):
            outbox.deliver_all()
            assert sending.send_due() == 0

    rows = sorted(Letter.objects.values_list("state", "attempts", "problem"))
    assert rows == [("WAITING", 0, ""), ("WAITING", 1, "ConnectionRefusedError")]


def test_after_two_days_it_is_given_up_and_a_person_may_send_it(
    server: type[Server], house: SmallHouse, paid: PlacedOrder
) -> None:
    from vendome.domains.letters import queries, services

    server.is_down = True
    at = NOW
    with clock.frozen(NOW):
        outbox.deliver_all()
    while (row := Letter.objects.get()).state == "WAITING":
        assert row.next_try_at is not None
        at = row.next_try_at
        with clock.frozen(at):
            sending.send_due()

    assert (row.state, row.attempts) == ("GIVEN_UP", MOST_ATTEMPTS)
    assert timedelta(hours=40) < at - NOW < timedelta(days=2)
    assert [one.id for one in queries.list_open(actor=house.director)] == [row.id]
    server.is_down = False
    services.send_again(letter_id=row.id, actor=house.director, at=at)
    services.send_again(letter_id=row.id, actor=house.director, at=at)
    with clock.frozen(at):
        assert sending.send_due() == 1
    assert len(server.taken) == 1


def test_as_many_are_taken_as_were_asked_for(house: SmallHouse, paid: PlacedOrder) -> None:
    """A plan that asks for what is due once for each row would lease them all to one worker."""
    from vendome.domains.letters import services

    with clock.frozen(NOW):
        outbox.deliver_all()
    for number in range(5):
        sql.rows(
            "INSERT INTO letters_letter (id, maison_id, kind, about_id, event_id, state, owed_at, next_try_at, "
            "order_id) SELECT gen_random_uuid(), maison_id, 'REFUND', gen_random_uuid(), gen_random_uuid(), state, "
            "owed_at, %s, order_id FROM letters_letter WHERE kind = 'ORDER' RETURNING id",
            [NOW + timedelta(seconds=number)],
        )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")

    taken = [services.claim(most=1, actor=house.system, at=NOW + timedelta(seconds=9)) for _ in range(7)]

    assert [len(one) for one in taken] == [1, 1, 1, 1, 1, 1, 0]


def test_a_worker_that_died_gives_its_letter_back(server: type[Server], house: SmallHouse, paid: PlacedOrder) -> None:
    from vendome.domains.letters import services

    with clock.frozen(NOW):
        outbox.deliver_all()
    taken = services.claim(most=5, actor=house.system, at=NOW)
    assert len(taken) == 1
    assert services.claim(most=5, actor=house.system, at=NOW) == ()  # nobody else has it meanwhile

    with clock.frozen(NOW + LEASE):
        assert sending.send_due() == 1


def test_what_is_rolled_back_is_not_written_about(server: type[Server], house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    with pytest.raises(RuntimeError), transaction.atomic():
        pay(house, buy_online(house, house.traditional, house.ring))
        raise RuntimeError

    with clock.frozen(NOW):
        outbox.deliver_all()

    assert not Letter.objects.exists()
