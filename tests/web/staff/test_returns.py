"""Returns at the counter and in the bureau: found, taken back, examined, settled; refused where they must be."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from django.test import Client as Browser

from tests.factories.orders import buy_online, pay, sell_at_counter
from tests.factories.returns import bring_back, give, inspector, line_state, waiting_arrivals
from tests.factories.small_house import NOW, SmallHouse
from tests.web.staff.pages import asks_for, hidden, text
from vendome.flows import books
from vendome.flows.returns import BroughtLine
from vendome.flows.types import PlacedOrder
from vendome.kit import sql
from vendome.kit.actors import Actor

pytestmark = pytest.mark.django_db
Visit = Callable[[Actor | None], Browser]


@pytest.fixture
def worn(house: SmallHouse) -> PlacedOrder:
    house.stocked(house.paris, ring=2, watch=1)
    return give(house, pay(house, buy_online(house, house.traditional, house.ring)))


def take_back(paris: Browser, placed: PlacedOrder, **more: str | list[str]):  # type: ignore[no-untyped-def]
    """What the counter sends: the ticked lines, with the key of the page."""
    line = str(placed.lines[0].id)
    asked = {"back": [line], f"c.{line}": "AS_SOLD", **more}
    url = f"/salon/returns/{placed.id}/"
    page = paris.get(url, asked)
    return page, paris.post(url, {**asked, "key": hidden(page, "key")})


class TestCounter:
    def test_found_by_number_by_piece_and_by_card(self, house: SmallHouse, paris: Browser, worn: PlacedOrder) -> None:
        serial = sql.value("SELECT serial FROM stock_piece WHERE id = %s", [worn.lines[0].piece_id])

        for query in (worn.number, serial.lower()):
            answer = paris.get("/salon/returns/", {"q": query})
            assert (answer.status_code, answer["Location"]) == (302, f"/salon/returns/{worn.id}/")
        found = paris.get("/salon/returns/", {"client": str(house.traditional)})
        assert worn.number in text(found)
        assert "No receipt by that number" in text(
            paris.get("/salon/returns/", {"q": "nothing"}, headers=asks_for("receipts"))
        )

    def test_a_return_with_its_rule_and_its_paper(self, house: SmallHouse, paris: Browser, worn: PlacedOrder) -> None:
        page, answer = take_back(paris, worn)

        assert "Statutory withdrawal" in text(page)
        assert "fr.withdrawal" not in text(page)  # a rule is named by its sentence
        assert "L221-18" in text(page)
        assert re.search(r"She is given back €\s8,200.00", text(page))
        assert answer.status_code == 303
        assert "Brissac" not in text(answer)
        slip = text(paris.get(f"/salon/returned/{sql.value('SELECT id FROM orders_return')}/"))
        assert "RET-26-" in slip
        assert "Given back to you" in slip
        assert "On its way" in slip
        assert line_state(worn.lines[0].id)[0] == "RETURNED"
        assert books.list_problems() == []

    def test_a_double_click_is_one_return(self, paris: Browser, worn: PlacedOrder) -> None:
        line = str(worn.lines[0].id)
        url = f"/salon/returns/{worn.id}/"
        sent = {"back": line, "key": hidden(paris.get(url, {"back": line}), "key")}

        first, second = paris.post(url, sent), paris.post(url, sent)

        assert first["Location"] == second["Location"]
        assert sql.value("SELECT count(*) FROM payments_payment WHERE amount < 0") == 1

    def test_an_exchange_with_its_difference(self, house: SmallHouse, paris: Browser, worn: PlacedOrder) -> None:
        url, line = f"/salon/returns/{worn.id}/", str(worn.lines[0].id)
        found = paris.get(url, {"back": line, "q": "Méridien"})
        adds = re.findall(r'href="([^"]*out=[^"]*)"', found.content.decode())
        assert adds
        page = paris.get(adds[0].replace("&amp;", "&"))
        assert re.search(r"She pays €\s3,800.00", text(page))
        out = re.search(r'name="out" value="([^"]+)"', page.content.decode())
        assert out is not None
        sent = {"back": line, "out": out.group(1), "key": hidden(page, "key"), "tender": "TERMINAL", "reference": ""}

        assert paris.post(url, sent).status_code == 422  # the slip's reference is missing
        done = paris.post(url, {**sent, "reference": "T-77"})

        assert done.status_code == 303
        slip = text(paris.get(done["Location"]))
        assert "Exchange" in slip
        assert "taken instead" in slip
        assert re.search(r"Paid by you: €\s3,800.00", slip)
        assert books.list_problems() == []

    def test_the_receipt_of_an_exchange_says_what_goes_back_and_how(self, house: SmallHouse, paris: Browser) -> None:
        house.stocked(house.paris, ring=1, watch=1)
        sold = sell_at_counter(house, house.watch, client_id=house.traditional)
        url, line = f"/salon/returns/{sold.id}/", str(sold.lines[0].id)
        found = paris.get(url, {"back": line, "q": "Aurore"}).content.decode()
        page = paris.get(re.findall(r'href="([^"]*out=[^"]*)"', found)[0].replace("&amp;", "&"))
        out = re.search(r'name="out" value="([^"]+)"', page.content.decode())
        assert out is not None
        done = paris.post(url, {"back": line, "out": out.group(1), "key": hidden(page, "key")})
        document = sql.value("SELECT id FROM orders_order WHERE id <> %s", [sold.id])

        receipt = text(paris.get(f"/salon/receipt/{document}/"))
        assert re.search(r"Goes back to you: Cash −€\s3,800.00", receipt), receipt
        slip = paris.get(done["Location"])
        by_hand = re.search(r'action="(/salon/refunds/[^"]+)"', slip.content.decode())
        assert by_hand is not None
        paris.post(by_hand.group(1), {"return": hidden(slip, "return")})

        assert re.search(r"Given back: Cash −€\s3,800.00", text(paris.get(f"/salon/receipt/{document}/")))

    def test_cash_is_written_down_when_it_was_given(self, house: SmallHouse, paris: Browser) -> None:
        house.stocked(house.paris, ring=1)
        _page, answer = take_back(paris, sell_at_counter(house, house.ring, client_id=house.traditional))
        slip = paris.get(answer["Location"])
        assert "To be given back now" in text(slip)
        url = re.search(r'action="(/salon/refunds/[^"]+)"', slip.content.decode())
        assert url is not None

        done = paris.post(url.group(1), {"return": hidden(slip, "return")}, follow=True)

        assert "Given back" in text(done)
        assert books.list_problems() == []

    def test_beyond_the_policy_only_a_manager(self, house: SmallHouse, paris: Browser, visit: Visit) -> None:
        house.stocked(house.paris, ring=1)
        sold = sell_at_counter(house, house.ring, client_id=house.traditional)
        line = str(sold.lines[0].id)
        asked = {"back": line, f"c.{line}": "DAMAGED"}
        page = paris.get(f"/salon/returns/{sold.id}/", asked)
        assert "ask your manager" in text(page)

        refused = paris.post(f"/salon/returns/{sold.id}/", {**asked, "key": hidden(page, "key")})
        assert refused.status_code == 409
        assert "A manager may make an exception" in text(refused)

        manager = visit(house.manager_paris)
        asked["exception"] = "Her first ring"
        page = manager.get(f"/salon/returns/{sold.id}/", asked)
        assert manager.post(f"/salon/returns/{sold.id}/", {**asked, "key": hidden(page, "key")}).status_code == 303

    def test_a_gift_shows_nothing_of_its_giver(self, house: SmallHouse, paris: Browser, worn: PlacedOrder) -> None:
        page = paris.get(f"/salon/returns/{worn.id}/", {"gift": "1", "back": str(worn.lines[0].id)})

        assert "Brissac" not in text(page)
        assert "Do not mention who gave it" in text(page)
        assert "She is given a credit" in text(page)
        assert "8,200" not in text(page)
        answer = paris.post(
            f"/salon/returns/{worn.id}/", {"gift": "1", "back": str(worn.lines[0].id), "key": hidden(page, "key")}
        )
        assert "Brissac" not in text(answer)
        slip = text(paris.get(f"/salon/returned/{sql.value('SELECT id FROM orders_return')}/"))
        assert "Brissac" not in slip
        assert worn.number not in slip
        assert "Credit note" in slip

    def test_ticking_gift_takes_the_giver_out_of_what_is_on_the_screen(
        self, house: SmallHouse, paris: Browser, worn: PlacedOrder
    ) -> None:
        """Only the part is exchanged when the box is ticked, so the head with her name has to be in it."""
        url, asked, part = f"/salon/returns/{worn.id}/", {"back": str(worn.lines[0].id)}, asks_for("take-back")
        before = text(paris.get(url, asked, headers=part))
        assert "Brissac" in before
        assert "8,200" in before

        after = text(paris.get(url, {**asked, "gift": "1"}, headers=part))
        assert worn.number in after
        assert "Brissac" not in after
        assert "8,200" not in after

    def test_what_the_giver_reads_afterwards(
        self, house: SmallHouse, paris: Browser, worn: PlacedOrder, visit: Visit
    ) -> None:
        take_back(paris, worn, gift="1")
        giver = visit(house.as_client(house.traditional))

        assert "Already returned." in text(giver.get(f"/fr-en/order/{worn.number}/return/"))
        order = giver.get(f"/fr-en/order/{worn.number}/")
        assert "Returned" not in text(order)
        assert order.context["page"].returns == []

    def test_who_may_not(self, house: SmallHouse, visit: Visit, worn: PlacedOrder) -> None:
        assert visit(house.director).get("/salon/returns/").status_code == 403
        assert visit(None).get("/salon/returns/").status_code == 302
        assert visit(house.advisor_paris).get(f"/salon/returns/{uuid.uuid4()}/").status_code == 404


class TestBureau:
    def test_the_desk_decides_and_money_follows(self, house: SmallHouse, visit: Visit, worn: PlacedOrder) -> None:
        bring_back(house, worn, BroughtLine(line_id=worn.lines[0].id, accept=False))
        manager = visit(house.manager_paris)
        assert "pieces came back and wait to be examined" in text(manager.get("/bureau/"))
        arrival = waiting_arrivals()[0]
        desk = manager.get("/bureau/returns/inspect/")
        assert "Aurore" in text(desk)
        key = hidden(desk, f"{arrival}-key")
        url = f"/bureau/returns/inspect/{arrival}/"

        wrong = manager.post(url, {f"{arrival}-key": key, f"{arrival}-condition": "AS_SOLD"})
        assert wrong.status_code == 422
        assert "Choose what becomes of it." in text(wrong)
        refused = manager.post(
            url,
            {
                f"{arrival}-key": key,
                f"{arrival}-condition": "NOT_OURS",
                f"{arrival}-decision": "pay_restock",
                f"{arrival}-note": "another stone",
            },
        )
        assert refused.status_code == 409
        assert "another stone" in refused.content.decode()
        done = manager.post(
            url,
            {f"{arrival}-key": key, f"{arrival}-condition": "AS_SOLD", f"{arrival}-decision": "pay_restock"},
            follow=True,
        )

        assert "Nothing waits to be examined" in text(done)
        assert sql.value("SELECT state FROM stock_piece WHERE id = %s", [worn.lines[0].piece_id]) == "IN_STOCK"
        assert manager.post(url, {}, follow=True).status_code == 200
        assert books.list_problems() == []

    def test_a_long_desk_shows_the_first_and_finds_the_others(self, house: SmallHouse, visit: Visit) -> None:
        house.stocked(house.paris, ring=22)
        for _n in range(22):
            sold = sell_at_counter(house, house.ring)
            bring_back(house, sold, BroughtLine(line_id=sold.lines[0].id, accept=False))
        manager = visit(house.manager_paris)
        last = sql.value("SELECT id FROM orders_arrival ORDER BY arrived_at DESC, id DESC LIMIT 1")
        serial = sql.value(
            "SELECT p.serial FROM orders_arrival a JOIN stock_piece p ON p.id = a.piece_id WHERE a.id = %s", [last]
        )

        desk = manager.get("/bureau/returns/inspect/")
        assert desk.content.decode().count("inspect-card") == 20
        assert "2 more wait" in text(desk)
        assert serial not in text(desk)

        found = manager.get("/bureau/returns/inspect/", {"q": serial.lower()})
        assert found.content.decode().count("inspect-card") == 1
        assert "Nothing of that name waits here" in text(manager.get("/bureau/returns/inspect/", {"q": "NOTHING"}))
        given = {f"{last}-key": hidden(found, f"{last}-key"), f"{last}-condition": "AS_SOLD"}
        wrong = manager.post(f"/bureau/returns/inspect/{last}/", given)
        said = text(wrong)
        assert wrong.status_code == 422
        assert said.index(serial) < said.index("Choose what becomes of it.") < said.index("2 more wait")

    def test_list_file_and_one_return(self, house: SmallHouse, visit: Visit, worn: PlacedOrder) -> None:
        done = bring_back(house, worn)
        manager = visit(house.manager_paris)

        assert done.number in text(manager.get("/bureau/returns/"))
        assert done.number in text(
            manager.get("/bureau/returns/", {"state": "CLOSED"}, headers=asks_for("return-rows"))
        )
        assert done.number in manager.get("/bureau/returns/", {"format": "csv"}).content.decode()
        one = text(manager.get(f"/bureau/returns/{done.id}/"))
        assert "Statutory withdrawal" in one
        assert "fr.withdrawal" not in one
        assert worn.number in one
        assert text(visit(house.director).get(f"/bureau/orders/{worn.id}/")).count(done.number) == 1
        assert visit(house.privacy_officer).get("/bureau/returns/").status_code == 403
        assert manager.get(f"/bureau/returns/{uuid.uuid4()}/").status_code == 404

    def test_another_places_return_is_not_there(self, house: SmallHouse, worn: PlacedOrder) -> None:
        from vendome.flows import return_desk
        from vendome.kit.errors import NotFound

        done = bring_back(house, worn)
        with pytest.raises(NotFound):
            return_desk.get_return(actor=house.advisor_tokyo, return_id=done.id)
        assert return_desk.list_returns(actor=house.advisor_tokyo) == ()
        assert len(return_desk.list_to_inspect(actor=inspector(house))) == 1

    def test_client_service_announces_for_a_client_who_calls(
        self, house: SmallHouse, visit: Visit, worn: PlacedOrder
    ) -> None:
        manager, url = visit(house.manager_paris), f"/bureau/orders/{worn.id}/return/"
        form = manager.get(url)
        assert "without giving a reason" in text(form)
        sent = {"key": hidden(form, "key"), "reason": "SIZE", "place": "", "phone": "+33 6 12 34 56 78"}
        sent["address"] = "Éléonore de Brissac\n12, rue de Varenne\n75007 Paris\nFrance"

        nowhere = manager.post(url, {**sent, "lines": str(worn.lines[0].id), "address": "here"})
        assert "Say where our courier comes to." in text(nowhere)
        assert manager.post(url, sent).status_code == 422
        done = manager.post(url, {**sent, "lines": str(worn.lines[0].id)}, follow=True)

        number = sql.value("SELECT number FROM orders_return WHERE state = 'ANNOUNCED' AND route = 'COURIER'")
        assert number in text(done)
        assert "Nothing has arrived yet." in text(done)
        assert "12, rue de Varenne" in text(done)
        assert visit(house.director).get(url).status_code == 403

    def test_the_policy_page_says_which_rule_decides(self, house: SmallHouse, visit: Visit) -> None:
        browser = visit(house.director)
        assert "jp.return" in text(browser.get("/bureau/returns/policy/"))

        tried = browser.get(
            "/bureau/returns/policy/",
            {"country": "FR", "way": "DISTANCE", "family": "rings", "days": "3", "condition": "WORN"},
        )
        assert "Her right by law fr.withdrawal" in text(tried)
        late = browser.get(
            "/bureau/returns/policy/", {"country": "JP", "way": "PREMISES", "days": "90"}, headers=asks_for("policy")
        )
        assert "house.late" in text(late)

    def test_a_change_is_read_then_confirmed(self, house: SmallHouse, visit: Visit) -> None:
        house.stocked(house.paris, ring=1)
        placed = pay(house, buy_online(house, house.traditional, house.ring))
        manager, url = visit(house.manager_paris), f"/bureau/orders/{placed.id}/change/"
        form = manager.get(url)
        sent = {"key": hidden(form, "key"), "kind": "CANCEL_LINE", "line": str(placed.lines[0].id)}

        assert manager.post(url, {**sent, "kind": ""}).status_code == 422
        seen = manager.post(url, sent, follow=True)
        assert re.search(r"She is given back €\s8,200.00", text(seen)), text(seen)[-900:]
        assert line_state(placed.lines[0].id)[0] == "HELD"
        confirm = re.search(r'action="(/bureau/changes/[^"]+/confirm/)"', seen.content.decode())
        assert confirm is not None
        stale = manager.post(confirm.group(1), {"key": str(uuid.uuid4()), "preview": "0" * 64})
        assert stale.status_code == 409
        done = manager.post(
            confirm.group(1), {"key": hidden(seen, "key"), "preview": hidden(seen, "preview")}, follow=True
        )

        assert "The order was changed." in text(done)
        assert line_state(placed.lines[0].id)[0] == "CANCELLED"
        assert books.list_problems() == []

    def test_a_proposal_can_be_dropped(self, house: SmallHouse, visit: Visit) -> None:
        house.stocked(house.paris, ring=1)
        placed = pay(house, buy_online(house, house.traditional, house.ring))
        manager, url = visit(house.manager_paris), f"/bureau/orders/{placed.id}/change/"
        sent = {
            "key": hidden(manager.get(url), "key"),
            "kind": "SWAP",
            "line": str(placed.lines[0].id),
            "sku": "nothing",
        }
        assert manager.post(url, sent).status_code == 409
        seen = manager.post(url, {**sent, "kind": "CANCEL_LINE"}, follow=True)
        drop = re.search(r'action="(/bureau/changes/[^"]+/withdraw/)"', seen.content.decode())
        assert drop is not None

        assert "Nothing changes before" in text(manager.post(drop.group(1), follow=True))
        assert NOW is not None
