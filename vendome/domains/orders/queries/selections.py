"""Reads of selections."""

from __future__ import annotations

import uuid
from datetime import datetime

from vendome.domains.orders.models import Selection
from vendome.domains.orders.types import SelectionItemView, SelectionState, SelectionView
from vendome.kit.errors import NotFound


def get_selection(*, maison_id: uuid.UUID, selection_id: uuid.UUID) -> SelectionView:
    """Raises NotFound."""
    row = Selection.objects.filter(maison_id=maison_id, id=selection_id).prefetch_related("items").first()
    if row is None:
        raise NotFound()
    return _view(row)


def find_draft(*, client_id: uuid.UUID, advisor_id: uuid.UUID, market_id: uuid.UUID) -> SelectionView | None:
    """The selection this advisor is making for her."""
    row = (
        Selection.objects.filter(
            client_id=client_id, advisor_id=advisor_id, market_id=market_id, state=SelectionState.DRAFT
        )
        .prefetch_related("items")
        .first()
    )
    return _view(row) if row else None


def list_of_client(*, client_id: uuid.UUID, limit: int = 10) -> tuple[SelectionView, ...]:
    """All that was made for her, newest first; the caller may see her file."""
    rows = Selection.objects.filter(client_id=client_id).order_by("-created_at", "-id").prefetch_related("items")
    return tuple(_view(row) for row in rows[:limit])


def list_open_for_client(*, client_id: uuid.UUID, market_id: uuid.UUID, at: datetime) -> tuple[SelectionView, ...]:
    """What was sent to her and may still be taken up, newest first."""
    rows = Selection.objects.filter(
        client_id=client_id,
        market_id=market_id,
        state__in=[SelectionState.SENT, SelectionState.TAKEN],
        expires_at__gt=at,
    )
    return tuple(_view(row) for row in rows.order_by("-sent_at", "-id").prefetch_related("items")[:5])


def _view(row: Selection) -> SelectionView:
    return SelectionView(
        id=row.id,
        market_id=row.market_id,
        client_id=row.client_id,
        advisor_id=row.advisor_id,
        state=SelectionState(row.state),
        note=row.note,
        created_at=row.created_at,
        sent_at=row.sent_at,
        seen_at=row.seen_at,
        taken_at=row.taken_at,
        expires_at=row.expires_at,
        items=tuple(
            SelectionItemView(
                id=item.id,
                reference_id=item.reference_id,
                note=item.note,
                place_id=item.place_id,
                hold_id=item.hold_id,
            )
            for item in sorted(row.items.all(), key=lambda item: (item.position, item.id))
        ),
    )
