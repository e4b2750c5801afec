"""Why is it 3? One reference at one place: pieces, holds and the ledger that explains the figure."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.clients import queries as clients
from vendome.domains.house import queries as house
from vendome.domains.house.types import PlaceKind, PlaceView
from vendome.domains.people import permissions
from vendome.domains.stock.queries import books, transfers
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.types import HoldKind, HoldRow, LevelRow, MovementRow, PieceRow, PieceState
from vendome.kit.errors import NotFound
from vendome.kit.htmx import render_page
from vendome.web.bureau import pages, sureness, words
from vendome.web.bureau.actors import names_of
from vendome.web.bureau.exports import csv_answer
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.bureau.views.move import Goods, possible
from vendome.web.bureau.views.stock import place_of
from vendome.web.components.frames import Link
from vendome.web.salon import transfer_words
from vendome.web.salon.words import form_of, world_of

MOST_MOVEMENTS = 300
MOST_EXPORTED = 100_000


@require_safe
@bureau(permissions.STOCK_VIEW, section="stock")
def level(request: BureauRequest, code: str, reference_id: uuid.UUID) -> HttpResponse:
    """The figure, and every line that led to it."""
    place = place_of(request, code)
    label = catalogue.label_references(ids=[reference_id], maison_id=request.place.maison_id).get(reference_id)
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
    linked = books.transfers_of_movements(ids=[one.id for one in found[:MOST_MOVEMENTS]])
    due = books.due_dates(hold_ids=[one.id for one in holds])
    coming = transfers.list_open_of_reference(actor=request.actor, reference_id=label.id, place_id=place.id)
    stands = place.kind not in (PlaceKind.TRANSIT, PlaceKind.CLIENT_HOME)
    may_receive = stands and request.actor.may(permissions.STOCK_ADJUST, place_id=place.id)
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
        reckoning=_reckoning(found, now, holds, is_whole=len(found) <= MOST_MOVEMENTS),
        pieces=[_piece(request, place, label, one, holds) for one in pieces],
        holds=_holds(request, place, label, holds, due),
        transfers=_transfers(request, place, coming),
        move_url=_move_url(request, place, label),
        ask_url=_ask_url(request, place, label),
        movements=[_movement(request, one, names, linked) for one in found[:MOST_MOVEMENTS]],
        is_shortened=len(found) > MOST_MOVEMENTS,
        sure=sureness.of_level(request, place, label.id),
        export_url="?format=csv",
        receive_url=receive if may_receive else "",
    )


def _reckoning(
    found: Sequence[MovementRow], now: LevelRow, holds: Sequence[HoldRow], *, is_whole: bool
) -> list[pages.Reckoning]:
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
        "COUNTED": _("Counted"),
        "CONSIGNED": _("In consignment"),
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
        lines += _kept_back(holds)
        lines.append(pages.Reckoning(term=_("Free"), value=str(now.available), is_sum=True))
    return lines


def _kept_back(holds: Sequence[HoldRow]) -> list[pages.Reckoning]:
    """What of it is not on sale, and for which of the four reasons."""
    terms = {
        HoldKind.QUARANTINE: _("To be examined"),
        HoldKind.TRANSFER: _("For another place"),
        HoldKind.LOAN: _("Lent to clients"),
    }
    sums: dict[str, int] = {}
    for hold in holds:
        term = terms.get(hold.kind, _("Held for clients"))
        sums[term] = sums.get(term, 0) + hold.quantity
    return [pages.Reckoning(term=term, value=_signed(-count)) for term, count in sums.items()]


def _signed(number: int) -> str:
    return f"+{number}" if number > 0 else f"\N{MINUS SIGN}{abs(number)}" if number else "0"


def _piece(
    request: BureauRequest, place: PlaceView, label: ReferenceLabel, one: PieceRow, holds: Sequence[HoldRow]
) -> pages.PieceLine:
    is_promised = one.is_held and one.state is PieceState.IN_STOCK
    state = _("Held") if is_promised else words.said(words.PIECE_STATES, one.state.value)
    tone = "gold" if is_promised else words.TONES.get(one.state.value, "")
    hold = next((hold for hold in holds if hold.piece_id == one.id), None)
    can_move = possible(request.actor, Goods(place=place, label=label, piece=one, hold=hold))
    url = f"{reverse('bureau:move', args=[place.code, label.id])}?piece={one.id}"
    return pages.PieceLine(serial=one.serial, epc=one.epc, state=state, tone=tone, move_url=url if can_move else "")


def _move_url(request: BureauRequest, place: PlaceView, label: ReferenceLabel) -> str:
    """Where a quantity is moved; pieces are moved one by one."""
    can_move = possible(request.actor, Goods(place=place, label=label, piece=None, hold=None))
    return reverse("bureau:move", args=[place.code, label.id]) if can_move else ""


def _ask_url(request: BureauRequest, place: PlaceView, label: ReferenceLabel) -> str:
    """Where pieces of this are sent from, or asked for."""
    may = request.actor.may
    if place.kind in (PlaceKind.TRANSIT, PlaceKind.CLIENT_HOME):
        return ""
    if may(permissions.STOCK_APPROVE, place_id=place.id) or may(permissions.STOCK_REQUEST):
        return f"{reverse('bureau:new_transfer')}?from={place.code}&what={label.sku}"
    return ""


def _transfers(
    request: BureauRequest, place: PlaceView, coming: Sequence[transfers.TransferRow]
) -> list[pages.TransferLine]:
    names = {one.id: one.name for one in house.list_places(maison_id=request.place.maison_id)} if coming else {}
    return [
        pages.TransferLine(
            number=one.number,
            url=reverse("bureau:transfer", args=[one.id]),
            route=f"{names[one.from_place_id]} → {names[one.to_place_id]}",
            state=str(transfer_words.STATES[one.state.value]),
            tone=transfer_words.TONES[one.state.value],
            quantity=one.quantity,
        )
        for one in coming
    ]


def _holds(
    request: BureauRequest,
    place: PlaceView,
    label: ReferenceLabel,
    holds: Sequence[HoldRow],
    due: Mapping[uuid.UUID, date],
) -> list[pages.HoldLine]:
    move = reverse("bureau:move", args=[place.code, label.id])
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
            due=due.get(one.id),
            move_url=f"{move}?hold={one.id}"
            if one.kind in (HoldKind.QUARANTINE, HoldKind.LOAN)
            and possible(request.actor, Goods(place=place, label=label, piece=None, hold=one))
            else "",
        )
        for one in holds
    ]


def _movement(
    request: BureauRequest, one: MovementRow, names: Mapping[str, str], linked: Mapping[uuid.UUID, books.TransferLink]
) -> pages.Movement:
    transfer = linked.get(one.id)
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
        transfer_url=reverse("bureau:transfer", args=[transfer.id]) if transfer else "",
        change=", ".join(parts),
        on_hand_after=one.on_hand_after,
        held_after=one.held_after,
    )
