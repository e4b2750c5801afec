"""Every page of the shop: its status, its part, its language, and for whom it is."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db

PUBLIC = (
    "",
    "search/",
    "search/?q=Solitaire",
    "search/?q=zzzz",
    "collections/",
    "collections/aurore/",
    "collections/aurore/?family=rings",
    "collections/aurore/?family=watches&family=x",
    "piece/aurore-solitaire/",
    "piece/bougie/?material=ZZ&size=999&way=nowhere",
    "bag/",
    "boutiques/",
    "boutiques/paris/",
    "rings/",
    "objects/?sort=price-down",
    "watches/?material=nope&stone=%00&price=a-b&boutique=atlantis&sort=x",
    "service/delivery/",
    "service/returns/",
    "service/care/",
    "service/sizes/",
    "service/workshop/",
    "service/contact/",
    "service/privacy/",
)


@pytest.mark.parametrize("who", ["guest", "eleonore", "advisor"])
def test_public_pages_are_open_to_everybody(request, who):
    visitor = request.getfixturevalue(who)

    for path in PUBLIC:
        answer = visitor.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Content-Language"] == "en", path


def test_public_pages_speak_french(guest):
    guest.locale = "fr-fr"

    for path in PUBLIC:
        page = guest.get(path).content.decode()
        assert '<html lang="fr"' in page, path
        assert "Boucles d’oreilles" in page, path


@pytest.mark.parametrize(
    "path",
    [
        "nothing/",
        "rings/nothing/",
        "collections/atlantis/",
        "piece/nothing/",
        "boutiques/atlantis/",
        "boutiques/depot/",
        "service/nothing/",
        "order/VER-26-1/",
        "order/VER-26-1/?key=invented",
    ],
)
def test_what_is_not_there_is_said_in_the_visitors_language(guest, path):
    guest.locale = "fr-fr"

    answer = guest.get(path)

    assert answer.status_code == 404
    assert "Il n’y a rien à cette adresse" in answer.content.decode()


@pytest.mark.parametrize("locale", ["xx-en", "us-en", "FR-fr"])
def test_a_market_the_house_has_not_is_not_found(guest, locale):
    assert Client().get(f"/{locale}/").status_code == 404


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("fr-FR,fr;q=0.9", "/fr-fr/"),
        ("en-GB", "/gb-en/"),
        ("ja", "/jp-en/"),
        ("de-JP, fr", "/jp-fr/"),
        ("zz-ZZ;q=nonsense, ,;", "/gb-en/"),
        ("", "/gb-en/"),
    ],
)
def test_the_front_door_reads_the_browsers_languages(guest, wanted, found):
    answer = Client().get("/", headers={"Accept-Language": wanted})

    assert (answer.status_code, answer.headers["Location"]) == (302, found)
    assert "Accept-Language" in answer.headers["Vary"]


def test_the_front_door_remembers_the_last_choice(guest):
    guest.locale = "jp-fr"
    guest.get()

    assert guest.browser.get("/", headers={"Accept-Language": "en-GB"}).headers["Location"] == "/jp-fr/"


def test_the_chooser_stays_on_the_same_page(guest):
    came = {"Referer": "http://testserver/fr-en/piece/aurore-solitaire/?size=52"}

    answer = guest.post("choose/", {"market": "jp", "language": "fr"}, headers=came)

    assert answer.headers["Location"] == "/jp-fr/piece/aurore-solitaire/?size=52"
    assert answer.cookies["locale"].value == "jp-fr"


@pytest.mark.parametrize("came", ["http://elsewhere.example/fr-en/bag/", "http://testserver/salon/", ""])
def test_the_chooser_goes_home_when_it_does_not_know_the_page(guest, came):
    answer = guest.post("choose/", {"market": "GB", "language": "en"}, headers={"Referer": came})

    assert answer.headers["Location"] == "/gb-en/"


@pytest.mark.parametrize("data", [{}, {"market": "XX", "language": "en"}, {"market": "<>", "language": "tlh"}])
def test_a_choice_that_is_none_changes_nothing(guest, data):
    assert guest.post("choose/", data).headers["Location"] == "/fr-en/"


def test_prices_follow_the_market(guest, house):
    french = guest.get("piece/aurore-solitaire/").content.decode()
    guest.locale = "jp-en"
    japanese = guest.get("piece/aurore-solitaire/").content.decode()

    assert "€\N{NO-BREAK SPACE}8,200" in french
    assert "VAT included" in french
    assert "¥\N{NO-BREAK SPACE}1,312,000" in japanese


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("rings/?sort=name", "pieces"),
        ("search/?q=solitaire", "found"),
        ("piece/meridien/", "offer"),
        ("bag/", "bag-lines"),
    ],
)
def test_htmx_gets_the_part_it_asked_for(guest, path, part):
    whole, piece = guest.get(path), guest.get(path, part=part)

    assert b"<html" in whole.content
    assert b"<html" not in piece.content
    assert piece.content.strip()
    assert "HX-Target" in piece.headers["Vary"]


def test_a_part_the_page_does_not_offer_is_the_whole_page(guest):
    assert b"<html" in guest.get("rings/", part="main").content


@pytest.mark.parametrize("path", ["bag/add/", "choose/", "account/profile/"])
def test_what_changes_something_wants_a_post(eleonore, path):
    assert eleonore.get(path).status_code == 405


def test_the_account_is_for_clients(guest, eleonore, advisor):
    assert guest.get("account/").headers["Location"] == "/sign-in/?next=/fr-en/account/"
    assert eleonore.get("account/").status_code == 200
    assert advisor.get("account/").status_code == 404


def test_forms_need_their_csrf_token(house):
    careful = Client(enforce_csrf_checks=True)

    assert careful.post("/fr-en/bag/add/", {"reference": str(house.ring), "way": "deliver"}).status_code == 403


def test_the_head_of_a_piece(guest):
    page = guest.get("piece/aurore-solitaire/").content.decode()

    assert '<link rel="canonical" href="http://testserver/fr-en/piece/aurore-solitaire/">' in page
    assert '<link rel="alternate" hreflang="fr-FR" href="http://testserver/fr-fr/piece/aurore-solitaire/">' in page
    assert '"@type": "Product"' in page
    assert '"price": "8200.00"' in page


def test_linked_data_cannot_end_its_element(guest, house):
    from vendome.domains.catalogue.models import Model

    Model.objects.filter(code="bougie").update(texts={"en": {"description": "</script><script>alert(1)</script>"}})

    page = guest.get("piece/bougie/").content.decode()

    assert "<script>alert(1)" not in page
    assert "\\u003C/script\\u003E" in page


def test_pages_keep_the_strict_policy(guest):
    page = guest.get("piece/aurore-solitaire/")

    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert b"style=" not in page.content


def test_search_engines_are_told_what_is_public(guest):
    robots, sitemap = Client().get("/robots.txt"), Client().get("/sitemap.xml")

    assert b"Disallow: /*/checkout/" in robots.content
    assert b"http://testserver/sitemap.xml" in robots.content
    assert b"<loc>http://testserver/fr-fr/piece/aurore-solitaire/</loc>" in sitemap.content
    assert b"/checkout/" not in sitemap.content


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("", 16),
        ("rings/", 12),
        ("rings/?boutique=paris&material=YG", 13),
        ("collections/aurore/", 12),
        ("search/?q=ring", 12),
    ],
)
def test_lists_ask_the_same_few_questions_however_long_they_are(guest, many_models, path, most):
    guest.get(path)

    with CaptureQueriesContext(connection) as sql:
        page = guest.get(path)

    assert page.status_code == 200
    assert len(sql) <= most


def test_filters_narrow_a_family(guest, house, many_models):
    def names(query: str) -> list[str]:
        return [card.name for card in guest.get(f"rings/?{query}").context["page"].pieces]

    assert len(names("")) == many_models
    assert len(names("stone=emerald")) == 15
    assert names("price=-200000") == ["Ring 0"]
    assert names("sort=price-down")[0] == "Ring 29"
    assert names("boutique=paris") == []
    house.stocked(house.paris, ring=1)
    assert names("boutique=paris") == ["Aurore Solitaire"]


def test_an_old_address_with_filters_nobody_offers_shows_all_and_complains_of_nothing(guest, house, many_models):
    page = guest.get("rings/?material=nope&price=zzz&foo=1&stone=emerald")

    assert len(page.context["page"].pieces) == 15
    assert "Select a valid choice" not in page.content.decode()


def test_the_choice_of_a_piece_follows_metal_and_size(guest, many_models):
    offer = guest.get("piece/ring-3/?material=PT&size=54").context["page"].offer

    assert offer.sku == "R3-PT-54"
    assert [choice.value for choice in offer.metals if choice.chosen] == ["PT"]
    assert [choice.value for choice in offer.sizes if choice.chosen] == ["54"]
