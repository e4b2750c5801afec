"""What is asked for twice happens once, what was shown is what is charged, and a channel is one of the house's."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from tests.factories import orders
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.clients import services as clients
from vendome.domains.clients.models import Client
from vendome.domains.clients.types import IdentifierKind, NewIdentifier
from vendome.domains.orders.errors import TotalChanged, UnknownChannel
from vendome.domains.orders.models import Order
from vendome.domains.orders.types import Mode
from vendome.domains.stock.errors import OutOfStock
from vendome.domains.stock.models import Hold, Level, Movement
from vendome.domains.stock.services import shelf
from vendome.domains.stock.types import HoldKind
from vendome.flows import checkout
from vendome.flows.types import WantedLine
from vendome.kit.errors import BodyChanged
from vendome.kit.models import IdempotencyKey, OutboxEvent

pytestmark = pytest.mark.django_db


def place(house: SmallHouse, *, channel: str = "boutique", expected: int | None = None) -> None:
    checkout.place_order(
        key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel=channel,
        lines=[WantedLine(reference_id=house.candle, mode=Mode.TAKE_AWAY, place_id=house.paris, quantity=2)],
        tender=orders.CASH, client_id=None, selling_place_id=house.paris, expected_total_amount=expected,
        actor=house.advisor_paris, at=NOW,
    )  # fmt: skip


def test_a_total_that_was_not_the_one_shown_places_nothing(house: SmallHouse) -> None:
    house.stocked(house.paris, candle=5)
    before = OutboxEvent.objects.count()

    with pytest.raises(TotalChanged) as refused:
        place(house, expected=18_000)

    assert refused.value.details() == {
        "expected_total_amount": 18_000, "total_amount": 19_000, "currency": "EUR",
    }  # fmt: skip
    assert Order.objects.count() == 0
    assert OutboxEvent.objects.count() == before
    assert Level.objects.get(place_id=house.paris).held == 0

    place(house, expected=19_000)
    assert Order.objects.get().total_amount == 19_000


@pytest.mark.parametrize("channel", ["phone", "", "WEB", "boutique "])
def test_a_channel_the_house_does_not_have(house: SmallHouse, channel: str) -> None:
    house.stocked(house.paris, candle=5)

    with pytest.raises(UnknownChannel) as refused:
        place(house, channel=channel)

    assert refused.value.details() == {"known": ["boutique", "client_service", "web"]}
    assert Order.objects.count() == 0


def begin(house: SmallHouse, name: str = "Noor") -> uuid.UUID:
    return clients.create_client(
        maison_id=house.maison.id, given_name=name, family_name="Aziz", source="boutique", key="new-1",
        identifiers=[NewIdentifier(kind=IdentifierKind.EMAIL, value="noor@example.com")],
        actor=house.advisor_paris, at=NOW,
    )  # fmt: skip


def test_a_file_is_begun_once(house: SmallHouse) -> None:
    before = Client.objects.count()

    assert begin(house) == begin(house)
    with pytest.raises(BodyChanged):
        begin(house, "Nora")

    assert Client.objects.count() == before + 1
    assert "noor" not in str(list(IdempotencyKey.objects.values())).lower()


def test_a_delivery_without_serial_numbers_is_received_once(house: SmallHouse) -> None:
    def receive(quantity: int) -> None:
        shelf.receive(
            place_id=house.paris, reference_id=house.candle, quantity=quantity, reason="note 17", key="d-1",
            actor=house.manager_paris, at=NOW,
        )  # fmt: skip

    receive(6)
    receive(6)
    with pytest.raises(BodyChanged):
        receive(7)

    assert Level.objects.get(place_id=house.paris, reference_id=house.candle).on_hand == 6
    assert Movement.objects.count() == 1


def test_a_piece_is_set_aside_once_and_a_refusal_leaves_the_key_free(house: SmallHouse) -> None:
    def set_aside() -> uuid.UUID:
        return shelf.hold_reference(
            kind=HoldKind.RESERVATION, place_id=house.paris, reference_id=house.candle, client_id=house.traditional,
            expires_at=NOW + timedelta(days=2), key="h-1", actor=house.advisor_paris, at=NOW,
        )  # fmt: skip

    with pytest.raises(OutOfStock):
        set_aside()
    house.stocked(house.paris, candle=2)

    assert set_aside() == set_aside()
    assert Hold.objects.count() == 1
    assert Level.objects.get(place_id=house.paris).held == 1
