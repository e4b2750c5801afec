"""The audit log: appended in the command's own transaction, sealed into a hash chain moments later.

Sealing outside the command keeps commands from queueing for the chain's end; an entry is open to a
superuser's edit for the seconds before its seal, and never after (ADR 0006).
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from django.db.models import F, Q

from vendome.kit import sql
from vendome.kit.actors import Actor
from vendome.kit.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Verdict:
    """Outcome of a verification: how many links hold, and the first that does not."""

    entries: int
    unsealed: int
    head: str
    broken_seq: int | None = None
    reason: str = ""

    @property
    def is_whole(self) -> bool:
        return self.broken_seq is None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as a reader of the log sees it: ids and words, no personal data."""

    seq: int | None
    at: datetime
    actor: str
    action: str
    subject: str


def record(
    *,
    actor: Actor,
    action: str,
    subject: str,
    at: datetime,
    maison_id: uuid.UUID | None = None,
    detail: dict[str, object] | None = None,
) -> None:
    """Append one entry in the running transaction. `detail` holds ids and values, never personal data."""
    AuditEntry.objects.create(
        at=at,
        actor=actor.label,
        action=action,
        subject=subject,
        maison_id=maison_id or actor.maison_id,
        detail=detail or {},
    )


def seal_due(*, most: int = 5000) -> int:
    """Seal what is waiting; returns how many entries were sealed. Safe to run anywhere, any time."""
    with transaction.atomic():
        return int(sql.value("SELECT vendome_audit_seal(%s)", [most]))


def verify(*, heads: Path | None = None) -> Verdict:
    """Recompute the whole chain and compare it with the heads written down outside the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT broken_seq, reason FROM vendome_audit_verify()")
        broken = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FILTER (WHERE chain_seq IS NOT NULL), count(*) FILTER (WHERE chain_seq IS NULL) "
            "FROM kit_auditentry"
        )
        entries, unsealed = cursor.fetchone()
        cursor.execute("SELECT encode(hash, 'hex') FROM kit_auditentry WHERE chain_seq = %s", [entries])
        head = (cursor.fetchone() or ("",))[0] or ""
    if broken:
        return Verdict(entries, unsealed, head, broken[0], broken[1])
    lost = _first_lost_head(heads) if heads else None
    if lost:
        return Verdict(
            entries, unsealed, head, lost, "the chain no longer holds an entry that was written down outside"
        )
    return Verdict(entries, unsealed, head)


def list_recent(*, maison_id: uuid.UUID | None, limit: int = 50) -> tuple[Entry, ...]:
    """The newest entries of a maison, those not sealed yet first."""
    rows = AuditEntry.objects.filter(Q(maison_id=maison_id) | Q(maison_id=None))
    columns = rows.order_by(F("chain_seq").desc(nulls_first=True), "-at", "-id")
    return tuple(Entry(*row) for row in columns.values_list("chain_seq", "at", "actor", "action", "subject")[:limit])


def write_head(heads: Path) -> None:
    """Write the newest link down outside the database, so that a cut tail is noticed."""
    newest = sql.row(
        "SELECT chain_seq, encode(hash, 'hex') FROM kit_auditentry WHERE chain_seq IS NOT NULL "
        "ORDER BY chain_seq DESC LIMIT 1"
    )
    if newest is None:
        return
    heads.parent.mkdir(parents=True, exist_ok=True)
    with heads.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"seq": newest[0], "hash": newest[1]}) + "\n")


def _first_lost_head(heads: Path) -> int | None:
    if not heads.exists():
        return None
    for line in heads.read_text(encoding="utf-8").splitlines():
        noted = json.loads(line)
        found = sql.value("SELECT encode(hash, 'hex') FROM kit_auditentry WHERE chain_seq = %s", [noted["seq"]])
        if found != noted["hash"]:
            return int(noted["seq"])
    return None
