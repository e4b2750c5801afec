"""Where a pay link leads: what is to be paid, by whoever holds the link, once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.orders.queries import placed as orders
from vendome.domains.payments import ports
from vendome.domains.payments.errors import LinkGone
from vendome.domains.payments.types import LinkState, LinkView, PaymentState
from vendome.flows import pay_links as flow
from vendome.kit.errors import DomainError
from vendome.kit.htmx import render_page
from vendome.kit.policy import public
from vendome.web.boutique import showing, sorry
from vendome.web.boutique.forms import PayForm
from vendome.web.boutique.pages import PayPage
from vendome.web.boutique.shop import ShopRequest, in_shop
from vendome.web.boutique.views.entrance import visitor_locale
from vendome.web.boutique.views.orders import entry

HOLDER = "whoever holds the link may see what it costs and pay it; it shows nothing of whose it is"


@public(reason=HOLDER)
@require_safe
def arrive(request: HttpRequest, token: str) -> HttpResponse:
    """The address in the letter, which knows no language: on to the one her browser asks for."""
    url = reverse("boutique:pay", kwargs={"locale": visitor_locale(request), "token": token})
    return HttpResponseRedirect(url)


@public(reason=HOLDER)
@require_http_methods(["GET", "HEAD", "POST"])
@in_shop
def pay(request: ShopRequest, token: str) -> HttpResponse:
    """GET shows it, and asks the provider when she comes back from its page; POST pays, or leads to that page."""
    shop = request.shop
    link = flow.get_link(token=token, at=shop.at)
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
    labels = catalogue.label_references(ids={line.reference_id for line in order.lines})
    outcome, text = _outcome(link)
    is_hosted = not outcome and _is_hosted(link)
    page = PayPage(
        head=showing.private(_("Your payment")),
        number=link.order_number,
        amount=showing.amount(link.amount, link.currency, shop),
        lines=[entry(shop, line, labels, order.currency) for line in order.lines],
        outcome=outcome,
        text=text,
        until=link.expires_at,
        form=None if outcome or is_hosted else form,
        is_hosted=is_hosted,
        problem=problem,
    )
    return render_page(request, "boutique/pay.html", page, status=status)


def _outcome(link: LinkView) -> tuple[str, str]:
    if link.payment_state is PaymentState.CAPTURED:
        return _("Thank you, it is paid"), _("The boutique has been told. You need do nothing more.")
    if link.state is not LinkState.OPEN or link.payment_state is not PaymentState.REQUESTED:
        return _("This link has run out"), _("Nothing was taken. Ask your advisor for a new one.")
    return "", ""
