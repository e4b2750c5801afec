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


def _charge_instalments() -> object:
    from vendome.flows import instalments
    from vendome.kit.actors import Actor

    return instalments.charge_due(actor=Actor.system(), at=clock.now())


def _close_pages() -> object:
    from vendome.flows import paying
    from vendome.kit.actors import Actor

    return paying.close_ended_pages(actor=Actor.system(), at=clock.now())


def _reconcile() -> object:
    from vendome.flows import reconciliation
    from vendome.kit.actors import Actor

    return reconciliation.run(actor=Actor.system(), at=clock.now())


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
        name="instalments",
        every_seconds=600,
        purpose="Charges the rates of instalment plans that have fallen due.",
        if_missed="A rate is charged a little later, once; nothing else waits for it.",
        run=_charge_instalments,
    ),
    Periodic(
        name="pages",
        every_seconds=30,
        purpose="Closes a provider's page when its link or its order has ended.",
        if_missed="Somebody may pay for an order that has ended; the money is owed to her and shown under Money.",
        run=_close_pages,
    ),
    Periodic(
        name="reconciliation",
        every_seconds=86_400,
        purpose="Holds payments against the statements of providers and banks, and names what differs.",
        if_missed="Differences are seen a day later; taking a statement in reconciles at once.",
        run=_reconcile,
    ),
    Periodic(
        name="holds",
        every_seconds=5,
        purpose="Ends holds whose time has come, so that their pieces can be sold again.",
        if_missed="Pieces stay reserved a little longer than promised; nothing is sold twice.",
        run=_expire_holds,
    ),
)
