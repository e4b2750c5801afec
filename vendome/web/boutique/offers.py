"""One reference as a client can have it now: chosen metal and size, price, and the ways to receive it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from vendome.domains.catalogue.types import ModelView, ReferenceView
from vendome.domains.fulfilment.types import DeliveryMode
from vendome.domains.house.types import PlaceView
from vendome.domains.orders.types import Mode
from vendome.domains.pricing.types import PriceView
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.types import PublicOffer, Supply
from vendome.flows import availability, delivery_choice
from vendome.flows import kept as keeping
from vendome.flows.delivery_choice import DeliveryOffer
from vendome.flows.kept import KeptPiece
from vendome.flows.types import Way as PromisedWay
from vendome.flows.types import WayMode
from vendome.web.boutique import showing, wording
from vendome.web.boutique.hours import opening
from vendome.web.boutique.pages import Offer, Standing, Way
from vendome.web.boutique.shop import Shop
from vendome.web.boutique.wording import spoken_day
from vendome.web.components.frames import Choice, Link

DELIVER = "deliver"
NEAR = 3
"""Boutiques offered at once for collection; the others unfold."""


def offer(shop: Shop, model: ModelView, *, material: str, size: str, way: str = "", near: str = "") -> Offer:
    """The reference that was asked for, or the best one to begin with, and everything to be said of it."""
    ids = [one.id for one in model.references]
    supplies = stock.public_offer(reference_ids=ids)
    priced = showing.prices(shop, ids)
    chosen = _chosen(model, supplies, material=material, size=size)
    supply = supplies[chosen.id]
    price = priced.get(chosen.id)
    nearest = next((place for place in shop.boutiques if place.code == near), None)
    ways = _ways(shop, chosen, price, way, nearest)
    only = _place(shop, supply.only_place)
    asked = {"material": chosen.material, "size": chosen.size} | ({"near": near} if nearest else {})
    return Offer(
        reference=chosen.id,
        sku=chosen.sku,
        material=showing.sentence_case(shop.text(chosen.material_name)),
        metals=_metals(shop, model, chosen),
        sizes=_sizes(model, chosen),
        size_note=_size_note(model),
        amount=price.amount if price else None,
        currency=shop.market.currency,
        price_note=showing.price_note(price, shop.market) if price else "",
        ways=ways[: NEAR + 1],
        other_ways=ways[NEAR + 1 :],
        standing=[_standing(shop, place, supply) for place in shop.boutiques],
        is_gone=not ways or price is None,
        only_in=only.name if only else "",
        only_in_url=shop.url("boutique", code=only.code) if only else "",
        others=_others(shop, model, supplies, priced, chosen),
        shown_in=_shown_in(shop, model, chosen),
        cities=_cities(shop, near),
        fresh_url=f"{shop.url('piece', code=model.code)}?{urlencode(asked)}",
    )


def _chosen(model: ModelView, supplies: Mapping[UUID, PublicOffer], *, material: str, size: str) -> ReferenceView:
    """What was asked for as far as it exists; among several, the one most boutiques can show today."""
    there = [one for one in model.references if material in ("", one.material) and size in ("", one.size)]
    there = there or [one for one in model.references if material in ("", one.material)] or list(model.references)
    if size:
        same = [one for one in there if one.size == size]
        there = same or there
    return max(
        there,
        key=lambda one: (not supplies[one.id].is_gone, one.material == there[0].material, _reach(supplies[one.id])),
    )


def _reach(supply: PublicOffer) -> int:
    return len(supply.seen_at) + (supply.to_send is not Supply.NONE)


def _ways(shop: Shop, chosen: ReferenceView, price: PriceView | None, wanted: str, near: PlaceView | None) -> list[Way]:
    """Sent first, then collected, nearest first or in her own market first; only what can be promised, with its day."""
    kept = keeping.list_kept(client_id=shop.client_id, reference_ids=[chosen.id], at=shop.at)
    sent = _sent(shop, chosen)
    service = _service(shop, chosen, price, kept) if sent or kept else None
    ways = [_delivered(way, service) for way in sent]
    known = {place.id: place for place in shop.boutiques}
    collected = availability.list_collection(
        maison_id=shop.maison.id,
        market_id=shop.market.id,
        reference_id=chosen.id,
        near=near.id if near else None,
        at=shop.at,
    )
    ways += [_collected(shop, known[one.place_id], one) for one in collected if one.place_id in known]
    ways = _with_hers(shop, kept, ways, service)
    value = next((one.value for one in ways if one.value == wanted), ways[0].value if ways else "")
    return [replace(one, chosen=one.value == value) for one in ways]


def _sent(shop: Shop, chosen: ReferenceView) -> tuple[PromisedWay, ...]:
    question = availability.Question(
        reference_ids=[chosen.id], market_id=shop.market.id, modes=[WayMode.DELIVER], channel="web"
    )
    return availability.list_ways(question=question, maison_id=shop.maison.id, at=shop.at)


def _service(
    shop: Shop, chosen: ReferenceView, price: PriceView | None, kept: Sequence[KeptPiece]
) -> DeliveryOffer | None:
    """The way of being delivered that the checkout will propose first; none in a house that offers no choice."""
    hers = next((one.place_id for one in kept if one.gives(Mode.DELIVER, None, 1)), None)
    found = delivery_choice.list_offers(
        market=shop.market,
        reference_ids=[chosen.id],
        value=showing.due(price) if price else 0,
        kept_at=hers,
        at=shop.at,
    )
    return next(iter(found), None)


def _with_hers(shop: Shop, kept: Sequence[KeptPiece], ways: list[Way], service: DeliveryOffer | None) -> list[Way]:
    """What is set aside for her comes first where it stands; sent to her from there when no other can be."""
    for one in reversed(kept):
        place = next((place for place in shop.boutiques if place.id == one.place_id), None)
        if place and place.offers_collection and place.sells_online and one.quantity == 1:
            ways = [_kept_there(shop, place, one), *(way for way in ways if way.value != place.code)]
        if one.place_ships and one.quantity == 1 and all(way.value != DELIVER for way in ways):
            ways.append(_kept_and_sent(shop, one, service))
    return ways


def _kept_there(shop: Shop, place: PlaceView, kept: KeptPiece) -> Way:
    hours = opening(place.hours, place.timezone, shop.at).sentence
    return Way(
        value=place.code,
        label=_("Collect in %(boutique)s") % {"boutique": place.name},
        note=" · ".join((kept_words(kept, place), hours)),
        place="",
        state=Supply.AVAILABLE.value,
        words=_("Kept for you"),
    )


def _kept_and_sent(shop: Shop, kept: KeptPiece, service: DeliveryOffer | None) -> Way:
    day = keeping.get_promised_day(kept=kept, mode=Mode.DELIVER, market_id=shop.market.id, at=shop.at)
    place = next((place for place in shop.boutiques if place.id == kept.place_id), None)
    return Way(
        value=DELIVER,
        label=delivered_by(day, service),
        note=_("%(kept)s; sent insured and against a signature") % {"kept": kept_words(kept, place)},
        place="",
        state=Supply.AVAILABLE.value,
        words=_("Kept for you"),
    )


def kept_words(kept: KeptPiece, place: PlaceView | None) -> str:
    """What is said of a piece that is really kept for her, by the clock of the boutique."""
    if kept.expires_at is None:
        return _("Kept for you")
    until = kept.expires_at.astimezone(ZoneInfo(place.timezone)) if place else timezone.localtime(kept.expires_at)
    return _("Kept for you until %(day)s, %(hour)s") % {
        "day": spoken_day(until),
        "hour": date_format(until, "H:i"),
    }


def delivered_by(lane: date | None, service: DeliveryOffer | None) -> str:
    """The day as the checkout names it: that of the service, or where the house offers no choice, of the lane."""
    if service and service.mode is DeliveryMode.WHITE_GLOVE:
        return _("Brought to you by one of us, from %(day)s") % {"day": spoken_day(service.day)}
    day = service.day if service else lane
    return _("Delivered to you by %(day)s") % {"day": spoken_day(day)} if day else ""


def _delivered(way: PromisedWay, service: DeliveryOffer | None) -> Way:
    return Way(
        value=DELIVER,
        label=delivered_by(way.date, service),
        note=_("With our compliments, insured and against a signature"),
        place="",
        state=way.supply.value,
        words=_("Last piece") if way.supply is Supply.LAST else _("Ready to leave"),
    )


def _collected(shop: Shop, place: PlaceView, one: availability.CollectionPoint) -> Way:
    today = shop.at.astimezone(ZoneInfo(place.timezone)).date()
    far = _("%(km)s km away") % {"km": one.km} if one.km else ""
    if one.stands_there:
        hours = opening(place.hours, place.timezone, shop.at).sentence
        ready = _("Ready today") if one.date <= today else _("Ready from %(day)s") % {"day": spoken_day(one.date)}
        return Way(
            value=place.code,
            label=_("Collect in %(boutique)s") % {"boutique": place.name},
            note=" · ".join(part for part in (ready, far, hours) if part),
            place=str(place.id),
            state=one.supply.value,
            words=standing_words(one.supply),
        )
    ready = _("Sent there for you, ready from %(day)s") % {"day": spoken_day(one.date)}
    return Way(
        value=place.code,
        label=_("Collect in %(boutique)s") % {"boutique": place.name},
        note=" · ".join(part for part in (ready, far) if part),
        place="",
        state=one.supply.value,
        words=_("Last piece") if one.supply is Supply.LAST else _("From another of our places"),
    )


def standing_words(supply: Supply) -> str:
    return {
        Supply.AVAILABLE: _("Available today"),
        Supply.LAST: _("Last piece"),
        Supply.NONE: _("Not in this boutique"),
    }[supply]


def _standing(shop: Shop, place: PlaceView, supply: PublicOffer) -> Standing:
    return Standing(
        name=place.name,
        place=str(place.id),
        state=supply.places.get(place.id, Supply.NONE).value,
        url=shop.url("boutique", code=place.code),
        note="",
    )


def _place(shop: Shop, place_id: UUID | None) -> PlaceView | None:
    return next((place for place in shop.boutiques if place.id == place_id), None)


def _metals(shop: Shop, model: ModelView, chosen: ReferenceView) -> list[Choice]:
    names = {one.material: shop.text(one.material_name) for one in model.references if one.material}
    if len(names) < 2:
        return []
    return [
        Choice(value=code, label=showing.sentence_case(name), chosen=code == chosen.material)
        for code, name in names.items()
    ]


def _sizes(model: ModelView, chosen: ReferenceView) -> list[Choice]:
    sizes = [one.size for one in model.references if one.material == chosen.material and one.size]
    return [Choice(value=size, label=size, chosen=size == chosen.size) for size in sizes] if len(sizes) > 1 else []


def _size_note(model: ModelView) -> str:
    system = wording.SIZES.get(model.size_system)
    return str(system.measures) if system else ""


def _cities(shop: Shop, near: str) -> list[Choice]:
    """Cities of the boutiques she may visit; she says which is hers, nobody asks her device."""
    first = {place.city: place for place in reversed(shop.boutiques)}
    if len(first) < 2:
        return []
    return [
        Choice(value=place.code, label=city, chosen=place.code == near)
        for city, place in sorted(first.items(), key=lambda pair: pair[0])
    ]


def _shown_in(shop: Shop, model: ModelView, chosen: ReferenceView) -> str:
    """The metal of the photographs, when another one was chosen."""
    first = model.references[0]
    return shop.text(first.material_name) if first.material != chosen.material else ""


def _others(
    shop: Shop,
    model: ModelView,
    supplies: Mapping[UUID, PublicOffer],
    priced: Mapping[UUID, PriceView],
    chosen: ReferenceView,
) -> list[Link]:
    """Other metals and sizes that can be had today, for when this one is gone."""
    url = shop.url("piece", code=model.code)
    return [
        Link(
            label=", ".join(
                part
                for part in (
                    showing.sentence_case(shop.text(one.material_name)),
                    wording.size_with_unit(model.size_system, one.size),
                )
                if part
            ),
            url=f"{url}?{urlencode({'material': one.material, 'size': one.size})}",
        )
        for one in model.references
        if one.id != chosen.id and one.id in priced and not supplies[one.id].is_gone
    ][:6]
