"""Service pages: delivery, returns, care, sizes, the workshop, client service, privacy. Short, and true."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vendome.kit.errors import NotFound
from vendome.kit.htmx import render_page
from vendome.kit.policy import public
from vendome.web.boutique import service_words, showing
from vendome.web.boutique.pages import ServicePage
from vendome.web.boutique.shop import ShopRequest, in_shop
from vendome.web.components.frames import Link


@public(reason="what we promise is written for everybody")
@require_safe
@in_shop
def page(request: ShopRequest, topic: str) -> HttpResponse:
    shop = request.shop
    if topic not in service_words.TOPICS:
        raise NotFound()
    words = service_words.written(topic, delivery_days=shop.market.delivery_days, return_days=showing.return_days(shop))
    near = [place for place in shop.boutiques if place.market_id == shop.market.id] or list(shop.boutiques[:3])
    page = ServicePage(
        head=showing.head(request, words.title, words.lead),
        crumbs=[Link(label=_("Home"), url=shop.url("home")), Link(label=words.title, url="")],
        title=words.title,
        lead=words.lead,
        chapters=words.chapters,
        tables=words.table,
        others=[
            Link(label=service_words.title(other), url=shop.url("service", topic=other), current=other == topic)
            for other in service_words.TOPICS
        ],
        boutiques=[showing.boutique_entry(shop, place) for place in near] if topic == "contact" else [],
    )
    return render_page(request, "boutique/service.html", page)
