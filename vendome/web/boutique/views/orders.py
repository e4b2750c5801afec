"""An order as its client sees it: what was bought, where it is, what comes next."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.fulfilment.queries import parcels
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import (
    Direction,
    LineState,
    Mode,
    OrderLineView,
    OrderState,
    OrderView,
    RelatedOrder,
    Relation,
    TakenBack,
)
from vendome.domains.payments.errors import ProviderUnavailable
from vendome.domains.payments.queries import money, offers
from vendome.domains.payments.queries import tenders as payments
from vendome.domains.payments.types import InstalmentState, PaymentRow, PaymentState, Tender
from vendome.flows import checkout as flow
from vendome.flows import line_steps, return_desk
from vendome.flows.kept import list_kept
from vendome.flows.line_steps import StepRow
from vendome.kit import live
from vendome.kit.errors import DomainError, NotFound
from vendome.kit.htmx import render_page
from vendome.kit.policy import public
from vendome.web.boutique import delivering, order_key, order_words, showing, sorry, wording
from vendome.web.boutique.forms import PayForm
from vendome.web.boutique.framing import frame
from vendome.web.boutique.locales import country_name
from vendome.web.boutique.pages import OrderLineEntry, OrderPage, Transfer, Visit
from vendome.web.boutique.shop import Shop, ShopRequest, in_shop
from vendome.web.boutique.views.checkouts import TEST_CARD, hosted_page, visit
from vendome.web.components.frames import Link
from vendome.web.components.parts import Happening

RECEIVED = (PaymentState.CAPTURED, PaymentState.REFUNDED)


@public(reason="her own order: a client by her session, a guest by the signed key; anybody else's is not found")
@require_safe
@in_shop
def order(request: ShopRequest, number: str) -> HttpResponse:
    return _page(request, own_order(request, number), PayForm())


@public(reason="her own order: a client by her session, a guest by the signed key; anybody else's is not found")
@require_POST
@in_shop
def pay(request: ShopRequest, number: str) -> HttpResponse:
    """Try the payment again while the pieces are kept."""
    shop = request.shop
    found = own_order(request, number)
    waiting = _waiting_card(found)
    if waiting is not None and waiting.provider != TEST_CARD:
        try:
            return HttpResponseRedirect(hosted_page(request, found.id, found.number))
        except DomainError as error:
            messages.error(request, sorry.sentence(error))
            return HttpResponseRedirect(url_of(request, found))
    form = PayForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        if waiting is None:
            raise NotFound()
        placed = flow.get_unpaid(order_id=found.id)
        flow.pay(placed=placed, provider=TEST_CARD, instrument=form.cleaned_data["card"], actor=shop.actor, at=shop.at)
    except ProviderUnavailable as error:
        form.add_error("card", sorry.sentence(error))
        return _page(request, found, form, status=503)
    except NotFound:  # paid or given up in another window: the page says which
        pass
    except DomainError as error:
        messages.error(request, sorry.sentence(error))
    response = HttpResponseRedirect(url_of(request, found))
    response.status_code = 303
    return response


def own_order(request: ShopRequest, number: str) -> OrderView:
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


def url_of(request: ShopRequest, found: OrderView, name: str = "order", **parts: object) -> str:
    """An address of this order that opens for her: a guest's carries the key she came with."""
    url = request.shop.url(name, number=found.number, **parts)
    return url if found.client_id else f"{url}?{urlencode({'key': request.GET.get('key', '')})}"


def _page(request: ShopRequest, found: OrderView, form: PayForm, *, status: int = 200) -> HttpResponse:
    shop = request.shop
    labels = catalogue.label_references(ids={line.reference_id for line in found.lines})
    standing = line_steps.list_standing(order_id=found.id)
    again = _set_aside_again(shop, found, labels)
    headline, text = order_words.headline(found, shop, standing, again=again)
    related = orders.list_related_of_client(order=found)
    taken = orders.list_taken_back_of_client(orders=[found]).get(found.id, [])
    exchanged = {one.line_id: one.number for one in taken if one.is_exchange}
    if _is_changed(found):
        text = f"{text} {order_words.paid_for_it(related)}"
    waits = found.state is OrderState.AWAITING_PAYMENT
    paid = payments.list_own_payments(order_id=found.id)
    card = _waiting_card(found)
    if waits and card is None and any(one.tender is Tender.TRANSFER for one in paid):
        text = _("They leave the vault for you the moment your transfer arrives. Here is where to send it.")
    state, tone = order_words.state(found, taken)
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
        lines=[
            entry(
                shop,
                line,
                labels,
                found.currency,
                is_paid=not waits,
                way=order_words.way(line, shop, standing, is_paid=not waits),
                exchanged_in=exchanged.get(line.id, ""),
            )
            for line in found.lines
        ],
        sum=_sums(shop, found, taken),
        happenings=_happenings(
            found,
            line_steps.list_steps(order_id=found.id),
            has_journeys=bool(journeys),
            paid=order_words.paid_for_it(related),
            again=again,
        ),
        journeys=journeys,
        visits=_visits(shop, found, labels),
        address=_address(found),
        pay_form=form if waits and card and card.provider == TEST_CARD else None,
        is_hosted=bool(waits and card and card.provider != TEST_CARD),
        pay_url=url_of(request, found, "order_pay") if waits and card else "",
        kept_until=_kept_until(shop, found) if waits and card else "",
        transfer=_transfer(shop, found, paid) if waits else None,
        rates=[
            (
                one.due_date,
                showing.amount(one.amount, one.currency, shop),
                one.state is InstalmentState.PAID,
            )
            for one in money.list_own_instalments(order_id=found.id)
        ],
        return_url=url_of(request, found, "order_return") if _may_return(found) else "",
        returns=[
            Link(label=number, url=url_of(request, found, "order_returned", return_id=return_id), note=state.value)
            for return_id, number, state in return_desk.list_of_order(order_id=found.id)
        ],
        change_url=url_of(request, found, "order_change") if _may_change(found) else "",
        related=_links(request, found, related),
        is_guest=found.client_id is None,
        is_placed=found.state is not OrderState.CANCELLED,
        bag_url=shop.url("bag") if _is_in_bag(shop, found) else "",
        browse_url=shop.url("collections"),
    )
    return render_page(request, "boutique/order.html", page, frozenset({"journeys"}), status=status)


def _links(request: ShopRequest, found: OrderView, related: Collection[RelatedOrder]) -> list[Link]:
    """The other half of a change or return, as she finds it: a guest's opens with a key of its own."""
    shop = request.shop
    links = []
    for one in related:
        url = shop.url("order", number=one.number)
        if found.client_id is None:
            url = f"{url}?{urlencode({'key': order_key.make(one.id)})}"
        links.append(Link(label=order_words.related(one.relation, one.number), url=url))
    return links


def _may_return(found: OrderView) -> bool:
    states = (LineState.HANDED_OVER, LineState.DISPATCHED)
    return any(line.direction is Direction.OUT and line.state in states for line in found.lines)


def _may_change(found: OrderView) -> bool:
    waits = (LineState.HELD, LineState.READY)
    return found.state is OrderState.CONFIRMED and any(line.state in waits for line in found.lines)


def _waiting_card(found: OrderView) -> PaymentRow | None:
    """The card tender that waits, of an order that still can be paid."""
    waiting = (one for one in payments.list_own_payments(order_id=found.id) if one.state is PaymentState.REQUESTED)
    return next((one for one in waiting if one.tender is Tender.CARD and one.amount > 0), None)


def _transfer(shop: Shop, found: OrderView, paid: tuple[PaymentRow, ...]) -> Transfer | None:
    """Where to send a transfer, how much, and what to write on it."""
    waiting = [one for one in paid if one.tender is Tender.TRANSFER and one.state is PaymentState.REQUESTED]
    if not waiting:
        return None
    offer = offers.get_offer(market_id=shop.market.id, at=found.placed_at)
    until = found.placed_at + timedelta(days=offer.transfer_days)
    return Transfer(
        amount=showing.amount(waiting[0].amount, found.currency, shop),
        account=offer.transfer_account,
        reference=found.number,
        until=timezone.localtime(until).date(),
    )


def entry(
    shop: Shop,
    line: OrderLineView,
    labels: Mapping[uuid.UUID, ReferenceLabel],
    currency: str,
    *,
    is_paid: bool = True,
    way: str = "",
    exchanged_in: str = "",
) -> OrderLineEntry:
    """One line of an order as its client, or who pays it, reads it."""
    label = labels[line.reference_id]
    state, tone = order_words.line_state(line, exchanged_in)
    if not is_paid and line.state is LineState.HELD and line.direction is Direction.OUT:
        state, tone = _("Set aside for you"), "good"
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
        way=way,
        state=state,
        tone=tone,
    )


def _address(found: OrderView) -> tuple[str, ...]:
    """Its lines as one would write them on paper: the country by its name."""
    if all(line.state is LineState.CANCELLED for line in found.lines if line.mode is Mode.DELIVER):
        return ()  # nothing of it is sent there any more
    *lines, country = found.delivery_address or ("",)
    return (*lines, country_name(country)) if country else ()


def _sums(shop: Shop, found: OrderView, back: Collection[TakenBack]) -> list[tuple[str, str]]:
    """What she bought, less what another order took back: what she has paid, or owes, now."""

    def said(amount: int) -> str:
        return showing.amount(amount, found.currency, shop)

    rows: list[tuple[str, str]] = []
    total, tax = found.total_amount, found.tax_amount
    if back:
        rows.append((_("Bought"), said(total)))
    for number, is_exchange in dict.fromkeys((one.number, one.is_exchange) for one in back):
        less = sum(one.amount for one in back if one.number == number)
        relation = Relation.EXCHANGED_IN if is_exchange else Relation.GIVEN_BACK_IN
        rows.append((order_words.related(relation, number), said(-less)))
        total -= less
    tax -= sum(one.tax_amount for one in back)
    if tax:
        rows.append((_("Of which tax"), said(tax)))
    rows.append((_("In all"), said(total)))
    received = [
        one for one in payments.list_own_payments(order_id=found.id) if one.state in RECEIVED and one.amount > 0
    ]
    by = {one.tender: sum(x.amount for x in received if x.tender is one.tender) for one in received}
    if not back and (len(by) > 1 or by.keys() & {Tender.GIFT_CARD, Tender.CREDIT_NOTE}):
        rows += [(_("Paid by %(tender)s") % {"tender": wording.tender(one)}, said(part)) for one, part in by.items()]
    taken = sum(one.amount for one in received)
    if found.state is not OrderState.CANCELLED and 0 < taken < total:
        rows.append((_("Paid so far"), said(taken)))
    return rows


def _is_in_bag(shop: Shop, found: OrderView) -> bool:
    """The order was not completed, and what was in it is in her bag again."""
    if found.state is not OrderState.CANCELLED or _is_changed(found) or shop.basket is None:
        return False
    wanted = {line.reference_id for line in shop.basket.lines}
    return bool(found.lines) and all(line.reference_id in wanted for line in found.lines)


def _set_aside_again(shop: Shop, found: OrderView, labels: Mapping[uuid.UUID, ReferenceLabel]) -> str:
    """What the order had taken over and was never paid is kept for her as before it."""
    if found.state is not OrderState.CANCELLED or _is_changed(found):
        return ""
    kept = list_kept(client_id=found.client_id, reference_ids=set(labels), at=shop.at)
    return order_words.set_aside_again(found, kept, labels, shop)


def _is_changed(found: OrderView) -> bool:
    return found.state is OrderState.CANCELLED and any(line.credited_quantity for line in found.lines)


def _happenings(
    found: OrderView, taken: tuple[StepRow, ...], *, has_journeys: bool, paid: str, again: str
) -> list[Happening]:
    """What has happened and what is still ahead, in the client's words."""
    steps = [Happening(title=_("Order placed"), at=found.placed_at)]
    if found.state is OrderState.CANCELLED:
        if _is_changed(found):
            return [*steps, Happening(title=_("Changed or cancelled"), text=paid)]
        free = again or _("The pieces are free again.")
        return [*steps, Happening(title=_("Not paid, and nothing was taken"), text=free)]
    is_paid = found.state is not OrderState.AWAITING_PAYMENT
    steps.append(Happening(title=_("Payment received") if is_paid else _("Payment"), ahead=not is_paid))
    modes = {line.mode for line in found.lines if line.state is not LineState.CANCELLED}
    states = {line.state for line in found.lines}
    if Mode.COLLECT in modes:
        done = bool(states & {LineState.HANDED_OVER, LineState.RETURNED})
        steps.append(Happening(title=_("Set aside for you"), ahead=not is_paid))
        steps += [_step(one) for one in taken if one.state in STEPS]
        steps.append(Happening(title=_("Handed over to you"), ahead=not done))
    if Mode.DELIVER in modes and not has_journeys:  # each parcel tells its own way
        left = bool(states & {LineState.DISPATCHED, LineState.HANDED_OVER, LineState.RETURNED})
        steps.append(Happening(title=_("Wrapped and entrusted to the carrier"), ahead=not left))
    return steps


STEPS = {
    "ON_THE_WAY": gettext_lazy("On its way to your boutique"),
    "ARRIVED": gettext_lazy("Arrived in your boutique"),
    "READY": gettext_lazy("Ready for you"),
}


def _step(one: StepRow) -> Happening:
    return Happening(title=str(STEPS[one.state]), at=one.at)


def _visits(shop: Shop, found: OrderView, labels: Mapping[uuid.UUID, ReferenceLabel]) -> list[Visit]:
    waiting = [
        line
        for line in found.lines
        if line.mode is Mode.COLLECT and line.state.is_open and line.direction is Direction.OUT
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
