"""A pay link travels by letter, and the letter's own address pays once like the one shown to the advisor."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.factories.payments import card, order, states
from tests.factories.small_house import NOW, SmallHouse
from tests.letters.conftest import Post
from vendome.domains.payments.errors import LinkGone
from vendome.flows import pay_links
from vendome.kit import sql
from vendome.kit.errors import NotFound

pytestmark = pytest.mark.django_db


def test_a_link_made_by_her_advisor_is_written_and_pays_once(house: SmallHouse, post: Post) -> None:
    house.stocked(house.paris, ring=1)
    placed = order(house, card())
    pay_links.create(key="k", order_id=placed.id, actor=house.advisor_paris, at=NOW)

    letter = post.one()

    assert letter.subject == f"The payment of your order {placed.number}"
    for said in letter.both:
        assert "€ 8,200" in said
        assert "Sunday 22 November at 16:00, Paris time" in said
    found = re.search(r"https://shop\.example/fr-en/pay/([^/\s]+)/", letter.text)
    assert found is not None
    pay_links.pay(token=found[1], instrument="card_good", actor=house.system, at=NOW)
    assert states(placed.id)[0] == "CONFIRMED"
    with pytest.raises(LinkGone):
        pay_links.pay(token=found[1], instrument="card_good", actor=house.system, at=NOW)
    assert sql.value("SELECT count(*) FROM kit_outboxevent WHERE payload::text LIKE %s", [f"%{found[1]}%"]) == 0


def test_an_address_that_was_changed_leads_nowhere(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    made = pay_links.create(key="k", order_id=order(house, card()).id, actor=house.advisor_paris, at=NOW)
    token = pay_links.get_letter_token(link_id=made.id)
    assert pay_links.get_link(token=token, at=NOW).id == made.id

    for wrong in (f"{token}x", f"letter.{made.id.hex}", "letter.", str(made.id)):
        with pytest.raises(NotFound):
            pay_links.get_link(token=wrong, at=NOW)


def test_her_own_checkout_writes_no_letter(house: SmallHouse, post: Post) -> None:
    house.stocked(house.paris, ring=1)
    placed = order(house, card())
    pay_links.create_for_client(
        order_id=placed.id, maison_id=house.maison.id, lasts=timedelta(hours=1), at=NOW,
        actor=house.as_client(house.traditional),
    )  # fmt: skip

    assert post.send() == []


def test_what_is_paid_before_the_letter_leaves_is_not_asked_for(house: SmallHouse, post: Post) -> None:
    house.stocked(house.paris, ring=1)
    placed = order(house, card())
    made = pay_links.create(key="k", order_id=placed.id, actor=house.advisor_paris, at=NOW)
    post.deliver()

    pay_links.pay(token=made.token, instrument="card_good", actor=house.system, at=NOW)

    assert [one.subject for one in post.send()] == [f"Your order {placed.number}"]
