# ruff: noqa: E501  # what a form sends reads better on one line
"""Links for a difference, codes of credit notes, deductions and the policy's own rules, as staff work on them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client as Browser

from tests.domains.test_policy_editing import rule
from tests.factories.orders import buy_online, pay
from tests.factories.returns import LATER, bring_back, give, inspector, line_state, waiting_arrivals
from tests.factories.small_house import NOW, SmallHouse
from tests.web.staff.pages import hidden, text
from vendome.domains.orders.queries import policy
from vendome.domains.orders.services import policy as writing
from vendome.flows import books, gift_cards
from vendome.flows.returns import BroughtLine
from vendome.flows.types import PlacedOrder
from vendome.kit import sql
from vendome.kit.actors import Actor

pytestmark = pytest.mark.django_db
Visit = Callable[[Actor | None], Browser]


@pytest.fixture
def worn(house: SmallHouse) -> PlacedOrder:
    house.stocked(house.paris, ring=2, watch=1, candle=1)
    return give(house, pay(house, buy_online(house, house.traditional, house.ring)))


def take_back(paris: Browser, placed: PlacedOrder, **more: str):  # type: ignore[no-untyped-def]
    line = str(placed.lines[0].id)
    asked = {"back": [line], f"c.{line}": "AS_SOLD", **more}
    page = paris.get(f"/salon/returns/{placed.id}/", asked)
    return paris.post(f"/salon/returns/{placed.id}/", {**asked, "key": hidden(page, "key")}, follow=True)


class TestCounter:
    def test_a_difference_by_link(self, house: SmallHouse, paris: Browser, worn: PlacedOrder) -> None:
        answer = take_back(paris, worn, out=str(house.watch), tender="LINK")

        assert "Send her the link now" in text(answer)
        assert "Still to pay" in text(answer)
        assert line_state(worn.lines[0].id) == ("RETURNED", 1, 0, 0)
        order = sql.value("SELECT id FROM orders_order WHERE state = 'AWAITING_PAYMENT'")
        link = paris.post(f"/salon/orders/{order}/payments/link/", {"key": "k"})
        assert re.search(r"/pay/\S+", text(link) + link.content.decode())
        assert books.list_problems() == []

    def test_she_changes_her_mind_before_she_has_paid(
        self, house: SmallHouse, paris: Browser, visit: Visit, worn: PlacedOrder
    ) -> None:
        page = take_back(paris, worn, out=str(house.watch), tender="LINK")
        document = sql.value("SELECT id FROM orders_order WHERE state = 'AWAITING_PAYMENT'")
        desk = visit(inspector(house)).get("/bureau/returns/inspect/")
        assert f"/salon/orders/{document}/payments/" in desk.content.decode()
        assert "End this exchange" in text(page)

        ended = paris.post(f"/salon/orders/{document}/end-exchange/", follow=True)

        assert "The exchange has ended" in text(ended)
        assert "End this exchange" not in text(ended)
        assert sql.value("SELECT state FROM orders_order WHERE id = %s", [document]) == "CANCELLED"
        assert "still to pay the difference" not in text(visit(inspector(house)).get("/bureau/returns/inspect/"))
        assert books.list_problems() == []

    def test_a_gift_shows_its_code_once(self, house: SmallHouse, paris: Browser, worn: PlacedOrder) -> None:
        answer = take_back(paris, worn, gift="1")

        code = re.search(r'class="(?:money|credit)-code">([0-9A-Z*~$=-]+)<', answer.content.decode())
        assert code is not None
        assert answer["Cache-Control"] == "no-store"
        assert "Whoever holds this code can spend it" in text(answer)
        paper = paris.get(f"/salon/returned/{sql.value('SELECT id FROM orders_return')}/")
        assert code.group(1) not in paper.content.decode()
        spent = sell(paris, house, code.group(1))
        assert spent.status_code == 200
        assert sql.value("SELECT balance FROM payments_giftcard") == 820_000 - 9_500
        assert books.list_problems() == []


def test_a_lost_code_is_replaced_on_the_return(house: SmallHouse, visit: Visit, worn: PlacedOrder) -> None:
    done = bring_back(house, worn, is_gift=True, client_id=house.emerging)
    assert done.document is not None
    bureau = visit(inspector(house))
    page = bureau.get(f"/bureau/returns/{done.id}/")
    card = sql.value("SELECT id FROM payments_giftcard")
    path = f"/bureau/returns/{done.id}/cards/{card}/code/"
    assert path in page.content.decode()

    key = re.search(r'name="key" value="([^"]+)"', page.content.decode())
    assert key is not None
    answer = bureau.post(path, {"key": key.group(1)})

    code = re.search(r'class="(?:money|credit)-code">([0-9A-Z*~$=-]+)<', answer.content.decode())
    assert code is not None
    assert answer["Cache-Control"] == "no-store"
    assert "A credit of" in text(answer)
    again = bureau.post(path, {"key": key.group(1)})
    assert (again.status_code, "money-code" in again.content.decode()) == (409, False)
    assert bureau.post(f"/bureau/returns/{done.id}/cards/{house.ring}/code/", {"key": "x"}).status_code == 404
    found = gift_cards.find_card(code=code.group(1), scope="t", maison_id=house.maison.id, at=LATER)
    assert (found.id, found.balance) == (card, 820_000)


def sell(paris: Browser, house: SmallHouse, code: str):  # type: ignore[no-untyped-def]
    """A candle over the counter, paid with the note."""
    page = paris.get("/salon/sell/", {"line": str(house.candle)})
    sent = {"key": hidden(page, "key"), "line": str(house.candle), "tender": "CASH", "gift_code": code}
    return paris.post("/salon/sell/", {**sent, "seen_total": hidden(page, "seen_total")}, follow=True)


class TestDesk:
    def arrived(self, house: SmallHouse, worn: PlacedOrder, **more: object) -> str:
        bring_back(house, worn, BroughtLine(line_id=worn.lines[0].id, accept=False), **more)
        return str(waiting_arrivals()[0])

    def sent(self, page: object, arrival: str, **more: str) -> dict[str, str]:
        given = {"condition": "WORN", "decision": "pay_restock", **more}
        key = hidden(page, f"{arrival}-key")  # type: ignore[arg-type]
        return {f"{arrival}-key": key, **{f"{arrival}-{name}": value for name, value in given.items()}}

    def test_less_for_its_loss_of_value(self, house: SmallHouse, visit: Visit, worn: PlacedOrder) -> None:
        arrival, manager = self.arrived(house, worn), visit(house.manager_paris)
        desk = manager.get("/bureau/returns/inspect/")
        assert "14(2)" in text(desk)
        url = f"/bureau/returns/inspect/{arrival}/"

        silent = manager.post(url, self.sent(desk, arrival, deduction="200"))
        assert silent.status_code == 422
        assert "She is told why her refund is less" in text(silent)
        manager.post(url, self.sent(desk, arrival, deduction="200", deduction_reason="Polished."), follow=True)

        assert line_state(worn.lines[0].id)[3] == 800_000
        view = manager.get(f"/bureau/returns/{sql.value('SELECT id FROM orders_return')}/")
        assert "less: Polished." in text(view)
        assert books.list_problems() == []

    def test_goodwill_asks_for_none(self, house: SmallHouse, visit: Visit, worn: PlacedOrder) -> None:
        """A gift is no right of withdrawal: the form has no deduction, and a forged one changes nothing."""
        arrival = self.arrived(house, worn, is_gift=True, client_id=house.emerging)
        manager = visit(house.manager_paris)
        desk = manager.get("/bureau/returns/inspect/")
        assert "Loss of value" not in text(desk)

        sent = self.sent(desk, arrival, condition="AS_SOLD", deduction="200", deduction_reason="x")
        done = manager.post(f"/bureau/returns/inspect/{arrival}/", sent)

        assert "money-code" in done.content.decode()
        assert sql.value("SELECT balance FROM payments_giftcard") == 820_000


class TestChange:
    def test_the_bureau_sends_a_link_for_the_difference(self, house: SmallHouse, visit: Visit) -> None:
        house.stocked(house.paris, ring=1, watch=1)
        paid = pay(house, buy_online(house, house.traditional, house.ring))
        manager, url = visit(house.manager_paris), f"/bureau/orders/{paid.id}/change/"
        sku = sql.value("SELECT sku FROM catalogue_reference WHERE id = %s", [house.watch])
        page = manager.get(url)
        sent = {"key": hidden(page, "key"), "kind": "SWAP", "line": str(paid.lines[0].id), "sku": sku}
        preview = manager.post(url, sent, follow=True)
        change = sql.value("SELECT id FROM orders_change")

        confirm = {"key": hidden(preview, "key"), "preview": hidden(preview, "preview"), "tender": "LINK"}
        done = manager.post(f"/bureau/changes/{change}/confirm/", confirm)

        address = re.search(r'value="http[^"]*(/pay/[^"]+)"', done.content.decode())
        assert address is not None
        assert done["Cache-Control"] == "no-store"
        assert "The difference is still to be paid" in text(done)
        assert line_state(paid.lines[0].id)[0] == "HELD"
        fresh = manager.post(f"/bureau/changes/{change}/link/")
        assert address.group(1) not in fresh.content.decode()


def ruled(page: object, **more: str) -> dict[str, str]:
    return {
        "expected": hidden(page, "expected"), "name": "anniversary", "outcome": "REFUND", "shipping": "HOUSE", "within_days": "90",
        "client_en": "Until {last_day}, for our anniversary.", "client_fr": "Jusqu’au {last_day}.", "staff_en": "Ninety days.",
        "staff_fr": "Quatre-vingt-dix jours.", "note": "for the anniversary", "step": "save", **more,
    }  # fmt: skip


class TestPolicy:
    def director(self, house: SmallHouse, visit: Visit) -> Browser:
        return visit(house.director)

    def test_a_rule_is_tried_written_moved_ended_and_undone(
        self, house: SmallHouse, visit: Visit, worn: PlacedOrder
    ) -> None:
        browser = self.director(house, visit)
        page = browser.get("/bureau/returns/policy/new/")
        tried = browser.post("/bureau/returns/policy/new/", ruled(page, step="preview", order=worn.number, note=""))
        assert "the law decides, whatever the house writes" in text(tried)
        assert sql.value("SELECT count(*) FROM orders_policyversion") == 0

        browser.post("/bureau/returns/policy/new/", ruled(page))
        codes = [one.code for one in policy.list_rules(maison_id=house.maison.id)]
        assert codes[-1] == "house.anniversary"
        listed = browser.get("/bureau/returns/policy/")
        assert "within 90 days" in text(listed)
        move = {"code": "house.anniversary", "act": "up", "expected": hidden(listed, "expected")}
        browser.post("/bureau/returns/policy/move/", move)
        codes = [one.code for one in policy.list_rules(maison_id=house.maison.id)]
        assert codes[-2:] == ["house.anniversary", "house.late"]
        stale = browser.post("/bureau/returns/policy/move/", move)
        assert stale.status_code == 409
        assert "Somebody has changed the policy" in text(stale)

        one = browser.get("/bureau/returns/policy/rules/anniversary/")
        browser.post(
            "/bureau/returns/policy/rules/anniversary/", ruled(one, until_date="2026-01-01", note="it is over")
        )
        assert "not asked today" in text(browser.get("/bureau/returns/policy/"))
        past = browser.get("/bureau/returns/policy/history/")
        assert "for the anniversary" in text(past)
        assert "it is over" in text(past)
        browser.post("/bureau/returns/policy/history/", {"number": "1", "expected": hidden(past, "expected")})
        assert "house.anniversary" not in {one.code for one in policy.list_rules(maison_id=house.maison.id)}
        assert sql.value("SELECT count(*) FROM orders_policyversion") == 5
        assert sql.value("SELECT count(*) FROM kit_auditentry WHERE action = 'orders.return_rules'") == 5

    def test_the_law_is_not_edited(self, house: SmallHouse, visit: Visit) -> None:
        browser = self.director(house, visit)
        page = browser.get("/bureau/returns/policy/")
        assert "the least a client may expect" in text(page)
        assert "/rules/withdrawal/" not in page.content.decode()
        assert browser.get("/bureau/returns/policy/rules/withdrawal/").status_code == 404
        moved = {"code": "fr.withdrawal", "act": "down", "expected": "0"}
        assert browser.post("/bureau/returns/policy/move/", moved).status_code == 404

    def test_a_rule_of_many_markets_names_them(self, house: SmallHouse, visit: Visit) -> None:
        browser = self.director(house, visit)
        assert "France" in text(browser.get("/bureau/returns/policy/new/"))
        many = rule(countries=frozenset({"AE", "BR", "CN", "JP", "KR", "US"}))
        writing.save_rule(rule=many, replaces="", expected=0, note="abroad", actor=house.director, at=NOW)

        said = text(browser.get("/bureau/returns/policy/"))

        assert "Brazil, China, Japan, South Korea, United Arab Emirates, United States" in said
        assert "European Economic Area" in said  # the law of the Union is named as such

    def test_bad_input_keeps_what_was_typed_and_changes_nothing(self, house: SmallHouse, visit: Visit) -> None:
        browser = self.director(house, visit)
        page = browser.get("/bureau/returns/policy/new/")
        for more, status in (
            ({"note": ""}, 422), ({"within_days": "many"}, 422), ({"countries": "XX"}, 422), ({"client_fr": ""}, 422),
            ({"name": "late"}, 409), ({"from_date": "2026-12-02", "until_date": "2026-12-01"}, 409),
            ({"step": "preview", "order": "nothing"}, 422),
        ):  # fmt: skip
            answer = browser.post("/bureau/returns/policy/new/", ruled(page, **more))
            assert answer.status_code == status, more
            assert "Ninety days." in answer.content.decode()
        assert sql.value("SELECT count(*) FROM orders_policyversion") == 0

    def test_only_who_answers_for_the_whole_house(self, house: SmallHouse, visit: Visit) -> None:
        paths = ("new/", "rules/late/", "history/")
        for path in paths:
            assert visit(house.manager_paris).get(f"/bureau/returns/policy/{path}").status_code == 403
        assert "Add a rule" not in text(visit(inspector(house)).get("/bureau/returns/policy/"))
