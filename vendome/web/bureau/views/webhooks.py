"""Webhooks: which programs are told what happens, what they were sent, and what was given up."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vendome.domains.people import permissions
from vendome.domains.webhooks import gate
from vendome.domains.webhooks.queries import endpoints as reads
from vendome.domains.webhooks.services import deliveries, endpoints
from vendome.domains.webhooks.types import DeliveryRow, DeliveryState, EndpointState, EndpointView
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.bureau import webhook_pages as pages
from vendome.web.bureau.exports import csv_answer
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.components.frames import Link

A_PAGE = 50
A_FILE = 5000
TOLD_ONCE = "webhook_secret"
"""Where a new secret waits for the one page that shows it; the session's cookie is sealed."""


@require_safe
@bureau(permissions.WEBHOOKS_MANAGE, section="webhooks")
def webhooks(request: BureauRequest) -> HttpResponse:
    """Every endpoint of the house."""
    found = reads.list_endpoints(actor=request.actor)
    page = pages.WebhooksPage(endpoints=[_line(one) for one in found], new_url=reverse("bureau:new_webhook"))
    return render_page(request, "bureau/webhooks.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.WEBHOOKS_MANAGE, section="webhooks")
def new(request: BureauRequest) -> HttpResponse:
    """Register one; its secret is shown on the next page, once."""
    gate.require_whole_house(request.actor)
    form = pages.EndpointForm(request.POST or None, initial={"key": _key()})
    page = _form_page(_("New webhook"), _("Register"), form, reverse("bureau:webhooks"))
    if request.method != "POST":
        return render_page(request, "bureau/webhook_form.html", page)
    if not form.is_valid():
        return render_page(request, "bureau/webhook_form.html", page, status=422)
    given = form.cleaned_data
    try:
        made = endpoints.register(
            key=given["key"] or _key(),
            url=given["url"].strip(),
            kinds=given["kinds"],
            description=given["description"],
            actor=request.actor,
            at=clock.now(),
        )
    except (Forbidden, NotFound):
        raise
    except DomainError as problem:
        page = _form_page(page.title, page.action, form, page.back_url, problem=_(problem.message))
        return render_page(request, "bureau/webhook_form.html", page, status=409)
    request.session[TOLD_ONCE] = [str(made.id), made.secret]
    return _to(made.id)


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.WEBHOOKS_MANAGE, section="webhooks")
def change(request: BureauRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    """Another address, other kinds, other words."""
    view = reads.get_endpoint(actor=request.actor, endpoint_id=endpoint_id)
    initial = {"url": view.url, "description": view.description, "kinds": list(view.kinds)}
    form = pages.EndpointForm(request.POST or None, initial=initial)
    page = _form_page(_("Change this webhook"), _("Save"), form, reverse("bureau:webhook", args=[endpoint_id]))
    if request.method != "POST":
        return render_page(request, "bureau/webhook_form.html", page)
    if not form.is_valid():
        return render_page(request, "bureau/webhook_form.html", page, status=422)
    given = form.cleaned_data
    try:
        endpoints.change(
            endpoint_id=endpoint_id,
            url=given["url"].strip(),
            kinds=given["kinds"],
            description=given["description"],
            actor=request.actor,
            at=clock.now(),
        )
    except (Forbidden, NotFound):
        raise
    except DomainError as problem:
        page = _form_page(page.title, page.action, form, page.back_url, problem=_(problem.message))
        return render_page(request, "bureau/webhook_form.html", page, status=409)
    messages.success(request, _("Saved. What it is owed already goes to the new address too."))
    return _to(endpoint_id)


@require_safe
@bureau(permissions.WEBHOOKS_MANAGE, section="webhooks")
def webhook(request: BureauRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    """One endpoint and what it was sent."""
    view = reads.get_endpoint(actor=request.actor, endpoint_id=endpoint_id)
    state = _state(request.GET.get("state", ""))
    if request.GET.get("export") == "csv":
        return _export(request, view, state)
    found = reads.list_deliveries(
        actor=request.actor,
        endpoint_id=endpoint_id,
        state=state,
        before_id=_uuid(request.GET.get("before", "")),
        size=A_PAGE,
    )
    page = _page(request, view, state, found)
    return render_page(request, "bureau/webhook.html", page, frozenset({"deliveries"}))


@require_POST
@bureau(permissions.WEBHOOKS_MANAGE, section="webhooks")
def act(request: BureauRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    """One button of the page: pause, resume, test, rotate, replay, end."""
    what, actor, now = request.POST.get("do", ""), request.actor, clock.now()
    key = request.POST.get("key", "")[:64] or _key()
    if what in STATES:
        endpoints.set_state(endpoint_id=endpoint_id, state=STATES[what], actor=actor, at=now)
    elif what == "test":
        endpoints.send_test(key=key, endpoint_id=endpoint_id, actor=actor, at=now)
        messages.success(request, _("A test event is on its way; it is in the list below within seconds."))
    elif what == "rotate":
        made = endpoints.rotate_secret(key=key, endpoint_id=endpoint_id, actor=actor, at=now)
        request.session[TOLD_ONCE] = [str(made.id), made.secret]
    elif what == "replay":
        count = deliveries.replay_dead(endpoint_id=endpoint_id, actor=actor, at=now)
        said = ngettext("%(n)d delivery is on its way again.", "%(n)d deliveries are on their way again.", count)
        messages.success(request, said % {"n": count})
    else:
        raise NotFound()
    if what == "end":
        messages.success(request, _("Nobody is told there any more."))
        return HttpResponseRedirect(reverse("bureau:webhooks"), status=303)
    return _to(endpoint_id)


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.WEBHOOKS_MANAGE, section="webhooks")
def delivery(request: BureauRequest, endpoint_id: uuid.UUID, delivery_id: uuid.UUID) -> HttpResponse:
    """One delivery with every attempt; given up, it can be sent again."""
    if request.method == "POST":
        try:
            deliveries.replay(endpoint_id=endpoint_id, delivery_id=delivery_id, actor=request.actor, at=clock.now())
            messages.success(request, _("It is on its way again."))
        except (Forbidden, NotFound):
            raise
        except DomainError as problem:
            messages.error(request, _(problem.message))
        here = reverse("bureau:webhook_delivery", args=[endpoint_id, delivery_id])
        return HttpResponseRedirect(here, status=303)
    row, attempts = reads.get_delivery(actor=request.actor, endpoint_id=endpoint_id, delivery_id=delivery_id)
    body = reads.body_sent(actor=request.actor, endpoint_id=endpoint_id, delivery_id=delivery_id)
    state, tone = pages.state_of_delivery(row)
    page = pages.DeliveryPage(
        crumbs=[*_crumbs(reads.get_endpoint(actor=request.actor, endpoint_id=endpoint_id), last=False),
                Link(label=pages.said_of(row.kind), url="")],
        words=pages.said_of(row.kind),
        state=state,
        tone=tone,
        facts=[(_("Event"), row.kind), (_("About"), row.subject), (_("Id"), str(row.event_id))],
        attempts=[
            pages.AttemptLine(
                number=one.number,
                at=one.at,
                answer=pages.answer_of(one),
                tone="good" if one.status is not None and 200 <= one.status < 300 else "wrong",
                milliseconds=one.milliseconds,
            )
            for one in attempts
        ],
        can_replay=row.state is DeliveryState.DEAD,
        next_try_at=row.next_try_at,
        body=json.dumps(body, indent=2, ensure_ascii=False) if body else "",
    )  # fmt: skip
    return render_page(request, "bureau/webhook_delivery.html", page)


STATES = {"pause": EndpointState.PAUSED, "resume": EndpointState.ACTIVE, "end": EndpointState.ENDED}


def _page(
    request: BureauRequest, view: EndpointView, state: DeliveryState | None, found: Sequence[DeliveryRow]
) -> pages.EndpointPage:
    said, tone = pages.state_of(view)
    home = reverse("bureau:webhook", args=[view.id])
    chosen = {"state": state.value} if state else {}
    more = {**chosen, "before": str(found[A_PAGE - 1].id)} if len(found) > A_PAGE else {}
    return pages.EndpointPage(
        crumbs=_crumbs(view),
        url=view.url,
        description=view.description,
        state=said,
        tone=tone,
        is_paused=view.state is EndpointState.PAUSED,
        paused_reason=view.paused_reason,
        hears=[pages.said_of(kind) for kind in view.kinds],
        secret=_secret_told_once(request, view.id),
        old_secret_until=view.old_secret_until if _is_ahead(view) else None,
        waiting=view.waiting,
        dead=view.dead,
        tabs=_tabs(home, state, view),
        deliveries=[_delivery_line(view.id, row) for row in found[:A_PAGE]],
        next_url=_at(home, more) if more else "",
        export_url=_at(home, {**chosen, "export": "csv"}),
        change_url=reverse("bureau:change_webhook", args=[view.id]),
        act_url=reverse("bureau:act_on_webhook", args=[view.id]),
        key=_key(),
    )


def _tabs(home: str, state: DeliveryState | None, view: EndpointView) -> list[Link]:
    counts = {DeliveryState.WAITING: view.waiting, DeliveryState.DEAD: view.dead}
    labels: Mapping[DeliveryState | None, str] = {
        None: _("Everything"),
        DeliveryState.WAITING: _("On its way"),
        DeliveryState.DEAD: _("Given up"),
        DeliveryState.DELIVERED: _("Delivered"),
    }
    return [
        Link(
            label=label,
            url=_at(home, {"state": one.value} if one else {}),
            current=one == state,
            note=str(counts.get(one, "") or "") if one else "",
        )
        for one, label in labels.items()
    ]


def _export(request: BureauRequest, view: EndpointView, state: DeliveryState | None) -> HttpResponse:
    rows = reads.list_deliveries(actor=request.actor, endpoint_id=view.id, state=state, size=A_FILE)
    return csv_answer(
        "webhook-deliveries",
        ("event_id", "kind", "subject", "created_at", "state", "attempts", "delivered_at", "last_status", "problem"),
        (
            (row.event_id, row.kind, row.subject, row.created_at.isoformat(), row.state.value, row.attempts,
             row.delivered_at.isoformat() if row.delivered_at else "", row.last_status or "", row.last_problem)
            for row in rows[:A_FILE]
        ),
    )  # fmt: skip


def _line(view: EndpointView) -> pages.EndpointLine:
    state, tone = pages.state_of(view)
    return pages.EndpointLine(
        url=view.url,
        page_url=reverse("bureau:webhook", args=[view.id]),
        description=view.description,
        hears=", ".join(pages.said_of(kind) for kind in view.kinds) or _("everything that happens"),
        state=state,
        tone=tone,
        waiting=view.waiting,
        dead=view.dead,
        last_delivered_at=view.last_delivered_at,
    )


def _delivery_line(endpoint_id: uuid.UUID, row: DeliveryRow) -> pages.DeliveryLine:
    state, tone = pages.state_of_delivery(row)
    return pages.DeliveryLine(
        kind=row.kind,
        words=pages.said_of(row.kind),
        subject=row.subject,
        url=reverse("bureau:webhook_delivery", args=[endpoint_id, row.id]),
        created_at=row.created_at,
        state=state,
        tone=tone,
        attempts=row.attempts,
        note=row.last_problem,
    )


def _crumbs(view: EndpointView, *, last: bool = True) -> list[Link]:
    here = "" if last else reverse("bureau:webhook", args=[view.id])
    name = view.description or view.url.partition("://")[2].partition("/")[0]
    return [Link(label=_("Webhooks"), url=reverse("bureau:webhooks")), Link(label=name, url=here)]


def _form_page(
    title: str, action: str, form: pages.EndpointForm, back_url: str, problem: str = ""
) -> pages.EndpointFormPage:
    return pages.EndpointFormPage(
        crumbs=[Link(label=_("Webhooks"), url=reverse("bureau:webhooks")), Link(label=title, url="")],
        title=title,
        action=action,
        form=form,
        back_url=back_url,
        problem=problem,
    )


def _secret_told_once(request: BureauRequest, endpoint_id: uuid.UUID) -> str:
    """The secret made a moment ago, on the first page that asks; then never again."""
    kept = request.session.get(TOLD_ONCE)
    if not kept or kept[0] != str(endpoint_id):
        return ""
    del request.session[TOLD_ONCE]
    return str(kept[1])


def _is_ahead(view: EndpointView) -> bool:
    return view.old_secret_until is not None and view.old_secret_until > clock.now()


def _state(text: str) -> DeliveryState | None:
    return DeliveryState(text) if text in DeliveryState.__members__ else None


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _at(home: str, query: Mapping[str, str]) -> str:
    return f"{home}?{urlencode(query)}" if query else home


def _key() -> str:
    return str(uuid.uuid4())


def _to(endpoint_id: uuid.UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("bureau:webhook", args=[endpoint_id]), status=303)
