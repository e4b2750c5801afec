"""The boutique's addresses: `/` finds market and language, everything else lives below `/<market>-<language>/`."""

from __future__ import annotations

from django.urls import include, path, register_converter

from vendome.web.boutique import wording
from vendome.web.boutique.locales import LocaleConverter
from vendome.web.boutique.views import (
    accounts,
    bags,
    boutiques,
    checkouts,
    entrance,
    feeds,
    launch_checkout,
    launches,
    lists,
    order_changes,
    order_returns,
    orders,
    pay_links,
    pieces,
    service,
    set_asides,
)


class FamilyConverter:
    """One of the families; any other word is no address."""

    regex = "|".join(wording.FAMILIES)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(LocaleConverter, "locale")
register_converter(FamilyConverter, "family")

app_name = "boutique"
inside = [
    path("", lists.home, name="home"),
    path("choose/", entrance.choose, name="choose"),
    path("search/", lists.search, name="search"),
    path("collections/", lists.collections, name="collections"),
    path("collections/<slug:code>/", lists.collection, name="collection"),
    path("piece/<slug:code>/", pieces.piece, name="piece"),
    path("piece/<slug:code>/set-aside/", set_asides.set_aside, name="set_aside"),
    path("bag/", bags.bag, name="bag"),
    path("bag/add/", bags.add, name="bag_add"),
    path("bag/count/", bags.count, name="bag_count"),
    path("bag/<uuid:line_id>/", bags.change, name="bag_change"),
    path("bag/<uuid:line_id>/remove/", bags.remove, name="bag_remove"),
    path("selection/<uuid:selection_id>/take/", bags.take_selection, name="selection_take"),
    path("checkout/", checkouts.checkout, name="checkout"),
    path("order/<slug:number>/", orders.order, name="order"),
    path("order/<slug:number>/pay/", orders.pay, name="order_pay"),
    path("pay/<str:token>/", pay_links.pay, name="pay"),
    path("order/<slug:number>/return/", order_returns.order_return, name="order_return"),
    path("order/<slug:number>/return/<uuid:return_id>/", order_returns.order_returned, name="order_returned"),
    path(
        "order/<slug:number>/return/<uuid:return_id>/withdraw/",
        order_returns.order_return_withdraw,
        name="order_return_withdraw",
    ),
    path(
        "order/<slug:number>/return/<uuid:return_id>/exchange/",
        order_returns.order_return_exchange,
        name="order_return_exchange",
    ),
    path("order/<slug:number>/change/", order_changes.order_change, name="order_change"),
    path("account/", accounts.account, name="account"),
    path("account/profile/", accounts.profile, name="profile"),
    path("account/set-aside/<uuid:hold_id>/release/", set_asides.release, name="set_aside_release"),
    path("launch/<slug:code>/", launches.launch, name="launch"),
    path("launch/<slug:code>/enter/", launches.enter, name="launch_enter"),
    path("launch/<slug:code>/leave/", launches.leave, name="launch_leave"),
    path("launch/<slug:code>/checkout/", launch_checkout.checkout, name="launch_checkout"),
    path("launch/<slug:code>/draw/", launches.draw, name="launch_draw"),
    path("launch/<slug:code>/draw.json", launches.draw_json, name="launch_draw_json"),
    path("boutiques/", boutiques.index, name="boutiques"),
    path("boutiques/<slug:code>/", boutiques.boutique, name="boutique"),
    path("service/<slug:topic>/", service.page, name="service"),
    path("<family:family>/", lists.family, name="family"),
    path("<path:rest>", entrance.nothing, name="nothing"),
]
urlpatterns = [
    path("", entrance.entrance, name="entrance"),
    path("welcome/", entrance.welcome, name="welcome"),
    path("pay/<str:token>/", pay_links.arrive, name="pay_link"),
    path("robots.txt", feeds.robots, name="robots"),
    path("sitemap.xml", feeds.sitemap, name="sitemap"),
    path("<locale:locale>/", include(inside)),
]
