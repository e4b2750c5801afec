"""Why is it 3? One reference at one place: pieces, holds and the ledger that explains the figure."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.clients import queries as clients
from vendome.domains.house.types import PlaceView
from vendome.domains.people import permissions
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.types import HoldRow, LevelRow, MovementRow, PieceRow
from vendome.kit.errors import NotFound
from vendome.kit.htmx import render_page
from vendome.web.bureau import pages, sureness, words
from vendome.web.bureau.actors import names_of
from vendome.web.bureau.exports import csv_answer
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.bureau.views.stock import place_of
from vendome.web.components.frames import Link
from vendome.web.salon.words import form_of, world_of

MOST_MOVEMENTS = 300
MOST_EXPORTED = 100_000


@require_safe
@bureau(permissions.STOCK_VIEW, section="stock")
def level(request: BureauRequest, code: str, reference_id: uuid.UUID) -> HttpResponse:
    """The figure, and every line that led to it."""
    place = place_of(request, code)
    label = catalogue.label_references(ids=[reference_id]).get(reference_id)
    if label is None:
        raise NotFound()
    is_export = request.GET.get("format") == "csv"
    most = MOST_EXPORTED if is_export else MOST_MOVEMENTS
    found = stock.list_movements(actor=request.actor, place_id=place.id, reference_id=reference_id, limit=most + 1)
    names = names_of(one.actor for one in found)
    if is_export:
        return _export(place, label, found[:most], names)
    return render_page(request, "bureau/level.html", _page(request, place, label, found, names))


def _export(
    place: PlaceView, label: ReferenceLabel, found: Sequence[MovementRow], names: Mapping[str, str]
) -> HttpResponse:
    heads = ("At", "Movement", "On hand change", "Held change", "On hand after", "Held after", "Serial number",
             "Order", "Who", "Reason")  # fmt: skip
    rows = [
        (one.at.isoformat(), one.kind.value, one.on_hand_change, one.held_change, one.on_hand_after, one.held_after,
         one.serial, one.order_number, names[one.actor], one.reason)
        for one in found
    ]  # fmt: skip
    return csv_answer(f"ledger-{place.code}-{label.sku}", heads, rows)


def _page(
    request: BureauRequest,
    place: PlaceView,
    label: ReferenceLabel,
    found: Sequence[MovementRow],
    names: Mapping[str, str],
) -> pages.LevelPage:
    now = stock.get_level(actor=request.actor, place_id=place.id, reference_id=label.id)
    pieces = stock.list_pieces(actor=request.actor, place_id=place.id, reference_id=label.id)
    holds = [one for one in stock.list_holds(actor=request.actor, place_id=place.id) if one.reference_id == label.id]
    may_receive = request.actor.may(permissions.STOCK_ADJUST, place_id=place.id)
    receive = f"{reverse('bureau:receive', args=[place.code])}?sku={label.sku}"
    return pages.LevelPage(
        crumbs=[
            Link(label=_("Stock"), url=reverse("bureau:stock")),
            Link(label=place.name, url=reverse("bureau:place", args=[place.code])),
            Link(label=label.sku, url=""),
        ],
        question=_("Why is it %(n)d?") % {"n": now.on_hand},
        name=label.model_name,
        form=form_of(label.material, label.size),
        sku=label.sku,
        code=label.model_code,
        world=world_of(label.model_code),
        place=place.name,
        on_hand=now.on_hand,
        held=now.held,
        free=now.available,
        reckoning=_reckoning(found, now, is_whole=len(found) <= MOST_MOVEMENTS),
        pieces=[_piece(one) for one in pieces],
        holds=_holds(request, holds),
        movements=[_movement(request, one, names) for one in found[:MOST_MOVEMENTS]],
        is_shortened=len(found) > MOST_MOVEMENTS,
        sure=sureness.of_level(request, place, label.id),
        export_url="?format=csv",
        receive_url=receive if may_receive else "",
    )


def _reckoning(found: Sequence[MovementRow], now: LevelRow, *, is_whole: bool) -> list[pages.Reckoning]:
    """The sum written out: what came, what left, what is left; then what of it is promised."""
    changes: dict[str, int] = {}
    for one in found[:MOST_MOVEMENTS]:
        if one.on_hand_change:
            changes[one.kind.value] = changes.get(one.kind.value, 0) + one.on_hand_change
    terms = {
        "RECEIVED": _("Received"),
        "HANDED_OVER": _("Handed over to clients"),
        "DISPATCHED": _("Sent to clients"),
        "RETURNED": _("Returned by clients"),
        "RESTOCKED": _("Back on the shelf"),
        "QUARANTINED": _("Put away to be examined"),
        "TRANSFERRED_IN": _("Arrived from other places"),
        "TRANSFERRED_OUT": _("Sent to other places"),
        "CORRECTED": _("Corrections"),
        "LOANED": _("Lent"),
        "LOST": _("Lost"),
        "FOUND": _("Found again"),
        "WRITTEN_OFF": _("Written off"),
    }
    lines = []
    earlier = now.on_hand - sum(changes.values())
    if earlier or not is_whole:
        lines.append(pages.Reckoning(term=_("Before the lines shown here"), value=f"{earlier}"))
    lines += [
        pages.Reckoning(term=terms.get(kind, words.said({}, kind)), value=_signed(change))
        for kind, change in sorted(changes.items(), key=lambda pair: -pair[1])
    ]
    lines.append(pages.Reckoning(term=_("On hand"), value=str(now.on_hand), is_sum=True))
    if now.held:
        lines.append(pages.Reckoning(term=_("Held for clients"), value=_signed(-now.held)))
        lines.append(pages.Reckoning(term=_("Free"), value=str(now.available), is_sum=True))
    return lines


def _signed(number: int) -> str:
    return f"+{number}" if number > 0 else f"\N{MINUS SIGN}{abs(number)}" if number else "0"


def _piece(one: PieceRow) -> pages.PieceLine:
    state = _("Held") if one.is_held else words.said(words.PIECE_STATES, one.state.value)
    tone = "gold" if one.is_held else words.TONES.get(one.state.value, "")
    return pages.PieceLine(serial=one.serial, epc=one.epc, state=state, tone=tone)


def _holds(request: BureauRequest, holds: Sequence[HoldRow]) -> list[pages.HoldLine]:
    may_read = request.actor.may(permissions.CLIENTS_READ)
    may_see_order = request.actor.may(permissions.ORDERS_VIEW)
    names = clients.client_names(ids={one.client_id for one in holds if one.client_id}) if may_read else {}
    return [
        pages.HoldLine(
            what=words.said(words.HOLD_KINDS, one.kind.value),
            client=names.get(one.client_id, "") if one.client_id else "",
            card_url=reverse("salon:client", args=[one.client_id]) if one.client_id and may_read else "",
            serial=one.serial,
            since=one.held_at,
            until=one.expires_at,
            reason=one.reason,
            order_url=reverse("bureau:order", args=[one.order_id]) if one.order_id and may_see_order else "",
        )
        for one in holds
    ]


def _movement(request: BureauRequest, one: MovementRow, names: Mapping[str, str]) -> pages.Movement:
    quantity = one.on_hand_change or one.held_change
    may_see_order = one.order_id is not None and request.actor.may(permissions.ORDERS_VIEW)
    parts = []
    if one.on_hand_change:
        parts.append(_("%(n)s on hand") % {"n": _signed(one.on_hand_change)})
    if one.held_change:
        parts.append(_("%(n)s held") % {"n": _signed(one.held_change)})
    return pages.Movement(
        at=timezone.localtime(one.at),
        sentence=words.movement(one.kind, has_order=one.order_id is not None, quantity=quantity),
        reason=one.reason,
        serial=one.serial,
        who=names[one.actor],
        order_number=one.order_number,
        order_url=reverse("bureau:order", args=[one.order_id]) if may_see_order else "",
        change=", ".join(parts),
        on_hand_after=one.on_hand_after,
        held_after=one.held_after,
    )
