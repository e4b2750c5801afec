"""Between places: what comes to this boutique, what leaves it, and asking another place for a piece."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.house import queries as house
from vendome.domains.people import permissions
from vendome.domains.stock.queries import shelf
from vendome.domains.stock.queries import transfers as reads
from vendome.domains.stock.services import transfers as stock
from vendome.domains.stock.types import OPEN_TRANSFERS, TransferState
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.components.frames import Choice, Link
from vendome.web.salon import transfer_pages as pages
from vendome.web.salon import transfer_steps, transfer_words
from vendome.web.salon.choosing import chosen_client, uuid_or_none
from vendome.web.salon.forms import new_key
from vendome.web.salon.frame import SalonRequest, salon
from vendome.web.salon.words import form_of, world_of

ENDED = tuple(state for state in TransferState if not state.is_open)


@require_safe
@salon(permissions.STOCK_VIEW, section="today")
def transfers(request: SalonRequest) -> HttpResponse:
    """Coming in, going out, or ended; whose turn it is first."""
    request.actor.require(permissions.STOCK_VIEW, place_id=request.place.id)
    chosen = request.GET.get("show", "in")
    chosen = chosen if chosen in ("in", "out", "ended") else "in"
    found = reads.list_transfers(
        actor=request.actor, place_id=request.place.id, is_incoming={"in": True, "out": False}.get(chosen),
        states=ENDED if chosen == "ended" else OPEN_TRANSFERS, limit=60 if chosen == "ended" else 300,
    )  # fmt: skip
    work = reads.count_work(actor=request.actor, place_id=request.place.id)
    home = reverse("salon:transfers")
    titles = (
        ("in", _("Coming in"), work.to_receive),
        ("out", _("Going out"), work.outgoing),
        ("ended", _("Ended"), 0),
    )
    page = pages.TransfersPage(
        place=request.place.name,
        tabs=[
            Link(label=label, url=f"{home}?show={name}", current=name == chosen, note=str(count) if count else "")
            for name, label, count in titles
        ],
        shown=_links(request, found),
        empty=_("Nothing is on its way to you.") if chosen == "in" else _("Nothing here."),
    )
    return render_page(request, "salon/transfers.html", page, frozenset({"transfer-list"}))


@require_http_methods(["GET", "HEAD", "POST"])
@salon(permissions.STOCK_VIEW, section="today")
def transfer(request: SalonRequest, transfer_id: uuid.UUID) -> HttpResponse:
    """One transfer: decide, pick, send, receive; whichever is next."""
    found = reads.get_transfer(actor=request.actor, transfer_id=transfer_id)
    is_incoming = found.to_place_id == request.place.id
    crumbs = [
        Link(label=_("Between places"), url=f"{reverse('salon:transfers')}?show={'in' if is_incoming else 'out'}"),
        Link(label=found.number, url=""),
    ]
    if request.method != "POST":
        return render_page(request, "salon/transfer.html", transfer_steps.page_of(found, request.actor, crumbs=crumbs))
    try:
        said = transfer_steps.perform(request.POST, found, request.actor, clock.now())
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        fresh = reads.get_transfer(actor=request.actor, transfer_id=transfer_id)
        page = transfer_steps.page_of(
            fresh, request.actor, crumbs=crumbs, sent=request.POST, problem=transfer_steps.told(problem)
        )
        return render_page(request, "salon/transfer.html", page, status=409)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("salon:transfer", args=[transfer_id]), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@salon(permissions.STOCK_REQUEST, section="collections")
def ask(request: SalonRequest, reference_id: uuid.UUID) -> HttpResponse:
    """Ask another place for this piece, for the boutique or for a client of hers."""
    request.actor.require(permissions.STOCK_REQUEST, place_id=request.place.id)
    page = _ask_page(request, reference_id)
    if request.method != "POST":
        return render_page(request, "salon/ask.html", page)
    from_place = uuid_or_none(request.POST.get("place"))
    quantity = page.quantity if page.quantity.isdigit() else "0"
    if from_place is None or not 1 <= int(quantity) <= 50:
        problem = _("Choose the place you ask.") if from_place is None else _("Ask for 1 to 50 pieces.")
        return render_page(request, "salon/ask.html", _ask_page(request, reference_id, problem), status=422)
    try:
        made = stock.request(
            key=request.POST.get("key", ""),
            from_place_id=from_place,
            to_place_id=request.place.id,
            lines=[stock.Wanted(reference_id=reference_id, quantity=int(quantity))],
            reason=page.reason,
            client_id=uuid_or_none(page.client_id),
            actor=request.actor,
            at=clock.now(),
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        return render_page(request, "salon/ask.html", _ask_page(request, reference_id, _(error.message)), status=422)
    messages.success(request, _("Asked. You will see here when they agree."))
    return HttpResponseRedirect(reverse("salon:transfer", args=[made.id]), status=303)


def _ask_page(request: SalonRequest, reference_id: uuid.UUID, problem: str = "") -> pages.AskPage:
    label = catalogue.label_references(ids=[reference_id], maison_id=request.place.maison_id).get(reference_id)
    if label is None:
        raise NotFound()
    given = request.POST if request.method == "POST" else request.GET
    client_id, name = chosen_client(request, given)
    wanted = given.get("place", "")
    free = {
        level.place_id: level.available
        for level in shelf.levels_of(actor=request.actor, reference_ids=[reference_id])
        if level.available > 0
    }
    places = [
        place
        for place in house.list_places(maison_id=request.place.maison_id)
        if place.id in free and place.id != request.place.id and place.owner == "HOUSE"
        and place.kind not in ("TRANSIT", "CLIENT_HOME")
    ]  # fmt: skip
    near = sorted(places, key=lambda place: (place.market_id != request.place.market_id, -free[place.id]))
    chosen = wanted or (str(near[0].id) if near else "")
    back = f"{reverse('salon:model', args=[label.model_code])}?reference={reference_id}"
    return pages.AskPage(
        name=label.model_name,
        form_words=form_of(label.material, label.size),
        sku=label.sku,
        code=label.model_code,
        world=world_of(label.model_code),
        back_url=f"{back}&client={client_id}" if client_id else back,
        reference_id=reference_id,
        places=[
            Choice(
                value=str(place.id),
                label=place.name,
                chosen=str(place.id) == chosen,
                note=_("%(n)d free") % {"n": free[place.id]},
            )
            for place in near
        ],
        is_serialised=label.is_serialised,
        quantity=given.get("quantity", "1"),
        reason=given.get("reason", "").strip()[:400],
        client_id=str(client_id or ""),
        client=name,
        key=given.get("key", "") or new_key(),
        problem=problem,
    )


def _links(request: SalonRequest, found: Sequence[reads.TransferRow]) -> list[pages.TransferLink]:
    places = {place.id: place.name for place in house.list_places(maison_id=request.place.maison_id)}
    labels = catalogue.label_references(ids={one for row in found for one in row.reference_ids})
    now, here = clock.now(), request.place.id
    links = []
    for row in found:
        first = labels[row.reference_ids[0]].model_code
        names = list(dict.fromkeys(labels[one].model_name for one in row.reference_ids))
        is_incoming = row.to_place_id == here
        mine = row.state is TransferState.DISPATCHED if is_incoming else row.state in OPEN_TRANSFERS[:3]
        other = row.from_place_id if is_incoming else row.to_place_id
        links.append(
            pages.TransferLink(
                url=reverse("salon:transfer", args=[row.id]),
                number=row.number,
                other_place=places[other],
                what=", ".join([*names[:2], *([_("and more")] if len(names) > 2 else [])])
                + f" · {transfer_words.pieces(row.quantity)}",
                code=first,
                world=world_of(first),
                state=str(transfer_words.STATES[row.state.value]),
                tone=transfer_words.TONES[row.state.value],
                age=transfer_words.age(row.at, now),
                is_mine_to_do=mine,
            )
        )
    return sorted(links, key=lambda one: not one.is_mine_to_do)
