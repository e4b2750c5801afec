"""Facts of the house that hardly ever change, kept in the process for half a minute to spare a statement each."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

from vendome.domains.house import queries as house
from vendome.domains.house.types import MaisonView, MarketView
from vendome.kit.actors import Actor

SECONDS = 30.0
_kept: dict[Any, tuple[float, Any]] = {}


def maison(actor: Actor) -> MaisonView:
    """The actor's maison, else the first of the installation. Raises NotFound."""
    found: MaisonView = _remember(("maison", actor.maison_id), lambda: house.get_maison(maison_id=actor.maison_id))
    return found


def market(maison_id: uuid.UUID, code: str) -> MarketView:
    """A market of the maison by its code. Raises NotFound."""
    found: MarketView = _remember(("market", maison_id, code), lambda: house.get_market(maison_id=maison_id, code=code))
    return found


def forget() -> None:
    """Drop everything; tests call it."""
    _kept.clear()


def _remember(key: tuple[Any, ...], ask: Callable[[], Any]) -> Any:
    known = _kept.get(key)
    now = time.monotonic()
    if known and now - known[0] < SECONDS:
        return known[1]
    found = ask()
    if len(_kept) > 1000:
        _kept.clear()
    _kept[key] = (now, found)
    return found
