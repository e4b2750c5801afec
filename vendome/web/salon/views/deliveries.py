"""The concierge's round, on a telephone: where to go, and the moment at her door."""

from __future__ import annotations

import uuid

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from vendome.domains.fulfilment.queries import parcels as queries
from vendome.domains.fulfilment.types import ParcelRow, ParcelState, ParcelView
from vendome.domains.people import permissions
from vendome.flows import parcels as flow
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.boutique.locales import country_name
from vendome.web.salon import parcel_words
from vendome.web.salon.frame import SalonRequest, listen_to, salon
from vendome.web.salon.parcel_forms import DoorForm, ReasonForm
from vendome.web.salon.parcel_pages import DoorPage, RoundPage, Stop
from vendome.web.salon.parcel_showing import contents

ON_THE_ROUND = ("PACKED", "DISPATCHED", "OUT_FOR_DELIVERY")


@require_safe
@salon(permissions.ORDERS_SHIP, section="today")
def deliveries(request: SalonRequest) -> HttpResponse:
    """What our own people bring, in the order of the hours agreed."""
    listen_to(request, f"orders:{request.actor.maison_id}")
    found = queries.list_parcels(actor=request.actor, states=ON_THE_ROUND)
    ours = sorted((one for one in found if one.slot), key=lambda one: (one.slot.starts_at, one.order_number))  # type: ignore[union-attr]
    page = RoundPage(place=request.place.name, stops=[_stop(one) for one in ours], back_url=reverse("salon:to_send"))
    return render_page(request, "salon/deliveries.html", page, frozenset({"round"}))


@require_http_methods(["GET", "HEAD", "POST"])
@salon(permissions.ORDERS_SHIP, section="today")
def door(request: SalonRequest, parcel_id: uuid.UUID) -> HttpResponse:
    """Identity seen, signature drawn, piece given; the proof stays with the parcel."""
    found = queries.get_parcel(actor=request.actor, parcel_id=parcel_id)
    asked = {"checks_identity": found.checks_identity, "needs_signature": found.needs_signature}
    if request.method != "POST":
        return _page(request, found, DoorForm(**asked, initial={"received_by": found.recipient}))
    form = DoorForm(request.POST, **asked)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        flow.deliver(
            parcel_id=parcel_id,
            received_by=form.cleaned_data["received_by"],
            identity=form.identity_seen(),
            signature=flow.read_signature(text=form.cleaned_data["signature"]),
            actor=request.actor,
            at=clock.now(),
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        fresh = queries.get_parcel(actor=request.actor, parcel_id=parcel_id)
        if fresh.state is ParcelState.DELIVERED:  # the second tap of the same moment
            return HttpResponseRedirect(reverse("salon:door", args=[parcel_id]), status=303)
        return _page(request, fresh, form, error=_(problem.message), status=409)
    return HttpResponseRedirect(reverse("salon:door", args=[parcel_id]), status=303)


def _stop(one: ParcelRow) -> Stop:
    assert one.slot is not None
    state, tone = parcel_words.state(one.state)
    return Stop(
        url=reverse("salon:door", args=[one.id]),
        recipient=one.recipient,
        address=country_name(one.country),
        when=parcel_words.slot(one.slot),
        day=timezone.localtime(one.slot.starts_at).date(),
        state=state,
        tone=tone,
        pieces=one.pieces,
    )


def _page(
    request: SalonRequest, found: ParcelView, form: DoorForm, *, error: str = "", status: int = 200
) -> HttpResponse:
    state, tone = parcel_words.state(found.state)
    page = DoorPage(
        number=found.order_number,
        recipient=found.recipient,
        address=parcel_words.address(found.address),
        phone=found.phone,
        when=parcel_words.slot(found.slot) if found.slot else "",
        seal=found.seal,
        content=contents(found),
        form=form,
        refuse_form=ReasonForm(auto_id="refuse-%s"),
        needs_signature=found.needs_signature,
        checks_identity=found.checks_identity,
        is_open=found.state in (ParcelState.DISPATCHED, ParcelState.OUT_FOR_DELIVERY),
        can_set_out=found.state is ParcelState.DISPATCHED,
        state=state,
        tone=tone,
        error=error,
        back_url=reverse("salon:deliveries"),
        parcel_url=reverse("salon:parcel", args=[found.id]),
    )
    return render_page(request, "salon/door.html", page, status=status)
