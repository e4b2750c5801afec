"""Stripe's webhooks: proved by their signature, then told to the house in its own words."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from vendome.connectors.stripe.gateway import NAME, Account
from vendome.connectors.stripe.provider import read_intent
from vendome.domains.payments.types import CaptureOutcome
from vendome.flows import provider_events as flow
from vendome.flows.provider_events import Told
from vendome.kit.actors import Actor

TOLERANCE_SECONDS = 300
"""A signature older than this is a replay. Stripe signs each of its own retries anew."""
DISPUTES = {"won": "WON", "lost": "LOST", "warning_closed": "WON"}
REFUNDS = frozenset({"refund.updated", "refund.failed", "charge.refund.updated"})


class Forged(Exception):
    """The signature is missing, not ours, or too old."""


def read(payload: bytes, signature: str, account: Account) -> Mapping[str, Any]:
    """The event, proved to come from Stripe. Raises Forged."""
    import stripe

    for secret in account.webhook_secrets:
        try:
            stripe.WebhookSignature.verify_header(payload.decode(), signature, secret, tolerance=TOLERANCE_SECONDS)
            found = json.loads(payload)
        except (stripe.SignatureVerificationError, ValueError):
            continue
        if isinstance(found, dict) and isinstance(found.get("id"), str) and isinstance(found.get("type"), str):
            return found
    raise Forged


def take(event: Mapping[str, Any], account: Account, *, at: datetime) -> str:
    """Hand one proved event to the flow it concerns; whatever we do not know is noted and changes nothing."""
    actor = Actor.system()
    kind = event["type"]
    thing = (event.get("data") or {}).get("object") or {}
    names = thing.get("metadata") or {}
    told = Told(
        provider=NAME,
        event_id=event["id"],
        kind=kind,
        payment_id=_uuid(names.get("payment_id")),
        order_id=_uuid(names.get("order_id")),
    )
    if bool(event.get("livemode")) is not account.is_live:
        return flow.note(told=told, outcome="OTHER_MODE", actor=actor, at=at)
    try:
        return _handed(told, kind, thing, actor, at)
    except (KeyError, TypeError, ValueError, AttributeError):
        return flow.note(told=told, outcome="UNREADABLE", actor=actor, at=at)


def _handed(told: Told, kind: str, thing: Mapping[str, Any], actor: Actor, at: datetime) -> str:
    if kind == "payment_intent.succeeded":  # one that failed or was given up decides nothing: she may try another card
        outcome = read_intent(thing, keeps_method=True)
        return flow.take_payment(told=told, outcome=outcome, actor=actor, at=at)
    if kind == "checkout.session.completed" and thing["payment_status"] == "paid":
        outcome = CaptureOutcome(
            is_captured=True,
            provider_reference=thing["payment_intent"] or "",
            amount=int(thing["amount_total"]),
            currency=str(thing["currency"]).upper(),
        )
        return flow.take_payment(told=told, outcome=outcome, actor=actor, at=at)
    if kind == "checkout.session.expired":
        return flow.take_page_end(told=told, page_reference=thing["id"], actor=actor, at=at)
    if kind in REFUNDS and (refund_id := _uuid((thing.get("metadata") or {}).get("refund_id"))):
        if thing["status"] not in ("succeeded", "failed", "canceled"):
            return flow.note(told=told, actor=actor, at=at)
        return flow.take_refund(
            told=told,
            refund_id=refund_id,
            is_refunded=thing["status"] == "succeeded",
            reference=thing["id"],
            amount=int(thing["amount"]),
            currency=str(thing["currency"]).upper(),
            actor=actor,
            at=at,
        )
    if kind in ("charge.dispute.created", "charge.dispute.closed"):
        due = (thing.get("evidence_details") or {}).get("due_by")
        return flow.take_dispute(
            told=told,
            reference=thing["id"],
            payment_reference=thing["payment_intent"] or "",
            amount=int(thing["amount"]),
            currency=str(thing["currency"]).upper(),
            reason=str(thing.get("reason", "")),
            state=DISPUTES.get(thing["status"], "OPEN"),
            answer_by=datetime.fromtimestamp(due, UTC) if due else None,
            actor=actor,
            at=at,
        )
    return flow.note(told=told, actor=actor, at=at)


def _uuid(text: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None
