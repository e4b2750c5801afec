"""What the house makes, what of it stands here, and where else it may be had."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ModelRow, ModelView, ReferenceView
from vendome.domains.house import queries as house
from vendome.domains.house.types import PlaceKind, PlaceView
from vendome.domains.people import permissions
from vendome.domains.pricing import queries as pricing
from vendome.domains.stock.queries import shelf as stock_queries
from vendome.domains.stock.services import shelf as stock
from vendome.domains.stock.types import HoldKind, LevelRow, supply_of
from vendome.kit import clock
from vendome.kit.errors import DomainError
from vendome.kit.htmx import render_page
from vendome.kit.rows import in_language
from vendome.web.components.frames import Choice, Link
from vendome.web.salon import pages, words
from vendome.web.salon.choosing import Kept, chooser, chosen_client, uuid_or_none
from vendome.web.salon.forms import HoldForm, new_key
from vendome.web.salon.frame import SalonRequest, listen_to, salon
from vendome.web.salon.till import market_of
from vendome.web.salon.views.allocations import limited

LONGEST_HOLD = timedelta(days=60)
USUAL_HOLD = timedelta(days=3)


@require_safe
@salon(permissions.STOCK_VIEW, section="collections")
def collections(request: SalonRequest) -> HttpResponse:
    """The collections, with prices of this market and what stands here."""
    query = request.GET.get("q", "").strip()[:100]
    chosen = request.GET.get("collection", "")
    only_here = request.GET.get("here") == "1"
    kept = _kept(request)
    maison_id = request.place.maison_id
    models = catalogue.list_models(maison_id=maison_id, collection=chosen, search=query)
    shown = _shown(request, models, kept, only_here=only_here)
    home = reverse("salon:collections")
    tabs = [Link(label=_("All"), url=_with(home, kept), current=not chosen)]
    tabs += [
        Link(label=one.name, url=_with(home, [("collection", one.code), *kept]), current=one.code == chosen)
        for one in catalogue.list_collections(maison_id=maison_id)
    ]
    now = [("collection", chosen)] if chosen else []
    here = [*now, *kept] if only_here else [*now, ("here", "1"), *kept]
    page = pages.CollectionsPage(
        query=query,
        tabs=tabs,
        only_here=only_here,
        here_url=_with(home, here),
        kept=[*now, *([("here", "1")] if only_here else []), *kept],
        shown=shown,
    )
    return render_page(request, "salon/collections.html", page, frozenset({"shelf"}))


@require_http_methods(["GET", "HEAD", "POST"])
@salon(permissions.STOCK_VIEW, section="collections")
def model(request: SalonRequest, code: str) -> HttpResponse:
    """One model: its references, where each of them stands, and setting one aside."""
    found = catalogue.get_model(maison_id=request.place.maison_id, code=code)
    form = HoldForm(request.POST or None, initial={"until": _today() + USUAL_HOLD, "key": new_key()})
    if request.method != "POST":
        return render_page(request, "salon/model.html", _model(request, found, form), frozenset({"who-found"}))
    if not form.is_valid():
        return render_page(request, "salon/model.html", _model(request, found, form), status=422)
    problem = _set_aside(request, form)
    if problem:
        return render_page(request, "salon/model.html", _model(request, found, form, problem), status=409)
    messages.success(request, _("Set aside. It is on today’s list until then."))
    kept = [("reference", request.POST.get("reference", "")), ("client", request.POST.get("client", ""))]
    return HttpResponseRedirect(
        _with(reverse("salon:model", args=[code]), [pair for pair in kept if pair[1]]), status=303
    )


def _set_aside(request: SalonRequest, form: HoldForm) -> str:
    """Hold the piece; returns what went wrong as a sentence, or nothing."""
    reference_id = uuid_or_none(request.POST.get("reference"))
    client_id, _name = chosen_client(request, request.POST)
    until = form.cleaned_data["until"]
    if reference_id is None or client_id is None:
        return _("Choose first for whom it is set aside.")
    if not _today() <= until <= _today() + LONGEST_HOLD:
        return _("Choose a day within the next sixty days.")
    try:
        stock.hold_reference(
            kind=HoldKind.RESERVATION,
            place_id=request.place.id,
            reference_id=reference_id,
            client_id=client_id,
            advisor_id=request.actor.id,
            reason=form.cleaned_data["reason"],
            expires_at=datetime.combine(until, time(23, 59, 59), ZoneInfo(request.place.timezone)),
            key=form.cleaned_data["key"],
            actor=request.actor,
            at=clock.now(),
        )
    except DomainError as error:
        return _(error.message)
    return ""


def _today() -> date:
    """Today at the boutique, whose time zone is active."""
    return timezone.localtime(clock.now()).date()


def _shown(request: SalonRequest, models: tuple[ModelRow, ...], kept: Kept, *, only_here: bool) -> list[pages.Shown]:
    firsts = [one.first_reference_id for one in models]
    everything = [reference for one in models for reference in one.reference_ids]
    market = market_of(request)
    prices = pricing.list_prices(market_id=market.id, reference_ids=firsts, day=_today())
    free = stock_queries.free_here_and_elsewhere(
        actor=request.actor, place_id=request.place.id, reference_ids=everything
    )
    shown = []
    for one in models:
        here = sum(free.get(reference, (0, 0))[0] for reference in one.reference_ids)
        elsewhere = sum(free.get(reference, (0, 0))[1] for reference in one.reference_ids)
        if only_here and not here:
            continue
        price = prices.get(one.first_reference_id)
        note, tone = _standing(here, elsewhere)
        shown.append(
            pages.Shown(
                name=one.name,
                code=one.code,
                world=one.collection_code,
                url=_with(reverse("salon:model", args=[one.code]), kept),
                amount=price.amount if price else None,
                currency=market.currency,
                note=note,
                tone=tone,
            )
        )
    return shown


def _standing(here: int, elsewhere: int) -> tuple[str, str]:
    if here:
        return _("%(n)d here") % {"n": here}, "good"
    if elsewhere:
        return _("%(n)d elsewhere") % {"n": elsewhere}, "open"
    return _("none free"), "open"


def _shown_in(found: ModelView, chosen: ReferenceView) -> str:
    """The metal of the photographs, when the reference is of another one."""
    first = found.references[0]
    return words.form_of(first.material, "") if first.material != chosen.material else ""


def _model(request: SalonRequest, found: ModelView, form: HoldForm, problem: str = "") -> pages.ModelPage:
    given = request.POST if request.method == "POST" else request.GET
    wanted = uuid_or_none(given.get("reference"))
    client = chosen_client(request, given)
    levels = stock_queries.levels_of(actor=request.actor, reference_ids=[one.id for one in found.references])
    chosen = _chosen(request, found, levels, wanted)
    here = next((one for one in levels if one.reference_id == chosen.id and one.place_id == request.place.id), None)
    free_here = here.available if here else 0
    pieces = stock_queries.list_free_pieces(
        actor=request.actor, place_id=request.place.id, reference_ids=[chosen.id]
    ).get(chosen.id, ())
    prices = pricing.list_prices(market_id=request.place.market_id, reference_ids=[chosen.id], day=_today())
    price = prices.get(chosen.id)
    listen_to(request, f"reference:{chosen.id}")
    with_client: list[tuple[str, str]] = [("client", str(client[0]))] if client[0] else []
    kept: list[tuple[str, str]] = [("reference", str(chosen.id))]
    line = f"{chosen.id}.{pieces[0].id}" if chosen.is_serialised and pieces else str(chosen.id)
    may_sell = request.actor.may(permissions.ORDERS_SELL, place_id=request.place.id) and free_here and price
    language = get_language() or "en"
    texts = found.texts.get(language[:2]) or found.texts.get("en") or {}
    market = market_of(request)
    return pages.ModelPage(
        name=found.name,
        code=found.code,
        world=found.collection.code,
        collection=found.collection.name,
        description=texts.get("description", ""),
        facts=_facts(found, chosen),
        material=chosen.material,
        shown_in=_shown_in(found, chosen),
        materials=_materials(found, chosen, with_client),
        sizes=[
            _size(request, found, one, levels, chosen, with_client)
            for one in found.references
            if one.material == chosen.material
        ],
        chosen_label=words.form_of(chosen.material, chosen.size) or chosen.sku,
        amount=price.amount if price else None,
        currency=market.currency,
        price_note=_price_note(market.tax_name, price.is_tax_included) if price and market.tax_rate_bp else "",
        reference_id=chosen.id,
        place_id=request.place.id,
        supply=supply_of(free_here).value,
        here=free_here,
        held_here=here.held if here else 0,
        serials=[piece.serial for piece in pieces[:8]],
        places=_places(request, levels, chosen.id),
        find_url=_with(reverse("salon:find", args=[chosen.id]), with_client),
        sell_url=_with(reverse("salon:sell"), [("line", line), *with_client]) if may_sell else "",
        ask_url=_ask_url(request, levels, chosen.id, with_client),
        can_set_aside=bool(free_here)
        and request.actor.may(permissions.STOCK_HOLD, place_id=request.place.id)
        and request.actor.may(permissions.CLIENTS_SEARCH),
        chooser=chooser(request, chosen=client, kept=kept),
        hold_form=form,
        kept=[*kept, *with_client],
        back_url=_with(reverse("salon:collections"), [("collection", found.collection.code), *with_client]),
        problem=problem,
        allocations=limited(request, found.id, client[0]),
    )


def _ask_url(request: SalonRequest, levels: tuple[LevelRow, ...], reference_id: uuid.UUID, with_client: Kept) -> str:
    """Where to ask another place for it; nothing when none has it, or she may not ask."""
    is_elsewhere = any(
        one.reference_id == reference_id and one.place_id != request.place.id and one.available > 0 for one in levels
    )
    may_ask = is_elsewhere and request.actor.may(permissions.STOCK_REQUEST, place_id=request.place.id)
    return _with(reverse("salon:ask", args=[reference_id]), with_client) if may_ask else ""


def _price_note(tax_name: str, is_included: bool) -> str:
    return (_("%(tax)s included") if is_included else _("%(tax)s is added")) % {"tax": tax_name}


def _chosen(
    request: SalonRequest, found: ModelView, levels: tuple[LevelRow, ...], wanted: uuid.UUID | None
) -> ReferenceView:
    """The reference asked for, else the first that stands here free, else the first."""
    by_id = {one.id: one for one in found.references}
    if wanted in by_id:
        return by_id[wanted]
    here = {one.reference_id for one in levels if one.place_id == request.place.id and one.available > 0}
    return next((one for one in found.references if one.id in here), found.references[0])


def _materials(found: ModelView, chosen: ReferenceView, with_client: Kept) -> list[Choice]:
    """The metals of a model; each leads to the size now chosen, where it is made in it."""
    first: dict[str, ReferenceView] = {}
    for one in found.references:
        if one.material not in first or one.size == chosen.size:
            first[one.material] = one
    url = reverse("salon:model", args=[found.code])
    return [
        Choice(
            value=material,
            label=words.said(words.MATERIALS, material),
            chosen=material == chosen.material,
            url=_with(url, [("reference", str(one.id)), *with_client]),
        )
        for material, one in first.items()
    ]


def _size(
    request: SalonRequest,
    found: ModelView,
    one: ReferenceView,
    levels: tuple[LevelRow, ...],
    chosen: ReferenceView,
    with_client: Kept,
) -> pages.Variant:
    free = [(level.place_id == request.place.id, level.available) for level in levels if level.reference_id == one.id]
    url = reverse("salon:model", args=[found.code])
    return pages.Variant(
        label=one.size or one.sku,
        url=_with(url, [("reference", str(one.id)), *with_client]),
        is_chosen=one.id == chosen.id,
        here=sum(count for is_here, count in free if is_here),
        elsewhere=sum(count for is_here, count in free if not is_here),
    )


def _places(request: SalonRequest, levels: tuple[LevelRow, ...], reference_id: uuid.UUID) -> list[pages.Elsewhere]:
    known = {place.id: place for place in house.list_places(maison_id=request.place.maison_id)}
    rows = [
        (known[level.place_id], level)
        for level in levels
        if level.reference_id == reference_id and level.place_id != request.place.id and level.place_id in known
    ]
    near = sorted(rows, key=lambda row: (row[0].market_id != request.place.market_id, row[1].available == 0))
    return [
        pages.Elsewhere(
            place=place.name,
            city=place.city,
            free=level.available,
            held=level.held,
            how=_how(place, level),
            phone=place.phone,
            local_time=f"{clock.now().astimezone(ZoneInfo(place.timezone)):%H:%M}",
        )
        for place, level in near
    ]


def _how(place: PlaceView, level: LevelRow) -> str:
    """How a piece there could reach her."""
    if level.available <= 0:
        return _("All promised: ask them to tell you when one is free")
    if place.owner != "HOUSE":
        return _("Belongs to the partner: the wholesale team can ask for it")
    if place.kind is PlaceKind.WAREHOUSE:
        return _("Can be sent to her home: order it for delivery")
    if place.kind is PlaceKind.BOUTIQUE:
        return _("She may collect it there, or they send it: call them")
    return _("Not for sale there: ask headquarters")


def _facts(found: ModelView, chosen: ReferenceView) -> list[tuple[str, str]]:
    facts = [(_("Reference"), chosen.sku)]
    if chosen.material_name:
        facts.append((_("Material"), in_language(dict(chosen.material_name), (get_language() or "en")[:2])))
    if chosen.size:
        facts.append((_("Size"), chosen.size))
    if found.stone and found.stone != "none":
        stone = ", ".join(part for part in (found.stone.replace("_", " "), found.cut.replace("_", " ")) if part)
        facts.append((_("Stone"), stone))
    if found.carat and found.carat not in ("0", "0.00"):
        facts.append((_("Carats"), found.carat))
    if found.dimensions:
        facts.append((_("Dimensions"), found.dimensions))
    if found.limited_edition:
        facts.append((_("Edition"), _("%(n)d pieces") % {"n": found.limited_edition}))
    return facts


def _kept(request: SalonRequest) -> list[tuple[str, str]]:
    client = uuid_or_none(request.GET.get("client"))
    return [("client", str(client))] if client else []


def _with(url: str, values: Kept) -> str:
    return f"{url}?{urlencode(values)}" if values else url
