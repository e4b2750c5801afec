"""What happens to a piece or a quantity: off and on sale, lost, found, written off, lent, consigned, corrected."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.clients import queries as clients
from vendome.domains.house import queries as house
from vendome.domains.house.types import PlaceKind, PlaceView
from vendome.domains.people import permissions
from vendome.domains.stock.errors import OutOfStock
from vendome.domains.stock.queries import shelf
from vendome.domains.stock.services import movements as stock
from vendome.domains.stock.types import HoldKind, HoldRow, PieceRow, PieceState
from vendome.kit import clock
from vendome.kit.actors import Actor
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.bureau import transfer_pages as pages
from vendome.web.bureau import words
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.bureau.transfer_forms import MoveForm
from vendome.web.bureau.views.stock import place_of
from vendome.web.components.frames import Choice, Link
from vendome.web.salon.choosing import uuid_or_none
from vendome.web.salon.forms import new_key
from vendome.web.salon.words import form_of, world_of

WHAT = {
    "quarantine": gettext_lazy("Off sale: it has to be examined"),
    "restock": gettext_lazy("Back on sale"),
    "lose": gettext_lazy("Lost: it is not here"),
    "find": gettext_lazy("Found again"),
    "write_off": gettext_lazy("Written off: never to be sold"),
    "correct": gettext_lazy("The quantity is not right"),
    "lend": gettext_lazy("Lent to a client"),
    "take_loan_back": gettext_lazy("Back from its client"),
    "consign": gettext_lazy("To a partner’s door, in consignment, or back from there"),
}
DONE = {
    "quarantine": gettext_lazy("Off sale. Put it back on sale from this page."),
    "restock": gettext_lazy("Back on sale."),
    "lose": gettext_lazy("Recorded as lost. When it turns up, record that it was found."),
    "find": gettext_lazy("Found. It waits to be examined before it is sold."),
    "write_off": gettext_lazy("Written off."),
    "correct": gettext_lazy("Corrected."),
    "lend": gettext_lazy("Lent. It stands with clients until it comes back."),
    "take_loan_back": gettext_lazy("Back. It waits to be examined before it is sold."),
    "consign": gettext_lazy("Carried over, and still ours."),
}


@dataclass(frozen=True, slots=True)
class Goods:
    """What is moved: a piece, what a hold keeps, or a quantity of the shelf."""

    place: PlaceView
    label: ReferenceLabel
    piece: PieceRow | None
    hold: HoldRow | None


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.STOCK_VIEW, section="stock")
def move(request: BureauRequest, code: str, reference_id: uuid.UUID) -> HttpResponse:
    """Choose what happens and say why; only what can happen to it now, and what the reader may do, is offered."""
    goods = _goods(request, code, reference_id)
    may = possible(request.actor, goods)
    form = _form(request, goods, may)
    if request.method != "POST":
        return render_page(request, "bureau/move.html", _page(goods, form))
    if not form.is_valid():
        return render_page(request, "bureau/move.html", _page(goods, form), status=422)
    client_id, choices = _client(request, form.cleaned_data)
    if form.cleaned_data["what"] == "lend" and client_id is None:
        problem = (
            _("Choose the client it is lent to.") if choices else _("Nobody by that name. Open a file for her first.")
        )
        return render_page(request, "bureau/move.html", _page(goods, form, problem, choices), status=422)
    try:
        _do(goods, form.cleaned_data, client_id, request.actor, clock.now())
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        problem = _problem(error, goods, request.actor)
        return render_page(request, "bureau/move.html", _page(goods, form, problem, choices), status=409)
    messages.success(request, str(DONE[form.cleaned_data["what"]]))
    return HttpResponseRedirect(reverse("bureau:level", args=[code, reference_id]), status=303)


def possible(actor: Actor, goods: Goods) -> list[str]:
    """What can happen to it as it stands, and what this actor may do here."""
    place = goods.place.id
    adjusts = actor.may(permissions.STOCK_ADJUST, place_id=place)
    rights: dict[str, bool] = dict.fromkeys(WHAT, adjusts)
    rights["quarantine"] = actor.may(permissions.STOCK_HOLD, place_id=place)
    rights["restock"] = adjusts or actor.may(permissions.ORDERS_INSPECT, place_id=place)
    rights["consign"] = actor.may(permissions.STOCK_MOVE, place_id=place)
    rights["lend"] = adjusts and actor.may(permissions.CLIENTS_SEARCH)
    rights["take_loan_back"] = actor.may(permissions.STOCK_ADJUST)
    return [what for what in _can(goods) if rights[what]]


def _can(goods: Goods) -> tuple[str, ...]:
    piece, hold, kind = goods.piece, goods.hold, goods.place.kind
    if hold is not None and hold.kind is HoldKind.QUARANTINE:
        return () if hold.order_line_id else ("restock", "write_off", "lose")
    if hold is not None and hold.kind is HoldKind.LOAN:
        return ("take_loan_back", "lose")
    if kind in (PlaceKind.TRANSIT, PlaceKind.CLIENT_HOME):
        return ()
    if piece is None:
        return () if goods.label.is_serialised else ("quarantine", "lose", "write_off", "find", "correct", "consign")
    if piece.state in (PieceState.LOST, PieceState.WRITTEN_OFF):
        return ("find",)
    if piece.state is not PieceState.IN_STOCK:
        return ()
    return ("lose",) if piece.is_held else ("quarantine", "lose", "write_off", "lend", "consign")


def _goods(request: BureauRequest, code: str, reference_id: uuid.UUID) -> Goods:
    place = place_of(request, code)
    label = catalogue.label_references(ids=[reference_id], maison_id=request.place.maison_id).get(reference_id)
    if label is None:
        raise NotFound()
    wanted, hold_id = uuid_or_none(request.GET.get("piece")), uuid_or_none(request.GET.get("hold"))
    pieces = shelf.list_pieces(actor=request.actor, place_id=place.id, reference_id=reference_id)
    piece = next((one for one in pieces if one.id == wanted), None)
    holds = shelf.list_holds(actor=request.actor, place_id=place.id)
    hold = next(
        (
            one
            for one in holds
            if one.reference_id == reference_id and (one.id == hold_id or (piece and one.piece_id == piece.id))
        ),
        None,
    )
    if (wanted and piece is None) or (hold_id and hold is None):
        raise NotFound()
    if piece is None and hold is not None and hold.piece_id:
        piece = next((one for one in pieces if one.id == hold.piece_id), None)
    return Goods(place=place, label=label, piece=piece, hold=hold)


def _form(request: BureauRequest, goods: Goods, may: list[str]) -> MoveForm:
    anywhere = goods.place.kind is PlaceKind.PARTNER_DOOR or "take_loan_back" in may
    places = [
        (str(place.id), place.name)
        for place in house.list_places(maison_id=request.place.maison_id)
        if place.id != goods.place.id and place.kind not in (PlaceKind.TRANSIT, PlaceKind.CLIENT_HOME)
        and (anywhere or place.kind is PlaceKind.PARTNER_DOOR)
    ]  # fmt: skip
    drops = []
    if goods.label.is_serialised or goods.hold is not None:
        drops.append("quantity")
    if not {"consign", "take_loan_back"} & set(may):
        drops.append("to_place")
    if "lend" not in may:
        drops += ["who", "due"]
    initial = {"key": new_key(), "what": may[0] if len(may) == 1 else "", "quantity": 1}
    return MoveForm(
        request.POST or None, initial=initial, choices=[(what, str(WHAT[what])) for what in may],
        places=[("", "—"), *places], drops=drops,
    )  # fmt: skip


def _client(request: BureauRequest, given: dict[str, Any]) -> tuple[uuid.UUID | None, list[Choice]]:
    """The client a loan is for: the one chosen, or the only one of that name; else who it could be."""
    if given["what"] != "lend":
        return None, []
    chosen, query = uuid_or_none(request.POST.get("client")), given.get("who", "").strip()
    long_enough = len(query) >= clients.SHORTEST_QUERY
    hits = clients.search_clients(actor=request.actor, query=query, limit=6) if long_enough else ()
    if chosen in {hit.id for hit in hits}:
        return chosen, []
    if len(hits) == 1:
        return hits[0].id, []
    return None, [
        Choice(
            value=str(hit.id),
            label=_("Protected client") if hit.is_protected else hit.name or _("No name yet"),
            note="" if hit.is_protected else hit.home_city,
        )
        for hit in hits
    ]


def _do(goods: Goods, given: dict[str, Any], client_id: uuid.UUID | None, actor: Actor, at: datetime) -> None:
    """One call of the command that was chosen."""
    what: str = given["what"]
    told: dict[str, Any] = {"key": given["key"], "reason": given["reason"], "actor": actor, "at": at}
    here: dict[str, Any] = told | {"place_id": goods.place.id, "reference_id": goods.label.id}
    piece: dict[str, Any] = {"piece_id": goods.piece.id if goods.piece else None}
    quantity: dict[str, Any] = {"quantity": given.get("quantity", 1)}  # a piece is one
    to_place = uuid_or_none(given.get("to_place"))
    hold_id = goods.hold.id if goods.hold else None
    commands: dict[str, Callable[[], object]] = {
        "quarantine": lambda: stock.quarantine(**here, **piece, **quantity),
        "restock": lambda: stock.restock(**told, place_id=goods.place.id, hold_id=hold_id or uuid.UUID(int=0)),
        "lose": lambda: stock.lose(**here, **piece, **quantity, hold_id=hold_id),
        "write_off": lambda: stock.write_off(**here, **piece, **quantity, hold_id=hold_id),
        "find": lambda: stock.find(**here, **piece, **quantity),
        "correct": lambda: stock.correct(**here, change=given["quantity"]),
        "lend": lambda: stock.lend(**here, **piece, client_id=client_id or uuid.UUID(int=0), due_date=given.get("due")),
        "take_loan_back": lambda: stock.take_loan_back(
            **told, hold_id=hold_id or uuid.UUID(int=0), place_id=to_place or actor.home_place_id or goods.place.id
        ),
        "consign": lambda: stock.consign(**here, **piece, **quantity, to_place_id=to_place or goods.place.id),
    }
    commands[what]()


def _problem(error: DomainError, goods: Goods, actor: Actor) -> str:
    """A refusal for who works with the books; what a client reads when a piece is gone would tell him nothing."""
    if not isinstance(error, OutOfStock):
        return _(error.message)
    levels = shelf.levels_of(actor=actor, reference_ids=[goods.label.id])
    free = sum(one.on_hand - one.held for one in levels if one.place_id == goods.place.id)
    return ngettext(
        "Only %(n)d is free here; what else the books have is promised or waits to be examined. Write another number.",
        "Only %(n)d are free here; what else the books have is promised or waits to be examined. Write another number.",
        free,
    ) % {"n": free}


def _page(goods: Goods, form: MoveForm, problem: str = "", choices: list[Choice] | None = None) -> pages.MovePage:
    back = reverse("bureau:level", args=[goods.place.code, goods.label.id])
    return pages.MovePage(
        crumbs=[
            Link(label=_("Stock"), url=reverse("bureau:stock")),
            Link(label=goods.place.name, url=reverse("bureau:place", args=[goods.place.code])),
            Link(label=goods.label.sku, url=back),
            Link(label=_("Move"), url=""),
        ],
        name=goods.label.model_name,
        form_words=form_of(goods.label.material, goods.label.size),
        code=goods.label.model_code,
        world=world_of(goods.label.model_code),
        place=goods.place.name,
        serial=goods.piece.serial if goods.piece else goods.label.sku,
        state=words.said(words.PIECE_STATES, goods.piece.state.value) if goods.piece else "",
        form=form,
        clients=choices or [],
        needs_client=bool(choices),
        problem=problem,
        back_url=back,
    )
