"""What a place may promise: its calendar, its safety stock, and what a partner has agreed to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.house.types import PlaceView
from vendome.domains.people import permissions
from vendome.flows import sourcing
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.bureau.forms import AgreementForm, CalendarForm, SafetyForm
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.bureau.views.stock import place_of
from vendome.web.bureau.work_pages import PromisesPage, SafetyRow
from vendome.web.components.frames import Link
from vendome.web.salon.words import form_of

FORMS: dict[str, type[forms.Form]] = {"calendar": CalendarForm, "safety": SafetyForm, "agreement": AgreementForm}


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.STOCK_VIEW, section="stock")
def promises(request: BureauRequest, code: str) -> HttpResponse:
    """Read for all who see the stock; written by who keeps the rules."""
    place = place_of(request, code)
    if request.method != "POST":
        return render_page(request, "bureau/promises.html", _page(request, place))
    act = request.POST.get("act", "")
    form_class = FORMS.get(act)
    if form_class is None:
        raise NotFound()
    form = form_class(request.POST)
    if not form.is_valid():
        return render_page(request, "bureau/promises.html", _page(request, place, {act: form}), status=422)
    try:
        problem = _write(request, place, act, form.cleaned_data, clock.now())
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        problem = _(error.message)
    if problem:
        return render_page(request, "bureau/promises.html", _page(request, place, {act: form}, problem), status=409)
    messages.success(request, _("Written down. What is promised from now on follows it."))
    return HttpResponseRedirect(request.path, status=303)


def _write(request: BureauRequest, place: PlaceView, act: str, given: dict[str, Any], at: datetime) -> str:
    """Write it; returns what went wrong as a sentence, or nothing."""
    if act == "calendar":
        sourcing.set_calendar(place_id=place.id, actor=request.actor, at=at, **given)
    elif act == "agreement":
        sourcing.agree(place_id=place.id, actor=request.actor, at=at, **given)
    else:
        sku = given["sku"].strip()
        found = catalogue.find_references(maison_id=place.maison_id, text=sku, limit=2)
        label = next((one for one in found if one.sku.casefold() == sku.casefold()), None)
        if label is None:
            return _("There is no reference of this name.")
        sourcing.set_safety(
            place_id=place.id,
            reference_id=label.id,
            quantity=given["quantity"],
            reason=given["reason"],
            actor=request.actor,
            at=at,
        )
    return ""


def _page(
    request: BureauRequest, place: PlaceView, given: dict[str, forms.Form] | None = None, problem: str = ""
) -> PromisesPage:
    typed = given or {}
    now = clock.now()
    known = sourcing.place_promises(place_id=place.id, actor=request.actor, at=now)
    kept = sourcing.list_safety(place_id=place.id, actor=request.actor)
    labels = catalogue.label_references(ids=set(kept))
    calendar = {
        "cut_off": known.cut_off,
        "preparation_days": known.preparation_days,
        "closed_dates": "\n".join(day.isoformat() for day in known.closed_dates),
    }
    yes, no = _("yes"), _("no")
    agreed = AgreementForm.base_fields["modes"]
    said = dict(agreed.choices)  # type: ignore[attr-defined]  # a multiple choice field has choices
    return PromisesPage(
        crumbs=[
            Link(label=_("Stock"), url=reverse("bureau:stock")),
            Link(label=place.name, url=reverse("bureau:place", args=[place.code])),
            Link(label=_("Promises"), url=""),
        ],
        name=place.name,
        switches=[
            (_("Shown to clients"), yes if place.is_visible else no),
            (_("Sells online"), yes if place.sells_online else no),
            (_("Collection"), yes if place.offers_collection else no),
            (_("Sends to clients and boutiques"), yes if place.ships else no),
        ],
        calendar_form=typed.get("calendar") or CalendarForm(initial=calendar),
        safety=[
            SafetyRow(
                name=labels[one].model_name,
                form=form_of(labels[one].material, labels[one].size),
                sku=labels[one].sku,
                on_hand=on_hand,
                held=held,
                safety=safety,
            )
            for one, (on_hand, held, safety) in kept.items()
            if one in labels
        ],
        safety_form=typed.get("safety") or SafetyForm(initial={"sku": request.GET.get("sku", ""), "quantity": 1}),
        is_partner=place.owner != "HOUSE",
        owner=place.owner,
        agreed=", ".join(str(said[mode]) for mode in known.agreed_modes)
        + (f" · {date_format(known.agreed_since, 'j F Y')}" if known.agreed_since else ""),
        paper=known.paper,
        agreement_form=typed.get("agreement")
        or AgreementForm(initial={"modes": known.agreed_modes, "since": now.date(), "paper": known.paper}),
        can_change=request.actor.may(permissions.STOCK_RULES, place_id=place.id),
        problem=problem,
    )
