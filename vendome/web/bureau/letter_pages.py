"""What the page of letters may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vendome.web.components.frames import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckLetter:
    """A letter the mail server has not taken."""

    kind: str
    owed_at: datetime
    problem: str
    attempts: int
    order_url: str
    again_url: str  # empty while it is still being tried


@dataclass(frozen=True, slots=True, kw_only=True)
class LettersPage:
    kinds: Sequence[Link]
    languages: Sequence[Link]
    widths: Sequence[Link]
    title: str
    subject: str
    sent: int
    preview_url: str
    width: int
    text_url: str
    stuck: Sequence[StuckLetter]
