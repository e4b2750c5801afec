"""A piece: the parts of one model, made in millimetres and posed as a jeweller would show it."""

from dataclasses import dataclass, field

import bmesh
import bpy
import numpy as np
from mathutils import Matrix, Vector

import materials
import shapes


@dataclass
class Pose:
    """How a piece is shown: where the eye stands (degrees), and what it comes close to look at."""

    front: tuple[float, float] = (0, 8)
    angle: tuple[float, float] = (-28, 16)
    detail: tuple[float, float] = (20, 30)
    focus: tuple[float, float, float] = (0, 0, 0)
    reach: float = 8.0  # radius in mm of what the detail shows
    flat: bool = False  # lies on a surface that the packshot looks straight down upon
    crop: tuple[float, float, float, float] | None = None  # x0, x1, z0, z1 framed by the packshot


@dataclass
class Piece:
    model: dict
    quality: float = 1.0
    parts: list[bpy.types.Object] = field(default_factory=list)
    pose: Pose = field(default_factory=Pose)

    @property
    def metal(self) -> str:
        first = self.model["materials"][0]
        return "YG" if first == "LQ" else first

    @property
    def stone(self) -> str:
        return self.model.get("stone", "none")

    def count(self, fine: int, least: int = 3) -> int:
        """How many segments to spend, given `fine` for a picture; fewer for the web."""
        return max(least, round(fine * self.quality))

    @property
    def light(self) -> bool:
        """Whether the smallest parts must be spared: the model goes over the wire."""
        return self.quality < 0.5

    def add(self, mesh: bpy.types.Mesh, material: str, at: Matrix | None = None) -> bpy.types.Object:
        part = bpy.data.objects.new(material, mesh)
        bpy.context.scene.collection.objects.link(part)
        part.material_slots[0].link = "OBJECT"
        part.material_slots[0].material = materials.get(material)
        if at is not None:
            part.matrix_world = at
        self.parts.append(part)
        return part

    def fuse(self) -> bpy.types.Mesh:
        """All parts as one mesh, for use as a single repeated part; the parts are used up."""
        bm = bmesh.new()
        for part in self.parts:
            step = bmesh.new()
            step.from_mesh(part.data)
            step.transform(part.matrix_world)
            one = bpy.data.meshes.new("step")
            step.to_mesh(one)
            step.free()
            bm.from_mesh(one)
        mesh = bpy.data.meshes.new("fused")
        bm.to_mesh(mesh)
        bm.free()
        shapes.finish(mesh, sharp=None)
        self.remove()
        return mesh

    def place(self, at: Matrix) -> None:
        """Move the whole piece."""
        bpy.context.view_layer.update()
        for part in self.parts:
            part.matrix_world = at @ part.matrix_world
        bpy.context.view_layer.update()

    def points(self) -> np.ndarray:
        """The corners of every part, in the world: enough to frame it."""
        bpy.context.view_layer.update()
        return np.array([part.matrix_world @ Vector(c) for part in self.parts for c in part.bound_box])

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        p = self.points()
        return p.min(axis=0), p.max(axis=0)

    def remove(self) -> None:
        for part in self.parts:
            bpy.data.objects.remove(part)
        self.parts.clear()
