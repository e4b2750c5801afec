"""Hand-over: against that hold, once, by somebody of that place."""

from __future__ import annotations

import uuid

import pytest

from tests.factories.orders import buy_online, pay
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.fulfilment.models import HandOver
from vendome.domains.fulfilment.types import Proof
from vendome.domains.orders.errors import LineNotReady, NotPaid
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import LineState, OrderState
from vendome.domains.people.permissions import ROLES
from vendome.domains.stock.models import Piece
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.services import shelf as services
from vendome.domains.stock.types import HoldKind
from vendome.flows import hand_over, recognition
from vendome.kit.actors import Actor, ActorKind
from vendome.kit.errors import BodyChanged, Forbidden, NotFound

pytestmark = pytest.mark.django_db


def give(
    house: SmallHouse, line: object, *, key: str = "h1", actor: object = None, proof: Proof = Proof.IDENTITY_SEEN
) -> object:
    return hand_over.hand_over(key=key, line_id=line, proof=proof, actor=actor or house.advisor_paris, at=NOW)


def test_the_piece_leaves_the_shelf_and_enters_her_wardrobe(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))

    give(house, placed.lines[0].id)

    order = orders.get_order(actor=house.system, order_id=placed.id)
    assert (order.state, order.lines[0].state) == (OrderState.COMPLETED, LineState.HANDED_OVER)
    found = stock.get_level(actor=house.system, place_id=house.paris, reference_id=house.ring)
    assert (found.on_hand, found.held) == (0, 0)
    piece = Piece.objects.get(id=placed.lines[0].piece_id)
    assert (piece.state, piece.owner, piece.client_id, piece.place_id) == (
        "WITH_CLIENT",
        "CLIENT",
        house.traditional,
        None,
    )
    card = recognition.read_card(actor=house.advisor_paris, client_id=house.traditional, at=NOW)
    assert [worn["serial"] for worn in card["wardrobe"]] == [piece.serial]
    assert stock.list_disagreements() == ()


def test_a_repeat_gives_the_same_answer_and_one_hand_over(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))

    assert give(house, placed.lines[0].id) == give(house, placed.lines[0].id)

    assert HandOver.objects.filter(order_line_id=placed.lines[0].id).count() == 1
    with pytest.raises(BodyChanged):
        give(house, placed.lines[0].id, proof=Proof.ORDER_CODE)
    with pytest.raises(LineNotReady):
        give(house, placed.lines[0].id, key="h2")


def test_nothing_is_handed_over_before_it_is_paid(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = buy_online(house, house.traditional, house.ring)

    with pytest.raises(NotPaid):
        give(house, placed.lines[0].id)

    assert stock.get_level(actor=house.system, place_id=house.paris, reference_id=house.ring).on_hand == 1


def test_another_boutique_does_not_even_see_the_line(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))

    with pytest.raises(NotFound):
        give(house, placed.lines[0].id, actor=house.advisor_tokyo)
    with pytest.raises(Forbidden):
        give(house, placed.lines[0].id, actor=house.director)

    assert not HandOver.objects.filter(order_line_id=placed.lines[0].id).exists()


def test_rights_everywhere_end_at_the_maison(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    stranger = Actor(
        kind=ActorKind.APP, id=uuid.uuid4(), maison_id=other_house.maison.id,
        permissions=dict.fromkeys(ROLES["boutique_manager"]),
    )  # fmt: skip
    line = placed.lines[0].id

    with pytest.raises(NotFound):
        give(house, line, actor=stranger)
    with pytest.raises(NotFound):
        hand_over.get_line(actor=stranger, line_id=line)
    with pytest.raises(NotFound):
        services.hold_reference(
            kind=HoldKind.RESERVATION, place_id=house.paris, reference_id=other_house.ring, client_id=None,
            expires_at=None, actor=stranger, at=NOW,
        )  # fmt: skip
    assert hand_over.list_waiting(actor=stranger, place_id=house.paris) == ()
    assert stock.list_movements(actor=stranger, place_id=house.paris, reference_id=house.ring) == ()
    assert stock.list_pieces(actor=stranger, place_id=house.paris, reference_id=house.ring) == ()
    assert stock.list_holds(actor=stranger, place_id=house.paris) == ()
    assert stock.place_supply(actor=stranger, reference_id=house.ring) == ()
    assert stock.get_level(actor=stranger, place_id=house.paris, reference_id=house.ring).on_hand == 0


def test_the_advisor_sees_what_waits_in_her_boutique(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))

    (waiting,) = hand_over.list_waiting(actor=house.advisor_paris, place_id=house.paris)

    assert (waiting.order_number, waiting.client_name) == (placed.number, "Éléonore de Brissac")
    with pytest.raises(Forbidden):
        hand_over.list_waiting(actor=house.advisor_tokyo, place_id=house.paris)


def test_a_protected_client_has_no_name_on_a_list(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    pay(house, buy_online(house, house.protected, house.ring))

    (waiting,) = hand_over.list_waiting(actor=house.advisor_paris, place_id=house.paris)

    assert waiting.client_name == "Protected client"
