"""What is set aside for a client, by herself or by an advisor: told where she buys, and taken over by her order.

If the order ends unpaid before that time is over, it is set aside for her again (stock_set_aside_again).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from vendome.domains.orders.types import Mode
from vendome.kit import sql


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPiece:
    """A piece that is really kept for her, and until when."""

    hold_id: uuid.UUID
    reference_id: uuid.UUID
    place_id: uuid.UUID
    place_ships: bool
    expires_at: datetime | None
    quantity: int = 1
    piece_id: uuid.UUID | None = None
    serial: str = ""

    def gives(self, mode: Mode, place_id: uuid.UUID | None, quantity: int) -> bool:
        """Whether a line that is received so takes this very piece over (flows_keep_to_hers)."""
        if quantity != self.quantity:
            return False
        return self.place_ships if mode is Mode.DELIVER and place_id is None else place_id == self.place_id


def list_kept(
    *, client_id: uuid.UUID | None, reference_ids: Collection[uuid.UUID], at: datetime
) -> tuple[KeptPiece, ...]:
    """What is kept for her of these references and not ordered yet, the first to end first; nothing for a guest."""
    if client_id is None or not reference_ids:
        return ()
    rows = sql.rows(
        "SELECT h.id, h.reference_id, h.place_id, "
        "       CASE WHEN p.owner = 'HOUSE' THEN p.ships ELSE flows_partner_agrees(p.id, 'DELIVER', %s) END, "
        "       h.expires_at, h.quantity, h.piece_id, coalesce(x.serial, '') "
        "FROM stock_set_aside_for(%s, %s, %s) h JOIN house_place p ON p.id = h.place_id "
        "LEFT JOIN stock_piece x ON x.id = h.piece_id ORDER BY h.expires_at NULLS LAST, h.id",
        [at.date(), client_id, list(reference_ids), at],
    )
    return tuple(
        KeptPiece(
            hold_id=row[0],
            reference_id=row[1],
            place_id=row[2],
            place_ships=row[3],
            expires_at=row[4],
            quantity=row[5],
            piece_id=row[6],
            serial=row[7],
        )
        for row in rows
    )


def find_taken(
    *, kept: list[KeptPiece], reference_id: uuid.UUID, mode: Mode, place_id: uuid.UUID | None, quantity: int
) -> KeptPiece | None:
    """The piece that a line takes over, out of those no line has taken yet; it is no longer among them then."""
    for one in kept:
        if one.reference_id == reference_id and one.gives(mode, place_id, quantity):
            kept.remove(one)
            return one
    return None


def get_promised_day(*, kept: KeptPiece, mode: Mode, market_id: uuid.UUID, at: datetime) -> date:
    """The day a kept piece is ready where it stands, or reaches her from there."""
    found: date = sql.value(
        "SELECT flows_promise_date(%s, %s, %s, %s, %s)", [kept.place_id, mode.value, kept.place_id, market_id, at]
    )
    return found


def find_at(*, kept: Sequence[KeptPiece], place_id: uuid.UUID) -> KeptPiece | None:
    """The first of these at a place."""
    return next((one for one in kept if one.place_id == place_id), None)
