"""Hears every public event once and writes down who is owed it, in the same commit."""

from __future__ import annotations

from collections.abc import Sequence

from vendome.domains.webhooks import registry
from vendome.kit import clock, outbox, sql

NAME = "webhooks.publish"


def listen() -> None:
    """Register with the outbox; at start."""
    for kind in registry.PUBLIC:
        outbox.many_handler(kind, NAME)(publish)


def publish(events: Sequence[outbox.Event]) -> None:
    """Give the events their places in the stream and owe each to the endpoints that asked for its kind."""
    sql.value(
        "SELECT webhooks_publish(%s::uuid[], %s, %s)", [[event.id for event in events], registry.TEST, clock.now()]
    )
