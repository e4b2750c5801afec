"""A paid order changes by proposal, preview and confirmation; only as it was read, and all at once (ADR 0023)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.domains.test_constraints import refused_by
from tests.factories.orders import buy_online, pay
from tests.factories.returns import give, given_back, line_state
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.orders.errors import (
    BalanceToPay,
    ChangeClosed,
    ChangeOpen,
    ModeNotOffered,
    NotChangeable,
    NotReturnable,
    OtherCountry,
    PreviewOutdated,
)
from vendome.domains.orders.types import ChangeKind, Mode
from vendome.domains.payments.types import Tender
from vendome.domains.stock.errors import OutOfStock
from vendome.flows import books, changes
from vendome.flows.changes import Changed, Preview
from vendome.flows.types import PlacedOrder, TenderGiven
from vendome.kit import sql
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput, BodyChanged, Forbidden, NotFound

pytestmark = pytest.mark.django_db
AT = NOW + timedelta(hours=2)
HOME = ["Éléonore de Brissac", "4 rue des Tilleuls", "75008 Paris", "France"]


@pytest.fixture
def paid(house: SmallHouse) -> PlacedOrder:
    """A ring to be collected in Paris, paid by card."""
    house.stocked(house.paris, ring=1, watch=1, candle=1)
    house.stocked(house.london, ring=1)
    return pay(house, buy_online(house, house.traditional, house.ring))


def propose(
    house: SmallHouse,
    placed: PlacedOrder,
    kind: ChangeKind,
    *,
    actor: Actor | None = None,
    key: str = "",
    **more: object,
) -> Preview:
    line = None if kind is ChangeKind.ADDRESS else placed.lines[0].id
    return changes.propose(
        key=key or str(uuid.uuid4()),
        order_id=placed.id,
        kind=kind,
        line_id=line,
        actor=actor or house.as_client(house.traditional),
        at=AT,
        **more,  # type: ignore[arg-type]
    )


def confirm(
    house: SmallHouse, preview: Preview, *, key: str = "c", actor: Actor | None = None, **more: object
) -> Changed:
    return changes.confirm(
        key=key,
        change_id=preview.change_id,
        preview_hash=preview.hash,
        actor=actor or house.as_client(house.traditional),
        at=AT,
        **more,  # type: ignore[arg-type]
    )


def test_a_proposal_changes_nothing(house: SmallHouse, paid: PlacedOrder) -> None:
    seen = propose(house, paid, ChangeKind.CANCEL_LINE)

    assert (seen.balance, seen.problem) == (-820_000, "")
    assert [(one.tender, one.amount) for one in seen.back_to] == [("CARD", 820_000)]
    assert line_state(paid.lines[0].id) == ("HELD", 0, 0, 0)
    assert changes.preview(change_id=seen.change_id, actor=house.advisor_paris, at=AT + timedelta(hours=9)) == seen


def test_a_cancelled_piece_is_free_and_its_money_goes_back(house: SmallHouse, paid: PlacedOrder) -> None:
    seen = propose(house, paid, ChangeKind.CANCEL_LINE)
    done = confirm(house, seen)

    assert confirm(house, seen) == done
    with pytest.raises(ChangeClosed):
        confirm(house, seen, key="d")
    assert given_back(done.document_id) == [("CARD", "REQUESTED", -820_000)]
    assert line_state(paid.lines[0].id) == ("CANCELLED", 1, 1, 820_000)
    assert sql.value("SELECT state FROM orders_order WHERE id = %s", [paid.id]) == "CANCELLED"
    assert sql.row("SELECT state, hold_id FROM stock_piece WHERE id = %s", [paid.lines[0].piece_id]) == (
        "IN_STOCK",
        None,
    )
    assert books.list_problems() == []


def test_one_change_at_a_time(house: SmallHouse, paid: PlacedOrder) -> None:
    first = propose(house, paid, ChangeKind.CANCEL_LINE, key="k")

    assert propose(house, paid, ChangeKind.CANCEL_LINE, key="k") == first
    with pytest.raises(BodyChanged):
        propose(house, paid, ChangeKind.COLLECT_AT, key="k", place_id=house.london)
    with pytest.raises(ChangeOpen):
        propose(house, paid, ChangeKind.COLLECT_AT, place_id=house.london, actor=house.advisor_paris)
    refused_by(
        "one_open_change_per_order",
        "INSERT INTO orders_change (id, order_id, line_id, kind, state, address, proposed_by, proposed_at) "
        "SELECT gen_random_uuid(), order_id, line_id, kind, 'OPEN', '{}', '', now() FROM orders_change",
    )
    changes.withdraw(change_id=first.change_id, actor=house.advisor_paris, at=AT)
    changes.withdraw(change_id=first.change_id, actor=house.advisor_paris, at=AT)
    propose(house, paid, ChangeKind.COLLECT_AT, place_id=house.london)
    with pytest.raises(ChangeClosed):
        confirm(house, first)


def test_collected_elsewhere_if_one_stands_there(house: SmallHouse, paid: PlacedOrder) -> None:
    confirm(house, propose(house, paid, ChangeKind.COLLECT_AT, place_id=house.london))

    place, piece = sql.row("SELECT place_id, piece_id FROM orders_orderline WHERE id = %s", [paid.lines[0].id]) or (
        0,
        0,
    )
    assert (place, piece != paid.lines[0].piece_id) == (house.london, True)
    assert (
        sql.value("SELECT state FROM stock_piece WHERE id = %s AND hold_id IS NULL", [paid.lines[0].piece_id])
        == "IN_STOCK"
    )
    assert sql.value("SELECT count(*) FROM stock_hold WHERE state = 'ACTIVE'") == 1
    assert books.list_problems() == []
    with pytest.raises(ModeNotOffered):
        confirm(house, propose(house, paid, ChangeKind.COLLECT_AT, place_id=house.warehouse), key="e")


def test_what_was_read_must_still_be_true(house: SmallHouse, paid: PlacedOrder) -> None:
    seen = propose(house, paid, ChangeKind.COLLECT_AT, place_id=house.london)
    other = buy_online(house, house.emerging, house.ring, place=house.london)

    with pytest.raises(PreviewOutdated):
        confirm(house, seen)
    fresh = changes.preview(change_id=seen.change_id, actor=house.advisor_paris, at=AT)
    assert fresh.problem == "stock.out_of_stock"
    with pytest.raises(OutOfStock):
        confirm(house, fresh, key="again")
    assert line_state(paid.lines[0].id)[0] == "HELD"
    assert other.lines[0].place_id == house.london
    assert books.list_problems() == []


def test_another_reference_for_less_and_for_more(house: SmallHouse, paid: PlacedOrder) -> None:
    more = propose(house, paid, ChangeKind.SWAP, reference_id=house.watch)
    assert more.balance == 380_000
    with pytest.raises(BalanceToPay):
        confirm(house, more)
    with pytest.raises(Forbidden):
        confirm(house, more, tender=TenderGiven(tender=Tender.CASH, provider="till"), key="x")
    done = confirm(
        house,
        more,
        key="y",
        actor=house.advisor_paris,
        tender=TenderGiven(tender=Tender.TERMINAL, provider="terminal", reference="T1"),
    )

    assert given_back(done.document_id) == [("TERMINAL", "CAPTURED", 380_000)]
    held = sql.row(
        "SELECT reference_id, state, place_id FROM orders_orderline WHERE order_id = %s AND direction = 'OUT'",
        [done.document_id],
    )
    assert held == (house.watch, "HELD", house.paris)
    assert books.list_problems() == []

    assert done.document_id is not None
    line = sql.value("SELECT id FROM orders_orderline WHERE order_id = %s AND direction = 'OUT'", [done.document_id])
    changed = replace(paid, id=done.document_id, lines=(replace(paid.lines[0], id=line),))
    less = propose(house, changed, ChangeKind.SWAP, reference_id=house.candle)
    again = confirm(house, less, key="z")
    assert given_back(again.document_id) == [
        ("CARD", "REQUESTED", -(820_000 - 9_500) + 0),
        ("TERMINAL", "REQUESTED", -380_000),
    ] or (sum(amount for _t, _s, amount in given_back(again.document_id)) == -(1_200_000 - 9_500))
    assert books.list_problems() == []
    give(
        house,
        replace(
            changed,
            lines=(
                replace(
                    paid.lines[0],
                    id=sql.value(
                        "SELECT id FROM orders_orderline WHERE order_id = %s AND direction = 'OUT'", [again.document_id]
                    ),
                ),
            ),
        ),
    )
    assert books.list_problems() == []


def test_an_address_before_it_leaves_and_in_the_same_country(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring, mode=Mode.DELIVER, address=HOME))
    new = [*HOME[:1], "9 avenue Foch", *HOME[2:]]
    with pytest.raises(OtherCountry):
        confirm(house, propose(house, placed, ChangeKind.ADDRESS, address=[*HOME[:3], "Italy"]))
    changes.withdraw(change_id=sql.value("SELECT id FROM orders_change"), actor=house.system, at=AT)

    confirm(house, propose(house, placed, ChangeKind.ADDRESS, address=new), key="e")

    assert sql.value("SELECT delivery_address FROM orders_order WHERE id = %s", [placed.id]) == new
    assert sql.value("SELECT address FROM fulfilment_parcel") == new
    sql.value("UPDATE fulfilment_parcel SET state = 'DISPATCHED' RETURNING 1")
    late = propose(house, placed, ChangeKind.ADDRESS, address=HOME)
    assert late.problem == "orders.not_changeable"
    with pytest.raises(NotChangeable):
        confirm(house, late, key="f")


def test_what_was_given_can_only_be_returned(house: SmallHouse, paid: PlacedOrder) -> None:
    give(house, paid)

    with pytest.raises(NotChangeable):
        confirm(house, propose(house, paid, ChangeKind.CANCEL_LINE))
    assert books.list_problems() == []


def test_who_may_change_what(house: SmallHouse, other_house: SmallHouse, paid: PlacedOrder) -> None:
    with pytest.raises(NotFound):
        propose(house, paid, ChangeKind.CANCEL_LINE, actor=house.as_client(house.emerging))
    with pytest.raises(NotFound):
        propose(house, paid, ChangeKind.CANCEL_LINE, actor=other_house.advisor_paris)
    with pytest.raises(Forbidden):
        propose(house, paid, ChangeKind.CANCEL_LINE, actor=house.director)
    with pytest.raises(NotFound):
        propose(house, paid, ChangeKind.COLLECT_AT, place_id=other_house.paris)
    with pytest.raises(BadInput):
        propose(house, paid, ChangeKind.SWAP)
    sql.value("UPDATE orders_orderline SET is_personalised = true WHERE id = %s RETURNING 1", [paid.lines[0].id])
    with pytest.raises(NotReturnable):
        propose(house, paid, ChangeKind.CANCEL_LINE)
    assert sql.value("SELECT count(*) FROM orders_change") == 0
