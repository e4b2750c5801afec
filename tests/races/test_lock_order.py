"""Parcels, lines and money of one order at the same moment: nobody waits in a circle. The controls must."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from tests.factories.orders import buy_online, pay
from tests.factories.parcels import ADDRESS, SIGNED, offer_services, pack, packer, parcel_of
from tests.factories.payments import card, offer
from tests.factories.returns import give
from tests.factories.small_house import NOW, SmallHouse
from tests.flows.test_tenders import captured
from tests.races.conftest import Outcome, race
from tests.sabotage import changed
from vendome.domains.fulfilment.errors import ParcelMoved
from vendome.domains.fulfilment.types import ParcelView, RefusalReason, Resolution
from vendome.domains.orders.errors import ExceptionEnded
from vendome.domains.orders.types import ChangeKind, Mode
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.services import transfers
from vendome.flows import books, changes, checkout, exceptions, line_steps, parcels, shipping
from vendome.flows.line_steps import Step
from vendome.flows.types import PlacedOrder, WantedLine
from vendome.kit import outbox, sql
from vendome.kit.actors import Actor

pytestmark = pytest.mark.race
type Attempt = Callable[[], object]

ADVISORY = "PERFORM flows_lock_parcels("


def breath_after(function: str, passage: str) -> str:
    """A breath behind a statement that has just taken locks, so that whoever crosses it takes theirs meanwhile."""
    return changed(function, passage, f"{passage} PERFORM pg_sleep(0.4);")


BREATHS = (
    breath_after("flows_locked_parcel", "PERFORM flows_lock_parcels(p.order_id);"),
    breath_after("flows_settle_payment", "SELECT * INTO p FROM payments_payment WHERE id = payment FOR NO KEY UPDATE;"),
    breath_after(
        "flows_confirm_change", "SELECT * INTO l FROM orders_orderline WHERE id = c.line_id FOR NO KEY UPDATE;"
    ),
    breath_after(
        "flows_resolve_exception",
        "SELECT * INTO e FROM fulfilment_orderexception WHERE id = exception_ FOR NO KEY UPDATE;",
    ),
)  # fmt: skip
LATE = {
    "settle": changed("flows_settle_payment", f"{ADVISORY}p.order_id);", ""),
    "change": changed("flows_confirm_change", f"{ADVISORY}c.order_id);", ""),
    "resolve": changed(
        "flows_resolve_exception",
        f"{ADVISORY}(SELECT x.order_id FROM fulfilment_orderexception x WHERE x.id = exception_));",
        "",
    ),
}
"""Each with the line of its order's parcels not joined first, but when its other locks are held already."""


def both(house: SmallHouse) -> tuple[PlacedOrder, ParcelView]:
    """A ring that is sent from the warehouse and a watch collected in Paris, on one order that is paid in rates."""
    placed = checkout.place_order(
        key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="boutique",
        lines=[
            WantedLine(reference_id=house.ring, mode=Mode.DELIVER),
            WantedLine(reference_id=house.watch, mode=Mode.COLLECT, place_id=house.paris),
        ],
        tenders=[card()], instalments=3, address=ADDRESS, client_id=house.traditional,
        advisor_id=house.advisor_paris.id, selling_place_id=house.paris, actor=house.advisor_paris, at=NOW,
    )  # fmt: skip
    pay(house, placed)
    return placed, parcel_of(house, placed)


def on_its_way(house: SmallHouse, service: uuid.UUID) -> tuple[PlacedOrder, ParcelView]:
    placed, parcel = both(house)
    pack(house, parcel, service)
    shipping.book_due(actor=house.system, at=NOW)
    parcels.dispatch(parcel_id=parcel.id, actor=packer(house), at=NOW)
    return placed, parcel


def watch_of(placed: PlacedOrder) -> uuid.UUID:
    return next(line.id for line in placed.lines if line.mode is Mode.COLLECT)


def cancels(house: SmallHouse, placed: PlacedOrder, line_id: uuid.UUID | None = None) -> Attempt:
    """The watch, or another line, is cancelled by proposal."""
    seen = changes.propose(
        key=str(uuid.uuid4()), order_id=placed.id, kind=ChangeKind.CANCEL_LINE, line_id=line_id or watch_of(placed),
        actor=house.system, at=NOW,
    )  # fmt: skip
    return lambda: changes.confirm(
        key=str(uuid.uuid4()), change_id=seen.change_id, preview_hash=seen.hash, actor=house.system, at=NOW
    )


def refunds(house: SmallHouse, exception: uuid.UUID) -> Attempt:
    return lambda: exceptions.resolve(
        key=str(uuid.uuid4()), exception_id=exception, resolution=Resolution.REFUNDED, actor=house.system, at=NOW
    )


def refused(house: SmallHouse, placed: PlacedOrder) -> uuid.UUID:
    return line_steps.refuse(
        key=str(uuid.uuid4()), line_id=watch_of(placed), reason=RefusalReason.NOT_FOUND, note="",
        actor=house.system, at=NOW,
    )  # fmt: skip


def pays_a_rate(house: SmallHouse, placed: PlacedOrder) -> Attempt:
    rate = sql.value(
        "SELECT id FROM payments_instalment WHERE order_id = %s AND state = 'DUE' ORDER BY position", [placed.id]
    )
    sql.value("UPDATE payments_instalment SET next_at = %s WHERE id = %s RETURNING 1", [NOW, rate])
    begun = sql.document("SELECT flows_begin_instalment(%s, %s)", [rate, NOW])
    outcome = replace(captured(begun["amount"]), provider_reference=begun["payment"])
    return lambda: checkout.settle(payment_id=uuid.UUID(begun["payment"]), outcome=outcome, actor=house.system, at=NOW)


@dataclass(frozen=True)
class Desk:
    """A house with all that is needed to send, and who sends it."""

    house: SmallHouse
    express: uuid.UUID
    who: Actor


def ready(house: SmallHouse) -> Desk:
    house.stocked(house.warehouse, ring=30)
    house.stocked(house.paris, watch=30)
    offer(house)
    return Desk(house, offer_services(house)["EXPRESS"], packer(house, "logistics", "stock_controller"))


def a_change_and_packing(at: Desk) -> tuple[Attempt, ...]:
    placed, parcel = both(at.house)
    return cancels(at.house, placed), lambda: pack(at.house, parcel, at.express)


def a_refund_and_packing(at: Desk) -> tuple[Attempt, ...]:
    placed, parcel = both(at.house)
    return refunds(at.house, refused(at.house, placed)), lambda: pack(at.house, parcel, at.express)


def a_rate_and_the_door(at: Desk) -> tuple[Attempt, ...]:
    placed, parcel = on_its_way(at.house, at.express)
    return pays_a_rate(at.house, placed), lambda: parcels.deliver(
        parcel_id=parcel.id, received_by="E.", signature=SIGNED, actor=at.who, at=NOW
    )


def a_change_and_what_comes_back(at: Desk) -> tuple[Attempt, ...]:
    placed, parcel = on_its_way(at.house, at.express)
    return cancels(at.house, placed), lambda: parcels.take_back(
        parcel_id=parcel.id, reason="seal whole", actor=at.who, at=NOW
    )


def a_rate_a_loss_and_the_counter(at: Desk) -> tuple[Attempt, ...]:
    placed, parcel = on_its_way(at.house, at.express)
    return (
        pays_a_rate(at.house, placed),
        lambda: parcels.lose(parcel_id=parcel.id, reason="gone", actor=at.who, at=NOW),
        lambda: give(at.house, replace(placed, lines=placed.lines[1:])),
    )


def another_piece_or_the_money(at: Desk) -> tuple[Attempt, ...]:
    """What was lost: two people answer her at once, each in her own way."""
    _, parcel = on_its_way(at.house, at.express)
    parcels.lose(parcel_id=parcel.id, reason="gone", actor=at.who, at=NOW)
    outbox.deliver_due()
    asked = sql.value(
        "SELECT e.id FROM fulfilment_orderexception e JOIN fulfilment_parcelline x ON x.order_line_id = e.order_line_id"
        " WHERE x.parcel_id = %s",
        [parcel.id],
    )
    return refunds(at.house, asked), lambda: parcels.replace_lost(parcel_id=parcel.id, actor=at.who, at=NOW)


PAIRS = (
    a_change_and_packing,
    a_refund_and_packing,
    a_rate_and_the_door,
    a_change_and_what_comes_back,
    a_rate_a_loss_and_the_counter,
    another_piece_or_the_money,
)


def circles() -> int:
    """How many deadlocks the database has broken: our code tries again by itself, so no error tells of them."""
    outbox.stop_waking()
    for _ in range(200):  # a connection hands in its count when it ends
        if not sql.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()") - 1:
            break
        time.sleep(0.05)
    return int(sql.value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))


def test_whatever_is_done_to_one_order_at_once_is_done_one_after_the_other(arena: Callable[..., SmallHouse]) -> None:
    desk = ready(arena(*BREATHS))
    attempts = [one for _ in range(2) for pair in PAIRS for one in pair(desk)]

    outcome = race(*attempts)

    assert outcome.broken == []
    assert circles() == 0
    assert len(outcome.refused) == 2  # another piece or the money, for each of two parcels
    assert {type(error) for error in outcome.refused} <= {ExceptionEnded, ParcelMoved}
    assert stock.list_disagreements() == ()
    assert books.list_problems() == []


@pytest.mark.parametrize(
    ("late", "pair"),
    [
        ("settle", a_rate_and_the_door),
        ("change", a_change_and_packing),
        ("resolve", another_piece_or_the_money),
    ],
)
def test_control_who_joins_the_line_of_parcels_last_waits_in_a_circle(
    arena: Callable[..., SmallHouse], late: str, pair: Callable[[Desk], tuple[Attempt, ...]]
) -> None:
    desk = ready(arena(*BREATHS, LATE[late]))

    outcome = race(*pair(desk))

    assert circles() > 0, outcome


# -- a line that leaves for its boutique, and is cancelled ------------------------------------------------------

LEVEL_THEN_HOLD = (
    breath_after("flows_confirm_change", "PERFORM FROM stock_piece x WHERE x.id = l.piece_id FOR NO KEY UPDATE;"),
    breath_after(
        "stock_request_transfer_of_hold", "SELECT * INTO h FROM stock_hold WHERE id = hold FOR NO KEY UPDATE;"
    ),
)
HOLD_THEN_LEVEL = changed(
    "flows_step_line",
    "PERFORM stock_lock_levels(ARRAY[stands, stock_transit_of(o.maison_id)], ARRAY[l.reference_id]);",
    "",
)


def leaves_or_is_cancelled(house: SmallHouse) -> Outcome:
    """To be collected in Paris from London, where somebody has given up the transfer that the order had asked for."""
    house.stocked(house.london, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    transfer = sql.value("SELECT id FROM stock_transfer")
    transfers.cancel(key="t", transfer_id=transfer, reason="the van is full", actor=house.system, at=NOW)
    return race(
        cancels(house, placed, placed.lines[0].id),
        lambda: line_steps.take_step(key="s", line_id=placed.lines[0].id, step=Step.LEAVES, actor=house.system, at=NOW),
    )


def test_a_line_leaves_or_is_cancelled(arena: Callable[..., SmallHouse]) -> None:
    house = arena(*LEVEL_THEN_HOLD)

    outcome = leaves_or_is_cancelled(house)

    assert outcome.broken == []
    assert circles() == 0
    assert len(outcome.won) == 1
    assert stock.list_disagreements() == ()
    assert books.list_problems() == []


def test_control_the_hold_before_its_level_is_a_circle(arena: Callable[..., SmallHouse]) -> None:
    outcome = leaves_or_is_cancelled(arena(*LEVEL_THEN_HOLD, HOLD_THEN_LEVEL))

    assert circles() > 0, outcome
