"""Surfaces: everything the house makes is a grid of points swept, turned or lofted, in millimetres."""

from collections.abc import Callable, Sequence
from math import cos, pi, radians, sin

import bmesh
import bpy
import numpy as np
from mathutils import Matrix, Vector

Points = np.ndarray


def mesh_from(
    verts: Sequence, faces: Sequence, name: str = "shape", *, smooth: bool = True, sharp: float | None = 38
) -> bpy.types.Mesh:
    """A closed mesh with outward normals; edges sharper than `sharp` degrees stay crisp."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([tuple(v) for v in verts], [], [tuple(f) for f in faces])
    bm = bmesh.new()
    bm.from_mesh(mesh)
    bmesh.ops.remove_doubles(bm, verts=bm.verts, dist=1e-5)
    bmesh.ops.recalc_face_normals(bm, faces=bm.faces)
    bm.to_mesh(mesh)
    bm.free()
    finish(mesh, smooth=smooth, sharp=sharp)
    return mesh


def finish(mesh: bpy.types.Mesh, *, smooth: bool = True, sharp: float | None = 38) -> None:
    """Shade a mesh and give it the one material slot that each object fills for itself."""
    mesh.polygons.foreach_set("use_smooth", [smooth] * len(mesh.polygons))
    if smooth and sharp is not None:
        mesh.set_sharp_from_angle(angle=radians(sharp))
    if not mesh.materials:
        mesh.materials.append(None)
    mesh.update()


def grid(
    rows: Points, *, close_along: bool = False, close_around: bool = True, caps: bool = True, **shade
) -> bpy.types.Mesh:
    """A surface through `rows` (n, m, 3); a row closes on itself unless `close_around` is false."""
    rows = np.asarray(rows, dtype=float)
    n, m, _ = rows.shape
    faces = []
    for i in range(n if close_along else n - 1):
        j = (i + 1) % n
        for k in range(m if close_around else m - 1):
            l = (k + 1) % m
            faces.append((i * m + k, i * m + l, j * m + l, j * m + k))
    if caps and close_around and not close_along:
        faces.append(tuple(range(m))[::-1])
        faces.append(tuple((n - 1) * m + k for k in range(m)))
    return mesh_from(rows.reshape(-1, 3), faces, **shade)


def lathe(profile: Sequence[tuple[float, float]], segments: int = 96, **shade) -> bpy.types.Mesh:
    """Turn (radius, height) pairs about the z axis."""
    angles = np.linspace(0, 2 * pi, segments, endpoint=False)
    rows = [[(r * cos(a), r * sin(a), z) for a in angles] for r, z in profile]
    return grid(np.array(rows), **shade)


def smooth_path(points: Sequence, count: int, *, closed: bool = False) -> Points:
    """A Catmull-Rom curve through `points`, resampled to `count` points."""
    p = np.asarray(points, dtype=float)
    n = len(p)
    spans = n if closed else n - 1
    out = []
    for i in range(count):
        t = i / (count if closed else count - 1) * spans
        k = min(int(t), spans - 1)
        f = t - k
        pick = (lambda q: p[q % n]) if closed else (lambda q: p[min(max(q, 0), n - 1)])
        a, b, c, d = pick(k - 1), pick(k), pick(k + 1), pick(k + 2)
        out.append(0.5 * (2 * b + (c - a) * f + (2 * a - 5 * b + 4 * c - d) * f**2 + (3 * b - a - 3 * c + d) * f**3))
    return np.array(out)


def even_path(points: Points, step: float, *, closed: bool = False) -> tuple[Points, float]:
    """Points spaced evenly along a polyline, and the true spacing."""
    p = np.vstack([points, points[:1]]) if closed else np.asarray(points)
    lengths = np.r_[0, np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))]
    count = max(2, round(lengths[-1] / step))
    if closed:
        count += count % 2
    marks = np.linspace(0, lengths[-1], count + 1)
    marks = marks[:-1] if closed else marks
    return np.stack([np.interp(marks, lengths, p[:, i]) for i in range(3)], axis=1), lengths[-1] / count


def frames(path: Points, *, closed: bool = False, up: Vector | None = None) -> list[Matrix]:
    """A moving frame along a path: z along the path, x as near to `up` as it can be, without twist."""
    n = len(path)
    tangents = np.zeros_like(path)
    for i in range(n):
        before = path[i - 1] if i or closed else path[i]
        after = path[(i + 1) % n] if i < n - 1 or closed else path[i]
        tangents[i] = after - before
    out = []
    side = Vector(up) if up is not None else None
    for p, t in zip(path, tangents, strict=True):
        z = Vector(t).normalized()
        if side is None:
            side = z.orthogonal()
        reference = Vector(up) if up is not None else side
        x = reference - reference.dot(z) * z
        x = x.normalized() if x.length > 1e-6 else z.orthogonal().normalized()
        side = x
        y = z.cross(x)
        out.append(Matrix(((x.x, y.x, z.x, p[0]), (x.y, y.y, z.y, p[1]), (x.z, y.z, z.z, p[2]), (0, 0, 0, 1))))
    return out


def sweep(
    path: Points,
    profile: Callable[[float], Points] | Points,
    *,
    closed: bool = False,
    up: Vector | None = None,
    **shade,
) -> bpy.types.Mesh:
    """Carry a closed (x, y) profile along a path; the profile may change with its place (0..1)."""
    rows = []
    n = len(path)
    for i, frame in enumerate(frames(path, closed=closed, up=up)):
        section = profile(i / max(n - 1, 1)) if callable(profile) else profile
        rows.append([tuple(frame @ Vector((x, y, 0))) for x, y in section])
    return grid(np.array(rows), close_along=closed, **shade)


def wire(
    path: Points, radius: float | Callable[[float], float], *, sides: int = 12, closed: bool = False, **shade
) -> bpy.types.Mesh:
    """A round wire, ends slightly domed."""
    circle = np.array([(cos(a), sin(a)) for a in np.linspace(0, 2 * pi, sides, endpoint=False)])
    width = radius if callable(radius) else (lambda _: radius)
    return sweep(np.asarray(path, dtype=float), lambda s: circle * width(s), closed=closed, **shade)


def domed_ends(radius: float, *, taper: float = 1.0, share: float = 0.06) -> Callable[[float], float]:
    """Wire radius that rounds off at both ends and tapers towards the far end."""

    def width(s: float) -> float:
        edge = min(s, 1 - s) / share
        round_off = 1 if edge >= 1 else max(0.05, (1 - (1 - edge) ** 2) ** 0.5)
        return radius * (1 + (taper - 1) * s) * round_off

    return width


def superellipse(width: float, height: float, power: float = 2.0, count: int = 24) -> Points:
    """A closed outline from an ellipse (2) to a soft rectangle (4 and up)."""
    a = np.linspace(0, 2 * pi, count, endpoint=False)
    c, s = np.cos(a), np.sin(a)
    return np.stack(
        [np.sign(c) * np.abs(c) ** (2 / power) * width / 2, np.sign(s) * np.abs(s) ** (2 / power) * height / 2], axis=1
    )


def rounded_rectangle(width: float, height: float, radius: float, corner: int = 6) -> Points:
    """A rectangle with round corners, counter-clockwise."""
    radius = min(radius, width / 2 - 1e-4, height / 2 - 1e-4)
    out = []
    for cx, cy, start in ((1, 1, 0), (-1, 1, 90), (-1, -1, 180), (1, -1, 270)):
        for k in range(corner + 1):
            a = radians(start + 90 * k / corner)
            out.append((cx * (width / 2 - radius) + radius * cos(a), cy * (height / 2 - radius) + radius * sin(a)))
    return np.array(out)


def arch(width: float, spring: float, foot: float, *, inset: float = 0.0, count: int = 48) -> Points:
    """A round-headed arch, counter-clockwise; insets stay parallel and keep the same number of points."""
    half, low = width / 2 - inset, foot + inset
    head = [(half * cos(a), spring + half * sin(a)) for a in np.linspace(0, pi, count)]
    left = [(-half, y) for y in np.linspace(spring, low, 12)[1:]]
    floor = [(x, low) for x in np.linspace(-half, half, 14)[1:]]
    right = [(half, y) for y in np.linspace(low, spring, 12)[1:-1]]
    return np.array([*head, *left, *floor, *right])


def offset(outline: Points, distance: float) -> Points:
    """Move an outline outwards along its own normals."""
    t = np.roll(outline, -1, axis=0) - np.roll(outline, 1, axis=0)
    n = np.stack([t[:, 1], -t[:, 0]], axis=1)
    n /= np.linalg.norm(n, axis=1, keepdims=True) + 1e-12
    return outline + n * distance


def loft(outline: Points, profile: Sequence[tuple[float, float]], **shade) -> bpy.types.Mesh:
    """Turn a profile of (offset, height) along an outline: what a lathe is to a circle."""
    rows = [[(x, y, h) for x, y in offset(outline, d)] for d, h in profile]
    return grid(np.array(rows), **shade)


def plate(
    outline: Points, thickness: float, bevel: float = 0.1, *, base: float = 0.0, steps: int = 4, **shade
) -> bpy.types.Mesh:
    """A flat plate with rounded edges, lying on z = base."""
    b = min(bevel, thickness / 2)
    edge = [(-b * (1 - sin(a)), b * (1 - cos(a))) for a in np.linspace(0, pi / 2, steps)]
    profile = [(d, base + h) for d, h in edge] + [(d, base + thickness - h) for d, h in reversed(edge)]
    return loft(outline, profile, **shade)


def ball(radius: float = 1.0, segments: int = 32, squash: float = 1.0) -> bpy.types.Mesh:
    """A sphere, optionally flattened along z."""
    profile = [(max(radius * sin(a), 1e-4), -radius * squash * cos(a)) for a in np.linspace(0, pi, segments // 2 + 1)]
    return lathe(profile, segments, sharp=None)


def torus(radius: float, thickness: float, segments: int = 72, sides: int = 16) -> bpy.types.Mesh:
    """A ring of round wire about z."""
    a = np.linspace(0, 2 * pi, segments, endpoint=False)
    return wire(
        np.stack([radius * np.cos(a), radius * np.sin(a), 0 * a], axis=1),
        thickness / 2,
        sides=sides,
        closed=True,
        up=None,
        sharp=None,
    )


def text(words: str, size: float, *, depth: float = 0.0, spacing: float = 1.0, resolution: int = 4) -> bpy.types.Mesh:
    """Words set flat on the xy plane, centred."""
    curve = bpy.data.curves.new("words", "FONT")
    curve.body, curve.size, curve.extrude, curve.space_character = words, size, depth, spacing
    curve.align_x = curve.align_y = "CENTER"
    curve.resolution_u = resolution
    holder = bpy.data.objects.new("words", curve)
    bpy.context.scene.collection.objects.link(holder)
    mesh = bpy.data.meshes.new_from_object(holder.evaluated_get(bpy.context.evaluated_depsgraph_get()))
    bpy.data.objects.remove(holder)
    finish(mesh, smooth=False)
    return mesh


def turn(axis: str, degrees: float) -> Matrix:
    return Matrix.Rotation(radians(degrees), 4, axis)


def move(x: float = 0, y: float = 0, z: float = 0) -> Matrix:
    return Matrix.Translation((x, y, z))


def scale(x: float, y: float | None = None, z: float | None = None) -> Matrix:
    return Matrix.Diagonal((x, x if y is None else y, x if z is None else z, 1))


def basis(x: Sequence, y: Sequence, z: Sequence, at: Sequence) -> Matrix:
    """A frame from three axes and a place."""
    x, y, z = Vector(x).normalized(), Vector(y).normalized(), Vector(z).normalized()
    return Matrix(((x.x, y.x, z.x, at[0]), (x.y, y.y, z.y, at[1]), (x.z, y.z, z.z, at[2]), (0, 0, 0, 1)))
