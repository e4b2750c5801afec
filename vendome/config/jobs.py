"""Work that comes round by itself: what it is for, and what happens if a round is missed.

These run in the worker's own loop rather than as queued jobs: a row in the queue every few seconds for each
would be most of its traffic. One worker at a time does a job (an advisory lock per job); queued jobs
of the domains run through procrastinate beside it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from vendome.config import home
from vendome.kit import audit, cache, clock, outbox

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


def _run_drops() -> object:
    from vendome.flows import drops
    from vendome.kit.actors import Actor

    return drops.run_due(actor=Actor.system(), at=clock.now())


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


def _find_exceptions() -> object:
    from vendome.flows import exceptions

    return exceptions.find_due(at=clock.now())


def _book_parcels() -> object:
    from vendome.flows import shipping
    from vendome.kit.actors import Actor

    return shipping.book_due(actor=Actor.system(), at=clock.now())


def _track_parcels() -> object:
    from vendome.flows import shipping
    from vendome.kit.actors import Actor

    return shipping.track_due(actor=Actor.system(), at=clock.now())


def _send_webhooks() -> object:
    from vendome.connectors.webhooks import sending

    return sending.feed()


def _send_letters() -> object:
    from vendome.web.letters import sending

    return sending.send_due()


def _forget_events() -> object:
    from django.conf import settings

    from vendome.domains.webhooks.services import deliveries
    from vendome.kit.actors import Actor

    now = clock.now()
    return deliveries.forget_old(before=now - timedelta(days=settings.EVENTS_DAYS), actor=Actor.system())


def _write_audit_head() -> None:
    audit.write_head(home.state_dir() / "audit-heads.jsonl")


def _check_books() -> object:
    from vendome.flows import books

    problems = books.list_problems()
    for problem in problems[:50]:
        log.error(problem)
    return len(problems)


def _propose_replenishment() -> object:
    from vendome.domains.house import queries as house
    from vendome.domains.stock.services import replenishment
    from vendome.kit.actors import Actor

    at = clock.now()
    return sum(replenishment.work_out(actor=Actor.system(one), at=at) for one in house.maison_ids())


PERIODIC = (
    Periodic(
        name="outbox",
        every_seconds=1,
        purpose="Hands every recorded fact to the parts of the house that act on it.",
        if_missed="Facts wait in the outbox; the next round delivers them in order. Nothing is lost.",
        run=outbox.deliver_all,
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
        name="cache",
        every_seconds=600,
        purpose="Removes what has run out from the cache that all processes share.",
        if_missed="The table grows a little; what has run out is never read.",
        run=cache.remove_expired,
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
        name="drops",
        every_seconds=1,
        purpose="Opens drops at their hour, freezes lists, passes on what was offered and not bought in time.",
        if_missed="Doors open late and a piece stays with somebody who did not buy it; nothing is sold twice.",
        run=_run_drops,
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
    Periodic(
        name="exceptions",
        every_seconds=60,
        purpose="Puts what has gone past its promise on a person's list, and takes off what has passed by itself.",
        if_missed="A late parcel or an unpaid order is noticed a minute later; nothing is lost.",
        run=_find_exceptions,
    ),
    Periodic(
        name="webhooks",
        every_seconds=0.5,
        purpose="Sends to other programs what they asked to be told of.",
        if_missed="What is owed to them waits in its rows; the next round sends it. Nothing is lost.",
        run=_send_webhooks,
    ),
    Periodic(
        name="letters",
        every_seconds=1,
        purpose="Writes the letters clients are owed and hands them to the mail server.",
        if_missed="A letter leaves a little later, and tells what is true then; none is sent twice for that.",
        run=_send_letters,
    ),
    Periodic(
        name="events",
        every_seconds=86_400,
        purpose="Forgets events that were delivered longer ago than `VENDOME_EVENTS_DAYS`.",
        if_missed="The outbox stays larger for a day.",
        run=_forget_events,
    ),
    Periodic(
        name="replenishment",
        every_seconds=86_400,
        purpose="Works out from sales, minimums and cover what each place should be sent, for people to decide on.",
        if_missed="The desk shows yesterday's proposals; “Work out again” does it at once.",
        run=_propose_replenishment,
    ),
)
