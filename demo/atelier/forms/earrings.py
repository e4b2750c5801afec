"""Earrings, in pairs, hung before a wall; the eye looks along y."""

from math import cos, pi, radians, sin

import numpy as np
from mathutils import Matrix, Vector

import gems
import mounts
import shapes
from forms.necklaces import front
from mounts import Melee
from piece import Piece, Pose
from shapes import basis, move, scale, turn


def post(piece: Piece, at: Matrix, *, start: float) -> None:
    """The ear post and its scroll."""
    piece.add(shapes.wire(np.array([(0, 0, -start), (0, 0, -start - 9.5)]), 0.42, sides=12), piece.metal, at)
    scroll = shapes.lathe([(0.5, -0.9), (1.6, -0.8), (1.9, 0.0), (1.6, 0.8), (0.5, 0.9)], piece.count(36, 14))
    piece.add(scroll, piece.metal, at @ move(0, 0, -start - 6.5))


def fine(piece: Piece) -> bool:
    return piece.quality > 0.5


def each(piece: Piece) -> float:
    """Carats of one of the two main stones."""
    return max((piece.model["carat"] or 1.0) / 2, 0.2)


def stud(piece: Piece) -> None:
    """A pair standing on their posts' line: one full face, one turned to show how it is made."""
    cut = piece.model["cut"]
    gem = gems.cut_stone(cut, gems.size_of(cut, each(piece)), fine=fine(piece))
    accents = piece.model["accents"] == "diamond"
    room = gem.length / 2 + (1.7 if accents else 0.2)
    width = gem.width / 2 + (1.7 if accents else 0.2)
    for x, yaw in ((-width - 1.6, -14), (width + 2.6, 52)):
        at = move(x, 0, room) @ turn("Z", yaw) @ turn("X", 90)
        mounts.basket(piece, gem, at, piece.metal, piece.stone, cut=cut)
        if accents:
            mounts.halo(piece, gem, at, piece.metal, size=1.25, drop=0.25)
        post(piece, at, start=gem.depth)
    piece.pose = Pose(
        front=(0, 14), angle=(-14, 18), detail=(-18, 16), focus=(-width - 1.6, -1, room), reach=room * 1.5
    )


def hoop(piece: Piece) -> None:
    """Twisted hoops, thicker below."""
    for x, yaw in ((-11.5, 58), (12.5, 28)):
        at = move(x, 0, 13.4) @ turn("Z", yaw)
        count = piece.count(300, 90)
        for strand in range(3):
            path = []
            for k in range(count):
                a = radians(12 + 336 * k / (count - 1))
                thick = 0.62 + 0.75 * sin(a / 2) ** 2
                twist = 13 * a + strand * 2 * pi / 3
                r = 11.0 + thick * cos(twist)
                path.append((r * sin(a), thick * sin(twist), r * cos(a)))
            width = lambda s: 0.75 + 0.85 * sin(radians(6 + 168 * s)) ** 2
            piece.add(shapes.wire(np.array(path), width, sides=piece.count(14, 6), sharp=None), piece.metal, at)
        for a in (12, 348):
            p = (11.0 * sin(radians(a)), 0, 11.0 * cos(radians(a)))
            cap = shapes.lathe(
                [(0.2, -1.1), (1.45, -1.0), (1.6, -0.6), (1.6, 0.6), (1.45, 1.0), (0.2, 1.1)], piece.count(36, 14)
            )
            along = Vector((cos(radians(a)), 0, -sin(radians(a))))
            piece.add(cap, piece.metal, at @ basis((0, 1, 0), along.cross(Vector((0, 1, 0))), along, p))
        pin = shapes.smooth_path([(-2.3, 0, 10.9), (0, 0, 11.3), (2.3, 0, 10.9)], 16)
        piece.add(shapes.wire(pin, 0.4, sides=10), piece.metal, at)
    piece.pose = Pose(front=(0, 12), angle=(-12, 14), detail=(-6, 14), focus=(11.0, -7, 6), reach=9.5)


def drop(piece: Piece) -> None:
    """A stone on the ear, a knife-edge bar, and a larger stone that swings below it."""
    cut = piece.model["cut"]
    gem = gems.cut_stone(cut, gems.size_of(cut, each(piece)), fine=fine(piece))
    accents = piece.model["accents"] == "diamond"
    top = gems.cut_stone("round" if cut != "emerald" else "emerald", 3.6, fine=fine(piece))
    top_stone = "diamond" if accents else piece.stone
    room = gem.length / 2 + (1.6 if accents else 0.3)
    small = Melee(piece)
    for x, yaw in ((-10.0, 3), (10.0, -3)):
        turned = move(x, 0, 0) @ turn("Z", yaw)
        lift = gem.depth + 0.4
        head = 2 * room + 12.0
        at = turned @ front(0, head, lift)
        mounts.basket(piece, top, at, piece.metal, top_stone, cut="round" if cut != "emerald" else "emerald")
        post(piece, at, start=top.depth)
        start = head - top.length / 2
        if accents:
            for k in range(4):
                small.set(turned @ front(0, start - 1.35 - 1.75 * k, lift), 1.6, piece.metal)
        else:
            number = round((start - 2 * room - 1.6) / 1.3)
            for k in range(number):
                piece.add(
                    shapes.torus(0.75, 0.3, piece.count(32, 12), 8),
                    piece.metal,
                    turned @ move(0, -lift, start - 0.55 - 1.3 * k) @ turn("Z", 90 * (k % 2)) @ turn("X", 90),
                )
        piece.add(
            shapes.torus(0.95, 0.34, piece.count(32, 12), 8),
            piece.metal,
            turned @ move(0, -lift, 2 * room + 1.5) @ turn("X", 90) @ turn("Y", 90),
        )
        at = turned @ front(0, room, lift)
        mounts.basket(piece, gem, at, piece.metal, piece.stone, cut=cut)
        if accents:
            mounts.halo(piece, gem, at, piece.metal, size=1.25, drop=0.25)
    piece.pose = Pose(
        front=(0, 4), angle=(-14, 10), detail=(-20, 12), focus=(-10.0, -4, room), reach=room * 1.7, crop=None
    )


def climber(piece: Piece) -> None:
    """Stones that follow the ear, largest at the lobe."""
    sizes = (4.0, 3.6, 3.2, 2.8, 2.5, 2.2, 1.9, 1.6)
    stone = gems.cut_stone("round", 1.0, fine=fine(piece))
    holder = mounts.claws(piece, stone, "round")
    for mirror in (-1, 1):
        a, place = 200.0, []
        for k, size in enumerate(sizes):
            r = 15.0
            p = np.array((mirror * (6.5 + r * cos(radians(a)) + 15.0), -2.2, 9.0 + r * sin(radians(a)) + 4.0))
            place.append(p)
            piece.add(stone.mesh, piece.stone, front(*p[[0, 2]], 2.4) @ turn("Z", mirror * (a - 90)) @ scale(size))
            piece.add(holder, piece.metal, front(*p[[0, 2]], 2.4) @ turn("Z", mirror * (a - 90)) @ scale(size))
            following = sizes[k + 1] if k + 1 < len(sizes) else size
            a -= np.degrees((size + following) * 0.53 / r)
        back = np.array([p + (0, 1.4, 0) for p in place])
        piece.add(
            shapes.wire(
                shapes.smooth_path(back, piece.count(60, 20)),
                shapes.domed_ends(0.55, taper=0.6),
                sides=piece.count(12, 6),
                sharp=None,
            ),
            piece.metal,
        )
        post(piece, front(*place[0][[0, 2]], 2.0), start=1.2)
    piece.pose = Pose(front=(-10, 8), angle=(-22, 12), detail=(-24, 10), focus=(-5.5, -2.4, 10), reach=9)


def pearl_drop(piece: Piece) -> None:
    """A brilliant on the ear, a pavé cap and a pear-shaped pearl."""
    top = gems.cut_stone("round", 4.6, fine=fine(piece))
    small = Melee(piece)
    profile = []
    for k in range(piece.count(40, 16) + 1):
        t = pi * k / piece.count(40, 16)
        profile.append(
            (max(5.0 * sin(t) * (1 - 0.16 * (1 - cos(t)) * 0.9), 1e-3), -5.4 * cos(t) * (1 + 0.10 * (1 - cos(t))))
        )
    pearl = shapes.lathe(profile, piece.count(64, 22), sharp=None)
    for x, yaw in ((-9.0, 3), (9.0, -3)):
        turned = move(x, 0, 0) @ turn("Z", yaw)
        head = 21.5
        at = turned @ front(0, head, 5.0)
        mounts.basket(piece, top, at, piece.metal, "diamond", cut="round", angles=mounts.SIX)
        post(piece, at, start=top.depth)
        for k in range(3):
            small.set(turned @ front(0, head - 3.5 - 1.85 * k, 4.8), 1.75 - 0.15 * k, piece.metal)
        piece.add(pearl, "pearl", turned @ move(0, -4.2, 5.5))
        cap = shapes.lathe(
            [(0.3, 7.4), (0.9, 7.2), (1.5, 6.6), (2.9, 5.4), (3.15, 5.0), (3.0, 4.7), (0.4, 6.2)], piece.count(48, 18)
        )
        piece.add(cap, piece.metal, turned @ move(0, -4.2, 5.2))
        for k in range(12):
            frame = turned @ move(0, -4.2, 5.2) @ turn("Z", 30 * k) @ move(2.32, 0, 5.98) @ turn("Y", 42)
            small.set(frame, 1.05, None)
    piece.pose = Pose(front=(0, 4), angle=(-12, 10), detail=(-18, 14), focus=(-9.0, -5, 13), reach=11)


FORMS = {"stud": stud, "hoop": hoop, "drop": drop, "climber": climber, "pearl_drop": pearl_drop}
