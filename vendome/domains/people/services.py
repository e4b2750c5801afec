"""Commands of the people domain."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from vendome.domains.people import queries
from vendome.domains.people.errors import TokenNameMissing, UnknownRole
from vendome.domains.people.models import ApiToken, EndedSession
from vendome.domains.people.permissions import ROLES
from vendome.kit import audit
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound

PREFIX = "vdm_"
"""Lets a secret scanner recognise a token that was left lying about."""


@transaction.atomic
def create_api_token(
    *,
    maison_id: uuid.UUID,
    name: str,
    roles: Sequence[str],
    home_place_id: uuid.UUID | None = None,
    lasts: timedelta | None = None,
    actor: Actor,
    at: datetime,
) -> str:
    """A new token for a program, acting with these roles. Only its digest is kept: it is told this once.

    Raises UnknownRole, TokenNameMissing.
    """
    if not name.strip():
        raise TokenNameMissing()
    if unknown := sorted(set(roles) - set(ROLES)) or ([""] if not roles else []):
        raise UnknownRole(role=unknown[0], known=sorted(ROLES))
    token = PREFIX + secrets.token_urlsafe(32)
    made = ApiToken.objects.create(
        maison_id=maison_id,
        name=name.strip(),
        token_hash=hashlib.sha256(token.encode()).digest(),
        roles=sorted(set(roles)),
        home_place_id=home_place_id,
        created_at=at,
        expires_at=at + lasts if lasts else None,
    )
    audit.record(
        actor=actor,
        action="people.create_api_token",
        subject=f"api_token:{made.id}",
        at=at,
        maison_id=maison_id,
        detail={"name": made.name, "roles": made.roles},
    )
    return token


@transaction.atomic
def revoke_api_tokens(*, maison_id: uuid.UUID, name: str, actor: Actor, at: datetime) -> int:
    """End every token of this name; it stops working within two seconds. Safe to repeat. Raises NotFound."""
    rows = ApiToken.objects.filter(maison_id=maison_id, name=name)
    if not rows.exists():
        raise NotFound()
    ended = list(rows.filter(revoked_at=None).order_by("id").select_for_update(no_key=True))
    for row in ended:
        row.revoked_at = at
        row.save(update_fields=["revoked_at"])
        audit.record(
            actor=actor, action="people.revoke_api_token", subject=f"api_token:{row.id}", at=at, maison_id=maison_id
        )
    return len(ended)


SESSION_LASTS = timedelta(hours=12)
"""As long as a session's cookie is accepted at most (`SESSION_COOKIE_AGE`)."""


@transaction.atomic
def end_session(*, account_id: uuid.UUID, session: str, actor: Actor, at: datetime) -> None:
    """Sign out: whoever has a copy of this session's cookie is nobody from now on. Safe to repeat."""
    EndedSession.objects.filter(account_id=account_id, until_at__lte=at).delete()
    EndedSession.objects.get_or_create(
        session=session, defaults={"account_id": account_id, "until_at": at + SESSION_LASTS}
    )
    queries.forget_actors()
