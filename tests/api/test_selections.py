"""Selections for programs."""

from __future__ import annotations

import uuid
from typing import Any

from tests.api.conftest import Answer, Caller
from tests.factories.small_house import SmallHouse
from vendome.domains.orders.models import BasketLine, Selection
from vendome.domains.stock.models import Hold


def choose(caller: Caller, house: SmallHouse, **more: Any) -> Answer:
    body = {"advisor_id": str(house.advisor_paris.id), "reference_id": str(house.ring), **more}
    return caller.put(f"/clients/{house.traditional}/selections/draft/items", body, market="FR")


def act(caller: Caller, house: SmallHouse, name: str, body: Any = None, key: str = "", query: str = "") -> Answer:
    selection = Selection.objects.get().id
    return caller.post(
        f"/clients/{house.traditional}/selections/{selection}/{name}{query}", body or {}, key=key or str(uuid.uuid4())
    )


def test_chosen_kept_sent_and_taken_up(house: SmallHouse, till: Caller) -> None:
    house.stocked(house.paris, ring=1)
    assert choose(till, house, keep_at=str(house.paris), keep_hours=24).status == 200
    assert choose(till, house, keep_at=str(house.paris)).status == 200
    assert Hold.objects.count() == 1
    for _ in range(2):
        assert act(till, house, "send", {"note": "For Saturday"}, key="once").body["state"] == "SENT"
    assert act(till, house, "send", {"note": "other"}).status == 409

    assert act(till, house, "take", query="?market=FR").body == {"added": 1}
    assert act(till, house, "take", query="?market=FR").body == {"added": 0}

    assert BasketLine.objects.get().hold_id == Hold.objects.get().id
    (found,) = till.get(f"/clients/{house.traditional}/selections").body
    assert (found["state"], found["items"][0]["place_id"]) == ("TAKEN", str(house.paris))
    assert act(till, house, "withdraw").status == 409


def test_left_out_and_withdrawn(house: SmallHouse, till: Caller) -> None:
    item = choose(till, house).body["items"][0]["id"]
    path = f"/clients/{house.traditional}/selections/{Selection.objects.get().id}/items/{item}"

    assert till.delete(path).body["items"] == []
    assert act(till, house, "send").status == 409
    assert act(till, house, "withdraw").body["state"] == "WITHDRAWN"


def test_who_may_not(house: SmallHouse, till: Caller, analyst: Caller, nobody: Caller, stranger: Caller) -> None:
    choose(till, house)

    assert choose(analyst, house).status == 403
    assert choose(nobody, house).status == 401
    assert choose(stranger, house).status == 404
    assert choose(till, house, advisor_id=str(uuid.uuid4())).status == 404
    assert act(stranger, house, "send").status == 404
    assert act(stranger, house, "take", query="?market=FR").status == 404
    assert till.post(f"/clients/{house.traditional}/selections/{Selection.objects.get().id}/send", {}).status == 400
    assert Selection.objects.get().state == "DRAFT"
