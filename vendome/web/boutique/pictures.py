"""Which pictures of a model exist: the atelier adds them one by one, and a page shows only what is there."""

from __future__ import annotations

import time
from functools import lru_cache

from django.contrib.staticfiles import finders
from django.templatetags.static import static

FRAMES = 24
REMEMBERED_SECONDS = 60


def shown(code: str, *shots: str) -> dict[str, str]:
    """Addresses of the shots by name, empty for those not taken yet: `shown("aurore-solitaire", "front", "angle")`."""
    return {shot: _address(f"vermeil/{code}/{shot}.webp") if has(code, shot) else "" for shot in shots}


def has(code: str, shot: str) -> bool:
    return _exists(f"vermeil/{code}/{shot}.webp", _now())


def editorial(name: str) -> str:
    """An editorial picture's address, empty when it has not been taken yet."""
    path = f"vermeil/editorial/{name}.webp"
    return _address(path) if _exists(path, _now()) else ""


def turn(code: str) -> str:
    """The frames of a full turn, separated by blanks; empty unless every one exists."""
    paths = [f"vermeil/{code}/turn/{number:02d}.webp" for number in range(FRAMES)]
    return " ".join(map(_address, paths)) if all(_exists(path, _now()) for path in paths) else ""


def model_in_space(code: str) -> str:
    """The glTF of a model, empty when there is none."""
    path = f"vermeil/{code}/{code}.glb"
    other = f"vermeil/{code}/model.glb"
    return next((_address(one) for one in (path, other) if _exists(one, _now())), "")


def _address(path: str) -> str:
    try:
        return static(path)
    except ValueError:  # found on disk after the files were collected
        return ""


def _now() -> int:
    return int(time.monotonic() / REMEMBERED_SECONDS)


@lru_cache(maxsize=4096)
def _exists(path: str, _minute: int) -> bool:
    return finders.find(path) is not None
