"""One piece: how it looks, what it is, where it stands today, how to have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ModelView
from vendome.domains.stock.queries import scarcity
from vendome.kit import live
from vendome.kit.htmx import render_page
from vendome.kit.money import Money
from vendome.kit.policy import public
from vendome.web.boutique import keeping, offers, pictures, showing, wording
from vendome.web.boutique.framing import frame
from vendome.web.boutique.pages import Offer, PieceCard, PiecePage
from vendome.web.boutique.shop import Shop, ShopRequest, in_shop
from vendome.web.boutique.views.launches import teasers
from vendome.web.components.frames import Link


@public(reason="the catalogue is public")
@require_safe
@in_shop
def piece(request: ShopRequest, code: str) -> HttpResponse:
    shop = request.shop
    model = catalogue.get_model(maison_id=shop.maison.id, code=code)
    asked = request.GET
    offer = offers.offer(
        shop,
        model,
        material=asked.get("material", ""),
        size=asked.get("size", ""),
        way=asked.get("way", ""),
        near=asked.get("near", ""),
    )
    _listen(request, model)
    page = _page(request, model, offer)
    return render_page(request, "boutique/piece.html", page, partials=frozenset({"offer"}))


def _listen(request: ShopRequest, model: ModelView) -> None:
    """The page hears of every metal and size of this model, and of the visitor's own bag."""
    shop = request.shop
    topics = [f"reference:{one.id}" for one in model.references]
    if shop.basket:
        topics.insert(0, f"basket:{shop.basket.id}")
    request.frame = replace(frame(shop, path=request.path), live_token=live.token(topics[: live.MOST_TOPICS]))


def _delivery(offer: Offer) -> str:
    """The promised day itself, so that a page left open until it is past still says the truth."""
    sent = next((way.label for way in offer.ways if way.value == offers.DELIVER), "")
    if not sent:
        return _("Delivered with our compliments, or set aside in the boutique you choose.")
    return _("%(delivered)s, or set aside in the boutique you choose.") % {"delivered": sent}


def _page(request: ShopRequest, model: ModelView, offer: Offer) -> PiecePage:
    shop = request.shop
    collection = showing.collection_entry(shop, model.collection)
    shots = pictures.shown(model.code, "front", "angle", "detail")
    description = _text(shop, model, "description")
    family = wording.family_name(model.family)
    return PiecePage(
        head=showing.head(
            request,
            f"{model.name}, {offer.material}" if offer.material else model.name,
            showing.first_sentence(description),
            image=shots["angle"] or shots["front"],
            linked_data=_linked_data(request, model, offer, description, shots),
        ),
        crumbs=[
            Link(label=_("Home"), url=shop.url("home")),
            Link(label=family, url=shop.url("family", family=model.family)),
            Link(label=model.name, url=""),
        ],
        code=model.code,
        name=model.name,
        world=model.collection.code,
        collection=collection,
        edition=wording.edition(model.limited_edition),
        offer=offer,
        keeping=keeping.of_offer(shop, offer, url=shop.url("set_aside", code=model.code)),
        add_url=shop.url("bag_add"),
        contact_url=shop.url("service", topic="contact"),
        contact_letter=_letter(model, offer),
        description=description,
        craft=_text(shop, model, "craft"),
        care=_text(shop, model, "care"),
        facts=_facts(shop, model),
        pictures=shots,
        turn_sources=pictures.turn(model.code),
        model_url=pictures.model_in_space(model.code),
        viewer_module=static("parts/@google/model-viewer/dist/model-viewer.min.js"),
        delivery=_delivery(offer),
        delivery_url=shop.url("service", topic="delivery"),
        return_days=showing.return_days(shop, model.family),
        returns_url=shop.url("service", topic="returns"),
        sizes_url=shop.url("service", topic="sizes"),
        size_advice=str(wording.SIZES[model.size_system].advice) if model.size_system in wording.SIZES else "",
        related=_related(shop, model),
        launches=teasers(shop, scarcity.public_of_model(maison_id=shop.maison.id, model_id=model.id)),
    )


def _text(shop: Shop, model: ModelView, topic: str) -> str:
    for language in (shop.language, "en"):
        if words := model.texts.get(language, {}).get(topic):
            return words
    return ""


def _facts(shop: Shop, model: ModelView) -> list[tuple[str, str]]:
    facts = (
        (_("Stone"), wording.stone_line(stone=model.stone, cut=model.cut, carat=model.carat)),
        (_("Dimensions"), _text(shop, model, "dimensions") or model.dimensions),
        (_("Origin"), _text(shop, model, "origin")),
        (_("Edition"), wording.edition(model.limited_edition)),
        (_("Serial number"), _("Engraved, and entered in our register in your name") if model.is_serialised else ""),
    )
    return [(term, value) for term, value in facts if value]


def _related(shop: Shop, model: ModelView) -> list[PieceCard]:
    """The rest of the collection: the same family first, never the piece itself."""
    rest = [
        one
        for one in catalogue.list_models(maison_id=shop.maison.id, collection=model.collection.code)
        if one.code != model.code
    ]
    rest.sort(key=lambda one: one.family != model.family)
    return showing.cards(shop, rest[:4])


def _letter(model: ModelView, offer: Offer) -> str:
    """A letter to client service with the piece already named in it."""
    subject = quote(f"{model.name} ({offer.sku})")
    return f"mailto:{settings.DEFAULT_FROM_EMAIL}?subject={subject}"


def _linked_data(
    request: ShopRequest, model: ModelView, offer: Offer, description: str, shots: Mapping[str, str]
) -> dict[str, Any]:
    """The piece as search engines read it (schema.org Product)."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": model.name,
        "sku": offer.sku,
        "description": description,
        "material": offer.material,
        "brand": {"@type": "Brand", "name": request.shop.maison.name},
        "image": [request.build_absolute_uri(url) for url in shots.values() if url],
    }
    if offer.amount is not None:
        data["offers"] = {
            "@type": "Offer",
            "url": request.build_absolute_uri(offer.fresh_url),
            "price": str(Money(offer.amount, offer.currency).major),
            "priceCurrency": offer.currency,
            "availability": "https://schema.org/" + ("SoldOut" if offer.is_gone else "InStock"),
        }
    return data
