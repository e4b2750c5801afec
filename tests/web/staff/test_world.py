"""The map of the house: places where they lie, circles that compare, nothing of places the reader may not see."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from django.test import Client as Browser
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.small_house import SmallHouse
from tests.web.staff.pages import text
from vendome.domains.house.models import Place
from vendome.kit.actors import Actor
from vendome.web.bureau import world
from vendome.web.bureau.views.world_map import LARGEST, _radius


def test_the_projection_is_that_of_its_paper() -> None:
    """Equal Earth: the pole line is 0.59 of the equator, and latitude 45 lies at 0.5 of asin's own scale."""
    assert world.at(0, 0)[0] == world.WIDTH / 2
    assert world.at(180, 0)[0] == pytest.approx(world.WIDTH, abs=0.1)
    assert world.at(-180, 0)[0] == pytest.approx(0, abs=0.1)
    assert (world.at(180, 90)[0] - world.WIDTH / 2) / (world.WIDTH / 2) == pytest.approx(0.59, abs=0.01)


@given(st.floats(-180, 180), st.lists(st.floats(-80, 80), min_size=2, max_size=2))
def test_north_is_up_and_east_is_right(longitude: float, latitudes: list[float]) -> None:
    south, north = sorted(latitudes)
    assert world.at(longitude, north)[1] <= world.at(longitude, south)[1]
    xs = [world.at(one, north)[0] for one in (-120.0, -10.0, 60.0, 170.0)]
    assert all(west < east for west, east in pairwise(xs))


def test_land_is_one_path_without_antarctica() -> None:
    drawn = world.land()
    assert drawn.startswith("M")
    assert drawn.endswith("Z")
    points = [point for part in re.split("[MLZ]+", drawn) if (point := part.strip())]
    lowest = max(float(point.split(" ")[1]) for point in points)
    assert lowest < world.height() + 25


def test_area_says_how_much() -> None:
    assert _radius(400, 400) == LARGEST
    assert _radius(100, 400) == LARGEST / 2
    assert _radius(0, 0) == _radius(0, 400) < 3


def test_the_map_shows_the_places_of_the_house(house: SmallHouse, visit: Callable[[Actor | None], Browser]) -> None:
    Place.objects.filter(id=house.paris).update(latitude=48.867, longitude=2.329)
    house.stocked(house.paris, ring=2)

    page = visit(house.director).get("/bureau/stock/")

    drawn = page.content.decode()
    assert "2 on hand, 0 held" in drawn
    x, y = world.at(2.329, 48.867)
    assert f'cx="{x}" cy="{y}"' in drawn
    assert drawn.count('class="world-spot"') == 1  # the others lie nowhere
    assert "Each circle" in text(page)


def test_the_outline_is_kept_by_browsers(client: Browser, db: None) -> None:
    answer = client.get("/bureau/world.svg")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    assert b'id="land"' in answer.content
    assert json.dumps("vermeil").encode() not in answer.content
