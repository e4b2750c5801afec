"""Coming in: `/` finds the visitor's market and language; `welcome/` sends on whoever has signed in."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from vendome.domains.house import queries as house
from vendome.domains.people import permissions
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound
from vendome.kit.policy import public, signed_in
from vendome.web.boutique.forms import ChooserForm
from vendome.web.boutique.locales import Locale, suggest
from vendome.web.boutique.shop import LOCALE_COOKIE, YEAR, ShopRequest, in_shop


@public(reason="the front door of the web store")
@require_safe
def entrance(request: HttpRequest) -> HttpResponse:
    """To the market and language she chose last, else those her browser asks for."""
    response = HttpResponseRedirect(reverse("boutique:home", kwargs={"locale": visitor_locale(request)}))
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@signed_in
@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    """After signing in: on to where she wanted to go, else to her surface."""
    wanted = request.GET.get("next", "")
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return HttpResponseRedirect(wanted)
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by config.middleware
    if actor.is_staff:
        return HttpResponseRedirect("/salon/" if actor.may(permissions.SALON) else "/bureau/")
    return HttpResponseRedirect(reverse("boutique:account", kwargs={"locale": visitor_locale(request)}))


@public(reason="anybody may change country and language")
@require_POST
@in_shop
def choose(request: ShopRequest) -> HttpResponse:
    """The same page in another market or language; prices, tax and bag follow the market."""
    shop = request.shop
    form = ChooserForm(request.POST)
    chosen = shop.locale
    if form.is_valid():
        market = next((one for one in shop.markets if one.code == form.cleaned_data["market"].upper()), shop.market)
        language = form.cleaned_data["language"]
        chosen = Locale(market.code, language if language in market.languages else market.languages[0])
    response = HttpResponseRedirect(_same_page(request, chosen))
    response.set_cookie(LOCALE_COOKIE, str(chosen), max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response


@public(reason="an address that is not there is answered in the visitor's language")
@in_shop
def nothing(request: ShopRequest, rest: str) -> HttpResponse:
    raise NotFound()


def _same_page(request: ShopRequest, chosen: Locale) -> str:
    """Where she came from, in the chosen locale; the home page when her browser does not tell."""
    came = urlsplit(request.headers.get("Referer", ""))
    inside = f"/{request.shop.locale}/"
    home = reverse("boutique:home", kwargs={"locale": chosen})
    if came.netloc != request.get_host() or not came.path.startswith(inside):
        return home
    rest = came.path.removeprefix(inside)
    return f"{home}{rest}" + (f"?{came.query}" if came.query else "")


def visitor_locale(request: HttpRequest) -> Locale:
    """The market and language she chose last, else those her browser asks for."""
    markets = {market.code: market for market in house.list_markets(maison_id=house.get_maison().id)}
    remembered = Locale.read(request.COOKIES.get(LOCALE_COOKIE, ""))
    if remembered and remembered.market in markets and remembered.language in markets[remembered.market].languages:
        return remembered
    found = suggest(request.headers.get("Accept-Language", ""), markets)
    if found.language not in markets[found.market].languages:
        return Locale(found.market, markets[found.market].languages[0])
    return found
