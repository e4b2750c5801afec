"""Delivery chosen at checkout and followed on the order's page; what her advisor chose, one tap from her bag."""

from __future__ import annotations

import html
import re

import pytest
from django.utils.formats import date_format

from tests.factories.parcels import SIGNED, fresh, offer_services, pack, packer
from tests.factories.small_house import NOW
from tests.web.boutique.conftest import ANSWERS
from vendome.domains.fulfilment.models import Parcel
from vendome.domains.fulfilment.queries import parcels as queries
from vendome.domains.orders.models import BasketLine, Order, OrderLine
from vendome.domains.stock.models import Hold
from vendome.flows import parcels, selections, shipping
from vendome.kit import sql

pytestmark = pytest.mark.django_db


def said(response) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def parcel(house):
    return queries.get_parcel(actor=house.system, parcel_id=Parcel.objects.get().id)


def test_ways_to_be_delivered_show_day_cover_and_footprint(house, eleonore):
    house.stocked(house.warehouse, ring=1)
    offer_services(house)
    eleonore.add(house.ring)

    page = eleonore.get("checkout/")

    assert "With you on Thursday 26 November, insured, against signature." in said(page)
    assert "g CO₂e" in said(page)
    assert [way.value for way in page.context["page"].ways] == ["STANDARD", "EXPRESS", "WHITE_GLOVE"]


def test_checkout_names_no_day_but_that_of_a_service(house, eleonore):
    house.stocked(house.warehouse, ring=1)
    offer_services(house)
    eleonore.add(house.ring)

    page = said(eleonore.get("checkout/"))

    assert "Where shall we send it? France" in page
    assert "tomorrow" not in page
    assert "in 2 days" not in page
    assert "With you on Thursday 26 November" in page


@pytest.mark.parametrize("piece", ["ring", "watch"])  # the first may travel as usual, the second by express alone
def test_the_page_of_a_piece_names_the_day_the_order_will_promise(house, eleonore, piece):
    house.stocked(house.warehouse, **{piece: 1})
    offer_services(house)
    code = {"ring": "aurore-solitaire", "watch": "meridien"}[piece]
    told = said(eleonore.get(f"piece/{code}/"))

    eleonore.add(getattr(house, piece))
    bag = said(eleonore.get("bag/"))
    way = eleonore.get("checkout/").context["page"].ways[0]
    eleonore.order(delivery=way.value)

    promised = OrderLine.objects.get().promised_date
    assert f"Delivered to you by {date_format(promised, 'l j F')}" in told
    assert f"Delivered to you by {date_format(promised, 'l j F')}" in bag
    assert date_format(promised, "l j F") in way.text


def test_a_bag_without_services_names_the_day_of_the_lane(house, eleonore):
    house.stocked(house.warehouse, ring=1)
    told = said(eleonore.get("piece/aurore-solitaire/"))
    eleonore.add(house.ring)

    bag = said(eleonore.get("bag/"))
    eleonore.order()

    promised = f"Delivered to you by {date_format(OrderLine.objects.get().promised_date, 'l j F')}"
    assert promised in told
    assert promised in bag


def test_what_cannot_be_sent_any_more_names_no_day(house, eleonore):
    house.stocked(house.warehouse, ring=1)
    offer_services(house)
    eleonore.add(house.ring)
    sql.value("UPDATE stock_level SET safety = 1 WHERE reference_id = %s RETURNING safety", [house.ring])

    assert "Delivered to you by" not in said(eleonore.get("bag/"))


def test_what_is_carried_by_us_alone_is_said_on_its_page_from_the_first_free_hour(house, eleonore):
    house.stocked(house.warehouse, watch=1)
    offer_services(house, limits={"EUR": 1})
    sql.value(
        "UPDATE fulfilment_carrierservice SET limits = '{\"EUR\": 50000000}' WHERE mode = 'WHITE_GLOVE' RETURNING id"
    )
    told = said(eleonore.get("piece/meridien/"))

    eleonore.add(house.watch)
    page = eleonore.get("checkout/").context["page"]

    first = page.form.fields["slot"].choices[1][1].partition(",")[0]
    assert f"Brought to you by one of us, from {first}" in told
    assert first in page.ways[0].text


def test_no_service_promises_a_day_before_the_place_has_it_ready(house, eleonore):
    house.stocked(house.warehouse, ring=1)
    offer_services(house)
    sql.value("UPDATE house_place SET preparation_days = 5 WHERE id = %s RETURNING id", [house.warehouse])
    eleonore.add(house.ring)

    assert "With you on Thursday 3 December" in said(eleonore.get("checkout/"))
    assert eleonore.order(delivery="STANDARD").status_code == 303
    assert str(OrderLine.objects.get().promised_date) == "2026-12-03"


def test_what_is_worth_too_much_for_one_way_is_not_offered_it(house, eleonore):
    house.stocked(house.warehouse, watch=1)
    offer_services(house)
    eleonore.add(house.watch)

    assert [way.value for way in eleonore.get("checkout/").context["page"].ways] == ["EXPRESS", "WHITE_GLOVE"]


def test_the_choice_is_kept_and_reaches_the_packing_table(house, eleonore):
    house.stocked(house.warehouse, ring=1)
    offer_services(house)

    eleonore.buy(house.ring, delivery="EXPRESS")

    order = Order.objects.get()
    assert order.delivery["mode"] == "EXPRESS"
    assert order.delivery["to"]["street"] == ANSWERS["street"]
    assert (parcel(house).wanted, str(OrderLine.objects.get().promised_date)) == ("EXPRESS", "2026-11-24")


def test_white_glove_asks_for_the_hour_and_keeps_it(house, eleonore):
    house.stocked(house.warehouse, ring=1)
    offer_services(house)
    eleonore.add(house.ring)
    without = eleonore.order(delivery="WHITE_GLOVE")
    assert (without.status_code, "Tell us when we may come." in said(without)) == (422, True)

    slot = eleonore.get("checkout/").context["page"].form.fields["slot"].choices[1][0]
    assert eleonore.order(delivery="WHITE_GLOVE", slot=slot).status_code == 303

    found = parcel(house)
    assert found.slot is not None
    assert found.slot.starts_at.isoformat()[:10] == slot[:10]
    assert "10:00 to 12:00" in said(eleonore.get(f"order/{Order.objects.get().number}/"))


def test_white_glove_hours_are_those_of_her_own_clock(house, eleonore):
    house.stocked(house.warehouse, ring=1)
    offer_services(house)
    for place, latitude, longitude, zone in (
        (house.warehouse, 40.78, -74.05, "America/New_York"),
        (house.london, 51.51, -0.14, "Europe/London"),
    ):
        sql.value(
            "UPDATE house_place SET latitude = %s, longitude = %s, timezone = %s, country = %s "
            "WHERE id = %s RETURNING id",
            [latitude, longitude, zone, "GB" if place == house.london else "US", place],
        )
    eleonore.locale = "gb-en"
    eleonore.add(house.ring)

    offered = [label for value, label in eleonore.get("checkout/").context["page"].form.fields["slot"].choices if value]

    assert "10:00 to 12:00" in offered[0]


def test_a_way_that_is_no_longer_offered_is_said_and_not_exchanged_for_another(house, eleonore):
    house.stocked(house.warehouse, ring=1)
    offer_services(house)
    eleonore.add(house.ring)

    answer = eleonore.order(delivery="BALLOON")

    assert answer.status_code == 422
    assert "no longer offered" in said(answer)
    assert not Order.objects.exists()


def test_a_house_without_services_asks_nothing_and_delivers_as_ever(house, guest):
    house.stocked(house.warehouse, ring=1)

    assert guest.buy(house.ring).status_code == 303

    assert Order.objects.get().delivery["mode"] == "STANDARD"


def test_she_follows_her_parcel_to_the_door(house, eleonore):
    house.stocked(house.warehouse, ring=1)
    services = offer_services(house)
    eleonore.buy(house.ring)
    url = f"order/{Order.objects.get().number}/"
    assert "Being wrapped" in said(eleonore.get(url))

    pack(house, parcel(house), services["STANDARD"], seal="VM-77")
    shipping.book_due(actor=house.system, at=NOW)
    parcels.dispatch(parcel_id=parcel(house).id, actor=packer(house), at=NOW)

    page = said(eleonore.get(url))
    assert "On its way" in page
    assert fresh(house, parcel(house)).tracking_number in page
    assert "VM-77" in page
    assert "We ask for your signature." in page
    assert "With you, and" not in said(eleonore.get("account/"))
    assert eleonore.get("account/").context["page"].wardrobe == []
    part = eleonore.get(url, part="journeys")
    assert "VM-77" in said(part)
    assert "<html" not in part.content.decode()

    parcels.deliver(
        parcel_id=parcel(house).id, received_by="E. de Brissac", signature=SIGNED, actor=packer(house), at=NOW
    )
    assert "E. de Brissac" in said(eleonore.get(url))
    assert "It is with you" in said(eleonore.get(url))


# -- what her advisor chose ------------------------------------------------------------------------------------


def chosen(house, *, keep=None, client_id=None):
    for reference in (house.ring, house.watch):
        draft = selections.choose(
            market=house.france, client_id=client_id or house.traditional, reference_id=reference,
            note="as you wore it in May" if reference == house.ring else "",
            keep_at=keep if reference == house.ring else None, actor=house.advisor_paris, at=NOW,
        )  # fmt: skip
    return selections.send(selection_id=draft.id, note="For Saturday evening", actor=house.advisor_paris, at=NOW)


def test_camille_chose_these_for_you_and_one_tap_puts_them_in_the_bag(house, eleonore):
    house.stocked(house.paris, ring=1)
    house.stocked(house.warehouse, watch=1)
    offer_services(house)
    selection = chosen(house, keep=house.paris)

    page = said(eleonore.get("bag/"))
    for words in ("Camille chose these for you", "For Saturday evening", "as you wore it in May", "Kept for you until"):
        assert words in page
    assert "Camille chose these for you" in said(eleonore.get("account/"))

    for _ in range(2):
        assert eleonore.post(f"selection/{selection.id}/take/", {}).status_code == 303

    assert BasketLine.objects.count() == 2
    page = said(eleonore.get("bag/"))
    assert "Kept for you until" in page
    assert "It has just found its owner" not in page
    assert eleonore.order(delivery="EXPRESS").status_code == 303
    hold = Hold.objects.get(id=selection.items[0].hold_id)
    assert (hold.kind, hold.order_id) == ("ORDER", Order.objects.get().id)


def test_one_piece_of_it_alone(house, eleonore):
    selection = chosen(house)

    eleonore.post(f"selection/{selection.id}/take/", {"item": str(selection.items[1].id)})

    assert list(BasketLine.objects.values_list("reference_id", flat=True)) == [house.watch]


def test_it_is_hers_alone(house, eleonore, mei, guest):
    selection = chosen(house)

    assert "chose these for you" not in said(mei.get("bag/"))
    assert mei.post(f"selection/{selection.id}/take/", {}).status_code == 404
    assert guest.post(f"selection/{selection.id}/take/", {}).status_code == 302
    assert eleonore.post(f"selection/{selection.id}/take/", {"item": "nonsense"}).status_code == 404
    assert not BasketLine.objects.exists()


def test_withdrawn_it_says_so_and_the_bag_stays(house, eleonore):
    selection = chosen(house)
    selections.withdraw(selection_id=selection.id, actor=house.advisor_paris, at=NOW)

    assert eleonore.post(f"selection/{selection.id}/take/", {}).status_code == 303
    assert "no longer open" in said(eleonore.get("bag/"))
    assert not BasketLine.objects.exists()
