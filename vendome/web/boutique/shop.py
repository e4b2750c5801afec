"""Who is in the shop, in which market and language, with which bag; and the frame around every page."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, wraps
from typing import Any, Concatenate, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation

from vendome.domains.house import queries as house
from vendome.domains.house.types import MaisonView, MarketView, PlaceKind, PlaceView
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.services import baskets as order_services
from vendome.domains.orders.types import BasketView
from vendome.domains.people import queries as people
from vendome.flows import welcome
from vendome.kit import clock
from vendome.kit.actors import Actor, ActorKind
from vendome.kit.errors import BadInput, DomainError, NotFound
from vendome.web.boutique import bag_cookie, sorry
from vendome.web.boutique.framing import frame
from vendome.web.boutique.locales import Locale

LOCALE_COOKIE = "locale"
GUARDED = frozenset(
    {"checkout", "order", "order_pay", "pay", "order_return", "order_returned", "order_return_withdraw", "order_change"}
)
YEAR = 60 * 60 * 24 * 365


@dataclass(frozen=True, kw_only=True)
class Shop:
    """One visit: what every view of the boutique needs to know before it answers."""

    maison: MaisonView
    market: MarketView
    markets: tuple[MarketView, ...]
    locale: Locale
    actor: Actor
    client_id: uuid.UUID | None
    basket: BasketView | None
    at: datetime

    @property
    def language(self) -> str:
        return self.locale.language

    @property
    def today(self) -> date:
        return self.at.date()

    @cached_property
    def boutiques(self) -> tuple[PlaceView, ...]:
        """Boutiques a client may visit: those of her market first, then in the order of the house."""
        found = house.list_places(maison_id=self.maison.id, kinds=(PlaceKind.BOUTIQUE,), only_visible=True)
        return tuple(sorted(found, key=lambda place: place.market_id != self.market.id))

    def url(self, name: str, **parts: Any) -> str:
        """An address of the boutique in this market and language."""
        return reverse(f"boutique:{name}", kwargs={"locale": self.locale, **parts})

    def text(self, words: Mapping[str, str]) -> str:
        """The words in the language of the page, else in English, else in any."""
        return words.get(self.language) or words.get("en") or next(iter(words.values()), "")

    def boutique(self, code: str) -> PlaceView:
        """Raises NotFound."""
        for place in self.boutiques:
            if place.code == code:
                return place
        raise NotFound()


class ShopRequest(HttpRequest):
    """A request inside the boutique."""

    shop: Shop
    frame: object


type ShopView[**P] = Callable[Concatenate[ShopRequest, P], HttpResponse]


def in_shop[**P](view: ShopView[P]) -> Callable[..., HttpResponse]:
    """Let the visitor in: language, market, bag and frame; what goes wrong inside is answered in her language."""

    @wraps(view)
    def inside(request: HttpRequest, locale: Locale, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        visit = cast("ShopRequest", request)
        with translation.override(locale.language):
            shop, joined = _enter(visit, locale)
            visit.shop = shop
            visit.frame = frame(shop, path=request.path)
            with timezone.override(shop.boutiques[0].timezone if shop.boutiques else "UTC"):
                try:
                    response = view(visit, *args, **kwargs)
                except Http404:
                    response = sorry.answer(request, NotFound(), shop.url("home"))
                except DomainError as error:
                    response = sorry.answer(request, error, shop.url("home"))
            response.headers.setdefault("Content-Language", locale.language)
            if shop.client_id is None:  # her bag, form token and order are hers, though we do not know who she is
                response.headers.setdefault("Cache-Control", _keeping(request))
        if joined:
            bag_cookie.forget(request, response, market=locale.market)
        chosen = request.COOKIES.get(LOCALE_COOKIE)
        is_hers = visit.resolver_match is None or visit.resolver_match.url_name != "pay"  # a link is its order's market
        if chosen != str(locale) and LOCALE_COOKIE not in response.cookies and (is_hers or not chosen):
            response.set_cookie(LOCALE_COOKIE, str(locale), max_age=YEAR, samesite="Lax", secure=request.is_secure())
        return response

    return inside


def _keeping(request: HttpRequest) -> str:
    """No shared cache keeps a page of the shop; no browser keeps one with a name, an address or an order on it."""
    name = request.resolver_match.url_name if request.resolver_match else ""
    return "private, no-store" if name in GUARDED else "private, no-cache"


def who(request: HttpRequest, maison_id: uuid.UUID) -> Actor:
    """The client behind a session, recognised on her first visit; anybody else shops as a guest.

    Staff are guests here too: what they sell, they sell in the salon.
    """
    actor: Actor = cast("Any", request).actor
    if actor.kind is not ActorKind.CLIENT:
        return Actor.anonymous()
    if actor.client_id is not None:
        return actor
    account = cast("Any", request).user
    client_id = welcome.recognise_account(
        account_id=account.pk,
        email=account.email,
        maison_id=maison_id,
        language=translation.get_language() or "en",
        at=clock.now(),
    )
    people.forget_actors()
    return Actor(kind=ActorKind.CLIENT, id=client_id, client_id=client_id, maison_id=maison_id)


def _enter(request: ShopRequest, locale: Locale) -> tuple[Shop, bool]:
    """The visit, and whether a guest's bag has just become the client's own."""
    maison = house.get_maison()
    markets = house.list_markets(maison_id=maison.id)
    market = next((one for one in markets if one.code == locale.market), None)
    if market is None or locale.language not in market.languages:
        raise Http404
    actor = who(request, maison.id)
    at = clock.now()
    guest_bag = bag_cookie.read(request, market=market.code)
    joined = False
    if actor.client_id is not None and guest_bag is not None:
        joined = _join(guest_bag, actor, at)
    basket = orders.find_open_basket(market_id=market.id, basket_id=guest_bag, client_id=actor.client_id)
    shop = Shop(
        maison=maison,
        market=market,
        markets=markets,
        locale=locale,
        actor=actor,
        client_id=actor.client_id,
        basket=basket,
        at=at,
    )
    return shop, joined


def _join(basket_id: uuid.UUID, actor: Actor, at: datetime) -> bool:
    """What she chose before she signed in joins what she had chosen as herself."""
    if actor.client_id is None:
        raise BadInput()
    try:
        order_services.give_basket_to_client(basket_id=basket_id, client_id=actor.client_id, actor=actor, at=at)
    except DomainError:  # ordered or gone meanwhile: then there is nothing to bring along
        return True
    return True
