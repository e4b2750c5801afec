"""How many orders somebody may leave unpaid online at once: a number of the house, counted over a person's records."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.factories.orders import CARD, buy_online, pay
from tests.factories.payments import card, offer, order, transfer
from tests.factories.scarcity import merged
from tests.factories.small_house import NOW, SmallHouse
from tests.sabotage import change
from vendome.domains.house import queries, services
from vendome.domains.house.models import Maison
from vendome.domains.orders.errors import TooManyUnpaid
from vendome.domains.orders.models import Order
from vendome.domains.orders.types import Mode
from vendome.domains.stock.models import Level
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import checkout, pay_links
from vendome.flows.types import PlacedOrder, TenderGiven, WantedLine
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def three_at_once(house: SmallHouse) -> None:
    services.set_unpaid_orders(most=3, actor=house.system, at=NOW)
    house.stocked(house.paris, candle=20)


def as_guest(house: SmallHouse, email: str, *, tender: TenderGiven = CARD, at: datetime = NOW) -> PlacedOrder:
    line = WantedLine(reference_id=house.candle, mode=Mode.COLLECT, place_id=house.paris)
    return checkout.place_order(
        key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="web", lines=[line], tender=tender,
        client_id=None, contact={"name": "x", "email": email}, actor=Actor.anonymous(), at=at,
    )  # fmt: skip


def test_one_more_than_the_house_keeps_is_refused_and_holds_nothing(house: SmallHouse) -> None:
    placed = [buy_online(house, house.traditional, house.candle) for _ in range(3)]

    with pytest.raises(TooManyUnpaid) as refused:
        buy_online(house, house.traditional, house.candle)

    assert refused.value.details() == {"most": 3}
    assert Level.objects.get(place_id=house.paris, reference_id=house.candle).held == 3
    assert Order.objects.count() == 3
    assert stock.list_disagreements() == ()
    assert buy_online(house, house.emerging, house.candle).id  # another client is nothing to her
    pay(house, placed[0])
    assert buy_online(house, house.traditional, house.candle).id
    checkout.expire_unpaid(at=NOW + timedelta(hours=1))
    assert buy_online(house, house.traditional, house.candle, at=NOW + timedelta(hours=1)).id


def test_her_records_are_counted_together(house: SmallHouse) -> None:
    merged(kept=house.traditional, absorbed=house.emerging)
    for client in (house.traditional, house.emerging, house.traditional):
        buy_online(house, client, house.candle)

    for client in (house.traditional, house.emerging):
        with pytest.raises(TooManyUnpaid):
            buy_online(house, client, house.candle)


EMAILS = ("anouk@example.com", "Anouk@Example.com", " anouk@example.com")


def test_without_an_account_the_address_counts_what_waits_for_a_bank(house: SmallHouse) -> None:
    offer(house)
    for email in EMAILS:
        as_guest(house, email, tender=transfer())

    with pytest.raises(TooManyUnpaid):
        as_guest(house, "ANOUK@example.com ", tender=transfer())
    assert as_guest(house, "another@example.com", tender=transfer()).id


def test_nobody_locks_her_out_by_typing_her_address(house: SmallHouse) -> None:
    offer(house)
    for email in EMAILS:
        as_guest(house, email, tender=transfer())
    for _ in range(4):  # she may always pay by card, and what waits for a card counts against nobody's transfer
        assert as_guest(house, EMAILS[0]).id
    for _ in range(4):
        placed = as_guest(house, "another@example.com")
        pay_links.create_for_client(
            order_id=placed.id, maison_id=house.maison.id, lasts=timedelta(hours=1), actor=Actor.anonymous(), at=NOW
        )

    assert as_guest(house, "another@example.com", tender=transfer()).id


def test_what_no_longer_keeps_anything_does_not_count(house: SmallHouse) -> None:
    """No worker has come by yet."""
    offer(house, transfer_days=1)
    for _ in range(3):
        buy_online(house, house.traditional, house.candle)
        as_guest(house, EMAILS[0], tender=transfer())

    assert buy_online(house, house.traditional, house.candle, at=NOW + timedelta(minutes=60)).id
    assert as_guest(house, EMAILS[0], tender=transfer(), at=NOW + timedelta(days=1)).id


def test_control_with_what_has_ended_she_waits_for_the_worker(house: SmallHouse) -> None:
    change("flows_check_unpaid", "AND h.expires_at > at AND x.state", "AND x.state")
    for _ in range(3):
        buy_online(house, house.traditional, house.candle)

    with pytest.raises(TooManyUnpaid):
        buy_online(house, house.traditional, house.candle, at=NOW + timedelta(minutes=60))


def test_what_staff_and_programs_place_is_neither_counted_nor_refused(house: SmallHouse) -> None:
    for _ in range(4):
        order(house, card(), what=house.candle)
    for _ in range(3):
        buy_online(house, house.traditional, house.candle)
    assert order(house, card(), what=house.candle).id


def test_the_same_key_again_is_the_same_order_at_the_limit_too(house: SmallHouse) -> None:
    buy_online(house, house.traditional, house.candle)
    buy_online(house, house.traditional, house.candle)
    last = buy_online(house, house.traditional, house.candle, key="again")

    assert buy_online(house, house.traditional, house.candle, key="again").id == last.id


def test_control_without_the_count_she_holds_the_whole_shelf(house: SmallHouse) -> None:
    change("flows_check_unpaid", "waiting > most", "false")

    for _ in range(20):
        buy_online(house, house.traditional, house.candle)
    assert Level.objects.get(place_id=house.paris, reference_id=house.candle).held == 20


def test_a_house_begins_with_five_and_sets_its_own(house: SmallHouse, capsys: pytest.CaptureFixture[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO house_maison (id, code, name, default_language) VALUES (gen_random_uuid(), 'new', 'New', 'en')"
        )
    new = Maison.objects.get(code="new")
    assert queries.get_unpaid_orders(maison_id=new.id) == 5

    call_command("unpaid_orders", "8", "--maison", "new")
    call_command("unpaid_orders", "8", "--maison", "new")

    assert "New: 8 unpaid web orders at once" in capsys.readouterr().out
    assert queries.get_unpaid_orders(maison_id=new.id) == 8
    assert queries.get_unpaid_orders(maison_id=house.maison.id) == 3
    for wrong in (0, 10_001):
        with pytest.raises(BadInput):
            services.set_unpaid_orders(most=wrong, actor=house.system, at=NOW)
    with pytest.raises(CommandError):
        call_command("unpaid_orders", "0")
