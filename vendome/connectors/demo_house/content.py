"""What is written of Maison Vermeil in demo/house: read once, as plain tables."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vendome.connectors.demo_house.errors import NoContent

FOLDER = Path(__file__).resolve().parents[3] / "demo" / "house"
Table = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The five files of demo/house; their own comments say what each key means."""

    collection: Table
    prose: Table
    places: Table
    people: Table
    names: Table

    def culture_pools(self) -> dict[str, Table]:
        found: dict[str, Table] = self.names["culture"]
        return found


def read(folder: Path = FOLDER) -> Content:
    """Raises NoContent when the folder is not there."""
    try:
        files = {name: tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8")) for name in NAMES}
    except FileNotFoundError as error:
        raise NoContent() from error
    return Content(
        collection=files["collection"],
        prose=files["prose"]["prose"],
        places=files["places"],
        people=files["people"],
        names=files["names"],
    )


NAMES = ("collection", "prose", "places", "people", "names")
