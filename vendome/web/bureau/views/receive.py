"""Pieces arrive at a place: each with its serial number, all or none."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.house.types import PlaceView
from vendome.domains.people import permissions
from vendome.domains.stock.services import shelf as stock
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden
from vendome.kit.htmx import render_page
from vendome.web.bureau import pages
from vendome.web.bureau.forms import ReceiveForm
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.bureau.views.stock import place_of
from vendome.web.components.frames import Link


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.STOCK_ADJUST, section="stock")
def receive(request: BureauRequest, code: str) -> HttpResponse:
    """Paste the serial numbers, say where the pieces come from."""
    place = place_of(request, code)
    request.actor.require(permissions.STOCK_ADJUST, place_id=place.id)
    form = ReceiveForm(request.POST or None, initial={"sku": request.GET.get("sku", ""), "key": str(uuid.uuid4())})
    if request.method != "POST":
        return render_page(request, "bureau/receive.html", _page(place, form))
    if not form.is_valid():
        return render_page(request, "bureau/receive.html", _page(place, form), status=422)
    label = _reference(request, form.cleaned_data["sku"])
    if label is None:
        form.add_error("sku", _("There is no reference of this name."))
        return render_page(request, "bureau/receive.html", _page(place, form), status=422)
    try:
        count = _take_in(request, place, label, form.cleaned_data)
    except Forbidden:
        raise
    except DomainError as problem:
        return render_page(request, "bureau/receive.html", _page(place, form, _(problem.message)), status=409)
    messages.success(request, ngettext("%(n)d piece received.", "%(n)d pieces received.", count) % {"n": count})
    return HttpResponseRedirect(reverse("bureau:level", args=[place.code, label.id]), status=303)


def _take_in(request: BureauRequest, place: PlaceView, label: ReferenceLabel, given: dict[str, Any]) -> int:
    pieces = given["serials"]
    count = len(pieces) or given["quantity"] or 0
    stock.receive(
        place_id=place.id,
        reference_id=label.id,
        quantity=count,
        serials=[serial for serial, _epc in pieces],
        epcs=[epc for _serial, epc in pieces],
        owner=place.owner,
        reason=given["reason"],
        key=given["key"],
        actor=request.actor,
        at=clock.now(),
    )
    return int(count)


def _reference(request: BureauRequest, sku: str) -> ReferenceLabel | None:
    found = catalogue.find_references(maison_id=request.place.maison_id, text=sku.strip(), limit=2)
    return next((one for one in found if one.sku.casefold() == sku.strip().casefold()), None)


def _page(place: PlaceView, form: ReceiveForm, problem: str = "") -> pages.ReceivePage:
    back = reverse("bureau:place", args=[place.code])
    return pages.ReceivePage(
        crumbs=[
            Link(label=_("Stock"), url=reverse("bureau:stock")),
            Link(label=place.name, url=back),
            Link(label=_("Receive"), url=""),
        ],
        place=place.name,
        form=form,
        back_url=back,
        problem=problem,
    )
