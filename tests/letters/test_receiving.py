"""Letters on the way to her. None of them names a price."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from tests.factories.orders import buy_online, pay
from tests.factories.parcels import SIGNED, fresh, packer, sent
from tests.factories.returns import give
from tests.factories.small_house import NOW, SmallHouse
from tests.letters.conftest import Post, Read
from vendome.domains.fulfilment.types import IdentityDocument
from vendome.domains.house.models import Place
from vendome.flows import line_steps, parcels
from vendome.flows.line_steps import Step

pytestmark = pytest.mark.django_db
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat"), "10:30-19:00") | {"sun": ""}


def make_ready(house: SmallHouse, line_id: uuid.UUID) -> None:
    line_steps.take_step(
        key=str(uuid.uuid4()), line_id=line_id, step=Step.READY, actor=house.advisor_paris, at=NOW
    )  # fmt: skip


def no_price(letter: Read) -> None:
    for said in letter.both:
        assert "€" not in said
        assert "8,200" not in said


def test_ready_to_collect_says_where_when_and_what_to_bring(house: SmallHouse, post: Post) -> None:
    Place.objects.filter(id=house.paris).update(hours=WEEK, address=["7, place Vendôme"], postcode="75001")
    house.stocked(house.paris, ring=1, watch=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring, house.watch))
    post.send()

    for line in placed.lines:
        make_ready(house, line.id)
    letter = post.one()  # two pieces, one letter

    assert letter.subject == "Ready for you in Paris"
    for said in letter.both:
        for fact in (
            "Aurore Solitaire",
            "Méridien 38",
            "7, place Vendôme",
            "75001 Paris",
            "Monday to Saturday: 10:30 – 19:00",
        ):
            assert fact in said
        assert "Sunday: Closed" in said
        assert f"The number {placed.number} or simply your name, and an identity card." in said
    no_price(letter)


def test_the_other_piece_is_told_though_the_first_was_fetched_meanwhile(house: SmallHouse, post: Post) -> None:
    house.stocked(house.paris, ring=1, watch=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring, house.watch))
    post.send()
    for line in placed.lines:
        make_ready(house, line.id)
    post.deliver()

    first = next(line for line in placed.lines if line.reference_id == house.ring)
    give(house, replace(placed, lines=(first,)))
    told = [letter for letter in post.send() if letter.subject == "Ready for you in Paris"]

    assert len(told) == 1
    assert "Méridien 38" in told[0].text
    assert "Aurore Solitaire" not in told[0].text


def test_handed_over_names_the_piece_by_its_number(house: SmallHouse, post: Post) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    post.send()

    give(house, placed)
    letter = post.one()

    assert letter.subject == "Handed over to you in Paris"
    for said in letter.both:
        assert "in Paris on Friday 20 November" in said
        assert "No. S0" in said
    no_price(letter)


def test_a_parcel_is_told_when_it_leaves_and_when_it_is_there(house: SmallHouse, post: Post) -> None:
    house.stocked(house.warehouse, ring=1)
    placed, parcel = sent(house)

    order, letter = post.send()

    assert order.subject == f"Your order {placed.number}"
    assert letter.subject == f"Your order {placed.number} is on its way"
    now = fresh(house, parcel)
    for said in letter.both:
        assert now.tracking_number
        assert f"Tracking number {now.tracking_number}" in said
        assert f"Seal {now.seal}" in said
        assert "It is promised for" in said
        assert "We ask for your signature." in said
        assert "1 rue des Tilleuls" in said
    no_price(letter)

    parcels.deliver(
        parcel_id=parcel.id, received_by="Éléonore de Brissac", identity=IdentityDocument.PASSPORT, signature=SIGNED,
        actor=packer(house), at=NOW,
    )  # fmt: skip
    there = post.one()
    assert there.subject == f"Your order {placed.number} was delivered"
    for said in there.both:
        assert "handed over on Friday 20 November at 16:00, Paris time, to Éléonore de Brissac" in said
    no_price(there)
