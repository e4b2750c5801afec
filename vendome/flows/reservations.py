"""A piece set aside in a boutique for a client: by its own staff, by a colleague far away, or by herself online."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from vendome.domains.people import permissions
from vendome.domains.stock.errors import ReasonMissing
from vendome.kit import idempotency, outbox, sql
from vendome.kit.actors import Actor, ActorKind
from vendome.kit.errors import BadInput, Forbidden, NotFound

AFAR = timedelta(hours=48)
"""How long a piece is kept that was asked for from elsewhere: long enough to travel, short enough for the boutique."""
HERE = timedelta(days=60)
MOST_ONLINE = 3
"""How many a client keeps at once that she set aside herself, ordered meanwhile and unpaid or not (ADR 0025)."""
PAUSE = timedelta(hours=48)
"""How long a reference stands free for others before the same person may set it aside for herself again (ADR 0025)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    hold_id: uuid.UUID
    reference_id: uuid.UUID
    place_id: uuid.UUID
    until: datetime


def reserve(
    *,
    key: str,
    reference_id: uuid.UUID,
    place_id: uuid.UUID,
    client_id: uuid.UUID,
    quantity: int = 1,
    until: datetime | None = None,
    reason: str = "",
    actor: Actor,
    at: datetime,
) -> Reservation:
    """Set a reference aside at a place for a client. Safe to repeat with the same key.

    Staff of the place may reach to its last piece, for up to sixty days; anybody else leaves its safety stock and
    gets 48 hours, and not the same again at once. Raises OutOfStock, ModeNotOffered, TooManySetAside, QuotaReached
    (she sets aside more of a limited model than she may buy), SetAsideLately (she kept it until lately without paying;
    staff may), BadQuantity, BadInput, NotFound, Forbidden.
    """
    is_far = _checked(actor, place_id, client_id)
    longest = AFAR if is_far else HERE
    ends = until or at + AFAR
    if not at < ends <= at + longest:
        raise BadInput("Choose an end within the next 48 hours." if is_far else "Choose an end within sixty days.")
    body = {"reference": reference_id, "place": place_id, "client": client_id, "quantity": quantity, "reason": reason}
    is_her_own = actor.kind is ActorKind.CLIENT
    request = body | {
        "scope": f"{actor.label}:stock.reserve",
        "key": idempotency.check_key(key),
        "hash": idempotency.request_hash(body | {"until": until}).hex(),
        "maison": actor.in_maison,
        "advisor": actor.id if actor.is_staff else None,
        "far": is_far,
        "most": MOST_ONLINE if is_her_own else None,
        "pause": int(PAUSE.total_seconds()),
        "channel": "web" if is_her_own else "client_service",
        "expires": ends.isoformat(),
        "actor": actor.label,
        "at": at.isoformat(),
    }
    answer = sql.document("SELECT flows_reserve(%s::jsonb)", [json.dumps(request, default=str)])
    outbox.wake()
    return Reservation(
        hold_id=uuid.UUID(answer["hold"]),
        reference_id=uuid.UUID(answer["reference"]),
        place_id=uuid.UUID(answer["place"]),
        until=datetime.fromisoformat(answer["until"]),
    )


def list_own(*, client_id: uuid.UUID) -> tuple[Reservation, ...]:
    """What she has set aside for herself, the first to end first; what her advisor keeps for her is not told here."""
    found = sql.rows(
        "SELECT id, reference_id, place_id, expires_at FROM stock_hold WHERE client_id = %s AND kind = 'RESERVATION' "
        "AND state = 'ACTIVE' AND advisor_id IS NULL "
        "AND NOT EXISTS (SELECT FROM orders_returnline y WHERE y.wanted_hold_id = stock_hold.id) "
        "ORDER BY expires_at, id",
        [client_id],
    )
    return tuple(
        Reservation(hold_id=hold, reference_id=reference, place_id=place, until=until)
        for hold, reference, place, until in found
    )


def get_room(*, client_id: uuid.UUID) -> int:
    """How many more she may set aside for herself now; what she ordered since and did not pay takes room too."""
    kept: int = sql.value("SELECT flows_count_set_aside(%s)", [client_id])
    return max(0, MOST_ONLINE - kept)


def find_pause(*, client_id: uuid.UUID, reference_id: uuid.UUID, at: datetime) -> datetime | None:
    """From when she may set this reference aside for herself again; None when she may now."""
    again: datetime | None = sql.value(
        "SELECT flows_set_aside_again(%s, %s, %s, %s)", [client_id, reference_id, PAUSE, at]
    )
    return again if again and again > at else None


def release(*, key: str, hold_id: uuid.UUID, reason: str, actor: Actor, at: datetime) -> None:
    """Give a reservation free: staff of its place, whoever asked for it, or the client herself. Safe to repeat.

    Raises NotFound, HoldGone, ReasonMissing.
    """
    found = sql.row(
        "SELECT h.place_id, h.advisor_id, h.client_id FROM stock_hold h JOIN house_place p ON p.id = h.place_id "
        "WHERE h.id = %s AND p.maison_id = %s AND h.kind = 'RESERVATION'",
        [hold_id, actor.in_maison],
    )
    if found is None:
        raise NotFound()
    place_id, advisor_id, client_id = found
    is_hers = actor.kind is ActorKind.CLIENT and client_id == actor.client_id and advisor_id is None
    is_her_work = actor.is_staff and advisor_id == actor.id
    if not (is_hers or is_her_work or actor.may(permissions.STOCK_HOLD, place_id=place_id)):
        raise NotFound()
    if not reason.strip():
        raise ReasonMissing()
    body = {"hold": hold_id, "reason": reason}
    sql.value(
        "SELECT flows_release_reservation(%s, %s, %s, %s, %s, %s, %s)",
        [
            f"{actor.label}:stock.release",
            idempotency.check_key(key),
            idempotency.request_hash(body),
            hold_id,
            reason.strip(),
            actor.label,
            at,
        ],
    )
    outbox.wake()


def _checked(actor: Actor, place_id: uuid.UUID, client_id: uuid.UUID) -> bool:
    """Whether she reaches to a place that is not hers. Raises Forbidden."""
    if actor.kind is ActorKind.CLIENT:
        if client_id != actor.client_id:
            raise Forbidden()
        return True
    actor.require(permissions.STOCK_HOLD)
    return not actor.may(permissions.STOCK_HOLD, place_id=place_id)
