"""Two people at one transfer at once, and a web buyer at its last piece: one of them wins. The controls must fail."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from tests.factories.orders import buy_online, pay
from tests.factories.small_house import NOW, SmallHouse
from tests.races.conftest import race
from vendome.domains.stock.errors import AlreadyTravels, OutOfStock, TransferMoved
from vendome.domains.stock.models import Hold, TransferLine
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.queries import transfers as reads
from vendome.domains.stock.services import transfers
from vendome.domains.stock.services.transfers import Arrived, Step, Wanted
from vendome.domains.stock.types import TransferState

pytestmark = pytest.mark.race

NO_ORDER = (
    """
    CREATE OR REPLACE FUNCTION stock_lock_transfer(transfer uuid, states text[]) RETURNS stock_transfer
    LANGUAGE plpgsql AS $$
    DECLARE t stock_transfer;
    BEGIN
        SELECT * INTO t FROM stock_transfer WHERE id = transfer;
        IF NOT t.state = ANY (states) THEN PERFORM vendome_fail('stock.transfer_moved'); END IF;
        PERFORM pg_sleep(0.1);
        RETURN t;
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION stock_lock_levels(places uuid[], refs uuid[]) RETURNS void LANGUAGE sql AS 'SELECT'
    """,
    "DROP TRIGGER stock_transfer_moves_forward ON stock_transfer",
    # The guards of `stock_move_hold`, and what the row itself refuses.
    """
    DO $$ BEGIN
        EXECUTE replace(replace(pg_get_functiondef('stock_move_hold'::regproc),
            'AND state = ''ACTIVE'' AND place_id = h.place_id', ''),
            'IF h.place_id = to_place THEN', 'PERFORM pg_sleep(0.1); IF false THEN');
    END $$
    """,
    "ALTER TABLE stock_level DROP CONSTRAINT stock_never_oversold",
    "ALTER TABLE stock_level DROP CONSTRAINT stock_held_not_negative",
    "ALTER TABLE stock_movement DROP CONSTRAINT ledger_never_oversold",
)
"""Read, then act, with nothing behind it."""


def key() -> str:
    return str(uuid.uuid4())


def asked(house: SmallHouse, quantity: int = 1) -> Step:
    return transfers.request(
        key=key(), from_place_id=house.london, to_place_id=house.paris,
        lines=[Wanted(reference_id=house.ring, quantity=quantity)], reason="for the window", actor=house.system, at=NOW,
    )  # fmt: skip


def approved(house: SmallHouse, quantity: int = 1) -> Step:
    return transfers.approve(key=key(), transfer_id=asked(house, quantity).id, actor=house.system, at=NOW)


def dispatch(house: SmallHouse, one: Step) -> Step:
    return transfers.dispatch(key=key(), transfer_id=one.id, actor=house.system, at=NOW)


def receive(house: SmallHouse, one: Step) -> Step:
    lines = reads.get_transfer(actor=house.system, transfer_id=one.id).lines
    arrived = [Arrived(line_id=line.id, received=1) for line in lines]
    return transfers.receive(key=key(), transfer_id=one.id, arrived=arrived, actor=house.system, at=NOW)


def cancel(house: SmallHouse, one: Step) -> Step:
    return transfers.cancel(key=key(), transfer_id=one.id, reason="no", actor=house.system, at=NOW)


def standing(house: SmallHouse, place: uuid.UUID) -> tuple[int, int]:
    level = stock.get_level(actor=house.system, place_id=place, reference_id=house.ring)
    return level.on_hand, level.held


def test_sent_once_however_many_send_it(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.london, ring=3)
    one = approved(house, 3)

    outcome = race(*[lambda: dispatch(house, one)] * 12)

    assert outcome.broken == []
    assert len(outcome.won) == 1
    assert [type(error) for error in outcome.refused] == [TransferMoved] * 11
    assert (standing(house, house.london), standing(house, house.transit)) == ((0, 0), (3, 3))
    assert stock.list_disagreements() == ()


def test_control_without_lock_and_guards_it_is_sent_more_than_once(arena: Callable[..., SmallHouse]) -> None:
    house = arena(*NO_ORDER)
    house.stocked(house.london, ring=1)
    one = approved(house)

    outcome = race(*[lambda: dispatch(house, one)] * 6)

    assert len(outcome.won) > 1, outcome


def test_received_once_however_many_receive_it(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.london, ring=2)
    one = dispatch(house, approved(house, 2))

    outcome = race(*[lambda: receive(house, one)] * 12)

    assert outcome.broken == []
    assert len(outcome.won) == 1
    assert (standing(house, house.transit), standing(house, house.paris)) == ((0, 0), (2, 0))
    assert stock.list_disagreements() == ()


def test_two_who_tick_off_different_lines_both_win(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.london, ring=6)
    one = dispatch(house, approved(house, 6))
    lines = reads.get_transfer(actor=house.system, transfer_id=one.id).lines

    outcome = race(
        *[
            lambda line=line: transfers.receive(
                key=key(), transfer_id=one.id, arrived=[Arrived(line_id=line.id, received=1)],
                actor=house.system, at=NOW,
            )
            for line in lines
        ]
    )  # fmt: skip

    assert outcome.broken == outcome.refused == []
    assert sorted(step.state for step in outcome.won) == ["DISPATCHED"] * 5 + ["RECEIVED"]
    assert standing(house, house.paris) == (6, 0)
    assert stock.list_disagreements() == ()


def test_sending_and_cancelling_at_once_leave_one_truth(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.london, ring=8)
    all_of_them = [approved(house) for _ in range(8)]

    outcome = race(
        *[lambda one=one: dispatch(house, one) for one in all_of_them],
        *[lambda one=one: cancel(house, one) for one in all_of_them],
    )

    assert outcome.broken == []
    assert (len(outcome.won), len(outcome.refused)) == (8, 8)
    states = [reads.get_transfer(actor=house.system, transfer_id=one.id).state for one in all_of_them]
    sent = states.count(TransferState.DISPATCHED)
    assert set(states) <= {TransferState.DISPATCHED, TransferState.CANCELLED}
    assert (standing(house, house.london), standing(house, house.transit)) == ((8 - sent, 0), (sent, sent))
    assert stock.list_disagreements() == ()


def test_the_last_piece_goes_to_the_buyer_or_to_the_transfer(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.london, ring=1)
    requests = [asked(house) for _ in range(6)]

    outcome = race(
        *[
            lambda one=one: transfers.approve(key=key(), transfer_id=one.id, actor=house.system, at=NOW)
            for one in requests
        ],
        *[lambda: pay(house, buy_online(house, house.traditional, house.ring, place=house.london))] * 6,
    )

    assert outcome.broken == []
    assert len(outcome.won) == 1
    assert {type(error) for error in outcome.refused} == {OutOfStock}
    assert Hold.objects.filter(state="ACTIVE").count() == 1
    assert stock.list_disagreements() == ()


def test_control_without_the_guard_both_are_promised_it(arena: Callable[..., SmallHouse]) -> None:
    from tests.races.test_last_piece import NO_DEFENCES

    house = arena(*NO_DEFENCES, "DROP FUNCTION stock_lock_levels(uuid[], uuid[])", """
        CREATE FUNCTION stock_lock_levels(places uuid[], refs uuid[]) RETURNS void LANGUAGE sql AS 'SELECT'
    """)  # fmt: skip
    house.stocked(house.london, ring=1)
    requests = [asked(house) for _ in range(6)]

    outcome = race(
        *[
            lambda one=one: transfers.approve(key=key(), transfer_id=one.id, actor=house.system, at=NOW)
            for one in requests
        ],
        *[lambda: buy_online(house, house.traditional, house.ring, place=house.london)] * 6,
    )

    assert len(outcome.won) > 1, outcome


def test_a_clients_hold_is_sent_one_way(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.london, ring=1)
    line = pay(house, buy_online(house, house.traditional, house.ring, place=house.london)).lines[0]
    assert line.hold_id is not None

    outcome = race(
        *[
            lambda place=place: transfers.request_for_hold(
                key=key(), hold_id=line.hold_id,  # type: ignore[arg-type]  # checked above
                to_place_id=place, reason="for her", actor=house.system, at=NOW,
            )
            for place in (house.paris, house.warehouse) * 6
        ]
    )  # fmt: skip

    assert outcome.broken == []
    assert len(set(outcome.won)) == 1
    assert [type(error) for error in outcome.refused] == [AlreadyTravels] * 6
    assert TransferLine.objects.count() == 1


def test_opposite_transfers_do_not_wait_for_each_other(arena: Callable[..., SmallHouse]) -> None:
    house = arena()
    house.stocked(house.london, ring=10, watch=10)
    house.stocked(house.paris, ring=10, watch=10)

    def there_or_back(nr: int) -> Step:
        pair = (house.london, house.paris) if nr % 2 else (house.paris, house.london)
        lines = [
            Wanted(reference_id=one) for one in ((house.ring, house.watch) if nr % 3 else (house.watch, house.ring))
        ]
        one = transfers.request(
            key=key(),
            from_place_id=pair[0],
            to_place_id=pair[1],
            lines=lines,
            reason="swap",
            actor=house.system,
            at=NOW,
        )
        transfers.approve(key=key(), transfer_id=one.id, actor=house.system, at=NOW)
        dispatch(house, one)
        return receive(house, one)

    outcome = race(*[lambda nr=nr: there_or_back(nr) for nr in range(12)])

    assert outcome.broken == outcome.refused == []
    assert standing(house, house.transit) == (0, 0)
    assert stock.list_disagreements() == ()
