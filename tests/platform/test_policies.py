"""Default deny: an endpoint without a policy stops the program at start."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import include, path
from ninja import NinjaAPI

from vendome.config import policies
from vendome.kit import policy
from vendome.kit.actors import Actor, ActorKind
from vendome.kit.errors import Forbidden


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


def actor(kind: ActorKind, *permissions: str) -> Actor:
    return Actor(kind=kind, id=uuid.uuid4(), permissions=dict.fromkeys(permissions))


ANONYMOUS = Actor.anonymous()
CLIENT = actor(ActorKind.CLIENT)
ADVISOR = actor(ActorKind.STAFF, "stock.view")
OTHER_STAFF = actor(ActorKind.STAFF, "clients.view")
APP = actor(ActorKind.APP, "stock.view")


def ask(view, who: Actor) -> HttpResponse:
    request = RequestFactory().get("/somewhere/?next=1")
    request.actor = who
    return view(request)


def missing(patterns) -> list[str]:
    return [endpoint.route for endpoint in policies.endpoints(patterns) if endpoint.policy is None]


def test_every_endpoint_of_the_house_has_a_policy():
    assert missing(None) == []


def test_an_endpoint_without_a_policy_is_found_wherever_it_hides():
    api = NinjaAPI(urls_namespace="a-test")

    @api.get("/open")
    @policy.public(reason="a test")
    def open_operation(request):
        return {}

    @api.get("/closed")
    def closed_operation(request):
        return {}

    patterns = [
        path("named/", policy.public(reason="a test")(answer)),
        path("forgotten/", answer),
        path("below/", include([path("forgotten/", answer)])),
        path("api/", api.urls),
    ]
    assert missing(patterns) == ["forgotten/", "below/forgotten/", "GET api/closed"]


def test_a_forgotten_endpoint_is_an_error_of_the_system_check(settings):
    settings.ROOT_URLCONF = type("Urls", (), {"urlpatterns": [path("forgotten/", answer)]})
    found = policies.check_every_endpoint_has_a_policy(None)
    assert [(issue.id, issue.is_serious()) for issue in found] == [("vendome.E001", True)]
    assert "forgotten/" in found[0].msg


def test_a_name_borrowed_from_another_package_is_no_policy():
    assert missing([path("sign-in/", answer, name="account_login")]) == ["sign-in/"]


def test_public_needs_a_reason():
    with pytest.raises(TypeError):
        policy.public(reason=" ")


def test_the_unknown_are_asked_to_sign_in_and_come_back():
    for view in (policy.signed_in(answer), policy.client(answer), policy.staff("stock.view")(answer)):
        response = ask(view, ANONYMOUS)
        assert response.status_code == 302
        assert response.headers["Location"] == "/sign-in/?next=/somewhere/%3Fnext%3D1"


def test_a_page_of_the_staff_is_not_there_for_a_client():
    with pytest.raises(Http404):
        ask(policy.staff("stock.view")(answer), CLIENT)


def test_a_page_of_a_client_is_not_there_for_the_staff():
    with pytest.raises(Http404):
        ask(policy.client(answer), ADVISOR)


def test_staff_without_the_permission_learn_which_one_is_missing():
    with pytest.raises(PermissionDenied, match=r"stock\.view"):
        ask(policy.staff("stock.view")(answer), OTHER_STAFF)


def test_who_may_is_let_in():
    assert ask(policy.staff("stock.view")(answer), ADVISOR).status_code == 200
    assert ask(policy.signed_in(answer), CLIENT).status_code == 200
    assert ask(policy.client(answer), CLIENT).status_code == 200
    assert ask(policy.token("stock.view")(answer), APP).status_code == 200
    assert ask(policy.public(reason="a test")(answer), ANONYMOUS).status_code == 200


def test_programs_are_told_never_redirected():
    view = policy.token("stock.view")(answer)
    with pytest.raises(policy.SignInNeeded):
        ask(view, ANONYMOUS)
    with pytest.raises(Forbidden):
        ask(view, CLIENT)
    with pytest.raises(Forbidden):
        ask(view, OTHER_STAFF)
