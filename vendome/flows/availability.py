"""Where a reference stands and how it can be had: the question, and the promise, are one function (ADR 0004, 0017)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from vendome.domains.people import permissions
from vendome.domains.stock.types import Supply
from vendome.flows.types import Way, WayMode
from vendome.kit import sql
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput, NotFound
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
WAYS = Statement("SELECT flows_availability($1::jsonb)", repeatable=True)
SUPPLY = (
    "SELECT l.place_id::text, stock_supply(l.on_hand - l.held) FROM stock_level l "
    "JOIN house_place p ON p.id = l.place_id AND p.is_visible "
    "WHERE l.reference_id = (SELECT r.id FROM catalogue_reference r WHERE r.id = %s AND r.maison_id = %s) "
    "ORDER BY p.position, p.id"
)
KNOWN = "SELECT true FROM catalogue_reference r WHERE r.id = %s AND r.maison_id = %s"
MOST_REFERENCES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is wanted, by whom, how and where. Without modes, every way; without a place, only what is sent.

    `together`: the references are one order, so that a place which has them all is better. `piece_id`: this one and no
    other of its reference; it stands for the references. `by`: ways that take longer are left out.
    """

    reference_ids: Collection[uuid.UUID] = ()
    market_id: uuid.UUID
    channel: str = "web"
    modes: Sequence[WayMode] = ()
    place_id: uuid.UUID | None = None
    latitude: float | None = None
    longitude: float | None = None
    client_id: uuid.UUID | None = None
    quantity: int = 1
    together: bool = False
    piece_id: uuid.UUID | None = None
    by: date | None = None


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


def ways_json(*, question: Question, actor: Actor, at: datetime) -> bytes:
    """Each way each reference can be had now, with its day and its source, as finished JSON; for staff and programs.

    What it names is what an order placed now would hold. One statement. Raises NotFound, BadInput, Forbidden.
    """
    actor.require(permissions.STOCK_VIEW)
    return _asked(question, maison_id=actor.in_maison, is_staff=True, at=at)


def list_ways(*, question: Question, maison_id: uuid.UUID, at: datetime) -> tuple[Way, ...]:
    """What a client may be told: each way with its day and one word, never where from or how many. One statement.

    Raises NotFound for a place she may not know of.
    """
    told = json.loads(_asked(question, maison_id=maison_id, is_staff=False, at=at))
    return tuple(_way(one) for one in told["ways"])


def list_ways_for_staff(*, question: Question, actor: Actor, at: datetime) -> tuple[Way, ...]:
    """As `ways_json`, as values."""
    told = json.loads(ways_json(question=question, actor=actor, at=at))
    return tuple(_way(one) for one in told["ways"])


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionPoint:
    """A boutique where a client may collect a reference, and from which day."""

    place_id: uuid.UUID
    stands_there: bool  # else it is sent there for her
    supply: Supply
    date: date
    km: int | None


def list_collection(
    *,
    maison_id: uuid.UUID,
    market_id: uuid.UUID,
    reference_id: uuid.UUID,
    near: uuid.UUID | None = None,
    at: datetime,
) -> tuple[CollectionPoint, ...]:
    """Where a client may collect a reference online, nearest to a place she named, else in the order of the house."""
    found = sql.rows(
        "SELECT * FROM flows_where_to_collect(%s, %s, %s, %s, 'web', %s)",
        [reference_id, maison_id, market_id, near, at],
    )
    return tuple(
        CollectionPoint(place_id=row[0], stands_there=row[1], supply=Supply(row[2]), date=row[3], km=row[4])
        for row in found
    )


def _asked(question: Question, *, maison_id: uuid.UUID, is_staff: bool, at: datetime) -> bytes:
    if question.piece_id is None and not 1 <= len(question.reference_ids) <= MOST_REFERENCES:
        raise BadInput(f"Ask for 1 to {MOST_REFERENCES} references at once.")
    if not 1 <= question.quantity <= 20:
        raise BadInput("A quantity is a whole number from 1 to 20.")
    if question.piece_id is not None and (question.reference_ids or question.quantity != 1):
        raise BadInput("Ask for one piece by itself, without references or a quantity.")
    asked = {
        "refs": [str(one) for one in question.reference_ids],
        "maison": str(maison_id),
        "market": str(question.market_id),
        "channel": question.channel,
        "modes": [mode.value for mode in question.modes],
        "place": str(question.place_id) if question.place_id else None,
        "lat": question.latitude,
        "lon": question.longitude,
        "client": str(question.client_id) if question.client_id else None,
        "quantity": question.quantity,
        "together": question.together,
        "piece": str(question.piece_id) if question.piece_id else None,
        "by": question.by.isoformat() if question.by else None,
        "staff": is_staff,
        "at": at.isoformat(),
    }
    return WAYS.text(json.dumps(asked)) or b""


def _way(told: dict[str, Any]) -> Way:
    return Way(
        reference_id=uuid.UUID(told["reference_id"]),
        mode=WayMode(told["mode"]),
        place_id=uuid.UUID(told["place_id"]) if told["place_id"] else None,
        date=date.fromisoformat(told["date"]),
        supply=Supply(told["supply"]),
        reason=told["reason"],
        source_id=uuid.UUID(told["source_id"]) if "source_id" in told else None,
        km=told.get("km"),
        free=told.get("free"),
    )


def list_supply(*, maison_id: uuid.UUID, reference_id: uuid.UUID) -> list[tuple[str, str]]:
    """Place and supply in one word, over the places a client may know of. Raises NotFound."""
    found: list[tuple[str, str]] = sql.rows(SUPPLY, [reference_id, maison_id])
    if not found and not sql.value(KNOWN, [reference_id, maison_id]):
        raise NotFound()
    return found


def read_delivery_day(*, place_id: uuid.UUID, market_id: uuid.UUID, at: datetime) -> date:
    """The day on which what is ordered now from a place would be delivered in a market; the order promises the same."""
    found: date = sql.value("SELECT flows_promise_date(%s, 'DELIVER', NULL, %s, %s)", [place_id, market_id, at])
    return found
