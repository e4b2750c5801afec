"""Returns of the house: a list, each with all that came of it, and the money that is still on its way."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vendome.domains.house import queries as house
from vendome.domains.house.types import PlaceKind, PlaceView
from vendome.domains.people import permissions
from vendome.flows import exchanging, gift_cards, return_desk, returns
from vendome.flows.return_desk import ArrivalRow, RefundRow, ReturnLineRow, ReturnRow, ReturnView
from vendome.kit import clock
from vendome.kit.actors import EVERYWHERE
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.bureau import return_pages, words
from vendome.web.bureau.actors import names_of
from vendome.web.bureau.exports import csv_answer
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.components import money
from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Column, Row
from vendome.web.salon import return_words
from vendome.web.salon.choosing import uuid_or_none
from vendome.web.salon.forms import new_key
from vendome.web.salon.words import form_of

SIZE = 50
MOST_EXPORTED = 5_000


def tabs(request: BureauRequest, current: str) -> list[Link]:
    """The views of returns this person has a use for."""
    entries = [
        ("orders", _("Orders"), "bureau:orders", permissions.ORDERS_VIEW),
        ("returns", _("Returns"), "bureau:returns", permissions.ORDERS_VIEW),
        ("inspect", _("To examine"), "bureau:inspect", permissions.ORDERS_INSPECT),
        ("policy", _("Policy"), "bureau:return_policy", permissions.ORDERS_VIEW),
    ]
    return [
        Link(label=label, url=reverse(url), current=name == current)
        for name, label, url, permission in entries
        if request.actor.may(permission)
    ]


@require_safe
@bureau(permissions.ORDERS_VIEW, section="orders")
def returns_list(request: BureauRequest) -> HttpResponse:
    """Newest first; what is asked for stands in the address."""
    state = request.GET.get("state", "").strip()
    state = state if state in return_words.RETURN_STATES else ""
    place_id = uuid_or_none(request.GET.get("place"))
    asked = request.GET.get("page", "1")
    number = min(max(int(asked), 1), 1000) if asked.isdecimal() and len(asked) < 6 else 1
    is_export = request.GET.get("format") == "csv"
    found = return_desk.list_returns(
        actor=request.actor,
        state=state,
        place_id=place_id,
        page=1 if is_export else number,
        size=MOST_EXPORTED if is_export else SIZE,
    )
    known = {place.id: place for place in house.list_places(maison_id=request.place.maison_id)}
    if is_export:
        return _export(found[:MOST_EXPORTED], known)
    kept = {name: value for name, value in (("state", state), ("place", str(place_id or ""))) if value}
    page = return_pages.ReturnsPage(
        tabs=tabs(request, "returns"),
        states=[
            Choice(value=code, label=str(said), chosen=code == state)
            for code, said in return_words.RETURN_STATES.items()
        ],
        places=_places(request, known, place_id),
        columns=[
            Column(label=_("Return")),
            Column(label=_("Announced")),
            Column(label=_("Order")),
            Column(label=_("Bought")),
            Column(label=_("Comes to")),
            Column(label=_("State")),
            Column(label=_("Pieces"), numeric=True),
            Column(label=_("Arrived"), numeric=True),
            Column(label=_("Accepted"), numeric=True),
        ],
        rows=[_row(one, known) for one in found[:SIZE]],
        note=_("Page %(n)d, newest first") % {"n": number} if found else "",
        previous_url=_address(kept, number - 1) if number > 1 else "",
        next_url=_address(kept, number + 1) if len(found) > SIZE else "",
        export_url="?" + urlencode({**kept, "format": "csv"}),
    )
    return render_page(request, "bureau/returns.html", page, frozenset({"return-rows"}))


@require_safe
@bureau(permissions.ORDERS_VIEW, section="orders")
def one_return(request: BureauRequest, return_id: uuid.UUID) -> HttpResponse:
    """One return: what was announced, arrived, decided by which rule, and given back."""
    return _answer(request, return_desk.get_return(actor=request.actor, return_id=return_id))


@require_POST
@bureau(permissions.ORDERS_VIEW, section="orders")
def withdraw(request: BureauRequest, return_id: uuid.UUID) -> HttpResponse:
    """Nothing will come after all."""
    found = return_desk.get_return(actor=request.actor, return_id=return_id)
    try:
        returns.withdraw(return_id=return_id, actor=request.actor, at=clock.now())
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _answer(request, found, _(problem.message), status=409)
    messages.success(request, _("The return was withdrawn."))
    return HttpResponseRedirect(reverse("bureau:return", args=[return_id]), status=303)


@require_POST
@bureau(permissions.ORDERS_VIEW, section="orders")
def drop_exchange(request: BureauRequest, return_id: uuid.UUID) -> HttpResponse:
    """She would rather have its value: what was kept for her is free again."""
    found = return_desk.get_return(actor=request.actor, return_id=return_id)
    try:
        exchanging.drop(return_id=return_id, actor=request.actor, at=clock.now())
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _answer(request, found, _(problem.message), status=409)
    messages.success(request, _("Without an exchange: what was kept for her is free again."))
    return HttpResponseRedirect(reverse("bureau:return", args=[return_id]), status=303)


@require_POST
@bureau(permissions.PAYMENTS_REFUND, section="orders")
def refund_again(request: BureauRequest, refund_id: uuid.UUID) -> HttpResponse:
    """A refund that failed is asked for again, from whatever tender has room."""
    owed = returns.refund_again(refund_id=refund_id, actor=request.actor, at=clock.now())
    messages.success(request, _("Asked for again.") if owed else _("Nothing is owed any more."))
    return HttpResponseRedirect(reverse("bureau:returns"), status=303)


@require_POST
@bureau(permissions.PAYMENTS_REFUND, section="orders")
def new_code(request: BureauRequest, return_id: uuid.UUID, card_id: uuid.UUID) -> HttpResponse:
    """The code of a credit note was lost: a new one, shown on this page and never again."""
    found = return_desk.get_return(actor=request.actor, return_id=return_id)
    onto = next((one for one in found.payments if one.gift_card_id == card_id), None)
    if onto is None:
        raise NotFound()
    try:
        made = gift_cards.replace_code(
            key=request.POST.get("key", ""), card_id=card_id, actor=request.actor, at=clock.now()
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _answer(request, found, _(problem.message), status=409)
    if not made.code:
        return _answer(request, found, _("This code was shown before. Give it another new one."), status=409)
    note = return_pages.CreditNote(
        amount=made.amount, currency=made.currency, code=made.code, number=onto.document_number
    )
    response = _answer(request, found, note=note)
    response.headers["Cache-Control"] = "no-store"
    return response


def _answer(
    request: BureauRequest,
    found: ReturnView,
    problem: str = "",
    status: int = 200,
    note: return_pages.CreditNote | None = None,
) -> HttpResponse:
    return render_page(request, "bureau/return.html", _page(request, found, problem, note), status=status)


def _page(
    request: BureauRequest, found: ReturnView, problem: str, note: return_pages.CreditNote | None
) -> return_pages.ReturnPage:
    known = {place.id: place for place in house.list_places(maison_id=request.place.maison_id)}
    names = names_of([found.announced_by, *(one.received_by for one in found.arrivals)])
    waits = any(one.fate.value == "WAITING" for one in found.arrivals)
    routes = {"COUNTER": _("Brought to a boutique"), "COURIER": _("Sent by courier")}
    facts = [(_("How"), routes[found.route.value])]
    if found.pickup_address:
        facts.append((_("Collected from"), ", ".join(found.pickup_address)))
    if found.pickup_phone:
        facts.append((_("Telephone"), found.pickup_phone))
    if found.pickup_date:
        facts.append((_("Day she chose"), f"{found.pickup_date:%d.%m.%Y}"))
    if found.place_id in known:
        facts.append((_("Comes to"), known[found.place_id].name))
    facts += [
        (_("Announced"), f"{timezone.localtime(found.announced_at):%d.%m.%Y, %H:%M}"),
        (_("By"), names[found.announced_by]),
    ]
    if found.is_gift:
        facts.append((_("Gift"), _("Brought by whom it was given to; the giver is not told.")))
    may_withdraw = found.state.value == "ANNOUNCED" and _may_change(request)
    return return_pages.ReturnPage(
        crumbs=[Link(label=_("Returns"), url=reverse("bureau:returns")), Link(label=found.number, url="")],
        number=found.number,
        state=words.said(return_words.RETURN_STATES, found.state.value),
        tone=return_words.RETURN_TONES[found.state.value],
        facts=facts,
        order_number="" if found.is_gift else found.order_number,
        order_url="" if found.is_gift else reverse("bureau:order", args=[found.order_id]),
        client=found.client_name,
        lines=[_line(one, found) for one in found.lines],
        drop_url=reverse("bureau:return_drop_exchange", args=[found.id])
        if (found.awaits_payment or any(one.is_kept for one in found.lines)) and _may_change(request)
        else "",
        arrivals=[_arrived(one, known, names) for one in found.arrivals],
        refunds=[_refund(request, found.id, one) for one in found.payments],
        slip_url=reverse("salon:returned", args=[found.id])
        if found.arrivals and request.actor.may(permissions.ORDERS_RETURN)
        else "",
        inspect_url=reverse("bureau:inspect") if waits and request.actor.may(permissions.ORDERS_INSPECT) else "",
        withdraw_url=reverse("bureau:return_withdraw", args=[found.id]) if may_withdraw else "",
        key=new_key(),
        problem=problem,
        note=note,
    )


def _may_change(request: BureauRequest) -> bool:
    return request.actor.may(permissions.ORDERS_RETURN) or request.actor.may(permissions.ORDERS_CHANGE)


def _exchanged(one: ReturnLineRow, found: ReturnView) -> str:
    """What she takes instead, at which difference, and how long it is kept."""
    if not one.wanted_name:
        return ""
    wanted = ", ".join(part for part in (one.wanted_name, form_of(one.wanted_material, one.wanted_size)) if part)
    said = money.written(abs(one.wanted_balance), found.currency, get_language() or "en", exact=True)
    sentences = [wanted, return_words.balance(one.wanted_balance, said)]
    if one.kept_until is not None:
        sentences.append(_("kept until %(day)s") % {"day": f"{timezone.localtime(one.kept_until):%d.%m.%Y}"})
    elif one.is_kept:
        sentences.append(_("kept until hers is decided on"))
    elif not found.awaits_payment:
        sentences.append(_("no longer kept"))
    return " · ".join(sentences)


def _line(one: ReturnLineRow, found: ReturnView) -> return_pages.ReturnLine:
    outcome = str(one.decision["outcome"])
    return return_pages.ReturnLine(
        name=one.model_name,
        form=form_of(one.material, one.size),
        identity=one.serial,
        quantity=one.quantity,
        arrived=one.arrived,
        accepted=one.accepted,
        reason=words.said(return_words.REASONS, one.reason),
        rule=one.rule,
        sentence=sentence(one.decision),
        outcome=words.said(return_words.OUTCOMES, outcome),
        tone=return_words.OUTCOME_TONES[outcome],
        statute=str(one.decision["statute"] or one.decision["exception_statute"]),
        source_url=str(one.decision["source_url"]),
        exception=one.exception_reason,
        exchange=_exchanged(one, found),
    )


def sentence(decision: object) -> str:
    """What the kept decision says to staff, in the reader's language."""
    assert isinstance(decision, dict)
    said = decision.get("staff", {})
    return str(said.get(get_language() or "en") or said.get("en", ""))


def _arrived(one: ArrivalRow, known: dict[uuid.UUID, PlaceView], names: dict[str, str]) -> return_pages.Arrived:
    return return_pages.Arrived(
        name=one.model_name if one.quantity == 1 else f"{one.model_name} × {one.quantity}",
        identity=one.serial or one.sku,
        place=known[one.place_id].name if one.place_id in known else "",
        at=one.arrived_at,
        by=names[one.received_by],
        condition=words.said(return_words.CONDITIONS, one.condition),
        fate=words.said(return_words.FATES, one.fate.value),
        decided=_("value given back")
        if one.is_accepted
        else _("the difference of its exchange is to be paid")
        if one.awaits_payment
        else "",
        deducted=deducted(one),
    )


def deducted(one: ArrivalRow) -> str:
    """How much less was given back for it, and why; empty where all of it was."""
    if not one.deducted_amount:
        return ""
    amount = money.written(one.deducted_amount, one.currency, get_language() or "en", exact=True)
    return _("%(amount)s less: %(why)s") % {"amount": amount, "why": one.deduction_reason}


def _refund(request: BureauRequest, return_id: uuid.UUID, one: RefundRow) -> return_pages.Refund:
    is_waiting = one.amount < 0 and one.state == "REQUESTED" and one.tender in return_words.BY_HAND
    may_replace = one.amount < 0 and one.gift_card_id and request.actor.may(permissions.PAYMENTS_REFUND)
    is_lost = one.amount < 0 and one.state == "FAILED" and request.actor.may(permissions.PAYMENTS_REFUND)
    return return_pages.Refund(
        document=one.document_number,
        how=words.said(return_words.TENDERS, one.tender),
        amount=one.amount,
        currency=one.currency,
        state=words.said(return_words.REFUND_STATES, one.state),
        tone=return_words.REFUND_TONES.get(one.state, ""),
        reference=one.reference,
        at=one.at,
        by_hand_url=reverse("salon:refund_by_hand", args=[one.id])
        if is_waiting and request.actor.may(permissions.ORDERS_RETURN)
        else "",
        again_url=reverse("bureau:refund_again", args=[one.id]) if is_lost else "",
        code_url=reverse("bureau:return_code", args=[return_id, one.gift_card_id]) if may_replace else "",
    )


def _row(one: ReturnRow, known: dict[uuid.UUID, PlaceView]) -> Row:
    return Row(
        cells=(
            one.number,
            f"{timezone.localtime(one.announced_at):%d.%m.%Y, %H:%M}",
            "" if one.is_gift else one.order_number,
            words.said(words.CHANNELS, one.channel),
            known[one.place_id].name if one.place_id in known else _("by courier"),
            words.said(return_words.RETURN_STATES, one.state.value),
            one.quantity,
            one.arrived,
            one.accepted,
        ),
        url=reverse("bureau:return", args=[one.id]),
    )


def _export(found: tuple[ReturnRow, ...], known: dict[uuid.UUID, PlaceView]) -> HttpResponse:
    heads = (
        "Return",
        "Announced at",
        "Order",
        "Channel",
        "Route",
        "Place",
        "State",
        "Pieces",
        "Arrived",
        "Accepted",
        "To examine",
    )
    rows = [
        (
            one.number,
            one.announced_at.isoformat(),
            "" if one.is_gift else one.order_number,
            one.channel,
            one.route.value,
            known[one.place_id].code if one.place_id in known else "",
            one.state.value,
            one.quantity,
            one.arrived,
            one.accepted,
            one.waiting,
        )
        for one in found
    ]
    return csv_answer("returns", heads, rows)


def _places(request: BureauRequest, known: dict[uuid.UUID, PlaceView], chosen: uuid.UUID | None) -> list[Choice]:
    may_see = request.actor.places_for(permissions.ORDERS_VIEW)
    return [
        Choice(value=str(place.id), label=place.name, chosen=place.id == chosen)
        for place in known.values()
        if (may_see is EVERYWHERE or place.id in may_see)
        and place.kind not in (PlaceKind.TRANSIT, PlaceKind.CLIENT_HOME)
    ]


def _address(kept: dict[str, str], page: int) -> str:
    return "?" + urlencode({**kept, **({"page": page} if page != 1 else {})})
