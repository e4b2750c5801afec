"""Necklaces, lying in the xz plane as on a tray; the eye looks along y."""

from math import pi

import numpy as np
from mathutils import Vector

import chains
import gems
import mounts
import shapes
from mounts import Melee
from piece import Piece, Pose
from shapes import basis, move, scale, turn

FORWARD = Vector((0, -1, 0))


def front(x: float, z: float, lift: float = 0.0, lean: float = 0.0):
    """A frame facing the eye: its z looks at you, its y is up."""
    return move(x, -lift, z) @ turn("X", 90) @ turn("Z", lean)


def bail(piece: Piece, x: float, z: float, *, lift: float, size: float = 1.0) -> None:
    """The loop through which the chain runs."""
    path = np.array(
        [
            (0.0, 1.05 * np.sin(a) * size, 1.75 * np.cos(a) * size)
            for a in np.linspace(0, 2 * pi, piece.count(40, 14), endpoint=False)
        ]
    )
    section = shapes.superellipse(0.5 * size, 1.9 * size, 3, piece.count(16, 8))
    piece.add(
        shapes.sweep(path, section, closed=True, up=Vector((1, 0, 0)), sharp=50),
        piece.metal,
        move(x, -lift, z) @ turn("X", 8) @ turn("Z", 180),
    )


def pendant(piece: Piece) -> None:
    cut = piece.model["cut"]
    accents = piece.model["accents"] == "diamond"
    metal = piece.metal
    onyx = piece.stone == "onyx"
    carat = piece.model["carat"] or 4.0
    gem = gems.cut_stone(cut, gems.size_of(cut, carat) if not onyx else 8.5, fine=piece.quality > 0.5)
    halo_room = 1.6 if accents and not onyx else 0.0
    half = gem.length / 2 + halo_room
    top = half + 1.5
    lift = gem.depth + 0.5
    at = front(0, 0, lift)
    reach = half
    if onyx:
        reach, top = _arch(piece), 13.4
    elif cut == "cabochon":
        mounts.collet(piece, gem, at, metal, piece.stone, wall=0.7, deep=gem.depth * 2.0, over=0.2)
        path = np.column_stack([shapes.offset(gem.outline, 0.95), np.full(len(gem.outline), -gem.depth * 0.6)])
        mounts.milgrain(piece, np.array([at @ Vector(p) for p in path]), 0.26, metal)
        top += 1.0
    else:
        mounts.basket(
            piece, gem, at, metal, piece.stone, cut=cut, angles=mounts.SIX if cut == "round" and not accents else None
        )
        if accents:
            mounts.halo(piece, gem, at, metal, size=1.35, drop=0.25)
    if not onyx and accents:
        small = Melee(piece)
        small.set(front(0, half + 1.5, lift - 0.4), 2.2, metal)
        top += 2.3
    bail(piece, 0, top, lift=lift - 0.8, size=0.85)
    chain_y = lift - 0.8
    rise, spread = 84 + reach, 66 + reach
    hang = chains.drape((-spread, top + rise), (0, top + 1.0), (spread, top + rise), sharpness=1.14, count=400)
    hang[:, 1] = -chain_y + 0.2
    chains.cable(piece, hang, metal, length=1.75, width=1.25, wire=0.30)
    span = max((reach + top) * 0.80 + 5, 15.5)
    mid = top * 0.42
    piece.pose = Pose(
        front=(0, 0),
        angle=(-16, 40),
        detail=(-24, 22),
        focus=(0, -lift, 0),
        reach=reach * 1.55,
        flat=True,
        crop=(-span, span, mid - span, mid + span),
    )


def _arch(piece: Piece) -> float:
    """An onyx arch edged with brilliants, a baguette-cut keystone at its head."""
    metal = piece.metal
    w, straight = 12.0, 7.0
    count = piece.count(48, 20)

    def arch(inset: float) -> np.ndarray:
        return shapes.arch(w, straight, -straight, inset=inset, count=count)

    at = front(0, -2.0, 1.2)
    piece.add(shapes.plate(arch(2.1), 1.9, 0.3, base=0.3), "onyx", at)
    piece.add(shapes.plate(arch(0), 1.5, 0.25, base=-0.4), metal, at)
    for inset in (0.12, 2.0):
        path = np.column_stack([arch(inset), np.full(len(arch(inset)), 1.1)])
        piece.add(shapes.wire(path, 0.2, sides=8, closed=True, sharp=None), metal, at)
    small = Melee(piece)
    ring = np.column_stack([arch(1.05), np.full(len(arch(1.05)), 1.1)])
    path, step = shapes.even_path(ring, 1.48, closed=True)
    for i, p in enumerate(path):
        small.set(at @ move(*p), 1.38, None)
        ahead = path[(i + 1) % len(path)]
        side = np.cross(ahead - p, (0, 0, 1))
        side /= np.linalg.norm(side)
        for s in (-1, 1):
            small.bead(at @ move(*((p + ahead) / 2 + side * s * 0.52 + (0, 0, 0.14))), 0.17, metal)
    key = gems.cut_stone("emerald", 3.2, fine=piece.quality > 0.5)
    mounts.collet(piece, key, at @ move(0, straight + w / 2 - 1.0, 1.7), metal, "diamond", wall=0.35)
    return 11.0


def riviere(piece: Piece) -> None:
    cut = piece.model["cut"]
    coloured = piece.stone != "diamond"
    path, _ = shapes.even_path(chains.collar(128, 150), 1.0, closed=True)
    n = len(path)
    small_size, large_size = (3.3, 5.4) if not coloured else (3.4, 5.4)
    s, marks = 0.0, []
    while s < n / 2 - 1.0:
        width = small_size + (large_size - small_size) * np.cos(pi * s / n) ** 3.2
        marks += [(s, width)] if s == 0 else [(s, width), (n - s, width)]
        s += width * 1.10 + (1.9 if coloured else 0)
    stone = gems.cut_stone(cut, 1.0, fine=piece.quality > 0.7, simple=piece.light)
    small = Melee(piece)
    holder = mounts.claws(piece, stone, cut)
    for s, width in marks:
        k = int(s)
        p = path[k] + (path[(k + 1) % n] - path[k]) * (s - k)
        at = chains.facing(p, path[(k + 2) % n]) @ move(0, 0, width * 0.45)
        piece.add(stone.mesh, piece.stone, at @ scale(width))
        piece.add(holder, piece.metal, at @ scale(width))
        if coloured:
            t = s + width * 0.5 + 0.95
            k2 = int(t) % n
            small.set(chains.facing(path[k2], path[(k2 + 2) % n]) @ move(0, 0, 1.2), 1.9, piece.metal)
    last = marks[-1][0]
    gap = 2 * abs(last - n / 2) - small_size
    top = path[n // 2]
    piece.add(
        shapes.plate(shapes.rounded_rectangle(max(gap, 1.0) + 1.2, 2.4, 0.8), 1.6, 0.4),
        piece.metal,
        chains.facing(top, path[n // 2 + 2]) @ move(0, 0, 0.3),
    )
    low = path[0]
    piece.pose = Pose(
        front=(0, 0), angle=(-22, 38), detail=(-26, 28), focus=(float(low[0]), -2.0, float(low[2])), reach=11, flat=True
    )


def pearl_strand(piece: Piece) -> None:
    path, _ = shapes.even_path(chains.collar(132, 150), 0.5, closed=True)
    n = len(path)
    pearl = shapes.ball(0.5, piece.count(48, 14))
    s = 9.0
    rng = np.random.default_rng(12)
    while s < n * 0.5 - 9.0:
        at = s * 0.5 * 2
        far = abs(at / (n * 0.5) - 0.5) * 2
        size = 7.6 + 1.3 * far**2
        k = int(s / 0.5) % n
        p = path[k]
        spin = turn("X", float(rng.uniform(0, 360))) @ turn("Z", float(rng.uniform(0, 360)))
        piece.add(pearl, "pearl", move(p[0], -size / 2, p[2]) @ spin @ scale(size, size * 0.985, size))
        s += size + 0.15
    low = path[0]
    clasp = shapes.lathe(
        [
            (0.6, -4.5),
            (1.0, -4.2),
            (1.1, -3.6),
            (2.4, -2.0),
            (2.75, -0.5),
            (2.75, 0.5),
            (2.4, 2.0),
            (1.1, 3.6),
            (1.0, 4.2),
            (0.6, 4.5),
        ],
        piece.count(48, 16),
    )
    spot = move(low[0], -3.2, low[2])
    piece.add(clasp, piece.metal, spot @ turn("Y", 90))
    for y in (-1.0, 0.0, 1.0):
        piece.add(
            shapes.torus(2.76 - 0.12 * y * y, 0.3, piece.count(48, 18), 8),
            piece.metal,
            spot @ turn("Y", 90) @ move(0, 0, y * 1.0),
        )
    piece.place(turn("Y", 180))
    k = int(n * 0.5)
    focus = path[k]
    piece.pose = Pose(
        front=(0, 0),
        angle=(-24, 36),
        detail=(-22, 26),
        focus=(-float(focus[0]), -4.0, -float(focus[2])),
        reach=15,
        flat=True,
    )


def torque(piece: Piece) -> None:
    """A rigid collar of three twisted wires, open at the front between two polished finials."""
    count = piece.count(520, 150)
    gap = 0.16
    for strand in range(3):
        path = []
        for k in range(count):
            a = gap + (2 * pi - 2 * gap) * k / (count - 1)
            twist = 34 * a + strand * 2 * pi / 3
            r = 62 + 1.25 * np.cos(twist)
            path.append((r * np.sin(a), -2.6 + 1.25 * np.sin(twist), -r * 1.06 * np.cos(a)))
        piece.add(shapes.wire(np.array(path), 1.35, sides=piece.count(14, 6), sharp=None), piece.metal)
    profile = [
        (0.3, -7.0),
        (2.9, -6.9),
        (3.1, -6.5),
        (2.9, -6.0),
        (2.75, -5.4),
        (3.3, -4.8),
        (3.3, -4.2),
        (2.8, -3.7),
        (3.4, -1.0),
        (4.2, 1.6),
        (4.3, 3.0),
        (3.8, 4.6),
        (2.6, 5.7),
        (1.2, 6.2),
        (0.1, 6.3),
    ]
    finial = shapes.lathe(profile, piece.count(72, 24), sharp=40)
    for side in (-1, 1):
        a = gap * side
        p = (62 * np.sin(a), -2.6, -62 * 1.06 * np.cos(a))
        along = Vector((-side * np.cos(a), 0, -side * 1.06 * np.sin(a))).normalized()
        piece.add(finial, piece.metal, basis((0, 1, 0), along.cross(Vector((0, 1, 0))), along, p) @ move(0, 0, 1.0))
    piece.pose = Pose(front=(0, 0), angle=(-26, 34), detail=(-24, 30), focus=(0, -4, -65), reach=14, flat=True)


def sautoir(piece: Piece) -> None:
    """A long chain laid twice, with a tassel, or stones along its way."""
    sapphires = piece.stone != "none"
    outer = chains.collar(112, 170)
    inner = chains.collar(92, 118)
    inner[:, 2] += 24
    outer[:, 1], inner[:, 1] = -1.2, -1.2
    metal = piece.metal
    if sapphires:
        for path in (outer, inner):
            chains.cable(piece, path, metal, length=3.4, width=2.2, wire=0.5, closed=True)
        gem = gems.cut_stone("round", 5.0, fine=piece.quality > 0.6)
        for path, number in ((outer, 11), (inner, 8)):
            dense, _ = shapes.even_path(path, 1.0, closed=True)
            for k in range(number):
                i = int(len(dense) * (k + 0.0) / number)
                if k == 0 and path is outer:
                    continue
                p = dense[i].copy()
                p[1] = -gem.depth - 0.6
                mounts.collet(
                    piece,
                    gem,
                    chains.facing(p, p + (dense[(i + 1) % len(dense)] - dense[i])),
                    metal,
                    piece.stone,
                    wall=0.45,
                )
    else:
        for path in (outer, inner):
            chains.curb(piece, path, metal, length=5.0, width=3.5, wire=1.0, closed=True, up=Vector((0, -1, 0)))
    low = outer[0]
    x, z = float(low[0]), float(low[2])
    if sapphires:
        big = gems.cut_stone("round", 8.0, fine=piece.quality > 0.6)
        mounts.collet(piece, big, front(x, z - 4.5, big.depth + 0.4), metal, piece.stone, wall=0.6)
        chains_low = 9.5
    else:
        knot = shapes.ball(4.0, piece.count(48, 20))
        piece.add(knot, metal, move(x, -4.0, z - 4.5))
        for d in (-2.4, 0, 2.4):
            piece.add(
                shapes.torus((16.2 - d * d) ** 0.5, 0.7, piece.count(56, 20), 8), metal, move(x, -4.0, z - 4.5 + d)
            )
        chains_low = 8.5
    cap = shapes.lathe(
        [(0.8, 3.0), (1.4, 2.8), (2.2, 2.0), (3.4, 0.4), (3.6, -0.6), (3.4, -1.0), (0.5, -1.0)], piece.count(48, 18)
    )
    piece.add(cap, metal, move(x, -3.4, z - chains_low - 3.0))
    rng = np.random.default_rng(5)
    for k in range(17 if piece.quality > 0.6 else 11):
        a = 2 * pi * k / (17 if piece.quality > 0.6 else 11) * (1 if k % 2 else 2.3)
        r0, r1 = 1.1 + 1.6 * (k % 2), 1.4 + 2.6 * (k % 3) / 2
        top = np.array((x + r0 * np.cos(a), -3.4 + r0 * 0.8 * np.sin(a), z - chains_low - 4.0))
        end = np.array(
            (
                x + r1 * np.cos(a) * 1.5 + rng.normal(0, 0.3),
                -2.4 + r1 * 0.5 * np.sin(a) - 0.4,
                z - chains_low - 32 - rng.uniform(0, 1.5),
            )
        )
        path = shapes.smooth_path([top, (top + end) / 2 + (rng.normal(0, 0.2), 0, 0), end], 60)
        chains.cable(piece, path, metal, length=2.1, width=1.35, wire=0.38)
    piece.pose = Pose(front=(0, 0), angle=(-18, 42), detail=(-22, 26), focus=(x, -4, z - 9), reach=15, flat=True)


FORMS = {"pendant": pendant, "riviere": riviere, "pearl_strand": pearl_strand, "torque": torque, "sautoir": sautoir}
