"""Instalment plans: when a rate falls due its card is charged through the port; what fails is tried again, and is
seen."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime

from vendome.domains.payments import ports
from vendome.domains.payments.errors import ProviderUnavailable
from vendome.domains.payments.types import PaymentState, PaymentView, Tender
from vendome.domains.people import permissions
from vendome.flows import checkout
from vendome.kit import outbox, sql
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound

log = logging.getLogger("vendome.instalments")

DUE = "SELECT id FROM payments_instalment WHERE state = 'DUE' AND next_at <= %s ORDER BY next_at, id LIMIT %s"


def charge_due(*, actor: Actor, at: datetime, most: int = 100) -> int:
    """Charge the rates that are due; returns how many were paid. Safe to repeat and to run twice.

    Each try is a payment of its own, whose id is the provider's idempotency key; a try without an answer is asked for
    again under the same key. A declined rate comes again after a day, three, and seven; then a person decides.
    """
    return sum(_charge(rate_id, actor, at) for (rate_id,) in sql.rows(DUE, [at, most]))


def try_again(*, instalment_id: uuid.UUID, actor: Actor, at: datetime) -> bool:
    """Charge a rate now, also one that was given up, because she has mended her card; returns whether it was paid.

    Raises NotFound, ProviderUnavailable, Forbidden.
    """
    actor.require_everywhere(permissions.PAYMENTS_RECONCILE)
    if not sql.value(
        "UPDATE payments_instalment i SET state = 'DUE', next_at = %s FROM orders_order o "
        "WHERE i.id = %s AND o.id = i.order_id AND o.maison_id = %s AND i.state IN ('DUE', 'FAILED') RETURNING true",
        [at, instalment_id, actor.in_maison],
    ):
        raise NotFound()
    return _charge(instalment_id, actor, at)


def _charge(rate_id: uuid.UUID, actor: Actor, at: datetime) -> bool:
    begun = sql.document("SELECT flows_begin_instalment(%s, %s)", [rate_id, at])
    if begun is None:  # paid, cancelled or charged by another worker meanwhile
        return False
    view = PaymentView(
        id=uuid.UUID(begun["payment"]),
        order_id=uuid.UUID(begun["order"]),
        tender=Tender.CARD,
        provider=begun["provider"],
        amount=begun["amount"],
        currency=begun["currency"],
        state=PaymentState.REQUESTED,
    )
    if not begun["method"]:
        return _failed(rate_id, view, "No card was kept for this plan.", at)
    try:
        port = ports.get_port(view.provider)
        if not isinstance(port, ports.AgainPort):
            return _failed(rate_id, view, "The provider keeps no cards.", at)
        outcome = port.charge_again(view, method=begun["method"])
    except ProviderUnavailable:
        log.warning("a rate waits for its provider", extra={"provider": view.provider})
        return False
    if outcome.is_captured:
        checkout.settle(payment_id=view.id, outcome=outcome, actor=actor, at=at)
        return True
    return _failed(rate_id, view, outcome.decline_sentence or "Her bank asks her to confirm.", at)


def _failed(rate_id: uuid.UUID, view: PaymentView, sentence: str, at: datetime) -> bool:
    sql.value("SELECT flows_fail_instalment(%s, %s, %s, %s)", [rate_id, view.id, sentence, at])
    outbox.wake()
    return False
