"""Reads of the stock domain."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from vendome.domains.people import permissions
from vendome.domains.stock.models import Hold, Level, Piece
from vendome.domains.stock.types import (
    FoundPiece,
    HoldKind,
    HoldRow,
    LevelRow,
    MovementKind,
    MovementRow,
    PieceRow,
    PieceState,
    PlaceSupply,
    PublicOffer,
    Supply,
    supply_of,
)
from vendome.kit import sql
from vendome.kit.actors import EVERYWHERE, Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A place and reference whose books do not match, and how."""

    place_id: uuid.UUID
    reference_id: uuid.UUID
    problem: str
    expected: int
    found: int


def public_supply(*, reference_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[uuid.UUID, Supply]]:
    """What a client may be told: per reference and visible place, one word. One statement."""
    answer: dict[uuid.UUID, dict[uuid.UUID, Supply]] = {one: {} for one in reference_ids}
    for reference, place, supply in sql.rows("SELECT * FROM stock_public_supply(%s)", [list(reference_ids)]):
        answer[reference][place] = Supply(supply)
    return answer


def public_offer(*, reference_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, PublicOffer]:
    """How a client can have each reference: a word for each visible place, and whether it can be sent; one query."""
    places: dict[uuid.UUID, dict[uuid.UUID, Supply]] = {one: {} for one in reference_ids}
    promised: dict[uuid.UUID, dict[uuid.UUID, Supply]] = {one: {} for one in reference_ids}
    senders: dict[uuid.UUID, dict[uuid.UUID, int]] = {one: {} for one in reference_ids}
    query = (
        "SELECT l.reference_id, l.place_id, l.on_hand - l.held, l.safety, p.is_visible, p.ships AND p.sells_online "
        "FROM stock_level l JOIN house_place p ON p.id = l.place_id "
        "WHERE l.reference_id = ANY (%s) AND (p.is_visible OR p.ships AND p.sells_online) ORDER BY p.position, p.id"
    )
    for reference, place, free, safety, is_visible, sends in sql.rows(query, [list(reference_ids)]):
        if is_visible:
            places[reference][place] = supply_of(free)
            promised[reference][place] = supply_of(free - safety)
        if sends and free > safety:
            senders[reference][place] = free - safety
    return {
        one: PublicOffer(
            reference_id=one,
            places=places[one],
            promised=promised[one],
            to_send=supply_of(sum(senders[one].values())),
            sent_from=frozenset(senders[one]),
        )
        for one in places
    }


def references_at(*, place_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """What a client can find at a visible place today; nothing for other places."""
    query = (
        "SELECT l.reference_id FROM stock_level l JOIN house_place p ON p.id = l.place_id "
        "WHERE l.place_id = %s AND p.is_visible AND l.on_hand > l.held"
    )
    return frozenset(reference for (reference,) in sql.rows(query, [place_id]))


def place_supply(*, actor: Actor, reference_id: uuid.UUID) -> tuple[PlaceSupply, ...]:
    """Quantities of one reference at every place that has ever had it; staff only."""
    actor.require(permissions.STOCK_VIEW)
    rows = Level.objects.filter(reference_id=reference_id, place__maison_id=actor.in_maison)
    return tuple(
        PlaceSupply(place_id=place, on_hand=on_hand, held=held)
        for place, on_hand, held in rows.order_by("place__position", "place_id").values_list(
            "place_id", "on_hand", "held"
        )
    )


def list_levels(*, actor: Actor, place_id: uuid.UUID | None = None, limit: int = 2000) -> tuple[LevelRow, ...]:
    """Levels with anything on hand, of one place or of all the actor may see, busiest reference first."""
    places = actor.places_for(permissions.STOCK_VIEW)
    rows = Level.objects.filter(on_hand__gt=0, place__maison_id=actor.in_maison)
    if place_id is not None:
        actor.require(permissions.STOCK_VIEW, place_id=place_id)
        rows = rows.filter(place_id=place_id)
    elif places is not EVERYWHERE:
        rows = rows.filter(place_id__in=places)
    columns = rows.order_by("place_id", "reference_id").values_list("place_id", "reference_id", "on_hand", "held")
    return tuple(
        LevelRow(place_id=place, reference_id=reference, on_hand=on_hand, held=held)
        for place, reference, on_hand, held in columns[:limit]
    )


def totals_by_place(*, actor: Actor) -> dict[uuid.UUID, tuple[int, int]]:
    """Pieces on hand and held at each place the actor may see."""
    places = actor.places_for(permissions.STOCK_VIEW)
    query = (
        "SELECT l.place_id, sum(l.on_hand)::integer, sum(l.held)::integer FROM stock_level l "
        "JOIN house_place p ON p.id = l.place_id WHERE p.maison_id = %s "
        "AND (%s::uuid[] IS NULL OR l.place_id = ANY (%s)) GROUP BY 1"
    )
    wanted = None if places is EVERYWHERE else list(places)
    return {place: (on_hand, held) for place, on_hand, held in sql.rows(query, [actor.maison_id, wanted, wanted])}


def get_level(*, actor: Actor, place_id: uuid.UUID, reference_id: uuid.UUID) -> LevelRow:
    """The level as it stands; nothing there is zero, not an error."""
    actor.require(permissions.STOCK_VIEW, place_id=place_id)
    rows = Level.objects.filter(place_id=place_id, reference_id=reference_id, place__maison_id=actor.in_maison)
    found = rows.first()
    return LevelRow(
        place_id=place_id,
        reference_id=reference_id,
        on_hand=found.on_hand if found else 0,
        held=found.held if found else 0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """A level and the movements that explain it, newest first."""

    level: LevelRow
    movements: tuple[MovementRow, ...]


def get_ledger(*, actor: Actor, place_id: uuid.UUID, reference_id: uuid.UUID, limit: int = 200) -> Ledger:
    """Why a level is what it is. Nothing there is zero, not an error."""
    return Ledger(
        level=get_level(actor=actor, place_id=place_id, reference_id=reference_id),
        movements=list_movements(actor=actor, place_id=place_id, reference_id=reference_id, limit=limit),
    )


def list_movements(
    *, actor: Actor, place_id: uuid.UUID, reference_id: uuid.UUID, limit: int = 200
) -> tuple[MovementRow, ...]:
    """Why a level is what it is: its ledger, newest first."""
    actor.require(permissions.STOCK_VIEW, place_id=place_id)
    query = (
        "SELECT m.id, m.at, m.kind, m.on_hand_change, m.held_change, m.on_hand_after, m.held_after, m.piece_id, "
        "coalesce(p.serial, ''), m.order_id, coalesce(o.number, ''), m.actor, m.reason "
        "FROM stock_movement m LEFT JOIN stock_piece p ON p.id = m.piece_id "
        "LEFT JOIN orders_order o ON o.id = m.order_id "
        "WHERE m.reference_id = %s "
        "AND m.place_id = (SELECT h.id FROM house_place h WHERE h.id = %s AND h.maison_id = %s) "
        "ORDER BY m.id DESC LIMIT %s"
    )
    return tuple(
        MovementRow(
            id=row[0],
            at=row[1],
            kind=MovementKind(row[2]),
            on_hand_change=row[3],
            held_change=row[4],
            on_hand_after=row[5],
            held_after=row[6],
            piece_id=row[7],
            serial=row[8],
            order_id=row[9],
            order_number=row[10],
            actor=row[11],
            reason=row[12],
        )
        for row in sql.rows(query, [reference_id, place_id, actor.in_maison, limit])
    )


def list_pieces(*, actor: Actor, place_id: uuid.UUID, reference_id: uuid.UUID) -> tuple[PieceRow, ...]:
    """The pieces of one reference that stand at a place, by serial number."""
    actor.require(permissions.STOCK_VIEW, place_id=place_id)
    rows = Piece.objects.filter(place_id=place_id, reference_id=reference_id, maison_id=actor.in_maison)
    return tuple(
        PieceRow(
            id=row.id, serial=row.serial, epc=row.epc, state=PieceState(row.state), is_held=row.hold_id is not None
        )
        for row in rows.order_by("serial")
    )


def find_piece(*, actor: Actor, serial: str) -> FoundPiece | None:
    """The piece with this serial number (case does not matter), or None; staff of any place may look."""
    actor.require(permissions.STOCK_VIEW)
    row = Piece.objects.filter(maison_id=actor.in_maison, serial=serial.strip().upper()).first()
    if row is None:
        return None
    return FoundPiece(
        id=row.id,
        reference_id=row.reference_id,
        serial=row.serial,
        state=PieceState(row.state),
        place_id=row.place_id,
        is_held=row.hold_id is not None,
    )


def levels_of(*, actor: Actor, reference_ids: Collection[uuid.UUID]) -> tuple[LevelRow, ...]:
    """What every place has of these references, where there is any; one statement. Staff only."""
    actor.require(permissions.STOCK_VIEW)
    rows = Level.objects.filter(reference_id__in=reference_ids, on_hand__gt=0, place__maison_id=actor.in_maison)
    columns = rows.order_by("place__position", "place_id", "reference_id")
    return tuple(
        LevelRow(place_id=place, reference_id=reference, on_hand=on_hand, held=held)
        for place, reference, on_hand, held in columns.values_list("place_id", "reference_id", "on_hand", "held")
    )


def free_here_and_elsewhere(
    *, actor: Actor, place_id: uuid.UUID, reference_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, tuple[int, int]]:
    """How many are free at the place, and at all other places of the house together; one statement. Staff only."""
    actor.require(permissions.STOCK_VIEW)
    query = (
        "SELECT l.reference_id, (coalesce(sum(l.on_hand - l.held) FILTER (WHERE l.place_id = %s), 0))::integer, "
        "(coalesce(sum(l.on_hand - l.held) FILTER (WHERE l.place_id <> %s AND p.owner = 'HOUSE'), 0))::integer "
        "FROM stock_level l JOIN house_place p ON p.id = l.place_id "
        "WHERE l.reference_id = ANY (%s) AND l.on_hand > l.held AND p.maison_id = %s GROUP BY 1"
    )
    found = sql.rows(query, [place_id, place_id, list(reference_ids), actor.maison_id])
    return {reference: (here, elsewhere) for reference, here, elsewhere in found}


def list_free_pieces(
    *, actor: Actor, place_id: uuid.UUID, reference_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, tuple[PieceRow, ...]]:
    """The free pieces of these references at a place, per reference, longest there first; one statement."""
    actor.require(permissions.STOCK_VIEW, place_id=place_id)
    rows = Piece.objects.filter(
        place_id=place_id, reference_id__in=reference_ids, state="IN_STOCK", hold_id=None, maison_id=actor.in_maison
    )
    found: dict[uuid.UUID, list[PieceRow]] = {}
    for row in rows.order_by("received_at", "id"):
        piece = PieceRow(id=row.id, serial=row.serial, epc=row.epc, state=PieceState(row.state), is_held=False)
        found.setdefault(row.reference_id, []).append(piece)
    return {reference: tuple(pieces) for reference, pieces in found.items()}


def list_holds(*, actor: Actor, place_id: uuid.UUID, kinds: Collection[HoldKind] = ()) -> tuple[HoldRow, ...]:
    """What is set aside at a place, oldest first."""
    actor.require(permissions.STOCK_VIEW, place_id=place_id)
    rows = Hold.objects.filter(place_id=place_id, place__maison_id=actor.in_maison, state="ACTIVE")
    rows = rows.select_related("piece")
    if kinds:
        rows = rows.filter(kind__in=kinds)
    return tuple(
        HoldRow(
            id=row.id,
            kind=HoldKind(row.kind),
            reference_id=row.reference_id,
            piece_id=row.piece_id,
            serial=row.piece.serial if row.piece else "",
            place_id=row.place_id,
            quantity=row.quantity,
            client_id=row.client_id,
            advisor_id=row.advisor_id,
            order_id=row.order_id,
            order_line_id=row.order_line_id,
            reason=row.reason,
            held_at=row.held_at,
            expires_at=row.expires_at,
        )
        for row in rows.order_by("held_at", "id")
    )


def list_disagreements() -> tuple[Disagreement, ...]:
    """Ledger = level = pieces = holds, everywhere; empty when all is well. The nightly check shouts otherwise."""
    return tuple(
        Disagreement(place_id=place, reference_id=reference, problem=problem, expected=expected, found=found)
        for place, reference, problem, expected, found in sql.rows("SELECT * FROM stock_disagreements()")
    )
