"""Find a piece anywhere, and how to get it for this client: how near, how sure, by when; and set it aside."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import floatformat
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.house import queries as house
from vendome.domains.house.types import PlaceKind, PlaceView
from vendome.domains.people import permissions
from vendome.domains.pricing import queries as pricing
from vendome.flows import reservations, sourcing
from vendome.flows.types import Whereabouts
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.components.frames import Choice
from vendome.web.salon import words
from vendome.web.salon.choosing import chooser, chosen_client, uuid_or_none
from vendome.web.salon.forms import ReserveForm, new_key
from vendome.web.salon.frame import SalonRequest, listen_to, salon
from vendome.web.salon.till import market_of
from vendome.web.salon.work_pages import FindPage, Spot

SURE_CHANGES = 25
"""So many movements after a count, a shelf is still taken to hold what the ledger says."""
SURE_DAYS = 60


@require_http_methods(["GET", "HEAD", "POST"])
@salon(permissions.STOCK_VIEW, section="collections")
def find(request: SalonRequest, reference_id: uuid.UUID) -> HttpResponse:
    """Every place that has it. A POST sets one aside there for the chosen client, for two days."""
    label = label_of(request, reference_id)
    parts = frozenset({"spots", "who-found"})
    if request.method != "POST":
        return render_page(request, "salon/find.html", _page(request, label), parts)
    form = ReserveForm(request.POST)
    client_id, name = chosen_client(request, request.POST)
    if client_id is None or not form.is_valid():
        problem = _("Choose first for whom it is set aside.")
        return render_page(request, "salon/find.html", _page(request, label, problem), status=422)
    try:
        kept = reservations.reserve(
            key=form.cleaned_data["key"],
            reference_id=reference_id,
            place_id=form.cleaned_data["place"],
            client_id=client_id,
            reason=_("Asked for from %(place)s") % {"place": request.place.name},
            actor=request.actor,
            at=clock.now(),
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        return render_page(request, "salon/find.html", _page(request, label, _(error.message)), status=409)
    until = date_format(timezone.localtime(kept.until), "l j F, H:i")
    messages.success(request, _("Set aside for %(name)s until %(until)s.") % {"name": name, "until": until})
    return HttpResponseRedirect(f"{request.path}?{urlencode(_kept(request))}", status=303)


def label_of(request: SalonRequest, reference_id: uuid.UUID) -> ReferenceLabel:
    """The reference in words. Raises NotFound, also for another maison's."""
    found = catalogue.label_references(ids=[reference_id], maison_id=request.place.maison_id).get(reference_id)
    if found is None:
        raise NotFound()
    return found


def _kept(request: SalonRequest) -> list[tuple[str, str]]:
    given = request.POST if request.method == "POST" else request.GET
    client = uuid_or_none(given.get("client"))
    near = given.get("near", "")[:60]
    return [("client", str(client))] * bool(client) + [("near", near)] * bool(near)


def _page(request: SalonRequest, label: ReferenceLabel, problem: str = "") -> FindPage:
    kept = _kept(request)
    given = request.POST if request.method == "POST" else request.GET
    client = chosen_client(request, given)
    market = market_of(request)
    places = {place.id: place for place in house.list_places(maison_id=request.place.maison_id)}
    near = next((place for place in places.values() if place.code == dict(kept).get("near")), None)
    price = pricing.list_prices(market_id=market.id, reference_ids=[label.id], day=_today()).get(label.id)
    found = sourcing.where_it_is(
        reference_id=label.id,
        here=request.place.id,
        near=near.id if near else None,
        market_id=market.id,
        actor=request.actor,
        at=clock.now(),
    )
    listen_to(request, f"reference:{label.id}")
    spots = [_spot(request, places[one.place_id], one) for one in found if one.place_id in places]
    can_order = any(one.to_here_date or one.deliver_date for one in found)
    may_sell = request.actor.may(permissions.ORDERS_SELL, place_id=request.place.id) and price is not None
    return FindPage(
        name=label.model_name,
        form=words.form_of(label.material, label.size),
        sku=label.sku,
        code=label.model_code,
        world=words.world_of(label.model_code),
        amount=price.amount if price else None,
        currency=market.currency,
        spots=spots,
        together=sum(one.free for one in spots),
        cities=_cities(places, near),
        near=near.code if near else "",
        chooser=chooser(request, chosen=client, kept=[pair for pair in kept if pair[0] != "client"]),
        chosen_name=client[1],
        kept=kept,
        order_url=f"{reverse('salon:order_from_afar', args=[label.id])}?{urlencode(kept)}"
        if can_order and may_sell
        else "",
        back_url=f"{reverse('salon:model', args=[label.model_code])}?{urlencode([('reference', label.id), *kept])}",
        problem=problem,
    )


def _cities(places: dict[uuid.UUID, PlaceView], near: PlaceView | None) -> list[Choice]:
    boutiques = [place for place in places.values() if place.kind is PlaceKind.BOUTIQUE and place.latitude is not None]
    first = {place.city: place for place in reversed(boutiques)}
    return [
        Choice(value=place.code, label=city, chosen=near is not None and place.code == near.code)
        for city, place in sorted(first.items(), key=lambda pair: pair[0])
    ]


def _spot(request: SalonRequest, place: PlaceView, one: Whereabouts) -> Spot:
    now = clock.now()
    ways: list[tuple[str, date]] = []
    if one.collect_date and place.id != request.place.id:
        ways.append((_("Collected there"), one.collect_date))
    if one.to_here_date:
        ways.append((_("Sent to us, collected here"), one.to_here_date))
    if one.deliver_date:
        ways.append((_("Sent to her"), one.deliver_date))
    may_ask = request.actor.may(permissions.STOCK_HOLD) and request.actor.may(permissions.CLIENTS_SEARCH)
    sure, is_sure = _sure(one, now)
    return Spot(
        place_id=place.id,
        name=place.name,
        city=place.city,
        km="" if place.id == request.place.id or one.km is None else _("%(km)s km") % {"km": floatformat(one.km, "0g")},
        free=one.free,
        kept=min(one.safety, one.free),
        sure=sure,
        is_sure=is_sure,
        phone=place.phone,
        local_time=f"{now.astimezone(ZoneInfo(place.timezone)):%H:%M}",
        ways=ways,
        why_not="" if ways else _here(one) if place.id == request.place.id else _why_not(place, one),
        can_hold=one.may_hold and may_ask,
        key=new_key(),
    )


def _sure(one: Whereabouts, now: datetime) -> tuple[str, bool]:
    changes = ngettext("%(n)d movement since", "%(n)d movements since", one.changes) % {"n": one.changes}
    if one.counted_at is None:
        return _("never counted, %(changes)s") % {
            "changes": changes.replace("999", "999+")
        }, one.changes <= SURE_CHANGES
    day = date_format(timezone.localtime(one.counted_at), "j F")
    is_sure = one.changes <= SURE_CHANGES and (now - one.counted_at).days <= SURE_DAYS
    return _("counted %(day)s, %(changes)s") % {"day": day, "changes": changes}, is_sure


def _here(one: Whereabouts) -> str:
    """What can be done with it in the advisor's own boutique."""
    if one.free <= 0:
        return _("What stands here is promised: to a client, to an order, or waits to be examined.")
    return _("It stands here: sell it, or set it aside.")


def _why_not(place: PlaceView, one: Whereabouts) -> str:
    """Why nothing can be promised from there."""
    if one.free <= 0:
        return _("All promised: ask them to tell you when one is free")
    if place.owner != "HOUSE":
        return _("Belongs to the partner, who has not agreed to it: the wholesale team can ask")
    if one.promisable <= 0:
        return _("Kept for the counter there: call them")
    return _("Not offered there: ask headquarters")


def _today() -> date:
    return timezone.localtime(clock.now()).date()
