"""Rings, standing on the band, 17 mm inside (size 53)."""

from collections.abc import Callable
from math import cos, exp, pi, radians, sin

import numpy as np

import gems
import mounts
import shapes
from mounts import Melee, on_ring
from piece import Piece, Pose
from shapes import move, turn

INSIDE = 8.5


def band(
    piece: Piece,
    width: Callable[[float], float],
    thick: Callable[[float], float],
    *,
    start: float = -180,
    stop: float = 180,
    power: float = 2.7,
    sides: int = 28,
    metal: str | None = None,
) -> float:
    """A band whose width and thickness vary with the angle from the top; returns the height of its centre."""
    closed = stop - start >= 360
    base = thick(180)
    centre = INSIDE + base
    angles = np.linspace(start, stop, piece.count(180, 44), endpoint=not closed)
    section = shapes.superellipse(2, 2, power, piece.count(sides, 12))
    rows = []
    for k, a in enumerate(angles):
        w, t = width(a), thick(a)
        taper = 1.0
        if not closed:
            edge = min(k, len(angles) - 1 - k) / 5
            taper = 1 if edge >= 1 else max(0.02, (1 - (1 - edge) ** 2) ** 0.5)
        row = []
        for u, v in section:
            r = INSIDE + t * 0.36 + v * t * (0.64 if v > 0 else 0.36) * taper  # comfort fit: flatter inside
            row.append((r * sin(radians(a)), u * w / 2 * taper, centre + r * cos(radians(a))))
        rows.append(row)
    piece.add(shapes.grid(np.array(rows), close_along=closed, sharp=48), metal or piece.metal)
    return centre


def even(value: float) -> Callable[[float], float]:
    return lambda _: value


def swell(low: float, high: float, spread: float) -> Callable[[float], float]:
    """`high` at the top, easing to `low`."""
    return lambda a: low + (high - low) * exp(-((abs(a) / spread) ** 2))


def main_stone(piece: Piece, carat: float | None = None) -> tuple[gems.Gem, str]:
    cut = piece.model["cut"] if piece.model["cut"] != "none" else "round"
    carat = carat or piece.model["carat"] or 1.0
    return gems.cut_stone(cut, gems.size_of(cut, carat), fine=piece.quality > 0.5), cut


def shoulders(piece: Piece, centre: float, radius: float, size: float, start: float, stop: float) -> None:
    """A row of brilliants along both shoulders."""
    small = Melee(piece)
    step = np.degrees(size * 1.04 / radius)
    for side in (-1, 1):
        angles = np.arange(start, stop, step)
        mounts.pave_row(
            piece, [on_ring(radius, side * a, centre, lift=-0.04) for a in angles], size, piece.metal, small
        )


def solitaire(piece: Piece) -> None:
    gem, cut = main_stone(piece)
    centre = band(
        piece, lambda a: 2.05 - 0.42 * exp(-((abs(a) / 26) ** 2)), lambda a: 1.65 + 0.25 * exp(-((abs(a) / 20) ** 2))
    )
    top = INSIDE + 1.75
    seat = top + gem.depth * 0.86 + 0.1
    at = on_ring(seat, 0, centre)
    mounts.basket(piece, gem, at, piece.metal, piece.stone, cut=cut, angles=mounts.SIX if cut == "round" else None)
    piece.pose = Pose(
        front=(26, 17), angle=(-34, 24), detail=(30, 36), focus=(0, 0, centre + seat), reach=gem.length * 0.92
    )


def halo(piece: Piece) -> None:
    gem, cut = main_stone(piece)
    centre = band(piece, lambda a: 1.95 - 0.2 * exp(-((abs(a) / 20) ** 2)), even(1.6))
    seat = INSIDE + 1.6 + gem.depth * 0.92
    at = on_ring(seat, 0, centre)
    mounts.basket(piece, gem, at, piece.metal, piece.stone, cut=cut)
    mounts.halo(piece, gem, at, piece.metal, size=1.2, drop=0.25)
    shoulders(piece, centre, INSIDE + 1.6, 1.25, 14, 66)
    piece.pose = Pose(
        front=(24, 24), angle=(-30, 30), detail=(24, 44), focus=(0, 0, centre + seat), reach=gem.length * 0.95
    )


def plain_band(piece: Piece) -> None:
    """Soft court band with a bright groove and a beaded edge."""
    centre = band(piece, even(4.4), even(1.75), power=3.1)
    outer = INSIDE + 1.75
    for y in (-1.45, 1.45):
        mounts.milgrain(piece, mounts.circle(outer - 0.02, y=y, centre=centre), 0.17, piece.metal)
    words = shapes.text("VERMEIL  1897", 1.15, depth=0.02, spacing=1.2)
    for v in words.vertices:
        a = v.co.x / INSIDE
        r = INSIDE + 0.01 + v.co.z
        v.co = (r * sin(a), v.co.y, centre - r * cos(a))
    piece.add(words, "dark-steel")
    piece.pose = Pose(front=(38, 15), angle=(-42, 20), detail=(46, 18), focus=(0, 0, centre + outer * 0.9), reach=5.5)


def pave_band(piece: Piece) -> None:
    centre = band(piece, even(2.3), even(1.55), power=3.4)
    size, outer = 1.62, INSIDE + 1.52
    count = round(360 / np.degrees(size * 1.045 / outer))
    frames = [on_ring(outer, 360 * k / count, centre, lift=0.06) for k in range(count)]
    mounts.pave_row(piece, frames, size, piece.metal, closed=True)
    piece.pose = Pose(front=(36, 18), angle=(-40, 22), detail=(40, 34), focus=(2, 0, centre + outer), reach=4.2)


def three_stone(piece: Piece) -> None:
    gem, cut = main_stone(piece)
    side_cut = "pear" if cut == "oval" else "emerald" if cut == "emerald" else "round"
    side_width = gem.width * (0.60 if side_cut != "pear" else 0.56)
    side = gems.cut_stone(side_cut, side_width, fine=piece.quality > 0.5)
    centre = band(piece, lambda a: 2.2 - 0.3 * exp(-((abs(a) / 30) ** 2)), even(1.7))
    seat = INSIDE + 1.7 + gem.depth * 0.9
    mounts.basket(piece, gem, on_ring(seat, 0, centre), piece.metal, piece.stone, cut=cut)
    far = np.degrees((gem.width / 2 + (side.width if side_cut != "pear" else side.length) / 2 + 0.25) / seat)
    for s in (-1, 1):
        at = on_ring(INSIDE + 1.7 + side.depth * 1.1, s * far, centre)
        if side_cut == "pear":
            at = at @ turn("Z", -90 * s)
        mounts.basket(piece, side, at, piece.metal, "diamond", cut=side_cut)
    if piece.model["accents"] == "diamond":
        shoulders(piece, centre, INSIDE + 1.7, 1.25, far + np.degrees(side.width / 2 / seat) + 6, 74)
    piece.pose = Pose(
        front=(20, 26), angle=(-26, 30), detail=(20, 46), focus=(0, 0, centre + seat), reach=gem.length * 0.95
    )


def signet(piece: Piece) -> None:
    """A round-shouldered signet; a flat table in gold, or a cut onyx."""
    centre = band(piece, swell(3.6, 11.2, 36), swell(1.5, 2.5, 30), power=3.6)
    top = INSIDE + 2.1
    oval = piece.stone == "none"
    outline = shapes.superellipse(11.0, 13.2, 2.0 if oval else 3.4, piece.count(96, 32))
    face = [(-2.2, -1.9), (-0.9, -1.5), (-0.15, -0.35), (0.0, 0.25), (-0.04, 0.42), (-0.16, 0.50)]
    at = on_ring(top + 0.45, 0, centre)
    piece.add(shapes.loft(outline, face, sharp=30), piece.metal, at)
    if oval:
        inner = shapes.offset(outline, -0.95)
        path = np.column_stack([inner, np.full(len(inner), 0.50)])
        piece.add(shapes.wire(path, 0.10, sides=8, closed=True, sharp=None), piece.metal, at)
        letter = shapes.text("V", 6.4, depth=0.03, resolution=6)
        piece.add(letter, "dark-steel", at @ move(0, 0, 0.49) @ turn("Z", 0))
    else:
        tablet = shapes.offset(outline, -0.75)
        piece.add(shapes.plate(tablet, 1.2, 0.28, base=-0.25), "onyx", at)
        path = np.column_stack([shapes.offset(outline, -0.36), np.full(len(outline), 0.52)])
        path = np.array([at @ shapes.Vector(p) for p in path])
        mounts.milgrain(piece, path, 0.15, piece.metal)
    piece.pose = Pose(front=(24, 34), angle=(-28, 36), detail=(18, 52), focus=(0, 0, centre + top + 0.8), reach=7.6)


def cocktail(piece: Piece) -> None:
    gem, cut = main_stone(piece)
    centre = band(piece, swell(2.5, 6.8, 40), swell(1.6, 2.4, 40), power=2.4)
    seat = INSIDE + 2.2 + gem.depth * (0.9 if cut != "cabochon" else 1.9)
    at = on_ring(seat, 0, centre)
    if cut == "cabochon":
        mounts.collet(piece, gem, at, piece.metal, piece.stone, wall=0.62, deep=gem.depth * 1.05, over=0.22)
        mounts.rail(piece, gem, at, piece.metal, share=0.82, height=-gem.depth * 1.45, thickness=0.7)
        mounts.rail(piece, gem, at, piece.metal, share=0.62, height=-gem.depth * 1.95, thickness=0.9)
    else:
        mounts.basket(piece, gem, at, piece.metal, piece.stone, cut=cut)
    if piece.model["accents"] == "diamond":
        mounts.halo(piece, gem, at, piece.metal, size=1.45, drop=0.5)
        small = Melee(piece)
        for row, across in enumerate((-1.45, 0.0, 1.45)):
            for side in (-1, 1):
                angles = np.arange(29 + (row % 2) * 3.4, 62 - abs(across) * 8, 8.2)
                frames = [
                    on_ring(
                        INSIDE + 1.6 + 0.8 * exp(-((a / 40) ** 2)) - 0.02 - 0.16 * abs(across),
                        side * a,
                        centre,
                        across=across,
                    )
                    @ turn("X", -12 * across)
                    for a in angles
                ]
                mounts.pave_row(piece, frames, 1.3, piece.metal, small)
    piece.pose = Pose(
        front=(24, 30), angle=(-30, 32), detail=(22, 46), focus=(0, 0, centre + seat), reach=gem.length * 0.86
    )


def toi_et_moi(piece: Piece) -> None:
    """Two stones face to face at the ends of a crossing band."""
    pearl = piece.stone == "pearl"
    base = 1.6
    centre = INSIDE + base
    path = []
    for k in range(piece.count(160, 48)):
        s = k / (piece.count(160, 48) - 1)
        a = radians(-196 + 392 * s)
        y = 3.1 * (2 * s - 1) ** 5 * 1.0
        r = INSIDE + base / 2 + 0.9 * abs(2 * s - 1) ** 9
        path.append((r * sin(a + pi), y, centre + r * cos(a + pi)))
    section = shapes.superellipse(base * 1.05, 1.95, 2.5, piece.count(22, 10))
    rows = []
    path = np.array(path)
    for i, p in enumerate(path):
        t = path[min(i + 1, len(path) - 1)] - path[max(i - 1, 0)]
        t /= np.linalg.norm(t)
        out = np.array([p[0], 0, p[2] - centre])
        out -= out.dot(t) * t
        out /= np.linalg.norm(out)
        across = np.cross(t, out)
        s = min(i, len(path) - 1 - i) / 6
        k = 1 if s >= 1 else max(0.05, (1 - (1 - s) ** 2) ** 0.5)
        rows.append([p + (out * u + across * v) * k for u, v in section])
    piece.add(shapes.grid(np.array(rows), sharp=48), piece.metal)
    gem, cut = main_stone(piece, None if not pearl else 1.0)
    if not pearl:
        gem, cut = main_stone(piece, piece.model["carat"] / 2)
    second = gems.cut_stone("pear" if not pearl else "round", gem.width if not pearl else 5.6, fine=piece.quality > 0.5)
    spread = 2.9 if pearl else 2.5
    seat = INSIDE + base + 0.3 + second.depth * 0.9
    other = on_ring(seat, 15 if pearl else 13, centre, across=spread)
    first = on_ring(seat, -15 if pearl else -13, centre, across=-spread)
    if pearl:
        ball = INSIDE + base + 3.2
        piece.add(shapes.ball(3.75, piece.count(56, 20)), "pearl", on_ring(ball, -17, centre, across=-2.2))
        cup = shapes.lathe([(0.8, -3.9), (1.7, -3.55), (2.2, -3.15), (2.05, -3.05), (0.6, -3.6)], piece.count(40, 16))
        piece.add(cup, piece.metal, on_ring(ball, -17, centre, across=-2.2))
        mounts.basket(piece, second, other, piece.metal, "diamond", cut="round", angles=mounts.SIX)
    else:
        mounts.basket(piece, gem, first @ turn("Z", 28), piece.metal, piece.stone, cut=cut)
        mounts.basket(piece, second, other @ turn("Z", 208), piece.metal, "diamond", cut="pear")
    piece.pose = Pose(front=(24, 34), angle=(-26, 36), detail=(18, 50), focus=(0, 0, centre + seat), reach=7.4)


def open_band(piece: Piece) -> None:
    """A twisted rope of gold, open at the top, each end closed by a pavé ball."""
    centre = INSIDE + 2.0
    gap = 13
    count = piece.count(200, 60)
    for strand in range(3):
        path = []
        for k in range(count):
            a = radians(gap + (360 - 2 * gap) * k / (count - 1))
            twist = 9.0 * a + strand * 2 * pi / 3
            r = INSIDE + 1.05 + 0.55 * cos(twist)
            path.append((r * sin(a), 0.62 * sin(twist), centre + r * cos(a)))
        piece.add(shapes.wire(np.array(path), 0.62, sides=piece.count(14, 7), sharp=None), piece.metal)
    small = Melee(piece)
    for side in (-1, 1):
        at = on_ring(INSIDE + 1.15, side * (gap - 3.2), centre)
        piece.add(shapes.ball(2.0, piece.count(48, 18)), piece.metal, at)
        outward = at @ turn("Y", -90 * side)
        collar = shapes.torus(1.55, 0.5, piece.count(48, 16), piece.count(12, 6))
        piece.add(collar, piece.metal, at @ turn("Y", 90) @ move(0, 0, 1.25 * side))
        for ring, (tilt, number) in enumerate(((0, 1), (36, 5), (70, 9), (104, 10))):
            for k in range(number):
                frame = outward @ turn("Z", 360 * k / number + 20 * ring) @ turn("Y", tilt) @ move(0, 0, 2.02)
                small.set(frame, 1.05 if ring else 1.15, piece.metal)
    piece.pose = Pose(front=(22, 22), angle=(-28, 26), detail=(14, 40), focus=(0, 0, centre + INSIDE + 1.2), reach=6.0)


FORMS = {
    "solitaire": solitaire,
    "halo": halo,
    "band": plain_band,
    "pave_band": pave_band,
    "three_stone": three_stone,
    "signet": signet,
    "cocktail": cocktail,
    "toi_et_moi": toi_et_moi,
    "open_band": open_band,
}
