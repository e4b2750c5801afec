"""Cut stones, built facet by facet: each facet is a plane that the rough is cut by."""

from dataclasses import dataclass
from math import cos, pi, radians, sin

import bmesh
import bpy
import numpy as np

import shapes

# Width and length in millimetres of a one-carat stone of each cut.
ONE_CARAT = {
    "round": (6.5, 6.5),
    "oval": (5.7, 7.7),
    "pear": (5.6, 8.4),
    "emerald": (5.2, 7.2),
    "cushion": (5.8, 6.3),
    "marquise": (4.7, 9.4),
    "cabochon": (6.0, 7.6),
}


@dataclass(frozen=True)
class Gem:
    """A stone with its girdle on z = 0, long side along y."""

    mesh: bpy.types.Mesh
    outline: np.ndarray
    width: float
    length: float
    crown: float
    depth: float


def size_of(cut: str, carat: float) -> float:
    """The width in millimetres of a stone of this weight."""
    return ONE_CARAT.get(cut, ONE_CARAT["round"])[0] * max(carat, 0.01) ** (1 / 3)


def cut_stone(cut: str, width: float, *, fine: bool = True, simple: bool = False) -> Gem:
    """A stone of the given cut and width; `simple` is a brilliant of seventeen facets, for the small ones on screen."""
    cut = cut if cut in ONE_CARAT else "round"
    ratio = ONE_CARAT[cut][1] / ONE_CARAT[cut][0]
    if cut == "emerald":
        return _emerald(width, ratio, fine=fine)
    if cut == "cabochon":
        return _cabochon(width, ratio, fine=fine)
    return _brilliant(cut, width, ratio, fine=fine, simple=simple)


def outline_of(cut: str, width: float, ratio: float, count: int = 96) -> np.ndarray:
    """The girdle seen from above, counter-clockwise."""
    half, tall = width / 2, width / 2 * ratio
    if cut == "emerald":
        corner = width * 0.17
        p = [
            (half, tall - corner),
            (half - corner, tall),
            (corner - half, tall),
            (-half, tall - corner),
            (-half, corner - tall),
            (corner - half, -tall),
            (half - corner, -tall),
            (half, corner - tall),
        ]
        return np.array(p)
    if cut == "cushion":
        return shapes.superellipse(width, width * ratio, 2.9, count)
    a = np.linspace(0, 2 * pi, count, endpoint=False)
    if cut == "marquise":
        radius = (half**2 + tall**2) / (2 * half)
        y = tall * np.sin(a)
        x = np.sign(np.cos(a)) * (np.sqrt(np.maximum(radius**2 - y**2, 0)) - (radius - half))
        return np.stack([x, y], axis=1)
    if cut == "pear":
        y = np.sin(a)
        swell = np.where(
            y > 0, np.maximum(1 - np.maximum(y, 0) ** 1.15, 0) ** 0.86 * 1.0, np.sqrt(np.maximum(1 - y**2, 0))
        )
        swell = np.where(y > 0, np.minimum(swell, np.sqrt(np.maximum(1 - (np.maximum(y, 0) * 0.8) ** 2, 0))), swell)
        x = np.sign(np.cos(a)) * swell * half
        below = half
        return np.stack([x, np.where(y > 0, y * (2 * tall - below), y * below) - (tall - below)], axis=1)
    return np.stack([half * np.cos(a), tall * np.sin(a)], axis=1)


def _carve(planes: list[tuple[tuple[float, float, float], float]]) -> bmesh.types.BMesh:
    """What is left of a block after every plane (outward normal, distance) has cut it."""
    bm = bmesh.new()
    bmesh.ops.create_cube(bm, size=8)
    for normal, distance in planes:
        length = sum(c * c for c in normal) ** 0.5
        n = tuple(c / length for c in normal)
        cut = bmesh.ops.bisect_plane(
            bm,
            geom=[*bm.verts, *bm.edges, *bm.faces],
            dist=1e-6,
            plane_co=tuple(c * distance / length for c in n),
            plane_no=n,
            clear_outer=True,
        )
        edges = [e for e in cut["geom_cut"] if isinstance(e, bmesh.types.BMEdge)]
        if len(edges) > 2:
            bmesh.ops.edgeloop_fill(bm, edges=edges)
    bmesh.ops.remove_doubles(bm, verts=bm.verts, dist=2e-4)
    return bm


def _facet(azimuth: float, slope: float, radius: float, height: float) -> tuple[tuple[float, float, float], float]:
    """A facet facing `azimuth`, `slope` degrees from level (negative: pavilion), through a point."""
    s, c = sin(radians(abs(slope))), cos(radians(slope))
    c = c if slope >= 0 else -c
    n = (s * cos(radians(azimuth)), s * sin(radians(azimuth)), c)
    return n, s * radius + c * height


def _brilliant(cut: str, width: float, ratio: float, *, fine: bool, simple: bool) -> Gem:
    """Fifty-seven facets on a round girdle, then drawn out to the outline of the cut."""
    girdle, table, crown_slope = (0.0 if simple else 0.022), 0.57, 34.5
    fine = fine and not simple
    top = girdle + (1 - table) * np.tan(radians(crown_slope))
    planes = [((0, 0, 1), top)]
    sides = 48 if fine else 16
    if not simple:
        angles = [2 * pi * (k + 0.5) / sides for k in range(sides)]
        planes += [((cos(a), sin(a), 0), cos(pi / sides)) for a in angles]
    for k in range(8):
        planes.append(_facet(45 * k, crown_slope, 1, girdle))
        planes.append(_facet(45 * k, -40.75, 1, -girdle))
        if fine:
            planes.append(_facet(45 * k + 22.5, 21.5, table * cos(radians(22.5)), top))
    for k in range(0 if simple else 16):
        edge = cos(radians(11.25))
        if fine:
            planes.append(_facet(22.5 * k + 11.25, 40.6, edge, girdle))
            planes.append(_facet(22.5 * k + 11.25, -42.1, edge, -girdle))
    bm = _carve(planes)
    outline = outline_of(cut, width, ratio)
    if cut in ("round", "oval"):
        for v in bm.verts:
            v.co = (v.co.x * width / 2, v.co.y * width / 2 * ratio, v.co.z * width / 2)
    else:
        dense = outline_of(cut, width, ratio, 720)
        angles = np.unwrap(np.arctan2(dense[:, 1], dense[:, 0]))
        reach = np.hypot(dense[:, 0], dense[:, 1])
        order = np.argsort(np.mod(angles, 2 * pi))
        known, far = np.mod(angles, 2 * pi)[order], reach[order]
        for v in bm.verts:
            a = np.arctan2(v.co.y, v.co.x) % (2 * pi)
            r = np.hypot(v.co.x, v.co.y) * np.interp(a, known, far, period=2 * pi)
            v.co = (r * cos(a), r * sin(a), v.co.z * width / 2)
        bmesh.ops.triangulate(bm, faces=[f for f in bm.faces if len(f.verts) > 4 and abs(f.normal.z) < 0.99])
    return Gem(_flat(bm), outline, width, width * ratio, top * width / 2, 0.86 * width / 2)


def _emerald(width: float, ratio: float, *, fine: bool) -> Gem:
    """Three steps above the girdle and three below, corners cut."""
    outline = outline_of("emerald", 2.0, ratio)
    sides = []
    for p, q in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        t = q - p
        n = np.array([t[1], -t[0]]) / np.hypot(*t)
        sides.append((np.degrees(np.arctan2(n[1], n[0])), float(n @ p)))
    girdle = 0.03
    planes = [((cos(radians(a)), sin(radians(a)), 0), d) for a, d in sides]
    inset, height = 0.0, girdle
    for slope, run in ((50, 0.13), (38, 0.13), (27, 0.12)):
        planes += [_facet(a, slope, d - inset, height) for a, d in sides]
        inset, height = inset + run, height + run * np.tan(radians(slope))
    planes.append(((0, 0, 1), height))
    crown = height
    inset, height = 0.0, -girdle
    for slope, run in ((60, 0.26), (48, 0.34), (38, 0.40)):
        planes += [_facet(a, -slope, d - inset, height) for a, d in sides]
        inset, height = inset + run, height - run * np.tan(radians(slope))
    bm = _carve(planes)
    for v in bm.verts:
        v.co *= width / 2
    return Gem(_flat(bm), outline * width / 2, width, width * ratio, crown * width / 2, -height * width / 2)


def _cabochon(width: float, ratio: float, *, fine: bool) -> Gem:
    """A polished dome on a shallow base."""
    outline = outline_of("oval", width, ratio, 72 if fine else 28)
    dome = width * 0.40
    steps = np.linspace(0, pi / 2, 16 if fine else 7)
    rows = [[(x * k, y * k, -0.16 * width) for x, y in outline] for k in (0.02, 0.80)]
    rows += [[(x * cos(a) + 1e-4 * x, y * cos(a) + 1e-4 * y, dome * sin(a)) for x, y in outline] for a in steps]
    return Gem(shapes.grid(np.array(rows), sharp=50), outline, width, width * ratio, dome, 0.16 * width)


def _flat(bm: bmesh.types.BMesh) -> bpy.types.Mesh:
    bmesh.ops.recalc_face_normals(bm, faces=bm.faces)
    mesh = bpy.data.meshes.new("gem")
    bm.to_mesh(mesh)
    bm.free()
    shapes.finish(mesh, smooth=False)
    return mesh
