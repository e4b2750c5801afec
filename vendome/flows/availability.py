"""Where a reference stands, over every place, in one statement and flat rows (ADR 0008)."""

from __future__ import annotations

import uuid

from vendome.domains.people import permissions
from vendome.kit import sql
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound
from vendome.kit.prepared import Statement

STANDING = Statement(
    "SELECT l.place_id::text, l.on_hand, l.held, l.on_hand - l.held FROM stock_level l "
    "WHERE l.reference_id = (SELECT r.id FROM catalogue_reference r WHERE r.id = $1 AND r.maison_id = $2)",
    repeatable=True,
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
    found: list[tuple[str, int, int, int]] = STANDING.rows(reference_id, actor.maison_id)
    if not found:
        _check_known(reference_id, actor.maison_id)
    return found


def list_supply(*, maison_id: uuid.UUID, reference_id: uuid.UUID) -> list[tuple[str, str]]:
    """Place and supply in one word, over the places a client may know of. Raises NotFound."""
    found: list[tuple[str, str]] = sql.rows(SUPPLY, [reference_id, maison_id])
    if not found:
        _check_known(reference_id, maison_id)
    return found


def _check_known(reference_id: uuid.UUID, maison_id: uuid.UUID | None) -> None:
    if not sql.value(KNOWN, [reference_id, maison_id]):
        raise NotFound()
