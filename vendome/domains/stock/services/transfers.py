"""Commands on transfers: each step is one SQL function (`sql/040_transfers.sql`), safe to repeat with its key."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from vendome.domains.people import permissions
from vendome.domains.stock.errors import ReasonMissing
from vendome.domains.stock.queries import transfers as reads
from vendome.domains.stock.types import Discrepancy, TransferState
from vendome.kit import idempotency, outbox, sql
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput, Forbidden, NotFound
from vendome.kit.rows import as_uuid

MOST_LINES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for of one reference; a piece may be named."""

    reference_id: uuid.UUID
    quantity: int = 1
    piece_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What became of one line: how many came, and what is wrong with it, if anything."""

    line_id: uuid.UUID
    received: int
    discrepancy: Discrepancy | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surplus:
    """Something that nobody announced: a piece by its serial number or EPC, or a quantity of a reference."""

    code: str = ""
    reference_id: uuid.UUID | None = None
    quantity: int = 1
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A transfer after a step."""

    id: uuid.UUID
    number: str
    state: TransferState


def request(
    *,
    key: str,
    from_place_id: uuid.UUID,
    to_place_id: uuid.UUID,
    lines: Sequence[Wanted],
    reason: str,
    client_id: uuid.UUID | None = None,
    actor: Actor,
    at: datetime,
) -> Step:
    """Ask a place for pieces; nothing is held until it agrees. Whoever may let pieces go can also push them.

    Safe to repeat with the same key. Raises Forbidden, NotFound, AlreadyThere, NotPossibleThere, BadQuantity,
    ReasonMissing.
    """
    if not (
        actor.may(permissions.STOCK_REQUEST, place_id=to_place_id)
        or actor.may(permissions.STOCK_APPROVE, place_id=from_place_id)
    ):
        raise Forbidden(permission=permissions.STOCK_REQUEST)
    if not reason.strip():
        raise ReasonMissing("Say what the pieces are for: the place that has them decides by it.")
    if sum(line.quantity if line.piece_id is None else 1 for line in lines) < 1 or len(lines) > MOST_LINES:
        raise BadInput(f"A transfer has between 1 and {MOST_LINES} lines.")
    wanted = [
        {"reference": str(one.reference_id), "quantity": one.quantity, "piece": one.piece_id and str(one.piece_id)}
        for one in lines
    ]
    body = {"from": from_place_id, "to": to_place_id, "lines": wanted, "reason": reason, "client": client_id}
    return _step(
        "stock_request_transfer", "request", key, body, actor,
        [actor.in_maison, from_place_id, to_place_id, json.dumps(wanted), reason.strip(), client_id, actor.label, at],
    )  # fmt: skip


@transaction.atomic
def request_for_hold(
    *,
    key: str,
    hold_id: uuid.UUID,
    to_place_id: uuid.UUID,
    reason: str,
    actor: Actor,
    at: datetime,
) -> uuid.UUID:
    """Send what a client's or an order's hold keeps to another place under that very hold; returns the transfer.

    Safe to repeat with the same key; asked again for the same place it answers the same transfer. Raises NotFound,
    Forbidden, HoldGone, HoldTravels, AlreadyThere, AlreadyTravels, NotPossibleThere.
    """
    found = sql.row(
        "SELECT h.place_id, h.advisor_id, l.place_id FROM stock_hold h JOIN house_place p ON p.id = h.place_id "
        "LEFT JOIN orders_orderline l ON l.id = h.order_line_id WHERE h.id = %s AND p.maison_id = %s",
        [hold_id, actor.in_maison],
    )
    if found is None:
        raise NotFound()
    place_id, advisor_id, goal = found
    # the place that has it is not asked where the order itself goes there, or where she set the piece aside herself
    is_decided = goal == to_place_id or (actor.is_staff and advisor_id == actor.id)
    if not (
        (is_decided and actor.may(permissions.STOCK_REQUEST, place_id=to_place_id))
        or actor.may(permissions.STOCK_APPROVE, place_id=place_id)
    ):
        raise Forbidden(permission=permissions.STOCK_REQUEST)
    scope = f"{actor.label}:stock.transfer_of_hold"
    known = idempotency.claim(scope=scope, key=key, body={"hold": hold_id, "to": to_place_id, "reason": reason})
    if known is not None:
        return as_uuid(known["transfer"])
    made = sql.value(
        "SELECT stock_request_transfer_of_hold(%s, %s, %s, %s, %s)",
        [hold_id, to_place_id, reason.strip() or "for a client", actor.label, at],
    )
    idempotency.store(scope=scope, key=key, answer={"transfer": str(made)})
    transaction.on_commit(outbox.wake)
    return as_uuid(made)


def approve(*, key: str, transfer_id: uuid.UUID, without: Sequence[uuid.UUID] = (), actor: Actor, at: datetime) -> Step:
    """Let the pieces go, without some of the lines if need be: every other line is held, or none.

    Safe to repeat with the same key. Raises NotFound, Forbidden, TransferMoved, OutOfStock, PartnerOwned, NothingLeft.
    """
    known = reads.get_transfer(actor=actor, transfer_id=transfer_id)
    actor.require(permissions.STOCK_APPROVE, place_id=known.from_place_id)
    body = {"transfer": transfer_id, "without": sorted(map(str, without))}
    return _step(
        "stock_approve_transfer", "approve", key, body, actor, [transfer_id, list(without), actor.label, at],
        "%s, %s::uuid[], %s, %s",
    )  # fmt: skip


def refuse(*, key: str, transfer_id: uuid.UUID, reason: str, actor: Actor, at: datetime) -> Step:
    """Keep the pieces; the place that asked reads why. Raises NotFound, Forbidden, TransferMoved, ReasonMissing."""
    known = reads.get_transfer(actor=actor, transfer_id=transfer_id)
    actor.require(permissions.STOCK_APPROVE, place_id=known.from_place_id)
    return _give_up(key, transfer_id, TransferState.REFUSED, reason, actor, at)


def cancel(*, key: str, transfer_id: uuid.UUID, reason: str, actor: Actor, at: datetime) -> Step:
    """Give a transfer up before it is sent; what was held for it is free again, a client's own hold stays.

    Either of the two places may. Safe to repeat with the same key. Raises NotFound, Forbidden, TransferMoved,
    ReasonMissing.
    """
    known = reads.get_transfer(actor=actor, transfer_id=transfer_id)
    if not (
        actor.may(permissions.STOCK_REQUEST, place_id=known.to_place_id)
        or actor.may(permissions.STOCK_APPROVE, place_id=known.from_place_id)
    ):
        raise Forbidden(permission=permissions.STOCK_REQUEST)
    return _give_up(key, transfer_id, TransferState.CANCELLED, reason, actor, at)


def pick(*, key: str, transfer_id: uuid.UUID, codes: Sequence[str], actor: Actor, at: datetime) -> Step:
    """Say which pieces lie on the table, by serial number or EPC; a free one of the same reference may replace another.

    Safe to repeat with the same key. Raises NotFound, Forbidden, TransferMoved, NotPicked, PieceUnknown.
    """
    known = reads.get_transfer(actor=actor, transfer_id=transfer_id)
    actor.require(permissions.STOCK_MOVE, place_id=known.from_place_id)
    pieces = reads.pieces_by_codes(actor=actor, codes=codes)
    return _step(
        "stock_pick_transfer", "pick", key, {"transfer": transfer_id, "pieces": sorted(map(str, pieces))}, actor,
        [transfer_id, pieces, actor.label, at], "%s, %s::uuid[], %s, %s",
    )  # fmt: skip


def dispatch(*, key: str, transfer_id: uuid.UUID, waybill: str = "", actor: Actor, at: datetime) -> Step:
    """Send it off: every hold moves to the place of what is on its way. Safe to repeat with the same key.

    Raises NotFound, Forbidden, TransferMoved, HoldGone when an order that was served by it has ended meanwhile.
    """
    known = reads.get_transfer(actor=actor, transfer_id=transfer_id)
    actor.require(permissions.STOCK_MOVE, place_id=known.from_place_id)
    body = {"transfer": transfer_id, "waybill": waybill}
    return _step(
        "stock_dispatch_transfer", "dispatch", key, body, actor, [transfer_id, waybill.strip(), actor.label, at]
    )


def receive(
    *,
    key: str,
    transfer_id: uuid.UUID,
    arrived: Sequence[Arrived],
    surplus: Sequence[Surplus] = (),
    actor: Actor,
    at: datetime,
) -> Step:
    """Take in what has come, line by line; lines that are not named are still on their way.

    What did not come is lost on the way, what is damaged or unannounced goes into quarantine, each with a note. The
    transfer ends when no line is open. Safe to repeat with the same key. Raises NotFound, Forbidden, TransferMoved,
    NoteMissing, PieceUnknown, PieceElsewhere, BadQuantity.
    """
    known = reads.get_transfer(actor=actor, transfer_id=transfer_id)
    actor.require(permissions.STOCK_MOVE, place_id=known.to_place_id)
    if len({one.line_id for one in arrived}) != len(arrived):
        raise BadInput("Name each line once.")
    lines = [
        {
            "line": str(one.line_id),
            "received": one.received,
            "discrepancy": one.discrepancy.value if one.discrepancy else "",
            "note": one.note.strip(),
        }
        for one in arrived
    ]
    extra = [_surplus(one, actor) for one in surplus]
    if not lines and not extra:
        raise BadInput("Say what has arrived.")
    body = {"transfer": transfer_id, "lines": lines, "surplus": extra}
    return _step(
        "stock_receive_transfer", "receive", key, body, actor,
        [transfer_id, json.dumps(lines), json.dumps(extra), actor.label, at],
    )  # fmt: skip


def _surplus(one: Surplus, actor: Actor) -> dict[str, Any]:
    piece = reads.pieces_by_codes(actor=actor, codes=[one.code])[0] if one.code.strip() else None
    return {
        "piece": piece and str(piece),
        "reference": str(one.reference_id) if one.reference_id and piece is None else None,
        "quantity": 1 if piece else one.quantity,
        "note": one.note.strip(),
    }


def _give_up(key: str, transfer_id: uuid.UUID, ending: TransferState, reason: str, actor: Actor, at: datetime) -> Step:
    if not reason.strip():
        raise ReasonMissing("Say why; the other place will read it.")
    body = {"transfer": transfer_id, "ending": ending.value, "reason": reason}
    values = [transfer_id, ending.value, actor.label, reason.strip(), at]
    return _step("stock_give_up_transfer", "give_up", key, body, actor, values)


def _step(
    function: str, verb: str, key: str, body: dict[str, Any], actor: Actor, values: list[Any], places: str = ""
) -> Step:
    marks = places or ", ".join(["%s"] * len(values))
    scope = f"{actor.label}:stock.transfer_{verb}"
    answer = sql.document(
        f"SELECT {function}(%s, %s, %s, {marks})",  # the names are those above
        [scope, idempotency.check_key(key), idempotency.request_hash(body), *values],
    )
    outbox.wake()
    return Step(id=uuid.UUID(answer["transfer"]), number=answer["number"], state=TransferState(answer["state"]))
