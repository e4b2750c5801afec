"""How a client can have a piece, and what may be changed in a bag."""

from __future__ import annotations

import uuid

import pytest

from tests.factories.small_house import NOW
from vendome.domains.clients import queries as clients
from vendome.domains.clients import services as client_services
from vendome.domains.clients.errors import NameMissing
from vendome.domains.orders.errors import BadQuantity, ModeNotOffered
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.services import baskets as order_services
from vendome.domains.orders.types import Mode
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.types import Supply
from vendome.kit.errors import NotFound

pytestmark = pytest.mark.django_db


def offer(house):
    return stock.public_offer(reference_ids=[house.ring])[house.ring]


def test_what_stands_nowhere_is_gone(house):
    assert offer(house).is_gone
    assert offer(house).only_place is None


def test_the_only_piece_in_the_world(house):
    house.stocked(house.paris, ring=1)

    assert offer(house).only_place == house.paris
    assert offer(house).to_send is Supply.LAST
    assert stock.references_at(place_id=house.paris) == {house.ring}


def test_a_piece_in_the_warehouse_can_be_sent_but_not_seen(house):
    house.stocked(house.warehouse, ring=2)

    assert (offer(house).to_send, offer(house).seen_at, offer(house).only_place) == (Supply.AVAILABLE, (), None)
    assert stock.references_at(place_id=house.warehouse) == frozenset()


def test_a_partners_piece_is_seen_and_never_sent(house):
    house.stocked(house.partner_door, ring=1)

    assert (offer(house).to_send, offer(house).seen_at) == (Supply.NONE, (house.partner_door,))


@pytest.fixture
def bag(house) -> uuid.UUID:
    return order_services.open_basket(
        maison_id=house.maison.id, market_id=house.france.id, client_id=house.traditional, at=NOW
    )


def put(house, bag, mode=Mode.DELIVER, place=None, quantity=1):
    return order_services.put_line(
        basket_id=bag, reference_id=house.candle, is_serialised=False, mode=mode, place_id=place, quantity=quantity,
        actor=house.system, at=NOW,
    )  # fmt: skip


def change(house, bag, line, mode=Mode.DELIVER, place=None, quantity=1, is_serialised=False):
    order_services.change_line(
        basket_id=bag, line_id=line, is_serialised=is_serialised, mode=mode, place_id=place, quantity=quantity,
        actor=house.system, at=NOW,
    )  # fmt: skip


def lines(bag, client_id):
    return [
        (line.mode, line.place_id, line.quantity)
        for line in orders.get_basket(basket_id=bag, client_id=client_id).lines
    ]


def test_a_line_changes_its_way_and_quantity(house, bag):
    line = put(house, bag)

    change(house, bag, line, Mode.COLLECT, house.paris, 3)
    change(house, bag, line, Mode.COLLECT, house.paris, 3)

    assert lines(bag, house.traditional) == [(Mode.COLLECT, house.paris, 3)]


def test_a_line_that_becomes_like_another_joins_it(house, bag):
    put(house, bag, Mode.COLLECT, house.paris, 2)
    line = put(house, bag)

    change(house, bag, line, Mode.COLLECT, house.paris)

    assert lines(bag, house.traditional) == [(Mode.COLLECT, house.paris, 2)]


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"quantity": 0}, BadQuantity),
        ({"quantity": 21}, BadQuantity),
        ({"quantity": 2, "is_serialised": True}, BadQuantity),
        ({"mode": Mode.COLLECT}, ModeNotOffered),
    ],
)
def test_what_a_line_cannot_become(house, bag, wanted, error):
    line = put(house, bag)

    with pytest.raises(error):
        change(house, bag, line, **wanted)

    assert lines(bag, house.traditional) == [(Mode.DELIVER, None, 1)]


def test_a_basket_is_not_shown_to_somebody_else(house, bag):
    for stranger in (None, house.emerging):
        with pytest.raises(NotFound):
            orders.get_basket(basket_id=bag, client_id=stranger)
    with pytest.raises(NotFound):
        change(house, bag, uuid.uuid4())


def test_a_basket_that_became_hers_is_not_given_to_the_next_who_signs_in(house, bag):
    put(house, bag)
    with pytest.raises(NotFound):
        order_services.give_basket_to_client(
            basket_id=bag, client_id=house.emerging, actor=house.as_client(house.emerging), at=NOW
        )

    assert lines(bag, house.traditional) == [(Mode.DELIVER, None, 1)]
    assert orders.find_open_basket(market_id=house.france.id, client_id=house.emerging) is None


def test_a_client_says_how_she_is_called(house):
    me = house.as_client(house.emerging)
    client_services.change_own_profile(
        client_id=house.emerging, given_name=" Mei ", family_name="Lin-Ong", language="fr", actor=me, at=NOW
    )

    own = clients.get_own_profile(client_id=house.emerging)
    assert (own.given_name, own.family_name, own.language) == ("Mei", "Lin-Ong", "fr")
    with pytest.raises(NameMissing):
        client_services.change_own_profile(
            client_id=house.emerging, given_name=" ", family_name="", language="fr", actor=me, at=NOW
        )
