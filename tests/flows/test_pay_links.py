"""Pay by link: one tender, one address, once, until it runs out; the boutique hears of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.domains.test_constraints import refused_by
from tests.factories.orders import buy_online
from tests.factories.payments import card, cash, order, states
from tests.factories.small_house import NOW, SmallHouse
from tests.sabotage import change
from vendome.domains.orders.errors import GivenUp
from vendome.domains.payments.errors import Declined, LinkGone, NothingToPay
from vendome.domains.payments.types import LinkState
from vendome.flows import books, checkout, pay_links, paying
from vendome.flows.types import PlacedOrder
from vendome.kit import sql
from vendome.kit.errors import BadInput, Forbidden, NotFound

pytestmark = pytest.mark.django_db


def link(house: SmallHouse, placed: PlacedOrder, key: str = "k", **more):  # type: ignore[no-untyped-def]
    return pay_links.create(key=key, order_id=placed.id, **({"actor": house.advisor_paris, "at": NOW} | more))


def use(house: SmallHouse, token: str, instrument: str = "card_good", at=NOW):  # type: ignore[no-untyped-def]
    return pay_links.pay(token=token, instrument=instrument, actor=house.system, at=at)


def test_she_pays_once_and_the_order_is_confirmed(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = order(house, card())
    made = link(house, placed)
    assert made.payment_id == placed.payment_id
    seen = pay_links.get_link(token=made.token, at=NOW)
    pay_links.note_opened(link=seen, actor=house.system, at=NOW)
    with pytest.raises(Declined):
        use(house, made.token, "card_declined")
    assert states(placed.id)[0] == "AWAITING_PAYMENT"  # another card may do

    assert use(house, made.token).state is LinkState.PAID

    assert states(placed.id)[0] == "CONFIRMED"
    with pytest.raises(LinkGone):
        use(house, made.token)
    assert len(states(placed.id)[1]) == 1
    kinds = sql.rows("SELECT kind FROM kit_outboxevent WHERE kind LIKE 'payments.%%' ORDER BY seq")
    assert [kind for (kind,) in kinds][-3:] == [
        "payments.link_made",
        "payments.link_opened",
        "payments.payment_captured",
    ]
    assert books.list_problems() == []


def test_pieces_are_kept_as_long_as_the_link_lasts(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = order(house, card())
    made = link(house, placed, lasts=timedelta(days=2))
    checkout.expire_unpaid(at=NOW + timedelta(days=1))
    assert states(placed.id)[0] == "AWAITING_PAYMENT"
    checkout.expire_unpaid(at=NOW + timedelta(days=2, minutes=1))
    assert states(placed.id)[0] == "CANCELLED"
    with pytest.raises(LinkGone):
        use(house, made.token, at=NOW + timedelta(days=3))
    with pytest.raises(GivenUp):
        link(house, placed, "again")


def test_her_own_page_keeps_pieces_from_nobody_for_longer_than_an_hour(house: SmallHouse) -> None:
    """Opened again and again and never paid, it would keep the last piece from every other client for nothing."""
    house.stocked(house.paris, ring=1)
    client = house.as_client(house.traditional)
    placed = buy_online(house, house.traditional, house.ring)

    def open_page(minutes: int) -> pay_links.MadeLink:
        return pay_links.create_for_client(
            order_id=placed.id, maison_id=house.maison.id, lasts=timedelta(minutes=40), actor=client,
            at=NOW + timedelta(minutes=minutes),
        )  # fmt: skip

    assert open_page(1).expires_at == NOW + timedelta(minutes=41)
    assert open_page(30).expires_at == open_page(50).expires_at == NOW + timedelta(hours=1)
    checkout.expire_unpaid(at=NOW + timedelta(minutes=59))
    assert states(placed.id)[0] == "AWAITING_PAYMENT"
    with pytest.raises(GivenUp):
        open_page(60)
    checkout.expire_unpaid(at=NOW + timedelta(minutes=61))

    assert states(placed.id)[0] == "CANCELLED"


def test_control_without_that_end_she_keeps_it_for_ever(house: SmallHouse) -> None:
    change("flows_open_link", "IF is_own AND o.state = 'AWAITING_PAYMENT' THEN", "IF false THEN")
    house.stocked(house.paris, ring=1)
    placed = buy_online(house, house.traditional, house.ring)

    for minutes in range(0, 600, 30):
        at = NOW + timedelta(minutes=minutes)
        checkout.expire_unpaid(at=at)
        pay_links.create_for_client(
            order_id=placed.id, maison_id=house.maison.id, lasts=timedelta(minutes=40),
            actor=house.as_client(house.traditional), at=at,
        )  # fmt: skip

    assert states(placed.id)[0] == "AWAITING_PAYMENT"


def test_her_own_page_shortens_nothing_that_staff_have_promised(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = buy_online(house, house.traditional, house.ring)
    link(house, placed, lasts=timedelta(days=2))

    made = pay_links.create_for_client(
        order_id=placed.id, maison_id=house.maison.id, lasts=timedelta(minutes=40),
        actor=house.as_client(house.traditional), at=NOW + timedelta(days=1),
    )  # fmt: skip

    assert made.expires_at == NOW + timedelta(days=1, minutes=40)
    checkout.expire_unpaid(at=NOW + timedelta(days=1, hours=23))
    assert states(placed.id)[0] == "AWAITING_PAYMENT"


def test_a_link_has_an_end(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = order(house, cash(), due_amount=300_000)
    made = link(house, placed, lasts=timedelta(hours=1))
    assert made.amount == 520_000
    with pytest.raises(LinkGone):
        use(house, made.token, at=NOW + timedelta(hours=2))
    newer = link(house, placed, "again", at=NOW + timedelta(hours=3))
    assert newer.payment_id == made.payment_id
    use(house, newer.token, at=NOW + timedelta(hours=4))
    assert books.list_problems() == []


def test_a_newer_link_ends_the_older_and_a_repeat_shows_no_token(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = order(house, card())
    old, again, new = link(house, placed), link(house, placed), link(house, placed, "other")
    assert (again.id, again.token) == (old.id, "")
    with pytest.raises(LinkGone):
        use(house, old.token)
    assert new.payment_id == old.payment_id
    assert sql.value("SELECT count(*) FROM payments_paylink WHERE state = 'OPEN'") == 1
    refused_by("one_open_link_per_payment", "UPDATE payments_paylink SET state = 'OPEN'")
    refused_by("link_ends_after_it_begins", "UPDATE payments_paylink SET expires_at = created_at")
    assert sql.value("SELECT count(*) FROM payments_paylink WHERE token_hash = %s", [new.token.encode()]) == 0


def test_no_link_for_nothing_and_none_for_strangers(house: SmallHouse, other_house: SmallHouse) -> None:
    house.stocked(house.paris, ring=3)
    placed = order(house, cash())
    with pytest.raises(NothingToPay):
        link(house, placed)
    waiting = order(house, card())
    with pytest.raises(Forbidden):
        link(house, waiting, actor=house.advisor_tokyo)
    with pytest.raises(NotFound):
        link(house, waiting, actor=other_house.advisor_paris)
    online = buy_online(house, house.traditional, house.ring)  # collected in Paris: of no business of Tokyo's
    with pytest.raises(NotFound):
        link(house, online, "t", actor=house.advisor_tokyo)
    with pytest.raises(NotFound):
        paying.add_tender(key="t", order_id=online.id, tender=card(), actor=house.advisor_tokyo, at=NOW)
    with pytest.raises(NotFound):
        paying.drop_tender(payment_id=online.payment_id, actor=house.advisor_tokyo, at=NOW)
    with pytest.raises(BadInput):
        link(house, waiting, lasts=timedelta(days=15))
    with pytest.raises(NotFound):
        pay_links.get_link(token="nothing", at=NOW)
    assert sql.value("SELECT count(*) FROM payments_paylink") == 0
