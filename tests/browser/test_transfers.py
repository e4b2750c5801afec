"""On a phone beside the door a reader ticks off what is picked; what arrives damaged is told; axe finds no fault."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ServedHouse
from tests.browser.test_first_sale import sign_in

pytestmark = pytest.mark.browser

ADVISOR = "camille.roussel@vermeil.example"
RULES = "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"


def faults(page: Page) -> list[str]:
    page.add_script_tag(path="node_modules/axe-core/axe.min.js")
    found = page.evaluate(RULES)["violations"]
    return [f"{one['id']}: {one['nodes'][0]['target']}" for one in found]


def open_one_with(page: Page, show: str, step: str) -> None:
    """The first transfer of the list whose next step is this one."""
    page.goto(f"/salon/transfers/?show={show}")
    assert faults(page) == []
    for link in page.eval_on_selector_all(".transfer-list a", "all => all.map(one => one.getAttribute('href'))"):
        page.goto(link)
        if page.query_selector(f"input[value={step}]"):
            return
    raise AssertionError(f"no transfer of the demo house waits for {step}")


def test_picked_sent_and_received_on_a_phone(window: Callable[..., Page], served_house: ServedHouse) -> None:
    page = window("phone", bypass_csp=True)
    sign_in(page, served_house, ADVISOR)
    open_one_with(page, "out", "pick")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    epc = page.eval_on_selector("[data-codes]", "box => box.dataset.codes.split(' ')[1]")
    page.get_by_label("Scan, or type a serial number").fill(epc.lower())
    page.keyboard.press("Enter")
    expect(page.locator("[data-codes]")).to_be_checked()
    page.get_by_role("button", name="All picked").click()
    page.get_by_label("Waybill or number of the seal").fill("LX-1")
    page.get_by_role("button", name="Send it").click()
    expect(page.locator(".transfer-head")).to_contain_text("On the way")

    open_one_with(page, "in", "receive")
    assert faults(page) == []
    page.get_by_text("Something is wrong").first.click()
    page.get_by_text("Damaged", exact=True).first.click()
    page.get_by_role("button", name="Receive").click()
    expect(page.get_by_role("alert")).to_contain_text("Say in a few words")
    page.get_by_label("What do you see?").first.fill("the case is dented")
    page.get_by_role("button", name="Receive").click()
    expect(page.locator(".transfer-head")).to_contain_text("Arrived, not as sent")


def test_headquarters_decides(window: Callable[..., Page], served_house: ServedHouse) -> None:
    page = window("desktop", bypass_csp=True)
    sign_in(page, served_house, "thierry.quesnel@vermeil.example")
    page.goto("/bureau/transfers/?state=REQUESTED")
    assert faults(page) == []
    page.locator("a.row-link").first.click()
    assert faults(page) == []
    page.get_by_role("button", name="Let them go").click()
    expect(page.locator(".transfer-head")).to_contain_text("To be picked")
    page.goto("/bureau/transfers/new/")
    assert faults(page) == []
