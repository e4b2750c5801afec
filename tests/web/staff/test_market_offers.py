"""A market's ways to pay on the bureau's pages: tried on an amount, switched from a day on, taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser

from tests.factories.payments import offer
from tests.factories.small_house import SmallHouse
from tests.web.staff.pages import hidden, text
from vendome.domains.payments.queries import offers
from vendome.kit.actors import Actor

pytestmark = pytest.mark.django_db
Visit = Callable[[Actor | None], Browser]
URL = "/bureau/money/offers/fr/"


def filled(page: Any, **more: Any) -> dict[str, Any]:
    start = {
        "expected": hidden(page, "expected"), "transfer_days": "7", "transfer_account": "Maison\nFR76",
        "instalment_counts": ["6"], "instalments_from": "500", "deposit_percent": "20", "from_date": "2026-11-20",
        "note": "six rates for the feast", "amount": "6000", "step": "save",
    }  # fmt: skip
    return start | more


def test_an_offer_is_tried_switched_planned_and_taken_back(house: SmallHouse, visit: Visit) -> None:
    offer(house)
    browser = visit(house.director)
    assert "bank transfer, kept 7 days" in text(browser.get("/bureau/money/offers/"))
    tried = text(browser.post(URL, filled(browser.get(URL), step="preview", note="")))
    assert "6 monthly instalments, € 1,000 today" in tried.replace("\N{NO-BREAK SPACE}", " ")
    assert "3 monthly instalments" in tried
    assert len(offers.list_versions(market_id=house.france.id)) == 1

    browser.post(URL, filled(browser.get(URL)))
    listed = text(browser.get("/bureau/money/offers/"))
    assert "bank transfer" not in listed
    assert "6 instalments from € 500" in listed.replace("\N{NO-BREAK SPACE}", " ")
    browser.post(URL, filled(browser.get(URL), from_date="2026-12-01", instalment_counts=[], note="and none after"))
    assert "changes on 1 December 2026" in text(browser.get("/bureau/money/offers/"))
    page = browser.get(URL)
    assert "Take it back" in text(page)
    back = {"step": "restore", "number": "2", "from": "2026-12-01", "expected": hidden(page, "expected")}
    browser.post(URL, back)
    assert "changes on" not in text(browser.get("/bureau/money/offers/"))
    browser.post(URL, {"step": "restore", "number": "1", "expected": "4"})
    assert "bank transfer, kept 7 days" in text(browser.get("/bureau/money/offers/"))


def test_bad_input_keeps_what_was_typed_and_changes_nothing(house: SmallHouse, visit: Visit) -> None:
    browser = visit(house.director)
    page = browser.get(URL)
    for more, status in (
        ({"note": ""}, 422), ({"transfer_days": "0"}, 422), ({"instalment_counts": ["5"]}, 422),
        ({"is_transfer_offered": "on", "transfer_account": ""}, 409), ({"from_date": "2026-11-19"}, 409),
        ({"expected": "7"}, 409), ({"step": "restore", "number": "x"}, 404), ({"step": "restore", "number": "3"}, 404),
    ):  # fmt: skip
        assert browser.post(URL, filled(page, **more)).status_code == status, more
    assert offers.list_versions(market_id=house.france.id) == ()


def test_only_who_answers_for_what_is_offered(house: SmallHouse, visit: Visit) -> None:
    for path in ("/bureau/money/offers/", URL):
        assert visit(house.manager_paris).get(path).status_code == 403
    assert visit(house.director).get("/bureau/money/offers/xx/").status_code == 404
