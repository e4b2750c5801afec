"""What a guest typed into the checkout is still there after a look elsewhere, and gone once it is ordered."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

WORDS = {
    "name": "Emily Hart",
    "email": "emily.hart@example.com",
    "phone": "+44 20 7946 0011",
    "street": "221B Baker Street",
    "postcode": "NW1 6XE",
    "city": "London",
}


def expect_words(page: Page, words: dict[str, str]) -> None:
    for name, text in words.items():
        expect(page.locator(f"main form#order [name={name}]")).to_have_value(text)


def test_nothing_she_typed_is_lost_on_the_way(window: Callable[..., Page]) -> None:
    page = window("phone")
    page.goto("/gb-en/piece/cordage-chaine/")
    page.get_by_role("button", name="Add to the bag").click()
    page.goto("/gb-en/checkout/")
    for name, text in WORDS.items():
        page.locator(f"main form#order [name={name}]").fill(text)

    page.get_by_role("link", name="Back to the bag").click()
    expect(page.get_by_role("heading", name="Your bag")).to_be_visible()
    page.go_back()
    expect_words(page, WORDS)
    page.goto("/gb-en/bag/")
    page.get_by_role("link", name="Continue to delivery and payment").click()
    expect_words(page, WORDS)

    page.locator("[name=email]").fill("emily.hart")
    page.locator("[name=postcode]").fill("!")
    page.get_by_role("button", name=re.compile("Order and pay")).click()
    expect(page.get_by_text("Write the address in full")).to_be_visible()
    expect(page.locator("[name=email]")).to_be_focused()
    expect_words(page, WORDS | {"email": "emily.hart", "postcode": "!"})

    for name in ("email", "postcode"):
        page.locator(f"[name={name}]").fill(WORDS[name])
    page.get_by_role("button", name=re.compile("Order and pay")).click()
    page.wait_for_url(re.compile("/order/"))
    page.goto("/gb-en/piece/maree-rang/")
    page.get_by_role("button", name="Add to the bag").click()
    page.goto("/gb-en/checkout/")
    page.wait_for_function("() => !sessionStorage.getItem('kept:checkout')")
    expect_words(page, dict.fromkeys(WORDS, ""))
