"""Objects for the desk and the table."""

from math import cos, pi, sin

import numpy as np
from mathutils import Vector

import dials
import shapes
from piece import Piece, Pose
from shapes import move, scale, turn


def lacquer(piece: Piece) -> str:
    return {"orangerie": "lacquer-green", "meridien": "lacquer-blue", "aurore": "lacquer-red"}.get(
        piece.model["collection"], "lacquer"
    )


def trim(piece: Piece) -> str:
    return "YG" if piece.model["materials"][0] == "LQ" else piece.metal


def block(
    piece: Piece,
    width: float,
    depth: float,
    height: float,
    z: float,
    material: str,
    *,
    radius: float = 3.0,
    bevel: float = 0.8,
) -> None:
    outline = shapes.rounded_rectangle(width, depth, radius, piece.count(10, 5))
    piece.add(shapes.plate(outline, height, bevel, base=z, sharp=50), material)


def box(piece: Piece) -> None:
    """A lidded box: lacquer edged with gold, or ribbed silver with a pearl to lift it by."""
    metal = trim(piece)
    if piece.stone == "pearl":
        block(piece, 74, 74, 2.0, 0.0, metal, radius=10)
        block(piece, 71, 71, 22, 2.0, f"brushed-{metal}", radius=9)
        block(piece, 73, 73, 1.4, 24.4, metal, radius=10)
        block(piece, 73, 73, 9.0, 26.2, metal, radius=10, bevel=2.4)
        n = 56
        for k in range(n):
            a = 2 * pi * k / n
            inner, outer = 9.0, 33.5 / max(abs(cos(a)) ** 6 + abs(sin(a)) ** 6, 1e-6) ** (1 / 6)
            ray = np.array([(r * cos(a), r * sin(a), 35.1) for r in np.linspace(inner, outer, 8)])
            piece.add(
                shapes.wire(ray, shapes.domed_ends(0.55, share=0.08), sides=piece.count(10, 5), sharp=None), metal
            )
        foot = shapes.lathe(
            [(0.3, 34.8), (8.0, 34.9), (8.2, 35.6), (6.6, 36.6), (4.6, 37.6), (4.8, 38.6), (3.6, 39.0), (0.3, 39.0)],
            piece.count(72, 24),
        )
        piece.add(foot, metal)
        piece.add(shapes.ball(5.2, piece.count(64, 22)), "pearl", move(0, 0, 43.2))
        piece.pose = Pose(front=(26, 24), angle=(-26, 24), detail=(20, 28), focus=(0, 0, 40), reach=20)
        return
    skin = lacquer(piece)
    block(piece, 118, 84, 3.0, 0.0, metal, radius=5)
    block(piece, 115, 81, 30, 3.0, skin, radius=4, bevel=0.6)
    block(piece, 116.4, 82.4, 1.6, 33.0, metal, radius=5, bevel=0.5)
    block(piece, 116.4, 82.4, 1.6, 35.0, metal, radius=5, bevel=0.5)
    block(piece, 115, 81, 15, 36.4, skin, radius=4, bevel=3.0)
    path = np.column_stack([shapes.rounded_rectangle(96, 62, 3, 6), np.full(28, 51.35)])
    piece.add(shapes.wire(path, 0.42, sides=8, closed=True, sharp=None), metal)
    clasp = shapes.plate(shapes.superellipse(13, 16, 2.6, piece.count(64, 24)), 2.4, 0.7)
    piece.add(clasp, metal, move(0, -41.0, 34.6) @ turn("X", 90))
    piece.add(
        shapes.ball(2.6, piece.count(40, 16)),
        "onyx" if skin != "lacquer-green" else "emerald",
        move(0, -43.6, 34.6) @ scale(1, 0.7, 1),
    )
    piece.add(shapes.text("V", 15, depth=0.12), metal, move(0, 0, 51.38))
    piece.pose = Pose(front=(28, 24), angle=(-28, 22), detail=(22, 20), focus=(0, -42, 35), reach=22)


def lighter(piece: Piece) -> None:
    """Lacquered slab with a fluted metal head and base."""
    metal, skin = trim(piece), lacquer(piece)
    w, d = 36.0, 12.5
    block(piece, w, d, 4.0, 0.0, metal, radius=3.0, bevel=0.9)
    block(piece, w - 0.5, d - 0.5, 34.0, 4.0, skin, radius=3.0, bevel=0.4)
    block(piece, w, d, 1.6, 38.0, metal, radius=3.0, bevel=0.4)
    block(piece, w, d, 17.0, 40.0, metal, radius=3.0, bevel=1.6)
    rib = shapes.wire(
        np.array([(0, 0, z) for z in np.linspace(41.6, 55.0, 8)]),
        shapes.domed_ends(0.42, share=0.05),
        sides=piece.count(10, 5),
        sharp=None,
    )
    for k in range(-10, 11):
        for y in (-d / 2, d / 2):
            piece.add(rib, metal, move(k * 1.42, y, 0))
    hinge = shapes.lathe(
        [(0.4, -5.4), (1.6, -5.4), (1.7, -5.2), (1.7, 5.2), (1.6, 5.4), (0.4, 5.4)], piece.count(32, 14)
    )
    piece.add(hinge, metal, move(w / 2 + 0.2, 0, 39.2) @ turn("X", 90))
    roller = shapes.lathe(
        [(0.4, -4.2), (2.6, -4.2), (2.8, -4.0), (2.8, 4.0), (2.6, 4.2), (0.4, 4.2)], piece.count(48, 20)
    )
    piece.add(roller, metal, move(-w / 2 - 0.4, 0, 48) @ turn("X", 90))
    plaque = shapes.plate(shapes.superellipse(9, 9, 2, 64), 0.5, 0.2)
    piece.add(plaque, metal, move(0, -d / 2 + 0.2, 21) @ turn("X", 90))
    piece.add(shapes.text("V", 5, depth=0.05), "dark-steel", move(0, -d / 2 - 0.32, 21) @ turn("X", 90))
    piece.pose = Pose(front=(30, 14), angle=(-30, 14), detail=(24, 16), focus=(0, -6, 44), reach=15)


def pen(piece: Piece) -> None:
    """A fluted pen with its cap on, lying on the slant."""
    metal = trim(piece)
    at = turn("Y", -52) @ move(0, -7.0, 0)
    n = piece.count(168, 60)
    a = np.linspace(0, 2 * pi, n, endpoint=False)

    def fluted(r0: float, r1: float, z0: float, z1: float) -> None:
        rows = []
        for s in np.linspace(0, 1, 14):
            r = (r0 + (r1 - r0) * s) * (1 + (0.022 * np.abs(np.sin(14 * a)) if 0.02 < s < 0.98 else 0 * a))
            rows.append(np.stack([r * np.cos(a), r * np.sin(a), np.full(n, z0 + (z1 - z0) * s)], axis=1))
        piece.add(shapes.grid(np.array(rows), sharp=35), metal, at)

    def turned(profile: list, material: str) -> None:
        piece.add(shapes.lathe(profile, piece.count(96, 32), sharp=30), material, at)

    fluted(4.5, 5.9, -66, -2)
    turned([(0.2, -72), (1.9, -71.8), (2.6, -71.2), (2.8, -70), (3.9, -68.4), (4.5, -66.6), (4.6, -66)], "lacquer")
    turned([(4.6, -66.6), (4.85, -66.4), (4.85, -65.6), (4.6, -65.4)], metal)
    turned([(5.9, -2.6), (6.35, -2.4), (6.5, -1.6), (6.5, 0.6), (6.3, 1.0)], metal)
    turned([(6.2, 0.9), (6.2, 3.4), (6.25, 3.4)], "lacquer")
    turned([(6.2, 3.3), (6.5, 3.5), (6.5, 5.4), (6.2, 5.6)], metal)
    fluted(6.3, 5.7, 5.4, 56)
    turned([(5.7, 55.6), (6.0, 55.8), (6.0, 57.2), (5.7, 57.4)], metal)
    turned([(5.7, 57.3), (5.5, 60), (4.6, 62.6), (3.2, 64.2), (1.2, 65), (0.1, 65.1)], "lacquer")
    clip = shapes.smooth_path(
        [(0, -5.6, 56.4), (0, -8.2, 56.0), (0, -8.6, 50), (0, -8.0, 30), (0, -7.2, 20), (0, -7.4, 17)],
        piece.count(40, 16),
    )
    width = lambda s: shapes.superellipse(1.4, 3.4 - 1.4 * s, 3.2, piece.count(18, 8))
    piece.add(shapes.sweep(clip, width, up=Vector((0, -1, 0)), sharp=45), metal, at)
    piece.add(shapes.ball(1.5, piece.count(28, 12)), metal, at @ move(0, -7.1, 18.2))
    piece.pose = Pose(
        front=(0, 0), angle=(-20, 34), detail=(-24, 24), focus=tuple(at @ Vector((0, -6, 24))), reach=19, flat=True
    )


def clock(piece: Piece) -> None:
    """An onyx arch edged in silver on a stepped base, with an ivory dial."""
    metal = trim(piece)
    w, spring = 78.0, 46.0
    count = piece.count(72, 28)
    upright = move(0, 15, 12) @ turn("X", 90)
    piece.add(shapes.plate(shapes.arch(w, spring, 0, count=count), 30, 1.2), metal, upright)
    piece.add(shapes.plate(shapes.arch(w, spring, 0, inset=4.2, count=count), 31.2, 0.6), "onyx", upright)
    block(piece, 98, 48, 5.0, 0.0, metal, radius=2.5)
    block(piece, 92, 43, 4.0, 5.0, "onyx", radius=2, bevel=0.5)
    block(piece, 86, 38, 3.2, 9.0, metal, radius=2, bevel=0.5)
    face = move(0, -16.2, 12 + spring - 1.0) @ turn("X", 90)
    radius = 28.0
    bezel = [
        (radius + 4.4, -0.6),
        (radius + 4.4, 0.9),
        (radius + 3.6, 2.4),
        (radius + 2.0, 3.1),
        (radius + 0.8, 3.0),
        (radius + 0.2, 2.4),
        (radius - 0.1, 0.4),
    ]
    piece.add(shapes.lathe(bezel, piece.count(160, 56), caps=False, sharp=28), metal, face)
    dials.round_dial(piece, radius, face @ move(0, 0, 0.5), dial=piece.model["dial"], metal="dark-steel")
    n = 9
    for k in range(n):
        x = (k - (n - 1) / 2) * 8.4
        piece.add(
            shapes.plate(shapes.rounded_rectangle(3.0, 8.0, 1.49, 6), 0.9, 0.3),
            metal,
            move(x, -16.1, 19) @ turn("X", 90),
        )
    piece.pose = Pose(front=(20, 10), angle=(-24, 12), detail=(18, 10), focus=(0, -17, 12 + spring), reach=24)


def frame(piece: Piece) -> None:
    """A silver frame of stepped mouldings round an ivory card with a drawing of the arcades."""
    metal = trim(piece)
    at = move(0, 0, 68.5) @ turn("X", 90) @ turn("X", -9)
    w, h = 96.0, 126.0
    outline = shapes.rounded_rectangle(w, h, 3.0, 6)
    moulding = [
        (-1.0, -5.0),
        (0, -4.4),
        (0.0, 0.6),
        (-0.4, 1.2),
        (-2.6, 1.4),
        (-3.0, 2.4),
        (-5.6, 3.4),
        (-9.4, 3.0),
        (-10.0, 2.2),
        (-11.6, 1.8),
        (-12.2, 0.2),
        (-12.6, -1.6),
    ]
    piece.add(shapes.loft(outline, moulding, caps=False, sharp=30), metal, at)
    piece.add(shapes.plate(shapes.offset(outline, -0.8), 2.0, 0.3, base=-5.0), "lacquer", at)
    piece.add(shapes.plate(shapes.rounded_rectangle(w - 22, h - 22, 1, 3), 0.6, 0.1, base=-1.6), "mount-card", at)
    line = np.column_stack([shapes.rounded_rectangle(w - 38, h - 40, 0.5, 3), np.full(16, -0.98)])
    piece.add(shapes.wire(line, 0.14, sides=6, closed=True), metal, at)
    for k in range(3):
        x = (k - 1) * 16.5
        for grow, thick in ((0.0, 0.16), (1.3, 0.09)):
            r = 6.0 + grow
            arch = [
                (x - r, -26, -0.98),
                *[(x - r * cos(a), 4 + r * sin(a), -0.98) for a in np.linspace(0, pi, 24)],
                (x + r, -26, -0.98),
            ]
            piece.add(shapes.wire(np.array(arch), thick, sides=6), "ink", at)
    for y in (-26, 15.5, 18.0, 26):
        piece.add(shapes.wire(np.array([(-26, y, -0.98), (26, y, -0.98)]), 0.12, sides=6), "ink", at)
    stay = shapes.plate(shapes.rounded_rectangle(30, 92, 2, 4), 1.6, 0.4)
    piece.add(stay, "lacquer", move(0, 24, 45) @ turn("X", 90) @ turn("X", 22))
    low, _ = piece.bounds()
    piece.place(move(0, 0, -float(low[2])))
    piece.pose = Pose(front=(22, 10), angle=(-26, 10), detail=(26, 14), focus=(-34, -6, 108), reach=24)


def candle_holder(piece: Piece) -> None:
    """A turned silver candlestick; its foot opens like rays."""
    metal = trim(piece)
    n = piece.count(240, 72)
    a = np.linspace(0, 2 * pi, n, endpoint=False)
    foot = [
        (1.0, 0.0),
        (38.0, 0.0),
        (39.0, 0.5),
        (39.2, 1.3),
        (38.6, 2.0),
        (37.0, 2.6),
        (30.0, 4.4),
        (22.0, 7.2),
        (14.0, 11.6),
        (9.2, 16.0),
        (7.0, 19.0),
    ]
    rows = []
    for r, z in foot:
        ripple = 1 + (0.028 * np.abs(np.sin(16 * a)) - 0.014) * (1.0 if 8 < r < 36.5 and z > 1 else 0.0)
        rows.append(np.stack([r * np.cos(a), r * np.sin(a), z + (ripple - 1) * 16 * (r < 36.5)], axis=1))
    piece.add(shapes.grid(np.array(rows), sharp=40), metal)
    stem = [
        (7.0, 18.8),
        (7.8, 19.6),
        (7.8, 20.8),
        (6.2, 21.8),
        (5.0, 24),
        (4.6, 32),
        (5.2, 42),
        (7.0, 48),
        (9.0, 50.6),
        (9.6, 53),
        (9.0, 55.4),
        (6.4, 57.6),
        (6.0, 60),
        (8.0, 63),
        (11.6, 67),
        (13.4, 72),
        (13.9, 78),
        (14.8, 80.4),
        (19.6, 82.0),
        (20.6, 82.8),
        (20.4, 83.8),
        (18.6, 84.0),
        (13.4, 83.4),
        (12.0, 82.0),
        (11.6, 76),
    ]
    piece.add(shapes.lathe(stem, piece.count(128, 40), sharp=36), metal)
    candle = [(0.4, 77), (11.0, 77), (11.0, 176), (10.8, 177.4), (9.6, 178.2), (6.0, 177.2), (2.6, 176.8), (0.4, 176.8)]
    piece.add(shapes.lathe(candle, piece.count(72, 28), sharp=None), "wax")
    wick = shapes.smooth_path([(0, 0, 176), (0.2, 0, 180), (1.3, 0, 183.4)], 14)
    piece.add(shapes.wire(wick, 0.75, sides=8), "wick")
    piece.pose = Pose(front=(0, 8), angle=(-20, 8), detail=(0, 14), focus=(0, -8, 74), reach=34)


FORMS = {"box": box, "lighter": lighter, "pen": pen, "clock": clock, "frame": frame, "candle_holder": candle_holder}
