"""The photographer's studio: softboxes painted on the sky, black flags, cameras that frame what they see."""

from dataclasses import dataclass
from math import cos, pi, radians, sin, tan
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector

from piece import Piece


@dataclass(frozen=True)
class Softbox:
    """A lit rectangle on the sky: where it hangs (azimuth from the camera's right, elevation), half sizes, light."""

    azimuth: float
    elevation: float
    width: float
    height: float
    light: float
    tint: tuple[float, float, float] = (1.0, 0.985, 0.96)
    edge: float = 0.10


# The packshot: a big box above, a tall strip at the left, a slim rim at the right, black flags between.
TABLE = (
    Softbox(-100, 78, 34, 26, 5.2),
    Softbox(178, 24, 17, 44, 5.6),
    Softbox(8, 20, 8, 40, 4.6, (1.0, 0.97, 0.93)),
    Softbox(-90, 14, 10, 7, 1.3),
    Softbox(95, 30, 26, 9, 2.6),
    Softbox(-40, 44, 6, 5, 9.0),
    Softbox(-150, 52, 5, 5, 9.0),
)

# The tray: panels all round the lens, with black between, so that stones seen face on have something to answer.
TRAY = (
    Softbox(-95, 64, 34, 13, 5.0),
    Softbox(-146, 18, 13, 36, 4.6),
    Softbox(-38, 6, 10, 32, 3.2, (1.0, 0.97, 0.93)),
    Softbox(-90, -46, 26, 9, 1.8),
    Softbox(-116, 33, 6, 7, 7.0),
    Softbox(-66, 36, 6, 6, 7.0),
    Softbox(-68, -18, 6, 6, 5.0),
    Softbox(-113, -16, 6, 6, 5.0),
    Softbox(-90, 20, 7, 4, 3.0),
)


def reset(
    *, samples: int, size: tuple[int, int], transparent: bool, look: str = "AgX - Medium High Contrast"
) -> bpy.types.Scene:
    """An empty studio with Cycles ready."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.film_transparent = transparent
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA" if transparent else "RGB"
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = look
    c = scene.cycles
    c.device = "CPU"
    c.samples = samples
    c.use_adaptive_sampling = True
    c.adaptive_threshold = 0.08
    c.adaptive_min_samples = 5
    c.use_denoising = True
    c.denoiser = "OPENIMAGEDENOISE"
    c.denoising_input_passes = "RGB_ALBEDO_NORMAL"
    c.denoising_prefilter = "FAST"
    c.denoising_quality = "BALANCED"
    c.max_bounces = 14
    c.diffuse_bounces = 2
    c.glossy_bounces = 5
    c.transmission_bounces = 12
    c.transparent_max_bounces = 8
    c.caustics_reflective = c.caustics_refractive = False
    c.sample_clamp_indirect = 10
    c.blur_glossy = 0.3
    c.use_light_tree = False
    scene.render.use_persistent_data = False
    return scene


def sky(
    boxes: tuple[Softbox, ...],
    *,
    above: tuple[float, float, float],
    horizon: tuple[float, float, float],
    below: tuple[float, float, float],
    strength: float = 1.0,
    sparks: int = 0,
    facing: float = 0.0,
    width: int = 1024,
    diffuse: float = 1.0,
) -> None:
    """Paint the surroundings that metal and stones will mirror; `facing` turns them with the camera."""
    height = width // 2
    u = (np.arange(width) + 0.5) / width
    v = (np.arange(height) + 0.5) / height
    phi, theta = np.meshgrid(-(u - 0.5) * 2 * pi, (v - 0.5) * pi)
    d = np.stack([np.cos(phi) * np.cos(theta), np.sin(phi) * np.cos(theta), np.sin(theta)], axis=-1)
    t = d[..., 2:3]
    a, h, b = (np.array(c) for c in (above, horizon, below))
    image = np.where(t > 0, h + (a - h) * np.clip(t, 0, 1) ** 0.8, h + (b - h) * np.clip(-t, 0, 1) ** 0.55)
    for box in boxes:
        image += _box_mask(d, box, facing)[..., None] * np.array(box.tint) * box.light
    rng = np.random.default_rng(1897)
    for _ in range(sparks):
        spot = Softbox(rng.uniform(0, 360), rng.uniform(18, 80), 1.6, 1.6, rng.uniform(14, 30), edge=0.02)
        image += _box_mask(d, spot, facing)[..., None] * spot.light
    pixels = np.ones((height, width, 4), dtype=np.float32)
    pixels[..., :3] = image * strength
    picture = bpy.data.images.new("sky", width, height, float_buffer=True)
    picture.colorspace_settings.name = "Linear Rec.709"
    picture.pixels.foreach_set(pixels.ravel())
    picture.update()
    world = bpy.data.worlds.new("sky")
    bpy.context.scene.world = world
    world.use_nodes = True
    tree = world.node_tree
    tree.nodes.clear()
    texture = tree.nodes.new("ShaderNodeTexEnvironment")
    texture.image = picture
    background = tree.nodes.new("ShaderNodeBackground")
    output = tree.nodes.new("ShaderNodeOutputWorld")
    tree.links.new(texture.outputs[0], background.inputs[0])
    tree.links.new(background.outputs[0], output.inputs[0])
    if diffuse != 1.0:
        path = tree.nodes.new("ShaderNodeLightPath")
        ratio = tree.nodes.new("ShaderNodeMapRange")
        ratio.inputs["To Min"].default_value, ratio.inputs["To Max"].default_value = 1.0, diffuse
        tree.links.new(path.outputs["Is Diffuse Ray"], ratio.inputs["Value"])
        tree.links.new(ratio.outputs[0], background.inputs[1])
    world.cycles.sampling_method = "MANUAL"
    world.cycles.sample_map_resolution = 512


def _box_mask(d: np.ndarray, box: Softbox, facing: float) -> np.ndarray:
    az, el = radians(box.azimuth + facing), radians(box.elevation)
    forward = np.array([cos(el) * cos(az), cos(el) * sin(az), sin(el)])
    side = np.array([-sin(az), cos(az), 0.0])
    up = np.cross(forward, side)
    depth = np.maximum(d @ forward, 1e-4)
    soft = box.edge

    def fade(x: np.ndarray, half: float) -> np.ndarray:
        limit = tan(radians(min(half, 80)))
        return np.clip((limit * (1 + soft) - np.abs(x)) / (2 * soft * limit), 0, 1)

    return fade((d @ side) / depth, box.width) * fade((d @ up) / depth, box.height) * (d @ forward > 0)


def direction(azimuth: float, elevation: float) -> Vector:
    """Where the eye stands: azimuth 0 is straight in front, positive to the right."""
    a, e = radians(azimuth), radians(elevation)
    return Vector((sin(a) * cos(e), -cos(a) * cos(e), sin(e)))


def camera(
    target: Vector,
    toward: Vector,
    distance: float,
    *,
    lens: float = 90,
    focus: Vector | None = None,
    aperture: float | None = None,
) -> bpy.types.Object:
    """A camera at a distance from the target; with an aperture (f-number at millimetre scale), a shallow focus."""
    data = bpy.data.cameras.new("eye")
    data.lens, data.sensor_width, data.sensor_fit = lens, 36, "AUTO"
    data.clip_start, data.clip_end = 0.5, 100000
    eye = bpy.data.objects.new("eye", data)
    bpy.context.scene.collection.objects.link(eye)
    eye.location = target + toward.normalized() * distance
    eye.rotation_euler = (-toward).to_track_quat("-Z", "Y").to_euler()
    if aperture:
        data.dof.use_dof = True
        data.dof.focus_distance = max(1.0, (eye.location - (focus or target)).dot(toward.normalized()))
        data.dof.aperture_fstop = aperture
        data.dof.aperture_blades = 9
    bpy.context.scene.camera = eye
    bpy.context.view_layer.update()
    return eye


def f_number(lens: float, distance: float, share: float) -> float:
    """The f-number whose aperture radius is a share of the distance, in a world where one unit is a millimetre."""
    return lens * 1e-3 / (2 * share * distance)


def framing(
    points: np.ndarray, toward: Vector, *, aspect: float, lens: float = 90, margin: float = 0.86
) -> tuple[Vector, float]:
    """The target and distance at which every point falls inside the picture."""
    forward = np.array(toward.normalized())
    rotation = np.array((-toward).to_track_quat("-Z", "Y").to_matrix())
    right, up = rotation[:, 0], rotation[:, 1]
    half = 18 / lens
    wide, tall = (half, half / aspect) if aspect >= 1 else (half * aspect, half)
    centre = (points.max(axis=0) + points.min(axis=0)) / 2
    distance = 10.0
    for _ in range(12):
        rel = points - centre
        depth = rel @ forward
        x, y = rel @ right, rel @ up
        distance = max((depth + np.abs(x) / (wide * margin)).max(), (depth + np.abs(y) / (tall * margin)).max(), 1.0)
        px, py = x / (distance - depth), y / (distance - depth)
        centre = centre + (right * (px.max() + px.min()) / 2 + up * (py.max() + py.min()) / 2) * distance
    return Vector(centre), float(distance)


def catcher(size: float, *, z: float = 0.0, upright: bool = False, y: float = 0.0) -> bpy.types.Object:
    """An invisible table (or wall) that keeps only the shadow."""
    mesh = bpy.data.meshes.new("table")
    s = size
    verts = (
        [(-s, y, -s), (s, y, -s), (s, y, s), (-s, y, s)]
        if upright
        else [(-s, -s, z), (s, -s, z), (s, s, z), (-s, s, z)]
    )
    mesh.from_pydata(verts, [], [(0, 1, 2, 3)])
    table = bpy.data.objects.new("table", mesh)
    bpy.context.scene.collection.objects.link(table)
    material = bpy.data.materials.new("table")
    material.use_nodes = True
    node = material.node_tree.nodes.get("Principled BSDF")
    node.inputs["Base Color"].default_value = (0.86, 0.82, 0.76, 1)
    node.inputs["Roughness"].default_value = 1.0
    node.inputs["Specular IOR Level"].default_value = 0.0
    mesh.materials.append(material)
    table.is_shadow_catcher = True
    return table


def area(
    at: Vector,
    target: Vector,
    size: float,
    power: float,
    colour: tuple[float, float, float] = (1, 1, 1),
    *,
    tall: float | None = None,
    seen: bool = True,
) -> bpy.types.Object:
    """A softbox that casts light on the set; `power` is radiant exitance, so scale does not change exposure."""
    data = bpy.data.lights.new("softbox", "AREA")
    data.shape = "RECTANGLE"
    data.size, data.size_y = size, tall or size
    data.energy = power * size * (tall or size)
    data.color = colour
    lamp = bpy.data.objects.new("softbox", data)
    bpy.context.scene.collection.objects.link(lamp)
    lamp.location = at
    lamp.rotation_euler = (at - target).to_track_quat("Z", "Y").to_euler()
    lamp.visible_camera = False
    lamp.visible_glossy = lamp.visible_transmission = seen
    return lamp


def shoot(path: Path) -> None:
    """Take the picture as PNG."""
    bpy.context.scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def frame_points(piece: Piece) -> np.ndarray:
    """What the packshot must show: the whole piece, or the crop its pose asks for."""
    p = piece.points()
    if piece.pose.crop is None:
        return p
    x0, x1, z0, z1 = piece.pose.crop
    return np.array([(x, y, z) for x in (x0, x1) for y in (p[:, 1].min(), 0) for z in (z0, z1)])
