"""Chains: real links, each passing through the next."""

from math import cos, pi, sin

import bpy
import numpy as np
from mathutils import Matrix, Vector

import shapes
from piece import Piece
from shapes import turn


def link(length: float, width: float, wire: float, *, segments: int = 40, sides: int = 10) -> bpy.types.Mesh:
    """An oval link of round wire, long side along z, lying in the xz plane; sizes are outside measures."""
    straight = max(length - width, 0) / 2
    r = (width - wire) / 2
    a = np.linspace(0, 2 * pi, segments, endpoint=False)
    path = np.stack([r * np.sin(a), 0 * a, r * np.cos(a) + np.where(np.cos(a) >= 0, straight, -straight)], axis=1)
    return shapes.wire(path, wire / 2, sides=sides, closed=True, up=Vector((0, 1, 0)), sharp=None)


def cable(
    piece: Piece,
    path: np.ndarray,
    metal: str,
    *,
    length: float,
    width: float,
    wire: float,
    closed: bool = False,
    up: Vector | None = None,
    tilt: float = 45,
) -> None:
    """Links set a quarter turn apart along a path."""
    pitch = length - 2.15 * wire
    points, true = shapes.even_path(path, pitch, closed=closed)
    mesh = link(
        length * true / pitch if true > pitch else length,
        width,
        wire,
        segments=piece.count(36, 8),
        sides=piece.count(10, 3),
    )
    for i, frame in enumerate(shapes.frames(points, closed=closed, up=up)):
        piece.add(mesh, metal, frame @ turn("Z", tilt + 90 * (i % 2)))


def curb(
    piece: Piece,
    path: np.ndarray,
    metal: str,
    *,
    length: float,
    width: float,
    wire: float,
    closed: bool = False,
    up: Vector | None = None,
) -> None:
    """Twisted links that lie flat, each leaning into the next."""
    pitch = length * 0.56
    points, _ = shapes.even_path(path, pitch, closed=closed)
    mesh = link(length, width, wire, segments=piece.count(40, 8), sides=piece.count(12, 3))
    for v in mesh.vertices:
        a = 0.75 * v.co.z / (length / 2)
        v.co = (v.co.x * cos(a) - v.co.y * sin(a), v.co.x * sin(a) + v.co.y * cos(a), v.co.z)
    for frame in shapes.frames(points, closed=closed, up=up):
        piece.add(mesh, metal, frame @ turn("Z", 62))


def drape(
    left: tuple[float, float],
    low: tuple[float, float],
    right: tuple[float, float],
    *,
    sharpness: float = 1.5,
    count: int = 240,
) -> np.ndarray:
    """How a chain hangs on a neck, in the xz plane: from one shoulder to its lowest point and up again."""
    out = []
    for k in range(count):
        s = 2 * k / (count - 1) - 1
        end = right if s > 0 else left
        x = low[0] + (end[0] - low[0]) * abs(s)
        z = low[1] + (end[1] - low[1]) * abs(s) ** sharpness
        out.append((x, 0, z))
    return np.array(out)


def collar(width: float, height: float, *, count: int = 360, point: float = 0.0) -> np.ndarray:
    """A closed necklace as it lies on a tray, seen from above in the xz plane: a soft oval, fuller below."""
    a = np.linspace(0, 2 * pi, count, endpoint=False)
    z = -np.cos(a)
    x = np.sin(a) * (1 - 0.10 * z) * (1 - 0.06 * np.cos(a) ** 2)
    z = z * height / 2 - point * np.exp(-(((a - 0) / 0.22) ** 2)) - point * np.exp(-(((a - 2 * pi) / 0.22) ** 2))
    return np.stack([x * width / 2, 0 * a, z], axis=1)


def facing(point: np.ndarray, ahead: np.ndarray, *, normal: Vector = Vector((0, -1, 0))) -> Matrix:
    """A frame on a flat-lying row: z towards the eye, x along the row."""
    along = Vector(ahead - point).normalized()
    return shapes.basis(along, normal.cross(along), normal, point)
