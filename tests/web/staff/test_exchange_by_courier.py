"""What a client exchanges by courier, as staff meet it; and what the counter finds for an exchange."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client as Browser

from tests.factories.orders import buy_online, pay
from tests.factories.returns import HOME, LATER, bring_back, give, inspector, line_state, waiting_arrivals
from tests.factories.small_house import SmallHouse
from tests.web.staff.pages import asks_for, hidden, text
from tests.web.staff.test_returns_whole import ruled
from vendome.domains.catalogue.models import Reference
from vendome.domains.orders.types import ReturnRoute
from vendome.domains.pricing.models import Price, PriceBook
from vendome.domains.stock.services import shelf
from vendome.flows import books, returns
from vendome.flows.exchanging import WantedReturn
from vendome.flows.returns import ReturnDone
from vendome.flows.types import PlacedOrder
from vendome.kit import sql
from vendome.kit.actors import Actor

pytestmark = pytest.mark.django_db
Visit = Callable[[Actor | None], Browser]


@pytest.fixture
def worn(house: SmallHouse) -> PlacedOrder:
    house.stocked(house.paris, ring=2)
    house.stocked(house.warehouse, watch=1)
    return give(house, pay(house, buy_online(house, house.traditional, house.ring)))


def announced(house: SmallHouse, placed: PlacedOrder) -> ReturnDone:
    return returns.announce(
        key="a", order_id=placed.id, lines=[WantedReturn(line_id=placed.lines[0].id, instead=house.watch)],
        route=ReturnRoute.COURIER, place_id=None, pickup=HOME, actor=house.as_client(house.traditional), at=LATER,
    )  # fmt: skip


class TestExchange:
    def test_whoever_unpacks_it_leaves_it_to_the_desk(
        self, house: SmallHouse, paris: Browser, worn: PlacedOrder
    ) -> None:
        announced(house, worn)
        url, line = f"/salon/returns/{worn.id}/", str(worn.lines[0].id)

        page = paris.get(url, {"back": line})
        assert "is kept for her instead" in text(page)
        assert re.search(r"Given back €\s0.00", text(page))
        done = paris.post(url, {"back": line, "key": hidden(page, "key")}, follow=True)

        assert "is kept for you, and leaves once yours has been examined." in text(done)
        assert line_state(worn.lines[0].id) == ("RETURNED", 1, 0, 0)
        assert sql.value("SELECT count(*) FROM payments_payment WHERE amount < 0") == 0

    def test_the_desk_accepts_and_she_pays_first(self, house: SmallHouse, visit: Visit, worn: PlacedOrder) -> None:
        announced(house, worn)
        bring_back(house, worn)
        desk, (arrival,) = visit(inspector(house)), waiting_arrivals()
        page = desk.get("/bureau/returns/inspect/")
        assert "She takes instead" in text(page)
        assert "Accept it and send the other" in text(page)
        sent = {f"{arrival}-condition": "AS_SOLD", f"{arrival}-decision": "pay_restock", f"{arrival}-key": "k"}

        done = desk.post(f"/bureau/returns/inspect/{arrival}/", sent, follow=True)

        assert "leaves once she has paid the difference" in text(done)
        assert "is still to pay the difference" in text(done)
        assert sql.value("SELECT state FROM orders_order WHERE channel = 'client_service'") == "AWAITING_PAYMENT"
        assert books.list_problems() == []

    def test_the_page_of_the_return_tells_and_ends_it(self, house: SmallHouse, visit: Visit, worn: PlacedOrder) -> None:
        done = announced(house, worn)
        url = f"/bureau/returns/{done.id}/"
        assert "· kept until " in text(visit(house.director).get(url))
        bring_back(house, worn)
        manager = visit(inspector(house))
        page = text(manager.get(url))
        assert "12, rue de Varenne" in page
        assert re.search(r"In exchange: .* She pays €\s3,800.00 · kept until hers is decided on", page)

        for _twice in range(2):
            dropped = manager.post(f"{url}no-exchange/", follow=True)

        assert "no longer kept" in text(dropped)
        assert visit(house.director).post(f"{url}no-exchange/").status_code == 403
        assert books.list_problems() == []


class TestSearch:
    def more_rings(self, house: SmallHouse, count: int) -> None:
        """The ring in this many more sizes, each with a piece in Paris and a price."""
        ring = Reference.objects.get(id=house.ring)
        book = PriceBook.objects.get(market_id=house.france.id)
        for size in range(count):
            row = Reference.objects.create(
                maison_id=ring.maison_id, model_id=ring.model_id, sku=f"{ring.sku}-{60 + size}", material=ring.material,
                material_name=ring.material_name, size=str(60 + size), is_serialised=True, position=60 + size,
            )  # fmt: skip
            Price.objects.create(book=book, reference=row, amount=820_000)
            shelf.receive(
                place_id=house.paris, reference_id=row.id, quantity=1, serials=[f"R{60 + size}"],
                epcs=[f"{house.maison.code}:R{60 + size}"], reason="delivery", actor=house.system, at=LATER,
            )  # fmt: skip

    def test_it_says_how_many_and_shows_the_rest(self, house: SmallHouse, paris: Browser, worn: PlacedOrder) -> None:
        self.more_rings(house, 11)
        url, name = (
            f"/salon/returns/{worn.id}/",
            sql.value("SELECT name FROM catalogue_model ORDER BY position LIMIT 1"),
        )
        asked = {"back": str(worn.lines[0].id), "q": name}

        first = text(paris.get(url, asked, headers=asks_for("take-back")))
        assert "8 of 12 that stand free here" in first
        assert first.count("Take instead") == 8
        rest = text(paris.get(url, {**asked, "more": "16"}, headers=asks_for("take-back")))
        assert "12 stand free here" in rest
        assert rest.count("Take instead") == 12
        assert "Show more" not in rest

    def test_by_reference_size_and_place(self, house: SmallHouse, paris: Browser, worn: PlacedOrder) -> None:
        self.more_rings(house, 3)
        url = f"/salon/returns/{worn.id}/"
        sku = sql.value("SELECT sku FROM catalogue_reference WHERE size = '61'")
        name = sql.value("SELECT name FROM catalogue_model ORDER BY position LIMIT 1")
        for query in (sku, f"{name} 61", f"61 {name.lower()}", "R61"):
            page = text(paris.get(url, {"q": query}, headers=asks_for("take-back")))
            assert page.count("Take instead") == 1, query
            assert "R61" in page
        watch = sql.value("SELECT sku FROM catalogue_reference WHERE id = %s", [house.watch])
        elsewhere = text(paris.get(url, {"q": watch}, headers=asks_for("take-back")))
        assert "Nothing of that name stands free here." in elsewhere
        assert "1 in another boutique" in elsewhere

    def test_the_other_sizes_of_what_came_back_stand_there(
        self, house: SmallHouse, paris: Browser, worn: PlacedOrder
    ) -> None:
        url, asked = f"/salon/returns/{worn.id}/", {"back": str(worn.lines[0].id)}

        assert "The same in another form" in text(paris.get(url, asked))
        assert "Take instead" not in text(paris.get(url, {**asked, "gift": "1"}))  # it would tell its price


def test_a_rule_is_tried_on_what_has_come_back(house: SmallHouse, visit: Visit, worn: PlacedOrder) -> None:
    bring_back(house, worn)
    browser = visit(house.director)
    page = browser.get("/bureau/returns/policy/new/")

    tried = text(browser.post("/bureau/returns/policy/new/", ruled(page, step="preview", order=worn.number, note="")))

    assert "Has come back already: this is what would have been decided." in tried
    assert "fr.withdrawal" not in tried
