"""Where a reference stands, over every place, in one statement and flat rows (ADR 0008)."""

from __future__ import annotations

import uuid
from typing import Any

from vendome.domains.people import permissions
from vendome.kit import sql
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound

STANDING = (
    "SELECT l.place_id::text, l.on_hand, l.held, l.on_hand - l.held FROM stock_level l "
    "WHERE l.reference_id = (SELECT r.id FROM catalogue_reference r WHERE r.id = %s AND r.maison_id = %s)"
)
SUPPLY = (
    "SELECT l.place_id::text, stock_supply(l.on_hand - l.held) FROM stock_level l "
    "JOIN house_place p ON p.id = l.place_id AND p.is_visible "
    "WHERE l.reference_id = (SELECT r.id FROM catalogue_reference r WHERE r.id = %s AND r.maison_id = %s) "
    "ORDER BY p.position, p.id"
)
KNOWN = "SELECT true FROM catalogue_reference r WHERE r.id = %s AND r.maison_id = %s"


def list_standing(*, actor: Actor, reference_id: uuid.UUID) -> list[tuple[str, int, int, int]]:
    """Place, on hand, held and free of one reference at every place that has had it; for staff and programs.

    One statement; a second one only when nothing was found. Raises NotFound, Forbidden.
    """
    actor.require(permissions.STOCK_VIEW)
    return _rows(STANDING, reference_id, actor.maison_id)


def list_supply(*, maison_id: uuid.UUID, reference_id: uuid.UUID) -> list[tuple[str, str]]:
    """Place and supply in one word, over the places a client may know of. Raises NotFound."""
    return _rows(SUPPLY, reference_id, maison_id)


def _rows(query: str, reference_id: uuid.UUID, maison_id: uuid.UUID | None) -> list[Any]:
    found: list[Any] = sql.rows(query, [reference_id, maison_id])
    if not found and not sql.value(KNOWN, [reference_id, maison_id]):
        raise NotFound()
    return found
