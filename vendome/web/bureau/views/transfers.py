"""Transfers of the house: what was asked, what is on its way and for how long, and asking for more."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.house import queries as house
from vendome.domains.house.types import PlaceKind, PlaceView
from vendome.domains.people import permissions
from vendome.domains.stock.queries import shelf
from vendome.domains.stock.queries import transfers as reads
from vendome.domains.stock.services import transfers as stock
from vendome.domains.stock.types import OPEN_TRANSFERS, TransferState
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.bureau import transfer_pages as pages
from vendome.web.bureau import transfer_picking
from vendome.web.bureau.actors import names_of
from vendome.web.bureau.exports import csv_answer
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.bureau.sureness import stock_tabs
from vendome.web.bureau.transfer_forms import NewTransferForm
from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Column, Row
from vendome.web.salon import transfer_steps, transfer_words
from vendome.web.salon.forms import new_key

PER_PAGE = 60
MOST_EXPORTED = 20_000
AGES = (("1", 1), ("3", 3), ("7", 7))


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader looks for; all of it stands in the address."""

    state: str
    place: uuid.UUID | None
    age: str
    after: str

    @classmethod
    def of(cls, request: BureauRequest, places: Sequence[PlaceView]) -> Filters:
        given = request.GET
        state, age = given.get("state", "open"), given.get("age", "")
        codes = {place.code: place.id for place in places}
        return cls(
            state=state if state in ("", "open", *TransferState) else "open",
            place=codes.get(given.get("place", "")),
            age=age if age in dict(AGES) else "",
            after=given.get("after", ""),
        )

    @property
    def states(self) -> tuple[TransferState, ...]:
        if self.state == "open":
            return OPEN_TRANSFERS
        return (TransferState(self.state),) if self.state else ()

    def found(self, request: BureauRequest, limit: int) -> tuple[reads.TransferRow, ...]:
        after = None
        if self.after:
            row = reads.get_transfer(actor=request.actor, transfer_id=uuid.UUID(self.after))
            after = (row.steps[0].at, row.id)
        older = clock.now() - timedelta(days=dict(AGES)[self.age]) if self.age else None
        return reads.list_transfers(
            actor=request.actor, place_id=self.place, states=self.states, older_than=older, after=after, limit=limit
        )


@require_safe
@bureau(permissions.STOCK_VIEW, section="stock")
def transfers(request: BureauRequest) -> HttpResponse:
    """The list, filtered by state, place and how long nothing has happened."""
    places = _places(request)
    try:
        filters = Filters.of(request, places)
        is_export = request.GET.get("format") == "csv"
        rows = filters.found(request, MOST_EXPORTED if is_export else PER_PAGE + 1)
    except ValueError as error:
        raise NotFound() from error
    names = {place.id: place.name for place in house.list_places(maison_id=request.place.maison_id)}
    if is_export:
        return _export(rows, names)
    shown = rows[:PER_PAGE]
    kept = {"state": filters.state, "place": request.GET.get("place", ""), "age": filters.age}
    more = urlencode(kept | {"after": str(shown[-1].id)}) if len(rows) > PER_PAGE else ""
    page = pages.TransfersPage(
        tabs=stock_tabs("transfers"),
        states=[
            Choice(value="open", label=_("All open"), chosen=filters.state == "open"),
            *(
                Choice(value=state.value, label=str(words), chosen=filters.state == state.value)
                for state, words in ((one, transfer_words.STATES[one.value]) for one in TransferState)
            ),
            Choice(value="", label=_("All"), chosen=filters.state == ""),
        ],
        places=[Choice(value=place.code, label=place.name, chosen=place.id == filters.place) for place in places],
        ages=[
            Choice(value=code, label=_("More than %(age)s") % {"age": _days(n)}, chosen=code == filters.age)
            for code, n in AGES
        ],
        columns=[
            Column(label=_("Transfer")), Column(label=_("From")), Column(label=_("To")), Column(label=_("What for")),
            Column(label=_("Pieces"), numeric=True), Column(label=_("State")), Column(label=_("Since"), numeric=True),
        ],
        rows=[_row(row, names) for row in shown],
        note=transfer_words.pieces(sum(row.quantity for row in shown)),
        next_url=f"?{more}" if more else "",
        export_url=f"?{urlencode(kept | {'format': 'csv'})}",
        new_url=reverse("bureau:new_transfer") if _may_ask(request) else "",
    )  # fmt: skip
    return render_page(request, "bureau/transfers.html", page, frozenset({"transfer-rows"}))


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.STOCK_VIEW, section="stock")
def transfer(request: BureauRequest, transfer_id: uuid.UUID) -> HttpResponse:
    """One transfer with its timeline, and its next step for whoever may take it."""
    found = reads.get_transfer(actor=request.actor, transfer_id=transfer_id)
    crumbs = [
        Link(label=_("Stock"), url=reverse("bureau:stock")),
        Link(label=_("Transfers"), url=reverse("bureau:transfers")),
        Link(label=found.number, url=""),
    ]
    if request.method != "POST":
        page = transfer_steps.page_of(found, request.actor, crumbs=crumbs)
        return render_page(request, "bureau/transfer.html", page)
    try:
        said = transfer_steps.perform(request.POST, found, request.actor, clock.now())
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        fresh = reads.get_transfer(actor=request.actor, transfer_id=transfer_id)
        page = transfer_steps.page_of(
            fresh, request.actor, crumbs=crumbs, sent=request.POST, problem=transfer_steps.told(problem)
        )
        return render_page(request, "bureau/transfer.html", page, status=409)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("bureau:transfer", args=[transfer_id]), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.STOCK_VIEW, section="stock")
def new(request: BureauRequest) -> HttpResponse:
    """Ask one place for the other, or push pieces from a place one answers for."""
    if not _may_ask(request):
        raise Forbidden(permission=permissions.STOCK_REQUEST)
    every = [place for place in house.list_places(maison_id=request.place.maison_id) if _can_hold(place)]
    choices = [(str(place.id), place.name) for place in every]
    codes = {place.code: str(place.id) for place in every}
    given = request.GET
    initial = {
        "key": new_key(),
        "from_place": codes.get(given.get("from", ""), ""),
        "to_place": codes.get(given.get("to", ""), str(request.place.id)),
        "lines": given.get("what", "")[:200],
    }
    if request.method != "POST":
        exact = transfer_picking.find_exact(request, initial["lines"])
        form = NewTransferForm(initial=initial, places=choices)
        return _new_page(request, form, {exact.upper(): "1"} if exact else {}, query="" if exact else initial["lines"])
    asked = transfer_picking.read_asked(request.POST)
    data = request.POST.copy()
    if _is_choosing(request, asked):
        data["lines"] = ""
        return _new_page(request, NewTransferForm(initial=data.dict(), places=choices), asked)
    data["lines"] = transfer_picking.as_lines(asked)
    form = NewTransferForm(data, places=choices)
    if not form.is_valid():
        return _new_page(request, form, asked, status=422)
    try:
        made = _ask(request, form.cleaned_data)
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _new_page(request, form, asked, _(problem.message), status=422)
    if made is None:
        form.add_error("lines", _("We know no reference and no piece of this name; check each line."))
        return _new_page(request, form, asked, status=422)
    messages.success(request, _("Asked. The place that has them decides."))
    return HttpResponseRedirect(reverse("bureau:transfer", args=[made.id]), status=303)


def _ask(request: BureauRequest, given: dict[str, Any]) -> stock.Step | None:
    lines = []
    for code, quantity in given["lines"]:
        wanted = _wanted(request, code, quantity)
        if wanted is None:
            return None
        lines.append(wanted)
    return stock.request(
        key=given["key"],
        from_place_id=uuid.UUID(given["from_place"]),
        to_place_id=uuid.UUID(given["to_place"]),
        lines=lines,
        reason=given["reason"],
        actor=request.actor,
        at=clock.now(),
    )


def _wanted(request: BureauRequest, code: str, quantity: int) -> stock.Wanted | None:
    found = catalogue.find_references(maison_id=request.place.maison_id, text=code, limit=5)
    reference = next((one for one in found if one.sku.casefold() == code.casefold()), None)
    if reference is not None:
        return stock.Wanted(reference_id=reference.id, quantity=quantity)
    piece = shelf.find_piece(actor=request.actor, serial=code)
    return stock.Wanted(reference_id=piece.reference_id, piece_id=piece.id) if piece else None


def _is_choosing(request: BureauRequest, asked: transfer_picking.Asked) -> bool:
    """Whether something is looked for, added or taken away, rather than asked; a whole code adds itself."""
    given = request.POST
    if given.get("add"):
        transfer_picking.add(asked, given["add"][:80])
    elif given.get("remove"):
        asked.pop(given["remove"].upper(), None)
    elif given.get("step") == "find":
        exact = transfer_picking.find_exact(request, given.get("q", "")[:80])
        if exact:
            transfer_picking.add(asked, exact)
    elif given.get("step") != "look":
        return False
    return True


def _query(request: BureauRequest) -> str:
    """What is still looked for: a code that was found whole has become a row."""
    given = request.POST
    text = given.get("q", "").strip()[:80]
    is_done = given.get("add") or (given.get("step") == "find" and transfer_picking.find_exact(request, text))
    return "" if is_done else text


def _new_page(
    request: BureauRequest,
    form: NewTransferForm,
    asked: transfer_picking.Asked,
    problem: str = "",
    status: int = 200,
    query: str = "",
) -> HttpResponse:
    back = reverse("bureau:transfers")
    query = query or _query(request)
    try:
        giver = uuid.UUID(str(form["from_place"].value() or ""))
    except ValueError:
        giver = None
    page = pages.NewTransferPage(
        crumbs=[
            Link(label=_("Stock"), url=reverse("bureau:stock")),
            Link(label=_("Transfers"), url=back),
            Link(label=_("New transfer"), url=""),
        ],
        form=form,
        problem=problem,
        back_url=back,
        query=query,
        hits=transfer_picking.list_hits(request, query, giver),
        is_asked=bool(query),
        rows=transfer_picking.list_rows(request, asked, giver),
    )
    return render_page(request, "bureau/new_transfer.html", page, frozenset({"hits"}), status=status)


def _row(row: reads.TransferRow, names: dict[uuid.UUID, str]) -> Row:
    return Row(
        cells=(
            row.number, names[row.from_place_id], names[row.to_place_id], row.reason, row.quantity,
            str(transfer_words.STATES[row.state.value]), transfer_words.age(row.at, clock.now()),
        ),
        url=reverse("bureau:transfer", args=[row.id]),
    )  # fmt: skip


def _days(count: int) -> str:
    return transfer_words.age(clock.now() - timedelta(days=count), clock.now())


def _export(rows: Sequence[reads.TransferRow], names: dict[uuid.UUID, str]) -> HttpResponse:
    people = names_of(row.requested_by for row in rows)
    heads = (
        "Transfer",
        "State",
        "From",
        "To",
        "Reason",
        "Pieces",
        "Requested",
        "Requested by",
        "Last step",
        "Discrepancy",
    )
    return csv_answer(
        "transfers",
        heads,
        [
            (row.number, row.state.value, names[row.from_place_id], names[row.to_place_id], row.reason, row.quantity,
             row.requested_at.isoformat(), people[row.requested_by], row.at.isoformat(),
             "yes" if row.has_discrepancy else "")
            for row in rows
        ],
    )  # fmt: skip


def _places(request: BureauRequest) -> list[PlaceView]:
    return [
        place
        for place in house.list_places(maison_id=request.place.maison_id)
        if _can_hold(place) and request.actor.may(permissions.STOCK_VIEW, place_id=place.id)
    ]


def _can_hold(place: PlaceView) -> bool:
    return place.kind not in (PlaceKind.TRANSIT, PlaceKind.CLIENT_HOME)


def _may_ask(request: BureauRequest) -> bool:
    return request.actor.may(permissions.STOCK_REQUEST) or request.actor.may(permissions.STOCK_APPROVE)
