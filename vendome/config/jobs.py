"""Work that comes round by itself: what it is for, and what happens if a round is missed.

These run in the worker's own loop rather than as queued jobs: a row in the queue every few seconds for each
would be most of its traffic. One worker at a time does a job (an advisory lock per job); queued jobs
of the domains run through procrastinate beside it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from vendome.config import home
from vendome.kit import audit, clock, outbox

log = logging.getLogger("vendome.jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic:
    """One round: `run` may be repeated and may be late."""

    name: str
    every_seconds: float
    purpose: str
    if_missed: str
    run: Callable[[], object]


def _expire_holds() -> object:
    from vendome.flows import checkout

    return checkout.expire_unpaid(at=clock.now())


def _send_refunds() -> object:
    from vendome.flows import refunds
    from vendome.kit.actors import Actor

    return refunds.send_due(actor=Actor.system(), at=clock.now())


def _book_parcels() -> object:
    from vendome.flows import shipping
    from vendome.kit.actors import Actor

    return shipping.book_due(actor=Actor.system(), at=clock.now())


def _track_parcels() -> object:
    from vendome.flows import shipping
    from vendome.kit.actors import Actor

    return shipping.track_due(actor=Actor.system(), at=clock.now())


def _write_audit_head() -> None:
    audit.write_head(home.state_dir() / "audit-heads.jsonl")


def _check_books() -> object:
    from vendome.flows import books

    problems = books.list_problems()
    for problem in problems[:50]:
        log.error(problem)
    return len(problems)


PERIODIC = (
    Periodic(
        name="outbox",
        every_seconds=1,
        purpose="Hands every recorded fact to the parts of the house that act on it.",
        if_missed="Facts wait in the outbox; the next round delivers them in order. Nothing is lost.",
        run=outbox.deliver_due,
    ),
    Periodic(
        name="audit",
        every_seconds=5,
        purpose="Seals new audit entries into the hash chain.",
        if_missed="Entries stay unsealed, open to a superuser's edit, until the next round seals them.",
        run=audit.seal_due,
    ),
    Periodic(
        name="audit-head",
        every_seconds=60,
        purpose="Writes the newest link of the audit chain down outside the database, so that a cut tail is noticed.",
        if_missed="A tail cut off since the last head that was written would go unnoticed until then.",
        run=_write_audit_head,
    ),
    Periodic(
        name="books",
        every_seconds=86_400,
        purpose="Compares ledger, levels, pieces, holds, orders and payments, and logs an error for what disagrees.",
        if_missed="A disagreement would be noticed a day later; `vendome check_books` asks at once.",
        run=_check_books,
    ),
    Periodic(
        name="refunds",
        every_seconds=5,
        purpose="Asks the payment providers for the refunds that were written down.",
        if_missed="Clients get their money a little later; each refund is asked for under its own key, never twice.",
        run=_send_refunds,
    ),
    Periodic(
        name="labels",
        every_seconds=3,
        purpose="Asks carriers for the labels of packed parcels.",
        if_missed="Packed parcels wait for their label; each is asked for under its own key, and never bought twice.",
        run=_book_parcels,
    ),
    Periodic(
        name="tracking",
        every_seconds=60,
        purpose="Asks carriers where parcels are that they have not told us of for a quarter of an hour.",
        if_missed="A timeline is behind until the carrier's own messages arrive; no scan is lost or counted twice.",
        run=_track_parcels,
    ),
    Periodic(
        name="holds",
        every_seconds=5,
        purpose="Ends holds whose time has come, so that their pieces can be sold again.",
        if_missed="Pieces stay reserved a little longer than promised; nothing is sold twice.",
        run=_expire_holds,
    ),
)
