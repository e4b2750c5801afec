"""Photograph the collection: python render.py [CODE ...] [--only front|angle|detail|turn|glb|editorial] [--force]."""

import argparse
import sys
import time
import tomllib
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import bpy
import numpy as np
from mathutils import Vector

import darkroom
import gltf
import scenes
import studio
from piece import Piece
from shapes import move, turn

HOUSE = Path(__file__).resolve().parent.parent / "house"
MEDIA = HOUSE / "media"
KINDS = ("front", "angle", "glb", "detail", "turn")
GLB_LIMIT = 400_000
TURN_FRAMES = 24
DRAFT = {
    "angle": {"samples": 9, "size": (480, 600)},
    "detail": {"samples": 9, "size": 400},
    "front": {"samples": 11, "size": 800},
}


def collection() -> dict[str, dict]:
    """All models of the house by code."""
    with (HOUSE / "collection.toml").open("rb") as file:
        return {model["code"]: model for model in tomllib.load(file)["model"]}


def make(model: dict, quality: float = 1.0) -> Piece:
    """Build a model in the current scene."""
    piece = Piece(model, quality)
    import_module(f"forms.{model['family']}").FORMS[model["form"]](piece)
    return piece


def packshot_sky(piece: Piece, azimuth: float) -> None:
    boxes = studio.TRAY if piece.pose.flat or piece.model["family"] in ("earrings", "watches") else studio.TABLE
    warm = piece.metal in ("YG", "RG")
    boxes = tuple(replace(box, tint=(1.0, 0.945, 0.87)) for box in boxes) if warm else boxes
    above, horizon, below = (
        ((0.54, 0.485, 0.42), (0.245, 0.215, 0.18), (0.62, 0.55, 0.46))
        if warm
        else ((0.44, 0.435, 0.425), (0.19, 0.187, 0.18), (0.50, 0.49, 0.465))
    )
    studio.sky(boxes, above=above, horizon=horizon, below=below, sparks=14, facing=azimuth, diffuse=1.35)


def cut_out(
    piece: Piece,
    folder: Path,
    out: Path,
    *,
    size: int,
    samples: int,
    upright: bool,
    shadow_size: int,
) -> None:
    """Shoot the piece alone, then its shadow alone (small and cheap), and lay one over the other."""
    scene = bpy.context.scene
    shot, shade = folder / "shot.png", folder / "shade.png"
    studio.shoot(shot)
    low, high = piece.bounds()
    table = studio.catcher(
        4000,
        upright=upright,
        y=float(high[1]),
        z=float(low[2]) - (2.5 if piece.model["form"] in ("drop", "pearl_drop", "climber") else 0),
    )
    for part in piece.parts:
        part.visible_camera = False
    scene.render.resolution_x = scene.render.resolution_y = shadow_size
    scene.cycles.samples = 16
    studio.shoot(shade)
    bpy.data.objects.remove(table)
    for part in piece.parts:
        part.visible_camera = True
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.cycles.samples = samples
    darkroom.lay_shadow(shot, shade, out)


def front(model: dict, out: Path, folder: Path, samples: int = 14, size: int = 960) -> None:
    studio.reset(samples=samples, size=(size, size), transparent=True)
    piece = make(model)
    azimuth, elevation = piece.pose.front
    toward = studio.direction(azimuth, elevation)
    target, distance = studio.framing(studio.frame_points(piece), toward, aspect=1, margin=0.80)
    studio.camera(target, toward, distance)
    packshot_sky(piece, azimuth)
    cut_out(piece, folder, out, size=size, samples=samples, upright=piece.pose.flat, shadow_size=200)


def angle(model: dict, out: Path, folder: Path, samples: int = 16, size: tuple[int, int] = (864, 1080)) -> None:
    studio.reset(samples=samples, size=size, transparent=False)
    bpy.context.scene.cycles.diffuse_bounces = 0
    piece = make(model)
    scale, focus = scenes.stage(piece)
    azimuth, elevation = scenes.eye("angle", piece)
    toward = studio.direction(azimuth, elevation)
    points = piece.points()
    if piece.pose.crop:
        half = (piece.pose.crop[1] - piece.pose.crop[0]) * 0.30
        points = np.array(
            [(focus.x + x, focus.y + y + half * 0.25, focus.z) for x in (-half, half) for y in (-half, half)]
        )
    elif piece.pose.flat and model["family"] == "necklaces":
        half = float(np.ptp(points[:, 0])) * 0.36
        points = np.array(
            [(focus.x + x, focus.y + y + half * 0.45, focus.z) for x in (-half, half) for y in (-half, half)]
        )
    target, distance = studio.framing(
        points, toward, aspect=size[0] / size[1], lens=85, margin=0.78 if piece.pose.flat else 0.66
    )
    studio.camera(
        target + Vector((0, 0, 0.03 * scale)),
        toward,
        distance,
        lens=85,
        focus=focus,
        aperture=studio.f_number(85, distance, 0.014),
    )
    scenes.lights(scenes.WORLDS[model["collection"]], scale, target, azimuth)
    studio.shoot(folder / "shot.png")
    darkroom.flatten(folder / "shot.png", out, (960, 1200))


def detail(model: dict, out: Path, folder: Path, samples: int = 16, size: int = 720) -> None:
    studio.reset(samples=samples, size=(size, size), transparent=False)
    bpy.context.scene.cycles.diffuse_bounces = 0
    piece = make(model)
    scale, focus = scenes.stage(piece, deep=True)
    azimuth, elevation = scenes.eye("detail", piece)
    distance = piece.pose.reach / (18 / 100) * 1.04
    toward = studio.direction(azimuth, elevation)
    studio.camera(focus, toward, distance, lens=100, aperture=studio.f_number(100, distance, 0.022))
    scenes.lights(scenes.WORLDS[model["collection"]], scale, focus, azimuth, strength=0.9, ambient=0.8)
    studio.shoot(folder / "shot.png")
    darkroom.flatten(folder / "shot.png", out, (960, 960))


def glb(model: dict, out: Path, folder: Path) -> None:
    """Rebuild with fewer segments until the file is small enough."""
    for quality in (0.7, 0.55, 0.45, 0.36, 0.28, 0.2, 0.14):
        studio.reset(samples=1, size=(8, 8), transparent=True)
        if gltf.write(make(model, quality), out) <= GLB_LIMIT:
            return
    print(f"  {model['code']}: model.glb stays above {GLB_LIMIT} bytes", flush=True)


def turntable(model: dict, out: Path, folder: Path, samples: int = 10, size: int = 448) -> None:
    studio.reset(samples=samples, size=(size, size), transparent=True)
    piece = make(model)
    elevation = max(piece.pose.front[1], 12)
    if piece.pose.flat:
        piece.place(turn("X", -90))
        elevation = 40
    low, high = piece.bounds()
    piece.place(move(*(-(low + high) / 2)))
    toward = studio.direction(0, elevation)
    points = np.vstack([_spun(piece.points(), a) for a in range(0, 360, 30)])
    target, distance = studio.framing(points, toward, aspect=1, margin=0.84)
    studio.camera(target, toward, distance)
    packshot_sky(piece, 0)
    for k in range(TURN_FRAMES):
        still = out.parent / f"{k:02}.webp"
        if not still.exists():
            studio.shoot(folder / "shot.png")
            darkroom.lay_shadow(folder / "shot.png", None, still, size=(640, 640))
        piece.place(turn("Z", 360 / TURN_FRAMES))


def _spun(points: np.ndarray, degrees: float) -> np.ndarray:
    return points @ np.array(turn("Z", degrees).to_3x3()).T


def target_of(code: str, kind: str) -> Path:
    """The file that tells whether a picture is done."""
    return MEDIA / code / {"glb": "model.glb", "turn": f"turn/{TURN_FRAMES - 1:02}.webp"}.get(kind, f"{kind}.webp")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("codes", nargs="*")
    parser.add_argument("--only", choices=(*KINDS, "editorial"))
    parser.add_argument("--force", action="store_true")
    parser.add_argument(
        "--draft", action="store_true", help="sets and macros at five eighths of the size, for a quick first pass"
    )
    wanted = parser.parse_args()
    if wanted.only == "editorial":
        import editorial

        editorial.shoot_all(wanted.codes, force=wanted.force)
        return
    models = collection()
    codes = wanted.codes or list(models)
    jobs = [
        (kind, code)
        for kind in ((wanted.only,) if wanted.only else KINDS)
        for code in codes
        if kind != "turn" or models[code]["hero"]
    ]
    work = {"front": front, "angle": angle, "detail": detail, "glb": glb, "turn": turntable}
    for number, (kind, code) in enumerate(jobs, 1):
        out = target_of(code, kind)
        if out.exists() and not wanted.force:
            continue
        if kind == "turn" and wanted.force:
            for still in out.parent.glob("*.webp"):
                still.unlink()
        began = time.monotonic()
        with TemporaryDirectory() as folder:
            work[kind](models[code], out, Path(folder), **(DRAFT.get(kind, {}) if wanted.draft else {}))
        print(f"{number}/{len(jobs)} {code} {kind} {time.monotonic() - began:.0f}s", flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    main()
