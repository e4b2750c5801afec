"""The bag: put in, received another way, taken out; nothing is held until she goes to pay."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.orders.services import baskets as orders
from vendome.domains.orders.types import BasketView, Mode
from vendome.flows import selections
from vendome.kit.errors import BadInput, DomainError, NotFound
from vendome.kit.htmx import render_page
from vendome.kit.policy import client, public
from vendome.web.boutique import bag_cookie, chosen, lines, showing, sorry
from vendome.web.boutique.forms import AddForm, LineForm
from vendome.web.boutique.offers import DELIVER
from vendome.web.boutique.pages import BagPage
from vendome.web.boutique.shop import Shop, ShopRequest, in_shop


@public(reason="anybody may have a bag; a guest's is named by her signed cookie")
@require_safe
@in_shop
def bag(request: ShopRequest) -> HttpResponse:
    shop = request.shop
    found = lines.reckon(shop, shop.basket)
    heroes = [] if found.lines else catalogue.list_models(maison_id=shop.maison.id, only_heroes=True)[:4]
    page = BagPage(
        head=showing.private(_("Your bag")),
        selections=chosen.for_her(shop),
        lines=found.lines,
        sum=lines.sums(shop, found),
        can_continue=found.can_be_ordered,
        has_kept=found.has_kept,
        checkout_url=shop.url("checkout"),
        browse_url=shop.url("collections"),
        pieces=showing.cards(shop, heroes),
    )
    return render_page(request, "boutique/bag.html", page, partials=frozenset({"bag-lines", "chosen"}))


@public(reason="the visitor's own bag")
@require_safe
@in_shop
def count(request: ShopRequest) -> HttpResponse:
    """How many pieces are in the bag, for pages that are open elsewhere."""
    basket = request.shop.basket
    return HttpResponse(str(basket.count) if basket and basket.count else "", content_type="text/plain")


@public(reason="anybody may have a bag; a guest's is named by her signed cookie")
@require_POST
@in_shop
def add(request: ShopRequest) -> HttpResponse:
    """Put a reference into the bag; a bag is opened with the first one."""
    shop = request.shop
    form = AddForm(request.POST)
    if not form.is_valid():
        raise BadInput(_("Choose how you would like to receive it, then add it to the bag."))
    reference: uuid.UUID = form.cleaned_data["reference"]
    label = catalogue.label_references(ids=[reference]).get(reference)
    if label is None:
        raise NotFound()
    mode, place_id = _way(shop, form.cleaned_data["way"])
    basket_id = shop.basket.id if shop.basket else _open(shop)
    orders.put_line(
        basket_id=basket_id,
        reference_id=reference,
        is_serialised=label.is_serialised,
        mode=mode,
        place_id=place_id,
        actor=shop.actor,
        at=shop.at,
    )
    response = HttpResponseRedirect(shop.url("bag"))
    if shop.client_id is None:
        bag_cookie.remember(request, response, market=shop.market.code, basket_id=basket_id)
    return response


@public(reason="the visitor's own bag: another's line is not found")
@require_POST
@in_shop
def change(request: ShopRequest, line_id: uuid.UUID) -> HttpResponse:
    """Receive a line another way, or in another quantity."""
    shop, basket = request.shop, _own(request)
    line = next((one for one in basket.lines if one.id == line_id), None)
    form = LineForm(request.POST)
    if line is None:
        raise NotFound()
    if not form.is_valid():
        raise BadInput(_("A quantity is a whole number from 1 to 20."))
    label = catalogue.label_references(ids=[line.reference_id])[line.reference_id]
    mode, place_id = _way(shop, form.cleaned_data["way"])
    try:
        orders.change_line(
            basket_id=basket.id,
            line_id=line_id,
            is_serialised=label.is_serialised,
            mode=mode,
            place_id=place_id,
            quantity=form.cleaned_data["quantity"] or line.quantity,
            actor=shop.actor,
            at=shop.at,
        )
    except DomainError as error:
        messages.error(request, sorry.sentence(error))
    return _back(shop)


@public(reason="the visitor's own bag: another's line is not found")
@require_POST
@in_shop
def remove(request: ShopRequest, line_id: uuid.UUID) -> HttpResponse:
    shop, basket = request.shop, _own(request)
    orders.take_line_out(basket_id=basket.id, line_id=line_id, actor=shop.actor, at=shop.at)
    return _back(shop)


@client
@require_POST
@in_shop
def take_selection(request: ShopRequest, selection_id: uuid.UUID) -> HttpResponse:
    """One tap: what her advisor chose, all of it or one piece, into her bag. A second tap changes nothing."""
    shop = request.shop
    if shop.client_id is None:
        raise NotFound()
    try:
        item_id = uuid.UUID(request.POST["item"]) if request.POST.get("item") else None
    except ValueError:
        raise NotFound() from None
    try:
        selections.take_up(
            market=shop.market,
            selection_id=selection_id,
            item_id=item_id,
            client_id=shop.client_id,
            actor=shop.actor,
            at=shop.at,
        )
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, sorry.sentence(error))
    return _back(shop)


def _own(request: ShopRequest) -> BasketView:
    if request.shop.basket is None:
        raise NotFound()
    return request.shop.basket


def _open(shop: Shop) -> uuid.UUID:
    return orders.open_basket(maison_id=shop.maison.id, market_id=shop.market.id, client_id=shop.client_id, at=shop.at)


def _way(shop: Shop, value: str) -> tuple[Mode, uuid.UUID | None]:
    return (Mode.DELIVER, None) if value == DELIVER else (Mode.COLLECT, shop.boutique(value).id)


def _back(shop: Shop) -> HttpResponse:
    """See Other: htmx and browsers alike come back with a GET for what the bag is now."""
    response = HttpResponseRedirect(shop.url("bag"))
    response.status_code = 303
    return response
