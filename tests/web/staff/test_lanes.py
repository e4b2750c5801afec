"""Carriers' lanes on the bureau's pages: tried, written, ended, and undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser

from tests.factories.small_house import SmallHouse, _staff
from tests.web.staff.pages import hidden, text
from vendome.domains.house import queries
from vendome.domains.house.models import Maison, Place
from vendome.kit.actors import Actor

pytestmark = pytest.mark.django_db
Visit = Callable[[Actor | None], Browser]
NEW = "/bureau/orders/lanes/new/"


@pytest.fixture
def controller(house: SmallHouse, visit: Visit) -> Browser:
    maison, home = Maison.objects.get(id=house.maison.id), Place.objects.get(id=house.warehouse)
    return visit(_staff(maison, home, "thierry", "stock_controller"))


def filled(page: Any, **more: Any) -> dict[str, Any]:
    start = {
        "expected": hidden(page, "expected"), "origin": "FR", "destination": "FR", "carrier": "Courrier", "days": "1",
        "runs_on": ["1", "2", "3", "4", "5"], "note": "our own courier", "step": "save",
    }  # fmt: skip
    return start | more


def test_a_lane_is_tried_written_ended_and_undone(house: SmallHouse, controller: Browser) -> None:
    browser = controller
    tried = browser.post(NEW, filled(browser.get(NEW), step="preview", note=""))
    assert "2 days sooner" in text(tried)
    assert queries.list_lanes(maison_id=house.maison.id) == ()

    listed = browser.post(NEW, filled(browser.get(NEW)), follow=True)
    assert "Courrier" in text(listed)
    assert "Mon – Fri" in text(listed)
    (known,) = queries.list_lanes(maison_id=house.maison.id)
    url = f"/bureau/orders/lanes/{known.id}/"
    browser.post(url, filled(browser.get(url), until_date="2026-11-19", note="it is over"))
    ended = text(browser.get("/bureau/orders/lanes/"))
    assert "until 19 Nov 2026" in ended
    assert "ended" in ended

    past = browser.get("/bureau/orders/lanes/history/")
    assert "it is over" in text(past)
    back = {"number": "2", "expected": hidden(past, "expected")}
    assert "Version 2 stands again" in text(browser.post("/bureau/orders/lanes/history/", back, follow=True))
    assert "Version 2 brought back" in text(browser.get("/bureau/orders/lanes/history/"))
    french = browser.get("/bureau/orders/lanes/history/", headers={"accept-language": "fr"})
    assert "Version 2 rétablie" in text(french)
    assert queries.list_lanes(maison_id=house.maison.id) == (known,)
    browser.post(url, filled(browser.get(url), step="drop", note="never again"))
    assert queries.list_lanes(maison_id=house.maison.id) == ()


def test_bad_input_keeps_what_was_typed_and_changes_nothing(house: SmallHouse, controller: Browser) -> None:
    browser = controller
    browser.post(NEW, filled(browser.get(NEW)))
    page = browser.get(NEW)
    for more, status in (
        ({"note": ""}, 422), ({"days": "soon"}, 422), ({"origin": "XX"}, 422), ({"runs_on": []}, 422), ({}, 409),
        ({"expected": "0", "carrier": "Other"}, 409),
        ({"carrier": "X", "from_date": "2026-12-02", "until_date": "2026-12-01"}, 409),
    ):  # fmt: skip
        answer = browser.post(NEW, filled(page, **more))
        assert answer.status_code == status, more
    assert queries.get_lanes_version(maison_id=house.maison.id) == 2


def test_read_by_who_sees_stock_written_by_who_keeps_the_rules(house: SmallHouse, visit: Visit) -> None:
    browser = visit(house.manager_paris)
    assert "Add a lane" not in text(browser.get("/bureau/orders/lanes/"))
    assert browser.get("/bureau/orders/lanes/history/").status_code == 200
    assert browser.get(NEW).status_code == 403
    assert browser.post("/bureau/orders/lanes/history/", {"number": "1", "expected": "0"}).status_code == 403
