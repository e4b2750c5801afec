"""Reads of transfers: what comes in, what goes out, and what became of each line."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vendome.domains.people import permissions
from vendome.domains.stock.errors import PieceUnknown
from vendome.domains.stock.types import OPEN_TRANSFERS, Discrepancy, HoldKind, HoldState, TransferState
from vendome.kit import sql
from vendome.kit.actors import EVERYWHERE, Actor
from vendome.kit.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRow:
    """One line of the list of transfers. `at` is the moment of its last step."""

    id: uuid.UUID
    number: str
    state: TransferState
    from_place_id: uuid.UUID
    to_place_id: uuid.UUID
    reason: str
    quantity: int
    reference_ids: tuple[uuid.UUID, ...]
    client_id: uuid.UUID | None
    order_line_id: uuid.UUID | None
    requested_at: datetime
    requested_by: str
    at: datetime
    has_discrepancy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLineView:
    """One piece or quantity of a transfer, with the hold that keeps it."""

    id: uuid.UUID
    reference_id: uuid.UUID
    quantity: int
    piece_id: uuid.UUID | None
    serial: str
    epc: str
    hold_id: uuid.UUID | None
    hold_kind: HoldKind | None
    hold_state: HoldState | None
    received_quantity: int | None
    discrepancy: Discrepancy | None
    note: str
    settled_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.settled_at is None

    @property
    def is_surplus(self) -> bool:
        return self.discrepancy in (Discrepancy.SURPLUS, Discrepancy.WRONG_PIECE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferStep:
    """Who did what when; `state` is what the transfer became by it."""

    state: TransferState
    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferView:
    """A transfer whole: its lines and its steps so far."""

    id: uuid.UUID
    number: str
    state: TransferState
    from_place_id: uuid.UUID
    to_place_id: uuid.UUID
    reason: str
    waybill: str
    client_id: uuid.UUID | None
    order_line_id: uuid.UUID | None
    order_id: uuid.UUID | None
    order_number: str
    steps: tuple[TransferStep, ...]
    lines: tuple[TransferLineView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How many transfers wait for a place to do something."""

    to_approve: int
    to_pick: int
    to_send: int
    to_receive: int

    @property
    def outgoing(self) -> int:
        return self.to_approve + self.to_pick + self.to_send


_COLUMNS = """
    t.id, t.number, t.state, t.from_place_id, t.to_place_id, t.reason, t.client_id, t.order_line_id, t.requested_at,
    t.requested_by, coalesce(t.ended_at, t.dispatched_at, t.picked_at, t.approved_at, t.requested_at),
    x.quantity, x.refs, x.wrong
"""


def list_transfers(
    *,
    actor: Actor,
    place_id: uuid.UUID | None = None,
    is_incoming: bool | None = None,
    states: Collection[TransferState] = (),
    older_than: datetime | None = None,
    after: tuple[datetime, uuid.UUID] | None = None,
    limit: int = 100,
) -> tuple[TransferRow, ...]:
    """Transfers the actor may see, newest request first.

    Of one place (only those into it, or only those out of it, where `is_incoming` says so), in some states, whose
    last step lies before `older_than`, and after the row of a cursor.
    """
    seen = actor.places_for(permissions.STOCK_VIEW)
    if place_id is not None:
        actor.require(permissions.STOCK_VIEW, place_id=place_id)
    query = f"""
        SELECT {_COLUMNS} FROM stock_transfer t
        CROSS JOIN LATERAL (SELECT sum(l.quantity)::integer AS quantity, array_agg(DISTINCT l.reference_id) AS refs,
                                   bool_or(l.discrepancy <> '') AS wrong
                            FROM stock_transferline l WHERE l.transfer_id = t.id) x
        WHERE t.maison_id = %(maison)s
          AND (%(seen)s::uuid[] IS NULL OR t.from_place_id = ANY (%(seen)s) OR t.to_place_id = ANY (%(seen)s))
          AND (%(place)s::uuid IS NULL OR (t.to_place_id = %(place)s AND %(incoming)s::boolean IS DISTINCT FROM false)
               OR (t.from_place_id = %(place)s AND %(incoming)s::boolean IS DISTINCT FROM true))
          AND (%(states)s::text[] IS NULL OR t.state = ANY (%(states)s))
          AND (%(older)s::timestamptz IS NULL OR
               coalesce(t.ended_at, t.dispatched_at, t.picked_at, t.approved_at, t.requested_at) < %(older)s)
          AND (%(moment)s::timestamptz IS NULL OR (t.requested_at, t.id) < (%(moment)s, %(last)s::uuid))
        ORDER BY t.requested_at DESC, t.id DESC LIMIT %(limit)s
    """  # noqa: S608  # the columns are the constant above
    values: dict[str, Any] = {
        "maison": actor.in_maison,
        "seen": None if seen is EVERYWHERE else list(seen),
        "place": place_id,
        "incoming": is_incoming,
        "states": [state.value for state in states] or None,
        "older": older_than,
        "moment": after[0] if after else None,
        "last": after[1] if after else None,
        "limit": limit,
    }
    return tuple(_row(row) for row in sql.rows(query, values))  # named values are fine too


def _row(row: Sequence[Any]) -> TransferRow:
    return TransferRow(
        id=row[0],
        number=row[1],
        state=TransferState(row[2]),
        from_place_id=row[3],
        to_place_id=row[4],
        reason=row[5],
        client_id=row[6],
        order_line_id=row[7],
        requested_at=row[8],
        requested_by=row[9],
        at=row[10],
        quantity=row[11],
        reference_ids=tuple(row[12]),
        has_discrepancy=row[13],
    )


def list_open_of_reference(*, actor: Actor, reference_id: uuid.UUID, place_id: uuid.UUID) -> tuple[TransferRow, ...]:
    """Open transfers of one reference into or out of a place, and those on their way when the place is transit."""
    actor.require(permissions.STOCK_VIEW, place_id=place_id)
    query = f"""
        SELECT {_COLUMNS} FROM stock_transfer t
        CROSS JOIN LATERAL (SELECT sum(l.quantity)::integer AS quantity, array_agg(DISTINCT l.reference_id) AS refs,
                                   bool_or(l.discrepancy <> '') AS wrong
                            FROM stock_transferline l WHERE l.transfer_id = t.id AND l.reference_id = %s) x
        WHERE t.maison_id = %s AND t.state = ANY (%s) AND x.quantity IS NOT NULL
          AND (t.from_place_id = %s OR t.to_place_id = %s OR (t.state = 'DISPATCHED' AND EXISTS (
               SELECT FROM house_place p WHERE p.id = %s AND p.kind = 'TRANSIT')))
        ORDER BY t.requested_at, t.id LIMIT 50
    """  # noqa: S608  # the columns are the constant above
    states = [state.value for state in OPEN_TRANSFERS]
    found = sql.rows(query, [reference_id, actor.in_maison, states, place_id, place_id, place_id])
    return tuple(_row(row) for row in found)


def get_transfer(*, actor: Actor, transfer_id: uuid.UUID) -> TransferView:
    """One transfer whole. Raises NotFound, also for a transfer between places the actor may not see."""
    seen = actor.places_for(permissions.STOCK_VIEW)
    row = sql.row(
        "SELECT t.id, t.number, t.state, t.from_place_id, t.to_place_id, t.reason, t.waybill, t.client_id, "
        "t.order_line_id, o.id, coalesce(o.number, ''), t.requested_at, t.requested_by, t.approved_at, t.approved_by, "
        "t.picked_at, t.picked_by, t.dispatched_at, t.dispatched_by, t.ended_at, t.ended_by, t.ended_reason "
        "FROM stock_transfer t LEFT JOIN orders_orderline l ON l.id = t.order_line_id "
        "LEFT JOIN orders_order o ON o.id = l.order_id WHERE t.id = %s AND t.maison_id = %s",
        [transfer_id, actor.in_maison],
    )
    if row is None or (seen is not EVERYWHERE and not {row[3], row[4]} & seen):
        raise NotFound()
    return TransferView(
        id=row[0],
        number=row[1],
        state=TransferState(row[2]),
        from_place_id=row[3],
        to_place_id=row[4],
        reason=row[5],
        waybill=row[6],
        client_id=row[7],
        order_line_id=row[8],
        order_id=row[9],
        order_number=row[10],
        steps=_steps(row),
        lines=_lines(transfer_id),
    )


def _steps(row: Sequence[Any]) -> tuple[TransferStep, ...]:
    told = (
        (TransferState.REQUESTED, row[11], row[12], row[5]),
        (TransferState.APPROVED, row[13], row[14], ""),
        (TransferState.PICKED, row[15], row[16], ""),
        (TransferState.DISPATCHED, row[17], row[18], row[6]),
        (TransferState(row[2]), row[19], row[20], row[21]),
    )
    return tuple(TransferStep(state=state, at=at, by=by, text=text) for state, at, by, text in told if at is not None)


def _lines(transfer_id: uuid.UUID) -> tuple[TransferLineView, ...]:
    query = """
        SELECT l.id, l.reference_id, l.quantity, l.piece_id, coalesce(p.serial, ''), coalesce(p.epc, ''), l.hold_id,
               h.kind, h.state, l.received_quantity, l.discrepancy, l.note, l.settled_at
        FROM stock_transferline l
        LEFT JOIN stock_piece p ON p.id = l.piece_id LEFT JOIN stock_hold h ON h.id = l.hold_id
        WHERE l.transfer_id = %s ORDER BY l.position
    """
    return tuple(
        TransferLineView(
            id=row[0],
            reference_id=row[1],
            quantity=row[2],
            piece_id=row[3],
            serial=row[4],
            epc=row[5],
            hold_id=row[6],
            hold_kind=HoldKind(row[7]) if row[7] else None,
            hold_state=HoldState(row[8]) if row[8] else None,
            received_quantity=row[9],
            discrepancy=Discrepancy(row[10]) if row[10] else None,
            note=row[11],
            settled_at=row[12],
        )
        for row in sql.rows(query, [transfer_id])
    )


def count_work(*, actor: Actor, place_id: uuid.UUID) -> Work:
    """What waits for this place: requests to decide, pieces to pick, parcels to send and to receive; one statement."""
    actor.require(permissions.STOCK_VIEW, place_id=place_id)
    row = sql.row(
        "SELECT count(*) FILTER (WHERE t.state = 'REQUESTED' AND t.from_place_id = %(place)s), "
        "count(*) FILTER (WHERE t.state = 'APPROVED' AND t.from_place_id = %(place)s), "
        "count(*) FILTER (WHERE t.state = 'PICKED' AND t.from_place_id = %(place)s), "
        "count(*) FILTER (WHERE t.state = 'DISPATCHED' AND t.to_place_id = %(place)s) FROM stock_transfer t "
        "WHERE t.maison_id = %(maison)s AND (t.from_place_id = %(place)s OR t.to_place_id = %(place)s) "
        "AND t.state IN ('REQUESTED', 'APPROVED', 'PICKED', 'DISPATCHED')",
        {"place": place_id, "maison": actor.in_maison},  # type: ignore[arg-type]  # named values are fine too
    )
    assert row is not None  # an aggregate always answers
    return Work(to_approve=row[0], to_pick=row[1], to_send=row[2], to_receive=row[3])


def count_open(*, actor: Actor) -> int:
    """How many transfers are open at the places the actor may see."""
    seen = actor.places_for(permissions.STOCK_VIEW)
    places = None if seen is EVERYWHERE else list(seen)
    return int(
        sql.value(
            "SELECT count(*) FROM stock_transfer t WHERE t.maison_id = %s AND t.state = ANY (%s) "
            "AND (%s::uuid[] IS NULL OR t.from_place_id = ANY (%s) OR t.to_place_id = ANY (%s))",
            [actor.in_maison, [state.value for state in OPEN_TRANSFERS], places, places, places],
        )
    )


def pieces_by_codes(*, actor: Actor, codes: Sequence[str]) -> list[uuid.UUID]:
    """The pieces with these serial numbers or EPCs, in the order given. Raises PieceUnknown for the first unknown."""
    actor.require(permissions.STOCK_VIEW)
    wanted = list(dict.fromkeys(code.strip().upper() for code in codes if code.strip()))
    rows = sql.rows(
        "SELECT p.id, p.serial, upper(p.epc) FROM stock_piece p "
        "WHERE p.maison_id = %s AND (p.serial = ANY (%s) OR p.epc = ANY (%s))",
        [actor.in_maison, wanted, [*wanted, *(code.strip() for code in codes)]],
    )
    known = {serial.upper(): piece for piece, serial, _epc in rows} | {epc: piece for piece, _serial, epc in rows}
    for code in wanted:
        if code not in known:
            raise PieceUnknown(code=code)
    return list(dict.fromkeys(known[code] for code in wanted))
