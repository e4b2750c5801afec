"""The world as a drawing: land and places on one projection, so that a house can be seen at a glance.

Equal Earth (Šavrič, Patterson and Jenny, 2018): areas are true, which a map that compares quantities owes its reader.
Land is Natural Earth's, at 1 : 110 million, from the npm package `world-atlas` (TopoJSON).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders

A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
HALF_ROOT_3 = math.sqrt(3) / 2
WIDTH = 1000.0
SCALE = WIDTH / (2 * 2.70663)  # the projection's half width in units of the globe's radius
NORTH, SOUTH = 78.0, -56.0
"""Beyond these nobody sells jewels; the drawing ends there."""
HALF_A_TURN = 180.0


def at(longitude: float, latitude: float) -> tuple[float, float]:
    """Where a point of the globe lies on the drawing, in its own units from the top left."""
    x, y = _project(longitude, latitude)
    top = _project(0, NORTH)[1]
    return round(SCALE * (x + 2.70663), 1), round(SCALE * (top - y), 1)


def height() -> float:
    return at(0, SOUTH)[1]


def _project(longitude: float, latitude: float) -> tuple[float, float]:
    angle = math.asin(HALF_ROOT_3 * math.sin(math.radians(latitude)))
    square = angle * angle
    sixth = square**3
    x = math.radians(longitude) * math.cos(angle)
    x /= HALF_ROOT_3 * (A1 + 3 * A2 * square + sixth * (7 * A3 + 9 * A4 * square))
    return x, angle * (A1 + A2 * square + sixth * (A3 + A4 * square))


@cache
def land() -> str:
    """All land as one SVG path; empty when the front-end parts are not there, and the places stand on plain paper."""
    file = finders.find("parts/world-atlas/land-110m.json")
    if file is None:
        return ""
    atlas = json.loads(Path(file).read_text(encoding="utf-8"))
    arcs = list(_arcs(atlas))
    rings = [ring for shape in atlas["objects"]["land"]["geometries"] for polygon in shape["arcs"] for ring in polygon]
    return "".join(_ring([point for index in ring for point in _along(arcs, index)]) for ring in rings)


def _arcs(atlas: dict[str, object]) -> Iterator[list[tuple[float, float]]]:
    """TopoJSON writes each arc as whole numbers, each the difference to the one before."""
    moved: dict[str, list[float]] = atlas["transform"]  # type: ignore[assignment]  # as the format says
    (kx, ky), (dx, dy) = moved["scale"], moved["translate"]
    lines: list[list[list[int]]] = atlas["arcs"]  # type: ignore[assignment]  # as the format says
    for line in lines:
        x = y = 0
        points = []
        for step_x, step_y in line:
            x, y = x + step_x, y + step_y
            points.append((x * kx + dx, y * ky + dy))
        yield points


def _along(arcs: list[list[tuple[float, float]]], index: int) -> list[tuple[float, float]]:
    """An arc forwards, or backwards when its number is a complement."""
    return arcs[index] if index >= 0 else arcs[~index][::-1]


def _ring(points: list[tuple[float, float]]) -> str:
    if max(latitude for _, latitude in points) < SOUTH - 4:
        return ""  # Antarctica
    drawn, before = "", points[0][0]
    for number, (longitude, latitude) in enumerate(points):
        x, y = at(longitude, min(latitude, 83.5))
        is_torn = abs(longitude - before) > HALF_A_TURN  # the date line parts a coast in two
        drawn += f"{'ZM' if is_torn else 'L' if number else 'M'}{x} {y}"
        before = longitude
    return drawn + "Z"
