"""The wide surface: one test for each route and outcome that matters."""

from __future__ import annotations

import base64
import uuid

import pytest

from tests.factories import orders as orders_of
from vendome.api.v1.shapes import write_cursor
from vendome.domains.clients import queries as clients
from vendome.domains.stock.queries import shelf as stock

# -- house and collection, open to everybody -------------------------------------------------------------------


def test_markets_are_public(nobody):
    assert [one["code"] for one in nobody.get("/markets").body] == ["FR", "GB", "JP"]


def test_clients_see_visible_places_and_programs_all(nobody, till):
    assert "depot" not in {one["code"] for one in nobody.get("/places").body}
    assert "depot" in {one["code"] for one in till.get("/places").body}
    assert nobody.get("/places/depot").status == 404
    assert till.get("/places/depot").body["ships"] is True
    assert nobody.get("/places/paris").body["offers_collection"] is True


def test_places_by_kind(till):
    assert {one["code"] for one in till.get("/places", kind="WAREHOUSE").body} == {"depot"}
    assert till.get("/places", kind="CASTLE").status == 422


def test_models_carry_the_price_of_the_market(nobody):
    page = nobody.get("/models", market="GB").body

    priced = {one["code"]: (one["price"]["amount"], one["price"]["currency"]) for one in page["items"]}
    assert priced["aurore-solitaire"] == (738_000, "GBP")
    assert page["next"] is None


def test_models_come_in_pages(nobody):
    seen, after = [], ""
    while True:
        page = nobody.get("/models", market="FR", limit=2, after=after).body
        seen += [one["code"] for one in page["items"]]
        if page["next"] is None:
            break
        after = page["next"]

    assert seen == sorted(set(seen), key=seen.index)
    assert len(seen) == 3
    assert nobody.get("/models", market="FR", after="nothing").status == 422


def test_a_model_with_its_references(nobody):
    found = nobody.get("/models/meridien", market="FR").body

    assert found["collection"]["code"] == "aurore"
    assert [one["price"]["amount"] for one in found["references"]] == [1_200_000]
    assert nobody.get("/models/nothing", market="FR").status == 404
    assert nobody.get("/models/meridien", market="ZZ").status == 404


def test_references_by_sku_or_name(nobody):
    assert [one["sku"] for one in nobody.get("/references", q="MERIDIEN").body] == ["MERIDIEN"]
    assert [one["model_name"] for one in nobody.get("/references", q="solit").body] == ["Aurore Solitaire"]


def test_clients_are_told_words_never_quantities(house, nobody):
    house.stocked(house.paris, ring=3)
    house.stocked(house.warehouse, ring=5)

    answer = nobody.get(f"/references/{house.ring}/supply")

    assert answer.body["places"] == [{"place_id": str(house.paris), "supply": "AVAILABLE"}]
    assert nobody.get(f"/references/{uuid.uuid4()}/supply").status == 404


# -- clients ----------------------------------------------------------------------------------------------------


def test_a_client_is_found_with_a_typo(house, till, stranger):
    (hit,) = till.get("/clients", q="Eleonor Brisac").body

    assert hit["id"] == str(house.traditional)
    assert "total" not in str(hit)
    assert stranger.get("/clients", q="06 12 34 56 78").body != till.get("/clients", q="06 12 34 56 78").body


def test_a_query_of_one_letter_is_refused(till):
    answer = till.get("/clients", q="e")

    assert (answer.status, answer.body["details"]["wrong"][0]["at"]) == (422, "query.q")


# -- orders -----------------------------------------------------------------------------------------------------


def test_orders_come_in_pages_newest_first(house, till, stranger):
    house.stocked(house.paris, candle=10)
    placed = [orders_of.buy_online(house, house.traditional, house.candle).number for _ in range(5)]

    seen, after = [], ""
    while True:
        page = till.get("/orders", limit=2, after=after).body
        seen += [one["number"] for one in page["items"]]
        if page["next"] is None:
            break
        after = page["next"]

    assert sorted(seen) == sorted(placed)
    assert len(seen) == len(set(seen)) == 5
    assert till.get("/orders", number=placed[0]).body["items"][0]["number"] == placed[0]
    assert till.get("/orders", after="rubbish").status == 422
    assert stranger.get("/orders").body["items"] == []


def test_one_order(house, till, stranger):
    house.stocked(house.paris, ring=1)
    placed = orders_of.buy_online(house, house.traditional, house.ring)

    found = till.get(f"/orders/{placed.id}")

    assert found.body["number"] == placed.number
    assert found.body["lines"][0]["state"] == "HELD"
    assert stranger.get(f"/orders/{placed.id}").status == 404


# -- baskets ------------------------------------------------------------------------------------------------------


def test_one_basket_for_her_in_every_channel(house, till):
    path = f"/clients/{house.traditional}/basket"
    line = {"reference_id": str(house.candle), "mode": "COLLECT", "place_id": str(house.paris), "quantity": 2}

    assert till.get(path, market="FR").status == 404
    first = till.put(f"{path}/lines", line, market="FR")
    again = till.put(f"{path}/lines", line | {"quantity": 3}, market="FR")

    assert first.status == again.status == 200
    assert [one["quantity"] for one in again.body["lines"]] == [3]
    assert till.get(path, market="FR").body == again.body

    gone = till.delete(f"{path}/lines/{again.body['lines'][0]['id']}", market="FR")
    assert gone.body["lines"] == []
    assert till.delete(f"{path}/lines/{again.body['lines'][0]['id']}", market="FR").status == 200


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"quantity": 0}, 422, "input.invalid"),
        ({"quantity": 2}, 422, "orders.bad_quantity"),
        ({"place_id": None}, 409, "orders.mode_not_offered"),
        ({"reference_id": "0198a0de-7d2a-4c51-9a3b-2f6f0c1d8e99"}, 404, "access.not_found"),
        ({"place_id": "0198a0de-7d2a-4c51-9a3b-2f6f0c1d8e99"}, 404, "access.not_found"),
        ({"colour": "gold"}, 422, "input.invalid"),
    ],
)
def test_a_line_that_cannot_be_is_refused(house, till, change, status, code):
    line = {"reference_id": str(house.ring), "mode": "COLLECT", "place_id": str(house.paris), "quantity": 1} | change

    answer = till.put(f"/clients/{house.traditional}/basket/lines", line, market="FR")

    assert (answer.status, answer.body["code"]) == (status, code)
    assert till.get(f"/clients/{house.traditional}/basket", market="FR").status == 404


def test_a_client_of_another_maison_has_no_basket_here(house, other_house, till):
    assert till.get(f"/clients/{other_house.traditional}/basket", market="FR").status == 404


# -- hand-over ----------------------------------------------------------------------------------------------------


def test_a_line_is_handed_over_once(house, till):
    house.stocked(house.paris, ring=1)
    placed = orders_of.pay(house, orders_of.buy_online(house, house.traditional, house.ring))
    (waiting,) = till.get(f"/places/{house.paris}/waiting").body
    body = {"line_id": waiting["line_id"], "proof": "IDENTITY_SEEN"}

    first, again = till.post("/hand-overs", body, key="one"), till.post("/hand-overs", body, key="one")
    other = till.post("/hand-overs", body, key="two")

    assert first.status == again.status == 201
    assert first.body == again.body == {"order_id": str(placed.id)}
    assert (other.status, other.body["code"]) == (409, "orders.line_not_ready")
    assert till.get(f"/places/{house.paris}/waiting").body == []
    assert clients.client_names(ids={house.traditional})


def test_hand_over_needs_a_key_and_a_known_line(house, till):
    body = {"line_id": str(uuid.uuid4()), "proof": "IDENTITY_SEEN"}

    assert till.post("/hand-overs", body).body["code"] == "idempotency.key_missing"
    assert till.post("/hand-overs", body, key="one").status == 404
    assert till.post("/hand-overs", "{", key="one").body["code"] == "input.unreadable"


# -- stock and staff ------------------------------------------------------------------------------------------------


def test_why_is_it_three(house, till):
    house.stocked(house.paris, ring=4)
    orders_of.sell_at_counter(house, house.ring)

    found = till.get(f"/stock/{house.paris}/{house.ring}/ledger").body

    assert found["level"]["on_hand"] == 3
    assert sum(one["on_hand_change"] for one in found["movements"]) == 3
    assert {one["kind"] for one in found["movements"]} == {"RECEIVED", "HELD", "HANDED_OVER"}
    assert stock.list_disagreements() == ()


def test_levels_of_a_place(house, till):
    house.stocked(house.paris, candle=7)
    house.stocked(house.london, ring=1)

    (level,) = till.get("/stock/levels", place_id=str(house.paris)).body

    assert (level["reference_id"], level["available"]) == (str(house.candle), 7)


def test_staff_for_those_who_may_see_them(house, till):
    from tests.api.conftest import Caller
    from tests.factories.small_house import make_token

    assert till.get("/staff").status == 403
    found = Caller(make_token(house, roles=["director"])).get("/staff").body
    assert {one["code"] for one in found} >= {"manager", "camille"}


# -- what nobody of ours would send ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/models?market=FR&family=%00", "/models/x%00y?market=FR", "/references?q=a%00b", "/clients?q=bris%00sac",
     "/orders?number=%00", "/orders?channel=%00"],
)  # fmt: skip
def test_a_nul_in_an_address_is_a_bad_request(till, path):
    assert till.get(path).status == 400


@pytest.mark.parametrize(
    "cursor",
    ["x", "e30", write_cursor(), write_cursor("now", "x"), write_cursor("2026-01-01T00:00:00+00:00", 5),
     write_cursor("2026-01-01T00:00:00", "0198a0de-7d2a-4c51-9a3b-2f6f0c1d8e99"), write_cursor(None, None),
     base64.urlsafe_b64encode(b"[" * 30_000).decode()],
)  # fmt: skip
def test_a_cursor_we_did_not_write_is_refused(till, cursor):
    assert till.get("/orders", after=cursor).status == 422


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("/places", ["kind"]), ("/stock/levels", ["limit", "place_id"]), ("/lanes", []), ("/availability", None),
        ("/references/{ring}/availability", []), ("/clients/{traditional}/card", []),
    ],
)  # fmt: skip
def test_a_parameter_nobody_knows_is_named_and_refused(house, till, path, known):
    path = path.format(ring=house.ring, traditional=house.traditional)
    answer = till.get(path, limt="5")

    assert (answer.status, answer.body["code"]) == (422, "input.unknown_parameter")
    assert "“limt”" in answer.body["detail"]
    assert answer.body["details"]["unknown"] == ["limt"]
    assert known is None or answer.body["details"]["known"] == known


def test_who_is_not_known_is_told_that_first(nobody):
    assert nobody.get("/stock/levels", limt="5").status == 401


def test_a_change_with_an_unknown_parameter_changes_nothing(house, till):
    line = {"reference_id": str(house.candle), "quantity": 1, "mode": "DELIVER"}
    path = f"/clients/{house.traditional}/basket"
    refused = till.put(f"{path}/lines", line, market="FR", colour="red")
    assert (refused.status, refused.body["code"]) == (422, "input.unknown_parameter")
    assert till.get(path, market="FR").status == 404
    assert till.put(f"{path}/lines", line, market="FR").status == 200
