"""Words typed into the checkout are still there after a look elsewhere, and gone once ordered or once she has left."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ServedHouse
from tests.browser.test_first_sale import CLIENT, sign_in

pytestmark = pytest.mark.browser

WORDS = {
    "name": "Emily Hart",
    "email": "emily.hart@example.com",
    "phone": "+44 20 7946 0011",
    "street": "221B Baker Street",
    "postcode": "NW1 6XE",
    "city": "London",
}


SECOND = "ottilie.brandt@example.com"
KEPT = "() => sessionStorage.getItem('kept:checkout')"
BAG = "/gb-en/piece/maree-rang/"


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


def fill_bag(page: Page, piece: str = BAG) -> None:
    page.goto(piece)
    page.get_by_role("button", name="Add to the bag").click()
    page.goto("/gb-en/checkout/")


def open_second_account(house: ServedHouse) -> None:
    """Another client, with the password of the first."""
    with psycopg.connect(house.database, autocommit=True) as direct:
        direct.execute(
            "INSERT INTO people_account (id, email, password, is_active, session_epoch, created_at) "
            "SELECT gen_random_uuid(), %s, password, true, 0, now() FROM people_account WHERE email = %s "
            "ON CONFLICT DO NOTHING",
            [SECOND, CLIENT],
        )
        direct.execute(
            'INSERT INTO account_emailaddress (user_id, email, verified, "primary") '
            "SELECT id, email, true, true FROM people_account WHERE email = %s",
            [SECOND],
        )


def test_the_words_of_one_client_are_never_the_next_ones(
    served_house: ServedHouse, window: Callable[..., Page]
) -> None:
    open_second_account(served_house)
    page = window("phone")
    sign_in(page, served_house, CLIENT)
    fill_bag(page)
    hers = {one: page.locator(f"main form#order [name={one}]").input_value() for one in ("name", "email")}
    assert hers["email"] == CLIENT
    for name in ("phone", "street", "city", "postcode"):
        page.locator(f"main form#order [name={name}]").fill(WORDS[name])
    page.goto("/gb-en/bag/")
    page.goto("/gb-en/checkout/")
    expect_words(page, hers | {name: WORDS[name] for name in ("street", "city", "postcode")})

    page.context.clear_cookies()  # her session has run out; the tab is still open
    sign_in(page, served_house, SECOND)
    fill_bag(page)
    expect_words(page, {"email": SECOND, "street": "", "city": "", "postcode": ""})
    assert CLIENT not in (page.evaluate(KEPT) or "")

    page.locator("main form#order [name=street]").fill("3 Second Street")
    assert "3 Second Street" in page.evaluate(KEPT)
    page.goto("/gb-en/account/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "account" not in url)
    assert page.evaluate(KEPT) is None


def test_a_guests_words_are_not_given_to_another_account(
    served_house: ServedHouse, window: Callable[..., Page]
) -> None:
    page = window("phone")
    fill_bag(page)
    for name, text in WORDS.items():
        page.locator(f"main form#order [name={name}]").fill(text)
    sign_in(page, served_house, CLIENT)
    page.goto("/gb-en/checkout/")
    expect_words(page, {"email": CLIENT, "street": "", "city": ""})


def test_an_order_that_waits_for_a_transfer_takes_the_words_with_it(window: Callable[..., Page]) -> None:
    page = window("phone")
    fill_bag(page, "/gb-en/piece/cordage-chaine/")
    for name, text in WORDS.items():
        page.locator(f"main form#order [name={name}]").fill(text)
    page.get_by_text("Bank transfer").click()
    assert WORDS["street"] in page.evaluate(KEPT)
    page.get_by_role("button", name=re.compile("Order and pay")).click()
    page.wait_for_url(re.compile("/order/"))
    expect(page.get_by_role("heading", name="Your transfer")).to_be_visible()
    page.wait_for_function("() => !sessionStorage.getItem('kept:checkout')")
