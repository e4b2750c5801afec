"""Which service may carry a parcel, which one is chosen, and why. Pure: the same question has the same answer."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from vendome.domains.fulfilment.types import DeliveryMode, ServiceView, Shipment, Slot

WITHIN_A_COUNTRY_KM = 350
"""How far a parcel goes that stays in the country, when nothing better is known."""
LATER = {DeliveryMode.STANDARD: 0, DeliveryMode.EXPRESS: 1, DeliveryMode.WHITE_GLOVE: 2}


class Why(enum.StrEnum):
    """What speaks for a service, or against it."""

    AS_CHOSEN = "AS_CHOSEN"  # the kind of delivery she chose
    BEFORE_PROMISE = "BEFORE_PROMISE"  # sooner than she chose, because nothing else carries it
    IN_TIME = "IN_TIME"  # sooner than she chose, because what she chose would come after the day she was promised
    HAND_CARRIED = "HAND_CARRIED"  # worth more than any carrier insures: the concierge brings it
    BY_HAND = "BY_HAND"  # another would have been proposed; the person who packed it chose this one
    ABOVE_LIMIT = "ABOVE_LIMIT"
    NOT_THERE = "NOT_THERE"
    NOT_FROM_HERE = "NOT_FROM_HERE"
    NOT_INSURED_IN = "NOT_INSURED_IN"  # no limit in this currency
    SLOWER = "SLOWER"


class Advice(enum.StrEnum):
    """What becomes of a parcel."""

    SEND = "SEND"
    SPLIT = "SPLIT"  # worth too much together, but not one by one
    ASK = "ASK"  # nobody may carry it: a person decides


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One service held against one shipment."""

    service: ServiceView
    may_carry: bool
    why: Why
    limit: int
    arrives: date
    footprint_grams: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The chosen service first; the others with what speaks against them."""

    advice: Advice
    chosen: Weighed | None
    weighed: tuple[Weighed, ...]
    highest_limit: int


def choose(services: Iterable[ServiceView], shipment: Shipment, *, line_values: Sequence[int] = ()) -> Choice:
    """Weigh every service. The kind she chose wins; of several, the house's rank, then the cleanest.

    When none of that kind may carry it, or be there on the promised day, the next better kind that can does; when
    nobody can be there in time, it goes as it would without a day. When it is worth too much for every one of them and
    its lines are not, it is split; else a person is asked.
    """
    weighed = sorted(
        (_weigh(service, shipment) for service in services),
        key=lambda one: (not one.may_carry, LATER[one.service.mode], one.service.rank, one.footprint_grams),
    )
    fit = [one for one in weighed if one.may_carry]
    exact = [one for one in fit if one.service.mode is shipment.mode]
    better = [one for one in fit if LATER[one.service.mode] > LATER[shipment.mode]]
    chosen = _in_time(exact, better, shipment.promised) or _best(exact) or _best(better)
    highest = max((one.limit for one in weighed if one.why in (Why.ABOVE_LIMIT,) or one.may_carry), default=0)
    advice = Advice.SEND
    if chosen is None:
        advice = Advice.SPLIT if len(line_values) > 1 and max(line_values) <= highest else Advice.ASK
    rest = tuple(one for one in weighed if chosen is None or one.service.id != chosen.service.id)
    ordered = (chosen, *rest) if chosen else rest
    return Choice(advice=advice, chosen=chosen, weighed=ordered, highest_limit=highest)


def _in_time(exact: Sequence[Weighed], better: Sequence[Weighed], promised: date | None) -> Weighed | None:
    """The simplest that is there on the promised day; better than she chose only where her kind would come too late."""
    if promised is None:
        return None
    hers = _best([one for one in exact if one.arrives <= promised])
    if hers:
        return hers
    sooner = _best([one for one in better if one.arrives <= promised])
    return replace(sooner, why=Why.IN_TIME) if sooner and exact else sooner


def _best(found: Sequence[Weighed]) -> Weighed | None:
    return min(found, key=lambda one: (LATER[one.service.mode], one.service.rank, one.footprint_grams), default=None)


def _weigh(service: ServiceView, shipment: Shipment) -> Weighed:
    limit = service.limits.get(shipment.currency, 0)
    why = _against(service, shipment, limit)
    may = why is None
    if why is None:
        why = Why.AS_CHOSEN
        if LATER[service.mode] > LATER[shipment.mode]:
            why = Why.HAND_CARRIED if service.mode is DeliveryMode.WHITE_GLOVE else Why.BEFORE_PROMISE
        elif LATER[service.mode] < LATER[shipment.mode]:
            why = Why.SLOWER
    return Weighed(
        service=service,
        may_carry=may,
        why=why,
        limit=limit,
        arrives=arrival(service, shipment.local_now, shipment.ready),
        footprint_grams=footprint(service, grams=shipment.grams, km=shipment.distance_km),
    )


def _against(service: ServiceView, shipment: Shipment, limit: int) -> Why | None:
    if service.countries and shipment.destination not in service.countries:
        return Why.NOT_THERE
    if service.origins and shipment.origin not in service.origins:
        return Why.NOT_FROM_HERE
    if not limit:
        return Why.NOT_INSURED_IN
    return Why.ABOVE_LIMIT if shipment.value > limit else None


def arrival(service: ServiceView, local_now: datetime, ready: date | None = None) -> date:
    """The day it is there: a parcel after the cut-off leaves the next working day, none before it is `ready`; weekends
    do not count.
    """
    day = local_now.date()
    if local_now.time() > service.cut_off:
        day += timedelta(days=1)
    day = max(day, ready or day)
    while day.weekday() > 4:
        day += timedelta(days=1)
    left = service.days
    while left > 0:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def footprint(service: ServiceView, *, grams: int, km: int) -> int:
    """Grams of CO2e: what the road takes, by weight and distance, and what the last mile takes."""
    return service.base_grams + round(service.grams_per_tonne_km * grams / 1_000_000 * km)


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> int:
    """Great-circle distance between two points of latitude and longitude."""
    (lat1, lon1), (lat2, lon2) = ((math.radians(lat), math.radians(lon)) for lat, lon in (one, other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return round(12_742 * math.asin(math.sqrt(min(1.0, half))))


def slots(
    service: ServiceView,
    local_now: datetime,
    *,
    at_the_door: tzinfo | None = None,
    ready: date | None = None,
    days: int = 8,
) -> tuple[Slot, ...]:
    """The windows of a white-glove service in the coming days, by her own clock; never on the day itself."""
    earliest = arrival(service, local_now, ready)
    zone = at_the_door or local_now.tzinfo
    found = []
    for ahead in range(1, days + 8):
        day = local_now.date() + timedelta(days=ahead)
        if day < earliest or day.weekday() == 6:
            continue
        for begins, ends in service.windows:
            found.append(
                Slot(
                    starts_at=datetime.combine(day, begins, zone),
                    ends_at=datetime.combine(day, ends, zone),
                )
            )
    return tuple(found[: days * max(1, len(service.windows))])
