"""Set aside in a boutique: by its staff, from afar, by the client herself; each with its own limits."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from tests.factories.orders import CARD, pay
from tests.factories.payments import offer, transfer
from tests.factories.scarcity import merged
from tests.factories.small_house import NOW, SmallHouse
from tests.sabotage import change
from vendome.domains.orders.errors import ModeNotOffered, OrderedLately, SetAsideLately, TooManySetAside
from vendome.domains.orders.types import Mode
from vendome.domains.stock.errors import HoldGone, OutOfStock, QuotaReached, ReasonMissing
from vendome.domains.stock.models import Hold, Level
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.scarcity_models import QuotaRule
from vendome.flows import checkout, reservations
from vendome.flows.reservations import Reservation
from vendome.flows.types import PlacedOrder, TenderGiven, WantedLine
from vendome.kit import sql
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput, BodyChanged, Forbidden, NotFound
from vendome.kit.models import OutboxEvent

pytestmark = pytest.mark.django_db


def reserve(
    house: SmallHouse,
    actor: Actor,
    *,
    key: str = "",
    place: uuid.UUID | None = None,
    client: uuid.UUID | None = None,
    until: datetime | None = None,
    quantity: int = 1,
    reference: uuid.UUID | None = None,
    at: datetime = NOW,
) -> Reservation:
    return reservations.reserve(
        key=key or str(uuid.uuid4()), reference_id=reference or house.ring, place_id=place or house.paris,
        client_id=client or house.traditional, until=until, quantity=quantity, actor=actor, at=at,
    )  # fmt: skip


def test_the_boutique_reaches_to_its_last_piece_and_others_do_not(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    Level.objects.filter(place_id=house.paris).update(safety=1)
    her = house.as_client(house.traditional)

    for far in (house.advisor_tokyo, her):
        with pytest.raises(OutOfStock):
            reserve(house, far)
    with pytest.raises(BadInput):
        reserve(house, house.advisor_tokyo, until=NOW + timedelta(days=3))
    kept = reserve(house, house.advisor_paris, until=NOW + timedelta(days=30))

    hold = Hold.objects.get(id=kept.hold_id)
    assert (hold.kind, hold.client_id, hold.advisor_id) == ("RESERVATION", house.traditional, house.advisor_paris.id)
    assert hold.expires_at == NOW + timedelta(days=30)
    assert stock.list_disagreements() == ()
    assert OutboxEvent.objects.filter(kind="stock.reserved").count() == 1


def test_one_key_is_one_reservation(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=2)

    first = reserve(house, house.advisor_paris, key="k")
    assert reserve(house, house.advisor_paris, key="k") == first
    with pytest.raises(BodyChanged):
        reserve(house, house.advisor_paris, key="k", client=house.emerging)
    assert Level.objects.get(place_id=house.paris, reference_id=house.ring).held == 1


def test_a_client_sets_aside_for_herself_three_at_most(house: SmallHouse) -> None:
    house.stocked(house.paris, candle=9)
    her = house.as_client(house.traditional)
    with pytest.raises(Forbidden):
        reserve(house, her, client=house.emerging, reference=house.candle)

    made = [reserve(house, her, reference=house.candle) for _ in range(3)]
    with pytest.raises(TooManySetAside):
        reserve(house, her, reference=house.candle)
    reservations.release(key="r", hold_id=made[0].hold_id, reason="changed my mind", actor=her, at=NOW)
    reserve(house, her, reference=house.candle)
    assert Level.objects.get(place_id=house.paris, reference_id=house.candle).held == 3


def orders_candles(house: SmallHouse, *, at: datetime, tender: TenderGiven = CARD) -> list[PlacedOrder]:
    """Each candle that is set aside for her, ordered at its place."""
    line = WantedLine(reference_id=house.candle, mode=Mode.COLLECT, place_id=house.paris)
    return [
        checkout.place_order(
            key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="web", lines=[line], tender=tender,
            client_id=house.traditional, actor=house.as_client(house.traditional), at=at,
        )
        for _ in reservations.list_own(client_id=house.traditional)
    ]  # fmt: skip


def test_ordered_and_not_paid_they_are_of_the_three(house: SmallHouse) -> None:
    house.stocked(house.paris, candle=9)
    her = house.as_client(house.traditional)
    for _ in range(3):
        reserve(house, her, reference=house.candle)

    placed = orders_candles(house, at=NOW)
    assert reservations.list_own(client_id=house.traditional) == ()
    assert reservations.get_room(client_id=house.traditional) == 0
    with pytest.raises(TooManySetAside):
        reserve(house, her, reference=house.candle)
    pay(house, placed[0])
    assert reservations.get_room(client_id=house.traditional) == 1
    reserve(house, her, reference=house.candle)
    checkout.expire_unpaid(at=NOW + timedelta(minutes=15))  # the two that are unpaid come back

    assert len(reservations.list_own(client_id=house.traditional)) == 3
    with pytest.raises(TooManySetAside):
        reserve(house, her, reference=house.candle, at=NOW + timedelta(minutes=15))
    assert Level.objects.get(place_id=house.paris, reference_id=house.candle).held == 4


def test_control_by_set_asides_alone_she_keeps_the_whole_shelf(house: SmallHouse) -> None:
    change("flows_count_set_aside", "h.kind = 'ORDER'", "false")
    house.stocked(house.paris, candle=9)
    at = NOW
    for _ in range(3):
        for _ in range(3):
            reserve(
                house, house.as_client(house.traditional), reference=house.candle, until=NOW + reservations.AFAR, at=at
            )
        orders_candles(house, at=at)
        at += timedelta(minutes=15)
    checkout.expire_unpaid(at=at)

    assert len(reservations.list_own(client_id=house.traditional)) == 9


def test_of_a_limited_model_one_that_is_ordered_counts_once(house: SmallHouse) -> None:
    house.stocked(house.paris, candle=4)
    model = sql.value("SELECT model_id FROM catalogue_reference WHERE id = %s", [house.candle])
    QuotaRule.objects.create(
        maison_id=house.maison.id, model_id=model, per_person=2, counts_household=False, set_at=NOW, set_by="SYSTEM"
    )
    her = house.as_client(house.traditional)
    reserve(house, her, reference=house.candle)
    orders_candles(house, at=NOW)

    reserve(house, her, reference=house.candle)
    with pytest.raises(QuotaReached):
        reserve(house, her, reference=house.candle)


def test_of_a_limited_model_she_sets_aside_no_more_than_she_may_buy(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=3)
    model = sql.value("SELECT model_id FROM catalogue_reference WHERE id = %s", [house.ring])
    QuotaRule.objects.create(
        maison_id=house.maison.id, model_id=model, per_person=1, counts_household=False, set_at=NOW, set_by="SYSTEM"
    )
    her = house.as_client(house.traditional)

    reserve(house, her)
    with pytest.raises(QuotaReached):
        reserve(house, her)
    assert Level.objects.get(place_id=house.paris, reference_id=house.ring).held == 1


@pytest.mark.parametrize("is_ended", [True, False])
def test_what_ran_out_stands_free_before_she_sets_it_aside_again(house: SmallHouse, is_ended: bool) -> None:
    house.stocked(house.paris, ring=2, watch=1)
    her = house.as_client(house.traditional)
    ran_out = reserve(house, her).until
    if is_ended:
        checkout.expire_unpaid(at=ran_out)

    for at in (ran_out, ran_out + timedelta(hours=47)):
        with pytest.raises(SetAsideLately):
            reserve(house, her, at=at)
        assert (
            reservations.find_pause(client_id=house.traditional, reference_id=house.ring, at=at)
            == ran_out + reservations.PAUSE
        )
    assert Level.objects.get(place_id=house.paris, reference_id=house.ring).held == (0 if is_ended else 1)

    reserve(house, her, reference=house.watch, at=ran_out)
    reserve(house, house.as_client(house.emerging), client=house.emerging, at=ran_out)
    reservations.release(
        key="e", hold_id=Hold.objects.get(client_id=house.emerging).id, reason="not she",
        actor=house.as_client(house.emerging), at=ran_out,
    )  # fmt: skip
    assert reserve(house, house.advisor_paris, at=ran_out + timedelta(hours=1)).hold_id
    checkout.expire_unpaid(at=ran_out + timedelta(hours=49))
    assert reserve(house, her, at=ran_out + timedelta(hours=48)).hold_id


def test_given_free_at_once_is_no_trick_and_given_free_late_is(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    her = house.as_client(house.traditional)

    def give_free(kept: Reservation, at: datetime) -> None:
        reservations.release(key=str(uuid.uuid4()), hold_id=kept.hold_id, reason="thinking", actor=her, at=at)

    give_free(reserve(house, her), NOW + timedelta(minutes=5))
    late = NOW + timedelta(hours=47)
    give_free(reserve(house, her, at=NOW + timedelta(minutes=6)), late)

    with pytest.raises(SetAsideLately):
        reserve(house, her, at=late + timedelta(minutes=1))


def orders(
    house: SmallHouse, *, at: datetime, client: uuid.UUID | None = None, tender: TenderGiven = CARD
) -> PlacedOrder:
    """The ring, ordered online and not paid."""
    her = client or house.traditional
    line = WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris)
    return checkout.place_order(
        key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="web", lines=[line], tender=tender,
        client_id=her, actor=house.as_client(her), at=at,
    )  # fmt: skip


def left_unpaid(house: SmallHouse, *, at: datetime, tender: TenderGiven = CARD) -> datetime:
    """The same, until it has run out; answers when that was."""
    orders(house, at=at, tender=tender)
    ended: datetime = Hold.objects.get(state="ACTIVE").expires_at
    checkout.expire_unpaid(at=ended)
    return ended


def test_an_order_left_unpaid_does_not_take_it_on(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    her = house.as_client(house.traditional)
    reserve(house, her)
    late = NOW + timedelta(hours=47, minutes=50)

    ended = left_unpaid(house, at=late)

    with pytest.raises(SetAsideLately):
        reserve(house, her, at=ended)
    with pytest.raises(SetAsideLately):
        reserve(house, her, at=ended + timedelta(hours=47))
    assert reserve(house, house.as_client(house.emerging), client=house.emerging, at=ended).hold_id


def test_kept_in_parts_is_kept_together(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    her = house.as_client(house.traditional)
    at = NOW
    for _ in range(2):
        kept = reserve(house, her, at=at)
        at += timedelta(hours=11, minutes=59)
        reservations.release(key=str(uuid.uuid4()), hold_id=kept.hold_id, reason="thinking", actor=her, at=at)

    with pytest.raises(SetAsideLately):
        reserve(house, her, at=at)
    # What makes it twelve hours is the first of the two: once that ended a pause ago, the other alone is no matter.
    first = NOW + timedelta(hours=11, minutes=59)
    again = reservations.find_pause(client_id=house.traditional, reference_id=house.ring, at=at)
    assert again == first + reservations.PAUSE
    with pytest.raises(SetAsideLately):
        reserve(house, her, at=again - timedelta(minutes=1))
    assert reserve(house, her, at=again).hold_id


def test_her_other_record_is_she(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1, candle=4)
    ran_out = reserve(house, house.as_client(house.traditional)).until
    for _ in range(2):
        reserve(house, house.as_client(house.traditional), reference=house.candle)
    merged(kept=house.traditional, absorbed=house.emerging)
    other = house.as_client(house.emerging)

    with pytest.raises(TooManySetAside):
        reserve(house, other, client=house.emerging, reference=house.candle)
    checkout.expire_unpaid(at=ran_out)
    with pytest.raises(SetAsideLately):
        reserve(house, other, client=house.emerging, at=ran_out)


def test_what_was_paid_for_was_not_kept_from_others(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    paid = pay(house, orders(house, at=NOW))
    later = NOW + timedelta(days=2)
    sql.value(
        "SELECT stock_end_hold(%s, 'RELEASED', 'A', 'the order was cancelled', %s)", [paid.lines[0].hold_id, later]
    )

    assert reserve(house, house.as_client(house.traditional), at=later).hold_id


def test_orders_one_after_the_other_keep_it_no_more_than_once(house: SmallHouse) -> None:
    offer(house)
    house.stocked(house.paris, ring=1)
    reserve(house, house.as_client(house.traditional))
    over = NOW + timedelta(hours=49)
    checkout.expire_unpaid(at=over)

    ended = left_unpaid(house, at=over, tender=transfer())  # she had it set aside, and may buy it all the same
    assert ended - over >= timedelta(days=2)
    with pytest.raises(OrderedLately):
        orders(house, at=ended, tender=transfer())
    assert Level.objects.get(place_id=house.paris, reference_id=house.ring).held == 0

    at = ended
    for _ in range(8 - 1):  # the transfer counted as one of them
        at = left_unpaid(house, at=at)
    with pytest.raises(OrderedLately):
        orders(house, at=at)
    assert orders(house, at=at, client=house.emerging).id
    checkout.expire_unpaid(at=at + timedelta(hours=47))
    assert orders(house, at=ended + timedelta(hours=48)).id


def test_control_orders_that_are_not_counted_keep_it_for_ever(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    change("flows_check_unpaid", "IF client IS NULL THEN", "IF true THEN")
    at = NOW
    for _ in range(12):
        at = left_unpaid(house, at=at)

    assert orders(house, at=at).id


def test_control_without_the_pause_she_keeps_it_for_ever(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    her = house.as_client(house.traditional)
    change("flows_set_aside_again", "+ pause", "")

    for time in range(3):
        at = NOW + timedelta(hours=48 * time)
        checkout.expire_unpaid(at=at)
        reserve(house, her, at=at)

    assert Hold.objects.filter(client_id=house.traditional).count() == 3


def test_places_that_do_not_offer_it_and_what_is_not_ours(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.partner_door, ring=1)
    house.stocked(house.paris, ring=1)
    her = house.as_client(house.traditional)

    with pytest.raises(ModeNotOffered):
        reserve(house, her, place=house.partner_door)
    for wrong in (
        {"place": other_house.paris},
        {"client": other_house.traditional},
        {"reference": other_house.ring},
    ):
        with pytest.raises(NotFound):
            reserve(house, house.advisor_paris, **wrong)  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        reserve(house, house.director)
    assert not Hold.objects.exists()


def test_it_is_given_free_by_who_asked_or_who_keeps_it(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.paris, ring=3)
    hers = reserve(house, house.as_client(house.traditional))
    far = reserve(house, house.advisor_tokyo)

    def release(kept: Reservation, actor: Actor, reason: str = "sold elsewhere", key: str = "") -> None:
        reservations.release(key=key or str(uuid.uuid4()), hold_id=kept.hold_id, reason=reason, actor=actor, at=NOW)

    for stranger in (house.as_client(house.emerging), other_house.manager_paris):
        with pytest.raises(NotFound):
            release(hers, stranger)
    with pytest.raises(NotFound):
        release(hers, house.advisor_tokyo)
    with pytest.raises(ReasonMissing):
        release(far, house.advisor_tokyo, reason=" ")
    release(far, house.advisor_tokyo, key="k")
    release(far, house.advisor_tokyo, key="k")
    release(hers, house.advisor_paris)
    with pytest.raises(HoldGone):
        release(hers, house.advisor_paris)
    assert Level.objects.get(place_id=house.paris, reference_id=house.ring).held == 0


def test_a_release_that_comes_after_her_order_leaves_her_order_its_piece(house: SmallHouse) -> None:
    """Between the reading and the release she has bought: the statement itself asks again, the bare one does not."""
    house.stocked(house.paris, ring=1)
    kept = reserve(house, house.as_client(house.traditional))
    line = WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris, hold_id=kept.hold_id)
    placed = checkout.place_order(
        key="buys", maison=house.maison, market=house.france, channel="web", lines=[line], tender=CARD,
        client_id=house.traditional, actor=house.as_client(house.traditional), at=NOW,
    )  # fmt: skip
    hold = placed.lines[0].hold_id
    late = "SELECT flows_release_reservation('s', 'k', 'x'::bytea, %s, 'not wanted', 'A', %s)"

    with pytest.raises(HoldGone), transaction.atomic():
        sql.value(late, [hold, NOW])
    assert kept.hold_id == hold
    assert Hold.objects.get(id=hold).state == "ACTIVE"

    sql.value("SELECT stock_end_hold(%s, 'RELEASED', 'A', 'not wanted', %s)", [hold, NOW])  # the control
    assert Hold.objects.get(id=hold).state == "RELEASED"
