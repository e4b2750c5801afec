"""Reads of the house domain."""

from __future__ import annotations

import uuid

from django.db import models as db

from vendome.domains.house.models import Channel, Lane, LaneVersion, Maison, Market, Place
from vendome.domains.house.types import LaneVersionRow, LaneView, MaisonView, MarketView, PlaceKind, PlaceView
from vendome.kit.errors import NotFound


def get_maison(*, code: str = "", maison_id: uuid.UUID | None = None) -> MaisonView:
    """The maison with this code or id, or the first one of the installation. Raises NotFound."""
    rows = Maison.objects.order_by("id")
    if maison_id is not None:
        rows = rows.filter(id=maison_id)
    found = (rows.filter(code=code) if code else rows).first()
    if found is None:
        raise NotFound("There is no house here yet. Open one with `vendome demo`, or `vendome demo_house`.")
    return MaisonView(id=found.id, code=found.code, name=found.name, default_language=found.default_language)


def get_unpaid_orders(*, maison_id: uuid.UUID) -> int:
    """How many orders a client may leave unpaid online at once. Raises NotFound."""
    found = Maison.objects.filter(id=maison_id).values_list("unpaid_orders", flat=True).first()
    if found is None:
        raise NotFound()
    return found


def maison_ids() -> tuple[uuid.UUID, ...]:
    """Every maison of the installation; for jobs that go through all of them."""
    return tuple(Maison.objects.order_by("id").values_list("id", flat=True))


def list_markets(*, maison_id: uuid.UUID) -> tuple[MarketView, ...]:
    return tuple(_market(row) for row in Market.objects.filter(maison_id=maison_id).order_by("code"))


def get_market(*, maison_id: uuid.UUID, code: str) -> MarketView:
    """Raises NotFound."""
    found = Market.objects.filter(maison_id=maison_id, code=code.upper()).first()
    if found is None:
        raise NotFound()
    return _market(found)


def list_places(
    *, maison_id: uuid.UUID, kinds: tuple[PlaceKind, ...] = (), only_visible: bool = False
) -> tuple[PlaceView, ...]:
    rows = Place.objects.of(maison_id)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    if only_visible:
        rows = rows.public()
    return tuple(_place(row) for row in rows.order_by("position", "code"))


def get_place(
    *, maison_id: uuid.UUID, place_id: uuid.UUID | None = None, code: str = "", only_visible: bool = False
) -> PlaceView:
    """By id or by code. Raises NotFound, also for a place that is not visible when only those are asked for."""
    match = db.Q(id=place_id) if place_id else db.Q(code=code)
    rows = Place.objects.of(maison_id).filter(match)
    found = (rows.public() if only_visible else rows).first()
    if found is None:
        raise NotFound()
    return _place(found)


def channel_ids(*, maison_id: uuid.UUID) -> dict[str, uuid.UUID]:
    """Channel codes of a maison with their ids."""
    return dict(Channel.objects.filter(maison_id=maison_id).values_list("code", "id"))


def list_lanes(*, maison_id: uuid.UUID) -> tuple[LaneView, ...]:
    """Every lane of a maison, also those that have ended or not begun; the quickest of two markets first."""
    rows = Lane.objects.filter(maison_id=maison_id).select_related("origin", "destination")
    return tuple(
        LaneView(
            id=row.id,
            origin=row.origin.code,
            destination=row.destination.code,
            carrier=row.carrier,
            days=row.days,
            runs_on=tuple(row.runs_on),
            from_date=row.from_date,
            until_date=row.until_date,
        )
        for row in rows.order_by("origin__code", "destination__code", "days", "carrier", "from_date")
    )


def get_lanes_version(*, maison_id: uuid.UUID) -> int:
    """The number of the lanes that stand; 0 where nobody has changed them yet."""
    numbers = LaneVersion.objects.filter(maison_id=maison_id).order_by("-number")
    return numbers.values_list("number", flat=True).first() or 0


def list_lane_versions(*, maison_id: uuid.UUID, limit: int = 30) -> tuple[LaneVersionRow, ...]:
    """The history of a maison's lanes, newest first."""
    rows = LaneVersion.objects.filter(maison_id=maison_id).order_by("-number")[:limit]
    return tuple(LaneVersionRow(number=row.number, at=row.at, actor=row.actor, note=row.note) for row in rows)


def _market(row: Market) -> MarketView:
    return MarketView(
        id=row.id,
        maison_id=row.maison_id,
        code=row.code,
        country=row.country,
        currency=row.currency,
        languages=tuple(row.languages),
        tax_name=row.tax_name,
        tax_rate_bp=row.tax_rate_bp,
        tax_included=row.tax_included,
        delivery_days=row.delivery_days,
    )


def _place(row: Place) -> PlaceView:
    return PlaceView(
        id=row.id,
        maison_id=row.maison_id,
        market_id=row.market_id,
        code=row.code,
        kind=PlaceKind(row.kind),
        name=row.name,
        city=row.city,
        country=row.country,
        region=row.region,
        timezone=row.timezone,
        address=tuple(row.address),
        postcode=row.postcode,
        phone=row.phone,
        languages=tuple(row.languages),
        hours=row.hours,
        story=row.story,
        latitude=row.latitude,
        longitude=row.longitude,
        is_visible=row.is_visible,
        sells_online=row.sells_online,
        offers_collection=row.offers_collection,
        ships=row.ships,
        owner=row.owner,
    )
