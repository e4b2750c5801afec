"""Counting a boutique with a phone: begin, read, see what is missing, close."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vendome.domains.house import queries as house
from vendome.domains.people import permissions
from vendome.domains.stock.counting import CountKind, CountState, CountView
from vendome.domains.stock.errors import CountClosed
from vendome.domains.stock.queries import counts as queries
from vendome.domains.stock.services import counts
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, Kind, NotFound
from vendome.kit.htmx import render_page
from vendome.web.components.frames import Choice, Link
from vendome.web.salon import count_pages as pages
from vendome.web.salon import count_words as words
from vendome.web.salon import counting
from vendome.web.salon.frame import SalonRequest, listen_to, salon

SHOWN = 8


@require_http_methods(["GET", "HEAD", "POST"])
@salon(permissions.STOCK_COUNT, section="today")
def start(request: SalonRequest) -> HttpResponse:
    """Begin a count of one's boutique, or go on with the one that is open."""
    form = counting.StartForm(request.POST or None, initial={"kind": CountKind.FULL.value})
    if request.method != "POST":
        return render_page(request, "salon/counts.html", _page(request, form))
    if not form.is_valid():
        return render_page(request, "salon/counts.html", _page(request, form), status=422)
    try:
        count_id = counts.open_count(
            place_id=request.place.id,
            kind=CountKind(form.cleaned_data["kind"]),
            families=form.cleaned_data["families"],
            actor=request.actor,
            at=clock.now(),
        )
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        return render_page(request, "salon/counts.html", _page(request, form, words.problem(error)), status=409)
    return HttpResponseRedirect(reverse("salon:count", args=[count_id]), status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@salon(permissions.STOCK_COUNT, section="today")
def count(request: SalonRequest, count_id: uuid.UUID) -> HttpResponse:
    """A count at work, live on every phone that takes part; closed, its summary."""
    listen_to(request, f"count:{count_id}")
    found = queries.get_count(actor=request.actor, count_id=count_id)
    problem, status = "", 200
    if request.method == "POST":
        try:
            said = counting.act(request, request.actor, count_id, clock.now())
        except (Forbidden, NotFound):
            raise
        except DomainError as error:
            problem, status = words.problem(error), 422 if error.kind is Kind.INVALID else 409
            if isinstance(error, CountClosed):
                found = queries.get_count(actor=request.actor, count_id=count_id)
                messages.warning(request, problem)
        else:
            messages.success(request, said)
            scan = "?scan=1" if request.POST.get("do") == "scan" else ""
            return HttpResponseRedirect(reverse("salon:count", args=[count_id]) + scan, status=303)
    page = _count_page(request, found, problem)
    return render_page(request, "salon/count.html", page, frozenset({"progress"}), status=status)


def _count_page(request: SalonRequest, found: CountView, problem: str) -> pages.CountPage:
    place = house.get_place(maison_id=request.place.maison_id, place_id=found.place_id).name
    is_open = found.state is CountState.OPEN
    may_answer = request.actor.may(permissions.BUREAU) and found.state is CountState.CLOSED
    return pages.CountPage(
        panel=counting.panel(request, request.actor, found, place, problem) if is_open else None,
        summary=None if is_open else counting.summary(found, place),
        findings_url=reverse("bureau:count", args=[found.id]) if may_answer else "",
        back=Link(label=_("Counts"), url=reverse("salon:counts")),
    )


def _page(request: SalonRequest, form: counting.StartForm, problem: str = "") -> pages.CountsPage:
    found = queries.list_counts(actor=request.actor, place_id=request.place.id, limit=SHOWN + 1)
    running = next((one for one in found if one.state is CountState.OPEN), None)
    chosen = set(form["families"].value() or ())
    return pages.CountsPage(
        place=request.place.name,
        open_url=reverse("salon:count", args=[running.id]) if running else "",
        open_words=words.title(running) if running else "",
        form=form,
        families=[Choice(value=code, label=str(name), chosen=code in chosen) for code, name in words.FAMILIES.items()],
        past=[
            pages.PastCount(
                title=words.title(one),
                url=reverse("salon:count", args=[one.id]),
                closed_at=one.closed_at,
                share=words.share(one.figures.found, one.figures.expected),
                unanswered=one.open_findings,
            )
            for one in found
            if one.state is CountState.CLOSED and one.closed_at is not None
        ],
        problem=problem,
    )
