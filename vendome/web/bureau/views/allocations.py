"""The allocation desk: what is announced, open and sold, and making a new allocation."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.house import queries as house
from vendome.domains.people import permissions
from vendome.domains.stock.queries import scarcity as queries
from vendome.domains.stock.services import scarcity
from vendome.domains.stock.types_of_scarcity import AllocationPolicy, NewAllocation
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden
from vendome.kit.htmx import render_page
from vendome.web.bureau import allocation_words as words
from vendome.web.bureau.allocation_forms import AllocationForm
from vendome.web.bureau.allocation_pages import AllocationRow, AllocationsPage, NewAllocationPage
from vendome.web.bureau.exports import csv_answer
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.bureau.sureness import stock_tabs
from vendome.web.components.frames import Link


@require_safe
@bureau(permissions.STOCK_VIEW, section="stock")
def allocations(request: BureauRequest) -> HttpResponse:
    """Those that run first; as CSV too."""
    names = {one.id: one.name for one in house.list_places(maison_id=request.place.maison_id)}
    rows = []
    for one in queries.list_allocations(actor=request.actor):
        state, tone = words.state(one)
        rows.append(
            AllocationRow(
                title=one.title, url=reverse("bureau:allocation", args=[one.code]), policy=words.policy(one.policy),
                state=state, tone=tone, place=names.get(one.place_id, ""), opens_at=one.opens_at, pieces=one.pieces,
                entries=one.entries, offered=one.offered, bought=one.bought, free=one.free,
            )
        )  # fmt: skip
    if request.GET.get("format") == "csv":
        heads = ("Title", "Policy", "State", "Place", "Opens", "Pieces", "Entries", "Offered", "Bought", "Free")
        lines = [
            (one.title, one.policy, one.state, one.place, one.opens_at.isoformat(), one.pieces, one.entries,
             one.offered, one.bought, one.free)
            for one in rows
        ]  # fmt: skip
        return csv_answer("allocations", heads, lines)
    may_make = request.actor.may(permissions.SCARCITY_DECIDE)
    page = AllocationsPage(
        tabs=stock_tabs("allocations"),
        rows=rows,
        new_url=reverse("bureau:new_allocation") if may_make else "",
        export_url="?format=csv",
    )
    return render_page(request, "bureau/allocations.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.SCARCITY_DECIDE, section="stock")
def new(request: BureauRequest) -> HttpResponse:
    """A draft: nothing is public or kept yet."""
    places = [
        (str(one.id), one.name)
        for one in house.list_places(maison_id=request.place.maison_id)
        if one.ships or one.offers_collection
    ]
    form = AllocationForm(request.POST or None, places=places, initial={"sku": request.GET.get("sku", "")})
    if request.method != "POST":
        return render_page(request, "bureau/new_allocation.html", _page(form))
    if not form.is_valid():
        return render_page(request, "bureau/new_allocation.html", _page(form), status=422)
    said = form.cleaned_data
    label = next(
        (
            one
            for one in catalogue.find_references(maison_id=request.place.maison_id, text=said["sku"].strip(), limit=2)
            if one.sku.casefold() == said["sku"].strip().casefold()
        ),
        None,
    )
    if label is None:
        form.add_error("sku", _("There is no reference of this name."))
        return render_page(request, "bureau/new_allocation.html", _page(form), status=422)
    try:
        scarcity.make_allocation(
            new=NewAllocation(
                code=said["code"],
                title=said["title"],
                words={code: said[f"words_{code}"] for code in ("en", "fr") if said[f"words_{code}"]},
                reference_id=label.id,
                place_id=said["place"],
                pieces=said["pieces"],
                policy=AllocationPolicy(said["policy"]),
                opens_at=said["opens_at"],
                closes_at=said["closes_at"],
                early_from=said["early_from"],
                room_opens_at=said["room_opens_at"],
                only_invited=said["only_invited"],
                per_person=said["per_person"],
                counts_household=said["counts_household"],
                standings=tuple(one.strip() for one in said["standings"].split(",") if one.strip()),
                hold_seconds=said["hold_minutes"] * 60,
            ),
            actor=request.actor,
            at=clock.now(),
        )
    except Forbidden:
        raise
    except DomainError as error:
        return render_page(request, "bureau/new_allocation.html", _page(form, _(error.message)), status=409)
    return HttpResponseRedirect(reverse("bureau:allocation", args=[said["code"]]), status=303)


def _page(form: AllocationForm, problem: str = "") -> NewAllocationPage:
    back = reverse("bureau:allocations")
    return NewAllocationPage(
        crumbs=[
            Link(label=_("Stock"), url=reverse("bureau:stock")),
            Link(label=_("Allocations"), url=back),
            Link(label=_("New"), url=""),
        ],
        form=form,
        problem=problem,
        back_url=back,
    )
