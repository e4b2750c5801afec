"""What an order still wants: the rest of a deposit, a link for her phone; and gift cards sold at the counter."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from vendome.domains.clients import queries as clients
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import OrderState, OrderView
from vendome.domains.payments import ports
from vendome.domains.payments.queries import money
from vendome.domains.payments.queries import tenders as payment_queries
from vendome.domains.payments.types import PaymentRow, PaymentState, Tender
from vendome.domains.people import permissions
from vendome.flows import gift_cards, pay_links, paying, returns
from vendome.flows.types import TenderGiven
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.salon import pages, words
from vendome.web.salon.forms import GiftCardForm, RestForm, new_key
from vendome.web.salon.frame import SalonRequest, listen_to, salon
from vendome.web.salon.till import PROVIDERS, market_of


@require_http_methods(["GET", "HEAD", "POST"])
@salon(permissions.ORDERS_SELL, section="sell")
def payments(request: SalonRequest, order_id: uuid.UUID) -> HttpResponse:
    """The tenders of an order; POST takes a further one at the counter."""
    order = orders.get_order(actor=request.actor, order_id=order_id)
    if request.method != "POST":
        return _answer(request, order, RestForm(initial={"key": new_key()}, currency=order.currency))
    form = RestForm(request.POST, currency=order.currency)
    if not form.is_valid():
        return _answer(request, order, form, status=422)
    try:
        added = paying.add_tender(
            key=form.cleaned_data["key"],
            order_id=order_id,
            tender=_tender(request, form.cleaned_data),
            actor=request.actor,
            at=clock.now(),
        )
    except NotFound:
        raise
    except DomainError as error:
        return _answer(request, order, form, problem=_(error.message), status=409)
    if added.missing_amount == 0:
        messages.success(request, _("All is paid; it may leave the house."))
    return HttpResponseRedirect(reverse("salon:payments", args=[order_id]), status=303)


@require_POST
@salon(permissions.ORDERS_SELL, section="sell")
def link(request: SalonRequest, order_id: uuid.UUID) -> HttpResponse:
    """A link for what is missing, shown once on the page that answers."""
    return answer_with_link(request, order_id=order_id, key=request.POST.get("key", ""))


def answer_with_link(request: SalonRequest, *, order_id: uuid.UUID, key: str) -> HttpResponse:
    """The page of payments with a fresh link on it; the same key again leads there without, for it was shown."""
    order = orders.get_order(actor=request.actor, order_id=order_id)
    form = RestForm(initial={"key": new_key()}, currency=order.currency)
    try:
        made = pay_links.create(key=key, order_id=order_id, actor=request.actor, at=clock.now())
    except NotFound:
        raise
    except DomainError as error:
        return _answer(request, order, form, problem=_(error.message), status=409)
    if not made.token:
        return HttpResponseRedirect(reverse("salon:payments", args=[order_id]), status=303)
    return _answer(request, order, form, made=made)


@require_POST
@salon(permissions.ORDERS_SELL, section="sell")
def withdraw(request: SalonRequest, order_id: uuid.UUID, payment_id: uuid.UUID) -> HttpResponse:
    """Stop waiting for a tender, so that its amount can be paid otherwise."""
    order = orders.get_order(actor=request.actor, order_id=order_id)
    known = {one.id for one in payment_queries.list_payments(actor=request.actor, order_id=order.id)}
    if payment_id not in known:
        raise NotFound()
    if not paying.drop_tender(payment_id=payment_id, actor=request.actor, at=clock.now()):
        messages.info(request, _("It was paid or withdrawn meanwhile; this page shows how it stands."))
    return HttpResponseRedirect(reverse("salon:payments", args=[order_id]), status=303)


@require_POST
@salon(permissions.ORDERS_RETURN, section="sell")
def end_exchange(request: SalonRequest, order_id: uuid.UUID) -> HttpResponse:
    """She has changed her mind: the exchange ends, and what was kept for her is free."""
    order = orders.get_order(actor=request.actor, order_id=order_id)
    try:
        returns.end_exchange(document_id=order_id, actor=request.actor, at=clock.now())
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        form = RestForm(initial={"key": new_key()}, currency=order.currency)
        return _answer(request, order, form, problem=_(error.message), status=409)
    messages.success(request, _("The exchange has ended; what was kept for her is free again."))
    return HttpResponseRedirect(reverse("salon:payments", args=[order_id]), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@salon(permissions.ORDERS_SELL, section="sell")
def gift_card(request: SalonRequest) -> HttpResponse:
    """Sell a gift card; its code is on the answer's page, once."""
    market = market_of(request)
    if request.method != "POST":
        form = GiftCardForm(initial={"key": new_key()}, currency=market.currency)
        return _card(request, pages.GiftCardPage(form=form, currency=market.currency))
    form = GiftCardForm(request.POST, currency=market.currency)
    if not form.is_valid():
        return _card(request, pages.GiftCardPage(form=form, currency=market.currency), status=422)
    try:
        made = gift_cards.sell(
            key=form.cleaned_data["key"],
            market=market,
            amount=form.cleaned_data["amount"],
            tender=_tender(request, form.cleaned_data),
            client_id=None,
            place_id=request.place.id,
            actor=request.actor,
            at=clock.now(),
        )
    except DomainError as error:
        page = pages.GiftCardPage(form=form, currency=market.currency, problem=_(error.message))
        return _card(request, page, status=409)
    problem = (
        "" if made.code else _("This card was sold before, and its code was shown then. It cannot be shown again.")
    )
    return _card(
        request,
        pages.GiftCardPage(
            form=form,
            currency=made.currency,
            code=made.code,
            amount=made.amount,
            problem=problem,
            code_url=reverse("salon:gift_card_code", args=[made.id])
            if problem and request.actor.may(permissions.PAYMENTS_REFUND, place_id=request.place.id)
            else "",
            key=new_key(),
        ),
    )


@require_POST
@salon(permissions.PAYMENTS_REFUND, section="sell")
def new_card_code(request: SalonRequest, card_id: uuid.UUID) -> HttpResponse:
    """Nobody saw the code of a card that was sold: a new one, shown on the answer's page, once."""
    form = GiftCardForm(initial={"key": new_key()}, currency=market_of(request).currency)
    made = gift_cards.replace_code(
        key=request.POST.get("key", ""), card_id=card_id, actor=request.actor, at=clock.now()
    )
    return _card(
        request,
        pages.GiftCardPage(
            form=form,
            currency=made.currency,
            code=made.code,
            amount=made.amount,
            problem="" if made.code else _("This code was shown before. Give it another new one."),
            code_url="" if made.code else reverse("salon:gift_card_code", args=[card_id]),
            key=new_key(),
        ),
        status=200 if made.code else 409,
    )


def _card(request: SalonRequest, page: pages.GiftCardPage, *, status: int = 200) -> HttpResponse:
    response = render_page(request, "salon/gift_card.html", page, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _tender(request: SalonRequest, given: Mapping[str, Any]) -> TenderGiven:
    tender = Tender(given["tender"])
    if tender is Tender.GIFT_CARD:
        card = gift_cards.find_card(
            code=given["gift_code"], scope=request.actor.label, maison_id=request.place.maison_id, at=clock.now()
        )
        return gift_cards.read_as_tender(card=card, amount=given["amount"])
    return TenderGiven(
        tender=tender,
        provider=PROVIDERS[tender],
        reference=given["reference"].strip() if tender is Tender.TERMINAL else "",
        is_settled=True,
        amount=given.get("amount") if isinstance(given.get("gift_code"), str) else None,
    )


def _answer(
    request: SalonRequest,
    order: OrderView,
    form: RestForm,
    *,
    made: pay_links.MadeLink | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    listen_to(request, f"orders:{request.actor.maison_id}")
    response = render_page(
        request, "salon/payments.html", _page(request, order, form, made, problem), frozenset({"paid"}), status=status
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(
    request: SalonRequest, order: OrderView, form: RestForm, made: pay_links.MadeLink | None, problem: str
) -> pages.PaymentsPage:
    open_ = paying.get_open(actor=request.actor, order_id=order.id)
    paid = payment_queries.list_payments(actor=request.actor, order_id=order.id)
    names = clients.client_names(ids={order.client_id}) if order.client_id else {}
    waiting = sum(one.amount for one in paid if one.state is PaymentState.REQUESTED and one.amount > 0)
    url = request.build_absolute_uri(reverse("boutique:pay_link", args=[made.token])) if made else ""
    is_open = order.state is not OrderState.CANCELLED and open_.missing_amount > 0
    may_end = request.actor.may(permissions.ORDERS_RETURN, place_id=order.place_id)
    return pages.PaymentsPage(
        url=reverse("salon:payments", args=[order.id]),
        number=order.number,
        client=names.get(order.client_id, "") if order.client_id else order.contact_name,
        state=_state(order, open_),
        currency=order.currency,
        total=order.total_amount,
        paid=open_.paid_amount,
        missing=open_.missing_amount,
        payments=[_entry(one) for one in paid],
        rates=[_rate(one) for one in money.list_instalments(actor=request.actor, order_id=order.id)],
        form=form,
        link_key=new_key(),
        link_url=url,
        link_amount=made.amount if made else 0,
        link_until=made.expires_at if made else None,
        mail_url=_mail(order, url) if made else "",
        is_open=is_open and open_.missing_amount > waiting,
        can_link=is_open and bool(ports.card_provider()),
        end_url=reverse("salon:end_exchange", args=[order.id])
        if may_end and returns.read_waiting(document_id=order.id)
        else "",
        receipt_url=reverse("salon:receipt", args=[order.id]),
        problem=problem,
    )


def _state(order: OrderView, open_: paying.Open) -> str:
    if order.state is OrderState.CANCELLED:
        return _("Cancelled")
    if open_.missing_amount == 0:
        return _("Paid")
    return _("Deposit paid") if order.state is OrderState.CONFIRMED else _("Waiting for payment")


def _mail(order: OrderView, url: str) -> str:
    """A letter in the advisor's own mail program, ready to be sent; the address of her client stays hers to choose."""
    subject = quote(_("Your order %(number)s") % {"number": order.number})
    body = quote(_("You can pay here, until the link runs out:") + "\n\n" + url)
    return f"mailto:?subject={subject}&body={body}"


def _entry(one: PaymentRow) -> pages.PaymentEntry:
    state, tone = words.PAYMENT_STATES[one.state.value]
    return pages.PaymentEntry(
        id=str(one.id),
        how=words.said(words.TENDERS, one.tender.value),
        reference=one.provider_reference,
        amount=one.amount,
        state=str(state),
        tone=tone,
        at=one.settled_at or one.requested_at,
        is_waiting=one.state is PaymentState.REQUESTED and one.amount > 0,
    )


def _rate(one: Any) -> pages.Rate:
    state, tone = words.INSTALMENT_STATES[one.state.value]
    return pages.Rate(
        position=one.position, due=one.due_date, amount=one.amount, state=str(state), tone=tone, note=one.last_failure
    )
