"""Reads of the people domain: who acts, and who works where."""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from vendome.domains.people import permissions
from vendome.domains.people.models import RoleGrant, Secondment, Staff
from vendome.domains.people.types import Grant, StaffAccess, StaffRow
from vendome.kit import clock, sql
from vendome.kit.actors import EVERYWHERE, Actor, ActorKind
from vendome.kit.errors import NotFound

REMEMBERED_SECONDS = 2.0
"""How long an actor's permissions are kept in the process: a revoked right ends within this time."""

_remembered: dict[bytes, tuple[float, Actor]] = {}
_lock = threading.Lock()


def actor_for_account(account_id: uuid.UUID) -> Actor:
    """The staff member or client behind a signed-in account; anonymous when it is closed."""
    return _remember(account_id.bytes, "SELECT people_actor(%s)", account_id)


def actor_for_token(token: str) -> Actor:
    """The program behind a bearer token; anonymous when unknown, expired or revoked."""
    digest = hashlib.sha256(token.encode()).digest()
    return _remember(digest, "SELECT people_actor_for_token(%s)", digest)


def list_staff(*, actor: Actor) -> tuple[StaffRow, ...]:
    """Staff of the places the actor may see, by place and name."""
    places = actor.places_for(permissions.STAFF_VIEW)
    today = clock.now().date()
    rows = Staff.objects.filter(maison_id=actor.in_maison, ended_date=None)
    if places is not EVERYWHERE:
        rows = rows.filter(home_place_id__in=places)
    rows = rows.select_related("home_place").order_by("home_place__position", "family_name", "id")
    roles: dict[uuid.UUID, list[str]] = {}
    for staff_id, role in RoleGrant.objects.on(today).order_by("role").values_list("staff_id", "role"):
        roles.setdefault(staff_id, []).append(role)
    seconded = set(Secondment.objects.filter(during__contains=today).values_list("staff_id", flat=True))
    return tuple(
        StaffRow(
            id=row.id,
            code=row.code,
            name=row.name,
            home_place_id=row.home_place_id,
            place_name=row.home_place.name,
            region=row.home_place.region,
            roles=tuple(roles.get(row.id, ())),
            languages=tuple(row.languages),
            started_date=row.started_date,
            is_seconded=row.id in seconded,
        )
        for row in rows
    )


def get_access(*, actor: Actor, staff_id: uuid.UUID) -> StaffAccess:
    """What a member of staff may do and where, today. Raises NotFound, also for staff the actor may not see."""
    row = next((one for one in list_staff(actor=actor) if one.id == staff_id), None)
    if row is None:
        raise NotFound()
    today = clock.now().date()
    given = RoleGrant.objects.on(today).filter(staff_id=staff_id).select_related("place").order_by("role", "id")
    lent = Secondment.objects.filter(staff_id=staff_id, during__contains=today).select_related("place").order_by("id")
    grants = [
        _grant(one.role, one.during.upper, region=one.region, place_name=one.place.name if one.place else "")
        for one in given
    ]
    grants += [_grant(one.role, one.during.upper, place_name=one.place.name, is_secondment=True) for one in lent]
    return StaffAccess(row=row, grants=tuple(grants))


def _grant(
    role: str, until: date | None, *, region: str = "", place_name: str = "", is_secondment: bool = False
) -> Grant:
    return Grant(
        role=role,
        region=region,
        place_name=place_name,
        is_secondment=is_secondment,
        until_date=until,
        permissions=tuple(sorted(permissions.ROLES.get(role, ()))),
    )


def staff_names(*, ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Names to show beside what they did."""
    rows = Staff.objects.filter(id__in=ids).only("given_name", "family_name")
    return {row.id: row.name for row in rows}


def forget_actors() -> None:
    """Drop what this process remembers; tests and role changes call it."""
    with _lock:
        _remembered.clear()


def _remember(key: bytes, query: str, argument: Any) -> Actor:
    known = _remembered.get(key)
    now = time.monotonic()
    if known and now - known[0] < REMEMBERED_SECONDS:
        return known[1]
    found = sql.document(query, [argument])
    actor = _actor(found) if found else Actor.anonymous()
    with _lock:
        if len(_remembered) > 10_000:
            _remembered.clear()
        _remembered[key] = (now, actor)
    return actor


def _actor(found: Mapping[str, Any]) -> Actor:
    if found.get("app"):
        kind, id_ = ActorKind.APP, found["app"]
    elif found.get("staff"):
        kind, id_ = ActorKind.STAFF, found["staff"]
    else:
        kind, id_ = ActorKind.CLIENT, found.get("client") or found["account"]
    held: dict[str, frozenset[uuid.UUID] | None] = {}
    for grant in found["roles"]:
        places = EVERYWHERE if grant["places"] is None else frozenset(map(uuid.UUID, grant["places"]))
        for permission in permissions.ROLES.get(grant["role"], ()):
            before = held.get(permission, frozenset())
            held[permission] = EVERYWHERE if places is EVERYWHERE or before is EVERYWHERE else before | places
    return Actor(
        kind=kind,
        id=uuid.UUID(id_),
        maison_id=_maybe(found.get("maison")),
        name=found.get("name") or "",
        client_id=_maybe(found.get("client")),
        home_place_id=_maybe(found.get("place")),
        session_epoch=found.get("session_epoch") or 0,
        ended_sessions=frozenset(found.get("ended_sessions") or ()),
        permissions=held,
    )


def _maybe(value: str | None) -> uuid.UUID | None:
    return uuid.UUID(value) if value else None
