"""What the salon's pages of transfers may read."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLink:
    """One transfer in a list."""

    url: str
    number: str
    other_place: str
    what: str
    code: str  # of its first piece, for its picture
    world: str
    state: str
    tone: Tone
    age: str
    is_mine_to_do: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TransfersPage:
    place: str
    tabs: Sequence[Link]
    shown: Sequence[TransferLink]
    empty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPage:
    """Asking another place for a piece."""

    name: str
    form_words: str
    sku: str
    code: str
    world: str
    back_url: str
    reference_id: uuid.UUID
    places: Sequence[Choice]
    is_serialised: bool
    quantity: str
    reason: str
    client_id: str
    client: str
    key: str
    problem: str
