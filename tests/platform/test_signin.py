"""Signing in: passwords and codes, throttled, and sessions that end when the account says so."""

from __future__ import annotations

import base64
import contextlib
import re
import zlib

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.signing import BadSignature
from django.test import Client

from vendome.config import sessions
from vendome.config.middleware import EPOCH_KEY
from vendome.config.sessions import SealedJSON
from vendome.domains.people.models import Account, EndedSession

pytestmark = pytest.mark.django_db
PASSWORD = "quatre pinces, une pierre"


@pytest.fixture
def account() -> Account:
    cache.clear()
    made = Account(email="camille@vermeil.example")
    made.set_password(PASSWORD)
    made.save()
    EmailAddress.objects.create(user=made, email=made.email, verified=True, primary=True)
    return made


def sign_in(client: Client, password: str = PASSWORD):
    return client.post("/sign-in/", {"login": "camille@vermeil.example", "password": password})


def test_a_password_signs_in_and_the_session_remembers_the_epoch(client, account):
    assert sign_in(client).status_code == 302
    assert client.session[EPOCH_KEY] == account.session_epoch


def test_the_library_says_nothing_of_its_own_when_she_comes_and_goes(client, account):
    sign_in(client)
    client.post("/sign-out/")
    shown = client.get("/sign-in/").content.decode()
    assert "Successfully" not in shown
    assert "You have signed out" not in shown
    assert not re.search(r'class="toast[ "]', shown)


def test_a_wrong_password_does_not(client, account):
    assert sign_in(client, "something else").status_code == 200
    assert EPOCH_KEY not in client.session


def test_after_five_wrong_passwords_even_the_right_one_waits(client, account):
    for _ in range(5):
        sign_in(client, "something else")
    assert sign_in(client).status_code != 302
    assert EPOCH_KEY not in client.session


def test_whether_an_address_is_known_cannot_be_told(client, account):
    known = client.post("/password/", {"email": account.email})
    unknown = client.post("/password/", {"email": "nobody@vermeil.example"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])


def test_a_raised_epoch_ends_every_session_at_once(client, account, rf, monkeypatch):
    from vendome.config import middleware
    from vendome.domains.people import queries as people
    from vendome.kit.actors import Actor, ActorKind

    sign_in(client)
    now = Actor(kind=ActorKind.STAFF, id=account.id, session_epoch=account.session_epoch)
    monkeypatch.setattr(people, "actor_for_account", lambda account_id: now)
    request = rf.get("/")
    request.session = client.session
    assert middleware._find_actor(request).is_known

    now = Actor(kind=ActorKind.STAFF, id=account.id, session_epoch=account.session_epoch + 1)
    assert not middleware._find_actor(request).is_known


def test_a_new_password_keeps_this_session_and_raises_the_epoch(client, account):
    sign_in(client)
    new = "six griffes et un brillant"
    fields = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post("/account/password/", fields).status_code == 302
    account.refresh_from_db()
    assert account.session_epoch == 1
    assert client.session[EPOCH_KEY] == 1


def readable(cookie: str) -> str:
    """All that whoever holds a signed cookie can read in it."""
    found = cookie
    for part in cookie.strip(".").split(":"):
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        found += raw.decode("latin-1")
        with contextlib.suppress(zlib.error):
            found += zlib.decompress(raw).decode("latin-1")
    return found


@pytest.mark.parametrize(
    ("serializer", "shows"),
    [
        ("vendome.config.sessions.SealedJSON", False),
        ("django.contrib.sessions.serializers.JSONSerializer", True),  # the control: signed only
    ],
)
def test_the_code_that_was_sent_cannot_be_read_in_the_cookie(client, account, mailoutbox, settings, serializer, shows):
    settings.SESSION_SERIALIZER = serializer
    client.post("/sign-in/code/", {"email": account.email})

    code = re.search(r"^\s*([A-Z0-9-]{6,})\s*$", mailoutbox[0].body, re.MULTILINE)[1]
    assert (code in readable(client.cookies["vendome"].value)) is shows


def test_a_session_sealed_with_the_secret_before_still_opens(settings):
    sealed = SealedJSON().dumps({"epoch": 3})
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another " * 8, [settings.SECRET_KEY]
    assert SealedJSON().loads(sealed) == {"epoch": 3}

    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(BadSignature):
        SealedJSON().loads(sealed)


@pytest.mark.parametrize("path", ["/sign-up/", "/sign-in/code/"])
@pytest.mark.parametrize("more", [0, 380, 1400, 1450, 1550, 1600])  # no length of what she goes on to tells it either
def test_the_length_of_the_cookie_does_not_tell_who_has_an_account(client, account, path, more):
    stranger = Client()
    client.post(path, {"email": account.email, "next": "/" + more * "x"})
    stranger.post(path, {"email": "camilla@vermeil.example", "next": "/" + more * "x"})
    assert len(client.cookies["vendome"].value) == len(stranger.cookies["vendome"].value)


def test_a_session_sealed_before_it_was_filled_up_still_opens(monkeypatch):
    monkeypatch.setattr(sessions, "LEAST_BYTES", 1)
    monkeypatch.setattr(sessions, "BLOCK_BYTES", 1)
    sealed = SealedJSON().dumps({"epoch": 3})
    monkeypatch.undo()
    assert len(SealedJSON().dumps({"epoch": 3})) > len(sealed)
    assert SealedJSON().loads(sealed) == {"epoch": 3}


def test_a_session_that_holds_much_is_filled_up_no_more_than_to_the_next_block():
    sealed = SealedJSON().dumps({"much": "x" * 2100})
    assert len(sealed) == sessions.NONCE_BYTES + 2560 + 16
    assert SealedJSON().loads(sealed) == {"much": "x" * 2100}


def test_a_copied_cookie_is_worth_nothing_after_signing_out(client, account, rf):
    from vendome.config import middleware

    sign_in(client)
    thief = Client()
    thief.cookies["vendome"] = client.cookies["vendome"].value
    request = rf.get("/")
    request.session = thief.session
    assert middleware._find_actor(request).is_known

    client.post("/sign-out/")

    assert not middleware._find_actor(request).is_known
    assert EndedSession.objects.count() == 1
    sign_in(client)
    request.session = client.session
    assert middleware._find_actor(request).is_known


def test_who_opens_an_account_enters_a_code_and_is_where_she_was_going(client, mailoutbox):
    cache.clear()
    sent = client.post("/sign-up/", {"email": "amelia@example.com", "next": "/gb-en/checkout/"})
    asked = client.get(sent.url).content.decode()
    assert "Enter your code" in asked
    assert "amelia@example.com" in asked
    letter = mailoutbox[0]
    assert letter.subject == "Please confirm your address"
    code = re.search(r"^    (\S+)$", letter.body, re.MULTILINE)
    assert code is not None

    wrong = client.post(sent.url, {"code": "ABC123"})
    assert "That is not the code. Compare it with our latest letter" in wrong.content.decode()
    done = client.post(sent.url, {"code": code.group(1)})

    assert done.status_code == 302
    assert done.url == "/gb-en/checkout/"
    assert client.session[EPOCH_KEY] == Account.objects.get(email="amelia@example.com").session_epoch


def test_an_address_that_is_known_is_asked_for_a_code_too_and_opens_nothing(client, account, mailoutbox):
    sent = client.post("/sign-up/", {"email": account.email})
    assert "Enter your code" in client.get(sent.url).content.decode()
    assert [one.subject for one in mailoutbox] == ["You have an account already"]
    client.post(sent.url, {"code": "ABC123"})
    assert EPOCH_KEY not in client.session


def test_who_signs_out_leaves_nothing_in_the_browser_and_a_guest_loses_nothing(client, account):
    assert "Clear-Site-Data" not in client.post("/sign-out/").headers
    sign_in(client)
    assert client.post("/sign-out/").headers["Clear-Site-Data"] == '"storage"'


def code_in(letter) -> str:
    return re.search(r"^    (\S+)$", letter.body, re.MULTILINE)[1]


def test_who_did_not_finish_signing_up_is_told_the_way_in_and_it_works(client, mailoutbox):
    cache.clear()
    client.post("/sign-up/", {"email": "amelia@example.com"})
    again = Client()
    cache.clear()  # she comes back later: no two letters in ten seconds
    sent = again.post("/sign-up/", {"email": "amelia@example.com"})
    letter = mailoutbox[1]
    assert letter.subject == "You have an account already"
    way = "http://testserver/sign-in/code/"
    assert way in letter.body
    wrong = again.post(sent.url, {"code": "ABC123"}).content.decode()
    assert "ask for another code" in wrong
    assert 'href="/sign-in/code/"' in wrong

    assert again.get(way).status_code == 200
    sent = again.post(way, {"email": "amelia@example.com"})
    again.post(sent.url, {"code": code_in(mailoutbox[2])})
    assert again.session[EPOCH_KEY] == 0
    assert EmailAddress.objects.get(email="amelia@example.com").verified


def test_another_code_can_be_asked_for_while_one_is_waited_for(client, account, mailoutbox):
    client.post("/sign-in/code/", {"email": account.email})
    assert client.get("/sign-in/code/").status_code == 200
    sent = client.post("/sign-in/code/", {"email": account.email})
    assert sent.url == "/sign-in/code/confirm/"
    client.post(sent.url, {"code": code_in(mailoutbox[1])})
    assert client.session[EPOCH_KEY] == account.session_epoch


@pytest.mark.parametrize(
    ("path", "email"), [("/sign-in/code/", "camille@vermeil.example"), ("/sign-up/", "a@b.example")]
)
def test_an_old_cookie_gives_no_more_tries_at_a_code(client, account, mailoutbox, path, email):
    sent = client.post(path, {"email": email})
    code, cookie = code_in(mailoutbox[0]), client.cookies["vendome"].value

    def enter(tried: str, **where: str):
        client.cookies["vendome"] = cookie
        return client.post(sent.url, {"code": tried}, **where)

    for _ in range(20):
        assert "That is not the code" in enter("ABC123").content.decode()
    refused = enter(code)
    assert "That was too many tries" in refused.content.decode()
    assert EPOCH_KEY not in client.session
    assert enter(code, REMOTE_ADDR="203.0.113.9").status_code == 302  # the control: counted by where it comes from
    assert EPOCH_KEY in client.session


def test_a_right_code_does_not_count(client, account, mailoutbox, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"enter_code": "1/15m/ip"}
    for _ in range(2):
        mailoutbox.clear()
        visitor = Client()
        sent = visitor.post("/sign-in/code/", {"email": account.email})
        visitor.post(sent.url, {"code": code_in(mailoutbox[0])})
        assert EPOCH_KEY in visitor.session
