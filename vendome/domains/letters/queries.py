"""Reads of the letters domain."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Count, QuerySet

from vendome.domains.letters.models import Letter
from vendome.domains.letters.types import LetterKind, LetterRow, LetterState
from vendome.domains.people import permissions
from vendome.kit.actors import Actor


def list_to_client(*, actor: Actor, client_id: uuid.UUID, limit: int = 8) -> tuple[LetterRow, ...]:
    """The letters a client was sent or is owed, newest first; the caller has opened her file."""
    actor.require(permissions.CLIENTS_READ)
    rows = Letter.objects.filter(maison_id=actor.in_maison, client_id=client_id)
    return _rows(rows.exclude(state=LetterState.NOT_WRITTEN), limit)


def list_open(*, actor: Actor, limit: int = 20) -> tuple[LetterRow, ...]:
    """Letters that the mail server has not taken: given up, or tried more than once."""
    actor.require(permissions.ORDERS_VIEW)
    rows = Letter.objects.filter(maison_id=actor.in_maison)
    stuck = rows.filter(state=LetterState.GIVEN_UP) | rows.filter(state=LetterState.WAITING, attempts__gt=1)
    return _rows(stuck, limit)


def count_by_state(*, actor: Actor, since: datetime) -> dict[LetterState, int]:
    """How many letters of the house stand how, of those owed since then."""
    actor.require(permissions.ORDERS_VIEW)
    rows = Letter.objects.filter(maison_id=actor.in_maison, owed_at__gte=since)
    return {LetterState(state): n for state, n in rows.values_list("state").annotate(n=Count("id"))}


def _rows(rows: QuerySet[Letter], limit: int) -> tuple[LetterRow, ...]:
    return tuple(
        LetterRow(
            id=row.id,
            kind=LetterKind(row.kind),
            state=LetterState(row.state),
            order_id=row.order_id,
            address=row.address,
            language=row.language,
            attempts=row.attempts,
            owed_at=row.owed_at,
            ended_at=row.ended_at,
            problem=row.problem,
        )
        for row in rows.order_by("-owed_at", "-id")[:limit]
    )
