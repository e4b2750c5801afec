"""A person opens a client's file before the API tells her what is kept for that client: guarded and written down."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client as Browser

from tests.factories.everything import a_person
from tests.factories.scarcity import an_allocation
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.people.models import Account, Staff
from vendome.domains.stock.services import scarcity
from vendome.flows import reservations
from vendome.kit import clock, sql

pytestmark = pytest.mark.django_db
Ask = Callable[[str, uuid.UUID], HttpResponseBase]
QUESTIONS = ("availability", "standing", "enter", "leave", "nominate")


@pytest.fixture
def ask(house: SmallHouse) -> Ask:
    """What somebody in London asks of a client, who has a ring set aside in Paris and waits for a watch."""
    house.stocked(house.paris, ring=3, watch=1)
    allocation = an_allocation(house, pieces=1)
    for client in (house.traditional, house.protected):
        reservations.reserve(
            key=str(client), reference_id=house.ring, place_id=house.paris, client_id=client,
            actor=house.advisor_paris, at=NOW,
        )  # fmt: skip
        scarcity.enter(allocation_id=allocation, client_id=client, actor=house.advisor_paris, at=NOW)
    person = a_person(house, "olive", ["advisor"], home=house.london, place=house.london)
    browser = Browser()
    browser.force_login(
        Account.objects.get(id=Staff.objects.get(id=person.id).account_id),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    entries = f"/api/v1/allocations/{allocation}/entries"

    def asked(what: str, client: uuid.UUID) -> HttpResponseBase:
        def send(address: str, **body: Any) -> HttpResponseBase:
            return browser.post(address, json.dumps(body, default=str), content_type="application/json")

        with clock.frozen(NOW):
            match what:
                case "availability":
                    of = {"market": "FR", "references": str(house.ring), "client_id": str(client)}
                    return browser.get("/api/v1/availability", of)
                case "standing":
                    return browser.get(f"{entries}/{client}")
                case "enter":
                    return send(entries, client_id=client)
                case "leave":
                    return browser.delete(f"{entries}/{client}")
                case _:
                    return send(entries.replace("entries", "nominations"), client_id=client, case="she asked")

    return asked


@pytest.mark.parametrize("what", QUESTIONS)
def test_of_a_protected_client_nothing_is_told_and_nothing_done(house: SmallHouse, ask: Ask, what: str) -> None:
    before = sql.rows("SELECT id, state FROM stock_entry ORDER BY id")

    answer: Any = ask(what, house.protected)

    assert (answer.status_code, answer.json()["code"]) == (403, "clients.file_protected")
    assert sql.rows("SELECT id, state FROM stock_entry ORDER BY id") == before


@pytest.mark.parametrize("what", [one for one in QUESTIONS if one != "leave"])
def test_of_any_other_it_is_told_and_written_down(house: SmallHouse, ask: Ask, what: str) -> None:
    answer: Any = ask(what, house.traditional)

    assert answer.status_code == 200, answer.content
    assert sql.value("SELECT count(*) FROM clients_filereading WHERE client_id = %s", [house.traditional]) == 1
