"""Her bag and the selections made for her, as the advisor sees them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.house import queries as house
from vendome.domains.house.types import MarketView
from vendome.domains.orders.queries import placed as orders
from vendome.domains.orders.types import BasketLineView, Mode, SelectionState, SelectionView
from vendome.domains.pricing import queries as pricing
from vendome.domains.pricing.types import PriceView
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import selections as flow
from vendome.flows.kept import KeptPiece, find_taken, list_kept
from vendome.web.components.frames import Link
from vendome.web.components.parts import Tone
from vendome.web.salon import words
from vendome.web.salon.bag_pages import DraftItem, SentSelection, SharedBagPage, SharedFinding, SharedLine
from vendome.web.salon.frame import SalonRequest

MOST_FOUND = 8


def bag_page(
    request: SalonRequest,
    client_id: uuid.UUID,
    name: str,
    market: MarketView,
    *,
    query: str,
    note: str,
    error: str,
    at: datetime,
) -> SharedBagPage:
    """Everything the page shows, in a handful of statements."""
    basket = orders.find_open_basket(market_id=market.id, client_id=client_id)
    lines = basket.lines if basket else ()
    draft = (
        flow.find_draft(market_id=market.id, client_id=client_id, actor=request.actor)
        if request.actor.is_staff
        else None
    )
    made = flow.list_of_client(client_id=client_id, actor=request.actor)
    found = (
        catalogue.find_references(maison_id=market.maison_id, text=query, limit=MOST_FOUND) if len(query) > 1 else ()
    )
    ids = {line.reference_id for line in lines} | {one.id for one in found}
    ids |= {item.reference_id for one in made for item in one.items}
    labels = catalogue.label_references(ids=ids) if ids else {}
    priced = (
        pricing.list_prices(market_id=market.id, reference_ids=ids, day=timezone.localtime(at).date()) if ids else {}
    )
    holds = [item.hold_id for item in draft.items if item.hold_id] if draft else []
    kept = flow.kept_pieces(hold_ids=holds, client_id=client_id, actor=request.actor, at=at)
    hers = list(list_kept(client_id=client_id, reference_ids={line.reference_id for line in lines}, at=at))
    shown = [_line(client_id, line, labels, priced, hers, market) for line in lines if line.reference_id in labels]
    return SharedBagPage(
        crumbs=[
            Link(label=_("Clients"), url=reverse("salon:clients")),
            Link(label=name, url=reverse("salon:client", args=[client_id])),
            Link(label=_("Her bag"), url=""),
        ],
        name=name,
        market=market.code,
        currency=market.currency,
        lines=shown,
        total=sum(line.amount or 0 for line in shown),
        query=query,
        is_asked=len(query) > 1,
        findings=[_finding(request, one, priced, {line.reference_id for line in lines}, draft) for one in found],
        draft=_draft(client_id, draft, labels, kept),
        send_url=_url("selection_send", client_id, draft.id) if draft else "",
        sent=[_sent(request, client_id, one, labels) for one in made if one.state is not SelectionState.DRAFT],
        put_url=_url("shared_bag_put", client_id),
        choose_url=_url("selection_choose", client_id),
        here=request.place.name,
        note=note,
        error=error,
    )


def _line(
    client_id: uuid.UUID,
    line: BasketLineView,
    labels: Mapping[uuid.UUID, ReferenceLabel],
    priced: Mapping[uuid.UUID, PriceView],
    kept: list[KeptPiece],
    market: MarketView,
) -> SharedLine:
    label, price = labels[line.reference_id], priced.get(line.reference_id)
    way = _("Delivered to her")
    if line.mode is Mode.COLLECT and line.place_id:
        place = house.get_place(maison_id=market.maison_id, place_id=line.place_id)
        way = _("Collected at %(place)s") % {"place": place.name}
    piece = find_taken(
        kept=kept, reference_id=line.reference_id, mode=line.mode, place_id=line.place_id, quantity=line.quantity
    )
    return SharedLine(
        name=label.model_name,
        form=words.form_of(label.material, label.size),
        code=label.model_code,
        world=words.world_of(label.model_code),
        quantity=line.quantity,
        amount=_due(price) * line.quantity if price else None,
        way=way,
        note=_kept(piece) if piece else "",
        remove_url=_url("shared_bag_remove", client_id, line.id),
    )


def _finding(
    request: SalonRequest,
    label: ReferenceLabel,
    priced: Mapping[uuid.UUID, PriceView],
    in_bag: set[uuid.UUID],
    draft: SelectionView | None,
) -> SharedFinding:
    price = priced.get(label.id)
    supply = stock.place_supply(actor=request.actor, reference_id=label.id)
    return SharedFinding(
        reference_id=label.id,
        name=label.model_name,
        form=words.form_of(label.material, label.size),
        sku=label.sku,
        code=label.model_code,
        world=words.world_of(label.model_code),
        amount=_due(price) if price else None,
        free_here=sum(one.available for one in supply if one.place_id == request.place.id),
        free_elsewhere=sum(one.available for one in supply if one.place_id != request.place.id),
        is_in_bag=label.id in in_bag,
        is_chosen=draft is not None and any(item.reference_id == label.id for item in draft.items),
    )


def _draft(
    client_id: uuid.UUID,
    draft: SelectionView | None,
    labels: Mapping[uuid.UUID, ReferenceLabel],
    kept: Mapping[uuid.UUID, KeptPiece],
) -> list[DraftItem]:
    if draft is None:
        return []
    items = []
    for item in draft.items:
        label = labels.get(item.reference_id)
        if label is None:
            continue
        piece = kept.get(item.hold_id) if item.hold_id else None
        gone = _("no longer kept") if item.hold_id and piece is None else ""
        items.append(
            DraftItem(
                name=label.model_name,
                form=words.form_of(label.material, label.size),
                code=label.model_code,
                world=words.world_of(label.model_code),
                note=item.note,
                kept=_kept(piece) if piece else gone,
                remove_url=_url("selection_leave_out", client_id, draft.id, item.id),
            )
        )
    return items


def _sent(
    request: SalonRequest, client_id: uuid.UUID, one: SelectionView, labels: Mapping[uuid.UUID, ReferenceLabel]
) -> SentSelection:
    state, tone, at = _state(one)
    is_mine = one.advisor_id == request.actor.id
    return SentSelection(
        pieces=", ".join(labels[item.reference_id].model_name for item in one.items if item.reference_id in labels),
        state=state,
        tone=tone,
        at=at,
        note=one.note,
        withdraw_url=_url("selection_withdraw", client_id, one.id)
        if is_mine and one.state is SelectionState.SENT
        else "",
    )


def _state(one: SelectionView) -> tuple[str, Tone, datetime | None]:
    if one.state is SelectionState.TAKEN:
        return _("in her bag"), "gold", one.taken_at
    if one.state is SelectionState.WITHDRAWN:
        return _("withdrawn"), "open", one.sent_at
    if one.seen_at:
        return _("seen by her"), "good", one.seen_at
    return _("sent"), "care", one.sent_at


def _due(price: PriceView) -> int:
    return price.amount if price.is_tax_included else price.amount + price.tax_amount


def _kept(piece: KeptPiece) -> str:
    if piece.expires_at is None:
        return _("kept for her")
    until = timezone.localtime(piece.expires_at)
    return _("kept until %(day)s, %(hour)s") % {"day": date_format(until, "j F"), "hour": date_format(until, "H:i")}


def _url(name: str, *parts: object) -> str:
    return reverse(f"salon:{name}", args=parts)
