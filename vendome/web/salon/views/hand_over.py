"""The moment a piece becomes hers, at the counter."""

from __future__ import annotations

import uuid

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from vendome.domains.fulfilment.types import Proof
from vendome.domains.people import permissions
from vendome.flows import hand_over as counter
from vendome.flows.hand_over import WaitingLine
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.components.frames import Link
from vendome.web.salon import pages, words
from vendome.web.salon.forms import HandOverForm, new_key
from vendome.web.salon.frame import SalonRequest, salon


@require_http_methods(["GET", "HEAD", "POST"])
@salon(permissions.ORDERS_HAND_OVER, section="today")
def hand_over(request: SalonRequest, line_id: uuid.UUID) -> HttpResponse:
    """Show what is given and to whom; on confirmation give it, once."""
    line = counter.get_line(actor=request.actor, line_id=line_id)
    if request.method != "POST":
        form = HandOverForm(initial={"key": new_key()})
        return render_page(request, "salon/hand_over.html", _page(request, line, form))
    form = HandOverForm(request.POST)
    if not form.is_valid():
        return render_page(request, "salon/hand_over.html", _page(request, line, form), status=422)
    try:
        counter.hand_over(
            key=form.cleaned_data["key"],
            line_id=line_id,
            proof=Proof(form.cleaned_data["proof"]),
            actor=request.actor,
            at=clock.now(),
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        fresh = counter.get_line(actor=request.actor, line_id=line_id)
        page = _page(request, fresh, form, problem=_(problem.message))
        return render_page(request, "salon/hand_over.html", page, status=409)
    return HttpResponseRedirect(reverse("salon:handed_over", args=[line_id]), status=303)


@require_safe
@salon(permissions.ORDERS_HAND_OVER, section="today")
def done(request: SalonRequest, line_id: uuid.UUID) -> HttpResponse:
    """It is hers. What else of the same order waits is offered next."""
    line = counter.get_line(actor=request.actor, line_id=line_id)
    others = counter.list_waiting(actor=request.actor, place_id=line.place_id)
    page = pages.HandedOverPage(
        name=line.model_name,
        code=line.model_code,
        world=words.world_of(line.model_code),
        serial=line.serial,
        client=line.client_name or _("A guest"),
        card_url=_card_url(request, line),
        order_number=line.order_number,
        is_done=line.state in ("HANDED_OVER", "DISPATCHED"),
        state=_state(line),
        remaining=[
            Link(label=other.model_name, note=other.serial, url=reverse("salon:hand_over", args=[other.line_id]))
            for other in others
            if other.order_id == line.order_id
        ],
    )
    return render_page(request, "salon/handed_over.html", page)


def _page(request: SalonRequest, line: WaitingLine, form: HandOverForm, problem: str = "") -> pages.HandOverPage:
    return pages.HandOverPage(
        name=line.model_name,
        form_words=words.form_of(line.material, line.size),
        code=line.model_code,
        world=words.world_of(line.model_code),
        serial=line.serial,
        client=line.client_name or _("A guest"),
        card_url=_card_url(request, line),
        order_number=line.order_number,
        placed_at=line.placed_at,
        is_waiting=line.is_waiting,
        state=_state(line),
        rest=line.rest_amount if line.is_waiting else 0,
        currency=line.currency,
        payments_url=_payments_url(request, line),
        form=form,
        problem=problem,
    )


def _payments_url(request: SalonRequest, line: WaitingLine) -> str:
    return reverse("salon:payments", args=[line.order_id]) if request.actor.may(permissions.ORDERS_SELL) else ""


def _card_url(request: SalonRequest, line: WaitingLine) -> str:
    may_read = line.client_id is not None and request.actor.may(permissions.CLIENTS_READ)
    return reverse("salon:client", args=[line.client_id]) if may_read else ""


def _state(line: WaitingLine) -> str:
    if line.is_waiting:
        return _("Waiting for her")
    if line.order_state == "AWAITING_PAYMENT":
        return _("Not paid yet")
    states = {
        "HANDED_OVER": _("Handed over"),
        "DISPATCHED": _("Sent to her"),
        "RETURNED": _("Returned"),
        "CANCELLED": _("Cancelled"),
    }
    return states.get(line.state, line.state)
