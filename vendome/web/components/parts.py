"""The values components take: small, frozen, and without any knowledge of the business."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Tone = Literal["", "gold", "good", "care", "wrong", "open"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One entry of a timeline. `ahead` entries have not happened yet."""

    title: str
    at: datetime | None = None
    text: str = ""
    ahead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a ledger. `sort_url` makes its head a link; `sorted` is "ascending", "descending" or ""."""

    label: str
    numeric: bool = False
    sort_url: str = ""
    sorted: Literal["", "ascending", "descending"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a ledger: a value per column; `url` makes the whole line lead somewhere."""

    cells: Sequence[Any]
    url: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One line of a boutique's opening hours; `text` is empty on a closed day."""

    name: str
    text: str
    is_today: bool = False
