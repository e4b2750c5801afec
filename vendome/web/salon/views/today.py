"""The advisor's day: what waits here, for whom, and who of her clients to think of."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.clients import queries as clients
from vendome.domains.orders.queries import placed as orders
from vendome.domains.people import permissions
from vendome.domains.stock.queries import shelf as stock_queries
from vendome.domains.stock.queries import transfers
from vendome.domains.stock.services import shelf as stock
from vendome.domains.stock.types import HoldKind
from vendome.flows import hand_over
from vendome.flows.hand_over import WaitingLine
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.salon import pages, words
from vendome.web.salon.forms import ReleaseForm
from vendome.web.salon.frame import SalonRequest, salon

HELD_FOR_CLIENTS = (HoldKind.RESERVATION, HoldKind.APPOINTMENT, HoldKind.SELECTION, HoldKind.WAITING_LIST)
ENDING = timedelta(days=2)
JUST_ARRIVED = timedelta(minutes=30)
LONG_WAIT = timedelta(days=7)
FRESH = timedelta(days=7)


@require_safe
@salon(permissions.SALON, section="today")
def today(request: SalonRequest) -> HttpResponse:
    """The day, whole or only what has changed of it."""
    return render_page(request, "salon/today.html", _page(request), frozenset({"day"}))


@require_POST
@salon(permissions.STOCK_VIEW, section="today")
def release(request: SalonRequest, hold_id: uuid.UUID) -> HttpResponse:
    """End a hold: the piece is free for everybody again."""
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        return render_page(
            request, "salon/today.html", _page(request, _("Write why the piece is free again.")), status=422
        )
    try:
        stock.release_hold(
            hold_id=hold_id,
            place_id=request.place.id,
            reason=form.cleaned_data["reason"],
            actor=request.actor,
            at=clock.now(),
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return render_page(request, "salon/today.html", _page(request, _(problem.message)), status=409)
    messages.success(request, _("The piece is free again."))
    return HttpResponseRedirect(reverse("salon:today"), status=303)


def _page(request: SalonRequest, error: str = "") -> pages.TodayPage:
    now = clock.now()
    here = timezone.localtime(now)
    waiting, to_make_ready = _collections(request, now)
    aside = _set_aside(request, now)
    birthdays = _birthdays(request, here)
    fresh = _fresh(request, now)
    home = reverse("salon:today")
    counts = [
        pages.Count(figure=len(waiting), label=_("to hand over"), url=f"{home}#waiting"),
        pages.Count(figure=sum(one.is_ending for one in aside), label=_("set aside, ending soon"), url=f"{home}#aside"),
        pages.Count(figure=len(birthdays), label=_("birthdays this week"), url=f"{home}#birthdays"),
        pages.Count(figure=len(fresh), label=_("new orders of my clients"), url=f"{home}#fresh"),
    ]
    return pages.TodayPage(
        greeting=_hello(here) % {"name": request.actor.name.partition(" ")[0]},
        place=request.place.name,
        day=here.date(),
        counts=counts,
        collections=waiting,
        to_make_ready=to_make_ready,
        set_aside=aside,
        birthdays=birthdays,
        fresh=fresh,
        between=_between(request),
        transfers_url=reverse("salon:transfers"),
        count_url=_count_url(request),
        prepare_url=reverse("salon:prepare") if request.actor.may(permissions.ORDERS_VIEW) else "",
        arrival_words=_("A new order has come in for this boutique."),
        error=error,
        to_send_url=reverse("salon:to_send") if request.actor.may(permissions.ORDERS_SHIP) else "",
    )


def _count_url(request: SalonRequest) -> str:
    return reverse("salon:counts") if request.actor.may(permissions.STOCK_COUNT, place_id=request.place.id) else ""


def _hello(here: datetime) -> str:
    if here.hour < 12:
        return _("Good morning, %(name)s")
    return _("Good afternoon, %(name)s") if here.hour < 18 else _("Good evening, %(name)s")


def _collections(request: SalonRequest, now: datetime) -> tuple[list[pages.Collection], list[pages.Collection]]:
    """What may be fetched, and what has to be made ready first; what has just come in leads, then the oldest."""
    if not request.actor.may(permissions.ORDERS_VIEW, place_id=request.place.id):
        return [], []
    ready: list[pages.Collection] = []
    to_do: list[pages.Collection] = []
    for line in hand_over.list_waiting(actor=request.actor, place_id=request.place.id):
        (ready if line.state == "READY" else to_do).append(_collection(request, line, now))
    return sorted(ready, key=lambda one: not one.is_new), sorted(to_do, key=lambda one: not one.is_new)


def _collection(request: SalonRequest, line: WaitingLine, now: datetime) -> pages.Collection:
    may_read = line.client_id is not None and request.actor.may(permissions.CLIENTS_READ)
    return pages.Collection(
        name=line.model_name,
        form=words.form_of(line.material, line.size),
        code=line.model_code,
        world=words.world_of(line.model_code),
        serial=line.serial,
        client=line.client_name or _("A guest"),
        order_number=line.order_number,
        since=line.placed_at,
        url=reverse("salon:hand_over", args=[line.line_id]),
        card_url=reverse("salon:client", args=[line.client_id]) if may_read else "",
        is_refused=line.is_refused,
        owes_rest=line.rest_amount > 0,
        is_new=now - line.placed_at < JUST_ARRIVED,
        is_old=now - line.placed_at > LONG_WAIT,
    )


def _set_aside(request: SalonRequest, now: datetime) -> list[pages.SetAside]:
    if not request.actor.may(permissions.STOCK_HOLD, place_id=request.place.id):
        return []
    holds = stock_queries.list_holds(actor=request.actor, place_id=request.place.id, kinds=HELD_FOR_CLIENTS)
    labels = catalogue.label_references(ids={hold.reference_id for hold in holds})
    names = clients.client_names(ids={hold.client_id for hold in holds if hold.client_id})
    may_read = request.actor.may(permissions.CLIENTS_READ)
    found = [
        pages.SetAside(
            hold_id=hold.id,
            name=labels[hold.reference_id].model_name,
            form=words.form_of(labels[hold.reference_id].material, labels[hold.reference_id].size),
            serial=hold.serial,
            client=names.get(hold.client_id, "") if hold.client_id else "",
            card_url=reverse("salon:client", args=[hold.client_id]) if hold.client_id and may_read else "",
            reason=hold.reason,
            until=hold.expires_at,
            is_ending=hold.expires_at is not None and hold.expires_at - now < ENDING,
        )
        for hold in holds
    ]
    never = now + timedelta(days=36_500)
    return sorted(found, key=lambda one: (one.until or never, one.hold_id))


def _between(request: SalonRequest) -> list[pages.Count]:
    """What waits for this place of its transfers; nothing that is nought."""
    if not request.actor.may(permissions.STOCK_MOVE, place_id=request.place.id):
        return []
    work = transfers.count_work(actor=request.actor, place_id=request.place.id)
    home = reverse("salon:transfers")
    decides = request.actor.may(permissions.STOCK_APPROVE, place_id=request.place.id)
    told = (
        (work.to_receive, _("on the way to you"), f"{home}?show=in"),
        (work.to_approve if decides else 0, _("wait for your answer"), f"{home}?show=out"),
        (work.to_pick, _("to be picked"), f"{home}?show=out"),
        (work.to_send, _("ready to leave"), f"{home}?show=out"),
    )
    return [pages.Count(figure=figure, label=label, url=url) for figure, label, url in told if figure]


def _birthdays(request: SalonRequest, here: datetime) -> list[pages.Anniversary]:
    if not request.actor.may(permissions.CLIENTS_READ):
        return []
    return [
        pages.Anniversary(
            name=one.name,
            url=reverse("salon:client", args=[one.client_id]),
            day=one.day,
            is_today=one.day == here.date(),
        )
        for one in clients.list_birthdays(actor=request.actor, today=here.date())
    ]


def _fresh(request: SalonRequest, now: datetime) -> list[pages.FreshOrder]:
    """Orders of the advisor's own clients in the last days, through whichever channel."""
    if not request.actor.may(permissions.CLIENTS_READ):
        return []
    mine = clients.ids_of_advisor(actor=request.actor)
    if not mine:
        return []
    rows = orders.list_recent_of_clients(actor=request.actor, client_ids=mine, since=now - FRESH)
    names = clients.client_names(ids={row.client_id for row in rows if row.client_id})
    return [
        pages.FreshOrder(
            number=row.number,
            client=names.get(row.client_id, ""),
            url=reverse("salon:client", args=[row.client_id]),
            channel=words.said(words.CHANNELS, row.channel),
            at=row.placed_at,
        )
        for row in rows
        if row.client_id
    ]
