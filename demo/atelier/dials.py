"""Dials and hands, in the plane of the dial: y towards twelve, z towards the eye."""

from math import cos, pi, radians, sin

import numpy as np
from mathutils import Matrix

import shapes
from piece import Piece
from shapes import move, turn

ROMAN = ("XII", "I", "II", "III", "IIII", "V", "VI", "VII", "VIII", "IX", "X", "XI")


def ink_for(dial: str) -> str:
    return "ink" if dial in ("ivory", "salmon") else "print"


def place(degrees: float, radius: float, height: float) -> Matrix:
    """A frame on the dial, degrees clockwise from twelve, y outwards."""
    a = radians(degrees)
    return move(radius * sin(a), radius * cos(a), height) @ turn("Z", -degrees)


def bar(width: float, length: float, height: float, bevel: float = 0.12):
    return shapes.plate(shapes.rounded_rectangle(width, length, min(width, length) * 0.12, 2), height, bevel, sharp=25)


def tick(width: float, length: float):
    w, l = width / 2, length / 2
    return shapes.mesh_from([(-w, -l, 0), (w, -l, 0), (w, l, 0), (-w, l, 0)], [(0, 1, 2, 3)], smooth=False)


def hand(length: float, width: float, tail: float, *, leaf: bool = False):
    """A dauphine (two facets meeting on a ridge) or a leaf."""
    if leaf:
        steps = np.linspace(0, 1, 20)
        half = [width / 2 * (0.18 + 0.82 * sin(pi * s**0.8) ** 1.1) * (1 - 0.85 * s**6) for s in steps]
        y = -tail + steps * (length + tail)
        left = [(-h, v, 0) for h, v in zip(half, y, strict=True)]
        ridge = [(0, v, h * 0.45) for h, v in zip(half, y, strict=True)]
        right = [(h, v, 0) for h, v in zip(half, y, strict=True)]
        return shapes.grid(np.array([left, ridge, right]), close_around=False, caps=False, sharp=12)
    shoulder = length * 0.10
    verts = [
        (0, -tail, 0.02),
        (-width / 2, shoulder, 0),
        (0, length, 0.02),
        (width / 2, shoulder, 0),
        (0, shoulder, width * 0.30),
    ]
    return shapes.mesh_from(verts, [(0, 4, 1), (1, 4, 2), (2, 4, 3), (3, 4, 0)], smooth=False)


def hands(
    piece: Piece,
    at: Matrix,
    hour: float,
    minute: float,
    material: str,
    *,
    leaf: bool = False,
    seconds: float | None = None,
    width: float = 1.9,
) -> None:
    """Ten past ten, so that the hands frame the name of the house."""
    piece.add(hand(hour, width, hour * 0.16, leaf=leaf), material, at @ move(0, 0, 0.75) @ turn("Z", -305))
    piece.add(hand(minute, width * 0.84, minute * 0.12, leaf=leaf), material, at @ move(0, 0, 1.15) @ turn("Z", -59))
    piece.add(
        shapes.lathe([(0.02, 0.5), (0.95, 0.5), (0.95, 1.5), (0.75, 1.72), (0.02, 1.75)], piece.count(36, 14)),
        material,
        at,
    )
    if seconds:
        piece.add(
            shapes.plate(shapes.rounded_rectangle(0.20, seconds * 1.28, 0.08, 2), 0.1, 0.03),
            material,
            at @ move(0, 0, 1.62) @ turn("Z", -212) @ move(0, seconds * 0.36, 0),
        )


def name(piece: Piece, at: Matrix, y: float, size: float, material: str) -> None:
    resolution = 4 if piece.quality > 0.6 else 1
    piece.add(shapes.text("VERMEIL", size, spacing=1.45, resolution=resolution), material, at @ move(0, y, 0.03))
    piece.add(
        shapes.text("PARIS", size * 0.5, spacing=1.7, resolution=resolution),
        material,
        at @ move(0, y - size * 1.05, 0.03),
    )


def round_dial(
    piece: Piece,
    radius: float,
    at: Matrix,
    *,
    dial: str,
    metal: str,
    small_seconds: bool = False,
    date: bool = False,
    line: bool = False,
) -> None:
    """A round dial with applied batons, a minute track and, if asked, small seconds, a date or the meridian line."""
    ink = ink_for(dial)
    piece.add(
        shapes.lathe([(0.02, -0.6), (radius, -0.6), (radius, 0.0), (0.02, 0.0)], piece.count(128, 48), sharp=30),
        f"dial-{dial}",
        at,
    )
    thin, five = tick(0.10, 0.85), tick(0.17, 0.95)
    for k in range(60):
        piece.add(five if k % 5 == 0 else thin, ink, at @ place(6 * k, radius - 0.85, 0.02))
    ring = np.column_stack([shapes.superellipse(2 * radius - 2.7, 2 * radius - 2.7, 2, 120), np.full(120, 0.0)])
    piece.add(shapes.wire(ring, 0.05, sides=6, closed=True), ink, at)
    baton, twelve = bar(radius * 0.048, radius * 0.20, 0.42), bar(radius * 0.042, radius * 0.22, 0.42)
    for k in range(12):
        if (k == 3 and date) or (k == 6 and small_seconds):
            continue
        if k == 0:
            for x in (-0.036, 0.036):
                piece.add(twelve, metal, at @ move(x * radius, radius * 0.77, 0))
            continue
        piece.add(baton, metal, at @ place(30 * k, radius * 0.775, 0))
    if line:
        piece.add(tick(0.09, radius * 0.40), metal, at @ move(0, -radius * 0.42, 0.03))
    if small_seconds:
        sub = at @ move(0, -radius * 0.47, 0)
        r = radius * 0.285
        for s, t in ((r, 0.09), (r * 0.72, 0.05)):
            circle = np.column_stack([shapes.superellipse(2 * s, 2 * s, 2, 72), np.full(72, 0.01)])
            piece.add(shapes.wire(circle, t, sides=6, closed=True), metal if t > 0.06 else ink, sub)
        for k in range(12):
            piece.add(tick(0.11, r * 0.22), ink, sub @ place(30 * k, r * 0.86, 0.02))
        piece.add(
            shapes.plate(shapes.rounded_rectangle(0.26, r * 1.02, 0.1, 2), 0.12, 0.04),
            metal,
            sub @ move(0, 0, 0.3) @ turn("Z", -130) @ move(0, r * 0.3, 0),
        )
        piece.add(shapes.lathe([(0.02, 0.1), (0.42, 0.1), (0.42, 0.5), (0.02, 0.55)], 20), metal, sub)
    if date:
        window = at @ move(radius * 0.72, 0, 0)
        piece.add(bar(radius * 0.25, radius * 0.19, 0.20, 0.06), metal, window)
        piece.add(bar(radius * 0.20, radius * 0.145, 0.21, 0.02), "dial-ivory", window)
        piece.add(shapes.text("22", radius * 0.13, resolution=3), "ink", window @ move(0, 0, 0.22))
    name(piece, at, radius * 0.42, radius * 0.115, ink)
    hands(
        piece,
        at,
        radius * 0.52,
        radius * 0.80,
        metal,
        leaf=dial == "ivory",
        seconds=None if small_seconds else radius * 0.84,
        width=radius * 0.115,
    )


def roman_dial(
    piece: Piece, outline: np.ndarray, width: float, height: float, at: Matrix, *, dial: str, metal: str
) -> None:
    """A rectangular dial: Roman numerals fanned from the centre round a railway track."""
    ink = ink_for(dial)
    piece.add(shapes.plate(outline, 0.6, 0.05, base=-0.6), f"dial-{dial}", at)
    resolution = 4 if piece.quality > 0.6 else 1
    track = (0.56 * width / 2, 0.62 * height / 2)

    def on_frame(degrees: float, w: float, h: float) -> tuple[float, float]:
        a = radians(degrees)
        k = min(w / max(abs(sin(a)), 1e-6), h / max(abs(cos(a)), 1e-6))
        return k * sin(a), k * cos(a)

    for grow in (0.0, 0.9):
        path = np.column_stack(
            [shapes.rounded_rectangle(2 * (track[0] + grow), 2 * (track[1] + grow), 0.3, 3), np.zeros(16)]
        )
        piece.add(shapes.wire(path, 0.05, sides=6, closed=True), ink, at)
    for k in range(60):
        x, y = on_frame(6 * k, track[0] + 0.45, track[1] + 0.45)
        piece.add(
            tick(0.10 if k % 5 else 0.26, 0.85),
            ink,
            at @ move(x, y, 0.02) @ turn("Z", 0 if abs(abs(y) - track[1] - 0.45) < 0.01 else 90),
        )
    for k, numeral in enumerate(ROMAN):
        x, y = on_frame(30 * k, width / 2 * 0.775, height / 2 * 0.815)
        lean = -degrees_of(x, y)
        mesh = shapes.text(numeral, height * 0.105, spacing=0.92, resolution=resolution)
        stretch = shapes.scale(0.78, 1.28, 1)
        piece.add(
            mesh, ink, at @ move(x, y, 0.03) @ turn("Z", lean if k not in (3, 9) else (-90 if k == 3 else 90)) @ stretch
        )
    name(piece, at, track[1] * 0.52, height * 0.046, ink)
    hands(piece, at, track[1] * 0.62, track[1] * 0.98, metal, leaf=False, width=width * 0.072)


def degrees_of(x: float, y: float) -> float:
    return float(np.degrees(np.arctan2(x, y)))
