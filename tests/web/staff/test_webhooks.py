"""Webhooks in the bureau: registered with a secret shown once, watched, paused, sent again."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from django.test import Client as Browser

from tests.factories.small_house import NOW, SmallHouse
from tests.web.staff.pages import text
from vendome.domains.people.models import Account, RoleGrant, Staff
from vendome.domains.webhooks import registry
from vendome.domains.webhooks.models import Attempt, Delivery, Endpoint
from vendome.kit import outbox
from vendome.kit.actors import Actor, ActorKind
from vendome.web.bureau.webhook_pages import TOPICS

type Visit = Callable[[Actor | None], Browser]
URL = "https://erp.example.com/vendome"


@pytest.fixture
def controller(house: SmallHouse, visit: Visit) -> Browser:
    return visit(staff_of(house, "controller"))


def staff_of(house: SmallHouse, code: str, *, place: uuid.UUID | None = None) -> Actor:
    account = Account.objects.create(email=f"{code}@{house.maison.code}.example")
    row = Staff.objects.create(
        account=account, maison_id=house.maison.id, home_place_id=house.paris, code=code, given_name=code.title(),
        family_name="Test", started_date=NOW.date(),
    )  # fmt: skip
    RoleGrant.objects.create(staff=row, role="stock_controller", place_id=place, during=(NOW.date(), None))
    return Actor(kind=ActorKind.STAFF, id=row.id, maison_id=house.maison.id)


def register(controller: Browser, **more: object) -> str:
    answer = controller.post("/bureau/webhooks/new/", {"url": URL, "description": "ERP", "key": "k", **more})
    assert answer.status_code == 303, text(answer)
    return answer.headers["Location"]


def test_a_topic_is_chosen_whole_or_kind_by_kind(controller: Browser) -> None:
    form = controller.get("/bureau/webhooks/new/")
    assert "Orders, returns and changes" in text(form)
    assert form.content.decode().count('name="topics"') == len(TOPICS) < 8
    page = register(controller, topics=["payments"], kinds=["orders.order_placed"])

    heard = Endpoint.objects.get().kinds
    payments = [kind for kind in registry.SUBSCRIBABLE if kind.startswith("payments.")]
    assert sorted(heard) == sorted([*payments, "orders.order_placed"])
    again = controller.get(f"{page}change/").context["page"].form.by_topic()
    assert [(one.value, one.count) for one in again if one.count] == [("orders", 1), ("payments", len(payments))]
    wrong = controller.post(f"{page}change/", {"url": URL, "topics": ["everything"]})
    assert wrong.status_code == 422
    assert {kind.partition(".")[0] for kind in registry.SUBSCRIBABLE} == set(TOPICS)


def given_up(page: str) -> Delivery:
    row = Delivery.objects.create(
        endpoint=Endpoint.objects.get(), event_id=uuid.uuid4(), kind="orders.order_placed", subject="order:1",
        state="DEAD", occurred_at=NOW, created_at=NOW, attempts=2, last_status=503, last_problem="it answered 503",
    )  # fmt: skip
    for number in (1, 2):
        Attempt.objects.create(
            delivery=row, number=number, at=NOW, status=503, problem="it answered 503", milliseconds=8
        )
    return row


def test_the_secret_is_shown_once(controller: Browser) -> None:
    page = register(controller, kinds=["orders.order_placed"])

    first, second = controller.get(page), controller.get(page)

    [secret] = re.findall(r"whsec_[A-Za-z0-9+/=]+", first.content.decode())
    assert "an order was placed" in text(first)
    assert secret not in second.content.decode()
    assert "no-store" in first.headers["Cache-Control"]
    assert register(controller, kinds=["orders.order_placed"]) == page  # pressed twice
    assert Endpoint.objects.count() == 1


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(controller: Browser) -> None:
    inner = controller.post("/bureau/webhooks/new/", {"url": "https://10.0.0.1/x", "description": "our own"})
    empty = controller.post("/bureau/webhooks/new/", {"url": "", "description": "no address"})

    assert inner.status_code == 409
    assert "inside our own network" in text(inner)
    assert 'value="our own"' in inner.content.decode()
    assert empty.status_code == 422
    assert "Write the address" in text(empty)
    assert not Endpoint.objects.exists()


def test_nothing_yet(controller: Browser) -> None:
    assert "Nobody is told yet" in text(controller.get("/bureau/webhooks/"))


def test_paused_resumed_changed_ended(controller: Browser) -> None:
    page = register(controller)

    controller.post(f"{page}do/", {"do": "pause"})
    paused = text(controller.get(page))
    controller.post(f"{page}do/", {"do": "resume"})
    controller.post(f"{page}change/", {"url": URL + "/2", "kinds": ["stock.level_changed"], "description": "WMS"})
    changed = text(controller.get(page))
    ended = controller.post(f"{page}do/", {"do": "end"}, follow=True)

    assert "Paused: what happens meanwhile waits" in paused
    assert URL + "/2" in changed
    assert "a shelf changed" in changed
    assert "Nobody is told there any more" in text(ended)
    assert controller.get(page).status_code == 404
    assert controller.post(f"{page}do/", {"do": "nonsense"}).status_code == 404


def test_a_new_secret_is_shown_once_too(controller: Browser) -> None:
    page = register(controller)
    controller.get(page)

    controller.post(f"{page}do/", {"do": "rotate", "key": "r"})
    first, second = controller.get(page).content.decode(), controller.get(page).content.decode()

    assert "whsec_" in first
    assert "whsec_" not in second
    assert "The secret before is good until" in second


def test_a_test_event_is_owed_to_it(controller: Browser) -> None:
    page = register(controller, kinds=["orders.order_placed"])
    for _ in range(2):
        controller.post(f"{page}do/", {"do": "test", "key": "t"})
    outbox.deliver_all()

    assert [row.kind for row in Delivery.objects.all()] == ["webhooks.tested"]
    assert "on its way" in text(controller.get(page))


def test_what_was_given_up_is_explained_and_sent_again(controller: Browser) -> None:
    page = register(controller)
    row = given_up(page)

    listed = text(controller.get(page, {"state": "DEAD"}))
    detail = controller.get(f"{page}deliveries/{row.id}/")
    again = controller.post(f"{page}deliveries/{row.id}/", follow=True)

    assert "it answered 503" in listed
    assert text(detail).count("503") >= 2
    assert "Send it again" in text(detail)
    assert "It is on its way again" in text(again)
    assert Delivery.objects.get().state == "WAITING"


def test_all_that_was_given_up_at_once_and_as_a_table(controller: Browser) -> None:
    page = register(controller)
    given_up(page)

    table = controller.get(page, {"state": "DEAD", "export": "csv"})
    answer = controller.post(f"{page}do/", {"do": "replay"}, follow=True)

    assert "orders.order_placed" in table.content.decode("utf-8-sig")
    assert "1 delivery is on its way again" in text(answer)


def test_the_list_alone_is_asked_for_again(controller: Browser) -> None:
    page = register(controller)
    given_up(page)

    part = controller.get(page, headers={"HX-Request": "true", "HX-Target": "deliveries"})

    assert "<html" not in part.content.decode()
    assert "given up" in text(part)


@pytest.mark.parametrize("path", ["/bureau/webhooks/", "/bureau/webhooks/new/"])
def test_who_may_not(house: SmallHouse, visit: Visit, path: str) -> None:
    """A manager, and a controller of one place: events tell of every place."""
    assert visit(house.manager_paris).get(path).status_code == 403
    assert visit(staff_of(house, "local", place=house.paris)).get(path).status_code == 403
    assert visit(None).get(path).status_code == 302


def test_another_maison_finds_no_such_page(
    house: SmallHouse, other_house: SmallHouse, controller: Browser, visit: Visit
) -> None:
    page = register(controller)
    row = given_up(page)
    stranger = visit(staff_of(other_house, "stranger"))

    assert stranger.get(page).status_code == 404
    assert stranger.get(f"{page}deliveries/{row.id}/").status_code == 404
    assert stranger.post(f"{page}do/", {"do": "end"}).status_code == 404
    assert Endpoint.objects.get().state == "ACTIVE"
