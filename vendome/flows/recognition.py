"""She appears, and the house knows her: the card, what to say, what to offer next."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from vendome.domains.clients.errors import FileProtected, TooManyFiles
from vendome.domains.people import permissions
from vendome.kit import sql
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound
from vendome.kit.prepared import Statement

CARD = Statement("SELECT flows_client_card($1, $2, $3, $4, $5, $6, $7, $8)", repeatable=True)
MOST_POINTS = 3
WAITING = {"UNPAID": "waiting_payment", "ON_ITS_WAY": "on_its_way", "PREPARED": "being_prepared"}
"""What is said of a piece that she cannot have yet, by the stage it is at."""
MOST_FILES_A_DAY = 120
"""Distinct clients, other than her own, whose files one member of staff may read in a day (goal R20: at most 200)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkingPoint:
    """One thing worth saying now. `kind` chooses the sentence, `values` fill it; surfaces speak her language."""

    kind: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model she may like next, and why."""

    code: str
    name: str
    reason: str
    because_of: str


def card_json(*, actor: Actor, client_id: uuid.UUID, at: datetime) -> bytes:
    """The finished card as JSON text, the read written to the audit log in the same statement.

    Raises NotFound, FileProtected, TooManyFiles, Forbidden.
    """
    actor.require(permissions.CLIENTS_READ)
    text = CARD.text(
        actor.maison_id,
        client_id,
        actor.label,
        actor.id,
        actor.home_place_id,
        actor.may(permissions.CLIENTS_READ_PROTECTED),
        at,
        MOST_FILES_A_DAY if actor.is_staff else None,
    )
    if text is None:
        raise NotFound()
    if text == b'{"protected": true}':
        raise FileProtected(client_id=str(client_id))
    if text == b'{"limited": true}':
        raise TooManyFiles(most=MOST_FILES_A_DAY)
    return text


def read_card(*, actor: Actor, client_id: uuid.UUID, at: datetime) -> dict[str, Any]:
    """The card as values, for a page. Raises as `card_json`."""
    card: dict[str, Any] = json.loads(card_json(actor=actor, client_id=client_id, at=at))
    return card


def talking_points(card: Mapping[str, Any], *, today: date) -> tuple[TalkingPoint, ...]:
    """At most three things to say, the most useful first; only what may be mentioned to her."""
    points: list[TalkingPoint] = []
    for wait in card["waiting"]:
        kind = WAITING.get(wait["stage"]) or ("waiting_here" if wait["is_here"] else "waiting_elsewhere")
        points.append(TalkingPoint(kind=kind, values={"model": wait["model"], "place": wait["place"]}))
    if card["birthday"] and _days_to(card["birthday"], today) <= 21:
        points.append(TalkingPoint(kind="birthday", values={"date": card["birthday"]}))
    for worn in card["wardrobe"]:
        bought = date.fromisoformat(worn["acquired_date"])
        days = _days_to(bought.strftime("%m-%d"), today)
        if bought.year < today.year and days <= 21:
            years = today.year - bought.year + (1 if days and today.month == 12 and bought.month == 1 else 0)
            points.append(TalkingPoint(kind="anniversary", values={"model": worn["model"] or "", "years": str(years)}))
            break
    points += [
        TalkingPoint(kind="preference", values={"topic": like["topic"], "value": like["value"]})
        for like in card["preferences"]
        if like["may_mention"]
    ]
    if card["wardrobe"]:
        last = card["wardrobe"][0]
        points.append(
            TalkingPoint(kind="last_piece", values={"model": last["model"] or "", "date": last["acquired_date"]})
        )
    if not points:
        points.append(TalkingPoint(kind="first_visit", values={}))
    return tuple(points[:MOST_POINTS])


def next_offers(*, actor: Actor, client_id: uuid.UUID, limit: int = 3) -> tuple[Offer, ...]:
    """Pieces that complete what she owns: same collection, another family, not yet hers, and in stock somewhere."""
    actor.require(permissions.CLIENTS_READ)
    query = """
        WITH owned AS (
            SELECT m.id, m.name, m.collection_id, m.family, m.stone, max(w.acquired_date) AS last_date
            FROM clients_wardrobepiece w JOIN catalogue_reference r ON r.id = w.reference_id
            JOIN catalogue_model m ON m.id = r.model_id
            WHERE w.client_id = %s AND w.left_at IS NULL GROUP BY m.id
        ), candidates AS (
            SELECT DISTINCT ON (m.id) m.id, m.code, m.name, m.position, o.name AS because, o.last_date,
                   CASE WHEN m.collection_id = o.collection_id THEN 'collection' ELSE 'stone' END AS reason
            FROM owned o JOIN catalogue_model m
              ON m.is_published AND m.family <> o.family AND m.family <> 'other'
             AND (m.collection_id = o.collection_id OR (m.stone = o.stone AND m.stone NOT IN ('', 'none', 'diamond')))
            WHERE NOT EXISTS (SELECT FROM owned x WHERE x.id = m.id)
              AND EXISTS (SELECT FROM catalogue_reference r JOIN stock_level l ON l.reference_id = r.id
                          WHERE r.model_id = m.id AND l.on_hand > l.held)
            ORDER BY m.id, (m.collection_id = o.collection_id) DESC, o.last_date DESC
        )
        SELECT code, name, reason, because FROM candidates ORDER BY reason, last_date DESC, position LIMIT %s
    """
    return tuple(
        Offer(code=code, name=name, reason=reason, because_of=because)
        for code, name, reason, because in sql.rows(query, [client_id, limit])
    )


def _days_to(month_day: str, today: date) -> int:
    """Days from today to the next such day of the year; 29 February counts as 1 March in other years."""
    month, day = (int(part) for part in month_day.split("-"))
    for year in (today.year, today.year + 1):
        try:
            coming = date(year, month, day)
        except ValueError:
            coming = date(year, 3, 1)
        if coming >= today:
            return (coming - today).days
    return 366
