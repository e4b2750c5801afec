"""Set aside, a turn that has come, a return: where, until when, and never a price."""

from __future__ import annotations

import uuid

import pytest

from tests.factories.orders import buy_online, pay
from tests.factories.returns import HOME, LATER, give
from tests.factories.scarcity import an_allocation
from tests.factories.small_house import NOW, SmallHouse
from tests.letters.conftest import Post
from vendome.domains.clients.models import Identifier
from vendome.domains.orders.types import ReturnRoute
from vendome.domains.stock.services import scarcity
from vendome.flows import reservations, returns
from vendome.flows.returns import WantedReturn
from vendome.flows.types import PlacedOrder

pytestmark = pytest.mark.django_db


@pytest.fixture
def worn(house: SmallHouse, post: Post) -> PlacedOrder:
    """A ring she has, and no letter about it left to send."""
    house.stocked(house.paris, ring=1)
    placed = give(house, pay(house, buy_online(house, house.traditional, house.ring)))
    post.send()
    return placed


def announce(house: SmallHouse, placed: PlacedOrder, route: ReturnRoute, **more: object) -> str:
    place, pickup = (house.paris, None) if route is ReturnRoute.COUNTER else (None, HOME)
    told = returns.announce(
        key=str(uuid.uuid4()), order_id=placed.id, lines=[WantedReturn(line_id=placed.lines[0].id)], route=route,
        place_id=place, pickup=pickup, at=LATER, **({"actor": house.as_client(house.traditional)} | more),  # type: ignore[arg-type]
    )  # fmt: skip
    return told.number


def test_set_aside_says_where_and_until_when(house: SmallHouse, post: Post) -> None:
    house.stocked(house.paris, ring=1)
    kept = reservations.reserve(
        key="k", reference_id=house.ring, place_id=house.paris, client_id=house.traditional, until=None, quantity=1,
        actor=house.advisor_paris, at=NOW,
    )  # fmt: skip

    letter = post.one()

    assert letter.subject == "Set aside for you in Paris"
    for said in letter.both:
        assert "Aurore Solitaire" in said
        assert "It is kept for you in Paris until" in said
        assert "Paris time" in said
        assert "€" not in said
    assert kept.until is not None


def test_what_was_given_free_meanwhile_is_not_promised(house: SmallHouse, post: Post) -> None:
    house.stocked(house.paris, ring=1)
    kept = reservations.reserve(
        key="k", reference_id=house.ring, place_id=house.paris, client_id=house.traditional, until=None, quantity=1,
        actor=house.advisor_paris, at=NOW,
    )  # fmt: skip
    post.deliver()
    reservations.release(key="r", hold_id=kept.hold_id, reason="no", actor=house.advisor_paris, at=NOW)

    assert post.send() == []


def test_her_turn_has_come(house: SmallHouse, post: Post) -> None:
    house.stocked(house.paris, watch=1)
    allocation = an_allocation(house, pieces=1, code="numbered")
    scarcity.enter(
        allocation_id=allocation, client_id=house.traditional, actor=house.as_client(house.traditional), at=NOW
    )

    letter = post.one()

    assert letter.subject == "Méridien 38, numbered: your turn has come"
    for said in letter.both:
        assert "until Friday 20 November at 16:15, Paris time" in said
        assert "€" not in said
    assert "next=/fr-en/launch/numbered/" in letter.text.replace("%2F", "/")


def test_a_return_by_courier_says_how_to_send_it(house: SmallHouse, post: Post, worn: PlacedOrder) -> None:
    number = announce(house, worn, ReturnRoute.COURIER)

    letter = post.one(LATER)

    assert letter.subject == f"Your return {number}"
    for said in letter.both:
        assert "Print the label" in said
        assert "Please let it reach us until" in said
        assert "€" not in said
        assert "Where our courier comes to" in said
        assert "12, rue de Varenne" in said
    assert f"/order/{worn.number}/return/" in letter.text.replace("%2F", "/")


def test_a_return_at_the_counter_says_where(house: SmallHouse, post: Post, worn: PlacedOrder) -> None:
    announce(house, worn, ReturnRoute.COUNTER)

    said, _html = post.one(LATER).both

    assert "Bring it to us when it suits you" in said
    assert "an identity card" in said


def test_a_gift_goes_to_who_was_given_it_without_price_or_giver(
    house: SmallHouse, post: Post, worn: PlacedOrder
) -> None:
    Identifier.objects.create(
        client_id=house.emerging,
        maison_id=house.maison.id,
        kind="EMAIL",
        value="mei@example.com",
        source="till",
        noted_at=NOW,
    )
    announce(
        house, worn, ReturnRoute.COUNTER, is_gift=True, client_id=house.emerging, actor=house.advisor_paris
    )  # fmt: skip

    letter = post.one(LATER)

    assert letter.to == "mei@example.com"
    for said in (letter.text, letter.html):
        assert "Aurore Solitaire" in said
        for hidden in ("€", "8,200", worn.number, "Brissac", "eleonore"):
            assert hidden not in said
