"""Finding a client, beginning her file, and her card."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vendome.domains.clients import queries as client_queries
from vendome.domains.clients import services as clients
from vendome.domains.clients.errors import ClientKnown, FileProtected, ReasonTooShort
from vendome.domains.clients.types import ClientHit, IdentifierKind, NewConsent, NewIdentifier, Purpose
from vendome.domains.letters import queries as letters
from vendome.domains.people import permissions
from vendome.flows import recognition
from vendome.kit import clock
from vendome.kit.errors import DomainError
from vendome.kit.htmx import render_page
from vendome.web.components.parts import Column, Row
from vendome.web.letters import kinds
from vendome.web.salon import pages, words
from vendome.web.salon.forms import NewClientForm, OpenFileForm, new_key
from vendome.web.salon.frame import SalonRequest, salon

LAWS = {
    "FR": "GDPR",
    "IT": "GDPR",
    "DE": "GDPR",
    "ES": "GDPR",
    "GB": "UK GDPR",
    "CH": "FADP",
    "US": "CCPA",
    "BR": "LGPD",
    "JP": "APPI",
    "CN": "PIPL",
    "HK": "PDPO",
    "SG": "PDPA",
    "KR": "PIPA",
    "AU": "Privacy Act",
    "AE": "PDPL",
    "QA": "PDPPL",
}


@require_safe
@salon(permissions.CLIENTS_SEARCH, section="clients")
def search(request: SalonRequest) -> HttpResponse:
    """One box: part of a name, a telephone number, an e-mail or a code."""
    query = request.GET.get("q", "").strip()[:200]
    is_asked = len(query) >= client_queries.SHORTEST_QUERY
    hits = client_queries.search_clients(actor=request.actor, query=query) if is_asked else ()
    page = pages.SearchPage(
        query=query,
        hits=[_hit(hit) for hit in hits],
        is_asked=is_asked,
        may_add=request.actor.may(permissions.CLIENTS_WRITE),
        new_url=reverse("salon:new_client"),
    )
    return render_page(request, "salon/clients.html", page, frozenset({"people"}))


@require_http_methods(["GET", "HEAD", "POST"])
@salon(permissions.CLIENTS_WRITE, section="clients")
def new(request: SalonRequest) -> HttpResponse:
    """Begin a file. What was typed is kept until it is right."""
    law = LAWS.get(request.place.country, "")
    form = NewClientForm(request.POST or None, initial={"language": _language_of(request), "key": new_key()})
    if request.method != "POST":
        return render_page(request, "salon/new_client.html", pages.NewClientPage(form=form, law=law))
    if not form.is_valid():
        return render_page(request, "salon/new_client.html", pages.NewClientPage(form=form, law=law), status=422)
    try:
        client_id = _begin(request, form.cleaned_data, law)
    except DomainError as problem:
        known = _known_by(request, form.cleaned_data) if isinstance(problem, ClientKnown) else []
        page = pages.NewClientPage(form=form, law=law, problem=_(problem.message), known=known)
        return render_page(request, "salon/new_client.html", page, status=409)
    messages.success(request, _("Her file is open."))
    return HttpResponseRedirect(reverse("salon:client", args=[client_id]), status=303)


def _known_by(request: SalonRequest, given: Mapping[str, Any]) -> list[pages.Hit]:
    """Who is known by what was typed: an e-mail and a telephone may lead to two people."""
    found = {
        hit.id: hit
        for text in (given["email"], given["phone"])
        if text
        for hit in client_queries.search_clients(actor=request.actor, query=text)
        if hit.matched_by in ("email", "phone")
    }
    return [_hit(hit) for hit in found.values()]


def _begin(request: SalonRequest, given: Mapping[str, Any], law: str) -> uuid.UUID:
    proof = f"said to {request.actor.label} at {request.place.code}"
    agreed = (
        ("service_email", Purpose.SERVICE, "email"),
        ("news_email", Purpose.NEWS, "email"),
        ("advice_phone", Purpose.PERSONAL_ADVICE, "phone"),
    )
    known = ((IdentifierKind.EMAIL, given["email"]), (IdentifierKind.PHONE, given["phone"]))
    assert request.actor.maison_id is not None
    return clients.create_client(
        maison_id=request.actor.maison_id,
        given_name=given["given_name"],
        family_name=given["family_name"],
        language=given["language"],
        identifiers=[NewIdentifier(kind=kind, value=value) for kind, value in known if value],
        consents=[
            NewConsent(purpose=purpose, channel=channel, law=law, proof=proof)
            for name, purpose, channel in agreed
            if given[name]
        ],
        home_place_id=request.place.id,
        advisor_id=request.actor.id,
        source="boutique",
        may_share=request.POST.get("another") == "1",
        key=given["key"],
        actor=request.actor,
        at=clock.now(),
    )


@require_safe
@salon(permissions.CLIENTS_READ, section="clients")
def card(request: SalonRequest, client_id: uuid.UUID) -> HttpResponse:
    """Her card; a protected file asks for a reason first."""
    now = clock.now()
    try:
        found = recognition.read_card(actor=request.actor, client_id=client_id, at=now)
    except FileProtected:
        return _guard(request, client_id, OpenFileForm(), status=403)
    offers = recognition.next_offers(actor=request.actor, client_id=uuid.UUID(found["id"]))
    return render_page(request, "salon/client.html", _card(request, found, offers, now))


@require_POST
@salon(permissions.CLIENTS_READ, section="clients")
def open_file(request: SalonRequest, client_id: uuid.UUID) -> HttpResponse:
    """Break the glass: the reason is written down and read by the privacy officer."""
    form = OpenFileForm(request.POST)
    if not form.is_valid():
        return _guard(request, client_id, form, status=422)
    try:
        clients.open_protected_file(
            client_id=client_id, reason=form.cleaned_data["reason"], actor=request.actor, at=clock.now()
        )
    except ReasonTooShort as problem:
        form.add_error("reason", _(problem.message))
        return _guard(request, client_id, form, status=422)
    return HttpResponseRedirect(reverse("salon:client", args=[client_id]), status=303)


def _guard(request: SalonRequest, client_id: uuid.UUID, form: OpenFileForm, *, status: int) -> HttpResponse:
    page = pages.ProtectedPage(
        form=form,
        open_url=reverse("salon:open_file", args=[client_id]),
        minutes=int(clients.OPEN_FOR.total_seconds() // 60),
    )
    return render_page(request, "salon/client_protected.html", page, status=status)


def _hit(hit: ClientHit) -> pages.Hit:
    found_by = {"email": _("by her e-mail"), "phone": _("by her telephone"), "loyalty": _("by her code")}
    if hit.is_protected:
        name, note = _("Protected client"), _("Open with a reason, if you are serving her now")
    else:
        name = hit.name or _("No name yet")
        place = ", ".join(part for part in (hit.home_city, hit.home_country) if part)
        advisor = _("with %(advisor)s") % {"advisor": hit.advisor_name} if hit.advisor_name else ""
        note = " · ".join(part for part in (place, hit.home_place_name, advisor) if part)
    return pages.Hit(
        name=name,
        note=note,
        found_by=found_by.get(hit.matched_by, ""),
        url=reverse("salon:client", args=[hit.id]),
        is_masked=hit.is_protected,
    )


def _language_of(request: SalonRequest) -> str:
    return next((code for code in request.place.languages if code in words.LANGUAGES), "en")


# -- the card as a page ------------------------------------------------------------------------------------


def _card(
    request: SalonRequest, found: Mapping[str, Any], offers: tuple[recognition.Offer, ...], now: datetime
) -> pages.CardPage:
    here = timezone.localtime(now)
    greeting, language = words.greeting(found, hour=here.time())
    points = recognition.talking_points(found, today=here.date())
    sell = f"{reverse('salon:sell')}?client={found['id']}" if request.actor.may(permissions.ORDERS_SELL) else ""
    last = found["last_purchase_date"]
    return pages.CardPage(
        name=found["name"] or _("No name yet"),
        since=_since(found),
        greeting=greeting,
        greeting_language=language,
        greeting_note=_greeting_note(found),
        is_protected=found["is_protected"],
        points=[pages.Point(sentence=one, note=why) for one, why in map(words.talking_point, points)],
        suggestions=[
            pages.Suggestion(
                name=offer.name,
                code=offer.code,
                world=words.world_of(offer.code),
                reason=words.offer_reason(offer),
                url=f"{reverse('salon:model', args=[offer.code])}?client={found['id']}",
            )
            for offer in offers
        ],
        matters=[_matter(request, one) for one in found["waiting"]],
        shares=_shares(found),
        main_channel=words.said(words.CHANNELS, found["primary_channel"]) if found["primary_channel"] else "",
        last_purchase=date.fromisoformat(last) if last else None,
        wardrobe=[_owned(one) for one in found["wardrobe"]],
        purchase_columns=[Column(label=_("Date")), Column(label=_("How")), Column(label=_("Pieces"))],
        purchases=[_purchase(one) for one in found["orders"]],
        letters=[
            (one.ended_at or one.owed_at, kinds.said(one.kind), one.address if one.ended_at else _("on its way"))
            for one in letters.list_to_client(actor=request.actor, client_id=uuid.UUID(found["id"]))
        ],
        facts=_facts(found),
        likings=_likings(found, may_mention=True),
        guarded=_likings(found, may_mention=False),
        relations=[
            pages.Relation(
                name=tie["name"].strip(),
                label=tie["label"] or (_("household") if tie["kind"] == "HOUSEHOLD" else _("gifts")),
                url=reverse("salon:client", args=[tie["client"]]),
            )
            for tie in found["ties"]
        ],
        consents=[
            pages.Consent(
                text=f"{words.said(words.PURPOSES, one['purpose'])}, {_channel(one['channel'])}",
                is_given=one["is_given"],
            )
            for one in found["consents"]
        ],
        contacts=[_contact(one) for one in found["identifiers"]],
        return_url=f"{reverse('salon:returns')}?client={found['id']}"
        if request.actor.may(permissions.ORDERS_RETURN)
        else "",
        sell_url=sell,
        aside_url=f"{reverse('salon:collections')}?client={found['id']}",
        bag_url=reverse("salon:shared_bag", args=[found["id"]]) if sell else "",
    )


def _since(found: Mapping[str, Any]) -> str:
    since = _("A client since %(when)s") % {"when": date_format(date.fromisoformat(found["client_since"]), "F Y")}
    place = ", ".join(part for part in (found["city"], found["country"]) if part)
    return f"{since}, {place}" if place else since


def _greeting_note(found: Mapping[str, Any]) -> str:
    language = found["language"].partition("-")[0]
    notes = []
    if language in words.LANGUAGES:
        notes.append(_("We speak %(language)s with her") % {"language": words.LANGUAGES[language]})
    advisor = found["advisor"]
    if advisor:
        notes.append(_("You look after her") if advisor["is_me"] else _("%(name)s looks after her") % advisor)
    return ". ".join(notes) + ("." if notes else "")


def _matter(request: SalonRequest, one: Mapping[str, Any]) -> pages.Matter:
    is_here, is_collection, stage = one["is_here"], one["mode"] == "COLLECT", one["stage"]
    may_hand_over = request.actor.may(permissions.ORDERS_HAND_OVER, place_id=request.place.id)
    match stage:
        case "READY":
            text = _("Ready to collect here") if is_here else _("Ready to collect at %(place)s") % one
        case "UNPAID":
            text = _("Waits for its payment")
        case "ON_ITS_WAY":
            text = _("On its way to the boutique") if is_collection else _("On its way to her")
        case "PREPARED":
            text = _("Being prepared here") if is_here else _("Being prepared at %(place)s") % one
        case _:
            text = _("Set aside here") if is_here else _("Set aside at %(place)s") % one
    if one["expires_at"]:
        until = date_format(timezone.localtime(datetime.fromisoformat(one["expires_at"])), "j F")
        text = _("%(what)s until %(day)s") % {"what": text, "day": until}
    may_leave = is_collection and is_here and stage in ("READY", "PREPARED")
    return pages.Matter(
        title=f"{one['model']}{' · ' + one['serial'] if one['serial'] else ''}",
        text=text,
        hand_over_url=reverse("salon:hand_over", args=[one["line"]]) if may_leave and may_hand_over else "",
    )


def _shares(found: Mapping[str, Any]) -> list[pages.Share]:
    total = sum(one["orders"] for one in found["channels"]) or 1
    shares = []
    for one in found["channels"]:
        count = one["orders"]
        often = words.rhythm(count, date.fromisoformat(one["first_date"]), date.fromisoformat(one["last_date"]))
        times = ngettext("%(n)s time", "%(n)s times", count) % {"n": count}
        shares.append(
            pages.Share(
                label=words.said(words.CHANNELS, one["channel"]),
                value=round(100 * count / total),
                note=times if count == 1 else f"{times}, {often}",
                is_main=one["channel"] == found["primary_channel"],
            )
        )
    return shares


def _owned(one: Mapping[str, Any]) -> pages.Owned:
    code = one["code"] or ""
    year = one["acquired_date"][:4]
    form = words.form_of(one["material"] or "", one["size"] or "")
    how = "" if one["source"] == "BOUGHT" else words.said(words.WARDROBE, one["source"])
    return pages.Owned(
        name=one["model"],
        note=", ".join(part for part in (form, how, year) if part),
        code=code,
        world=words.world_of(code) if code else "",
        url=reverse("salon:model", args=[code]) if code else "",
    )


def _purchase(one: Mapping[str, Any]) -> Row:
    """One purchase in a line: when, how, what. What it cost is nobody's business at the counter."""
    names = [
        _("%(model)s, returned") % line if line["direction"] == "IN" else str(line["model"]) for line in one["lines"]
    ]
    channel = one["place"] or words.said(words.CHANNELS, one["channel"])
    when = date_format(timezone.localtime(datetime.fromisoformat(one["placed_at"])), "j M Y")
    what = ", ".join(names) + (f" ({_('cancelled')})" if one["state"] == "CANCELLED" else "")
    return Row(cells=(when, channel, what))


def _facts(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    facts = []
    if found["birthday"]:
        month, day = map(int, found["birthday"].split("-"))
        facts.append((_("Birthday"), date_format(date(2000, month, day), "j F")))
    if found["home_place"]:
        facts.append((_("Her boutique"), found["home_place"]))
    if found["advisor"]:
        facts.append((_("Her advisor"), found["advisor"]["name"]))
    return facts


def _likings(found: Mapping[str, Any], *, may_mention: bool) -> list[pages.Liking]:
    """What is known of her, the same topic from the same source on one line."""
    together: dict[tuple[str, str], list[str]] = {}
    for like in found["preferences"]:
        if like["may_mention"] is may_mention:
            noted = date_format(date.fromisoformat(like["noted_date"]), "F Y")
            together.setdefault((like["topic"], f"{like['source']}, {noted}"), []).append(like["value"])
    return [
        pages.Liking(topic=words.said(words.TOPICS, topic), value=_listed(values), source=source)
        for (topic, source), values in together.items()
    ]


def _listed(values: list[str]) -> str:
    """Short words in a row, sentences one after the other."""
    return ", ".join(values) if all(len(value) < 32 for value in values) else " ".join(values)


def _channel(code: str) -> str:
    known = {"email": _("by e-mail"), "phone": _("by telephone or message"), "any": _("everywhere")}
    return known.get(code, code)


def _contact(one: Mapping[str, Any]) -> tuple[str, str]:
    kinds = {"EMAIL": _("E-mail"), "PHONE": _("Telephone"), "LOYALTY": _("Code"), "WECHAT": _("WeChat")}
    value = one["value"]
    return kinds.get(one["kind"], _("Other system")), f"{value} ({_('confirmed')})" if one["is_attested"] else value
