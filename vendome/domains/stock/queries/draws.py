"""The public record of a draw. Anybody may ask for it, as often as anybody likes: so it is read and recomputed once.

A record changes twice in its life, when the list freezes and when the seed is revealed, and never again. Each process
keeps the last few as they were after such a step; what is asked every time is only which step was the last.
"""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from dataclasses import asdict, dataclass
from functools import lru_cache

from vendome.domains.stock.types_of_scarcity import Draw, draw_problems
from vendome.kit import sql
from vendome.kit.errors import NotFound

KEPT = 4
"""How many records a process keeps: those of the launches of this week, each some megabytes for a large one."""
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRecord:
    """The record with what is asked of it: whether it holds, its JSON, and a name for just this state of it."""

    draw: Draw
    holds: bool
    body: bytes
    version: str


def public_record(*, maison_id: uuid.UUID, code: str) -> DrawRecord:
    """Tokens, digests, and the seed and order once they are revealed. Raises NotFound."""
    found = sql.row(
        "SELECT a.id, encode(a.commitment, 'hex'), coalesce(encode(a.list_digest, 'hex'), ''), "
        "CASE WHEN a.revealed_at IS NOT NULL THEN encode(a.seed, 'hex') ELSE '' END "
        "FROM stock_allocation a WHERE a.code = %s AND a.maison_id = %s AND a.state <> 'DRAFT' "
        "AND a.policy IN ('BALLOT', 'FIRST_COME')",
        [code, maison_id],
    )
    if found is None:
        raise NotFound()
    with _one_at_a_time:  # a crowd that comes for the same record waits for who reads it
        return _read(*found)


def forget() -> None:
    """Drop everything; tests call it."""
    _read.cache_clear()


@lru_cache(maxsize=KEPT)
def _read(allocation_id: uuid.UUID, commitment: str, list_digest: str, seed: str) -> DrawRecord:
    """By everything that a step changes; before the list is frozen there is no entry to read."""
    entries = _tokens(allocation_id, 'token::text COLLATE "C"') if list_digest else ()
    order = _tokens(allocation_id, "rank") if seed else ()
    draw = Draw(commitment=commitment, list_digest=list_digest, entries=entries, seed=seed, order=order)
    body = json.dumps(asdict(draw), indent=1).encode()
    return DrawRecord(
        draw=draw,
        holds=bool(seed) and not draw_problems(draw),
        body=body,
        version=hashlib.sha256(body).hexdigest()[:32],
    )


def _tokens(allocation_id: uuid.UUID, by: str) -> tuple[str, ...]:
    query = f"SELECT token::text FROM stock_entry WHERE allocation_id = %s AND is_listed ORDER BY {by}"  # noqa: S608  # ours
    return tuple(token for (token,) in sql.rows(query, [allocation_id]))
