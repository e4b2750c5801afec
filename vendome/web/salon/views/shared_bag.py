"""Her open bag beside her card, live on every device; and the selection an advisor composes for her."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vendome.domains.clients.errors import FileProtected
from vendome.domains.orders.types import Mode
from vendome.domains.people import permissions
from vendome.flows import recognition, selections, shared_basket
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.salon.bag_showing import bag_page
from vendome.web.salon.choosing import uuid_or_none
from vendome.web.salon.frame import SalonRequest, listen_to, salon
from vendome.web.salon.till import market_of


@require_safe
@salon(permissions.ORDERS_SELL, section="clients")
def shared_bag(request: SalonRequest, client_id: uuid.UUID) -> HttpResponse:
    """What is in her bag now, what is being chosen for her, what she has been sent."""
    return _page(request, client_id)


@require_POST
@salon(permissions.ORDERS_SELL, section="clients")
def put(request: SalonRequest, client_id: uuid.UUID) -> HttpResponse:
    """Straight into her bag: it is on her telephone the same second."""

    def run() -> None:
        shared_basket.put_line(
            market=market_of(request),
            client_id=client_id,
            reference_id=_reference(request),
            mode=Mode.DELIVER,
            place_id=None,
            quantity=1,
            actor=request.actor,
            at=clock.now(),
        )

    return _done(request, client_id, run)


@require_POST
@salon(permissions.ORDERS_SELL, section="clients")
def take_out(request: SalonRequest, client_id: uuid.UUID, line_id: uuid.UUID) -> HttpResponse:
    """Out of her bag; gone already is not an error."""
    run = partial(
        shared_basket.take_line_out,
        market_id=market_of(request).id,
        client_id=client_id,
        line_id=line_id,
        actor=request.actor,
        at=clock.now(),
    )
    return _done(request, client_id, run)


@require_POST
@salon(permissions.ORDERS_SELL, section="clients")
def choose(request: SalonRequest, client_id: uuid.UUID) -> HttpResponse:
    """Into the selection in the making, with a word on it, and kept for her if asked."""

    def run() -> None:
        selections.choose(
            market=market_of(request),
            client_id=client_id,
            reference_id=_reference(request),
            note=request.POST.get("note", ""),
            keep_at=request.place.id if request.POST.get("keep") else None,
            actor=request.actor,
            at=clock.now(),
        )

    return _done(request, client_id, run)


@require_POST
@salon(permissions.ORDERS_SELL, section="clients")
def leave_out(request: SalonRequest, client_id: uuid.UUID, selection_id: uuid.UUID, item_id: uuid.UUID) -> HttpResponse:
    """Out of the selection; what was kept is free again."""
    run = partial(selections.leave_out, selection_id=selection_id, item_id=item_id, actor=request.actor, at=clock.now())
    return _done(request, client_id, run)


@require_POST
@salon(permissions.ORDERS_SELL, section="clients")
def send(request: SalonRequest, client_id: uuid.UUID, selection_id: uuid.UUID) -> HttpResponse:
    """Show it to her on every device she has open."""
    note = request.POST.get("note", "")
    run = partial(selections.send, selection_id=selection_id, note=note, actor=request.actor, at=clock.now())
    return _done(request, client_id, run, said=_("She sees it now, under your name."), note=note)


@require_POST
@salon(permissions.ORDERS_SELL, section="clients")
def withdraw(request: SalonRequest, client_id: uuid.UUID, selection_id: uuid.UUID) -> HttpResponse:
    """Take it back, as long as she has not taken it up."""
    run = partial(selections.withdraw, selection_id=selection_id, actor=request.actor, at=clock.now())
    return _done(request, client_id, run, said=_("It is withdrawn; what was kept is free again."))


def _done(
    request: SalonRequest, client_id: uuid.UUID, run: Callable[[], object], *, said: str = "", note: str = ""
) -> HttpResponse:
    """Do it, and come back to the bag; what was typed is kept when it could not be done."""
    name = _open_to(request, client_id)
    if name is None:
        return HttpResponseRedirect(reverse("salon:client", args=[client_id]), status=303)
    try:
        run()
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _page(request, client_id, error=_(problem.message), note=note, status=409)
    if said:
        messages.success(request, said)
    query = request.POST.get("q", "")
    url = reverse("salon:shared_bag", args=[client_id])
    return HttpResponseRedirect(f"{url}?{_query(query)}" if query else url, status=303)


def _page(
    request: SalonRequest, client_id: uuid.UUID, *, error: str = "", note: str = "", status: int = 200
) -> HttpResponse:
    name = _open_to(request, client_id)
    if name is None:  # a protected file asks for its reason first, on her card
        return HttpResponseRedirect(reverse("salon:client", args=[client_id]), status=303)
    listen_to(request, f"own:{client_id}", f"client:{client_id}")
    query = (request.POST or request.GET).get("q", "").strip()[:200]
    page = bag_page(request, client_id, name, market_of(request), query=query, note=note, error=error, at=clock.now())
    return render_page(
        request, "salon/shared_bag.html", page, frozenset({"her-bag", "findings", "sent"}), status=status
    )


def _open_to(request: SalonRequest, client_id: uuid.UUID) -> str | None:
    """Her name, if the advisor may read her file; the reading is written down as for her card."""
    try:
        found = recognition.read_card(actor=request.actor, client_id=client_id, at=clock.now())
    except FileProtected:
        return None
    return str(found["name"] or _("No name yet"))


def _reference(request: SalonRequest) -> uuid.UUID:
    found = uuid_or_none(request.POST.get("reference"))
    if found is None:
        raise NotFound()
    return found


def _query(text: str) -> str:
    return urlencode({"q": text})
