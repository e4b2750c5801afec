"""Our boutiques: each with its own story, its hours and what stands there today."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ModelRow
from vendome.domains.house.types import PlaceView
from vendome.domains.stock.queries import shelf as stock
from vendome.kit.htmx import render_page
from vendome.kit.policy import public
from vendome.web.boutique import pictures, showing, wording
from vendome.web.boutique.pages import BoutiquePage, BoutiquesPage
from vendome.web.boutique.shop import ShopRequest, in_shop
from vendome.web.components.frames import Link

REGIONS = {
    "EMEA": gettext_lazy("Europe"),
    "MEA": gettext_lazy("Middle East"),
    "AMER": gettext_lazy("Americas"),
    "JAPAN": gettext_lazy("Japan"),
    "CHINA": gettext_lazy("China"),
    "APAC": gettext_lazy("Asia and Pacific"),
}


@public(reason="where our boutiques are is no secret")
@require_safe
@in_shop
def index(request: ShopRequest) -> HttpResponse:
    shop = request.shop
    entries = {place.code: showing.boutique_entry(shop, place) for place in shop.boutiques}
    page = BoutiquesPage(
        head=showing.head(
            request, _("Boutiques"), _("Addresses, hours and what stands in each boutique of the house today.")
        ),
        crumbs=[Link(label=_("Home"), url=shop.url("home")), Link(label=_("Boutiques"), url="")],
        near=[entries[place.code] for place in shop.boutiques if place.market_id == shop.market.id],
        regions=[
            (str(name), [entries[place.code] for place in shop.boutiques if place.region == region])
            for region, name in REGIONS.items()
            if any(place.region == region for place in shop.boutiques)
        ],
    )
    return render_page(request, "boutique/boutiques.html", page)


@public(reason="where our boutiques are is no secret")
@require_safe
@in_shop
def boutique(request: ShopRequest, code: str) -> HttpResponse:
    shop = request.shop
    place = shop.boutique(code)
    entry = showing.boutique_entry(shop, place)
    there = stock.references_at(place_id=place.id)
    models = catalogue.list_models(maison_id=shop.maison.id)
    present = [model for model in models if there.intersection(model.reference_ids)]
    page = BoutiquePage(
        head=showing.head(
            request,
            entry.name,
            showing.first_sentence(entry.story),
            linked_data={
                "@context": "https://schema.org",
                "@type": "JewelryStore",
                "name": f"{shop.maison.name}, {entry.name}",
                "telephone": entry.phone,
                "address": ", ".join(entry.address),
            },
        ),
        crumbs=[
            Link(label=_("Home"), url=shop.url("home")),
            Link(label=_("Boutiques"), url=shop.url("boutiques")),
            Link(label=entry.city, url=""),
        ],
        boutique=entry,
        picture=pictures.editorial(f"boutique-{code}"),
        services=_services(place),
        pieces=showing.cards(shop, _mixed(present)[:8]),
        count=wording.pieces(len(present)),
        more_url=f"{shop.url('family', family='rings')}?boutique={code}" if len(present) > 8 else "",
        others=[
            Link(label=one.city, url=shop.url("boutique", code=one.code)) for one in shop.boutiques if one.code != code
        ],
    )
    return render_page(request, "boutique/boutique.html", page)


def _mixed(models: Sequence[ModelRow]) -> list[ModelRow]:
    """One of each family in turn, so that the first few show what the boutique is like."""
    families: dict[str, list[ModelRow]] = {}
    for model in models:
        families.setdefault(model.family, []).append(model)
    return [model for turn in zip_longest(*families.values()) for model in turn if model is not None]


def _services(place: PlaceView) -> list[str]:
    services = []
    if place.offers_collection and place.sells_online:
        services.append(_("Collection of what you order online, set aside within the minute"))
    services.append(_("Sizing, cleaning and care of anything we made, whenever you bought it"))
    services.append(_("Returns and exchanges of any order, from whichever boutique it came"))
    if spoken := ", ".join(showing.languages(place.languages)):
        services.append(_("We speak %(languages)s") % {"languages": spoken})
    return services
