"""One allocation: its policy in words, its next step, who is in line, and its history."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.clients import queries as clients
from vendome.domains.house import queries as house
from vendome.domains.people import permissions
from vendome.domains.stock.queries import scarcity as queries
from vendome.domains.stock.services import scarcity
from vendome.domains.stock.types_of_scarcity import (
    AllocationPolicy,
    AllocationState,
    AllocationView,
    EntryRow,
    NoteRow,
)
from vendome.kit import clock, live
from vendome.kit.errors import DomainError, Forbidden
from vendome.kit.htmx import render_page
from vendome.kit.ids import new_id
from vendome.web.bureau import allocation_words as words
from vendome.web.bureau.actors import names_of
from vendome.web.bureau.allocation_forms import AddForm, EndForm, InviteForm
from vendome.web.bureau.allocation_pages import AllocationPage, EntryLine, Step
from vendome.web.bureau.exports import csv_answer
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.components.frames import Link
from vendome.web.components.parts import Happening

MOST_SHOWN = 300
RUNNING = (AllocationState.OPEN, AllocationState.CLOSED, AllocationState.SELLING)


@require_safe
@bureau(permissions.STOCK_VIEW, section="stock")
def allocation(request: BureauRequest, code: str) -> HttpResponse:
    view = queries.get_allocation(actor=request.actor, code=code)
    if request.GET.get("format") == "csv":
        return _export(request, view)
    request.frame = replace(
        request.frame, live_token=live.token([f"orders:{request.actor.maison_id}", f"allocation:{view.id}"])
    )
    return render_page(request, "bureau/allocation.html", _page(request, view), partials=frozenset({"standing"}))


@require_POST
@bureau(permissions.SCARCITY_DECIDE, section="stock")
def step(request: BureauRequest, code: str, name: str) -> HttpResponse:
    """Publish, freeze, draw, add, invite or end; what went wrong is said on the page."""
    view = queries.get_allocation(actor=request.actor, code=code)
    steps = {"publish": _publish, "freeze": _freeze, "draw": _draw, "add": _add, "invite": _invite, "end": _end}
    if name not in steps:
        raise Http404
    try:
        messages.success(request, steps[name](request, view))
    except _Unclear as problem:
        return render_page(request, "bureau/allocation.html", _page(request, view, **problem.forms), status=422)
    except Forbidden:
        raise
    except DomainError as error:
        messages.error(request, words.problem(error))
    return HttpResponseRedirect(reverse("bureau:allocation", args=[code]), status=303)


class _Unclear(Exception):
    """A form came back with something missing; it is shown again as it was typed."""

    def __init__(self, **forms: Any) -> None:
        self.forms = forms


def _publish(request: BureauRequest, view: AllocationView) -> str:
    scarcity.publish(allocation_id=view.id, actor=request.actor, at=clock.now())
    return _("Published. The pieces are kept, and the commitment is public.")


def _freeze(request: BureauRequest, view: AllocationView) -> str:
    scarcity.freeze(allocation_id=view.id, actor=request.actor, at=clock.now())
    return _("The list is closed, and its digest is public.")


def _draw(request: BureauRequest, view: AllocationView) -> str:
    scarcity.draw(allocation_id=view.id, actor=request.actor, at=clock.now())
    return _("The order is decided, and the first are offered their piece.")


def _add(request: BureauRequest, view: AllocationView) -> str:
    form = AddForm(request.POST)
    if not form.is_valid():
        raise _Unclear(add=form)
    scarcity.add_pieces(
        allocation_id=view.id,
        pieces=form.cleaned_data["pieces"],
        key=request.POST.get("key") or str(new_id()),
        actor=request.actor,
        at=clock.now(),
    )
    return _("Added. Who was next is offered one.")


def _invite(request: BureauRequest, view: AllocationView) -> str:
    form = InviteForm(request.POST)
    if not form.is_valid():
        raise _Unclear(invite=form)
    said = form.cleaned_data
    found: set[uuid.UUID] = set()
    if said["standing"]:
        found |= set(clients.ids_of_standing(actor=request.actor, standing=said["standing"].strip()))
    lines = [line.strip() for line in said["who"].splitlines() if line.strip()]
    known = clients.ids_by_address(actor=request.actor, addresses=lines)
    unknown = [line for line in lines if line not in known]
    if unknown:
        form.add_error("who", _("We know nobody by: %(lines)s.") % {"lines": ", ".join(unknown[:5])})
        raise _Unclear(invite=form)
    count = scarcity.invite(
        allocation_id=view.id, client_ids=[*found, *known.values()], actor=request.actor, at=clock.now()
    )
    return ngettext("%(n)d client invited.", "%(n)d clients invited.", count) % {"n": count}


def _end(request: BureauRequest, view: AllocationView) -> str:
    form = EndForm(request.POST)
    if not form.is_valid():
        raise _Unclear(end=form)
    scarcity.end(allocation_id=view.id, reason=form.cleaned_data["reason"], actor=request.actor, at=clock.now())
    return _("Ended. Who waited is told; what was free is back on the shelf.")


def _page(
    request: BureauRequest,
    view: AllocationView,
    *,
    add: AddForm | None = None,
    invite: InviteForm | None = None,
    end: EndForm | None = None,
) -> AllocationPage:
    label = catalogue.label_references(ids=[view.reference_id])[view.reference_id]
    place = house.get_place(maison_id=request.place.maison_id, place_id=view.place_id)
    entries = queries.list_entries(actor=request.actor, allocation_id=view.id, limit=MOST_SHOWN + 1)
    state, tone = words.state(view)
    may = request.actor.may(permissions.SCARCITY_DECIDE)
    is_running = view.state in RUNNING

    def at(name: str) -> str:
        return reverse("bureau:allocation_step", args=[view.code, name])

    return AllocationPage(
        crumbs=[
            Link(label=_("Stock"), url=reverse("bureau:stock")),
            Link(label=_("Allocations"), url=reverse("bureau:allocations")),
            Link(label=view.title, url=""),
        ],
        title=view.title,
        model=label.model_name,
        code=label.model_code,
        world=label.collection_code,
        state=state,
        tone=tone,
        policy=words.policy(view.policy),
        policy_words=words.policy_words(view),
        facts=_facts(view, place.name, label.sku),
        digests=[
            (term, value)
            for term, value in (
                (_("Commitment"), view.commitment),
                (_("List digest"), view.list_digest),
            )
            if value
        ],
        stats=[
            (view.entries, _("entered")),
            (view.waiting, _("wait")),
            (view.offered, _("offered")),
            (view.bought, _("bought")),
            (view.free, _("free")),
        ],
        step=_next(view, at) if may else None,
        add_form=(add or AddForm()) if may and is_running else None,
        add_url=at("add"),
        add_key=str(new_id()),
        invite_form=(invite or InviteForm()) if may and view.state is not AllocationState.ENDED else None,
        invite_url=at("invite"),
        end_form=(end or EndForm()) if may and view.state is not AllocationState.ENDED else None,
        end_url=at("end"),
        committee_url=reverse("bureau:committee", args=[view.code])
        if view.policy is AllocationPolicy.NOMINATIONS
        else "",
        public_url=f"/fr-en/launch/{view.code}/" if view.state is not AllocationState.DRAFT else "",
        entries=_lines(request, view, entries[:MOST_SHOWN]),
        is_shortened=len(entries) > MOST_SHOWN,
        history=_history(queries.list_notes(actor=request.actor, allocation_id=view.id)),
        export_url="?format=csv",
        live=reverse("bureau:allocation", args=[view.code]),
    )


def _next(view: AllocationView, at: Any) -> Step | None:
    """The one step that comes next, with what it does; some come by the clock, and may come sooner by hand."""
    match view.state:
        case AllocationState.DRAFT:
            return Step(
                label=_("Publish"), url=at("publish"),
                text=_("The pieces leave the open shelf, and the commitment to the seed becomes public."),
            )  # fmt: skip
        case AllocationState.OPEN if view.policy is not AllocationPolicy.FIRST_COME:
            return Step(
                label=_("Close the list now"), url=at("freeze"),
                text=_("It closes by itself at its hour. Then nobody enters, and the digest of the list is published."),
            )  # fmt: skip
        case AllocationState.CLOSED if view.policy is AllocationPolicy.BALLOT:
            return Step(
                label=_("Reveal the seed and draw"), url=at("draw"),
                text=_("The seed becomes public, the order follows from it, and the first are offered their piece."),
            )  # fmt: skip
        case AllocationState.CLOSED:
            return Step(
                label=_("Decide the order and offer"), url=at("draw"),
                text=_("The first in order are offered their piece; the others wait for what passes on."),
            )  # fmt: skip
        case _:
            return None


def _facts(view: AllocationView, place: str, sku: str) -> list[tuple[str, str]]:
    facts = [
        (_("Reference"), sku),
        (_("Where the pieces stand"), place),
        (_("Pieces"), str(view.pieces)),
        (_("Waiting room opens"), _when(view.room_opens_at)),
        (_("Invited clients from"), _when(view.early_from)),
        (_("Opens"), _when(view.opens_at)),
        (_("Closes"), _when(view.closes_at)),
        (_("For each client at most"), str(view.per_person)),
        (_("Household"), _("counts as one client") if view.counts_household else ""),
        (_("Invited"), str(view.invited) if view.invited or view.only_invited else ""),
    ]
    return [(term, value) for term, value in facts if value]


def _when(at: Any) -> str:
    return f"{timezone.localtime(at):%d.%m.%Y, %H:%M}" if at else ""


def names(request: BureauRequest, entries: Sequence[EntryRow]) -> Mapping[uuid.UUID, str]:
    """Who they are, for readers who may know; protected clients stay masked."""
    if not request.actor.may(permissions.CLIENTS_READ):
        return {}
    return clients.client_names(ids={one.client_id for one in entries})


def _lines(request: BureauRequest, view: AllocationView, entries: Sequence[EntryRow]) -> list[EntryLine]:
    known = names(request, entries)
    found = []
    for one in entries:
        state, tone = words.entry(one.state)
        found.append(
            EntryLine(
                place=one.place if view.state in (AllocationState.SELLING, AllocationState.ENDED) else 0,
                who=known.get(one.client_id) or _("Client"),
                card_url=reverse("salon:client", args=[one.client_id]) if known else "",
                standing=one.standing,
                state=state,
                tone=tone,
                joined_at=one.joined_at,
                until_at=one.until_at,
                note=words.reason(one.reason),
                number=str(one.token)[:8],
            )
        )
    return found


def _history(notes: Sequence[NoteRow]) -> list[Happening]:
    who = names_of(one.actor for one in notes)
    return [
        Happening(
            title=words.note(one.kind),
            at=timezone.localtime(one.at),
            text=" · ".join(part for part in (who[one.actor], one.text) if part),
        )
        for one in reversed(notes)
    ]


def _export(request: BureauRequest, view: AllocationView) -> HttpResponse:
    entries = queries.list_entries(actor=request.actor, allocation_id=view.id)
    known = names(request, entries)
    heads = ("Place", "Number", "Client", "State", "Entered", "Offered", "Kept until", "Ended", "Reason")
    rows = [
        (one.place, str(one.token), known.get(one.client_id, ""), one.state.value, one.joined_at.isoformat(),
         one.offered_at.isoformat() if one.offered_at else "", one.until_at.isoformat() if one.until_at else "",
         one.ended_at.isoformat() if one.ended_at else "", one.reason)
        for one in entries
    ]  # fmt: skip
    return csv_answer(f"allocation-{view.code}", heads, rows)
