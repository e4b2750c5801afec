"""Commands on selections: what an advisor chooses for a client. Holds are made and ended by `flows.selections`."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from vendome.domains.orders.errors import EmptySelection, SelectionOver, SelectionSent
from vendome.domains.orders.models import BasketLine, Selection, SelectionItem
from vendome.domains.orders.services import baskets
from vendome.domains.orders.types import Mode, SelectionState
from vendome.kit import outbox
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound

OPEN_FOR = timedelta(days=14)
"""How long a client may still put a selection into her bag."""


@transaction.atomic
def open_selection(
    *,
    maison_id: uuid.UUID,
    market_id: uuid.UUID,
    client_id: uuid.UUID,
    advisor_id: uuid.UUID,
    actor: Actor,
    at: datetime,
) -> uuid.UUID:
    """The advisor's selection in the making for this client, or a new one. Safe to repeat."""
    found, _ = Selection.objects.get_or_create(
        client_id=client_id,
        advisor_id=advisor_id,
        market_id=market_id,
        state=SelectionState.DRAFT,
        defaults={"maison_id": maison_id, "created_at": at, "expires_at": at + OPEN_FOR},
    )
    return found.id


@transaction.atomic
def put_item(
    *,
    selection_id: uuid.UUID,
    reference_id: uuid.UUID,
    note: str,
    place_id: uuid.UUID | None,
    hold_id: uuid.UUID | None,
    actor: Actor,
    at: datetime,
) -> None:
    """Choose a reference, or change the word on it; a hold that is already there stays. Safe to repeat.

    Raises SelectionSent, NotFound.
    """
    draft = _draft(selection_id)
    after = (draft.items.aggregate(last=Max("position"))["last"] or 0) + 1
    item, is_new = SelectionItem.objects.get_or_create(
        selection_id=draft.id,
        reference_id=reference_id,
        defaults={"position": after, "note": note, "place_id": place_id, "hold_id": hold_id},
    )
    if not is_new:
        item.note = note
        if hold_id is not None:
            item.place_id, item.hold_id = place_id, hold_id
        item.save(update_fields=["note", "place_id", "hold_id"])
    _told(draft, "orders.selection_changed", actor, at)


@transaction.atomic
def take_item_out(*, selection_id: uuid.UUID, item_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Remove one; one that is gone already is not an error. Raises SelectionSent, NotFound."""
    draft = _draft(selection_id)
    draft.items.filter(id=item_id).delete()
    _told(draft, "orders.selection_changed", actor, at)


@transaction.atomic
def send(*, selection_id: uuid.UUID, note: str, actor: Actor, at: datetime) -> None:
    """Show it to her. Raises SelectionSent, EmptySelection, NotFound."""
    draft = _draft(selection_id)
    if not draft.items.exists():
        raise EmptySelection()
    draft.state, draft.note, draft.sent_at, draft.expires_at = SelectionState.SENT, note, at, at + OPEN_FOR
    draft.save(update_fields=["state", "note", "sent_at", "expires_at"])
    _told(draft, "orders.selection_sent", actor, at)


@transaction.atomic
def withdraw(*, selection_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Take it back; one she has taken up stays hers. Safe to repeat. Raises SelectionSent (taken), NotFound."""
    found = _locked(selection_id)
    if found.state == SelectionState.TAKEN:
        raise SelectionSent()
    found.state = SelectionState.WITHDRAWN
    found.save(update_fields=["state"])
    _told(found, "orders.selection_withdrawn", actor, at)


@transaction.atomic
def take_up(
    *,
    selection_id: uuid.UUID,
    item_id: uuid.UUID | None,
    basket_id: uuid.UUID,
    collected_at: frozenset[uuid.UUID],
    actor: Actor,
    at: datetime,
) -> int:
    """Put all of it, or one piece, into her basket; what is kept for her stays kept. Returns how many lines are new.

    `collected_at`: places where what is kept may be collected. Safe to repeat: nothing is added twice.
    Raises SelectionOver, NotFound, BasketOrdered.
    """
    found = _locked(selection_id)
    if found.state not in (SelectionState.SENT, SelectionState.TAKEN) or found.expires_at <= at:
        raise SelectionOver()
    items = found.items.order_by("position", "id")
    chosen = list(items.filter(id=item_id) if item_id else items)
    if not chosen:
        raise NotFound()
    basket = baskets.lock(basket_id=basket_id, actor=actor)
    known = set(BasketLine.objects.filter(basket_id=basket.id).values_list("reference_id", flat=True))
    fresh = [item for item in chosen if item.reference_id not in known]
    for item in fresh:
        is_collected = item.hold_id is not None and item.place_id in collected_at
        BasketLine.objects.create(
            basket_id=basket.id,
            reference_id=item.reference_id,
            quantity=1,
            mode=Mode.COLLECT if is_collected else Mode.DELIVER,
            place_id=item.place_id if is_collected else None,
            hold_id=item.hold_id,
            selection_id=found.id,
            added_at=at,
        )
    if found.state == SelectionState.SENT:
        found.state, found.taken_at = SelectionState.TAKEN, at
        found.save(update_fields=["state", "taken_at"])
    _told(found, "orders.selection_taken", actor, at)
    baskets.tell(basket=basket, actor=actor, at=at)
    return len(fresh)


@transaction.atomic
def mark_seen(*, selection_ids: list[uuid.UUID], actor: Actor, at: datetime) -> None:
    """She has looked at them; told once. Safe to repeat."""
    for found in (
        Selection.objects.select_for_update(no_key=True).filter(id__in=selection_ids, seen_at=None).order_by("id")
    ):
        found.seen_at = at
        found.save(update_fields=["seen_at"])
        _told(found, "orders.selection_seen", actor, at)


def _draft(selection_id: uuid.UUID) -> Selection:
    found = _locked(selection_id)
    if found.state != SelectionState.DRAFT:
        raise SelectionSent()
    return found


def _locked(selection_id: uuid.UUID) -> Selection:
    found = Selection.objects.select_for_update(no_key=True).filter(id=selection_id).first()
    if found is None:
        raise NotFound()
    return found


def _told(selection: Selection, kind: str, actor: Actor, at: datetime) -> None:
    """Her own pages hear of what was sent; the advisor's of what she does."""
    topics = [f"client:{selection.client_id}", f"staff:{selection.advisor_id}"]
    if selection.state != SelectionState.DRAFT:
        topics.append(f"own:{selection.client_id}")
    outbox.record(
        {"selection_id": selection.id, "client_id": selection.client_id, "state": str(selection.state)},
        kind=kind,
        subject=f"selection:{selection.id}",
        actor=actor,
        at=at,
        topics=topics,
        live={"selection": str(selection.id)},
    )
