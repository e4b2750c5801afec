"""Reads of the clients domain. The card itself spans domains: see `flows.recognition`."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from vendome.domains.clients.contact import normal_email, phone_digits
from vendome.domains.clients.models import Client, Identifier, WardrobePiece
from vendome.domains.clients.types import Birthday, CaseFacts, ClientHit, ClientView
from vendome.domains.people import permissions
from vendome.kit import sql
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound

SHORTEST_QUERY = 2
MASK = "Protected client"


def search_clients(*, actor: Actor, query: str, limit: int = 12) -> tuple[ClientHit, ...]:
    """By phone, e-mail or code exactly, else by name with typos and missing accents forgiven.

    A protected client that is found shows that she is there and nothing more, but to who may read protected files.
    """
    actor.require(permissions.CLIENTS_SEARCH)
    may_read = actor.may(permissions.CLIENTS_READ_PROTECTED)
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
            may_read,
            limit,
        ],
    )
    return tuple(
        ClientHit(id=row[0], name=MASK, home_city="", home_country="", is_protected=True, advisor_name="",
                  home_place_name="", matched_by=row[7], score=row[8])
        if row[4] and not may_read
        else ClientHit(
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
    )  # fmt: skip


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


def list_birthdays(*, actor: Actor, today: date, days: int = 7) -> tuple[Birthday, ...]:
    """The actor's own clients whose birthday falls within the coming days, soonest first; 29 February on 1 March."""
    actor.require(permissions.CLIENTS_READ)
    coming = [today + timedelta(days=n) for n in range(days)]
    order = {f"{day:%m-%d}": day for day in reversed(coming)}
    if "03-01" in order and (order["03-01"] - timedelta(days=1)).day == 28:
        order["02-29"] = order["03-01"]
    found = sql.rows(
        "SELECT id, btrim(given_name || ' ' || family_name), to_char(birthday, 'MM-DD') FROM clients_client "
        "WHERE advisor_id = %s AND maison_id = %s AND to_char(birthday, 'MM-DD') = ANY (%s)",
        [actor.id, actor.maison_id, list(order)],
    )
    rows = (Birthday(client_id=client, name=name, day=order[day]) for client, name, day in found)
    return tuple(sorted(rows, key=lambda row: (row.day, row.name, row.client_id)))


def ids_of_advisor(*, actor: Actor) -> tuple[uuid.UUID, ...]:
    """The clients whose advisor the actor is."""
    actor.require(permissions.CLIENTS_READ)
    return tuple(Client.objects.filter(advisor_id=actor.id).order_by("id").values_list("id", flat=True))


def check_client(*, actor: Actor, client_id: uuid.UUID) -> None:
    """Raises NotFound unless she is a client of the actor's own maison."""
    if not Client.objects.filter(id=client_id, maison_id=actor.in_maison).exists():
        raise NotFound()


def in_maison(*, actor: Actor, ids: Iterable[uuid.UUID]) -> tuple[uuid.UUID, ...]:
    """Those of these ids that are clients of the actor's own maison."""
    return tuple(Client.objects.filter(id__in=set(ids), maison_id=actor.in_maison).values_list("id", flat=True))


def ids_by_address(*, actor: Actor, addresses: Iterable[str]) -> dict[str, uuid.UUID]:
    """Clients of the maison by e-mail address or by their own id, each under the words it was asked by."""
    found: dict[str, uuid.UUID] = {}
    by_email = {normal_email(one): one for one in addresses if "@" in one}
    if by_email:
        actor.require(permissions.CLIENTS_SEARCH)
        rows = Identifier.objects.filter(
            maison_id=actor.in_maison, kind="EMAIL", value__in=list(by_email), ended_at=None
        ).order_by("-attested_at", "noted_at")
        for value, client_id in rows.values_list("value", "client_id"):
            found.setdefault(by_email[value], client_id)
    by_id: dict[uuid.UUID, str] = {}
    for one in addresses:
        try:
            by_id[uuid.UUID(one)] = one
        except ValueError:
            continue
    found |= {by_id[one]: one for one in in_maison(actor=actor, ids=by_id)}
    return found


def ids_of_standing(*, actor: Actor, standing: str, limit: int = 5000) -> tuple[uuid.UUID, ...]:
    """Clients of the maison with this standing, the longest known first."""
    actor.require(permissions.CLIENTS_SEARCH)
    rows = Client.objects.filter(maison_id=actor.in_maison, standing=standing).order_by("created_at", "id")
    return tuple(rows.values_list("id", flat=True)[:limit])


def find_name(*, actor: Actor, client_id: uuid.UUID) -> str | None:
    """The name of a client of the actor's maison, masked when she is protected; None when there is none."""
    actor.require(permissions.CLIENTS_SEARCH)
    row = Client.objects.filter(id=client_id).first()
    if row is None or row.maison_id != actor.maison_id:
        return None
    return MASK if row.is_protected else f"{row.given_name} {row.family_name}".strip()


def case_facts(*, ids: set[uuid.UUID]) -> dict[uuid.UUID, CaseFacts]:
    """What a committee may weigh without knowing who she is; of a protected client nothing."""
    rows = Client.objects.filter(id__in=ids, is_protected=False).annotate(
        pieces=Coalesce(
            Subquery(
                WardrobePiece.objects.filter(client=OuterRef("pk"))
                .order_by()
                .values("client")
                .annotate(n=Sum("quantity"))
                .values("n")
            ),
            0,
        )
    )
    return {row.id: CaseFacts(since=row.created_at.year, pieces=row.pieces) for row in rows}


def client_names(*, ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Names to show beside an order or a hold; a protected client stays "Protected client"."""
    rows = Client.objects.filter(id__in=ids).only("given_name", "family_name", "is_protected")
    return {row.id: MASK if row.is_protected else f"{row.given_name} {row.family_name}".strip() for row in rows}
