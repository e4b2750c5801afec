"""Limited pieces beside their model: where her client stands, entering her, or speaking for her."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.clients.errors import FileProtected, TooManyFiles
from vendome.domains.people import permissions
from vendome.domains.stock.queries import scarcity as queries
from vendome.domains.stock.services import scarcity
from vendome.domains.stock.types_of_scarcity import AllocationPolicy, AllocationState, EntryState
from vendome.flows import recognition
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.web.salon.allocation_pages import Limited
from vendome.web.salon.choosing import chosen_client
from vendome.web.salon.frame import SalonRequest, salon

_POLICIES = {
    AllocationPolicy.WAITING_LIST: gettext_lazy("Waiting list"),
    AllocationPolicy.BALLOT: gettext_lazy("Ballot"),
    AllocationPolicy.NOMINATIONS: gettext_lazy("Nominations"),
    AllocationPolicy.STANDING: gettext_lazy("Standing"),
    AllocationPolicy.FIRST_COME: gettext_lazy("Drop"),
}
_STATES = {
    EntryState.WAITING: gettext_lazy("Waits"),
    EntryState.OFFERED: gettext_lazy("Offered"),
    EntryState.BOUGHT: gettext_lazy("Bought"),
    EntryState.PASSED: gettext_lazy("Passed"),
    EntryState.EXPIRED: gettext_lazy("Ran out"),
    EntryState.REFUSED: gettext_lazy("Not this time"),
}


@require_POST
@salon(permissions.SCARCITY_NOMINATE, section="collections")
def enter(request: SalonRequest, code: str) -> HttpResponse:
    """Nominate her, or put her in line; what stands in the way is said on the piece's page."""
    view = queries.get_allocation(actor=request.actor, code=code)
    client_id, _name = chosen_client(request, request.POST)
    if view.state is AllocationState.DRAFT or client_id is None:
        raise NotFound()
    try:
        if view.policy is AllocationPolicy.NOMINATIONS:
            scarcity.nominate(
                allocation_id=view.id,
                client_id=client_id,
                case=request.POST.get("case", "")[:2000],
                actor=request.actor,
                at=clock.now(),
            )
            messages.success(request, _("Nominated. The committee reads your words."))
        else:
            scarcity.enter(allocation_id=view.id, client_id=client_id, actor=request.actor, at=clock.now())
            messages.success(request, _("She is in line; her place is on this page."))
    except Forbidden:
        raise
    except DomainError as error:
        messages.error(request, _(error.message))
    label = catalogue.label_references(ids=[view.reference_id])[view.reference_id]
    back = reverse("salon:model", args=[label.model_code])
    kept = urlencode({"reference": str(view.reference_id), "client": str(client_id)})
    return HttpResponseRedirect(f"{back}?{kept}", status=303)


def limited(request: SalonRequest, model_id: uuid.UUID, client_id: uuid.UUID | None) -> list[Limited]:
    """The allocations of a model that run, and where this client stands in each."""
    found = []
    running = queries.public_of_model(maison_id=request.place.maison_id, model_id=model_id)
    may_see = bool(running) and client_id is not None and _opens_file(request, client_id)
    for view in running:
        standing = (
            queries.find_standing(maison_id=request.place.maison_id, allocation_id=view.id, client_id=client_id)
            if client_id is not None and may_see
            else None
        )
        place = ""
        if standing and standing.state is EntryState.WAITING:
            place = (
                _("to be drawn")
                if standing.place is None
                else _("place %(n)d, %(before)d before her") % {"n": standing.place, "before": standing.before}
            )
        found.append(
            Limited(
                code=view.code,
                title=view.title,
                policy=str(_POLICIES[view.policy]),
                opens_at=view.opens_at,
                closes_at=view.closes_at,
                pieces=view.pieces,
                bought=view.bought,
                state=str(_STATES[standing.state]) if standing else "",
                place=place,
                until_at=standing.until_at if standing else None,
                is_nomination=view.policy is AllocationPolicy.NOMINATIONS,
                may_enter=client_id is not None
                and standing is None
                and view.state in (AllocationState.OPEN, AllocationState.SELLING)
                and request.actor.may(permissions.SCARCITY_NOMINATE),
                url=reverse("salon:allocation", args=[view.code]),
                client_id=client_id,
            )
        )
    return found


def _opens_file(request: SalonRequest, client_id: uuid.UUID) -> bool:
    """Whether where she stands may be shown: it is in her file, which is opened and written down as on her card."""
    try:
        recognition.card_json(actor=request.actor, client_id=client_id, at=clock.now())
    except (FileProtected, TooManyFiles, Forbidden):
        return False
    return True
