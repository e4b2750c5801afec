"""The public record of a draw. Anybody may ask for it, as often as anybody likes: so it is read and recomputed once.

A record changes twice in its life, when the list freezes and when the seed is revealed, and never again. What is asked
every time is only which step was the last; who has that already is sent nothing more. Each process keeps records as
they were after such a step, of as many launches as there is room for.
"""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import asdict, dataclass

from vendome.domains.stock.types_of_scarcity import Draw, draw_problems
from vendome.kit import sql
from vendome.kit.errors import NotFound

ROOM = 200_000
"""How many entries a process keeps over all records: those of any house's launches, and some forty megabytes at most
beside one record that is larger alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawStep:
    """Which launch, and how far its draw has come: all that ever changes a record."""

    allocation_id: uuid.UUID
    commitment: str
    list_digest: str
    seed: str

    @property
    def version(self) -> str:
        """A name for the record as it is after just this step."""
        told = f"{self.allocation_id} {self.commitment} {self.list_digest} {self.seed}"
        return hashlib.sha256(told.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRecord:
    """The record with what is asked of it: whether it holds, and its JSON."""

    draw: Draw
    holds: bool
    body: bytes


_kept: OrderedDict[DrawStep, Future[DrawRecord]] = OrderedDict()  # the last asked for at the end
_keeping = threading.Lock()  # for what is kept, never while the database is asked


def find_step(*, maison_id: uuid.UUID, code: str) -> DrawStep:
    """How far the draw of a launch has come, without its entries. Raises NotFound."""
    found = sql.row(
        "SELECT a.id, encode(a.commitment, 'hex'), coalesce(encode(a.list_digest, 'hex'), ''), "
        "CASE WHEN a.revealed_at IS NOT NULL THEN encode(a.seed, 'hex') ELSE '' END "
        "FROM stock_allocation a WHERE a.code = %s AND a.maison_id = %s AND a.state <> 'DRAFT' "
        "AND a.policy IN ('BALLOT', 'FIRST_COME')",
        [code, maison_id],
    )
    if found is None:
        raise NotFound()
    return DrawStep(allocation_id=found[0], commitment=found[1], list_digest=found[2], seed=found[3])


def read_record(*, step: DrawStep) -> DrawRecord:
    """The record after this step. A crowd that comes for the same waits for who reads it, and for nobody else."""
    with _keeping:
        known = _kept.get(step)
        reading = known or _kept.setdefault(step, Future())
        _kept.move_to_end(step)
    if known is None:
        try:
            reading.set_result(_read(step))
        except BaseException as error:
            with _keeping:
                _kept.pop(step, None)
            reading.set_exception(error)
            raise
        with _keeping:
            _make_room()
    return reading.result()


def public_record(*, maison_id: uuid.UUID, code: str) -> DrawRecord:
    """Tokens, digests, and the seed and order once they are revealed. Raises NotFound."""
    return read_record(step=find_step(maison_id=maison_id, code=code))


def forget() -> None:
    """Drop everything; tests call it."""
    with _keeping:
        _kept.clear()


def _make_room() -> None:
    """The longest not asked for goes first; the last one stays, however large."""
    sizes = {step: len(one.result().draw.entries) for step, one in _kept.items() if one.done()}
    total = sum(sizes.values())
    for step in list(sizes)[:-1]:
        if total <= ROOM:
            break
        total -= sizes[step]
        del _kept[step]


def _read(step: DrawStep) -> DrawRecord:
    """Before the list is frozen there is no entry to read."""
    entries = _tokens(step.allocation_id, 'token::text COLLATE "C"') if step.list_digest else ()
    order = _tokens(step.allocation_id, "rank") if step.seed else ()
    draw = Draw(commitment=step.commitment, list_digest=step.list_digest, entries=entries, seed=step.seed, order=order)
    return DrawRecord(
        draw=draw,
        holds=bool(step.seed) and not draw_problems(draw),
        body=json.dumps(asdict(draw), indent=1).encode(),
    )


def _tokens(allocation_id: uuid.UUID, by: str) -> tuple[str, ...]:
    query = f"SELECT token::text FROM stock_entry WHERE allocation_id = %s AND is_listed ORDER BY {by}"  # noqa: S608  # ours
    return tuple(token for (token,) in sql.rows(query, [allocation_id]))
