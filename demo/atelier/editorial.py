"""The wide pictures: several pieces on one set, with room left for words."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import bpy
import numpy as np
from mathutils import Vector

import darkroom
import gems
import materials
import scenes
import shapes
import studio
from piece import Piece
from scenes import World
from shapes import move, scale, turn


@dataclass(frozen=True)
class Stand:
    """One piece and what carries it: a drum (radius, height), a slab (width, depth, height), or the floor."""

    code: str
    x: float
    y: float
    yaw: float = 0.0
    drum: tuple[float, float] | None = None
    slab: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Plate:
    """A composition: its world, what stands where (millimetres), and where the eye is."""

    world: World
    stands: tuple[Stand, ...]
    blocks: tuple[tuple[float, float, float, float, float, float], ...]  # x, y, width, depth, height, yaw
    look: tuple[float, float, float]
    azimuth: float = -6.0
    elevation: float = 13.0
    distance: float = 330.0
    lens: float = 60.0
    sharp_at: int = 0  # the stand in focus
    blur: float = 0.010
    size: tuple[int, int] = (1600, 1000)
    strength: float = 1.0


HOUSE_WORLD = World((0.30, 0.195, 0.128), (0.40, 0.285, 0.20), (0.06, 0.035, 0.02), key=(1.0, 0.91, 0.79))

HERO = Plate(
    HOUSE_WORLD,
    (
        Stand("aurore-solitaire", 6, -26, 24, drum=(17, 20)),
        Stand("meridien-36", 66, 17, -14, slab=(70, 44, 24)),
        Stand("orangerie-cocktail", 12, 36, 16, drum=(16, 46)),
        Stand("cordage-chaine", 58, -52, 12),
    ),
    ((108, 78, 70, 60, 124, 12), (34, 120, 90, 50, 72, 5)),
    look=(-14, 0, 31),
    distance=372,
    sharp_at=1,
    size=(1920, 1080),
)

PLATES: dict[str, Plate] = {
    "hero": HERO,
    "hero-portrait": replace(HERO, look=(44, 0, 62), distance=400, size=(1080, 1440)),
    "collection-aurore": Plate(
        scenes.WORLDS["aurore"],
        (
            Stand("aurore-solitaire", 0, -10, 24, drum=(17, 24)),
            Stand("aurore-trilogie", 40, -34, -12, drum=(15, 8)),
            Stand("aurore-montre", 62, 24, -16, slab=(64, 56, 20)),
            Stand("aurore-halo", -42, 16, 30, drum=(15, 38)),
        ),
        ((-70, 84, 70, 50, 70, 10), (110, 90, 60, 60, 96, -8)),
        look=(10, 0, 34),
        distance=300,
    ),
    "collection-sceau": Plate(
        scenes.WORLDS["sceau"],
        (
            Stand("sceau-chevaliere", -22, -6, 22, drum=(17, 22)),
            Stand("sceau-onyx", 16, 16, -14, drum=(16, 38)),
            Stand("sceau-medaille", 48, -26, 6, slab=(86, 80, 8)),
            Stand("sceau-alliance", -44, -40, 44),
        ),
        ((-84, 70, 60, 60, 54, 14), (70, 90, 80, 50, 84, -6)),
        look=(8, -4, 28),
        distance=300,
        elevation=19,
    ),
    "collection-arcade": Plate(
        scenes.WORLDS["arcade"],
        (
            Stand("arcade-pendulette", 66, 46, -16, slab=(116, 66, 14)),
            Stand("arcade-23", -6, 2, 12, slab=(56, 60, 22)),
            Stand("arcade-manchette", 78, -52, -8),
            Stand("arcade-emeraude", -48, -34, 22, drum=(17, 26)),
        ),
        ((-96, 90, 90, 60, 80, 10),),
        look=(16, 0, 50),
        distance=430,
    ),
    "collection-cordage": Plate(
        scenes.WORLDS["cordage"],
        (
            Stand("cordage-chaine", 30, -53, 14),
            Stand("cordage-montre", 40, 22, -14, slab=(70, 60, 24)),
            Stand("cordage-creoles", -32, 0, 10, drum=(30, 30)),
            Stand("cordage-ouverte", -36, -54, 24, drum=(15, 8)),
        ),
        ((-90, 80, 70, 60, 74, 10), (112, 84, 60, 60, 100, -10)),
        look=(4, -6, 34),
        distance=330,
    ),
    "collection-orangerie": Plate(
        scenes.WORLDS["orangerie"],
        (
            Stand("orangerie-cocktail", -28, -26, 24, drum=(17, 26)),
            Stand("orangerie-coffret", 40, 44, -18, slab=(150, 110, 12)),
            Stand("orangerie-ligne", 40, -56, 8),
            Stand("orangerie-rubis", -62, 14, 20, drum=(15, 52)),
        ),
        ((-110, 96, 70, 60, 90, 10),),
        look=(0, 0, 36),
        distance=370,
        elevation=15,
        strength=1.25,
    ),
    "collection-meridien": Plate(
        scenes.WORLDS["meridien"],
        (
            Stand("meridien-38", 10, 0, 8, slab=(72, 62, 26)),
            Stand("meridien-saphir", -44, -24, 24, drum=(16, 22)),
            Stand("meridien-jonc", 74, -58, -10),
            Stand("meridien-briquet", 76, 34, -24, slab=(56, 40, 20)),
        ),
        ((-84, 84, 70, 60, 70, 10), (10, 130, 160, 50, 120, 4)),
        look=(8, -4, 38),
        distance=340,
    ),
    "collection-maree": Plate(
        scenes.WORLDS["maree"],
        (
            Stand("maree-rang", 34, -18, 20),
            Stand("maree-toi-et-moi", 22, -4, 18, drum=(17, 30)),
            Stand("maree-boite", 78, 124, -20, slab=(110, 100, 16)),
            Stand("maree-perles", -62, 52, 10, drum=(34, 26)),
        ),
        ((-120, 120, 80, 60, 84, 10),),
        look=(10, 6, 36),
        distance=390,
        sharp_at=1,
        elevation=17,
    ),
}


def models() -> dict[str, dict]:
    import render

    return render.collection()


def _stand(stand: Stand, model: dict, stone: bpy.types.Material) -> Piece:
    from render import make

    piece = make(model)
    if piece.pose.flat:
        piece.place(turn("X", -90))
    low, high = piece.bounds()
    centre = (low + high) / 2
    height = stand.drum[1] if stand.drum else stand.slab[2] if stand.slab else 0.0
    piece.place(move(stand.x, stand.y, height) @ turn("Z", stand.yaw) @ move(-centre[0], -centre[1], -low[2]))
    if stand.drum:
        scenes.drum(stand.drum[0], height, Vector((stand.x, stand.y, height)), stone)
    if stand.slab:
        scenes.slab(stand.slab, Vector((stand.x, stand.y, height)), stone, yaw=stand.yaw * 0.6)
    return piece


def shoot_plate(plate: Plate, out: Path, folder: Path, *, samples: int = 12, shrink: float = 1.0) -> None:
    size = (round(plate.size[0] * shrink), round(plate.size[1] * shrink))
    studio.reset(samples=samples, size=size, transparent=False)
    bpy.context.scene.cycles.diffuse_bounces = 0
    known = models()
    ground, stone = scenes.surfaces(plate.world, 90)
    pieces = [_stand(stand, known[stand.code], stone) for stand in plate.stands]
    for x, y, w, d, h, yaw in plate.blocks:
        scenes.slab((w, d, h), Vector((x, y, h)), stone, yaw=yaw)
    scenes.cove(70, 0.0, ground)
    toward = studio.direction(plate.azimuth, plate.elevation)
    look = Vector(plate.look)
    low, high = pieces[plate.sharp_at].bounds()
    focus = Vector((low + high) / 2) + toward * float(max(high - low)) * 0.25
    studio.camera(
        look,
        toward,
        plate.distance,
        lens=plate.lens,
        focus=focus,
        aperture=studio.f_number(plate.lens, plate.distance, plate.blur),
    )
    scenes.lights(plate.world, 90, Vector((look.x + 20, 0, 30)), plate.azimuth, strength=plate.strength)
    studio.shoot(folder / "shot.png")
    darkroom.flatten(folder / "shot.png", out, plate.size)


def craft(out: Path, folder: Path, *, samples: int = 12, shrink: float = 1.0) -> None:
    """The bench: a pavé ring, loose brilliants and the point of the tweezers."""
    size = (round(1600 * shrink), round(1000 * shrink))
    studio.reset(samples=samples, size=size, transparent=False)
    bpy.context.scene.cycles.diffuse_bounces = 0
    world = World((0.030, 0.022, 0.017), (0.060, 0.040, 0.028), (0.03, 0.02, 0.015), key=(1.0, 0.90, 0.76))
    ground, stone = scenes.surfaces(world, 40)
    wood = materials.surface("bench", (0.095, 0.050, 0.026), roughness=0.5, bump=0.3, scale=0.5, veined=True)
    scenes.slab((260, 160, 20), Vector((0, 20, 0)), wood, yaw=4)
    scenes.cove(60, -20.0, ground)
    _stand(Stand("orangerie-cocktail", 15, 6, 26), models()["orangerie-cocktail"], stone)
    rng = np.random.default_rng(1897)
    gem = gems.cut_stone("round", 1.0)
    tray = Piece(models()["aurore-solitaire"])
    for _ in range(70):
        width = float(rng.choice((1.3, 1.6, 2.0, 2.4, 3.0)))
        x, y = rng.normal(-14, 13), rng.normal(-12, 9)
        if (x - 15) ** 2 + (y - 6) ** 2 < 80:
            continue
        lying = turn("Z", float(rng.uniform(0, 360))) @ (turn("X", 180) if rng.random() < 0.45 else turn("X", 49))
        rest = width * 0.33
        tray.add(gem.mesh, "diamond", move(x, y, rest) @ lying @ scale(width))
    held = gems.cut_stone("round", 4.6)
    tip = Vector((-9, -8, 13))
    tray.add(held.mesh, "diamond", move(*tip) @ turn("Y", 18) @ turn("X", -24))
    for side in (-1, 1):
        path = shapes.smooth_path(
            [
                tuple(tip + Vector((side * 2.42, -0.3, -0.2))),
                tuple(tip + Vector((side * 2.9, 4, 9))),
                tuple(tip + Vector((side * 4.6 - 6, 16, 40))),
                tuple(tip + Vector((side * 2.0 - 22, 34, 96))),
            ],
            60,
        )
        blade = lambda s: shapes.rounded_rectangle(
            0.5 + 1.1 * min(1, s * 2.2), 1.0 + 4.2 * min(1, s * 2.0), 0.22 + 0.2 * min(1, s * 2), 3
        )
        tray.add(shapes.sweep(path, blade, up=Vector((1, 0, 0)), sharp=40), "ST")
    toward = studio.direction(-14, 20)
    look = Vector((-2, 0, 11))
    studio.camera(look, toward, 165, lens=80, focus=tip + Vector((2, -2, 0)), aperture=studio.f_number(80, 165, 0.016))
    scenes.lights(world, 42, Vector((0, 0, 10)), -14, strength=0.8, ambient=0.8)
    studio.shoot(folder / "shot.png")
    darkroom.flatten(folder / "shot.png", out, (1600, 1000))


def shoot_all(names: list[str], *, force: bool) -> None:
    from render import MEDIA

    for name in names or [*PLATES, "craft"]:
        out = MEDIA / "editorial" / f"{name}.webp"
        if out.exists() and not force:
            continue
        began = time.monotonic()
        with TemporaryDirectory() as folder:
            if name == "craft":
                craft(out, Path(folder), shrink=0.55)
            else:
                shoot_plate(PLATES[name], out, Path(folder), shrink=0.66 if name.startswith("hero") else 0.55)
        print(f"editorial {name} {time.monotonic() - began:.0f}s", flush=True)
