"""What waits for a person: how long, what it is worth, whom to call; and how it is ended."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.fulfilment.types import ExceptionKind, ExceptionRow, Resolution
from vendome.domains.house import queries as house
from vendome.domains.orders.queries import placed as orders
from vendome.domains.people import permissions
from vendome.flows import exceptions as flow
from vendome.flows import sourcing
from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.bureau import words
from vendome.web.bureau.actors import names_of
from vendome.web.bureau.exports import csv_answer
from vendome.web.bureau.forms import SettleForm, WaitForm
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.bureau.work_pages import ExceptionPage, ExceptionsPage, Source, Waiting
from vendome.web.components.frames import Link
from vendome.web.salon.choosing import uuid_or_none
from vendome.web.salon.forms import new_key
from vendome.web.salon.words import form_of

OLD = timedelta(days=1)


@require_safe
@bureau(permissions.ORDERS_EXCEPTIONS, section="orders")
def exceptions(request: BureauRequest) -> HttpResponse:
    """The queue, the longest first; what was put off comes last."""
    now = clock.now()
    asked = request.GET.get("kind", "")
    kind = ExceptionKind(asked) if asked in ExceptionKind else None
    rows = flow.list_open(actor=request.actor, kind=kind, at=now)
    labels = catalogue.label_references(ids={row.reference_id for row in rows if row.reference_id})
    names = {place.id: place.name for place in house.list_places(maison_id=request.place.maison_id)}
    lines = [_waiting(row, _client(request, row), labels, names, now) for row in rows]
    if request.GET.get("format") == "csv":
        return _export(rows, lines)
    home = reverse("bureau:exceptions")
    values: dict[str, int] = {}
    for row in {row.order_line_id or row.id: row for row in rows}.values():  # a line late and refused is one value
        values[row.currency] = values.get(row.currency, 0) + row.amount
    page = ExceptionsPage(
        kinds=[
            Link(label=_("All"), url=home, current=kind is None),
            *[
                Link(label=str(words.EXCEPTIONS[one.value]), url=f"{home}?kind={one.value}", current=kind is one)
                for one in ExceptionKind
            ],
        ],
        rows=lines,
        count=len(rows),
        old=sum(line.is_old for line in lines),
        values=_by_weight(values, own=_own_currency(request)),
        export_url=f"{home}?format=csv" + (f"&kind={kind.value}" if kind else ""),
    )
    return render_page(request, "bureau/exceptions.html", page, frozenset({"queue"}))


@require_http_methods(["GET", "HEAD", "POST"])
@bureau(permissions.ORDERS_EXCEPTIONS, section="orders")
def exception(request: BureauRequest, exception_id: uuid.UUID) -> HttpResponse:
    """One of them: whom to call, what could be done, and doing it."""
    row = flow.get(actor=request.actor, exception_id=exception_id, at=clock.now())
    if request.method != "POST":
        return render_page(request, "bureau/exception.html", _page(request, row))
    act = request.POST.get("act", "")
    form = WaitForm(request.POST) if act == "take" else SettleForm(request.POST) if act == "settle" else None
    if form is not None and not form.is_valid():
        return render_page(request, "bureau/exception.html", _page(request, row, given=form), status=422)
    try:
        said = _done(request, row, act, form.cleaned_data if form else {})
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        page = _page(request, row, given=form, problem=_(error.message))
        return render_page(request, "bureau/exception.html", page, status=409)
    messages.success(request, said)
    url = request.path if act == "take" else reverse("bureau:exceptions")
    return HttpResponseRedirect(url, status=303)


def _done(request: BureauRequest, row: ExceptionRow, act: str, given: dict[str, Any]) -> str:
    """Do it; returns what to say."""
    at = clock.now()
    if act == "take":
        flow.take(exception_id=row.id, until=given["until"], note=given["note"], actor=request.actor, at=at)
        return _("You look after it now.")
    resolution = {"anew": Resolution.RESOURCED, "refund": Resolution.REFUNDED}.get(act)
    flow.resolve(
        key=request.POST.get("key", "")[:200] or new_key(),
        exception_id=row.id,
        resolution=resolution or Resolution(given["resolution"]),
        note=given.get("note", ""),
        place_id=uuid_or_none(request.POST.get("place")) if act == "anew" else None,
        actor=request.actor,
        at=at,
    )
    return {
        "anew": _("It comes from elsewhere now; the new place has it on its list."),
        "refund": _("The line is cancelled and its money is on its way back."),
    }.get(act, _("Settled."))


def _own_currency(request: BureauRequest) -> str:
    """What headquarters counts in: the currency of the market its place stands in."""
    markets = house.list_markets(maison_id=request.place.maison_id)
    return next(market.currency for market in markets if market.id == request.place.market_id)


def _by_weight(values: dict[str, int], *, own: str) -> list[tuple[int, str]]:
    """The house's own currency first, then the largest figures; currencies are not converted to be compared."""
    found = sorted(values.items(), key=lambda one: (one[0] != own, -one[1], one[0]))
    return [(amount, currency) for currency, amount in found]


def _client(request: BureauRequest, row: ExceptionRow) -> str:
    """Her name; who may not read clients learns whom to ask."""
    if not request.actor.may(permissions.CLIENTS_READ):
        return _("Ask client service")
    return row.client_name or _("A guest")


def _waiting(
    row: ExceptionRow,
    client: str,
    labels: dict[uuid.UUID, ReferenceLabel],
    names: dict[uuid.UUID, str],
    now: datetime,
) -> Waiting:
    return Waiting(
        url=reverse("bureau:exception", args=[row.id]),
        what=str(words.EXCEPTIONS[row.kind.value]),
        tone=words.EXCEPTION_TONES[row.kind.value],
        why=str(words.REFUSALS.get(row.reason, "")),
        piece=_piece(row, labels),
        order_number=row.order_number,
        place=names.get(row.place_id, "") if row.place_id else "",
        client=client,
        phone=row.client_phone,
        age=_age(now - row.raised_at),
        is_old=now - row.raised_at > OLD,
        amount=row.amount,
        currency=row.currency,
        owner=row.owner_name,
        waits_until=row.waits_until if row.waits_until and row.waits_until > now else None,
    )


def _piece(row: ExceptionRow, labels: dict[uuid.UUID, ReferenceLabel]) -> str:
    label = labels.get(row.reference_id) if row.reference_id else None
    if label is None:
        return ""
    return ", ".join(part for part in (label.model_name, form_of(label.material, label.size)) if part)


def _age(waited: timedelta) -> str:
    if waited.days:
        return ngettext("%(n)d day", "%(n)d days", waited.days) % {"n": waited.days}
    hours, minutes = waited.seconds // 3600, waited.seconds // 60
    if hours:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}


def _export(rows: tuple[ExceptionRow, ...], lines: list[Waiting]) -> HttpResponse:
    heads = (
        "Kind",
        "Reason",
        "Order",
        "Piece",
        "Place",
        "Raised at",
        "Value in minor units",
        "Currency",
        "Owner",
        "Note",
    )
    found = [
        (row.kind.value, row.reason, row.order_number, line.piece, line.place, row.raised_at.isoformat(), row.amount,
         row.currency, row.owner_name, row.note)
        for row, line in zip(rows, lines, strict=True)
    ]  # fmt: skip
    return csv_answer("exceptions", heads, found)


def _page(
    request: BureauRequest, row: ExceptionRow, *, given: WaitForm | SettleForm | None = None, problem: str = ""
) -> ExceptionPage:
    labels = catalogue.label_references(ids={row.reference_id}) if row.reference_id else {}
    names = {place.id: place.name for place in house.list_places(maison_id=request.place.maison_id)}
    what = str(words.EXCEPTIONS[row.kind.value])
    is_open = row.resolved_at is None
    who = names_of([row.raised_by])
    facts = [
        (_("Since"), date_format(timezone.localtime(row.raised_at), "j F Y, H:i")),
        (_("Said by"), who.get(row.raised_by, "")),
        (_("Place"), names.get(row.place_id, "") if row.place_id else ""),
        (_("Way"), words.said(words.MODES, row.mode) if row.mode else ""),
        (_("Promised for"), date_format(row.promised_date, "l j F") if row.promised_date else ""),
        (_("Looked after by"), row.owner_name),
        (
            _("Looked at again"),
            date_format(timezone.localtime(row.waits_until), "j F, H:i") if row.waits_until else "",
        ),
    ]
    ended = ""
    if not is_open:
        ended = ". ".join(part for part in (str(words.RESOLUTIONS[row.resolution]), row.resolution_note) if part)
    may_see = request.actor.may(permissions.ORDERS_VIEW)
    return ExceptionPage(
        crumbs=[
            Link(label=_("Orders"), url=reverse("bureau:orders")),
            Link(label=_("What waits"), url=reverse("bureau:exceptions")),
            Link(label=row.order_number, url=""),
        ],
        what=what,
        tone=words.EXCEPTION_TONES[row.kind.value],
        why=str(words.REFUSALS.get(row.reason, "")),
        notes=[note for note in row.note.splitlines() if note],
        piece=_piece(row, labels),
        facts=[(term, value) for term, value in facts if value],
        client=_client(request, row),
        phone=row.client_phone,
        is_guarded=row.is_guarded,
        order_url=reverse("bureau:order", args=[row.order_id]) if may_see else "",
        order_number=row.order_number,
        is_open=is_open,
        ended=ended,
        sources=_sources(request, row, names) if is_open else [],
        has_line=row.order_line_id is not None,
        can_refund=row.order_line_id is not None and request.actor.may(permissions.ORDERS_CHANGE),
        refund=row.amount,
        currency=row.currency,
        wait_form=given if isinstance(given, WaitForm) else WaitForm(),
        settle_form=given if isinstance(given, SettleForm) else SettleForm(),
        key=request.POST.get("key", "") or new_key(),
        problem=problem,
    )


def _sources(request: BureauRequest, row: ExceptionRow, names: dict[uuid.UUID, str]) -> list[Source]:
    """Where else the line could come from, as the rules order it; never from where it was refused."""
    if row.order_line_id is None or row.reference_id is None or not request.actor.may(permissions.STOCK_VIEW):
        return []
    order = orders.get_order(actor=request.actor, order_id=row.order_id)
    line = next(one for one in order.lines if one.id == row.order_line_id)
    found = sourcing.preview(
        reference_id=row.reference_id,
        market_id=order.market_id,
        channel=order.channel,
        collect_at=line.place_id if line.mode.value == "COLLECT" else None,
        quantity=line.quantity,
        actor=request.actor,
        at=clock.now(),
    )
    usable = [one for one in found if one.place_id != row.place_id]
    return [
        Source(
            value=str(one.place_id),
            name=names.get(one.place_id, ""),
            day=one.date,
            note="" if nr == 0 else words.said(words.REASONS, one.reason),
            is_first=nr == 0,
        )
        for nr, one in enumerate(usable[:6])
    ]
