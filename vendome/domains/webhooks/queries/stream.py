"""The stream of public events, read page by page from a position that never misses one."""

from __future__ import annotations

import json
from collections.abc import Sequence

from vendome.domains.webhooks import gate, registry
from vendome.domains.webhooks.errors import CursorTooOld, UnknownEvent
from vendome.domains.webhooks.models import Published, StreamStart
from vendome.domains.webhooks.types import StreamPage
from vendome.kit import sql
from vendome.kit.actors import Actor


def read(*, actor: Actor, after: int | None, kinds: Sequence[str] = (), size: int = 100) -> StreamPage:
    """Public events of the maison after a position, of the kinds asked for; without one, from the oldest kept.

    Raises CursorTooOld when events after the position are no longer kept, UnknownEvent, Forbidden.
    """
    gate.require_whole_house(actor)
    unknown = [kind for kind in kinds if kind not in registry.PUBLIC]
    if unknown:
        raise UnknownEvent(known=list(registry.PUBLIC))
    maison = actor.in_maison
    start = StreamStart.objects.values_list("removed_position", flat=True).filter(maison_id=maison).first() or 0
    if after is not None and after < start:
        raise CursorTooOld()
    begin = start if after is None else after
    # Asked for before the page: where nothing of the kinds wanted came, the cursor moves on to here.
    newest = _newest(actor)
    found = sql.rows("SELECT place, event::text FROM webhooks_stream(%s, %s, %s::text[], %s)",
                     [maison, begin, list(kinds), size])  # fmt: skip
    page = found[:size]
    has_more = len(found) > size
    position = page[-1][0] if page and (has_more or page[-1][0] > newest) else max(begin, newest)
    events = [registry.cloud_event(**json.loads(event)) for _place, event in page]
    return StreamPage(events=events, places=[place for place, _ in page], position=position, has_more=has_more)


def newest_position(*, actor: Actor) -> int:
    """Where the stream ends now. Raises Forbidden."""
    gate.require_whole_house(actor)
    return _newest(actor)


def _newest(actor: Actor) -> int:
    rows = Published.objects.filter(maison_id=actor.in_maison).order_by("-position")
    found = rows.values_list("position", flat=True).first()
    return (
        found
        or StreamStart.objects.values_list("removed_position", flat=True).filter(maison_id=actor.in_maison).first()
        or 0
    )
