"""What a client may still change about her order, as the page offers it and reads it: which piece, and what of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel, ReferenceView
from vendome.domains.orders.types import ChangeKind, Direction, LineState, Mode, OrderLineView, OrderView
from vendome.domains.pricing.types import PriceView
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.types import PublicOffer, Supply
from vendome.flows.kept import KeptPiece, list_kept
from vendome.kit.errors import BadInput
from vendome.web.boutique import showing
from vendome.web.boutique.return_pages import ChangeLine, ChangeSize
from vendome.web.boutique.shop import Shop
from vendome.web.components.frames import Choice

ADDRESS = "address"
COLLECT = "collect"
CANCEL = "cancel"
CHANGEABLE = (LineState.HELD, LineState.ARRIVED, LineState.READY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    kind: ChangeKind
    line_id: uuid.UUID | None = None
    reference_id: uuid.UUID | None = None
    place_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is asked once for all lines."""

    labels: Mapping[uuid.UUID, ReferenceLabel]
    siblings: Mapping[uuid.UUID, list[ReferenceView]]  # other sizes, by line
    prices: Mapping[uuid.UUID, PriceView]
    supplies: Mapping[uuid.UUID, PublicOffer]
    kept: tuple[KeptPiece, ...]


def changeable(found: OrderView) -> list[OrderLineView]:
    return [line for line in found.lines if line.direction is Direction.OUT and line.state in CHANGEABLE]


def may_redirect(found: OrderView) -> bool:
    return any(line.mode is Mode.DELIVER and line.state is not LineState.ARRIVED for line in changeable(found))


def offered(shop: Shop, found: OrderView, said: QueryDict) -> list[ChangeLine]:
    """Each piece with what may become of it; of one alone nobody asks which."""
    lines = changeable(found)
    known = _known(shop, lines)
    is_only = len(lines) == 1 and not may_redirect(found)
    return [
        _line(
            shop, found, line, known, said, is_chosen=said.get("line", str(line.id) if is_only else "") == str(line.id)
        )
        for line in lines
    ]


def read(said: QueryDict, found: OrderView) -> Wanted:
    """What she chose. Raises BadInput where it is not said, or not offered."""
    chosen = said.get("line", "")
    if chosen == ADDRESS and may_redirect(found):
        return Wanted(kind=ChangeKind.ADDRESS)
    line = next((one for one in changeable(found) if str(one.id) == chosen), None)
    if line is None:
        raise BadInput(_("Choose the piece that changes."))
    what = said.get(f"what.{line.id}", "")
    try:
        if what == CANCEL:
            return Wanted(kind=ChangeKind.CANCEL_LINE, line_id=line.id)
        if what == COLLECT and line.mode is Mode.COLLECT:
            place_id = uuid.UUID(said.get(f"place.{line.id}", ""))
            return Wanted(kind=ChangeKind.COLLECT_AT, line_id=line.id, place_id=place_id)
        if what:
            return Wanted(kind=ChangeKind.SWAP, line_id=line.id, reference_id=uuid.UUID(what))
    except ValueError:
        pass
    raise BadInput(_("Choose what changes."))


def _known(shop: Shop, lines: list[OrderLineView]) -> Known:
    labels = catalogue.label_references(ids={line.reference_id for line in lines})
    models = {
        code: catalogue.get_model(maison_id=shop.maison.id, code=code)
        for code in {label.model_code for label in labels.values()}
    }
    siblings = {
        line.id: [
            one
            for one in models[labels[line.reference_id].model_code].references
            if one.material == labels[line.reference_id].material and one.size
        ]
        for line in lines
    }
    ids = {one.id for group in siblings.values() for one in group}
    return Known(
        labels=labels,
        siblings=siblings,
        prices=showing.prices(shop, ids) if ids else {},
        supplies=stock.public_offer(reference_ids=ids) if ids else {},
        kept=list_kept(client_id=shop.client_id, reference_ids=ids, at=shop.at),
    )


def _line(
    shop: Shop, found: OrderView, line: OrderLineView, known: Known, said: QueryDict, *, is_chosen: bool
) -> ChangeLine:
    label = known.labels[line.reference_id]
    place = next((one for one in shop.boutiques if one.id == line.place_id), None)
    what = said.get(f"what.{line.id}", "")
    size = _("size %(size)s") % {"size": label.size} if label.size else ""
    collected = _("Collect in %(boutique)s") % {"boutique": place.name} if place else ""
    sizes = [
        _size(shop, found, line, one, known, what) for one in known.siblings[line.id] if one.id != line.reference_id
    ]
    return ChangeLine(
        id=str(line.id),
        name=label.model_name,
        form=", ".join(part for part in (showing.sentence_case(shop.text(label.material_name)), size) if part),
        serial=line.serial,
        code=label.model_code,
        world=label.collection_code,
        amount=line.amount,
        currency=found.currency,
        way=_("Delivered to you") if line.mode is Mode.DELIVER else collected,
        sizes=sizes,
        lacks_sizes=not all(one.is_free for one in sizes),
        places=[
            Choice(value=str(one.id), label=one.name, chosen=said.get(f"place.{line.id}") == str(one.id))
            for one in shop.boutiques
            if line.mode is Mode.COLLECT and one.id != line.place_id and one.offers_collection
        ],
        is_chosen=is_chosen,
        what=what,
    )


def _size(shop: Shop, found: OrderView, line: OrderLineView, one: ReferenceView, known: Known, what: str) -> ChangeSize:
    price = known.prices.get(one.id)
    more = showing.due(price, line.quantity) - line.amount if price else 0
    amount = showing.amount(abs(more), found.currency, shop)
    is_free = price is not None and _is_free(line, known.supplies[one.id], known.kept, one.id)
    note = ""
    if is_free and more:
        note = _("%(amount)s more") if more > 0 else _("%(amount)s less")
    return ChangeSize(
        value=str(one.id),
        label=one.size,
        note=note % {"amount": amount} if note else "",
        chosen=what == str(one.id),
        is_free=is_free,
    )


def _is_free(line: OrderLineView, supply: PublicOffer, kept: tuple[KeptPiece, ...], reference_id: uuid.UUID) -> bool:
    """Whether one could be taken instead: sent, or from the shelf where she collects; or one is kept for her so."""
    to = None if line.mode is Mode.DELIVER else line.place_id
    if any(one.reference_id == reference_id and one.gives(line.mode, to, line.quantity) for one in kept):
        return True
    if line.mode is Mode.DELIVER:
        return supply.to_send is not Supply.NONE
    return line.place_id is not None and supply.promised.get(line.place_id, Supply.NONE) is not Supply.NONE
