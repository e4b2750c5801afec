"""What this boutique has to do for orders today: send, expect, make ready, give, or refuse."""

from __future__ import annotations

import uuid
from datetime import date

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vendome.domains.fulfilment.types import RefusalReason
from vendome.domains.house import queries as house
from vendome.domains.people import permissions
from vendome.flows import line_steps
from vendome.flows.line_steps import Step, Task, TaskRow
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.salon import words
from vendome.web.salon.forms import RefuseForm, StepForm, new_key
from vendome.web.salon.frame import SalonRequest, salon
from vendome.web.salon.work_pages import Pile, PreparePage, RefusePage, Work


@require_safe
@salon(permissions.ORDERS_VIEW, section="today")
def prepare(request: SalonRequest) -> HttpResponse:
    """The piles of the day."""
    return render_page(request, "salon/prepare.html", _page(request), frozenset({"piles"}))


@require_POST
@salon(permissions.ORDERS_VIEW, section="today")
def step(request: SalonRequest, line_id: uuid.UUID) -> HttpResponse:
    """One line went one step further."""
    form = StepForm(request.POST)
    if not form.is_valid():
        return render_page(
            request, "salon/prepare.html", _page(request, _("Please press the button again.")), status=422
        )
    try:
        line_steps.take_step(
            key=form.cleaned_data["key"],
            line_id=line_id,
            step=Step(form.cleaned_data["step"]),
            actor=request.actor,
            at=clock.now(),
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        return render_page(request, "salon/prepare.html", _page(request, _(error.message)), status=409)
    messages.success(request, _("Noted. The client sees it too."))
    return HttpResponseRedirect(reverse("salon:prepare"), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@salon(permissions.ORDERS_HAND_OVER, section="today")
def refuse(request: SalonRequest, line_id: uuid.UUID) -> HttpResponse:
    """This boutique cannot give it: say why, and a person speaks with the client."""
    rows = line_steps.list_tasks(actor=request.actor, place_id=request.place.id)
    row = next((one for one in rows if one.line_id == line_id), None)
    if row is None:
        raise NotFound()
    form = RefuseForm(request.POST or None, initial={"key": new_key()})
    if request.method != "POST":
        return render_page(request, "salon/refuse.html", _refusal(row, form))
    if not form.is_valid():
        return render_page(request, "salon/refuse.html", _refusal(row, form), status=422)
    try:
        line_steps.refuse(
            key=form.cleaned_data["key"],
            line_id=line_id,
            reason=RefusalReason(form.cleaned_data["reason"]),
            note=form.cleaned_data["note"],
            actor=request.actor,
            at=clock.now(),
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        return render_page(request, "salon/refuse.html", _refusal(row, form, _(error.message)), status=409)
    messages.success(request, _("Client service has it now, with her number. The piece stays held until they decide."))
    return HttpResponseRedirect(reverse("salon:prepare"), status=303)


def _refusal(row: TaskRow, form: RefuseForm, problem: str = "") -> RefusePage:
    return RefusePage(
        name=row.model_name,
        form_words=words.form_of(row.material, row.size),
        code=row.model_code,
        world=words.world_of(row.model_code),
        serial=row.serial,
        order_number=row.order_number,
        client=row.client_name or _("A guest"),
        form=form,
        back_url=reverse("salon:prepare"),
        problem=problem,
    )


def _page(request: SalonRequest, problem: str = "") -> PreparePage:
    rows = line_steps.list_tasks(actor=request.actor, place_id=request.place.id)
    today = timezone.localtime(clock.now()).date()
    names = {place.id: place.name for place in house.list_places(maison_id=request.place.maison_id)}
    piles = [
        Pile(
            id=task.value.lower(),
            title=title,
            hint=hint,
            work=[_work(request, row, names.get(row.goal_place_id, ""), today) for row in rows if row.task is task],
        )
        for task, title, hint in _piles()
    ]
    return PreparePage(place=request.place.name, day=today, piles=piles, count=len(rows), problem=problem)


def _piles() -> tuple[tuple[Task, str, str], ...]:
    return (
        (Task.SEND_HOME, _("To send today"), _("Wrap it, then give it to the carrier.")),
        (Task.SEND_TO_BOUTIQUE, _("To another boutique"), _("It travels under the client’s own hold.")),
        (Task.MAKE_READY, _("To make ready"), _("It stands here: check it, polish it, wrap it.")),
        (Task.GIVE, _("Ready"), _("Waiting for the client.")),
        (Task.EXPECT, _("Expected"), _("On its way to us for a client.")),
    )


def _work(request: SalonRequest, row: TaskRow, goal: str, today: date) -> Work:
    steps = {
        Task.SEND_HOME: (Step.READY.value, _("Wrapped")),
        Task.SEND_TO_BOUTIQUE: (Step.LEAVES.value, _("It has left")),
        Task.MAKE_READY: (Step.READY.value, _("It is ready")),
        Task.EXPECT: (Step.ARRIVES.value, _("It has arrived")),
        Task.GIVE: ("", ""),
    }
    what, said = steps[row.task]
    done = (row.task is Task.SEND_HOME and row.state == "READY") or (row.task is Task.EXPECT and row.state == "HELD")
    may_give = row.task in (Task.MAKE_READY, Task.GIVE)
    can_refuse = row.task is not Task.EXPECT and not row.is_refused
    return Work(
        name=row.model_name,
        form=words.form_of(row.material, row.size),
        code=row.model_code,
        world=words.world_of(row.model_code),
        serial=row.serial,
        client=row.client_name or _("A guest"),
        order_number=row.order_number,
        where=goal if row.task is Task.SEND_TO_BOUTIQUE else "",
        due=row.promised_date,
        is_late=row.task is not Task.GIVE and row.promised_date is not None and row.promised_date < today,
        is_refused=row.is_refused,
        step="" if done or row.is_refused else what,
        step_words=""
        if row.is_refused
        else _("Wrapped, waits for the carrier")
        if done and row.task is Task.SEND_HOME
        else said,
        step_url=reverse("salon:step", args=[row.line_id]),
        refuse_url=reverse("salon:refuse", args=[row.line_id]) if can_refuse else "",
        give_url=reverse("salon:hand_over", args=[row.line_id]) if may_give else "",
        key=new_key(),
    )
