"""The masthead and colophon of a visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from vendome.domains.catalogue import queries as catalogue
from vendome.kit import live
from vendome.web.boutique import wording
from vendome.web.boutique.locales import LANGUAGES, country_name
from vendome.web.components.frames import BoutiqueFrame, Choice, Link

if TYPE_CHECKING:
    from vendome.web.boutique.shop import Shop


def frame(shop: Shop, *, path: str) -> BoutiqueFrame:
    """Everything around the page. A page that listens to more than its bag replaces `live_token`."""
    return BoutiqueFrame(
        families=[_link(name, shop.url("family", family=code), path) for code, name in wording.families()],
        collections=[
            Link(
                label=one.name,
                url=shop.url("collection", code=one.code),
                note=str(one.year or ""),
                world=one.code,
                current=path == shop.url("collection", code=one.code),
            )
            for one in catalogue.list_collections(maison_id=shop.maison.id)
        ],
        services=[
            Link(label=_("Delivery"), url=shop.url("service", topic="delivery")),
            Link(label=_("Returns and exchanges"), url=shop.url("service", topic="returns")),
            Link(label=_("Care and repair"), url=shop.url("service", topic="care")),
            Link(label=_("Find your size"), url=shop.url("service", topic="sizes")),
            Link(label=_("Client service"), url=shop.url("service", topic="contact")),
        ],
        boutiques=[
            Link(label=place.city, url=shop.url("boutique", code=place.code))
            for place in sorted(shop.boutiques, key=lambda place: place.city)
        ],
        legal=[Link(label=_("Privacy"), url=shop.url("service", topic="privacy"))],
        markets=sorted(
            (
                Choice(
                    value=market.code,
                    label=f"{country_name(market.code)} ({market.currency})",
                    chosen=market.code == shop.market.code,
                )
                for market in shop.markets
            ),
            key=lambda choice: choice.label,
        ),
        languages=[
            Choice(value=code, label=name, chosen=code == shop.language)
            for code, name in LANGUAGES.items()
            if code in shop.market.languages
        ],
        market_label=f"{country_name(shop.market.code)}, {shop.market.currency}",
        chooser_url=shop.url("choose"),
        home_url=shop.url("home"),
        search_url=shop.url("search"),
        boutiques_url=shop.url("boutiques"),
        account_url=shop.url("account"),
        bag_url=shop.url("bag"),
        bag_count=shop.basket.count if shop.basket else 0,
        live_token=live.token(topics) if (topics := _topics(shop)) else "",
    )


def _topics(shop: Shop) -> list[str]:
    """Her bag, and what is hers alone: a selection that was sent, a bag opened on another device."""
    return [
        *([f"basket:{shop.basket.id}"] if shop.basket else []),
        *([f"own:{shop.client_id}"] if shop.client_id else []),
    ]


def _link(label: str, url: str, path: str) -> Link:
    return Link(label=label, url=url, current=path == url)
