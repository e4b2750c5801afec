"""Limited pieces find their owners: what is offered is bought under its very hold, what runs out passes on."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from vendome.domains.house.types import MaisonView, MarketView
from vendome.domains.orders.types import Mode
from vendome.domains.people import permissions
from vendome.domains.stock.errors import HoldGone
from vendome.domains.stock.queries import scarcity
from vendome.domains.stock.types_of_scarcity import EntryState
from vendome.flows import checkout
from vendome.flows.types import PlacedOrder, TenderGiven, WantedLine
from vendome.kit import lanes, outbox, sql
from vendome.kit.actors import Actor, ActorKind
from vendome.kit.errors import DomainError, Forbidden

log = logging.getLogger("vendome.drops")


def claim(
    *,
    key: str,
    maison: MaisonView,
    market: MarketView,
    allocation_id: uuid.UUID,
    client_id: uuid.UUID,
    mode: Mode,
    tender: TenderGiven,
    instrument: str,
    contact: Mapping[str, str] | None = None,
    address: Sequence[str] = (),
    channel: str = "web",
    actor: Actor,
    at: datetime,
) -> PlacedOrder:
    """Order and pay the piece she is offered: one call places the order under its hold, then it is charged.

    Without an `instrument` it is only placed: she pays on the provider's page. Safe to repeat with the same key. Raises
    HoldGone when nothing is offered to her (any more), what `place_order` raises, what `pay` raises, and Busy while too
    many pay at this moment: the order is placed, ask again.
    """
    if actor.kind is ActorKind.CLIENT and actor.client_id != client_id:
        raise Forbidden()
    standing = scarcity.get_standing(actor=actor, allocation_id=allocation_id, client_id=client_id)
    if standing.state not in (EntryState.OFFERED, EntryState.BOUGHT):
        raise HoldGone()
    placed = checkout.place_order(
        key=key,
        maison=maison,
        market=market,
        channel=channel,
        lines=[
            WantedLine(
                reference_id=standing.reference_id,
                mode=mode,
                place_id=standing.place_id,
                hold_id=_hold_of(allocation_id=allocation_id, client_id=client_id),
            )
        ],
        tender=tender,
        client_id=client_id,
        contact=contact,
        address=address,
        actor=actor,
        at=at,
    )
    if not instrument:
        return placed
    with lanes.PAYMENTS.taken():
        return checkout.pay(placed=placed, provider=tender.provider, instrument=instrument, actor=actor, at=at)


def find_unpaid(*, allocation_id: uuid.UUID, client_id: uuid.UUID) -> str | None:
    """The number of her own order that keeps the piece and still waits for its payment: there she pays it."""
    found: str | None = sql.value(
        "SELECT o.number FROM stock_entry e JOIN stock_allocation a ON a.id = e.allocation_id "
        "JOIN orders_orderline l ON l.hold_id = e.hold_id JOIN orders_order o ON o.id = l.order_id "
        "WHERE e.allocation_id = %s AND e.client_id = ANY (clients_records(%s, a.counts_household)) "
        "AND o.client_id = %s AND o.state = 'AWAITING_PAYMENT' LIMIT 1",
        [allocation_id, client_id, client_id],
    )
    return found


def run_due(*, actor: Actor, at: datetime) -> int:
    """One round of what the clock asks for: offers run out and pass on, doors open, lists freeze, the sold out end.

    Each offer ends in a transaction of its own; safe to repeat and to be late. Returns how many things changed.
    """
    actor.require(permissions.SCARCITY_DECIDE)
    changed = 0
    for hold_id in scarcity.list_due_offers(at=at):
        ending = "SELECT stock_end_unordered(%s, 'EXPIRED', true, %s, 'the offer ran out', %s)"
        changed += _tried(ending, [hold_id, actor.label, at])
    for order_id in scarcity.list_due_orders(at=at):
        changed += _tried("SELECT flows_expire_order(%s, %s)", [order_id, at])
    changed += int(sql.value("SELECT stock_run_allocations(%s)", [at]))
    if changed:
        outbox.wake()
    return changed


def _hold_of(*, allocation_id: uuid.UUID, client_id: uuid.UUID) -> uuid.UUID | None:
    """The hold under which her piece is or was kept."""
    found: uuid.UUID | None = sql.value(
        "SELECT e.hold_id FROM stock_entry e JOIN stock_allocation a ON a.id = e.allocation_id "
        "WHERE e.allocation_id = %s AND e.client_id = ANY (clients_records(%s, a.counts_household)) LIMIT 1",
        [allocation_id, client_id],
    )
    return found


def _tried(statement: str, parameters: Sequence[object]) -> int:
    """What cannot be ended now (its books disagree, or somebody else has just ended it) keeps back no other."""
    try:
        return int(sql.value(statement, parameters))
    except DomainError as error:
        log.info("left for the next round: %s", error.code)
        return 0
