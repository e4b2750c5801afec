"""Everything a screen of scarcity does, a program can do; the two hot operations answer the short way too."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.api.conftest import Caller
from tests.factories.scarcity import an_allocation, clients_of
from tests.factories.small_house import SmallHouse, make_token
from vendome.api.v1 import hot_drops
from vendome.domains.stock.queries import draws, scarcity
from vendome.domains.stock.types_of_scarcity import AllocationPolicy, Draw, draw_problems
from vendome.kit import clock

pytestmark = pytest.mark.django_db

CLAIM = {"market": "FR", "mode": "COLLECT", "provider": "card_test", "instrument": "card_good"}


@pytest.fixture
def desk(house: SmallHouse) -> Caller:
    return Caller(make_token(house, roles=["stock_controller"]))


def test_a_ballot_from_draft_to_draw(house: SmallHouse, desk: Caller, till: Caller, nobody: Caller) -> None:
    house.stocked(house.paris, watch=2)
    made = desk.post(
        "/allocations",
        {
            "code": "ballot", "title": "Two watches", "reference_id": house.watch, "place_id": house.paris, "pieces": 2,
            "policy": "BALLOT", "opens_at": "2026-01-01T00:00:00Z", "closes_at": "2099-01-01T00:00:00Z",
        },
    )  # fmt: skip
    assert (made.status, made.body["state"]) == (201, "DRAFT")
    address = f"/allocations/{made.body['id']}"
    who = clients_of(house, 5)
    assert till.post(f"{address}/entries", {"client_id": who[0]}).status == 404

    assert desk.post(f"{address}/publish", {}).body["free"] == 2
    for one in who:
        entered = till.post(f"{address}/entries", {"client_id": one})
        assert (entered.status, entered.body["state"], entered.body["place"]) == (200, "WAITING", None)
    assert desk.post(f"{address}/draw", {}).body["code"] == "stock.allocation_state"
    assert desk.post(f"{address}/freeze", {}).status == 200
    assert desk.post(f"{address}/draw", {}).body["offered"] == 2

    answer = nobody.get("/allocations/draws/ballot")
    told, etag = answer.body, answer.headers["ETag"]
    draws.forget()  # as in a process that never read it
    for url in ("/api/v1/allocations/draws/ballot", "/fr-en/launch/ballot/draw.json"):
        with CaptureQueriesContext(connection) as asked:
            again = Client().get(url, headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
        assert "stock_entry" not in str(asked.captured_queries)  # who has it costs nothing
    assert draw_problems(Draw(**{name: tuple(v) if isinstance(v, list) else v for name, v in told.items()})) == ()
    states = sorted(till.get(f"{address}/entries/{one}").body["state"] for one in who)
    assert states == ["OFFERED", "OFFERED", "WAITING", "WAITING", "WAITING"]


def test_an_offer_is_claimed_once(house: SmallHouse, till: Caller) -> None:
    house.stocked(house.paris, watch=2)
    allocation = an_allocation(house, pieces=2, policy=AllocationPolicy.FIRST_COME, at=clock.now())
    (client,) = clients_of(house, 1)
    address = f"/allocations/{allocation}/entries"
    till.post(address, {"client_id": client})

    first = till.post(f"{address}/{client}/claim", CLAIM, key="k")
    again = till.post(f"{address}/{client}/claim", CLAIM, key="k")

    assert (first.status, again.status) == (201, 201)
    assert first.body["id"] == again.body["id"]
    assert first.body["state"] == "CONFIRMED"
    assert till.get(f"{address}/{client}").body["state"] == "BOUGHT"


def test_nominations_and_decisions(house: SmallHouse, till: Caller, desk: Caller) -> None:
    house.stocked(house.paris, watch=1)
    allocation = an_allocation(
        house, pieces=1, policy=AllocationPolicy.NOMINATIONS, closes_at=clock.now().replace(year=2099)
    )
    (client,) = clients_of(house, 1)
    address = f"/allocations/{allocation}"

    assert till.post(f"{address}/entries", {"client_id": client}).body["code"] == "stock.by_nomination"
    assert till.post(f"{address}/nominations", {"client_id": client, "case": "Yes."}).status == 200
    decided = desk.put(f"{address}/entries/{client}/decision", {"is_chosen": True, "reason": "Never had one"})

    assert (decided.status, decided.body["reason"]) == (200, "Never had one")
    assert till.put(f"{address}/entries/{client}/decision", {"is_chosen": True, "reason": "x"}).status == 403


def test_who_may_not_and_strangers(house: SmallHouse, analyst: Caller, nobody: Caller, stranger: Caller) -> None:
    house.stocked(house.paris, watch=1)
    allocation = an_allocation(house, pieces=1)
    (client,) = clients_of(house, 1)
    address = f"/allocations/{allocation}"

    for caller, status in ((analyst, 403), (nobody, 401), (stranger, 404)):
        assert caller.post(f"{address}/entries", {"client_id": client}).status == status
        assert caller.get(f"{address}/entries/{client}").status == status
        assert caller.post(f"{address}/entries/{client}/claim", CLAIM, key="k").status == status
    assert scarcity.get_allocation_by_id(actor=house.director, allocation_id=allocation).entries == 0


def test_a_body_of_the_wrong_shape_is_told_where(house: SmallHouse, till: Caller) -> None:
    house.stocked(house.paris, watch=1)
    allocation = an_allocation(house, pieces=1)

    assert till.post(f"/allocations/{allocation}/entries", {"client": "x"}).status == 422
    assert till.post(f"/allocations/{allocation}/entries", "{").status == 400


def test_the_short_way_knows_both_hot_addresses() -> None:
    one, other = uuid.uuid4(), uuid.uuid4()

    entering = hot_drops.find("POST", f"/api/v1/allocations/{one}/entries")
    asking = hot_drops.find("GET", f"/api/v1/allocations/{one}/entries/{other}")

    assert entering is not None
    assert entering.arguments == {"allocation_id": one}
    assert asking is not None
    assert asking.arguments == {"allocation_id": one, "client_id": other}
    assert hot_drops.find("DELETE", f"/api/v1/allocations/{one}/entries/{other}") is None
    assert hot_drops.find("GET", f"/api/v1/allocations/{one}") is None


def test_more_pieces_once_for_each_key_and_an_end(house: SmallHouse, desk: Caller, till: Caller) -> None:
    house.stocked(house.paris, watch=3)
    allocation = an_allocation(house, pieces=1, at=clock.now())
    address = f"/allocations/{allocation}"
    for one in clients_of(house, 3):
        till.post(f"{address}/entries", {"client_id": one})

    for _ in range(2):
        assert desk.post(f"{address}/pieces", {"pieces": 1}, key="more").body["offered"] == 2
    assert desk.post(f"{address}/pieces", {"pieces": 1}).status == 400
    assert [one["state"] for one in desk.get(f"{address}/entries").body] == ["OFFERED", "OFFERED", "WAITING"]
    assert till.post(f"{address}/end", {"reason": "x"}).status == 403
    assert desk.post(f"{address}/end", {"reason": "The atelier needs it"}).body["state"] == "ENDED"


def test_invitations(house: SmallHouse, desk: Caller) -> None:
    house.stocked(house.paris, watch=1)
    allocation = an_allocation(house, pieces=1)
    who = [str(one) for one in clients_of(house, 2)]
    address = f"/allocations/{allocation}/invitations"

    assert desk.post(address, {"client_ids": who}).body == {"invited": 2}
    assert desk.post(address, {"client_ids": [*who, str(uuid.uuid4())]}).body == {"invited": 0}
