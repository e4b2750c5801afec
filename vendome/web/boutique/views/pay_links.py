"""Where a pay link leads: what is to be paid, by whoever holds the link, once."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.house import queries as house
from vendome.domains.house.types import MarketView, PlaceView
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import OrderState, OrderView
from vendome.domains.payments import ports
from vendome.domains.payments.errors import LinkGone
from vendome.domains.payments.types import LinkState, LinkView, PaymentState
from vendome.flows import pay_links as flow
from vendome.kit import clock
from vendome.kit.errors import DomainError, NotFound
from vendome.kit.htmx import render_page
from vendome.kit.policy import public
from vendome.web.boutique import showing, sorry
from vendome.web.boutique.forms import PayForm
from vendome.web.boutique.locales import Locale
from vendome.web.boutique.pages import PayPage
from vendome.web.boutique.shop import Shop, ShopRequest, in_shop
from vendome.web.boutique.views.entrance import visitor_locale
from vendome.web.boutique.views.orders import entry

HOLDER = "whoever holds the link may see what it costs and pay it; it shows nothing of whose it is"


@public(reason=HOLDER)
@require_safe
def arrive(request: HttpRequest, token: str) -> HttpResponse:
    """The address in the letter, which knows no language: on to the market of the order, in a language she reads."""
    wished = visitor_locale(request)
    maison_id = house.get_maison().id
    try:
        order = orders.get_order_to_pay(order_id=flow.get_link(token=token, at=clock.now()).order_id)
    except NotFound:  # the page in her own market says so
        locale = wished
    else:
        market = next(one for one in house.list_markets(maison_id=maison_id) if one.id == order.market_id)
        locale = _locale(market, wished.language)
    return HttpResponseRedirect(reverse("boutique:pay", kwargs={"locale": locale, "token": token}))


@public(reason=HOLDER)
@require_http_methods(["GET", "HEAD", "POST"])
@in_shop
def pay(request: ShopRequest, token: str) -> HttpResponse:
    """GET shows it, and asks the provider when she comes back from its page; POST pays, or leads to that page."""
    shop = request.shop
    link = flow.get_link(token=token, at=shop.at)
    order = orders.get_order_to_pay(order_id=link.order_id)
    if order.market_id != shop.market.id:  # amounts and dates are the order's, whichever market she was looking at
        market = next(one for one in shop.markets if one.id == order.market_id)
        url = reverse("boutique:pay", kwargs={"locale": _locale(market, shop.language), "token": token})
        return HttpResponseRedirect(f"{url}?back=1" if request.GET.get("back") else url, status=303)
    if request.method != "POST":
        if request.GET.get("back"):
            link = flow.come_back(token=token, actor=shop.actor, at=shop.at)
        elif request.method == "GET":
            flow.note_opened(link=link, actor=shop.actor, at=shop.at)
        return _page(request, link, PayForm())
    try:
        if _is_hosted(link):
            return HttpResponseRedirect(_hosted(request, link, token), status=303)
        form = PayForm(request.POST)
        if not form.is_valid():
            return _page(request, link, form, status=422)
        flow.pay(token=token, instrument=form.cleaned_data["card"], actor=shop.actor, at=shop.at)
    except LinkGone:
        return HttpResponseRedirect(request.path, status=303)  # the page says what became of it
    except DomainError as error:
        return _page(request, link, PayForm(request.POST), problem=sorry.sentence(error), status=409)
    return HttpResponseRedirect(request.path, status=303)


def _hosted(request: ShopRequest, link: LinkView, token: str) -> str:
    back = request.build_absolute_uri(f"{request.path}?back=1")
    title = _("Order %(number)s") % {"number": link.order_number}
    return flow.start(token=token, title=title, return_url=back, actor=request.shop.actor, at=request.shop.at)


def _is_hosted(link: LinkView) -> bool:
    return isinstance(ports.get_port(link.provider), ports.PagePort)


def _page(request: ShopRequest, link: LinkView, form: PayForm, *, problem: str = "", status: int = 200) -> HttpResponse:
    shop = request.shop
    order = orders.get_order_to_pay(order_id=link.order_id)
    place = _place(shop, order)
    labels = catalogue.label_references(ids={line.reference_id for line in order.lines})
    until = _until(shop, link.expires_at)
    outcome, text = _outcome(link, order, until, shop.at)
    is_hosted = not outcome and _is_hosted(link)
    page = PayPage(
        head=showing.private(_("Your payment")),
        number=link.order_number,
        amount=showing.amount(link.amount, link.currency, shop),
        lines=[entry(shop, line, labels, order.currency) for line in order.lines],
        outcome=outcome,
        text=text,
        until=until,
        is_paid=link.payment_state is PaymentState.CAPTURED,
        place_name=place.name if place else "",
        place_phone=place.phone if place else "",
        form=None if outcome or is_hosted else form,
        is_hosted=is_hosted,
        problem=problem,
    )
    return render_page(request, "boutique/pay.html", page, status=status)


def _outcome(link: LinkView, order: OrderView, until: str, at: datetime) -> tuple[str, str]:
    """What became of it, empty while it can be paid."""
    if link.payment_state is PaymentState.CAPTURED:
        return _("Thank you, it is paid"), _("The boutique has been told. You need do nothing more.")
    if link.payment_state is PaymentState.REFUNDED:
        return _("This payment was given back"), _("It returns to the card it came from. You need do nothing more.")
    if order.state is OrderState.CANCELLED:
        return _("This order has ended"), _("Nothing was taken. Your advisor will gladly begin it again with you.")
    if link.state is LinkState.OPEN and link.payment_state is PaymentState.REQUESTED:
        return "", ""
    if link.expires_at <= at:
        said = _("It could be paid until %(until)s. Nothing was taken; your advisor will gladly send a new one.")
        return _("This link has run out"), said % {"until": until}
    return _("This link is no longer used"), _("Nothing was taken. Your advisor has sent a newer one, or will.")


def _until(shop: Shop, when: datetime) -> str:
    """ "28 November 2026, 14:00 (Paris time)": the clock of the market's first boutique, named."""
    here = timezone.localtime(when)
    said = {"day": date_format(here, "j F Y"), "hour": date_format(here, "H:i")}
    city = shop.boutiques[0].city if shop.boutiques else "UTC"
    return _("%(day)s, %(hour)s (%(city)s time)") % {**said, "city": city}


def _place(shop: Shop, order: OrderView) -> PlaceView | None:
    """The boutique that sold it, else the market's own: whom she may call."""
    sold_by = next((one for one in shop.boutiques if one.id == order.place_id), None)
    return sold_by or next(iter(shop.boutiques), None)


def _locale(market: MarketView, language: str) -> Locale:
    return Locale(market.code, language if language in market.languages else market.languages[0])
