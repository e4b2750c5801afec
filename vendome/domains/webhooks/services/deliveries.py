"""Deliveries: taken by a worker, sent outside any transaction, settled, given up, sent again by a person."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

from django.db import transaction

from vendome.domains.webhooks import envelope, sealing
from vendome.domains.webhooks.errors import NotDead
from vendome.domains.webhooks.models import Delivery, Endpoint
from vendome.domains.webhooks.services import endpoints
from vendome.domains.webhooks.types import (
    DELAYS,
    MOST_ATTEMPTS,
    Claimed,
    DeliveryState,
    EndpointState,
    Outcome,
)
from vendome.kit import audit, sql
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound
from vendome.kit.models import OutboxEvent

LEASE = timedelta(seconds=30)
"""How long a worker has for one attempt; longer than its deadline, so two never send at the same time."""

JITTER = 0.2


def claim(
    *, lanes: int, in_flight: Mapping[uuid.UUID, int], most: int, actor: Actor, at: datetime
) -> tuple[Claimed, ...]:
    """Take what is due, at most `lanes` for each endpoint less those in flight there. Several workers may."""
    taken = sql.rows(
        "SELECT id, endpoint_id, event_id, number FROM webhooks_claim(%s, %s::uuid[], %s::integer[], %s, %s, %s)",
        [lanes, list(in_flight), list(in_flight.values()), most, LEASE, at],
    )
    if not taken:
        return ()
    rows = {row.id: row for row in Endpoint.objects.filter(id__in={one[1] for one in taken})}
    events = {row.id: row for row in OutboxEvent.objects.filter(id__in={one[2] for one in taken})}
    found = []
    secrets_of = {endpoint_id: _secrets(endpoint, at) for endpoint_id, endpoint in rows.items()}
    for delivery_id, endpoint_id, event_id, number in taken:
        event, endpoint, secrets = events.get(event_id), rows[endpoint_id], secrets_of[endpoint_id]
        if event is None or not secrets:
            problem = "the event is no longer kept" if event is None else "the secret cannot be read: rotate it"
            _settle(delivery_id, number, Outcome(status=None, problem=problem), DeliveryState.DEAD, None, at)
            continue
        found.append(
            Claimed(
                id=delivery_id,
                endpoint_id=endpoint_id,
                event_id=event_id,
                number=number,
                url=endpoint.url,
                secrets=secrets,
                body=envelope.body_of(event),
            )
        )
    return tuple(found)


@transaction.atomic
def settle(*, claimed: Claimed, outcome: Outcome, actor: Actor, at: datetime) -> DeliveryState:
    """Write down what came of an attempt: delivered, to be tried again ever more rarely, or given up.

    An endpoint that answers 410 wants no more: it is paused, and what it was sent is kept as given up. Safe to repeat.
    """
    return _settled(claimed, outcome, at)


@transaction.atomic
def settle_all(*, outcomes: Sequence[tuple[Claimed, Outcome]], actor: Actor, at: datetime) -> None:
    """As `settle`, for what came of many attempts, in one commit."""
    for claimed, outcome in outcomes:
        _settled(claimed, outcome, at)


@transaction.atomic
def replay(*, endpoint_id: uuid.UUID, delivery_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Send one that was given up again, with all its tries. A repeat finds it waiting and changes nothing.

    Raises NotFound, NotDead, Forbidden.
    """
    endpoint = endpoints.get(actor=actor, endpoint_id=endpoint_id)
    row = Delivery.objects.filter(id=delivery_id, endpoint=endpoint).select_for_update(no_key=True).first()
    if row is None:
        raise NotFound()
    if row.state == DeliveryState.WAITING:
        return
    if row.state != DeliveryState.DEAD:
        raise NotDead()
    _revive(row, at)
    _note_replay(endpoint, 1, actor, at)


@transaction.atomic
def replay_dead(*, endpoint_id: uuid.UUID, actor: Actor, at: datetime, most: int = 1000) -> int:
    """Send everything again that was given up at this endpoint, the oldest first; returns how many. Safe to repeat."""
    endpoint = endpoints.get(actor=actor, endpoint_id=endpoint_id)
    rows = Delivery.objects.filter(endpoint=endpoint, state=DeliveryState.DEAD).order_by("id")
    dead = list(rows.select_for_update(no_key=True)[:most])
    for row in dead:
        _revive(row, at)
    if dead:
        _note_replay(endpoint, len(dead), actor, at)
    return len(dead)


def forget_old(*, before: datetime, actor: Actor, most: int = 5000) -> int:
    """Remove events delivered before a moment, batch by batch; what is still owed to anybody stays. Repeatable."""
    removed, after = 0, cast("int | None", 0)
    while after is not None:
        row = sql.row("SELECT removed, until FROM webhooks_forget(%s, %s, %s)", [before, after, most])
        assert row is not None
        removed, after = removed + row[0], row[1]
    return removed


def _secrets(endpoint: Endpoint, at: datetime) -> tuple[str, ...]:
    sealed: list[bytes | memoryview] = [endpoint.secret]
    if endpoint.old_secret is not None and endpoint.old_secret_until is not None and at < endpoint.old_secret_until:
        sealed.append(endpoint.old_secret)
    found = []
    for one in sealed:
        try:
            found.append(sealing.unseal(one))
        except sealing.Unreadable:
            continue
    return tuple(found)


def _settled(claimed: Claimed, outcome: Outcome, at: datetime) -> DeliveryState:
    state, again = DeliveryState.DELIVERED, None
    if not outcome.is_taken:
        before = Delivery.objects.values_list("attempts_before", flat=True).get(id=claimed.id)
        tried = claimed.number - before
        state = DeliveryState.DEAD if outcome.is_gone or tried >= MOST_ATTEMPTS else DeliveryState.WAITING
        if state is DeliveryState.WAITING:
            again = at + DELAYS[tried - 1] * random.uniform(1 - JITTER, 1 + JITTER)
    if outcome.is_gone:
        Endpoint.objects.filter(id=claimed.endpoint_id, state=EndpointState.ACTIVE).update(
            state=EndpointState.PAUSED, paused_reason="it answered 410: it wants no more"
        )
    _settle(claimed.id, claimed.number, outcome, state, again, at)
    return state


def _settle(
    delivery_id: uuid.UUID, number: int, outcome: Outcome, state: DeliveryState, again: datetime | None, at: datetime
) -> None:
    sql.value(
        "SELECT webhooks_settle(%s, %s, %s, %s, %s, %s, %s, %s)",
        [delivery_id, number, outcome.status, outcome.problem, outcome.milliseconds, state.value, again, at],
    )


def _revive(row: Delivery, at: datetime) -> None:
    row.state, row.next_try_at, row.attempts_before = DeliveryState.WAITING, at, row.attempts
    row.save(update_fields=["state", "next_try_at", "attempts_before"])


def _note_replay(endpoint: Endpoint, count: int, actor: Actor, at: datetime) -> None:
    audit.record(
        actor=actor,
        action="webhooks.replay",
        subject=f"webhook:{endpoint.id}",
        at=at,
        maison_id=endpoint.maison_id,
        detail={"deliveries": count},
    )
