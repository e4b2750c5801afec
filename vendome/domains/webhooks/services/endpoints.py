"""Endpoints: registered with a secret that is told once, changed, paused, ended."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from vendome.domains.webhooks import addresses, gate, registry, sealing
from vendome.domains.webhooks.errors import AddressTaken, UnknownEvent
from vendome.domains.webhooks.models import Endpoint
from vendome.domains.webhooks.types import OLD_SECRET_LASTS, EndpointState, NewEndpoint
from vendome.kit import audit, idempotency, outbox
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound

LONGEST_DESCRIPTION = 200


@transaction.atomic
def register(
    *, key: str, url: str, kinds: Iterable[str], description: str = "", actor: Actor, at: datetime
) -> NewEndpoint:
    """Tell this address of these kinds of event, of all public ones if none is named. The secret is told this once.

    Safe to repeat with the same key. Raises UnsafeAddress, UnknownEvent, AddressTaken, Forbidden.
    """
    gate.require_whole_house(actor)
    wanted = sorted(set(kinds))
    body = {"url": url, "kinds": wanted, "description": description}
    scope = f"{actor.label}:webhooks.register"
    known = idempotency.claim(scope=scope, key=key, body=body)
    if known is not None:
        row = Endpoint.objects.get(id=known["endpoint"], maison_id=actor.in_maison)  # even one that has ended since
        return NewEndpoint(id=row.id, secret=sealing.unseal(row.secret))
    _check(url, wanted)
    secret = sealing.new_secret()
    row = Endpoint(
        maison_id=actor.in_maison,
        url=url,
        description=description.strip()[:LONGEST_DESCRIPTION],
        kinds=wanted,
        state=EndpointState.ACTIVE,
        secret=sealing.seal(secret),
        created_by=actor.label,
        created_at=at,
    )
    _save(row)
    _note(row, "webhooks.register", actor, at, kinds=wanted)
    idempotency.store(scope=scope, key=key, answer={"endpoint": str(row.id)})
    return NewEndpoint(id=row.id, secret=secret)


@transaction.atomic
def change(
    *, endpoint_id: uuid.UUID, url: str, kinds: Iterable[str], description: str = "", actor: Actor, at: datetime
) -> None:
    """Change where an endpoint is and what it is told. What it is owed already goes to the new address.

    Safe to repeat. Raises UnsafeAddress, UnknownEvent, AddressTaken, NotFound, Forbidden.
    """
    row = _locked(actor, endpoint_id)
    row.url, row.kinds = url, sorted(set(kinds))
    _check(url, row.kinds)
    row.description = description.strip()[:LONGEST_DESCRIPTION]
    _save(row, "url", "kinds", "description")
    _note(row, "webhooks.change", actor, at, kinds=row.kinds)


@transaction.atomic
def set_state(*, endpoint_id: uuid.UUID, state: EndpointState, actor: Actor, at: datetime, reason: str = "") -> None:
    """Pause an endpoint (what happens meanwhile waits for it), let it go on, or end it for good.

    Safe to repeat. Raises NotFound, also for one that has ended, and Forbidden.
    """
    row = _locked(actor, endpoint_id)
    if row.state == state:
        return
    row.state, row.paused_reason = state, reason[:LONGEST_DESCRIPTION] if state is EndpointState.PAUSED else ""
    _save(row, "state", "paused_reason")
    _note(row, f"webhooks.{_VERBS[state]}", actor, at)


@transaction.atomic
def rotate_secret(*, key: str, endpoint_id: uuid.UUID, actor: Actor, at: datetime) -> NewEndpoint:
    """A new secret, told this once; the one before signs too for a day. Safe to repeat with the same key."""
    row = _locked(actor, endpoint_id)
    scope = f"{actor.label}:webhooks.rotate:{endpoint_id}"
    if idempotency.claim(scope=scope, key=key, body={}) is None:
        secret = sealing.new_secret()
        row.old_secret, row.old_secret_until = bytes(row.secret), at + OLD_SECRET_LASTS
        row.secret = sealing.seal(secret)
        _save(row, "secret", "old_secret", "old_secret_until")
        _note(row, "webhooks.rotate_secret", actor, at)
        idempotency.store(scope=scope, key=key, answer={"endpoint": str(row.id)})
    return NewEndpoint(id=row.id, secret=sealing.unseal(row.secret))


@transaction.atomic
def send_test(*, key: str, endpoint_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Write a test event for this endpoint alone. Safe to repeat with the same key. Raises NotFound, Forbidden."""
    row = _locked(actor, endpoint_id)
    scope = f"{actor.label}:webhooks.test:{endpoint_id}"
    if idempotency.claim(scope=scope, key=key, body={}) is not None:
        return
    payload = {"endpoint_id": row.id}
    outbox.record(payload, kind=registry.TEST, subject=f"webhook:{row.id}", actor=actor, at=at)
    idempotency.store(scope=scope, key=key, answer={"endpoint": str(row.id)})


def get(*, actor: Actor, endpoint_id: uuid.UUID) -> Endpoint:
    """The row, for the commands of this domain. Raises NotFound, Forbidden."""
    gate.require_whole_house(actor)
    found = Endpoint.objects.filter(id=endpoint_id, maison_id=actor.in_maison)
    row = found.exclude(state=EndpointState.ENDED).first()
    if row is None:
        raise NotFound()
    return row


_VERBS = {EndpointState.ACTIVE: "resume", EndpointState.PAUSED: "pause", EndpointState.ENDED: "end"}


def _locked(actor: Actor, endpoint_id: uuid.UUID) -> Endpoint:
    gate.require_whole_house(actor)
    found = Endpoint.objects.filter(id=endpoint_id, maison_id=actor.in_maison).exclude(state=EndpointState.ENDED)
    row = found.select_for_update(no_key=True).first()
    if row is None:
        raise NotFound()
    return row


def _check(url: str, kinds: list[str]) -> None:
    addresses.parse(url, is_local_allowed=gate.is_local_allowed())
    unknown = [kind for kind in kinds if kind not in registry.SUBSCRIBABLE]
    if unknown:
        raise UnknownEvent(known=list(registry.SUBSCRIBABLE))


def _save(row: Endpoint, *fields: str) -> None:
    try:
        with transaction.atomic():
            if fields:
                row.save(update_fields=list(fields))
            else:
                row.save(force_insert=True)
    except IntegrityError as error:
        if "webhook_address_once" in str(error):
            raise AddressTaken() from error
        raise


def _note(row: Endpoint, action: str, actor: Actor, at: datetime, **detail: Any) -> None:
    audit.record(actor=actor, action=action, subject=f"webhook:{row.id}", at=at, maison_id=row.maison_id, detail=detail)
