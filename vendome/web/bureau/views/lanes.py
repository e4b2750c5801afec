"""How long carriers take between markets: read, added, changed, dated, ended, taken out, and brought back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from vendome.domains.house import queries as house
from vendome.domains.house.types import LaneView
from vendome.domains.people import permissions
from vendome.flows import carrier_lanes
from vendome.kit import clock
from vendome.kit.actors import EVERYWHERE
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.kit.ids import new_id
from vendome.web.boutique.locales import country_name
from vendome.web.bureau import versions, words
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.bureau.lane_pages import LanePage, LanePreviewRow, LaneRow, LanesPage
from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Tone

EVERY_DAY = tuple(range(1, 8))
ANSWERS = (  # what the domain may say of a form that reads well
    gettext_noop("A lane ends on the day it begins, or later."),
    gettext_noop("Say what changes and why; it stands in the history."),
)


class LaneForm(forms.Form):
    """One lane of a carrier."""

    use_required_attribute = False
    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    origin = forms.ChoiceField(label=gettext_lazy("From"))
    destination = forms.ChoiceField(label=gettext_lazy("To"))
    carrier = forms.CharField(
        label=gettext_lazy("Carrier"), max_length=80, error_messages={"required": gettext_lazy("Name the carrier.")}
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days on the way"),
        min_value=0,
        max_value=60,
        help_text=gettext_lazy("Counted on the days it moves; 0 arrives on the day it leaves."),
        error_messages={"required": gettext_lazy("Say how many days it takes.")},
    )
    runs_on = forms.TypedMultipleChoiceField(
        label=gettext_lazy("It moves on"),
        coerce=int,
        choices=[(day, WEEKDAYS[day - 1]) for day in EVERY_DAY],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose one weekday or more.")},
    )
    from_date = forms.DateField(
        label=gettext_lazy("For what leaves from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Empty: from now on."),
    )
    until_date = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("The last day. To end a lane, write today."),
    )
    note = forms.CharField(
        label=gettext_lazy("What changes, and why"),
        max_length=300,
        help_text=gettext_lazy("It stands in the history beside your name."),
        error_messages={"required": gettext_lazy("Say what changes and why.")},
    )

    def __init__(self, *args: Any, markets: Sequence[str], **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("origin", "destination"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = words.countries(markets)
        if self.data.get("step") == "preview":  # looking needs no reason
            self.fields["note"].required = False


@require_safe
@bureau(permissions.STOCK_VIEW, section="orders")
def lanes(request: BureauRequest) -> HttpResponse:
    """What leaves one market: by whom, in how many days, on which weekdays."""
    markets = {one.code: one for one in house.list_markets(maison_id=request.place.maison_id)}
    origin = request.GET.get("from", "") if request.GET.get("from", "") in markets else _home(request)
    today = timezone.localtime(clock.now()).date()
    known = [one for one in carrier_lanes.list_lanes(actor=request.actor) if one.origin == origin]
    running = {one.destination for one in known if one.runs_for(today)}
    can_edit = _may_edit(request)
    quickest: set[str] = set()
    rows = []
    for one in known:
        is_first = one.runs_for(today) and one.destination not in quickest
        quickest |= {one.destination} if is_first else set()
        rows.append(_row(one, today, can_edit=can_edit, is_first=is_first))
    page = LanesPage(
        crumbs=[*_crumbs(_("Lanes"))[:1], Link(label=_("Lanes"), url="")],
        origins=[Choice(value=code, label=name, chosen=code == origin) for code, name in words.countries(markets)],
        origin=country_name(origin),
        rows=rows,
        without=[
            (country_name(code), _days(one.delivery_days + (0 if code == origin else 3)))
            for code, one in markets.items()
            if code not in running
        ],
        new_url=f"{reverse('bureau:new_lane')}?from={origin}",
        can_edit=can_edit,
    )
    return render_page(request, "bureau/lanes.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.STOCK_RULES, section="orders")
def new_lane(request: BureauRequest) -> HttpResponse:
    """Another lane, seen in its promises before it is written."""
    _require(request)
    origin = request.GET.get("from", "") or _home(request)
    start = {
        "expected": house.get_lanes_version(maison_id=request.place.maison_id),
        "origin": origin,
        "destination": request.GET.get("to", origin),
        "runs_on": EVERY_DAY[:5],
    }
    form = LaneForm(request.POST or None, initial=start, markets=_markets(request))
    return _work(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.STOCK_RULES, section="orders")
def lane(request: BureauRequest, lane_id: uuid.UUID) -> HttpResponse:
    """One lane: change it, date it, end it, or take it out."""
    _require(request)
    found = next((one for one in carrier_lanes.list_lanes(actor=request.actor) if one.id == lane_id), None)
    if found is None:
        raise NotFound()
    start = {name: getattr(found, name) for name in ("origin", "destination", "carrier", "days")}
    start |= {"runs_on": found.runs_on, "from_date": found.from_date, "until_date": found.until_date}
    start["expected"] = house.get_lanes_version(maison_id=request.place.maison_id)
    form = LaneForm(request.POST or None, initial=start, markets=_markets(request))
    return _work(request, form, found)


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.STOCK_VIEW, section="orders")
def history(request: BureauRequest) -> HttpResponse:
    """Every version with who wrote it and why; an earlier one can be brought back."""
    problem = versions.bring_back(request, carrier_lanes.restore) if request.method == "POST" else ""
    if request.method == "POST" and not problem:
        return HttpResponseRedirect(reverse("bureau:lanes"), status=303)
    said = versions.Said(
        crumbs=_crumbs(_("History")),
        title=_("History of the lanes"),
        explained=_(
            "Bringing a version back writes the lanes as they were, as a new version. Days promised before "
            "stay promised."
        ),
        empty=_("Nothing was changed yet."),
    )
    found = carrier_lanes.list_versions(actor=request.actor)
    return versions.answer(request, found, said, can_edit=_may_edit(request), problem=problem)


def _work(request: BureauRequest, form: LaneForm, found: LaneView | None) -> HttpResponse:
    """Show the form, look at what it would promise, write it, or take the lane out."""
    if request.method != "POST":
        return _page(request, form, found)
    step = request.POST.get("step", "")
    if not form.is_valid():
        return _page(request, form, found, status=422)
    given = form.cleaned_data
    wanted = _read(given, found)
    now = clock.now()
    try:
        if step == "preview":
            promises = carrier_lanes.read_preview(lane=wanted, actor=request.actor, at=now)
            form.fields["note"].required = True  # writing it down does
            return _page(request, form, found, preview=[_preview(one) for one in promises], is_asked=True)
        how = {"expected": given["expected"], "note": given["note"], "actor": request.actor, "at": now}
        if step == "drop" and found is not None:
            carrier_lanes.drop_lane(lane_id=found.id, **how)
        else:
            carrier_lanes.save_lane(lane=wanted, **how)
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _page(request, form, found, problem=_(problem.message), status=409)
    return _done(request, wanted.origin)


def _page(
    request: BureauRequest,
    form: LaneForm,
    found: LaneView | None,
    *,
    preview: Sequence[LanePreviewRow] = (),
    is_asked: bool = False,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    title = _("A new lane")
    if found:
        ways = {"origin": country_name(found.origin), "destination": country_name(found.destination)}
        title = _("%(origin)s to %(destination)s") % ways
    page = LanePage(
        crumbs=_crumbs(title),
        title=title,
        form=form,
        url=request.get_full_path(),
        preview=preview,
        is_asked=is_asked,
        can_drop=found is not None,
        problem=problem,
    )
    return render_page(request, "bureau/lane.html", page, status=status)


def _read(given: Mapping[str, Any], found: LaneView | None) -> LaneView:
    return LaneView(
        id=found.id if found else new_id(),
        origin=given["origin"],
        destination=given["destination"],
        carrier=given["carrier"],
        days=given["days"],
        runs_on=tuple(given["runs_on"]),
        from_date=given["from_date"],
        until_date=given["until_date"],
    )


def _preview(one: carrier_lanes.LanePromise) -> LanePreviewRow:
    days = (one.then - one.now).days
    later = ngettext("%(n)d day later", "%(n)d days later", days) % {"n": days}
    sooner = ngettext("%(n)d day sooner", "%(n)d days sooner", -days) % {"n": -days}
    return LanePreviewRow(
        place=one.place.name,
        ordered_at=one.ordered_at,
        now=one.now,
        then=one.then,
        is_changed=bool(days),
        difference=later if days > 0 else sooner if days < 0 else _("unchanged"),
    )


def _row(one: LaneView, today: date, *, can_edit: bool, is_first: bool) -> LaneRow:
    state, tone = _state(one, today, is_first=is_first)
    return LaneRow(
        destination=country_name(one.destination),
        carrier=one.carrier,
        days=_days(one.days),
        runs_on=_weekdays(one.runs_on),
        dates=_dates(one),
        state=state,
        tone=tone,
        url=reverse("bureau:lane", args=[one.id]) if can_edit else "",
    )


def _state(one: LaneView, today: date, *, is_first: bool) -> tuple[str, Tone]:
    if is_first:
        return _("promises count on it"), "good"
    if one.runs_for(today):
        return _("slower"), ""
    return (_("ended"), "") if one.until_date and one.until_date < today else (_("to come"), "")


def _dates(one: LaneView) -> str:
    first = date_format(one.from_date, "j M Y") if one.from_date else ""
    last = date_format(one.until_date, "j M Y") if one.until_date else ""
    if first and last:
        return f"{first} – {last}"
    if first:
        return _("from %(day)s") % {"day": first}
    return _("until %(day)s") % {"day": last} if last else ""


def _days(days: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def _weekdays(runs_on: Sequence[int]) -> str:
    """`Mon – Fri`, or the days by name where they do not follow each other."""
    days = sorted(runs_on)
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{WEEKDAYS_ABBR[days[0] - 1]} – {WEEKDAYS_ABBR[days[-1] - 1]}"
    return ", ".join(str(WEEKDAYS_ABBR[day - 1]) for day in days)


def _home(request: BureauRequest) -> str:
    """The market of the reader's own place."""
    markets = house.list_markets(maison_id=request.place.maison_id)
    return next(one.code for one in markets if one.id == request.place.market_id)


def _markets(request: BureauRequest) -> list[str]:
    return [one.code for one in house.list_markets(maison_id=request.place.maison_id)]


def _may_edit(request: BureauRequest) -> bool:
    actor = request.actor
    return actor.may(permissions.STOCK_RULES) and actor.places_for(permissions.STOCK_RULES) is EVERYWHERE


def _require(request: BureauRequest) -> None:
    if not _may_edit(request):
        raise Forbidden(permission=permissions.STOCK_RULES)


def _done(request: BureauRequest, origin: str) -> HttpResponse:
    messages.success(request, _("Written down. Every day promised from now on follows it; the history can undo it."))
    return HttpResponseRedirect(reverse("bureau:lanes") + (f"?from={origin}" if origin else ""), status=303)


def _crumbs(last: str) -> list[Link]:
    return [
        Link(label=_("Orders"), url=reverse("bureau:orders")),
        Link(label=_("Lanes"), url=reverse("bureau:lanes")),
        Link(label=last, url=""),
    ]
