"""The three hot operations: what they answer, what they refuse, and that each is one statement."""

from __future__ import annotations

import json
import uuid

import pytest

from tests.api.conftest import Caller, statements_sent
from tests.factories.small_house import SmallHouse, make_small_house, make_token
from vendome.domains.stock.queries import shelf as stock
from vendome.kit.sql import rows


def order_body(house: SmallHouse, *references: uuid.UUID, **more: object) -> dict[str, object]:
    return {
        "market": "FR",
        "channel": "web",
        "client_id": str(house.traditional),
        "lines": [{"reference_id": str(one), "mode": "COLLECT", "place_id": str(house.paris)} for one in references],
        "tender": {"tender": "CARD", "provider": "card_test"},
    } | more


# -- the card -------------------------------------------------------------------------------------------------


def test_card_says_who_she_is_and_is_nobody_elses_to_keep(house, till):
    answer = till.get(f"/clients/{house.traditional}/card")

    assert answer.status == 200
    assert answer.body["name"] == "Éléonore de Brissac"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert int(answer.headers["Content-Length"]) > 100


def test_reading_a_card_is_audited(house, till):
    till.get(f"/clients/{house.traditional}/card")

    read = rows("SELECT actor FROM kit_auditentry WHERE action = 'clients.read'")
    assert [actor.split(":")[0] for (actor,) in read] == ["APP"]


def test_card_of_a_protected_client_is_refused(house, till):
    answer = till.get(f"/clients/{house.protected}/card")

    assert (answer.status, answer.body["code"]) == (403, "clients.file_protected")
    assert "Starling" not in json.dumps(answer.body)


def test_card_of_another_maison_is_not_there(house, stranger):
    answer = stranger.get(f"/clients/{house.traditional}/card")

    assert (answer.status, answer.body["code"]) == (404, "access.not_found")


# -- availability -----------------------------------------------------------------------------------------------


def test_availability_counts_what_is_free_at_every_place(house, till):
    house.stocked(house.paris, ring=3)
    house.stocked(house.london, ring=1)
    till.post("/orders", order_body(house, house.ring), key="one")

    answer = till.get(f"/references/{house.ring}/availability")

    standing = {one["place_id"]: (one["on_hand"], one["held"], one["available"]) for one in answer.body["places"]}
    assert standing == {str(house.paris): (3, 1, 2), str(house.london): (1, 0, 1)}
    assert answer.body["reference_id"] == str(house.ring)


def test_availability_of_a_reference_that_stands_nowhere_is_an_empty_list(house, till):
    assert till.get(f"/references/{house.watch}/availability").body["places"] == []


def test_availability_of_an_unknown_reference_is_not_found(house, till, stranger):
    house.stocked(house.paris, ring=1)

    assert till.get(f"/references/{uuid.uuid4()}/availability").status == 404
    assert stranger.get(f"/references/{house.ring}/availability").status == 404


# -- placing an order ---------------------------------------------------------------------------------------------


def test_order_holds_its_pieces(house, till):
    house.stocked(house.paris, ring=1, watch=1)

    answer = till.post("/orders", order_body(house, house.ring, house.watch), key="one")

    assert answer.status == 201
    assert (answer.body["total_amount"], answer.body["currency"]) == (2_020_000, "EUR")
    assert answer.body["state"] == "AWAITING_PAYMENT"
    assert {line["reference_id"] for line in answer.body["lines"]} == {str(house.ring), str(house.watch)}
    assert stock.get_level(actor=house.system, place_id=house.paris, reference_id=house.ring).available == 0


def test_same_key_and_body_give_the_same_order_once(house, till):
    house.stocked(house.paris, ring=2)
    body = order_body(house, house.ring)

    first, second = till.post("/orders", body, key="one"), till.post("/orders", body, key="one")

    assert first.status == second.status == 201
    assert first.body == second.body
    assert stock.get_level(actor=house.system, place_id=house.paris, reference_id=house.ring).held == 1


def test_same_key_with_another_body_is_refused(house, till):
    house.stocked(house.paris, ring=1, watch=1)
    till.post("/orders", order_body(house, house.ring), key="one")

    answer = till.post("/orders", order_body(house, house.watch), key="one")

    assert (answer.status, answer.body["code"]) == (422, "idempotency.body_changed")
    assert stock.get_level(actor=house.system, place_id=house.paris, reference_id=house.watch).held == 0


def test_one_short_line_places_nothing(house, till):
    house.stocked(house.paris, ring=1)

    answer = till.post("/orders", order_body(house, house.ring, house.watch), key="one")

    assert (answer.status, answer.body["code"]) == (409, "stock.out_of_stock")
    assert answer.body["details"]["reference_id"] == str(house.watch)
    assert stock.get_level(actor=house.system, place_id=house.paris, reference_id=house.ring).held == 0


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "input.unreadable"),
        ("[]", 422, "input.invalid"),
        ('{"market": "FR"}', 422, "input.invalid"),
    ],
)
def test_body_of_the_wrong_shape_is_refused(house, till, body, status, code):
    answer = till.post("/orders", body, key="one")

    assert (answer.status, answer.body["code"]) == (status, code)


def test_wrong_member_is_named(house, till):
    body = order_body(house, house.ring)
    body["lines"][0]["quantity"] = 0

    answer = till.post("/orders", body, key="one")

    assert answer.body["details"]["wrong"][0]["at"] == "$.lines[0].quantity"


def test_unknown_member_is_refused_rather_than_ignored(house, till):
    assert till.post("/orders", order_body(house, house.ring, gift_wrap=True), key="one").status == 422


def test_order_needs_a_key(house, till):
    answer = till.post("/orders", order_body(house, house.ring))

    assert (answer.status, answer.body["code"]) == (400, "idempotency.key_missing")


def test_unknown_market_is_not_found(house, till):
    assert till.post("/orders", order_body(house, house.ring, market="ZZ"), key="one").status == 404


# -- how many statements --------------------------------------------------------------------------------------------


@pytest.fixture
def busy_house(transactional_db: None) -> SmallHouse:
    """A house outside any transaction, as requests find it."""
    house = make_small_house()
    house.stocked(house.paris, ring=2, watch=2)
    return house


def test_each_hot_operation_is_one_statement_once_the_caller_is_remembered(busy_house):
    house = busy_house
    till = Caller(make_token(house, roles=["advisor"]))
    calls = {
        "card": lambda: till.get(f"/clients/{house.traditional}/card"),
        "availability": lambda: till.get(f"/references/{house.ring}/availability"),
        "order": lambda: till.post("/orders", order_body(house, house.ring, house.watch), key=str(uuid.uuid4())),
    }
    for call in calls.values():  # the caller and the market are remembered from here on
        assert call().status < 300

    for name, call in calls.items():
        with statements_sent() as sent:
            assert call().status < 300
        assert len(sent) == 1, f"{name}: {sent}"


def test_a_caller_not_remembered_costs_one_statement_more(busy_house):
    till = Caller(make_token(busy_house, roles=["advisor"]))

    with statements_sent() as sent:
        assert till.get(f"/clients/{busy_house.traditional}/card").status == 200

    assert len(sent) == 2, sent


def test_a_connection_the_server_cut_is_opened_again(busy_house):
    from django.db import connection

    till = Caller(make_token(busy_house, roles=["advisor"]))
    assert till.get(f"/references/{busy_house.ring}/availability").status == 200
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    other.close()

    assert till.get(f"/references/{busy_house.ring}/availability").status == 200


def test_what_no_database_can_hold_is_refused(house, till):
    house.stocked(house.paris, ring=1)
    nul = order_body(house, house.ring, contact={"name": "a\0b"})
    many = order_body(house, house.ring, contact={f"n{n}": "x" for n in range(13)})
    large = order_body(house, house.ring, contact={"name": "x" * (2 * 1024 * 1024)})

    assert [till.post("/orders", body, key="k").status for body in (nul, many, large)] == [422, 422, 422]
    assert till.post("/orders", order_body(house, house.ring) | {"client_id": str(uuid.uuid4())}, key="k").status == 404
