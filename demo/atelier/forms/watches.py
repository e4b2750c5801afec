"""Watches, standing on their strap, dial towards the eye."""

from math import pi

import numpy as np
from mathutils import Matrix, Vector

import dials
import shapes
from mounts import Melee
from piece import Piece, Pose
from shapes import move, scale, turn


def _loop(start: float, back: float) -> np.ndarray:
    """The side view of a closed strap, from the lug at twelve round the wrist to the lug at six, in the yz plane."""
    upper = [
        (start - 0.9, -2.2),
        (start + 1.3, -2.6),
        (start + 4.6, -6.4),
        (start + 7.2, -15.0),
        (start + 7.4, -25.0),
        (start + 4.2, -36.0),
        (start - 4.5, -46.0),
        (start - 14, back + 1.2),
        (0, back),
    ]
    lower = [(-y, z) for y, z in reversed(upper[:-1])]
    return np.array([(0, y, z) for y, z in shapes.smooth_path([(*p, 0) for p in upper + lower], 260)[:, :2]])


def strap(piece: Piece, at: Matrix, width: float, start: float, *, leather: str) -> None:
    """A padded strap with stitching, two keepers and a pin buckle."""
    path = _loop(start, -53.0)
    count = piece.count(150, 50)
    line = path[np.linspace(0, len(path) - 1, count).astype(int)]
    side = Vector((1, 0, 0))

    def section(s: float) -> np.ndarray:
        toward = abs(2 * s - 1)
        w = width * (0.80 + 0.20 * toward**1.2)
        t = 2.0 + 1.7 * toward**3
        u = shapes.superellipse(w, t, 5.0, piece.count(40, 16))
        dome = 0.55 * toward**2 * (1 - (2 * u[:, 0] / w) ** 2) * (u[:, 1] < 0)
        return np.column_stack([u[:, 0], u[:, 1] - dome])

    mesh = shapes.sweep(line, section, up=side, sharp=55)
    piece.add(mesh, leather, at)
    if leather != "satin":
        _stitches(piece, at, path, width, leather.replace("leather", "thread"))
    for s in (0.42, 0.36):
        k = int(s * (len(path) - 1))
        frame = shapes.frames(path[k - 1 : k + 2], up=side)[1]
        keeper = shapes.rounded_rectangle(width * 0.88, 3.9, 1.2, 4)
        ring = np.array([(x, y, 0) for x, y in keeper])
        piece.add(
            shapes.sweep(ring, shapes.rounded_rectangle(1.0, 3.4, 0.4, 3), closed=True, sharp=50), leather, at @ frame
        )
    k = len(path) // 2
    frame = shapes.frames(path[k - 1 : k + 2], up=side)[1]
    buckle = np.array([(x, -2.0, y) for x, y in shapes.rounded_rectangle(width * 0.80 + 2.8, 10, 2.2, 5)])
    piece.add(shapes.wire(buckle, 0.95, sides=piece.count(12, 6), closed=True, sharp=None), piece.metal, at @ frame)
    piece.add(
        shapes.wire(np.array([(0, -2.6, -5.4), (0, -3.2, 0), (0, -2.9, 5.8)]), 0.6, sides=8), piece.metal, at @ frame
    )


def _stitches(piece: Piece, at: Matrix, path: np.ndarray, width: float, thread: str) -> None:
    points, _ = shapes.even_path(path, 2.5 if piece.quality > 0.6 else 3.6)
    stitch = shapes.wire(
        np.array([(0, 0, z) for z in np.linspace(-0.75, 0.75, 7)]),
        shapes.domed_ends(0.17, share=0.2),
        sides=piece.count(8, 4),
        sharp=None,
    )
    n = len(points)
    for i, frame in enumerate(shapes.frames(points, up=Vector((1, 0, 0)))):
        toward = abs(2 * i / (n - 1) - 1)
        w = width * (0.80 + 0.20 * toward**1.2)
        t = 2.0 + 1.7 * toward**3
        if toward > 0.985 or toward < 0.12:
            continue
        for x in (-1, 1):
            piece.add(stitch, thread, at @ frame @ move(x * (w / 2 - 1.55), -(t / 2 - 0.04), 0))


def bracelet(piece: Piece, at: Matrix, width: float, start: float) -> None:
    """Five rows of brick links, polished and brushed in turn."""
    points, step = shapes.even_path(_loop(start + 0.8, -53.0), 3.3)
    outer = shapes.plate(
        shapes.rounded_rectangle(width * 0.26, step * 0.94, 0.8, piece.count(3, 1)),
        2.6,
        0.5,
        base=-1.3,
        steps=4 if piece.quality > 0.3 else 2,
    )
    inner = shapes.plate(
        shapes.rounded_rectangle(width * 0.145, step * 0.94, 0.7, piece.count(3, 1)),
        2.6,
        0.7,
        base=-1.3,
        steps=4 if piece.quality > 0.3 else 2,
    )
    frames = shapes.frames(points, up=Vector((1, 0, 0)))
    for i, frame in enumerate(frames[:-1]):
        half = frame.lerp(frames[i + 1], 0.5)
        for x, mesh, on, metal in (
            (-0.365, outer, frame, f"brushed-{piece.metal}"),
            (0.365, outer, frame, f"brushed-{piece.metal}"),
            (-0.155, inner, half, piece.metal),
            (0.155, inner, half, piece.metal),
            (0, inner, frame, piece.metal),
        ):
            piece.add(mesh, metal, at @ on @ move(x * width, 0, 0) @ turn("X", 90))


def crown(piece: Piece, at: Matrix, radius: float = 2.6) -> None:
    """A fluted crown with a small cabochon."""
    n = piece.count(120, 48)
    a = np.linspace(0, 2 * pi, n, endpoint=False)
    flute = 1 - 0.05 * (np.cos(24 * a) > 0)
    rows = [
        np.stack(
            [
                r * flute * np.cos(a) if 0.4 < z < 3.0 else r * np.cos(a),
                r * flute * np.sin(a) if 0.4 < z < 3.0 else r * np.sin(a),
                np.full(n, z),
            ],
            axis=1,
        )
        for r, z in (
            (radius * 0.5, -1.2),
            (radius * 0.5, 0.0),
            (radius * 0.86, 0.1),
            (radius, 0.5),
            (radius, 2.6),
            (radius * 0.84, 3.1),
            (radius * 0.5, 3.25),
        )
    ]
    piece.add(shapes.grid(np.array(rows), sharp=30), piece.metal, at)
    jewel = shapes.ball(radius * 0.46, piece.count(28, 12))
    piece.add(
        jewel,
        "onyx"
        if piece.model["dial"] in ("ivory", "black")
        else "sapphire"
        if piece.model["dial"] == "midnight"
        else piece.metal,
        at @ move(0, 0, 3.2) @ scale(1, 1, 0.8),
    )


def lug(piece: Piece, at: Matrix, points: list, width: float, thick: float) -> None:
    path = shapes.smooth_path(points, piece.count(24, 10))

    def section(s: float) -> np.ndarray:
        k = 1 - 0.22 * s
        end = 1 if s < 0.9 else max(0.3, (1 - ((s - 0.9) / 0.11) ** 2) ** 0.5)
        return shapes.superellipse(width * k * end, thick * k * end, 4.2, piece.count(28, 12))

    piece.add(shapes.sweep(path, section, up=Vector((1, 0, 0)), sharp=40), piece.metal, at)


def crystal(piece: Piece, at: Matrix, outline: np.ndarray, edge: float, dome: float) -> None:
    rows = [[(x * k, y * k, edge + dome * (1 - k * k)) for x, y in outline] for k in np.linspace(1, 0.02, 9)]
    piece.add(shapes.grid(np.array(rows), caps=False, sharp=None), "crystal", at)


def _case(piece: Piece, at: Matrix, outline: np.ndarray, *, bezel: float, height: float = 3.4) -> None:
    """Back, flank, bezel and the flange down to the dial."""
    body = [
        (-3.0, -4.9),
        (-1.4, -4.9),
        (-0.5, -4.1),
        (-0.05, -3.0),
        (0.0, -2.4),
        (0.0, 0.6),
        (-0.10, 0.85),
        (-0.42, 0.95),
    ]
    ring = [
        (-0.42, 0.95),
        (-0.36, 1.05),
        (-0.16, 1.35),
        (-0.18, 1.9),
        (-0.45, height * 0.78),
        (-bezel * 0.45, height * 0.96),
        (-bezel * 0.8, height),
        (-bezel * 0.95, height - 0.08),
        (-bezel, height - 0.35),
        (-bezel - 0.25, 1.1),
    ]
    piece.add(shapes.loft(outline, body, sharp=24), f"brushed-{piece.metal}", at)
    piece.add(shapes.loft(outline, ring, caps=False, sharp=24), piece.metal, at)


def _stand(piece: Piece, lowest: float) -> Matrix:
    """The frame of the dial: upright, a little laid back, above the table."""
    return move(0, 0, lowest) @ turn("X", 90) @ turn("X", -7)


def _pose(piece: Piece, reach: float) -> None:
    low, _ = piece.bounds()
    piece.place(move(0, 0, -float(low[2])))
    low, high = piece.bounds()
    middle = (float(high[2]) + float(low[2])) / 2
    piece.pose = Pose(front=(10, 6), angle=(-26, 14), detail=(16, 14), focus=(0, -3.0, middle + 1.5), reach=reach)


def _straps(piece: Piece, at: Matrix, width: float, start: float) -> None:
    if piece.model["strap"] == "metal":
        bracelet(piece, at, width, start)
    else:
        strap(piece, at, width, start, leather=piece.model["strap"])


def round_watch(piece: Piece) -> None:
    code = piece.model["code"]
    radius = 18.0 if code.endswith("36") or code.startswith("aurore") else 19.2
    if code.startswith("aurore"):
        radius = 16.5
    at = _stand(piece, 40)
    outline = shapes.superellipse(2 * radius, 2 * radius, 2, piece.count(160, 56))
    diamonds = piece.model["accents"] == "diamond"
    bezel = 2.6 if diamonds else 1.9
    _case(piece, at, outline, bezel=bezel)
    opening = radius - bezel - 0.1
    dials.round_dial(
        piece,
        opening,
        at @ move(0, 0, 1.3),
        dial=piece.model["dial"],
        metal=piece.metal,
        small_seconds="quantieme" in code or code.endswith("36"),
        date="quantieme" in code,
        line="meridien" in code,
    )
    crystal(piece, at, shapes.offset(outline, -bezel), 3.15, 0.85)
    wide = radius * 1.04
    for x in (-1, 1):
        for y in (-1, 1):
            lug(
                piece,
                at,
                [
                    (x * wide * 0.60, y * radius * 0.70, -0.9),
                    (x * wide * 0.60, y * radius * 0.96, -0.3),
                    (x * wide * 0.59, y * radius * 1.10, -1.9),
                    (x * wide * 0.585, y * radius * 1.18, -4.6),
                ],
                2.9,
                3.6,
            )
    crown(piece, at @ move(radius - 0.1, 0, -1.0) @ turn("Y", 90))
    if diamonds:
        small = Melee(piece)
        middle = radius - bezel * 0.56
        n = round(2 * pi * middle / 1.72)
        for k in range(n):
            small.set(at @ dials.place(360 * k / n, middle, 3.36), 1.62, None)
            small.bead(at @ dials.place(360 * (k + 0.5) / n, middle + 0.55, 3.4), 0.18, piece.metal)
            small.bead(at @ dials.place(360 * (k + 0.5) / n, middle - 0.55, 3.4), 0.18, piece.metal)
    _straps(piece, at, wide * 1.02, radius * 1.02)
    _pose(piece, radius * 0.72)


def cushion_watch(piece: Piece) -> None:
    side = 35.0
    at = _stand(piece, 40)
    outline = shapes.superellipse(side, side, 3.5, piece.count(160, 56))
    _case(piece, at, outline, bezel=2.2)
    circle = shapes.superellipse(side - 5.4, side - 5.4, 2, piece.count(128, 48))
    frame = [
        [(x, y, 2.6) for x, y in shapes.offset(outline, -1.6)],
        [(x, y, 2.95) for x, y in shapes.superellipse(side - 4.4, side - 4.4, 2.25, len(outline))],
        [(x, y, 2.8) for x, y in shapes.superellipse(side - 5.3, side - 5.3, 2, len(outline))],
        [(x, y, 1.1) for x, y in shapes.superellipse(side - 5.7, side - 5.7, 2, len(outline))],
    ]
    piece.add(shapes.grid(np.array(frame), caps=False, sharp=28), piece.metal, at)
    dials.round_dial(
        piece,
        side / 2 - 2.7,
        at @ move(0, 0, 1.3),
        dial=piece.model["dial"],
        metal=piece.metal,
        small_seconds=piece.model["strap"] == "metal",
    )
    crystal(piece, at, circle, 2.8, 0.9)
    for x in (-1, 1):
        for y in (-1, 1):
            lug(
                piece,
                at,
                [
                    (x * 11.6, y * 14.5, -1.2),
                    (x * 11.6, y * 17.4, -0.7),
                    (x * 11.4, y * 19.4, -2.2),
                    (x * 11.3, y * 20.6, -4.6),
                ],
                2.6,
                3.4,
            )
    crown(piece, at @ move(side / 2 - 0.1, 0, -1.0) @ turn("Y", 90))
    _straps(piece, at, 19.6, 18.4)
    _pose(piece, 12.5)


def rect_watch(piece: Piece) -> None:
    width, height = 23.0, 31.0
    at = _stand(piece, 40)
    outline = shapes.rounded_rectangle(width, height, 2.4, piece.count(10, 5))
    _case(piece, at, outline, bezel=1.7, height=3.0)
    diamonds = piece.model["accents"] == "diamond"
    inner = shapes.rounded_rectangle(width - 3.7, height - 3.7, 0.9, piece.count(10, 5))
    dials.roman_dial(
        piece, inner, width - 3.7, height - 3.7, at @ move(0, 0, 1.3), dial=piece.model["dial"], metal=piece.metal
    )
    crystal(piece, at, shapes.offset(outline, -1.65), 2.85, 0.5)
    for x in (-1, 1):
        for y in (-1, 1):
            lug(
                piece,
                at,
                [
                    (x * 10.2, y * 12.5, -0.8),
                    (x * 10.2, y * 15.8, -0.3),
                    (x * 10.1, y * 17.6, -1.8),
                    (x * 10.0, y * 18.7, -4.2),
                ],
                2.5,
                3.4,
            )
        if diamonds:
            small = Melee(piece)
            for y in np.arange(-12.6, 12.7, 1.62):
                small.set(at @ move(x * (width / 2 - 0.92), float(y), 2.92), 1.42, None)
    for y in (-1, 1):
        for step in (0.0, 1.1):
            piece.add(
                shapes.plate(shapes.rounded_rectangle(16.0 - 2.4 * step, 1.1, 0.3, 2), 1.0, 0.25),
                piece.metal,
                at @ move(0, y * (height / 2 + 0.45 + step), 0.0),
            )
    crown(piece, at @ move(width / 2 - 0.1, 0, -1.0) @ turn("Y", 90), 2.2)
    _straps(piece, at, 17.4, 16.6)
    _pose(piece, 10.8)


FORMS = {"round_watch": round_watch, "rect_watch": rect_watch, "cushion_watch": cushion_watch}
