"""What a transfer asks for: found by name, reference or size, added by click or scan, counted in place."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.people import permissions
from vendome.domains.stock.queries import replenishment, shelf
from vendome.flows import sourcing
from vendome.web.bureau.frame import BureauRequest
from vendome.web.bureau.transfer_pages import PickRow
from vendome.web.components.parts import Tone
from vendome.web.salon.words import form_of, world_of

MOST_HITS = 12
type Asked = dict[str, str]
"""Codes with how many, both as they were written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """What of a reference is free at the place that is asked, and what it can spare."""

    free: int = 0
    spare: int = 0


def read_asked(given: QueryDict) -> Asked:
    """The rows of the form, and the lines of its list; one code twice is one row."""
    asked: Asked = {}
    for code, count in zip(given.getlist("code"), given.getlist("count"), strict=False):
        if code.strip() and count.strip() != "0":
            asked[code.strip()[:80].upper()] = count.strip()[:12] or "1"
    for line in given.get("lines", "").splitlines():
        code, _space, count = line.strip().replace("×", " ").partition(" ")
        if code:
            add(asked, code[:80], count.strip()[:12] or "1")
    return asked


def add(asked: Asked, code: str, count: str = "1") -> None:
    """One more of a code; of a number that cannot be added it stays what was written last."""
    key, known = code.upper(), asked.get(code.upper(), "0")
    asked[key] = str(int(known) + int(count)) if known.isdecimal() and count.isdecimal() else count


def find_exact(request: BureauRequest, text: str) -> str:
    """The SKU or serial number that was scanned or written whole, else nothing."""
    code = text.strip()
    if not code:
        return ""
    found = catalogue.find_references(maison_id=request.place.maison_id, text=code, limit=5)
    sku = next((one.sku for one in found if one.sku.casefold() == code.casefold()), "")
    if sku:
        return sku
    piece = shelf.find_piece(actor=request.actor, serial=code)
    return piece.serial if piece else ""


def list_hits(request: BureauRequest, text: str, giver: uuid.UUID | None) -> list[PickRow]:
    """What the words may mean, those that stand at the giver first."""
    found = catalogue.search_references(maison_id=request.place.maison_id, text=text) if text.strip() else ()
    stands = _stands(request, giver, found)
    ordered = sorted(found, key=lambda one: stands[one.id].free == 0)[:MOST_HITS]
    return [_row(one, one.sku, stands[one.id], giver) for one in ordered]


def list_rows(request: BureauRequest, asked: Mapping[str, str], giver: uuid.UUID | None) -> list[PickRow]:
    """What is asked for so far; a code nobody knows says so."""
    known = {code: _label(request, code) for code in asked}
    labels = {one.id: one for one in known.values() if one is not None}
    stands = _stands(request, giver, labels.values())
    rows = []
    for code, count in asked.items():
        label = known[code]
        if label is None:
            unknown = _("We know no reference and no piece of this name.")
            rows.append(
                PickRow(code=code, name=code, form="", picture="", world="", stands=unknown, tone="wrong", count=count)
            )
        else:
            rows.append(_row(label, code, stands[label.id], giver, count))
    return rows


def _label(request: BureauRequest, code: str) -> ReferenceLabel | None:
    found = catalogue.find_references(maison_id=request.place.maison_id, text=code, limit=5)
    label = next((one for one in found if one.sku.casefold() == code.casefold()), None)
    if label is not None:
        return label
    piece = shelf.find_piece(actor=request.actor, serial=code)
    return catalogue.label_references(ids=[piece.reference_id]).get(piece.reference_id) if piece else None


def _stands(
    request: BureauRequest, giver: uuid.UUID | None, labels: Collection[ReferenceLabel]
) -> dict[uuid.UUID, Stands]:
    """Free is on hand and not held; what is kept for the counter or the window is not to spare."""
    stands = {one.id: Stands() for one in labels}
    if giver is None or not stands or not request.actor.may(permissions.STOCK_VIEW, place_id=giver):
        return stands
    safety = sourcing.list_safety(place_id=giver, actor=request.actor)
    shown = _shown(request, giver, labels)
    for level in shelf.levels_of(actor=request.actor, reference_ids=list(stands)):
        if level.place_id == giver:
            kept = max(safety.get(level.reference_id, (0, 0, 0))[2], shown[level.reference_id])
            free = level.available
            stands[level.reference_id] = Stands(free=free, spare=max(0, free - kept))
    return stands


def _shown(request: BureauRequest, giver: uuid.UUID, labels: Collection[ReferenceLabel]) -> dict[uuid.UUID, int]:
    """How many of each its narrowest rule keeps on display."""
    rules = replenishment.list_rules(actor=request.actor, place_id=giver)

    def kept(one: ReferenceLabel) -> int:
        for matches in (
            [rule for rule in rules if rule.reference_id == one.id],
            [rule for rule in rules if rule.model_id == one.model_id],
            [rule for rule in rules if rule.family and rule.family == one.family],
        ):
            if matches:
                return matches[0].minimum_display
        return 0

    return {one.id: kept(one) for one in labels}


def _row(label: ReferenceLabel, code: str, stands: Stands, giver: uuid.UUID | None, count: str = "") -> PickRow:
    words, tone = _said(stands, giver)
    form = form_of(label.material, label.size)
    return PickRow(
        code=code,
        name=label.model_name,
        form=", ".join(part for part in (form, code) if part),
        picture=label.model_code,
        world=world_of(label.model_code),
        stands=words,
        tone=tone,
        metal=label.material,
        count=count,
    )


def _said(stands: Stands, giver: uuid.UUID | None) -> tuple[str, Tone]:
    if giver is None:
        return "", ""
    if not stands.free:
        return _("none free there"), "open"
    said = {"free": stands.free, "spare": stands.spare}
    return _("%(free)d free there, %(spare)d to spare") % said, "good" if stands.spare else "care"


def as_lines(asked: Mapping[str, str]) -> str:
    """The rows as the form's list reads them."""
    return "\n".join(f"{code} {count}" for code, count in asked.items())
