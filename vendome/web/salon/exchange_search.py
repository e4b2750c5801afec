"""What she may take instead of what she brought: pieces that stand free here, and what stands elsewhere."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.stock.queries import shelf as stock
from vendome.web.salon.frame import SalonRequest

PAGE = 8
MOST = 200
MOST_ELSEWHERE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`hits` are the first of `total`, each a reference with a free piece; `elsewhere`: how many other places have."""

    hits: tuple[tuple[uuid.UUID, uuid.UUID | None], ...] = ()
    total: int = 0
    elsewhere: tuple[tuple[ReferenceLabel, int], ...] = ()


def find(request: SalonRequest, *, text: str, models: Collection[str], most: int) -> Found:
    """By a piece under the scanner, a reference, a name, a material or a size, in any order of words.

    Without words, the other forms of `models`: what she brought, in another size.
    """
    piece = stock.find_piece(actor=request.actor, serial=text) if any(map(str.isdigit, text)) else None
    labels = _labels(request, text, models)
    if piece is not None:
        labels = list(catalogue.label_references(ids={piece.reference_id}).values())
    if not labels:
        return Found()
    place_id, ids = request.place.id, [one.id for one in labels]
    free = stock.list_free_pieces(actor=request.actor, place_id=place_id, reference_ids=ids)
    counts = stock.free_here_and_elsewhere(actor=request.actor, place_id=place_id, reference_ids=ids)
    hits: list[tuple[uuid.UUID, uuid.UUID | None]] = []
    elsewhere: list[tuple[ReferenceLabel, int]] = []
    for label in labels:
        pieces = [one for one in free.get(label.id, ()) if piece is None or one.id == piece.id]
        here, others = counts.get(label.id, (0, 0))
        if pieces:
            hits.append((label.id, pieces[0].id))
        elif here and not label.is_serialised:
            hits.append((label.id, None))
        elif others:
            elsewhere.append((label, others))
    return Found(hits=tuple(hits[:most]), total=len(hits), elsewhere=tuple(elsewhere[:MOST_ELSEWHERE]))


def _labels(request: SalonRequest, text: str, models: Collection[str]) -> list[ReferenceLabel]:
    maison_id = request.place.maison_id
    if len(text) >= 2:
        return list(catalogue.search_references(maison_id=maison_id, text=text, limit=MOST))
    found = [catalogue.get_model(maison_id=maison_id, code=code) for code in sorted(models)]
    labels = catalogue.label_references(ids=[one.id for model in found for one in model.references])
    return list(labels.values())
