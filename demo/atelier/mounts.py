"""How stones are held: prongs, baskets, bezels, halos and pavé."""

from math import cos, pi, radians, sin

import bpy
import numpy as np
from mathutils import Matrix, Vector

import gems
import shapes
from gems import Gem
from piece import Piece
from shapes import basis, move, scale

PRONGS = {
    "round": (45, 135, 225, 315),
    "oval": (50, 130, 230, 310),
    "cushion": (45, 135, 225, 315),
    "emerald": (62, 118, 242, 298),
    "pear": (90, 200, 250, 290, 340),
    "marquise": (90, 30, 150, 210, 270, 330),
    "cabochon": (50, 130, 230, 310),
}
SIX = (30, 90, 150, 210, 270, 330)


def _edge(outline: np.ndarray, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """The girdle point in a direction, and the outward normal there."""
    angles = np.arctan2(outline[:, 1], outline[:, 0])
    want = radians(degrees)
    gap = np.abs(np.angle(np.exp(1j * (angles - want))))
    k = int(gap.argmin())
    p = outline[k]
    return p, p / np.linalg.norm(p)


def prongs(
    piece: Piece,
    gem: Gem,
    at: Matrix,
    metal: str,
    *,
    angles=None,
    wire: float | None = None,
    foot: float | None = None,
    cut: str = "round",
) -> None:
    """Claws that rise along the pavilion, meet the girdle and close over the crown with a rounded bead."""
    wire = wire or max(0.19, min(0.42, gem.width * 0.041))
    foot = gem.depth * 1.06 if foot is None else foot
    for degrees in angles or PRONGS[cut]:
        p, n = _edge(gem.outline, degrees)
        out = np.array([*n, 0])
        girdle = np.array([*p, 0])
        points = [
            np.array([*(p * 0.30), -foot]),
            np.array([*(p * 0.62), -gem.depth * 0.62]),
            girdle - out * wire * 0.05 + [0, 0, -gem.depth * 0.26],
            girdle + out * wire * 0.55 + [0, 0, 0.02],
            girdle + out * wire * 0.20 + [0, 0, wire * 0.9],
            girdle - out * wire * 1.7 + [0, 0, 0.7 * 1.7 * wire + wire * 0.55],
        ]
        path = shapes.smooth_path(points, piece.count(26, 5))
        width = lambda s: (
            wire * (0.74 + 0.30 * s) * (1 if s < 0.93 else max(0.12, (1 - ((s - 0.93) / 0.07) ** 2) ** 0.5))
        )
        piece.add(shapes.wire(path, width, sides=piece.count(14, 3), sharp=None), metal, at)


def rail(piece: Piece, gem: Gem, at: Matrix, metal: str, *, share: float, height: float, thickness: float) -> None:
    """A gallery wire that follows the outline of the stone under it."""
    reach = gem.outline if len(gem.outline) > 20 else shapes.rounded_rectangle(gem.width, gem.length, gem.width * 0.2)
    path = np.array([(x * share, y * share, height) for x, y in reach])
    step = max(1, len(path) // piece.count(72, 10))
    piece.add(
        shapes.wire(
            path[::step], thickness / 2, sides=piece.count(12, 4), closed=True, up=Vector((0, 0, 1)), sharp=None
        ),
        metal,
        at,
    )


def basket(
    piece: Piece, gem: Gem, at: Matrix, metal: str, stone: str, *, cut: str, angles=None, foot: float | None = None
) -> None:
    """A stone in an open claw basket with two rails."""
    piece.add(gem.mesh, stone, at)
    prongs(piece, gem, at, metal, angles=angles, cut=cut, foot=foot)
    rail(piece, gem, at, metal, share=0.60, height=-gem.depth * 0.66, thickness=max(0.45, gem.width * 0.075))
    rail(piece, gem, at, metal, share=0.88, height=-gem.depth * 0.30, thickness=max(0.38, gem.width * 0.06))


def collet(
    piece: Piece,
    gem: Gem,
    at: Matrix,
    metal: str,
    stone: str,
    *,
    wall: float = 0.5,
    deep: float | None = None,
    over: float = 0.16,
) -> None:
    """A stone in a bezel: a wall of metal pressed over the girdle, milled bright inside."""
    deep = gem.depth * 0.9 if deep is None else deep
    outline = gem.outline
    if len(outline) < 20:
        outline = np.vstack(
            [np.linspace(p, q, 7)[:-1] for p, q in zip(outline, np.roll(outline, -1, axis=0), strict=True)]
        )
    outline = outline[:: max(1, len(outline) // piece.count(96, 12))]
    lip = gem.crown * 0.28
    profile = [
        (-wall * 0.6, -deep),
        (wall * 0.55, -deep),
        (wall * 0.8, -deep * 0.8),
        (wall, lip * 0.5),
        (wall * 0.78, lip + 0.06),
        (wall * 0.35, lip + 0.12),
        (-over, lip),
        (-over * 0.6, 0.0),
        (-wall * 0.8, -deep * 0.5),
    ]
    piece.add(gem.mesh, stone, at)
    piece.add(shapes.loft(outline, profile, sharp=50), metal, at)


class Melee:
    """Small brilliants, one mesh for all, with the grains that hold them."""

    def __init__(self, piece: Piece, *, stone: str = "diamond", cut: str = "round") -> None:
        self.piece, self.stone = piece, stone
        self.gem = gems.cut_stone(cut, 1.0, fine=piece.quality > 0.7, simple=piece.light)
        self.grain = shapes.ball(1.0, piece.count(14, 6))
        self.cup = shapes.lathe(
            [(0.30, -0.55), (0.52, -0.50), (0.545, 0.02), (0.50, 0.06), (0.47, 0.0), (0.28, -0.40)], piece.count(28, 10)
        )

    def set(self, at: Matrix, size: float, metal: str | None = None) -> None:
        """One stone in a white cup, so that its light stays white; without a metal, the stone alone."""
        self.piece.add(self.gem.mesh, self.stone, at @ scale(size))
        if metal and not self.piece.light:
            self.piece.add(self.cup, "PT", at @ scale(size))

    def bead(self, at: Matrix, size: float, metal: str) -> None:
        if not self.piece.light:
            self.piece.add(self.grain, metal, at @ scale(size))


def halo(
    piece: Piece, gem: Gem, at: Matrix, metal: str, *, size: float = 1.25, gap: float = 0.12, drop: float = 0.12
) -> None:
    """A ring of small brilliants about the girdle, each between two grains."""
    small = Melee(piece)
    source = gem.outline
    if len(source) < 20:
        source = shapes.rounded_rectangle(gem.width, gem.length, gem.width * 0.16)
    outline = shapes.offset(source, gap + size / 2)
    ring = np.column_stack([outline, np.full(len(outline), -drop)])
    path, step = shapes.even_path(ring, size * 1.05, closed=True)
    for i, p in enumerate(path):
        ahead = path[(i + 1) % len(path)]
        small.set(at @ move(*p), size * 0.94, metal)
        middle = (p + ahead) / 2
        side = np.cross(ahead - p, (0, 0, 1))
        side /= np.linalg.norm(side)
        for s in (-1, 1):
            small.bead(at @ move(*(middle + side * s * size * 0.36 + (0, 0, size * 0.12))), size * 0.125, metal)
    w = size / 2 + 0.16
    profile = [
        (-w, -0.55 * size),
        (w, -0.55 * size),
        (w + 0.04, -0.3 * size),
        (w, 0.02),
        (w - 0.10, 0.08),
        (w - 0.16, 0.0),
        (w - 0.2, -0.10 * size),
        (-w + 0.2, -0.10 * size),
        (-w + 0.16, 0.0),
        (-w + 0.10, 0.08),
        (-w, 0.02),
    ]
    dense = outline[:: max(1, len(outline) // piece.count(96, 28))]
    piece.add(shapes.loft(dense, [(d, h - drop) for d, h in profile], caps=False, sharp=40), metal, at)
    closed = [(d, h - drop) for d, h in [(-w, -0.55 * size), (-w, 0.02)]]
    piece.add(shapes.loft(dense, closed, caps=False), metal, at)


def pave_row(
    piece: Piece, path: list[Matrix], size: float, metal: str, small: Melee | None = None, *, closed: bool = False
) -> None:
    """Stones along frames (z outwards, x along the row) with paired grains between neighbours."""
    small = small or Melee(piece)
    for i, frame in enumerate(path):
        small.set(frame, size * 0.96, metal)
        if closed or i + 1 < len(path):
            between = frame.lerp(path[(i + 1) % len(path)], 0.5)
            for s in (-1, 1):
                small.bead(between @ move(0, s * size * 0.34, size * 0.10), size * 0.125, metal)


def on_ring(radius: float, degrees: float, centre: float, *, lift: float = 0.0, across: float = 0.0) -> Matrix:
    """A frame on a standing ring: z outwards, x along the band, y across it; 0 degrees is the top."""
    a = radians(degrees)
    out = (sin(a), 0, cos(a))
    along = (cos(a), 0, -sin(a))
    r = radius + lift
    return basis(along, (0, 1, 0), out, (r * sin(a), across, centre + r * cos(a)))


def milgrain(piece: Piece, path: np.ndarray, size: float, metal: str, *, closed: bool = True) -> None:
    """A line of tiny beads."""
    bead = shapes.ball(1.0, piece.count(10, 6))
    points, _ = shapes.even_path(path, size * 2.05, closed=closed)
    for p in points:
        piece.add(bead, metal, move(*p) @ scale(size))


def circle(radius: float, *, y: float = 0.0, centre: float = 0.0, count: int = 240) -> np.ndarray:
    """A standing circle (in the xz plane)."""
    a = np.linspace(0, 2 * pi, count, endpoint=False)
    return np.stack([radius * np.sin(a), np.full(count, y), centre + radius * np.cos(a)], axis=1)


def claws(piece: Piece, stone: Gem, cut: str) -> bpy.types.Mesh:
    """One setting for a stone of unit width, as a single mesh, so that a hundred cost no more than one."""
    tray = Piece(piece.model, piece.quality * (0.3 if piece.light else 0.6))
    angles = PRONGS.get(cut, PRONGS["round"])
    prongs(tray, stone, move(), piece.metal, angles=angles, cut=cut, wire=0.055)
    rail(tray, stone, move(), piece.metal, share=0.86, height=-0.20, thickness=0.09)
    if not piece.light:
        rail(tray, stone, move(), piece.metal, share=0.52, height=-0.36, thickness=0.10)
    return tray.fuse()
