"""Where a reference stands, over every place, in one statement (ADR 0008)."""

from __future__ import annotations

import uuid

from vendome.domains.people import permissions
from vendome.kit import sql
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound
from vendome.kit.prepared import Statement

STANDING = Statement(
    """
    SELECT '{"reference_id":"' || r.id || '","places":[' || coalesce(string_agg(
               '{"place_id":"' || l.place_id || '","on_hand":' || l.on_hand || ',"held":' || l.held
               || ',"available":' || l.on_hand - l.held || '}', ','), '') || ']}'
    FROM catalogue_reference r LEFT JOIN stock_level l ON l.reference_id = r.id
    WHERE r.id = $1 AND r.maison_id = $2 GROUP BY r.id
    """,
    repeatable=True,
)
SUPPLY = (
    "SELECT l.place_id::text, stock_supply(l.on_hand - l.held) FROM stock_level l "
    "JOIN house_place p ON p.id = l.place_id AND p.is_visible "
    "WHERE l.reference_id = (SELECT r.id FROM catalogue_reference r WHERE r.id = %s AND r.maison_id = %s) "
    "ORDER BY p.position, p.id"
)
KNOWN = "SELECT true FROM catalogue_reference r WHERE r.id = %s AND r.maison_id = %s"


def standing_json(*, actor: Actor, reference_id: uuid.UUID) -> bytes:
    """On hand, held and free of one reference at every place that has had it, as finished JSON.

    For staff and programs. It holds ids and numbers only, so that joining text is writing JSON. One statement.
    Raises NotFound, Forbidden.
    """
    actor.require(permissions.STOCK_VIEW)
    text = STANDING.text(reference_id, actor.maison_id)
    if text is None:
        raise NotFound()
    return text


def list_supply(*, maison_id: uuid.UUID, reference_id: uuid.UUID) -> list[tuple[str, str]]:
    """Place and supply in one word, over the places a client may know of. Raises NotFound."""
    found: list[tuple[str, str]] = sql.rows(SUPPLY, [reference_id, maison_id])
    if not found and not sql.value(KNOWN, [reference_id, maison_id]):
        raise NotFound()
    return found
