"""Refunds that were written down are sent to their providers, outside any transaction, until each has an answer."""

from __future__ import annotations

import logging
from datetime import datetime

from vendome.domains.payments import ports
from vendome.domains.payments.errors import ProviderUnavailable
from vendome.domains.payments.types import RefundView
from vendome.kit import outbox, sql
from vendome.kit.actors import Actor

log = logging.getLogger("vendome.refunds")

BY_HAND = ("CASH", "TERMINAL", "IMPORTED")
"""Tenders a person gives back at the till; nobody is asked for them."""
WAITING = """
    SELECT r.id, r.refund_of_id, p.provider, p.provider_reference, -r.amount, r.currency
    FROM payments_payment r JOIN payments_payment p ON p.id = r.refund_of_id
    WHERE r.state = 'REQUESTED' AND r.tender <> ALL (%s) ORDER BY r.requested_at, r.id LIMIT %s
"""


def send_due(*, actor: Actor, at: datetime, most: int = 100) -> int:
    """Ask the providers for what waits; returns how many refunds have their answer. Safe to repeat and to run twice."""
    done = 0
    for refund_id, payment_id, provider, reference, amount, currency in sql.rows(WAITING, [list(BY_HAND), most]):
        refund = RefundView(
            id=refund_id, payment_id=payment_id, payment_reference=reference, amount=amount, currency=currency
        )
        try:
            outcome = ports.get_port(provider).refund(refund)
        except ProviderUnavailable:
            log.warning("a refund waits for its provider", extra={"provider": provider})
            continue
        sql.value(
            "SELECT payments_settle_refund(%s, %s, %s, %s)",
            [refund_id, outcome.is_refunded, outcome.provider_reference, at],
        )
        done += 1
    if done:
        outbox.wake()
    return done
