"""Hears every public event once and writes down who is owed it, in the same commit."""

from __future__ import annotations

from vendome.domains.webhooks import registry
from vendome.kit import clock, outbox, sql

NAME = "webhooks.publish"


def listen() -> None:
    """Register with the outbox; at start."""
    for kind in registry.PUBLIC:
        outbox.handler(kind, NAME)(publish)


def publish(event: outbox.Event) -> None:
    """Give the event its place in the stream and owe it to each endpoint that asked for its kind."""
    if event.maison_id is None:
        return
    sql.value(
        "SELECT webhooks_publish(%s, %s, %s, %s, %s, %s, %s)",
        [
            event.id,
            event.maison_id,
            event.kind,
            event.subject,
            event.occurred_at,
            event.payload["endpoint_id"] if event.kind == registry.TEST else None,
            clock.now(),
        ],
    )
