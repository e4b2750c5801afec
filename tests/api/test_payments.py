"""Everything a screen does with money, a program can do: tenders, links, cards, statements."""

from __future__ import annotations

import base64
import uuid

import pytest
from django.test import Client

from tests.factories.payments import cash, offer, order, states, transfer
from tests.factories.small_house import SmallHouse, make_token
from vendome.flows import books
from vendome.kit import sql

pytestmark = pytest.mark.django_db


class Program:
    def __init__(self, house: SmallHouse, *roles: str) -> None:
        self.headers = {"authorization": f"Bearer {make_token(house, roles=list(roles), place=house.paris)}"}

    def post(self, path: str, body: object, key: str = ""):  # type: ignore[no-untyped-def]
        headers = self.headers | {"idempotency-key": key or str(uuid.uuid4())}
        return Client().post(f"/api/v1{path}", body, content_type="application/json", headers=headers)

    def get(self, path: str):  # type: ignore[no-untyped-def]
        return Client().get(f"/api/v1{path}", headers=self.headers)


def test_a_program_splits_takes_a_deposit_and_the_rest(house: SmallHouse) -> None:
    program = Program(house, "advisor")
    house.stocked(house.paris, ring=1)
    card = program.post(
        "/gift-cards",
        {
            "amount": 50_000,
            "market": "fr",
            "place_id": str(house.paris),
            "tender": {"tender": "CASH", "provider": "till", "is_settled": True},
        },
    ).json()
    assert card["code"]
    body = {
        "market": "FR", "channel": "boutique", "selling_place_id": str(house.paris), "due_amount": 300_000,
        "lines": [{"reference_id": str(house.ring), "mode": "COLLECT", "place_id": str(house.paris)}],
        "tenders": [
            {"tender": "GIFT_CARD", "provider": "house", "amount": 50_000, "gift_card_code": card["code"]},
            {"tender": "CASH", "provider": "till", "is_settled": True},
        ],
    }  # fmt: skip
    placed = program.post("/orders", body).json()
    assert placed["state"] == "CONFIRMED"
    assert [one["amount"] for one in placed["payments"]] == [50_000, 250_000]
    assert placed["due_amount"] == 300_000

    link = program.post(f"/orders/{placed['id']}/links", {"hours": 5}, key="l")
    assert link.status_code == 201
    assert link.json()["path"].startswith("/pay/")
    assert program.post(f"/orders/{placed['id']}/links", {"hours": 5}, key="l").json()["path"] == ""
    full = program.post(f"/orders/{placed['id']}/payments", {"tender": "CASH", "provider": "till", "is_settled": True})
    assert (full.status_code, full.json()["code"]) == (409, "payments.nothing_to_pay")
    assert len(program.get(f"/orders/{placed['id']}/payments").json()) == 3
    assert books.list_problems() == []


def test_a_lost_code_is_replaced_once_for_each_key(house: SmallHouse) -> None:
    program = Program(house, "boutique_manager")
    card = program.post("/gift-cards", {"amount": 50_000, "market": "fr", "reason": "thanks"}).json()
    path = f"/gift-cards/{card['id']}/code"

    made = program.post(path, {}, key="n")
    again = program.post(path, {}, key="n").json()

    assert (made.status_code, made.json()["id"], made.json()["amount"]) == (201, card["id"], 50_000)
    assert (again["id"], again["code"]) == (card["id"], "")
    assert program.post("/gift-cards/look-up", {"code": card["code"]}).json()["code"] == "payments.gift_card_unknown"
    assert program.post("/gift-cards/look-up", {"code": made.json()["code"]}).json()["id"] == card["id"]
    assert Program(house, "advisor").post(path, {}, key="o").status_code == 403
    assert program.post(f"/gift-cards/{house.ring}/code", {}, key="p").status_code == 404


def test_bad_tenders_are_problems(house: SmallHouse) -> None:
    program = Program(house, "advisor")
    house.stocked(house.paris, ring=1)
    line = [{"reference_id": str(house.ring), "mode": "COLLECT", "place_id": str(house.paris)}]
    body = {"market": "FR", "channel": "boutique", "selling_place_id": str(house.paris), "lines": line}
    for tenders, code in (
        ([], "input.invalid"),
        ([{"tender": "CASH", "provider": "till", "is_settled": True, "amount": 1}], "payments.tender_short"),
        ([{"tender": "GIFT_CARD", "provider": "house"}], "payments.gift_card_unknown"),
        ([{"tender": "GIFT_CARD", "provider": "house", "gift_card_code": "x"}], "payments.gift_card_unknown"),
        ([{"tender": "TRANSFER", "provider": "bank"}], "payments.not_offered"),
    ):
        assert program.post("/orders", body | {"tenders": tenders}).json()["code"] == code
    assert program.post("/gift-cards/look-up", {"code": "x"}).status_code == 409
    assert sql.value("SELECT count(*) FROM orders_order") == 0


def test_statements_and_their_differences(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    offer(house)
    placed = order(house, transfer())
    content = base64.b64encode(
        f"id;date;amount;currency;text\nB1;2026-11-24;8200;EUR;x\nB2;2026-11-24;5;EUR;y\nB3;2026-11-24;5;EUR;{placed.number}".encode()
    )
    statement = {"name": "b.csv", "content": content.decode()}
    assert Program(house, "advisor").post("/statements", statement).status_code == 403
    director = Program(house, "director")
    assert director.post("/statements", statement).json() == {
        "lines": 3,
        "new_lines": 3,
        "matched": 0,
        "differences": 3,
    }
    assert director.post("/statements", statement).json()["code"] == "payments.statement_known"
    assert director.post("/statements", statement | {"content": "!"}).status_code == 422
    found = {one["kind"]: one for one in director.get("/differences").json()}
    assert set(found) == {"MISSING_HERE", "AMOUNT"}
    line = sql.value("SELECT id FROM payments_statementline WHERE line_reference = 'B1'")
    stranger = Program(other_house, "director")
    assert stranger.post(f"/transfers/{line}/match", {"order_number": placed.number}).status_code == 404
    assert director.post(f"/transfers/{line}/match", {"order_number": placed.number}).json() == {
        "order_id": str(placed.id)
    }
    assert states(placed.id)[0] == "CONFIRMED"
    resolution = f"/differences/{found['AMOUNT']['id']}/resolution"
    assert stranger.post(resolution, {"resolution": "x"}).status_code == 404
    assert director.post(resolution, {"resolution": "a mistake of hers"}).status_code == 200
    assert {"account": "bank", "currency": "EUR", "amount": 820_000} in director.get("/balances").json()


def test_strangers_find_no_order(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = order(house, cash(), due_amount=300_000)
    stranger = Program(other_house, "advisor")
    body = {"tender": "CASH", "provider": "till", "is_settled": True}
    assert stranger.post(f"/orders/{placed.id}/payments", body).status_code == 404
    assert stranger.post(f"/orders/{placed.id}/links", {}).status_code == 404
    assert stranger.get(f"/orders/{placed.id}/payments").status_code == 404
    assert stranger.post(f"/payments/{placed.payment_id}/reader", {"reader": "tmr_1"}).status_code == 404
    assert len(states(placed.id)[1]) == 1
