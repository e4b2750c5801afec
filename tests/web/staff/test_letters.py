"""Letters as staff see them: each kind in the bureau, those sent in the client's file."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client as Browser

from tests.factories.orders import buy_online, pay
from tests.factories.small_house import NOW, SmallHouse
from tests.letters.conftest import _Words
from tests.web.staff.pages import text
from vendome.domains.letters.models import Letter
from vendome.domains.letters.types import LetterKind
from vendome.kit import clock, outbox
from vendome.kit.actors import Actor
from vendome.web.letters import sending

type Visit = Callable[[Actor | None], Browser]
UNKNOWN = re.compile(r"\{\{|\}\}|\{%|%\(|None|INVALID")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", list(LetterKind))
def test_every_kind_is_shown_in_every_language(
    house: SmallHouse, visit: Visit, kind: LetterKind, language: str
) -> None:
    house.stocked(house.paris, ring=1)
    director = visit(house.director)

    shown = director.get(f"/bureau/letters/{kind}/{language}/")
    plain = director.get(f"/bureau/letters/{kind}/{language}/?form=text")

    html, words = shown.content.decode(), plain.content.decode()
    assert (shown.status_code, plain.status_code) == (200, 200)
    assert f'<html lang="{language}">' in html
    assert _Words.of(html)
    for said in (html, words):
        assert not UNKNOWN.search(said)
        assert "Maison Test" in said
    assert "<img" not in html  # nothing tells us that she has opened it
    assert "http" not in re.sub(r'href="[^"]*"', "", html)  # nothing is fetched
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in shown["Content-Security-Policy"]


def test_the_page_shows_one_of_them_and_what_is_stuck(house: SmallHouse, visit: Visit) -> None:
    house.stocked(house.paris, ring=1)
    pay(house, buy_online(house, house.traditional, house.ring))
    with clock.frozen(NOW):
        outbox.deliver_all()
    Letter.objects.update(
        state="GIVEN_UP", problem="SMTPServerDisconnected", next_try_at=None, ended_at=NOW, attempts=14
    )
    director = visit(house.director)

    page = text(director.get("/bureau/letters/?kind=READY&language=en"))
    assert "Ready for you in London" in page
    assert "SMTPServerDisconnected" in page
    answer = director.post(f"/bureau/letters/{Letter.objects.get().id}/again/")

    assert answer.status_code == 303
    assert Letter.objects.get().state == "WAITING"
    assert director.get("/bureau/letters/?kind=NEWSLETTER").status_code == 404


def test_an_advisor_of_a_boutique_does_not_enter(house: SmallHouse, visit: Visit) -> None:
    assert visit(house.advisor_paris).get("/bureau/letters/").status_code == 403


def test_her_file_says_what_was_written_to_her(house: SmallHouse, visit: Visit, mailoutbox: list[object]) -> None:
    house.stocked(house.paris, ring=1)
    pay(house, buy_online(house, house.traditional, house.ring))
    with clock.frozen(NOW):
        outbox.deliver_all()
        sending.send_due()
    assert len(mailoutbox) == 1

    page = text(visit(house.advisor_paris).get(f"/salon/clients/{house.traditional}/"))

    assert "Letters to her" in page
    assert "Order confirmed" in page
    assert "e•••@example.com" in page
