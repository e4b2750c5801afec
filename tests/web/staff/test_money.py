# ruff: noqa: E501  # tables of cases and SQL read better on one line
"""Money on the staff's pages: a deposit, a split, a link, a gift card; and headquarters' page of what does not agree."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from tests.factories.payments import card, cash, offer, order, states, transfer
from tests.factories.small_house import NOW, SmallHouse
from tests.web.staff.pages import hidden, text
from tests.web.staff.test_sell import Visit, line
from vendome.domains.orders.models import Order
from vendome.domains.payments import ports
from vendome.domains.payments.errors import GiftCardUnknown
from vendome.flows import books, checkout, gift_cards, reconciliation
from vendome.kit import sql
from vendome.kit.errors import Busy


def begin(house: SmallHouse, paris: Browser) -> tuple[dict[str, str], str]:
    house.stocked(house.paris, ring=1)
    chosen = {"line": line(house), "client": str(house.traditional)}
    return chosen, hidden(paris.get("/salon/sell/", chosen), "key")


def sold_card(house: SmallHouse, amount: int) -> gift_cards.MadeCard:
    return gift_cards.sell(
        key=f"card{amount}", market=house.france, amount=amount, tender=cash(), client_id=None, place_id=house.paris,
        actor=house.advisor_paris, at=NOW,
    )  # fmt: skip


def test_a_gift_card_and_cash_and_the_terminal_pay_one_sale(house: SmallHouse, paris: Browser) -> None:
    chosen, key = begin(house, paris)
    gift = sold_card(house, 100_000)
    answer = paris.post(
        "/salon/sell/",
        {
            **chosen,
            "key": key,
            "tender": "TERMINAL",
            "reference": "T1",
            "gift_code": gift.code.lower(),
            "cash_part": "1,200.50",
        },
    )
    assert answer.status_code == 303
    receipt = text(paris.get(answer.headers["Location"]))
    assert "Gift card" in receipt
    assert "Card, on the terminal" in receipt
    assert [one in receipt for one in ("€ 1,000.00", "€ 1,200.50", "€ 5,999.50")] == [True, True, True]
    sold = Order.objects.get(lines__reference_id=house.ring)
    assert states(sold.id)[1] == [
        ("TERMINAL", 599_950, "CAPTURED"),
        ("CASH", 120_050, "CAPTURED"),
        ("GIFT_CARD", 100_000, "CAPTURED"),
    ]
    assert books.list_problems() == []


def test_a_card_that_covers_everything_wants_no_slip(house: SmallHouse, paris: Browser) -> None:
    chosen, key = begin(house, paris)
    gift = sold_card(house, 900_000)
    sale = {**chosen, "key": key, "tender": "TERMINAL", "reference": "", "gift_code": gift.code}

    answer = paris.post("/salon/sell/", sale)

    assert answer.status_code == 303
    sold = Order.objects.get(lines__reference_id=house.ring)
    assert states(sold.id) == ("COMPLETED", [("GIFT_CARD", 820_000, "CAPTURED")])
    assert books.list_problems() == []


def test_what_a_card_leaves_to_pay_wants_its_slip(house: SmallHouse, paris: Browser) -> None:
    chosen, key = begin(house, paris)
    gift = sold_card(house, 819_999)
    sale = {**chosen, "key": key, "tender": "TERMINAL", "reference": "", "gift_code": gift.code}

    page = paris.post("/salon/sell/", sale)

    assert page.status_code == 422
    assert "Write the reference printed on the slip" in text(page)
    assert "Nothing is left on it" not in text(page)
    assert not Order.objects.filter(lines__reference_id=house.ring).exists()


def test_a_card_spent_by_this_very_sale_sends_the_advisor_to_todays_orders(house: SmallHouse, paris: Browser) -> None:
    chosen, key = begin(house, paris)
    gift = sold_card(house, 820_000)
    sale = {**chosen, "key": key, "tender": "TERMINAL", "reference": "", "gift_code": gift.code}
    assert paris.post("/salon/sell/", sale).status_code == 303

    again = paris.post("/salon/sell/", sale)

    assert again.status_code == 422
    assert "Nothing is left on it. If this sale was just recorded" in text(again)
    assert Order.objects.filter(lines__reference_id=house.ring).count() == 1


def test_a_wrong_code_or_amount_keeps_what_was_typed(house: SmallHouse, paris: Browser) -> None:
    chosen, key = begin(house, paris)
    for wrong, said in (
        ({"gift_code": "NOT-A-CODE"}, "We do not know this gift card code"),
        ({"cash_part": "a lot"}, "Write an amount"),
        ({"deposit": "1"}, "A deposit is at least € 2,460 here, and at most the total of € 8,200."),
        ({"cash_part": "8,200.01"}, "Only € 8,200 is left to pay in cash; write that, or less."),
    ):
        page = paris.post("/salon/sell/", {**chosen, "key": key, "tender": "CASH", **wrong})
        assert page.status_code in (409, 422)
        assert said in text(page)
        assert next(iter(wrong.values())) in page.content.decode()
        assert '<details class="fold" open' in page.content.decode()
    assert Order.objects.count() == 0


def test_cash_beside_a_card_that_covers_everything_is_not_forgotten(house: SmallHouse, paris: Browser) -> None:
    chosen, key = begin(house, paris)
    gift = sold_card(house, 900_000)
    sale = {**chosen, "key": key, "tender": "CASH", "gift_code": gift.code, "cash_part": "500"}

    page = paris.post("/salon/sell/", sale)

    assert page.status_code == 422
    assert "Only € 0 is left to pay in cash" in text(page)
    assert not Order.objects.filter(lines__reference_id=house.ring).exists()


def test_who_hands_over_is_led_to_the_rest_of_a_deposit(house: SmallHouse, paris: Browser) -> None:
    chosen, key = begin(house, paris)
    payments = paris.post("/salon/sell/", {**chosen, "key": key, "tender": "CASH", "deposit": "3000"}).headers[
        "Location"
    ]
    sold = Order.objects.get()
    counter = f"/salon/hand-over/{sold.lines.get().id}/"

    page = paris.get(counter)
    assert "€ 5,200 is left to pay before it is given" in text(page)
    assert payments in page.content.decode()
    assert "Hand it over" not in text(page)
    assert "the rest is to be paid" in text(paris.get("/salon/"))

    assert paris.post(payments, {"key": "rest", "tender": "CASH"}).status_code == 303
    assert "Hand it over" in text(paris.get(counter))
    assert "the rest is to be paid" not in text(paris.get("/salon/"))


def test_a_deposit_stays_here_until_the_rest_is_taken(house: SmallHouse, paris: Browser) -> None:
    chosen, key = begin(house, paris)
    answer = paris.post("/salon/sell/", {**chosen, "key": key, "tender": "CASH", "deposit": "3000"})
    url = answer.headers["Location"]
    page = paris.get(url)
    assert "Deposit paid" in text(page)
    assert "€ 5,200.00" in text(page)

    refused = paris.post(url, {"key": "x", "tender": "CASH", "amount": "5,200.01"})
    assert refused.status_code == 409
    assert "more than is left to pay" in text(refused)
    assert paris.post(url, {"key": hidden(page, "key"), "tender": "CASH"}).status_code == 303
    assert "Paid" in text(paris.get(url))
    assert Order.objects.get().state == "CONFIRMED"
    assert books.list_problems() == []


def test_a_link_is_made_by_confirming_shown_once_and_paid_on_her_phone(house: SmallHouse, paris: Browser) -> None:
    chosen, key = begin(house, paris)
    sale = {**chosen, "key": key, "tender": "LINK"}
    shown = paris.post("/salon/sell/", sale)
    assert shown.status_code == 200
    found = re.search(r'value="http://testserver(/pay/[^"]+)"', shown.content.decode())
    assert found is not None
    assert shown.headers["Cache-Control"] == "no-store"
    assert "Waiting for payment" in text(shown)
    url = f"/salon/orders/{Order.objects.get().id}/payments/"
    again = paris.post("/salon/sell/", sale)
    assert (again.status_code, again.headers["Location"]) == (303, url)
    assert "/pay/" not in paris.get(url).content.decode()
    assert sql.value("SELECT count(*) FROM payments_paylink") == 1

    phone = Browser()
    address = phone.get(found.group(1)).headers["Location"]
    seen = text(phone.get(address))
    assert "€ 8,200" in seen
    assert "Brissac" not in seen
    assert phone.post(address, {"card": "card_declined"}).status_code == 409
    assert phone.post(address, {"card": "card_good"}).status_code == 303
    assert "Thank you, it is paid" in text(phone.get(address))
    assert phone.post(address, {"card": "card_good"}).status_code == 303
    assert Order.objects.get().state == "CONFIRMED"
    assert sql.value("SELECT count(*) FROM payments_payment WHERE state = 'CAPTURED'") == 1


def test_a_newer_link_is_shown_once_and_ends_the_older(house: SmallHouse, paris: Browser) -> None:
    chosen, key = begin(house, paris)
    older = re.search(
        r"/pay/[^\"]+", paris.post("/salon/sell/", {**chosen, "key": key, "tender": "LINK"}).content.decode()
    )
    url = f"/salon/orders/{Order.objects.get().id}/payments/"
    shown = paris.post(f"{url}link/", {"key": "one"})
    assert "/pay/" in shown.content.decode()
    assert paris.post(f"{url}link/", {"key": "one"}).status_code == 303
    assert older is not None
    phone = Browser()
    phone.post(phone.get(older.group()).headers["Location"], {"card": "card_good"})
    assert Order.objects.get().state == "AWAITING_PAYMENT"


def test_a_link_withdrawn_is_paid_in_cash(house: SmallHouse, paris: Browser, tokyo: Browser) -> None:
    house.stocked(house.paris, ring=1)
    placed = order(house, card())
    url = f"/salon/orders/{placed.id}/payments/"
    assert tokyo.get(url).status_code in (403, 404)
    assert paris.post(f"{url}{placed.payment_id}/withdraw/").status_code == 303
    assert tokyo.post(f"{url}{placed.payment_id}/withdraw/").status_code in (403, 404)
    assert paris.post(url, {"key": "c", "tender": "CASH"}).status_code == 303
    assert states(placed.id) == ("CONFIRMED", [("CARD", 820_000, "FAILED"), ("CASH", 820_000, "CAPTURED")])


def test_a_gift_card_is_sold_and_its_code_shown_once(house: SmallHouse, paris: Browser) -> None:
    key = hidden(paris.get("/salon/gift-card/"), "key")
    sale = {"key": key, "amount": "500", "tender": "CASH"}
    made = paris.post("/salon/gift-card/", sale)
    code = re.search(r'money-code">([^<]+)<', made.content.decode())
    assert code is not None
    assert "€ 500.00" in text(made)
    assert gift_cards.find_card(code=code.group(1), scope="x", maison_id=house.maison.id, at=NOW).balance == 50_000
    paper = text(paris.get(f"/salon/receipt/{Order.objects.get().id}/"))
    assert "Gift card € 500.00" in paper
    assert "As a gift" not in paper
    again = paris.post("/salon/gift-card/", sale)
    assert code.group(1) not in again.content.decode()
    assert "cannot be shown again" in text(again)
    assert "/code/" not in again.content.decode()  # an advisor gives no new code
    assert paris.post("/salon/gift-card/", {**sale, "key": "z", "amount": ""}).status_code == 422


def test_a_manager_gives_a_sold_card_a_new_code(house: SmallHouse, visit: Visit) -> None:
    salon = visit(house.manager_paris)
    sale = {"key": hidden(salon.get("/salon/gift-card/"), "key"), "amount": "500", "tender": "CASH"}
    lost = re.search(r'class="money-code">([^<]+)<', salon.post("/salon/gift-card/", sale).content.decode())
    again = salon.post("/salon/gift-card/", sale)
    path = re.search(r'action="(/salon/gift-card/[^"]+/code/)"', again.content.decode())
    assert lost is not None
    assert path is not None

    given = {"key": hidden(again, "key")}
    made = salon.post(path.group(1), given)

    code = re.search(r'class="money-code">([^<]+)<', made.content.decode())
    assert code is not None
    assert made["Cache-Control"] == "no-store"
    assert salon.post(path.group(1), given).status_code == 409  # shown once
    assert gift_cards.find_card(code=code.group(1), scope="x", maison_id=house.maison.id, at=NOW).balance == 50_000
    with pytest.raises(GiftCardUnknown):
        gift_cards.find_card(code=lost.group(1), scope="x", maison_id=house.maison.id, at=NOW)


class TestBureau:
    def upload(self, browser: Browser, rows: str):  # type: ignore[no-untyped-def]
        content = f"id;date;amount;currency;text\n{rows}".encode()
        return browser.post("/bureau/money/", {"file": SimpleUploadedFile("bank.csv", content)})

    def test_a_statement_is_taken_in_and_what_differs_is_closed(self, house: SmallHouse, visit: Visit) -> None:
        director = visit(house.director)
        house.stocked(house.paris, ring=1)
        offer(house)
        placed = order(house, transfer())
        assert "No statement has been taken in yet" in text(director.get("/bureau/money/"))

        answer = self.upload(
            director, f"B1;2026-11-24;8200,00;EUR;for {placed.number}\nB2;2026-11-24;77,00;EUR;who knows"
        )
        assert answer.status_code == 303
        page = director.get("/bureau/money/")
        assert "1 of 2" in text(page)
        assert "Unknown to us" in text(page)
        assert states(placed.id)[0] == "CONFIRMED"
        assert (
            self.upload(
                director, f"B1;2026-11-24;8200,00;EUR;for {placed.number}\nB2;2026-11-24;77,00;EUR;who knows"
            ).status_code
            == 409
        )

        found = re.search(r"/bureau/money/differences/[^/]+/resolve/", page.content.decode())
        assert found is not None
        empty = director.post(found.group(), {"resolution": "  "})
        assert (empty.status_code, "Say in a few words what it was" in text(empty)) == (422, True)
        director.post(found.group(), {"resolution": "a refund of the florist"})
        late = director.post(found.group(), {"resolution": "a second opinion"})
        assert (late.status_code, "was not added: “a second opinion”" in text(late)) == (404, True)
        assert "Everything agrees" in text(director.get("/bureau/money/"))
        assert "a refund of the florist" in director.get("/bureau/money/?format=csv").content.decode()

    def test_a_file_of_a_bank_in_camt_finds_its_order_and_says_so(self, house: SmallHouse, visit: Visit) -> None:
        director = visit(house.director)
        house.stocked(house.paris, ring=1)
        offer(house)
        placed = order(house, transfer())
        entry = (
            "<Ntry><Amt Ccy='EUR'>{}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>{}</Cd></Sts><BookgDt><Dt>2026-11-24</Dt>"
            "</BookgDt><AcctSvcrRef>{}</AcctSvcrRef><NtryDtls><TxDtls><RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        )
        told = (
            entry.format("8200.00", "BOOK", "R1", placed.number.lower().replace("-", " "))
            + entry.format("40.00", "BOOK", "R2", "who knows")
            + entry.format("99.00", "PDNG", "R3", "not yet booked")
        )
        space = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
        file = f"<Document xmlns='{space}'><BkToCstmrStmt><Stmt><Id>S1</Id>{told}</Stmt></BkToCstmrStmt></Document>"

        page = director.post("/bureau/money/", {"file": SimpleUploadedFile("bank.xml", file.encode())}, follow=True)

        assert "New lines: 2 of 2. Matched: 1. Differences: 1." in text(page)
        assert "€ 40.00 24 Nov 2026" in text(page)  # nobody is named, and no comma stands for her
        assert states(placed.id)[0] == "CONFIRMED"

    def test_a_refused_sentence_stays_in_its_field(
        self, house: SmallHouse, visit: Visit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        director = visit(house.director)
        self.upload(director, "B1;2026-11-24;77,00;EUR;who knows\nB2;2026-11-24;78,00;EUR;who else")
        found = re.findall(r"/bureau/money/differences/[^/]+/resolve/", director.get("/bureau/money/").content.decode())

        def refuse(**_given: object) -> None:
            raise Busy()

        monkeypatch.setattr(reconciliation, "resolve", refuse)
        page = director.post(found[0], {"resolution": "paid back <by hand>"})

        assert page.status_code == 409
        assert page.content.decode().count('value="paid back &lt;by hand&gt;"') == 1

    def test_a_transfer_is_matched_by_hand_and_owed_money_goes_back(self, house: SmallHouse, visit: Visit) -> None:
        director = visit(house.director)
        house.stocked(house.paris, ring=2)
        offer(house)
        placed, ended = order(house, transfer()), order(house, transfer(), at=NOW - timedelta(days=30))
        checkout.expire_unpaid(at=NOW)
        self.upload(director, f"B1;2026-11-24;8200,00;EUR;the ring\nB2;2026-11-24;8200,00;EUR;{ended.number}")
        page = director.get("/bureau/money/").content.decode()
        match = re.search(r"/bureau/money/transfers/[^/]+/match/", page)
        owed = re.search(r"/bureau/money/owed/[^/]+/give-back/", page)
        assert match is not None
        assert owed is not None
        refused = director.post(match.group(), {"number": "X<"})
        assert refused.status_code == 404
        assert "No order X< waits for a transfer" in text(refused)
        assert 'name="number" value="X&lt;"' in refused.content.decode()
        director.post(match.group(), {"number": placed.number})
        assert states(placed.id)[0] == "CONFIRMED"
        director.post(owed.group())
        assert ("TRANSFER", -820_000, "REQUESTED") in states(ended.id)[1]
        assert books.list_problems() == []

    def test_the_trial_balance_adds_up(self, house: SmallHouse, visit: Visit) -> None:
        house.stocked(house.paris, ring=1)
        order(house, cash())
        page = text(visit(house.director).get("/bureau/money/balance/"))
        assert "Received: Cash" in page
        assert "Sales, France" in page
        assert "Sum in EUR € 0.00" in page
        assert (
            "tender:cash,EUR,820000" in visit(house.director).get("/bureau/money/balance/?format=csv").content.decode()
        )

    def test_only_who_reconciles_sees_it(self, house: SmallHouse, visit: Visit) -> None:
        for actor in (house.manager_paris, house.advisor_paris, house.privacy_officer):
            for url in ("/bureau/money/", "/bureau/money/balance/"):
                assert visit(actor).get(url).status_code == 403
        assert visit(None).get("/bureau/money/").status_code == 302
        assert '"/bureau/money/"' in visit(house.director).get("/bureau/orders/").content.decode()
        assert '"/bureau/money/"' not in visit(house.manager_paris).get("/bureau/orders/").content.decode()

    def test_a_late_rate_is_charged_again(self, house: SmallHouse, visit: Visit) -> None:
        house.stocked(house.paris, ring=1)
        offer(house)
        placed = order(house, card(), instalments=3, at=NOW - timedelta(days=40))
        checkout.pay(
            placed=placed, provider="card_test", instrument="card_good", actor=house.system, at=NOW - timedelta(days=40)
        )
        director = visit(house.director)
        charge = re.search(r"/bureau/money/instalments/[^/]+/charge/", director.get("/bureau/money/").content.decode())
        assert charge is not None
        director.post(charge.group())
        assert sql.value("SELECT count(*) FROM payments_instalment WHERE state = 'PAID'") == 1
        assert ports.card_provider() == "card_test"
