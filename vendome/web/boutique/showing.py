"""Values from the domains as the pages show them: cards, prices, heads, boutiques."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import CollectionView, ModelRow
from vendome.domains.house.types import MarketView, PlaceView
from vendome.domains.pricing import queries as pricing
from vendome.domains.pricing.types import PriceView
from vendome.flows import returnable
from vendome.web.boutique import pictures, wording
from vendome.web.boutique.hours import opening
from vendome.web.boutique.locales import Locale, country_name
from vendome.web.boutique.pages import Alternate, BoutiqueEntry, CollectionEntry, Head, PieceCard
from vendome.web.boutique.shop import Shop, ShopRequest
from vendome.web.components import money
from vendome.web.components.parts import Tone

GROUP = 7
"""Pieces in a group of the vitrine; one of them is shown large."""


def head(
    request: ShopRequest,
    title: str,
    description: str = "",
    *,
    image: str = "",
    linked_data: Mapping[str, Any] | None = None,
) -> Head:
    """The head of a public page, with its twins in every market and language."""
    shop, here = request.shop, request.path
    rest = here.removeprefix(f"/{shop.locale}/")
    alternates = [
        Alternate(hreflang=twin.hreflang, url=request.build_absolute_uri(f"/{twin}/{rest}"))
        for twin in locales(shop.markets)
    ]
    return Head(
        title=title,
        description=description,
        canonical=request.build_absolute_uri(here),
        image=request.build_absolute_uri(image) if image else "",
        alternates=[*alternates, Alternate(hreflang="x-default", url=request.build_absolute_uri("/"))],
        linked_data=linked_data,
    )


def return_days(shop: Shop, *families: str) -> str:
    """For how long what is bought here may come back, "30 days", the shortest of these families; empty: for no time."""
    days = min(
        returnable.read_return_days(
            maison_id=shop.maison.id, country=shop.market.country, channel="web", family=family, on=shop.today
        )
        for family in families or ("",)
    )
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days} if days else ""


def private(title: str) -> Head:
    """The head of a page that is hers alone: not for search engines."""
    return Head(title=title, is_private=True)


def locales(markets: Sequence[MarketView]) -> list[Locale]:
    return [Locale(market.code, language) for market in markets for language in market.languages]


def amount(value: int, currency: str, shop: Shop) -> str:
    return money.written(value, currency, shop.language)


def price_note(price: PriceView, market: MarketView) -> str:
    """ "VAT of 20 % included"; nothing where there is none."""
    if not price.tax_rate_bp or not market.tax_name:
        return "" if price.is_tax_included else _("before sales tax, worked out from the address")
    said = {"tax": market.tax_name}
    return _("%(tax)s included") % said if price.is_tax_included else _("plus %(tax)s") % said


def due(price: PriceView, quantity: int = 1) -> int:
    """What is paid for a quantity, tax included."""
    return quantity * (price.amount if price.is_tax_included else price.amount + price.tax_amount)


def prices(shop: Shop, reference_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, PriceView]:
    if not reference_ids:
        return {}
    return pricing.list_prices(market_id=shop.market.id, reference_ids=reference_ids, day=shop.today)


def cards(shop: Shop, models: Sequence[ModelRow], *, with_features: bool = False) -> list[PieceCard]:
    """Models as cards with the price of their first reference, in two statements however many they are."""
    firsts = [model.first_reference_id for model in models]
    priced = prices(shop, firsts)
    labels = catalogue.label_references(ids=firsts) if firsts else {}
    found = []
    for position, model in enumerate(models):
        price = priced.get(model.first_reference_id)
        label = labels.get(model.first_reference_id)
        note, tone = card_note(model)
        has_angle = pictures.has(model.code, "angle")
        found.append(
            PieceCard(
                code=model.code,
                name=model.name,
                url=shop.url("piece", code=model.code),
                amount=price.amount if price else None,
                currency=shop.market.currency,
                material=sentence_case(shop.text(label.material_name)) if label else "",
                world=model.collection_code,
                note=note,
                tone=tone,
                has_angle=has_angle,
                is_feature=with_features and has_angle and position % GROUP == 2,
            )
        )
    return found


def card_note(model: ModelRow) -> tuple[str, Tone]:
    return (wording.edition(model.limited_edition), "gold") if model.limited_edition else ("", "")


def collection_entry(shop: Shop, one: CollectionView) -> CollectionEntry:
    return CollectionEntry(
        code=one.code,
        name=one.name,
        year=one.year,
        story=shop.text(one.story),
        url=shop.url("collection", code=one.code),
        picture=pictures.editorial(f"collection-{one.code}") or pictures.editorial(one.code),
    )


def boutique_entry(shop: Shop, place: PlaceView) -> BoutiqueEntry:
    return BoutiqueEntry(
        code=place.code,
        name=place.name,
        city=place.city,
        country=country_name(place.country),
        url=shop.url("boutique", code=place.code),
        address=address(place),
        phone=place.phone,
        opening=opening(place.hours, place.timezone, shop.at),
        story=shop.text(place.story),
        languages=", ".join(languages(place.languages)),
        map_url=f"geo:{place.latitude},{place.longitude}" if place.latitude is not None else "",
    )


def address(place: PlaceView) -> tuple[str, ...]:
    town = " ".join(part for part in (place.postcode, place.city) if part)
    return (*place.address, town, country_name(place.country))


def languages(codes: Sequence[str]) -> list[str]:
    return [str(wording.LANGUAGES[code]) for code in codes if code in wording.LANGUAGES]


def sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def first_sentence(text: str, most: int = 160) -> str:
    """The beginning of a text, for search engines: whole sentences while they fit."""
    if len(text) <= most:
        return text
    cut = text.rfind(". ", 0, most)
    return text[: cut + 1] if cut > 40 else text[: text.rfind(" ", 0, most)] + "…"
