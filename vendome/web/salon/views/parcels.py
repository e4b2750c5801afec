"""The packing table of a place: what is to send, what to pick, and one parcel with its way."""

from __future__ import annotations

import uuid
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vendome.domains.fulfilment.queries import parcels as queries
from vendome.domains.fulfilment.types import ParcelRow, ParcelState, ParcelView, Slot
from vendome.domains.house import queries as house
from vendome.domains.people import permissions
from vendome.flows import parcels as flow
from vendome.kit import clock
from vendome.kit.actors import EVERYWHERE
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.bureau.exports import csv_answer
from vendome.web.components import money
from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Column, Row
from vendome.web.salon import parcel_words, words
from vendome.web.salon.choosing import uuid_or_none
from vendome.web.salon.forms import new_key
from vendome.web.salon.frame import SalonRequest, listen_to, salon
from vendome.web.salon.parcel_forms import PackForm, ReasonForm
from vendome.web.salon.parcel_pages import PickLine, PickPage, SlipPage, ToSendPage
from vendome.web.salon.parcel_showing import contents, parcel_page

TABS = {
    "pack": ("PREPARING",),
    "packed": ("PACKED",),
    "road": ("DISPATCHED", "OUT_FOR_DELIVERY"),
    "trouble": ("REFUSED", "RETURNING", "RETURNED", "LOST"),
    "done": ("DELIVERED", "RETURNED", "LOST"),
}
WAITS = {"trouble": True, "done": False}
"""What came back or was lost is in trouble until its pieces have gone another way; then it is done."""
READABLE = frozenset({"application/pdf", "image/png", "text/plain"})
STEPS_WITH_REASON = {"unpack": flow.unpack, "refuse": flow.refuse, "take-back": flow.take_back, "lose": flow.lose}
STEPS = {
    "dispatch": flow.dispatch,
    "round": flow.start_round,
    "send-again": flow.send_again,
    "replace": flow.replace_lost,
}


@require_safe
@salon(permissions.ORDERS_SHIP, section="today")
def to_send(request: SalonRequest) -> HttpResponse:
    """What leaves a place, the most pressing first."""
    tab = request.GET.get("tab", "pack")
    tab = tab if tab in TABS else "pack"
    place_id = uuid_or_none(request.GET.get("place"))
    listen_to(request, f"orders:{request.actor.maison_id}")
    found = queries.list_parcels(actor=request.actor, place_id=place_id, states=TABS[tab], still_waits=WAITS.get(tab))
    if request.GET.get("format") == "csv":
        return _export(found)
    kept = {"place": str(place_id)} if place_id else {}
    page = ToSendPage(
        tab=tab,
        tabs=[Link(label=label, url=_address(kept | {"tab": name}), current=name == tab) for name, label in _tabs()],
        places=_places(request, place_id),
        columns=[
            Column(label=_("Parcel")),
            Column(label=_("To")),
            Column(label=_("From")),
            Column(label=_("Promised")),
            Column(label=_("How")),
            Column(label=_("State")),
            Column(label=_("Value"), numeric=True),
        ],
        rows=[_row(one) for one in found],
        empty=_("Nothing waits here. Paid orders to be delivered appear by themselves."),
        pick_url=f"{reverse('salon:pick_list')}?{urlencode(kept)}",
        round_url=reverse("salon:deliveries"),
        export_url=_address(kept | {"tab": tab, "format": "csv"}),
    )
    return render_page(request, "salon/to_send.html", page, frozenset({"parcel-rows"}))


@require_safe
@salon(permissions.ORDERS_SHIP, section="today")
def pick_list(request: SalonRequest) -> HttpResponse:
    """Everything to fetch from the shelves of a place, to print or carry along."""
    place_id = uuid_or_none(request.GET.get("place")) or request.place.id
    lines = []
    for row in queries.list_parcels(actor=request.actor, place_id=place_id, states=TABS["pack"]):
        parcel = queries.get_parcel(actor=request.actor, parcel_id=row.id)
        lines += [
            PickLine(
                where=parcel.origin_name,
                name=line.name,
                form=words.form_of(line.material, line.size),
                sku=line.sku,
                serial=line.serial,
                quantity=line.quantity,
                order=_number(row),
                url=reverse("salon:parcel", args=[row.id]),
            )
            for line in parcel.lines
        ]
    place = house.get_place(maison_id=request.place.maison_id, place_id=place_id)
    page = PickPage(
        place=place.name,
        at=clock.now(),
        lines=sorted(lines, key=lambda line: (line.sku, line.serial)),
        back_url=_address({"place": str(place_id)}),
    )
    return render_page(request, "salon/pick_list.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@salon(permissions.ORDERS_SHIP, section="today")
def parcel(request: SalonRequest, parcel_id: uuid.UUID) -> HttpResponse:
    """One parcel; as long as nobody has packed it, packing it."""
    found = queries.get_parcel(actor=request.actor, parcel_id=parcel_id)
    listen_to(request, f"order:{found.order_id}")
    if request.method != "POST":
        return _page(request, found, PackForm(initial={"key": new_key()}))
    form = PackForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        flow.pack(
            key=form.cleaned_data["key"],
            parcel_id=parcel_id,
            service_id=form.cleaned_data["service"],
            seal=form.cleaned_data["seal"],
            serials=form.scanned(),
            slot=_slot(form.cleaned_data["slot"]),
            actor=request.actor,
            at=clock.now(),
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        fresh = queries.get_parcel(actor=request.actor, parcel_id=parcel_id)
        return _page(request, fresh, form, error=_(problem.message), status=409)
    messages.success(request, _("Packed and sealed."))
    return _to_parcel(parcel_id)


@require_POST
@salon(permissions.ORDERS_SHIP, section="today")
def step(request: SalonRequest, parcel_id: uuid.UUID, name: str) -> HttpResponse:
    """The next step of its journey."""
    found = queries.get_parcel(actor=request.actor, parcel_id=parcel_id)
    at = clock.now()
    form = ReasonForm(request.POST)
    try:
        if name == "split":
            lines = [line for one in request.POST.getlist("line") if (line := uuid_or_none(one))]
            made = flow.split(parcel_id=parcel_id, line_ids=lines, actor=request.actor, at=at)
            messages.success(request, _("Two parcels now; this is the new one."))
            return _to_parcel(made)
        if name in STEPS_WITH_REASON:
            if not form.is_valid():
                return _page(
                    request,
                    found,
                    PackForm(initial={"key": new_key()}),
                    error=_("Say what happened, in a few words."),
                    status=422,
                )
            STEPS_WITH_REASON[name](parcel_id=parcel_id, reason=form.cleaned_data["reason"], actor=request.actor, at=at)
        elif name in STEPS:
            STEPS[name](parcel_id=parcel_id, actor=request.actor, at=at)
        else:
            raise NotFound()
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        fresh = queries.get_parcel(actor=request.actor, parcel_id=parcel_id)
        return _page(request, fresh, PackForm(initial={"key": new_key()}), error=_(problem.message), status=409)
    if name == "round":  # whoever sets out needs the door next, not the packing table
        return HttpResponseRedirect(reverse("salon:door", args=[parcel_id]), status=303)
    return _to_parcel(parcel_id)


@require_safe
@salon(permissions.ORDERS_SHIP, section="today")
def slip(request: SalonRequest, parcel_id: uuid.UUID) -> HttpResponse:
    """The packing slip that lies in the box: what is in it, never what it cost."""
    found = queries.get_parcel(actor=request.actor, parcel_id=parcel_id)
    page = SlipPage(
        house=house.get_maison(maison_id=request.actor.in_maison).name,
        origin=found.origin_name,
        number=f"{found.order_number} / {found.number}",
        at=found.packed_at or clock.now(),
        recipient=found.recipient,
        address=parcel_words.address(found.address),
        seal=found.seal,
        service=found.service_name,
        tracking=found.tracking_number,
        content=contents(found),
        footprint=parcel_words.footprint(found.footprint_grams) if found.footprint_grams else "",
        back_url=reverse("salon:parcel", args=[parcel_id]),
    )
    return render_page(request, "salon/packing_slip.html", page)


@require_safe
@salon(permissions.ORDERS_SHIP, section="today")
def document(request: SalonRequest, parcel_id: uuid.UUID, document_id: uuid.UUID) -> HttpResponse:
    """A label to print, or the signature that was given."""
    media_type, content = queries.get_document(actor=request.actor, parcel_id=parcel_id, document_id=document_id)
    if media_type == "text/uri-list":  # the carrier keeps the label itself
        media_type = "text/plain"
    shown = media_type if media_type in READABLE else "application/octet-stream"
    response = HttpResponse(content, content_type=f"{shown}; charset=utf-8" if shown == "text/plain" else shown)
    how = "inline" if media_type in READABLE else "attachment"
    response.headers["Content-Disposition"] = f'{how}; filename="{document_id}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _page(
    request: SalonRequest, found: ParcelView, form: PackForm, *, error: str = "", status: int = 200
) -> HttpResponse:
    page = parcel_page(request, found, form, error=error, at=clock.now())
    return render_page(request, "salon/parcel.html", page, frozenset({"way"}), status=status)


def _to_parcel(parcel_id: uuid.UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("salon:parcel", args=[parcel_id]), status=303)


def _slot(text: str) -> Slot | None:
    begins, _slash, ends = text.partition("/")
    try:
        starts_at, ends_at = datetime.fromisoformat(begins), datetime.fromisoformat(ends)
    except ValueError:
        return None
    return Slot(starts_at=starts_at, ends_at=ends_at) if starts_at.tzinfo and ends_at.tzinfo else None


def _tabs() -> list[tuple[str, str]]:
    return [
        ("pack", _("To pack")),
        ("packed", _("Packed")),
        ("road", _("On the way")),
        ("trouble", _("In trouble")),
        ("done", _("Ended")),
    ]


def _places(request: SalonRequest, chosen: uuid.UUID | None) -> list[Choice]:
    mine = request.actor.places_for(permissions.ORDERS_SHIP)
    return [
        Choice(value=str(place.id), label=place.name, chosen=place.id == chosen)
        for place in house.list_places(maison_id=request.place.maison_id)
        if place.ships and (mine is EVERYWHERE or place.id in mine)
    ]


def _number(row: ParcelRow) -> str:
    return row.order_number if row.number == 1 else f"{row.order_number} / {row.number}"


def _row(one: ParcelRow) -> Row:
    state, _tone = parcel_words.state(one.state)
    how = one.service_name or str(parcel_words.MODES[one.wanted])
    if one.slot:
        how = f"{how}, {parcel_words.slot(one.slot)}"
    if one.state is ParcelState.PACKED:
        state = f"{state}, {parcel_words.BOOKINGS[one.booking]}"
    return Row(
        cells=(
            _number(one),
            f"{one.recipient}, {one.country}",
            one.origin_name,
            date_format(one.promised_date, "j F"),
            how,
            f"{state}: {one.problem}" if one.problem else state,
            money.written(one.value, one.currency, get_language() or "en"),
        ),
        url=reverse("salon:parcel", args=[one.id]),
    )


def _export(found: tuple[ParcelRow, ...]) -> HttpResponse:
    heads = ["parcel", "recipient", "country", "from", "promised", "state", "service", "tracking", "value", "currency"]
    rows = [
        (
            _number(one), one.recipient, one.country, one.origin_name, one.promised_date.isoformat(), one.state.value,
            one.service_name, one.tracking_number, one.value, one.currency,
        )
        for one in found
    ]  # fmt: skip
    return csv_answer("parcels", heads, rows)


def _address(kept: dict[str, str]) -> str:
    return f"{reverse('salon:to_send')}?{urlencode(kept)}" if kept else reverse("salon:to_send")
