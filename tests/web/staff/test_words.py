"""Words and figures of the staff surfaces: pure functions, and the French of every message."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import translation

from tests.factories.small_house import SmallHouse
from tests.web import messages as boutique
from tests.web.staff import messages
from tests.web.staff.pages import text
from vendome.flows.recognition import TalkingPoint
from vendome.web.bureau.exports import _cell
from vendome.web.salon import parcel_words, words

HER = {"language": "en", "salutation": "", "given_name": "Ada", "family_name": "Lovell"}


@pytest.mark.parametrize(
    ("changed", "hour", "greeting"),
    [
        ({}, 9, "Good morning, Ada"),
        ({"salutation": "Ms"}, 15, "Good afternoon, Ms Lovell"),
        ({"language": "fr", "salutation": "Madame"}, 20, "Bonsoir Madame Lovell"),
        ({"language": "ja", "family_name": "高橋"}, 9, "高橋様、おはようございます"),
        ({"language": "sv"}, 9, "Good morning, Ada"),
        ({"given_name": "", "family_name": ""}, 9, "Good morning"),
    ],
)
def test_she_is_greeted_in_her_own_language(changed: dict[str, str], hour: int, greeting: str) -> None:
    assert words.greeting(HER | changed, hour=time(hour))[0] == greeting


@pytest.mark.parametrize(
    ("orders", "first", "last", "said"),
    [
        (1, "2026-01-01", "2026-01-01", "once"),
        (2, "2026-01-01", "2026-01-01", "about every month"),
        (7, "2025-01-01", "2026-01-01", "about every 2 months"),
        (3, "2024-01-01", "2026-01-01", "about once a year"),
        (3, "2020-01-01", "2026-01-01", "about every 3 years"),
    ],
)
def test_a_rhythm_is_said_in_words(orders: int, first: str, last: str, said: str) -> None:
    assert words.rhythm(orders, date.fromisoformat(first), date.fromisoformat(last)) == said


@pytest.mark.parametrize(
    ("kind", "values", "sentence"),
    [
        ("waiting_here", {"model": "Aurore", "place": "Paris"}, "Her Aurore is here, waiting for her."),
        ("waiting_elsewhere", {"model": "Aurore", "place": "London"}, "Her Aurore waits for her at London."),
        ("waiting_payment", {"model": "Aurore", "place": "Paris"}, "Her Aurore waits for its payment."),
        ("on_its_way", {"model": "Aurore", "place": "Transit"}, "Her Aurore is on its way."),
        ("being_prepared", {"model": "Aurore", "place": "Secaucus"}, "Her Aurore is being prepared at Secaucus."),
        ("birthday", {"date": "02-29"}, "Her birthday is on 29 February."),
        ("anniversary", {"model": "Aurore", "years": "1"}, "A year ago these days she chose her Aurore."),
        ("anniversary", {"model": "Aurore", "years": "4"}, "4 years ago these days she chose her Aurore."),
        ("preference", {"topic": "stone", "value": "opals"}, "She loves opals."),
        ("preference", {"topic": "note", "value": "prefers Thursdays"}, "Prefers Thursdays"),
        ("last_piece", {"model": "Aurore", "date": "2026-05-02"}, "Her last piece is the Aurore."),
        ("first_visit", {}, "This is her first visit. Tell her where the house began."),
    ],
)
def test_every_talking_point_is_a_sentence(kind: str, values: dict[str, str], sentence: str) -> None:
    assert words.talking_point(TalkingPoint(kind=kind, values=values))[0] == sentence


@pytest.mark.parametrize("value", ["=1+1", "+33 6", "-2", "@cmd", "\tx"])
def test_no_cell_of_an_export_is_run_as_a_formula(value: str) -> None:
    assert _cell(value) == f"'{value}"
    assert _cell(-2) == -2


@pytest.mark.parametrize("surface", messages.SURFACES)
def test_everything_is_said_in_french(surface: str) -> None:
    own, shared = messages.catalog_of(surface), boutique.french()

    missing = [
        message
        for message in sorted(messages.said_by(surface), key=str)
        if not messages.is_translated(own, message) and not messages.is_translated(shared, message)
    ]

    assert missing == []
    assert messages.french_of(surface).with_suffix(".mo").read_bytes() == boutique.compiled(own)


def test_the_salon_speaks_french_to_a_french_tablet(house: SmallHouse, paris: Browser) -> None:
    page: Any = paris.get("/salon/", headers={"Accept-Language": "fr-FR,fr;q=0.9"})

    said = text(page)
    assert "À retirer" in said
    assert '<html lang="fr"' in page.content.decode()
    assert translation.get_language() == "en"


def test_a_country_kept_as_its_code_is_said_by_its_name() -> None:
    assert parcel_words.address(("Sebastian Maurer", "Lindenweg 57", "Frankfurt", "DE"))[-1] == "Germany"
    assert parcel_words.address(("Inès Martin", "75006 Paris", "France"))[-1] == "France"
    assert parcel_words.address(()) == ()
