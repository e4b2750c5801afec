"""Every day the house's payments are held against what providers and the bank saw; what differs has a name and an
end."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime

from vendome.domains.payments.errors import AlreadyMatched
from vendome.domains.people import permissions
from vendome.flows import statements
from vendome.kit import outbox, sql
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a file."""

    lines: int
    new_lines: int
    matched: int
    differences: int


def take_in(*, name: str, content: bytes, actor: Actor, at: datetime) -> Taken:
    """Take a statement in, then reconcile. Lines known from an overlapping file are not taken twice.

    Raises StatementUnreadable, StatementKnown (the same file again; nothing is booked twice), Forbidden.
    """
    actor.require_everywhere(permissions.PAYMENTS_RECONCILE)
    read = statements.read_file(content=content)
    document = {
        "maison": actor.in_maison,
        "kind": read.kind.value,
        "source": read.source,
        "name": name[:200],
        "digest": hashlib.sha256(content).hexdigest(),
        "actor": actor.label,
        "at": at,
        "lines": [asdict(line) for line in read.lines],
    }
    new_lines = int(sql.value("SELECT flows_take_statement(%s::jsonb)", [json.dumps(document, default=str)]))
    matched, differences = _reconciled(actor.in_maison, at)
    return Taken(lines=len(read.lines), new_lines=new_lines, matched=matched, differences=differences)


def run(*, actor: Actor, at: datetime) -> int:
    """Reconcile every maison that takes statements in; returns how many lines found their payment. Safe to repeat."""
    maisons = sql.rows("SELECT DISTINCT maison_id FROM payments_statement ORDER BY 1")
    return sum(_reconciled(maison_id, at)[0] for (maison_id,) in maisons)


def match_transfer(*, line_id: uuid.UUID, order_number: str, actor: Actor, at: datetime) -> uuid.UUID:
    """Say by hand which order a transfer pays; it settles that order's waiting transfer of exactly this amount.

    Returns the order. Raises NotFound (no such waiting transfer), AlreadyMatched, Forbidden.
    """
    actor.require_everywhere(permissions.PAYMENTS_RECONCILE)
    if not order_number.strip():
        raise BadInput("Write the order's number.")
    order = sql.value(
        "SELECT flows_match_transfer(%s, %s, %s, %s, %s)",
        [line_id, actor.in_maison, order_number.strip().upper(), actor.label, at],
    )
    if order is None:
        raise AlreadyMatched()
    outbox.wake()
    return uuid.UUID(str(order))


def resolve(*, difference_id: uuid.UUID, resolution: str, actor: Actor, at: datetime) -> None:
    """Close a difference with a sentence on what it was. Raises NotFound (also once closed), BadInput, Forbidden."""
    actor.require_everywhere(permissions.PAYMENTS_RECONCILE)
    if not resolution.strip():
        raise BadInput("Say in a few words what it was.")
    if not sql.value(
        "SELECT flows_resolve_difference(%s, %s, %s, %s, %s)",
        [difference_id, actor.in_maison, resolution.strip()[:500], actor.label, at],
    ):
        raise NotFound()


def give_back(*, payment_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Refund money that came too late or twice and stands as owed to a client. Raises NotFound, RefundTooLarge,
    Forbidden."""
    actor.require_everywhere(permissions.PAYMENTS_RECONCILE)
    sql.value("SELECT flows_give_back(%s, %s, %s)", [payment_id, actor.in_maison, at])


def _reconciled(maison_id: uuid.UUID, at: datetime) -> tuple[int, int]:
    answer = sql.document("SELECT flows_reconcile(%s, %s)", [maison_id, at])
    outbox.wake()
    return answer["matched"], answer["differences"]
