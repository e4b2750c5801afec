"""A page that is open while the house is overrun stays as it is, and says what the house says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import ServedHouse

pytestmark = pytest.mark.browser

SENTENCE = "Many have come at once. Nothing was changed; please try again in a moment."


def test_the_page_stays_and_says_so(served_house: ServedHouse, window: Callable[..., Page]) -> None:
    page = window("desktop")
    page.goto("/gb-en/")
    heading = page.locator("h1").first.inner_text()

    def turned_away(route: Route) -> None:
        route.fulfill(status=503, content_type="text/plain; charset=utf-8", headers={"Retry-After": "2"}, body=SENTENCE)

    page.route("**/gb-en/bag/", turned_away)
    page.evaluate("htmx.ajax('GET', '/gb-en/bag/', {target: '#main'})")

    expect(page.locator("#toasts")).to_have_text(SENTENCE)
    expect(page.locator("h1").first).to_have_text(heading)
