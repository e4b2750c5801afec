"""Sets: each collection has its own colour world, in which pieces are shown on plinths and slabs."""

from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Vector

import materials
import shapes
import studio
from piece import Piece
from shapes import move, turn
from studio import Softbox

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class World:
    """The colours of a collection (linear light): backdrop, plinth, the deep tone of its macros, the tint of its key light."""

    backdrop: Colour
    plinth: Colour
    deep: Colour
    key: Colour = (1.0, 0.93, 0.84)
    rim: Colour = (1.0, 0.97, 0.94)
    veined: bool = False
    velvet: bool = False


WORLDS = {
    "sceau": World((0.235, 0.118, 0.058), (0.30, 0.165, 0.088), (0.052, 0.026, 0.014)),
    "aurore": World((0.62, 0.455, 0.335), (0.70, 0.55, 0.43), (0.20, 0.125, 0.085), key=(1.0, 0.90, 0.78)),
    "arcade": World(
        (0.36, 0.345, 0.32), (0.52, 0.49, 0.445), (0.030, 0.030, 0.031), key=(1.0, 0.96, 0.91), veined=True
    ),
    "cordage": World((0.36, 0.125, 0.066), (0.42, 0.165, 0.092), (0.105, 0.034, 0.020), key=(1.0, 0.90, 0.78)),
    "orangerie": World(
        (0.036, 0.078, 0.052), (0.052, 0.108, 0.072), (0.009, 0.022, 0.015), key=(1.0, 0.95, 0.85), veined=True
    ),
    "meridien": World(
        (0.020, 0.034, 0.075),
        (0.030, 0.048, 0.098),
        (0.006, 0.010, 0.022),
        key=(1.0, 0.96, 0.92),
        rim=(0.82, 0.90, 1.0),
    ),
    "maree": World(
        (0.40, 0.315, 0.29), (0.50, 0.41, 0.38), (0.078, 0.064, 0.064), key=(1.0, 0.95, 0.90), rim=(0.90, 0.95, 1.0)
    ),
}


def slab(
    size: tuple[float, float, float],
    at: Vector,
    material: bpy.types.Material,
    *,
    radius: float | None = None,
    yaw: float = 0.0,
) -> None:
    """A block of the set with worn edges, its top at `at`."""
    w, d, h = size
    bevel = min(w, d, h) * 0.035
    outline = shapes.rounded_rectangle(w, d, radius or bevel, 10)
    mesh = shapes.plate(outline, h, bevel)
    _put(mesh, material, move(at.x, at.y, at.z - h) @ turn("Z", yaw))


def drum(radius: float, height: float, at: Vector, material: bpy.types.Material) -> None:
    """A round plinth, its top at `at`."""
    b = min(radius, height) * 0.04
    profile = [
        (0.001, 0),
        (radius, 0),
        (radius, height - b),
        (radius - b * 0.3, height - b * 0.3),
        (radius - b, height),
        (0.001, height),
    ]
    _put(shapes.lathe(profile, 160, sharp=50), material, move(at.x, at.y, at.z - height))


def cove(scale: float, floor: float, material: bpy.types.Material) -> None:
    """A seamless backdrop: floor, curve and wall."""
    depth, radius, tall, wide = 5.5 * scale, 3.2 * scale, 16 * scale, 40 * scale
    line = [(-14 * scale, floor), (depth, floor)]
    line += [(depth + radius * np.sin(a), floor + radius * (1 - np.cos(a))) for a in np.linspace(0.05, np.pi / 2, 16)]
    line.append((depth + radius, floor + tall))
    rows = np.array([[(-wide, y, z), (wide, y, z)] for y, z in line])
    _put(shapes.grid(rows, close_around=False, caps=False, sharp=None), material, move())


def _put(mesh: bpy.types.Mesh, material: bpy.types.Material, at) -> bpy.types.Object:
    part = bpy.data.objects.new("set", mesh)
    bpy.context.scene.collection.objects.link(part)
    part.material_slots[0].link = "OBJECT"
    part.material_slots[0].material = material
    part.matrix_world = at
    return part


def surfaces(world: World, scale: float, *, deep: bool = False) -> tuple[bpy.types.Material, bpy.types.Material]:
    """The materials of backdrop and plinth."""
    grain = 9.0 / scale
    if deep:
        ground = tuple(c * 0.75 for c in world.deep)
        return (
            materials.surface("backdrop", ground, roughness=0.9),
            materials.surface("plinth", world.deep, roughness=0.55, bump=0.25, scale=grain * 3, veined=world.veined),
        )
    return (
        materials.surface("backdrop", world.backdrop, roughness=0.9, bump=0.10, scale=grain),
        materials.surface("plinth", world.plinth, roughness=0.62, bump=0.22, scale=grain * 2.4, veined=world.veined),
    )


def lights(
    world: World, scale: float, target: Vector, azimuth: float, *, strength: float = 1.0, ambient: float = 1.0
) -> None:
    """One large soft key from the left and behind, two rims, and a sky that only metal and stones really see."""

    def around(az: float, el: float, far: float) -> Vector:
        return target + studio.direction(azimuth + az, el) * far * scale

    studio.area(around(-62, 46, 4.6), target, 1.5 * scale, 60 * strength, world.key)
    studio.area(around(140, 34, 5.0), target, 1.2 * scale, 26 * strength, world.rim, tall=2.6 * scale)
    studio.area(around(-150, 24, 5.5), target, 0.9 * scale, 16 * strength, world.key, tall=2.6 * scale)
    tint = np.array(world.backdrop) ** 0.6
    tint = tuple(float(c) for c in tint / tint.max())
    boxes = (
        Softbox(-100, 74, 30, 22, 3.6, world.key),
        Softbox(176, 26, 14, 40, 3.8, world.key),
        Softbox(6, 22, 7, 36, 3.4, world.rim),
        Softbox(-128, 40, 7, 9, 4.2),
        Softbox(-58, 42, 6, 6, 5.0),
        Softbox(-82, 24, 9, 4, 1.6),
    )
    up = tuple(0.30 * c * ambient for c in tint)
    low = tuple(0.16 * c * ambient for c in tint)
    studio.sky(
        boxes,
        above=up,
        horizon=low,
        below=tuple(0.2 * c * ambient for c in tint),
        sparks=16,
        facing=azimuth,
        strength=0.9,
        diffuse=0.28,
    )


def stage(piece: Piece, *, deep: bool = False) -> tuple[float, Vector]:
    """Build the set under and round a piece; returns the scale of the set and the point to look at."""
    world = WORLDS[piece.model["collection"]]
    pose = piece.pose
    focus = Vector(pose.focus)
    if pose.flat:
        lie = turn("X", -90)
        piece.place(lie)
        focus = lie @ focus
    low, high = piece.bounds()
    if pose.crop:
        x0, x1, z0, z1 = pose.crop
        low[:2], high[:2] = (x0, z0), (x1, z1)
    size = float(max(high - low))
    rest = Vector((float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2, float(low[2])))
    ground, stone = surfaces(world, size, deep=deep)
    if pose.flat:
        slab(
            (size * 4.2, size * 3.4, size * 0.16),
            Vector((rest.x - size * 0.6, rest.y - size * 0.2, rest.z)),
            stone,
            yaw=0,
        )
        slab(
            (size * 1.5, size * 0.9, size * 0.5),
            Vector((rest.x - size * 1.35, rest.y + size * 1.75, rest.z + size * 0.34)),
            stone,
            yaw=8,
        )
        cove(size, rest.z - size * 0.16, ground)
        return size, focus
    width = float(max(high[0] - low[0], high[1] - low[1]))
    slender = size / max(width, 1e-3)
    base = max(width * 0.86, size * 0.5)
    if piece.model["family"] in ("rings", "earrings"):
        drum(base * 1.02, size * 0.62, rest, stone)
    else:
        slab((base * 2.3, base * 2.0, size * 0.55), rest, stone, yaw=-8)
    tall = size * (1.5 if slender < 2 else 1.1)
    slab(
        (size * 0.9, size * 0.9, tall * 2),
        Vector((rest.x - size * 1.15, rest.y + size * 1.75, rest.z + tall * 0.45)),
        stone,
        yaw=14,
    )
    drum(size * 0.5, size * 0.7, Vector((rest.x + size * 1.45, rest.y + size * 1.2, rest.z - size * 0.22)), stone)
    cove(size, rest.z - size * 0.62, ground)
    return size, focus


def eye(kind: str, piece: Piece) -> tuple[float, float]:
    """Where the camera stands for a picture of the set."""
    azimuth, elevation = piece.pose.angle if kind == "angle" else piece.pose.detail
    if piece.pose.flat:
        elevation = 48 if kind == "angle" else 40
        azimuth *= 0.45
        if piece.pose.crop:
            elevation += 6
    return azimuth, elevation
