"""A sale at the counter, typed by people who change their mind half-way."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ServedHouse
from tests.browser.test_first_sale import ADVISOR, sign_in

pytestmark = pytest.mark.browser


def test_what_was_typed_of_the_payment_outlives_a_client_and_another_line(
    served_house: ServedHouse, window: Callable[..., Page], keep_picture: Callable[..., None]
) -> None:
    salon = window("tablet")
    sign_in(salon, served_house, ADVISOR)
    salon.goto("/salon/sell/?q=aurore")
    salon.locator("#findings").get_by_role("link", name="Add", exact=True).first.click()
    salon.get_by_text("Gift card, credit note, part in cash, deposit").click()
    salon.get_by_label("Card, on the terminal").check()
    salon.get_by_label("Reference on the terminal’s slip").fill("T-7781")
    salon.get_by_label("A part in cash").fill("1,250")
    salon.get_by_label("Code of the gift card or credit note").fill("SECRET-CODE")

    salon.get_by_role("searchbox", name="Her name, telephone or e-mail").fill("Saint-Aubin")
    salon.locator("#who-found").get_by_role("link").first.click()

    expect(salon.get_by_label("Reference on the terminal’s slip")).to_have_value("T-7781")
    expect(salon.get_by_label("A part in cash")).to_have_value("1,250")
    expect(salon.get_by_label("Code of the gift card or credit note")).to_have_value("")
    expect(salon.get_by_text("Write the code again")).to_be_visible()
    assert "SECRET" not in salon.url
    keep_picture(salon, "sale-kept-tablet")

    salon.get_by_role("searchbox", name="Name of the piece, reference or serial number").fill("aurore")
    salon.locator("#findings").get_by_role("link", name="Add", exact=True).first.click()

    expect(salon.locator(".sell-sum .line")).to_have_count(2)
    expect(salon.locator(".chosen")).to_contain_text(re.compile("Saint-Aubin"))
    expect(salon.get_by_label("Reference on the terminal’s slip")).to_have_value("T-7781")
    expect(salon.get_by_label("A part in cash")).to_have_value("1,250")


def test_back_after_a_refused_form_asks_nobody_to_send_it_again(
    served_house: ServedHouse, window: Callable[..., Page]
) -> None:
    salon = window("tablet")
    sign_in(salon, served_house, ADVISOR)
    salon.goto("/salon/sell/?q=aurore")
    salon.locator("#findings").get_by_role("link", name="Add", exact=True).first.click()
    salon.wait_for_url(re.compile("line="))
    sale = salon.url
    salon.get_by_role("button", name="Confirm the sale").click()
    expect(salon.get_by_text("Write the reference printed on the slip")).to_be_visible()

    answered = salon.reload()
    assert answered is not None
    assert (answered.request.method, answered.status, salon.url) == ("GET", 200, sale)

    salon.get_by_role("button", name="Confirm the sale").click()
    expect(salon.get_by_text("Write the reference printed on the slip")).to_be_visible()
    salon.get_by_role("link", name="Today").click()
    salon.wait_for_url(re.compile("/salon/$"))
    salon.go_back()

    expect(salon.get_by_role("heading", name="Sell")).to_be_visible()
    assert salon.url == sale
