"""An order as its client sees it: what was bought, where it is, what comes next."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.fulfilment.queries import parcels
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import Direction, LineState, Mode, OrderLineView, OrderState, OrderView
from vendome.domains.payments.errors import ProviderUnavailable
from vendome.flows import checkout as flow
from vendome.kit import live
from vendome.kit.errors import DomainError, NotFound
from vendome.kit.htmx import render_page
from vendome.kit.policy import public
from vendome.web.boutique import delivering, order_key, order_words, showing, sorry
from vendome.web.boutique.forms import PayForm
from vendome.web.boutique.framing import frame
from vendome.web.boutique.pages import OrderLineEntry, OrderPage, Visit
from vendome.web.boutique.shop import Shop, ShopRequest, in_shop
from vendome.web.boutique.views.checkouts import PROVIDER, visit
from vendome.web.components.frames import Link
from vendome.web.components.parts import Happening


@public(reason="her own order: a client by her session, a guest by the signed key; anybody else's is not found")
@require_safe
@in_shop
def order(request: ShopRequest, number: str) -> HttpResponse:
    return _page(request, _own(request, number), PayForm())


@public(reason="her own order: a client by her session, a guest by the signed key; anybody else's is not found")
@require_POST
@in_shop
def pay(request: ShopRequest, number: str) -> HttpResponse:
    """Try the payment again while the pieces are kept."""
    shop = request.shop
    found = _own(request, number)
    form = PayForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        placed = flow.get_unpaid(order_id=found.id)
        flow.pay(placed=placed, provider=PROVIDER, instrument=form.cleaned_data["card"], actor=shop.actor, at=shop.at)
    except ProviderUnavailable as error:
        form.add_error("card", sorry.sentence(error))
        return _page(request, found, form, status=503)
    except NotFound:  # paid or given up in another window: the page says which
        pass
    except DomainError as error:
        messages.error(request, sorry.sentence(error))
    response = HttpResponseRedirect(_url(request, found))
    response.status_code = 303
    return response


def _own(request: ShopRequest, number: str) -> OrderView:
    """Raises NotFound for an order of somebody else."""
    shop = request.shop
    if key := request.GET.get("key", ""):
        found = orders.get_guest_order(order_id=order_key.read(key))
        if found.number == number:
            return found
        raise NotFound()
    if shop.client_id is None:
        raise NotFound()
    return orders.get_order_of_client(client_id=shop.client_id, number=number)


def _url(request: ShopRequest, found: OrderView, name: str = "order") -> str:
    """An address of this order that opens for her: a guest's carries the key she came with."""
    url = request.shop.url(name, number=found.number)
    return url if found.client_id else f"{url}?{urlencode({'key': request.GET.get('key', '')})}"


def _page(request: ShopRequest, found: OrderView, form: PayForm, *, status: int = 200) -> HttpResponse:
    shop = request.shop
    labels = catalogue.label_references(ids={line.reference_id for line in found.lines})
    headline, text = order_words.headline(found, shop)
    waits = found.state is OrderState.AWAITING_PAYMENT
    state, tone = order_words.state(found.state)
    journeys = delivering.journeys(parcels.list_parcels_of_order(order_id=found.id))
    topics = [f"order:{found.id}", *([f"basket:{shop.basket.id}"] if shop.basket else [])]
    request.frame = replace(frame(shop, path=request.path), live_token=live.token(topics))
    crumbs = [Link(label=_("Home"), url=shop.url("home"))]
    if found.client_id:
        crumbs.append(Link(label=_("Your account"), url=shop.url("account")))
    page = OrderPage(
        head=showing.private(_("Order %(number)s") % {"number": found.number}),
        crumbs=[*crumbs, Link(label=found.number, url="")],
        number=found.number,
        placed_at=found.placed_at,
        headline=headline,
        text=text,
        state=state,
        tone=tone,
        lines=[_line(shop, line, labels, found.currency) for line in found.lines],
        sum=_sums(shop, found),
        happenings=_happenings(found, has_journeys=bool(journeys)),
        journeys=journeys,
        visits=_visits(shop, found, labels),
        address=found.delivery_address,
        pay_form=form if waits else None,
        pay_url=_url(request, found, "order_pay") if waits else "",
        kept_until=_kept_until(shop, found) if waits else "",
        is_guest=found.client_id is None,
        browse_url=shop.url("collections"),
    )
    return render_page(request, "boutique/order.html", page, frozenset({"journeys"}), status=status)


def _line(shop: Shop, line: OrderLineView, labels: Mapping[uuid.UUID, ReferenceLabel], currency: str) -> OrderLineEntry:
    label = labels[line.reference_id]
    state, tone = order_words.line_state(line)
    return OrderLineEntry(
        code=label.model_code,
        name=label.model_name,
        url=shop.url("piece", code=label.model_code),
        world=label.collection_code,
        material=showing.sentence_case(shop.text(label.material_name)),
        size=label.size,
        amount=line.amount if line.direction is Direction.OUT else -line.amount,
        currency=currency,
        quantity=line.quantity,
        serial=line.serial,
        state=state,
        tone=tone,
    )


def _sums(shop: Shop, found: OrderView) -> list[tuple[str, str]]:
    rows = []
    if found.tax_amount:
        rows.append((_("of which tax"), showing.amount(found.tax_amount, found.currency, shop)))
    return [*rows, (_("In all"), showing.amount(found.total_amount, found.currency, shop))]


def _happenings(found: OrderView, *, has_journeys: bool) -> list[Happening]:
    """What has happened and what is still ahead, in the client's words."""
    steps = [Happening(title=_("Order placed"), at=found.placed_at)]
    if found.state is OrderState.CANCELLED:
        return [*steps, Happening(title=_("Not paid, and nothing was taken"), text=_("The pieces are free again."))]
    is_paid = found.state is not OrderState.AWAITING_PAYMENT
    steps.append(Happening(title=_("Payment received") if is_paid else _("Payment"), ahead=not is_paid))
    modes = {line.mode for line in found.lines}
    states = {line.state for line in found.lines}
    if Mode.COLLECT in modes:
        done = bool(states & {LineState.HANDED_OVER, LineState.RETURNED})
        steps.append(Happening(title=_("Set aside for you in the boutique"), ahead=not is_paid))
        steps.append(Happening(title=_("Handed over to you"), ahead=not done))
    if Mode.DELIVER in modes and not has_journeys:  # each parcel tells its own way
        left = bool(states & {LineState.DISPATCHED, LineState.HANDED_OVER, LineState.RETURNED})
        steps.append(Happening(title=_("Wrapped and entrusted to the carrier"), ahead=not left))
    return steps


def _visits(shop: Shop, found: OrderView, labels: Mapping[uuid.UUID, ReferenceLabel]) -> list[Visit]:
    waiting = [
        line for line in found.lines if line.mode is Mode.COLLECT and line.state in (LineState.HELD, LineState.READY)
    ]
    return [
        visit(shop, place, [labels[line.reference_id].model_name for line in waiting if line.place_id == place.id])
        for place in shop.boutiques
        if any(line.place_id == place.id for line in waiting)
    ]


def _kept_until(shop: Shop, found: OrderView) -> str:
    """The hour until which unpaid pieces are kept, in the time of the market's first boutique."""
    until = found.placed_at + timedelta(seconds=flow.UNPAID_SECONDS)
    zone = ZoneInfo(shop.boutiques[0].timezone) if shop.boutiques else ZoneInfo("UTC")
    return f"{until.astimezone(zone):%H:%M}"
