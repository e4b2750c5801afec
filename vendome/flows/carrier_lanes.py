"""Headquarters writes how long carriers take between markets, after seeing what it makes of a promise."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from vendome.domains.house import queries as house
from vendome.domains.house import services as writing
from vendome.domains.house.types import LaneVersionRow, LaneView, PlaceView
from vendome.domains.people import permissions
from vendome.kit.actors import EVERYWHERE, Actor
from vendome.kit.errors import Forbidden, NotFound

MORNING = time(9)
"""The hour at which a preview of a later day orders, before every cut-off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePromise:
    """What is ordered from a place at a moment: the day it would arrive as the lanes stand, and as they would."""

    place: PlaceView
    ordered_at: datetime
    now: date
    then: date


def list_lanes(*, actor: Actor) -> tuple[LaneView, ...]:
    """Every lane of the maison, those of other days too."""
    actor.require(permissions.STOCK_VIEW)
    return house.list_lanes(maison_id=actor.in_maison)


def list_versions(*, actor: Actor) -> tuple[LaneVersionRow, ...]:
    """The history of the lanes, newest first."""
    actor.require(permissions.STOCK_VIEW)
    return house.list_lane_versions(maison_id=actor.in_maison)


def write_lanes(*, lanes: Sequence[LaneView], expected: int, note: str, actor: Actor, at: datetime) -> int:
    """Make these all lanes of the maison; returns the version. Raises BadInput, LaneTwice, LanesMoved, Forbidden."""
    _require(actor)
    return writing.write_lanes(lanes=lanes, expected=expected, note=note, actor=actor, at=at)


def save_lane(*, lane: LaneView, expected: int, note: str, actor: Actor, at: datetime) -> int:
    """Add a lane, or put it in the place of the one with its id; returns the version. Raises as write_lanes."""
    _require(actor)
    return writing.write_lanes(
        lanes=_with(house.list_lanes(maison_id=actor.in_maison), lane), expected=expected, note=note, actor=actor, at=at
    )


def drop_lane(*, lane_id: uuid.UUID, expected: int, note: str, actor: Actor, at: datetime) -> int:
    """Take a lane out; returns the version. Raises NotFound, and as write_lanes."""
    _require(actor)
    known = house.list_lanes(maison_id=actor.in_maison)
    rest = [one for one in known if one.id != lane_id]
    if len(rest) == len(known):
        raise NotFound()
    return writing.write_lanes(lanes=rest, expected=expected, note=note, actor=actor, at=at)


def restore(*, number: int, expected: int, actor: Actor, at: datetime) -> int:
    """Make the lanes as they stood in an earlier version, as a new one. Raises NotFound, and as write_lanes."""
    _require(actor)
    earlier = writing.read_version(maison_id=actor.in_maison, number=number)
    return writing.write_lanes(lanes=earlier, expected=expected, note=f"Version {number} restored", actor=actor, at=at)


def read_preview(*, lane: LaneView, actor: Actor, at: datetime) -> tuple[LanePromise, ...]:
    """What this lane would make of promises: of each place that sends, ordered now and on its first morning.

    Nothing is written. Raises BadInput, LaneTwice, Forbidden.
    """
    _require(actor)
    maison_id = actor.in_maison
    known = house.list_lanes(maison_id=maison_id)
    markets = {market.id: market.code for market in house.list_markets(maison_id=maison_id)}
    places = [
        place
        for place in house.list_places(maison_id=maison_id)
        if place.ships and markets[place.market_id] == lane.origin
    ]
    asked = [(place, when) for place in places for when in _moments(place, lane, at)]
    wanted = [(place.id, lane.destination, when) for place, when in asked]
    now = writing.read_arrivals(maison_id=maison_id, lanes=known, asked=wanted)
    then = writing.read_arrivals(maison_id=maison_id, lanes=_with(known, lane), asked=wanted)
    return tuple(
        LanePromise(place=place, ordered_at=when, now=before, then=after)
        for (place, when), before, after in zip(asked, now, then, strict=True)
    )


def _moments(place: PlaceView, lane: LaneView, at: datetime) -> list[datetime]:
    zone = ZoneInfo(place.timezone)
    if lane.from_date is None or lane.from_date <= at.astimezone(zone).date():
        return [at]
    return [at, datetime.combine(lane.from_date, MORNING, tzinfo=zone)]


def _with(known: Sequence[LaneView], lane: LaneView) -> list[LaneView]:
    return [*(one for one in known if one.id != lane.id), lane]


def _require(actor: Actor) -> None:
    """Lanes are the whole house's: only who keeps the rules everywhere writes them."""
    if actor.places_for(permissions.STOCK_RULES) is not EVERYWHERE:
        raise Forbidden(permission=permissions.STOCK_RULES)
