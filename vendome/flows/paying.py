"""What is still to pay on an order: the rest of a deposit, another tender after a decline, a reader on the counter."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError

from vendome.domains.orders.queries import placed as orders
from vendome.domains.payments import ports
from vendome.domains.payments.errors import Declined, NotOffered, ProviderUnavailable, ReferenceUsed
from vendome.domains.payments.types import PaymentState, PaymentView, Tender
from vendome.domains.people import permissions
from vendome.flows import checkout, tendering
from vendome.flows.types import TenderGiven
from vendome.kit import idempotency, outbox, sql
from vendome.kit.actors import Actor
from vendome.kit.errors import Forbidden, NotFound

PAGES = (
    "SELECT p.id, p.provider, l.page_reference FROM payments_paylink l JOIN payments_payment p ON p.id = l.payment_id "
    "WHERE l.page_reference <> ''"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """What an order still wants: `missing_amount` before it may leave the house."""

    order_id: uuid.UUID
    total_amount: int
    paid_amount: int
    missing_amount: int
    credit_amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    payment_id: uuid.UUID
    amount: int
    currency: str
    state: PaymentState
    missing_amount: int


def get_open(*, actor: Actor, order_id: uuid.UUID) -> Open:
    """What an order has been paid and what is missing. Raises NotFound."""
    row = sql.row(
        "SELECT o.total_amount, flows_paid(o.id), flows_missing(o.id), o.credit_amount, o.currency FROM orders_order o "
        "WHERE o.id = %s AND o.maison_id = %s",
        [order_id, actor.in_maison],
    )
    if row is None:
        raise NotFound()
    return Open(
        order_id=order_id,
        total_amount=row[0],
        paid_amount=row[1],
        missing_amount=row[2],
        credit_amount=row[3],
        currency=row[4],
    )


def add_tender(*, key: str, order_id: uuid.UUID, tender: TenderGiven, actor: Actor, at: datetime) -> Added:
    """Take a further tender for an order; what is in the till or on a gift card settles at once, others wait.

    An amount left open takes all that is missing. Safe to repeat with the same key. Raises NothingToPay, GivenUp,
    GiftCardShort, ReferenceUsed, NotFound, Forbidden.
    """
    place_id = require_sell(actor=actor, order_id=order_id)
    if tender.is_settled and place_id is None and actor.is_staff:
        raise Forbidden()  # what a person takes, she takes at a till of hers
    written = tendering.read_tender(tender=tender)
    body = {"order": order_id, "tender": written}
    try:
        answer = sql.document(
            "SELECT flows_add_tender(%s, %s, %s, %s, %s::jsonb, %s, %s, %s)",
            [
                f"{actor.label}:payments.add_tender",
                idempotency.check_key(key),
                idempotency.request_hash(body),
                order_id,
                json.dumps(written, default=str),
                actor.in_maison,
                actor.label,
                at,
            ],
        )
    except IntegrityError as error:
        if "provider_reference_settles_once" in str(error):
            raise ReferenceUsed() from error
        raise
    outbox.wake()
    return Added(
        payment_id=uuid.UUID(answer["payment"]),
        amount=answer["amount"],
        currency=answer["currency"],
        state=PaymentState(answer["state"]),
        missing_amount=answer["missing_amount"],
    )


def drop_tender(*, payment_id: uuid.UUID, actor: Actor, at: datetime) -> bool:
    """Stop waiting for a tender, so that its amount can be paid otherwise; False when it has settled meanwhile."""
    order_id = sql.value("SELECT order_id FROM payments_payment WHERE id = %s", [payment_id])
    if order_id is None:
        raise NotFound()
    require_sell(actor=actor, order_id=order_id)
    end_pages(order_id=order_id, actor=actor, at=at)  # nobody pays on a page that nobody waits for
    dropped = bool(
        sql.value("SELECT flows_drop_tender(%s, %s, %s, %s)", [payment_id, actor.in_maison, actor.label, at])
    )
    outbox.wake()
    return dropped


def end_pages(*, order_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Close the provider's pages of an order's open links; one on which she has just paid is settled instead.

    Safe to repeat. Raises ProviderUnavailable: then nothing may be asked for anew, or she could pay twice.
    """
    for payment_id, provider, reference in sql.rows(f"{PAGES} AND p.order_id = %s AND l.state = 'OPEN'", [order_id]):
        _end_page(payment_id, provider, reference, actor, at)


def close_ended_pages(*, actor: Actor, at: datetime, most: int = 50) -> int:
    """Close pages whose link or order has ended, so that nobody pays for what is gone; returns how many.

    Safe to repeat. A provider that does not answer is asked again the next time.
    """
    ended = 0
    over = "(l.state = 'CLOSED' OR (l.state = 'OPEN' AND l.expires_at < %s)) ORDER BY l.id LIMIT %s"
    for payment_id, provider, reference in sql.rows(f"{PAGES} AND {over}", [at, most]):
        try:
            _end_page(payment_id, provider, reference, actor, at)
        except ProviderUnavailable:
            continue
        ended += 1
    return ended


def _end_page(payment_id: uuid.UUID, provider: str, reference: str, actor: Actor, at: datetime) -> None:
    port = ports.get_port(provider)
    if isinstance(port, ports.PagePort) and not port.close_page(reference):
        outcome = port.look_up(_view(payment_id), reference=reference)
        if outcome is not None and outcome.is_captured:
            checkout.settle(payment_id=payment_id, outcome=outcome, actor=actor, at=at)
    sql.value(
        "UPDATE payments_paylink SET page_url = '', page_reference = '' WHERE page_reference = %s RETURNING id",
        [reference],
    )


def show_on_reader(*, payment_id: uuid.UUID, reader: str, actor: Actor, at: datetime) -> None:
    """Ask a card reader of the house for a tender that waits; its webhook settles it. Safe to repeat.

    Raises NotFound, NotOffered (the provider has no readers), ReaderBusy, ProviderUnavailable, Forbidden.
    """
    view = get_waiting(payment_id=payment_id)
    require_sell(actor=actor, order_id=view.order_id)
    port = ports.get_port(view.provider)
    if not isinstance(port, ports.ReaderPort):
        raise NotOffered(provider=view.provider)
    port.show_on_reader(view, reader=reader)


def charge(*, payment_id: uuid.UUID, instrument: str, actor: Actor, at: datetime) -> PaymentState:
    """Charge a waiting tender and settle it when it is taken. A decline leaves it waiting: she may take another card.

    Safe to repeat. Raises Declined, ProviderUnavailable, NotFound.
    """
    view = get_waiting(payment_id=payment_id)
    outcome = ports.get_port(view.provider).capture(view, instrument=instrument)
    if not outcome.is_captured:
        raise Declined(outcome.decline_sentence or None)
    checkout.settle(payment_id=payment_id, outcome=outcome, actor=actor, at=at)
    return PaymentState.CAPTURED


def get_waiting(*, payment_id: uuid.UUID) -> PaymentView:
    """A tender that waits to be paid. Raises NotFound once it has settled."""
    found = _view(payment_id)
    if found.state is not PaymentState.REQUESTED:
        raise NotFound()
    return found


def _view(payment_id: uuid.UUID) -> PaymentView:
    row = sql.row(
        "SELECT p.order_id, p.tender, p.provider, p.amount, p.currency, p.state, o.credit_amount > 0 "
        "FROM payments_payment p JOIN orders_order o ON o.id = p.order_id WHERE p.id = %s AND p.refund_of_id IS NULL",
        [payment_id],
    )
    if row is None:
        raise NotFound()
    return PaymentView(
        id=payment_id,
        order_id=row[0],
        tender=Tender(row[1]),
        provider=row[2],
        amount=row[3],
        currency=row[4],
        state=PaymentState(row[5]),
        keeps_method=row[6],
    )


def require_sell(*, actor: Actor, order_id: uuid.UUID) -> uuid.UUID | None:
    """The place at which an order is paid; None for one of no place (online), which needs the right anywhere.

    Raises Forbidden, and NotFound for what is not of the maison, or which she who asks is not shown.
    """
    place = sql.row("SELECT place_id FROM orders_order WHERE id = %s AND maison_id = %s", [order_id, actor.in_maison])
    if place is None:
        raise NotFound()
    place_id: uuid.UUID | None = place[0]
    actor.require(permissions.ORDERS_SELL, place_id=place_id)
    if place_id is None and actor.is_staff:
        orders.get_order(actor=actor, order_id=order_id)  # an order that waits at another place is not hers to be paid
    return place_id
