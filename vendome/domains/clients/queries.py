"""Reads of the clients domain. The card itself spans domains: see `flows.recognition`."""

from __future__ import annotations

import uuid

from vendome.domains.clients.contact import phone_digits
from vendome.domains.clients.models import Client, Identifier
from vendome.domains.clients.types import ClientHit, ClientView
from vendome.domains.people import permissions
from vendome.kit import sql
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound

SHORTEST_QUERY = 2


def search_clients(*, actor: Actor, query: str, limit: int = 12) -> tuple[ClientHit, ...]:
    """By phone, e-mail or code exactly, else by name with typos and missing accents forgiven."""
    actor.require(permissions.CLIENTS_SEARCH)
    text = query.strip()
    if len(text) < SHORTEST_QUERY:
        return ()
    found = sql.rows(
        "SELECT * FROM clients_search(%s, %s, %s, %s, %s, %s)",
        [
            actor.maison_id,
            text,
            phone_digits(text),
            actor.id,
            actor.may(permissions.CLIENTS_READ_PROTECTED),
            limit,
        ],
    )
    return tuple(
        ClientHit(
            id=row[0],
            name=row[1].strip(),
            home_city=row[2],
            home_country=row[3],
            is_protected=row[4],
            advisor_name=row[5],
            home_place_name=row[6],
            matched_by=row[7],
            score=row[8],
        )
        for row in found
    )


def get_own_profile(*, client_id: uuid.UUID) -> ClientView:
    """A client's own profile; the caller has shown that she is this client. Raises NotFound."""
    row = Client.objects.filter(id=client_id).first()
    if row is None:
        raise NotFound()
    known = Identifier.objects.filter(client_id=client_id, ended_at=None).order_by("noted_at", "id")
    return ClientView(
        id=row.id,
        given_name=row.given_name,
        family_name=row.family_name,
        language=row.language,
        birthday=row.birthday,
        emails=tuple(one.value for one in known if one.kind == "EMAIL"),
        phones=tuple(one.value for one in known if one.kind == "PHONE"),
    )


def client_names(*, ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Names to show beside an order or a hold; a protected client stays "Protected client"."""
    rows = Client.objects.filter(id__in=ids).only("given_name", "family_name", "is_protected")
    return {
        row.id: "Protected client" if row.is_protected else f"{row.given_name} {row.family_name}".strip()
        for row in rows
    }
