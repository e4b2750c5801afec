"""Who sends before whom: the rules in their order, and what they would choose for a piece and an address."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.fulfilment.types import STEPPED, USUAL_RULES, RoutingRule, RuleKind
from vendome.domains.house import queries as house
from vendome.domains.house.types import PlaceKind
from vendome.domains.people import permissions
from vendome.flows import sourcing
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden
from vendome.kit.htmx import render_page
from vendome.web.bureau import words
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.bureau.work_pages import PreviewRow, RoutingPage, RuleRow
from vendome.web.components.frames import Choice, Link
from vendome.web.salon.words import form_of


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.STOCK_VIEW, section="orders")
def routing(request: BureauRequest) -> HttpResponse:
    """The rules of a channel or of all. A POST moves, adds, removes or steps one of them."""
    channels = sorted(house.channel_ids(maison_id=request.place.maison_id))
    given = request.POST if request.method == "POST" else request.GET
    channel = given.get("channel", "") if given.get("channel", "") in channels else ""
    if request.method != "POST":
        return render_page(request, "bureau/routing.html", _page(request, channels, channel), frozenset({"preview"}))
    rules = list(sourcing.list_rules(actor=request.actor, channel=channel))
    try:
        sourcing.set_rules(
            channel=channel,
            rules=_changed(
                rules, request.POST.get("act", ""), request.POST.get("kind", ""), request.POST.get("step", "")
            ),
            actor=request.actor,
            at=clock.now(),
        )
    except Forbidden:
        raise
    except DomainError as error:
        page = _page(request, channels, channel, _(error.message))
        return render_page(request, "bureau/routing.html", page, status=422)
    messages.success(request, _("Written down. Orders from now on follow it."))
    address = reverse("bureau:routing") + (f"?channel={channel}" if channel else "")
    return HttpResponseRedirect(address, status=303)


def _changed(rules: list[RoutingRule], act: str, kind: str, step: str) -> Sequence[RoutingRule]:
    """The list after one change; what cannot be read changes nothing."""
    if act == "reset":
        return []
    if kind not in RuleKind:
        return rules
    at = next((n for n, rule in enumerate(rules) if rule.kind == kind), None)
    if act == "add" and at is None:
        return [*rules, RoutingRule(kind=RuleKind(kind), step=STEPPED.get(RuleKind(kind), 1))]
    if at is None:
        return rules
    rule = rules.pop(at)
    if act == "up":
        rules.insert(max(at - 1, 0), rule)
    elif act == "down":
        rules.insert(at + 1, rule)
    elif act == "step" and step.isdecimal() and len(step) < 6:
        rules.insert(at, RoutingRule(kind=rule.kind, step=int(step)))
    elif act != "remove":
        rules.insert(at, rule)
    return rules


def _page(request: BureauRequest, channels: Sequence[str], channel: str, problem: str = "") -> RoutingPage:
    rules = sourcing.list_rules(actor=request.actor, channel=channel)
    home = reverse("bureau:routing")
    label, rows = _preview(request, channel)
    markets = house.list_markets(maison_id=request.place.maison_id)
    asked = request.GET.get("market", "")
    boutiques = house.list_places(maison_id=request.place.maison_id, kinds=(PlaceKind.BOUTIQUE,))
    can_change = request.actor.may(permissions.STOCK_RULES)
    return RoutingPage(
        crumbs=[Link(label=_("Orders"), url=reverse("bureau:orders")), Link(label=_("Routing"), url="")],
        channels=[
            Link(label=_("All channels"), url=home, current=not channel),
            *[
                Link(label=words.said(words.CHANNELS, one), url=f"{home}?channel={one}", current=one == channel)
                for one in channels
            ],
        ],
        channel=channel,
        is_usual=not channel and tuple(rule.kind for rule in rules) == USUAL_RULES,
        rules=[
            RuleRow(
                kind=rule.kind.value,
                label=str(words.RULES[rule.kind.value]),
                step=rule.step,
                has_step=rule.kind in STEPPED,
                step_note=str(words.RULE_NOTES.get(rule.kind.value, "")),
                is_first=n == 0,
                is_last=n == len(rules) - 1,
            )
            for n, rule in enumerate(rules)
        ],
        spare=[
            Choice(value=kind.value, label=str(words.RULES[kind.value]))
            for kind in RuleKind
            if kind not in {rule.kind for rule in rules}
        ]
        if can_change
        else [],
        can_change=can_change,
        query=request.GET.get("q", "").strip()[:80],
        markets=[Choice(value=one.code, label=one.code, chosen=one.code == asked) for one in markets],
        cities=[
            Choice(value=place.code, label=place.name, chosen=place.code == request.GET.get("near"))
            for place in boutiques
            if place.latitude is not None
        ],
        piece=f"{label.model_name}, {form_of(label.material, label.size)}".rstrip(", ") if label else "",
        preview=rows,
        is_asked=bool(request.GET.get("q", "").strip()),
        problem=problem,
    )


def _preview(request: BureauRequest, channel: str) -> tuple[ReferenceLabel | None, list[PreviewRow]]:
    """For this reference to this address: who would send, and why not the others."""
    query = request.GET.get("q", "").strip()[:80]
    if not query:
        return None, []
    found = catalogue.find_references(maison_id=request.place.maison_id, text=query, limit=1)
    markets = {one.code: one for one in house.list_markets(maison_id=request.place.maison_id)}
    market = markets.get(request.GET.get("market", ""))
    if not found or not markets:
        return None, []
    places = {place.id: place for place in house.list_places(maison_id=request.place.maison_id)}
    near = next((place for place in places.values() if place.code == request.GET.get("near")), None)
    market_id = market.id if market else near.market_id if near else request.place.market_id
    candidates = sourcing.preview(
        reference_id=found[0].id,
        market_id=market_id,
        channel=channel or "web",
        latitude=near.latitude if near else None,
        longitude=near.longitude if near else None,
        actor=request.actor,
        at=clock.now(),
    )
    return found[0], [
        PreviewRow(
            place=places[one.place_id].name,
            free=one.free,
            km=_("%(km)s km") % {"km": one.km} if one.km is not None else "",
            day=one.date,
            why=words.said(words.REASONS, one.reason) if one.reason else "",
        )
        for one in candidates
        if one.place_id in places
    ]
