"""A pay link opens in its order's market, says until when by a named clock, and what became of it afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from tests.factories.payments import card as by_card
from tests.factories.payments import order
from tests.factories.small_house import NOW, SmallHouse
from tests.web.staff.pages import text
from vendome.flows import checkout, pay_links
from vendome.flows.types import PlacedOrder
from vendome.kit import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def placed(house: SmallHouse) -> PlacedOrder:
    house.stocked(house.paris, ring=1)
    return order(house, by_card())


def link(house: SmallHouse, placed: PlacedOrder, key: str = "one", hours: int = 48) -> str:
    made = pay_links.create(
        key=key, order_id=placed.id, lasts=timedelta(hours=hours), actor=house.advisor_paris, at=NOW
    )
    return made.token


def test_it_opens_in_the_orders_market_whatever_her_browser_asks_for(house: SmallHouse, placed: PlacedOrder) -> None:
    token = link(house, placed)
    phone = Client(headers={"Accept-Language": "en-GB"})
    phone.cookies["locale"] = "gb-en"

    assert phone.get(f"/pay/{token}/").headers["Location"] == f"/fr-en/pay/{token}/"
    assert phone.get(f"/gb-en/pay/{token}/?back=1").headers["Location"] == f"/fr-en/pay/{token}/?back=1"
    french = Client(headers={"Accept-Language": "fr-FR"})
    assert french.get(f"/pay/{token}/").headers["Location"] == f"/fr-fr/pay/{token}/"

    page = phone.get(f"/fr-en/pay/{token}/")
    assert "€ 8,200" in text(page)
    assert "22 November 2026, 16:00 (Paris time)" in text(page)
    assert phone.cookies["locale"].value == "gb-en"  # she goes on shopping where she was


def test_a_link_of_nobody_is_not_found(house: SmallHouse) -> None:
    answer = Client().get("/pay/nothing/", follow=True)
    assert answer.status_code == 404


def test_it_says_what_became_of_it(house: SmallHouse, placed: PlacedOrder) -> None:
    older = link(house, placed)
    token = link(house, placed, key="two", hours=24)
    browser = Client()
    assert "This link is no longer used" in text(browser.get(f"/fr-en/pay/{older}/"))
    with clock.frozen(NOW + timedelta(hours=25)):
        ended = text(browser.get(f"/fr-en/pay/{token}/"))
    assert "This link has run out" in ended
    assert "until 21 November 2026, 16:00 (Paris time)" in ended

    browser.post(f"/fr-en/pay/{token}/", {"card": "card_good"})
    paid = text(browser.get(f"/fr-en/pay/{token}/"))
    assert "Thank you, it is paid" in paid
    assert "Nothing was taken" not in paid


def test_an_order_that_ended_is_not_paid(house: SmallHouse, placed: PlacedOrder) -> None:
    token = link(house, placed)
    later = NOW + timedelta(hours=49)
    checkout.expire_unpaid(at=later)
    with clock.frozen(later):
        page = Client().get(f"/fr-en/pay/{token}/")
    assert "This order has ended" in text(page)
    assert "Nothing was taken" in text(page)
    assert "<form" not in page.content.decode().split("<main")[1].split("</main")[0]
