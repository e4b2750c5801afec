"""From piece to order: what is promised is held, a second click is the same order, nothing typed is lost."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from tests.factories.small_house import NOW
from tests.web.boutique.conftest import ANSWERS
from vendome.domains.house.models import Place
from vendome.domains.orders.models import Basket, Order, OrderLine
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import LineState, Mode, OrderState
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.types import Supply
from vendome.flows import checkout, hand_over
from vendome.kit import clock

pytestmark = pytest.mark.django_db


def free(house, reference, place) -> Supply:
    return stock.public_supply(reference_ids=[reference])[reference].get(place, Supply.NONE)


def placed(house) -> list[Order]:
    return list(Order.objects.filter(maison_id=house.maison.id).order_by("number"))


def test_a_client_collects_what_is_only_in_paris(house, eleonore):
    house.stocked(house.paris, ring=1)
    piece = eleonore.get("piece/aurore-solitaire/").content.decode()
    assert "It is in Paris, and nowhere else" in piece

    answer = eleonore.buy(house.ring, "paris")

    order = placed(house)[0]
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/fr-en/order/{order.number}/")
    assert free(house, house.ring, house.paris) is Supply.NONE
    page = eleonore.get(f"order/{order.number}/").content.decode()
    assert "Thank you" in page
    assert "Set aside for you" in page
    waiting = hand_over.list_waiting(actor=house.advisor_paris, place_id=house.paris)
    assert [line.order_number for line in waiting] == [order.number]
    view = orders.get_order_of_client(client_id=house.traditional, number=order.number)
    assert (view.state, view.lines[0].mode, view.lines[0].state) == (OrderState.CONFIRMED, Mode.COLLECT, LineState.HELD)


def test_a_guest_is_sent_her_piece_and_finds_the_order_by_its_key(house, guest):
    house.stocked(house.warehouse, ring=1)

    answer = guest.buy(house.ring)

    order = placed(house)[0]
    assert order.contact == {
        "name": "Inès Martin",
        "email": "ines@example.com",
        "phone": "+33 6 39 98 12 07",
        "language": "en",
    }
    assert order.delivery_address == ["Inès Martin", "12, rue de Sèvres", "75006 Paris", "France"]
    page = guest.browser.get(answer.headers["Location"])
    assert page.status_code == 200
    assert guest.get(f"order/{order.number}/").status_code == 404


def test_no_cache_keeps_what_a_guest_is_shown(house, guest):
    house.stocked(house.warehouse, ring=1)
    guest.add(house.ring)
    assert guest.get("checkout/").headers["Cache-Control"] == "private, no-store"
    answer = guest.order()

    assert guest.browser.get(answer.headers["Location"]).headers["Cache-Control"] == "private, no-store"
    assert guest.get("").headers["Cache-Control"] == "private, no-cache"


def test_collection_asks_for_no_address(house, guest):
    house.stocked(house.paris, ring=1)
    guest.add(house.ring, "paris")

    form = guest.get("checkout/").context["page"].form

    assert "street" not in form.fields
    assert guest.order(street=None, postcode=None, city=None).status_code == 303


def said(response) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def test_what_is_still_to_come_is_promised_with_its_day(house, eleonore):
    """Collected in Paris, standing in the warehouse: no page asks her to come before it is ready."""
    house.stocked(house.warehouse, ring=1)
    eleonore.add(house.ring, "paris")
    day = "Thursday 26 November"

    assert f"Ready from {day}" in said(eleonore.get("bag/"))
    before = said(eleonore.get("checkout/"))
    assert f"ready there from {day}" in before
    assert "Come when it suits you" not in before
    assert eleonore.order(street=None, postcode=None, city=None).status_code == 303
    order = placed(house)[0]
    path, line = f"order/{order.number}/", OrderLine.objects.get(order_id=order.id)
    page = said(eleonore.get(path))
    assert f"ready for you in Paris from {day}" in page
    assert "Come when it suits you" not in page
    with clock.frozen(NOW + timedelta(days=8)):
        late = said(eleonore.get(path))
    assert "not yet ready in Paris" in late
    assert "Come when it suits you" not in late

    OrderLine.objects.filter(id=line.id).update(state="READY")
    assert "Come when it suits you" in said(eleonore.get(path))


def test_what_stands_in_the_boutique_is_hers_once_its_day_has_come(house, eleonore):
    house.stocked(house.paris, ring=1)
    eleonore.add(house.ring, "paris")
    eleonore.order(street=None, postcode=None, city=None)
    path, day = f"order/{placed(house)[0].number}/", OrderLine.objects.get().promised_date

    with clock.frozen(NOW - timedelta(days=1) + (day - NOW.date())):
        before = said(eleonore.get(path))
    assert "Come when it suits you" not in before
    with clock.frozen(NOW + (day - NOW.date())):
        assert "Come when it suits you" in said(eleonore.get(path))


def test_a_double_click_orders_once(house, guest):
    house.stocked(house.warehouse, ring=2)
    guest.add(house.ring)
    hidden = guest.hidden()

    first, second = guest.order(**hidden), guest.post("checkout/", hidden | ANSWERS)

    assert first.headers["Location"].partition("?")[0] == second.headers["Location"].partition("?")[0]
    assert len(placed(house)) == 1


def test_a_declined_card_takes_nothing_and_loses_nothing(house, guest):
    house.stocked(house.warehouse, ring=1)

    answer = guest.buy(house.ring, card="card_declined")

    page = answer.context["page"]
    assert answer.status_code == 409
    assert page.problem.endswith("Nothing was taken. Try another card, or another way to pay.")
    assert page.form["name"].value() == "Inès Martin"
    assert page.lines[0].name == "Aurore Solitaire"
    assert stock.public_offer(reference_ids=[house.ring])[house.ring].to_send is Supply.LAST
    again = {name: str(page.form[name].value()) for name in ("key", "basket", "seen")}
    assert guest.post("checkout/", again | ANSWERS).status_code == 303
    assert [order.state for order in placed(house)] == ["CANCELLED", "CONFIRMED"]


def test_a_silent_bank_keeps_the_piece_until_it_answers(house, guest):
    house.stocked(house.warehouse, ring=1)

    url = guest.buy(house.ring, card="card_silent").headers["Location"]

    page = guest.browser.get(url)
    assert "Your pieces are kept for you" in page.content.decode()
    assert stock.public_offer(reference_ids=[house.ring])[house.ring].is_gone
    pay = page.context["page"].pay_url
    assert guest.browser.post(pay, {"card": "card_silent"}).status_code == 503
    assert guest.browser.post(pay, {"card": "nonsense"}).status_code == 422
    assert guest.browser.post(pay, {"card": "card_good"}).headers["Location"] == url
    assert guest.browser.post(pay, {"card": "card_good"}).status_code == 303
    assert [order.state for order in placed(house)] == ["CONFIRMED"]


def test_an_order_that_is_never_paid_gives_the_bag_back(house, guest):
    house.stocked(house.warehouse, ring=1)
    url = guest.buy(house.ring, card="card_silent").headers["Location"]

    checkout.expire_unpaid(at=NOW + timedelta(hours=1))

    assert "was not completed" in guest.browser.get(url).content.decode()
    assert [line.name for line in guest.get("bag/").context["page"].lines] == ["Aurore Solitaire"]


def test_a_card_declined_on_the_orders_page_shows_the_way_back_to_the_bag(house, guest):
    house.stocked(house.warehouse, ring=1)
    url = guest.buy(house.ring, card="card_silent").headers["Location"]
    pay = guest.browser.get(url).context["page"].pay_url
    guest.browser.post(pay, {"card": "card_declined"})

    page = guest.browser.get(url)

    assert page.context["page"].bag_url == "/fr-en/bag/"
    assert "They are in your bag again" in page.content.decode()
    guest.post(f"bag/{guest.get('bag/').context['page'].lines[0].id}/remove/", {})
    assert guest.browser.get(url).context["page"].bag_url == ""


def test_each_line_of_a_mixed_order_says_how_it_comes(house, guest):
    house.stocked(house.warehouse, ring=1)
    house.stocked(house.paris, watch=1)
    guest.add(house.ring)
    url = guest.buy(house.watch, "paris").headers["Location"]

    lines = {line.name: line.way for line in guest.browser.get(url).context["page"].lines}

    assert lines["Aurore Solitaire"].startswith("Delivered to you, promised for ")
    assert [way for name, way in lines.items() if name != "Aurore Solitaire"] == [
        "To collect in Paris, from Monday 23 November"
    ]


def test_somebody_was_quicker(house, guest, mei):
    house.stocked(house.paris, ring=1)
    guest.add(house.ring, "paris")
    hidden = guest.hidden()
    mei.buy(house.ring, "paris")

    answer = guest.post("checkout/", hidden | ANSWERS)

    assert answer.status_code == 409
    assert "found its owner" in answer.context["page"].problem
    assert answer.context["page"].form["email"].value() == "ines@example.com"
    assert not answer.context["page"].lines[0].is_promised
    assert guest.get("checkout/").headers["Location"] == "/fr-en/bag/"
    assert not guest.get("bag/").context["page"].can_continue


def test_a_bag_that_changed_meanwhile_is_read_again(house, guest):
    house.stocked(house.warehouse, ring=1, watch=1)
    guest.add(house.ring)
    hidden = guest.hidden()
    guest.add(house.watch)

    answer = guest.post("checkout/", hidden | ANSWERS)

    assert answer.status_code == 409
    assert "has changed" in answer.context["page"].problem
    assert placed(house) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("email", "ines@"),
        ("phone", "call me"),
        ("street", ""),
        ("card", "4242 4242 4242 4242"),
        ("key", "not a key"),
        ("basket", "nobody's"),
        ("name", "x" * 500),
        ("name", "?!"),
        ("street", "12"),
        ("postcode", "!!!!"),
        ("city", "12345"),
    ],
)
def test_what_is_missing_is_asked_for_again(house, guest, field, value):
    house.stocked(house.warehouse, ring=1)

    answer = guest.buy(house.ring, **{field: value})

    assert answer.status_code == 422
    assert answer.context["page"].form.errors[field]
    assert answer.context["page"].form["city"].value() == (value if field == "city" else "Paris")
    assert placed(house) == []


def test_an_empty_bag_has_nothing_to_check_out(guest):
    assert guest.get("checkout/").headers["Location"] == "/fr-en/bag/"
    assert guest.post("checkout/", ANSWERS).headers["Location"] == "/fr-en/bag/"


def test_the_bag(house, guest):
    house.stocked(house.paris, ring=1, candle=5)
    guest.add(house.ring, "paris")
    guest.add(house.candle)
    ring, candle = guest.get("bag/").context["page"].lines

    assert (ring.way, candle.way) == ("Collect in Paris", "Delivered to you")
    assert guest.get("bag/count/").content == b"2"
    guest.post(f"bag/{candle.id}/", {"way": "paris", "quantity": "3"})
    guest.post(f"bag/{ring.id}/remove/", {})
    (line,) = guest.get("bag/").context["page"].lines
    assert (line.name, line.way, line.quantity, line.amount) == ("Bougie", "Collect in Paris", 3, 28_500)


def test_a_line_that_becomes_like_another_joins_it(house, guest):
    house.stocked(house.paris, candle=5)
    guest.add(house.candle)
    guest.add(house.candle, "paris")
    first, _second = guest.get("bag/").context["page"].lines

    guest.post(f"bag/{first.id}/", {"way": "paris"})

    assert len(guest.get("bag/").context["page"].lines) == 1


@pytest.mark.parametrize(
    ("reference", "way", "status"),
    [
        ("ring", "", 400),
        ("nonsense", "deliver", 400),
        ("0198a0de-7d2a-4c51-9a3b-2f6f0c1d8e99", "deliver", 404),
        ("ring", "atlantis", 404),
        ("ring", "depot", 404),
    ],
)
def test_only_what_exists_goes_into_a_bag(house, guest, reference, way, status):
    value = house.ring if reference == "ring" else reference

    assert guest.post("bag/add/", {"reference": str(value), "way": way}).status_code == status
    assert not Basket.objects.exists()


def test_bad_quantities_are_refused(house, guest):
    house.stocked(house.paris, ring=1)
    guest.add(house.ring, "paris")
    (line,) = guest.get("bag/").context["page"].lines

    assert guest.post(f"bag/{line.id}/", {"way": "paris", "quantity": "-1"}).status_code == 400
    guest.post(f"bag/{line.id}/", {"way": "paris", "quantity": "2"})
    assert guest.get("bag/").context["page"].lines[0].quantity == 1


def test_nobody_touches_anothers_bag(house, guest, mei):
    house.stocked(house.paris, ring=1)
    mei.add(house.ring, "paris")
    (line,) = mei.get("bag/").context["page"].lines

    assert guest.post(f"bag/{line.id}/remove/", {}).status_code == 404
    guest.add(house.watch)
    guest.post(f"bag/{line.id}/remove/", {})
    assert len(mei.get("bag/").context["page"].lines) == 1


def test_a_changed_cookie_is_no_bag(house, guest):
    house.stocked(house.warehouse, ring=1)
    guest.add(house.ring)
    guest.browser.cookies["bag"] = guest.browser.cookies["bag"].value[:-3] + "abc"

    assert guest.get("bag/").context["page"].lines == ()


def test_each_market_has_its_own_bag(house, guest):
    house.stocked(house.warehouse, ring=1)
    guest.add(house.ring)

    guest.locale = "gb-en"

    assert guest.get("bag/").context["page"].lines == ()


def test_an_order_of_somebody_else_is_not_found(house, guest, eleonore, mei):
    house.stocked(house.paris, ring=1, watch=1)
    eleonore.buy(house.ring, "paris")
    guests_url = guest.buy(house.watch, "paris").headers["Location"]
    hers, guests = placed(house)

    assert mei.get(f"order/{hers.number}/").status_code == 404
    assert mei.post(f"order/{hers.number}/pay/", {"card": "card_good"}).status_code == 404
    nowhere = guest.get(f"order/{hers.number}/")
    assert nowhere.status_code == 404
    assert "Open it by the link in our letter" in nowhere.content.decode()
    assert "Open it by the link in our letter" not in guest.get("piece/nope/").content.decode()
    key = guests_url.partition("?")[2]
    assert guest.get(f"order/{hers.number}/?{key}").status_code == 404
    assert mei.get(f"order/{guests.number}/").status_code == 404
    assert hers.number not in mei.get("account/").content.decode()


def test_a_piece_that_is_gone_everywhere_is_no_dead_end(house, guest):
    page = guest.get("piece/aurore-solitaire/").content.decode()

    assert "It has found its owner" in page
    assert "mailto:" in page
    assert "Add to the bag" not in page


def test_the_hours_in_which_it_is_kept_are_the_markets(house, guest):
    house.stocked(house.warehouse, ring=1)
    with clock.frozen(NOW):
        url = guest.buy(house.ring, card="card_silent").headers["Location"]

    assert guest.browser.get(url).context["page"].kept_until == "16:15"


def test_a_boutique_without_it_has_it_sent_and_says_from_when(house, guest) -> None:
    house.stocked(house.warehouse, ring=2)
    page = guest.get("piece/aurore-solitaire/").content.decode()
    assert "Collect in Paris" in page
    assert "Sent there for you, ready from Thursday 26 November" in page
    assert "Delivered to you by Thursday 26 November" in page
    assert "Depot" not in page  # nobody is told where from

    Place.objects.filter(id=house.paris).update(latitude=48.868, longitude=2.329)
    Place.objects.filter(id=house.london).update(latitude=51.512, longitude=-0.144)
    near = guest.get("piece/aurore-solitaire/?near=london").content.decode()
    assert near.index("Collect in London") < near.index("Collect in Paris")
    guest.post("bag/add/", {"reference": house.ring, "way": "paris"})
    assert "No longer free that way" not in guest.get("bag/").content.decode()
