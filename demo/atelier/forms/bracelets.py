"""Bracelets: rigid ones stand or rest on their edge, chains lie flat."""

from math import pi

import numpy as np
from mathutils import Matrix, Vector

import chains
import gems
import mounts
import shapes
from forms.necklaces import front
from mounts import Melee
from piece import Piece, Pose
from shapes import basis, move, scale, turn


def oval(
    width: float, depth: float, z: float, *, count: int = 300, start: float = 0.0, stop: float = 2 * pi
) -> np.ndarray:
    """A level oval about z, angle 0 towards the eye."""
    closed = stop - start > 2 * pi - 1e-6
    a = np.linspace(start, stop, count, endpoint=not closed)
    return np.stack([width / 2 * np.sin(a), -depth / 2 * np.cos(a), np.full(count, z)], axis=1)


def around(path: np.ndarray, i: int) -> Matrix:
    """A frame on an oval: z outwards, x along it, y up."""
    n = len(path)
    along = Vector(path[(i + 1) % n] - path[i - 1]).normalized()
    return basis(along, (0, 0, 1), along.cross(Vector((0, 0, 1))), path[i])


def bangle(piece: Piece) -> None:
    metal = piece.metal
    path = oval(60, 52, 3.0, count=piece.count(260, 80))
    if piece.stone == "none":
        count = piece.count(560, 150)
        for strand in range(3):
            line = []
            for k in range(count):
                a = 2 * pi * k / count
                twist = 24 * a + strand * 2 * pi / 3
                r = 1.35 * np.cos(twist)
                line.append(((30 + r) * np.sin(a), -(26 + r) * np.cos(a), 3.0 + 1.35 * np.sin(twist)))
            piece.add(shapes.wire(np.array(line), 1.5, sides=piece.count(14, 6), closed=True, sharp=None), metal)
        band = shapes.lathe(
            [(2.9, -4.6), (3.25, -4.4), (3.25, -3.6), (3.05, -3.3), (3.05, 3.3), (3.25, 3.6), (3.25, 4.4), (2.9, 4.6)],
            piece.count(56, 20),
        )
        at = move(0, -26, 3.0) @ turn("Y", 90)
        piece.add(band, metal, at)
        for x in (-4.0, 4.0):
            piece.add(shapes.torus(3.3, 0.34, piece.count(48, 18), 8), metal, at @ move(0, 0, x))
        piece.pose = Pose(front=(16, 24), angle=(-20, 22), detail=(16, 26), focus=(0, -29, 3), reach=11)
        return
    section = shapes.superellipse(2.6, 5.2, 3.2, piece.count(32, 12))
    rows = []
    for i in range(len(path)):
        f = around(path, i)
        rows.append([tuple(f @ Vector((0, v, u))) for u, v in section])
    piece.add(shapes.grid(np.array(rows), close_along=True, sharp=50), metal)
    dense = oval(62.4, 54.4, 3.0, count=720)
    line, step = shapes.even_path(dense, 1.0, closed=True)
    n = len(line)
    gem = gems.cut_stone("round", 3.6, fine=piece.quality > 0.5)
    small = Melee(piece)
    for k in range(-2, 3):
        i = (k * 11) % n
        at = around(line, i) @ move(0, 0, 0.55)
        mounts.collet(piece, gem, at, metal, piece.stone, wall=0.4)
        for j in (3.3, 5.5, 7.7):
            if k < 2:
                t = (k * 11 + j) % n
                i = int(t)
                small.set(around(line, i) @ move(t - i, 0, 0.12), 1.7, metal)
    piece.pose = Pose(front=(10, 22), angle=(-20, 22), detail=(12, 22), focus=(0, -28, 3), reach=11)


def chain(piece: Piece) -> None:
    """Heavy oval links, every one with a flattened outer face, closed by a toggle."""
    path = chains.collar(66, 60)
    path[:, 1] = -4.2
    chains.cable(piece, path, piece.metal, length=17.0, width=11.0, wire=3.0, closed=True, tilt=45)
    toggle = shapes.lathe(
        [(0.2, -11.5), (1.2, -11.2), (1.7, -10.2), (1.45, -9.0), (1.35, 9.0), (1.7, 10.2), (1.2, 11.2), (0.2, 11.5)],
        piece.count(40, 14),
        sharp=40,
    )
    at = move(0, -9.0, -30.5) @ turn("Y", 74)
    piece.add(toggle, piece.metal, at)
    for d in (-10.2, 10.2):
        piece.add(shapes.torus(1.6, 0.45, piece.count(40, 14), 8), piece.metal, at @ move(0, 0, d))
    piece.pose = Pose(front=(0, 0), angle=(-26, 36), detail=(-26, 34), focus=(6, -6, -29), reach=16, flat=True)


def tennis(piece: Piece) -> None:
    cut = piece.model["cut"]
    width = 3.0 if cut == "round" else 3.5
    ratio = gems.ONE_CARAT[cut][1] / gems.ONE_CARAT[cut][0]
    path, step = shapes.even_path(oval(58, 50, width * ratio * 0.5 + 0.4, count=720), width * 1.13, closed=True)
    stone = gems.cut_stone(cut, 1.0, fine=piece.quality > 0.7, simple=piece.light)
    holder = mounts.claws(piece, stone, cut)
    joint = shapes.wire(
        np.array([(0, 0, -0.34), (0, 0, 0.34)]) @ np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]]), 0.09, sides=6
    )
    for i in range(len(path)):
        at = around(path, i) @ scale(width)
        piece.add(stone.mesh, piece.stone, at)
        piece.add(holder, piece.metal, at)
        piece.add(joint, piece.metal, at @ move(0.5, 0, -0.34))
    piece.pose = Pose(front=(8, 26), angle=(-20, 24), detail=(14, 24), focus=(0, -25, width * 0.6), reach=8.5)


def cuff(piece: Piece) -> None:
    """A wide cuff of arches: onyx panels under lines of brilliants, open at the back."""
    metal, height = piece.metal, 26.0
    gap = 0.42
    path = oval(62, 52, height / 2, count=piece.count(220, 80), start=gap - pi, stop=pi - gap)
    section = shapes.rounded_rectangle(1.9, height, 0.8, piece.count(5, 3))
    rows = []
    for i in range(len(path)):
        along = Vector(path[min(i + 1, len(path) - 1)] - path[max(i - 1, 0)]).normalized()
        out = along.cross(Vector((0, 0, 1)))
        end = min(i, len(path) - 1 - i) / (len(path) * 0.07)
        k = 1.0 if end >= 1 else max(0.30, 0.30 + 0.70 * (1 - (1 - end) ** 2) ** 0.5)
        rows.append([tuple(Vector(path[i]) + out * u + Vector((0, 0, v * k))) for u, v in section])
    piece.add(shapes.grid(np.array(rows), sharp=40), metal)
    small = Melee(piece)
    outer = oval(63.9, 53.9, height / 2, count=1440)
    line, _ = shapes.even_path(outer, 0.5, closed=True)
    n = len(line)
    for k in range(-3, 4):
        i = (k * 25) % n
        at = around(line, i)
        w, low, spring = 8.6, -8.6, 4.4
        arch = [(w / 2 * np.cos(a), spring + w / 2 * np.sin(a)) for a in np.linspace(0, pi, piece.count(30, 14))]
        sides = [(-w / 2, y) for y in np.linspace(spring, low, 8)[1:]] + [
            (w / 2, y) for y in np.linspace(low, spring, 8)[:-1]
        ]
        outline = np.array(arch + sides)
        piece.add(shapes.plate(outline, 1.3, 0.3, base=-0.35), "onyx", at)
        rim = np.column_stack([shapes.offset(outline, 0.12), np.full(len(outline), 0.36)])
        piece.add(shapes.wire(rim, 0.24, sides=8, closed=True, sharp=None), metal, at)
        if k < 3:
            for z in np.arange(-9.0, 9.4, 1.55):
                j = (k * 25 + 12) % n
                small.set(around(line, j) @ move(0.25, float(z), 0.08), 1.45, metal)
    piece.pose = Pose(front=(14, 16), angle=(-22, 16), detail=(12, 12), focus=(0, -26, 14), reach=11)


def charm(piece: Piece) -> None:
    """A cable chain with one charm: an engraved medal, or a pearl under a pavé cap."""
    metal = piece.metal
    path = chains.collar(62, 54)
    path[:, 1] = -1.5
    chains.cable(piece, path, metal, length=5.2, width=3.6, wire=0.9, closed=True)
    piece.add(
        shapes.torus(2.2, 0.7, piece.count(48, 16), piece.count(10, 6)),
        metal,
        move(0, -2.0, -28.6) @ turn("X", 90) @ turn("Y", 80),
    )
    if piece.stone == "pearl":
        piece.add(shapes.ball(5.0, piece.count(64, 22)), "pearl", move(0, -5.0, -37.6))
        cap = shapes.lathe(
            [(0.6, 6.0), (1.1, 5.9), (1.4, 5.2), (3.0, 4.25), (3.25, 3.9), (3.1, 3.75), (0.5, 4.7)], piece.count(48, 18)
        )
        piece.add(cap, metal, move(0, -5.0, -37.6))
        piece.add(shapes.torus(1.5, 0.6, piece.count(40, 14), 8), metal, move(0, -4.0, -31.0) @ turn("X", 90))
        focus = (0, -6, -37)
    else:
        at = front(0, -41.5, 0.4)
        disc = [
            (0.2, 0.0),
            (9.3, 0.0),
            (9.6, 0.25),
            (9.6, 1.25),
            (9.4, 1.55),
            (9.0, 1.6),
            (8.7, 1.45),
            (8.5, 1.2),
            (0.2, 1.28),
        ]
        piece.add(shapes.lathe(disc, piece.count(128, 48)), metal, at)
        ray = shapes.wire(np.array([(0, 6.2, 1.24), (0, 8.0, 1.22)]), 0.09, sides=6)
        for k in range(48):
            piece.add(ray, metal, at @ turn("Z", 7.5 * k))
        piece.add(shapes.torus(5.7, 0.28, piece.count(72, 28), 8), metal, at @ move(0, 0, 1.25))
        piece.add(shapes.text("V", 6.6, depth=0.06), "dark-steel", at @ move(0, 0, 1.27))
        piece.add(
            shapes.torus(1.5, 0.7, piece.count(40, 14), 8), metal, move(0, -1.2, -31.3) @ turn("Z", 70) @ turn("X", 90)
        )
        focus = (0, -2, -41.5)
    piece.pose = Pose(front=(0, 0), angle=(-22, 40), detail=(-22, 30), focus=focus, reach=13, flat=True)


FORMS = {"bangle": bangle, "chain": chain, "tennis": tennis, "cuff": cuff, "charm": charm}
