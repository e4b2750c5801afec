"""An event of the outbox as it leaves the house."""

from __future__ import annotations

import json
from typing import Any

from vendome.domains.webhooks import registry
from vendome.kit.models import OutboxEvent


def structured(event: OutboxEvent) -> dict[str, Any]:
    """The event as CloudEvents 1.0 writes it; it belongs to a maison, and its kind is in the registry."""
    return registry.cloud_event(
        event_id=event.id,
        kind=event.kind,
        subject=event.subject,
        maison_id=event.maison_id,
        occurred_at=event.occurred_at.isoformat(),
        seq=event.seq,
        payload=event.payload,
    )


def body_of(event: OutboxEvent) -> bytes:
    """The body of a webhook: the same bytes at every attempt."""
    return json.dumps(structured(event), ensure_ascii=False, separators=(",", ":")).encode()
