"""Reads of fulfilment."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from vendome.domains.fulfilment.models import HandOver
from vendome.domains.fulfilment.types import HandOverRow, Proof
from vendome.domains.people import permissions
from vendome.kit.actors import Actor


def list_hand_overs(*, actor: Actor, line_ids: Collection[uuid.UUID]) -> tuple[HandOverRow, ...]:
    """Who gave these lines, where and to whom known how; the caller has been shown the order."""
    actor.require(permissions.ORDERS_VIEW)
    rows = HandOver.objects.filter(order_line_id__in=line_ids).order_by("at", "id")
    return tuple(
        HandOverRow(
            line_id=row.order_line_id,
            piece_id=row.piece_id,
            place_id=row.place_id,
            actor=row.actor,
            proof=Proof(row.proof),
            at=row.at,
        )
        for row in rows
    )
