"""Counts as headquarters sees them: all of them, one with what it found, and each place's accuracy over time."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.house import queries as house
from vendome.domains.house.types import PlaceKind, PlaceView
from vendome.domains.people import permissions
from vendome.domains.stock.counting import (
    ANSWERS,
    WITHOUT_EFFECT,
    Accuracy,
    CountKind,
    CountState,
    CountView,
    Finding,
    FindingKind,
    Resolution,
)
from vendome.domains.stock.queries import counts as queries
from vendome.domains.stock.services import counts
from vendome.kit import clock, live
from vendome.kit.errors import DomainError, Forbidden, Kind, NotFound
from vendome.kit.htmx import render_page
from vendome.web.bureau import count_pages as pages
from vendome.web.bureau import words as house_words
from vendome.web.bureau.exports import csv_answer
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.bureau.sureness import stock_tabs
from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Column, Row, Tone
from vendome.web.salon import count_words as words
from vendome.web.salon import counting
from vendome.web.salon.words import form_of

COUNTED = (PlaceKind.BOUTIQUE, PlaceKind.WAREHOUSE, PlaceKind.ATELIER, PlaceKind.PARTNER_DOOR)
GOOD, FAIR = 0.99, 0.97
FLOOR = 0.9
"""The drawing of accuracy begins here: a place below it needs no drawing."""


def places_seen(request: BureauRequest) -> dict[uuid.UUID, PlaceView]:
    """Places that can be counted and whose stock the reader may see."""
    found = house.list_places(maison_id=request.place.maison_id, kinds=COUNTED)
    return {one.id: one for one in found if request.actor.may(permissions.STOCK_VIEW, place_id=one.id)}


# -- the list --------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.STOCK_VIEW, section="stock")
def all_counts(request: BureauRequest) -> HttpResponse:
    """Every count the reader may see; where she may count, the form that begins one."""
    places = places_seen(request)
    form = counting.StartForm(request.POST or None, initial={"kind": CountKind.FULL.value})
    if request.method != "POST":
        return _listed(request, places, form)
    if not form.is_valid():
        return _listed(request, places, form, status=422)
    wanted = next((one for one in places.values() if one.code == request.POST.get("place")), None)
    if wanted is None:
        return _listed(request, places, form, _("Choose the place that is counted."), status=422)
    try:
        count_id = counts.open_count(
            place_id=wanted.id,
            kind=CountKind(form.cleaned_data["kind"]),
            families=form.cleaned_data["families"],
            actor=request.actor,
            at=clock.now(),
        )
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        return _listed(request, places, form, words.problem(error), status=409)
    return HttpResponseRedirect(reverse("bureau:count", args=[count_id]), status=303)


def _listed(
    request: BureauRequest,
    places: dict[uuid.UUID, PlaceView],
    form: counting.StartForm,
    problem: str = "",
    *,
    status: int = 200,
) -> HttpResponse:
    code = request.GET.get("place", "")
    chosen = next((one for one in places.values() if one.code == code), None)
    found = queries.list_counts(actor=request.actor, place_id=chosen.id if chosen else None, limit=500)
    if request.GET.get("format") == "csv":
        heads = ("Place", "Kind", "Families", "State", "Opened", "Closed", "Expected", "Found", "Missing", "Misplaced",
                 "Surplus", "Left meanwhile", "Strangers", "Unanswered")  # fmt: skip
        rows = [
            (places[one.place_id].code if one.place_id in places else "", one.kind.value, " ".join(one.families),
             one.state.value, one.opened_at.isoformat(), one.closed_at.isoformat() if one.closed_at else "",
             one.figures.expected, one.figures.found, one.figures.missing, one.figures.misplaced, one.figures.surplus,
             one.figures.moved, one.figures.strangers, one.open_findings)
            for one in found
        ]  # fmt: skip
        return csv_answer("counts", heads, rows)
    here = [one for one in places.values() if request.actor.may(permissions.STOCK_COUNT, place_id=one.id)]
    page = pages.CountsPage(
        crumbs=[Link(label=_("Stock"), url=reverse("bureau:stock")), Link(label=_("Counts"), url="")],
        tabs=stock_tabs("counts"),
        places=[Choice(value=one.code, label=one.name, chosen=one is chosen) for one in places.values()],
        place=code,
        columns=[
            Column(label=_("Place")), Column(label=_("What")), Column(label=_("State")), Column(label=_("When")),
            Column(label=_("Found"), numeric=True), Column(label=_("Of"), numeric=True),
            Column(label=_("Accuracy"), numeric=True), Column(label=_("To answer"), numeric=True),
        ],
        rows=[_row(places, one) for one in found],
        note=ngettext("%(n)d count", "%(n)d counts", len(found)) % {"n": len(found)},
        form=form if here else None,
        start_places=[
            Choice(value=one.code, label=one.name, chosen=one.code == request.POST.get("place", code)) for one in here
        ],
        problem=problem,
        export_url=f"?place={code}&format=csv" if code else "?format=csv",
    )  # fmt: skip
    return render_page(request, "bureau/counts.html", page, status=status)


def _row(places: dict[uuid.UUID, PlaceView], one: CountView) -> Row:
    states = {
        CountState.OPEN: _("Open"),
        CountState.CLOSED: _("Closed"),
        CountState.CANCELLED: _("Given up"),
    }
    is_closed = one.state is CountState.CLOSED
    return Row(
        cells=(
            places[one.place_id].name if one.place_id in places else "",
            words.title(one),
            states[one.state],
            date_format(one.closed_at or one.opened_at, "j M Y"),
            one.figures.found if is_closed else "",
            one.figures.expected if is_closed else "",
            words.share(one.figures.found, one.figures.expected) if is_closed else "",
            one.open_findings or "",
        ),
        url=reverse("bureau:count", args=[one.id]),
    )


# -- one count -------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.STOCK_VIEW, section="stock")
def count(request: BureauRequest, count_id: uuid.UUID) -> HttpResponse:
    """An open count to work on, or what a closed one found, for a person to answer."""
    request.frame = replace(request.frame, live_token=live.token([f"count:{count_id}"]))
    problem, status = "", 200
    queries.get_count(actor=request.actor, count_id=count_id)
    if request.method == "POST":
        try:
            said = counting.act(request, request.actor, count_id, clock.now())
        except (Forbidden, NotFound):
            raise
        except DomainError as error:
            problem, status = words.problem(error), 422 if error.kind is Kind.INVALID else 409
        else:
            messages.success(request, said)
            scan = "?scan=1" if request.POST.get("do") == "scan" else ""
            return HttpResponseRedirect(reverse("bureau:count", args=[count_id]) + scan, status=303)
    found = queries.get_count(actor=request.actor, count_id=count_id)
    if request.GET.get("format") == "csv":
        return _export(request, found)
    page = _count_page(request, found, problem)
    return render_page(request, "bureau/count.html", page, frozenset({"progress"}), status=status)


@require_POST
@bureau(permissions.STOCK_VIEW, section="stock")
def finding(request: BureauRequest, finding_id: uuid.UUID) -> HttpResponse:
    """Answer one finding, or take an answer back that changed nothing."""
    found = queries.get_finding(actor=request.actor, finding_id=finding_id)
    back = reverse("bureau:count", args=[found.count_id]) + f"#finding-{finding_id}"
    try:
        if request.POST.get("do") == "reopen":
            counts.reopen_finding(finding_id=finding_id, actor=request.actor, at=clock.now())
            messages.success(request, _("The answer is taken back."))
        else:
            given = request.POST.get("answer", "")
            counts.answer_finding(
                finding_id=finding_id,
                answer=Resolution(given) if given in Resolution else Resolution.NONE,
                reason=request.POST.get("reason", ""),
                actor=request.actor,
                at=clock.now(),
            )
            messages.success(request, _("Answered; the books say so too."))
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        view = queries.get_count(actor=request.actor, count_id=found.count_id)
        page = _count_page(request, view, "", refused=(finding_id, words.problem(error)))
        status = 422 if error.kind is Kind.INVALID else 409
        return render_page(request, "bureau/count.html", page, status=status)
    return HttpResponseRedirect(back, status=303)


def _count_page(
    request: BureauRequest, found: CountView, problem: str, refused: tuple[uuid.UUID, str] | None = None
) -> pages.CountPage:
    place = house.get_place(maison_id=request.place.maison_id, place_id=found.place_id)
    is_open = found.state is CountState.OPEN
    findings = queries.list_findings(actor=request.actor, count_id=found.id)
    has_strangers = any(one.kind is FindingKind.STRANGER for one in findings)
    return pages.CountPage(
        crumbs=[
            Link(label=_("Stock"), url=reverse("bureau:stock")),
            Link(label=_("Counts"), url=reverse("bureau:counts")),
            Link(label=place.name, url=""),
        ],
        panel=counting.panel(request, request.actor, found, place.name, problem) if is_open else None,
        summary=None if is_open else counting.summary(found, place.name),
        groups=_groups(request, place, findings, refused),
        stranger_tags=queries.list_stranger_tags(actor=request.actor, count_id=found.id) if has_strangers else (),
        problem=problem,
        export_url="?format=csv",
    )


def _groups(
    request: BureauRequest, place: PlaceView, findings: Sequence[Finding], refused: tuple[uuid.UUID, str] | None
) -> list[pages.FindingGroup]:
    titles = {
        FindingKind.MISSING: (_("Missing"), _("The books say they stand here, and nobody has read them.")),
        FindingKind.MISPLACED: (_("Ours, from elsewhere"), _("Read here; the books say they are somewhere else.")),
        FindingKind.SHORT: (_("Fewer than the books say"), _("Counted by hand, without serial numbers.")),
        FindingKind.SURPLUS: (_("More than the books say"), _("Counted by hand, without serial numbers.")),
        FindingKind.STRANGER: (_("Strangers in the field"), _("Tags that no piece of the house carries.")),
        FindingKind.MOVED_SINCE: (_("Left meanwhile"), _("Sold or sent while the count was open: not missing.")),
    }
    labels = catalogue.label_references(ids={one.reference_id for one in findings if one.reference_id})
    known = {one.id: one for one in house.list_places(maison_id=request.place.maison_id)}
    groups = []
    for kind, (title, advice) in titles.items():
        cards = [_card(request, place, one, labels, known, refused) for one in findings if one.kind is kind]
        if cards:
            waiting = sum(not card.answer for card in cards)
            groups.append(pages.FindingGroup(title=title, advice=advice, findings=cards, open=waiting))
    return groups


def _card(
    request: BureauRequest,
    place: PlaceView,
    one: Finding,
    labels: dict[uuid.UUID, ReferenceLabel],
    known: dict[uuid.UUID, PlaceView],
    refused: tuple[uuid.UUID, str] | None,
) -> pages.FindingCard:
    label = labels.get(one.reference_id) if one.reference_id else None
    may = request.actor.may(permissions.STOCK_ADJUST, place_id=place.id)
    answers = {
        Resolution.FOUND: _("Found again"),
        Resolution.LOST: _("Lost: take it off the books"),
        Resolution.MOVED_HERE: _("It is here: correct the books"),
        Resolution.TAKEN_IN: _("Found again: take it into quarantine"),
        Resolution.CORRECTED: _("Correct the quantity"),
        Resolution.EXPLAINED: _("Explained: nothing changes"),
        Resolution.IGNORED: _("Ignore them"),
    }
    fitting = [
        how for how in ANSWERS[one.kind] if how is not Resolution.TAKEN_IN or one.piece_state in ("LOST", "WRITTEN_OFF")
    ]
    if one.piece_state in ("LOST", "WRITTEN_OFF", "WITH_CLIENT", "IN_WORKSHOP"):
        fitting = [how for how in fitting if how is not Resolution.MOVED_HERE]
    is_refused = refused is not None and refused[0] == one.id
    typed_answer = request.POST.get("answer", "") if is_refused else ""
    return pages.FindingCard(
        id=one.id,
        name=label.model_name if label else _("Unknown tags"),
        form=form_of(label.material, label.size) if label else "",
        code=one.serial or (label.sku if label else ""),
        sentence=_sentence(one, known),
        level_url=reverse("bureau:level", args=[place.code, label.id]) if label else "",
        choices=[Choice(value=how.value, label=answers[how], chosen=how.value == typed_answer) for how in fitting],
        may_answer=may and not one.resolution,
        answer=answers.get(one.resolution, "") if one.kind is not FindingKind.MOVED_SINCE else _("Not missing"),
        reason=one.reason if one.kind is not FindingKind.MOVED_SINCE else "",
        answered_by=counting.name_of(one.resolved_by) if one.resolved_by else "",
        answered_at=one.resolved_at,
        may_reopen=may and one.resolution in WITHOUT_EFFECT and one.kind is not FindingKind.MOVED_SINCE,
        problem=refused[1] if refused and is_refused else "",
        typed=request.POST.get("reason", "") if is_refused else "",
    )


def _sentence(one: Finding, known: dict[uuid.UUID, PlaceView]) -> str:
    if one.kind in (FindingKind.SHORT, FindingKind.SURPLUS):
        return _("%(found)d counted, %(expected)d in the books.") % {"found": one.found, "expected": one.expected}
    if one.kind is FindingKind.STRANGER:
        return ngettext("%(n)d tag.", "%(n)d tags.", one.found) % {"n": one.found}
    where = known.get(one.piece_place_id) if one.piece_place_id else None
    state = house_words.said(house_words.PIECE_STATES, one.piece_state)
    if where is None:
        return _("By the books today: %(state)s.") % {"state": state}
    return _("By the books today: %(state)s, %(place)s.") % {"state": state, "place": where.name}


def _export(request: BureauRequest, found: CountView) -> HttpResponse:
    findings = queries.list_findings(actor=request.actor, count_id=found.id)
    labels = catalogue.label_references(ids={one.reference_id for one in findings if one.reference_id})
    heads = ("Finding", "Serial number", "Reference", "Model", "Expected", "Found", "Answer", "Reason", "When")
    rows = [
        (one.kind.value, one.serial, labels[one.reference_id].sku if one.reference_id else "",
         labels[one.reference_id].model_name if one.reference_id else "", one.expected, one.found, one.resolution.value,
         one.reason, one.resolved_at.isoformat() if one.resolved_at else "")
        for one in findings
    ]  # fmt: skip
    return csv_answer("count-findings", heads, rows)


# -- accuracy --------------------------------------------------------------------------------------------------


@require_safe
@bureau(permissions.STOCK_VIEW, section="stock")
def accuracy(request: BureauRequest) -> HttpResponse:
    """Share of what was expected that was found where the books say, for each place and closed count."""
    places = places_seen(request)
    found = [one for one in queries.list_accuracy(actor=request.actor) if one.place_id in places]
    if request.GET.get("format") == "csv":
        heads = ("Place", "Kind", "Closed", "Expected", "Found", "Accuracy")
        rows = [
            (places[one.place_id].code, one.kind.value, one.closed_at.isoformat(), one.expected, one.found,
             f"{one.share:.4f}")
            for one in found
        ]  # fmt: skip
        return csv_answer("accuracy", heads, rows)
    of_place: dict[uuid.UUID, list[Accuracy]] = {}
    for one in found:
        of_place.setdefault(one.place_id, []).append(one)
    year = clock.now() - timedelta(days=365)
    recent = [one for one in found if one.closed_at >= year]
    page = pages.AccuracyPage(
        crumbs=[Link(label=_("Stock"), url=reverse("bureau:stock")), Link(label=_("Accuracy"), url="")],
        tabs=stock_tabs("accuracy"),
        house=words.share(sum(one.found for one in recent), sum(one.expected for one in recent)),
        threads=[_thread(place, of_place[place.id]) for place in places.values() if place.id in of_place],
        export_url="?format=csv",
    )
    return render_page(request, "bureau/accuracy.html", page)


def _thread(place: PlaceView, found: Sequence[Accuracy]) -> pages.Thread:
    last = found[-1]
    drawn = found[-12:]
    step = 100 / max(len(drawn) - 1, 1)
    dots = [(n * step, 20 * (1 - (max(one.share, FLOOR) - FLOOR) / (1 - FLOOR))) for n, one in enumerate(drawn)]
    tone: Tone = "good" if last.share >= GOOD else "gold" if last.share >= FAIR else "care"
    return pages.Thread(
        place=place.name,
        url=f"{reverse('bureau:counts')}?place={place.code}",
        share=words.share(last.found, last.expected),
        tone=tone,
        last_at=last.closed_at,
        mean=words.share(sum(one.found for one in found), sum(one.expected for one in found)),
        counts=len(found),
        expected=last.expected,
        missing=last.expected - last.found,
        points=" ".join(f"{x:.1f},{y:.1f}" for x, y in dots),
        dots=[(f"{x:.1f}", f"{y:.1f}") for x, y in dots[-1:]],
        words=", ".join(f"{date_format(one.closed_at, 'M Y')} {words.share(one.found, one.expected)}" for one in drawn),
    )
