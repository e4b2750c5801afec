"""Why a level is what it is, whole; and whether the books agree, for whoever asks."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from vendome.domains.people import permissions
from vendome.domains.stock.queries import shelf, transfers
from vendome.domains.stock.types import HoldRow, LevelRow, MovementRow, PieceRow
from vendome.kit import sql
from vendome.kit.actors import EVERYWHERE, Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLink:
    """The transfer a line of the ledger belongs to."""

    id: uuid.UUID
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeLedger:
    """A level, the movements that explain it, what stands there, what is promised of it, and what is on its way."""

    level: LevelRow
    movements: tuple[MovementRow, ...]
    pieces: tuple[PieceRow, ...]
    holds: tuple[HoldRow, ...]
    transfers: tuple[transfers.TransferRow, ...]
    transfer_of: dict[uuid.UUID, TransferLink]  # by movement


def get_whole_ledger(*, actor: Actor, place_id: uuid.UUID, reference_id: uuid.UUID, limit: int = 200) -> WholeLedger:
    """Everything "why is it 3?" asks for, in a bounded number of statements. Nothing there is zero, not an error."""
    found = shelf.list_movements(actor=actor, place_id=place_id, reference_id=reference_id, limit=limit)
    holds = shelf.list_holds(actor=actor, place_id=place_id)
    return WholeLedger(
        level=shelf.get_level(actor=actor, place_id=place_id, reference_id=reference_id),
        movements=found,
        pieces=shelf.list_pieces(actor=actor, place_id=place_id, reference_id=reference_id),
        holds=tuple(one for one in holds if one.reference_id == reference_id),
        transfers=transfers.list_open_of_reference(actor=actor, reference_id=reference_id, place_id=place_id),
        transfer_of=transfers_of_movements(ids=[one.id for one in found]),
    )


def transfers_of_movements(*, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, TransferLink]:
    """The transfer under whose number each of these lines of the ledger was written, where there is one."""
    query = """
        SELECT m.id, t.id, t.number FROM stock_movement m
        JOIN stock_transferline l ON l.hold_id = m.hold_id
        JOIN stock_transfer t ON t.id = l.transfer_id AND left(m.reason, length(t.number)) = t.number
        WHERE m.id = ANY (%s) AND m.hold_id IS NOT NULL
    """
    return {one: TransferLink(id=id_, number=number) for one, id_, number in sql.rows(query, [list(ids)])}


def due_dates(*, hold_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, date]:
    """When the loans among these holds should be back."""
    query = "SELECT h.id, h.due_date FROM stock_hold h WHERE h.id = ANY (%s) AND h.due_date IS NOT NULL"
    return dict(sql.rows(query, [list(hold_ids)]))


def list_disagreements_of(*, actor: Actor) -> tuple[shelf.Disagreement, ...]:
    """What disagrees at the places of the actor's own maison she may see; empty when all is well."""
    seen = actor.places_for(permissions.STOCK_VIEW)
    rows = sql.rows(
        "SELECT d.* FROM stock_disagreements() d JOIN house_place p ON p.id = d.place_id "
        "WHERE p.maison_id = %s AND (%s::uuid[] IS NULL OR p.id = ANY (%s)) ORDER BY p.position, p.id, d.reference_id",
        [actor.in_maison, None if seen is EVERYWHERE else list(seen), None if seen is EVERYWHERE else list(seen)],
    )
    return tuple(
        shelf.Disagreement(place_id=place, reference_id=reference, problem=problem, expected=expected, found=found)
        for place, reference, problem, expected, found in rows
    )
