"""Signing in: a code that came back proves who she is, her bag comes along, and she sees her own things only."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from tests.web.boutique.conftest import Visitor
from vendome.domains.clients import queries as clients
from vendome.domains.people.models import Account
from vendome.flows import hand_over

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_code(house, settings):
    """Sign in as an address with the code that was sent there."""
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}

    def sign_in(visitor: Visitor, email: str, then: str = "/welcome/") -> None:
        visitor.browser.post("/sign-in/code/", {"email": email, "next": then})
        code = re.search(r"^\s*([A-Z0-9]{4}-[A-Z0-9]{4})\s*$", mail.outbox[-1].body, re.MULTILINE).group(1)
        answer = visitor.browser.post("/sign-in/code/confirm/", {"code": code, "next": then})
        assert answer.status_code == 302

    return sign_in


def test_a_client_of_the_boutique_is_recognised_by_her_address(house, guest, by_code):
    account = Account.objects.create(email="eleonore@example.com")
    EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)

    by_code(guest, "eleonore@example.com")

    assert "Good to see you, Éléonore" in guest.get("account/").content.decode()
    assert Account.objects.get(email="eleonore@example.com").client_id == house.traditional


def test_the_guests_bag_comes_along(house, guest, eleonore):
    house.stocked(house.paris, ring=1)
    guest.add(house.ring, "paris")
    eleonore.browser.cookies["bag"] = guest.browser.cookies["bag"].value

    first = eleonore.get("bag/")

    assert [line.name for line in first.context["page"].lines] == ["Aurore Solitaire"]
    assert first.cookies["bag"].value == ""
    assert guest.get("bag/").context["page"].lines == ()


def test_the_checkout_knows_her(house, eleonore):
    house.stocked(house.paris, ring=1)
    eleonore.add(house.ring, "paris")

    form = eleonore.get("checkout/").context["page"].form

    assert form["name"].value() == "Éléonore de Brissac"
    assert form["email"].value() == "eleonore@example.com"


def test_what_was_handed_over_is_among_her_pieces(house, eleonore):
    house.stocked(house.paris, ring=1)
    eleonore.buy(house.ring, "paris")
    (line,) = hand_over.list_waiting(actor=house.advisor_paris, place_id=house.paris)
    assert eleonore.get("account/").context["page"].wardrobe == []

    from tests.factories.small_house import NOW
    from vendome.domains.fulfilment.types import Proof

    hand_over.hand_over(
        key="k" * 36, line_id=line.line_id, proof=Proof.IDENTITY_SEEN, actor=house.advisor_paris, at=NOW
    )

    (piece,) = eleonore.get("account/").context["page"].wardrobe
    assert (piece.name, piece.note[0]) == ("Aurore Solitaire", "S")


def test_she_says_how_she_is_called(house, eleonore):
    eleonore.post("account/profile/", {"given_name": "Élé", "family_name": "Brissac", "language": "fr"})

    own = clients.get_own_profile(client_id=house.traditional)
    assert (own.given_name, own.family_name, own.language) == ("Élé", "Brissac", "fr")


@pytest.mark.parametrize("data", [{}, {"family_name": "", "language": "fr"}, {"family_name": "x", "language": "tlh"}])
def test_a_name_that_is_none_is_asked_for_again(house, eleonore, data):
    assert eleonore.post("account/profile/", data).status_code == 422


@pytest.mark.parametrize(
    ("wanted", "goes"),
    [("/fr-en/checkout/", "/fr-en/checkout/"), ("https://elsewhere.example/", None), ("//elsewhere.example/", None)],
)
def test_welcome_only_leads_into_the_house(house, eleonore, wanted, goes):
    answer = eleonore.browser.get("/welcome/", {"next": wanted})

    assert answer.headers["Location"] == (goes or "/gb-en/account/")


def test_welcome_takes_staff_to_their_surface(advisor):
    assert advisor.browser.get("/welcome/").headers["Location"] == "/salon/"


def test_welcome_takes_headquarters_to_the_bureau(director):
    assert director.browser.get("/welcome/").headers["Location"] == "/bureau/"


def test_welcome_wants_somebody_signed_in(house):
    assert Client().get("/welcome/").headers["Location"].startswith("/sign-in/")


def test_staff_shop_as_guests(house, advisor):
    house.stocked(house.warehouse, ring=1)

    answer = advisor.buy(house.ring)

    assert "?key=" in answer.headers["Location"]


def test_sign_in_speaks_the_language_of_the_shop(house, guest):
    guest.locale = "fr-fr"
    guest.get()

    assert "Un code par e-mail" in guest.browser.get("/sign-in/code/").content.decode()


def test_a_clients_page_is_for_no_shared_cache(eleonore):
    assert eleonore.get("account/").headers["Cache-Control"] == "private, no-store"
