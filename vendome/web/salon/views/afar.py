"""Endless aisle: the boutique sells what another place holds, sent to her home or collected here later."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.clients.errors import FileProtected, TooManyFiles
from vendome.domains.house import queries as house
from vendome.domains.orders.errors import PromiseChanged
from vendome.domains.orders.types import Mode, OrderState
from vendome.domains.people import permissions
from vendome.domains.pricing import queries as pricing
from vendome.flows import availability, checkout, exchanging, recognition
from vendome.flows.types import PlacedOrder, WantedLine, Way, WayMode
from vendome.kit import clock
from vendome.kit.errors import BodyChanged, DomainError, NotFound
from vendome.kit.htmx import render_page
from vendome.web.components.frames import Choice
from vendome.web.salon import parcel_words, words
from vendome.web.salon.choosing import chosen_client, uuid_or_none
from vendome.web.salon.forms import LINK, AfarForm, new_key
from vendome.web.salon.frame import SalonRequest, salon
from vendome.web.salon.till import LINK_SECONDS, market_of, tender_of
from vendome.web.salon.views.find import label_of
from vendome.web.salon.views.payments import answer_with_link
from vendome.web.salon.work_pages import AfarPage


@require_http_methods(["GET", "HEAD", "POST"])
@salon(permissions.ORDERS_SELL, section="sell")
def order(request: SalonRequest, reference_id: uuid.UUID) -> HttpResponse:
    """Choose the way and its day, take the payment, confirm; what is confirmed is what is held."""
    label = label_of(request, reference_id)
    ways = _ways(request, reference_id)
    if request.method != "POST":
        wanted = request.GET.get("way", "")
        first = wanted if wanted in ways else next(iter(ways), "")
        form = AfarForm(initial={"key": new_key(), "way": first, "address": _known_address(request)})
        if form.initial["address"]:
            form.fields["address"].help_text = _("Where the house last sent her something. Ask her whether it holds.")
        return render_page(request, "salon/afar.html", _page(request, label, ways, form))
    form = AfarForm(request.POST)
    if not form.is_valid():
        return render_page(request, "salon/afar.html", _page(request, label, ways, form), status=422)
    given = form.cleaned_data
    try:
        placed = _place(request, label, Mode(given["way"]), form)
    except BodyChanged:
        problem = _(
            "This sale was recorded before and has been changed since. Look at today’s orders, then begin anew."
        )
        return render_page(request, "salon/afar.html", _page(request, label, ways, form, problem), status=409)
    except NotFound:
        raise
    except (DomainError, ValueError) as error:
        problem = _(error.message) if isinstance(error, DomainError) else _("Choose how she receives it.")
        return render_page(request, "salon/afar.html", _page(request, label, ways, form, problem), status=409)
    if given["tender"] == LINK and placed.state is OrderState.AWAITING_PAYMENT:
        return answer_with_link(request, order_id=placed.id, key=given["key"])
    return HttpResponseRedirect(reverse("salon:receipt", args=[placed.id]), status=303)


def _ways(request: SalonRequest, reference_id: uuid.UUID) -> dict[str, Way]:
    """Delivery, and collection here; each with its day."""
    question = availability.Question(
        reference_ids=[reference_id],
        market_id=request.place.market_id,
        channel="boutique",
        modes=[WayMode.DELIVER, WayMode.COLLECT],
        place_id=request.place.id,
    )
    found = availability.list_ways_for_staff(question=question, actor=request.actor, at=clock.now())
    return {one.mode.value: one for one in found}


def _known_address(request: SalonRequest) -> str:
    """Where the house last sent her something, read from her file; of a file that stays closed nothing is said."""
    client_id, _name = chosen_client(request, request.GET)
    if client_id is None or not request.actor.may(permissions.CLIENTS_READ):
        return ""
    try:
        recognition.card_json(actor=request.actor, client_id=client_id, at=clock.now())
    except (FileProtected, TooManyFiles):
        return ""
    known = exchanging.list_addresses_of_client(client_id=client_id, market_id=request.place.market_id)
    return "\n".join(parcel_words.address(known[0])) if known else ""


def _place(request: SalonRequest, label: ReferenceLabel, mode: Mode, form: AfarForm) -> PlacedOrder:
    given: dict[str, Any] = form.cleaned_data
    client_id, _name = chosen_client(request, request.POST)
    name = given["guest_name"].strip()
    promised = request.POST.get(f"day-{mode.value}", "")
    return checkout.place_order(
        key=given["key"],
        maison=house.get_maison(maison_id=request.place.maison_id),
        market=market_of(request),
        channel="boutique",
        lines=[
            WantedLine(
                reference_id=label.id,
                mode=mode,
                place_id=request.place.id if mode is Mode.COLLECT else None,
                promised_date=_day(promised),
            )
        ],
        tender=tender_of(given),
        keep_seconds=LINK_SECONDS,
        client_id=client_id,
        advisor_id=request.actor.id,
        selling_place_id=request.place.id,
        contact={"name": name} if name and client_id is None else {},
        address=form.address_lines() if mode is Mode.DELIVER else (),
        actor=request.actor,
        at=clock.now(),
    )


def _day(text: str) -> date | None:
    """The day she was told, so that a later one is never confirmed unseen; nothing when it cannot be read."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise PromiseChanged() from None


def _page(
    request: SalonRequest, label: ReferenceLabel, ways: dict[str, Way], form: AfarForm, problem: str = ""
) -> AfarPage:
    market = market_of(request)
    given = request.POST if request.method == "POST" else request.GET
    client = uuid_or_none(given.get("client"))
    price = pricing.list_prices(
        market_id=market.id, reference_ids=[label.id], day=timezone.localtime(clock.now()).date()
    ).get(label.id)
    kept = [("client", str(client))] if client else []
    chosen = str(form["way"].value() or "")
    said = {
        Mode.DELIVER.value: _("Sent to her, there by %(day)s"),
        Mode.COLLECT.value: _("Collected here, from %(day)s"),
    }
    return AfarPage(
        name=label.model_name,
        form_words=words.form_of(label.material, label.size),
        sku=label.sku,
        code=label.model_code,
        world=words.world_of(label.model_code),
        amount=(price.amount + (0 if price.is_tax_included else price.tax_amount)) if price else None,
        currency=market.currency,
        ways=[
            Choice(
                value=mode,
                label=said[mode] % {"day": date_format(way.date, "l j F")},
                note=way.date.isoformat(),
                chosen=mode == chosen,
            )
            for mode, way in ways.items()
        ],
        client=chosen_client(request, given)[1],
        form=form,
        kept=kept,
        back_url=f"{reverse('salon:find', args=[label.id])}?{urlencode(kept)}",
        problem=problem,
    )
