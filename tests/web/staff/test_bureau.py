"""Headquarters: the house at a glance, stock and its ledger, orders, staff, the audit log."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser

from tests.factories import orders
from tests.factories.returns import bring_back
from tests.factories.small_house import NOW, SmallHouse
from tests.web.staff.pages import asks_for, text
from vendome.domains.people.models import Secondment, Staff
from vendome.domains.stock.models import Level, Piece
from vendome.kit import audit
from vendome.kit.actors import Actor

type Visit = Callable[[Actor | None], Browser]
type Bounded = Callable[[int], Any]


@pytest.fixture
def director(house: SmallHouse, visit: Visit) -> Browser:
    return visit(house.director)


@pytest.fixture
def manager(house: SmallHouse, visit: Visit) -> Browser:
    return visit(house.manager_paris)


def level_of(house: SmallHouse, place: str = "paris") -> str:
    return f"/bureau/stock/{place}/{house.ring}/"


def rows_of(response: Any) -> list[list[str]]:
    assert response.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in response.headers["Content-Disposition"]
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


# -- at a glance ------------------------------------------------------------------------------------------------


def test_the_house_at_a_glance(house: SmallHouse, director: Browser) -> None:
    house.stocked(house.paris, ring=2)
    house.stocked(house.london, watch=1)
    orders.pay(house, orders.buy_online(house, house.traditional, house.ring))

    said = text(director.get("/bureau/"))

    assert "3 pieces on hand" in said
    assert "1 promised to clients" in said
    assert "1 orders, today" in said
    assert "Stock of the house" in said
    assert "London" in said
    assert "8,200" not in said


def test_a_manager_sees_her_place_alone(house: SmallHouse, manager: Browser) -> None:
    house.stocked(house.paris, ring=2)
    house.stocked(house.london, ring=3)

    said = text(manager.get("/bureau/"))

    assert "2 pieces on hand" in said
    assert "Stock of your places" in said
    assert "London" not in said
    assert manager.get("/bureau/stock/london/").status_code == 404
    assert manager.get(level_of(house, "london")).status_code == 404


def test_the_figures_alone_are_answered_to_htmx(house: SmallHouse, director: Browser) -> None:
    part = director.get("/bureau/", headers=asks_for("glance"))

    assert "<html" not in part.content.decode()
    assert "pieces on hand" in text(part)


def test_the_books_agree_until_they_do_not(house: SmallHouse, director: Browser) -> None:
    house.stocked(house.paris, ring=2)
    assert "The books agree" in text(director.get("/bureau/books/"))

    Level.objects.filter(place_id=house.paris, reference_id=house.ring).update(on_hand=3)

    said = text(director.get("/bureau/books/", headers=asks_for("books")))
    assert "disagreement" in said
    assert "AURORE-SOLITAIRE" in said


def test_the_house_asks_a_bounded_number_of_times(
    house: SmallHouse, director: Browser, django_assert_max_num_queries: Bounded
) -> None:
    house.stocked(house.paris, ring=2, watch=2)

    with django_assert_max_num_queries(14):
        director.get("/bureau/")


# -- stock --------------------------------------------------------------------------------------------------------


def test_a_place_is_searched_filtered_sorted(house: SmallHouse, director: Browser) -> None:
    house.stocked(house.paris, ring=2, watch=1, candle=7)
    orders.pay(house, orders.buy_online(house, house.traditional, house.ring))
    place = "/bureau/stock/paris/"

    everything = text(director.get(place))
    assert "3 references" in everything
    assert "10 on hand, 1 held, 9 free" in everything
    assert "1 reference" in text(director.get(place, {"q": "solit"}, headers=asks_for("levels")))
    assert "BOUGIE" in text(director.get(place, {"family": "objects"}))
    assert "MERIDIEN" not in text(director.get(place, {"held": "1"}))
    by_quantity = director.get(place, {"sort": "-on_hand"}).content.decode()
    assert by_quantity.index("BOUGIE") < by_quantity.index("AURORE-SOLITAIRE") < by_quantity.index("MERIDIEN")
    assert 'aria-sort="descending"' in by_quantity
    assert director.get(place, {"sort": "nonsense", "family": "?"}).status_code == 200


def test_stock_is_exported(house: SmallHouse, director: Browser) -> None:
    house.stocked(house.paris, ring=2, candle=7)

    whole = rows_of(director.get("/bureau/stock/", {"format": "csv"}))
    place = rows_of(director.get("/bureau/stock/paris/", {"format": "csv", "q": "bougie"}))

    assert ["Europe", "Paris", "Boutique", "9", "0", "9"] in whole
    assert [row[1] for row in place] == ["Reference", "BOUGIE"]


def test_why_is_it_two(house: SmallHouse, director: Browser) -> None:
    house.stocked(house.paris, ring=3)
    placed = orders.pay(house, orders.buy_online(house, house.traditional, house.ring))
    orders.sell_at_counter(house, house.ring)

    said = text(director.get(level_of(house)))

    assert "Why is it 2?" in said
    assert "1 received" in said
    assert f"1 held for an order, {placed.number}" in said
    assert "1 handed over to its client" in said
    assert "Camille Test" in said
    assert "Received +3" in said
    assert "Handed over to clients −1" in said
    assert "On hand 2" in said
    assert "Free 1" in said
    assert "Éléonore de Brissac" in said


def test_the_ledger_is_exported_line_by_line(house: SmallHouse, director: Browser) -> None:
    house.stocked(house.paris, ring=2)
    orders.sell_at_counter(house, house.ring)

    heads, *lines = rows_of(director.get(level_of(house), {"format": "csv"}))

    assert heads[1:6] == ["Movement", "On hand change", "Held change", "On hand after", "Held after"]
    assert [line[1] for line in lines] == ["HANDED_OVER", "HELD", "RECEIVED", "RECEIVED"]
    assert [line[4] for line in lines] == ["1", "2", "2", "1"]


def test_a_formula_in_a_reason_stays_text(house: SmallHouse, visit: Visit, manager: Browser) -> None:
    given = {"sku": "BOUGIE", "quantity": "2", "reason": "=HYPERLINK(1)"}
    assert manager.post("/bureau/stock/paris/receive/", given).status_code == 303

    lines = rows_of(manager.get(f"/bureau/stock/paris/{house.candle}/", {"format": "csv"}))

    assert lines[1][9] == "'=HYPERLINK(1)"


def test_nothing_ever_stood_there(house: SmallHouse, director: Browser) -> None:
    assert "Why is it 0?" in text(director.get(level_of(house, "london")))
    assert director.get(f"/bureau/stock/paris/{house.traditional}/").status_code == 404
    assert director.get("/bureau/stock/nowhere/").status_code == 404


def test_pieces_are_received_all_or_none(house: SmallHouse, manager: Browser) -> None:
    given = {"sku": "aurore-solitaire", "serials": "vm-1 epc-1\nvm-2;epc-2\n\n", "reason": "note 4711"}

    answer = manager.post("/bureau/stock/paris/receive/", given)
    again = manager.post("/bureau/stock/paris/receive/", given | {"serials": "VM-3 epc-3\nVM-2 epc-9"})

    assert answer.status_code == 303
    assert set(Piece.objects.values_list("serial", "epc")) == {("VM-1", "epc-1"), ("VM-2", "epc-2")}
    assert "note 4711" in text(manager.get(answer.headers["Location"]))
    assert again.status_code == 409
    assert "already in the ledger" in text(again)
    assert "VM-3 epc-3" in again.content.decode()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"serials": "VM-1"}, "Line 1 needs a serial number and an EPC"),
        ({"serials": "VM-1 a\nvm-1 b"}, "written twice"),
        ({}, "Write the serial numbers, or a quantity"),
        ({"serials": "VM-1 a", "sku": "NOTHING"}, "There is no reference of this name"),
        ({"serials": "VM-1 a", "reason": ""}, "Say where they come from"),
    ],
)
def test_a_delivery_that_cannot_be_read_says_why(
    house: SmallHouse, manager: Browser, given: dict[str, str], sentence: str
) -> None:
    page = manager.post("/bureau/stock/paris/receive/", {"sku": "AURORE-SOLITAIRE", "reason": "note 1"} | given)

    assert page.status_code == 422
    assert sentence in text(page)
    assert not Piece.objects.exists()


def test_who_may_not_adjust_does_not_receive(house: SmallHouse, director: Browser, paris: Browser) -> None:
    given = {"sku": "BOUGIE", "quantity": "2", "reason": "note 1"}

    assert director.post("/bureau/stock/paris/receive/", given).status_code == 403
    assert paris.post("/bureau/stock/paris/receive/", given).status_code == 403
    assert "Receive pieces" not in text(director.get("/bureau/stock/paris/"))
    assert not Level.objects.exists()


def test_a_level_asks_a_bounded_number_of_times(
    house: SmallHouse, director: Browser, django_assert_max_num_queries: Bounded
) -> None:
    house.stocked(house.paris, ring=5)
    for _ in range(3):
        orders.pay(house, orders.buy_online(house, house.traditional, house.ring))

    with django_assert_max_num_queries(20):  # a statement in a savepoint of the test's own counts as two
        director.get(level_of(house))
    with django_assert_max_num_queries(7):
        director.get("/bureau/stock/paris/")


# -- orders ---------------------------------------------------------------------------------------------------------


def test_orders_are_found_and_filtered(house: SmallHouse, director: Browser) -> None:
    house.stocked(house.paris, ring=2)
    online = orders.buy_online(house, house.traditional, house.ring)
    counter = orders.sell_at_counter(house, house.ring)

    def listed(**asked: str) -> str:
        return text(director.get("/bureau/orders/", asked, headers=asks_for("order-rows")))

    assert online.number in listed()
    assert counter.number in listed()
    assert counter.number not in listed(channel="web")
    assert online.number not in listed(state="COMPLETED")
    assert counter.number not in listed(q=online.number.lower())
    assert online.number in listed(place=str(house.paris))
    assert "No order matches" in listed(place=str(house.london))
    assert director.get("/bureau/orders/", {"page": "x", "place": "y", "state": "z"}).status_code == 200
    assert [row[0] for row in rows_of(director.get("/bureau/orders/", {"format": "csv"}))][1:] == [
        counter.number,
        online.number,
    ]


def test_an_order_tells_all_that_happened(house: SmallHouse, director: Browser) -> None:
    house.stocked(house.paris, ring=1)
    sold = orders.sell_at_counter(house, house.ring, client_id=house.traditional)

    page = director.get(f"/bureau/orders/{sold.id}/")
    said = text(page)

    assert sold.number in said
    assert "€ 8,200.00" in said
    assert "Chosen with the order" in said
    assert "Aurore Solitaire handed over" in said
    assert "Camille Test" in said
    assert f"/salon/clients/{house.traditional}/" in page.content.decode()


def test_an_order_names_the_one_that_took_it_back(house: SmallHouse, director: Browser) -> None:
    house.stocked(house.paris, ring=1)
    sold = orders.sell_at_counter(house, house.ring, client_id=house.traditional)
    done = bring_back(house, sold)
    assert done.document is not None

    before = director.get(f"/bureau/orders/{sold.id}/").content.decode()
    after = director.get(f"/bureau/orders/{done.document.id}/").content.decode()

    assert f"/bureau/orders/{done.document.id}/" in before
    assert f"Given back in {done.document.number}" in before
    assert f"Takes back pieces of {sold.number}" in after


def test_who_may_not_read_clients_sees_no_name(house: SmallHouse, visit: Visit) -> None:
    from tests.factories.small_house import _staff
    from vendome.domains.house.models import Maison, Place

    maison = Maison.objects.get(id=house.maison.id)
    controller = _staff(maison, Place.objects.get(id=house.paris), "controller", "stock_controller")
    house.stocked(house.paris, ring=1)
    placed = orders.pay(house, orders.buy_online(house, house.traditional, house.ring))

    browser = visit(controller)
    order, level = browser.get(f"/bureau/orders/{placed.id}/"), browser.get(level_of(house))

    assert order.status_code == level.status_code == 200
    for page in (order, level):
        assert "Brissac" not in text(page)
        assert f"/salon/clients/{house.traditional}/" not in page.content.decode()


def test_tokyo_and_other_houses_find_no_such_order(
    house: SmallHouse, other_house: SmallHouse, visit: Visit, manager: Browser
) -> None:
    house.stocked(house.paris, ring=1)
    sold = orders.sell_at_counter(house, house.ring)

    assert visit(other_house.director).get(f"/bureau/orders/{sold.id}/").status_code == 404
    assert sold.number not in text(visit(other_house.director).get("/bureau/orders/"))
    assert manager.get(f"/bureau/orders/{sold.id}/").status_code == 200


def test_orders_ask_a_bounded_number_of_times(
    house: SmallHouse, director: Browser, django_assert_max_num_queries: Bounded
) -> None:
    house.stocked(house.paris, ring=4)
    sold = [orders.sell_at_counter(house, house.ring) for _ in range(4)]

    with django_assert_max_num_queries(6):
        director.get("/bureau/orders/")
    with django_assert_max_num_queries(15):
        director.get(f"/bureau/orders/{sold[0].id}/")


# -- staff, audit ------------------------------------------------------------------------------------------------------


def test_staff_by_place_with_their_rights(house: SmallHouse, director: Browser) -> None:
    page = director.get("/bureau/staff/", {"q": "advisor"}, headers=asks_for("teams"))
    assert "Camille Test" in text(page)
    assert "Manager Test" not in text(page)

    said = text(director.get(f"/bureau/staff/{house.advisor_paris.id}/"))
    assert "Advisor" in said
    assert "hand pieces over" in said
    assert "receive and correct stock" not in said


def test_a_loan_to_another_place_is_explained(house: SmallHouse, director: Browser) -> None:
    today = NOW.date()
    Secondment.objects.create(
        staff_id=house.advisor_tokyo.id, place_id=house.paris, role="advisor",
        during=(today.replace(day=1), today.replace(month=12)),
    )  # fmt: skip

    said = text(director.get(f"/bureau/staff/{house.advisor_tokyo.id}/"))

    assert "Paris, while she is lent there, until 20 December 2026" in said


def test_staff_of_other_places_are_not_there_for_a_manager(house: SmallHouse, manager: Browser) -> None:
    assert "Aiko" not in text(manager.get("/bureau/staff/"))
    assert manager.get(f"/bureau/staff/{house.advisor_tokyo.id}/").status_code == 404
    assert Staff.objects.filter(id=house.advisor_tokyo.id).exists()


def test_the_audit_log_is_verified_and_names_no_client(house: SmallHouse, visit: Visit) -> None:
    house.stocked(house.paris, ring=1)
    orders.sell_at_counter(house, house.ring, client_id=house.traditional)
    audit.seal_due()

    officer = visit(house.privacy_officer)
    page = text(officer.get("/bureau/audit/", {"verify": "1"}))

    assert "The chain is whole" in page
    assert "Camille Test" in page
    assert "placed an order" in page
    assert "Brissac" not in page
