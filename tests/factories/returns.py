"""Returns in one line."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.fulfilment.types import Proof
from vendome.domains.people.permissions import ROLES
from vendome.flows import hand_over, returns
from vendome.flows.exchanging import Pickup
from vendome.flows.returns import BroughtLine, ReturnDone, TakenInstead
from vendome.flows.types import PlacedOrder
from vendome.kit import sql
from vendome.kit.actors import EVERYWHERE, Actor, ActorKind

LATER = NOW + timedelta(days=3)
HOME = Pickup(address=("Éléonore de Brissac", "12, rue de Varenne", "75007 Paris", "France"), phone="+33 6 12 34 56 78")


def give(house: SmallHouse, placed: PlacedOrder) -> PlacedOrder:
    """Hand every line over in Paris."""
    for line in placed.lines:
        hand_over.hand_over(
            key=str(uuid.uuid4()), line_id=line.id, proof=Proof.IDENTITY_SEEN, actor=house.advisor_paris, at=NOW
        )
    return placed


def advisor_london(house: SmallHouse) -> Actor:
    """Somebody at the counter in London, with her own place only."""
    return Actor(
        kind=ActorKind.STAFF,
        id=house.advisor_tokyo.id,
        maison_id=house.maison.id,
        home_place_id=house.london,
        permissions={one: frozenset({house.london}) for one in ROLES["advisor"]},
    )


def inspector(house: SmallHouse) -> Actor:
    return Actor(
        kind=ActorKind.STAFF,
        id=house.manager_paris.id,
        maison_id=house.maison.id,
        home_place_id=house.paris,
        permissions=dict.fromkeys(ROLES["boutique_manager"], EVERYWHERE),
    )


def bring_back(
    house: SmallHouse,
    placed: PlacedOrder,
    *lines: BroughtLine,
    key: str = "",
    instead: tuple[TakenInstead, ...] = (),
    **more: Any,
) -> ReturnDone:
    """The whole order, or these lines, back at the counter in Paris three days later."""
    return returns.receive(
        key=key or str(uuid.uuid4()),
        order_id=placed.id,
        place_id=more.pop("place", house.paris),
        lines=lines or [BroughtLine(line_id=line.id) for line in placed.lines],
        instead=instead,
        actor=more.pop("actor", house.advisor_paris),
        at=more.pop("at", LATER),
        **more,
    )


def line_state(line_id: uuid.UUID) -> tuple[Any, ...]:
    """State, pieces back, pieces credited, money back."""
    found = sql.row(
        "SELECT state, returned_quantity, credited_quantity, returned_amount FROM orders_orderline WHERE id = %s",
        [line_id],
    )
    assert found is not None
    return found


def given_back(order_id: uuid.UUID | None) -> list[tuple[str, str, int]]:
    """Tender, state and amount of every payment of a document, largest first."""
    return [
        (tender, state, amount)
        for tender, state, amount in sql.rows(
            "SELECT tender, state, amount FROM payments_payment WHERE order_id = %s ORDER BY amount, id", [order_id]
        )
    ]


def waiting_arrivals() -> list[uuid.UUID]:
    return [row[0] for row in sql.rows("SELECT id FROM orders_arrival WHERE fate = 'WAITING' ORDER BY arrived_at, id")]
