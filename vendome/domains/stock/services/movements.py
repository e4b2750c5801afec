"""Commands on single pieces and quantities: each has a reason and is one SQL call, safe to repeat with its key."""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime
from typing import Any

from vendome.domains.people import permissions
from vendome.domains.stock.errors import ReasonMissing
from vendome.kit import idempotency, outbox, sql
from vendome.kit.actors import Actor
from vendome.kit.errors import Forbidden


def quarantine(
    *, key: str, place_id: uuid.UUID, reference_id: uuid.UUID, piece_id: uuid.UUID | None = None, quantity: int = 1,
    reason: str, actor: Actor, at: datetime,
) -> uuid.UUID:  # fmt: skip
    """Take something off sale where it stands; returns the hold that keeps it. Undone by `restock`.

    Raises Forbidden, NotFound, OutOfStock, ReasonMissing.
    """
    actor.require(permissions.STOCK_HOLD, place_id=place_id)
    told = {"place": place_id, "reference": reference_id, "piece": piece_id, "quantity": quantity, "reason": reason}
    return _hold(_record("quarantined", key, told, actor, at))


def restock(*, key: str, place_id: uuid.UUID, hold_id: uuid.UUID, reason: str, actor: Actor, at: datetime) -> None:
    """Put what waits in quarantine back on sale. Raises Forbidden, NotQuarantined, ReasonMissing."""
    if not actor.may(permissions.STOCK_ADJUST, place_id=place_id):
        actor.require(permissions.ORDERS_INSPECT, place_id=place_id)
    _record("restocked", key, {"place": place_id, "hold": hold_id, "reason": reason}, actor, at)


def lose(
    *, key: str, place_id: uuid.UUID, reference_id: uuid.UUID, piece_id: uuid.UUID | None = None,
    hold_id: uuid.UUID | None = None, quantity: int = 1, reason: str, actor: Actor, at: datetime,
) -> None:  # fmt: skip
    """It is not there: off the shelf, promised or not; whoever promised it is told (`stock.promise_broken`).

    Raises Forbidden, NotFound, OutOfStock, HoldTravels, ReasonMissing.
    """
    _take_off("lost", key, place_id, reference_id, piece_id, hold_id, quantity, reason, actor, at)


def write_off(
    *, key: str, place_id: uuid.UUID, reference_id: uuid.UUID, piece_id: uuid.UUID | None = None,
    hold_id: uuid.UUID | None = None, quantity: int = 1, reason: str, actor: Actor, at: datetime,
) -> None:  # fmt: skip
    """Never to be sold: from the shelf or from quarantine. Raises Forbidden, NotFound, OutOfStock, Promised,
    NotQuarantined, ReasonMissing.
    """
    _take_off("written_off", key, place_id, reference_id, piece_id, hold_id, quantity, reason, actor, at)


def find(
    *, key: str, place_id: uuid.UUID, reference_id: uuid.UUID, piece_id: uuid.UUID | None = None, quantity: int = 1,
    reason: str, actor: Actor, at: datetime,
) -> uuid.UUID:  # fmt: skip
    """A lost or written-off piece, or a quantity, turns up: into quarantine; returns the hold.

    Raises Forbidden, NotFound, PieceElsewhere, BadQuantity, ReasonMissing.
    """
    actor.require(permissions.STOCK_ADJUST, place_id=place_id)
    told = {"place": place_id, "reference": reference_id, "piece": piece_id, "quantity": quantity, "reason": reason}
    return _hold(_record("found", key, told, actor, at))


def correct(
    *, key: str, place_id: uuid.UUID, reference_id: uuid.UUID, change: int, reason: str, actor: Actor, at: datetime
) -> None:
    """Put a quantity right, up or down; never below what is promised. Only for things without serial numbers.

    Raises Forbidden, NotFound, SerialsNeeded, OutOfStock, BadQuantity, ReasonMissing.
    """
    actor.require(permissions.STOCK_ADJUST, place_id=place_id)
    told = {"place": place_id, "reference": reference_id, "quantity": change, "reason": reason}
    _record("corrected", key, told, actor, at)


def lend(
    *, key: str, place_id: uuid.UUID, reference_id: uuid.UUID, piece_id: uuid.UUID, client_id: uuid.UUID,
    due_date: date | None, reason: str, actor: Actor, at: datetime,
) -> uuid.UUID:  # fmt: skip
    """Give a piece to a client for a time; it stays the house's. Returns the loan's hold.

    Raises Forbidden, NotFound, OutOfStock, PartnerOwned, ReasonMissing.
    """
    actor.require(permissions.STOCK_ADJUST, place_id=place_id)
    told = {
        "place": place_id, "reference": reference_id, "piece": piece_id, "client": client_id, "due": due_date,
        "reason": reason,
    }  # fmt: skip
    return _hold(_record("loaned", key, told, actor, at))


def take_loan_back(
    *, key: str, hold_id: uuid.UUID, place_id: uuid.UUID, reason: str, actor: Actor, at: datetime
) -> None:
    """A lent piece comes back, into quarantine at this place. Raises Forbidden, HoldGone, ReasonMissing."""
    actor.require(permissions.STOCK_ADJUST, place_id=place_id)
    _record("loan_returned", key, {"place": place_id, "hold": hold_id, "reason": reason}, actor, at)


def consign(
    *, key: str, place_id: uuid.UUID, to_place_id: uuid.UUID, reference_id: uuid.UUID,
    piece_id: uuid.UUID | None = None, quantity: int = 1, reason: str, actor: Actor, at: datetime,
) -> uuid.UUID:  # fmt: skip
    """Carry something to a partner's door, where it stays the house's, or back from there into quarantine.

    Raises Forbidden, NotFound, OutOfStock, PartnerOwned, NotPossibleThere, SerialsNeeded, ReasonMissing.
    """
    actor.require(permissions.STOCK_MOVE, place_id=place_id)
    told = {
        "place": place_id, "to": to_place_id, "reference": reference_id, "piece": piece_id, "quantity": quantity,
        "reason": reason,
    }  # fmt: skip
    return _hold(_record("consigned", key, told, actor, at))


def _take_off(
    what: str, key: str, place_id: uuid.UUID, reference_id: uuid.UUID, piece_id: uuid.UUID | None,
    hold_id: uuid.UUID | None, quantity: int, reason: str, actor: Actor, at: datetime,
) -> None:  # fmt: skip
    actor.require(permissions.STOCK_ADJUST, place_id=place_id)
    told = {
        "place": place_id, "reference": reference_id, "piece": piece_id, "hold": hold_id, "quantity": quantity,
        "reason": reason,
    }  # fmt: skip
    _record(what, key, told, actor, at)


def _record(what: str, key: str, told: dict[str, Any], actor: Actor, at: datetime) -> dict[str, Any]:
    if not str(told["reason"]).strip():
        raise ReasonMissing()
    if actor.maison_id is None:
        raise Forbidden()
    answer: dict[str, Any] = sql.document(
        "SELECT stock_record(%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            f"{actor.label}:stock.{what}",
            idempotency.check_key(key),
            idempotency.request_hash({"what": what, **told}),
            actor.maison_id,
            what,
            json.dumps({name: value for name, value in told.items() if value is not None}, default=str),
            actor.label,
            at,
        ],
    )
    outbox.wake()
    return answer


def _hold(answer: dict[str, Any]) -> uuid.UUID:
    return uuid.UUID(answer["hold"])
