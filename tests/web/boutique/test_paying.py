"""How a client pays: card, transfer, instalments, gift card and the rest, and on a provider's own page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from tests.factories.payments import cash, offer, states
from tests.factories.small_house import NOW, SmallHouse
from tests.fakes.stripe.server import KEY, SECRET, FakeStripe
from tests.web.staff.pages import text
from vendome.config.environment import StripeAccount
from vendome.connectors.stripe.provider import Stripe
from vendome.domains.orders.models import Order
from vendome.domains.payments import codes, ports
from vendome.flows import books, gift_cards
from vendome.kit import clock, sql


def made_card(house: SmallHouse, amount: int) -> str:
    return gift_cards.sell(
        key=f"card{amount}", market=house.france, amount=amount, tender=cash(), client_id=None, place_id=house.paris,
        actor=house.advisor_paris, at=NOW,
    ).code  # fmt: skip


def placed() -> Order:
    return Order.objects.get(lines__isnull=False)


def test_ways_to_pay_are_the_markets(house: SmallHouse, guest) -> None:
    house.stocked(house.paris, ring=1)
    guest.add(house.ring, "paris")
    assert "Bank transfer" not in text(guest.get("checkout/"))
    offer(house)
    shown = text(guest.get("checkout/"))
    assert "Bank transfer, your pieces are kept for 7 days" in shown
    assert "3 monthly instalments, € 2,733.34 today" in shown
    refused = guest.order(pay="plan-12", street=None, postcode=None, city=None)
    assert refused.status_code == 422
    assert Order.objects.count() == 0


def test_a_transfer_says_where_how_much_and_what_to_write(house: SmallHouse, guest) -> None:
    house.stocked(house.paris, ring=1)
    offer(house)
    answer = guest.buy(house.ring, "paris", pay="transfer")
    assert answer.status_code == 303
    page = text(guest.browser.get(answer.headers["Location"]))
    assert "FR76 3000 1007 9412 3456 7890 185" in page
    assert placed().number in page
    assert "€ 8,200" in page
    assert "Collect in Paris" in page  # and no day: it leaves when the money has come
    assert "Try the payment again" not in page
    assert states(placed().id) == ("AWAITING_PAYMENT", [("TRANSFER", 820_000, "REQUESTED")])


def test_instalments_take_the_first_rate_today(house: SmallHouse, eleonore) -> None:
    house.stocked(house.paris, ring=1)
    offer(house)
    answer = eleonore.buy(house.ring, "paris", pay="plan-4")
    page = text(eleonore.browser.get(answer.headers["Location"]))
    assert "Your instalments" in page
    assert "Paid so far € 2,050" in page
    assert placed().state == "CONFIRMED"
    assert books.list_problems() == []


def test_a_gift_card_pays_a_part_and_the_card_the_rest(house: SmallHouse, guest) -> None:
    house.stocked(house.paris, ring=1)
    code = made_card(house, 200_000)
    answer = guest.buy(house.ring, "paris", gift_code=code)
    assert answer.status_code == 303
    page = text(guest.browser.get(answer.headers["Location"]))
    assert "Paid by gift card € 2,000" in page
    assert "Paid by card € 6,200" in page
    assert states(placed().id) == ("CONFIRMED", [("CARD", 620_000, "CAPTURED"), ("GIFT_CARD", 200_000, "CAPTURED")])


def test_a_gift_card_alone_asks_for_no_card(house: SmallHouse, guest) -> None:
    house.stocked(house.paris, ring=1)
    code = made_card(house, 900_000)
    assert guest.buy(house.ring, "paris", gift_code=code, card="card_declined").status_code == 303
    assert states(placed().id) == ("CONFIRMED", [("GIFT_CARD", 820_000, "CAPTURED")])


def test_a_declined_rest_gives_the_gift_card_its_money_back(house: SmallHouse, guest) -> None:
    house.stocked(house.paris, ring=1)
    code = made_card(house, 200_000)
    answer = guest.buy(house.ring, "paris", gift_code=code, card="card_declined")
    assert answer.status_code == 409
    assert sql.value("SELECT balance FROM payments_giftcard") == 200_000
    assert placed().state == "CANCELLED"
    assert books.list_problems() == []


def test_a_wrong_code_is_said_at_the_head_of_the_page_too(house: SmallHouse, guest) -> None:
    house.stocked(house.paris, ring=1)
    guest.add(house.ring, "paris")

    shown = text(guest.order(gift_code="NONSENSE", street=None))

    assert "Some lines need another look" in shown
    assert "We do not know this gift card code" in shown


def test_guesses_are_stopped_for_a_guest_without_cookies_too(house: SmallHouse, guest) -> None:
    house.stocked(house.paris, ring=1)
    guest.add(house.ring, "paris")
    for _ in range(gift_cards.MOST_MISSES):
        assert "We do not know this gift card code" in text(guest.order(gift_code=codes.new_code(), street=None))
    right = made_card(house, 900_000)
    assert "Too many codes were tried" in text(guest.order(gift_code=right, street=None))
    assert sql.value("SELECT count(*) FROM orders_orderline") == 0


def test_a_gift_card_with_instalments_is_told_before_anything_happens(house: SmallHouse, guest) -> None:
    house.stocked(house.paris, ring=1)
    offer(house)
    answer = guest.buy(house.ring, "paris", gift_code=made_card(house, 100), pay="plan-3")
    assert answer.status_code == 422
    assert "cannot be joined" in text(answer)


class TestOnTheProvidersPage:
    @pytest.fixture
    def fake(self, house: SmallHouse) -> Iterator[FakeStripe]:
        with FakeStripe() as fake:
            provider = Stripe(StripeAccount(key=KEY, webhook_secrets=(SECRET,), base_url=fake.url, seconds=3, pages=()))
            known = dict(ports._bound)
            ports._bound.clear()
            ports.bind(provider)
            with clock.frozen(clock.datetime.now(clock.UTC)):  # the stand-in's pages end by the real clock
                yield fake
            ports._bound.clear()
            ports._bound.update(known)
            if "client" in provider.gateway.__dict__:
                provider.gateway.client._requestor._client.close()  # type: ignore[union-attr]

    def test_she_is_sent_there_comes_back_and_it_is_paid(self, house: SmallHouse, guest, fake: FakeStripe) -> None:
        house.stocked(house.paris, ring=1)
        guest.add(house.ring, "paris")
        shown = guest.get("checkout/")
        assert "belongs to our payment provider" in text(shown)
        assert fake.url not in shown.content.decode()  # nothing of theirs is loaded on a page of ours
        answer = guest.order(card=None, street=None)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith(f"{fake.url}/c/pay/")
        session = fake.account.pay_on_page(answer.headers["Location"].rpartition("/")[2])
        back = session["success_url"].removeprefix("http://testserver")
        assert "Thank you, it is paid" in text(Client().get(back))
        assert states(placed().id) == ("CONFIRMED", [("CARD", 820_000, "CAPTURED")])

    def test_she_leaves_and_finds_it_again_on_her_order(self, house: SmallHouse, eleonore, fake: FakeStripe) -> None:
        house.stocked(house.paris, ring=1)
        first = eleonore.buy(house.ring, "paris", card=None).headers["Location"]
        number = placed().number
        assert "Pay now" in text(eleonore.get(f"order/{number}/"))
        again = eleonore.post(f"order/{number}/pay/", {}).headers["Location"]
        assert again.startswith(fake.url)
        assert fake.account.things[first.rpartition("/")[2]]["status"] == "expired"

    def test_a_provider_that_does_not_answer_keeps_the_order(self, house: SmallHouse, guest, fake: FakeStripe) -> None:
        house.stocked(house.paris, ring=1)
        fake.faults = ["500"] * 10
        answer = guest.buy(house.ring, "paris", card=None)
        assert answer.status_code == 303
        assert "/order/" in answer.headers["Location"]
        assert placed().state == "AWAITING_PAYMENT"
