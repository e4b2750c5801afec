"""Parcels for programs: every step of a journey, and the carrier's webhook."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from tests.api.conftest import Answer, Caller
from tests.factories.parcels import fresh, offer_services, pack, to_send
from tests.factories.small_house import NOW, SmallHouse, make_token
from vendome.connectors.carrier_test.carrier import sign
from vendome.domains.fulfilment.models import HandOver, Parcel
from vendome.domains.fulfilment.types import ParcelState, ParcelView
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import shipping

STEPS = (
    "pack", "unpack", "split", "dispatch", "round", "deliver", "refuse", "take-back", "lose", "send-again", "replace",
)  # fmt: skip
PNG = "data:image/png;base64,iVBORw0KGgoAAAA="


@pytest.fixture
def logistics(house: SmallHouse) -> Caller:
    return Caller(make_token(house, roles=["logistics", "stock_controller"]))


@pytest.fixture
def parcel(house: SmallHouse) -> ParcelView:
    house.stocked(house.warehouse, ring=1)
    offer_services(house)
    return to_send(house)[1]


def step(caller: Caller, parcel: ParcelView, name: str, body: Any = None, key: str = "") -> Answer:
    return caller.post(f"/parcels/{parcel.id}/{name}", body or {}, key=key or str(uuid.uuid4()))


def packed(caller: Caller, house: SmallHouse, parcel: ParcelView) -> Answer:
    chosen = caller.get(f"/parcels/{parcel.id}/services").body
    assert chosen["advice"] == "SEND"
    done = step(
        caller, parcel, "pack",
        {"service_id": chosen["services"][0]["service_id"], "seal": "A1", "serials": [parcel.lines[0].serial]},
    )  # fmt: skip
    shipping.book_due(actor=house.system, at=NOW.replace(year=2100))
    return done


def test_from_the_table_to_the_door(house: SmallHouse, logistics: Caller, parcel: ParcelView) -> None:
    (row,) = logistics.get("/parcels", place_id=house.warehouse).body
    assert (row["state"], row["pieces"], row["value"]) == ("PREPARING", 1, 820_000)
    assert packed(logistics, house, parcel).body["state"] == "PACKED"
    now = logistics.get(f"/parcels/{parcel.id}").body
    assert logistics.get(f"/parcels/{parcel.id}/documents/{now['label_id']}").body["media_type"] == "text/plain"
    assert step(logistics, parcel, "dispatch").body["state"] == "DISPATCHED"
    assert step(logistics, parcel, "round").body["state"] == "OUT_FOR_DELIVERY"

    given = step(logistics, parcel, "deliver", {"received_by": "E.", "signature": PNG, "identity": "PASSPORT"}, key="d")
    again = step(logistics, parcel, "deliver", {"received_by": "E.", "signature": PNG, "identity": "PASSPORT"}, key="d")

    assert (given.status, again.status, given.body["state"]) == (200, 200, "DELIVERED")
    assert step(logistics, parcel, "deliver", {"received_by": "F.", "signature": PNG}, key="d").status == 422
    assert HandOver.objects.count() == 1
    assert logistics.get("/parcels").body == []


def test_back_lost_and_again(house: SmallHouse, logistics: Caller, parcel: ParcelView) -> None:
    packed(logistics, house, parcel)
    step(logistics, parcel, "dispatch")
    assert step(logistics, parcel, "refuse", {"reason": "nobody there"}).body["state"] == "REFUSED"
    assert step(logistics, parcel, "take-back", {"reason": "seal whole"}).body["state"] == "RETURNED"
    assert step(logistics, parcel, "send-again").status == 200
    (row,) = logistics.get("/parcels").body
    assert (row["state"], row["number"]) == ("PREPARING", 2)
    assert step(logistics, parcel, "lose", {"reason": "x"}).status == 409
    assert stock.list_disagreements() == ()


def test_opened_again(house: SmallHouse, logistics: Caller, parcel: ParcelView) -> None:
    packed(logistics, house, parcel)

    assert step(logistics, parcel, "unpack", {"reason": "wrong box"}).body["state"] == "PREPARING"
    assert step(logistics, parcel, "unpack", {"reason": "wrong box"}).status == 409
    assert logistics.get(f"/parcels/{parcel.id}/slots").status == 200


def test_split_and_its_refusal(house: SmallHouse, logistics: Caller, parcel: ParcelView) -> None:
    assert step(logistics, parcel, "split", {"line_ids": [str(parcel.lines[0].line_id)]}).status == 409
    assert Parcel.objects.count() == 1


@pytest.mark.parametrize("name", STEPS)
def test_each_step_needs_a_key_and_the_right(
    name: str, logistics: Caller, analyst: Caller, nobody: Caller, stranger: Caller, parcel: ParcelView
) -> None:
    body = {
        "pack": {"service_id": str(uuid.uuid4()), "seal": "S"}, "split": {"line_ids": [str(uuid.uuid4())]},
        "deliver": {"received_by": "E."}, "unpack": {"reason": "x"}, "refuse": {"reason": "x"},
        "take-back": {"reason": "x"},
        "lose": {"reason": "x"},
    }.get(name, {})  # fmt: skip

    assert logistics.post(f"/parcels/{parcel.id}/{name}", body).status == 400
    assert step(analyst, parcel, name, body).status == 403
    assert step(nobody, parcel, name, body).status == 401
    assert step(stranger, parcel, name, body).status == 404
    assert Parcel.objects.get().state == "PREPARING"


# -- what carriers tell us -----------------------------------------------------------------------------------


def tell(body: bytes, signature: str, carrier: str = "carrier_test") -> int:
    found = Client().post(
        f"/api/v1/carriers/{carrier}/events", body, content_type="application/json", headers={"X-Signature": signature}
    )
    return found.status_code


def news(parcel: ParcelView, kind: str, **more: Any) -> bytes:
    event = {"id": kind, "kind": kind, "at": "2026-11-21T09:00:00+00:00", **more}
    return json.dumps({"tracking_number": parcel.tracking_number, "events": [event]}).encode()


def test_a_signed_message_is_heard_once_however_often_it_comes(house: SmallHouse, parcel: ParcelView) -> None:
    pack(house, parcel, next(iter(offer_ids())))
    shipping.book_due(actor=house.system, at=NOW)
    body = news(fresh(house, parcel), "DELIVERED", signed_by="E. DE BRISSAC")

    assert [tell(body, sign(body)) for _ in range(3)] == [200, 200, 200]

    now = fresh(house, parcel)
    assert (now.state, now.received_by, len(now.events)) == (ParcelState.DELIVERED, "E. DE BRISSAC", 1)
    assert HandOver.objects.count() == 1


def test_a_forged_or_unreadable_message_changes_nothing(house: SmallHouse, parcel: ParcelView) -> None:
    pack(house, parcel, next(iter(offer_ids())))
    shipping.book_due(actor=house.system, at=NOW)
    now = fresh(house, parcel)
    body = news(now, "DELIVERED")

    assert tell(body, sign(b"another")) == 403
    assert tell(body, "") == 403
    assert tell(body, sign(body), carrier="nobody") == 404
    assert tell(b"nonsense", sign(b"nonsense")) == 503

    assert fresh(house, parcel) == now


def offer_ids() -> list[uuid.UUID]:
    from vendome.domains.fulfilment.models import CarrierService

    return list(CarrierService.objects.filter(mode="STANDARD").values_list("id", flat=True))
