"""Commands of the stock domain: the only way quantities change from Python."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from vendome.domains.people import permissions
from vendome.domains.stock.errors import HoldGone, ReasonMissing, SerialTaken
from vendome.domains.stock.models import Hold
from vendome.domains.stock.types import HoldKind, HoldState
from vendome.kit import idempotency, outbox, sql
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound

RELEASABLE = (HoldKind.RESERVATION, HoldKind.APPOINTMENT, HoldKind.SELECTION)
"""What a person set aside, and a person may give free again."""


def receive(
    *,
    place_id: uuid.UUID,
    reference_id: uuid.UUID,
    quantity: int,
    serials: Sequence[str] = (),
    epcs: Sequence[str] = (),
    owner: str = "HOUSE",
    reason: str,
    key: str = "",
    actor: Actor,
    at: datetime,
) -> None:
    """Put pieces on the shelf of a place, one movement for each serial number.

    Raises ReasonMissing, SerialsNeeded, SerialTaken; nothing is received then. A serial number cannot be
    received twice, so a repeat raises SerialTaken. With a key it is safe to repeat: the same delivery is received once.
    """
    actor.require(permissions.STOCK_ADJUST, place_id=place_id)
    if not reason.strip():
        raise ReasonMissing()
    try:
        with transaction.atomic():
            body = [place_id, reference_id, quantity, list(serials), list(epcs), owner, reason.strip()]
            if not _is_first(f"{actor.label}:stock.receive", key, body):
                return
            sql.value(
                "SELECT stock_receive(%s, %s, %s, %s::text[], %s::text[], %s, %s, %s, %s)",
                [place_id, reference_id, quantity, list(serials), list(epcs), owner, actor.label, reason.strip(), at],
            )
    except IntegrityError as error:
        _translate(error)
    outbox.wake()


def hold_reference(
    *,
    kind: HoldKind,
    place_id: uuid.UUID,
    reference_id: uuid.UUID,
    client_id: uuid.UUID | None,
    advisor_id: uuid.UUID | None = None,
    piece_id: uuid.UUID | None = None,
    quantity: int = 1,
    reason: str = "",
    expires_at: datetime | None,
    key: str = "",
    actor: Actor,
    at: datetime,
) -> uuid.UUID:
    """Set stock aside for a client; returns the hold. Raises OutOfStock and then holds nothing.

    With a key it is safe to repeat: the same hold is answered.
    """
    actor.require(permissions.STOCK_HOLD, place_id=place_id)
    if key:
        with transaction.atomic():
            scope = f"{actor.label}:stock.hold"
            body = [kind, place_id, reference_id, client_id, piece_id, quantity, reason, expires_at]
            known = idempotency.claim(scope=scope, key=key, body=body)
            if known is not None:
                return uuid.UUID(known["hold"])
            made = hold_reference(
                kind=kind,
                place_id=place_id,
                reference_id=reference_id,
                client_id=client_id,
                advisor_id=advisor_id,
                piece_id=piece_id,
                quantity=quantity,
                reason=reason,
                expires_at=expires_at,
                actor=actor,
                at=at,
            )
            idempotency.store(scope=scope, key=key, answer={"hold": str(made)})
            return made
    held = sql.value(
        "SELECT stock_hold_reference(%s, %s, %s, %s, %s, %s, %s, NULL, %s, %s, %s, %s)",
        [
            kind.value,
            place_id,
            reference_id,
            piece_id,
            quantity,
            client_id,
            advisor_id,
            reason,
            expires_at,
            actor.label,
            at,
        ],
    )
    outbox.wake()
    return uuid.UUID(str(held))


def release_hold(*, hold_id: uuid.UUID, place_id: uuid.UUID, reason: str, actor: Actor, at: datetime) -> None:
    """End a hold at a place without a sale. Raises NotFound, HoldGone when it has ended before, ReasonMissing.

    What an order, a transfer, a loan or a quarantine holds ends with that, never here.
    """
    actor.require(permissions.STOCK_HOLD, place_id=place_id)
    rows = Hold.objects.filter(id=hold_id, place_id=place_id, place__maison_id=actor.in_maison)
    if not rows.filter(kind__in=RELEASABLE).exists():
        raise NotFound()
    if not reason.strip():
        raise ReasonMissing()
    is_released = sql.value(
        "SELECT stock_end_unordered(%s, %s, false, %s, %s, %s)",
        [hold_id, HoldState.RELEASED.value, actor.label, reason.strip(), at],
    )
    if not is_released:
        raise HoldGone(hold_id=str(hold_id))
    outbox.wake()


def _is_first(scope: str, key: str, body: object) -> bool:
    """Within a transaction: whether the work is still to be done. Without a key it always is."""
    if not key:
        return True
    if idempotency.claim(scope=scope, key=key, body=body) is not None:
        return False
    idempotency.store(scope=scope, key=key, answer={})
    return True


def _translate(error: Exception) -> None:
    text = str(error)
    if "serial_exists_once" in text or "stock_piece_epc" in text:
        raise SerialTaken() from error
    raise error
