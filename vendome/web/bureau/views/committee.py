"""The committee's table: advisors' cases side by side, a decision and its reason for each."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from vendome.domains.clients import queries as clients
from vendome.domains.clients.types import CaseFacts
from vendome.domains.people import permissions
from vendome.domains.people import queries as people
from vendome.domains.stock.errors import ReasonMissing
from vendome.domains.stock.queries import scarcity as queries
from vendome.domains.stock.services import scarcity
from vendome.domains.stock.types_of_scarcity import AllocationPolicy, AllocationState, AllocationView, EntryState
from vendome.kit import clock
from vendome.kit.errors import NotFound
from vendome.kit.htmx import render_page
from vendome.web.bureau.actors import names_of
from vendome.web.bureau.allocation_pages import Case, CommitteePage
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.bureau.views.allocation import names
from vendome.web.components.frames import Link

OPEN = (AllocationState.OPEN, AllocationState.CLOSED)


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.SCARCITY_DECIDE, section="stock")
def committee(request: BureauRequest, code: str) -> HttpResponse:
    view = queries.get_allocation(actor=request.actor, code=code)
    if view.policy is not AllocationPolicy.NOMINATIONS:
        raise NotFound()
    if request.method != "POST":
        return render_page(request, "bureau/committee.html", _page(request, view))
    reason = request.POST.get("reason", "")[:500]
    try:
        entry_id = uuid.UUID(request.POST.get("entry", ""))
    except ValueError:
        raise NotFound() from None
    try:
        scarcity.decide(
            entry_id=entry_id,
            is_chosen=request.POST.get("decision") == "choose",
            reason=reason,
            actor=request.actor,
            at=clock.now(),
        )
    except ReasonMissing as error:
        return render_page(request, "bureau/committee.html", _page(request, view, _(error.message)), status=422)
    messages.success(request, _("Written down, with its reason. It can be changed until the offers go out."))
    return HttpResponseRedirect(reverse("bureau:committee", args=[code]), status=303)


def _page(request: BureauRequest, view: AllocationView, problem: str = "") -> CommitteePage:
    entries = queries.list_entries(actor=request.actor, allocation_id=view.id, limit=200)
    known = names(request, entries)
    facts = clients.case_facts(ids={one.client_id for one in entries})
    advisors = people.staff_names(ids={one.nominated_by for one in entries if one.nominated_by})
    deciders = names_of(one.decided_by for one in entries if one.decided_by)
    back = reverse("bureau:allocation", args=[view.code])
    return CommitteePage(
        crumbs=[
            Link(label=_("Allocations"), url=reverse("bureau:allocations")),
            Link(label=view.title, url=back),
            Link(label=_("Committee"), url=""),
        ],
        title=view.title,
        pieces=view.pieces,
        chosen=sum(one.is_chosen is True for one in entries),
        waiting=sum(one.is_chosen is None and one.state is EntryState.WAITING for one in entries),
        may_decide=view.state in OPEN,
        cases=[
            Case(
                id=one.id,
                who=known.get(one.client_id) or _("Nomination %(n)d") % {"n": number},
                card_url=reverse("salon:client", args=[one.client_id]) if known else "",
                standing=one.standing,
                facts=_facts(facts.get(one.client_id)),
                advisor=advisors.get(one.nominated_by, "") if one.nominated_by else "",
                text=one.case_text,
                joined_at=one.joined_at,
                is_chosen=one.is_chosen,
                reason=one.reason if one.is_chosen is not None else "",
                decided=deciders.get(one.decided_by, ""),
                url=reverse("bureau:committee", args=[view.code]),
            )
            for number, one in enumerate(entries, start=1)
        ],
        problem=problem,
        back_url=back,
    )


def _facts(known: CaseFacts | None) -> str:
    if known is None:
        return ""
    pieces = ngettext("%(n)d piece in her wardrobe", "%(n)d pieces in her wardrobe", known.pieces) % {"n": known.pieces}
    return _("client since %(year)d, %(pieces)s") % {"year": known.since, "pieces": pieces}
