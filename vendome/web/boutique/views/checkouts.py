"""From bag to order on one page: who, where to, the card, and what she agrees to.

The form carries its own Idempotency-Key, so a second click is the same order, and a digest of the bag she read,
so nothing is ordered that she has not seen.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from allauth.account.adapter import get_adapter
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vendome.domains.clients import queries as clients
from vendome.domains.house.types import PlaceView
from vendome.domains.orders.errors import BasketOrdered, EmptyBasket
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import BasketView, Mode, OrderState
from vendome.domains.payments import ports
from vendome.domains.payments.errors import GiftCardShort, GiftCardUnknown, ProviderUnavailable, TooManyCodes
from vendome.domains.payments.queries import offers
from vendome.domains.payments.types import PaymentState, Tender
from vendome.flows import checkout as flow
from vendome.flows import gift_cards, pay_links, shared_basket
from vendome.flows.types import PlacedOrder, TenderGiven
from vendome.kit.errors import DomainError, Kind, NotFound
from vendome.kit.htmx import render_page
from vendome.kit.ids import new_id
from vendome.kit.policy import public
from vendome.web.boutique import bag_cookie, delivering, lines, order_key, showing, sorry
from vendome.web.boutique.forms import CheckoutForm
from vendome.web.boutique.hours import opening
from vendome.web.boutique.locales import country_name, has_postcodes
from vendome.web.boutique.pages import CheckoutPage, Visit
from vendome.web.boutique.pay_ways import TRANSFER, ways
from vendome.web.boutique.shop import Shop, ShopRequest, in_shop
from vendome.web.boutique.wording import spoken_day

TEST_CARD = "card_test"
LINK_LASTS = timedelta(minutes=40)
STATUS = {Kind.INVALID: 422, Kind.CONFLICT: 409, Kind.UNAVAILABLE: 503}


@public(reason="guests may order too; the order is kept for the bag of the signed cookie")
@require_http_methods(["GET", "HEAD", "POST"])
@in_shop
def checkout(request: ShopRequest) -> HttpResponse:
    shop = request.shop
    if request.method == "POST":
        return _order(request)
    if shop.basket is None or not shop.basket.lines:
        return HttpResponseRedirect(shop.url("bag"))
    bag = lines.reckon(shop, shop.basket)
    if not bag.can_be_ordered:
        return HttpResponseRedirect(shop.url("bag"))
    form = _form(shop, bag, None, initial=_known(shop, shop.basket, bag))
    return _page(request, bag, form)


def _order(request: ShopRequest) -> HttpResponse:
    """Place and pay. Whatever goes wrong comes back as a sentence, with everything she typed still there."""
    shop = request.shop
    basket = _basket(request)
    if basket is None:
        return HttpResponseRedirect(shop.url("bag"))
    bag = lines.reckon(shop, basket)
    form = _form(shop, bag, request.POST)
    if not form.is_valid():
        problem = _("Some lines need another look; they are marked below.")
        return _page(request, bag, form, problem=problem, status=422)
    is_repeat = shop.basket is None or shop.basket.id != basket.id
    if form.cleaned_data["seen"] != bag.digest and not is_repeat:
        problem = _("Your bag or a price has changed since this page was opened. Please read it once more.")
        return _page(request, bag, _anew(form, bag, basket), problem=problem, status=409)
    try:
        placed = _place(request, basket, bag, form, bag.total)
    except DomainError as error:
        if isinstance(error, (BasketOrdered, EmptyBasket)):
            return HttpResponseRedirect(shop.url("bag"))
        if isinstance(error, (GiftCardUnknown, GiftCardShort, TooManyCodes)):
            form.add_error("gift_code", sorry.sentence(error))
            problem = _("Some lines need another look; they are marked below.")
            return _page(request, bag, _anew(form, bag, basket), problem=problem, status=422)
        now = lines.reckon(shop, basket)
        return _page(
            request, now, _anew(form, now, basket), problem=sorry.sentence(error), status=STATUS.get(error.kind, 400)
        )
    try:
        if url := start_payment(request, placed, form.cleaned_data.get("card") or "card_good"):
            away = HttpResponseRedirect(url, status=303)
            bag_cookie.forget(request, away, market=shop.market.code)
            return away
    except ProviderUnavailable:
        # The order's page keeps the pieces and asks for the payment again; the bag comes back if none arrives.
        return _to_order(request, placed)
    except DomainError as error:
        now = lines.reckon(shop, basket)
        return _page(
            request, now, _anew(form, now, basket), problem=sorry.sentence(error), status=STATUS.get(error.kind, 400)
        )
    response = _to_order(request, placed)
    bag_cookie.forget(request, response, market=shop.market.code)
    return response


def start_payment(request: ShopRequest, placed: PlacedOrder, card: str) -> str:
    """Charge what waits for a card: here for the test card, else on the provider's page, whose address is returned.

    Nothing is charged here when it waits for a transfer, or when a gift card has paid it all.
    """
    shop = request.shop
    waiting = [one for one in placed.payments if one.state is PaymentState.REQUESTED and one.tender is Tender.CARD]
    if placed.state is not OrderState.AWAITING_PAYMENT or not waiting:
        return ""
    if waiting[0].provider == TEST_CARD:
        flow.pay(placed=placed, provider=TEST_CARD, instrument=card, actor=shop.actor, at=shop.at)
        return ""
    return hosted_page(request, placed.id, placed.number)


def hosted_page(request: ShopRequest, order_id: uuid.UUID, number: str) -> str:
    """The provider's page for what waits; she comes back to the link, which asks what became of it."""
    shop = request.shop
    link = pay_links.create_for_client(
        order_id=order_id, maison_id=shop.maison.id, lasts=LINK_LASTS, actor=shop.actor, at=shop.at
    )
    back = request.build_absolute_uri(f"{shop.url('pay', token=link.token)}?back=1")
    title = _("Order %(number)s") % {"number": number}
    return pay_links.start(token=link.token, title=title, return_url=back, actor=shop.actor, at=shop.at)


def _tenders(request: ShopRequest, form: CheckoutForm, total: int) -> list[TenderGiven]:
    """A gift card or credit note gives what it holds; the way she chose pays the rest, if there is one."""
    found: list[TenderGiven] = []
    if code := form.cleaned_data["gift_code"].strip():
        shop = request.shop
        card = gift_cards.find_card(code=code, scope=visitor(request), maison_id=shop.maison.id, at=shop.at)
        amount = min(card.balance, total)
        if amount > 0:
            found.append(gift_cards.read_as_tender(card=card, amount=amount))
            total -= amount
    if total > 0 or not found:
        is_transfer = form.way == TRANSFER
        tender, provider = (Tender.TRANSFER, "bank") if is_transfer else (Tender.CARD, ports.card_provider())
        found.append(TenderGiven(tender=tender, provider=provider))
    return found


def visitor(request: ShopRequest) -> str:
    """Against whom wrong gift card codes are counted: a client by her file, a guest by where she comes from, hashed."""
    if request.shop.client_id is not None:
        return request.shop.actor.label
    where = get_adapter().get_client_ip(request)
    return f"GUEST:{salted_hmac('gift-card-guesses', where, algorithm='sha256').hexdigest()[:32]}"


def _place(
    request: ShopRequest, basket: BasketView, bag: lines.Reckoning, form: CheckoutForm, total: int
) -> PlacedOrder:
    shop, said = request.shop, form.cleaned_data
    delivery, arrives = delivering.agreed(form, bag.offers, shop.market.country) if form.delivers else (None, None)
    return flow.place_order(
        key=str(said["key"]),
        maison=shop.maison,
        market=shop.market,
        channel="web",
        lines=[
            replace(one, promised_date=arrives) if one.mode is Mode.DELIVER else one
            for one in shared_basket.list_wanted(basket=basket)
        ],
        tenders=_tenders(request, form, total),
        instalments=form.rates,
        client_id=shop.client_id,
        basket_id=basket.id,
        contact={
            "name": said["name"],
            "email": said["email"],
            "phone": said["phone"],
            "language": shop.language,
        },
        address=form.address(country_name(shop.market.country)),
        delivery=delivery,
        actor=shop.actor,
        at=shop.at,
    )


def _to_order(request: ShopRequest, placed: PlacedOrder) -> HttpResponse:
    shop = request.shop
    url = shop.url("order", number=placed.number)
    if shop.client_id is None:
        url = f"{url}?{urlencode({'key': order_key.make(placed.id)})}"
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def _basket(request: ShopRequest) -> BasketView | None:
    """The bag the form was made for: still open, or ordered by the click before this one."""
    shop = request.shop
    try:
        return orders.get_basket(basket_id=uuid.UUID(request.POST.get("basket", "")), client_id=shop.client_id)
    except (ValueError, NotFound):
        return shop.basket


def _form(shop: Shop, bag: lines.Reckoning, data: Any, **options: Any) -> CheckoutForm:
    return CheckoutForm(
        data,
        deliveries=[one.mode.value for one in bag.offers],
        slots=delivering.slot_choices(bag.offers),
        delivers=bag.delivers,
        has_postcodes=has_postcodes(shop.market.country),
        ways=_ways(shop, bag.total),
        is_hosted=ports.card_provider() not in ("", TEST_CARD),
        **options,
    )


def _ways(shop: Shop, total: int) -> list[tuple[str, str]]:
    """What the market offers today for an order of this size."""
    offer = offers.get_offer(market_id=shop.market.id, at=shop.at)
    return ways(offer, total, lambda amount: showing.amount(amount, shop.market.currency, shop))


def _anew(form: CheckoutForm, bag: lines.Reckoning, basket: BasketView) -> CheckoutForm:
    return form.with_key(new_id(), seen=bag.digest, basket_id=basket.id)


def _known(shop: Shop, basket: BasketView, bag: lines.Reckoning) -> dict[str, Any]:
    """What we may fill in for her: nothing for a guest, her own words for a client."""
    known: dict[str, Any] = {"key": new_id(), "basket": basket.id, "seen": bag.digest}
    if shop.client_id is None:
        return known
    own = clients.get_own_profile(client_id=shop.client_id)
    return known | {
        "name": f"{own.given_name} {own.family_name}".strip(),
        "email": next(iter(own.emails), ""),
        "phone": next(iter(own.phones), ""),
    }


def _page(
    request: ShopRequest, bag: lines.Reckoning, form: CheckoutForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    shop = request.shop
    here = reverse("boutique:welcome") + "?next=" + quote(shop.url("checkout"))
    page = CheckoutPage(
        head=showing.private(_("Delivery and payment")),
        steps=[_("Bag"), _("Delivery and payment"), _("Your order")],
        form=form,
        problem=problem,
        lines=bag.lines,
        sum=lines.sums(shop, bag),
        total=showing.amount(bag.total, shop.market.currency, shop),
        visits=[
            replace(visit(shop, place, _pieces_at(shop, bag, place)), ready=_ready_at(shop, bag, place))
            for place in bag.places
        ],
        country=country_name(shop.market.country),
        ways=delivering.ways(bag.offers, str(form["delivery"].value() or "") if form.delivers else ""),
        is_known=shop.client_id is not None,
        client_id=shop.client_id,
        sign_in_url=f"{reverse('account_request_login_code')}?next={quote(here)}",
        return_days=showing.return_days(shop, *bag.families),
        bag_url=shop.url("bag"),
        privacy_url=shop.url("service", topic="privacy"),
    )
    return render_page(request, "boutique/checkout.html", page, status=status)


def visit(shop: Shop, place: PlaceView, pieces: list[str]) -> Visit:
    """A boutique to collect at."""
    return Visit(
        name=place.name,
        address=showing.address(place),
        phone=place.phone,
        url=shop.url("boutique", code=place.code),
        opening=opening(place.hours, place.timezone, shop.at),
        pieces=pieces,
    )


def _ready_at(shop: Shop, bag: lines.Reckoning, place: PlaceView) -> str:
    way = _("Collect in %(boutique)s") % {"boutique": place.name}
    days = [line.ready for line in bag.lines if line.way == way and line.ready]
    return spoken_day(max(days)) if days else ""


def _pieces_at(shop: Shop, bag: lines.Reckoning, place: PlaceView) -> list[str]:
    way = _("Collect in %(boutique)s") % {"boutique": place.name}
    return [line.name for line in bag.lines if line.way == way]
