"""The house on a map: each place a circle as large as what stands there, darker by what is held."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vendome.domains.house import queries as house
from vendome.domains.people import permissions
from vendome.domains.stock.queries import shelf as stock
from vendome.kit.actors import EVERYWHERE
from vendome.kit.policy import public
from vendome.web.bureau import pages, words, world
from vendome.web.bureau.frame import BureauRequest

LARGEST = 22.0
SMALLEST = 2.5
REACH = 12.0  # the circle a finger finds, where no other is near
APART = 14.0
A_WEEK = 7 * 24 * 3600


@require_safe
@public(reason="The outline of the continents tells nothing of the house.")
def land(request: HttpRequest) -> HttpResponse:
    """All land as a drawing that pages refer to; it hardly ever changes, so browsers keep it."""
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg"><defs><path id="land" d="{world.land()}"/></defs></svg>'
    answer = HttpResponse(drawing, content_type="image/svg+xml")
    answer.headers["Cache-Control"] = f"public, max-age={A_WEEK}"
    return answer


def spots(request: BureauRequest) -> Sequence[pages.Spot]:
    """The places the reader may see that lie somewhere, largest first, so that small circles stay in front."""
    totals = stock.totals_by_place(actor=request.actor)
    may_see = request.actor.places_for(permissions.STOCK_VIEW)
    found = [
        (place, *totals.get(place.id, (0, 0)))
        for place in house.list_places(maison_id=request.place.maison_id)
        if place.latitude is not None and place.longitude is not None and (may_see is EVERYWHERE or place.id in may_see)
    ]
    most = max((on_hand for _place, on_hand, _held in found), default=0)
    shown: list[pages.Spot] = []
    for place, on_hand, held in sorted(found, key=lambda one: -one[1]):
        assert place.latitude is not None
        assert place.longitude is not None
        x, y = _beside(world.at(place.longitude, place.latitude), [(one.x, one.y) for one in shown])
        shown.append(
            pages.Spot(
                name=place.name,
                city=place.city,
                url=reverse("bureau:place", args=[place.code]),
                said=_("%(place)s: %(on_hand)d on hand, %(held)d held") % {
                    "place": place.name, "on_hand": on_hand, "held": held,
                },
                kind=place.kind.value.lower(),
                kind_said=words.said(words.PLACE_KINDS, place.kind.value),
                x=x,
                y=y,
                radius=_radius(on_hand, most),
                reach=REACH,
                held_radius=_radius(held, most) if held else 0,
                label_y=round(y - _radius(on_hand, most) - 5, 1),
            )
        )  # fmt: skip
    return [replace(one, reach=_reach(one, shown)) for one in shown]


def _reach(spot: pages.Spot, spots: Sequence[pages.Spot]) -> float:
    """How far around its middle a spot is touched: never nearer to another's middle than to its own."""
    nearest = min((math.dist((spot.x, spot.y), (one.x, one.y)) for one in spots if one is not spot), default=2 * REACH)
    return round(min(REACH, nearest / 2), 1)


def _beside(spot: tuple[float, float], taken: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Where it lies, or, where another of the same city is in the way of a finger, beside it."""
    x, y = spot
    for turn in itertools.count():
        ring = (turn + 5) // 6  # six around the first, then six further out
        tried = (x + ring * APART * math.cos(turn * math.pi / 3), y + ring * APART * math.sin(turn * math.pi / 3))
        if all(math.dist(tried, one) >= REACH for one in taken):
            break
    return round(tried[0], 1), round(tried[1], 1)


def _radius(quantity: int, most: int) -> float:
    """Areas are compared by eye, so the area grows with the quantity."""
    return round(max(SMALLEST, LARGEST * math.sqrt(quantity / most)), 1) if most else SMALLEST
