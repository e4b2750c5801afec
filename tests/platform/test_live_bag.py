"""What is done to a bag on one device is on the others at once: asserted on the event stream, without a browser."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from tests.factories.small_house import NOW, SmallHouse
from tests.platform.test_live import Page, run
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import Mode
from vendome.flows import selections, shared_basket
from vendome.kit import live
from vendome.kit.sse import Live

pytestmark = pytest.mark.django_db(transaction=True)


async def elsewhere[T](command: Callable[[], T]) -> T:
    """Another device: its own thread, its own connection, a real commit."""

    def work() -> T:
        try:
            return command()
        finally:
            connection.close()

    return await asyncio.to_thread(work)


def kinds(page: Page) -> list[str]:
    return [event["event"] for event in page.heard]


def put(house: SmallHouse) -> Any:
    return shared_basket.put_line(
        market=house.france, client_id=house.traditional, reference_id=house.candle, mode=Mode.DELIVER, place_id=None,
        quantity=2, actor=house.advisor_paris, at=NOW,
    )  # fmt: skip


def test_her_telephone_her_tablet_and_her_advisor_hear_of_one_change(house: SmallHouse) -> None:
    basket = put(house)
    basket_topic, own, stranger = f"basket:{basket.id}", f"own:{house.traditional}", f"own:{house.emerging}"

    async def body(application: Live) -> None:
        pages = [
            await Page(application, live.token(topics)).open()
            for topics in ([basket_topic], [own], [basket_topic, own])
        ]
        other = await Page(application, live.token([stranger])).open()
        began = time.monotonic()

        await elsewhere(lambda: put(house))

        for page in pages:
            await page.until(lambda page: "orders.basket_changed" in kinds(page))
        took = time.monotonic() - began
        assert all(kinds(page) == ["orders.basket_changed"] for page in pages)  # once each, whatever it listens to
        assert kinds(other) == []
        assert took < 2
        assert all(set(event["data"]) <= {"basket", "any"} for page in pages for event in page.heard)  # ids only
        for page in [*pages, other]:
            await page.close()

    run(body)
    found = orders.find_open_basket(market_id=house.france.id, client_id=house.traditional)
    assert found is not None
    assert found.count == 2


def test_a_selection_reaches_her_open_pages_and_her_tap_reaches_the_advisor(house: SmallHouse) -> None:
    draft = selections.choose(
        market=house.france, client_id=house.traditional, reference_id=house.ring, actor=house.advisor_paris, at=NOW
    )

    async def body(application: Live) -> None:
        hers = await Page(application, live.token([f"own:{house.traditional}"])).open()
        advisors = await Page(application, live.token([f"client:{house.traditional}"])).open()

        await elsewhere(lambda: selections.send(selection_id=draft.id, note="", actor=house.advisor_paris, at=NOW))
        await hers.until(lambda page: "orders.selection_sent" in kinds(page))
        await elsewhere(
            lambda: selections.take_up(
                market=house.france, selection_id=draft.id, client_id=house.traditional,
                actor=house.as_client(house.traditional), at=NOW,
            )
        )  # fmt: skip

        await advisors.until(lambda page: "orders.selection_taken" in kinds(page))
        await hers.until(lambda page: "orders.basket_changed" in kinds(page))
        await hers.close()
        await advisors.close()

    run(body)
