"""Who comes in: programs by token, staff by session with the form token, nobody else; and what each is told."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from tests.factories.small_house import NOW, make_token
from vendome.config.policies import endpoints
from vendome.domains.people.models import Account, ApiToken, Staff
from vendome.kit.policy import Audience

NOBODY = "0198a0de-7d2a-4c51-9a3b-2f6f0c1d8e99"
"""An id that is nobody's; the same in every process, so that tests can be shared out."""

ASKED = [
    "/clients?q=brissac",
    f"/clients/{NOBODY}/card",
    f"/references/{NOBODY}/availability",
    "/orders",
    f"/orders/{NOBODY}",
    "/stock/levels",
    "/staff",
    f"/places/{NOBODY}/waiting",
    f"/clients/{NOBODY}/basket?market=FR",
]


@pytest.mark.parametrize("path", ASKED)
def test_nobody_is_told_to_bring_a_token(nobody, path):
    answer = nobody.get(path)

    assert (answer.status, answer.body["code"]) == (401, "access.sign_in_needed")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/clients?q=brissac", f"/clients/{NOBODY}/card", "/stock/levels", "/staff"])
def test_a_token_without_the_right_is_refused(analyst, path):
    answer = analyst.get(path)

    assert (answer.status, answer.body["code"]) == (403, "access.forbidden")


def test_a_revoked_or_old_token_is_nobody(house, till):
    ApiToken.objects.update(revoked_at=NOW)

    assert till.get("/orders").status == 401

    expired = make_token(house, roles=["advisor"])
    ApiToken.objects.filter(revoked_at=None).update(expires_at=NOW)
    from tests.api.conftest import Caller

    assert Caller(expired).get("/orders").status == 401


@pytest.fixture
def browser(house):
    """A manager's browser: signed in, form tokens enforced."""
    account = Account.objects.get(id=Staff.objects.get(id=house.manager_paris.id).account_id)
    client = Client(enforce_csrf_checks=True)
    client.force_login(account)
    session = client.session
    session["epoch"] = account.session_epoch
    session.save()
    return client


def test_staff_may_read_with_their_session(browser):
    assert browser.get("/api/v1/staff").status_code == 200


def test_a_session_changes_nothing_without_the_form_token(house, browser):
    body = f'{{"line_id": "{uuid.uuid4()}", "proof": "IDENTITY_SEEN"}}'

    for path in ("/api/v1/hand-overs", "/api/v1/orders"):
        refused = browser.post(path, body, content_type="application/json", headers={"Idempotency-Key": "one"})
        assert (refused.status_code, refused.json()["code"]) == (403, "access.form_token_missing")


def test_a_client_of_the_boutique_is_not_a_program(house):
    account = Account.objects.create(email="eleonore@example.com", client_id=house.traditional)
    client = Client()
    client.force_login(account)

    answer = client.get(f"/api/v1/clients/{house.traditional}/card")

    assert answer.status_code == 403


def test_an_address_that_does_not_exist_is_a_problem_too(till, nobody):
    for caller in (till, nobody):
        answer = caller.get("/nothing/here")
        assert answer.status == 404
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_every_operation_has_a_policy_and_public_ones_say_why():
    found = [endpoint for endpoint in endpoints() if "api/v1/" in endpoint.route]

    assert len(found) > 15
    assert all(endpoint.policy for endpoint in found)
    assert all(endpoint.policy.reason for endpoint in found if endpoint.policy.audience is Audience.PUBLIC)


def test_a_request_id_comes_back_and_is_in_the_problem(house, till):
    answer = till.get(f"/clients/{uuid.uuid4()}/card")

    assert answer.body["request_id"] == answer.headers["X-Request-ID"]
