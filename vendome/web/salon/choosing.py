"""Choosing a client beside something else: a sale, a piece to set aside. All of it lives in the address."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from vendome.domains.clients import queries as clients
from vendome.domains.people import permissions
from vendome.web.components.frames import Choice
from vendome.web.salon import pages
from vendome.web.salon.frame import SalonRequest

type Kept = Sequence[tuple[str, str]]
MOST_HITS = 6


def uuid_or_none(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


def chosen_client(request: SalonRequest, given: QueryDict) -> tuple[uuid.UUID | None, str]:
    """The client named in an address or form, with her name; nobody when there is no such client."""
    client_id = uuid_or_none(given.get("client"))
    if client_id is None or not request.actor.may(permissions.CLIENTS_SEARCH):
        return None, ""
    name = clients.find_name(actor=request.actor, client_id=client_id)
    return (None, "") if name is None else (client_id, name or _("No name yet"))


def chooser(request: SalonRequest, *, chosen: tuple[uuid.UUID | None, str], kept: Kept) -> pages.Chooser:
    """The box that finds her. Without the right to search there is nobody to choose."""
    query = request.GET.get("who", "").strip()[:200]
    is_asked = len(query) >= clients.SHORTEST_QUERY and request.actor.may(permissions.CLIENTS_SEARCH)
    hits = clients.search_clients(actor=request.actor, query=query, limit=MOST_HITS) if is_asked else ()
    client_id, name = chosen
    return pages.Chooser(
        query=query,
        chosen_name=name,
        chosen_url=reverse("salon:client", args=[client_id]) if client_id else "",
        forget_url=address(request, kept),
        hits=[
            Choice(
                value=str(hit.id),
                label=_("Protected client") if hit.is_protected else hit.name or _("No name yet"),
                note=", ".join(part for part in (hit.home_city, hit.advisor_name) if part and not hit.is_protected),
                url=address(request, [*kept, ("client", str(hit.id))]),
            )
            for hit in hits
        ],
        is_asked=is_asked,
        kept=kept,
    )


def address(request: SalonRequest, kept: Kept) -> str:
    """This page with these values."""
    return f"{request.path}?{urlencode(kept)}" if kept else request.path
