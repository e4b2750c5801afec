"""The lines of a bag as bag and checkout show them, with what is still true of them now."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.house.types import PlaceView
from vendome.domains.orders.types import BasketLineView, BasketView, Mode
from vendome.domains.pricing.types import PriceView
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.types import PublicOffer, Supply
from vendome.flows import availability, delivery_choice
from vendome.flows import kept as keeping
from vendome.flows.delivery_choice import DeliveryOffer
from vendome.flows.kept import KeptPiece
from vendome.flows.types import WayMode
from vendome.web.boutique import showing
from vendome.web.boutique.offers import DELIVER, delivered_by, kept_words
from vendome.web.boutique.pages import BagLine
from vendome.web.boutique.shop import Shop
from vendome.web.components.frames import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """A bag read once: its lines for the page, and what they come to in minor units."""

    lines: tuple[BagLine, ...]
    places: tuple[PlaceView, ...]
    delivers: bool
    net: int
    tax: int
    tax_on_top: int
    total: int
    digest: str
    families: tuple[str, ...] = ()
    has_kept: bool = False  # something of it is set aside for her already
    offers: tuple[DeliveryOffer, ...] = ()  # the ways in which what is to be delivered may come to her

    @property
    def can_be_ordered(self) -> bool:
        return bool(self.lines) and all(line.is_promised for line in self.lines)


def reckon(shop: Shop, basket: BasketView | None) -> Reckoning:
    """Names, prices, supply and days of a bag: as many statements however long it is, and one for each line to collect.

    What is delivered is promised for the day of the first service the checkout offers; without services, of the lane.
    """
    wanted = basket.lines if basket else ()
    ids = {line.reference_id for line in wanted}
    labels = catalogue.label_references(ids=ids) if ids else {}
    priced = showing.prices(shop, ids)
    supplies = stock.public_offer(reference_ids=ids) if ids else {}
    places = {place.id: place for place in shop.boutiques}
    kept = list(keeping.list_kept(client_id=shop.client_id, reference_ids=ids, at=shop.at))
    of_reference = {one: [piece for piece in kept if piece.reference_id == one] for one in ids}
    taken = {
        one.id: keeping.find_taken(
            kept=kept, reference_id=one.reference_id, mode=one.mode, place_id=one.place_id, quantity=one.quantity
        )
        for one in wanted
    }
    sent = [one for one in wanted if one.mode is Mode.DELIVER]
    sent_value = sum(showing.due(priced[one.reference_id], one.quantity) for one in sent if one.reference_id in priced)
    offers = _offers(shop, sent, sent_value, taken)
    by_lane = {} if offers else _by_lane(shop, sent, taken)
    lines = tuple(
        _line(
            shop,
            one,
            _arrives(one, next(iter(offers), None), by_lane),
            labels[one.reference_id],
            priced.get(one.reference_id),
            supplies[one.reference_id],
            places,
            taken[one.id],
            of_reference[one.reference_id],
        )
        for one in wanted
        if one.reference_id in labels
    )
    sums = [(priced[one.reference_id], one.quantity) for one in wanted if one.reference_id in priced]
    total = sum(showing.due(price, quantity) for price, quantity in sums)
    return Reckoning(
        lines=lines,
        places=tuple(place for place in shop.boutiques if any(one.place_id == place.id for one in wanted)),
        delivers=bool(sent),
        net=sum(price.amount * quantity for price, quantity in sums),
        tax=sum(price.tax_amount * quantity for price, quantity in sums),
        tax_on_top=sum(price.tax_amount * quantity for price, quantity in sums if not price.is_tax_included),
        total=total,
        digest=_digest(wanted, total),
        has_kept=any(taken.values()),
        offers=offers,
        families=tuple({label.family for label in labels.values()}),
    )


def _offers(
    shop: Shop, sent: Sequence[BasketLineView], value: int, taken: Mapping[UUID, KeptPiece | None]
) -> tuple[DeliveryOffer, ...]:
    if not sent:
        return ()
    return delivery_choice.list_offers(
        market=shop.market,
        reference_ids=[one.reference_id for one in sent],
        value=value,
        kept_at=next((piece.place_id for one in sent if (piece := taken[one.id])), None),
        at=shop.at,
    )


def _by_lane(shop: Shop, sent: Sequence[BasketLineView], taken: Mapping[UUID, KeptPiece | None]) -> dict[UUID, date]:
    """By line, the day of the lane from where each piece would leave; of what cannot be sent now, none."""
    days = {
        one.id: keeping.get_promised_day(kept=piece, mode=Mode.DELIVER, market_id=shop.market.id, at=shop.at)
        for one in sent
        if (piece := taken[one.id])
    }
    others = {one.reference_id for one in sent if one.id not in days}
    if not others:
        return days
    question = availability.Question(
        reference_ids=others, market_id=shop.market.id, modes=[WayMode.DELIVER], together=True
    )
    ways = availability.list_ways(question=question, maison_id=shop.maison.id, at=shop.at)
    found = {way.reference_id: way.date for way in ways}
    return days | {one.id: found[one.reference_id] for one in sent if one.reference_id in found and one.id not in days}


def _arrives(line: BasketLineView, service: DeliveryOffer | None, by_lane: Mapping[UUID, date]) -> str:
    """By which day a line is delivered, in the words of the piece's own page; nothing of what is collected."""
    if line.mode is not Mode.DELIVER or not (service or line.id in by_lane):
        return ""
    return delivered_by(by_lane.get(line.id), service)


def sums(shop: Shop, bag: Reckoning) -> list[tuple[str, str]]:
    """The reckoning at the foot: pieces, delivery, tax, and what is to be paid."""
    return sum_rows(shop, net=bag.net, tax=bag.tax, tax_on_top=bag.tax_on_top, total=bag.total, delivers=bag.delivers)


def sum_rows(shop: Shop, *, net: int, tax: int, tax_on_top: int, total: int, delivers: bool) -> list[tuple[str, str]]:
    """The same rows wherever something is about to be paid."""
    market, currency = shop.market, shop.market.currency
    rows = [(_("Pieces"), showing.amount(net, currency, shop))]
    if delivers:
        rows.append((_("Delivery"), _("with our compliments")))
    if tax_on_top:
        rows.append((market.tax_name, showing.amount(tax_on_top, currency, shop)))
    elif tax:
        rows.append((_("of which %(tax)s") % {"tax": market.tax_name}, showing.amount(tax, currency, shop)))
    return [*rows, (_("To pay"), showing.amount(total, currency, shop))]


def _line(
    shop: Shop,
    line: BasketLineView,
    arrives: str,
    label: ReferenceLabel,
    price: PriceView | None,
    supply: PublicOffer,
    places: Mapping[UUID, PlaceView],
    kept: KeptPiece | None,
    all_kept: Sequence[KeptPiece],
) -> BagLine:
    place = places.get(line.place_id) if line.place_id else None
    promised, note = _promise(shop, line, price, supply, kept)
    return BagLine(
        id=line.id,
        code=label.model_code,
        name=label.model_name,
        url=f"{shop.url('piece', code=label.model_code)}?material={label.material}&size={label.size}",
        world=label.collection_code,
        material=showing.sentence_case(shop.text(label.material_name)),
        size=label.size,
        amount=price.amount * line.quantity if price else None,
        currency=shop.market.currency,
        quantity=line.quantity,
        is_counted=not label.is_serialised,
        way=_("Collect in %(boutique)s") % {"boutique": place.name} if place else _("Delivered to you"),
        ways=_ways(shop, supply, place.code if place else DELIVER, all_kept),
        note=note,
        is_promised=promised,
        change_url=shop.url("bag_change", line_id=line.id),
        remove_url=shop.url("bag_remove", line_id=line.id),
        ready=_ready_from(shop, line, place, kept) if place and promised else None,
        arrives=arrives if promised else "",
    )


def _promise(
    shop: Shop, line: BasketLineView, price: PriceView | None, supply: PublicOffer, kept: KeptPiece | None
) -> tuple[bool, str]:
    """Whether it can be ordered like this now, and what to say of it."""
    if price is None:
        return False, _("No price in this market today; client service will gladly quote one.")
    if kept:
        return True, kept_until(shop, kept)
    here = supply.to_send if line.mode is Mode.DELIVER else supply.to_collect_at(line.place_id or line.id)
    if here is Supply.NONE:
        if supply.is_gone:
            return False, _("It has just found its owner.")
        return False, _("No longer free that way; choose another below.")
    return True, _("Last piece") if here is Supply.LAST else ""


def _ready_from(shop: Shop, line: BasketLineView, place: PlaceView, kept: KeptPiece | None) -> date | None:
    """The day from which a line is ready where it is collected, as the piece's own page says it; None: today."""
    if kept and kept.place_id == place.id:
        return None
    points = availability.list_collection(
        maison_id=shop.maison.id, market_id=shop.market.id, reference_id=line.reference_id, at=shop.at
    )
    day = next((one.date for one in points if one.place_id == place.id), None)
    return day if day and day > shop.at.astimezone(ZoneInfo(place.timezone)).date() else None


def kept_until(shop: Shop, kept: KeptPiece) -> str:
    """What is said of a piece that is really kept for her."""
    return kept_words(kept, next((place for place in shop.boutiques if place.id == kept.place_id), None))


def _ways(shop: Shop, supply: PublicOffer, chosen: str, kept: Sequence[KeptPiece]) -> list[Choice]:
    """How this line can be received now; the present choice stays in the list even when it has gone."""
    ways = []
    if supply.to_send is not Supply.NONE or chosen == DELIVER or any(one.place_ships for one in kept):
        ways.append(Choice(value=DELIVER, label=_("Delivered to you"), chosen=chosen == DELIVER))
    ways.extend(
        Choice(
            value=place.code,
            label=_("Collect in %(boutique)s") % {"boutique": place.name},
            chosen=chosen == place.code,
        )
        for place in shop.boutiques
        if chosen == place.code
        or (
            (supply.to_collect_at(place.id) is not Supply.NONE or keeping.find_at(kept=kept, place_id=place.id))
            and place.offers_collection
            and place.sells_online
        )
    )
    return ways


def _digest(lines: Sequence[BasketLineView], total: int) -> str:
    """What she has read and agreed to: another bag, or another price, has another digest."""
    said = "|".join(f"{one.reference_id}:{one.quantity}:{one.mode}:{one.place_id}" for one in lines)
    return hashlib.sha256(f"{said}={total}".encode()).hexdigest()[:32]
