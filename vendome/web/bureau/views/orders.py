"""The orders of the house: a list to search, and each with all that happened to it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.clients import queries as clients
from vendome.domains.fulfilment.queries import given as fulfilment
from vendome.domains.fulfilment.queries import parcels
from vendome.domains.fulfilment.types import HandOverRow, ParcelState
from vendome.domains.house import queries as house
from vendome.domains.house.types import PlaceKind, PlaceView
from vendome.domains.orders.queries import placed as order_queries
from vendome.domains.orders.types import Direction, LineState, OrderLineView, OrderRow, OrderState, OrderView
from vendome.domains.payments.queries import tenders as payments
from vendome.domains.payments.types import PaymentRow
from vendome.domains.people import permissions
from vendome.domains.people import queries as people
from vendome.flows import return_desk
from vendome.kit.actors import EVERYWHERE
from vendome.kit.htmx import render_page
from vendome.web.bureau import pages, words
from vendome.web.bureau.actors import names_of
from vendome.web.bureau.exports import csv_answer
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.components import money
from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Column, Happening, Row
from vendome.web.salon import parcel_words
from vendome.web.salon import words as salon_words
from vendome.web.salon.choosing import uuid_or_none
from vendome.web.salon.words import form_of

SIZE = 50
MOST_EXPORTED = 5_000
MOST_PAGES = 1_000


@require_safe
@bureau(permissions.ORDERS_VIEW, section="orders")
def orders(request: BureauRequest) -> HttpResponse:
    """Newest first; what is asked for stands in the address."""
    asked = {name: request.GET.get(name, "").strip()[:60] for name in ("q", "state", "channel", "place")}
    number = request.GET.get("page", "1")
    page_number = min(max(int(number), 1), MOST_PAGES) if number.isdecimal() and len(number) < 6 else 1
    is_export = request.GET.get("format") == "csv"
    found = order_queries.list_orders(
        actor=request.actor,
        search=asked["q"],
        state=asked["state"] if asked["state"] in words.ORDER_STATES else "",
        channel=asked["channel"],
        place_id=uuid_or_none(asked["place"]),
        page=1 if is_export else page_number,
        size=MOST_EXPORTED if is_export else SIZE,
    )
    known = {place.id: place for place in house.list_places(maison_id=request.place.maison_id)}
    if is_export:
        return _export(found[:MOST_EXPORTED], known)
    kept = {name: value for name, value in asked.items() if value}
    page = pages.OrdersPage(
        links=_neighbours(request),
        query=asked["q"],
        states=_choices(words.ORDER_STATES, asked["state"]),
        channels=_choices(words.CHANNELS, asked["channel"]),
        places=_places(request, known, asked["place"]),
        columns=[
            Column(label=_("Order")),
            Column(label=_("Placed")),
            Column(label=_("Channel")),
            Column(label=_("Place")),
            Column(label=_("State")),
            Column(label=_("Pieces"), numeric=True),
            Column(label=_("Amount"), numeric=True),
        ],
        rows=[_row(one, known) for one in found[:SIZE]],
        note=_note(page_number, len(found)),
        previous_url=_address(kept, page=page_number - 1) if page_number > 1 else "",
        next_url=_address(kept, page=page_number + 1) if len(found) > SIZE else "",
        export_url=_address(kept | {"format": "csv"}),
        money_url=reverse("bureau:money") if request.actor.may_everywhere(permissions.PAYMENTS_RECONCILE) else "",
        to_send_url=reverse("salon:to_send") if request.actor.may(permissions.ORDERS_SHIP) else "",
    )
    return render_page(request, "bureau/orders.html", page, frozenset({"order-rows"}))


@require_safe
@bureau(permissions.ORDERS_VIEW, section="orders")
def order(request: BureauRequest, order_id: uuid.UUID) -> HttpResponse:
    """One order: lines, why they come from where, tenders, and what happened when."""
    found = order_queries.get_order(actor=request.actor, order_id=order_id)
    labels = catalogue.label_references(ids={line.reference_id for line in found.lines})
    known = {place.id: place for place in house.list_places(maison_id=request.place.maison_id)}
    paid = payments.list_payments(actor=request.actor, order_id=order_id)
    given = fulfilment.list_hand_overs(actor=request.actor, line_ids=[line.id for line in found.lines])
    may_read = found.client_id is not None and request.actor.may(permissions.CLIENTS_READ)
    names = clients.client_names(ids={found.client_id}) if may_read and found.client_id else {}
    page = pages.OrderPage(
        crumbs=[Link(label=_("Orders"), url=reverse("bureau:orders")), Link(label=found.number, url="")],
        actions=_actions(request, found),
        number=found.number,
        state=words.said(words.ORDER_STATES, found.state.value),
        tone=words.TONES.get(found.state.value, ""),
        facts=_order_facts(found, known),
        client=names.get(found.client_id, "") if found.client_id else found.contact_name,
        card_url=reverse("salon:client", args=[found.client_id]) if may_read else "",
        currency=found.currency,
        total=found.total_amount,
        tax=found.tax_amount,
        lines=_lines(request, found, labels, known),
        tenders=[_tender(one) for one in paid],
        happenings=_happenings(found, paid, given, labels, known),
        related=[
            Link(
                label=words.said(salon_words.RELATIONS, one.relation.value) % {"number": one.number},
                url=reverse("bureau:order", args=[one.id]),
            )
            for one in order_queries.list_related(actor=request.actor, order_id=order_id)
        ],
        parcel_columns=[Column(label=_("Parcel")), Column(label=_("State")), Column(label=_("Carrier"))],
        parcels=_parcels(request, order_id),
    )
    return render_page(request, "bureau/order.html", page)


def _neighbours(request: BureauRequest) -> list[Link]:
    """Pages of the orders' section beside the list."""
    links = []
    if request.actor.may(permissions.ORDERS_EXCEPTIONS):
        links.append(Link(label=_("What waits for a person"), url=reverse("bureau:exceptions")))
    if request.actor.may(permissions.STOCK_VIEW):
        links.append(Link(label=_("Who sends before whom"), url=reverse("bureau:routing")))
        links.append(Link(label=_("How long carriers take"), url=reverse("bureau:lanes")))
    return links


def _actions(request: BureauRequest, found: OrderView) -> list[Link]:
    """What may be done with this order from here."""
    links = [
        Link(label=one[1], url=reverse("bureau:return", args=[one[0]]))
        for one in return_desk.list_of_order(order_id=found.id)
    ]
    if found.state is OrderState.CONFIRMED and request.actor.may(permissions.ORDERS_CHANGE):
        links.append(Link(label=_("Change this order"), url=reverse("bureau:change", args=[found.id])))
    is_out = any(line.direction is Direction.OUT and line.state.value == "HANDED_OVER" for line in found.lines)
    if is_out and request.actor.may(permissions.ORDERS_CHANGE):
        links.append(Link(label=_("Announce a return"), url=reverse("bureau:announce", args=[found.id])))
    if is_out and request.actor.may(permissions.ORDERS_RETURN):
        links.append(Link(label=_("Take a return"), url=reverse("salon:take_back", args=[found.id])))
    return links


def _parcels(request: BureauRequest, order_id: uuid.UUID) -> list[Row]:
    """The parcels of the order; who packs them may go on to each."""
    may_ship = request.actor.may(permissions.ORDERS_SHIP)
    return [
        Row(
            cells=(
                f"{one.origin_name}, {one.number}",
                parcel_words.state(one.state)[0],
                ", ".join(part for part in (one.service_name, one.tracking_number) if part),
            ),
            url=reverse("salon:parcel", args=[one.id]) if may_ship else "",
        )
        for one in parcels.list_parcels(actor=request.actor, order_id=order_id, states=list(ParcelState))
    ]


def _choices(known: Mapping[str, Any], chosen: str) -> list[Choice]:
    return [Choice(value=code, label=str(label), chosen=code == chosen) for code, label in known.items()]


def _places(request: BureauRequest, known: dict[uuid.UUID, PlaceView], chosen: str) -> list[Choice]:
    may_see = request.actor.places_for(permissions.ORDERS_VIEW)
    return [
        Choice(value=str(place.id), label=place.name, chosen=str(place.id) == chosen)
        for place in known.values()
        if (may_see is EVERYWHERE or place.id in may_see) and place.kind is not PlaceKind.TRANSIT
    ]


def _row(one: OrderRow, known: dict[uuid.UUID, PlaceView]) -> Row:
    return Row(
        cells=(
            one.number,
            f"{timezone.localtime(one.placed_at):%d.%m.%Y, %H:%M}",
            words.said(words.CHANNELS, one.channel),
            known[one.place_id].name if one.place_id in known else "",
            words.said(words.ORDER_STATES, one.state.value),
            one.line_count,
            money.written(one.total_amount, one.currency, "en", exact=True),
        ),
        url=reverse("bureau:order", args=[one.id]),
    )


def _note(page: int, found: int) -> str:
    first = (page - 1) * SIZE + 1
    if not found:
        return ""
    last = first + min(found, SIZE) - 1
    return _("%(first)d to %(last)d, newest first") % {"first": first, "last": last}


def _address(kept: dict[str, str], **more: int) -> str:
    values: dict[str, object] = {**kept, **{name: value for name, value in more.items() if value != 1}}
    return "?" + urlencode(values)


def _export(found: tuple[OrderRow, ...], known: dict[uuid.UUID, PlaceView]) -> HttpResponse:
    heads = ("Order", "Placed at", "Channel", "Place", "State", "Lines", "Currency", "Amount in minor units")
    rows = [
        (one.number, one.placed_at.isoformat(), one.channel, known[one.place_id].code if one.place_id in known else "",
         one.state.value, one.line_count, one.currency, one.total_amount)
        for one in found
    ]  # fmt: skip
    return csv_answer("orders", heads, rows)


def _order_facts(found: OrderView, known: dict[uuid.UUID, PlaceView]) -> list[tuple[str, str]]:
    facts = [(_("Channel"), words.said(words.CHANNELS, found.channel))]
    if found.place_id in known:
        facts.append((_("Sold at"), known[found.place_id].name))
    if found.advisor_id:
        name = people.staff_names(ids={found.advisor_id}).get(found.advisor_id)
        if name:
            facts.append((_("Advisor"), name))
    return facts


def _line_state(line: OrderLineView) -> str:
    """Of what comes in on an exchange nothing is held: it waits, until the difference is paid or the exchange ends."""
    if line.direction is Direction.IN and line.state is LineState.HELD:
        return str(words.WAITS_TO_COME_BACK)
    return words.said(words.LINE_STATES, line.state.value)


def _lines(
    request: BureauRequest,
    found: OrderView,
    labels: dict[uuid.UUID, ReferenceLabel],
    known: dict[uuid.UUID, PlaceView],
) -> list[pages.OrderLine]:
    why = {one.line_id: one.reason for one in found.sourcing}
    lines = []
    for line in found.lines:
        label = labels[line.reference_id]
        place = known.get(line.place_id) if line.place_id else None
        may_see = place is not None and request.actor.may(permissions.STOCK_VIEW, place_id=place.id)
        lines.append(
            pages.OrderLine(
                name=label.model_name,
                form=form_of(label.material, label.size),
                sku=label.sku,
                serial=line.serial,
                level_url=reverse("bureau:level", args=[place.code, label.id]) if place and may_see else "",
                quantity=line.quantity,
                amount=line.amount if line.direction is Direction.OUT else -line.amount,
                mode=words.said(words.MODES, line.mode.value),
                state=_line_state(line),
                tone=words.TONES.get(line.state.value, "") if line.direction is Direction.OUT else "",
                place=place.name if place else "",
                sourcing=words.said(words.REASONS, why.get(line.id, "")),
                is_return=line.direction is Direction.IN,
            )
        )
    return lines


def _tender(one: PaymentRow) -> pages.Tender:
    return pages.Tender(
        how=words.said(words.TENDERS, one.tender.value),
        reference=one.provider_reference,
        amount=one.amount,
        state=words.said(words.PAYMENT_STATES, one.state.value),
        tone=words.TONES.get(one.state.value, ""),
        at=one.settled_at or one.requested_at,
    )


def _happenings(
    found: OrderView,
    paid: tuple[PaymentRow, ...],
    given: tuple[HandOverRow, ...],
    labels: dict[uuid.UUID, ReferenceLabel],
    known: dict[uuid.UUID, PlaceView],
) -> list[Happening]:
    """What happened, in order; what is still to come stands last, hollow."""
    lines = {line.id: line for line in found.lines}
    who = names_of(one.actor for one in given)
    told: list[tuple[datetime, Happening]] = [
        (
            found.placed_at,
            Happening(title=_("Placed"), at=found.placed_at, text=words.said(words.CHANNELS, found.channel)),
        )
    ]
    for tender in paid:
        if tender.settled_at:
            title = words.said(words.PAYMENT_STATES, tender.state.value)
            text = words.said(words.TENDERS, tender.tender.value)
            told.append((tender.settled_at, Happening(title=title, at=tender.settled_at, text=text)))
    for hand in given:
        name = labels[lines[hand.line_id].reference_id].model_name
        place = known[hand.place_id].name if hand.place_id in known else ""
        proof = words.said(words.PROOFS, hand.proof.value)
        text = ", ".join(part for part in (place, who[hand.actor], proof) if part)
        told.append((hand.at, Happening(title=_("%(name)s handed over") % {"name": name}, at=hand.at, text=text)))
    ahead = [
        Happening(
            title=words.said(words.MODES, line.mode.value),
            text=f"{labels[line.reference_id].model_name}, {known[line.place_id].name}",
            ahead=True,
        )
        for line in found.lines
        if line.state.is_open and line.place_id in known
    ]
    return [one for _at, one in sorted(told, key=lambda pair: pair[0])] + ahead
