"""Every operation that changes something, asked for what stands in Paris by a person whose rights end in Tokyo."""

from __future__ import annotations

import json
import re
import uuid

import pytest
from django.test import Client as Browser

from tests.api.conftest import Form
from tests.api.test_leaks import OPERATIONS, body_of, rows_of
from tests.factories.everything import a_person, everything_of
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.house.models import Place
from vendome.domains.people.models import Account, Staff
from vendome.kit import clock

pytestmark = pytest.mark.django_db
PART = re.compile(r"\{(\w+)\}")
FROM_ANYWHERE = {
    "POST /orders",  # sold from afar: what another place promises is sent or collected there
    "POST /reservations",  # set aside from afar, for two days, without its safety stock
    "PUT /clients/{client_id}/basket/lines",  # clients are the whole house's; her file is opened first
    "POST /allocations/{allocation_id}/entries",
    "POST /allocations/{allocation_id}/entries/{client_id}/claim",  # what is offered to her is ordered for her
}
"""What is meant to be done for a client wherever she is served."""
ROLES = ("boutique_manager", "logistics", "client_service", "stock_controller")


def test_at_another_place_nothing_moves(house: SmallHouse) -> None:
    theirs = {name: str(found[0]) for name, found in everything_of(house).items()}
    tokyo = Place.objects.get(maison_id=house.maison.id, code="tokyo").id
    person = a_person(house, "anyone", ROLES, home=tokyo, place=tokyo)
    browser = Browser()
    browser.force_login(
        Account.objects.get(id=Staff.objects.get(id=person.id).account_id),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    before = rows_of(house)
    moved = {}
    with clock.frozen(NOW):
        for method, path, operation in OPERATIONS:
            body = body_of(operation, theirs)
            if method == "GET" or isinstance(body, Form):
                continue
            address = PART.sub(lambda part: theirs.get(part[1], theirs["order_id"]), path)
            asked = "?market=FR" if any(one["name"] == "market" for one in operation.get("parameters", ())) else ""
            answer = browser.generic(
                method, f"{address}{asked}", json.dumps(body), content_type="application/json",
                headers={"Idempotency-Key": str(uuid.uuid4())},
            )  # fmt: skip
            assert answer.status_code < 500, (method, path, answer.content)
            after = rows_of(house)
            if after != before:
                moved[f"{method} {path.removeprefix('/api/v1')}"] = answer.status_code
            before = after

    assert set(moved) == FROM_ANYWHERE
