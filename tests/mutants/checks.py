"""Races that show, in a house of their own, whether what must hold still holds; each raises AssertionError if not."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.factories.orders import CARD, buy_online, pay
from tests.factories.small_house import NOW, SmallHouse
from tests.races.conftest import Outcome, race
from tests.races.test_last_piece import everybody_wants_it
from vendome.domains.fulfilment.types import Proof
from vendome.domains.orders.types import Mode
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.services import shelf
from vendome.domains.stock.types import HoldKind
from vendome.flows import checkout, hand_over
from vendome.flows.types import WantedLine
from vendome.kit import sql


def books_agree() -> None:
    assert stock.list_disagreements() == ()


def once(outcome: Outcome, times: int = 1) -> None:
    assert outcome.broken == [], outcome.broken
    assert len(outcome.won) == times, f"{len(outcome.won)} went through"
    books_agree()


def last_piece(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    once(everybody_wants_it(house))


def one_key(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=16)
    outcome = race(*[lambda: buy_online(house, house.traditional, house.ring, key="once")] * 16)
    assert outcome.broken == []
    assert len({order.id for order in outcome.won}) == 1


def handed_over_once(house: SmallHouse) -> None:
    house.stocked(house.paris, candle=20)
    line = pay(house, buy_online(house, house.traditional, house.candle)).lines[0]
    once(
        race(
            *[
                lambda n=n: hand_over.hand_over(  # type: ignore[misc]  # one key each
                    key=f"h{n}", line_id=line.id, proof=Proof.IDENTITY_SEEN, actor=house.advisor_paris, at=NOW
                )
                for n in range(8)
            ]
        )
    )


def refunded_once(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    once(
        race(
            *[
                lambda: sql.value(
                    "SELECT payments_request_refund(%s, %s, %s, %s)",
                    [placed.payment_id, placed.id, placed.total_amount, NOW],
                )
            ]
            * 8
        )
    )


def set_aside(house: SmallHouse, **more: Any) -> uuid.UUID:
    return shelf.hold_reference(
        kind=HoldKind.RESERVATION, place_id=house.paris, reference_id=house.candle, client_id=house.traditional,
        expires_at=None, actor=house.system, at=NOW, **more,
    )  # fmt: skip


def taken_to_one_place(house: SmallHouse) -> None:
    house.stocked(house.paris, candle=5)
    hold = set_aside(house)
    there = [house.london, house.warehouse] * 3
    outcome = race(
        *[
            lambda place=place: sql.value(  # type: ignore[misc]  # one place each
                "SELECT stock_move_hold(%s, %s, 'TRANSFERRED_OUT', 'TRANSFERRED_IN', 'IN_STOCK', 'SYSTEM', '', %s)",
                [hold, place, NOW],
            )
            for place in there
        ]
    )
    assert outcome.broken == []
    books_agree()


def adopted_once(house: SmallHouse) -> None:
    house.stocked(house.paris, candle=5)
    hold = set_aside(house)
    line = WantedLine(reference_id=house.candle, mode=Mode.COLLECT, place_id=house.paris, hold_id=hold)

    def order() -> object:
        return checkout.place_order(
            key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="web", lines=[line], tender=CARD,
            client_id=house.traditional, actor=house.as_client(house.traditional), at=NOW,
        )  # fmt: skip

    once(race(*[order] * 8))


def ended_once(house: SmallHouse) -> None:
    house.stocked(house.paris, candle=5)
    hold = set_aside(house)
    once(race(*[lambda: sql.value("SELECT stock_end_hold(%s, 'RELEASED', 'SYSTEM', '', %s)", [hold, NOW])] * 8))


def taken_in_once(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    line = placed.lines[0]
    hand_over.hand_over(key="given", line_id=line.id, proof=Proof.IDENTITY_SEEN, actor=house.advisor_paris, at=NOW)
    once(
        race(
            *[
                lambda place=place: sql.value(  # type: ignore[misc]  # one place each
                    "SELECT stock_take_in(%s, %s, %s, 1, 'RETURNED', 'QUARANTINE', NULL, NULL, NULL, 'SYSTEM', '', %s)",
                    [place, house.ring, line.piece_id, NOW],
                )
                for place in [house.paris, house.london] * 4
            ]
        )
    )


def paid_or_given_up(house: SmallHouse) -> None:
    house.stocked(house.paris, ring=12)
    placed = [buy_online(house, house.traditional, house.ring) for _ in range(12)]
    late = NOW + timedelta(hours=1)
    outcome = race(
        *[lambda order=order: pay(house, order) for order in placed],  # type: ignore[misc]  # one order each
        *[lambda: checkout.expire_unpaid(at=late)] * 4,
    )
    assert outcome.broken == []
    books_agree()
    torn = (
        "SELECT count(*) FROM orders_order o JOIN stock_hold h ON h.order_id = o.id "
        "WHERE (o.state = 'CONFIRMED') <> (h.state = 'ACTIVE')"
    )
    assert sql.value(torn) == 0


CHECKS: tuple[Callable[[SmallHouse], None], ...] = (
    last_piece, one_key, handed_over_once, refunded_once, taken_to_one_place, adopted_once, ended_once, taken_in_once,
    paid_or_given_up,
)  # fmt: skip
