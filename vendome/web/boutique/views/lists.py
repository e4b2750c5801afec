"""Pages that show many pieces: home, collections, families, search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ModelRow
from vendome.domains.stock.queries import scarcity
from vendome.domains.stock.queries import shelf as stock
from vendome.kit.errors import NotFound
from vendome.kit.htmx import render_page
from vendome.kit.policy import public
from vendome.web.boutique import finding, pictures, showing, wording
from vendome.web.boutique.forms import FilterForm
from vendome.web.boutique.pages import CollectionPage, CollectionsPage, FamilyPage, HomePage, PieceCard, SearchPage
from vendome.web.boutique.shop import Shop, ShopRequest, in_shop
from vendome.web.boutique.views.launches import teasers
from vendome.web.components.frames import Link

PRICE_STEPS_EUR = (2_000, 5_000, 10_000, 25_000)


@public(reason="the home page of the web store")
@require_safe
@in_shop
def home(request: ShopRequest) -> HttpResponse:
    shop = request.shop
    collections = [showing.collection_entry(shop, one) for one in catalogue.list_collections(maison_id=shop.maison.id)]
    season = catalogue.list_models(maison_id=shop.maison.id, only_heroes=True)[:8]
    boutiques = [showing.boutique_entry(shop, place) for place in shop.boutiques]
    aurore = next((one.url for one in collections if one.code == "aurore"), shop.url("collections"))
    page = HomePage(
        head=showing.head(
            request,
            _("Jeweller and watchmaker in Paris"),
            _("Rings, bracelets, necklaces, earrings and watches made behind the place Vendôme since 1897."),
            image=pictures.editorial("hero"),
        ),
        hero_url=aurore,
        collections=collections,
        pieces=showing.cards(shop, season),
        boutique=boutiques[0] if boutiques else None,
        boutiques=sorted(boutiques, key=lambda one: one.city),
        boutiques_url=shop.url("boutiques"),
        care_url=shop.url("service", topic="care"),
        workshop_url=shop.url("service", topic="workshop"),
        launches=teasers(shop, scarcity.public_running(maison_id=shop.maison.id)[:2]),
    )
    return render_page(request, "boutique/home.html", page)


@public(reason="the catalogue is public")
@require_safe
@in_shop
def collections(request: ShopRequest) -> HttpResponse:
    shop = request.shop
    page = CollectionsPage(
        head=showing.head(request, _("Collections"), _("Seven ideas, from 1897 to today, that cross every family.")),
        crumbs=[Link(label=_("Home"), url=shop.url("home")), Link(label=_("Collections"), url="")],
        collections=[
            showing.collection_entry(shop, one) for one in catalogue.list_collections(maison_id=shop.maison.id)
        ],
    )
    return render_page(request, "boutique/collections.html", page)


@public(reason="the catalogue is public")
@require_safe
@in_shop
def collection(request: ShopRequest, code: str) -> HttpResponse:
    shop = request.shop
    found = next((one for one in catalogue.list_collections(maison_id=shop.maison.id) if one.code == code), None)
    if found is None:
        raise NotFound()
    entry = showing.collection_entry(shop, found)
    models = catalogue.list_models(maison_id=shop.maison.id, collection=code)
    wanted = request.GET.get("family", "")
    present = [(name, label) for name, label in wording.families() if any(m.family == name for m in models)]
    shown = [model for model in models if wanted in ("", model.family)]
    page = CollectionPage(
        head=showing.head(request, entry.name, showing.first_sentence(entry.story), image=entry.picture),
        crumbs=[
            Link(label=_("Home"), url=shop.url("home")),
            Link(label=_("Collections"), url=shop.url("collections")),
            Link(label=entry.name, url=""),
        ],
        collection=entry,
        filters=[
            Link(label=_("All"), url=request.path, current=not wanted, note=str(len(models))),
            *(
                Link(
                    label=label,
                    url=f"{request.path}?{urlencode({'family': name})}",
                    current=wanted == name,
                    note=str(sum(model.family == name for model in models)),
                )
                for name, label in present
            ),
        ],
        count=wording.pieces(len(shown)),
        pieces=showing.cards(shop, shown, with_features=True),
    )
    return render_page(request, "boutique/collection.html", page)


@public(reason="the catalogue is public")
@require_safe
@in_shop
def family(request: ShopRequest, family: str) -> HttpResponse:
    shop = request.shop
    models = catalogue.list_models(maison_id=shop.maison.id, family=family)
    form = _filters(request, shop, models)
    shown = _narrowed(shop, form, models)
    name = wording.family_name(family)
    page = FamilyPage(
        head=showing.head(request, name, wording.family_line(family)),
        crumbs=[Link(label=_("Home"), url=shop.url("home")), Link(label=name, url="")],
        name=name,
        line=wording.family_line(family),
        form=form,
        count=wording.pieces(len(shown)),
        pieces=shown,
        is_filtered=any(form.chosen(field) for field in ("material", "stone", "price", "boutique")),
        clear_url=request.path,
    )
    return render_page(request, "boutique/family.html", page, partials=frozenset({"pieces"}))


@public(reason="the catalogue is public")
@require_safe
@in_shop
def search(request: ShopRequest) -> HttpResponse:
    shop = request.shop
    query = " ".join(request.GET.get("q", "")[:80].split())
    models = catalogue.list_models(maison_id=shop.maison.id)
    found = finding.models(models, query)
    page = SearchPage(
        head=showing.private(_("Search")),
        query=query,
        count=wording.pieces(len(found)) if query else "",
        pieces=showing.cards(shop, found),
        places=[
            Link(label=place.name, url=shop.url("boutique", code=place.code))
            for place in shop.boutiques
            if query and finding.matches(query, f"{place.name} {place.city}")
        ],
        suggestions=showing.cards(shop, [model for model in models if model.is_hero][:4]) if not found else [],
    )
    return render_page(request, "boutique/search.html", page, partials=frozenset({"found"}))


def _filters(request: ShopRequest, shop: Shop, models: Sequence[ModelRow]) -> FilterForm:
    """What can be chosen is what there is: no filter leads to an empty page by itself."""
    materials = {material for model in models for material in model.materials}
    stones = {model.stone for model in models}
    bounds = _price_bounds(shop)
    return FilterForm(
        request.GET,
        materials=[(code, wording.metal_name(code)) for code in wording.METALS if code in materials],
        stones=[(code, wording.stone_name(code)) for code in wording.STONES if code in stones],
        prices=[
            (f"{low or ''}-{high or ''}", _band(shop, low, high))
            for low, high in zip((None, *bounds), (*bounds, None), strict=True)
        ],
        boutiques=[(place.code, place.city) for place in shop.boutiques],
    )


def _narrowed(shop: Shop, form: FilterForm, models: Sequence[ModelRow]) -> list[PieceCard]:
    material, stone, place = form.chosen("material"), form.chosen("stone"), form.chosen("boutique")
    kept = [
        model
        for model in models
        if (not material or material in model.materials) and (not stone or stone == model.stone)
    ]
    if place:
        there = stock.references_at(place_id=shop.boutique(place).id)
        kept = [model for model in kept if there.intersection(model.reference_ids)]
    sort = form.chosen("sort")
    shown = showing.cards(shop, kept, with_features=not sort)
    if price := form.chosen("price"):
        low, _dash, high = price.partition("-")
        shown = [
            card
            for card in shown
            if card.amount is not None
            and (not low or card.amount >= int(low))
            and (not high or card.amount < int(high))
        ]
    return sorted(shown, key=SORTS[sort]) if sort in SORTS else shown


SORTS: dict[str, Callable[[PieceCard], tuple[int, str]]] = {
    "price-up": lambda card: (card.amount if card.amount is not None else 1 << 60, card.name),
    "price-down": lambda card: (-(card.amount or 0), card.name),
    "name": lambda card: (0, card.name),
}


def _price_bounds(shop: Shop) -> tuple[int, ...]:
    """Round steps in the market's currency, in minor units."""
    factor, cents = finding.PRICE_STEP_FACTORS.get(shop.market.currency, (1, 100))
    return tuple(step * factor * cents for step in PRICE_STEPS_EUR)


def _band(shop: Shop, low: int | None, high: int | None) -> str:
    currency = shop.market.currency
    if low is None:
        return _("Under %(amount)s") % {"amount": showing.amount(high or 0, currency, shop)}
    if high is None:
        return _("%(amount)s and above") % {"amount": showing.amount(low, currency, shop)}
    return _("%(low)s to %(high)s") % {
        "low": showing.amount(low, currency, shop),
        "high": showing.amount(high, currency, shop),
    }
