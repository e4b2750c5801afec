"""Words, hours and locales: the small arithmetic of the shop, and French without gaps."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from tests.web import messages
from vendome.web.boutique import finding, wording
from vendome.web.boutique.delivering import footprint
from vendome.web.boutique.hours import opening
from vendome.web.boutique.locales import Locale, suggest
from vendome.web.boutique.wording import spoken_day

PARIS = {"mon": "10:30-19:00", "tue": "10:00-13:00, 14:00-19:00", "sun": ""}
FIELD = re.compile(r"%\((\w+)\)s")


@pytest.fixture(scope="module")
def gathered():
    return {message.id: message for message in messages.gather() if message.id}


@pytest.fixture(scope="module")
def french():
    return {message.id: message for message in messages.french() if message.id}


def test_every_message_has_its_french(gathered, french):
    assert sorted(str(key) for key in gathered.keys() - french.keys()) == []
    waiting = [key for key, one in french.items() if not (all(one.string) if one.pluralizable else one.string)]
    assert waiting == []


def test_french_says_nothing_that_nobody_says_any_more(gathered, french):
    assert sorted(str(key) for key in french.keys() - gathered.keys()) == []


def test_french_keeps_every_field(french):
    for key, message in french.items():
        said = message.string if message.pluralizable else (message.string,)
        asked = key if isinstance(key, tuple) else (key,)
        assert {field for text in said for field in FIELD.findall(text)} == {
            field for text in asked for field in FIELD.findall(text)
        }, key


def test_french_is_set_as_the_french_set_it(french):
    for message in french.values():
        for text in message.string if message.pluralizable else (message.string,):
            assert "'" not in text, text
            assert not re.search(r"[ \w][;?!](?:\s|$)", text), text
            assert not re.search(r"[\w ]:(?:\s|$)", text), text


def test_the_compiled_file_is_fresh():
    assert messages.FRENCH.with_suffix(".mo").read_bytes() == messages.compiled(messages.french())


@pytest.mark.parametrize(
    ("at", "is_open", "sentence"),
    [
        ((16, 12, 0), True, "Open now, until 19:00"),
        ((16, 7, 0), False, "Closed now, opens at 10:30"),
        ((16, 22, 0), False, "Closed now, opens tomorrow at 10:00"),
        ((17, 12, 30), False, "Closed now, opens at 14:00"),
        ((18, 12, 0), False, "Closed now, opens on Monday at 10:30"),
    ],
)
def test_open_now(at, is_open, sentence):
    found = opening(PARIS, "Europe/Paris", datetime(2026, 11, *at, tzinfo=UTC))

    assert (found.is_open, found.sentence) == (is_open, sentence)


def test_hours_are_local():
    tokyo = opening({"tue": "11:00-19:00"}, "Asia/Tokyo", datetime(2026, 11, 16, 23, 30, tzinfo=UTC))

    assert tokyo.sentence == "Closed now, opens at 11:00"
    assert [day.name for day in tokyo.days if day.is_today] == ["Tuesday"]


@pytest.mark.parametrize("hours", [{}, {"mon": "always"}, {"mon": "25:00-26:00"}])
def test_hours_nobody_can_read_are_by_appointment(hours):
    assert opening(hours, "Europe/Paris", datetime(2026, 11, 16, 12, tzinfo=UTC)).sentence == "By appointment"


@pytest.mark.parametrize("text", ["", "fr", "fra-fr", "fr-de", "1!-en", "éé-en"])
def test_what_is_no_locale(text):
    assert Locale.read(text) is None


def test_languages_without_a_country_go_home():
    assert suggest("pt-PT, en", {"BR", "GB"}) == Locale("BR", "en")
    assert suggest("sv", {"AE", "CH"}) == Locale("AE", "en")


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("meridien", "Méridien 38", True),
        ("émer", "emerald", True),
        ("rose or", "Or rose", True),
        ("ring gold", "Yellow gold", False),
    ],
)
def test_words_find_without_their_accents(query, text, found):
    assert finding.matches(query, text) is found


def test_stones_are_written_as_the_language_writes_figures():
    with translation.override("fr"):
        assert wording.stone_line(stone="diamond", cut="round", carat="1.10") == "Diamant, rond brillant, 1,1 ct"
    with translation.override("en"):
        assert wording.stone_line(stone="diamond", cut="round", carat="1.10") == "Diamond, round brilliant, 1.1 ct"
        assert wording.stone_line(stone="pearl", cut="round", carat="") == "Pearl, round"
        assert wording.stone_line(stone="none", cut="none", carat="") == ""


def test_a_day_inside_a_french_sentence_is_written_small():
    with translation.override("fr"):
        said = {spoken_day(date(2026, 11, 23) + timedelta(days=n)) for n in range(7)}
    assert {words for words in said if words != words.lower()} == set()
    assert "jeudi 26 novembre" in said


def test_the_first_of_a_month_is_said_in_order_in_french():
    first, second = date(2026, 12, 1), date(2026, 12, 2)

    with translation.override("fr"):
        assert [spoken_day(one) for one in (first, second)] == ["mardi 1er décembre", "mercredi 2 décembre"]
        assert footprint(1_349).startswith("1,3")
    with translation.override("en"):
        assert spoken_day(first) == "Tuesday 1 December"
        assert footprint(1_349).startswith("1.3")
