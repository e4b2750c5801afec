"""Endpoints and what was sent to them."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models as db
from django.db.models import Count, Max, Q

from vendome.domains.webhooks import envelope, gate, registry
from vendome.domains.webhooks.models import Attempt, Delivery, Endpoint
from vendome.domains.webhooks.types import AttemptRow, DeliveryRow, DeliveryState, EndpointState, EndpointView
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound
from vendome.kit.models import OutboxEvent


def list_endpoints(*, actor: Actor) -> tuple[EndpointView, ...]:
    """Every endpoint of the maison, the newest first. Raises Forbidden."""
    rows = _rows(actor).order_by("-created_at", "id")
    counts = _counts([row.id for row in rows])
    return tuple(_view(row, counts.get(row.id, {})) for row in rows)


def get_endpoint(*, actor: Actor, endpoint_id: uuid.UUID) -> EndpointView:
    """Raises NotFound, Forbidden."""
    row = _rows(actor).filter(id=endpoint_id).first()
    if row is None:
        raise NotFound()
    return _view(row, _counts([row.id]).get(row.id, {}))


def list_deliveries(
    *,
    actor: Actor,
    endpoint_id: uuid.UUID,
    state: DeliveryState | None = None,
    before_id: uuid.UUID | None = None,
    size: int = 50,
) -> tuple[DeliveryRow, ...]:
    """Deliveries of an endpoint, newest first; one more than `size` tells that there are more."""
    get_endpoint(actor=actor, endpoint_id=endpoint_id)
    rows = Delivery.objects.filter(endpoint_id=endpoint_id)
    if state:
        rows = rows.filter(state=state)
    if before_id:
        rows = rows.filter(id__lt=before_id)
    return tuple(_delivery(row) for row in rows.order_by("-id")[: size + 1])


def get_delivery(
    *, actor: Actor, endpoint_id: uuid.UUID, delivery_id: uuid.UUID
) -> tuple[DeliveryRow, tuple[AttemptRow, ...]]:
    """One delivery with every attempt made, the first one first. Raises NotFound, Forbidden."""
    get_endpoint(actor=actor, endpoint_id=endpoint_id)
    row = Delivery.objects.filter(id=delivery_id, endpoint_id=endpoint_id).first()
    if row is None:
        raise NotFound()
    attempts = Attempt.objects.filter(delivery=row).order_by("number")
    return _delivery(row), tuple(
        AttemptRow(number=one.number, at=one.at, status=one.status, problem=one.problem, milliseconds=one.milliseconds)
        for one in attempts
    )


def body_sent(*, actor: Actor, endpoint_id: uuid.UUID, delivery_id: uuid.UUID) -> dict[str, Any] | None:
    """What a delivery says, or None once its event is no longer kept. Raises NotFound, Forbidden."""
    row, _attempts = get_delivery(actor=actor, endpoint_id=endpoint_id, delivery_id=delivery_id)
    event = OutboxEvent.objects.filter(id=row.event_id, maison_id=actor.in_maison).first()
    if event is None or event.kind not in registry.BY_KIND:
        return None
    return envelope.structured(event)


def _rows(actor: Actor) -> db.QuerySet[Endpoint]:
    gate.require_whole_house(actor)
    return Endpoint.objects.filter(maison_id=actor.in_maison).exclude(state=EndpointState.ENDED)


def _counts(ids: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    found = (
        Delivery.objects.filter(endpoint_id__in=ids)
        .values("endpoint_id")
        .annotate(
            waiting=Count("id", filter=Q(state=DeliveryState.WAITING)),
            dead=Count("id", filter=Q(state=DeliveryState.DEAD)),
            last=Max("delivered_at"),
        )
    )
    return {row["endpoint_id"]: dict(row) for row in found}


def _view(row: Endpoint, counts: dict[str, Any]) -> EndpointView:
    return EndpointView(
        id=row.id,
        url=row.url,
        description=row.description,
        kinds=tuple(row.kinds),
        state=EndpointState(row.state),
        paused_reason=row.paused_reason,
        created_by=row.created_by,
        created_at=row.created_at,
        old_secret_until=row.old_secret_until,
        waiting=counts.get("waiting", 0),
        dead=counts.get("dead", 0),
        last_delivered_at=counts.get("last"),
    )


def _delivery(row: Delivery) -> DeliveryRow:
    return DeliveryRow(
        id=row.id,
        event_id=row.event_id,
        kind=row.kind,
        subject=row.subject,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        occurred_at=row.occurred_at,
        created_at=row.created_at,
        next_try_at=row.next_try_at,
        delivered_at=row.delivered_at,
        last_status=row.last_status,
        last_problem=row.last_problem,
    )
